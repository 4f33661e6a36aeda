package monitor

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"bonafide/kyc"
)

// The checks that are asked here.
const (
	policyLists  = "watchlist_screening"
	policyWallet = "wallet_screening"
	policyMedia  = "adverse_media"
)

// attempts is how often a check is asked before its transient failure stands.
const attempts = 3

// pageAttempts is how often a page of parties is done again because somebody
// changed one of them: newcomers are looked at one by one in the background,
// and each of them comes between.
const pageAttempts = 50

// manyHits is how many hits of one party are looked at. A party with so many
// may have more, so none of its known matches is taken for gone.
const manyHits = 100

// Question is one party to look for. Lists empty asks those the organisation
// requires, or all that are loaded.
type Question struct {
	Name        string
	BirthDate   string // YYYY-MM-DD
	Nationality string // ISO 3166-1 alpha-2
	Document    string // number of a document
	Wallet      string // address of a crypto asset
	Network     string // of the wallet; empty: as the address says
	Lists       []string
}

// Screening is what the lists say of one party. Only StatusOK means that every
// list answered from fresh data.
type Screening struct {
	Status  kyc.AnswerStatus
	Hits    []kyc.Hit // best first, one for each entry of a list
	Lists   []kyc.ListVersion
	Reasons []kyc.Reason
	// Wallet is what the check says of the address, where one was asked for.
	Wallet *Wallet
	// Cut says that there may be more hits than these.
	Cut bool

	says map[[2]string]string // the digest of what a list says of an entry, by list and entry
}

// Wallet is one address as wallet_screening saw it.
type Wallet struct {
	Address string `json:"address"`
	Network string `json:"network"`
	Valid   bool   `json:"address_valid"`
	// Uncovered says that no loaded list is known to hold an address of this
	// network.
	Uncovered bool `json:"-"`
}

// ask puts a question to the lists. The name is asked for as a person's and
// as a company's, because nobody says which it is and the lists judge them
// differently; of two scores of one entry the better counts. Whoever has a birth
// date is a person: asked for as a company, a namesake with another birth date
// would be a match after all.
func (m *Machine) ask(ctx context.Context, r kyc.CheckRequest, q Question) Screening {
	var out Screening
	base := map[string]any{}
	names := base
	if len(q.Lists) > 0 {
		base["lists"] = q.Lists
		names = with(base, "pep", true) // whoever names a list means everybody on it
	}
	if q.Name != "" {
		party := map[string]any{"path": "/name", "date_of_birth": "/birth_date", "nationality": "/nationality"}
		company := map[string]any{"path": "/name", "nationality": "/nationality", "company": true}
		parties := []any{party, company}
		if q.BirthDate != "" {
			parties = parties[:1]
		}
		r.Fields = map[string]any{"name": q.Name, "birth_date": q.BirthDate, "nationality": q.Nationality}
		out.join(m.examine(ctx, r, policyLists, with(names, "limit", manyHits, "parties", parties)))
		out.Cut = len(out.Hits) >= manyHits
	}
	if q.Name != "" && q.Document != "" {
		// The names were asked for above; this asks for the number, and the
		// name is there only because the check wants one.
		r.Fields = map[string]any{"full_name": q.Name, "document_number": q.Document, "date_of_birth": q.BirthDate, "nationality": q.Nationality}
		a := m.examine(ctx, r, policyLists, with(names, "limit", manyHits))
		a.Hits = slices.DeleteFunc(slices.Clone(a.Hits), func(h kyc.Hit) bool {
			return !slices.ContainsFunc(h.Features, func(f kyc.HitFeature) bool { return f.Name == "identifier" })
		})
		out.join(a)
	}
	if q.Wallet != "" {
		r.Fields = map[string]any{"wallet": map[string]any{"address": q.Wallet, "network": q.Network}}
		if q.Network == "" {
			r.Fields = map[string]any{"wallet": q.Wallet}
		}
		a := m.examine(ctx, r, policyWallet, with(base, "wallets", []any{map[string]any{"path": "/wallet", "network": cmp.Or(q.Network, "any")}}))
		out.Wallet = walletOf(a, q)
		out.join(a)
	}
	slices.SortFunc(out.Hits, func(a, b kyc.Hit) int {
		return cmp.Or(-cmp.Compare(a.Score, b.Score), cmp.Compare(a.List, b.List), cmp.Compare(a.EntryID, b.EntryID))
	})
	slices.SortFunc(out.Lists, func(a, b kyc.ListVersion) int { return cmp.Compare(a.List, b.List) })
	if out.Status == "" { // nothing was asked, so nothing is known
		out.Status = kyc.StatusError
	}
	return out
}

