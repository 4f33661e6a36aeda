package procedure

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

// The oracle says what an execution must come to, written from the text of
// api.md 5.8 and the rules of this room, without the code of Judge: it counts
// what speaks against a person and looks the result up.

// sample is one random execution in plain words.
type sample struct {
	monitoring bool
	steps      []sampleStep
	override   string // of the risk level
}

type sampleStep struct {
	kind     string // KYC, AML, …
	policies []string
	required bool
	must     bool
	// by policy
	status map[string]string // "" was never asked
	lacks  map[string]bool   // had nothing to look at
	hits   []sampleHit
}

type sampleHit struct {
	about string // sanction, pep, adverse_media, BLOCK, ALERT, REVIEW, ALLOW, NONE, duplicate
	word  string // what a person said before, "" nothing
}

var sampleWords = []string{"", "", "FALSE_POSITIVE", "TRUE_POSITIVE", "TRUE_POSITIVE_ACCEPT", "TRUE_POSITIVE_REJECT", "UNKNOWN", "UNKNOWN_ACCEPT", "UNKNOWN_REJECT", "FALSE_POSITIVE_ACCEPT"}

func speaksFor(word string) bool {
	return word == "FALSE_POSITIVE" || word == "TRUE_POSITIVE_ACCEPT" || word == "UNKNOWN_ACCEPT"
}

func speaksAgainst(word string) bool {
	return word == "TRUE_POSITIVE_REJECT" || word == "UNKNOWN_REJECT"
}

func screens(kind string) bool {
	return kind == "AML" || kind == "MATCHLIST" || kind == "DUPLICATE"
}

// oracle gives state and result.
func (s sample) oracle() (string, string) {
	var broken, refused, mustFailed, unresolved, sanction, block, attention, lacking, answered bool
	score := 2.0 // an individual of unknown age
	worst := map[string]int{}
	for _, st := range s.steps {
		required := st.required || s.monitoring && st.kind == "AML"
		errored, empty, failed, doubted := false, false, false, false
		for _, p := range st.policies {
			switch {
			case st.lacks[p] && slices.Contains([]string{"review", "error"}, st.status[p]), st.status[p] == "skipped":
				empty = true
			case st.status[p] == "passed":
				answered = true
			case st.status[p] == "failed":
				answered, failed = true, true
			case st.status[p] == "review":
				answered, doubted = true, true
			default:
				errored = true
			}
		}
		broken = broken || errored && required
		if !screens(st.kind) {
			switch {
			case errored:
			case failed:
				mustFailed = mustFailed || st.must
			case empty:
				lacking = lacking || required
			}
			attention = attention || required && (failed || doubted)
			continue
		}
		settle, open := 0, false
		for _, h := range st.hits {
			if h.about == "ALLOW" || h.about == "NONE" {
				continue
			}
			settle++
			grade := 2
			switch {
			case speaksAgainst(h.word):
				refused, grade = true, 3
			case h.word == "FALSE_POSITIVE":
				grade = 0
			case speaksFor(h.word):
				grade = 1
			default:
				unresolved, open = true, true
				sanction = sanction || h.about == "sanction"
				block = block || h.about == "BLOCK"
			}
			family := h.about
			if st.kind == "MATCHLIST" {
				family = "list"
			}
			worst[family] = max(worst[family], grade)
		}
		// Somebody failed or doubts, and does not say because of whom.
		for _, p := range st.policies {
			mine := settle
			if st.kind == "AML" {
				mine = 0
				for _, h := range st.hits {
					if policyOfSample(h.about) == p {
						mine++
					}
				}
			}
			if mine == 0 && (st.status[p] == "failed" || st.status[p] == "review" && !st.lacks[p]) {
				unresolved, open = true, true
				about := map[string]string{"watchlist_screening": "sanction", "aml_pep": "pep", "adverse_media": "adverse_media", "matchlist_screening": "list", "duplicate_detection": "duplicate"}[p]
				worst[about] = max(worst[about], 2)
				sanction = sanction || about == "sanction"
			}
		}
		if !errored && !open && empty && !slices.ContainsFunc(st.hits, func(h sampleHit) bool { return speaksAgainst(h.word) && h.about != "ALLOW" && h.about != "NONE" }) {
			lacking = lacking || required
		}
	}
	for about, points := range map[string][4]float64{"sanction": {0, 30, 45, 80}, "pep": {0, 15, 20, 40}, "adverse_media": {0, 10, 15, 40}, "list": {0, 10, 15, 40}, "duplicate": {0, 5, 15, 40}} {
		score += points[worst[about]]
	}
	level := s.override
	if level == "" {
		level = "LOW"
		for _, band := range []struct {
			from float64
			name string
		}{{20, "MEDIUM"}, {50, "HIGH"}, {80, "UNACCEPTABLE"}} {
			if score >= band.from {
				level = band.name
			}
		}
	}
	switch {
	case broken:
		return "ERROR", "BLOCKED"
	case s.monitoring && (sanction || block || level == "UNACCEPTABLE"):
		return "COMPLETED", "URGENT"
	case s.monitoring && (unresolved || refused || attention || mustFailed || level == "HIGH"):
		return "COMPLETED", "MONITOR"
	case s.monitoring && (lacking || !answered):
		return "COMPLETED", "INCOMPLETE"
	case s.monitoring:
		return "COMPLETED", "CLEAR"
	case mustFailed || refused:
		return "COMPLETED", "FAIL"
	case block || level == "UNACCEPTABLE":
		return "COMPLETED", "BLOCKED"
	case unresolved || attention || level == "HIGH":
		return "COMPLETED", "REVIEW"
	case lacking || !answered:
		return "COMPLETED", "INCOMPLETE"
	}
	return "COMPLETED", "PASS"
}

