package execution

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// inForceOn are the papers that count on a day.
func inForceOn(docs []kyc.EntityDocument, day time.Time) []kyc.EntityDocument {
	return slices.DeleteFunc(slices.Clone(docs), func(d kyc.EntityDocument) bool {
		return !d.DeletedAt.IsZero() || d.Private.Unreadable || !unexpired(&d, day)
	})
}

// established is what an execution may rely on besides the individual itself:
// the person as lists compare it, manual evidence in force, the hits that
// people settled, the risk override, and the channel. It becomes part of the
// session, so the checks and the record see the same.
func (m *Machine) established(ctx context.Context, t kyc.Tenant, b *beginning, o Order) (map[string]any, error) {
	identity := identityOf(&b.individual.Private, b.documents)
	facts := map[string]any{procedure.KeyPerson: procedure.PersonOf(&b.individual.Private, inForceOn(b.documents, b.now)), procedure.KeyIdentity: identity}
	if c := channel(o.Channel); c != "" {
		facts[procedure.KeyChannel] = c
	}
	if b.profile.RiskOverride != nil {
		facts[procedure.KeyRiskOverride] = b.profile.RiskOverride
	}
	if o.New == nil { // of a newcomer nobody has said anything yet
		manual, err := m.manualKYC(ctx, t, b.individual.ID)
		if err != nil {
			return nil, err
		}
		if manual != nil {
			facts[procedure.KeyManualKYC] = manual
		}
		cleared, err := m.clearedHits(ctx, t, b.individual.ID, cmp.Or(b.profile.ServiceName, strings.TrimSpace(o.ServiceName)), identity)
		if err != nil {
			return nil, err
		}
		if len(cleared) > 0 {
			facts[procedure.KeyClearedHits] = cleared
		}
	}
	return plain(facts)
}

// plain writes values as checks read them from the record of a run.
func plain(v map[string]any) (map[string]any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing what an execution relies on: %w", err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("reading what an execution relies on: %w", err)
	}
	return out, nil
}

// manualKYC is the newest manual evidence in force, or nil.
func (m *Machine) manualKYC(ctx context.Context, t kyc.Tenant, subject kyc.ID) (*procedure.ManualKYC, error) {
	found, err := m.manualResults(ctx, t, subject)
	if err != nil {
		return nil, err
	}
	for i := range found { // newest first
		r := &found[i]
		if r.ExecutionID != "" { // a step that it carried, not the evidence itself
			continue
		}
		k := &procedure.ManualKYC{ProcessResultID: r.ID, ApprovedAt: r.CreatedAt}
		k.Combination, _ = r.Private.Notes["combination"].(string)
		k.ApprovedBy, _ = r.Private.Notes["approvedBy"].(string)
		return k, nil
	}
	return nil, nil //nolint:nilnil // most people are verified electronically
}

// manualResults are all valid results of manual KYC, newest first: the evidence
// itself and the steps of executions that it carried.
func (m *Machine) manualResults(ctx context.Context, t kyc.Tenant, subject kyc.ID) ([]kyc.ProcessResult, error) {
	return m.allResults(ctx, t, kyc.ProcessFilter{SubjectID: subject, Classes: []string{"KYC"}, Results: []string{"MANUAL"},
		SystemStatuses: []string{procedure.SystemValid}})
}

// manyResults is how many process results are read at once.
const manyResults = 500

// allResults reads every process result that a filter keeps.
func (m *Machine) allResults(ctx context.Context, t kyc.Tenant, f kyc.ProcessFilter) ([]kyc.ProcessResult, error) {
	var out []kyc.ProcessResult
	var after kyc.ID
	for {
		page, _, err := m.d.Store.ProcessResults(ctx, t, f, kyc.Page{Limit: manyResults, After: after})
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
		if len(page) < manyResults {
			return out, nil
		}
		after = page[len(page)-1].ID
	}
}
