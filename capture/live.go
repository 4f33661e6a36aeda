package capture

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"bonafide/kyc"
)

// Times of a stream of events.
const (
	quiet     = 15 * time.Second // after which a comment keeps the connection open
	streamEnd = 30 * time.Minute // after which the browser connects anew
	eventTime = 10 * time.Second // that one event may take to be sent
)

// pulse is how far a session is, for a page that follows what another device
// does. It says nothing about the person.
type pulse struct {
	Status Status `json:"status"`
	Step   string `json:"step"` // id of the step that waits; "" when none does
	Words  string `json:"words"`
	Next   string `json:"next"`
	Files  int    `json:"files"`
	Done   int    `json:"done"`
	Mark   string `json:"mark"` // differs when anything that pages show differs
}

func (v *visit) pulse() (pulse, error) {
	list := shown(v.story)
	out := pulse{Status: v.story.Status, Next: v.nextPath()}
	title, number, people, tries := "", 0, "", ""
	for i, s := range list {
		if !s.waits() {
			out.Done++
		} else if out.Step == "" {
			out.Step, title, number = s.ID, s.Title, i+1
		}
		tries += fmt.Sprint(s.Passed, s.AttemptsLeft)
		for _, slot := range s.Slots {
			out.Files += len(slot.Files)
		}
		for _, x := range s.Parties {
			people += x.ID + x.State
		}
	}
	var err error
	switch {
	case out.Status == Open && (v.story.Locked || v.unagreed() || !begun(v.story)):
		out.Words, err = v.lang.T("phone.before")
	case out.Status == Open && out.Step != "":
		out.Words, err = v.lang.T("phone.at", "n", number, "total", len(list), "title", title)
	default:
		out.Words, err = v.lang.T("status.title." + string(out.Status))
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %t %d %d %s %s %d", out.Status, out.Step, v.unagreed(), out.Files, out.Done, people, tries, len(v.story.Corrections)))
	out.Mark = hex.EncodeToString(sum[:6])
	return out, err
}

// statusPage tells how the session stands.
type statusPage struct {
	frame
	Steps []Step
	Pulse pulse
	Items []correction
}

// correction is one thing to put right as the status page lists it.
type correction struct {
	CorrectionItem
	Title string // of its step
	Done  bool
}

func (p *pages) status(v *visit) error {
	now, err := v.pulse()
	if err != nil {
		return err
	}
	page := statusPage{frame: v.frame(), Steps: shown(v.story), Pulse: now}
	for _, c := range v.story.Corrections {
		item := correction{CorrectionItem: c}
		for _, s := range page.Steps {
			if s.ID == c.StepID {
				item.Title, item.Done = s.Title, !s.waits()
			}
		}
		page.Items = append(page.Items, item)
	}
	p.show(v, http.StatusOK, "status", "status.title."+string(v.story.Status), page)
	return nil
}

// events tells a page that stands open what happens to its session, as
// server-sent events (WHATWG HTML section 9.2): "progress" at the beginning and
// on every change, "end" when the link opens nothing any more.
func (p *pages) events(v *visit) error {
	last, err := v.pulse()
	if err != nil {
		return err
	}
	beats, stop := p.Tick()
	defer stop()
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy that collects would turn progress into silence
	control := http.NewResponseController(v.w)
	send := func(name string, data any) error {
		_ = control.SetWriteDeadline(time.Now().Add(eventTime)) // a writer without deadlines has none to break
		b, err := json.Marshal(data)
		if err == nil && name == "" {
			_, err = fmt.Fprint(v.w, ": still here\n\n")
		} else if err == nil {
			_, err = fmt.Fprintf(v.w, "event: %s\ndata: %s\n\n", name, b)
		}
		if err != nil {
			return err
		}
		return control.Flush()
	}
	begun := p.Clock.Now()
	said := begun
	// From here on the answer has begun: an error ends the stream, and the
	// browser connects anew.
	if send("progress", last) != nil {
		return nil
	}
	for {
		select {
		case <-v.ctx.Done():
			return nil
		case <-p.Closing:
			return nil
		case <-beats:
		}
		now := p.Clock.Now()
		if now.Sub(begun) >= streamEnd {
			return nil
		}
		if err := v.refresh(); err != nil {
			if k := kyc.KindOf(err); k == kyc.NotFound || k == kyc.Gone {
				_ = send("end", map[string]string{"next": v.path("status")}) // the reader has gone otherwise
			}
			return nil
		}
		next, err := v.pulse()
		if err != nil {
			return nil
		}
		switch {
		case next != last:
			last, said, err = next, now, send("progress", next)
		case now.Sub(said) >= quiet:
			said, err = now, send("", nil)
		}
		if err != nil {
			return nil
		}
	}
}
