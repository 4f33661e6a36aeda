package studio

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/session"
)

type publishData struct {
	Tabs            tabs
	Version, Live   int
	Rev             int64
	Valid, InForce  bool
	Errors          []kyc.Problem
	Warnings        []kyc.Problem
	Note, Share     string
	Percent         int
	First           bool // nothing was published yet: there is nothing to share with
	Default         bool
	Inactive        bool
	Rollout         *kyc.Rollout
	Pending         *kyc.PendingPublish
	PendingBy       string
	PendingMine     bool // who looks asked for it themselves
	FourEyes, May   bool
	Env             kyc.Env
	Problems        []kyc.Problem
	CompareFrom     int
	Back            goBack
	ChangedMeantime bool
	// NewGuards are the form of a publication, Guards that of the running
	// rollout.
	NewGuards, Guards guardForm
	Trial             *trialData
	SetBack           *setBackNote
}

func (s *studio) publishPage(v *console.Visit) error {
	d, err := s.publication(v)
	if err != nil {
		return err
	}
	return v.Show("publish", d.Tabs.Name+": publish", d)
}

// publication is the page of a graph's publication.
func (s *studio) publication(v *console.Visit) (publishData, error) {
	w, err := s.find(v)
	if err != nil {
		return publishData{}, err
	}
	if w.Surface != kyc.SurfaceGraph {
		return publishData{}, kyc.Missing("page", "of this workflow: what it says is in force as soon as it is saved")
	}
	st, err := s.Workflows.Read(v.Ctx(), v.Tenant(), w.ID, 0)
	if err != nil {
		return publishData{}, err
	}
	d := publishData{Tabs: tabsOf(w, "publish"), Version: st.Version.Number, Live: w.Published, Rev: w.Rev, Valid: st.Version.Valid, Errors: slices.Clone(st.Report.Errors), Warnings: slices.Clone(st.Report.Warnings),
		Share: "100", Percent: 100, First: w.Published == 0, Default: w.IsDefault, Inactive: w.Status == kyc.WorkflowInactive, Rollout: w.Rollout, Pending: w.PendingPublish,
		InForce: w.Published == w.Latest && w.Status == kyc.WorkflowPublished, FourEyes: v.Org.EnvSettings(v.Tenant().Env).PublishFourEyes, May: v.May(publish), Env: v.Tenant().Env, CompareFrom: w.Published}
	called := namesOf(st.Document.Graph, s.Workflows.Titles())
	for i := range d.Errors {
		d.Errors[i] = called.plainly(d.Errors[i])
	}
	for i := range d.Warnings {
		d.Warnings[i] = called.plainly(d.Warnings[i])
	}
	if w.Rollout != nil {
		d.Share, d.Percent = strconv.Itoa(w.Rollout.Percentage), w.Rollout.Percentage
		d.CompareFrom = w.Rollout.Previous
	}
	d.NewGuards, d.SetBack = showGuards("new", nil), noteOf(w.SetBack)
	if w.Rollout != nil {
		d.Guards = showGuards("now", w.Rollout.Guards)
	}
	if d.Trial, err = s.trial(v, &w); err != nil {
		return d, err
	}
	if d.Back, err = s.backOf(v, w); err != nil {
		return d, err
	}
	if d.Pending != nil {
		names, err := s.names(v)
		if err != nil {
			return d, err
		}
		d.PendingBy = names.of(d.Pending.By)
		d.PendingMine = d.Pending.By.Kind == kyc.ActorUser && d.Pending.By.ID == v.Who.Actor.ID
	}
	return d, nil
}

// publish puts the newest version into force for all or a share of new
// sessions.
func (s *studio) publish(v *console.Visit) error {
	w, rev, err := s.form(v)
	if err != nil {
		return err
	}
	share, ok := percent(v.R.PostFormValue("share"))
	if !ok {
		return s.again(v, kyc.InvalidInput("invalid_rollout", "a share of 0 to 100", []kyc.Problem{{Path: "share", Code: "out_of_range", Message: "The share is a whole number from 0 to 100."}}))
	}
	guards, problems := readGuards(v.R.PostForm)
	if len(problems) > 0 {
		return s.again(v, kyc.InvalidInput("invalid_guardrails", "bounds that cannot be used", problems))
	}
	version, _ := strconv.Atoi(v.R.PostFormValue("version")) // none: the newest
	st, pending, err := s.Workflows.Publish(v.Ctx(), v.Tenant(), v.Who.Actor, w.ID, rev, session.Publication{Number: version, Note: strings.TrimSpace(v.R.PostFormValue("note")), Percentage: &share, Guards: guards,
		Default: v.R.PostFormValue("default") == "yes"})
	if err != nil {
		return s.again(v, err)
	}
	said := "Version " + strconv.Itoa(st.Version.Number) + " is in force for " + strconv.Itoa(share) + " % of new sessions."
	if pending {
		said = "Version " + strconv.Itoa(st.Version.Number) + " waits for the approval of another person."
	}
	return v.On(home+"/"+string(w.ID)+"/publish", said)
}

