package audit

import (
	"fmt"

	"bonafide/kyc"
)

// Verifier recomputes a chain event by event. The zero value begins at the
// first event; Since begins later.
type Verifier struct {
	seq     int64
	prev    string
	checked int64
	broken  int64
	problem string
	// days are the roots that the events still have to give; see Against.
	days  []Day
	tree  *Tree
	roots int
}

// Since continues after a sealed event that is known to be good.
func Since(seq int64, hash string) *Verifier { return &Verifier{seq: seq, prev: hash} }

// Add checks the next event in order of sequence and reports whether the chain
// is whole so far. After the first difference it only says no.
func (v *Verifier) Add(e kyc.Event) bool {
	if v.broken != 0 {
		return false
	}
	want := v.seq + 1
	switch {
	case e.Seq != want:
		return v.Break(want, fmt.Sprintf("event %d is missing; the next one stored is %d", want, e.Seq))
	case e.PrevHash != v.prev:
		return v.Break(want, fmt.Sprintf("event %d does not follow the hash of the event before it", want))
	}
	draft, err := Prepare(e)
	if err != nil {
		return v.Break(want, fmt.Sprintf("event %d cannot be read: %v", want, err))
	}
	if draft.Seal(e.Seq, e.PrevHash) != e.Hash {
		return v.Break(want, fmt.Sprintf("event %d was changed after it was sealed", want))
	}
	v.seq, v.prev = e.Seq, e.Hash
	v.checked++
	return v.root(e)
}

// Break notes a difference found by somebody else, such as a column that
// disagrees with the record, and answers false.
func (v *Verifier) Break(seq int64, problem string) bool {
	if v.broken == 0 {
		v.broken, v.problem = seq, problem
	}
	return false
}

// Finish compares the end of the chain with the head that was noted apart
// from it (so that a chain cut short shows) and gives the report.
func (v *Verifier) Finish(org kyc.ID, headSeq int64, headHash string, unsealed int64) Report {
	if v.broken == 0 && (v.seq != headSeq || v.prev != headHash) {
		v.Break(v.seq+1, fmt.Sprintf("the chain ends at %d, but its head was noted at %d", v.seq, headSeq))
	}
	if v.broken == 0 && len(v.days) > 0 {
		d := v.days[0]
		v.Break(v.seq+1, fmt.Sprintf("the chain ends at %d, within or before the events of %s, whose root is stored", v.seq, d.Day))
	}
	return Report{Org: org, Checked: v.checked, Days: v.roots, Unsealed: unsealed, Head: v.prev, Broken: v.broken, Problem: v.problem}
}

// Verify recomputes a range of events that begins right after the given
// sequence and hash. It answers the first broken sequence, or 0.
func Verify(after int64, prev string, events []kyc.Event) (broken int64, problem string) {
	v := Since(after, prev)
	for _, e := range events {
		if !v.Add(e) {
			break
		}
	}
	return v.broken, v.problem
}
