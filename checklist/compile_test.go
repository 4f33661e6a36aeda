package checklist_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/check"
	"bonafide/checklist"
	"bonafide/engine"
	"bonafide/flow"
	"bonafide/kyc"
)

var epoch = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// random writes a definition with random steps in a random order.
func random(rnd *rand.Rand) map[string]any {
	flip := func() bool { return rnd.IntN(2) == 0 }
	ids := checklist.StepIDs()
	rnd.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	var steps []any
	for _, id := range ids[:1+rnd.IntN(len(ids))] {
		config := map[string]any{}
		switch id {
		case checklist.IDVerification:
			config["maximum_age"], config["expiry_date_years"] = 40+rnd.IntN(60), rnd.IntN(4)
			config["require_secondary_id"], config["require_tertiary_id"] = flip(), flip()
			config["enable_fraud_analysis"] = flip()
			if flip() {
				config["escalation_type"], config["escalation_risk_threshold"] = "nfc-passport", rnd.IntN(101)
			}
		case checklist.FaceLiveness:
			config["confidence_threshold"] = 1 + rnd.IntN(100)
		case checklist.DocumentUpload:
			config["document_types"], config["maximum_age_days"] = []string{"proof_of_address", "bank_statement"}, rnd.IntN(100)
		}
		steps = append(steps, map[string]any{"id": id, "config": config})
	}
	return map[string]any{"name": "random", "steps": steps}
}

func parsed(t testing.TB, raw []byte) *checklist.Definition {
	t.Helper()
	d, report := checklist.Parse(raw, checklist.ParseOptions{})
	if err := report.Err(); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return d
}

func compiled(t testing.TB, d *checklist.Definition, o checklist.CompileOptions) *flow.Compiled {
	t.Helper()
	graph := checklist.Compile(d, o)
	c, report := flow.Compile(graph, flow.Options{Catalog: check.Catalog(), Mandatory: o.Mandatory})
	if err := report.Err(); err != nil {
		t.Fatalf("the graph does not compile: %v\n%s", err, graph)
	}
	for _, w := range report.Warnings {
		if w.Code != "approval_without_identity_check" { // a checklist may ask for a consent alone
			t.Fatalf("warning %s %s: %s\n%s", w.Code, w.Path, w.Message, graph)
		}
	}
	return c
}

// walk answers every check by a table and gives the end of the run.
func walk(t testing.TB, g *flow.Compiled, answers map[string]kyc.Answer) engine.State {
	t.Helper()
	tenant := kyc.Tenant{Org: "0199a000-0000-7000-8000-000000000001", Env: kyc.Live}
	var s engine.State
	at := epoch
	feed := func(kind, node string, attempt int, payload any) {
		data, err := json.Marshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Second)
		next, _, err := engine.Step(g, s, engine.Input{Tenant: tenant, RunID: "0199a000-0000-7000-8000-000000000004", Seq: s.Seq, Kind: kind, Node: node, Attempt: attempt, At: at, Data: data})
		if err != nil {
			t.Fatalf("step %d (%s %s): %v", s.Seq, kind, node, err)
		}
		s = next
	}
	feed(engine.KindBegin, "", 0, &engine.Begin{Tenant: tenant, Session: engine.SessionSnapshot{ID: "0199a000-0000-7000-8000-000000000003"}, Settings: kyc.DefaultSettings()})
	for range 100 {
		if s.Ended() {
			return s
		}
		c := s.Calls[0]
		feed(engine.KindAnswer, c.Node, c.Attempt, engine.Answered{Answer: answers[g.Nodes[c.Node].Policy], Jitter: 0.5})
	}
	t.Fatal("the run does not end")
	return s
}

// wanted are the policies that must pass, written down from seed 001 and
// api.md 4.3 and not from the code.
func wanted(t testing.TB, def map[string]any) (policies []string, fraud, escalates bool, threshold int) {
	t.Helper()
	for _, step := range def["steps"].([]any) {
		config := step.(map[string]any)["config"].(map[string]any)
		switch step.(map[string]any)["id"] {
		case "ID_VERIFICATION":
			policies = append(policies, "document_ocr", "document_expiration", "age_check", "face_match")
			if config["require_secondary_id"] == true || config["require_tertiary_id"] == true {
				policies = append(policies, "additional_ids")
			}
			if config["escalation_type"] == "nfc-passport" {
				fraud, escalates, threshold = true, true, config["escalation_risk_threshold"].(int)
			}
			fraud = fraud || config["enable_fraud_analysis"] == true
		case "FACE_LIVENESS":
			policies = append(policies, "liveness")
		case "AGE_ESTIMATION":
			policies = append(policies, "age_estimation")
		case "PEP_SANCTIONS":
			policies = append(policies, "watchlist_screening", "aml_pep")
		case "ADVERSE_MEDIA":
			policies = append(policies, "adverse_media")
		case "CONSENT":
			policies = append(policies, "consent")
		case "DOCUMENT_UPLOAD":
			policies = append(policies, "document_set")
		default:
			t.Fatalf("step %v is new: say here what it must pass", step)
		}
	}
	return policies, fraud, escalates, threshold
}

