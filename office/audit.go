package office

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"bonafide/audit"
	"bonafide/console"
	"bonafide/kyc"
)

type auditPage struct {
	more
	Problems                        []kyc.Problem
	Object, Actor, Action, From, To string
	Actors                          []choice
	Actions                         []actionChoice
	// Gaps says that places between the rows are missing, Narrow that a search
	// may be why, Other whose environment has the rest.
	Gaps, Narrow bool
	Other        string
	Export       string
	Rows         []eventRow
	Report       *auditReport
	// Roots are the newest days that are over; entries up to Rooted have a proof.
	Roots  []rootRow
	Rooted int64
}

// actionChoice is an action that may be searched for, and what it means.
type actionChoice struct{ Value, Label string }

func actionChoices() []actionChoice {
	var out []actionChoice
	for _, a := range actions() {
		out = append(out, actionChoice{a, console.Said(a)})
	}
	return out
}

type auditReport struct {
	OK                bool
	Checked, Unsealed int64
	Days              int
	Head, Problem     string
	Broken            int64
	Took              string
}

// filterAudit reads the filter of the address: a kind of object or one object,
// an actor's id, an action, days. None of them is about a person but ids.
func filterAudit(v *console.Visit) (kyc.EventFilter, auditPage) {
	q := v.R.URL.Query()
	page := auditPage{Object: strings.TrimSpace(q.Get("object")), Actor: strings.TrimSpace(q.Get("actor")), Action: strings.TrimSpace(q.Get("action")), From: q.Get("from"), To: q.Get("to")}
	f := kyc.EventFilter{Actor: page.Actor, Action: page.Action, Object: page.Object}
	if f.Actions = meant(page.Action); len(f.Actions) > 0 {
		f.Action = ""
	}
	wrong := func(what string) {
		page.Problems = append(page.Problems, kyc.Problem{Path: "/" + what, Code: "date_invalid", Message: "this is no date"})
	}
	if i := strings.LastIndexByte(page.Object, '_'); i >= 0 {
		if id, ok := kyc.ParseID(page.Object[i+1:]); ok {
			f.Object, f.ObjectID = "", id
		}
	} else if id, ok := kyc.ParseID(page.Object); ok {
		f.Object, f.ObjectID = "", id
	}
	if i := strings.LastIndexByte(page.Actor, '_'); i >= 0 {
		if id, ok := kyc.ParseID(page.Actor[i+1:]); ok {
			f.Actor = string(id)
		}
	}
	var ok bool
	if f.From, ok = day(page.From); !ok {
		wrong("from")
	}
	if f.To, ok = day(page.To); !ok {
		wrong("to")
	} else if !f.To.IsZero() {
		f.To = f.To.AddDate(0, 0, 1)
	}
	page.Export = query("/console/audit/export", "object", page.Object, "actor", page.Actor, "action", page.Action, "from", page.From, "to", page.To)
	return f, page
}

func (o *office) audit(v *console.Visit) error { return o.showAudit(v, nil) }

func (o *office) showAudit(v *console.Visit, report *auditReport) error {
	f, page := filterAudit(v)
	page.Report, page.Actions = report, actionChoices()
	roll, err := o.rollOf(v)
	if err != nil {
		return err
	}
	page.Actors = roll.menu(f.Actor)
	if len(page.Problems) > 0 {
		return v.Refuse("audit", "Audit", page)
	}
	p, err := window(v)
	if err != nil {
		return err
	}
	if err := o.Flush(v.Ctx()); err != nil {
		return err
	}
	list, _, err := o.Store.Events(v.Ctx(), v.Tenant(), f, p)
	if err != nil {
		return err
	}
	if page.Roots, page.Rooted, err = o.roots(v); err != nil {
		return err
	}
	list, page.Older = older(v, "/console/audit", list, func(e kyc.Event) kyc.ID { return e.ID })
	page.First = firstPage(v, "/console/audit")
	page.lay(v, list, roll, f)
	return v.Show("audit", "Audit", page)
}

// lay puts the entries into the order of the chain, the newest place first; those
// that have no place yet stand before them.
func (p *auditPage) lay(v *console.Visit, list []kyc.Event, roll roll, f kyc.EventFilter) {
	place := func(e kyc.Event) int64 {
		if e.Seq == 0 {
			return math.MaxInt64
		}
		return e.Seq
	}
	slices.SortStableFunc(list, func(a, b kyc.Event) int { return cmp.Compare(place(b), place(a)) })
	for i, e := range list {
		p.Rows = append(p.Rows, roll.event(e))
		p.Gaps = p.Gaps || i > 0 && list[i-1].Seq > e.Seq+1
	}
	p.Narrow = f.Object != "" || f.ObjectID != "" || f.Actor != "" || f.Action != "" || f.Actions != nil || !f.From.IsZero() || !f.To.IsZero()
	p.Other = string(kyc.Sandbox)
	if v.Tenant().Env == kyc.Sandbox {
		p.Other = string(kyc.Live)
	}
}

// verifyAudit recomputes the organisation's whole chain, both environments.
func (o *office) verifyAudit(v *console.Visit) error {
	if err := o.Flush(v.Ctx()); err != nil {
		return err
	}
	began := time.Now()
	r, err := o.Store.VerifyAudit(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return err
	}
	return o.showAudit(v, &auditReport{OK: r.OK(), Checked: r.Checked, Days: r.Days, Unsealed: r.Unsealed, Head: r.Head, Problem: r.Problem, Broken: r.Broken, Took: lasted(max(time.Since(began), time.Millisecond))})
}

// exported is how many entries one file holds at most; a narrower filter gives
// the rest.
const exported = 100_000

// exportAudit gives the entries of the filter as JSON lines, newest first, each
// with its place and hashes. The export is an entry of the chain itself.
func (o *office) exportAudit(v *console.Visit) error {
	f, page := filterAudit(v)
	if len(page.Problems) > 0 {
		return v.Refuse("audit", "Audit", page)
	}
	if err := o.note(v, "audit.export", "audit", "", ""); err != nil {
		return err
	}
	attach(v, "application/x-ndjson", fmt.Sprintf("audit-%s.jsonl", o.Clock.Now().UTC().Format("20060102-150405")))
	p := kyc.Page{Limit: 1000, Uncounted: true}
	for n := 0; n < exported; {
		list, _, err := o.Store.Events(v.Ctx(), v.Tenant(), f, p)
		if err != nil {
			if n == 0 {
				return err
			}
			panic(http.ErrAbortHandler) // the file has begun; a broken connection says that it is not whole
		}
		if err := audit.Export(v.W, nil, list); err != nil {
			return nil //nolint:nilerr // the reader has gone away
		}
		if n += len(list); len(list) < p.Limit {
			return nil
		}
		p.After = list[len(list)-1].ID
	}
	return nil
}
