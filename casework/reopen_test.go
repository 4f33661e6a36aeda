package casework_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"bonafide/casework"
	"bonafide/kyc"
)

// closedCase is a case that was decided, with its session.
func (b *bench) closedCase(o kyc.Outcome, change func(*kyc.Case, *kyc.Session)) kyc.Case {
	b.tb.Helper()
	c := b.newCase(func(c *kyc.Case) {
		c.Status, c.Decision = kyc.CaseApproved, &kyc.CaseDecision{Outcome: o, ReviewerID: string(b.users["second"].ID), At: b.clock.at}
		if o == kyc.Rejected {
			c.Status = kyc.CaseRejected
		}
		c.Private.Decision = "other: seen <twice>"
	})
	s, err := b.db.Session(b.tb.Context(), c.Tenant, c.SessionID)
	if err != nil {
		b.tb.Fatal(err)
	}
	s.CaseID, s.Status = c.ID, kyc.SessionStatus(o)
	if change != nil {
		change(&c, &s)
		c.Touch(b.clock.at)
		b.put(&c)
	}
	s.Touch(b.clock.at)
	b.put(&s)
	return c
}

var why = url.Values{"code": {"decided_in_error"}, "text": {"The list was old."}}

func TestADecisionIsTakenBackByTheRulesOfItsSurface(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.way = casework.Way{Kind: casework.Review, Scope: "kyc:create"}
	c := b.closedCase(kyc.Approved, nil)
	next := b.newCase(nil)
	b.next = next.ID
	reviewer, officer, auditor := b.as("reviewer"), b.as("compliance"), b.as("auditor")
	// A machine would need kyc:create, which a reviewer has not.
	reviewer.page(address(&c), "This case is approved.", "!Reopen")
	auditor.page(address(&c), "This case is approved.", "!Reopen")
	for name, w := range map[string]*browser{"a reviewer": reviewer, "an auditor": auditor} {
		if code, _, _ := w.do("POST", address(&c)+"/reopen", why); code != http.StatusForbidden {
			t.Errorf("%s takes it back: %d", name, code)
		}
	}
	officer.page(address(&c), "Reopen</summary>", "a new case waits", "The decision was a mistake", "!after all")
	for name, f := range map[string]url.Values{"no reason": {"text": {"x"}}, "a reason of decisions": {"code": {"document_forged"}, "text": {"x"}}, "no sentence": {"code": {"decided_in_error"}, "text": {" "}}} {
		if code, _, _ := officer.do("POST", address(&c)+"/reopen", f); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, code)
		}
	}
	if code, _, _ := officer.do("POST", address(&c)+"/reopen", url.Values{"rev": {"7"}, "code": why["code"], "text": why["text"]}); code != http.StatusConflict {
		t.Errorf("an old page: %d", code)
	}
	if len(b.taken) != 0 {
		t.Fatalf("what was refused was done: %q", b.taken)
	}
	code, header, body := officer.do("POST", address(&c)+"/reopen", why)
	if code != http.StatusSeeOther || header.Get("Location") != address(&next) {
		t.Fatalf("reopening: %d to %s, %s", code, header.Get("Location"), body)
	}
	if want := []string{"user decided_in_error decided_in_error: The list was old."}; !slices.Equal(b.taken, want) {
		t.Errorf("taken back: %q", b.taken)
	}
}

