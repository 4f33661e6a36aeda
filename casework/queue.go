package casework

import (
	"bonafide/console"
	"bonafide/kyc"
)

type queuePage struct {
	Cases []kyc.Case
	Total int
}

// queue lists the cases that wait.
func (r *room) queue(v *console.Visit) error {
	cases, total, err := r.Store.WaitingCases(v.Ctx(), v.Tenant(), kyc.WaitingFilter{}, kyc.Page{Limit: 25})
	if err != nil {
		return err
	}
	return v.Show("queue", "Queue", queuePage{Cases: cases, Total: total})
}

// unassigned is how many cases wait for anybody; a count that cannot be read is
// left out.
func (r *room) unassigned(v *console.Visit) int {
	n, err := r.Store.WaitingCount(v.Ctx(), v.Tenant(), kyc.WaitingFilter{Unassigned: true})
	if err != nil {
		return 0
	}
	return n
}
