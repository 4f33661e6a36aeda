package casework_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestQueue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as("reviewer")
	w.page("/console/queue", "No case waits here. Cases come from sessions: <a href=\"/console/sessions/new\">invite an applicant</a>.</p>", "<strong>0</strong> cases wait")
	elsewhere := kyc.Case{Meta: b.meta(kyc.Sandbox), Status: kyc.CaseOpen, Queue: "identity", EnteredReviewAt: b.clock.at}
	b.put(&elsewhere)
	w.page("/console/queue", "One waits in the sandbox")
	mine := b.newCase(func(c *kyc.Case) {
		c.Status, c.AssignedTo, c.LastActivityAt = kyc.CaseInReview, string(b.users["reviewer"].ID), b.clock.at
		c.ReasonCode = "name_mismatch"
	})
	late := b.newCase(func(c *kyc.Case) { c.SLAHours, c.Priority = 4, 3 })
	b.newCase(func(c *kyc.Case) { c.Status, c.Queue, c.ReasonCode = kyc.CaseSecond, "monitoring", "second_look" })
	for range 30 {
		b.newCase(func(c *kyc.Case) { c.EnteredReviewAt = b.clock.at.Add(-time.Hour); c.ReasonCode = "bulk" })
	}
	body := w.page("/console/queue", "<strong>33</strong> cases wait", "1 to 25 of 33", "overdue by 1 h 0 min", "name mismatch", "page=2", "<td>Account opening</td>")
	if i, j := strings.Index(body, kyc.Dress("case", late.ID)), strings.Index(body, kyc.Dress("case", mine.ID)); i < 0 || j < i {
		t.Error("the case of the highest priority does not stand first")
	}
	b.newCase(func(c *kyc.Case) { c.SessionID, c.Queue = kyc.NewID(b.clock.at), "orphans" })
	w.page("/console/queue?queue=orphans", "1 to 1 of 1", "!Account opening")
	b.newCase(func(c *kyc.Case) {
		c.Queue, c.ReasonCode, c.Because = "checks", "second_look", kyc.Because{Policy: "watchlist_screening", Code: "possible_match"}
	})
	w.page("/console/queue?queue=checks", "watchlist screening: possible match</a>", "<span class=\"soft\">second look</span>", "<option value=\"second_look\">")
	mineNow := b.newCase(func(c *kyc.Case) {
		c.Status, c.AssignedTo, c.Queue = kyc.CaseEscalated, string(b.users["reviewer"].ID), "hard"
	})
	w.page("/console/queue?queue=hard", "escalated to you", kyc.Dress("case", mineNow.ID))
	w.page("/console/queue?page=2", "26 to 36 of 36", "!page=3")
	w.page("/console/queue?view=mine", "name mismatch", "<strong>you</strong>", "!bulk")
	w.page("/console/queue?view=overdue", "overdue by", "!bulk")
	w.page("/console/queue?view=second", "second look", "!bulk")
	w.page("/console/queue?view=monitoring", "second look", "!bulk")
	w.page("/console/queue?view=unassigned&reason=bulk", "<strong>30</strong>", "!name mismatch")
	w.page("/console/queue?view=nonsense&page=-4", "1 to 25 of 36")
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
