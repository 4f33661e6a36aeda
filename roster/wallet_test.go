package roster

import "testing"

func TestAWalletOfFollowTheMoneyNamesItsCurrency(t *testing.T) {
	t.Parallel()
	text := `{"id":"w1","schema":"CryptoWallet","properties":{"publicKey":["1DemoGreyLanternFictionalAddrXXXX"],"currency":["XBT"],"topics":["sanction"]}}
{"id":"w2","schema":"CryptoWallet","properties":{"publicKey":["TDemoGreyLanternFictionalAddrXXXX"]}}
`
	got, err := readBytes(t, "ftm", []string{"x.json"}, []byte(text))
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	if got[0].Identifiers[0].Kind != "crypto_xbt" || got[1].Identifiers[0].Kind != "crypto" {
		t.Errorf("%+v", got)
	}
}
