package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bonafide/checklist"
	"bonafide/kyc"
)

const (
	// challenge is what the applicant is asked to do before the camera.
	challenge = "FaceMovementChallenge"
	// maxFrames are the pictures of one try.
	maxFrames = 8
	// maxTries is how many tries a session may open, evaluated or not.
	maxTries = 30

	kindFrame = "liveness"
	kindClip  = "custom:liveness_clip"
	sideClip  = "clip"
)

// live performs an action of FACE_LIVENESS: start opens a try, upload-url
// announces its frames, complete has them judged. Only complete is an attempt.
func (m *Machine) live(ctx context.Context, v *view, def *checklist.Step, b *body, w *work) error {
	action := b.choice("action", true, actionStart, actionUpload, actionComplete)
	frames, clip := 0, ""
	var times []int
	if action == actionComplete {
		times = b.wholes("frame_times_ms", maxFrames, 0, int(kyc.LivenessTime.Milliseconds()))
	}
	if action == actionUpload {
		frames = b.whole("frame_count", 1, maxFrames)
		clip = b.choice("clip_mime_type", false, "video/webm", "video/mp4", "video/quicktime")
	}
	b.close()
	if err := b.err(); err != nil {
		return err
	}
	try := v.openTry()
	if try != nil && action == actionStart && try.Late(w.at) {
		try = nil // its time is over; a new one begins
	}
	w.liveness = &LivenessReply{Threshold: threshold(def)}
	if action == actionStart {
		return m.openTry(ctx, v, try, w)
	}
	if try == nil {
		return kyc.Errorf(kyc.Conflict, "liveness_not_started", "no try is open; send the action start first")
	}
	w.liveness.Try = *try
	if action == actionUpload {
		return m.announceFrames(ctx, v, try, frames, clip, w)
	}
	if try.Late(w.at) {
		return kyc.Errorf(kyc.Conflict, "liveness_expired", "the time of this try is over; send the action start for a new one")
	}
	return m.judgeTry(ctx, v, try, times, w)
}

// openTry is the try that waits for its frames; nil when there is none.
func (v *view) openTry() *kyc.LivenessTry {
	for i := len(v.journey.Liveness) - 1; i >= 0; i-- { // those before it ran out of time
		if try := &v.journey.Liveness[i]; try.Done.IsZero() {
			return try
		}
	}
	return nil
}

// openTry opens a try, or gives the one that is open.
func (m *Machine) openTry(ctx context.Context, v *view, open *kyc.LivenessTry, w *work) error {
	if open != nil {
		w.liveness.Try = *open
		return nil
	}
	if len(v.journey.Liveness) >= maxTries {
		return kyc.Errorf(kyc.Conflict, "too_many_tries", "a session opens at most %d tries", maxTries)
	}
	try := kyc.LivenessTry{ID: kyc.NewID(w.at), StepID: w.step, Challenge: challenge, CreatedAt: w.at}
	if m.d.Liveness != nil && v.session.Tenant.Env == kyc.Live {
		var err error
		if try.LivenessPlan, err = m.plan(ctx, v, &try); err != nil {
			return err
		}
	}
	// Each attempt draws once: who lets a try run out gets its movements again,
	// and cannot wait for those of a film that is at hand.
	if old := v.openTry(); old != nil && old.Provider == kyc.ProviderLocal && try.Provider == kyc.ProviderLocal {
		try.Actions, try.Colors = slices.Clone(old.Actions), slices.Clone(old.Colors)
	}
	w.liveness.Try = try
	w.apply = append(w.apply, func(v *view, _ *kyc.StepState) { v.journey.Liveness = append(slices.Clone(v.journey.Liveness), try) })
	return nil
}

// plan asks who judges a try. Where the organisation wants a provider that is
// not set up here, the try is opened all the same: completed, it fails.
func (m *Machine) plan(ctx context.Context, v *view, try *kyc.LivenessTry) (kyc.LivenessPlan, error) {
	q := kyc.LivenessQuestion{Asking: kyc.Asking{Tenant: v.session.Tenant, Providers: v.settings().Providers, Call: "liveness-" + string(try.ID)},
		Challenge: try.Challenge, Now: try.CreatedAt}
	p, err := m.d.Liveness(ctx, q)
	if e := kyc.AsError(err); err != nil && e.Kind == kyc.Unavailable && strings.HasSuffix(e.Code, "_not_configured") {
		return kyc.LivenessPlan{Provider: kyc.ProviderUnset}, nil
	}
	return p, err
}

