package casework_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/casework"
	"bonafide/console"
	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/review"
	"bonafide/store"
	"bonafide/store/sqlite"
	"bonafide/ui"
)

const password = "a long enough password"

type clock struct{ at time.Time }

func (c clock) Now() time.Time { return c.at }

// bench is the section on a real store, with one organisation.
type bench struct {
	tb      testing.TB
	db      *store.DB
	desk    *review.Desk
	mux     *http.ServeMux
	org     kyc.Org
	users   map[string]kyc.User
	clock   clock
	view    engine.View
	viewErr error
	steps   []casework.Askable
	asked   []casework.Again
}

type people struct{ b *bench }

func (p people) SetPassword(context.Context, kyc.ID, kyc.ID, string, kyc.Actor) (kyc.User, error) {
	return kyc.User{}, kyc.Missing("user", "to change")
}

func (p people) SignIn(ctx context.Context, email, _ string) (kyc.User, error) {
	return p.b.db.UserByEmail(ctx, email)
}

func (b *bench) Askable(context.Context, *kyc.Session) ([]casework.Askable, error) {
	return b.steps, nil
}
func (b *bench) Codes() []string { return []string{"blurry", "other"} }
func (b *bench) Ask(_ context.Context, _ kyc.Tenant, _ kyc.Actor, _ kyc.ID, items []casework.Again) error {
	b.asked = append(b.asked, items...)
	return nil
}

func newBench(tb testing.TB) *bench {
	tb.Helper()
	b := &bench{tb: tb, clock: clock{time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}, mux: http.NewServeMux(), users: map[string]kyc.User{}}
	var err error
	if b.db, err = sqlite.Open(tb.Context(), sqlite.Options{Dir: tb.TempDir(), Clock: b.clock, Sync: "normal"}); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = b.db.Close() }) // nothing is kept
	b.org = kyc.Org{Meta: b.meta(""), Name: "Acme"}
	b.org.Tenant = kyc.Tenant{Org: b.org.ID}
	b.put(&b.org)
	for _, name := range []string{"reviewer", "second", "auditor"} {
		u := kyc.User{Meta: b.meta(""), Email: name + "@acme.example", Name: name, Role: name, PasswordHash: "x"}
		if name == "second" {
			u.Role = "reviewer"
		}
		b.put(&u)
		b.users[name] = u
	}
	b.desk = review.New(b.db, b.clock, nil)
	kit, err := ui.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	section := casework.Section(casework.Deps{Store: b.db, Reviews: b.desk, Corrections: b,
		Run: func(context.Context, kyc.Tenant, kyc.ID) (engine.View, error) { return b.view, b.viewErr },
		File: func(ctx context.Context, t kyc.Tenant, _ kyc.Actor, id kyc.ID) (kyc.Upload, []byte, error) {
			u, err := b.db.Upload(ctx, t, id)
			return u, []byte("<script>alert(1)</script>"), err
		}})
	_, err = console.Mount(console.Deps{Kit: kit, Clock: b.clock, People: people{b}, Store: b.db, Address: func(context.Context) string { return "" },
		API: func(access.Principal, http.ResponseWriter, *http.Request) {}, Sections: []console.Section{section}}, b.mux.Handle)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func (b *bench) meta(env kyc.Env) kyc.Meta {
	return kyc.Meta{ID: kyc.NewID(time.Now()), Tenant: kyc.Tenant{Org: b.org.ID, Env: env}, Rev: 1, CreatedAt: b.clock.at, UpdatedAt: b.clock.at}
}

func (b *bench) put(o ...kyc.Object) {
	b.tb.Helper()
	if err := b.db.Commit(context.Background(), &kyc.Change{Put: o}); err != nil {
		b.tb.Fatal(err)
	}
}

func (b *bench) newCase(change func(*kyc.Case)) kyc.Case {
	b.tb.Helper()
	subject := kyc.Subject{Meta: b.meta(kyc.Live), Kind: "individual", Status: kyc.SubjectPending, Private: kyc.SubjectData{Name: "Ada <b>Lovelace</b>"}}
	session := kyc.Session{Meta: b.meta(kyc.Live), Surface: kyc.SurfaceGraph, SubjectID: subject.ID, Status: kyc.SessionReview,
		Private: kyc.SessionData{Fields: map[string]any{"last_name": "lovelace", "address": map[string]any{"city": "London"}}}}
	c := kyc.Case{Meta: b.meta(kyc.Live), SessionID: session.ID, SubjectID: subject.ID, RunID: kyc.NewID(time.Now()), Status: kyc.CaseOpen, Queue: "identity",
		ReasonCode: "list_hit", EnteredReviewAt: b.clock.at.Add(-5 * time.Hour)}
	if change != nil {
		change(&c)
	}
	b.put(&subject, &session, &c)
	return c
}

