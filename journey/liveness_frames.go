package journey

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// NewFrame is one frame of a liveness try as the applicant's page sends it.
type NewFrame struct {
	// AtMillis is when it was taken, in milliseconds since the first frame.
	AtMillis int
	Bytes    []byte
}

// FramesTaken tells what has come for a try.
type FramesTaken struct {
	Try kyc.LivenessTry
	// Remaining are the frames that may still come.
	Remaining int
}

// try finds a liveness try of the session.
func (v *view) try(id kyc.ID) (*kyc.LivenessTry, error) {
	for i := range v.journey.Liveness {
		if v.journey.Liveness[i].ID == id {
			return &v.journey.Liveness[i], nil
		}
	}
	return nil, noTry()
}

// named finds a try by what the applicant's page calls it.
func (v *view) named(id string) (*kyc.LivenessTry, error) {
	for i := range v.journey.Liveness {
		if t := &v.journey.Liveness[i]; string(t.ID) == id || t.ServiceID != "" && t.ServiceID == id {
			return t, nil
		}
	}
	return nil, noTry()
}

func noTry() *kyc.Error {
	return kyc.Errorf(kyc.NotFound, "liveness_not_found", "there is no such liveness check in this session")
}

// plan asks who judges a try. Where the organisation wants a provider that is
// not set up, the try is opened all the same: evaluated, it ends the step.
func (m *Machine) plan(ctx context.Context, v *view, def *onboarding.Step, try *kyc.LivenessTry) (kyc.LivenessPlan, error) {
	t := v.session.Tenant
	if m.d.Liveness == nil || t.Env != kyc.Live {
		return kyc.LivenessPlan{}, nil
	}
	q := kyc.LivenessQuestion{Asking: kyc.Asking{Tenant: t, Providers: v.org.EnvSettings(t.Env).Providers, Call: "liveness-" + string(try.ID)},
		Challenge: try.Challenge, Now: v.now}
	if def.LivenessConfig.SaveAuditImages {
		q.Audit = kyc.LivenessAudit
	}
	p, err := m.d.Liveness(ctx, q)
	if e := kyc.AsError(err); err != nil && e.Kind == kyc.Unavailable && strings.HasSuffix(e.Code, "_not_configured") {
		return kyc.LivenessPlan{Provider: kyc.ProviderUnset}, nil
	}
	return p, err
}

// keepDrawing gives a new try of this program's own the movements of the one
// before it, as long as that was not evaluated: each attempt draws once.
// Otherwise an applicant could open tries, which is no attempt, until the
// movements of a film come up that is at hand.
func (v *view) keepDrawing(try *kyc.LivenessTry) {
	if try.Provider != kyc.ProviderLocal {
		return
	}
	for i := len(v.journey.Liveness) - 1; i >= 0; i-- {
		old := &v.journey.Liveness[i]
		if old.StepID != try.StepID || old.Provider != kyc.ProviderLocal {
			continue
		}
		if old.Done.IsZero() && old.Challenge == try.Challenge {
			try.Actions, try.Colors = slices.Clone(old.Actions), slices.Clone(old.Colors)
		}
		return
	}
}

