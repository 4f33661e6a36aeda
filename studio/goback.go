package studio

import (
	"strconv"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/session"
)

// goBack is what a page offers: the version that all new sessions would take,
// named, with what the offer was drawn from. Version 0 offers nothing.
type goBack struct {
	Version int
	// Same is the written version that Version is a copy of; 0: none.
	Same int
	// Until is when it was in force last; zero: it still is, beside Trial.
	Until time.Time
	// Trial is the version whose rollout ends; 0: none runs.
	Trial int
	// From and Rev are what the page was drawn from.
	From int
	Rev  int64
	At   string // the address of the workflow's pages
	Env  kyc.Env
	// Forward is a version that is no way back: somebody went back from it, or
	// it was only tried on a share.
	Forward bool
	// FourEyes says that another person must approve.
	FourEyes bool
}

// Verb is what the button does, in short.
func (g goBack) Verb() string {
	if g.Forward {
		return "Put version " + strconv.Itoa(g.Version) + " in force for everyone"
	}
	return "Go back to version " + strconv.Itoa(g.Version)
}

// Title names the target, as the button does.
func (g goBack) Title() string {
	text := g.Verb()
	if g.Same > 0 {
		text += " (same as version " + strconv.Itoa(g.Same) + ")"
	}
	switch {
	case g.Until.IsZero() && g.Trial > 0 && !g.Forward:
		return text + " for everyone, which ends the rollout of version " + strconv.Itoa(g.Trial)
	case g.Until.IsZero():
		return text
	}
	return text + ", in force until " + moment(g.Until)
}

// moment writes a time as people read it, in UTC.
func moment(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04") }

// backOf is where going back leads; nothing for who may not, for what is not
// used and where there is nothing to go back to.
func (s *studio) backOf(v *console.Visit, w kyc.Workflow) (goBack, error) {
	target, ok := session.Back(&w)
	if !ok || !mayGoBack(v, w) {
		return goBack{}, nil
	}
	old, err := s.Store.Version(v.Ctx(), w.Tenant, w.ID, target.Version)
	if err != nil {
		return goBack{}, err
	}
	return offer(v, w, old), nil
}

func mayGoBack(v *console.Visit, w kyc.Workflow) bool {
	return w.Surface == kyc.SurfaceGraph && w.Status == kyc.WorkflowPublished && v.May(publish)
}

// offer is going back to one version of a workflow.
func offer(v *console.Visit, w kyc.Workflow, to kyc.WorkflowVersion) goBack {
	g := goBack{Version: to.Number, Same: to.Restores, From: w.Published, Rev: w.Rev, At: home + "/" + string(w.ID), Env: w.Tenant.Env, Forward: true,
		FourEyes: v.Org.EnvSettings(w.Tenant.Env).PublishFourEyes}
	for _, p := range w.Past {
		if p.Version == to.Number {
			g.Until, g.Forward = p.Until, false
		}
	}
	if w.Rollout != nil {
		g.Trial = w.Rollout.Version
		if w.Rollout.Previous == to.Number {
			g.Until, g.Forward = time.Time{}, false
		}
	}
	return g
}

// rollback makes an old version the one in force, as a new version. The form
// names the version and what it was drawn from; when that is different by now
// nothing is done (409).
func (s *studio) rollback(v *console.Visit) error {
	w, rev, err := s.form(v)
	if err != nil {
		return err
	}
	number, _ := strconv.Atoi(v.R.PostFormValue("version"))
	from, _ := strconv.Atoi(v.R.PostFormValue("from"))
	if number <= 0 || from <= 0 || rev <= 0 {
		return kyc.Errorf(kyc.Conflict, "unnamed_version", "the request does not name the version to go back to and what it was drawn from; open the page again")
	}
	st, err := s.Workflows.Rollback(v.Ctx(), v.Tenant(), v.Who.Actor, w.ID, rev, session.Return{Number: number, From: from, Note: strings.TrimSpace(v.R.PostFormValue("note"))})
	said := "What version " + strconv.Itoa(number) + " says is in force for everyone again, as version " + strconv.Itoa(st.Version.Number) + "."
	if w.Rollout != nil {
		said += " The rollout of version " + strconv.Itoa(w.Rollout.Version) + " has ended."
	}
	if st.Waiting {
		return s.done(v, w, "publish", "Going back to version "+strconv.Itoa(number)+" waits for the approval of another person.", err)
	}
	return s.done(v, w, "versions", said, err)
}
