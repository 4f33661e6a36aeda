package procedure

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// person is the individual of the examples; she is 62.
func individual() (*kyc.IndividualData, []kyc.EntityDocument) {
	p := &kyc.IndividualData{
		Name: kyc.PersonName{ID: "name-1", Given: "Jane", Family: "Doe"}, BirthDate: kyc.BirthDate{ID: "born-1", Normalized: "1963-05-01"}, Nationality: "AU", Gender: "FEMALE",
		Addresses: []kyc.PostalAddress{{ID: "birth", Type: "PLACE_OF_BIRTH", Country: "NZ"}, {ID: "home", Type: "RESIDENTIAL_ADDRESS", Street: "1 Main St", Locality: "Perth", Country: "AU"}},
		Emails:    []kyc.EmailAddress{{ID: "mail-1", Address: "jane@example.org"}},
	}
	passport := kyc.EntityDocument{Type: "PASSPORT", Class: kyc.DocIdentity, Country: "AU", Private: kyc.EntityDocumentData{PrimaryIdentifier: "123456789"}}
	passport.ID = "passport_123"
	return p, []kyc.EntityDocument{passport}
}

func judged(t *testing.T, steps, rest string, change func(f *Facts)) (*Definition, Verdict) {
	t.Helper()
	d := parsed(t, def(steps, rest))
	f := passing(d)
	p, docs := individual()
	f.Objects = Objects("person-1", p, docs)
	f.Established[KeyPerson] = PersonOf(p, docs)
	if change != nil {
		change(&f)
	}
	return d, Judge(d, f, at, ids())
}

func result(v Verdict, name string) string {
	for _, s := range v.Steps {
		if s.Name == name {
			return s.Result
		}
	}
	return "none"
}

