package office

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/webhook"
)

type webhooksPage struct {
	Rows     []endpointRow
	CanWrite bool
	Problems []kyc.Problem
	URL, For string
	All      bool
	Events   []choice
	Schemes  []choice
}

type endpointRow struct {
	ID, Href, URL, For, Events, Why, Changed string
	Status                                   tag
	GivenUp                                  int
}

func (o *office) webhooks(v *console.Visit) error {
	return o.showWebhooks(v, webhooksPage{All: true, Events: o.eventMenu(nil)})
}

func (o *office) eventMenu(chosen []string) []choice {
	names := slices.Clone(o.Events)
	slices.Sort(names)
	var out []choice
	for _, n := range slices.Compact(names) {
		out = append(out, choice{n, n, slices.Contains(chosen, n)})
	}
	return out
}

func (o *office) showWebhooks(v *console.Visit, page webhooksPage) error {
	list, err := o.Webhooks.List(v.Ctx(), v.Tenant())
	if err != nil {
		return err
	}
	page.CanWrite = v.May("webhooks:write")
	if page.Schemes == nil {
		page.Schemes = schemes("")
	}
	for _, e := range list {
		page.Rows = append(page.Rows, endpointOf(e))
	}
	if len(page.Problems) > 0 {
		return v.Refuse("webhooks", "Webhooks", page)
	}
	return v.Show("webhooks", "Webhooks", page)
}

func endpointOf(e kyc.Endpoint) endpointRow {
	id := kyc.Dress("webhook", e.ID)
	events := strings.Join(e.Events, ", ")
	if events == "*" {
		events = "all"
	}
	return endpointRow{ID: id, Href: "/console/webhooks/" + id, URL: e.URL, For: e.Description, Events: events, Why: e.DisabledWhy, Changed: clock(e.UpdatedAt), Status: tagOf(e.Status), GivenUp: e.Exhausted}
}

func (o *office) newEndpoint(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	f := v.R.PostForm
	events := f["event"]
	if f.Get("all") != "" {
		events = []string{"*"}
	}
	scheme := kyc.SignatureScheme(f.Get("scheme"))
	e, err := o.Webhooks.Create(v.Ctx(), v.Tenant(), v.Who.Actor, webhook.Spec{Scheme: scheme, URL: strings.TrimSpace(f.Get("url")), Events: events, Description: strings.TrimSpace(f.Get("for"))})
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showWebhooks(v, webhooksPage{Problems: problems, URL: f.Get("url"), For: f.Get("for"), All: f.Get("all") != "", Events: o.eventMenu(events), Schemes: schemes(scheme)})
	}
	if !e.Scheme.Symmetric() { // nobody needs the secret
		return v.On("/console/webhooks/"+kyc.Dress("webhook", e.ID), "The endpoint was made; its messages are signed with the published keys.")
	}
	return o.showEndpoint(v, e.ID, endpointPage{Once: &once{What: "The endpoint was made.", Label: "Signing secret", Text: e.Secrets[0].Secret}})
}

type endpointPage struct {
	more
	endpointRow
	CanWrite, On bool
	Secrets      []secretRow
	Schemes      []choice
	// Asymmetric says that the published keys sign; Symmetric that the secret does.
	Asymmetric, Symmetric bool
	Keys                  []publicKeyRow
	KeySet                string // where they are published
	States                []choice
	Deliveries            []deliveryRow
	Once                  *once
	Replay                replayForm
	Problems              []kyc.Problem
}

type secretRow struct{ Hint, Until string }

type deliveryRow struct {
	ID, Href, Event, Made, Last, Next string
	State                             tag
	Attempts                          int
}

func (o *office) endpoint(v *console.Visit) error {
	id, err := v.ID("id", "webhook")
	if err != nil {
		return err
	}
	return o.showEndpoint(v, id, endpointPage{Replay: left(v.R.URL.Query())})
}

