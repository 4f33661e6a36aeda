package api

import (
	"strconv"
	"strings"

	"bonafide/kyc"
)

// ETag is the entity tag of an object's revision.
func ETag(rev int64) string { return `"` + strconv.FormatInt(rev, 10) + `"` }

// CheckMatch compares an If-Match header with the revision that was read: nil
// when the header is empty, "*" or names the revision (strong comparison, RFC
// 9110 section 13.1.1), PreconditionFailed etag_mismatch otherwise.
func CheckMatch(ifMatch string, rev int64) error {
	if ifMatch == "" {
		return nil
	}
	want := ETag(rev)
	for tag := range strings.SplitSeq(ifMatch, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == want {
			return nil
		}
	}
	return kyc.Errorf(kyc.PreconditionFailed, "etag_mismatch", "the object changed since you read it; its ETag is now %s", want)
}

// IfMatch is embedded by inputs that honour If-Match.
type IfMatch struct {
	IfMatch string `header:"If-Match" doc:"ETag of the object as you read it; 412 when it has changed since." example:"\"3\""`
}

// Check compares with the revision that was read.
func (m IfMatch) Check(rev int64) error { return CheckMatch(m.IfMatch, rev) }
