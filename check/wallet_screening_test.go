package check

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/screen"
)

// askWallet puts one address to the lists.
func askWallet(s Screener, address, network string) (kyc.Answer, walletRow) {
	r := request("wallet_screening")
	r.Config = json.RawMessage(`{"wallets":[{"path":"payout","network":"any"}]}`)
	value := map[string]any{"address": address}
	if network != "" {
		value["network"] = network
	}
	r.Fields = map[string]any{"payout": value}
	a := runCheck(walletScreening(Deps{Clock: clock(), Screener: s}), r)
	var rows []walletRow
	if !detail(a.Details, "wallets", &rows) || len(rows) != 1 {
		return a, walletRow{}
	}
	return a, rows[0]
}

// The addresses are vectors of specifications and documentation, in a list of
// our own that files them as if they were somebody's.
func TestListedAddressesOfEveryChain(t *testing.T) {
	t.Parallel()
	const (
		legacy, cash = "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"
		ether        = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
		tron         = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
		segwit       = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
		solana       = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
		monero       = "4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK"
		ripple       = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
		cardano      = "DdzFFzCqrhsyhumccfGyEj3WZzztSPr92ntRWB6UVVwzcMTpwoafVQ5vD9mdZ5Xind8ycugbmA8esxmo7NycjQFGSbDeKrxabTz8MVzf"
	)
	s, err := screen.Open(screen.Options{Dir: t.TempDir(), Clock: clock()})
	if err != nil {
		t.Fatal(err)
	}
	text := "id,name,type,identifiers,topics\n" +
		"1,Greylantern Mixer,entity,crypto_bch:" + strings.TrimPrefix(cash, "bitcoincash:") + ";crypto_xbt:" + segwit + ",sanction\n" +
		"2,Moonwheat Exchange,entity,crypto_usdt:" + ether + ";crypto_eth:" + strings.ToLower(ether) + ";crypto_usdt:" + tron + ";crypto_sol:" + solana + ",sanction\n" +
		"3,Copper Brigade,entity,crypto_xmr:" + monero + ";crypto_xrp:" + ripple + ";crypto_ada:" + cardano + ",sanction\n" +
		"4,Moonwheat Trader,entity,crypto_arb:" + ether + ",sanction\n"
	file := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), "csv", "wallets", []string{file}, false); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ address, network, want string }{
		"cash":                  {cash, "", "1 crypto_bch"},
		"cash in the old form":  {legacy, "BCH", "1 crypto_bch"},
		"its owner's BTC":       {legacy, "BTC", "1 crypto_bch"},
		"capitals of SegWit":    {strings.ToUpper(segwit), "", "1 crypto_xbt"},
		"ETH, two currencies":   {strings.ToLower(ether), "ETH", "2 crypto_usdt+crypto_eth 4 crypto_arb"},
		"the same key on BSC":   {ether, "BSC", "2 crypto_usdt+crypto_eth 4 crypto_arb"},
		"USDT on Tron":          {tron, "", "2 crypto_usdt"},
		"Solana":                {solana, "", "2 crypto_sol"},
		"Monero, 106 letters":   {monero, "", "3 crypto_xmr"},
		"the XRP Ledger":        {ripple, "", "3 crypto_xrp"},
		"Cardano, 104 letters":  {cardano, "", "3 crypto_ada"},
		"nobody's BTC":          {"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "BTC", ""},
		"nobody's ETH":          {"0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "ARB", ""},
		"a chain no list holds": {"t3Vz22vK5z2LcKEdg16Yv4FFneEL1zg9ojd", "", "uncovered"},
		"and another":           {"XnPFsRWTaSgiVauosEwQ6dEitGYXgwznz2", "DASH", "uncovered"},
	} {
		a, w := askWallet(s, c.address, c.network)
		var got []string
		for _, m := range w.Matches {
			got = append(got, m.ID+" "+strings.Join(m.Kinds, "+"))
		}
		slices.Sort(got)
		verdict, match := kyc.Fail, c.want != "" && c.want != "uncovered"
		switch {
		case c.want == "uncovered":
			verdict = kyc.VerdictReview
			if !codes(a)["wallet_network_not_covered"] {
				t.Errorf("%s: %+v", name, a)
			}
		case !match:
			verdict = kyc.Pass
		case strings.Join(got, " ") != c.want:
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
		if a.Status != kyc.StatusOK || a.Verdict != verdict || w.IsMatch != match || !w.AddressValid {
			t.Errorf("%s: %+v", name, a)
		}
	}
	// That another list than those asked holds addresses of a network says nothing.
	if err := os.WriteFile(file, []byte("id,name,topics\n1,Hesper Oddlington,sanction\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), "csv", "persons", []string{file}, false); err != nil {
		t.Fatal(err)
	}
	for lists, want := range map[string]kyc.Verdict{`["persons"]`: kyc.VerdictReview, `["persons","wallets"]`: kyc.Pass} {
		r := request("wallet_screening")
		r.Config = json.RawMessage(`{"wallets":[{"path":"payout","network":"any"}],"lists":` + lists + `}`)
		r.Fields = map[string]any{"payout": "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"}
		if a := runCheck(walletScreening(Deps{Clock: clock(), Screener: s}), r); a.Status != kyc.StatusOK || a.Verdict != want {
			t.Errorf("%s: %+v", lists, a)
		}
	}
	// Solana has no checksum: another address may differ in case alone.
	other := strings.Replace(solana, "EPj", "EpJ", 1)
	if a, w := askWallet(s, other, "SOL"); w.IsMatch || a.Verdict == kyc.Pass {
		t.Errorf("an address of other letters: %+v", a)
	}
}

// Every address of OFAC's list is one of its network, by its checksum, and is
// found.
func TestEveryAddressOfOFACIsValidAndFound(t *testing.T) {
	t.Parallel()
	var files []string
	for _, f := range []string{"sdn", "alt", "add", "sdn_comments"} {
		files = append(files, sharedData(t, "watchlists", "ofac-sdn-2021-07", f+".csv.gz"))
	}
	csl := sharedData(t, "watchlists", "us-csl-2022-04", "consolidated.csv.gz")
	s, err := screen.Open(screen.Options{Dir: t.TempDir(), Clock: clock()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), "ofac_sdn", "ofac_sdn", files, false); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), "us_csl", "us_csl", []string{csl}, false); err != nil {
		t.Fatal(err)
	}
	network := map[string]string{"xbt": "BTC", "usdt": ""}
	tried, chains := 0, map[string]int{}
	for e := range readEntities(t, "us_csl", csl) {
		for _, id := range e.Identifiers {
			currency, ok := strings.CutPrefix(id.Kind, "crypto_")
			if !ok {
				continue
			}
			of, known := network[currency]
			if !known {
				of = strings.ToUpper(currency)
			}
			a, w := askWallet(s, id.Value, of)
			tried++
			chains[currency]++
			if !w.IsMatch || a.Verdict != kyc.Fail || !slices.ContainsFunc(w.Matches, func(m walletMatch) bool { return m.ID == e.ID && slices.Contains(m.Kinds, id.Kind) }) {
				t.Errorf("%s %s of entry %s is not found: %+v", currency, id.Value, e.ID, a)
			}
			// Entry 29703's 64 digits are a payment id, listed as an address.
			if !w.AddressValid && len(id.Value) != 64 {
				t.Errorf("%s %s is no address: %+v", currency, id.Value, w)
			}
		}
	}
	t.Logf("%d addresses: %v", tried, chains)
	if tried < 300 || len(chains) < 13 {
		t.Errorf("only %d addresses of %d currencies were tried", tried, len(chains))
	}
}
