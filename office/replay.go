package office

import (
	"fmt"
	"time"

	"bonafide/console"
	"bonafide/kyc"
)

// replayForm is the range of time that an endpoint shall get again, as it was
// typed: minutes in UTC.
type replayForm struct {
	From, To string
	Open     bool // something was typed that could not be done
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
	n, more := 0, false
	if len(problems) == 0 {
		n, more, err = o.Webhooks.Replay(v.Ctx(), v.Tenant(), v.Who.Actor, id, from, to)
		if problems, err = refused(err); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return o.showEndpoint(v, id, endpointPage{Problems: problems, Replay: form})
	}
	return v.On("/console/webhooks/"+kyc.Dress("webhook", id), replayed(n, more))
}

// replayed says how many messages are sent again.
func replayed(n int, more bool) string {
	said := fmt.Sprintf("%d messages are sent again, each under its old id.", n)
	switch n {
	case 0:
		said = "Nothing of that time is for this endpoint."
	case 1:
		said = "One message is sent again, under its old id."
	}
	if more {
		said += " The range holds more than can be sent at once; the newest were taken. Choose shorter ranges for the others."
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
