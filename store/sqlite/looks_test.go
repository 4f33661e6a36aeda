package sqlite

import (
	"log/slog"
	"testing"

	"bonafide/kyc"
	"bonafide/store"
)

// A commit that says only who read something does not wait for the disk; every
// other one does, and a group waits where one of it does.
func TestLooksDoNotWaitForTheDisk(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	const normal, full = 1, 2 // https://sqlite.org/pragma.html#pragma_synchronous
	for durability, want := range map[string][]int{"full": {normal, full, normal, full, full, normal}, "normal": {normal, normal, normal, normal, normal, normal}} {
		d, err := open(ctx, Options{Dir: t.TempDir(), Clock: kyc.SystemClock(), Log: slog.New(slog.DiscardHandler), Sync: durability})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		w := &writer{d: d, heads: map[kyc.ID]head{}} // the driver's own has nothing to do
		look, change := &store.Batch{Looks: true}, &store.Batch{}
		for i, group := range [][]*store.Batch{{look}, {change}, {look, look}, {look, change}, {change, look}, {look}} {
			requests := make([]*request, len(group))
			for j, b := range group {
				requests[j] = &request{batch: b, answer: make(chan error, 1)}
			}
			w.commit(requests)
			for _, r := range requests {
				if err := <-r.answer; err != nil {
					t.Fatal(err)
				}
			}
			var got int
			if err := d.write.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != want[i] {
				t.Errorf("%s, group %d: synchronous is %d, want %d", durability, i, got, want[i])
			}
		}
	}
}
