package journey

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// filming asks for a liveness check and little else.
const filming = `{"name":"Filming","slug":"whole","entity_types":["individual"],"steps":[
 {"step_id":"live","order":1,"name":"Live","type":"liveness","liveness_config":{"min_confidence":80,"max_retries":2,"save_reference_image":REF,"save_audit_images":AUDIT,"use_for_face_match":USE}},
 {"step_id":"papers","order":2,"name":"Papers","type":"document_upload","document_requirements":[{"document_type":"id"}]}],
 "validation_config":{"auto_face_match":true,"automation_rules":{"default_action":"manual_review"}}}`

func definitionOf(ref, audit, use string) string {
	return strings.NewReplacer("REF", ref, "AUDIT", audit, "USE", use).Replace(filming)
}

// films lets the bench plan tries of its own, and judge them by the first
// frame.
func (b *bench) films(passed bool) {
	b.d.DropBlobs = func(t kyc.Tenant, session kyc.ID, keys []string) kyc.Job {
		raw, _ := json.Marshal(keys)
		return kyc.Job{Kind: "drop", Tenant: t, Object: session, Key: keys[0], Args: raw}
	}
	b.d.Liveness = func(_ context.Context, q kyc.LivenessQuestion) (kyc.LivenessPlan, error) {
		return kyc.LivenessPlan{Provider: kyc.ProviderLocal, Nonce: "n-1", Actions: []string{"turn_left"}, ExpiresAt: q.Now.Add(kyc.LivenessTime)}, nil
	}
	b.d.Examine = func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		b.exams = append(b.exams, r)
		frames := slices.DeleteFunc(slices.Clone(r.Uploads), func(u kyc.Upload) bool { return u.Kind != kindLiveness })
		if r.Policy != "liveness" {
			return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass}
		}
		if len(frames) == 0 {
			return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.VerdictReview, Reasons: []kyc.Reason{{Code: "liveness_frames_missing", Message: "send frames"}}}
		}
		audit := []any{}
		for _, f := range frames {
			audit = append(audit, string(f.ID))
		}
		sure := 91.0
		a := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Score: &sure, Details: map[string]any{"reference": string(frames[0].ID), "audit": audit}}
		if !passed {
			a.Verdict, a.Reasons = kyc.Fail, []kyc.Reason{{Code: "challenge_not_performed"}}
		}
		return a
	}
}

func shots(bodies ...string) []NewFrame {
	var out []NewFrame
	for i, s := range bodies {
		out = append(out, NewFrame{AtMillis: 100 * i, Bytes: []byte(s)})
	}
	return out
}

