package check

import (
	"slices"
	"time"

	"bonafide/kyc"
)

// fraudTimeout is for checks that may read three documents of two sides.
const fraudTimeout = 3 * time.Minute

// The identity documents that one applicant may hand in, by what
// kyc.Upload.Asked says; an upload that says none of them is the first one.
const (
	idPrimary   = "primary"
	idSecondary = "secondary"
	idTertiary  = "tertiary"
)

// idOf names which of the applicant's identity documents an upload shows.
func idOf(u kyc.Upload) string {
	if u.Asked == idSecondary || u.Asked == idTertiary {
		return u.Asked
	}
	return idPrimary
}

// idUploads gives the uploads in force of one of the applicant's identity
// documents, fronts first.
func idUploads(all []kyc.Upload, which string) []kyc.Upload {
	return slices.DeleteFunc(current(all, documentKinds...), func(u kyc.Upload) bool { return idOf(u) != which })
}