// The process result that seed 002 prints.
func TestTheSeedsProcessResult(t *testing.T) {
	t.Parallel()
	_, v := judged(t, `{"type":"IDV","configuration":{"checks":["document_ocr"]}}`, "", func(f *Facts) {
		f.Extracted = map[string]any{"full_name": "John Doe", "first_name": "John", "last_name": "Doe", "document_number": "123456789", "document_type": "passport", "issuing_country": "AU"}
		f.Attempts = []Attempt{{Policy: "document_ocr", Attempt: 1, Status: "passed", Answer: kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Provider: "bonafide", RawHash: "h",
			StartedAt: at.Add(-time.Second), FinishedAt: at}}}
	})
	if len(v.Process) != 1 {
		t.Fatalf("%+v", v.Process)
	}
	p := v.Process[0]
	raw, err := json.Marshal(p.Private.Supplementary)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"matchData":{"familyName":"Doe","givenName":"John","name":"John Doe","nationalId":{"idNumber":"123456789","idType":"PASSPORT","issuingCountryCode":"AU"}},"type":"DOCUMENT"}`
	if p.StepName != "IDV" || p.StepType != "DOCUMENT_VERIFICATION" || p.ObjectType != "IDENTITY_DOCUMENT" || p.ObjectID != "passport_123" || p.Result != "MATCH" || p.Class != "KYC" ||
		p.Provider.Reference != "h" || p.Provider.Confidence == nil || p.SystemStatus != "VALID" || p.Manual != nil || len(p.Errors) != 0 || string(raw) != want {
		t.Errorf("%+v %s", p, raw)
	}
	if KindOf(&p) != KindIDV {
		t.Error("it is not judged as identity verification")
	}
	if s := v.Steps[1]; s.StartedAt != at.Add(-time.Second) || s.EndedAt != at || len(s.Providers) != 1 || s.ProcessResults[0] != p.ID {
		t.Errorf("%+v", s)
	}
}

// The sample of 5.7: an individual of 62 scores 2 + 10 = 12, LOW.
func TestTheVendorsRisk(t *testing.T) {
	t.Parallel()
	_, v := judged(t, `{"type":"VISA"}`, "", nil)
	if v.Risk.Score != 12 || v.Risk.Level != "LOW" || v.Risk.IsOutdated {
		t.Errorf("%+v", v.Risk)
	}
	for _, f := range v.Risk.Factors {
		if f.Factor == "entity_age" && (f.Value != "60-150" || f.Score != 10) {
			t.Errorf("%+v", f)
		}
	}
	_, v = judged(t, `{"type":"VISA"}`, `"riskModel":{"bands":{"medium":5,"high":6,"unacceptable":7},"factors":[{"factor":"nationality","scores":{"AUS":4},"otherwise":1},{"factor":"channel","scores":{"portal":2}},{"factor":"country_of_birth","otherwise":0.5}]}`,
		func(f *Facts) { f.Established[KeyChannel] = "Portal" })
	if v.Risk.Score != 6.5 || v.Risk.Level != "HIGH" || v.Result != Review {
		t.Errorf("%+v %s", v.Risk, v.Result)
	}
	hash := FactorsHash(v.Risk.Factors)
	override := func(hash string) string {
		_, v := judged(t, `{"type":"VISA"}`, `"riskModel":{"bands":{"medium":0,"high":0,"unacceptable":0},"factors":[{"factor":"nationality"}]}`, func(f *Facts) {
			f.Established[KeyRiskOverride] = map[string]any{"level": "LOW", "by": "x", "factors": hash}
		})
		return v.Result + " " + v.Risk.OverriddenLevel
	}
	if got := override(hash); got != "BLOCKED " {
		t.Errorf("an override for other factors: %s", got)
	}
	if got := override(FactorsHash([]kyc.RiskFactor{{Factor: "nationality", Value: "AU"}})); got != "PASS LOW" {
		t.Errorf("an override for these factors: %s", got)
	}
	for born, want := range map[string]float64{"1963-03-14": 63, "1963-03-15": 62, "1963-05": 62, "1963": 62, "2026-03-14": 0} {
		if age, ok := ageOn(born, at); !ok || age != want {
			t.Errorf("%s: %v %v", born, age, ok)
		}
	}
	for _, born := range []string{"", "2027-01-01", "sixty", "1963-13-01"} {
		if _, ok := ageOn(born, at); ok {
			t.Errorf("%q has an age", born)
		}
	}
}

func TestElectronicVerification(t *testing.T) {
	t.Parallel()
	sources := []any{
		map[string]any{"name": "register", "answered": true, "matches": map[string]any{"name": true, "address": true, "date_of_birth": false}, "reference": "r1"},
		map[string]any{"name": "bureau", "answered": true, "matches": map[string]any{"name": true, "date_of_birth": true}},
		map[string]any{"name": "gone", "answered": false, "matches": map[string]any{"name": true}},
	}
	_, v := judged(t, `{"type":"KYC"}`, "", func(f *Facts) {
		f.Checks["kyc_verification"] = kyc.CheckFact{Status: "passed", Details: map[string]any{"sources": sources}}
	})
	var got []string
	for _, p := range v.Process {
		got = append(got, fmt.Sprintf("%s %s %s %s %s", p.Provider.Name, p.ObjectType, p.ObjectID, p.Result, p.Private.Supplementary["type"]))
	}
	want := []string{"register NAME name-1 MATCH KYC_NAME", "register ADDRESS home MATCH KYC_ADDRESS", "register DATE_OF_BIRTH born-1 NO_MATCH KYC_DOB",
		"bureau NAME name-1 MATCH KYC_NAME", "bureau DATE_OF_BIRTH born-1 MATCH KYC_DOB"}
	if !slices.Equal(got, want) || v.Result != Pass || result(v, "KYC") != StepMatch {
		t.Errorf("%s %s\n%s", v.Result, result(v, "KYC"), strings.Join(got, "\n"))
	}
	rule, _ := v.Steps[1].Summary["matchedRules"].([]any)[0].(map[string]any)
	match, _ := rule["ruleMatches"].([]any)[0].(map[string]any)
	types, _ := match["matchTypes"].(map[string]any)
	dob, _ := types["dob"].(map[string]any)
	if rule["ruleName"] != "default" || match["matchCount"] != 2 || match["isVerified"] != true || dob["matchCount"] != 1 || dob["objectId"] != "born-1" || len(dob["nonMatchSources"].([]any)) != 1 {
		t.Errorf("%+v", v.Steps[1].Summary)
	}
	for status, want := range map[string]string{"review": "PARTIAL REVIEW PARTIAL", "failed": "NO_MATCH FAIL NOT_FOUND", "error": "ERROR BLOCKED SERVICE_ERROR"} {
		_, v := judged(t, `{"type":"KYC"}`, "", func(f *Facts) { f.Checks["kyc_verification"] = kyc.CheckFact{Status: status} })
		if got := result(v, "KYC") + " " + v.Result + " " + v.Issues[0].Issue; got != want {
			t.Errorf("%s: %s, want %s", status, got, want)
		}
	}
}

func TestManualKYC(t *testing.T) {
	t.Parallel()
	manual := func(f *Facts) {
		f.Checks["kyc_verification"] = kyc.CheckFact{Status: "passed", Details: map[string]any{"manual": true}}
		f.Established[KeyManualKYC] = ManualKYC{ProcessResultID: "mkyc-1", Combination: OnePhotographic, ApprovedAt: at}
	}
	_, v := judged(t, `{"type":"KYC"},{"type":"VISA"}`, "", manual)
	p := v.Process[0]
	if !v.Manual || v.Result != Pass || result(v, "KYC") != StepPass || p.Result != "MANUAL" || p.Class != "KYC" || p.Provider.Reference != "mkyc-1" || v.Steps[1].Summary["isManual"] != true || KindOf(&p) != "" {
		t.Errorf("%+v %+v", v, p)
	}
	_, v = judged(t, `{"type":"KYC"}`, "", func(f *Facts) { manual(f); f.Checks["kyc_verification"] = kyc.CheckFact{Status: "error"} })
	if v.Manual || v.Result != Blocked {
		t.Errorf("a check that broke passes by hand: %+v", v)
	}
}

// Hits that a person judged keep their word, with who said it, while the entry
// is the same; what the machine put into Established is compared by key alone.
func TestHitsThatWereJudgedBefore(t *testing.T) {
	t.Parallel()
	hits := []kyc.Hit{{List: "ofac_sdn", EntryID: "7", Type: "sanction", Name: "J DOE", Score: 0.91234}, {List: "pep_au", EntryID: "9", Type: "pep", Name: "JANE DOE", Score: 0.8}}
	run := func(phase string, cleared ...ClearedHit) Verdict {
		_, v := judged(t, `{"type":"AML","configuration":{"pep":false}}`, `"lifecyclePhase":"`+phase+`"`, func(f *Facts) {
			f.Checks["watchlist_screening"] = kyc.CheckFact{Status: "failed", Hits: hits, Details: map[string]any{"hit_count": 2}}
			f.Established[KeyClearedHits] = cleared
			f.Digests = map[string]string{"ofac_sdn|7": "digest-7"}
		})
		return v
	}
	word := func(hit, status string) ClearedHit {
		return ClearedHit{Hit: hit, Status: status, Digest: "digest-7", ProcessResultID: "old-1", By: "ann", At: at.Add(-time.Hour)}
	}
	v := run("ONBOARDING")
	if v.Result != Review || result(v, "AML") != StepHit || v.Process[0].Digest != "digest-7" || v.Process[0].Manual != nil || *v.Process[0].Provider.Confidence != 91.23 {
		t.Errorf("%s %+v", v.Result, v.Process)
	}
	v = run("ONBOARDING", word("ofac_sdn|7", FalsePositive))
	if v.Result != Review || v.Process[0].ManualWord() != FalsePositive || v.Process[0].CarriedFrom != "old-1" || v.Process[0].Manual.By != "ann" || v.Process[1].Manual != nil {
		t.Errorf("%s %+v", v.Result, v.Process)
	}
	for _, i := range v.Issues {
		if i.IsCleared != (i.Issue == "SANCTION") {
			t.Errorf("%+v", i)
		}
	}
	for name, c := range map[string]struct {
		first, second string
		want          string // step, result, result in monitoring
	}{
		"both are others":     {FalsePositive, FalsePositive, "CLEARED PASS CLEAR"},
		"one is accepted":     {FalsePositive, TruePositiveAccept, "HIT_ACCEPTED PASS CLEAR"},
		"one is unknown":      {FalsePositive, UnknownAccept, "HIT_ACCEPTED PASS CLEAR"},
		"one is refused":      {FalsePositive, TruePositiveReject, "HIT_REJECTED FAIL MONITOR"},
		"refused, one open":   {UnknownReject, Unknown, "HIT FAIL URGENT"},
		"one is only classed": {TruePositive, FalsePositive, "HIT REVIEW URGENT"},
		"none is resolved":    {Unknown, TruePositive, "HIT REVIEW URGENT"},
	} {
		a := run("ONBOARDING", word("ofac_sdn|7", c.first), word("pep_au|9", c.second))
		b := run("MONITORING", word("ofac_sdn|7", c.first), word("pep_au|9", c.second))
		if name == "refused, one open" { // the sanction is settled, so nothing is urgent but the risk
			c.want = "HIT FAIL " + b.Result
		}
		if got := result(a, "AML") + " " + a.Result + " " + b.Result; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if v := run("MONITORING", word("ofac_sdn|7", FalsePositive)); v.Result != Monitor {
		t.Errorf("an open entry of no sanctions list: %s", v.Result)
	}
}

// Two checks that found the same entry say it once; hits that were not kept say
// so.
func TestHitsAreCountedOnce(t *testing.T) {
	t.Parallel()
	_, v := judged(t, `{"type":"AML"}`, "", func(f *Facts) {
		f.Checks["watchlist_screening"] = kyc.CheckFact{Status: "failed", Hits: []kyc.Hit{{List: "ofac_sdn", EntryID: "s-1", Type: "sanction", Name: "X"}}}
		f.Checks["aml_pep"] = kyc.CheckFact{Status: "failed", Hits: []kyc.Hit{{List: "sandbox_sanction", EntryID: "s-1", Type: "sanction", Name: "X"}}}
	})
	if len(v.Process) != 1 || count(v.Steps[1].Summary, "totalHits") != 1 {
		t.Errorf("%+v", v.Process)
	}
	_, v = judged(t, `{"type":"AML"}`, "", func(f *Facts) {
		f.Checks["watchlist_screening"] = kyc.CheckFact{Status: "failed", Hits: []kyc.Hit{{List: "un", EntryID: "1", Name: "X"}}, Details: map[string]any{"hit_count": json.Number("14")}}
		f.Established[KeyClearedHits] = []any{map[string]any{"hit": "un|1", "status": FalsePositive}, map[string]any{"hit": "", "status": FalsePositive}}
	})
	if v.Result != Review || count(v.Steps[1].Summary, "unresolved") != 1 || count(v.Steps[1].Summary, "unresolvedSanction") != 1 {
		t.Errorf("%s %+v", v.Result, v.Steps[1].Summary)
	}
	_, v = judged(t, `{"type":"DUPLICATE"}`, "", func(f *Facts) {
		f.Checks["duplicate_detection"] = kyc.CheckFact{Status: "failed", Details: map[string]any{"entities": []any{map[string]any{"entity_id": "e-2", "traits": []any{"email"}}}, "entity_count": 3.0}}
		f.Established[KeyClearedHits] = []any{map[string]any{"hit": "duplicate|e-2", "status": FalsePositive}}
	})
	if v.Result != Review || v.Process[0].ObjectID != "e-2" || v.Process[0].Class != "DUPLICATE" || len(v.Process) != 2 {
		t.Errorf("%s %+v", v.Result, v.Process)
	}
}

func TestMatchlists(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{"BLOCK": "HIT BLOCKED BLOCKED URGENT", "ALERT": "HIT REVIEW INTERNAL_MATCH MONITOR", "REVIEW": "HIT REVIEW INTERNAL_MATCH MONITOR", "ALLOW": "CLEAR PASS  CLEAR", "NONE": "CLEAR PASS  CLEAR"} {
		run := func(phase string) Verdict {
			_, v := judged(t, `{"type":"MATCHLIST"}`, `"lifecyclePhase":"`+phase+`"`, func(f *Facts) {
				status := map[string]string{"BLOCK": "failed", "ALERT": "review", "REVIEW": "review"}[action]
				if status == "" {
					status = "passed"
				}
				f.Checks["matchlist_screening"] = kyc.CheckFact{Status: status, Details: map[string]any{"hits": []any{map[string]any{"list": "l", "entry": "e", "action": action, "confidence": 0.93, "reasons": []any{"R1"}}}}}
			})
			return v
		}
		v, issue := run("ONBOARDING"), ""
		if len(v.Issues) > 0 {
			issue = v.Issues[0].Issue
		}
		if got := result(v, "MATCHLIST") + " " + v.Result + " " + issue + " " + run("MONITORING").Result; got != want || len(v.Process) != 1 || KindOf(&v.Process[0]) != KindMatchlist {
			t.Errorf("%s: %s, want %s", action, got, want)
		}
	}
}

func TestOutcomesDecideWhatRuns(t *testing.T) {
	t.Parallel()
	steps := `{"type":"KYC"},{"type":"IDV","dependsOn":{"FAILED":["KYC"],"REVIEW":["KYC"]}},{"type":"VISA","dependsOn":["IDV"]}`
	_, v := judged(t, steps, "", func(f *Facts) {
		for _, p := range []string{"document_ocr", "document_expiration", "visa_check"} {
			delete(f.Checks, p)
		}
	})
	if v.Result != Pass || result(v, "IDV") != StepSkipped || result(v, "VISA") != StepSkipped {
		t.Errorf("%s %+v", v.Result, v.Steps)
	}
	// KYC asks for a person, so documents were due; without their answer nothing passes.
	_, v = judged(t, steps, "", func(f *Facts) {
		f.Checks["kyc_verification"] = kyc.CheckFact{Status: "review"}
		delete(f.Checks, "document_ocr")
		delete(f.Checks, "document_expiration")
	})
	if v.State != StateError || v.Result != Blocked || v.Errors[0].Code != "step_not_run" {
		t.Errorf("%+v", v)
	}
}

func TestMonitoringIsSwitchedByTheDecision(t *testing.T) {
	t.Parallel()
	steps := `{"type":"VISA"},{"type":"DECISION"},{"name":"ON","type":"MONITOR_TOGGLE","dependsOn":{"PASS":["DECISION"]},"configuration":{"monitoringTypes":["AML"]}},
		{"name":"OFF","type":"MONITOR_TOGGLE","dependsOn":{"FAIL":["DECISION"]},"configuration":{"enabled":false}},{"name":"ANYWAY","type":"MONITOR_TOGGLE"}`
	for status, want := range map[string]string{"passed": "ANYWAY:true:AML,ACTIVITY ON:true:AML", "failed": "ANYWAY:true:AML,ACTIVITY OFF:false:AML,ACTIVITY", "error": ""} {
		_, v := judged(t, steps, "", func(f *Facts) { f.Checks["visa_check"] = kyc.CheckFact{Status: status} })
		var got []string
		for _, x := range v.Toggles {
			got = append(got, fmt.Sprintf("%s:%v:%s", x.Step, x.Enabled, strings.Join(x.Types, ",")))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", status, got, want)
		}
	}
}

// What the organisation demands is judged although no step asks it, and in
// spite of a step that is not required.
func TestMandatoryChecks(t *testing.T) {
	t.Parallel()
	_, v := judged(t, `{"type":"VISA"}`, "", func(f *Facts) {
		f.Mandatory = []string{"watchlist_screening"}
		f.Checks["watchlist_screening"] = kyc.CheckFact{Status: "failed", Hits: []kyc.Hit{{List: "un", EntryID: "1", Name: "X"}}}
	})
	if v.Result != Review || result(v, "MANDATORY_SCREENING") != StepHit {
		t.Errorf("%+v", v)
	}
	_, v = judged(t, `{"type":"VISA"},{"type":"AML","configuration":{"required":false}}`, "", func(f *Facts) {
		f.Checks[PolicyDecision] = kyc.CheckFact{Details: map[string]any{"mandatory": []any{"watchlist_screening"}}} // as it was recorded
		f.Checks["watchlist_screening"] = kyc.CheckFact{Status: "error"}
	})
	if v.State != StateError || v.Result != Blocked {
		t.Errorf("%+v", v)
	}
}

func TestLacks(t *testing.T) {
	t.Parallel()
	d := parsed(t, def(`{"type":"KYC"},{"type":"IDV"},{"type":"FRAUD"}`, ""))
	paths := func(list []kyc.Problem) string {
		var out []string
		for _, p := range list {
			if p.Code != "data_missing" {
				t.Errorf("%+v", p)
			}
			out = append(out, p.Path)
		}
		return strings.Join(out, " ")
	}
	if got := paths(d.Lacks(&kyc.IndividualData{}, nil)); got != "/individual/name /individual/emailAddresses" {
		t.Error(got)
	}
	if got := paths(d.Lacks(&kyc.IndividualData{}, nil, Standing{})); got != "/individual/name /individual/addresses /individual/documents /individual/emailAddresses" {
		t.Error(got)
	}
	if got := paths(d.Lacks(&kyc.IndividualData{}, nil, Standing{Manual: true, Simulated: true})); got != "/individual/name /individual/emailAddresses" {
		t.Error(got)
	}
	p, docs := individual()
	docs[0].Attachments = []kyc.EntityAttachment{{Status: "NORMAL"}}
	if got := paths(d.Lacks(p, docs, Standing{})); got != "" {
		t.Error(got)
	}
}
