package access

import (
	"slices"
	"strings"

	"bonafide/kyc"
)

// Everything is the scope that contains all others.
const Everything = "*"

// Scope is one permission, written resource:action.
type Scope struct {
	Name        string
	Description string
}

// Scopes lists every permission there is (api.md section 1.2), in the order of
// the documentation. The scope "*" contains them all; "resource:*" contains
// every action of one resource.
func Scopes() []Scope {
	return []Scope{
		{"kyc:create", "create, change and delete workflows and sessions of the steps surface"},
		{"kyc:read", "read workflows and sessions of the steps surface"},
		{"workflows:read", "read workflows, versions, drafts and runs"},
		{"workflows:write", "create and change workflows and their drafts"},
		{"workflows:publish", "publish, roll out, roll back, set as default, deactivate"},
		{"sessions:read", "read sessions, results, documents and exports"},
		{"sessions:write", "create sessions, upload, submit, resume and decide gates"},
		{"cases:read", "read review cases and their notes"},
		{"cases:write", "claim and decide review cases"},
		{"quality:read", "read the figures of quality checks of all reviewers"},
		{"lists:read", "read custom lists and their items"},
		{"lists:write", "create and change custom lists"},
		{"watchlist:create", "create watchlist subjects and standalone checks"},
		{"watchlist:list", "list watchlist subjects"},
		{"watchlist:read", "read one watchlist subject and its hits"},
		{"watchlist:update", "change a watchlist subject, judge a hit"},
		{"watchlist:delete", "remove a watchlist subject"},
		{"watchlist:run", "run a screening"},
		{"webhooks:read", "read webhook endpoints and deliveries"},
		{"webhooks:write", "create and change webhook endpoints, rotate secrets, replay"},
		{"data:redact", "erase personal data"},
		{"audit:read", "read and verify the audit chain"},
		{"users:read", "list the people of the organisation"},
		{"users:write", "add and change the people of the organisation"},
		{"keys:read", "list API keys (never their secrets)"},
		{"keys:write", "create and revoke API keys"},
		{"settings:read", "read the organisation's settings"},
		{"settings:write", "change the organisation's settings"},
		{"reasons:write", "change the reasons that reviewers choose from"},
	}
}

// Role is a person's job in the console.
type Role struct {
	Name        string
	Title       string // for people
	Description string
	Scopes      []string
}

// Roles lists the roles a user can have, the most powerful first.
func Roles() []Role {
	reviews := []string{
		"cases:read", "cases:write", "sessions:read", "sessions:write", "workflows:read", "kyc:read",
		"lists:read", "lists:write", "watchlist:list", "watchlist:read", "watchlist:update", "watchlist:run",
	}
	return []Role{
		{"admin", "admin", "everything", []string{Everything}},
		// Who answers for the policy: what reviewers do, and the workflows of every
		// surface (those of ordered steps are kyc:create). No people, keys,
		// endpoints or settings, so that nobody widens their own rights with it.
		{"compliance", "compliance officer", "makes and publishes workflows, keeps lists and reasons, and does what a reviewer does", slices.Concat(reviews, []string{
			"workflows:write", "workflows:publish", "kyc:create", "reasons:write", "settings:read", "audit:read", "quality:read",
		})},
		{"reviewer", "reviewer", "reviews cases and reads what a decision needs", reviews},
		{"auditor", "auditor", "reads everything, changes nothing", []string{
			"cases:read", "sessions:read", "workflows:read", "kyc:read", "lists:read", "watchlist:list",
			"watchlist:read", "webhooks:read", "audit:read", "users:read", "keys:read", "settings:read", "quality:read",
		}},
	}
}

// RoleNames are the names of the roles, in the order of Roles.
func RoleNames() []string {
	var out []string
	for _, r := range Roles() {
		out = append(out, r.Name)
	}
	return out
}

// RoleScopes are the scopes of a role; an unknown role has none.
func RoleScopes(role string) []string {
	for _, r := range Roles() {
		if r.Name == role {
			return slices.Clone(r.Scopes)
		}
	}
	return nil
}

// Grants reports whether a set of scopes contains the wanted one.
func Grants(have []string, want string) bool {
	resource, _, _ := strings.Cut(want, ":")
	for _, s := range have {
		if s == Everything || s == want || s == resource+":*" {
			return true
		}
	}
	return false
}

// CheckScopes lists every scope that does not exist, with its place in the
// list as a JSON Pointer below the given one.
func CheckScopes(pointer string, scopes []string) []kyc.Problem {
	known := Scopes()
	var out []kyc.Problem
	for i, s := range scopes {
		ok := s == Everything
		for _, k := range known {
			resource, _, _ := strings.Cut(k.Name, ":")
			ok = ok || s == k.Name || s == resource+":*"
		}
		if !ok {
			out = append(out, kyc.Problem{Path: pointer + "/" + itoa(i), Code: "scope_unknown", Message: "there is no scope of that name; `bonafide key scopes` and /docs list them"})
		}
	}
	return out
}
