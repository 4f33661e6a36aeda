package casework_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/review"
)

// sampled lets all decided cases be looked at again.
func (b *bench) sampled() {
	b.tb.Helper()
	s := kyc.DefaultSettings()
	s.Quality.Share = 100
	b.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: s}
	b.org.Touch(b.clock.at)
	b.put(&b.org)
}

// decided is a case with all a page can show that the reviewer rejected after saying
// much about it.
func (b *bench) decided() kyc.Case {
	b.tb.Helper()
	c := b.newCase(nil)
	b.full(&c)
	by := kyc.Actor{Kind: kyc.ActorUser, ID: string(b.users["reviewer"].ID)}
	s, err := b.db.Session(b.tb.Context(), c.Tenant, c.SessionID)
	if err != nil {
		b.tb.Fatal(err)
	}
	s.Private.Corrected = map[string]string{"last_name": "LOVELACE-CORRECTED"}
	s.Touch(b.clock.at)
	c.Private.Hits = []kyc.JudgedHit{{Policy: "watchlist_screening", List: "un", EntryID: "QDi.1", Word: kyc.HitTrue, Reason: "the secret word on the hit", By: by, Person: by.ID, At: b.clock.at}}
	c.Escalation, c.Private.Escalation = &kyc.Escalation{From: by.ID, To: by.ID, At: b.clock.at}, "the secret escalation"
	c.Private.Metadata = map[string]any{"crm": "the secret metadata"}
	c.Touch(b.clock.at)
	b.put(&s, &c)
	if _, err := b.desk.AddNote(b.tb.Context(), c.Tenant, by, c.ID, "", "the secret note"); err != nil {
		b.tb.Fatal(err)
	}
	got, err := b.desk.Decide(b.tb.Context(), c.Tenant, by, c.ID, 0, review.Word{Outcome: kyc.Rejected, Reason: "document_forged: the secret reason"})
	if err != nil {
		b.tb.Fatal(err)
	}
	return got
}

func lookAt(c *kyc.Case) string { return "/console/quality/" + kyc.Dress("case", c.ID) }

// Nothing of how a case was decided is on the page of its second look, and all of
// the evidence is.
func TestASecondLookIsBlind(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sampled()
	c := b.decided()
	w := b.as("second")
	w.page("/console/quality", "list hit", "Take next", "nobody", "!rejected", "!reviewer@", `href="`+lookAt(&c)+`"`)
	w.page("/console/queue/decided", "waits for a second look", `!tag bad">rejected`, "!reviewer</td>")
	w.page(address(&c), "Take the second look", "cannot check it any more", "!the secret", "!rejected", "!Lovelace")
	w.page(lookAt(&c), "Take the second look", "!rejected", "!Evidence")
	// Nor does the answer to what somebody sends who thinks that it waits.
	for path, form := range map[string]url.Values{"/claim": {}, "/release": {}, "/escalate": {"to": {kyc.Dress("user", b.users["compliance"].ID)}, "text": {"x"}}, "/decide": {"outcome": {"approved"}, "code": {"other"}, "text": {"x"}, "unjudged": {"on"}},
		"/hits": {"word": {"same"}, "list": {"un"}, "entry": {"QDi.1"}, "reason": {"x"}}, "/corrections": {"step": {"papers"}, "code": {"blurry"}, "text": {"x"}}} {
		if code, _, body := w.do("POST", address(&c)+path, form); code != http.StatusConflict || strings.Contains(body, "rejected") || !strings.Contains(body, "decided already") || !strings.Contains(body, `href="`+address(&c)+`"`) {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}

	code, head, _ := w.do("POST", "/console/quality/next", url.Values{"queue": {"identity"}})
	if code != http.StatusSeeOther || head.Get("Location") != lookAt(&c) {
		t.Fatalf("the next one: %d %s", code, head.Get("Location"))
	}
	html := w.page(lookAt(&c), "Ada &lt;b&gt;Lovelace", "LOVELACE", "ADAH LOVELASS", "A light lies on the name.", "I would approve", "I would reject", "document_forged", "hits_cleared", "Account opening", "list hit",
		"!the secret", "!LOVELACE-CORRECTED", `!">rejected`, "!Rejected", "!Decision", "!Timeline", "!Notes", "!Escalated", "!by reviewer", `!href="#decision"`, `!tag bad">the same<`, "!corrected", kyc.Dress("case", c.ID)+"/files/")
	if strings.Contains(html, string(b.users["reviewer"].ID)) || strings.Contains(html, kyc.Dress("session", c.SessionID)) || strings.Contains(html, address(&c)+`"`) {
		t.Error("the page leads to where the decision stands")
	}
	// Whoever looks is written down, and that is no look at the decision.
	looks, _, err := b.db.Events(t.Context(), c.Tenant, kyc.EventFilter{Object: "case", ObjectID: c.ID, Action: "case.quality.read"}, kyc.Page{})
	if err != nil || len(looks) != 1 || looks[0].Actor.ID != string(b.users["second"].ID) {
		t.Errorf("looks: %+v %v", looks, err)
	}

	verdict := url.Values{"outcome": {"approved"}, "code": {"document_verified", "hits_cleared"}, "text": {"The photo is fine <b>."}}
	code, _, body := w.do("POST", lookAt(&c)+"/verdict", url.Values{"outcome": {"approved"}, "text": {" "}})
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, "at least one reason") || !strings.Contains(body, "say why in a sentence") {
		t.Errorf("without a reason: %d %s", code, body)
	}
	// What was written is not lost, and the page is as blind as before.
	code, _, body = w.do("POST", lookAt(&c)+"/verdict", url.Values{"outcome": {"rejected"}, "text": {"The <font>."}})
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, "Reasons: at least one reason") || !strings.Contains(body, `value="The &lt;font&gt;."`) || !strings.Contains(body, `name="act" open`) || !strings.Contains(body, "Ada &lt;b&gt;Lovelace") ||
		strings.Contains(body, "the secret") {
		t.Errorf("a verdict without a reason: %d %s", code, body)
	}
	code, _, body = w.do("POST", lookAt(&c)+"/verdict", url.Values{"outcome": {"approved"}, "code": {"other", "hits_cleared"}})
	if code != http.StatusUnprocessableEntity || !strings.Contains(body, "In a sentence: say why in a sentence") || strings.Count(body, " checked>") != 2 {
		t.Errorf("a verdict without a sentence: %d %d %s", code, strings.Count(body, " checked>"), body)
	}
	if code, _, body := w.do("POST", lookAt(&c)+"/verdict", verdict); code != http.StatusSeeOther {
		t.Fatalf("the verdict: %d %s", code, body)
	}
	w.page(lookAt(&c), "disagrees", "the secret reason", "The photo is fine &lt;b&gt;.", "document verified", "Open the case", address(&c))
	w.page("/console/quality?state=done", "disagrees", "second", `tag bad">rejected`, `tag good">approved`)
	w.page("/console/quality", "No case waits", "!None is drawn")
	// The decision is as it was.
	got, err := b.db.Case(t.Context(), c.Tenant, c.ID)
	if err != nil || got.Status != kyc.CaseRejected || !got.Quality.Verdict.Blind || got.Quality.Verdict.Agrees {
		t.Errorf("%s %+v %v", got.Status, got.Quality, err)
	}
	w.page(address(&c), "the secret reason", "the secret note", "It disagrees with the decision", lookAt(&c))
	if code, _, _ := w.do("POST", lookAt(&c)+"/verdict", verdict); code != http.StatusConflict {
		t.Errorf("a second verdict: %d", code)
	}
}

