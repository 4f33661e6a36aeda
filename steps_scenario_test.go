package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// A scenario of the onboarding surface is a txtar file steps_*.txtar:
//
//   - workflow.json: the definition that is posted. {"fixture":"f12_…"} takes
//     one of the seed's own from onboarding/testdata/fixtures, and "with" lays a
//     merge patch over it. workflow_NAME.json are companions, posted before it.
//   - settings.json: the environment's settings (optional).
//   - people.json: people of the organisation, see colleague (optional).
//   - session.json: the body that creates the session, without its workflow
//     (optional).
//   - walk.json: what applicant and back office do, one move after the other.
//   - expect.json: where it ends.
//
// Each runs on both databases with a sandbox key.
type onboardingCase struct {
	name       string
	workflow   json.RawMessage
	companions []json.RawMessage
	settings   json.RawMessage
	people     []colleague
	session    json.RawMessage
	walk       []move
	expect     ending
}

// ending is what a scenario expects.
type ending struct {
	Status        string   `json:"status"`
	FinalDecision string   `json:"final_decision"`
	WinningRule   string   `json:"winning_rule"`
	Triggered     []string `json:"triggered"`
	// Floor lists the checks that lowered an approval; [] wants none.
	Floor []string `json:"floor"`
	Path  []string `json:"path"`
	// Reused are the checks whose answer the run took from an earlier exam.
	Reused []string `json:"reused"`
	// Events are the webhooks of each session by its name (session is the
	// first one), in the order of their sequence.
	Events map[string][]string `json:"events"`
	// Messages are parts of the data of a webhook of the first session.
	Messages map[string]json.RawMessage `json:"messages"`
	Result   json.RawMessage            `json:"processing_result"`
	Details  json.RawMessage            `json:"details"`
	// Sessions are parts of the details of other sessions by their names.
	Sessions map[string]json.RawMessage `json:"sessions"`
}

// strictly reads JSON without members that nobody knows.
func strictly(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

func loadOnboarding(t *testing.T, file string) onboardingCase {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := onboardingCase{name: strings.TrimSuffix(filepath.Base(file), ".txtar")}
	for _, f := range archive.Files {
		var err error
		switch {
		case f.Name == "workflow.json":
			s.workflow = written(t, f.Data)
		case strings.HasPrefix(f.Name, "workflow_"):
			s.companions = append(s.companions, written(t, f.Data))
		case f.Name == "settings.json":
			s.settings = f.Data
		case f.Name == "people.json":
			err = strictly(f.Data, &s.people)
		case f.Name == "session.json":
			s.session = f.Data
		case f.Name == "walk.json":
			err = strictly(f.Data, &s.walk)
		case f.Name == "expect.json":
			err = strictly(f.Data, &s.expect)
		default:
			t.Fatalf("%s: what is %s?", file, f.Name)
		}
		if err != nil {
			t.Fatalf("%s: %s: %v", file, f.Name, err)
		}
	}
	if len(s.workflow) == 0 || s.expect.Status == "" {
		t.Fatalf("%s: workflow.json and expect.json are needed", file)
	}
	return s
}

// written reads a definition as it is written, or takes a fixture and changes it.
func written(t testing.TB, raw json.RawMessage) json.RawMessage {
	t.Helper()
	var ref struct {
		Fixture string          `json:"fixture"`
		With    json.RawMessage `json:"with"`
	}
	if err := json.Unmarshal(raw, &ref); err != nil {
		t.Fatal(err)
	}
	if ref.Fixture == "" {
		return raw
	}
	text := seedFixture(t, ref.Fixture)
	if len(ref.With) == 0 {
		return text
	}
	d, report := onboarding.Parse(text, onboarding.ParseOptions{})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	changed, err := onboarding.Merge(d, ref.With)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// seedFixture is a snippet of the seeds, exactly as they print it.
func seedFixture(t testing.TB, name string) json.RawMessage {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("onboarding", "testdata", "fixtures", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestOnboardingScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/scenarios/steps_*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		for _, file := range files {
			s := loadOnboarding(t, file)
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				s.run(t, srv)
			})
		}
	})
}

// onboardingRun is a scenario under way.
type onboardingRun struct {
	srv  *server
	c    *client
	hook *hook
	vars map[string]string // {name} in paths and bodies
}

func (s onboardingCase) run(t *testing.T, srv *server) {
	t.Helper()
	s.runAs(t, srv, srv.newTenant(t))
}

