package capture

import (
	"encoding/base64"
	"net/http"
	"time"

	"bonafide/kyc"
)

// maxFrames bounds one request with frames: eight of half a MiB in base64.
const maxFrames = 6 << 20

// opened is a try as the script that films gets it.
type opened struct {
	Try     string   `json:"try"`
	Nonce   string   `json:"nonce"`
	Actions []string `json:"actions"`
	Colours []string `json:"colours"`
	Max     int      `json:"max"`
	Left    int      `json:"left"`
	// Film says that frames are wanted; without it the try is judged at once
	// (the sandbox looks at nothing).
	Film bool `json:"film"`
}

// open begins a liveness try.
func (p *pages) open(v *visit) error {
	page, ok, err := p.liveness(v)
	if !ok {
		return err
	}
	elsewhere := kyc.Errorf(kyc.Unavailable, "liveness_elsewhere", "this check is done in the page of another service, which this page cannot show")
	if page.Step.Elsewhere {
		return elsewhere // before a try is opened, which would count
	}
	t, err := v.desk.Open(v.ctx, v.token, page.Step.ID)
	if err != nil {
		return err
	}
	if t.Provider != "" && t.Provider != kyc.ProviderLocal && t.Provider != kyc.ProviderUnset {
		return elsewhere
	}
	v.answer(http.StatusOK, opened{Try: t.ID, Nonce: t.Nonce, Actions: t.Actions, Colours: append([]string{}, t.Colours...), Max: t.MaxFrames, Left: t.Left, Film: t.Nonce != ""})
	return nil
}

// liveness finds the step; scripts are told plainly when it is not open.
func (p *pages) liveness(v *visit) (stepPage, bool, error) {
	page, err := v.find()
	switch {
	case err != nil:
		return page, false, err
	case page.Step.Kind != Liveness:
		return page, false, kyc.Errorf(kyc.NotFound, "liveness_not_asked", "this step asks for no liveness check")
	case v.story.Status == Open && v.unagreed():
		return page, false, kyc.Errorf(kyc.Conflict, "consent_missing", "the consent is missing; begin on the first page")
	}
	return page, true, nil
}

// frames takes pictures of a try.
func (p *pages) frames(v *visit) error {
	if _, ok, err := p.liveness(v); !ok {
		return err
	}
	var in struct {
		Try    string `json:"try"`
		Nonce  string `json:"nonce"`
		Frames []struct {
			At     int    `json:"at"` // milliseconds since the first
			Action string `json:"action"`
			Image  string `json:"image"` // base64
		} `json:"frames"`
	}
	if err := v.read(maxFrames, &in); err != nil {
		return err
	}
	list := make([]Frame, 0, len(in.Frames))
	for _, f := range in.Frames {
		b, err := base64.StdEncoding.DecodeString(f.Image)
		if err != nil {
			return kyc.Errorf(kyc.Malformed, "frame_unreadable", "a frame is no base64")
		}
		list = append(list, Frame{At: time.Duration(f.At) * time.Millisecond, Action: f.Action, Bytes: b})
	}
	if err := v.desk.Frames(v.ctx, v.token, in.Try, in.Nonce, list); err != nil {
		return err
	}
	v.answer(http.StatusOK, map[string]any{"received": len(list)})
	return nil
}

// judge ends a try and says where to go on.
func (p *pages) judge(v *visit) error {
	page, ok, err := p.liveness(v)
	if !ok {
		return err
	}
	var in struct {
		Try string `json:"try"`
	}
	if err := v.read(maxForm, &in); err != nil {
		return err
	}
	got, err := v.desk.Judge(v.ctx, v.token, page.Step.ID, in.Try)
	if err != nil {
		return err
	}
	next, words, err := p.judged(v, page, got)
	if err != nil {
		return err
	}
	v.answer(http.StatusOK, map[string]any{"passed": got.Passed, "left": got.Left, "words": words, "next": next})
	return nil
}

// judged says what a verdict means and where it leads: a passed step is ended,
// unless it is the last one, before which everything is shown once more; one
// whose attempts are used up has ended by itself.
func (p *pages) judged(v *visit, page stepPage, got Verdict) (next, words string, err error) {
	switch {
	case got.Passed && page.Last:
		words, err = v.lang.T("liveness.passed")
		return v.path("review"), words, err
	case got.Passed:
		if err = v.desk.Done(v.ctx, v.token, page.Step.ID); err != nil {
			return "", "", err
		}
		words, err = v.lang.T("liveness.passed")
	case got.Left <= 0:
		words, err = v.lang.T("liveness.used_up")
	default:
		if words, err = v.lang.T("liveness.why." + got.Reason); err != nil {
			words, err = v.lang.T("liveness.why.other")
		}
		return "", words, err
	}
	if err == nil {
		err = v.refresh()
	}
	return v.nextPath(), words, err
}

// simulate does a liveness step of the sandbox without a camera: nobody is
// filmed there, and the try is judged by the sandbox's rules.
func (p *pages) simulate(v *visit) error {
	page, ok, err := p.waiting(v)
	if !ok {
		return err
	}
	if page.Step.Kind != Liveness || !v.story.Sandbox {
		return kyc.Errorf(kyc.NotFound, "liveness_not_asked", "this step needs a camera")
	}
	if err := v.form(); err != nil {
		return err
	}
	t, err := v.desk.Open(v.ctx, v.token, page.Step.ID)
	if err != nil {
		return p.again(v, page, err)
	}
	got, err := v.desk.Judge(v.ctx, v.token, page.Step.ID, t.ID)
	if err != nil {
		return p.again(v, page, err)
	}
	next, words, err := p.judged(v, page, got)
	if err != nil {
		return err
	}
	if next == "" {
		page.Step.AttemptsLeft = got.Left
		return p.draw(v, http.StatusUnprocessableEntity, page, nil, []kyc.Problem{{Message: words}}, nil)
	}
	http.Redirect(v.w, v.r, next, http.StatusSeeOther)
	return nil
}
