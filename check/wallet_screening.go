package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/screen"
	"bonafide/wallet"
)

type walletConfig struct {
	Wallets     []walletRef `json:"wallets"`
	Lists       []string    `json:"lists"`
	MaxAgeHours float64     `json:"max_age_hours"`
}

// walletRef says where the form has an address; network is what the field
// accepts, any or empty when the answer names it.
type walletRef struct {
	Path    string `json:"path"`
	Network string `json:"network"`
}

func walletScreening(d Deps) Check {
	s := spec("wallet_screening", "Wallets",
		"Verifies the checksum of every crypto-asset address of the form and looks the address up among the identifiers of the loaded lists. A list that is missing, empty, stale or failed is never a pass, and neither is an address of a network that no list which is asked holds addresses of. It does not trace payments.", 0)
	s.Provides = []string{"details.wallets", "details.hit_count", "details.invalid_count", "details.lists_asked", "details.cleared_count"}
	s.ConfigSchema = schema(`
"wallets":{"type":"array","maxItems":200,"items":{"type":"object","additionalProperties":false,"required":["path"],"properties":{
"path":{"type":"string","minLength":1,"maxLength":500,"description":"Where the form has the address: field ids joined by /, * for each item of a list."},
"network":{"type":"string","maxLength":20,"description":"The network the field accepts; any or absent: as the answer says."}}},
"description":"Addresses of the form; absent: every answer with an address and a network."},
"lists":{"type":"array","uniqueItems":true,"maxItems":100,"items":{"type":"string","minLength":1,"maxLength":100},"description":"Ids of the lists to ask, beside those the organisation requires; absent: the required ones, or every loaded list."},
"max_age_hours":{"type":"number","exclusiveMinimum":0,"maximum":87600,"description":"A list older than this is stale; absent: the organisation's setting."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		var c walletConfig
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if d.Screener == nil {
			return notConfigured("screening_not_configured", "no watchlists are set up here")
		}
		q := screen.Query{Lists: wanted(c.Lists, r.Settings.RequiredLists), Limit: 10, Threshold: walletThreshold, MaxAge: r.Settings.ListMaxAge, At: r.Now}
		if c.MaxAgeHours > 0 {
			q.MaxAge = time.Duration(c.MaxAgeHours * float64(time.Hour))
		}
		return screenWallets(ctx, d, wordsOf(d, r), walletsOf(ctx, r, c), c.Wallets != nil, q)
	}}
}

// walletThreshold lies below what an equal identifier alone scores (0.90), so
// that every entry with the address is found, whatever its type.
const walletThreshold = 0.5

// maxWallet bounds an address in bytes, as the form does; the lists index
// numbers of that length.
const maxWallet = 150

// walletRow is one address of the form, as details show it.
type walletRow struct {
	Path         string        `json:"path"`
	Address      string        `json:"address"`
	Network      string        `json:"network"`
	AddressValid bool          `json:"address_valid"`
	IsMatch      bool          `json:"is_match"`
	Matches      []walletMatch `json:"matches"`
}

type walletMatch struct {
	List string `json:"list"`
	ID   string `json:"id"`
	Name string `json:"name"`
	// Kind is what the list files the address as (crypto_xbt, crypto_eth, …),
	// Kinds all of them where it files one address under several currencies.
	Kind  string   `json:"kind"`
	Kinds []string `json:"kinds"`
	// Listed is the address as the list has it, which may be another spelling
	// of the same key (Bitcoin Cash, Litecoin).
	Listed string  `json:"listed"`
	Score  float64 `json:"score"`
}

// walletsOf finds the addresses and verifies their checksums the way the form
// does, so that prefilled and older answers are held to the same standard.
func walletsOf(ctx context.Context, r kyc.CheckRequest, c walletConfig) []walletRow {
	refs := c.Wallets
	if refs == nil {
		refs = walletPaths(r.Fields, "", 0)
	}
	out := []walletRow{}
	for _, ref := range refs {
		for _, s := range spots(r.Fields, ref.Path) {
			w := walletRow{Path: s.path, Matches: []walletMatch{}}
			switch v := s.value.(type) {
			case string:
				w.Address = strings.TrimSpace(v)
			case map[string]any:
				w.Address, w.Network = asText(v["address"]), strings.ToUpper(asText(v["network"]))
			case nil:
				continue // an item of a list without a wallet owns none
			}
			of := ref.Network
			if of == "" {
				of = "any"
			}
			form := field.Validate(ctx, []field.Field{{FieldID: "wallet", Name: "wallet", Type: "wallet", Network: of}}, map[string]any{"wallet": s.value}, field.Env{Now: r.Now})
			if v, ok := form.Values["wallet"].(map[string]any); ok && len(form.Problems) == 0 {
				w.AddressValid = true
				w.Address, w.Network = asText(v["address"]), asText(v["network"])
			} else if w.Network == "" && of != "any" {
				w.Network = of
			}
			out = append(out, w)
		}
	}
	return out
}

// walletPaths finds answers that look like wallets.
func walletPaths(m map[string]any, at string, depth int) []walletRef {
	var out []walletRef
	for _, k := range slices.Sorted(maps.Keys(m)) {
		path := at + "/" + strings.ReplaceAll(strings.ReplaceAll(k, "~", "~0"), "/", "~1")
		switch v := m[k].(type) {
		case string:
			if strings.HasPrefix(plain(k), "wallet") && v != "" {
				out = append(out, walletRef{Path: path})
			}
		case map[string]any:
			if asText(v["address"]) != "" && asText(v["network"]) != "" {
				out = append(out, walletRef{Path: path})
			} else if depth < 3 {
				out = append(out, walletPaths(v, path, depth+1)...)
			}
		case []any:
			for _, item := range v {
				one, ok := item.(map[string]any)
				if !ok || depth >= 3 {
					continue
				}
				for _, inner := range walletPaths(one, "", depth+1) {
					every := walletRef{Path: path + "/*" + inner.Path}
					if !slices.Contains(out, every) {
						out = append(out, every)
					}
				}
			}
		}
	}
	return out
}

// screenWallets asks for every address. defined says that the workflow names
// its wallets: then a form without one is clear, otherwise nobody knows.
func screenWallets(ctx context.Context, d Deps, words *reviewers, wallets []walletRow, defined bool, q screen.Query) kyc.Answer {
	if len(wallets) == 0 {
		a := noWallets(defined)
		a.Details = walletDetails(wallets, nil, nil)
		return a
	}
	var all screen.Result
	unasked, alike, limit := 0, 0, q.Limit
	q.Limit = words.room(limit)
	for i := range wallets {
		w := &wallets[i]
		if len(letters(w.Address)) < 5 || len(w.Address) > maxWallet {
			unasked++ // the lists do not index it, so they say nothing of it
			continue
		}
		spellings := wallet.SameOwner(w.Address)
		q.Identifiers = spellings
		res := d.Screener.Match(q)
		var owned []kyc.Hit
		for _, h := range res.Hits {
			if matchOf(d.Screener, h, spellings).Kind == "" { // another address that differs in case alone
				alike++
				continue
			}
			h.Party, h.Role = w.Path, "wallet"
			owned = append(owned, h)
		}
		res.Hits = words.sift(ctx, walletQuestion(spellings), owned, limit)
		for _, h := range res.Hits {
			w.IsMatch = true
			w.Matches = append(w.Matches, matchOf(d.Screener, h, spellings))
		}
		joinResults(&all, res)
	}
	if unasked == len(wallets) { // nothing was asked, but the lists' state counts
		q.Identifiers = []string{"00000"}
		res := d.Screener.Match(q)
		res.Hits = nil
		joinResults(&all, res)
	}
	a := judgeScreening(all, q, nil, d.AllowFictional)
	asked := a.Details["lists_asked"]
	silent := uncovered(d.Screener, wallets, all.Lists)
	a.Details = walletDetails(wallets, asked, silent)
	words.tell(&a)
	for i := range a.Reasons {
		if a.Reasons[i].Code == "no_hits" {
			a.Reasons[i].Message = fmt.Sprintf("no address is on one of %d lists", len(all.Lists))
		}
	}
	if alike > 0 {
		a.Reasons = append(a.Reasons, reason(warning, "wallet_alike", "a listed address differs from one of the form in small and capital letters alone"))
		a.Verdict = doubtful(a)
	}
	if len(silent) > 0 {
		a.Reasons = append(a.Reasons, reason(warning, "wallet_network_not_covered", "no loaded list is known to hold addresses of "+strings.Join(silent, ", ")+", so the lists say nothing about one"))
		a.Verdict = doubtful(a)
	}
	if invalid, _ := a.Details["invalid_count"].(int); invalid > 0 {
		a.Reasons = append(a.Reasons, reason(critical, "wallet_address_invalid", fmt.Sprintf("%d of %d addresses are no addresses of their network", invalid, len(wallets))))
		if a.Status == kyc.StatusOK {
			a.Verdict = kyc.Fail
		}
	}
	return a
}

// walletQuestion is what was asked of an address. The lists do not look at its
// case, and yet it belongs to the question, because it tells owners apart.
func walletQuestion(spellings []string) string {
	return "wallet " + strings.Join(slices.Sorted(slices.Values(spellings)), " ")
}

// doubtful is the verdict of an answer that is no clearance; a worse one stays,
// and an answer that is none has none.
func doubtful(a kyc.Answer) kyc.Verdict {
	if a.Status != kyc.StatusOK {
		return a.Verdict
	}
	return worse(a.Verdict, kyc.VerdictReview)
}

// matchOf says under which currencies a hit lists an address. Case counts where
// the form has it: the lists are asked without it, because people type
// addresses badly. A screener that does not show its entries is believed.
func matchOf(s Screener, h kyc.Hit, spellings []string) walletMatch {
	m := walletMatch{List: h.List, ID: h.EntryID, Name: h.Name, Score: round4(h.Score), Kinds: []string{}}
	same := func(listed string) bool {
		return slices.ContainsFunc(spellings, func(own string) bool { return wallet.SameAddress(own, listed) })
	}
	take := func(kind, listed string) {
		if !same(listed) {
			return
		}
		if m.Kind == "" {
			m.Kind, m.Listed = kind, listed
		}
		m.Kinds = distinct(append(m.Kinds, kind)...)
	}
	for _, f := range h.Features {
		if f.Name == "identifier" {
			kind, listed, _ := strings.Cut(f.Listed, " ")
			take(kind, listed)
		}
	}
	if full, ok := s.(Entries); ok {
		if e, ok := full.Entry(h.List, h.EntryID); ok {
			for _, id := range e.Identifiers {
				if strings.HasPrefix(id.Kind, "crypto") {
					take(id.Kind, id.Value)
				}
			}
		}
	}
	return m
}

func noWallets(defined bool) kyc.Answer {
	if defined {
		return passed("no_wallets", "the form has no crypto-asset address")
	}
	return judged(kyc.Skip, reason(info, "no_wallets", "the form has no crypto-asset address"))
}

func walletDetails(wallets []walletRow, asked any, silent []string) map[string]any {
	hits, invalid := 0, 0
	for _, w := range wallets {
		if w.IsMatch {
			hits++
		}
		if !w.AddressValid {
			invalid++
		}
	}
	if asked == nil {
		asked = []any{}
	}
	return map[string]any{"wallets": plainly(wallets), "hit_count": hits, "invalid_count": invalid, "lists_asked": asked, "networks_not_covered": texted(silent)}
}

// Coverage tells which kinds of identifiers the loaded lists hold, such as
// crypto_xbt, by list. A Screener that has it lets wallet_screening say which
// networks the lists know addresses of.
type Coverage interface{ IdentifierKinds() map[string][]string }

// uncovered names the networks of which no list that was asked is known to hold
// an address. The lists say nothing about them, although they were asked.
func uncovered(s Screener, wallets []walletRow, asked []kyc.ListVersion) []string {
	known := map[string]bool{}
	if c, ok := s.(Coverage); ok {
		for list, kinds := range c.IdentifierKinds() {
			if !slices.ContainsFunc(asked, func(l kyc.ListVersion) bool { return l.List == list }) {
				continue
			}
			for _, k := range kinds {
				known[k] = true
			}
		}
	}
	var out []string
	for _, w := range wallets {
		if !slices.ContainsFunc(currencies(w.Network), func(c string) bool { return known["crypto_"+c] || known["crypto"] }) {
			out = append(out, w.Network)
		}
	}
	return distinct(out...)
}

// currencies are the codes under which lists file the addresses of a network:
// its own currency and the tokens that live on it (OFAC's feature types). The
// networks of Ethereum's form share their keys, so an address of one is an
// address of all.
func currencies(network string) []string {
	ethereum := []string{"eth", "etc", "arb", "bsc", "bnb", "matic", "pol", "usdc"}
	switch network {
	case "BTC":
		return []string{"xbt", "btc"}
	case "ETH", "ETC", "BSC", "ARB", "POL":
		return append(ethereum, "usdt")
	case "TRX":
		return []string{"trx", "usdt"}
	case "SOL":
		return []string{"sol"}
	}
	return []string{strings.ToLower(network)}
}
