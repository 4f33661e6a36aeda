package intake

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

// A try of this program's own tells the applicant what to do, and its check
// sees the frames in their order with their times.
func TestATryBringsItsChallengeAndItsTimes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.box = b.live // the sandbox looks at nothing
	drawn := 0
	b.d.Challenge = func(challenge string, now time.Time) kyc.LivenessPlan {
		drawn++
		return kyc.LivenessPlan{Provider: kyc.ProviderLocal, Nonce: "n", Actions: []string{"turn_left", "move_closer"}, ExpiresAt: now.Add(kyc.LivenessTime)}
	}
	id := b.opened("FACE_LIVENESS", "CONSENT")
	b.answers["liveness"] = live(93, kyc.Pass)
	began := b.must(id, "FACE_LIVENESS", map[string]any{"action": "start"}, "IN_PROGRESS")
	if !slices.Equal(began.Liveness.Try.Actions, []string{"turn_left", "move_closer"}) || began.Liveness.Try.ExpiresAt.IsZero() {
		t.Errorf("%+v", began.Liveness.Try)
	}
	b.try(id, 3)
	for name, times := range map[string]any{"/frame_times_ms wrong_count": []int{0, 1}, "/frame_times_ms wrong_type": "soon", "/frame_times_ms/1 out_of_range": []int{0, -1, 2}} {
		_, err := b.submit(id, "FACE_LIVENESS", map[string]any{"action": "complete", "frame_times_ms": times})
		wantProblems(t, err, name)
	}
	out := b.must(id, "FACE_LIVENESS", map[string]any{"action": "complete", "frame_times_ms": []int{0, 400, 900}}, "COMPLETED")
	if !out.Liveness.Try.Passed || drawn != 1 {
		t.Errorf("%+v, %d challenges", out.Liveness.Try, drawn)
	}
	asked := b.exams[len(b.exams)-1]
	fact, ok := asked.Established[kyc.KeyLivenessTry].(kyc.LivenessTryFact)
	if !ok || !fact.Timed || len(fact.Frames) != 3 || fact.Frames[1].AtMillis != 400 || fact.Provider != kyc.ProviderLocal {
		t.Fatalf("asked about %+v", asked.Established)
	}
	for i, f := range fact.Frames {
		at := slices.IndexFunc(asked.Uploads, func(u kyc.Upload) bool { return u.ID == f.ID })
		if at < 0 || asked.Uploads[at].Side != []string{"frame_1", "frame_2", "frame_3"}[i] {
			t.Errorf("frame %d is %+v", i, asked.Uploads)
		}
	}
}

// Frames of a try that nobody completed wait for nothing once its time is over.
func TestFramesEndWithTheirTry(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.box = b.live
	var end time.Time
	b.d.Challenge = func(_ string, now time.Time) kyc.LivenessPlan {
		end = now.Add(kyc.LivenessTime)
		return kyc.LivenessPlan{Provider: kyc.ProviderLocal, Nonce: "n", Actions: []string{"turn_left"}, ExpiresAt: end}
	}
	id := b.opened("FACE_LIVENESS", "CONSENT")
	b.try(id, 2)
	all, err := b.store.Transfers(t.Context(), b.box, id)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d frames: %v", len(all), err)
	}
	for _, f := range all {
		if f.ReceivedAt.IsZero() || !f.ExpiresAt.Equal(end) {
			t.Errorf("a frame is kept until %s, the try until %s", f.ExpiresAt, end)
		}
	}
}

func TestATryRunsOutOfTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.box = b.live // the sandbox looks at nothing
	drawn := 0
	b.d.Challenge = func(_ string, now time.Time) kyc.LivenessPlan {
		drawn++
		return kyc.LivenessPlan{Provider: kyc.ProviderLocal, Nonce: "n", Actions: []string{fmt.Sprint("turn_", drawn)}, ExpiresAt: now.Add(kyc.LivenessTime)}
	}
	id := b.opened("FACE_LIVENESS", "CONSENT")
	b.answers["liveness"] = live(93, kyc.Pass)
	b.try(id, 1)
	first := b.must(id, "FACE_LIVENESS", map[string]any{"action": "start"}, "IN_PROGRESS").Liveness.Try.ID
	b.mu.Lock()
	b.clock = b.clock.Add(kyc.LivenessTime)
	b.mu.Unlock()
	_, err := b.submit(id, "FACE_LIVENESS", map[string]any{"action": "complete"})
	wantCode(t, err, kyc.Conflict, "liveness_expired")
	again := b.must(id, "FACE_LIVENESS", map[string]any{"action": "start"}, "IN_PROGRESS")
	if again.Liveness.Try.ID == first || again.Step.Attempts != 0 {
		t.Errorf("%+v", again)
	}
	if !slices.Equal(again.Liveness.Try.Actions, []string{"turn_1"}) { // nobody waits for other movements
		t.Errorf("drawn again: %+v", again.Liveness.Try)
	}
	b.try(id, 1)
	if out := b.must(id, "FACE_LIVENESS", map[string]any{"action": "complete"}, "COMPLETED"); out.Liveness.Try.ID != again.Liveness.Try.ID {
		t.Errorf("%+v", out.Liveness.Try)
	}
}
