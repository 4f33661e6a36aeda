package casework_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bonafide/casework"
	"bonafide/kyc"
)

// skilled gives "second" skills that the queues mena and nobody's ask for, all of the
// first and none of the second.
func (b *bench) skilled() {
	b.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: {Queues: []kyc.ReviewQueue{{Name: "mena", Skills: []string{"arabic", "edd"}}, {Name: "far", Skills: []string{"klingon"}}}}}
	b.org.Touch(b.clock.at)
	u := b.users["second"]
	u.Skills = []string{"arabic", "edd"}
	u.Touch(b.clock.at)
	b.put(&b.org, &u)
}

// The pages say which cases somebody cannot take, and why, and offer them nothing
// that would be refused; the next case passes them over.
func TestPagesSayWhichSkillsAreLacking(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.skilled()
	far := b.newCase(func(c *kyc.Case) { c.Queue, c.Priority = "far", 95 })
	hard := b.newCase(func(c *kyc.Case) { c.Queue, c.Priority = "mena", 90 })
	b.full(&hard)
	easy := b.newCase(func(c *kyc.Case) { c.Priority = 1 })
	without, with, auditor := b.as("reviewer"), b.as("second"), b.as("auditor")

	without.page("/console/queue", "you lack arabic, edd", "nobody here has klingon", "Take next")
	without.page("/console/queue?queue=mena", "You cannot take cases of this queue: you lack arabic, edd.", "!Take next")
	with.page("/console/queue", "!you lack", "nobody here has klingon")
	with.page("/console/queue?queue=mena", "!You cannot take", "Take next")
	auditor.page("/console/queue", "!you lack", "!nobody here has")
	without.page(address(&hard), "The queue mena asks for skills: you lack arabic, edd.", "!Take the case", "!aria-label=\"Approve\"", "!Record the verdict")
	without.page(address(&far), "nobody here has klingon")
	with.page(address(&hard), "!asks for skills", "Take the case", "aria-label=\"Approve\"", "Record the verdict", "!reviewer (reviewer)")
	with.page(address(&easy), "reviewer (reviewer)", "compliance (compliance)")

	for path, f := range map[string]url.Values{
		"/claim":       {},
		"/decide":      {"outcome": {"rejected"}, "code": {"document_forged"}, "text": {"x"}},
		"/hits":        {"word": {"other"}, "list": {"un"}, "entry": {"QDi.1"}, "reason": {"x"}},
		"/corrections": {"step": {"papers"}, "code": {"blurry"}, "text": {"Again, please"}},
	} {
		if code, _, body := without.do("POST", address(&hard)+path, f); code != http.StatusForbidden || !strings.Contains(body, "arabic, edd") {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if code, _, _ := with.do("POST", address(&hard)+"/escalate", url.Values{"to": {kyc.Dress("user", b.users["reviewer"].ID)}, "text": {"x"}}); code != http.StatusForbidden {
		t.Errorf("handing it to who lacks skills: %d", code)
	}
	if len(b.asked) > 0 {
		t.Errorf("asked for %v", b.asked)
	}
	next := func(w *browser, f url.Values, want string) {
		t.Helper()
		if code, h, body := w.do("POST", "/console/queue/next", f); code != http.StatusSeeOther || h.Get("Location") != want {
			t.Errorf("next %v: %d to %s %s", f, code, h.Get("Location"), body)
		}
	}
	next(without, url.Values{}, address(&easy))
	next(without, url.Values{}, "/console/queue")
	if code, _, body := without.do("POST", "/console/queue/next", url.Values{"queue": {"mena"}}); code != http.StatusForbidden || !strings.Contains(body, "arabic, edd") {
		t.Errorf("next of a queue out of reach: %d %s", code, body)
	}
	next(with, url.Values{}, address(&hard))
	second := b.newCase(func(c *kyc.Case) {
		c.Queue, c.Status, c.First = "mena", kyc.CaseSecond, &kyc.CaseDecision{ReviewerID: "x", Outcome: kyc.Approved}
	})
	next(without, url.Values{"view": {"second"}}, "/console/queue?view=second")
	next(with, url.Values{"view": {"second"}}, address(&second))
}

// The number in the menu counts what somebody can take.
func TestTheMenuCountsWhatIsInReach(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.skilled()
	for range 3 {
		b.newCase(func(c *kyc.Case) { c.Queue = "mena" })
	}
	b.newCase(func(c *kyc.Case) { c.Queue = "far" })
	b.newCase(nil)
	b.as("reviewer").page("/console/queue", `Queue <span class="count">1</span>`)
	b.as("second").page("/console/queue", `Queue <span class="count">4</span>`)
}

// Taking a decision back is for who could make it.
func TestWhoLacksSkillsTakesNothingBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.skilled()
	b.way = casework.Way{Kind: casework.Review, Scope: "cases:write"}
	c := b.closedCase(kyc.Rejected, func(c *kyc.Case, _ *kyc.Session) { c.Queue = "mena" })
	b.as("second").page(address(&c), "Reopen</summary>")
	without := b.as("reviewer")
	without.page(address(&c), "!Reopen")
	if code, _, body := without.do("POST", address(&c)+"/reopen", url.Values{"code": {"new_information"}, "text": {"x"}}); code != http.StatusForbidden || !strings.Contains(body, "arabic, edd") || len(b.taken) > 0 {
		t.Errorf("reopening: %d %s %v", code, body, b.taken)
	}
}
