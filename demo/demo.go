package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bonafide/access"
	"bonafide/document"
	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/screen"
)

// Deps are the parts of the running program that the demonstration needs.
type Deps struct {
	URL  string    // where the program listens
	Data string    // folder; demo.json, with the keys, is written into it
	Out  io.Writer // for the timeline, which a person reads

	Office   *access.Office
	Lists    *screen.Screener
	Engine   *engine.Engine
	Sessions Sessions
}

// Sessions finds a session in the store.
type Sessions interface {
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
}

// demonstration is one run of it.
type demonstration struct {
	Deps
	live, sandbox apiClient
	started       time.Time
}

// Run carries the sample applicant to a decision and prints the timeline. On an
// empty store it makes the organisation and the samples before. An error says
// what stopped it; the program goes on serving.
func Run(ctx context.Context, deps Deps) error {
	d := demonstration{Deps: deps}
	org, fresh, err := d.org(ctx)
	if err != nil {
		return err
	}
	d.printf("\n  Console             %s/console/\n  sign in as          %s with the password %s\n  second reviewer     %s with %s\n",
		d.URL, org.User.Email, org.User.Password, org.SecondUser.Email, org.SecondUser.Password)
	d.printf("  API and reference   %s/docs\n  live key            %s\n  sandbox key         %s\n  (also in %s)\n\n", d.URL, org.LiveKey, org.SandboxKey, filepath.Join(d.Data, "demo.json"))
	lists := d.lists(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d.live, d.sandbox, d.started = apiClient{d.URL, org.LiveKey}, apiClient{d.URL, org.SandboxKey}, time.Now()
	workflow, err := d.workflow(ctx, lists)
	if err != nil {
		return err
	}
	if err := d.applicant(ctx, workflow, org.ID); err != nil {
		return err
	}
	if fresh {
		if err := d.cases(ctx); err != nil {
			return err
		}
		if err := d.onboardings(ctx); err != nil {
			return err
		}
		if err := d.surfaces(ctx); err != nil {
			return err
		}
	}
	d.printf("\nStill serving on %s. Stop with Ctrl-C. Next: docs/guide/graph.md, docs/guide/onboarding.md\n", d.URL)
	return nil
}

func (d demonstration) printf(format string, args ...any) { fmt.Fprintf(d.Out, format, args...) }

// org makes the organisation of the demonstration on an empty store, or
// reads its keys from an earlier start.
func (d demonstration) org(ctx context.Context) (org access.DevOrg, fresh bool, err error) {
	file := filepath.Join(d.Data, "demo.json")
	if raw, err := os.ReadFile(file); err == nil {
		return org, false, json.Unmarshal(raw, &org)
	}
	if org, err = d.Office.SeedOrg(ctx, "Demonstration Bank", "demo.example", kyc.SystemActor("demo")); err != nil {
		return org, false, err
	}
	raw, err := json.MarshalIndent(org, "", " ")
	if err != nil {
		return org, false, err
	}
	return org, true, os.WriteFile(file, append(raw, '\n'), 0o600)
}

// lists tries the official addresses; where they cannot be reached it
// says so and goes on with invented entries. It answers which lists to ask.
func (d demonstration) lists(ctx context.Context) []string {
	var ready []string
	for _, l := range d.Lists.Status() {
		if l.Official && l.Entries > 0 && l.ListVersion.Status == kyc.StatusOK {
			ready = append(ready, l.List)
		}
	}
	if len(ready) == 0 {
		d.printf("Watchlists: asking the official addresses of OFAC, UN, EU and UK …\n")
		client := &http.Client{Timeout: 20 * time.Second}
		for _, u := range d.Lists.Update(ctx, screen.UpdateOptions{Client: client, Attempts: 1}) {
			if u.Err == nil {
				ready = append(ready, u.List)
				d.printf("  %-18s %d entries\n", u.List, u.Version.Entries)
				continue
			}
			d.printf("  %-18s not reached\n", u.List)
		}
	}
	if len(ready) > 0 {
		return ready
	}
	v, err := d.Lists.InstallDemo(ctx)
	if err != nil {
		d.printf("  no list could be loaded: %s\n", strings.Join(strings.Fields(err.Error()), " "))
		return []string{screen.DemoList}
	}
	d.printf("  No official list can be reached from here. Working on with %d invented entries\n  (list %q, marked as fictional in every result; never use it for real people).\n", v.Entries, v.List)
	return []string{v.List}
}

// workflow makes and publishes the demonstration's graph, or finds it.
func (d demonstration) workflow(ctx context.Context, lists []string) (string, error) {
	const name = "Demonstration: passport and sanctions"
	var found struct {
		Data []struct {
			ID     string `json:"id"`
			Status string `json:"status"`
		} `json:"data"`
	}
	if err := d.live.do(ctx, "GET", "/api/v1/workflows?status=published&name=Demonstration", nil, &found); err != nil {
		return "", err
	}
	if len(found.Data) > 0 {
		return found.Data[0].ID, nil
	}
	graph := map[string]any{"entry": "start", "nodes": map[string]any{
		"start": map[string]any{"type": "start", "next": "read"},
		"read": map[string]any{"type": "policy", "policy": "document_ocr", "config": map[string]any{"accept_specimen": true},
			"on_pass": "valid", "on_fail": "look"},
		"valid": map[string]any{"type": "policy", "policy": "document_expiration", "on_pass": "adult", "on_fail": "expired"},
		"adult": map[string]any{"type": "conditional", "routes": []any{map[string]any{"conditions": []any{
			map[string]any{"field": "extracted.age", "operator": "<", "value": 18}}, "next": "minor"}}, "default": "form"},
		"form":    map[string]any{"type": "policy", "policy": "identity_crossref", "on_pass": "lists", "on_fail": "look"},
		"lists":   map[string]any{"type": "policy", "policy": "watchlist_screening", "config": map[string]any{"lists": lists}, "on_pass": "yes", "on_fail": "look"},
		"yes":     map[string]any{"type": "terminal", "outcome": "approved"},
		"expired": map[string]any{"type": "terminal", "outcome": "rejected", "reason_code": "document_expired"},
		"minor":   map[string]any{"type": "terminal", "outcome": "rejected", "reason_code": "under_age"},
		"look":    map[string]any{"type": "terminal", "outcome": "needs_review", "case": map[string]any{"queue": "identity", "sla_hours": 4}},
	}}
	var id string
	for _, env := range []apiClient{d.sandbox, d.live} { // the live one last: its id is used
		var w struct {
			ID string `json:"id"`
		}
		body := map[string]any{"name": name, "graph": graph, "data_requirements": map[string]any{"document_front": true,
			"user_info": map[string]any{"first_name": "required", "last_name": "required", "date_of_birth": "required"}}}
		if err := env.do(ctx, "POST", "/api/v1/workflows", body, &w); err != nil {
			return "", err
		}
		if err := env.do(ctx, "POST", "/api/v1/workflows/"+w.ID+"/publish", map[string]any{"change_note": "first version"}, nil); err != nil {
			return "", err
		}
		if err := env.do(ctx, "POST", "/api/v1/workflows/"+w.ID+"/default", nil, nil); err != nil {
			return "", err
		}
		id = w.ID
	}
	return id, nil
}

// cases leaves three sessions for reviewers in the sandbox, each with the
// passport of fictional Utopia that the program draws, so that the viewer of
// evidence has something to show. What the checks say follows from the name, as
// always in the sandbox.
func (d demonstration) cases(ctx context.Context) error {
	for i, name := range []string{"SANCTION", "TAMPERED", "NOMATCH"} {
		picture, err := casePicture(name, i, time.Now().UTC())
		if err != nil {
			return err
		}
		var s struct {
			ID string `json:"id"`
		}
		if err := d.sandbox.do(ctx, "POST", "/api/v1/sessions", map[string]any{"external_ref": "demo-case-" + strings.ToLower(name),
			"fields": map[string]any{"first_name": "Sam", "last_name": name, "date_of_birth": caseBirth.Format(time.DateOnly)}}, &s); err != nil {
			return err
		}
		if err := d.sandbox.upload(ctx, "/api/v1/sessions/"+s.ID+"/documents", "passport.png", picture); err != nil {
			return err
		}
		if err := d.sandbox.do(ctx, "POST", "/api/v1/sessions/"+s.ID+"/submit", nil, nil); err != nil {
			return err
		}
	}
	d.printf("\n  Sandbox: three sample sessions; the cases wait in the console's queue (switch to sandbox).\n")
	return nil
}

// caseBirth is the date of birth of the people of the sample cases.
var caseBirth = time.Date(1990, time.May, 17, 0, 0, 0, 0, time.UTC)

// casePicture draws the passport of the i-th sample case.
func casePicture(name string, i int, now time.Time) ([]byte, error) {
	return document.DrawSpecimen(document.Specimen{Surname: name, GivenNames: "Sam", DateOfBirth: caseBirth, Sex: "X",
		Number: fmt.Sprintf("BF26%05d", 4720+i), Expiry: now.AddDate(4, 2, 0)})
}
