package capture

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// welcomePage says who asks, for what, and what is agreed to.
type welcomePage struct {
	frame
	Asks  []ConsentText
	Steps []Step
	Total int
	// Camera says that one of the steps is better done on a phone.
	Camera bool
	// Minutes is about how long it takes.
	Minutes int
	// Names are the family names that steer the sandbox; nil elsewhere.
	Names []MagicName
}

// home sends an applicant to where they are.
func (p *pages) home(v *visit) error {
	s := v.story
	switch {
	case s.Status != Open:
		return v.on("status")
	case v.unagreed() || !begun(s):
		return p.welcome(v, http.StatusOK)
	}
	return v.next()
}

func (p *pages) welcome(v *visit, status int, problems ...problem) error {
	asks, err := v.asks()
	if err != nil {
		return err
	}
	page := welcomePage{frame: v.frame(problems...), Asks: asks, Steps: shown(v.story), Total: len(shown(v.story))}
	for _, s := range page.Steps {
		page.Minutes += minutes(s.Kind)
	}
	page.Camera = slices.ContainsFunc(page.Steps, func(s Step) bool { return s.Kind == Documents || s.Kind == Selfie || s.Kind == Liveness })
	if v.story.Sandbox {
		page.Names = p.Names
	}
	p.show(v, status, "welcome", "welcome.title", page)
	return nil
}

// minutes is about how long a step takes somebody who does it for the first
// time.
func minutes(k StepKind) int {
	switch k {
	case Documents, Form:
		return 2
	case Parties:
		return 3
	}
	return 1
}

// asks are the texts that are consented to: the organisation's and our own, in
// the language of the page.
func (v *visit) asks() ([]ConsentText, error) {
	out := slices.Clone(v.story.Consents)
	for _, kind := range v.story.Standard {
		title, err := v.lang.T("consent." + kind + ".title")
		if err != nil {
			return nil, err
		}
		text, err := v.lang.T("consent."+kind+".text", "org", v.brand())
		if err != nil {
			return nil, err
		}
		out = append(out, ConsentText{Kind: kind, Version: StandardVersion, Title: title, Text: text, Required: true})
	}
	return out, nil
}

// unagreed reports whether a consent that is needed is missing.
func (v *visit) unagreed() bool {
	return len(v.story.Standard) > 0 || slices.ContainsFunc(v.story.Consents, func(c ConsentText) bool { return c.Required })
}

func (v *visit) brand() string { return first(v.story.Org, v.story.Workflow) }

func begun(s Story) bool {
	return s.Begun || slices.ContainsFunc(s.Steps, func(x Step) bool { return x.Progress != Todo })
}

// shown are the steps an applicant does something in.
func shown(s Story) []Step {
	return slices.DeleteFunc(slices.Clone(s.Steps), func(x Step) bool { return x.Kind == Background })
}

// waits reports whether a step is the applicant's to do.
func (s Step) waits() bool { return s.Progress == Todo || s.Progress == Begun || s.Progress == Again }

// next is the first step that waits, or the end. Under correction it is the
// page that lists what is to be put right.
func (v *visit) next() error {
	path := v.nextPath()
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

func (v *visit) nextPath() string {
	if v.story.Status == Open {
		for _, s := range shown(v.story) {
			if s.waits() {
				return v.path("steps", s.ID)
			}
		}
	}
	return v.path("status")
}

// refresh looks at the session as it is now.
func (v *visit) refresh() error {
	story, err := v.desk.Look(v.ctx, v.token, v.wish)
	if err == nil {
		v.story = story
		v.story.say(v.lang)
	}
	return err
}

func (v *visit) refreshed() error {
	if err := v.refresh(); err != nil {
		return err
	}
	return v.next()
}

func (p *pages) consent(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	asks, err := v.asks()
	if err != nil {
		return err
	}
	given := func(c ConsentText) bool { return v.r.PostFormValue("consent."+c.Kind) == "yes" }
	var problems []problem
	for _, c := range asks {
		if c.Required && !given(c) {
			text, err := v.lang.T("welcome.consent_needed", "title", c.Title)
			if err != nil {
				return err
			}
			problems = append(problems, problem{"consent-" + c.Kind, text})
		}
	}
	if len(problems) > 0 {
		return p.welcome(v, http.StatusUnprocessableEntity, problems...)
	}
	for _, c := range asks {
		if err := v.desk.Consent(v.ctx, v.token, Consent{Kind: c.Kind, Version: c.Version, Text: c.Text, Address: Address(v.ctx), Given: given(c)}); err != nil {
			return err
		}
	}
	return v.refreshed()
}

// language keeps the applicant's choice for a year and goes back to the page it
// was made on.
func (p *pages) language(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	chosen := p.Kit.Language(v.r, v.r.PostFormValue("language"))
	http.SetCookie(v.w, &http.Cookie{Name: languageCookie, Value: chosen.Code(), Path: "/capture/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.r.TLS != nil})
	if here := v.r.PostFormValue("here"); strings.HasPrefix(here, v.path()) {
		http.Redirect(v.w, v.r, here, http.StatusSeeOther)
		return nil
	}
	return v.on()
}
