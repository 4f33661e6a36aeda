package check

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// A check is worked out anew only if it was made without tools: then it can ask
// nobody. The list and the menu say the same.
func TestAloneAreTheChecksWithoutTools(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("all.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^\t\t(\w+)\((d?)\),$`).FindAllStringSubmatch(string(raw), -1)
	all := All(Deps{})
	if len(lines) != len(all) {
		t.Fatalf("the menu has %d checks, its file %d", len(all), len(lines))
	}
	for i, c := range all {
		if tools := lines[i][2] == "d"; alone(c.Spec.Name) != (!tools && c.Run != nil) {
			t.Errorf("%s has tools: %v, and is worked out anew: %v", c.Spec.Name, tools, alone(c.Spec.Name))
		}
	}
}

// Whatever a check with tools reads of the checks before it is part of the
// question: a new read must be entered in earlierChecks.
func TestQuestionsHoldWhatChecksReadOfEachOther(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, c := range All(Deps{}) {
		names, _ := earlierChecks(c.Spec.Name)
		for _, n := range names {
			known[n] = true
		}
	}
	// These are of checks that are worked out anew, whose question holds every
	// fact, or of the sandbox and the memory of answers.
	whole := []string{"automation_facts.go", "automation_rules.go", "cross_validation.go", "risk_assessment.go", "procedure_decision.go", "http.go", "recall.go", "again.go"}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	read := regexp.MustCompile(`\.Checks\b(\["(\w+)"\])?`)
	request := regexp.MustCompile(`\b(r|v\.r|one)\.Checks\b`)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") || slices.Contains(whole, f.Name()) {
			continue
		}
		raw, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(raw), "\n") {
			if !request.MatchString(line) {
				continue
			}
			for _, m := range read.FindAllStringSubmatch(line, -1) {
				if !known[m[2]] {
					t.Errorf("%s reads the fact %q of an earlier check, which is in no question: %s", f.Name(), m[2], strings.TrimSpace(line))
				}
			}
		}
	}
}

func TestQuestionsTellConfigAndKnowledgeApart(t *testing.T) {
	t.Parallel()
	m := menu(t, goodHouse(), NewSimulator())
	base := kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: kyc.Live}, Policy: "face_match", Now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC),
		Extracted: map[string]any{"last_name": "Vermeer"}, Checks: map[string]kyc.CheckFact{"document_ocr": {Status: "passed"}, "age_check": {Status: "passed"}}}
	config, known := m.Question(base)
	for name, c := range map[string]struct {
		change                      func(r *kyc.CheckRequest)
		otherConfig, otherKnowledge bool
	}{
		"nothing":                     {func(*kyc.CheckRequest) {}, false, false},
		"a default written out":       {func(r *kyc.CheckRequest) { r.Config = json.RawMessage(`{"security_level":"standard"}`) }, false, false},
		"null":                        {func(r *kyc.CheckRequest) { r.Config = json.RawMessage(`null`) }, false, false},
		"another level":               {func(r *kyc.CheckRequest) { r.Config = json.RawMessage(`{"security_level":"strict"}`) }, true, false},
		"another policy":              {func(r *kyc.CheckRequest) { r.Policy = "face_dedup" }, true, true},
		"another name on the paper":   {func(r *kyc.CheckRequest) { r.Extracted = map[string]any{"last_name": "Hals"} }, false, true},
		"a check that it reads":       {func(r *kyc.CheckRequest) { r.Checks = map[string]kyc.CheckFact{"document_ocr": {Status: "failed"}} }, false, true},
		"a check that it reads, gone": {func(r *kyc.CheckRequest) { r.Checks = map[string]kyc.CheckFact{} }, false, true},
		"a check that it never reads": {func(r *kyc.CheckRequest) {
			r.Checks = map[string]kyc.CheckFact{"document_ocr": {Status: "passed"}, "age_check": {Status: "failed"}, "phone_risk": {Status: "failed"}}
		}, false, false},
		"another day": {func(r *kyc.CheckRequest) { r.Now = r.Now.AddDate(0, 0, 3) }, false, false},
	} {
		r := base
		c.change(&r)
		gotConfig, gotKnown := m.Question(r)
		// Of another policy it matters only that it is another question.
		if (gotConfig != config) != c.otherConfig || name != "another policy" && (gotKnown != known) != c.otherKnowledge {
			t.Errorf("%s: config differs %v, knowledge differs %v", name, gotConfig != config, gotKnown != known)
		}
	}
	age := base
	age.Policy = "age_check"
	_, today := m.Question(age)
	age.Now = age.Now.AddDate(0, 0, 1)
	if _, tomorrow := m.Question(age); today == tomorrow {
		t.Error("what is worked out anew depends on the day")
	}
}

// What is worked out anew is what the menu answers; where that would mean
// asking somebody there is no answer, and nobody is asked.
func TestAgainIsTheMenusOwnAnswer(t *testing.T) {
	t.Parallel()
	h := goodHouse()
	s := &spy{}
	m := menu(t, h, s)
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
		for _, c := range All(Deps{}) {
			for _, config := range []string{string(config(c.Spec.Name)), `{"minimum_age":40}`, `{"nonsense":1}`} {
				r := request(c.Spec.Name)
				r.Tenant.Env, r.Config, r.Now = env, json.RawMessage(config), now
				calls, asked := s.calls, h.calls.Load()
				a, ok := m.Again(r)
				if ok != alone(c.Spec.Name) {
					t.Errorf("%s in %s is answered by %s without asking", c.Spec.Name, env, a.Provider)
				}
				if h.calls.Load() != asked || !alone(c.Spec.Name) && s.calls != calls {
					t.Errorf("%s in %s asked somebody", c.Spec.Name, env)
				}
				if !ok {
					continue
				}
				want := m.Run(t.Context(), r)
				if !a.StartedAt.Equal(now) || !a.FinishedAt.Equal(now) {
					t.Errorf("%s took from %s to %s", c.Spec.Name, a.StartedAt, a.FinishedAt)
				}
				want.StartedAt, want.FinishedAt = a.StartedAt, a.FinishedAt
				if !reflect.DeepEqual(a, want) {
					t.Errorf("%s in %s with %s gives %s %s %s, the menu %s %s %s", c.Spec.Name, env, config, a.Provider, a.Status, a.Verdict, want.Provider, want.Status, want.Verdict)
				}
			}
		}
	}
	// What the capture machine saw is on record: a threshold can be tried on it.
	live := kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: kyc.Live}, Policy: "liveness", Attempt: 1, Now: now,
		Established: map[string]any{"liveness": map[string]any{"status": "passed", "confidence": 92, "threshold": 80, "attempts": 1}}}
	for config, want := range map[string]kyc.Verdict{`{"threshold":90}`: kyc.Pass, `{"threshold":95}`: kyc.Fail} {
		live.Config = json.RawMessage(config)
		if a, ok := m.Again(live); !ok || a.Verdict != want {
			t.Errorf("liveness with %s: %+v, %v", config, a, ok)
		}
	}
	if a, ok := m.Again(kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: "elsewhere"}, Policy: "age_check", Now: now}); ok {
		t.Errorf("a request of no environment is answered: %+v", a)
	}
}
