package steps

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
)

// Times of an event stream.
const (
	quiet     = 15 * time.Second // after which a comment keeps the connection open
	streamEnd = 30 * time.Minute // after which the front end connects anew
)

// pulse is the data of a progress event.
type pulse struct {
	Status           string      `json:"status"`
	CurrentStepIndex int         `json:"current_step_index"`
	Progress         progress    `json:"progress"`
	Steps            []stepPulse `json:"steps"`
	OpenCorrections  int         `json:"open_corrections"`
}

type stepPulse struct {
	StepID    string `json:"step_id"`
	Status    string `json:"status"`
	Documents int    `json:"documents"`
}

func pulseOf(st journey.State) pulse {
	out := pulse{Status: journey.Word(st.Session.Status), CurrentStepIndex: st.Current, Progress: progress{Done: st.Done, Total: len(st.Steps)},
		Steps: make([]stepPulse, 0, len(st.Steps)), OpenCorrections: len(st.Corrections)}
	for _, s := range st.Steps {
		out.Steps = append(out.Steps, stepPulse{StepID: s.StepID, Status: string(s.Status), Documents: len(s.Papers)})
	}
	return out
}

// differs compares two pulses.
func (p pulse) differs(q pulse) bool {
	if p.Status != q.Status || p.CurrentStepIndex != q.CurrentStepIndex || p.Progress != q.Progress || p.OpenCorrections != q.OpenCorrections || len(p.Steps) != len(q.Steps) {
		return true
	}
	for i := range p.Steps {
		if p.Steps[i] != q.Steps[i] {
			return true
		}
	}
	return false
}

func (s *surface) eventRoutes() {
	s.Porch.Stream(said(public("watch-public-session", http.MethodGet, "/events", "Progress as server-sent events"),
		"`progress` with `{status, current_step_index, progress, steps, open_corrections}` at the beginning and on every change; a comment every 15 seconds; `end` with `{status}` once the session is decided or over, after which the stream closes. A stream ends after 30 minutes at the latest; connect anew then."),
		map[string]string{"access_token": "The applicant's access token."}, s.watch)
}

// watch looks at a session until it is decided. What other nodes do is seen
// the same way as what this one does.
func (s *surface) watch(ctx context.Context, r *http.Request, send func(api.Event) error) error {
	token := r.PathValue("access_token")
	st, err := s.Machine.Look(ctx, token)
	if err != nil {
		return err
	}
	beats, stop := s.Tick()
	defer stop()
	begun := s.Clock.Now()
	last, said, number := pulseOf(st), begun, int64(1)
	if err := send(api.Event{ID: number, Name: "progress", Data: last}); err != nil {
		return err
	}
	for !over(st.Session.Status) {
		select {
		case <-ctx.Done():
			return nil
		case <-beats:
		}
		now := s.Clock.Now()
		if now.Sub(begun) >= streamEnd {
			return nil
		}
		if st, err = s.Machine.Look(ctx, token); err != nil {
			return s.lost(err, number, send)
		}
		if next := pulseOf(st); next.differs(last) {
			last, said = next, now
			number++
			err = send(api.Event{ID: number, Name: "progress", Data: next})
		} else if now.Sub(said) >= quiet {
			said = now
			err = send(api.Event{})
		}
		if err != nil {
			return err
		}
	}
	return send(api.Event{ID: number + 1, Name: "end", Data: map[string]string{"status": journey.Word(st.Session.Status)}})
}

// lost ends the stream of a session that its token does not open any more.
func (s *surface) lost(err error, number int64, send func(api.Event) error) error {
	status := "link_replaced" // or the data was erased
	switch kyc.KindOf(err) {
	case kyc.Gone:
		status = "expired"
	case kyc.NotFound:
	default:
		return err
	}
	return send(api.Event{ID: number + 1, Name: "end", Data: map[string]string{"status": status}})
}

// over reports whether nothing more will happen.
func over(s kyc.SessionStatus) bool {
	return s == kyc.SessionApproved || s == kyc.SessionRejected || s == kyc.SessionCancelled || s == kyc.SessionExpired
}
