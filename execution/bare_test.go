package execution

import (
	"context"
	"testing"

	"bonafide/kyc"
)

// counted counts the reads of process results.
type counted struct {
	Store
	reads int
}

func (c *counted) ProcessResults(ctx context.Context, t kyc.Tenant, f kyc.ProcessFilter, p kyc.Page) ([]kyc.ProcessResult, int, error) {
	c.reads++
	return c.Store.ProcessResults(ctx, t, f, p)
}

// A list of executions that shows no results reads none.
func TestABareListReadsNoResults(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Own", "ONBOARDING", step("AML", "AML", nil))
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	for range 3 {
		b.execute(t, who, "Own")
		b.advance(1e9)
	}
	store := &counted{Store: b.d.Store}
	b.d.Store = store
	list, total, err := b.Executions(b.ctx, b.sandbox, ExecutionQuery{SubjectID: who.ID, Bare: true}, kyc.Page{Limit: 10})
	if err != nil || total != 3 || len(list) != 3 || store.reads != 0 || list[0].Profile.ID == "" {
		t.Errorf("%d of %d executions with %d reads: %v", len(list), total, store.reads, err)
	}
}
