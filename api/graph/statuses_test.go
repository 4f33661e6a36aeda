package graph

import (
	"slices"
	"testing"

	"bonafide/kyc"
)

func TestAStatusFilterThatNobodyMeetsSelectsNobody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status, result string
		want           []kyc.SessionStatus
	}{
		{"", "", nil},
		{"", "approved", []kyc.SessionStatus{kyc.SessionApproved}},
		{"completed", "rejected", []kyc.SessionStatus{kyc.SessionRejected}},
		{"pending", "approved", []kyc.SessionStatus{"none"}},
		{"sandbox_pending", "", []kyc.SessionStatus{"none"}},
	} {
		got, err := statuses(c.status, c.result)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("status=%q result=%q: %v, %v; want %v", c.status, c.result, got, err, c.want)
		}
	}
	if _, err := statuses("pendign", ""); kyc.KindOf(err) != kyc.Malformed {
		t.Errorf("an unknown word: %v", err)
	}
}