// browser is a person at the console.
type browser struct {
	b       *bench
	cookies map[string]string
}

func (b *bench) as(name string) *browser {
	b.tb.Helper()
	w := &browser{b, map[string]string{}}
	if code, _, body := w.do("POST", "/console/sign-in", url.Values{"email": {name + "@acme.example"}, "password": {password}}); code != http.StatusSeeOther {
		b.tb.Fatalf("signing in: %d %s", code, body)
	}
	return w
}

func (w *browser) do(method, path string, form url.Values) (int, http.Header, string) {
	w.b.tb.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range w.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	out := httptest.NewRecorder()
	w.b.mux.ServeHTTP(out, r)
	for _, c := range out.Result().Cookies() {
		if c.MaxAge >= 0 {
			w.cookies[c.Name] = c.Value
		} else {
			delete(w.cookies, c.Name)
		}
	}
	body, err := io.ReadAll(out.Result().Body)
	if err != nil {
		w.b.tb.Fatal(err)
	}
	return out.Code, out.Header(), string(body)
}

// page opens a page and fails for each text that is missing or (after "!")
// should not be there.
func (w *browser) page(path string, want ...string) string {
	w.b.tb.Helper()
	code, _, body := w.do("GET", path, nil)
	if code != http.StatusOK {
		w.b.tb.Fatalf("%s: %d %s", path, code, body)
	}
	for _, text := range want {
		if not, ok := strings.CutPrefix(text, "!"); ok == strings.Contains(body, not) && (ok || not != "") {
			if ok {
				w.b.tb.Errorf("%s holds %q", path, not)
			} else {
				w.b.tb.Errorf("%s lacks %q", path, text)
			}
		}
	}
	if strings.Contains(body, " style=") || strings.Contains(body, "<script>") || strings.Contains(body, " onclick") {
		w.b.tb.Errorf("%s breaks the content policy", path)
	}
	if strings.Count(body, "<main") != 1 || !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
		w.b.tb.Errorf("%s is no whole page", path)
	}
	return body
}

func address(c *kyc.Case) string { return "/console/cases/" + kyc.Dress("case", c.ID) }

func TestQueue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as("reviewer")
	w.page("/console/queue", "No case waits here", "<strong>0</strong> cases wait")
	mine := b.newCase(func(c *kyc.Case) {
		c.Status, c.AssignedTo, c.LastActivityAt = kyc.CaseInReview, string(b.users["reviewer"].ID), b.clock.at
		c.ReasonCode = "name_mismatch"
	})
	late := b.newCase(func(c *kyc.Case) { c.SLAHours, c.Priority = 4, 3 })
	b.newCase(func(c *kyc.Case) { c.Status, c.Queue, c.ReasonCode = kyc.CaseSecond, "monitoring", "second_look" })
	for range 30 {
		b.newCase(func(c *kyc.Case) { c.EnteredReviewAt = b.clock.at.Add(-time.Hour); c.ReasonCode = "bulk" })
	}
	body := w.page("/console/queue", "<strong>33</strong> cases wait", "1 to 25 of 33", "overdue by 1 h 0 min", "name mismatch", "page=2")
	if i, j := strings.Index(body, kyc.Dress("case", late.ID)), strings.Index(body, kyc.Dress("case", mine.ID)); i < 0 || j < i {
		t.Error("the case of the highest priority does not stand first")
	}
	w.page("/console/queue?page=2", "26 to 33 of 33", "!page=3")
	w.page("/console/queue?view=mine", "name mismatch", "<strong>you</strong>", "!bulk")
	w.page("/console/queue?view=overdue", "overdue by", "!bulk")
	w.page("/console/queue?view=second", "second look", "!bulk")
	w.page("/console/queue?view=monitoring", "second look", "!bulk")
	w.page("/console/queue?view=unassigned&reason=bulk", "<strong>30</strong>", "!name mismatch")
	w.page("/console/queue?view=nonsense&page=-4", "1 to 25 of 33")
	if code, _, part := w.do("GET", "/console/queue/count?reason=bulk&shown=28", nil); code != http.StatusOK || !strings.Contains(part, "2 new") || strings.Contains(part, "<html") {
		t.Errorf("the live count: %d %s", code, part)
	}
	code, header, _ := w.do("POST", "/console/queue/next", url.Values{})
	if code != http.StatusSeeOther || header.Get("Location") != address(&late) {
		t.Errorf("next leads to %s", header.Get("Location"))
	}
	if got, err := b.db.Case(t.Context(), late.Tenant, late.ID); err != nil || got.AssignedTo != string(b.users["reviewer"].ID) {
		t.Errorf("the case is with %q (%v)", got.AssignedTo, err)
	}
	b.as("auditor").page("/console/queue", "!Take next")
}

