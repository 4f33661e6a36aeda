package procedure_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/check"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/procedure"
)

var at = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

func parsed(t testing.TB, raw string) *procedure.Definition {
	t.Helper()
	d, report := procedure.Parse(json.RawMessage(raw), procedure.ParseOptions{})
	if err := report.Err(); err != nil {
		t.Fatalf("parsing %s: %v", raw, err)
	}
	return d
}

// linked compiles a definition against the real menu of checks.
func linked(t testing.TB, d *procedure.Definition, mandatory []string) *flow.Compiled {
	t.Helper()
	graph := procedure.Compile(d, procedure.CompileOptions{Mandatory: mandatory})
	c, report := flow.Compile(graph, flow.Options{Catalog: kitchen().catalog, Mandatory: mandatory, Schemas: kitchen().schemas})
	if err := report.Err(); err != nil {
		t.Fatalf("the graph of %s does not compile: %v\n%s", d.Canonical(), err, graph)
	}
	for id := range c.Nodes {
		if strings.HasPrefix(id, "_locked_") {
			t.Fatalf("a mandatory check of %s was locked in after the decision: %s\n%s", d.Canonical(), id, graph)
		}
	}
	return c
}

// walk goes through a graph as the engine does, answering each check with a
// status, and gives the terminal and the facts.
func walk(t testing.TB, c *flow.Compiled, session map[string]any, status func(policy string) string) (*flow.Node, map[string]kyc.CheckFact, []string) {
	t.Helper()
	facts := map[string]any{"session": session, "checks": map[string]any{}, "vars": map[string]any{}, "extracted": map[string]any{}}
	checks, asked := map[string]kyc.CheckFact{}, []string{}
	menu := kitchen().menu
	for id := c.Entry; ; {
		n := c.Nodes[id]
		if n == nil {
			t.Fatalf("the walk leads to %q, which is nowhere", id)
		}
		switch n.Type {
		case flow.TypeStart:
			id = n.Next
		case flow.TypeSet:
			facts["vars"], id = flow.Assigned(n, facts), n.Next
		case flow.TypeConditional:
			id, _ = flow.FirstRoute(n, facts)
		case flow.TypeTerminal:
			return n, checks, asked
		case flow.TypePolicy:
			var s string
			var details map[string]any
			if n.Policy == procedure.PolicyDecision {
				a := menu.Run(t.Context(), kyc.CheckRequest{Tenant: kyc.Tenant{Org: "o", Env: kyc.Live}, Policy: n.Policy, Config: n.Config, Checks: checks, Now: at})
				s = map[kyc.Verdict]string{kyc.Pass: "passed", kyc.Fail: "failed", kyc.VerdictReview: "review"}[a.Verdict]
				if details = a.Details; s == "" {
					t.Fatalf("the decision broke: %+v", a)
				}
			} else {
				if s = status(n.Policy); slices.Contains(asked, n.Policy) {
					t.Fatalf("%s is asked twice", n.Policy)
				}
				asked = append(asked, n.Policy)
			}
			checks[n.Policy] = kyc.CheckFact{Status: s, Details: details}
			facts["checks"].(map[string]any)[n.Policy] = map[string]any{"status": s}
			id = map[string]string{"passed": n.OnPass, "failed": n.OnFail, "review": n.OnReview, "skipped": n.OnSkip, "error": n.OnError}[s]
		default:
			t.Fatalf("a node of type %s", n.Type)
		}
	}
}

// kitchen is the real menu of checks; its schemas are compiled once.
var kitchen = sync.OnceValue(func() (k struct {
	menu    *check.Menu
	catalog map[string]kyc.CheckSpec
	schemas *flow.Schemas
}) {
	m, err := check.New(kyc.ClockFunc(func() time.Time { return at }), check.All(check.Deps{}), check.NewSimulator())
	if err != nil {
		panic(err)
	}
	k.menu, k.catalog, k.schemas = m, check.Catalog(), &flow.Schemas{}
	return k
})

const head = `{"serviceName":"Retail","workflowName":"Onboard","steps":[`

