package check

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
	"bonafide/screen"
)

// namesakes is a house whose one list holds these entries, all of one name; says is
// what the list says of each.
type namesakes struct {
	*house
	says map[string]string
}

func newListed(n int) *namesakes {
	l := &namesakes{house: goodHouse(), says: map[string]string{}}
	l.result = screen.Result{Lists: []kyc.ListVersion{{List: "own", Version: "1", Entries: n, AsOf: now, Status: kyc.StatusOK}}}
	for i := range n {
		l.says[id(i)] = "first"
	}
	return l
}

func id(i int) string { return fmt.Sprintf("P-%02d", i) }

// Match answers with as many of the entries as are asked for.
func (l *namesakes) Match(q screen.Query) screen.Result {
	res := l.house.Match(q)
	for i := range l.says {
		res.Hits = append(res.Hits, kyc.Hit{List: "own", EntryID: i, Name: "Ada Lovelace", Score: 0.9})
	}
	slices.SortFunc(res.Hits, func(a, b kyc.Hit) int { return compareText(a.EntryID, b.EntryID) })
	res.Hits = res.Hits[:min(len(res.Hits), q.Limit)]
	return res
}

func (l *namesakes) deps() Deps {
	d := l.house.deps()
	d.Screener = l
	d.Entry = func(_, id string) (any, bool) { says, ok := l.says[id]; return says, ok }
	return d
}

func (l *namesakes) ask(t *testing.T, r kyc.CheckRequest) kyc.Answer {
	t.Helper()
	m, err := New(clock(), All(l.deps()), NewSimulator(), Remembering(l))
	if err != nil {
		t.Fatal(err)
	}
	return m.Run(t.Context(), r)
}

// said are words on all hits of an answer.
func said(a kyc.Answer, word kyc.HitWord) []kyc.ReviewedHit {
	var out []kyc.ReviewedHit
	for _, m := range a.Marks {
		out = append(out, kyc.ReviewedHit{List: m.List, EntryID: m.EntryID, Entry: m.Entry, Asked: m.Asked, Word: word, By: kyc.SystemActor("test"), Person: "anna", At: now, ReasonCode: "other"})
	}
	return out
}

func screening(family string) kyc.CheckRequest {
	r := request("watchlist_screening")
	r.Config = []byte(`{"lists":["own"],"limit":10}`)
	r.Extracted, r.Metadata = nil, nil
	r.Fields = map[string]any{"first_name": "Ada", "last_name": family, "date_of_birth": "1990-05-17", "nationality": "NL", "document_number": "X1"}
	return r
}

func ids(hits []kyc.Hit) (out []string) {
	for _, h := range hits {
		out = append(out, h.EntryID)
	}
	return out
}

func TestClearedHitsDoNotCrowdOutNewOnes(t *testing.T) {
	t.Parallel()
	l := newListed(10)
	r := screening("Lovelace")
	first := l.ask(t, r)
	if first.Verdict != kyc.Fail || len(first.Hits) != 10 || len(first.Marks) != 10 || !first.Marks[0].Whole() {
		t.Fatalf("%+v", first)
	}
	r.Reviewed = said(first, kyc.HitFalse)
	a := l.ask(t, r)
	if a.Verdict != kyc.Pass || len(a.Hits) != 0 || *a.Score != 0 || a.Details["cleared_count"] != 10 || !codes(a)["hits_cleared"] || codes(a)["no_hits"] {
		t.Errorf("all cleared: %+v", a)
	}
	l.says[id(99)] = "first"
	if a = l.ask(t, r); a.Verdict != kyc.Fail || !slices.Equal(ids(a.Hits), []string{id(99)}) || a.Details["cleared_count"] != 10 {
		t.Errorf("a new one: %v of %+v", ids(a.Hits), a.Details)
	}
	for i := 20; i < 40; i++ {
		l.says[id(i)] = "first"
	}
	if a = l.ask(t, r); len(a.Hits) != 10 || a.Hits[0].EntryID != id(20) || len(a.Marks) != 20 {
		t.Errorf("more than the limit: %v, %d marks", ids(a.Hits), len(a.Marks))
	}
}

