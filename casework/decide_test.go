package casework_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

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

// What a queue asks to confirm stands with both decisions, is asked for by the
// desk whatever a form says, and is kept with the decision.
func TestAQueuesChecklistIsConfirmed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	points := []string{"The birth dates were compared.", "The list was opened."}
	b.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: {Queues: []kyc.ReviewQueue{{Name: "identity", Checklist: points}}}}
	b.org.Touch(b.clock.at)
	b.put(&b.org)
	c, reviewer := b.newCase(nil), b.as("reviewer")
	if _, _, body := reviewer.do("GET", address(&c), nil); strings.Count(body, `name="checklist"`) != 4 {
		t.Errorf("both decisions have %d points to confirm", strings.Count(body, `name="checklist"`))
	}
	word := url.Values{"outcome": {"approved"}, "code": {"hits_cleared"}, "text": {"Another birth date."}, "checklist": points[:1]}
	if code, _, body := reviewer.do("POST", address(&c)+"/decide", word); code != http.StatusUnprocessableEntity || !strings.Contains(body, points[1]) {
		t.Errorf("one point is missing: %d %s", code, body)
	}
	word["checklist"] = points
	if code, _, body := reviewer.do("POST", address(&c)+"/decide", word); code != http.StatusSeeOther {
		t.Fatalf("everything confirmed: %d %s", code, body)
	}
	if got, err := b.db.Case(t.Context(), c.Tenant, c.ID); err != nil || !slices.Equal(got.Decision.Checklist, points) {
		t.Errorf("kept is %+v (%v)", got.Decision, err)
	}
	if _, _, body := reviewer.do("GET", address(&c), nil); !strings.Contains(body, "Confirmed:") || !strings.Contains(body, points[0]) {
		t.Error("the page of the decided case does not show what was confirmed")
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
	w.page(address(&c), "Called the bank.", "Note written")
	do(w, "/corrections", url.Values{"step": {"papers"}, "code": {"blurry"}}, http.StatusUnprocessableEntity)
	do(second, "/corrections", url.Values{"step": {"papers"}, "code": {"blurry"}, "text": {"Again, please"}}, http.StatusConflict)
	do(w, "/corrections", url.Values{"step": {"papers"}, "code": {"blurry"}, "text": {"Again, please"}}, http.StatusSeeOther)
	if fmt.Sprint(b.asked) != "[{papers blurry Again, please [] []}]" {
		t.Errorf("asked for %v", b.asked)
	}
	b.asked = nil
	two := url.Values{"step": {"papers", "details"}, "code:papers": {"blurry"}, "text:papers": {"The number cannot be read."}}
	do(w, "/corrections", two, http.StatusUnprocessableEntity) // the second step has neither
	two.Set("code", "other")
	do(w, "/corrections", two, http.StatusUnprocessableEntity) // and still no message
	two.Set("text", "See below.")
	two.Set("code:selfie", "expired") // of a step that is not asked for
	two.Set("text:details", "Is a letter missing?")
	two["document:papers"], two["question:details"], two["document:selfie"] = []string{"passport", "bank_letter"}, []string{"town"}, []string{"selfie"}
	do(w, "/corrections", two, http.StatusSeeOther)
	if fmt.Sprint(b.asked) != "[{papers blurry The number cannot be read. [passport bank_letter] []} {details other Is a letter missing? [] [town]}]" {
		t.Errorf("asked for %v", b.asked)
	}
	do(w, "/hits", url.Values{"word": {"perhaps"}}, http.StatusUnprocessableEntity)
	do(w, "/hits", url.Values{"word": {"other"}, "list": {"un"}, "entry": {"none"}, "reason": {"x"}}, http.StatusNotFound)
	do(w, "/release", url.Values{}, http.StatusSeeOther)
	for _, nobody := range []string{"", "somebody", kyc.Dress("user", b.users["auditor"].ID), b.users["auditor"].Email} {
		do(w, "/escalate", url.Values{"to": {nobody}, "text": {"Hard"}}, http.StatusUnprocessableEntity)
	}
	do(w, "/escalate", url.Values{"to": {kyc.Dress("user", b.users["second"].ID)}, "text": {"Hard"}}, http.StatusSeeOther)
	second.page(address(&c), "Escalated", "reviewer to second", "Hard")
}

func TestNobodyApprovesPastHitsUnseen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.newCase(nil)
	b.full(&c)
	w := b.as("reviewer")
	w.page(address(&c), "I approve although one hit has no verdict")
	word := url.Values{"outcome": {"approved"}, "code": {"hits_cleared"}, "text": {"ok"}}
	if code, _, body := w.do("POST", address(&c)+"/decide", word); code != http.StatusUnprocessableEntity || !strings.Contains(body, "1 without a verdict") {
		t.Errorf("an approval without a look: %d %s", code, body)
	}
	if got, err := b.db.Case(t.Context(), c.Tenant, c.ID); err != nil || got.Status.Decided() {
		t.Errorf("the case is %s (%v)", got.Status, err)
	}
	judged := b.newCase(func(c *kyc.Case) {
		c.Private.Hits = []kyc.JudgedHit{{Policy: "watchlist_screening", List: "un", EntryID: "QDi.1", Word: kyc.HitFalse, Person: string(b.users["reviewer"].ID), Reason: "born later"}}
	})
	w.page(address(&judged), "!no verdict")
	for _, x := range []struct {
		c    kyc.Case
		word url.Values
	}{
		{judged, word},
		{c, url.Values{"outcome": word["outcome"], "code": word["code"], "text": word["text"], "unjudged": {"on"}}},
		{b.newCase(nil), url.Values{"outcome": {"rejected"}, "code": {"document_forged"}, "text": {"The font."}}},
	} {
		if code, _, body := w.do("POST", address(&x.c)+"/decide", x.word); code != http.StatusSeeOther {
			t.Errorf("%v: %d %s", x.word, code, body)
		}
	}
	w.page("/console/queue/decided", "approved", "rejected", kyc.Dress("case", c.ID), "Account opening", "<td>reviewer</td>", "4 May 2026, 12:00 UTC", "!Older")
	w.page("/console/queue/decided?page=2", "No case is decided yet")
	w.page(address(&c), "href=\"#decision\"", "5 decision")
}
