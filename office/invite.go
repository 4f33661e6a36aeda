package office

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/ui"
)

// Invitation is what somebody at a desk says of an applicant. The surface of
// the workflow decides which of it counts; the rules are those of its machine,
// which the public API asks, too.
type Invitation struct {
	Workflow kyc.Workflow
	// Person is somebody who is known already; empty for whoever Reference names,
	// or for somebody new.
	Person    kyc.ID
	Reference string // the organisation's own
	Country   string // ISO 3166-1 alpha-2; surface D
	Language  string // BCP 47; surface A
	// FirstName and LastName are needed on the surfaces B and C.
	FirstName, LastName string
	// Email and Phone are needed on surface B and are where messages go.
	Email, Phone         string
	SendEmail, SendPhone bool
	// Form names the form that was filled in. What is sent twice invites once.
	Form string
}

// Invited is what an invitation came to.
type Invited struct {
	Session kyc.ID
	// Path is the applicant's link; empty when the form had come before, because
	// a link is shown once.
	Path string
	// Sent are the ways by which the link goes to the applicant: email, sms.
	Sent []string
}

type invitePage struct {
	Problems  []kyc.Problem
	Workflows []workflowGroup
	Chosen    string // id of the workflow
	Workflow  string // its name
	Default   bool
	Surface   string
	Sends     bool // messages to applicants
	Sandbox   bool
	Studio    bool // may make a workflow
	Person    *invitedPerson
	Languages []choice
	Filled    Invitation
}

// invitedPerson is somebody who is invited again.
type invitedPerson struct{ ID, Reference string }

// workflowGroup are the workflows of one surface.
type workflowGroup struct {
	Title string
	List  []choice
}