// TestNothingButPassesApproves walks random checklists with random answers and
// compares the end with an oracle: approved if and only if every check passed
// (a passed chip outweighs a doubtful fraud analysis), rejected only where the
// organisation said so and a check or a step failed.
func TestNothingButPassesApproves(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(11, 21))
	ends := map[kyc.Outcome]int{}
	for range 1200 {
		def := random(rnd)
		raw, _ := json.Marshal(def)
		o := checklist.CompileOptions{
			Auto:         []string{"", checklist.AutoApprove, checklist.AutoApproveReject, checklist.AutoManual}[rnd.IntN(4)],
			ExpiryPolicy: []string{"", checklist.ExpiryGrace, checklist.ExpiryStrict, checklist.ExpiryMaxRemaining}[rnd.IntN(4)],
			Mandatory:    [][]string{nil, {"watchlist_screening"}, {"watchlist_screening", "liveness"}, {"document_ocr", "document_fraud"}, {"adverse_media", "watchlist_screening"}}[rnd.IntN(5)],
		}
		g := compiled(t, parsed(t, raw), o)
		policies, fraud, escalates, threshold := wanted(t, def)
		score := float64(rnd.IntN(101))
		answers := map[string]kyc.Answer{}
		calm := rnd.IntN(3) > 0 // most sessions have at most one thing wrong
		spoiled := ""
		if calm && rnd.IntN(3) > 0 {
			all := append(slices.Clone(policies), "checklist_outcome", "document_fraud", "nfc_chip_auth", "watchlist_screening")
			spoiled = all[rnd.IntN(len(all))]
		}
		for name := range check.Catalog() {
			a := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Provider: "test"}
			if !calm || name == spoiled {
				a = oddAnswer(rnd)
			}
			if name == "document_fraud" && a.Status == kyc.StatusOK && a.Verdict != kyc.Skip {
				a.Score = &score
			}
			answers[name] = a
		}
		s := walk(t, g, answers)
		ends[s.Outcome]++
		passed := func(policy string) bool {
			return answers[policy].Status == kyc.StatusOK && answers[policy].Verdict == kyc.Pass
		}
		failed := func(policy string) bool {
			return answers[policy].Status == kyc.StatusOK && answers[policy].Verdict == kyc.Fail
		}
		everything := passed("checklist_outcome")
		anything := failed("checklist_outcome")
		for _, policy := range policies {
			everything = everything && passed(policy)
			anything = anything || failed(policy)
		}
		escalated := escalates && answers["document_fraud"].Score != nil && score >= float64(threshold)
		if escalates {
			clean := passed("document_fraud") || escalated && passed("nfc_chip_auth") && answers["document_fraud"].Verdict == kyc.VerdictReview
			everything = everything && clean && (!escalated || passed("nfc_chip_auth"))
		} else if fraud {
			everything = everything && passed("document_fraud")
		}
		for _, policy := range o.Mandatory {
			everything = everything && (passed(policy) || policy == "document_fraud" && escalates)
		}
		if got, want := s.Outcome == kyc.Approved, everything && o.Auto != checklist.AutoManual; got != want || s.Status != kyc.RunCompleted {
			t.Fatalf("approved %v, want %v (%+v, score %v)\n%s\nrecords %+v", got, want, o, score, raw, s.Records)
		}
		if s.Outcome == kyc.Rejected && (o.Auto != checklist.AutoApproveReject || !anything) {
			t.Fatalf("rejected with %+v\n%s", o, raw)
		}
		if o.Auto == checklist.AutoApproveReject && failed("checklist_outcome") && s.Outcome != kyc.Rejected {
			t.Fatalf("a failed step ends %s\n%s", s.Outcome, raw)
		}
		checkAsked(t, s, policies, fraud, escalated, raw)
	}
	if ends[kyc.Approved] < 100 || ends[kyc.Rejected] < 20 || ends[kyc.NeedsReview] < 100 {
		t.Errorf("the test is one-sided: %v", ends)
	}
}