// form reads a form about a workflow and the revision it was made for.
func (s *studio) form(v *console.Visit) (kyc.Workflow, int64, error) {
	if err := v.Form(); err != nil {
		return kyc.Workflow{}, 0, err
	}
	w, err := s.find(v)
	if err != nil {
		return w, 0, err
	}
	rev, _ := strconv.ParseInt(v.R.PostFormValue("rev"), 10, 64) // none: whatever stands
	return w, rev, nil
}

func percent(text string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	return n, err == nil && n >= 0 && n <= 100
}

// again shows the page with what was wrong.
func (s *studio) again(v *console.Visit, err error) error {
	e := kyc.AsError(err)
	switch e.Kind {
	case kyc.Invalid, kyc.Conflict, kyc.PreconditionFailed:
	default:
		if e.Code != "four_eyes" {
			return err
		}
	}
	d, errPage := s.publication(v)
	if errPage != nil {
		return errPage
	}
	d.Note, d.Problems = v.R.PostFormValue("note"), e.Problems
	switch path.Base(v.R.URL.Path) { // the other form says what is in force
	case "publish":
		d.NewGuards.keep(v.R.PostForm)
	case "rollout":
		d.Guards.keep(v.R.PostForm)
	}
	if n, ok := percent(v.R.PostFormValue("share")); ok {
		d.Share, d.Percent = strconv.Itoa(n), n
	}
	if e.Kind == kyc.PreconditionFailed || e.Code == "stale" || e.Code == "in_force_changed" {
		d.ChangedMeantime = true
		return v.Stale("publish", d.Tabs.Name+": publish", d)
	}
	if len(d.Problems) == 0 {
		d.Problems = []kyc.Problem{{Code: e.Code, Message: e.Message}}
	}
	return v.Refuse("publish", d.Tabs.Name+": publish", d)
}

// done answers a change of a workflow.
func (s *studio) done(v *console.Visit, w kyc.Workflow, page, said string, err error) error {
	if err != nil {
		return s.again(v, err)
	}
	return v.On(home+"/"+string(w.ID)+"/"+page, said)
}

// approve is the second person's word on a waiting publication.
func (s *studio) approve(v *console.Visit) error {
	w, rev, err := s.form(v)
	if err != nil {
		return err
	}
	_, err = s.Workflows.Approve(v.Ctx(), v.Tenant(), v.Who.Actor, w.ID, rev, "")
	return s.done(v, w, "publish", "Approved and in force.", err)
}

// decline takes away what waits for a second person.
func (s *studio) decline(v *console.Visit) error {
	w, rev, err := s.form(v)
	if err != nil {
		return err
	}
	_, err = s.Workflows.Decline(v.Ctx(), v.Tenant(), v.Who.Actor, w.ID, rev, strings.TrimSpace(v.R.PostFormValue("why")))
	return s.done(v, w, "publish", "Nothing waits any more; what is in force stays in force.", err)
}

// rollout changes the share of a running rollout.
func (s *studio) rollout(v *console.Visit) error {
	w, rev, err := s.form(v)
	if err != nil {
		return err
	}
	share, ok := percent(v.R.PostFormValue("share"))
	if !ok {
		return s.again(v, kyc.InvalidInput("invalid_rollout", "a share of 0 to 100", []kyc.Problem{{Path: "share", Code: "out_of_range", Message: "The share is a whole number from 0 to 100."}}))
	}
	guards, problems := readGuards(v.R.PostForm)
	if len(problems) > 0 {
		return s.again(v, kyc.InvalidInput("invalid_guardrails", "bounds that cannot be used", problems))
	}
	if share == 100 {
		guards = nil // they end with the rollout
	}
	st, err := s.Workflows.SetRollout(v.Ctx(), v.Tenant(), v.Who.Actor, w.ID, rev, session.Rolling{Percentage: &share, Guards: guards, Guarded: true})
	said := "The newest version now takes " + strconv.Itoa(share) + " % of new sessions."
	if st.Waiting {
		said = "The share of " + strconv.Itoa(share) + " % waits for the approval of another person."
	}
	return s.done(v, w, "publish", said, err)
}

func (s *studio) makeDefault(v *console.Visit) error {
	w, rev, err := s.form(v)
	if err != nil {
		return err
	}
	_, err = s.Workflows.SetDefault(v.Ctx(), v.Tenant(), v.Who.Actor, w.ID, rev)
	return s.done(v, w, "publish", "This is the default of the "+string(v.Tenant().Env)+" environment now.", err)
}

func (s *studio) deactivate(v *console.Visit) error {
	w, rev, err := s.form(v)
	if err != nil {
		return err
	}
	_, err = s.Workflows.Deactivate(v.Ctx(), v.Tenant(), v.Who.Actor, w.ID, rev)
	return s.done(v, w, "publish", "New sessions cannot use this workflow any more.", err)
}