func policyOfSample(about string) string {
	return map[string]string{"sanction": "watchlist_screening", "pep": "aml_pep", "adverse_media": "adverse_media"}[about]
}

// randomSample makes one.
func randomSample(rnd *rand.Rand) sample {
	s := sample{monitoring: rnd.IntN(3) == 0}
	if rnd.IntN(8) == 0 {
		s.override = RiskLevels()[rnd.IntN(5)]
	}
	policies := map[string][]string{"KYC": {"kyc_verification"}, "AML": {"watchlist_screening", "aml_pep", "adverse_media"}, "IDV": {"document_ocr", "document_expiration"},
		"MATCHLIST": {"matchlist_screening"}, "DUPLICATE": {"duplicate_detection"}, "FRAUD": {"email_risk", "phone_risk"}, "NAME_VALIDATION": {"name_validation"}, "VISA": {"visa_check"}}
	kinds := []string{"KYC", "AML", "IDV", "MATCHLIST", "DUPLICATE", "FRAUD", "NAME_VALIDATION", "VISA"}
	rnd.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	calm := rnd.IntN(2) == 0 // otherwise something is nearly always wrong
	for _, kind := range kinds[:1+rnd.IntN(5)] {
		st := sampleStep{kind: kind, policies: policies[kind], required: rnd.IntN(4) > 0, must: rnd.IntN(4) > 0, status: map[string]string{}, lacks: map[string]bool{}}
		for _, p := range st.policies {
			st.status[p] = "passed"
			if !calm || rnd.IntN(10) == 0 {
				st.status[p] = []string{"passed", "passed", "passed", "failed", "review", "skipped", "error", "", "requires_retry"}[rnd.IntN(9)]
				st.lacks[p] = rnd.IntN(6) == 0
			}
		}
		about := map[string][]string{"AML": {"sanction", "pep", "adverse_media"}, "MATCHLIST": {"BLOCK", "ALERT", "REVIEW", "ALLOW", "NONE"}, "DUPLICATE": {"duplicate"}}[kind]
		for range rnd.IntN(4) {
			if len(about) == 0 {
				break
			}
			h := sampleHit{about: about[rnd.IntN(len(about))], word: sampleWords[rnd.IntN(len(sampleWords))]}
			p := policyOfSample(h.about)
			if kind != "AML" {
				p = st.policies[0]
			}
			if !slices.Contains([]string{"failed", "review", "passed"}, st.status[p]) || st.lacks[p] {
				continue // a check that gave no answer names nobody
			}
			st.hits = append(st.hits, h)
			if h.about != "ALLOW" && h.about != "NONE" && rnd.IntN(5) > 0 {
				st.status[p] = "failed"
			}
		}
		s.steps = append(s.steps, st)
	}
	return s
}

// build turns a sample into a definition and facts.
func (s sample) build(t testing.TB) (*Definition, Facts) {
	t.Helper()
	f := Facts{Checks: map[string]kyc.CheckFact{}, Established: map[string]any{}}
	var steps, must []string
	var cleared []any
	entry := 0
	for _, st := range s.steps {
		more := ""
		if st.kind == "AML" {
			more = `,"adverseMedia":true`
		}
		if st.kind == "FRAUD" {
			more = `,"checks":["email_risk","phone_risk"]`
		}
		steps = append(steps, fmt.Sprintf(`{"type":%q,"configuration":{"required":%v%s}}`, st.kind, st.required, more))
		if st.must {
			must = append(must, `"`+st.kind+`"`)
		}
		lists, entities := []any{}, []any{}
		hits := map[string][]kyc.Hit{}
		for _, h := range st.hits {
			entry++
			id := fmt.Sprintf("entry-%d", entry)
			key := "list|" + id
			switch st.kind {
			case "AML":
				p := policyOfSample(h.about)
				hits[p] = append(hits[p], kyc.Hit{List: "list", EntryID: id, Type: h.about, Name: "Somebody " + id, Score: 0.9})
			case "MATCHLIST":
				lists = append(lists, map[string]any{"list": "list", "entry": id, "action": h.about, "confidence": 1})
			case "DUPLICATE":
				key = "duplicate|" + id
				entities = append(entities, map[string]any{"entity_id": id, "traits": []any{"email"}})
			}
			if h.word != "" {
				cleared = append(cleared, map[string]any{"hit": key, "digest": "d", "status": h.word, "process_result_id": "p-" + id})
			}
		}
		for _, p := range st.policies {
			status := st.status[p]
			if status == "" {
				continue
			}
			fact := kyc.CheckFact{Status: status, Hits: hits[p], Details: map[string]any{}}
			if p == "matchlist_screening" {
				fact.Details["hits"] = lists
			}
			if p == "duplicate_detection" {
				fact.Details["entities"] = entities
			}
			if len(hits[p]) > 0 {
				fact.Details["hit_count"] = len(hits[p])
			}
			if st.lacks[p] {
				fact.Reasons = []kyc.Reason{{Code: "name_missing", Severity: "critical"}}
			}
			f.Checks[p] = fact
		}
	}
	if len(cleared) > 0 {
		f.Established[KeyClearedHits] = cleared
	}
	phase := "ONBOARDING"
	if s.monitoring {
		phase = "MONITORING"
	}
	d := parsed(t, def(strings.Join(steps, ","), `"lifecyclePhase":"`+phase+`","decision":{"mustPass":[`+strings.Join(must, ",")+`]}`))
	if s.override != "" {
		v := Judge(d, f, at, ids())
		f.Established[KeyRiskOverride] = kyc.RiskOverride{Level: s.override, Factors: FactorsHash(v.Risk.Factors)}
	}
	return d, f
}

