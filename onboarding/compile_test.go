package onboarding

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"bonafide/field"
	"bonafide/flow"
	"bonafide/kyc"
)

// chain gives the checks of a graph in the order in which they run.
func chain(t testing.TB, c *flow.Compiled) []string {
	t.Helper()
	var out []string
	for n := c.Nodes[c.Nodes[c.Entry].Next]; n != nil && n.ID != NodeRules; n = c.Nodes[n.OnPass] {
		if n.Type != flow.TypePolicy || n.OnFail != n.OnPass || n.OnReview != n.OnPass {
			t.Fatalf("%s leads to %s, %s and %s: a check decides before the rules", n.ID, n.OnPass, n.OnFail, n.OnReview)
		}
		if n.ID != "watchlist_screening" && (n.OnError != n.OnPass || n.OnSkip != n.OnPass) {
			t.Fatalf("%s leaves the chain without an answer", n.ID)
		}
		out = append(out, n.Policy)
	}
	return out
}

func TestTheChainOfChecks(t *testing.T) {
	t.Parallel()
	with := func(config string) string {
		return def(`"steps":[` + docStep + `,{"step_id":"l","order":2,"name":"L","type":"liveness"},{"step_id":"f","order":3,"name":"F","type":"form_fill","custom_fields":[
			{"field_id":"n","name":"N","type":"name"},{"field_id":"w","name":"W","type":"wallet"}]}],"validation_config":` + config)
	}
	const none = `"run_lists":false,"cross_validate_documents":false`
	for name, c := range map[string]struct{ doc, want string }{
		"nothing asked":  {with(`{` + none + `}`), "document_set document_ocr liveness watchlist_screening"},
		"the defaults":   {with(`{}`), "document_set document_ocr cross_validation liveness watchlist_screening"},
		"all switches":   {with(`{"run_lists":true,"run_crypto":true,"run_adverse_media":true,"auto_face_match":true}`), "document_set document_ocr cross_validation liveness face_match wallet_screening adverse_media watchlist_screening"},
		"rules ask":      {with(`{` + none + `,"automation_rules":{"risk_rules":[{"min_score":60,"action":"manual_review"}],"face_dedup_rules":[{"type":"face_dedup","action":"manual_review"}],"auto_approve_conditions":{"no_duplicates":true}}}`), "document_set document_ocr liveness face_dedup duplicate_detection risk_assessment watchlist_screening"},
		"a wallet alone": {form(`{"field_id":"w","name":"W","type":"wallet","validate_crypto":true}`), "wallet_screening watchlist_screening"},
		"a media flag":   {form(`{"field_id":"n","name":"N","type":"name","validate_adverse_media":true}`), "adverse_media watchlist_screening"},
		"all tasks": {def(`"steps":[` + docStep + `,{"step_id":"v","order":2,"name":"V","type":"validation","validation_tasks":["cross_validate_documents","run_sanction_check","run_adverse_media","run_crypto_check","run_face_match"]}],"validation_config":{` + none + `}`),
			"document_set document_ocr cross_validation face_match wallet_screening adverse_media watchlist_screening"},
		"other people's papers": {oneStep("document_upload", `,"document_requirements":[{"document_type":"id","allow_multiple":true,"entity_role":"ubo"}]`), "document_set cross_validation watchlist_screening"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(chain(t, linked(t, parsed(t, json.RawMessage(c.doc)))), " "); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestChainsOfTheFixtures(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"f7_secure_liveness":      "document_set document_ocr cross_validation liveness face_match watchlist_screening",
		"f10_ubo_verification":    "document_set document_ocr cross_validation liveness face_match watchlist_screening",
		"f11_company_with_ubos":   "document_set cross_validation liveness adverse_media related_parties watchlist_screening",
		"f12_complete_individual": "document_set document_ocr cross_validation liveness face_match adverse_media watchlist_screening",
	} {
		if got := strings.Join(chain(t, linked(t, parsed(t, fixture(t, name)))), " "); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// Without a mandatory screening an organisation can do without it.
func TestWithoutAnyScreening(t *testing.T) {
	t.Parallel()
	d := parsed(t, json.RawMessage(def(`"validation_config":{"run_lists":false}`)))
	c, report := flow.Compile(Compile(d, CompileOptions{}), flow.Options{Catalog: catalog()})
	if report.Err() != nil || c.Nodes["watchlist_screening"] != nil || c.Nodes[NodeRulesIncomplete] != nil {
		t.Errorf("the graph is %s, %v", c.Canonical(), report.Err())
	}
}

func TestTheDecisionsEnds(t *testing.T) {
	t.Parallel()
	c := linked(t, parsed(t, fixture(t, "f12_complete_individual")))
	rules, outcome := c.Nodes[NodeRules], c.Nodes[NodeOutcome]
	if rules.Policy != PolicyRules || rules.OnPass != NodeOutcome || rules.OnFail != NodeRejected || rules.OnReview != NodeReview || rules.OnError != NodeReview || rules.OnSkip != NodeReview {
		t.Errorf("the rules lead to %+v", rules)
	}
	if len(outcome.Routes) != 1 || outcome.Default != NodeApproved || outcome.Routes[0].Next != NodeFlagged ||
		outcome.Routes[0].Conditions[0].Field != "checks.automation_rules.details.final_decision" || outcome.Routes[0].Conditions[0].Value != "flagged" {
		t.Errorf("the outcome is %+v", outcome)
	}
	for id, want := range map[string]kyc.Outcome{NodeApproved: kyc.Approved, NodeFlagged: kyc.Approved, NodeRejected: kyc.Rejected, NodeReview: kyc.NeedsReview} {
		if n := c.Nodes[id]; n.Type != flow.TypeTerminal || n.Outcome != want {
			t.Errorf("%s is %+v", id, n)
		}
	}
	if c.Nodes[NodeFlagged].ReasonCode != ReasonFlagged || c.Nodes[NodeRejected].ReasonCode != ReasonAutoDeny {
		t.Error("the ends have no reason codes")
	}
	// A graph that lost its screening's answer can never approve: no path from
	// the node without it reaches an approval.
	seen := map[string]bool{}
	todo := []string{NodeRulesIncomplete}
	for len(todo) > 0 {
		n := c.Nodes[todo[0]]
		todo = todo[1:]
		if n.Outcome == kyc.Approved {
			t.Fatalf("%s is reached without a screening", n.ID)
		}
		for _, e := range n.Edges() {
			if !seen[e.To] {
				seen[e.To] = true
				todo = append(todo, e.To)
			}
		}
	}
}

func TestConfigsSayWhatTheDefinitionSays(t *testing.T) {
	t.Parallel()
	full := parsed(t, fixture(t, "f12_complete_individual"))
	if c := configOf[atLeast](t, full, "face_match"); c.Threshold != 0.85 {
		t.Errorf("the face threshold is %v", c.Threshold)
	}
	if c := configOf[atLeast](t, full, "liveness"); c.Threshold != 90 {
		t.Errorf("the liveness threshold is %v", c.Threshold)
	}
	set := configOf[documentSet](t, full, "document_set").Requirements
	if len(set) != 2 || !set[0].Own || !set[0].Required || set[1].Own || set[1].Required || set[1].DocumentType != "proof_of_address" {
		t.Errorf("the requirements are %+v", set)
	}
	cross := configOf[crossValidation](t, full, "cross_validation")
	if !slices.Equal(cross.Fields["name"], []string{"full_name"}) || !slices.Equal(cross.Fields["date_of_birth"], []string{"date_of_birth"}) || !slices.Equal(cross.Fields["nationality"], []string{"nationality"}) {
		t.Errorf("the cross-validation compares %v", cross.Fields)
	}
	lists := configOf[partyScreening](t, full, "watchlist_screening")
	want := Party{Path: "full_name", Role: "individual", Own: true, DateOfBirth: "date_of_birth", Nationality: "nationality"}
	if !lists.Documents || len(lists.Parties) != 1 || lists.Parties[0] != want {
		t.Errorf("the lists are asked about %+v", lists)
	}
	rules := configOf[automationRules](t, full, NodeRules)
	if len(rules.Fields) != 7 || rules.Incomplete || len(rules.Checks) != 7 || !rules.Checks[0].Required || rules.Rules.DefaultAction != "manual_review" {
		t.Errorf("the rules' config is %+v", rules)
	}
	if !configOf[automationRules](t, full, NodeRulesIncomplete).Incomplete {
		t.Error("the rules without a screening do not know it")
	}

	company := parsed(t, fixture(t, "f11_company_with_ubos"))
	lists = configOf[partyScreening](t, company, "watchlist_screening")
	// The seed's company name has no validate_lists, and run_lists is on.
	if want := (Party{Path: "company_name", Company: true}); len(lists.Parties) != 1 || lists.Parties[0] != want {
		t.Errorf("the lists are asked about %+v", lists.Parties)
	}
	related := configOf[relatedParties](t, company, "related_parties").Steps
	if len(related) != 1 || related[0].StepID != "ubos" || related[0].MaxSubsessions != 10 || related[0].MinSubsessions != 1 || !related[0].RequireComplete || !related[0].ImpactParent || !related[0].Required {
		t.Errorf("the related parties are %+v", related)
	}
	if !configOf[automationRules](t, company, NodeRules).ImpactParent {
		t.Error("the rules do not know that subsessions count")
	}
	// A UBO's own document in a workflow for individuals is the applicant's.
	if r := configOf[documentSet](t, parsed(t, fixture(t, "f10_ubo_verification")), "document_set").Requirements[0]; !r.Own || r.Role != "ubo" {
		t.Errorf("the owner's paper is %+v", r)
	}
}

func TestPartiesInsideLists(t *testing.T) {
	t.Parallel()
	d := parsed(t, json.RawMessage(`{"name":"W","entity_types":["company"],"steps":[{"step_id":"f","order":1,"name":"F","type":"form_fill","custom_fields":[
		{"field_id":"firm","name":"Firm","type":"name","name_type":"company"},
		{"field_id":"seat","name":"Seat","type":"country","country_type":"incorporation"},
		{"field_id":"me","name":"You","type":"name","entity_role":"representative"},
		{"field_id":"owners","name":"Owners","type":"entity_array","entity_role":"ubo","validate_lists":true,"item_fields":[
			{"field_id":"who","name":"Name","type":"name"},{"field_id":"born","field_key":"owner_dob","name":"Born","type":"date"},
			{"field_id":"from","name":"Nationality","type":"country","country_type":"nationality"}]},
		{"field_id":"pay","name":"Payment","type":"object","fields":[{"field_id":"wallet","name":"Wallet","type":"wallet","network":"BTC","validate_crypto":true}]}]}]}`))
	want := []Party{
		{Path: "firm", Company: true, Nationality: "seat"},
		{Path: "me", Role: "representative", Own: true},
		{Path: "owners/*/who", Role: "ubo", DateOfBirth: "owners/*/born", Nationality: "owners/*/from", lists: true},
	}
	if got := d.Parties(); !slices.Equal(got, want) {
		t.Errorf("the parties are %+v", got)
	}
	if got := d.ScreenedParties(); len(got) != 1 || got[0].Path != "owners/*/who" {
		t.Errorf("the lists are asked about %+v", got)
	}
	if got := d.ScreenedWallets(); len(got) != 1 || got[0] != (WalletRef{"pay/wallet", "BTC"}) {
		t.Errorf("the wallets are %+v", got)
	}
}

// A new wording makes no new policy graph, a new rule does.
func TestTheGraphHoldsThePolicyAndNotTheWords(t *testing.T) {
	t.Parallel()
	d := parsed(t, fixture(t, "f12_complete_individual"))
	same := strings.NewReplacer(`"Please verify`, `"Kindly verify`, `"Full KYC with ID`, `"All KYC with ID`).Replace(string(fixture(t, "f12_complete_individual")))
	other := strings.Replace(string(fixture(t, "f12_complete_individual")), `"KP"`, `"SY"`, 1)
	graph := string(Compile(d, CompileOptions{}))
	if string(Compile(parsed(t, json.RawMessage(same)), CompileOptions{})) != graph {
		t.Error("the words for people are in the graph")
	}
	if string(Compile(parsed(t, json.RawMessage(other)), CompileOptions{})) == graph {
		t.Error("a changed rule is not in the graph")
	}
}

// The fields in the rules' config are a definition that the room field reads.
func TestBareFieldsAreFields(t *testing.T) {
	t.Parallel()
	for name, raw := range everything(t) {
		d := parsed(t, raw)
		bare, err := json.Marshal(bareFields(d.Fields()))
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Fields()) == 0 {
			continue
		}
		if _, problems := field.Parse(bare, ""); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

// Rules about politically exposed persons have the lists asked for them; other
// rules do not, because without a list of them nobody would be approved.
func TestRulesAboutExposedPersonsHaveThemLookedFor(t *testing.T) {
	t.Parallel()
	for rules, want := range map[string]bool{
		`"list":"pep"`: true, `"list":"PEP_us"`: true, `"list":"house_pep"`: true, `"list":"*","match_type":"pep"`: true,
		`"list":"*"`: false, `"list":"ofac","match_type":"sanction"`: false, `"list":"pepper"`: false,
	} {
		c := linked(t, parsed(t, json.RawMessage(def(`"steps":[`+docStep+`],"validation_config":{"automation_rules":{"list_match_rules":[{`+rules+`,"action":"manual_review"}]}}`))))
		var config struct {
			PEP bool `json:"pep"`
		}
		if err := json.Unmarshal(c.Nodes["watchlist_screening"].Config, &config); err != nil || config.PEP != want {
			t.Errorf("%s: %v %v", rules, config, err)
		}
	}
}
