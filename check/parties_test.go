package check

import (
	"encoding/json"
	"slices"
	"testing"

	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

func TestSpots(t *testing.T) {
	t.Parallel()
	fields := map[string]any{
		"full_name": "Anna Müller", "a/b": "slash", "company": map[string]any{"name": "Acme Ltd"},
		"owners": []any{map[string]any{"name": "Boris", "born": "1950-01-01"}, map[string]any{"born": "1960-01-01"}, map[string]any{"name": map[string]any{"given": "Cleo", "family": "Drew"}}},
	}
	for path, want := range map[string][]string{
		"full_name": {"full_name"}, "/full_name": {"full_name"}, "a~1b": {"a/b"}, "company/name": {"company/name"},
		"owners/*/name": {"owners/0/name", "owners/1/name", "owners/2/name"}, "nobody": nil, "nobody/*/name": nil, "full_name/x": nil,
	} {
		var got []string
		for _, s := range spots(fields, path) {
			got = append(got, s.path)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s leads to %v, want %v", path, got, want)
		}
	}
	found := spots(fields, "owners/*/name")
	if found[1].value != nil || valueAt(fields, "owners/*/born", found[1].index) != "1960-01-01" {
		t.Errorf("%+v", found[1])
	}
	if p := namePerson(found[2].value); p.name() != "Cleo Drew" || p.last != "Drew" {
		t.Errorf("%+v", p)
	}
}

// asked records every query of a screening.
type asked struct {
	queries []screen.Query
	answer  func(q screen.Query) screen.Result
}

func (a *asked) Match(q screen.Query) screen.Result {
	a.queries = append(a.queries, q)
	return a.answer(q)
}

const manyNames = `{"parties":[
{"path":"full_name","role":"individual","company":false,"own":true,"date_of_birth":"born"},
{"path":"firm","role":"","company":true,"own":false,"nationality":"seat"},
{"path":"owners/*/name","role":"ubo","company":false,"own":false,"date_of_birth":"owners/*/born"},
{"path":"optional","role":"director","company":false,"own":false}],"documents":true}`

func partiesRequest() kyc.CheckRequest {
	r := request("watchlist_screening")
	r.Config = json.RawMessage(manyNames)
	r.Fields = map[string]any{
		"full_name": "Anna Müller", "born": "1990-05-17", "firm": "Acme Trading Ltd", "seat": "LU",
		"owners": []any{map[string]any{"name": "Boris Grey", "born": "1950-01-01"}, map[string]any{"name": "Cleo Drew"}},
	}
	r.Uploads = []kyc.Upload{step("custom:owners:id", "owners", "id", "ubo", "")}
	entities := []entity{{Name: "BORIS GREY", DateOfBirth: "1950-01-01", DocumentNumber: "U0000001", EntityRole: "ubo", DocID: "u1"},
		{Name: "DORA HILL", EntityRole: "director", DocID: "u2"}}
	r.Checks["document_set"] = kyc.CheckFact{Status: "passed", Details: map[string]any{"documents": []any{}, "entities": plainly(entities)}}
	return r
}

func TestScreeningOfManyParties(t *testing.T) {
	t.Parallel()
	fresh := kyc.ListVersion{List: "ofac_sdn", Status: kyc.StatusOK, Entries: 5}
	stale := fresh
	stale.Status = kyc.StatusStale
	s := &asked{answer: func(q screen.Query) screen.Result {
		r := screen.Result{Lists: []kyc.ListVersion{fresh}}
		if q.Name == "BORIS GREY" {
			r.Hits = []kyc.Hit{{List: "ofac_sdn", EntryID: "7", Score: 0.93}}
		}
		return r
	}}
	a := runCheck(watchlistScreening(Deps{Clock: clock(), Screener: s}), partiesRequest())
	if a.Status != kyc.StatusOK || a.Verdict != kyc.Fail || len(a.Hits) != 1 || a.Hits[0].Party != "BORIS GREY" || a.Hits[0].Role != "ubo" || len(a.Lists) != 1 {
		t.Fatalf("%+v", a)
	}
	if len(s.queries) != 5 { // the applicant, two owners, a director, the firm
		t.Fatalf("%d queries: %+v", len(s.queries), s.queries)
	}
	by := map[string]screen.Query{}
	for _, q := range s.queries {
		by[q.Name] = q
	}
	if q := by["ANNA MUELLER"]; q.DateOfBirth != "1990-05-17" || !slices.Contains(q.Aliases, "Anna Müller") || !slices.Contains(q.Identifiers, "C01X00T99") {
		t.Errorf("the applicant: %+v", q)
	}
	if q := by["Acme Trading Ltd"]; q.Type != roster.TypeEntity || q.Country != "LU" || q.DateOfBirth != "" || len(q.Identifiers) != 0 {
		t.Errorf("the firm: %+v", q)
	}
	if q := by["BORIS GREY"]; q.Type != roster.TypePerson || q.DateOfBirth != "1950-01-01" || !slices.Contains(q.Identifiers, "U0000001") {
		t.Errorf("an owner: %+v", q)
	}
	if q := by["Cleo Drew"]; q.DateOfBirth != "" || len(q.Identifiers) != 0 {
		t.Errorf("the other owner inherits something: %+v", q)
	}
	rows := a.Details["parties"].([]any)
	if len(rows) != 5 || len(a.Details["unanswered"].([]any)) != 1 {
		t.Errorf("%+v", a.Details)
	}
	for name, c := range map[string]struct {
		change func(*kyc.CheckRequest)
		answer func(screen.Query) screen.Result
		status kyc.AnswerStatus
		code   string
	}{
		"an owner without a name": {func(r *kyc.CheckRequest) { r.Fields["owners"] = []any{map[string]any{"born": "1950-01-01"}} }, nil, kyc.StatusError, "party_name_missing"},
		"an owner's unread paper": {func(r *kyc.CheckRequest) {
			r.Checks["document_set"] = kyc.CheckFact{Status: "failed", Details: map[string]any{"entities": []any{map[string]any{"name": "", "entity_role": "ubo", "doc_id": "u1"}}}}
		}, nil, kyc.StatusError, "party_name_missing"},
		"papers not read": {func(r *kyc.CheckRequest) { delete(r.Checks, "document_set") }, nil, kyc.StatusError, "documents_not_read"},
		"papers in error": {func(r *kyc.CheckRequest) { r.Checks["document_set"] = kyc.CheckFact{Status: "error"} }, nil, kyc.StatusError, "documents_not_read"},
		"nobody":          {func(r *kyc.CheckRequest) { r.Fields, r.Extracted, r.Checks, r.Uploads = nil, nil, nil, nil }, nil, kyc.StatusError, "name_missing"},
		"stale for one only": {func(*kyc.CheckRequest) {}, func(q screen.Query) screen.Result {
			if q.Name == "DORA HILL" {
				return screen.Result{Lists: []kyc.ListVersion{stale}}
			}
			return screen.Result{Lists: []kyc.ListVersion{fresh}}
		}, kyc.StatusStale, "list_stale"},
		"unscreenable": {func(r *kyc.CheckRequest) { r.Fields["firm"] = "Ltd" }, func(q screen.Query) screen.Result {
			res := screen.Result{Lists: []kyc.ListVersion{fresh}}
			if q.Name == "Ltd" {
				res.Err = kyc.Errorf(kyc.Invalid, "name_unscreenable", "no word")
			}
			return res
		}, kyc.StatusError, "name_unscreenable"},
	} {
		r := partiesRequest()
		c.change(&r)
		if c.answer == nil {
			c.answer = func(screen.Query) screen.Result { return screen.Result{Lists: []kyc.ListVersion{fresh}} }
		}
		a := runCheck(watchlistScreening(Deps{Clock: clock(), Screener: &asked{answer: c.answer}}), r)
		if a.Status != c.status || a.Verdict != "" || !codes(a)[c.code] {
			t.Errorf("%s: %+v", name, a)
		}
	}
	// What document_ocr read of the applicant's own paper has the role that its
	// requirement gives, so the same person is not asked twice.
	own := partiesRequest()
	own.Extracted = map[string]any{"first_name": "EVA", "last_name": "LIND"}
	entities := []entity{{Name: "EVA LIND", EntityRole: "director", DocID: "u3", Own: true}}
	own.Checks["document_set"] = kyc.CheckFact{Status: "passed", Details: map[string]any{"documents": []any{}, "entities": plainly(entities)}}
	parties, _, bad := gatherParties(own, nil, true)
	if bad != nil || len(parties) != 1 || parties[0].role != "director" {
		t.Errorf("%+v %+v", parties, bad)
	}
	// Two people of one name with different birth dates are two parties.
	r := partiesRequest()
	r.Fields["owners"] = []any{map[string]any{"name": "Boris Grey", "born": "1951-01-01"}}
	s.queries = nil
	if runCheck(watchlistScreening(Deps{Clock: clock(), Screener: s}), r); len(s.queries) != 5 {
		t.Errorf("%d queries", len(s.queries))
	}
}

func TestSandboxParties(t *testing.T) {
	t.Parallel()
	m := menu(t, goodHouse(), NewSimulator())
	run := func(policy string, change func(*kyc.CheckRequest)) kyc.Answer {
		r := partiesRequest()
		r.Policy, r.Tenant.Env, r.Attempt = policy, kyc.Sandbox, 3
		change(&r)
		return m.Run(t.Context(), r)
	}
	owner := func(name string) func(*kyc.CheckRequest) {
		return func(r *kyc.CheckRequest) { r.Fields["owners"] = []any{map[string]any{"name": "Boris " + name}} }
	}
	for family, list := range map[string]string{"SANCTION": "ofac_sdn", "pep": "pep"} {
		a := run("watchlist_screening", owner(family))
		if a.Verdict != kyc.Fail || len(a.Hits) != 1 || a.Hits[0].Role != "ubo" || a.Hits[0].List != list || !a.Hits[0].Fictional {
			t.Errorf("%s: %+v", family, a)
		}
	}
	if a := run("watchlist_screening", owner("ADVERSE")); a.Verdict != kyc.Pass {
		t.Errorf("news are not lists: %+v", a)
	}
	a := run("adverse_media", owner("ADVERSE"))
	if a.Verdict != kyc.Fail || a.Details["risk_score"] != 85 || len(a.Details["categories"].([]any)) != 1 {
		t.Errorf("%+v", a)
	}
	if a := run("adverse_media", owner("Grey")); a.Verdict != kyc.Pass || a.Details["risk_score"] != 0 {
		t.Errorf("%+v", a)
	}
	if a := run("adverse_media", func(r *kyc.CheckRequest) { r.Config, r.Fields["full_name"] = nil, "Anna ADVERSE" }); a.Verdict != kyc.Fail || a.Details["risk_score"] != 85 {
		t.Errorf("the plain form: %+v", a)
	}
	if a := run("watchlist_screening", func(r *kyc.CheckRequest) { r.Fields["owners"] = []any{map[string]any{}} }); a.Status != kyc.StatusError {
		t.Errorf("an owner without a name: %+v", a)
	}
	if a := run("watchlist_screening", func(r *kyc.CheckRequest) { r.Fields["full_name"] = "Anna TIMEOUT" }); a.Status != kyc.StatusUnavailable {
		t.Errorf("%+v", a)
	}
}

func TestSandboxDocuments(t *testing.T) {
	t.Parallel()
	m := menu(t, goodHouse(), NewSimulator())
	for family, want := range map[string]struct {
		verdict   kyc.Verdict
		status    string
		condition string
	}{
		"Ordinary": {kyc.Pass, "valid", ""}, "REJECT": {kyc.Fail, "invalid", ""}, "EXPIRED": {kyc.Fail, "invalid", "expired"},
		"TAMPERED": {kyc.Fail, "invalid", "tampering_suspected"}, "UNDERAGE": {kyc.VerdictReview, "review", ""}, "NOMATCH": {kyc.Pass, "valid", ""},
	} {
		r := papersRequest(twoPapers)
		r.Tenant.Env, r.Extracted = kyc.Sandbox, nil
		r.Uploads = append(r.Uploads, step("custom:owners:id", "owners", "id", "ubo", ""))
		r.Fields = map[string]any{"legal_name_1": "Anna " + family}
		a := m.Run(t.Context(), r)
		papers, entities := papersOf(t, a)
		if a.Verdict != want.verdict || papers[0].Status != want.status || papers[1].Status != "valid" || papers[2].Status != "valid" {
			t.Errorf("%s: %+v", family, a)
		}
		if want.condition != "" && !slices.Contains(papers[0].Conditions, want.condition) {
			t.Errorf("%s: %v", family, papers[0].Conditions)
		}
		if len(entities) != 2 || entities[0].Family != family || entities[1].EntityRole != "ubo" || entities[1].Name == entities[0].Name {
			t.Errorf("%s: %+v", family, entities)
		}
	}
	r := papersRequest(twoPapers)
	r.Tenant.Env, r.Uploads = kyc.Sandbox, r.Uploads[:2]
	if a := m.Run(t.Context(), r); a.Verdict != kyc.Fail || !codes(a)["document_missing"] {
		t.Errorf("a missing document is missing in the sandbox too: %+v", a)
	}
	r = request("face_dedup")
	r.Tenant.Env, r.Fields["last_name"] = kyc.Sandbox, "DUPLICATE"
	if a := m.Run(t.Context(), r); a.Verdict != kyc.Fail || len(a.Details["matches"].([]any)) != 1 || *a.Score < dedupMinimum {
		t.Errorf("%+v", a)
	}
	r = request("wallet_screening")
	r.Tenant.Env, r.Fields["wallet"] = kyc.Sandbox, map[string]any{"address": "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "network": "BTC"}
	if a := m.Run(t.Context(), r); a.Verdict != kyc.Fail || !codes(a)["wallet_address_invalid"] {
		t.Errorf("a broken address is broken in the sandbox too: %+v", a)
	}
}