func TestTheChainOfChecks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps     string
		mandatory []string
		want      string
	}{
		"AML":               {`{"type":"AML"}`, []string{"watchlist_screening"}, "aml_pep watchlist_screening"},
		"AML, all":          {`{"type":"AML","configuration":{"adverseMedia":true}}`, nil, "watchlist_screening aml_pep adverse_media"},
		"AML, lists only":   {`{"type":"AML","configuration":{"pep":false}}`, nil, "watchlist_screening"},
		"demanded":          {`{"type":"KYC"}`, []string{"watchlist_screening", "ip_risk"}, "kyc_verification watchlist_screening ip_risk"},
		"IDV":               {`{"type":"IDV"}`, nil, "document_ocr document_expiration"},
		"IDV, all":          {`{"type":"IDV","configuration":{"checks":["liveness","face_match","document_ocr","document_expiration"]}}`, nil, "document_ocr document_expiration face_match liveness"},
		"own and block":     {`{"type":"MATCHLIST"}`, nil, "matchlist_screening"},
		"block":             {`{"type":"BLOCKLIST"},{"type":"DUPLICATE"}`, nil, "matchlist_screening duplicate_detection"},
		"others":            {`{"type":"VISA"},{"type":"ACTIVITY"},{"type":"NAME_VALIDATION"}`, nil, "visa_check activity_check name_validation"},
		"own server":        {`{"type":"OTHER","name":"OURS","configuration":{"url":"https://customer.example/x","signingSecret":"webhook_1"}}`, nil, "http"},
		"fraud":             {`{"type":"FRAUD"}`, nil, "email_risk phone_risk risk_assessment"},
		"order by need":     {`{"type":"KYC","dependsOn":["AML"]},{"type":"AML","configuration":{"pep":false}}`, nil, "watchlist_screening kyc_verification"},
		"documents first":   {`{"type":"KYC","configuration":{"useDocuments":true}},{"type":"IDV"}`, nil, "document_ocr document_expiration kyc_verification"},
		"start and the end": {`{"type":"FINISH"},{"type":"DECISION"},{"type":"VISA"},{"type":"START"}`, nil, "visa_check"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := linked(t, parsed(t, head+c.steps+`]}`), c.mandatory)
			end, _, asked := walk(t, g, nil, func(string) string { return "passed" })
			if got := strings.Join(asked, " "); got != c.want || end.Outcome != kyc.Approved {
				t.Errorf("got %s (%s), want %s", got, end.Outcome, c.want)
			}
		})
	}
}

// A walk in which a mandatory check gave no answer asks everything all the same
// and ends with a person.
func TestAMandatoryCheckWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	d := parsed(t, head+`{"type":"AML","configuration":{"required":false}},{"type":"KYC"},{"type":"DUPLICATE"}]}`)
	g := linked(t, d, []string{"watchlist_screening", "duplicate_detection"})
	for _, broken := range []string{"watchlist_screening", "duplicate_detection"} {
		for _, s := range []string{"error", "skipped"} {
			end, checks, asked := walk(t, g, nil, func(p string) string {
				if p == broken {
					return s
				}
				return "passed"
			})
			details := checks[procedure.PolicyDecision].Details
			if end.Outcome != kyc.NeedsReview || len(asked) != 4 || details["result"] == procedure.Pass || details["state"] == procedure.StateCompleted && s == "error" {
				t.Errorf("%s %s: %s after %v, %v", broken, s, end.Outcome, asked, details)
			}
		}
	}
}

