package execution

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/procedure"
)

// clearedHits are the hits that people settled and whose list entry says the
// same as then, and of whom the same is known as then (identity is what is known
// now), by the last word on each. They stay settled in the execution
// that begins now (seed 002: a hit is judged, not an execution). Who somebody is
// holds for every service, and so does a refusal; that a person is accepted in
// spite of a hit holds for the service that took the risk.
func (m *Machine) clearedHits(ctx context.Context, t kyc.Tenant, subject kyc.ID, service, identity string) ([]procedure.ClearedHit, error) {
	judged, err := m.judgedHits(ctx, t, subject)
	if err != nil {
		return nil, err
	}
	var out []procedure.ClearedHit
	for _, words := range judged {
		r := lastWord(words, service)
		if r == nil || another(r, identity) {
			continue
		}
		same, err := m.unchanged(ctx, r)
		if err != nil {
			return nil, err
		}
		if !same {
			continue
		}
		out = append(out, procedure.ClearedHit{Hit: r.Hit, Digest: r.Digest, Status: r.Manual.Status, ProcessResultID: r.ID, By: r.Manual.By,
			Actor: r.Manual.Actor, At: r.Manual.At, RequestID: r.Manual.RequestID})
	}
	return out, nil
}

// another reports whether a hit was cleared of somebody of whom something else
// was known. A refusal stays, whatever is written about a person later; who the
// holder of a duplicate is does not change with that either, and of an older
// result nobody wrote down whom it was about.
func another(r *kyc.ProcessResult, identity string) bool {
	list, _, _ := cutHit(r.Hit)
	return list != procedure.DuplicateList && procedure.Accepts(r.ManualWord()) && r.Private.Identity != "" && r.Private.Identity != identity
}

// identityOf digests what tells a person from others on a list: names in any
// order, dates of birth, nationality, gender and the numbers of identity
// documents. A document that expired still names the same person.
func identityOf(p *kyc.IndividualData, docs []kyc.EntityDocument) string {
	var names, births, numbers []string
	for _, n := range append([]kyc.PersonName{p.Name}, p.AlternateNames...) {
		if whole, ok := kyc.ListName.Normal(procedure.FullName(n)); ok {
			names = append(names, whole)
		}
	}
	for _, b := range append([]kyc.BirthDate{p.BirthDate}, p.AlternateDates...) {
		if b.Normalized != "" {
			births = append(births, b.Normalized)
		}
	}
	for _, d := range docs {
		if number, ok := kyc.ListGovID.Normal(d.Private.PrimaryIdentifier); ok && d.Class == kyc.DocIdentity && d.DeletedAt.IsZero() {
			numbers = append(numbers, number)
		}
	}
	set := func(of []string) []string { return slices.Compact(slices.Sorted(slices.Values(of))) }
	return digest([]any{set(names), set(births), p.Nationality, p.Gender, set(numbers)})
}

// lastWord is the word on a hit that counts for a service, nil when it leaves
// the hit open. A risk that another service took last counts for as much as the
// service's own last word, when that takes it, too.
func lastWord(words []kyc.ProcessResult, service string) *kyc.ProcessResult {
	last := newestWord(words)
	if last == nil || !procedure.Resolves(last.Manual.Status) {
		return nil
	}
	list, _, _ := cutHit(last.Hit)
	if !takesRisk(last) || list == procedure.DuplicateList {
		return last
	}
	own := newestWord(slices.DeleteFunc(slices.Clone(words), func(r kyc.ProcessResult) bool { return !strings.EqualFold(r.ServiceName, service) }))
	if own == nil || !takesRisk(own) {
		return nil
	}
	return own
}

// takesRisk reports whether a person accepted somebody in spite of a hit.
func takesRisk(r *kyc.ProcessResult) bool {
	return procedure.Accepts(r.Manual.Status) && r.Manual.Status != procedure.FalsePositive
}

// newestWord is the result that was judged last; of equals, the first.
func newestWord(words []kyc.ProcessResult) *kyc.ProcessResult {
	var last *kyc.ProcessResult
	for i := range words {
		if last == nil || words[i].Manual.At.After(last.Manual.At) {
			last = &words[i]
		}
	}
	return last
}