// kept lists what is left of a session's liveness tries: side and whether it
// was destroyed.
func (b *bench) kept(t *testing.T, session kyc.ID) []string {
	t.Helper()
	all, err := b.store.Uploads(t.Context(), b.live, session)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, u := range all {
		if u.Kind == kindLiveness && !u.Superseded {
			s := u.Side
			if !u.RedactedAt.IsZero() {
				s += " destroyed"
			}
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

// dropped are the files that jobs delete.
func (b *bench) dropped() int {
	n := 0
	for _, j := range b.store.Jobs {
		var keys []string
		if j.Kind == "drop" && json.Unmarshal(j.Args, &keys) == nil {
			n += len(keys)
		}
	}
	return n
}

func TestFramesAreTakenForOneTryOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	b.films(true)
	_, token := b.walk(t, definitionOf("true", "false", "true"))
	open, err := b.OpenLiveness(ctx, token, "")
	if err != nil || open.Try.Nonce != "n-1" || open.Try.Provider != kyc.ProviderLocal {
		t.Fatalf("%+v %v", open, err)
	}
	id := open.Try.ID
	send := func(nonce string, frames ...NewFrame) error {
		_, err := b.SendFrames(ctx, token, id, nonce, frames)
		return err
	}
	wantCode(t, send("n-2", shots("PNG1")...), kyc.Forbidden, "nonce_wrong")
	_, err = b.SendFrames(ctx, token, kyc.NewID(*b.now), "n-1", shots("PNG1"))
	wantCode(t, err, kyc.NotFound, "liveness_not_found")
	_, err = b.SendFrames(ctx, "other", id, "n-1", shots("PNG1"))
	wantCode(t, err, kyc.NotFound, "session_not_found")
	err = send("n-1", NewFrame{AtMillis: -1, Bytes: []byte("PNG1")}, NewFrame{AtMillis: 200_000, Bytes: []byte("PNG2")}, NewFrame{Bytes: []byte("GIF")})
	var where []string
	for _, p := range kyc.AsError(err).Problems {
		where = append(where, p.Path+" "+p.Code)
	}
	if !kyc.IsCode(err, "invalid_frames") || !slices.Equal(where, []string{"/frames/0/at_ms out_of_range", "/frames/1/at_ms out_of_range", "/frames/2/image unsupported_type"}) {
		t.Errorf("%v %v", where, err)
	}
	wantCode(t, send("n-1", NewFrame{Bytes: append([]byte("PNG"), make([]byte, kyc.LivenessFrameBytes)...)}), kyc.TooLarge, "frame_too_large")
	wantCode(t, send("n-1"), kyc.Invalid, "invalid_frames")
	many := make([]NewFrame, kyc.LivenessFrames+1)
	for i := range many {
		many[i] = NewFrame{AtMillis: i, Bytes: []byte("PNG" + strings.Repeat("x", i))}
	}
	wantCode(t, send("n-1", many...), kyc.Conflict, "too_many_frames")
	if len(b.store.Files) != 0 {
		t.Errorf("%d refused frames are kept", len(b.store.Files))
	}
	_, err = b.EvaluateLiveness(ctx, token, string(id))
	wantCode(t, err, kyc.Conflict, "liveness_frames_missing")

	late, early := NewFrame{AtMillis: 900, Bytes: []byte("PNG9")}, NewFrame{AtMillis: 100, Bytes: []byte("PNG1")}
	if got, err := b.SendFrames(ctx, token, id, "n-1", []NewFrame{late}); err != nil || got.Remaining != kyc.LivenessFrames-1 {
		t.Fatalf("%+v %v", got, err)
	}
	got, err := b.SendFrames(ctx, token, id, "n-1", []NewFrame{late, early}) // the first again
	if err != nil || got.Remaining != kyc.LivenessFrames-2 || len(got.Try.Frames) != 2 || got.Try.Frames[0].AtMillis != 100 {
		t.Fatalf("%+v %v", got, err)
	}
	out, err := b.EvaluateLiveness(ctx, token, string(id))
	if err != nil || !out.Try.Passed || out.Remaining != 2 {
		t.Fatalf("%+v %v", out, err)
	}
	asked := b.exams[len(b.exams)-1]
	fact, ok := asked.Established[kyc.KeyLivenessTry].(kyc.LivenessTryFact)
	if !ok || fact.Provider != kyc.ProviderLocal || !slices.Equal(fact.Actions, []string{"turn_left"}) || len(fact.Frames) != 2 || len(asked.Uploads) != 2 || fact.Frames[0].ID != asked.Uploads[0].ID {
		t.Errorf("asked about %+v with %d files", fact, len(asked.Uploads))
	}
	wantCode(t, send("n-1", early), kyc.Conflict, "liveness_evaluated")
	again, err := b.EvaluateLiveness(ctx, token, string(id))
	if err != nil || !again.Try.Passed || again.Remaining != 2 {
		t.Errorf("%+v %v", again, err)
	}
	if open, err = b.OpenLiveness(ctx, token, ""); err != nil {
		t.Fatal(err)
	}
	// Whoever opens another try gives up the one before it, films and all.
	id = open.Try.ID
	if err := send("n-1", shots("PNG11", "PNG22")...); err != nil {
		t.Fatal(err)
	}
	before := b.dropped()
	if open, err = b.OpenLiveness(ctx, token, ""); err != nil || b.dropped() != before+2 {
		t.Errorf("%d files go (%v)", b.dropped()-before, err)
	}
	wantCode(t, send("n-1", early), kyc.Gone, "liveness_expired")
	_, err = b.EvaluateLiveness(ctx, token, string(id))
	wantCode(t, err, kyc.Conflict, "liveness_frames_missing")
	*b.now = b.now.Add(kyc.LivenessTime + time.Second)
	id = open.Try.ID
	wantCode(t, send("n-1", early), kyc.Gone, "liveness_expired")
}

// What is kept of a try is exactly what its step says.
func TestFramesAreKeptAsTheStepSays(t *testing.T) {
	t.Parallel()
	six := shots("PNG1", "PNG22", "PNG333", "PNG4444", "PNG55555", "PNG666666")
	for name, c := range map[string]struct {
		ref, audit, use string
		passed          bool
		after, final    []string // what is kept: of the try, and after the decision
		dropped         int      // files that were deleted in the end
	}{
		"the reference":                  {"true", "false", "true", true, []string{"reference"}, []string{"reference"}, 5},
		"the reference, not compared":    {"true", "false", "false", true, []string{"reference"}, []string{"reference"}, 5},
		"held until it was compared":     {"false", "false", "true", true, []string{"reference"}, []string{"reference destroyed"}, 6},
		"nothing":                        {"false", "false", "false", true, []string{}, []string{}, 6},
		"an audit":                       {"true", "true", "true", true, []string{"audit", "audit", "audit", "reference"}, []string{"audit", "audit", "audit", "reference"}, 2},
		"an audit alone":                 {"false", "true", "false", true, []string{"audit", "audit", "audit", "audit"}, []string{"audit", "audit", "audit", "audit"}, 2},
		"nothing of a failed try":        {"true", "false", "true", false, []string{}, nil, 6},
		"only the audit of a failed try": {"true", "true", "true", false, []string{"audit", "audit", "audit", "audit"}, nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ctx := t.Context()
			b.films(c.passed)
			made, token := b.walk(t, definitionOf(c.ref, c.audit, c.use))
			open, err := b.OpenLiveness(ctx, token, "")
			if err == nil {
				_, err = b.SendFrames(ctx, token, open.Try.ID, open.Try.Nonce, six)
			}
			if err != nil {
				t.Fatal(err)
			}
			out, err := b.EvaluateLiveness(ctx, token, string(open.Try.ID))
			if err != nil || out.Try.Passed != c.passed {
				t.Fatalf("%+v %v", out, err)
			}
			if got := b.kept(t, made.Session.ID); !slices.Equal(got, c.after) {
				t.Errorf("kept %v, want %v", got, c.after)
			}
			if left, _ := b.store.Transfers(ctx, b.live, made.Session.ID); slices.ContainsFunc(left, func(t kyc.Transfer) bool { return t.UploadID == "" }) {
				t.Error("a frame is left on its way")
			}
			if c.final == nil {
				if got := b.dropped(); got != c.dropped {
					t.Errorf("%d files go, want %d", got, c.dropped)
				}
				return
			}
			if _, err := b.CompleteStep(ctx, token, "live", nil); err != nil {
				t.Fatal(err)
			}
			b.send(t, token, announced("papers", "id", "PNGid"), "PNGid")
			if _, err := b.CompleteStep(ctx, token, "papers", nil); err != nil {
				t.Fatal(err)
			}
			b.ends(t, kyc.NeedsReview, "rules", nil)
			if _, err := b.Process(ctx, b.live, b.key, made.Session.ID, 0, true); err != nil {
				t.Fatal(err)
			}
			if got := b.kept(t, made.Session.ID); !slices.Equal(got, c.final) || b.dropped() != c.dropped {
				t.Errorf("kept %v and %d files go, want %v and %d", got, b.dropped(), c.final, c.dropped)
			}
		})
	}
}

// What is over needs no frames: those that were held for a comparison and those
// that nobody evaluated go with the session's end, in the same commit.
func TestFramesEndWithTheirSession(t *testing.T) {
	t.Parallel()
	six := shots("PNG1", "PNG22", "PNG333", "PNG4444", "PNG55555", "PNG666666")
	for name, c := range map[string]struct {
		ref    string
		judged bool
		want   []string
		gone   int
	}{
		"held for the comparison":     {"false", true, []string{"reference destroyed"}, 6},
		"the customer keeps them":     {"true", true, []string{"reference"}, 5},
		"nobody evaluated them":       {"true", false, []string{}, 6},
		"neither evaluated nor asked": {"false", false, []string{}, 6},
	} {
		for _, end := range []string{"expired", "cancelled"} {
			t.Run(name+", "+end, func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				ctx := t.Context()
				b.films(true)
				made, token := b.walk(t, definitionOf(c.ref, "false", "true"))
				open, err := b.OpenLiveness(ctx, token, "")
				if err == nil {
					_, err = b.SendFrames(ctx, token, open.Try.ID, open.Try.Nonce, six)
				}
				if err == nil && c.judged {
					_, err = b.EvaluateLiveness(ctx, token, string(open.Try.ID))
				}
				if err != nil {
					t.Fatal(err)
				}
				if end == "expired" {
					b.later(8 * 24 * time.Hour)
					_, err = b.Expire(ctx, b.session(t, made.Session.ID), kyc.SystemActor("session"), *b.now)
				} else {
					_, err = b.SetStatus(ctx, b.live, b.anna, made.Session.ID, 0, Verdict{Status: "cancelled"})
				}
				if err != nil {
					t.Fatal(err)
				}
				left, _ := b.store.Transfers(ctx, b.live, made.Session.ID)
				if slices.ContainsFunc(left, func(t kyc.Transfer) bool { return t.UploadID == "" }) {
					t.Error("a frame is left on its way")
				}
				if got := b.kept(t, made.Session.ID); !slices.Equal(got, c.want) || b.dropped() != c.gone {
					t.Errorf("kept %v and %d files go, want %v and %d", got, b.dropped(), c.want, c.gone)
				}
			})
		}
	}
}

