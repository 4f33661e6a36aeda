package procedure

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestEveryProblemIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	raw := json.RawMessage(`{"serviceName":"a/b","type":7,"lifecyclePhase":"LATER","monitoringTypes":["AML","WEATHER"],"surprise":1,
		"steps":[
			{"name":"kyc","type":"KYC","configuration":{"sources":[{"name":"","url":"ftp://x","signingSecret":""}],"rules":[]}},
			{"type":"AML","configuration":{"pep":"yes","threshold":2,"media":true}},
			{"name":"AML_2","type":"AML"},
			{"type":"SOOTHSAYER"},
			{"type":"VISA","dependsOn":["NOWHERE"]},
			{"type":"START"},{"name":"BEGIN","type":"START"}],
		"riskModel":{"bands":{"medium":90},"factors":[{"factor":"shoe_size"},{"factor":"country","scores":{"ZZZ":5}}]},
		"decision":{"mustPass":["KYC"]}}`)
	_, report := Parse(raw, ParseOptions{})
	got := map[string]bool{}
	for _, p := range report.Errors {
		got[p.Path+" "+p.Code] = true
	}
	for _, want := range []string{
		"/serviceName name_invalid", "/workflowName name_required", "/type wrong_type", "/lifecyclePhase lifecycle_phase_invalid",
		"/monitoringTypes/1 monitoring_type_invalid", "/surprise unknown_field", "/steps/0/name name_invalid",
		"/steps/0/configuration/sources/0/name source_name_required", "/steps/0/configuration/sources/0/url url_invalid",
		"/steps/0/configuration/sources/0/signingSecret signing_secret_required", "/steps/0/configuration/rules rules_required",
		"/steps/1/configuration/pep wrong_type", "/steps/1/configuration/threshold out_of_range", "/steps/1/configuration/media unknown_field",
		"/steps/2 duplicate_check", "/steps/3/type unknown_step_type", "/steps/4/dependsOn unknown_step", "/steps/6/type step_type_repeated",
		"/riskModel/bands bands_invalid", "/riskModel/factors/0/factor unknown_factor", "/riskModel/factors/1/scores/ZZZ country_invalid",
		"/decision/mustPass/0 must_pass_invalid",
	} {
		if !got[want] {
			t.Errorf("%s is not reported", want)
		}
	}
	if t.Failed() {
		t.Log(report.Errors)
	}
	if !slices.IsSortedFunc(report.Errors, func(a, b problem) int { return comparePointers(a.Path, b.Path) }) {
		t.Error("the problems are out of order")
	}
}

