package office

import (
	"fmt"
	"net/url"
	"time"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/webhook"
)

// replayForm is the range of time that an endpoint shall get again, as it was
// typed: minutes in UTC.
type replayForm struct {
	From, To string
	Open     bool // something was typed that could not be done
	// Rest goes on behind the event at which the part before stopped; since Sent
	// everything was sent, and what is left goes back to Since.
	Rest, Sent, Since string
}

// replay sends the messages of a range of time to an endpoint again, each under
// its old id.
func (o *office) replay(v *console.Visit) error {
	id, err := v.ID("id", "webhook")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	form := replayForm{From: v.R.PostFormValue("from"), To: v.R.PostFormValue("to"), Open: true}
	var problems []kyc.Problem
	from, to := minute(form.From), minute(form.To)
	if from.IsZero() {
		problems = append(problems, kyc.Problem{Path: "/from", Code: "time_invalid", Message: "say from when: a day and a time"})
	}
	if to.IsZero() {
		problems = append(problems, kyc.Problem{Path: "/to", Code: "time_invalid", Message: "say until when: a day and a time"})
	}
	rest, ok := kyc.ParseID(v.R.PostFormValue("rest"))
	if !ok && v.R.PostFormValue("rest") != "" {
		return kyc.Missing("event", "of this form")
	}
	var done webhook.Replayed
	if len(problems) == 0 {
		done, err = o.Webhooks.Replay(v.Ctx(), v.Tenant(), v.Who.Actor, id, webhook.Range{From: from, To: to, After: rest})
		if problems, err = refused(err); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return o.showEndpoint(v, id, endpointPage{Problems: problems, Replay: form})
	}
	path := "/console/webhooks/" + kyc.Dress("webhook", id)
	if done.Rest != "" {
		path = query(path, "rest", string(done.Rest), "sent", done.Oldest.UTC().Format(time.RFC3339Nano), "from", form.From, "to", form.To)
	}
	return v.On(path, replayed(done))
}

// left is the part of a range that is still to be sent, as the address says it
// after a part of it was sent; the zero value for none.
func left(q url.Values) replayForm {
	id, ok := kyc.ParseID(q.Get("rest"))
	sent, err := time.Parse(time.RFC3339Nano, q.Get("sent"))
	f := replayForm{From: q.Get("from"), To: q.Get("to"), Rest: string(id), Sent: second(sent), Since: second(minute(q.Get("from"))), Open: true}
	if !ok || err != nil || minute(f.From).IsZero() || minute(f.To).IsZero() {
		return replayForm{}
	}
	return f
}

// replayed says how many messages are sent again, and how far that came.
func replayed(done webhook.Replayed) string {
	said := fmt.Sprintf("%d messages are sent again, each under its old id.", done.Count)
	switch done.Count {
	case 0:
		said = "Nothing of that time is for this endpoint."
	case 1:
		said = "One message is sent again, under its old id."
	}
	if done.Rest != "" {
		said += " The range holds more than can be sent at once: this is what is newer than " + second(done.Oldest) + "."
	}
	return said
}

// minute reads what a field for a day and a time holds, in UTC; the zero time is
// none.
func minute(text string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at
		}
	}
	return time.Time{}
}
