package intake

import (
	"context"
	"regexp"

	"bonafide/checklist"
	"bonafide/kyc"
)

// maxNames are the names that a session may gather by starts of ADVERSE_MEDIA,
// which are no attempts. Every one of them is screened.
const maxNames = 50

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// identity is what a screening is told of the applicant.
type identity struct{ given, family, born, email, country string }

// readIdentity reads the applicant of a screening.
func readIdentity(v *view, b *body, country bool) identity {
	part := func(member string) string {
		s := b.text(member, 4*maxName, true)
		if s != "" {
			if message, code := nameProblem(s); code != "" {
				b.fail(member, code, "%s", message)
			}
		}
		return s
	}
	i := identity{given: part("first_name"), family: part("last_name"), born: b.date("date_of_birth", true, v.now), email: b.text("email", maxEmail, false)}
	if i.email != "" {
		if code := emailProblem(i.email); code != "" {
			b.fail("email", code, "an address such as ada@example.org")
		}
	}
	if country {
		if i.country = b.text("country", 2, false); i.country != "" && !countryCode.MatchString(i.country) {
			b.fail("country", "country_invalid", "two capital letters of ISO 3166-1")
		}
	}
	return i
}

// state lays an identity over the session's fields. The name joins those that
// are known (see fieldNames); first_name and last_name stay what the customer
// said, so that what was found about the documents under that name is found
// again when the session is decided.
func (i identity) state(f map[string]any) {
	f["date_of_birth"] = i.born
	if i.email != "" {
		f["email"] = i.email
	}
	if i.country != "" {
		f["country"] = i.country
	}
	called(f, name{Given: i.given, Family: i.family, Born: i.born, Source: "applicant"})
}

// screen asks the lists of PEP_SANCTIONS. A hit fails the step at once: handing
// the name in again takes no hit away, and a person must look.
func (m *Machine) screen(ctx context.Context, v *view, def *checklist.Step, b *body, w *work) error {
	i := readIdentity(v, b, false)
	b.close()
	if err := b.err(); err != nil {
		return err
	}
	w.fields = append(w.fields, i.state)
	return m.consult(ctx, v, def, w)
}

// media performs an action of ADVERSE_MEDIA: start takes the identity, complete
// answers. The search is made by complete.
func (m *Machine) media(ctx context.Context, v *view, def *checklist.Step, b *body, w *work) error {
	action := b.choice("action", true, actionStart, actionComplete)
	if action == actionStart {
		i := readIdentity(v, b, true)
		b.close()
		if names, _ := v.session.Private.Fields[fieldNames].([]any); len(names) >= maxNames {
			return kyc.Errorf(kyc.Conflict, "too_many_tries", "the applicant was given %d names already; go on with the action complete", len(names))
		}
		w.fields = append(w.fields, i.state)
		return b.err()
	}
	b.close()
	if err := b.err(); err != nil {
		return err
	}
	if v.journey.Step(def.ID).Status != kyc.StepInProgress {
		return kyc.Errorf(kyc.Conflict, "media_not_started", "send the action start with the identity first")
	}
	return m.consult(ctx, v, def, w)
}

func (m *Machine) consult(ctx context.Context, v *view, def *checklist.Step, w *work) error {
	r, err := m.request(ctx, v, w)
	if err != nil {
		return err
	}
	g, why, err := m.ask(ctx, v, v.asks(def.ID), true, &r, w)
	if err != nil {
		return err
	}
	w.judge(g, why)
	return nil
}