func TestJudgeAgreesWithTheOracle(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for seed := range uint64(12000) {
		s := randomSample(rand.New(rand.NewPCG(seed, 4)))
		d, f := s.build(t)
		v := Judge(d, f, at, ids())
		state, result := s.oracle()
		if v.State != state || v.Result != result {
			raw, _ := json.MarshalIndent(v.Steps, "", " ")
			t.Fatalf("seed %d: %s %s, want %s %s\n%+v\n%v\n%s\nrisk %+v", seed, v.State, v.Result, state, result, s, v.Reasons, raw, v.Risk)
		}
		seen[result]++
		if seed%20 == 0 {
			wellMade(t, d, f, v)
		}
	}
	for _, result := range []string{"PASS", "FAIL", "REVIEW", "BLOCKED", "INCOMPLETE", "URGENT", "MONITOR", "CLEAR"} {
		if seen[result] < 50 {
			t.Errorf("%s came only %d times: %v", result, seen[result], seen)
		}
	}
}

// wellMade looks at everything else that a verdict must be: in the words of the
// specification, the same each time, the same when it comes from the store, and
// what Recompute says while nobody has judged anything.
func wellMade(t *testing.T, d *Definition, f Facts, v Verdict) {
	t.Helper()
	if again := Judge(d, f, at, ids()); !reflect.DeepEqual(v, again) {
		t.Fatal("the same facts have two verdicts")
	}
	var stored Facts
	raw, err := json.Marshal(f)
	if err != nil || json.Unmarshal(raw, &stored) != nil {
		t.Fatal(err)
	}
	if again := Judge(d, stored, at, ids()); again.Result != v.Result || again.State != v.State || len(again.Process) != len(v.Process) {
		t.Fatalf("facts from the store come to %s, not %s", again.Result, v.Result)
	}
	ids := map[kyc.ID]bool{}
	steps := map[string]bool{}
	for _, r := range v.Steps {
		if !slices.Contains(StepResults(), r.Result) || !slices.Contains(StepTypes(), r.Type) || ids[r.ID] || r.Name == "" {
			t.Fatalf("step %+v", r)
		}
		ids[r.ID], steps[r.Name] = true, true
	}
	for i := range v.Process {
		p := &v.Process[i]
		if !slices.Contains(ProcessResults(), p.Result) || !slices.Contains(Classes(), p.Class) || !slices.Contains(ProcessStepTypes(), p.StepType) || !slices.Contains(ObjectTypes(), p.ObjectType) ||
			!slices.Contains(ProcessStates(), p.State) || p.SystemStatus != SystemValid || !steps[p.StepName] || ids[p.ID] {
			t.Fatalf("process result %+v", p)
		}
		ids[p.ID] = true
	}
	for _, i := range v.Issues {
		if !slices.Contains(IssueCategories(), i.Category) || !slices.Contains(Severities(), i.Severity) || !slices.Contains(Issues()[i.Category], i.Issue) || !steps[i.StepName] || ids[i.ID] {
			t.Fatalf("issue %+v", i)
		}
		ids[i.ID] = true
	}
	if len(v.Reasons) == 0 || v.Risk == nil || v.Risk.ID == "" || !slices.Contains(RiskLevels(), v.Risk.Level) {
		t.Fatalf("verdict %+v", v)
	}
	sum := 0.0
	for _, factor := range v.Risk.Factors {
		sum += factor.Effective()
	}
	if sum != v.Risk.Score {
		t.Fatalf("the factors add up to %v, the risk is %v", sum, v.Risk.Score)
	}
	e := kyc.Execution{State: v.State, Status: v.Result, Result: v.Result, Steps: v.Steps, Issues: v.Issues, Risk: v.Risk}
	if again := Recompute(d, e, v.Process, true); !reflect.DeepEqual(again, e) {
		t.Fatalf("nobody judged anything, and it becomes %+v, not %+v", again, e)
	}
}
