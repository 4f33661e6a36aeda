package intake

import (
	"context"
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
		return m.openTry(v, try, w)
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
func (m *Machine) openTry(v *view, open *kyc.LivenessTry, w *work) error {
	if open != nil {
		w.liveness.Try = *open
		return nil
	}
	if len(v.journey.Liveness) >= maxTries {
		return kyc.Errorf(kyc.Conflict, "too_many_tries", "a session opens at most %d tries", maxTries)
	}
	try := kyc.LivenessTry{ID: kyc.NewID(w.at), StepID: w.step, Challenge: challenge, CreatedAt: w.at}
	if m.d.Challenge != nil && v.session.Tenant.Env == kyc.Live {
		try.LivenessPlan = m.d.Challenge(challenge, w.at)
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

// announceFrames makes the addresses of a try's frames, and of a clip where one
// is wanted. Those announced before for the same try do not count any more.
func (m *Machine) announceFrames(ctx context.Context, v *view, try *kyc.LivenessTry, frames int, clip string, w *work) error {
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
	w.replaces = func(*kyc.Upload) bool { return true }
	r, err := m.request(ctx, v, w)
	if err != nil {
		return err
	}
	r.Established = nil // what earlier tries established must not answer this one
	if try.Provider != "" {
		fact, err := w.fact(try, times)
		if err != nil {
			return err
		}
		r.Established = map[string]any{kyc.KeyLivenessTry: fact}
	}
	g, why, err := m.ask(ctx, v, v.asks(w.step), false, &r, w)
	if err != nil {
		return err
	}
	w.judge(g, why)
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
	return nil
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