func TestADecisionIsReversed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.way = casework.Way{Kind: casework.Reverse, Scope: "sessions:write"}
	w := b.as("reviewer")
	rejected := b.closedCase(kyc.Rejected, nil)
	b.full(&rejected) // with a hit that nobody judged
	w.page(address(&rejected), "Approve after all", "The hits are somebody else", "I approve although one hit has no verdict", "!once a second person agrees")
	word := url.Values{"outcome": {"approved"}, "code": {"hits_cleared"}, "text": {"ok"}}
	if code, _, _ := w.do("POST", address(&rejected)+"/reopen", word); code != http.StatusUnprocessableEntity {
		t.Errorf("an approval past a hit: %d", code)
	}
	word.Set("outcome", "needs_review")
	if code, _, _ := w.do("POST", address(&rejected)+"/reopen", word); code != http.StatusUnprocessableEntity {
		t.Errorf("no outcome: %d", code)
	}
	word.Set("outcome", "approved")
	word.Set("unjudged", "on")
	b.next = rejected.ID
	approved := b.closedCase(kyc.Approved, nil)
	w.page(address(&approved), "Reject after all", "!Confirm")
	if code, header, _ := w.do("POST", address(&rejected)+"/reopen", word); code != http.StatusSeeOther || header.Get("Location") != address(&rejected) {
		t.Errorf("reversing: %d to %s", code, header.Get("Location"))
	}
	// Where two people decide, it waits for the second one in a case of its own, and
	// what its queue asks to confirm is asked here, too.
	b.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: {DualReview: true, Queues: []kyc.ReviewQueue{{Name: approved.Queue, Checklist: []string{"The file was read."}}}}}
	b.org.Touch(b.clock.at)
	b.put(&b.org)
	second := b.newCase(nil)
	b.next = second.ID
	w.page(address(&approved), "Reject after all", "once a second person agrees", "The document is forged", "!no verdict", `<legend>Confirm</legend>`, `name="checklist" value="The file was read." required`)
	if code, header, _ := w.do("POST", address(&approved)+"/reopen", url.Values{"outcome": {"rejected"}, "code": {"document_forged"}, "text": {"The font."}, "checklist": {"The file was read."}}); code != http.StatusSeeOther || header.Get("Location") != address(&second) {
		t.Errorf("under dual review: %d to %s", code, header.Get("Location"))
	}
	if want := []string{"user approved hits_cleared: ok", "user rejected document_forged: The font. The file was read."}; !slices.Equal(b.taken, want) {
		t.Errorf("taken back: %q", b.taken)
	}
	// What became of the session without the case stands beside it.
	moved := b.closedCase(kyc.Approved, func(_ *kyc.Case, s *kyc.Session) { s.Status = kyc.SessionRejected })
	w.page(address(&moved), "This case is approved. Since then the session was rejected.", "Approve after all")
}

func TestWhatCannotBeTakenBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as("compliance")
	me := b.users["compliance"].ID
	for name, x := range map[string]struct {
		way    casework.Way
		change func(*kyc.Case, *kyc.Session)
		says   []string
		code   int
	}{
		"a final one":      {casework.Way{}, nil, []string{"That is final", "!Reopen"}, http.StatusConflict},
		"an undecided one": {casework.Way{Kind: casework.Review}, func(c *kyc.Case, s *kyc.Session) { c.Status, s.Status = kyc.CaseOpen, kyc.SessionReview }, []string{"Approve</summary>", "!Reopen"}, http.StatusConflict},
		"one with a newer case": {casework.Way{Kind: casework.Review}, func(_ *kyc.Case, s *kyc.Session) { s.CaseID = kyc.NewID(time.Now()) },
			[]string{"The session has a newer case", "!Reopen"}, http.StatusConflict},
		"one of a session that is at work": {casework.Way{Kind: casework.Review}, func(_ *kyc.Case, s *kyc.Session) { s.Status = kyc.SessionRunning }, []string{"!Reopen", "!final"}, 0},
		"an erased one":                    {casework.Way{Kind: casework.Review}, func(_ *kyc.Case, s *kyc.Session) { s.RedactedAt = b.clock.at }, []string{"!Reopen"}, http.StatusConflict},
		"one's own":                        {casework.Way{Kind: casework.Review}, func(c *kyc.Case, _ *kyc.Session) { c.CreatedBy = kyc.Actor{Kind: kyc.ActorUser, ID: string(me)} }, []string{"!Reopen"}, http.StatusForbidden},
	} {
		b.way = x.way
		if b.way.Kind != casework.NoWay {
			b.way.Scope = "kyc:create"
		}
		c := b.closedCase(kyc.Approved, x.change)
		t.Log(name)
		w.page(address(&c), x.says...)
		if x.code == 0 {
			continue // the machine of the session refuses it
		}
		if code, _, body := w.do("POST", address(&c)+"/reopen", why); code != x.code {
			t.Errorf("%s: %d %s", name, code, body)
		}
	}
	if len(b.taken) != 0 {
		t.Errorf("taken back: %q", b.taken)
	}
	other := kyc.Case{Meta: b.meta(kyc.Sandbox), Status: kyc.CaseApproved, Queue: "identity"}
	b.put(&other)
	if code, _, _ := w.do("POST", address(&other)+"/reopen", why); code != http.StatusNotFound {
		t.Errorf("a case of the other environment: %d", code)
	}
}

// Whoever looks at a case reads what was decided about its session before.
func TestEarlierDecisionsStandOnTheNewCase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	old := b.closedCase(kyc.Rejected, nil)
	fresh := b.newCase(func(c *kyc.Case) { c.SessionID, c.SubjectID = old.SessionID, old.SubjectID })
	stranger := b.closedCase(kyc.Approved, nil)
	w := b.as("reviewer")
	w.page(address(&fresh), "Other decisions on this session", `href="`+address(&old)+`"`, "other: seen &lt;twice&gt;", "by second", "!"+address(&stranger)+`"`)
	w.page(address(&stranger), "!Other decisions on this session")
}
