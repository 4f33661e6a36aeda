package entities

import (
	"testing"

	"bonafide/api"
	"bonafide/kyc"
)

// A key speaks for whom its caller names; somebody who is signed in to the
// console is themselves.
func TestTheOperatorIsWhoAKeySpeaksFor(t *testing.T) {
	t.Parallel()
	s := &surface{}
	for name, c := range map[string]struct {
		who    kyc.Actor
		header string
		want   string
	}{
		"a key that names somebody":  {kyc.Actor{Kind: kyc.ActorKey, ID: "key"}, "bob", "bob"},
		"a key on behalf of another": {kyc.Actor{Kind: kyc.ActorKey, ID: "key", OnBehalfOf: "eve"}, "", "eve"},
		"a key by itself":            {kyc.Actor{Kind: kyc.ActorKey, ID: "key"}, "", "key"},
		"a person":                   {kyc.Actor{Kind: kyc.ActorUser, ID: "ann"}, "", "ann"},
		"a person in another name":   {kyc.Actor{Kind: kyc.ActorUser, ID: "ann", OnBehalfOf: "eve"}, "bob", "ann"},
	} {
		got, err := s.operator(t.Context(), api.Principal{Actor: c.who}, Caller{Username: c.header})
		if err != nil || got != c.want {
			t.Errorf("%s is written down as %q, want %q (%v)", name, got, c.want, err)
		}
	}
}
