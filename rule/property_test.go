package rule

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"bonafide/field"
)

// dice makes random rules and facts; everything it makes is possible.
type dice struct{ *rand.Rand }

func pick[T any](d dice, of ...T) T { return of[d.IntN(len(of))] }

// Most checks pass and most rules are mild, so that approvals are common
// enough to be turned into something else.
func (d dice) status() string {
	if d.IntN(8) > 0 {
		return Passed
	}
	return pick(d, Failed, Failed, Errored, NotRun, Skipped)
}

func (d dice) action() Action {
	if d.IntN(2) == 0 {
		return pick(d, Flag, AutoApprove, NoAction)
	}
	return Actions()[d.IntN(5)]
}

func (d dice) maybe(f func()) {
	if d.IntN(3) > 0 {
		f()
	}
}

func (d dice) facts() Facts {
	f := good()
	kinds := []string{"nationality", "residence", "incorporation", "tax_residency", "document_issuer", "birth", "phone", "ip"}
	f.Countries, f.CountriesAsked = nil, pick(d, nil, kinds)
	for range d.IntN(4) {
		f.Countries = append(f.Countries, Country{Code: pick(d, "CH", "KP", "IR"), Type: pick(d, append(kinds, "")...), Source: pick(d, "form", "document")})
	}
	for range d.IntN(3) {
		f.Hits = append(f.Hits, Hit{
			List: pick(d, "ofac_sdn", "un", "eu", "pep_list"), EntityID: "e", Score: float64(d.IntN(101)) / 100, Role: pick(d, "", "ubo"),
			Kind: pick(d, "", "pep", "sanction"), MatchStatus: pick(d, "open", "true_positive", "false_positive"),
		})
	}
	value := func(top float64) *float64 { return num(float64(d.IntN(101)) / 100 * top) }
	f.Face = &Measure{Status: d.status(), Value: value(1), Threshold: num(0.5)}
	f.Liveness = &Measure{Status: d.status(), Value: value(100)}
	f.Dedup = &Dedup{Status: d.status()}
	d.maybe(func() {
		f.Dedup.Matches = append(f.Dedup.Matches, DedupFace{Similarity: *value(1), Of: pick(d, "approved", "rejected", "blocklist"), AgeDays: d.IntN(500), SameCustomer: d.IntN(2) == 0})
	})
	f.Duplicates = &Duplicates{Status: d.status(), Matches: d.IntN(2)}
	doc := &f.Documents[0]
	doc.Status = pick(d, "valid", "valid", "invalid", "review", "unreadable")
	doc.ExpiresInDays = pick(d, nil, days(-3), days(20), days(400))
	d.maybe(func() { doc.Findings = []string{pick(d, DocumentConditions()...)} })
	d.maybe(func() { f.Missing = []Missing{{pick(d, "id", "proof_of_address"), d.IntN(2) == 0}} })
	f.CrossValidation = &CrossValidation{Status: d.status()}
	d.maybe(func() {
		f.CrossValidation.Mismatches = []Mismatch{{Condition: pick(d, "name_mismatch", "dob_mismatch", "document_number")}}
	})
	f.AdverseMedia = &AdverseMedia{Status: d.status(), Score: value(100), Categories: pick(d, nil, []string{"fraud"}, []string{"fraud", "terrorism"})}
	f.Crypto = &Crypto{Status: d.status(), Hits: d.IntN(2), Invalid: d.IntN(2)}
	f.Subsessions = &Subsessions{Status: d.status(), Rejected: d.IntN(2), Flagged: d.IntN(2), Expired: d.IntN(2), Impact: d.IntN(2) == 0}
	f.Risk = &Risk{Status: d.status(), Score: value(100)}
	f.Form = map[string]any{"pep_status": pick(d, "No", "Yes - Current PEP")}
	for i := range f.Checks {
		f.Checks[i].Status, f.Checks[i].Required = d.status(), d.IntN(3) == 0
	}
	return f
}