func TestBranches(t *testing.T) {
	t.Parallel()
	d := parsed(t, head+`
		{"type":"BRANCH","name":"ABROAD","configuration":{"branches":[
			{"name":"NEAR","conditions":[{"field":"session.country","operator":"in","value":["BE","DE"]}]},
			{"name":"FAR","match":"any","conditions":[{"field":"session.country","operator":"!=","value":"NL"}]}],"default":"HOME"}},
		{"type":"VISA","dependsOn":{"FAR":["ABROAD"]}},
		{"type":"KYC","dependsOn":{"HOME":"ABROAD","NEAR":["ABROAD"]}},
		{"type":"AML","configuration":{"pep":false},"dependsOn":["ABROAD"]},
		{"type":"ACTIVITY","dependsOn":["VISA"]},
		{"type":"DUPLICATE","dependsOn":{"FAILED":["KYC"],"REVIEW":["KYC"]}}]}`)
	g := linked(t, d, []string{"watchlist_screening"})
	for name, c := range map[string]struct {
		country string
		kyc     string
		want    string
	}{
		"at home":   {"NL", "passed", "kyc_verification watchlist_screening"},
		"next door": {"DE", "passed", "kyc_verification watchlist_screening"},
		"in doubt":  {"DE", "review", "kyc_verification watchlist_screening duplicate_detection"},
		"far away":  {"BR", "passed", "visa_check watchlist_screening activity_check"},
		"nowhere":   {"", "failed", "kyc_verification watchlist_screening duplicate_detection"}, // no country is no country abroad: the default
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			session := map[string]any{}
			if c.country != "" {
				session["country"] = c.country
			}
			_, checks, asked := walk(t, g, session, func(p string) string {
				if p == "kyc_verification" {
					return c.kyc
				}
				return "passed"
			})
			slices.Sort(asked)
			want := strings.Fields(c.want)
			slices.Sort(want)
			if !slices.Equal(asked, want) {
				t.Errorf("asked %v, want %v", asked, want)
			}
			v := procedure.Judge(d, procedure.Facts{Checks: checks}, at, func() kyc.ID { return "x" })
			for _, e := range v.Errors {
				t.Errorf("%+v", e)
			}
			for _, s := range v.Steps {
				ran := s.Result != procedure.StepSkipped
				if plan := d.Step(s.Name); plan.Checks() && ran != slices.ContainsFunc(asked, func(p string) bool { return strings.HasPrefix(p, strings.ToLower(s.Name)) || s.Name == "AML" }) {
					t.Errorf("%s: %s after %v", s.Name, s.Result, asked)
				}
			}
		})
	}
}

// random writes a definition that Parse must accept.
func random(rnd *rand.Rand) string {
	kinds := []string{"KYC", "AML", "IDV", "MATCHLIST", "DUPLICATE", "FRAUD", "VISA", "ACTIVITY", "NAME_VALIDATION", "OTHER"}
	rnd.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	var steps []string
	var names []string     // of steps before
	var branches []string  // of BRANCH steps before
	checking := []string{} // steps before that check something
	add := func(name, kind, configuration string) {
		depends := ""
		switch {
		case len(branches) > 0 && rnd.IntN(3) == 0:
			depends = fmt.Sprintf(`{%q:[%q]}`, []string{"ONE", "TWO", "ELSE"}[rnd.IntN(3)], branches[rnd.IntN(len(branches))])
		case len(checking) > 0 && rnd.IntN(3) == 0:
			outcome := procedure.Outcomes()[rnd.IntN(5)]
			depends = fmt.Sprintf(`{%q:[%q],%q:[%q]}`, outcome, checking[rnd.IntN(len(checking))], strings.ToLower(procedure.Outcomes()[rnd.IntN(5)]), checking[rnd.IntN(len(checking))])
			if strings.Count(strings.ToUpper(depends), outcome) > 1 {
				depends = fmt.Sprintf(`{%q:[%q]}`, outcome, checking[0])
			}
		case len(names) > 0 && rnd.IntN(3) == 0:
			depends = fmt.Sprintf(`[%q]`, names[rnd.IntN(len(names))])
		}
		if depends != "" {
			depends = `,"dependsOn":` + depends
		}
		steps = append(steps, fmt.Sprintf(`{"name":%q,"type":%q,"configuration":%s%s}`, name, kind, configuration, depends))
		names = append(names, name)
	}
	for i, kind := range kinds[:1+rnd.IntN(len(kinds))] {
		if rnd.IntN(3) == 0 {
			name := fmt.Sprintf("B%d", i)
			add(name, "BRANCH", `{"branches":[{"name":"ONE","conditions":[{"field":"session.country","operator":"==","value":"NL"}]},{"name":"TWO","conditions":[{"field":"session.fields.age","operator":">","value":40}]}],"default":"ELSE"}`)
			branches = append(branches, name)
		}
		configuration := fmt.Sprintf(`"required":%v`, rnd.IntN(3) > 0)
		switch {
		case kind == "OTHER":
			configuration += `,"url":"https://customer.example/x","signingSecret":"webhook_1"`
		case kind == "AML" && rnd.IntN(2) == 0:
			configuration += `,"adverseMedia":true,"threshold":0.7,"lists":["un"]`
		case kind == "KYC" && rnd.IntN(2) == 0:
			configuration += `,"sources":[{"name":"bureau","url":"https://customer.example/kyc","signingSecret":"webhook_1"}],"rules":[{"ruleName":"2+2","matches":["name","address|date_of_birth"],"matchCountRequired":2,"requiredSources":["bureau"]}],"threshold":0.9`
		case kind == "IDV" && rnd.IntN(2) == 0:
			configuration += `,"checks":["document_ocr","face_match"],"threshold":0.6`
		case kind == "MATCHLIST" && rnd.IntN(2) == 0:
			configuration += `,"lists":["0190"]`
		case kind == "DUPLICATE" && rnd.IntN(2) == 0:
			configuration += `,"traits":["email","phone"]`
		case kind == "VISA" && rnd.IntN(2) == 0:
			configuration += `,"url":"https://customer.example/v","signingSecret":"webhook_1","timeoutSeconds":3`
		}
		add(fmt.Sprintf("S%d", i), kind, "{"+configuration+"}")
		checking = append(checking, fmt.Sprintf("S%d", i))
	}
	if rnd.IntN(3) == 0 {
		steps = append(steps, `{"name":"WATCH","type":"TOGGLE_MONITORING","dependsOn":{"PASS":["DECISION"],"REVIEW":["DECISION"]}}`)
		steps = append(steps, `{"type":"DECISION"}`)
	}
	phase := procedure.Phases()[rnd.IntN(3)]
	return head + strings.Join(steps, ",") + `],"lifecyclePhase":"` + phase + `"}`
}

