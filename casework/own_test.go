package casework_test

import (
	"net/http"
	"net/url"
	"testing"

	"bonafide/kyc"
)

// Whoever invited an applicant reads on the page of the case that a colleague
// decides, and is refused; the colleague is not.
func TestNobodyDecidesOnWhomTheyInvited(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.newCase(nil)
	e := kyc.Event{ID: kyc.NewID(b.clock.at), Tenant: c.Tenant, At: b.clock.at, Actor: kyc.Actor{Kind: kyc.ActorUser, ID: string(b.users["reviewer"].ID)}, Action: "session.create", Object: "session",
		ObjectID: c.SessionID, SubjectID: c.SubjectID}
	if err := b.db.Commit(t.Context(), &kyc.Change{Events: []kyc.Event{e}}); err != nil {
		t.Fatal(err)
	}
	inviter, colleague := b.as("reviewer"), b.as("second")
	inviter.page(address(&c), "You invited this applicant", "!aria-label=\"Approve\"", "!Take the case")
	colleague.page(address(&c), "!You invited this applicant", "aria-label=\"Approve\"", "Take the case")
	word := url.Values{"outcome": {"rejected"}, "code": {"document_forged"}, "text": {"The font."}}
	if code, _, _ := inviter.do("POST", address(&c)+"/decide", word); code != http.StatusForbidden {
		t.Errorf("who invited decides: %d", code)
	}
	if _, to, _ := inviter.do("POST", "/console/queue/next", url.Values{}); to.Get("Location") != "/console/queue" {
		t.Errorf("the next case of who invited is %s", to.Get("Location"))
	}
	// Held by them all the same, as by an assignment, it can be put back.
	if _, err := b.desk.Assign(t.Context(), c.Tenant, kyc.SystemActor("test"), c.ID, 0, kyc.Dress("user", b.users["reviewer"].ID)); err != nil {
		t.Fatal(err)
	}
	inviter.page(address(&c), "You invited this applicant", "Put back")
	if code, _, body := inviter.do("POST", address(&c)+"/release", url.Values{}); code != http.StatusSeeOther {
		t.Errorf("putting it back: %d %s", code, body)
	}
	if code, _, body := colleague.do("POST", address(&c)+"/decide", word); code != http.StatusSeeOther {
		t.Errorf("the colleague decides: %d %s", code, body)
	}
}

// Nor is the second word on somebody whom they invited given to them.
func TestTheNextSecondWordIsNotOnWhomTheyInvited(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.newCase(func(c *kyc.Case) {
		c.Status, c.First = kyc.CaseSecond, &kyc.CaseDecision{Outcome: kyc.Approved, ReviewerID: string(b.users["compliance"].ID), At: b.clock.at}
	})
	e := kyc.Event{ID: kyc.NewID(b.clock.at), Tenant: c.Tenant, At: b.clock.at, Actor: kyc.Actor{Kind: kyc.ActorUser, ID: string(b.users["reviewer"].ID)}, Action: "session.create", Object: "session",
		ObjectID: c.SessionID, SubjectID: c.SubjectID}
	if err := b.db.Commit(t.Context(), &kyc.Change{Events: []kyc.Event{e}}); err != nil {
		t.Fatal(err)
	}
	second := url.Values{"view": {"second"}}
	if _, to, _ := b.as("reviewer").do("POST", "/console/queue/next", second); to.Get("Location") != "/console/queue?view=second" {
		t.Errorf("who invited gets %s", to.Get("Location"))
	}
	if _, to, _ := b.as("second").do("POST", "/console/queue/next", second); to.Get("Location") != address(&c) {
		t.Errorf("the colleague gets %s", to.Get("Location"))
	}
}
