package intake

import (
	"context"
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
	b.d.Liveness = func(_ context.Context, q kyc.LivenessQuestion) (kyc.LivenessPlan, error) {
		drawn++
		return kyc.LivenessPlan{Provider: kyc.ProviderLocal, Nonce: "n", Actions: []string{"turn_left", "move_closer"}, ExpiresAt: q.Now.Add(kyc.LivenessTime)}, nil
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
	b.d.Liveness = func(_ context.Context, q kyc.LivenessQuestion) (kyc.LivenessPlan, error) {
		end = q.Now.Add(kyc.LivenessTime)
		return kyc.LivenessPlan{Provider: kyc.ProviderLocal, Nonce: "n", Actions: []string{"turn_left"}, ExpiresAt: end}, nil
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
	b.d.Liveness = func(_ context.Context, q kyc.LivenessQuestion) (kyc.LivenessPlan, error) {
		drawn++
		return kyc.LivenessPlan{Provider: kyc.ProviderLocal, Nonce: "n", Actions: []string{fmt.Sprint("turn_", drawn)}, ExpiresAt: q.Now.Add(kyc.LivenessTime)}, nil
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

// Where the organisation's order names a service, that films: the applicant's
// page gets its session, no frames are taken here, a film that is not done is no
// attempt, and its frame is kept for the selfies to come.
func TestAServiceFilmsATry(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.box = b.live
	var asked kyc.LivenessQuestion
	b.d.Liveness = func(_ context.Context, q kyc.LivenessQuestion) (kyc.LivenessPlan, error) {
		asked = q
		return kyc.LivenessPlan{Provider: kyc.ProviderRekognition, ServiceID: "amazon-1", Region: "eu-west-1", ExpiresAt: q.Now.Add(kyc.LivenessTime)}, nil
	}
	b.settings(func(s *kyc.Settings) { s.Providers.Liveness = []string{kyc.ProviderRekognition} })
	id := b.opened("FACE_LIVENESS", "CONSENT")
	began := b.must(id, "FACE_LIVENESS", map[string]any{"action": "start"}, "IN_PROGRESS").Liveness.Try
	if began.ServiceID != "amazon-1" || began.Region != "eu-west-1" || !slices.Equal(asked.Providers.Liveness, []string{kyc.ProviderRekognition}) || asked.Tenant != b.box || asked.Call == "" {
		t.Errorf("%+v for %+v", began, asked)
	}
	_, err := b.submit(id, "FACE_LIVENESS", map[string]any{"action": "upload-url", "frame_count": 2})
	wantCode(t, err, kyc.Conflict, "liveness_not_filmed")
	b.answers["liveness"] = kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.VerdictReview, Reasons: []kyc.Reason{{Code: codeUnfinished}}}
	_, err = b.submit(id, "FACE_LIVENESS", map[string]any{"action": "complete"})
	wantCode(t, err, kyc.Conflict, codeUnfinished)
	done := live(97, kyc.Pass)
	done.Filmed = []kyc.AnswerPicture{{Side: kyc.SideReference, ContentType: "image/jpeg", Bytes: []byte("who was filmed")}, {Side: kyc.SideAudit, ContentType: "image/jpeg", Bytes: []byte("another")}}
	b.answers["liveness"] = done
	out := b.must(id, "FACE_LIVENESS", map[string]any{"action": "complete"}, "COMPLETED")
	if !out.Liveness.Try.Passed || out.Step.Attempts > 1 {
		t.Errorf("%+v", out)
	}
	fact, ok := b.exams[len(b.exams)-1].Established[kyc.KeyLivenessTry].(kyc.LivenessTryFact)
	if !ok || fact.Provider != kyc.ProviderRekognition || fact.ServiceID != "amazon-1" {
		t.Errorf("asked about %+v", fact)
	}
	all, err := b.store.Uploads(t.Context(), b.box, id)
	if err != nil || len(all) != 1 || all[0].Side != kyc.SideReference || all[0].Kind != kindFrame {
		t.Errorf("kept %+v (%v)", all, err)
	}
}

// A service that is not set up is no reason to film here, and passes nobody; one
// that is away opens no try.
func TestATryWhoseServiceIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.box = b.live
	away := kyc.Errorf(kyc.Unavailable, "provider_throttled", "slow down")
	b.d.Liveness = func(context.Context, kyc.LivenessQuestion) (kyc.LivenessPlan, error) { return kyc.LivenessPlan{}, away }
	id := b.opened("FACE_LIVENESS", "CONSENT")
	_, err := b.submit(id, "FACE_LIVENESS", map[string]any{"action": "start"})
	wantCode(t, err, kyc.Unavailable, "provider_throttled")
	away = kyc.Errorf(kyc.Unavailable, "provider_not_configured", "nobody")
	if began := b.must(id, "FACE_LIVENESS", map[string]any{"action": "start"}, "IN_PROGRESS").Liveness.Try; began.Provider != kyc.ProviderUnset {
		t.Errorf("%+v", began)
	}
}