// elsewhere reports whether somebody else films the applicant.
func elsewhere(t *kyc.LivenessTry) bool { return t.Provider != "" && t.Provider != kyc.ProviderLocal }

// announceFrames makes the addresses of a try's frames, and of a clip where one
// is wanted. Those announced before for the same try do not count any more.
func (m *Machine) announceFrames(ctx context.Context, v *view, try *kyc.LivenessTry, frames int, clip string, w *work) error {
	if elsewhere(try) {
		return kyc.Errorf(kyc.Conflict, "liveness_not_filmed", "a service films the applicant in this try; send the action complete when it is done")
	}
	have, err := m.d.Store.Transfers(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return err
	}
	if len(have)+frames+1 > maxTransfers {
		return kyc.Errorf(kyc.Conflict, "too_many_files", "a session takes at most %d files", maxTransfers)
	}
	for _, old := range have {
		if old.StepID == w.step && old.FieldID == string(try.ID) {
			old.FieldID = "" // replaced
			w.announced = append(w.announced, old)
		}
	}
	add := func(side, contentType string) (Announced, error) {
		a, err := m.announce(v, NewUpload{Name: side, ContentType: contentType})
		a.Transfer.StepID, a.Transfer.FieldID, a.Transfer.Side = w.step, string(try.ID), side
		w.announced = append(w.announced, a.Transfer)
		return a, err
	}
	for i := range frames {
		a, err := add(fmt.Sprintf("frame_%d", i+1), "image/jpeg")
		if err != nil {
			return err
		}
		w.liveness.Frames = append(w.liveness.Frames, a)
	}
	if clip == "" {
		return nil
	}
	a, err := add(sideClip, clip)
	w.liveness.Clip = &a
	return err
}

// judgeTry has a try evaluated. All its frames must have come.
// times are when the frames were taken, in milliseconds since the first; without
// them only their order counts.
func (m *Machine) judgeTry(ctx context.Context, v *view, try *kyc.LivenessTry, times []int, w *work) error {
	if !elsewhere(try) {
		if err := m.collect(ctx, v, try, w); err != nil {
			return err
		}
	}
	w.replaces = func(*kyc.Upload) bool { return true }
	r, err := m.request(ctx, v, w)
	if err != nil {
		return err
	}
	r.Established = nil // what earlier tries established must not answer this one
	if try.Provider != "" {
		fact := try.Fact(true, nil)
		if !elsewhere(try) {
			if fact, err = w.fact(try, times); err != nil {
				return err
			}
		}
		r.Established = map[string]any{kyc.KeyLivenessTry: fact}
	}
	g, why, err := m.ask(ctx, v, v.asks(w.step), false, &r, w)
	if err != nil {
		return err
	}
	if why == codeUnfinished {
		return kyc.Errorf(kyc.Conflict, codeUnfinished, "the applicant has not finished this liveness check yet")
	}
	if err := m.keepReference(ctx, v, w); err != nil {
		return err
	}
	w.judge(g, why)
	m.note(try, g, why, w)
	return nil
}

// codeUnfinished is what the check says of a try that the service still films;
// asking is no attempt.
const codeUnfinished = "liveness_unfinished"

