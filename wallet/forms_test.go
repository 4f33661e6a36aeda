package wallet_test

import (
	"slices"
	"strings"
	"testing"

	"bonafide/wallet"
)

// The pairs are those of the CashAddr specification.
func TestSpellingsOfOneOwner(t *testing.T) {
	t.Parallel()
	for legacy, cash := range map[string]string{
		"1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu": "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR": "bitcoincash:qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy",
		"3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC": "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq", "3LDsS579y7sruadqu11beEJoTjdFiFCdX4": "bitcoincash:pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e",
	} {
		bare := strings.TrimPrefix(cash, "bitcoincash:")
		for _, from := range []string{legacy, cash, bare} {
			got := wallet.SameOwner(from)
			for _, to := range []string{legacy, cash, bare} {
				if !slices.Contains(got, to) || got[0] != from {
					t.Errorf("%s is not %s: %v", from, to, got)
				}
			}
		}
	}
	if got := wallet.SameOwner("3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC"); len(got) != 4 || got[3][0] != 'M' || !slices.Contains(wallet.SameOwner(got[3]), got[0]) {
		t.Errorf("%v", got)
	}
	for _, alone := range []string{"", "nonsense", publicAddresses["ETH"][0], publicAddresses["SOL"][0], publicAddresses["XMR"][0]} {
		if got := wallet.SameOwner(alone); len(got) != 1 || got[0] != alone {
			t.Errorf("%q: %v", alone, got)
		}
	}
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{publicAddresses["ETH"][0], strings.ToLower(publicAddresses["ETH"][0]), true}, {publicAddresses["BTC"][2], strings.ToUpper(publicAddresses["BTC"][2]), true},
		{publicAddresses["BTC"][0], strings.ToLower(publicAddresses["BTC"][0]), false}, {publicAddresses["SOL"][1], strings.ToUpper(publicAddresses["SOL"][1]), false},
		{"qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "BITCOINCASH:QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6A", true}, {publicAddresses["TRX"][0], publicAddresses["TRX"][1], false},
	} {
		if wallet.SameAddress(c.a, c.b) != c.same {
			t.Errorf("%s and %s: %t", c.a, c.b, !c.same)
		}
	}
}