// SendFrames takes frames of a try that this program films itself, all at once
// or in parts; sent again, a frame that came is left alone. They are kept,
// encrypted, until the try is evaluated. Errors: 404 liveness_not_found; 409
// liveness_not_filmed, liveness_evaluated, too_many_frames; 410
// liveness_expired; 403 nonce_wrong; 413 frame_too_large; Invalid
// invalid_frames with every problem.
func (m *Machine) SendFrames(ctx context.Context, token string, id kyc.ID, nonce string, frames []NewFrame) (FramesTaken, error) {
	v, by, err := m.enter(ctx, token)
	if err != nil {
		return FramesTaken{}, err
	}
	try, err := v.try(id)
	if err != nil {
		return FramesTaken{}, err
	}
	switch {
	case try.Provider != kyc.ProviderLocal:
		return FramesTaken{}, kyc.Errorf(kyc.Conflict, "liveness_not_filmed", "this liveness check takes no frames: %s", filmedBy(try))
	case !try.Done.IsZero():
		return FramesTaken{}, kyc.Errorf(kyc.Conflict, "liveness_evaluated", "this liveness check was evaluated already; open a new one")
	case !v.now.Before(try.ExpiresAt):
		return FramesTaken{}, kyc.Errorf(kyc.Gone, "liveness_expired", "the time of this liveness check is over; open a new one")
	case subtle.ConstantTimeCompare([]byte(nonce), []byte(try.Nonce)) != 1:
		return FramesTaken{}, kyc.Errorf(kyc.Forbidden, "nonce_wrong", "these frames belong to another liveness check")
	}
	have, err := m.framesOf(ctx, v, try)
	if err != nil {
		return FramesTaken{}, err
	}
	fresh, err := m.newFrames(v, try, have, frames)
	if err != nil {
		return FramesTaken{}, err
	}
	out := FramesTaken{Remaining: kyc.LivenessFrames - len(have) - len(fresh)}
	if len(fresh) == 0 {
		out.Try = *try
		return out, nil
	}
	c := kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.liveness_frames")}}
	for i := range fresh {
		f := &fresh[i]
		// The bytes go first: a row never points to a file that is not there.
		if err := m.d.Store.PutBlob(ctx, f.Tenant, f.SubjectID, f.BlobKey, f.bytes); err != nil {
			return FramesTaken{}, err
		}
		try.Frames = append(try.Frames, kyc.LivenessFrame{ID: f.ID, AtMillis: f.at})
		c.Put = append(c.Put, &f.Transfer)
	}
	slices.SortStableFunc(try.Frames, func(a, b kyc.LivenessFrame) int { return a.AtMillis - b.AtMillis })
	out.Try = *try
	return out, m.save(ctx, v, by, c)
}

func filmedBy(t *kyc.LivenessTry) string {
	if t.Provider == "" || t.Provider == kyc.ProviderUnset {
		return "nothing here looks at them"
	}
	return "its own service films the applicant"
}

// takenFrame is a frame on its way into the store.
type takenFrame struct {
	kyc.Transfer
	at    int
	bytes []byte
}

// newFrames judges frames and makes rows of those that did not come before.
func (m *Machine) newFrames(v *view, try *kyc.LivenessTry, have []kyc.Transfer, frames []NewFrame) ([]takenFrame, error) {
	var problems []kyc.Problem
	var out []takenFrame
	at := func(i int, name, code, message string) {
		problems = append(problems, kyc.Problem{Path: fmt.Sprintf("/frames/%d/%s", i, name), Code: code, Message: message})
	}
	if len(frames) == 0 {
		problems = append(problems, kyc.Problem{Path: "/frames", Code: "required", Message: "send at least one frame"})
	}
	known := map[string]bool{}
	for _, t := range have {
		known[t.SHA256] = true
	}
	for i, f := range frames {
		digest := sha256.Sum256(f.Bytes)
		sum := hex.EncodeToString(digest[:])
		if known[sum] {
			continue // it came before
		}
		known[sum] = true
		if len(f.Bytes) > kyc.LivenessFrameBytes {
			return nil, kyc.Errorf(kyc.TooLarge, "frame_too_large", "a frame has at most %d bytes", kyc.LivenessFrameBytes)
		}
		if f.AtMillis < 0 || time.Duration(f.AtMillis)*time.Millisecond > kyc.LivenessTime {
			at(i, "at_ms", "out_of_range", fmt.Sprintf("milliseconds since the first frame, at most %d", kyc.LivenessTime.Milliseconds()))
		}
		contentType, bad := m.d.Sniff(f.Bytes)
		switch {
		case bad != nil:
			at(i, "image", bad.Code, bad.Message)
		case contentType != "image/jpeg" && contentType != "image/png" && contentType != "image/webp":
			at(i, "image", "type_not_accepted", "a frame is a picture in JPEG, PNG or WebP")
		}
		t := kyc.Transfer{Meta: kyc.Meta{ID: kyc.NewID(v.now), Tenant: v.session.Tenant}, SessionID: v.session.ID, SubjectID: v.session.SubjectID, StepID: try.StepID,
			FieldID: string(try.ID), Side: fmt.Sprintf("frame_%d", len(have)+len(out)+1), ContentType: contentType, Size: int64(len(f.Bytes)), SHA256: sum, ReceivedAt: v.now, ExpiresAt: v.now.Add(transferTime)}
		t.BlobKey = strings.Join([]string{string(t.Tenant.Org), string(t.Tenant.Env), string(t.SessionID), string(t.ID)}, "/")
		t.Touch(v.now)
		out = append(out, takenFrame{Transfer: t, at: f.AtMillis, bytes: f.Bytes})
	}
	switch {
	case len(problems) > 0:
		return nil, kyc.InvalidInput("invalid_frames", "the frames cannot be taken", problems)
	case len(have)+len(out) > kyc.LivenessFrames:
		return nil, kyc.Errorf(kyc.Conflict, "too_many_frames", "a liveness check takes at most %d frames", kyc.LivenessFrames)
	}
	return out, nil
}