func TestAServiceFilmsTheApplicant(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	b.films(true)
	var asked kyc.LivenessQuestion
	b.d.Liveness = func(_ context.Context, q kyc.LivenessQuestion) (kyc.LivenessPlan, error) {
		asked = q
		return kyc.LivenessPlan{Provider: kyc.ProviderRekognition, ServiceID: "aws-1", Region: "eu-west-1", ExpiresAt: q.Now.Add(time.Minute)}, nil
	}
	made, token := b.walk(t, definitionOf("true", "true", "true"))
	open, err := b.OpenLiveness(ctx, token, "")
	if err != nil || open.Try.ServiceID != "aws-1" || asked.Audit != kyc.LivenessAudit || asked.Challenge != "FaceMovementChallenge" || asked.Call != "liveness-"+string(open.Try.ID) || asked.Tenant != b.live {
		t.Fatalf("%+v %+v %v", open, asked, err)
	}
	_, err = b.SendFrames(ctx, token, open.Try.ID, "", shots("PNG1"))
	wantCode(t, err, kyc.Conflict, "liveness_not_filmed")
	sure := 98.5
	b.d.Examine = func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		if fact, ok := r.Established[kyc.KeyLivenessTry].(kyc.LivenessTryFact); !ok || fact.ServiceID != "aws-1" {
			t.Errorf("asked about %v", r.Established)
		}
		return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Score: &sure, Filmed: []kyc.AnswerPicture{
			{Side: kyc.SideReference, ContentType: "image/jpeg", Bytes: []byte("REFERENCE")}, {Side: kyc.SideAudit, ContentType: "image/jpeg", Bytes: []byte("AUDIT")}}}
	}
	out, err := b.EvaluateLiveness(ctx, token, "aws-1") // as the seed's page names it
	if err != nil || !out.Try.Passed || out.Try.Confidence != sure {
		t.Fatalf("%+v %v", out, err)
	}
	if got := b.kept(t, made.Session.ID); !slices.Equal(got, []string{"audit", "reference"}) {
		t.Errorf("kept %v", got)
	}
	all, _ := b.store.Uploads(ctx, b.live, made.Session.ID)
	for _, u := range all {
		if u.Side != kyc.SideReference {
			continue
		}
		if got, err := b.store.Blob(ctx, b.live, made.Session.SubjectID, u.BlobKey); err != nil || !bytes.Equal(got, []byte("REFERENCE")) || u.StepID != "live" {
			t.Errorf("%q %+v %v", got, u, err)
		}
	}
	// A service that is away opens nothing and takes no attempt; one that is not
	// set up ends the step.
	b.d.Liveness = func(context.Context, kyc.LivenessQuestion) (kyc.LivenessPlan, error) {
		return kyc.LivenessPlan{}, kyc.Errorf(kyc.Unavailable, "provider_unavailable", "away")
	}
	_, err = b.OpenLiveness(ctx, token, "")
	wantCode(t, err, kyc.Unavailable, "provider_unavailable")
	b.d.Liveness = func(context.Context, kyc.LivenessQuestion) (kyc.LivenessPlan, error) {
		return kyc.LivenessPlan{}, kyc.Errorf(kyc.Unavailable, "providers_not_configured", "none")
	}
	if open, err = b.OpenLiveness(ctx, token, ""); err != nil || open.Try.Provider != kyc.ProviderUnset {
		t.Errorf("%+v %v", open, err)
	}
}