// full is a run with everything a page can show.
func (b *bench) full(c *kyc.Case) {
	upload := kyc.Upload{Meta: b.meta(kyc.Live), SessionID: c.SessionID, SubjectID: c.SubjectID, Kind: "document_front", DocumentType: "passport", ContentType: "image/png", Size: 2048, BlobKey: "x"}
	scan := kyc.Upload{Meta: b.meta(kyc.Live), SessionID: c.SessionID, SubjectID: c.SubjectID, Kind: "proof_of_address", ContentType: "text/html", Size: 10, BlobKey: "y"}
	b.put(&upload, &scan)
	score, threshold, points := 0.71, 0.9, -0.4
	region := &kyc.Region{Upload: upload.ID, X: .1, Y: .2, W: .3, H: .05}
	b.view = engine.View{Run: kyc.Run{Outcome: kyc.NeedsReview}, Path: []string{"start", "read", "lists", "end"},
		Edges: []engine.Edge{{From: "start", To: "read", Why: "next"}, {From: "read", To: "lists", Why: "pass"}, {From: "lists", To: "end", Why: "fail"}},
		NodeResults: map[string]engine.NodeResult{"start": {Status: "passed"}, "read": {Policy: "document_ocr", Status: "passed"},
			"lists": {Policy: "watchlist_screening", Status: "failed"}, "end": {Status: "needs_review"}},
		Attempts: []engine.Record{
			{Node: "read", Policy: "document_ocr", Answer: &kyc.Answer{Status: kyc.StatusOK, Provider: "local", Score: &score, Threshold: &threshold,
				Fields:  []kyc.Field{{Name: "last_name", Value: "LOVELACE", Source: "mrz", Confidence: 1, Region: region}, {Name: "first_name", Value: "ADA", Source: "visual", Confidence: .93}, {Name: "first_name", Value: "AIDA", Source: "mrz", Confidence: 1}},
				Reasons: []kyc.Reason{{Code: "glare", Message: "A light lies on the name.", Severity: "warning", Points: &points, Region: region}}}},
			{Node: "lists", Policy: "watchlist_screening", Answer: &kyc.Answer{Status: kyc.StatusOK, Provider: "local", Lists: []kyc.ListVersion{{List: "un", Entries: 9, Status: kyc.StatusStale}},
				Hits: []kyc.Hit{{List: "un", EntryID: "QDi.1", Name: "ADAH LOVELASS", MatchedName: "ADAH LOVELASS", Score: .88, Risk: .9, Party: "Ada Lovelace",
					Features: []kyc.HitFeature{{Name: "word", Query: "ada", Listed: "adah", Rule: "edit_1", Value: .9, Points: .4}, {Name: "date_of_birth", Rule: "missing"}}}}}},
		}}
}

