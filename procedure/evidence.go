package procedure

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// Photographic are the primary photographic documents of manual KYC (seed 002).
func Photographic() []string { return []string{"DRIVERS_LICENSE", "PASSPORT"} }

// NonPhotographic are the primary non-photographic ones.
func NonPhotographic() []string { return []string{"BIRTH_CERT", "CITIZENSHIP"} }

// Secondary are the secondary ones.
func Secondary() []string {
	return []string{"VISA", "IMMIGRATION", "NATIONAL_HEALTH_ID", "NAME_CHANGE", "MARRIAGE_CERT"}
}

// maxEvidence bounds one approval.
const maxEvidence = 50

// Evidence says whether approved documents are enough for manual KYC (5.9) and
// which combination they make. docs are the documents of the individual;
// approved are the ids of the request, in order. on is the day of the approval
// in UTC: a document is valid through its date of expiry.
//
// A document that cannot be used (document_unknown, document_duplicate,
// document_expired, document_expiry_unreadable, document_without_attachment;
// path /approvedDocuments/<i>) refuses the approval, whatever the others are:
// the request says that a person relied on it. Documents of other types may
// stand beside a combination. mkyc_insufficient_evidence at /approvedDocuments
// names what is missing. A type that an organisation's settings put into
// several lists counts for each of them, but one document counts once.
func Evidence(docs []kyc.EntityDocument, approved []kyc.ID, on time.Time, o kyc.EntitySettings) (combination string, problems []kyc.Problem) {
	fail := func(i int, code, format string, args ...any) {
		at := "/approvedDocuments"
		if i >= 0 {
			at = index(at, i)
		}
		problems = append(problems, kyc.Problem{Path: at, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if len(approved) > maxEvidence {
		fail(-1, "too_many", "at most %d documents can be approved at once", maxEvidence)
		return "", problems
	}
	var types []string
	for i, id := range approved {
		at := slices.IndexFunc(docs, func(d kyc.EntityDocument) bool { return d.ID == id && d.DeletedAt.IsZero() })
		if at < 0 {
			fail(i, "document_unknown", "the individual has no such document")
			continue
		}
		if slices.Contains(approved[:i], id) {
			fail(i, "document_duplicate", "the document stands twice in the list")
			continue
		}
		d := &docs[at]
		usable := true
		if d.ExpiryDate != "" {
			end, err := time.Parse(time.DateOnly, d.ExpiryDate)
			switch {
			case err != nil:
				usable = false
				fail(i, "document_expiry_unreadable", "the document's date of expiry cannot be read")
			case end.Before(on.UTC().Truncate(24 * time.Hour)):
				usable = false
				fail(i, "document_expired", "the document expired on %s", d.ExpiryDate)
			}
		}
		if !hasAttachment(d) {
			usable = false
			fail(i, "document_without_attachment", "the document has no attachment, so nobody can have looked at it")
		}
		if usable {
			types = append(types, d.Type)
		}
	}
	photo, plain, secondary := append(Photographic(), o.Photographic...), append(NonPhotographic(), o.NonPhotographic...), append(Secondary(), o.Secondary...)
	combination = combine(types, photo, plain, secondary)
	if combination == "" {
		fail(-1, "mkyc_insufficient_evidence", "%s", lackOf(types, photo, plain, secondary))
	}
	if len(problems) > 0 {
		return "", problems
	}
	return combination, nil
}

// combine finds the first of Combinations that the types make.
func combine(types, photo, plain, secondary []string) string {
	if slices.ContainsFunc(types, func(t string) bool { return slices.Contains(photo, t) }) {
		return OnePhotographic
	}
	pair := func(fits func(a, b string) bool) bool {
		for i, a := range types {
			for k, b := range types {
				if i != k && fits(a, b) {
					return true
				}
			}
		}
		return false
	}
	if pair(func(a, b string) bool { return a != b && slices.Contains(plain, a) && slices.Contains(plain, b) }) {
		return TwoNonPhotographic
	}
	if pair(func(a, b string) bool { return slices.Contains(plain, a) && slices.Contains(secondary, b) }) {
		return NonPhotographicAndSupport
	}
	return ""
}

// lackOf says what is missing to each combination.
func lackOf(types, photo, plain, secondary []string) string {
	or := func(list []string) string { return strings.Join(list, " or ") }
	switch {
	case slices.ContainsFunc(types, func(t string) bool { return slices.Contains(plain, t) }):
		return "beside the primary non-photographic document one is missing: another of a different type (" + or(plain) + "), a secondary one (" + or(secondary) +
			"), or a primary photographic one in its place (" + or(photo) + ")"
	case slices.ContainsFunc(types, func(t string) bool { return slices.Contains(secondary, t) }):
		return "beside the secondary document a primary non-photographic one is missing (" + or(plain) + "), or a primary photographic one (" + or(photo) + ")"
	}
	return "missing is a primary photographic document (" + or(photo) + "), or two primary non-photographic ones of different types (" + or(plain) +
		"), or one of those and a secondary one (" + or(secondary) + ")"
}