// Whoever took part, and whoever opened the case with its decision, checks nothing,
// whatever they send.
func TestWhoKnowsTheDecisionChecksNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sampled()
	c := b.decided()
	verdict := url.Values{"outcome": {"approved"}, "code": {"other"}, "text": {"x"}}
	decider := b.as("reviewer")
	decider.page("/console/quality", "you took part", `!href="`+lookAt(&c)+`"`)
	decider.page("/console/queue/decided", "rejected")
	decider.page(address(&c), "the secret reason")
	for _, path := range []string{lookAt(&c) + "/take", lookAt(&c) + "/verdict"} {
		if code, _, body := decider.do("POST", path, verdict); code != http.StatusForbidden || !strings.Contains(body, "took part") {
			t.Errorf("%s of the decider: %d", path, code)
		}
	}
	if code, _, body := decider.do("GET", lookAt(&c), nil); code != http.StatusForbidden || strings.Contains(body, "Lovelace") {
		t.Errorf("the look of the decider: %d", code)
	}
	if code, head, _ := decider.do("POST", "/console/quality/next", url.Values{}); code != http.StatusSeeOther || head.Get("Location") != "/console/quality" {
		t.Errorf("the next one of the decider: %d %s", code, head.Get("Location"))
	}

	curious := b.as("second")
	curious.page(address(&c)+"?decision=1", "the secret reason")
	for _, path := range []string{lookAt(&c) + "/take", lookAt(&c) + "/verdict"} {
		if code, _, body := curious.do("POST", path, verdict); code != http.StatusForbidden || !strings.Contains(body, "without knowing it") {
			t.Errorf("%s of who saw it: %d", path, code)
		}
	}
	curious.page(address(&c), "the secret reason") // there is nothing to keep from them any more

	auditor := b.as("auditor")
	auditor.page("/console/quality", "list hit", "!Take next", `!href="`+lookAt(&c)+`"`)
	if code, head, _ := auditor.do("GET", lookAt(&c), nil); code != http.StatusSeeOther || head.Get("Location") != address(&c) {
		t.Errorf("the auditor: %d %s", code, head.Get("Location"))
	}
	auditor.page(address(&c), "the secret reason")

	officer := b.as("compliance")
	if code, _, _ := officer.do("POST", lookAt(&c)+"/take", url.Values{}); code != http.StatusSeeOther {
		t.Errorf("the officer takes it: %d", code)
	}
	verdict.Set("outcome", "rejected")
	if code, _, body := officer.do("POST", lookAt(&c)+"/verdict", verdict); code != http.StatusSeeOther {
		t.Errorf("the officer's verdict: %d %s", code, body)
	}
	officer.page(lookAt(&c), "agrees", "!stays as it is until")
	// Whose work it was sees the result; another reviewer does not.
	decider.page(lookAt(&c), "agrees", "compliance")
	decider.page("/console/quality?state=done", "agrees", "that you decided or checked")
	curious.page("/console/quality?state=done", "!agrees</td>")
	if code, _, _ := curious.do("GET", lookAt(&c), nil); code != http.StatusForbidden {
		t.Errorf("another reviewer sees the result: %d", code)
	}
}

