package webhook

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"bonafide/kyc"
)

// A range that holds more than one call looks at is sent in parts without a gap:
// each answer says how far it came, and the next call goes on there.
func TestALongRangeIsReplayedInParts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	seen := make(chan string, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.Header.Get("webhook-id") }))
	defer srv.Close()
	early := b.tell(t, kyc.Live, "session.approved")
	b.clock.set(noon.Add(time.Minute))
	for range replayLimit - 1 {
		b.tell(t, kyc.Live, "session.declined")
	}
	b.clock.set(noon.Add(2 * time.Minute))
	late := b.tell(t, kyc.Live, "session.approved")
	e := b.endpoint(t, srv, "session.approved")
	whole := Range{From: noon, To: noon.Add(time.Hour)}
	first, err := b.desk.Replay(t.Context(), tenant, actor, e.ID, whole)
	if err != nil || first.Count != 1 || first.Rest == "" || !first.Oldest.Equal(noon.Add(time.Minute)) {
		t.Fatalf("the first call: %+v, %v", first, err)
	}
	if id := <-seen; id != string(late.ID) {
		t.Errorf("the first call sends %s", id)
	}
	whole.After = first.Rest
	if second, err := b.desk.Replay(t.Context(), tenant, actor, e.ID, whole); err != nil || second != (Replayed{Count: 1}) {
		t.Fatalf("the second call: %+v, %v", second, err)
	}
	if id := <-seen; id != string(early.ID) {
		t.Errorf("the second call sends %s", id)
	}
	if exact, err := b.desk.Replay(t.Context(), tenant, actor, e.ID, Range{From: noon.Add(time.Second), To: whole.To}); err != nil || exact != (Replayed{Count: 1}) {
		t.Errorf("as many as one call looks at: %+v, %v", exact, err)
	}
}