// rule makes the members of one rule of a section.
func (d dice) rule(section string) map[string]any {
	m := map[string]any{}
	switch section {
	case "country_rules":
		m["country_code"], m["applies_to"] = pick[any](d, "KP", "CH", []string{"IR", "KP"}, "@fatf_high_risk"), pick(d, []string{"all"}, []string{"nationality", "residence"}, []string{"document_issuer"})
	case "list_match_rules":
		m["list"], m["min_score"] = pick(d, "*", "ofac", "pep"), float64(d.IntN(90))/100
	case "face_rules":
		m["type"] = pick(d, "face_match", "liveness")
		m["below"] = float64(d.IntN(101)) / 100
		if m["type"] == "liveness" {
			m["below"] = d.IntN(101)
		}
	case "face_dedup_rules":
		m["min_similarity"] = float64(d.IntN(101)) / 100
	case "document_rules":
		m["condition"], m["document_type"] = pick(d, DocumentConditions()...), pick(d, "*", "id", "proof_of_address")
	case "form_field_rules":
		m["field_id"] = pick(d, "pep_status", "left_out")
		m["operator"] = pick(d, "equals", "not_equals", "is_empty", "is_not_empty")
		if m["operator"] == "equals" || m["operator"] == "not_equals" {
			m["value"] = "No"
		}
	case "adverse_media_rules":
		m["min_risk_score"] = d.IntN(101)
		d.maybe(func() { m["categories"] = []string{"fraud"} })
	case "crypto_rules":
		m["condition"] = pick(d, CryptoConditions()...)
	case "subsession_rules":
		m["condition"] = pick(d, SubsessionConditions()...)
	case "risk_rules":
		m["min_score"] = d.IntN(101)
	}
	m["action"], m["reason"] = d.action(), fmt.Sprintf("%s %d", section, d.IntN(1000))
	return m
}

func (d dice) rules(t *testing.T) Rules {
	m := map[string]any{"default_action": d.action()}
	for _, s := range sections() {
		var list []any
		for range d.IntN(3) * d.IntN(2) * d.IntN(2) {
			list = append(list, d.rule(s))
		}
		m[s] = list
	}
	d.maybe(func() {
		c := map[string]bool{}
		for _, name := range []string{"no_list_matches", "face_match_passed", "liveness_passed", "documents_valid", "cross_validation_passed", "no_adverse_media", "no_crypto_hits", "no_duplicates"} {
			c[name] = d.IntN(6) == 0
		}
		m["auto_approve_conditions"] = c
	})
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return must(t, string(raw))
}

func (d dice) shuffled(r Rules) Rules {
	r.CountryRules = mixed(d, r.CountryRules)
	r.ListMatchRules = mixed(d, r.ListMatchRules)
	r.FaceRules = mixed(d, r.FaceRules)
	r.FaceDedupRules = mixed(d, r.FaceDedupRules)
	r.DocumentRules = mixed(d, r.DocumentRules)
	r.FormFieldRules = mixed(d, r.FormFieldRules)
	r.AdverseMediaRules = mixed(d, r.AdverseMediaRules)
	r.CryptoRules = mixed(d, r.CryptoRules)
	r.SubsessionRules = mixed(d, r.SubsessionRules)
	r.RiskRules = mixed(d, r.RiskRules)
	return r
}