// framesOf are the frames that came for a try, in the order of their time.
func (m *Machine) framesOf(ctx context.Context, v *view, try *kyc.LivenessTry) ([]kyc.Transfer, error) {
	if len(try.Frames) == 0 {
		return nil, nil
	}
	all, err := m.d.Store.Transfers(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return nil, err
	}
	var out []kyc.Transfer
	for _, f := range try.Frames {
		if i := slices.IndexFunc(all, func(t kyc.Transfer) bool { return t.ID == f.ID && t.UploadID == "" && !t.ReceivedAt.IsZero() }); i >= 0 {
			out = append(out, all[i])
		}
	}
	return out, nil
}

// giveUp ends the tries of a step that were opened and never evaluated, now that
// a new one is opened: their frames are destroyed, so that nobody collects films
// of several challenges to choose from.
func (m *Machine) giveUp(ctx context.Context, v *view, step string, c *kyc.Change) error {
	var gone []string
	for i := range v.journey.Liveness {
		t := &v.journey.Liveness[i]
		if t.StepID != step || !t.Done.IsZero() || t.Provider != kyc.ProviderLocal || t.Late(v.now) && len(t.Frames) == 0 {
			continue
		}
		frames, err := m.framesOf(ctx, v, t)
		if err != nil {
			return err
		}
		for k := range frames {
			gone = append(gone, frames[k].BlobKey)
			c.Remove = append(c.Remove, &frames[k])
		}
		t.Frames = nil
		if !t.Late(v.now) {
			t.ExpiresAt = v.now
		}
	}
	m.drop(v, gone, c)
	return nil
}

// filmed adds the frames of a try to what its check may look at, and takes away
// what earlier tries left.
func filmed(uploads []kyc.Upload, frames []kyc.Transfer) []kyc.Upload {
	out := slices.DeleteFunc(slices.Clone(uploads), func(u kyc.Upload) bool { return u.Kind == kindLiveness })
	for i := range frames {
		out = append(out, frameUpload(&frames[i], frames[i].Side))
	}
	return out
}

const kindLiveness = "liveness"

// frameUpload is a frame as a document of the session.
func frameUpload(t *kyc.Transfer, side string) kyc.Upload {
	return kyc.Upload{Meta: kyc.Meta{ID: t.ID, Tenant: t.Tenant}, SessionID: t.SessionID, SubjectID: t.SubjectID, Kind: kindLiveness, Side: side,
		StepID: t.StepID, ContentType: t.ContentType, Size: t.Size, SHA256: t.SHA256, BlobKey: t.BlobKey}
}

// early reports whether a try was evaluated before there was anything to
// judge. That is no attempt.
func early(a kyc.Answer) bool {
	return slices.ContainsFunc(a.Reasons, func(r kyc.Reason) bool { return r.Code == "liveness_frames_missing" || r.Code == "liveness_unfinished" })
}

func unfinished(a kyc.Answer) *kyc.Error {
	r := a.Reasons[slices.IndexFunc(a.Reasons, func(r kyc.Reason) bool { return r.Code == "liveness_frames_missing" || r.Code == "liveness_unfinished" })]
	return kyc.Errorf(kyc.Conflict, r.Code, "%s", r.Message)
}
