package journey

import (
	"context"

	"bonafide/kyc"
)

// sweepPage is how many forgotten files one look takes.
const sweepPage = 100

// SweepTransfers forgets files that were announced and never became documents:
// their bytes, if any came, belong to nobody. It answers how many.
func (m *Machine) SweepTransfers(ctx context.Context) (int, error) {
	n := 0
	for {
		due, err := m.d.Store.TransfersDue(ctx, m.d.Clock.Now(), sweepPage)
		if err != nil || len(due) == 0 {
			return n, err
		}
		for i := range due {
			t := &due[i]
			if err := m.d.Store.DeleteBlob(ctx, t.Tenant, t.BlobKey); err != nil && kyc.KindOf(err) != kyc.NotFound {
				return n, err
			}
			if err := m.d.Store.Commit(ctx, &kyc.Change{Remove: []kyc.Object{t}}); err != nil {
				return n, err
			}
			n++
		}
		if len(due) < sweepPage {
			return n, nil
		}
	}
}