func (s onboardingCase) runAs(t *testing.T, srv *server, c *client) {
	t.Helper()
	r := &onboardingRun{srv: srv, c: c, hook: receiver(t), vars: map[string]string{}}
	srv.hire(t, c.org, s.people)
	r.c.must(t, http.StatusOK, "PATCH", "/kyc/tenants/me/notification-channels", map[string]any{"webhook_url": r.hook.URL})
	if len(s.settings) > 0 {
		r.c.must(t, http.StatusOK, "PUT", "/api/v1/settings", s.settings)
	}
	for _, w := range s.companions {
		r.c.must(t, http.StatusCreated, "POST", "/kyc/workflows", w)
	}
	r.vars["workflow"] = r.c.must(t, http.StatusCreated, "POST", "/kyc/workflows", s.workflow).str("workflow_id")
	r.open(t, s.session)
	for i, m := range s.walk {
		if !r.move(t, m) {
			t.Fatalf("move %d (%s %s%s) was the last", i, m.Do, m.Step, m.Path)
		}
	}
	r.compare(t, s.expect)
	srv.allUnchanged(t, s.name, kyc.Tenant{Org: c.org, Env: kyc.Sandbox})
}

// open creates the session of a scenario.
func (r *onboardingRun) open(t *testing.T, body json.RawMessage) {
	t.Helper()
	fields := map[string]any{}
	if len(body) > 0 {
		if err := json.Unmarshal([]byte(r.fill(string(body))), &fields); err != nil {
			t.Fatal(err)
		}
	}
	if fields["workflow_id"] == nil {
		fields["workflow_id"] = r.vars["workflow"]
	}
	a := r.c.must(t, http.StatusCreated, "POST", "/kyc/sessions", fields)
	r.know("session", a)
	r.vars["session"], r.vars["token"] = a.str("session_id"), a.str("access_token")
}

// know notes a session under a name.
func (r *onboardingRun) know(name string, a answer) {
	r.vars[name+".session"], r.vars[name+".token"] = a.str("session_id"), a.str("access_token")
}

// fill replaces {name} by what is known under the name.
func (r *onboardingRun) fill(text string) string {
	for _, name := range slices.Sorted(maps.Keys(r.vars)) {
		text = strings.ReplaceAll(text, "{"+name+"}", r.vars[name])
	}
	return text
}

// compare holds the end against what is expected.
func (r *onboardingRun) compare(t *testing.T, want ending) {
	t.Helper()
	end := r.await(t, want.Status)
	if got := end.str("final_decision"); got != want.FinalDecision {
		t.Errorf("final_decision is %q, want %q", got, want.FinalDecision)
	}
	var result struct {
		Automation struct {
			WinningRule string `json:"winning_rule"`
			Triggered   []struct {
				Rule string `json:"rule"`
			} `json:"triggered_rules"`
			Floor *struct {
				Checks []string `json:"checks"`
			} `json:"floor"`
		} `json:"automation"`
		Engine struct {
			RunID kyc.ID `json:"run_id"`
		} `json:"engine"`
	}
	end.get(t, "processing_result", &result)
	if want.WinningRule != "" && result.Automation.WinningRule != want.WinningRule {
		t.Errorf("the winning rule is %q, want %q", result.Automation.WinningRule, want.WinningRule)
	}
	if want.Triggered != nil {
		got := []string{}
		for _, x := range result.Automation.Triggered {
			got = append(got, x.Rule)
		}
		if !slices.Equal(got, want.Triggered) {
			t.Errorf("triggered are %v, want %v", got, want.Triggered)
		}
	}
	if want.Floor != nil {
		got := []string{}
		if result.Automation.Floor != nil {
			got = result.Automation.Floor.Checks
		}
		if !slices.Equal(got, want.Floor) {
			t.Errorf("the floor names %v, want %v", got, want.Floor)
		}
	}
	if want.Path != nil || want.Reused != nil {
		view, err := r.srv.app.engine.RunView(t.Context(), kyc.Tenant{Org: r.c.org, Env: kyc.Sandbox}, result.Engine.RunID)
		if err != nil {
			t.Fatal(err)
		}
		if want.Path != nil && !slices.Equal(view.Path, want.Path) {
			t.Errorf("path is %v, want %v", view.Path, want.Path)
		}
		reused := []string{}
		for _, at := range view.Attempts {
			if at.Answer != nil && at.Answer.Details["reused_from"] != nil {
				reused = append(reused, at.Policy)
			}
		}
		if want.Reused != nil && !slices.Equal(reused, want.Reused) {
			t.Errorf("taken from earlier exams are %v, want %v", reused, want.Reused)
		}
	}
	within(t, "processing_result", want.Result, end.fields["processing_result"])
	within(t, "details", want.Details, end.raw)
	for name, part := range want.Sessions {
		a := r.c.must(t, http.StatusOK, "GET", "/kyc/sessions/"+r.vars[name+".session"], nil)
		within(t, name, part, a.raw)
	}
	for name, events := range want.Events {
		r.hook.waitSequence(t, r.vars[name+".session"], events)
	}
	for event, part := range want.Messages {
		r.hook.wait(t, event)
		within(t, event, part, r.hook.message(r.vars["session.session"], event))
	}
	if t.Failed() {
		t.Logf("the session: %.6000s", end.raw)
	}
}