func TestCaseShowsWhatADecisionNeeds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.newCase(func(c *kyc.Case) {
		c.Private.Hits = []kyc.JudgedHit{{Policy: "watchlist_screening", List: "un", EntryID: "QDi.1", Word: kyc.HitFalse, Person: string(b.users["second"].ID), Reason: "born later"}}
	})
	b.full(&c)
	b.steps = []casework.Askable{{Step: "papers", Title: "Your papers"}}
	w := b.as("reviewer")
	page := w.page(address(&c), "Ada &lt;b&gt;Lovelace&lt;/b&gt;", "list hit", "waiting 5 h 0 min", "<svg class=\"path\"", "href=\"#stop-3\"", "LOVELACE", "agrees", "differs", "only source",
		"data-region=\"region-1\"", "data-lights=\"region-1\"", "A light lies on the name.", "ADAH LOVELASS", "born later", "not the same", "score 0.710, threshold 0.900",
		"city London", "stale", "Your papers", "Ask for a correction", "Escalate", "proof of address", "download", "second (reviewer)", "!auditor (auditor)")
	if got := strings.Count(page, "class=\"move\""); got != 3 {
		t.Errorf("%d moves are drawn, the run took 3", got)
	}
	b.as("auditor").page(address(&c), "Your role reads cases and decides none", "!Take next", "!Record the verdict", "!Approve</summary>")
	events, _, err := b.db.Events(t.Context(), c.Tenant, kyc.EventFilter{Object: "case", ObjectID: c.ID, Action: "case.read"}, kyc.Page{})
	if err != nil || len(events) != 2 || events[0].Actor.ID == events[1].Actor.ID {
		t.Errorf("%d looks are recorded (%v)", len(events), err)
	}
}

func TestCaseInItsOtherStates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as("reviewer")
	me, other := string(b.users["reviewer"].ID), string(b.users["second"].ID)
	for name, s := range map[string]struct {
		change func(*kyc.Case)
		err    error
		want   []string
	}{
		"without a run": {func(c *kyc.Case) { c.RunID = "" }, nil, []string{"No run belongs to this case"}},
		"erased":        {nil, kyc.Errorf(kyc.Gone, "erased", "gone"), []string{"This person was erased"}},
		"somebody's":    {func(c *kyc.Case) { c.Status, c.AssignedTo = kyc.CaseInReview, other }, nil, []string{"second has this case", "!Approve</summary>"}},
		"mine":          {func(c *kyc.Case) { c.Status, c.AssignedTo = kyc.CaseInReview, me }, nil, []string{"Put back", "Approve</summary>"}},
		"my first word": {func(c *kyc.Case) {
			c.Status, c.First = kyc.CaseSecond, &kyc.CaseDecision{Outcome: kyc.Approved, ReviewerID: me, At: b.clock.at}
		}, nil, []string{"Another person has to give the second", "First opinion", "!Approve</summary>"}},
		"their first word": {func(c *kyc.Case) {
			c.Status, c.First = kyc.CaseSecond, &kyc.CaseDecision{Outcome: kyc.Rejected, ReviewerID: other, At: b.clock.at}
			c.Private.First = "forged: the font"
		}, nil, []string{"your word closes the case", "forged: the font"}},
		"decided": {func(c *kyc.Case) {
			c.Status, c.Decision = kyc.CaseRejected, &kyc.CaseDecision{Outcome: kyc.Rejected, ReviewerID: other, At: b.clock.at}
		}, nil, []string{"This case is rejected", "!Approve</summary>", "decided after"}},
		"about nobody": {func(c *kyc.Case) { c.SessionID, c.SubjectID, c.RunID = "", "", "" }, nil, []string{"Nobody named"}},
	} {
		b.view, b.viewErr = engine.View{}, s.err
		c := b.newCase(s.change)
		t.Log(name)
		w.page(address(&c), s.want...)
	}
	b.viewErr = errors.New("the disk is gone")
	c := b.newCase(nil)
	if code, _, body := w.do("GET", address(&c), nil); code != http.StatusInternalServerError || strings.Contains(body, "disk") {
		t.Errorf("a fault is answered with %d %s", code, body)
	}
	if code, _, _ := w.do("GET", "/console/cases/case_nonsense", nil); code != http.StatusNotFound {
		t.Errorf("nonsense: %d", code)
	}
}

func TestFilesAreNeverPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.newCase(nil)
	b.full(&c)
	other := b.newCase(nil)
	uploads, err := b.db.Uploads(t.Context(), c.Tenant, c.SessionID)
	if err != nil || len(uploads) != 2 {
		t.Fatal(len(uploads), err)
	}
	w := b.as("reviewer")
	for _, u := range uploads {
		_, h, _ := w.do("GET", address(&c)+"/files/"+kyc.Dress("document", u.ID), nil)
		want := "image/png inline"
		if u.ContentType != "image/png" {
			want = "application/octet-stream attachment"
		}
		if got := h.Get("Content-Type") + " " + h.Get("Content-Disposition"); got != want || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s is served as %s, %v", u.ContentType, got, h)
		}
		if code, _, _ := w.do("GET", address(&other)+"/files/"+kyc.Dress("document", u.ID), nil); code != http.StatusNotFound {
			t.Errorf("a file of another case: %d", code)
		}
	}
}

