package main

import (
	"testing"

	"bonafide/access"
	"bonafide/kyc"
)

// colleague is a reviewer of a scenario's organisation. The address is unique in
// all scenarios.
type colleague struct {
	Email  string   `json:"email"`
	Skills []string `json:"skills"`
}

// hire adds people to an organisation.
func (s *server) hire(t *testing.T, org kyc.ID, people []colleague) {
	t.Helper()
	for _, p := range people {
		_, err := s.app.access.CreateUser(t.Context(), access.UserRequest{Org: org, Email: p.Email, Role: "reviewer", Skills: p.Skills, Password: "a long enough password", By: kyc.SystemActor("test")})
		if err != nil {
			t.Fatal(err)
		}
	}
}
