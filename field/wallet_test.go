package field_test

import (
	"context"
	"testing"

	"bonafide/field"
)

// walletSamples are public addresses, one of each network that is found
// without being named; room wallet tries many more.
var walletSamples = map[string]string{
	"BTC":  "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
	"ETH":  "0x52908400098527886E0F7030069857D2E4169EE7",
	"TRX":  "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
	"LTC":  "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1",
	"DOGE": "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L",
	"XRP":  "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
	"ADA":  "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw",
	"XMR":  "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
	"BCH":  "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
	"DASH": "XnPFsRWTaSgiVauosEwQ6dEitGYXgwznz2",
	"ZEC":  "t1WSKwCDL1QYRRUrCCknEs5tDLhtGVYu9KM",
	"BTG":  "GPwg61XoHqQPNmAucFACuQ5H9sGCDv9TpS",
	"SOL":  "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
}

func readWallet(t testing.TB, def, address string) field.Result {
	t.Helper()
	return field.Validate(context.Background(), define(t, `"type":"wallet"`+def), map[string]any{"f": address}, field.Env{Now: noon})
}

func TestAnAddressIsFoundOnItsNetwork(t *testing.T) {
	t.Parallel()
	for network, address := range walletSamples {
		for _, def := range []string{"", `,"network":"` + network + `"`} {
			r := readWallet(t, def, address)
			if len(r.Problems) > 0 {
				t.Errorf("%s %s%s: %v", network, address, def, r.Problems)
				continue
			}
			if got := r.Values["f"].(map[string]any)["network"]; got != network {
				t.Errorf("%s is taken for %s, want %s", address, got, network)
			}
		}
		if r := readWallet(t, `,"network":"`+network+`"`, address+"l"); len(r.Problems) == 0 {
			t.Errorf("an address of %s with one character more was accepted as %v", network, r.Values["f"])
		}
	}
}

func TestANetworkThatSharesItsAddressesIsFoundByName(t *testing.T) {
	t.Parallel()
	eth := walletSamples["ETH"]
	for _, network := range []string{"ETC", "BSC", "ARB", "POL"} {
		if r := readWallet(t, `,"network":"`+network+`"`, eth); len(r.Problems) > 0 || r.Values["f"].(map[string]any)["network"] != network {
			t.Errorf("%s of %s: %v", eth, network, r.Problems)
		}
		if r := readWallet(t, "", eth); len(r.Warnings) > 0 || r.Values["f"].(map[string]any)["network"] != "ETH" {
			t.Errorf("%s is taken for %v (%v)", eth, r.Values["f"], r.Warnings)
		}
	}
}

func TestWalletForms(t *testing.T) {
	p2sh := `"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"`
	btc := `{"address":"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy","network":"BTC"}`
	ltc := `{"address":"3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy","network":"LTC"}`
	any := `"type":"wallet"`
	table(t, []answer{
		{name: "ambiguous", in: p2sh, def: any, want: btc, warning: "wallet_network_ambiguous"},
		{name: "said to be LTC", in: ltc, def: any, want: ltc},
		{name: "field is LTC", in: p2sh, def: any + `,"network":"LTC"`, want: ltc},
		{name: "BTC not allowed", in: p2sh, def: any + `,"networks_allowed":["LTC","ETH"]`, want: ltc},
		{name: "neither allowed", in: p2sh, def: any + `,"networks_allowed":["ETH"]`, problem: "network_not_allowed"},
		{name: "other than the field", in: btc, def: any + `,"network":"LTC"`, problem: "/network network_not_allowed"},
		{name: "unknown network", in: `{"address":"x","network":"FOO"}`, def: any, problem: "/network network_invalid"},
		{name: "lower case network", in: `{"address":"0x52908400098527886e0f7030069857d2e4169ee7","network":"eth"}`, def: any, want: `{"address":"0x52908400098527886E0F7030069857D2E4169EE7","network":"ETH"}`},
		{name: "SegWit in capitals", in: `" BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4 "`, def: any, want: `{"address":"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4","network":"BTC"}`},
		{name: "more members", in: `{"address":"x","memo":"1"}`, def: any, problem: "/memo unknown_field"},
		{name: "no address", in: `{"network":"BTC"}`, def: any, problem: "/address required"},
		{in: `5`, def: any, problem: "wrong_type"},
	})
}
