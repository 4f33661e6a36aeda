package chip

import (
	"cmp"
	"slices"

	"bonafide/kyc"
)

// Severities of reasons: critical speaks against the files, warning asks for a
// person, info is for the record.
const (
	critical = "critical"
	warning  = "warning"
	info     = "info"
)

// sortReasons puts the most serious first and leaves the rest in order.
func sortReasons(list []kyc.Reason) {
	rank := map[string]int{critical: 0, warning: 1, info: 2}
	slices.SortStableFunc(list, func(a, b kyc.Reason) int { return cmp.Compare(rank[a.Severity], rank[b.Severity]) })
}
