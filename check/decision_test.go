package check

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestRelatedParties(t *testing.T) {
	t.Parallel()
	party := func(step string, status kyc.SessionStatus, final string, hits ...kyc.Hit) RelatedParty {
		return RelatedParty{SessionID: kyc.NewID(now), StepID: step, Role: "ubo", Status: status, Final: final, Hits: hits}
	}
	hit := kyc.Hit{List: "ofac_sdn", EntryID: "7", Name: "X", Score: 0.9, Role: "individual"}
	const counts, recorded = `{"steps":[{"step_id":"ubos","required":true,"impact_parent_status":true,"min_subsessions":1,"max_subsessions":3}]}`, `{"steps":[{"step_id":"ubos","required":true,"impact_parent_status":false,"min_subsessions":1,"max_subsessions":3}]}`
	const strict = `{"steps":[{"step_id":"ubos","required":true,"require_completion_before_proceed":true,"min_subsessions":1,"max_subsessions":3}]}`
	for name, c := range map[string]struct {
		config  string
		parties []RelatedParty
		verdict kyc.Verdict
		code    string
		hits    int
	}{
		"approved":            {counts, []RelatedParty{party("ubos", kyc.SessionApproved, "approved")}, kyc.Pass, "related_clear", 0},
		"flagged":             {counts, []RelatedParty{party("ubos", kyc.SessionApproved, "flagged")}, kyc.Pass, "related_flagged", 0},
		"rejected":            {counts, []RelatedParty{party("ubos", kyc.SessionRejected, "rejected")}, kyc.VerdictReview, "related_rejected", 0},
		"rejected, recorded":  {recorded, []RelatedParty{party("ubos", kyc.SessionRejected, "rejected")}, kyc.Pass, "related_clear", 0},
		"hit":                 {counts, []RelatedParty{party("ubos", kyc.SessionReview, "manual_review", hit)}, kyc.VerdictReview, "related_hits", 1},
		"hit, recorded":       {recorded, []RelatedParty{party("ubos", kyc.SessionReview, "manual_review", hit)}, kyc.Pass, "related_clear", 0},
		"pending":             {counts, []RelatedParty{party("ubos", kyc.SessionCreated, "")}, kyc.Pass, "related_clear", 0},
		"pending, strict":     {strict, []RelatedParty{party("ubos", kyc.SessionCreated, "")}, kyc.VerdictReview, "related_unfinished", 0},
		"complete, strict":    {strict, []RelatedParty{party("ubos", kyc.SessionCaptured, "")}, kyc.Pass, "related_clear", 0},
		"expired, strict":     {strict, []RelatedParty{party("ubos", kyc.SessionExpired, "")}, kyc.VerdictReview, "related_unfinished", 0},
		"none":                {recorded, nil, kyc.VerdictReview, "related_missing", 0},
		"too many":            {recorded, slices.Repeat([]RelatedParty{party("ubos", kyc.SessionApproved, "approved")}, 4), kyc.VerdictReview, "related_too_many", 0},
		"of no known step":    {recorded, []RelatedParty{party("ubos", kyc.SessionApproved, "approved"), party("gone", kyc.SessionRejected, "rejected")}, kyc.VerdictReview, "related_rejected", 0},
		"without any config":  {"", []RelatedParty{party("ubos", kyc.SessionRejected, "rejected")}, kyc.VerdictReview, "related_rejected", 0},
		"media hit of a part": {counts, []RelatedParty{{StepID: "ubos", Status: kyc.SessionApproved, Final: "approved", MediaHits: []kyc.Hit{hit}}}, kyc.VerdictReview, "related_hits", 0},
	} {
		h := &house{related: c.parties}
		r := request("related_parties")
		r.Config = json.RawMessage(c.config)
		a := runCheck(relatedParties(h.deps()), r)
		if a.Status != kyc.StatusOK || a.Verdict != c.verdict || !codes(a)[c.code] || len(a.Hits) != c.hits || a.Details["total"] != len(c.parties) {
			t.Errorf("%s: %+v", name, a)
		}
		if c.hits == 1 && a.Hits[0].Role != "ubo" {
			t.Errorf("%s: role %s", name, a.Hits[0].Role)
		}
	}
	r := request("related_parties")
	if a := runCheck(relatedParties(Deps{}), r); a.Status != kyc.StatusNotConfigured {
		t.Errorf("%+v", a)
	}
	if a := runCheck(relatedParties((&house{storeErr: errStore}).deps()), r); a.Status != kyc.StatusUnavailable || !a.Transient {
		t.Errorf("%+v", a)
	}
}