// Opening a liveness check is no attempt, so it must not draw again, either:
// otherwise somebody opens checks until the movements of a film at hand come up.
func TestEachAttemptDrawsOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	b.films(false)
	drawn := 0
	b.d.Liveness = func(_ context.Context, q kyc.LivenessQuestion) (kyc.LivenessPlan, error) {
		drawn++
		n := strconv.Itoa(drawn)
		return kyc.LivenessPlan{Provider: kyc.ProviderLocal, Nonce: "n-" + n, Actions: []string{"turn_" + n}, Colors: []string{"color_" + n}, ExpiresAt: q.Now.Add(kyc.LivenessTime)}, nil
	}
	_, token := b.walk(t, definitionOf("true", "false", "true"))
	opened := func(nonce, actions string) kyc.ID {
		t.Helper()
		got, err := b.OpenLiveness(ctx, token, "")
		if err != nil || got.Try.Nonce != nonce || !slices.Equal(got.Try.Actions, []string{"turn_" + actions}) || !slices.Equal(got.Try.Colors, []string{"color_" + actions}) {
			t.Fatalf("%+v %v", got.Try, err)
		}
		return got.Try.ID
	}
	opened("n-1", "1")
	opened("n-2", "1")
	b.later(kyc.LivenessTime)
	id := opened("n-3", "1")
	if _, err := b.SendFrames(ctx, token, id, "n-3", shots("PNGone", "PNGtwo")); err != nil {
		t.Fatal(err)
	}
	if got, err := b.EvaluateLiveness(ctx, token, string(id)); err != nil || got.Try.Passed {
		t.Fatalf("%+v %v", got, err)
	}
	opened("n-4", "4")
}
