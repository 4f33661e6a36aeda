package main

import (
	"context"
	"encoding/json"
	"fmt"
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

// The demonstration shows the whole way over the same HTTP API that customers
// use: organisation and keys, a published workflow, a passport that this
// program draws, its reading, the screening, the decision, the signed webhook
// and the replay.

// demonstrate runs the sample applicant and prints the timeline.
func (a *app) demonstrate(ctx context.Context, g *Globals, c *console) error {
	org, fresh, err := a.demoOrg(ctx, g)
	if err != nil {
		return err
	}
	c.printf("\n  Console             %s/console/\n  sign in as          %s with the password %s\n  second reviewer     %s with %s\n",
		a.url, org.User.Email, org.User.Password, org.SecondUser.Email, org.SecondUser.Password)
	c.printf("  API and reference   %s/docs\n  live key            %s\n  sandbox key         %s\n  (also in %s)\n\n", a.url, org.LiveKey, org.SandboxKey, filepath.Join(g.Data, "demo.json"))
	lists := a.demoLists(ctx, c)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d := demo{app: a, c: c, live: apiClient{a.url, org.LiveKey}, sandbox: apiClient{a.url, org.SandboxKey}, started: time.Now()}
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
	c.printf("\nStill serving on %s. Stop with Ctrl-C. Next: docs/guide/graph.md, docs/guide/onboarding.md\n", a.url)
	return nil
}

// demoOrg makes the organisation of the demonstration on an empty store, or
// reads its keys from an earlier start.
func (a *app) demoOrg(ctx context.Context, g *Globals) (org access.DevOrg, fresh bool, err error) {
	file := filepath.Join(g.Data, "demo.json")
	if raw, err := os.ReadFile(file); err == nil {
		return org, false, json.Unmarshal(raw, &org)
	}
	if org, err = a.access.SeedOrg(ctx, "Demonstration Bank", "demo.example", kyc.SystemActor("demo")); err != nil {
		return org, false, err
	}
	raw, err := json.MarshalIndent(org, "", " ")
	if err != nil {
		return org, false, err
	}
	return org, true, os.WriteFile(file, append(raw, '\n'), 0o600)
}

// demoLists tries the official addresses; where they cannot be reached it
// says so and goes on with invented entries. It answers which lists to ask.
func (a *app) demoLists(ctx context.Context, c *console) []string {
	var ready []string
	for _, l := range a.lists.Status() {
		if l.Official && l.Entries > 0 && l.ListVersion.Status == kyc.StatusOK {
			ready = append(ready, l.List)
		}
	}
	if len(ready) == 0 {
		c.printf("Watchlists: asking the official addresses of OFAC, UN, EU and UK …\n")
		client := &http.Client{Timeout: 20 * time.Second}
		for _, u := range a.lists.Update(ctx, screen.UpdateOptions{Client: client, Attempts: 1}) {
			if u.Err == nil {
				ready = append(ready, u.List)
				c.printf("  %-18s %d entries\n", u.List, u.Version.Entries)
				continue
			}
			c.printf("  %-18s not reached\n", u.List)
		}
	}
	if len(ready) > 0 {
		return ready
	}
	v, err := a.lists.InstallDemo(ctx)
	if err != nil {
		c.printf("  no list could be loaded: %s\n", oneLine(err))
		return []string{screen.DemoList}
	}
	c.printf("  No official list can be reached from here. Working on with %d invented entries\n  (list %q, marked as fictional in every result; never use it for real people).\n", v.Entries, v.List)
	return []string{v.List}
}

type demo struct {
	*app
	c             *console
	live, sandbox apiClient
	started       time.Time
}

// workflow makes and publishes the demonstration's graph, or finds it.
func (d demo) workflow(ctx context.Context, lists []string) (string, error) {
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

// applicant carries the sample applicant to a decision and prints the way.
func (d demo) applicant(ctx context.Context, workflow string, org kyc.ID) error {
	hook, err := listenForHook(ctx)
	if err != nil {
		return err
	}
	defer hook.Close()
	var endpoint struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	}
	if err := d.live.do(ctx, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": hook.url, "enabled_events": []string{"session.approved", "session.declined", "session.requires-review"},
		"description": "receiver of the demonstration"}, &endpoint); err != nil {
		return err
	}
	hook.trust(endpoint.Secret)

	now := time.Now().UTC()
	person := document.Specimen{Surname: "Mirabel", GivenNames: "Ada Quilla", DateOfBirth: now.AddDate(-31, -2, -9), Sex: "F", Number: "BF2604711", Expiry: now.AddDate(6, 1, 0)}
	picture, err := document.DrawSpecimen(person)
	if err != nil {
		return err
	}
	d.c.printf("\nSample applicant: Ada Quilla Mirabel, passport of fictional Utopia (UTO), drawn by this program, %d kB\n\n", len(picture)/1024)
	var session struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	}
	if err := d.live.do(ctx, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "external_ref": "demo-" + now.Format("20060102150405"),
		"fields": map[string]any{"first_name": "Ada Quilla", "last_name": "Mirabel", "date_of_birth": person.DateOfBirth.Format(time.DateOnly)}}, &session); err != nil {
		return err
	}
	d.say("session created", session.ID)
	if err := d.live.upload(ctx, "/api/v1/sessions/"+session.ID+"/documents", "passport.png", picture); err != nil {
		return err
	}
	d.say("passport uploaded", "encrypted at rest under the applicant's own key")
	submitted := time.Now()
	if err := d.live.do(ctx, "POST", "/api/v1/sessions/"+session.ID+"/submit", nil, nil); err != nil {
		return err
	}
	id, _ := kyc.Undress("session", session.ID)
	view, err := d.wait(ctx, kyc.Tenant{Org: org, Env: kyc.Live}, id)
	if err != nil {
		return err
	}
	d.story(view)
	d.c.printf("\n  decision  %s   (%s from submission)\n", strings.ToUpper(string(view.Run.Outcome)), time.Since(submitted).Round(time.Millisecond))
	d.c.printf("  path      %s\n", strings.Join(view.Path, " → "))
	if event, ok := hook.wait(ctx, 10*time.Second); ok {
		d.c.printf("  webhook   %s arrived, signature verified\n", event)
	} else {
		d.c.printf("  webhook   has not arrived yet; it is tried again\n")
	}
	replay, err := d.engine.Replay(ctx, kyc.Tenant{Org: org, Env: kyc.Live}, view.Run.ID)
	if err != nil {
		return err
	}
	if replay.Difference != nil {
		return fmt.Errorf("the replay differs: %s", replay.Difference)
	}
	d.c.printf("  replay    %d recorded inputs lead to the same decision, state %s\n", replay.Inputs, short(replay.StateHash))
	return d.live.do(ctx, "DELETE", "/api/v1/webhooks/endpoints/"+endpoint.ID, nil, nil)
}

