package capture

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/ui"
)

// proofCookie holds the proof that this browser opened a link that serves once.
const proofCookie = "bf_proof"

// withProof is the request's context with what its browser holds and where it
// came from.
func (p *pages) withProof(r *http.Request) context.Context {
	ctx := r.Context()
	if p.Deps.Address != nil {
		ctx = context.WithValue(ctx, addressKey{}, p.Deps.Address(ctx))
	} else if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		ctx = context.WithValue(ctx, addressKey{}, host)
	}
	if c, err := r.Cookie(proofCookie); err == nil {
		ctx = WithProof(ctx, c.Value)
	}
	return ctx
}

// keep gives the browser its proof. The cookie belongs to this link's pages
// alone, so that two sessions in one browser do not meet.
func (v *visit) keep(proof string) {
	http.SetCookie(v.w, &http.Cookie{Name: proofCookie, Value: proof, Path: "/capture/" + v.token, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: v.r.TLS != nil || v.r.Header.Get("X-Forwarded-Proto") == "https"})
}

// elsewhere is what another device adds to the link: a code where the link
// serves once and was opened here.
func (v *visit) elsewhere() (string, error) {
	sealed, ok := v.desk.(Sealed)
	if !ok {
		return "", nil
	}
	code, err := sealed.Handoff(v.ctx, v.token)
	if err != nil || code == "" {
		return "", err
	}
	return "/join/" + code, nil
}

// unlock uses up a link that serves once. Other links have nothing to open.
func (p *pages) unlock(v *visit) error {
	sealed, ok := v.desk.(Sealed)
	if !ok {
		return v.on()
	}
	proof, err := sealed.Unlock(v.ctx, v.token)
	if err != nil {
		return err
	}
	v.keep(proof)
	return v.on()
}

// joinPage asks the other device to press a button: programs that preview
// links press none.
type joinPage struct {
	frame
	Action string
}

func (p *pages) joining(v *visit) error {
	p.show(v, http.StatusOK, "join", "join.title", joinPage{frame: v.frame(), Action: v.path("join", v.r.PathValue("code"))})
	return nil
}

func (p *pages) join(v *visit) error {
	sealed, ok := v.desk.(Sealed)
	if !ok {
		return v.on()
	}
	proof, err := sealed.Join(v.ctx, v.token, v.r.PathValue("code"))
	if err != nil {
		return err
	}
	v.keep(proof)
	return v.on()
}

// said is the text of a key where a desk named one ("key:graph.workflow"), and
// otherwise the author's own words.
func said(l *ui.Language, text string) string {
	key, ok := strings.CutPrefix(text, "key:")
	if !ok {
		return text
	}
	words, err := l.T(key)
	if err != nil {
		return key
	}
	return words
}

// say puts the language's words where a desk named keys.
func (s *Story) say(l *ui.Language) {
	s.Workflow = said(l, s.Workflow)
	for i := range s.Consents {
		s.Consents[i].Title, s.Consents[i].Text = said(l, s.Consents[i].Title), said(l, s.Consents[i].Text)
	}
	for i := range s.Steps {
		step := &s.Steps[i]
		step.Title, step.Text = said(l, step.Title), said(l, step.Text)
		for j := range step.Slots {
			step.Slots[j].Title = said(l, step.Slots[j].Title)
			for k := range step.Slots[j].Files {
				file := &step.Slots[j].Files[k]
				file.Name = said(l, file.Name)
				file.Warnings = slices.Clone(file.Warnings)
				for n := range file.Warnings {
					file.Warnings[n].Message = told(l, kyc.Invalid, file.Warnings[n])
				}
			}
		}
		sayFields(l, step.Fields)
	}
}

func sayFields(l *ui.Language, fields []field.Field) {
	for i := range fields {
		fields[i].Name = said(l, fields[i].Name)
		fields[i].Options = slices.Clone(fields[i].Options) // a definition's own are shared by all its sessions
		for j := range fields[i].Options {
			fields[i].Options[j].Label = said(l, fields[i].Options[j].Label)
		}
	}
}