func (o *office) showEndpoint(v *console.Visit, id kyc.ID, page endpointPage) error {
	e, err := o.Webhooks.Get(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	page.endpointRow, page.CanWrite, page.On = endpointOf(e), v.May("webhooks:write"), e.Status == "enabled"
	if err := o.showSigning(v, e.Scheme, &page); err != nil {
		return err
	}
	now := o.Clock.Now()
	for _, s := range e.Secrets {
		if !s.Until.IsZero() && !now.Before(s.Until) {
			continue
		}
		until := "no end"
		if !s.Until.IsZero() {
			until = "signs beside the new one until " + clock(s.Until)
		}
		page.Secrets = append(page.Secrets, secretRow{hintOf(s.Secret), until})
	}
	state := v.R.URL.Query().Get("state")
	page.States = choices(state, "", "Any state", "pending", "waiting", "delivered", "delivered", "dead", "given up")
	if !chosen(page.States) {
		page.Problems = append(page.Problems, kyc.Problem{Path: "/state", Code: "not_allowed_value", Message: "choose one of the menu"})
		state = ""
	}
	p, err := window(v)
	if err != nil {
		return err
	}
	list, _, err := o.Webhooks.Deliveries(v.Ctx(), v.Tenant(), id, kyc.DeliveryState(state), p)
	if err != nil {
		return err
	}
	if len(list) > perPage {
		list, page.Older = older(v, page.Href, list, func(d kyc.Delivery) kyc.ID { return d.ID })
	}
	page.First = firstPage(v, page.Href)
	for _, d := range list {
		page.Deliveries = append(page.Deliveries, deliveryOf(d))
	}
	if len(page.Problems) > 0 {
		return v.Refuse("endpoint", "Webhook", page)
	}
	return v.Show("endpoint", "Webhook", page)
}

// hintOf lets people tell secrets apart without showing one.
func hintOf(secret string) string {
	if len(secret) < 16 {
		return "…"
	}
	return "whsec_…" + secret[len(secret)-4:]
}

func deliveryOf(d kyc.Delivery) deliveryRow {
	row := deliveryRow{ID: kyc.Dress("delivery", d.ID), Event: d.EventName, Made: clock(d.CreatedAt), State: tagOf(string(d.State)), Attempts: len(d.Attempts)}
	row.Href = "/console/webhooks/" + kyc.Dress("webhook", d.EndpointID) + "/deliveries/" + row.ID
	switch d.State {
	case kyc.DeliveryDead:
		row.State.Text = "given up"
	case kyc.DeliveryPending:
		row.State.Text, row.Next = "waiting", clock(d.DueAt)
	}
	switch {
	case d.LastError != "":
		row.Last = d.LastError
	case d.LastStatus != 0:
		row.Last = "HTTP " + lead(float64(d.LastStatus))
	}
	return row
}

// onEndpoint does something to the endpoint of the address and says so.
func (o *office) onEndpoint(v *console.Visit, do func(kyc.ID) (said string, err error)) error {
	id, err := v.ID("id", "webhook")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	said, err := do(id)
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showEndpoint(v, id, endpointPage{Problems: problems})
	}
	return v.On("/console/webhooks/"+kyc.Dress("webhook", id), said)
}

// rotateSecret gives an endpoint a new secret and shows it this once.
func (o *office) rotateSecret(v *console.Visit) error {
	id, err := v.ID("id", "webhook")
	if err != nil {
		return err
	}
	e, err := o.Webhooks.Rotate(v.Ctx(), v.Tenant(), v.Who.Actor, id, webhook.DefaultOverlap)
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showEndpoint(v, id, endpointPage{Problems: problems})
	}
	return o.showEndpoint(v, id, endpointPage{Once: &once{What: "There is a new secret; the old one goes on signing beside it for 24 hours.", Label: "New signing secret", Text: e.Secrets[0].Secret}})
}

func (o *office) switchEndpoint(v *console.Visit) error {
	return o.onEndpoint(v, func(id kyc.ID) (string, error) {
		on := v.R.PostFormValue("to") == "on"
		_, err := o.Webhooks.Update(v.Ctx(), v.Tenant(), v.Who.Actor, id, 0, webhook.Patch{Enabled: &on})
		if on {
			return "The endpoint is on again.", err
		}
		return "The endpoint is off; nothing is sent to it.", err
	})
}

