package casework_test

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bonafide/casework"
	"bonafide/engine"
	"bonafide/kyc"
)

func TestCaseShowsWhatADecisionNeeds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.newCase(func(c *kyc.Case) {
		c.Private.Hits = []kyc.JudgedHit{{Policy: "watchlist_screening", List: "un", EntryID: "QDi.1", Word: kyc.HitFalse, Person: string(b.users["second"].ID), Reason: "born later"}}
	})
	b.full(&c)
	b.steps = []casework.Askable{{Step: "papers", Title: "Your papers"}}
	w := b.as("reviewer")
	page := w.page(address(&c), "Ada &lt;b&gt;Lovelace&lt;/b&gt;", "list hit", "waiting 5 h 0 min", "<ol class=\"stops\"", "!<svg class=\"path\"", "href=\"#stop-3\"", "LOVELACE", "agrees", "differs", "only source",
		"data-region=\"region-1\"", "data-lights=\"region-1\"", "A light lies on the name.", "<mark>ADA</mark>H <mark>LOVELA</mark>SS", "ADAH LOVELASS, 9 of 12 letters agree", "<mark>ada</mark>h", "3 of 4 letters agree", "born later", "not the same", "score 0.710, threshold 0.900", "href=\"https://lists.example/QDi.1\"",
		"city London", "stale", "Your papers", "/console/sessions/"+kyc.Dress("session", c.SessionID), "/console/subjects/"+kyc.Dress("identity", c.SubjectID), "Ask for a correction", "Escalate", "proof of address", "download", "second (reviewer)", "!auditor (auditor)")
	if at := strings.Index(page, "<strong>why it is here</strong>"); strings.Count(page, "why it is here") != 1 || at < 0 || !strings.HasSuffix(page[:at], `<small>by pass</small> `) {
		t.Errorf("the stop that decides is not marked: %.600s", page[strings.Index(page, "<ol class=\"stops\""):])
	}
	// Everything said of one thing stands together, names before addresses.
	fields := regexp.MustCompile(`(?s)<th scope="rowgroup" rowspan="(\d)">(.*?) <span class="[\w ]+">(.*?)</span>`).FindAllStringSubmatch(page, -1)
	var got []string
	for _, f := range fields {
		got = append(got, strings.Join(f[1:], " "))
	}
	if want := []string{"2 first name differs", "2 last name agrees", "1 address only source"}; !slices.Equal(got, want) {
		t.Errorf("the values are %q, not %q", got, want)
	}
	if strings.Contains(page, "Its own reason") || strings.Contains(page, "Only these") || !strings.Contains(page, `id="correct-code" name="code" required`) {
		t.Error("one step has a reason of its own beside the reason for all")
	}
	b.steps[0].Documents = []casework.Part{{Name: "passport", Title: "Passport"}, {Name: "bank_letter", Title: "A <letter>"}}
	one := b.newCase(nil)
	w.page(address(&one), "Only these", `name="document:papers" value="bank_letter"> A &lt;letter&gt;`, "!Its own reason", `id="correct-code" name="code" required`)
	b.steps = append(b.steps, casework.Askable{Step: "selfie", Title: "Your <face>", Documents: b.steps[0].Documents[:1]},
		casework.Askable{Step: "details", Title: "About you", Questions: []casework.Part{{Name: "name", Title: "Name"}, {Name: "town", Title: "Town"}}})
	several := b.newCase(nil)
	w.page(address(&several), `name="question:details" value="town"> Town`, `!name="document:selfie"`, `name="code:papers"`, `name="text:selfie"`, "Your &lt;face&gt;", "Reason for all", `!id="correct-code" name="code" required`)
	unsaid := b.newCase(func(c *kyc.Case) { c.ReasonCode = "" })
	w.page(address(&unsaid), "<a href=\"#stop-3\">watchlist screening failed</a>", "Who looked at it (2)")
	b.as("auditor").page(address(&c), "Your role reads cases and decides none", "!Take next", "!Record the verdict", "!Approve</summary>")
	events, _, err := b.db.Events(t.Context(), c.Tenant, kyc.EventFilter{Object: "case", ObjectID: c.ID, Action: "case.read"}, kyc.Page{})
	if err != nil || len(events) != 2 || events[0].Actor.ID == events[1].Actor.ID {
		t.Errorf("%d looks are recorded (%v)", len(events), err)
	}
	// Where stops ran side by side they are drawn as well, by recorded moves only.
	b.view.Edges = []engine.Edge{{From: "start", To: "read", Why: "next"}, {From: "start", To: "lists", Why: "next"}, {From: "lists", To: "end", Why: "fail"}}
	page = w.page(address(&c), "<svg class=\"path\"", "after 3 (fail)")
	if moves := strings.Count(page, "class=\"move\""); moves != 3 {
		t.Errorf("%d moves are drawn, the run took 3", moves)
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
		"filed for a check": {func(c *kyc.Case) {
			c.RunID, c.ReasonCode, c.Because = "", "", kyc.Because{Policy: "face_match", Code: "below_threshold"}
		}, nil, []string{"here because of <strong>face match: below threshold</strong>"}},
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

// Owners of a company and other sessions of the same person stand on the page, each
// with its own page and case; those of nobody else do.
func TestACaseNamesRelatedPeople(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	session := func(env kyc.Env, name string, parent kyc.ID, change func(*kyc.Session)) kyc.Session {
		p := kyc.Subject{Meta: b.meta(env), Kind: "individual", Status: kyc.SubjectPending, Private: kyc.SubjectData{Name: name}}
		o := kyc.Session{Meta: b.meta(env), Surface: kyc.SurfaceSteps, SubjectID: p.ID, WorkflowID: b.workflow.ID, Status: kyc.SessionReview}
		if change != nil {
			change(&o)
		}
		b.put(&p, &o, &kyc.Journey{Meta: o.Meta, SubjectID: o.SubjectID, ParentID: parent})
		return o
	}
	firm := session(kyc.Live, "The firm", "", nil)
	c := b.newCase(func(x *kyc.Case) { x.SessionID, x.SubjectID = firm.ID, firm.SubjectID })
	judged := b.newCase(nil)
	owner := session(kyc.Live, "Grace <b>Hopper</b>", firm.ID, func(o *kyc.Session) { o.CaseID = judged.ID })
	again := session(kyc.Live, "", "", func(o *kyc.Session) { o.SubjectID = firm.SubjectID })
	session(kyc.Live, "Somebody else", "", nil)
	session(kyc.Sandbox, "Of the sandbox", firm.ID, nil)
	b.as("reviewer").page(address(&c), "Related people", "Grace &lt;b&gt;Hopper&lt;/b&gt; (party ", "/console/sessions/"+kyc.Dress("session", owner.ID)+"\"", address(&judged)+"\"",
		"/console/sessions/"+kyc.Dress("session", again.ID)+"\">Session of the same person", "!/console/sessions/"+kyc.Dress("session", firm.ID)+"\">Session of", "!Somebody else", "!Of the sandbox")
	alone := b.newCase(nil)
	b.as("reviewer").page(address(&alone), "!Related people")
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