func TestAWordHoldsWhileNeitherSideChanges(t *testing.T) {
	t.Parallel()
	l := newListed(1)
	r := screening("Lovelace")
	words := said(l.ask(t, r), kyc.HitFalse)
	for name, x := range map[string]struct {
		change func(r *kyc.CheckRequest, l *namesakes)
		why    string // empty: the word holds
	}{
		"nothing": {func(*kyc.CheckRequest, *namesakes) {}, ""},
		"order and case": {func(r *kyc.CheckRequest, _ *namesakes) {
			r.Fields["first_name"], r.Fields["last_name"] = "LOVELACE", "ada"
		}, ""},
		"the threshold":  {func(r *kyc.CheckRequest, _ *namesakes) { r.Config = []byte(`{"lists":["own"],"threshold":0.5}`) }, ""},
		"another check":  {func(r *kyc.CheckRequest, _ *namesakes) { r.Policy = "aml_pep" }, ""},
		"the name":       {func(r *kyc.CheckRequest, _ *namesakes) { r.Fields["last_name"] = "Byron" }, subjectChanged},
		"another name":   {func(r *kyc.CheckRequest, _ *namesakes) { r.Extracted = map[string]any{"full_name": "Ada King"} }, subjectChanged},
		"the birth date": {func(r *kyc.CheckRequest, _ *namesakes) { r.Fields["date_of_birth"] = "1990-05-18" }, subjectChanged},
		"no birth date":  {func(r *kyc.CheckRequest, _ *namesakes) { delete(r.Fields, "date_of_birth") }, subjectChanged},
		"the country":    {func(r *kyc.CheckRequest, _ *namesakes) { r.Fields["nationality"] = "SE" }, subjectChanged},
		"a number":       {func(r *kyc.CheckRequest, _ *namesakes) { r.Fields["document_number"] = "X2" }, subjectChanged},
		"the entry":      {func(_ *kyc.CheckRequest, l *namesakes) { l.says[id(0)] = "second" }, entryChanged},
		"a person's company": {func(r *kyc.CheckRequest, _ *namesakes) {
			r.Config = []byte(`{"lists":["own"],"parties":[{"path":"last_name","company":true}]}`)
		}, subjectChanged},
	} {
		l := newListed(1)
		r := screening("Lovelace")
		r.Reviewed = words
		x.change(&r, l)
		a := l.ask(t, r)
		if x.why == "" {
			if a.Verdict != kyc.Pass || len(a.Hits) != 0 || a.Details["cleared_count"] != 1 || a.Details["reopened"] != nil {
				t.Errorf("%s: %+v", name, a)
			}
			continue
		}
		var reopened []struct{ List, ID, Why string }
		detail(a.Details, "reopened", &reopened)
		if a.Verdict != kyc.Fail || len(a.Hits) != 1 || len(reopened) != 1 || reopened[0].Why != x.why || reopened[0].ID != id(0) || a.Details["cleared"] != nil || !codes(a)["hit_reopened"] {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestWordsNeverMakeUpForALack(t *testing.T) {
	t.Parallel()
	l := newListed(1)
	r := screening("Lovelace")
	r.Reviewed = said(l.ask(t, r), kyc.HitFalse)
	for _, status := range []kyc.AnswerStatus{kyc.StatusStale, kyc.StatusError, kyc.StatusUnavailable, kyc.StatusNotConfigured} {
		l.result.Lists[0].Status = status
		if a := l.ask(t, r); a.Status != status || a.Verdict != "" || len(a.Hits) != 0 || a.Details["cleared_count"] != 1 {
			t.Errorf("a list that is %s: %+v", status, a)
		}
	}
	l.result.Lists[0].Status = kyc.StatusOK
	l.storeErr = errors.New("no key")
	if a := l.ask(t, r); a.Verdict != kyc.Fail || !codes(a)["reviews_not_applied"] || a.Marks[0].Whole() {
		t.Errorf("without a key: %+v", a)
	}
	l.storeErr = nil
	gone := l.says[id(0)]
	d := l.deps()
	d.Entry = nil
	m, err := New(clock(), All(d), nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := m.Run(t.Context(), r); a.Verdict != kyc.Fail || len(a.Hits) != 1 || a.Marks[0].Whole() || gone == "" {
		t.Errorf("without the entry: %+v", a)
	}
}

func TestATruePositiveStaysAHitAndTheLastWordCounts(t *testing.T) {
	t.Parallel()
	l := newListed(2)
	r := screening("Lovelace")
	found := l.ask(t, r)
	no, yes := said(found, kyc.HitFalse), said(found, kyc.HitTrue)
	yes[0].At = now.Add(time.Second)
	no[1].At = now.Add(time.Second)
	r.Reviewed = append(slices.Clone(no), yes...)
	a := l.ask(t, r)
	var confirmed []struct{ ID string }
	detail(a.Details, "confirmed", &confirmed)
	if a.Verdict != kyc.Fail || !slices.Equal(ids(a.Hits), []string{id(0)}) || len(confirmed) != 1 || confirmed[0].ID != id(0) || !codes(a)["confirmed_match"] || a.Details["cleared_count"] != 1 {
		t.Errorf("%+v", a)
	}
	taken := said(found, kyc.HitOpen)
	taken[1].At = now.Add(time.Hour)
	r.Reviewed = append(r.Reviewed, taken[1])
	if a := l.ask(t, r); len(a.Hits) != 2 || a.Details["cleared"] != nil || a.Details["reopened"] != nil {
		t.Errorf("a word that was taken back: %+v", a)
	}
	facts := ruleFacts(kyc.CheckRequest{Checks: map[string]kyc.CheckFact{"watchlist_screening": {Status: "failed", Hits: a.Hits, Details: a.Details}}}, automationConfig{})
	if len(facts.Hits) != 1 || facts.Hits[0].MatchStatus != string(kyc.HitTrue) {
		t.Errorf("the rules see %+v", facts.Hits)
	}
}

func TestAWordOnOnePartyIsNoneOnAnother(t *testing.T) {
	t.Parallel()
	l := newListed(1)
	r := screening("Lovelace")
	r.Config = []byte(`{"lists":["own"],"parties":[{"path":"owners/*/name","role":"ubo","date_of_birth":"owners/*/born"}]}`)
	r.Fields = map[string]any{"owners": []any{map[string]any{"name": "Ada Lovelace", "born": "1990-05-17"}, map[string]any{"name": "Ada Lovelace", "born": "1991-05-17"}}}
	found := l.ask(t, r)
	if len(found.Hits) != 2 || len(found.Marks) != 2 || found.Marks[0].Asked == found.Marks[1].Asked || found.Marks[0].Role != "ubo" {
		t.Fatalf("%+v", found)
	}
	r.Reviewed = said(found, kyc.HitFalse)[:1]
	a := l.ask(t, r)
	var parties []struct {
		HitCount int     `json:"hit_count"`
		TopScore float64 `json:"top_score"`
	}
	detail(a.Details, "parties", &parties)
	if a.Verdict != kyc.Fail || len(a.Hits) != 1 || parties[0].HitCount != 0 || parties[0].TopScore != 0 || parties[1].HitCount != 1 {
		t.Errorf("%+v of %+v", parties, a)
	}
}

func TestTheSandboxKeepsToWordsToo(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{"the applicant": `{}`, "parties": `{"parties":[{"path":"last_name","own":true}]}`} {
		l := newListed(0)
		r := screening("SANCTION")
		r.Tenant.Env, r.Config = kyc.Sandbox, []byte(config)
		found := l.ask(t, r)
		if found.Verdict != kyc.Fail || len(found.Hits) != 1 || !found.Marks[0].Whole() {
			t.Fatalf("%s: %+v", name, found)
		}
		r.Reviewed = said(found, kyc.HitFalse)
		r.SessionID = "another" // its simulated papers bear another number
		if a := l.ask(t, r); a.Verdict != kyc.Pass || len(a.Hits) != 0 || a.Details["cleared_count"] != 1 || a.Details["hit_count"] != 0 || a.Provider != providerSandbox {
			t.Errorf("%s: %+v", name, a)
		}
		r.Fields["last_name"] = "SANCTION"
		r.Fields["first_name"] = "Bea"
		if name == "the applicant" {
			if a := l.ask(t, r); a.Verdict != kyc.Fail || !codes(a)["hit_reopened"] {
				t.Errorf("%s under another name: %+v", name, a)
			}
		}
	}
}

func TestWordsAreAPartOfTheQuestionsHash(t *testing.T) {
	t.Parallel()
	r := screening("Lovelace")
	before := InputHash(r, nil)
	r.Reviewed = []kyc.ReviewedHit{{List: "own", EntryID: "1", Word: kyc.HitFalse}}
	if after := InputHash(r, nil); after == before || after == "" {
		t.Error("a screening with words takes the answer of one without")
	}
	r.Policy = "document_ocr"
	before = InputHash(r, nil)
	if r.Reviewed = nil; InputHash(r, nil) != before {
		t.Error("words change the question of a check that does not hear them")
	}
}

func TestTooManyWordsLeaveRoomForNewHits(t *testing.T) {
	t.Parallel()
	var words []kyc.ReviewedHit
	for i := range 1500 {
		words = append(words, kyc.ReviewedHit{List: "own", EntryID: fmt.Sprint(i), Word: kyc.HitFalse, At: now.Add(time.Duration(i) * time.Second)})
	}
	w := wordsOf(Deps{}, kyc.CheckRequest{Reviewed: words})
	_, oldest := w.known[[2]string{"own", "0"}]
	_, newest := w.known[[2]string{"own", "1499"}]
	if len(w.known) != mostWords || oldest || !newest || w.room(openHits) != mostHits {
		t.Errorf("%d words, oldest %v, newest %v, room %d", len(w.known), oldest, newest, w.room(openHits))
	}
}

// Surface C shows a hit that a person settled as a settled one; new hits are
// found beside any number of them.
func TestHitsSettledOnSurfaceCStayAndTakeNoPlace(t *testing.T) {
	t.Parallel()
	l := newListed(10)
	r := screening("Lovelace")
	var settled []any
	for i := range 10 {
		settled = append(settled, map[string]any{"hit": procedure.HitKey("own", id(i)), "status": procedure.FalsePositive})
	}
	r.Established = map[string]any{procedure.KeyClearedHits: settled}
	for i := 20; i < 35; i++ {
		l.says[id(i)] = "first"
	}
	if a := l.ask(t, r); len(a.Hits) != 20 || a.Hits[9].EntryID != id(9) || a.Hits[19].EntryID != id(29) || a.Details["cleared"] != nil || a.Details["hit_count"] != 20 {
		t.Errorf("%v of %+v", ids(a.Hits), a.Details)
	}
}
