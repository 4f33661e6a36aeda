package capture

import (
	"net/http"
	"slices"
	"strings"

	"bonafide/kyc"
)

// people invites, relinks or removes somebody.
func (p *pages) people(v *visit) error {
	page, ok, err := p.waiting(v)
	if !ok {
		return err
	}
	if page.Step.Kind != Parties {
		return kyc.Errorf(kyc.NotFound, "subsessions_not_asked", "this step asks for no related parties")
	}
	if err := v.form(); err != nil {
		return err
	}
	id := v.r.PostFormValue("party")
	var made Party
	switch v.r.PostFormValue("action") {
	case "relink":
		made, err = v.desk.Relink(v.ctx, v.token, id)
	case "remove":
		if err = v.desk.Remove(v.ctx, v.token, id); err == nil {
			return v.on("steps", page.Step.ID)
		}
	default:
		page.Party = NewParty{Name: v.r.PostFormValue("name"), Email: v.r.PostFormValue("email"), Role: v.r.PostFormValue("role")}
		if page.Party.Name == "" {
			err = kyc.Errorf(kyc.Invalid, "name_missing", "please give a name")
			break
		}
		made, err = v.desk.Invite(v.ctx, v.token, page.Step.ID, page.Party)
	}
	if err != nil {
		return p.again(v, page, err)
	}
	// The link is shown once, on the answer itself: it is stored as a hash.
	if err := v.refresh(); err != nil {
		return err
	}
	if page, err = v.find(); err != nil {
		return err
	}
	if made.Name == "" {
		if i := slices.IndexFunc(page.Step.Parties, func(x Party) bool { return x.ID == made.ID }); i >= 0 {
			made.Name = page.Step.Parties[i].Name
		}
	}
	if strings.HasPrefix(made.Link, "/") { // no public address was set: the browser's own
		made.Link = v.origin() + made.Link
	}
	page.New = &made
	return p.draw(v, http.StatusOK, page, nil, nil, nil)
}

// partiesMissing says what keeps a step of related parties open.
func (v *visit) partiesMissing(s Step) ([]string, error) {
	var out []string
	if lack := s.Party.Min - len(s.Parties); lack > 0 {
		text, err := v.lang.N("parties.lack", lack)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	if !s.Party.Wait {
		return out, nil
	}
	for _, x := range s.Parties {
		if x.State != "completed" {
			text, err := v.lang.T("parties.waits", "name", first(x.Name, x.Email, x.ID))
			if err != nil {
				return nil, err
			}
			out = append(out, text)
		}
	}
	return out, nil
}
