package access

import (
	"slices"
	"strconv"

	"bonafide/kyc"
)

// Principal is who a request comes from, after its credential was checked.
// The tenant of everything the request touches is this Tenant and no other.
type Principal struct {
	Tenant kyc.Tenant
	Actor  kyc.Actor
	Scopes []string
	// KeyID is the API key's id; empty for people.
	KeyID kyc.ID
	// KeyPrefix is the part of the key that may be shown and logged.
	KeyPrefix string
	// Rate is the key's own limit in requests per second; 0: the surface's.
	Rate float64
}

// Sandbox reports whether the request plays in the sandbox.
func (p Principal) Sandbox() bool { return p.Tenant.Env == kyc.Sandbox }

// Authorize answers nil, or a Forbidden that names the missing scopes.
func (p Principal) Authorize(scopes ...string) error {
	var missing []string
	for _, s := range scopes {
		if s != "" && !Grants(p.Scopes, s) && !slices.Contains(missing, s) {
			missing = append(missing, s)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	problems := make([]kyc.Problem, len(missing))
	for i, s := range missing {
		problems[i] = kyc.Problem{Code: "scope_missing", Message: "this needs the scope " + s}
	}
	e := kyc.Errorf(kyc.Forbidden, "scope_missing", "this credential lacks the scope %s", missing[0])
	e.Problems = problems
	return e
}

func itoa(i int) string { return strconv.Itoa(i) }
