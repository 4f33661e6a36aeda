package casework_test

import (
	"context"
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
	tb       testing.TB
	db       *store.DB
	desk     *review.Desk
	mux      *http.ServeMux
	org      kyc.Org
	workflow kyc.Workflow
	users    map[string]kyc.User
	clock    clock
	view     engine.View
	viewErr  error
	steps    []casework.Askable
	asked    []casework.Again
	way      casework.Way
	next     kyc.ID   // the case that taking a decision back leads to
	taken    []string // decisions that were taken back
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

func (b *bench) Way(*kyc.Session) casework.Way { return b.way }

func (b *bench) Reopen(_ context.Context, _ kyc.Tenant, by kyc.Actor, _ *kyc.Session, code, why string) (kyc.ID, error) {
	b.taken = append(b.taken, string(by.Kind)+" "+code+" "+why)
	return b.next, nil
}

func (b *bench) Reverse(_ context.Context, _ kyc.Tenant, by kyc.Actor, _ *kyc.Session, o kyc.Outcome, why string, ticked []string) (kyc.ID, error) {
	b.taken = append(b.taken, strings.TrimSpace(string(by.Kind)+" "+string(o)+" "+why+" "+strings.Join(ticked, " ")))
	return b.next, nil
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
	b.workflow = kyc.Workflow{Meta: b.meta(kyc.Live), Surface: kyc.SurfaceGraph, Name: "Account opening"}
	b.put(&b.org, &b.workflow)
	for _, name := range []string{"reviewer", "second", "auditor", "compliance"} {
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
	section := casework.Section(casework.Deps{Store: b.db, Reviews: b.desk, Corrections: b, Undoing: b,
		Run: func(context.Context, kyc.Tenant, kyc.ID) (engine.View, error) { return b.view, b.viewErr },
		File: func(ctx context.Context, t kyc.Tenant, _ kyc.Actor, id kyc.ID) (kyc.Upload, []byte, error) {
			u, err := b.db.Upload(ctx, t, id)
			return u, []byte("<script>alert(1)</script>"), err
		},
		EntryPage: func(list, id string) string {
			return map[string]string{"un QDi.1": "https://lists.example/QDi.1"}[list+" "+id]
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
	session := kyc.Session{Meta: b.meta(kyc.Live), Surface: kyc.SurfaceGraph, WorkflowID: b.workflow.ID, SubjectID: subject.ID, Status: kyc.SessionReview,
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