// judgedHits are the results with a hit that a person judged, by hit, so that a
// later doubt outweighs an earlier word. A hit that is carried over repeats the
// word of an earlier result, and its time.
func (m *Machine) judgedHits(ctx context.Context, t kyc.Tenant, subject kyc.ID) ([][]kyc.ProcessResult, error) {
	var words []string
	for _, kind := range procedure.Kinds() {
		words = append(words, procedure.ManualStatuses(kind)...)
	}
	all, err := m.allResults(ctx, t, kyc.ProcessFilter{SubjectID: subject, ManualStatuses: words, SystemStatuses: []string{procedure.SystemValid}})
	if err != nil {
		return nil, err
	}
	var out [][]kyc.ProcessResult
	at := map[string]int{}
	for _, r := range all {
		if r.Hit == "" || r.Manual == nil {
			continue
		}
		i, known := at[r.Hit]
		if !known {
			i = len(out)
			at[r.Hit], out = i, append(out, nil)
		}
		out[i] = append(out[i], r)
	}
	return out, nil
}

// unchanged reports whether the entry of a hit says what it said when a person
// judged it. An entry that is gone from its list is unchanged: should it come
// back, its digest says whether it is the same. An article that cannot be looked
// up now may be another one. A result without a digest cannot be compared. The
// words on those do not carry.
func (m *Machine) unchanged(ctx context.Context, r *kyc.ProcessResult) (bool, error) {
	list, entry, ok := cutHit(r.Hit)
	if !ok {
		return false, nil
	}
	if list == procedure.DuplicateList { // who somebody is does not change
		return true, nil
	}
	now, known, err := m.entryDigest(ctx, r.Tenant, list, entry)
	if !known && strings.HasPrefix(list, "media:") { // a provider's article, or one that is gone
		return false, err
	}
	return r.Digest != "" && (!known || now == r.Digest), err
}

// cutHit takes the key of a hit apart (procedure.HitKey).
func cutHit(hit string) (list, entry string, ok bool) { return strings.Cut(hit, "|") }

// entryDigest is the SHA-256 in hex of what a list says of an entry now; known
// is false when it has no such entry. A list with an id is the customer's own
// matchlist; the screening lists of the sandbox are simulated.
func (m *Machine) entryDigest(ctx context.Context, t kyc.Tenant, list, id string) (d string, known bool, err error) {
	if _, own := kyc.ParseID(list); own {
		entry, ok := kyc.ParseID(id)
		if !ok {
			return "", false, nil
		}
		e, err := m.d.Store.MatchlistEntry(ctx, t, entry)
		if err != nil {
			if kyc.KindOf(err) == kyc.NotFound {
				return "", false, nil
			}
			return "", false, err
		}
		// What was accepted of a list that raises alarms was not accepted of one
		// that blocks.
		l, err := m.d.Store.Matchlist(ctx, t, e.MatchlistID)
		return digest([]any{e.MatchlistID, e.Hash, e.Reasons, l.Action}), err == nil, err
	}
	if m.d.Entry == nil || t.Env == kyc.Sandbox {
		return "", false, nil
	}
	e, ok := m.d.Entry(list, id)
	if !ok {
		return "", false, nil
	}
	return digest(e), true, nil
}

// carried are the cleared hits that an execution began with.
func carried(established map[string]any) []procedure.ClearedHit {
	raw, err := json.Marshal(established[procedure.KeyClearedHits])
	if err != nil {
		return nil
	}
	var out []procedure.ClearedHit
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil
	}
	return out
}

// policyMatchlist is the check of the customers' own lists; its hits are in its
// details.
const policyMatchlist = "matchlist_screening"

// digestsOf are the digests of all hits of an end, by their keys. A hit whose
// entry cannot be looked up (the sandbox) is known by what it says of the
// entry; the score is no part of it, because it depends on the question.
func (m *Machine) digestsOf(ctx context.Context, t kyc.Tenant, e End) (map[string]string, error) {
	out := map[string]string{}
	add := func(list, id string, says ...any) error {
		key := procedure.HitKey(list, id)
		if _, twice := out[key]; twice {
			return nil
		}
		d, known, err := m.entryDigest(ctx, t, list, id)
		if !known {
			d = digest([]any{list, id, says})
		}
		out[key] = d
		return err
	}
	for _, a := range e.Attempts {
		for _, h := range a.Answer.Hits {
			if err := add(h.List, h.EntryID, h.Type, h.Name, h.Programs); err != nil {
				return nil, err
			}
		}
	}
	for _, h := range matchlistHits(e.Checks[policyMatchlist]) {
		if err := add(h.List, h.Entry); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type matchlistHit struct {
	List  string `json:"list"`
	Entry string `json:"entry"`
}

func matchlistHits(f kyc.CheckFact) []matchlistHit {
	raw, err := json.Marshal(f.Details["hits"])
	if err != nil {
		return nil
	}
	var out []matchlistHit
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil
	}
	return out
}