func TestWhatADefinitionMayNotSay(t *testing.T) {
	t.Parallel()
	branch := func(conditions string) string {
		return `{"type":"IDV"},{"type":"BRANCH","name":"B","configuration":{"branches":[{"name":"X","conditions":[` + conditions + `]}]}},{"type":"VISA","dependsOn":{"X":["B"]}}`
	}
	for name, c := range map[string]struct{ steps, rest, want string }{
		"no steps":                 {``, ``, "/steps steps_required"},
		"nothing is checked":       {`{"type":"MONITOR_TOGGLE"}`, ``, "/steps checks_required"},
		"a circle":                 {`{"type":"KYC","dependsOn":["AML"]},{"type":"AML","dependsOn":["KYC"]}`, ``, "/steps/0/dependsOn cycle"},
		"itself":                   {`{"type":"KYC","dependsOn":["KYC"]}`, ``, "/steps/0/dependsOn cycle"},
		"before the start":         {`{"type":"KYC"},{"type":"START","dependsOn":["KYC"]}`, ``, "/steps/1/dependsOn cycle"},
		"after the finish":         {`{"type":"FINISH"},{"type":"KYC","dependsOn":["FINISH"]}`, ``, "/steps/1/dependsOn cycle"},
		"after the decision":       {`{"type":"DECISION"},{"type":"KYC","dependsOn":["DECISION"]}`, ``, "/steps/1/dependsOn after_decision"},
		"after it, by a detour":    {`{"type":"DECISION"},{"type":"MONITOR_TOGGLE","dependsOn":["DECISION"]},{"type":"KYC","dependsOn":["MONITOR_TOGGLE"]}`, ``, "/steps/2/dependsOn after_decision"},
		"a conditional decision":   {`{"type":"KYC"},{"type":"DECISION","dependsOn":{"PASSED":["KYC"]}}`, ``, "/steps/1/dependsOn condition_not_allowed"},
		"a toggle in a branch":     {branch(`{"field":"session.country","operator":"==","value":"NL"}`) + `,{"type":"MONITOR_TOGGLE","dependsOn":{"X":["B"]}}`, ``, "/steps/3/dependsOn condition_not_allowed"},
		"an unknown branch":        {branch(`{"field":"session.country","operator":"==","value":"NL"}`) + `,{"type":"KYC","dependsOn":{"Y":["B"]}}`, ``, "/steps/3/dependsOn unknown_condition"},
		"an unknown outcome":       {`{"type":"KYC"},{"type":"AML","dependsOn":{"WON":["KYC"]}}`, ``, "/steps/1/dependsOn unknown_condition"},
		"an outcome of nothing":    {`{"type":"KYC"},{"type":"AML","dependsOn":{"PASSED":["START"]}},{"type":"START"}`, ``, "/steps/1/dependsOn unknown_condition"},
		"both lists":               {`{"type":"MATCHLIST"},{"type":"BLOCKLIST"}`, ``, "/steps/1 duplicate_check"},
		"two of a name":            {`{"type":"KYC","name":"A"},{"type":"AML","name":"A"}`, ``, "/steps/1/name duplicate_step"},
		"a later answer":           {`{"type":"BRANCH","name":"B","configuration":{"branches":[{"name":"X","conditions":[{"field":"checks.visa_check.status","operator":"==","value":"passed"}]}]}},{"type":"VISA","dependsOn":["B"]}`, ``, "/steps/0/configuration/branches/0/conditions/0/field field_not_earlier"},
		"a field of nothing":       {branch(`{"field":"weather.today","operator":"==","value":1}`), ``, "/steps/1/configuration/branches/0/conditions/0/field field_unknown"},
		"an operator of nothing":   {branch(`{"field":"session.country","operator":"~","value":1}`), ``, "/steps/1/configuration/branches/0/conditions/0/operator operator_unknown"},
		"in without a list":        {branch(`{"field":"session.country","operator":"in","value":"NL"}`), ``, "/steps/1/configuration/branches/0/conditions/0/value value_type"},
		"nothing to compare":       {branch(`{"field":"session.country","operator":"=="}`), ``, "/steps/1/configuration/branches/0/conditions/0/value value_missing"},
		"no documents":             {`{"type":"KYC","configuration":{"useDocuments":true}}`, ``, "/steps/0/configuration/useDocuments documents_not_read"},
		"a secret without address": {`{"type":"VISA","configuration":{"signingSecret":"x"}}`, ``, "/steps/0/configuration/url url_required"},
		"an address alone":         {`{"type":"VISA","configuration":{"url":"https://x.example"}}`, ``, "/steps/0/configuration/signingSecret signing_secret_required"},
		"an own check of nobody":   {`{"type":"OTHER"}`, ``, "/steps/0/configuration/url url_invalid"},
		"nothing to ask":           {`{"type":"IDV","configuration":{"checks":[]}}`, ``, "/steps/0/configuration/checks choice_required"},
		"the documents' name":      {`{"type":"KYC","configuration":{"sources":[{"name":"documents","url":"https://x.example","signingSecret":"s"}]}}`, ``, "/steps/0/configuration/sources/0/name source_name_reserved"},
		"a source of nobody":       {`{"type":"KYC","configuration":{"rules":[{"matches":["name"],"requiredSources":["x"]}]}}`, ``, "/steps/0/configuration/rules/0/requiredSources/0 unknown_source"},
		"a match of nothing":       {`{"type":"KYC","configuration":{"rules":[{"matches":["shoes"]}]}}`, ``, "/steps/0/configuration/rules/0/matches/0 match_invalid"},
		"a factor twice":           {`{"type":"AML"}`, `"riskModel":{"factors":[{"factor":"pep"},{"factor":"pep"}]}`, "/riskModel/factors/1/factor duplicate_factor"},
		"scores of a number":       {`{"type":"AML"}`, `"riskModel":{"factors":[{"factor":"entity_age","scores":{"1":1}}]}`, "/riskModel/factors/0/scores scores_unfit"},
		"ranges of a word":         {`{"type":"AML"}`, `"riskModel":{"factors":[{"factor":"channel","ranges":[{"from":1}]}]}`, "/riskModel/factors/0/ranges ranges_unfit"},
		"a hit that says yes":      {`{"type":"AML"}`, `"riskModel":{"factors":[{"factor":"pep","scores":{"yes":1}}]}`, "/riskModel/factors/0/scores/yes value_invalid"},
		"no monitoring":            {`{"type":"AML"}`, `"monitoringTypes":[]`, "/monitoringTypes monitoring_type_invalid"},
		"a name twice":             {`{"type":"AML","type":"KYC"}`, ``, "/steps/0/type duplicate_key"},
		"steps that are none":      {`3`, ``, "/steps/0 wrong_type"},
		"51 steps":                 {strings.Repeat(`{"type":"BRANCH"},`, 50) + `{"type":"AML"}`, ``, "/steps too_many"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, report := Parse(def(c.steps, c.rest), ParseOptions{})
			if !slices.ContainsFunc(report.Errors, func(p problem) bool { return p.Path+" "+p.Code == c.want }) || d != nil {
				t.Errorf("want %s, got %v", c.want, report.Errors)
			}
		})
	}
	if _, report := Parse(json.RawMessage(`{"serviceName":`), ParseOptions{}); !hasCode(report.Errors, "", "malformed_json") {
		t.Errorf("%v", report.Errors)
	}
	if _, report := Parse(bytes.Repeat([]byte(" "), MaxBytes+1), ParseOptions{}); !hasCode(report.Errors, "", "too_large") {
		t.Errorf("%v", report.Errors)
	}
	if _, report := Parse(def(`{"type":"KYC","dependsOn":["AML"]},{"type":"AML","dependsOn":["VISA"]},{"type":"VISA","dependsOn":["KYC"]}`, ""), ParseOptions{}); len(report.Errors) != 1 || len(report.Errors[0].Nodes) != 3 {
		t.Errorf("a circle of three: %+v", report.Errors)
	}
}

