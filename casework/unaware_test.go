package casework_test

import (
	"net/http"
	"net/url"
	"testing"

	"bonafide/kyc"
)

// Where the settings want it, whoever may give the second opinion sees the case as if
// nobody had looked: not the first opinion, its reviewer's notes, nor their words on
// hits, on the page, in the timeline or among the reasons. Who gave it sees it, who
// decides nothing does, and everybody when the case is decided.
func TestTheSecondOpinionKnowsNothingOfTheFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	rules := kyc.Settings{DualReview: true, SecondUnaware: true}
	b.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: rules}
	b.org.Touch(b.clock.at)
	b.put(&b.org)
	by := kyc.Actor{Kind: kyc.ActorUser, ID: string(b.users["reviewer"].ID)}
	c := b.newCase(func(c *kyc.Case) {
		c.Private.Hits = []kyc.JudgedHit{{Policy: "watchlist_screening", List: "un", EntryID: "QDi.1", Word: kyc.HitFalse, Reason: "Telltale of a hit.", By: by, Person: by.ID, At: b.clock.at}}
		c.Escalation, c.Private.Escalation = &kyc.Escalation{From: by.ID, To: string(b.users["second"].ID), At: b.clock.at}, "Telltale handing on."
	})
	b.full(&c)
	first, second, auditor := b.as("reviewer"), b.as("second"), b.as("auditor")
	told := []string{"Escalated", "!Telltale handing on.", "!Telltale of a hit.", "!Telltale note.", "!Telltale opinion.", "!hits cleared", "!Hits cleared", "It is kept from you", "no note for you to read yet", "!Nobody has written"}
	seen := []string{"Telltale handing on.", "Telltale note.", "Telltale opinion.", "Telltale of a hit.", "!It is kept from you"}
	if code, _, body := first.do("POST", address(&c)+"/notes", url.Values{"text": {"Telltale note."}}); code != http.StatusSeeOther {
		t.Fatalf("a note: %d %s", code, body)
	}
	second.page(address(&c), "Telltale note.", "!It is kept from you") // there is no opinion yet
	word := url.Values{"outcome": {"approved"}, "code": {"hits_cleared"}, "text": {"Telltale opinion."}, "unjudged": {"on"}}
	if code, _, body := first.do("POST", address(&c)+"/decide", word); code != http.StatusSeeOther {
		t.Fatalf("the first opinion: %d %s", code, body)
	}
	second.page(address(&c), told...)
	first.page(address(&c), seen...)
	auditor.page(address(&c), seen...)
	if code, _, body := second.do("POST", address(&c)+"/claim", url.Values{}); code != http.StatusSeeOther {
		t.Fatalf("claiming: %d %s", code, body)
	}
	second.page(address(&c), told...)
	if code, _, body := second.do("POST", address(&c)+"/decide", url.Values{"outcome": {"rejected"}, "code": {"document_forged"}, "text": {"The font."}}); code != http.StatusSeeOther {
		t.Fatalf("the second opinion: %d %s", code, body)
	}
	second.page(address(&c), append(seen, "The font.")...)

	// Without the setting the first opinion is there.
	b.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: {DualReview: true}}
	b.org.Touch(b.clock.at)
	b.put(&b.org)
	plain := b.newCase(nil)
	if code, _, body := first.do("POST", address(&plain)+"/decide", word); code != http.StatusSeeOther {
		t.Fatalf("the first opinion: %d %s", code, body)
	}
	second.page(address(&plain), "Telltale opinion.", "!It is kept from you")
}
