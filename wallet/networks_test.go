package wallet_test

import (
	"slices"
	"strings"
	"testing"

	"bonafide/wallet"
)

// publicAddresses are vectors of the specifications (BIP-173, BIP-350, EIP-55,
// CIP-19) and addresses everybody knows, such as first blocks, token contracts
// and documentation examples.
var publicAddresses = map[string][]string{
	"BTC": {
		"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
		"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
		"bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
		"bc1sw50qgdz25j", "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
		"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
	},
	"ETH": {
		"0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
		"0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
		"0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
	},
	"TRX":  {"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"},
	"LTC":  {"LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1", "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9"},
	"DOGE": {"DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"},
	"XRP":  {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "rrrrrrrrrrrrrrrrrrrrrhoLvTp", "rrrrrrrrrrrrrrrrrrrrBZbvji"},
	"ADA": {
		"addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x",
		"addr1z8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gten0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs9yc0hh",
		"addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k",
		"addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8",
		"stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw",
		"Ae2tdPwUPEZFRbyhz3cpfC2CumGzNkFBN2L42rcUc2yjQpEkxDbkPodpMAi",
		"DdzFFzCqrhsyhumccfGyEj3WZzztSPr92ntRWB6UVVwzcMTpwoafVQ5vD9mdZ5Xind8ycugbmA8esxmo7NycjQFGSbDeKrxabTz8MVzf",
	},
	"XMR": {
		"44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
		"888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
		"4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK",
	},
	"BCH": {
		"bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "bitcoincash:qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy", "qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r",
		"bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq", "BITCOINCASH:PPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVN0H829PQ",
	},
	"DASH": {"XnPFsRWTaSgiVauosEwQ6dEitGYXgwznz2", "Xs3vzQmNvAxRa3Xo8XzQqUb3BMgb9EogF4"},
	"ZEC":  {"t3Vz22vK5z2LcKEdg16Yv4FFneEL1zg9ojd", "t1WSKwCDL1QYRRUrCCknEs5tDLhtGVYu9KM"},
	"BTG":  {"GPwg61XoHqQPNmAucFACuQ5H9sGCDv9TpS"},
	"SOL":  {"11111111111111111111111111111111", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"},
}

// badAddresses are the invalid vectors of BIP-173 and BIP-350, addresses of
// test networks and forms that are documented as refused.
var badAddresses = []string{
	"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", // v1 in Bech32
	"BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL", // v16 in Bech32
	"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",                     // v0 in Bech32m
	"bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", // not in the alphabet
	"BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R", // version 17
	"bc1pw5dgrnzv", // one byte
	"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav", // 41 bytes
	"BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",                                         // v0 with 16 bytes
	"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",             // too much padding
	"bc1gmk9yu", // empty
	"bc1qW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",                                       // mixed case
	"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",                                       // test network
	"mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",                                               // test network
	"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",                                       // wrong EIP-55
	"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA",                                         // short
	"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",                                         // no 0x
	"X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ",                                  // X-address
	"addr_test1vz2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerspjrlsz",                  // test network
	"2cWKMJemoBajc46Wu4Z7e6bG48myZWfB7Z6pD77L6PrJQWt9HZ3Yv7o8CYZTBMqHTPTkv",            // Byron test network
	"bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6b",                           // CashAddr, wrong checksum
	"bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t",                               // CashAddr, test network
	"bitcoincash:Qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",                           // mixed case
	"t3Vz22vK5z2LcKEdg16Yv4FFneEL1zg9ojc",                                              // wrong checksum
	"", "0x", "bc1", "1", strings.Repeat("1", 5000), "bc1" + strings.Repeat("q", 5000), // sizes
}

// firstOf gives the network that takes an address first, of all or of the one
// that is named, and the address's normal form.
func firstOf(named, address string) (network, normal string) {
	for _, n := range wallet.Networks() {
		if named != "" && n != named {
			continue
		}
		if normal, ok := wallet.OnNetwork(n, address, named != ""); ok {
			return n, normal
		}
	}
	return "", ""
}

func TestEveryPublicAddressIsFoundOnItsNetwork(t *testing.T) {
	t.Parallel()
	for _, network := range wallet.Networks() {
		if slices.Contains(byNameOnly, network) {
			continue // found only by name; see below
		}
		if len(publicAddresses[network]) == 0 {
			t.Errorf("no address of %s is tried", network)
		}
		for _, address := range publicAddresses[network] {
			for _, named := range []string{"", network} {
				got, normal := firstOf(named, address)
				if got != network {
					t.Errorf("%s is taken for %q, want %s", address, got, network)
				}
				if again, same := firstOf(named, normal); again != network || same != normal {
					t.Errorf("the normal form %s of %s reads as %s of %q", normal, address, same, again)
				}
			}
		}
	}
}

// byNameOnly are the networks whose addresses another network has too.
var byNameOnly = []string{"XVG", "BSV", "ETC", "BSC", "ARB", "POL"}

func TestNetworksThatShareTheirAddressesAreFoundByName(t *testing.T) {
	t.Parallel()
	eth, btc := publicAddresses["ETH"][0], publicAddresses["BTC"][0]
	for network, address := range map[string]string{"BSV": btc, "BCH": btc, "ETC": eth, "BSC": eth, "ARB": eth, "POL": eth, "XVG": "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L"} {
		if got, _ := firstOf(network, address); got != network {
			t.Errorf("%s of %s is taken for %q", address, network, got)
		}
		if got, _ := firstOf("", address); got == network || got == "" {
			t.Errorf("%s without a name is taken for %q", address, got)
		}
		if got, _ := firstOf(network, "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"); got != "" {
			t.Errorf("an address of TRX is one of %s", network)
		}
	}
}

func TestWrongAddressesAreRefused(t *testing.T) {
	t.Parallel()
	for _, address := range badAddresses {
		if network, _ := firstOf("", address); network != "" {
			t.Errorf("%q was accepted for %s", address, network)
		}
	}
}

// Every character is replaced by its neighbours in the alphabet. A checksum of
// 32 bits lets one in four thousand million pass, so none of these may.
func TestEverySingleWrongCharacterIsNoticed(t *testing.T) {
	t.Parallel()
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	tried := 0
	for network, addresses := range publicAddresses {
		if network == "SOL" { // has no checksum; the documentation says so
			continue
		}
		for _, address := range addresses {
			if network == "ETH" && (strings.ToLower(address) == address || strings.ToUpper(address[2:]) == address[2:]) {
				continue // one case carries no checksum
			}
			for i := 0; i < len(address); i++ {
				for _, other := range []byte{alphabet[(strings.IndexByte(alphabet, address[i])+7)%58], '0', 'l', ' '} {
					wrong := address[:i] + string(other) + address[i+1:]
					if wrong == address || strings.TrimSpace(wrong) != wrong || network == "ETH" && strings.EqualFold(wrong, address) {
						continue
					}
					tried++
					// EIP-55 is a weak checksum: 15 bits or so.
					if got, _ := firstOf(network, wrong); got != "" && network != "ETH" {
						t.Errorf("%s: %s passes for %s", network, wrong, address)
					}
				}
			}
		}
	}
	if tried < 3000 {
		t.Fatalf("only %d corruptions were tried", tried)
	}
}

// The last block of a Monero address has seven characters for five bytes, so
// a number too large for five bytes could spell the same address twice.
func TestAMoneroAddressHasOneSpelling(t *testing.T) {
	t.Parallel()
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	tried := 0
	for _, address := range publicAddresses["XMR"] {
		if len(address) != 95 {
			continue
		}
		var v uint64
		for _, r := range address[88:] {
			v = v*58 + uint64(strings.IndexRune(alphabet, r))
		}
		v += 1 << 40
		last := make([]byte, 7)
		for i := 6; i >= 0; i-- {
			last[i], v = alphabet[v%58], v/58
		}
		if v != 0 {
			continue // does not fit into seven characters
		}
		tried++
		if got, _ := firstOf("XMR", address[:88]+string(last)); got != "" {
			t.Errorf("a second spelling of %s was accepted", address)
		}
	}
	if tried == 0 {
		t.Error("no address had room for a second spelling")
	}
}

// FuzzOnNetwork: what a network accepts has one normal form, which it accepts
// as itself; and an address is the first of its own spellings.
func FuzzOnNetwork(f *testing.F) {
	for network, list := range publicAddresses {
		for _, address := range list {
			f.Add(network, address, true)
			f.Add(network, address, false)
		}
	}
	for _, address := range badAddresses {
		f.Add("BTC", address, true)
	}
	f.Fuzz(func(t *testing.T, network, address string, named bool) {
		if same := wallet.SameOwner(address); len(same) == 0 || same[0] != address {
			t.Fatalf("%q is not its own first spelling: %q", address, same)
		}
		normal, ok := wallet.OnNetwork(network, address, named)
		if !ok {
			return
		}
		again, ok := wallet.OnNetwork(network, normal, named)
		if !ok || again != normal {
			t.Fatalf("%s: %q is stored as %q, which reads as %q", network, address, normal, again)
		}
	})
}