func TestDecidingNeedsItsReasonAndTheRightPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: {DualReview: true}}
	b.org.Touch(b.clock.at)
	b.put(&b.org)
	c := b.newCase(nil)
	first, second, auditor := b.as("reviewer"), b.as("second"), b.as("auditor")
	decide := address(&c) + "/decide"
	whole := url.Values{"outcome": {"approved"}, "code": {"hits_cleared"}, "text": {"Another birth date."}}
	if code, _, _ := auditor.do("POST", decide, whole); code != http.StatusForbidden {
		t.Errorf("an auditor decides: %d", code)
	}
	for name, f := range map[string]url.Values{
		"no code":     {"outcome": {"approved"}, "text": {"x"}},
		"foreign":     {"outcome": {"approved"}, "code": {"document_forged"}, "text": {"x"}},
		"no sentence": {"outcome": {"rejected"}, "code": {"document_forged"}},
		"no outcome":  {"code": {"hits_cleared"}, "text": {"x"}},
	} {
		if code, _, _ := first.do("POST", decide, f); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, code)
		}
	}
	stale := url.Values{"rev": {"7"}, "outcome": {"approved"}, "code": {"hits_cleared"}, "text": {"x"}}
	if code, _, _ := first.do("POST", decide, stale); code != http.StatusConflict {
		t.Errorf("an old page: %d", code)
	}
	if code, _, body := first.do("POST", decide, whole); code != http.StatusSeeOther {
		t.Fatalf("the first opinion: %d %s", code, body)
	}
	if code, _, _ := first.do("POST", decide, whole); code != http.StatusConflict {
		t.Errorf("the first reviewer gives the second opinion, too: %d", code)
	}
	if code, _, body := second.do("POST", decide, whole); code != http.StatusSeeOther {
		t.Fatalf("the second opinion: %d %s", code, body)
	}
	got, err := b.db.Case(t.Context(), c.Tenant, c.ID)
	if err != nil || got.Status != kyc.CaseApproved || got.Private.Decision != "hits_cleared: Another birth date." || got.First.ReviewerID == got.Decision.ReviewerID {
		t.Errorf("the case is %+v (%v)", got, err)
	}
}

func TestTheOtherActions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.newCase(nil)
	w, second := b.as("reviewer"), b.as("second")
	do := func(by *browser, path string, f url.Values, want int) {
		t.Helper()
		if code, _, body := by.do("POST", address(&c)+path, f); code != want {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	do(w, "/claim", url.Values{}, http.StatusSeeOther)
	do(second, "/claim", url.Values{}, http.StatusConflict)
	do(w, "/notes", url.Values{"text": {"Called the bank."}}, http.StatusSeeOther)
	do(w, "/notes", url.Values{"text": {" "}}, http.StatusUnprocessableEntity)
	w.page(address(&c), "Called the bank.", "case note")
	do(w, "/corrections", url.Values{"step": {"papers"}, "code": {"blurry"}}, http.StatusUnprocessableEntity)
	do(second, "/corrections", url.Values{"step": {"papers"}, "code": {"blurry"}, "text": {"Again, please"}}, http.StatusConflict)
	do(w, "/corrections", url.Values{"step": {"papers"}, "code": {"blurry"}, "text": {"Again, please"}}, http.StatusSeeOther)
	if fmt.Sprint(b.asked) != "[{papers blurry Again, please}]" {
		t.Errorf("asked for %v", b.asked)
	}
	do(w, "/hits", url.Values{"word": {"perhaps"}}, http.StatusUnprocessableEntity)
	do(w, "/hits", url.Values{"word": {"other"}, "list": {"un"}, "entry": {"none"}, "reason": {"x"}}, http.StatusNotFound)
	do(w, "/release", url.Values{}, http.StatusSeeOther)
	do(w, "/escalate", url.Values{"to": {kyc.Dress("user", b.users["second"].ID)}, "text": {"Hard"}}, http.StatusSeeOther)
	second.page(address(&c), "Escalated", "reviewer to second", "Hard")
}