// invitable are the workflows that take new sessions, the default first. Those
// of surface B are the organisation's in both environments.
func (o *office) invitable(v *console.Visit) ([]kyc.Workflow, error) {
	var out []kyc.Workflow
	for _, surface := range []kyc.Surface{kyc.SurfaceGraph, kyc.SurfaceSteps, kyc.SurfaceChecks, kyc.SurfaceEntities} {
		home := kyc.Session{Meta: kyc.Meta{Tenant: v.Tenant()}, Surface: surface}
		f := kyc.WorkflowFilter{Surface: surface, Status: kyc.WorkflowPublished}
		list, _, err := o.Store.Workflows(v.Ctx(), home.PolicyTenant(), f, kyc.Page{Limit: 500, Uncounted: true})
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortStableFunc(out, func(a, b kyc.Workflow) int {
		switch {
		case a.IsDefault == b.IsDefault:
			return 0
		case a.IsDefault:
			return -1
		}
		return 1
	})
	return out, nil
}

// invitePage asks whom to invite to what. The address names the workflow, and
// the person who is invited again; both are ids.
func (o *office) invitePage(v *console.Visit) error {
	q := v.R.URL.Query()
	return o.askInvite(v, q.Get("workflow"), q.Get("person"), Invitation{Form: newForm()}, nil)
}

// newForm names a form so that nobody guesses it.
func newForm() string { return rand.Text() }

// choose finds the workflow and the person of a form. An unknown workflow is
// missing; an empty one is the default, or the only one there is.
func (o *office) choose(v *console.Visit, workflow, person string) (all []kyc.Workflow, chosen *kyc.Workflow, who *kyc.Subject, err error) {
	if all, err = o.invitable(v); err != nil {
		return nil, nil, nil, err
	}
	if person != "" {
		id, ok := kyc.Undress("identity", person)
		if !ok {
			return nil, nil, nil, kyc.Missing("identity", "of this address")
		}
		one, err := o.Identities.Find(v.Ctx(), v.Tenant(), id)
		if err != nil {
			return nil, nil, nil, err
		}
		who = &one
		// Surface B makes a person with each session (api.md 4.4).
		all = slices.DeleteFunc(all, func(w kyc.Workflow) bool { return w.Surface == kyc.SurfaceChecks })
	}
	for i := range all {
		if w := &all[i]; kyc.Dress("workflow", w.ID) == workflow || workflow == "" && (w.IsDefault || len(all) == 1) {
			return all, w, who, nil
		}
	}
	if workflow != "" {
		return nil, nil, nil, kyc.Missing("workflow", "of this address")
	}
	return all, nil, who, nil
}

func (o *office) askInvite(v *console.Visit, workflow, person string, filled Invitation, problems []kyc.Problem) error {
	all, w, who, err := o.choose(v, workflow, person)
	if err != nil {
		return err
	}
	page := invitePage{Sends: o.Sends, Sandbox: v.Tenant().Env == kyc.Sandbox, Studio: v.May("workflows:write"), Filled: filled, Problems: named(problems, inviteLabels())}
	for i := range all {
		title := surfaceName(all[i].Surface)
		at := slices.IndexFunc(page.Workflows, func(g workflowGroup) bool { return g.Title == title })
		if at < 0 {
			page.Workflows, at = append(page.Workflows, workflowGroup{Title: title}), len(page.Workflows)
		}
		label := all[i].Name
		if s := all[i].Service; s != nil {
			label = s.ServiceName + ": " + label
		}
		if all[i].IsDefault {
			label += " (the default)"
		}
		page.Workflows[at].List = append(page.Workflows[at].List, choice{kyc.Dress("workflow", all[i].ID), label, w != nil && w.ID == all[i].ID})
	}
	if w != nil {
		page.Chosen, page.Workflow, page.Surface, page.Default = kyc.Dress("workflow", w.ID), w.Name, string(w.Surface), w.IsDefault
	}
	if who != nil {
		page.Person = &invitedPerson{kyc.Dress("identity", who.ID), who.ExternalRef}
	}
	offered := v.Org.EnvSettings(v.Tenant().Env).Languages
	page.Languages = []choice{{Label: "As the applicant's browser asks", On: filled.Language == ""}}
	for _, l := range o.Languages {
		if len(offered) == 0 || slices.Contains(offered, l.Code()) {
			page.Languages = append(page.Languages, choice{l.Code(), l.Name(), l.Code() == filled.Language})
		}
	}
	if len(problems) > 0 {
		return v.Refuse("invite", "Invite an applicant", page)
	}
	return v.Show("invite", "Invite an applicant", page)
}

// inviteLabels are the labels of the form by where the machines say that
// something is wrong.
func inviteLabels() map[string]string {
	return map[string]string{"/external_ref": "Your reference", "/client_id": "Your reference", "/external_id": "Your reference", "/references": "Your reference", "/country": "Country", "/language": "Language",
		"/first_name": "Given name", "/name/given": "Given name", "/last_name": "Family name", "/name/family": "Family name", "/name": "Name",
		"/email": "E-mail address", "/emails": "E-mail address", "/phone": "Telephone number", "/phones": "Telephone number", "/phoneNumber": "Telephone number",
		"/send_invite": "Send the link", "/send_email_invite": "Send the link", "/send_phone_invite": "Send the link", "/sendSms": "Send the link", "/workflow_id": "Workflow", "/customer_id": "Person"}
}

// invite makes the session and shows its link, this once.
func (o *office) invite(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	get := func(name string) string { return strings.TrimSpace(v.R.PostFormValue(name)) }
	workflow, person := get("workflow"), get("person")
	n := Invitation{Reference: get("reference"), Country: get("country"), Language: get("language"), FirstName: get("first_name"), LastName: get("last_name"), Email: get("email"), Phone: get("phone"),
		SendEmail: get("send_email") != "", SendPhone: get("send_phone") != "", Form: get("form")}
	_, w, who, err := o.choose(v, workflow, person)
	if err != nil {
		return err
	}
	if w == nil || n.Form == "" {
		return kyc.Errorf(kyc.Malformed, "form_incomplete", "the form names no workflow, or is not one of this page; open the page again")
	}
	n.Workflow = *w
	if who != nil {
		n.Person = who.ID
	}
	got, err := o.Invite(v.Ctx(), v.Tenant(), v.Who.Actor, n)
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.askInvite(v, workflow, person, n, problems)
	}
	id := kyc.Dress("session", got.Session)
	if got.Path == "" {
		return v.On("/console/sessions/"+id, "This form was sent before; this is the session it made. If its link is lost, make a new one.")
	}
	what := "The session was made. Give the applicant this link."
	if sent := ways(got.Sent); sent != "" {
		what = "The session was made, and its link goes to the applicant by " + sent + "."
	}
	v.R.SetPathValue("id", id)
	shown, err := o.link(v, what, got.Path)
	if err != nil {
		return err
	}
	return o.showSession(v, shown, nil)
}

func ways(sent []string) string {
	var out []string
	for _, way := range sent {
		out = append(out, map[string]string{"email": "e-mail", "sms": "text message"}[way])
	}
	return strings.Join(out, " and ")
}

// link is an applicant's link that is shown a single time, with its QR code.
func (o *office) link(v *console.Visit, what, path string) (*once, error) {
	address := o.PublicURL
	if address == "" {
		address = "http://" + v.R.Host
		if v.R.TLS != nil {
			address = "https://" + v.R.Host
		}
	}
	address += path
	code, err := ui.NewQR(address)
	if err != nil {
		return nil, err
	}
	out := &once{What: what, Label: "Link for the applicant", Text: address, Code: code}
	if r, err := http.NewRequestWithContext(v.Ctx(), http.MethodGet, address, http.NoBody); err == nil {
		out.Loopback = ui.Loopback(r.Host)
	}
	return out, nil
}