func (d demo) say(what, detail string) {
	d.c.printf("  %7.3f s  %-22s %s\n", time.Since(d.started).Seconds(), what, detail)
}

// wait polls until the session needs nobody, as a customer would.
func (d demo) wait(ctx context.Context, t kyc.Tenant, id kyc.ID) (engine.View, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		s, err := d.db.Session(ctx, t, id)
		if err != nil {
			return engine.View{}, err
		}
		if s.Status.Ended() || s.Status == kyc.SessionReview {
			return d.engine.RunView(ctx, t, s.RunID)
		}
		select {
		case <-ctx.Done():
			return engine.View{}, fmt.Errorf("the sample session is still %s", s.Status)
		case <-tick.C:
		}
	}
}

// story prints each check with what it found.
func (d demo) story(v engine.View) {
	for _, r := range v.Attempts {
		took := time.Duration(0)
		if r.Answer != nil {
			took = r.Answer.FinishedAt.Sub(r.Answer.StartedAt)
		}
		d.c.printf("  %7.3f s  %-22s %s", r.At.Sub(d.started).Seconds(), r.Policy, r.Status)
		if took > time.Millisecond {
			d.c.printf("  (%s)", took.Round(time.Millisecond))
		}
		d.c.printf("\n")
		if r.Answer == nil {
			continue
		}
		for _, f := range r.Answer.Fields {
			switch f.Name {
			case "last_name", "first_name", "date_of_birth", "document_number", "expiry_date", "issuing_country":
				d.c.printf("%36s%-16s %s\n", "", f.Name, f.Value)
			}
		}
		for _, reason := range r.Answer.Reasons {
			d.c.printf("%36s%s\n", "", reason.Message)
		}
		for _, l := range r.Answer.Lists {
			kind := ""
			if l.Fictional {
				kind = ", FICTIONAL entries"
			}
			d.c.printf("%36slist %s: %d entries, version %s%s\n", "", l.List, l.Entries, short(l.Version), kind)
		}
	}
}

// cases leaves three sessions for reviewers in the sandbox.
func (d demo) cases(ctx context.Context) error {
	for _, name := range []string{"SANCTION", "TAMPERED", "NOMATCH"} {
		var s struct {
			ID string `json:"id"`
		}
		if err := d.sandbox.do(ctx, "POST", "/api/v1/sessions", map[string]any{"external_ref": "demo-case-" + strings.ToLower(name),
			"fields": map[string]any{"first_name": "Sam", "last_name": name, "date_of_birth": "1990-05-17"}}, &s); err != nil {
			return err
		}
		if err := d.sandbox.do(ctx, "POST", "/api/v1/sessions/"+s.ID+"/submit", nil, nil); err != nil {
			return err
		}
	}
	d.c.printf("\n  Sandbox: three sample sessions; the cases wait in the console's queue (switch to sandbox).\n")
	return nil
}