func mixed[T any](d dice, list []T) []T {
	list = slices.Clone(list)
	d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// nameless is a decision without the names of rules, in sorted order.
func nameless(d Decision) string {
	var triggered, flags, unjudged []string
	for _, x := range d.Triggered {
		x.Rule = ""
		triggered = append(triggered, fmt.Sprint(x))
	}
	for _, x := range d.Flags {
		flags = append(flags, x.Code+x.Message)
	}
	for _, x := range d.Unjudged {
		x.Rule = ""
		unjudged = append(unjudged, fmt.Sprint(x))
	}
	slices.Sort(triggered)
	slices.Sort(flags)
	slices.Sort(unjudged)
	floor := ""
	if d.Floor != nil {
		floor = fmt.Sprint(*d.Floor)
	}
	return fmt.Sprint(d.Outcome, d.FinalDecision, triggered, flags, unjudged, d.DefaultUsed, d.AutoApproveUsed, d.Conditions, floor, d.FactsHash)
}

func TestProperties(t *testing.T) {
	t.Parallel()
	seen := map[Action]int{}
	floors := 0
	for seed := range uint64(3000) {
		d := dice{rand.New(rand.NewPCG(seed, 1))}
		r, f := d.rules(t), d.facts()
		before, _ := json.Marshal(f)
		was := r.Evaluate(f)
		if after, _ := json.Marshal(f); string(after) != string(before) {
			t.Fatalf("seed %d: the facts were changed", seed)
		}
		seen[was.Outcome]++
		if was.Floor != nil {
			floors++
		}
		consistent(t, seed, r, f, was)

		// The order of rules changes only their names.
		if mixed := d.shuffled(r).Evaluate(f); nameless(mixed) != nameless(was) {
			t.Fatalf("seed %d: order matters:\n%s\n%s", seed, nameless(was), nameless(mixed))
		}

		// One more required check without a pass never makes a better outcome.
		for _, name := range []string{CheckDocuments, CheckCrossValidation, CheckLiveness, CheckFaceMatch, CheckFaceDedup, CheckDuplicates, CheckWallets, CheckAdverseMedia, CheckRelated, CheckRisk, CheckLists, "another"} {
			worse := f
			worse.Checks = append(slices.Clone(f.Checks), CheckState{Name: name, Required: true, Status: pick(d, Failed, Errored, NotRun, Skipped, "")})
			is := r.Evaluate(worse)
			if is.Outcome.Approves() && !was.Outcome.Approves() || is.Outcome.Rank() < was.Outcome.Rank() {
				t.Fatalf("seed %d: with %s not passed %s became %s\n%+v\n%+v", seed, name, was.Outcome, is.Outcome, was, is)
			}
		}

		// Facts that get lost never lead to an approval.
		for what, lose := range map[string]func(*Facts){
			"face": func(f *Facts) { f.Face = nil }, "liveness": func(f *Facts) { f.Liveness = nil }, "dedup": func(f *Facts) { f.Dedup = nil },
			"duplicates": func(f *Facts) { f.Duplicates = nil }, "crypto": func(f *Facts) { f.Crypto = nil }, "media": func(f *Facts) { f.AdverseMedia = nil },
			"subsessions": func(f *Facts) { f.Subsessions = nil }, "risk": func(f *Facts) { f.Risk = nil }, "form": func(f *Facts) { f.Form = nil },
			"countries": func(f *Facts) { f.Countries = nil }, "checks": func(f *Facts) { f.Checks = slices.Clone(f.Checks); f.Checks[0].Status = "" },
		} {
			less := f
			lose(&less)
			if is := r.Evaluate(less); is.Outcome.Approves() && !was.Outcome.Approves() {
				t.Fatalf("seed %d: without %s %s became %s\n%+v\n%+v", seed, what, was.Outcome, is.Outcome, was, is)
			}
		}
	}
	for _, a := range []Action{AutoDeny, ManualReview, Flag, AutoApprove} {
		if seen[a] < 100 {
			t.Errorf("the dice show %s only %d times; the properties prove little", a, seen[a])
		}
	}
	if floors < 50 {
		t.Errorf("the floor was met only %d times", floors)
	}
}

// consistent holds the parts of one decision against each other.
func consistent(t *testing.T, seed uint64, r Rules, f Facts, d Decision) {
	t.Helper()
	bad := func(why string) { t.Fatalf("seed %d: %s: %+v", seed, why, d) }
	final := map[Action]string{AutoDeny: "rejected", ManualReview: "manual_review", Flag: "flagged", AutoApprove: "approved"}
	if d.FinalDecision == "" || d.FinalDecision != final[d.Outcome] {
		bad("the final decision is not that of the outcome")
	}
	best, flags := NoAction, 0
	for _, x := range d.Triggered {
		if x.Action.Rank() > best.Rank() {
			best = x.Action
		}
		if x.Action == Flag {
			flags++
		}
	}
	from := d.Outcome
	if d.Floor != nil {
		from = d.Floor.From
		if d.Outcome != ManualReview || !from.Approves() || len(d.Floor.Checks) == 0 {
			bad("a floor that lowers nothing")
		}
	}
	switch {
	case best != NoAction:
		if from != best || d.DefaultUsed || d.AutoApproveUsed {
			bad("the strongest triggered action did not win")
		}
		if !slices.ContainsFunc(d.Triggered, func(x Triggered) bool { return x.Rule == d.WinningRule && x.Action == best }) {
			bad("the winner was not triggered")
		}
	case d.DefaultUsed == d.AutoApproveUsed:
		bad("nobody or both decided")
	}
	if d.DefaultUsed && r.DefaultAction == Flag {
		flags++
	}
	if flags != len(d.Flags) {
		bad("flags and triggered rules differ")
	}
	if !d.Outcome.Approves() {
		return
	}
	for _, c := range f.Checks {
		if c.Required && c.Status != Passed && (c.Status != Failed || !slices.Contains(r.NamedChecks(), c.Name)) {
			bad("approved although " + c.Name + " is " + c.Status)
		}
	}
	for _, u := range d.Unjudged {
		if u.Holds {
			bad("approved although a rule could not be judged")
		}
	}
}

// A question nobody answered meets is_empty and no other operator.
func TestUnansweredMeetsOnlyIsEmpty(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"in": `["No"]`, "not_in": `["No"]`, "between": `[1,2]`, "before": `"2026-01-01"`, "after": `"2026-01-01"`,
		"is_empty": "", "is_not_empty": "", "is_true": "", "is_false": "",
		"greater_than": "1", "greater_or_equal": "1", "less_than": "1", "less_or_equal": "1", "age_below": "18", "age_at_least": "18",
	}
	for _, op := range field.Operators() {
		value, special := values[op]
		if !special {
			value = `"No"`
		}
		text := `{"field_id":"left_out","operator":"` + op + `","action":"auto_deny"`
		if value != "" {
			text += `,"value":` + value
		}
		d := must(t, `{"form_field_rules":[`+text+`}]}`).Evaluate(good())
		if (d.Outcome == AutoDeny) != (op == "is_empty") {
			t.Errorf("%s: %s", op, d.Outcome)
		}
	}
}