// keepReference keeps the frame that a service gave of a try that passed, for
// the selfies that come after it.
func (m *Machine) keepReference(ctx context.Context, v *view, w *work) error {
	for _, x := range w.exams {
		for _, p := range x.Answer.Filmed {
			if p.Side != kyc.SideReference || x.Answer.Verdict != kyc.Pass {
				continue
			}
			sum := sha256.Sum256(p.Bytes)
			u := kyc.Upload{Meta: kyc.Meta{ID: kyc.NewID(w.at), Tenant: v.session.Tenant}, SessionID: v.session.ID, SubjectID: v.session.SubjectID, Kind: kindFrame, Side: p.Side,
				StepID: w.step, ContentType: p.ContentType, Size: int64(len(p.Bytes)), SHA256: hex.EncodeToString(sum[:])}
			u.BlobKey = strings.Join([]string{string(u.Tenant.Org), string(u.Tenant.Env), string(u.SessionID), string(u.ID)}, "/")
			if err := m.d.Store.PutBlob(ctx, u.Tenant, u.SubjectID, u.BlobKey, p.Bytes); err != nil {
				return err
			}
			w.uploads = append(w.uploads, u)
		}
	}
	return nil
}

// collect takes the frames of a try; all must have come.
func (m *Machine) collect(ctx context.Context, v *view, try *kyc.LivenessTry, w *work) error {
	have, err := m.d.Store.Transfers(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return err
	}
	missing, wrong := []string{}, []string{}
	for _, t := range have {
		if t.StepID != w.step || t.FieldID != string(try.ID) {
			continue
		}
		slot := checklist.Slot{Kind: kindFrame, Side: t.Side}
		if t.Side == sideClip {
			slot.Kind = kindClip
		}
		switch {
		case t.ReceivedAt.IsZero():
			missing = append(missing, t.Side)
		case !suits(slot.Kind, t.ContentType):
			wrong = append(wrong, t.Side)
		default:
			w.take(v, w.step, slot, t)
		}
	}
	switch {
	case len(missing) > 0:
		return kyc.Errorf(kyc.Conflict, "upload_missing", "these files of the try have not come: %s", strings.Join(missing, ", "))
	case len(wrong) > 0:
		return kyc.Errorf(kyc.UnsupportedMedia, "type_not_accepted", "these files of the try are of the wrong type: %s; announce them again", strings.Join(wrong, ", "))
	case len(w.uploads) == 0:
		return kyc.Errorf(kyc.Conflict, "upload_missing", "the try has no frames; announce them with the action upload-url")
	}
	return nil
}

// note writes down what a try came to.
func (m *Machine) note(try *kyc.LivenessTry, g grade, why string, w *work) {
	done := *try
	done.Done, done.Passed, done.Reason = w.at, g == good, why
	if len(w.exams) > 0 {
		x := w.exams[len(w.exams)-1]
		done.ExamID = x.ID
		if x.Answer.Score != nil {
			done.Confidence = *x.Answer.Score
		}
	}
	w.liveness.Try = done
	w.apply = append(w.apply, func(v *view, _ *kyc.StepState) {
		v.journey.Liveness = slices.Clone(v.journey.Liveness)
		for i := range v.journey.Liveness {
			if v.journey.Liveness[i].ID == done.ID {
				v.journey.Liveness[i] = done
			}
		}
	})
}

// fact is a try with its frames, in their order, as its check sees it.
func (w *work) fact(try *kyc.LivenessTry, times []int) (kyc.LivenessTryFact, error) {
	t := *try
	t.Frames = nil
	for _, u := range w.uploads {
		if u.Kind == kindFrame {
			t.Frames = append(t.Frames, kyc.LivenessFrame{ID: u.ID})
		}
	}
	place := func(f kyc.LivenessFrame) int {
		i := slices.IndexFunc(w.uploads, func(u kyc.Upload) bool { return u.ID == f.ID })
		n, _ := strconv.Atoi(strings.TrimPrefix(w.uploads[i].Side, "frame_"))
		return n
	}
	slices.SortStableFunc(t.Frames, func(a, b kyc.LivenessFrame) int { return place(a) - place(b) })
	if times == nil {
		return t.Fact(false, nil), nil
	}
	if len(times) != len(t.Frames) {
		return kyc.LivenessTryFact{}, kyc.InvalidInput("invalid_submission", "the submission cannot be taken",
			[]kyc.Problem{{Path: "/frame_times_ms", Code: "wrong_count", Message: fmt.Sprintf("one number for each of the %d frames", len(t.Frames))}})
	}
	for i := range t.Frames {
		t.Frames[i].AtMillis = times[i]
	}
	return t.Fact(true, w.transfers), nil
}
