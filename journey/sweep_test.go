package journey

import (
	"context"
	"time"

	"bonafide/kyc"
)

// TransfersDue lists what SweepTransfers forgets.
func (m *memory) TransfersDue(_ context.Context, before time.Time, limit int) ([]kyc.Transfer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Transfer
	for _, o := range m.objects {
		if t, ok := o.(*kyc.Transfer); ok && t.UploadID == "" && !t.ExpiresAt.After(before) && len(out) < limit {
			out = append(out, *t)
		}
	}
	return out, nil
}