// A look that a colleague is at is theirs, and one of an erased person is nobody's.
func TestALookIsOnePersonsAndEndsWithTheData(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sampled()
	c := b.decided()
	second, officer := b.as("second"), b.as("compliance")
	if code, _, _ := second.do("POST", lookAt(&c)+"/take", url.Values{}); code != http.StatusSeeOther {
		t.Fatal(code)
	}
	officer.page("/console/quality", "<td>second</td>")
	if code, _, body := officer.do("GET", lookAt(&c), nil); code != http.StatusConflict || strings.Contains(body, "Lovelace") {
		t.Errorf("a colleague's look: %d", code)
	}
	s, err := b.db.Session(t.Context(), c.Tenant, c.SessionID)
	if err != nil {
		t.Fatal(err)
	}
	s.RedactedAt, s.Private = b.clock.at, kyc.SessionData{Unreadable: true}
	s.Touch(b.clock.at)
	if err := b.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&s}, Erase: []kyc.ID{c.SubjectID}}); err != nil {
		t.Fatal(err)
	}
	second.page("/console/quality", "cannot be read any more", `!href="`+lookAt(&c)+`"`)
	if code, _, _ := second.do("POST", lookAt(&c)+"/take", url.Values{}); code != http.StatusConflict {
		t.Errorf("an erased person's look is taken: %d", code)
	}
	second.page("/console/quality", "No case waits")
	officer.page(lookAt(&c), "Nobody can look at this case any more")
	var none kyc.Case
	none.ID = b.meta(kyc.Live).ID
	if code, _, _ := second.do("GET", lookAt(&none), nil); code != http.StatusNotFound {
		t.Errorf("a look at nothing: %d", code)
	}
	plain := b.newCase(nil)
	if code, _, _ := second.do("GET", lookAt(&plain), nil); code != http.StatusNotFound {
		t.Errorf("a look at a case that was not drawn: %d", code)
	}
}

func TestTheListOfSecondLooksHasPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as("second")
	w.page("/console/quality", "No case waits", "None is drawn")
	b.sampled()
	for i := range 30 {
		one := b.newCase(func(c *kyc.Case) {
			c.Status, c.ReasonCode, c.Queue = kyc.CaseApproved, fmt.Sprintf("reason_%02d", i), []string{"a", "b"}[i%2]
			c.Decision = &kyc.CaseDecision{Outcome: kyc.Approved, ReviewerID: "somebody", At: b.clock.at}
			c.Quality = &kyc.QualityCheck{State: kyc.QualityWaiting, Share: 100, At: b.clock.at.Add(-time.Duration(60-i) * time.Minute)}
		})
		made := kyc.Event{ID: kyc.NewID(b.clock.at), Tenant: one.Tenant, At: b.clock.at, Actor: kyc.Actor{Kind: kyc.ActorUser, ID: "somebody"}, Action: "case.approve", Object: "case", ObjectID: one.ID}
		if err := b.db.Commit(t.Context(), &kyc.Change{Events: []kyc.Event{made}}); err != nil {
			t.Fatal(err)
		}
	}
	w.page("/console/quality", "reason 00", "reason 24", "!reason 25", "1 to 25 of 30", "/console/quality?page=2")
	w.page("/console/quality?page=2", "!reason 24", "reason 29", "26 to 30 of 30", `href="/console/quality"`)
	w.page("/console/quality?queue=b", "!reason 00", "reason 01", "1 to 15 of 15")
	w.page("/console/quality?state=done&page=x", "No case was looked at again")
	// The oldest of the queue first.
	list, _, err := b.db.QualityCases(t.Context(), kyc.Tenant{Org: b.org.ID, Env: kyc.Live}, kyc.QualityFilter{State: kyc.QualityWaiting, Queue: "b"}, kyc.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, head, _ := w.do("POST", "/console/quality/next", url.Values{"queue": {"b"}})
	if at := head.Get("Location"); !slices.ContainsFunc(list, func(c kyc.Case) bool { return at == lookAt(&c) }) {
		t.Errorf("the next one is %s", at)
	}
}