func (o *office) testEndpoint(v *console.Visit) error {
	return o.onEndpoint(v, func(id kyc.ID) (string, error) {
		_, err := o.Webhooks.Test(v.Ctx(), v.Tenant(), v.Who.Actor, id)
		return "A test message is on its way; look at the deliveries below.", err
	})
}

func (o *office) removeEndpoint(v *console.Visit) error {
	id, err := v.ID("id", "webhook")
	if err != nil {
		return err
	}
	if err := o.Webhooks.Delete(v.Ctx(), v.Tenant(), v.Who.Actor, id); err != nil {
		return err
	}
	return v.On("/console/webhooks", "The endpoint was removed; what waited for it was given up.")
}

type deliveryPage struct {
	deliveryRow
	Endpoint, Address string
	Headers           []fact
	Body              string
	Tries             []tryRow
	Erased            bool // the person is erased, and with them what was answered
	CanWrite          bool
	Problems          []kyc.Problem
}

type fact struct{ Name, Value string }

type tryRow struct{ At, Answer, Took, Body string }

func (o *office) delivery(v *console.Visit) error { return o.showDelivery(v, nil) }

// showDelivery shows a message: what is sent, and what every attempt brought.
// The message may speak of a person, so the look is recorded.
func (o *office) showDelivery(v *console.Visit, problems []kyc.Problem) error {
	id, err := v.ID("id", "webhook")
	if err != nil {
		return err
	}
	e, err := o.Webhooks.Get(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	did, err := v.ID("delivery", "delivery")
	if err != nil {
		return err
	}
	d, err := o.Store.Delivery(v.Ctx(), v.Tenant(), did)
	if err == nil && d.EndpointID != id {
		err = kyc.Missing("delivery", "of this endpoint")
	}
	if err != nil {
		return err
	}
	ev, err := o.Store.EventByID(v.Ctx(), v.Tenant(), d.EventID)
	if err != nil {
		return err
	}
	if err := o.note(v, "webhook_endpoint.read_message", "webhook_endpoint", id, ev.SubjectID); err != nil {
		return err
	}
	ev.Webhook = d.EventName
	body, err := webhook.Body(ev)
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, body, "", "  ") != nil {
		pretty.Reset()
		pretty.Write(body)
	}
	address, err := webhook.Address(e.URL, ev)
	if err != nil {
		return err
	}
	page := deliveryPage{deliveryRow: deliveryOf(d), Endpoint: kyc.Dress("webhook", id), Address: address, Body: pretty.String(), CanWrite: v.May("webhooks:write") && e.Status == "enabled", Problems: problems,
		Headers: []fact{{"webhook-id", string(ev.ID)}, {"webhook-timestamp", "the second of the attempt"}, {"webhook-signature", signatureOf(e.Scheme)}}}
	for _, t := range d.Attempts {
		row := tryRow{At: clock(t.At), Took: lead(float64(t.DurationMS)) + " ms", Answer: t.Error, Body: t.Answer}
		if t.Status != 0 {
			row.Answer = strings.TrimSpace("HTTP " + lead(float64(t.Status)) + " " + t.Error)
		}
		page.Tries = append(page.Tries, row)
	}
	page.Erased = d.Unreadable
	if len(problems) > 0 {
		return v.Refuse("delivery", "Delivery", page)
	}
	return v.Show("delivery", "Delivery", page)
}

// resend sends a message again under its old id.
func (o *office) resend(v *console.Visit) error {
	id, err := v.ID("id", "webhook")
	if err != nil {
		return err
	}
	did, err := v.ID("delivery", "delivery")
	if err != nil {
		return err
	}
	_, err = o.Webhooks.Retry(v.Ctx(), v.Tenant(), v.Who.Actor, id, did)
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showDelivery(v, problems)
	}
	return v.On("/console/webhooks/"+kyc.Dress("webhook", id)+"/deliveries/"+kyc.Dress("delivery", did), "The message is sent again under its old id.")
}
