package journey

import (
	"context"
	"time"

	"bonafide/kyc"
)

const (
	// sweepPage is how many forgotten files one look takes.
	sweepPage = 100
	// sweepGrace is how long after its end a file is left alone: a confirmation
	// that began in time may still be reading it.
	sweepGrace = 10 * time.Minute
)

// SweepTransfers forgets files that were announced and never became documents:
// their bytes, if any came, belong to nobody. It answers how many.
func (m *Machine) SweepTransfers(ctx context.Context) (int, error) {
	n := 0
	for {
		due, err := m.d.Store.TransfersDue(ctx, m.d.Clock.Now().Add(-sweepGrace), sweepPage)
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
