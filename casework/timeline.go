package casework

import (
	"context"
	"slices"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/kyc"
)

// timelineRows bounds the timeline; the audit page has all of it.
const timelineRows = 60

// timeline is what happened to the case and its session, newest first, and apart
// from it who looked at them. Of whose opinion is kept it says no more than that they
// gave one.
func (r *room) timeline(ctx context.Context, c *kyc.Case, kept *kyc.CaseDecision, names map[string]string) (done, looks []eventRow, err error) {
	all, _, err := r.Store.Events(ctx, c.Tenant, kyc.EventFilter{Object: "case", ObjectID: c.ID}, kyc.Page{Limit: timelineRows})
	if err != nil {
		return nil, nil, err
	}
	if c.SessionID != "" {
		more, _, err := r.Store.Events(ctx, c.Tenant, kyc.EventFilter{Object: "session", ObjectID: c.SessionID}, kyc.Page{Limit: timelineRows})
		if err != nil {
			return nil, nil, err
		}
		all = append(all, more...)
	}
	slices.SortFunc(all, func(a, b kyc.Event) int { return strings.Compare(string(b.ID), string(a.ID)) })
	for _, e := range all {
		if kept != nil && kept.Theirs(e.Actor, "") {
			switch e.Action {
			case "case.recommend":
				e.Reason = ""
			case "case.judge_hit", "case.override_check", "case.note":
				continue
			}
		}
		what := console.Said(e.Action)
		if e.Action == "session.found" && e.Webhook != "" { // what was found is the message's name
			what = words(strings.ReplaceAll(e.Webhook, ".", " "))
			what = strings.ToUpper(what[:1]) + what[1:]
		}
		if e.Reason != "" {
			what += " (" + words(e.Reason) + ")"
		}
		row := eventRow{What: what, Who: actorName(e.Actor, names), When: moment(e.At), Iso: e.At.UTC().Format(time.RFC3339)}
		if strings.HasSuffix(e.Action, ".read") {
			looks = append(looks, row)
		} else {
			done = append(done, row)
		}
	}
	return done[:min(len(done), timelineRows)], looks[:min(len(looks), timelineRows)], nil
}

// moment is a time as the console's pages write it.
func moment(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

func actorName(a kyc.Actor, names map[string]string) string {
	switch a.Kind {
	case kyc.ActorUser:
		return nameOf(a.ID, names)
	case kyc.ActorKey:
		if a.OnBehalfOf != "" {
			return a.OnBehalfOf + " by API key"
		}
		return "API key"
	case kyc.ActorApplicant:
		return "applicant"
	}
	return a.ID
}
