package main

import (
	"strings"
	"testing"

	"bonafide/kyc"
)

// Addresses that nobody verified are taken of named domains only.
func TestTrustedAddressesNeedDomains(t *testing.T) {
	t.Parallel()
	f := oidcFlags{Issuer: "https://login.example", ClientID: "bonafide", TrustEmail: true}
	if _, _, err := f.provider(kyc.SystemClock()); err == nil || !strings.Contains(err.Error(), "--oidc-trust-email needs --oidc-domains") {
		t.Errorf("of all domains: %v", err)
	}
	f.Domains = []string{"acme.example"}
	if p, _, err := f.provider(kyc.SystemClock()); err != nil || p == nil {
		t.Errorf("of one domain: %v", err)
	}
}
