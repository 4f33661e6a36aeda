package office

import (
	"fmt"
	"net/http"
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
	Export                          string
	Rows                            []eventRow
	Report                          *auditReport
}

type auditReport struct {
	OK                bool
	Checked, Unsealed int64
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
	page.Report = report
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
	list, page.Older = older(v, "/console/audit", list, func(e kyc.Event) kyc.ID { return e.ID })
	page.First = firstPage(v, "/console/audit")
	for _, e := range list {
		page.Rows = append(page.Rows, eventOf(e))
	}
	return v.Show("audit", "Audit", page)
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
	return o.showAudit(v, &auditReport{OK: r.OK(), Checked: r.Checked, Unsealed: r.Unsealed, Head: r.Head, Problem: r.Problem, Broken: r.Broken, Took: lasted(max(time.Since(began), time.Millisecond))})
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
	h := v.W.Header()
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="audit-%s.jsonl"`, o.Clock.Now().UTC().Format("20060102-150405")))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
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