// checkAsked makes sure that the walk goes on whatever a check answers: a
// reviewer sees every check, and each was asked once.
func checkAsked(t testing.TB, s engine.State, policies []string, fraud, escalated bool, raw []byte) {
	t.Helper()
	asked := map[string]int{}
	for _, r := range s.Records {
		asked[r.Policy]++
	}
	for _, policy := range append(slices.Clone(policies), "checklist_outcome") {
		if asked[policy] != 1 {
			t.Fatalf("%s was asked %d times\n%s", policy, asked[policy], raw)
		}
	}
	if fraud && asked["document_fraud"] != 1 || asked["document_fraud"] > 1 {
		t.Fatalf("document_fraud was asked %d times\n%s", asked["document_fraud"], raw)
	}
	if (asked["nfc_chip_auth"] == 1) != escalated || asked["nfc_chip_auth"] > 1 {
		t.Fatalf("the chip was asked %d times, escalated %v\n%s", asked["nfc_chip_auth"], escalated, raw)
	}
}

func oddAnswer(rnd *rand.Rand) kyc.Answer {
	verdicts := []kyc.Verdict{kyc.Pass, kyc.Fail, kyc.VerdictReview, kyc.Skip}
	broken := []kyc.AnswerStatus{kyc.StatusNotConfigured, kyc.StatusStale, kyc.StatusError, kyc.StatusUnavailable}
	if rnd.IntN(3) == 0 {
		return kyc.Answer{Status: broken[rnd.IntN(len(broken))], Provider: "test"}
	}
	return kyc.Answer{Status: kyc.StatusOK, Verdict: verdicts[rnd.IntN(len(verdicts))], Provider: "test"}
}

// A mandatory screening that no step asks knows the applicant by every name,
// as one that a step asks does.
func TestAMandatoryScreeningAsksForEveryName(t *testing.T) {
	t.Parallel()
	for _, step := range []string{checklist.Consent, checklist.PEPSanctions, checklist.AdverseMedia, checklist.IDVerification} {
		raw, _ := json.Marshal(map[string]any{"name": "x", "steps": []any{map[string]any{"id": step}}})
		g := compiled(t, parsed(t, raw), checklist.CompileOptions{Mandatory: []string{"watchlist_screening", "adverse_media"}})
		asked := map[string]int{}
		for id, n := range g.Nodes {
			if n.Policy != "watchlist_screening" && n.Policy != "adverse_media" {
				continue
			}
			asked[n.Policy]++
			if !strings.Contains(string(n.Config), `"names/*"`) {
				t.Errorf("%s: node %s asks with %s", step, id, n.Config)
			}
		}
		if asked["watchlist_screening"] == 0 || asked["adverse_media"] == 0 {
			t.Errorf("%s: asked %v", step, asked)
		}
	}
}

func TestTheGraphIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		raw, _ := json.Marshal(random(rnd))
		o := checklist.CompileOptions{Mandatory: []string{"watchlist_screening"}}
		if a, b := checklist.Compile(parsed(t, raw), o), checklist.Compile(parsed(t, raw), o); string(a) != string(b) {
			t.Fatalf("two graphs of one definition:\n%s\n%s", a, b)
		}
	}
}

func TestEveryConfigSuitsItsCheck(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"", "grace", "strict", "max_remaining"} {
		for _, years := range []int{0, 1, 50} {
			raw, _ := json.Marshal(map[string]any{"name": "x", "steps": []any{
				map[string]any{"id": "ID_VERIFICATION", "config": map[string]any{"minimum_age": 1, "maximum_age": 150, "expiry_date_years": years, "require_tertiary_id": true, "escalation_type": "nfc-passport", "escalation_risk_threshold": 100}},
				map[string]any{"id": "FACE_LIVENESS", "config": map[string]any{"confidence_threshold": 100}}, map[string]any{"id": "AGE_ESTIMATION", "config": map[string]any{"minimum_age": 100}},
				map[string]any{"id": "DOCUMENT_UPLOAD", "config": map[string]any{"document_types": []string{"a", "b"}, "maximum_age_days": 3650}},
				map[string]any{"id": "CONSENT"}, map[string]any{"id": "PEP_SANCTIONS"}, map[string]any{"id": "ADVERSE_MEDIA"}}})
			compiled(t, parsed(t, raw), checklist.CompileOptions{ExpiryPolicy: policy, Mandatory: []string{"watchlist_screening"}})
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	raw := []byte(`{"name":"x","steps":[{"id":"ID_VERIFICATION","config":{"escalation_type":"nfc-passport"}},{"id":"FACE_LIVENESS"},{"id":"PEP_SANCTIONS"}]}`)
	for b.Loop() {
		d, report := checklist.Parse(raw, checklist.ParseOptions{})
		if report.Err() != nil {
			b.Fatal(report.Err())
		}
		checklist.Compile(d, checklist.CompileOptions{Mandatory: []string{"watchlist_screening"}})
	}
}