func TestLeniencyConcernsUnknownFieldsOnly(t *testing.T) {
	t.Parallel()
	raw := def(`{"type":"AML","colour":"red"}`, `"owner":"me"`)
	if _, report := Parse(raw, ParseOptions{}); len(report.Errors) != 2 {
		t.Errorf("%v", report.Errors)
	}
	d, report := Parse(raw, ParseOptions{Lenient: true})
	if d == nil || len(report.Errors) != 0 || len(report.Warnings) != 2 || !hasCode(report.Warnings, "/steps/0/colour", "unknown_field") {
		t.Errorf("%v %v", report.Errors, report.Warnings)
	}
	if strings.Contains(string(d.Canonical()), "colour") {
		t.Error("what nobody understands is kept")
	}
	if _, report := Parse(def(`{"type":"AMLL"}`, ""), ParseOptions{Lenient: true}); len(report.Errors) == 0 {
		t.Error("a typo in a type passes")
	}
}

func TestDefaultsAreWrittenOut(t *testing.T) {
	t.Parallel()
	d := parsed(t, def(`{"type":"aml"},{"name":"SWITCH","type":"TOGGLE_MONITORING"}`, ""))
	var names []string
	for _, s := range d.Steps {
		names = append(names, s.Name+":"+s.Type)
	}
	if got := strings.Join(names, " "); got != "START:START AML:AML SWITCH:MONITOR_TOGGLE DECISION:DECISION FINISH:FINISH" {
		t.Error(got)
	}
	if d.LifecyclePhase != "OTHER" || !slices.Equal(d.MonitoringTypes, []string{"AML", "ACTIVITY"}) || !slices.Equal(d.Decision.MustPass, []string{"AML"}) ||
		!on(d.Step("AML").Configuration.PEP) || on(d.Step("AML").Configuration.AdverseMedia) || !d.Step("AML").Required() || d.Steps[0].Version != 1 {
		t.Errorf("%s", d.Canonical())
	}
	optional := parsed(t, def(`{"type":"AML"},{"type":"VISA","configuration":{"required":false}}`, ""))
	if !slices.Equal(optional.Decision.MustPass, []string{"AML"}) {
		t.Errorf("what is not required must pass: %v", optional.Decision.MustPass)
	}
	if same := parsed(t, d.Canonical()); !reflect.DeepEqual(d, same) || d.Hash() != same.Hash() || !strings.HasPrefix(d.Hash(), "sha256:") {
		t.Error("the canonical form reads otherwise")
	}
	if other := parsed(t, def(`{"type":"AML","configuration":{"pep":false}}`, "")); other.Hash() == d.Hash() {
		t.Error("two workflows have one hash")
	}
	taken := parsed(t, def(`{"name":"START","type":"AML"}`, ""))
	if taken.Steps[0].Name != "START_STEP" || taken.Steps[0].Type != TypeStart {
		t.Errorf("%s", taken.Canonical())
	}
}

func TestReadRefusesWhatIsNoDefinition(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{``, `null`, `[]`, `{}`, `{"serviceName":"x"}`} {
		if d, err := Read(json.RawMessage(raw)); err == nil || d != nil {
			t.Errorf("%q is read", raw)
		}
	}
}

// FuzzParse feeds definitions that are none. Parsing never panics, a definition
// without errors reads back from its canonical form, compiles to a graph that is
// JSON, and is judged without any facts as what it is: nothing was checked.
func FuzzParse(f *testing.F) {
	for _, s := range []string{string(def(five, "")), string(def(`{"type":"AML"}`, `"riskModel":{"factors":[{"factor":"country","scores":{"AUS":1}}]}`)), `{}`, `[]`, `{"steps":[{"dependsOn":{"A":["B"]}}]}`,
		string(def(`{"type":"BRANCH","configuration":{"branches":[{"name":"X","conditions":[{"field":"session.country","operator":"==","value":"NL"}]}]}},{"type":"KYC","dependsOn":{"X":["BRANCH"]}}`, ""))} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, raw []byte, lenient bool) {
		d, report := Parse(raw, ParseOptions{Lenient: lenient})
		if (d == nil) != (report.Err() != nil) {
			t.Fatalf("%v beside %v", d, report)
		}
		if d == nil {
			return
		}
		again, err := Read(d.Canonical())
		if err != nil || !reflect.DeepEqual(d, again) {
			t.Fatalf("%s reads back as %v, %v", d.Canonical(), again, err)
		}
		if !json.Valid(Compile(d, CompileOptions{Mandatory: []string{"watchlist_screening"}})) {
			t.Fatal("the graph is no JSON")
		}
		if v := Judge(d, Facts{}, at, ids()); v.Result == Pass || v.Result == Clear {
			t.Fatalf("without any facts it is %s", v.Result)
		}
	})
}