// ruled asks the automation rules; checks are those that ran, by status.
func ruled(t *testing.T, rules, more string, change func(*kyc.CheckRequest)) kyc.Answer {
	t.Helper()
	r := request("automation_rules")
	r.Config = json.RawMessage(`{"rules":` + rules + `,"fields":[
{"field_id":"pep","field_key":"pep_status","name":"PEP","type":"select","required":true,"options":["No","Yes"]},
{"field_id":"nation","name":"Nationality","type":"country","country_type":"nationality"}],
"checks":[{"name":"document_set","required":true},{"name":"liveness","required":false},{"name":"watchlist_screening","required":true}]` + more + `}`)
	r.Fields = map[string]any{"pep": "No", "nation": "CH"}
	r.Extracted = nil
	r.Checks = map[string]kyc.CheckFact{
		"document_set":        {Status: "passed", Details: map[string]any{"documents": []any{}, "entities": []any{}, "missing": []any{}, "not_given": []any{}}},
		"watchlist_screening": {Status: "passed"},
	}
	if change != nil {
		change(&r)
	}
	return menu(t, goodHouse(), NewSimulator()).Run(t.Context(), r)
}

func TestAutomationRules(t *testing.T) {
	t.Parallel()
	check := func(name string, fact kyc.CheckFact) func(*kyc.CheckRequest) {
		return func(r *kyc.CheckRequest) { r.Checks[name] = fact }
	}
	parties := func(n relatedCounts, code string, media int) kyc.CheckFact {
		return kyc.CheckFact{Status: "review", Reasons: []kyc.Reason{{Code: code}}, Details: map[string]any{"counting": plainly(n), "media_hit_count": media}}
	}
	const approve = `{"default_action":"auto_approve"}`
	expired := plainly([]paper{{DocID: "d1", DocumentType: "id", EntityRole: "individual", Own: true, Status: "invalid", Conditions: []string{"expired"}, Nationality: "KP", Country: "KP"}})
	for name, c := range map[string]struct {
		rules, more string
		change      func(*kyc.CheckRequest)
		verdict     kyc.Verdict
		final       string
	}{
		"approved":              {approve, "", nil, kyc.Pass, "approved"},
		"left to a person":      {`{}`, "", nil, kyc.VerdictReview, "manual_review"},
		"switched off":          {`{"enabled":false,"default_action":"auto_approve"}`, "", nil, kyc.VerdictReview, "manual_review"},
		"flagged":               {`{"country_rules":[{"country_code":"CH","action":"flag","applies_to":["nationality"]}]}`, "", nil, kyc.Pass, "flagged"},
		"denied":                {`{"country_rules":[{"country_code":"CH","action":"auto_deny","applies_to":["all"]}],"default_action":"auto_approve"}`, "", nil, kyc.Fail, "rejected"},
		"by field key":          {`{"form_field_rules":[{"field_id":"pep_status","operator":"equals","value":"No","action":"auto_deny"}]}`, "", nil, kyc.Fail, "rejected"},
		"required failed":       {approve, "", check("document_set", kyc.CheckFact{Status: "failed"}), kyc.VerdictReview, "manual_review"},
		"required is in doubt":  {approve, "", check("document_set", kyc.CheckFact{Status: "review"}), kyc.VerdictReview, "manual_review"},
		"required did not run":  {approve, "", func(r *kyc.CheckRequest) { delete(r.Checks, "watchlist_screening") }, kyc.VerdictReview, "manual_review"},
		"optional failed":       {approve, "", check("liveness", kyc.CheckFact{Status: "failed"}), kyc.VerdictReview, "manual_review"},
		"optional skipped":      {approve, "", check("liveness", kyc.CheckFact{Status: "skipped"}), kyc.Pass, "approved"},
		"unlisted failed":       {approve, "", check("age_check", kyc.CheckFact{Status: "failed"}), kyc.VerdictReview, "manual_review"},
		"incomplete":            {approve, `,"incomplete":true`, nil, kyc.VerdictReview, "manual_review"},
		"incomplete but denied": {`{"country_rules":[{"country_code":"CH","action":"auto_deny","applies_to":["all"]}]}`, `,"incomplete":true`, nil, kyc.Fail, "rejected"},
		"hit": {`{"list_match_rules":[{"list":"ofac","min_score":0.9,"entity_roles":["ubo"],"action":"auto_deny"}],"default_action":"auto_approve"}`, "",
			check("watchlist_screening", kyc.CheckFact{Status: "failed", Hits: []kyc.Hit{{List: "ofac_sdn", Score: 0.93, Role: "ubo"}}}), kyc.Fail, "rejected"},
		"a related party's hit": {`{"list_match_rules":[{"list":"*","match_type":"pep","action":"auto_deny"}]}`, `,"impact_parent_status":true`,
			check("related_parties", kyc.CheckFact{Status: "review", Hits: []kyc.Hit{{List: "pep", Type: "pep", Score: 0.93, Role: "ubo"}}}), kyc.Fail, "rejected"},
		"rejected party": {approve, `,"impact_parent_status":true`,
			check("related_parties", kyc.CheckFact{Status: "review", Details: map[string]any{"counting": plainly(relatedCounts{Total: 2, Rejected: 1})}}), kyc.VerdictReview, "manual_review"},
		"expired party, flagged": {`{"subsession_rules":[{"condition":"any_expired","action":"flag"}]}`, `,"impact_parent_status":true`,
			check("related_parties", parties(relatedCounts{Total: 1, Expired: 1}, "related_unfinished", 0)), kyc.Pass, "flagged"},
		"and one not finished": {`{"subsession_rules":[{"condition":"any_expired","action":"flag"}]}`, `,"impact_parent_status":true`,
			check("related_parties", parties(relatedCounts{Total: 2, Expired: 1, Pending: 1}, "related_unfinished", 0)), kyc.VerdictReview, "manual_review"},
		"and one missing": {`{"subsession_rules":[{"condition":"any_expired","action":"flag"}]}`, `,"impact_parent_status":true`,
			check("related_parties", parties(relatedCounts{Total: 1, Expired: 1}, "related_missing", 0)), kyc.VerdictReview, "manual_review"},
		"and one in the news": {`{"subsession_rules":[{"condition":"any_expired","action":"flag"}]}`, `,"impact_parent_status":true`,
			check("related_parties", parties(relatedCounts{Total: 1, Expired: 1}, "related_hits", 1)), kyc.VerdictReview, "manual_review"},
		"expired document": {`{"document_rules":[{"document_type":"id","condition":"expired","action":"auto_deny"}]}`, "",
			check("document_set", kyc.CheckFact{Status: "failed", Details: map[string]any{"documents": expired}}), kyc.Fail, "rejected"},
		"country of the paper": {`{"country_rules":[{"country_code":"KP","action":"auto_deny","applies_to":["document_issuer"]}]}`, "",
			check("document_set", kyc.CheckFact{Status: "failed", Details: map[string]any{"documents": expired}}), kyc.Fail, "rejected"},
		"missing document": {`{"document_rules":[{"document_type":"proof_of_address","condition":"missing","action":"auto_deny"}]}`, "",
			check("document_set", kyc.CheckFact{Status: "passed", Details: map[string]any{"not_given": []any{"proof_of_address"}}}), kyc.Fail, "rejected"},
		"bad news": {`{"adverse_media_rules":[{"min_risk_score":70,"categories":["financial_crime"],"action":"auto_deny"}]}`, "",
			check("adverse_media", kyc.CheckFact{Status: "failed", Details: map[string]any{"risk_score": 85, "categories": []any{"financial_crime"}}}), kyc.Fail, "rejected"},
		"listed wallet": {`{"crypto_rules":[{"condition":"sanctioned","action":"auto_deny"}]}`, "",
			check("wallet_screening", kyc.CheckFact{Status: "failed", Details: map[string]any{"hit_count": 1, "invalid_count": 0}}), kyc.Fail, "rejected"},
		"low liveness": {`{"face_rules":[{"type":"liveness","below":90,"action":"auto_deny"}]}`, "",
			check("liveness", kyc.CheckFact{Status: "failed", Score: number(12)}), kyc.Fail, "rejected"},
		"known face": {`{"face_dedup_rules":[{"type":"face_dedup","min_similarity":0.92,"action":"auto_deny"}]}`, "",
			check("face_dedup", kyc.CheckFact{Status: "failed", Details: map[string]any{"matches": []any{map[string]any{"similarity": 0.97, "of": "approved", "age_days": 30}}}}), kyc.Fail, "rejected"},
		"risk": {`{"risk_rules":[{"min_score":60,"action":"auto_deny"}]}`, "",
			check("risk_assessment", kyc.CheckFact{Status: "passed", Score: number(60)}), kyc.Fail, "rejected"},
		"names disagree": {`{"document_rules":[{"document_type":"id","condition":"name_mismatch","action":"auto_deny"}]}`, "", func(r *kyc.CheckRequest) {
			r.Checks["document_set"] = kyc.CheckFact{Status: "passed", Details: map[string]any{"documents": expired}}
			r.Checks["cross_validation"] = kyc.CheckFact{Status: "failed", Details: map[string]any{"mismatches": plainly([]mismatch{{Condition: "name_mismatch", Documents: []string{"d1"}}})}}
		}, kyc.Fail, "rejected"},
		"all conditions":                   {`{"auto_approve_conditions":{"no_list_matches":true}}`, "", nil, kyc.Pass, "approved"},
		"a condition that nobody can meet": {`{"auto_approve_conditions":{"liveness_passed":true}}`, "", nil, kyc.VerdictReview, "manual_review"},
	} {
		a := ruled(t, c.rules, c.more, c.change)
		if a.Status != kyc.StatusOK || a.Verdict != c.verdict || a.Details["final_decision"] != c.final || a.Provider != "bonafide" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	a := ruled(t, approve, `,"incomplete":true`, nil)
	if floor, ok := a.Details["floor"].(map[string]any); !ok || floor["from"] != "auto_approve" || !strings.HasPrefix(a.Details["facts_hash"].(string), "sha256:") {
		t.Errorf("%+v", a.Details)
	}
	if a := ruled(t, `{"country_rules":[{"country_code":"CH","action":"explode"}]}`, "", nil); a.Status != kyc.StatusError {
		t.Errorf("rules that cannot be used: %+v", a)
	}
	b := ruled(t, approve, "", func(r *kyc.CheckRequest) { r.Tenant.Env = kyc.Sandbox; r.Fields["last_name"] = "ERROR5XX" })
	if b.Verdict != kyc.Pass || b.Provider != "sandbox" {
		t.Errorf("the rules are real in the sandbox: %+v", b)
	}
}

func TestRequiredOnlyWhileShown(t *testing.T) {
	t.Parallel()
	run := func(pep string) kyc.Answer {
		return ruled(t, `{"default_action":"auto_approve"}`, "", func(r *kyc.CheckRequest) {
			r.Config = json.RawMessage(strings.Replace(string(r.Config), `{"name":"liveness","required":false}`,
				`{"name":"liveness","required":true,"show_if":[{"action":"show","match":"all","conditions":[{"field_id":"pep_status","operator":"equals","value":"Yes"}]}]}`, 1))
			r.Fields["pep"] = pep
		})
	}
	if a := run("No"); a.Verdict != kyc.Pass {
		t.Errorf("a hidden step is missed: %+v", a)
	}
	if a := run("Yes"); a.Verdict != kyc.VerdictReview {
		t.Errorf("a shown step is not missed: %+v", a)
	}
}

func TestRecall(t *testing.T) {
	t.Parallel()
	h := goodHouse()
	memory := map[string]kyc.Answer{}
	id := kyc.NewID(now)
	lists := []kyc.ListVersion{{List: "ofac_sdn", Version: "1", Status: kyc.StatusOK, AsOf: now}}
	m, err := New(clock(), All(h.deps()), NewSimulator(), Recalling(func(_ context.Context, _ kyc.CheckRequest, hash string) (kyc.Answer, kyc.ID, bool) {
		a, ok := memory[hash]
		return a, id, ok
	}, func() []kyc.ListVersion { return lists }))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(r kyc.CheckRequest) (kyc.Answer, int) {
		before := h.calls.Load()
		a := m.Run(t.Context(), r)
		if hash := m.Hash(r); hash != "" {
			memory[hash] = a
		}
		return a, int(h.calls.Load() - before)
	}
	material := func(policy string) kyc.CheckRequest {
		r := request(policy)
		r.Config = config(policy)
		for i := range r.Uploads {
			r.Uploads[i].SHA256 = "hash of " + r.Uploads[i].Kind
		}
		return r
	}
	h.result.Lists[0].AsOf = now
	first := material("watchlist_screening")
	if a, calls := ask(first); calls != 1 || a.Details[reusedFrom] != nil {
		t.Fatalf("%d calls: %+v", calls, a)
	}
	again := material("watchlist_screening")
	again.RunID, again.SessionID, again.CallKey, again.Attempt = kyc.NewID(now), kyc.NewID(now), "other", 2
	again.Config = json.RawMessage(" { } ")
	if a, calls := ask(again); calls != 0 || a.Details[reusedFrom] != string(id) || a.Verdict != kyc.Pass {
		t.Errorf("%d calls: %+v", calls, a)
	}
	for name, change := range map[string]func(*kyc.CheckRequest){
		"form":     func(r *kyc.CheckRequest) { r.Fields["last_name"] = "Other" },
		"config":   func(r *kyc.CheckRequest) { r.Config = json.RawMessage(`{"threshold":0.5}`) },
		"country":  func(r *kyc.CheckRequest) { r.Country = "FR" },
		"metadata": func(r *kyc.CheckRequest) { r.Metadata = map[string]any{"x": 1} },
		"read":     func(r *kyc.CheckRequest) { r.Extracted["last_name"] = "OTHER" },
		"file":     func(r *kyc.CheckRequest) { r.Uploads[0].SHA256 = "other" },
		"role":     func(r *kyc.CheckRequest) { r.Uploads[0].EntityRole = "ubo" },
		"day":      func(r *kyc.CheckRequest) { r.Now = now.Add(24 * time.Hour) },
		"lists":    func(r *kyc.CheckRequest) { r.Settings.RequiredLists = []string{"un"} },
		"papers": func(r *kyc.CheckRequest) {
			r.Checks = map[string]kyc.CheckFact{"document_set": {Status: "passed", Details: map[string]any{"entities": []any{}}}}
		},
		"sandbox": func(r *kyc.CheckRequest) { r.Tenant.Env = kyc.Sandbox },
	} {
		r := material("watchlist_screening")
		change(&r)
		if m.Hash(r) == m.Hash(first) {
			t.Errorf("%s makes no difference", name)
		}
	}
	lists = []kyc.ListVersion{{List: "ofac_sdn", Version: "2", Status: kyc.StatusOK, AsOf: now}}
	if _, calls := ask(material("watchlist_screening")); calls != 1 {
		t.Errorf("%d calls after a new list", calls)
	}
	bad := material("watchlist_screening")
	memory[m.Hash(bad)] = kyc.Answer{Status: kyc.StatusUnavailable}
	if _, calls := ask(bad); calls != 1 {
		t.Error("a failure is taken again")
	}
	old := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Lists: []kyc.ListVersion{{List: "ofac_sdn", AsOf: now.Add(-8 * 24 * time.Hour)}}}
	memory[m.Hash(bad)] = old
	if a := m.Run(t.Context(), bad); a.Details[reusedFrom] != nil {
		t.Errorf("a stale answer is taken again: %+v", a)
	}
	memory[m.Hash(bad)] = kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Provider: "sandbox"}
	if a := m.Run(t.Context(), bad); a.Provider == "sandbox" || a.Status != kyc.StatusOK || a.Details[reusedFrom] != nil {
		t.Errorf("a simulated answer is taken for a live session: %+v", a)
	}
	for policy := range Catalog() {
		hash := m.Hash(material(policy))
		never := slices.Contains([]string{"risk_assessment", "automation_rules", "related_parties", "checklist_outcome", "http", "duplicate_detection", "check_against_list", "face_dedup", "liveness",
			"email_risk", "phone_risk", "ip_risk", "liveness", "kyc_verification", "matchlist_screening", "name_validation", "visa_check", "activity_check",
			"procedure_decision", "document_fraud"}, policy)
		if (hash == "") != never {
			t.Errorf("%s: hash %q", policy, hash)
		}
	}
	unhashed := request("document_ocr")
	unhashed.Uploads[0].SHA256 = ""
	if InputHash(unhashed, nil) != "" {
		t.Error("files without a hash vouch for nothing")
	}
}
