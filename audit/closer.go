package audit

import (
	"fmt"
	"time"

	"bonafide/kyc"
)

// Grace is how long after midnight a day is closed: whatever was on its way into
// the chain has arrived by then.
const Grace = 10 * time.Minute

// Closer cuts what was added to a chain into days, in one pass, and recomputes
// the chain on the way, so that no root is made of a chain that is broken.
//
// An event belongs to the day it happened on by the machine's clock, but never to
// an earlier one than the event before it: one that was sealed late goes with the
// day under way. Times of the sandbox run ahead of the machine's by offset,
// and nothing happened later than now, whatever a clock said.
type Closer struct {
	org    kyc.ID
	offset time.Duration
	now    time.Time
	before string // dates before this one are over, YYYY-MM-DD
	last   Day    // the newest that is closed; zero: none
	chain  *Verifier
	day    string
	tree   *Tree
	first  int64
	seq    int64
	head   string
	days   []Day
}

// NewCloser goes on after a closed day (nil: from the first event on). now is the
// machine's time.
func NewCloser(org kyc.ID, last *Day, offset time.Duration, now time.Time) *Closer {
	c := &Closer{org: org, offset: offset, now: now, before: now.Add(-Grace).UTC().Format(time.DateOnly), chain: Since(0, ""), tree: NewTree()}
	if last != nil {
		c.last, c.day, c.chain = *last, following(last.Day), Since(last.LastSeq, last.Head)
	}
	return c
}

// following is the date after one.
func following(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date // a stored day was looked at when it was read
	}
	return t.AddDate(0, 0, 1).Format(time.DateOnly)
}

// Add takes the next event of the chain; more is false once an event of a day
// that is not over was seen, or the chain is broken.
func (c *Closer) Add(e kyc.Event) (more bool, err error) {
	if !c.chain.Add(e) {
		return false, c.broken()
	}
	at := e.At
	if e.Tenant.Env == kyc.Sandbox {
		at = at.Add(-c.offset)
	}
	if at.After(c.now) {
		at = c.now
	}
	day := max(at.UTC().Format(time.DateOnly), c.day)
	if c.tree.Size() > 0 && day != c.day {
		c.close()
	}
	if c.day = day; day >= c.before {
		return false, nil
	}
	if c.tree.Size() == 0 {
		c.first = e.Seq
	}
	c.seq, c.head = e.Seq, e.Hash
	return true, c.tree.Add(e.Hash)
}

// broken is the chain's first difference as an error.
func (c *Closer) broken() error {
	return kyc.Errorf(kyc.Conflict, "chain_broken", "no root is made of a broken chain: %s", c.chain.problem)
}

// Break notes a difference found by somebody else; see Verifier.Break.
func (c *Closer) Break(seq int64, problem string) error {
	c.chain.Break(seq, problem)
	return c.broken()
}

func (c *Closer) close() {
	d := Day{Org: c.org, Day: c.day, FirstSeq: c.first, LastSeq: c.seq, Size: c.tree.Size(), Root: c.tree.Root(), Head: c.head}
	if c.last.Day != "" {
		d.Previous = c.last.Digest()
	}
	c.days, c.last, c.tree = append(c.days, d), d, NewTree()
}

// Days are the days that are over, oldest first, once all events were added.
func (c *Closer) Days() []Day {
	if c.tree.Size() > 0 && c.day < c.before {
		c.close()
	}
	return c.days
}

// Against makes a Verifier compare the events with the roots of days as well
// (oldest first, from the first event on). It is asked before the first Add.
func (v *Verifier) Against(days []Day) {
	if broken, problem := Linked(days); broken != 0 {
		v.Break(broken, problem)
		return
	}
	v.days, v.tree = days, NewTree()
}

// root adds an event to the tree of its day and compares the root at its end.
func (v *Verifier) root(e kyc.Event) bool {
	if len(v.days) == 0 {
		return true
	}
	d := v.days[0]
	if err := v.tree.Add(e.Hash); err != nil {
		return v.Break(e.Seq, err.Error())
	}
	if e.Seq < d.LastSeq {
		return true
	}
	if v.tree.Root() != d.Root || e.Hash != d.Head {
		return v.Break(d.FirstSeq, fmt.Sprintf("the events of %s (%d to %d) do not give the root that was stored when the day was over", d.Day, d.FirstSeq, d.LastSeq))
	}
	v.days, v.tree = v.days[1:], NewTree()
	v.roots++
	return true
}