// with copies a config and adds to it.
func with(base map[string]any, pairs ...any) map[string]any {
	out := map[string]any{}
	for k, v := range base {
		out[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if name, ok := pairs[i].(string); ok {
			out[name] = pairs[i+1]
		}
	}
	return out
}

// examine asks one check, again while it fails in a way that may pass.
func (m *Machine) examine(ctx context.Context, r kyc.CheckRequest, policy string, config map[string]any) kyc.Answer {
	raw, err := json.Marshal(config)
	if err != nil {
		return kyc.Failed(kyc.StatusError, "config_invalid", "the question cannot be written")
	}
	r.Policy, r.Node, r.Config = policy, policy, raw
	var a kyc.Answer
	for r.Attempt = 1; r.Attempt <= attempts; r.Attempt++ {
		if a = m.d.Examine(ctx, r); !a.Transient || ctx.Err() != nil {
			break
		}
	}
	return a
}

// request is what every question carries. CallKey makes providers recognise a
// repetition; each question is one of its own.
func request(t kyc.Tenant, org kyc.Org, id kyc.ID) kyc.CheckRequest {
	return kyc.CheckRequest{Tenant: t, Attempt: 1, CallKey: "monitor-" + string(id), Settings: org.EnvSettings(t.Env),
		Extracted: map[string]any{}, Checks: map[string]kyc.CheckFact{}}
}

// join adds one answer: of two states of one list, and of two states
// altogether, the worse counts.
func (s *Screening) join(a kyc.Answer) {
	if s.Status == "" || badness(a.Status) > badness(s.Status) {
		s.Status = a.Status
	}
	for _, h := range a.Hits {
		at := slices.IndexFunc(s.Hits, func(have kyc.Hit) bool { return have.List == h.List && have.EntryID == h.EntryID })
		switch {
		case at < 0:
			s.Hits = append(s.Hits, h)
		case s.Hits[at].Score < h.Score:
			s.Hits[at] = h
		}
	}
	for _, m := range a.Marks {
		if m.Entry == "" {
			continue
		}
		if s.says == nil {
			s.says = map[[2]string]string{}
		}
		s.says[[2]string{m.List, m.EntryID}] = m.Entry
	}
	s.Lists = joinLists(s.Lists, a.Lists)
	for _, r := range a.Reasons {
		if r.Code != "possible_match" && !slices.ContainsFunc(s.Reasons, func(have kyc.Reason) bool { return have.Code == r.Code && have.Message == r.Message }) {
			s.Reasons = append(s.Reasons, r)
		}
	}
}

func joinLists(all, more []kyc.ListVersion) []kyc.ListVersion {
	for _, l := range more {
		at := slices.IndexFunc(all, func(have kyc.ListVersion) bool { return have.List == l.List })
		switch {
		case at < 0:
			all = append(all, l)
		case badness(l.Status) > badness(all[at].Status):
			all[at] = l
		}
	}
	return all
}

// badness orders statuses from good to bad; an unknown word is the worst.
func badness(s kyc.AnswerStatus) int {
	order := []kyc.AnswerStatus{kyc.StatusOK, kyc.StatusStale, kyc.StatusUnavailable, kyc.StatusNotConfigured, kyc.StatusError}
	if at := slices.Index(order, s); at >= 0 {
		return at
	}
	return len(order)
}

// walletOf reads what the check found out about the address itself.
func walletOf(a kyc.Answer, q Question) *Wallet {
	w := Wallet{Address: strings.TrimSpace(q.Wallet), Network: q.Network}
	var details struct {
		Wallets    []Wallet `json:"wallets"`
		NotCovered []string `json:"networks_not_covered"`
	}
	if raw, err := json.Marshal(a.Details); err == nil && json.Unmarshal(raw, &details) == nil && len(details.Wallets) == 1 {
		w = details.Wallets[0]
	}
	w.Uncovered = slices.Contains(details.NotCovered, w.Network)
	return &w
}

// unasked reports whether the question itself could not be put: no list is
// broken, and yet there is no answer. Asking again would not help.
func (s Screening) unasked() bool {
	return s.Status == kyc.StatusError && !slices.ContainsFunc(s.Lists, func(l kyc.ListVersion) bool { return l.Status == kyc.StatusError })
}

// reason finds the first of these codes.
func (s Screening) reason(codes ...string) (kyc.Reason, bool) {
	for _, r := range s.Reasons {
		if slices.Contains(codes, r.Code) {
			return r, true
		}
	}
	return kyc.Reason{}, false
}