// Over many definitions: the graph compiles, the canonical form reads back, and
// on random walks every check that Judge waits for was asked, the decision of
// the check is that of the law, and nothing that a walk approves lacks an
// answer of a required or mandatory check.
func TestManyDefinitions(t *testing.T) {
	t.Parallel()
	statuses := []string{"passed", "passed", "passed", "passed", "passed", "passed", "failed", "review", "error", "skipped"}
	approved := 0
	for seed := range uint64(400) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		raw := random(rnd)
		d := parsed(t, raw)
		again, err := procedure.Read(d.Canonical())
		if err != nil || !reflect.DeepEqual(d, again) {
			t.Fatalf("%s reads back as %+v (%v)", d.Canonical(), again, err)
		}
		mandatory := [][]string{nil, {"watchlist_screening"}, {"watchlist_screening", "ip_risk", "document_ocr"}, {"matchlist_screening", "kyc_verification"}}[rnd.IntN(4)]
		g := linked(t, d, mandatory)
		for range 6 {
			calm := rnd.IntN(2) == 0
			session := map[string]any{"country": []string{"NL", "DE"}[rnd.IntN(2)], "fields": map[string]any{"age": 20 + rnd.IntN(40)}}
			end, checks, _ := walk(t, g, session, func(string) string {
				if calm {
					return "passed"
				}
				return statuses[rnd.IntN(len(statuses))]
			})
			n := 0
			v := procedure.Judge(d, procedure.Facts{Checks: checks}, at, func() kyc.ID { n++; return kyc.ID(fmt.Sprint(n)) })
			decided := checks[procedure.PolicyDecision].Details
			if decided["result"] != v.Result || decided["state"] != v.State {
				t.Fatalf("%s: the check says %v %v, the law %s %s", raw, decided["state"], decided["result"], v.State, v.Result)
			}
			for _, e := range v.Errors {
				if e.Code == "step_not_run" {
					t.Fatalf("%s\n%v: %+v", raw, checks, e)
				}
			}
			passes := v.Result == procedure.Pass || v.Result == procedure.Clear
			if (end.Outcome == kyc.Approved) != passes || (end.Outcome == kyc.Rejected) != (v.Result == procedure.Fail) {
				t.Fatalf("%s: %s ends in %s", raw, v.Result, end.Outcome)
			}
			if end.Outcome != kyc.Approved {
				continue
			}
			approved++
			for _, p := range mandatory {
				if s := checks[p].Status; s != "passed" {
					t.Fatalf("%s: approved, and %s is %q", raw, p, s)
				}
			}
			for _, p := range d.Plan() {
				for _, policy := range p.Policies {
					f, ran := checks[policy]
					if policy != procedure.PolicyDecision && p.Required && (!ran && !p.Guarded || ran && f.Status != "passed") {
						t.Fatalf("%s: approved, and the required %s is %q", raw, policy, f.Status)
					}
				}
			}
		}
	}
	if approved < 200 {
		t.Errorf("only %d walks were approved", approved)
	}
}
