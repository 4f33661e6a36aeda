package studio

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/kyc"
)

// listPage is how many workflows one page shows.
const listPage = 50

// row is one workflow of the list.
type row struct {
	ID, Name, Description, Kind string
	// Does says how a change of this kind comes into force.
	Does         string
	Status       string
	Default      bool
	Live, Newest int
	// Share is the part of new sessions that the newest version takes, while
	// it is rolled out beside Before.
	Share, Before int
	Rolling       bool
	Waiting       bool // for a second person's approval
	Rate          Rate
	Changed       time.Time
}

// inForceHow says how a change of a workflow comes into force.
func inForceHow(s kyc.Surface) string {
	if s == kyc.SurfaceGraph {
		return "draft, then published for all or a share"
	}
	return "saved = in force at once for new sessions"
}

type listData struct {
	Rows               []row
	Query, Kind        string
	Kinds              []choice
	Counted, MayWrite  bool
	Total              int
	First, Last, Pages int
	Prev, Next         string
	LiveOnly           bool // checklists, looked at from the sandbox
}

type choice struct {
	Value, Label string
	Chosen       bool
}

func kinds(chosen string) []choice {
	out := []choice{{"", "All", chosen == ""}}
	for _, s := range []kyc.Surface{kyc.SurfaceGraph, kyc.SurfaceSteps, kyc.SurfaceChecks, kyc.SurfaceEntities} {
		out = append(out, choice{string(s), surfaceName(s), chosen == string(s)})
	}
	return out
}

// list shows the workflows, last changed first.
func (s *studio) list(v *console.Visit) error {
	q := v.R.URL.Query()
	d := listData{Query: strings.TrimSpace(q.Get("q")), Kind: q.Get("kind"), MayWrite: v.May(write) || v.May("kyc:create")}
	if len(d.Query) > 200 {
		d.Query = d.Query[:200]
	}
	d.Kinds = kinds(d.Kind)
	if !known(d.Kind) {
		d.Kind = ""
	}
	page, _ := strconv.Atoi(q.Get("page"))
	page = min(max(page, 1), 1_000_000)
	t := v.Tenant()
	if d.Kind == string(kyc.SurfaceChecks) && t.Env == kyc.Sandbox {
		t.Env, d.LiveOnly = kyc.Live, true
	}
	list, total, err := s.Store.Workflows(v.Ctx(), t, kyc.WorkflowFilter{Surface: kyc.Surface(d.Kind), Query: d.Query, ByUpdate: true}, kyc.Page{Limit: listPage, Offset: (page - 1) * listPage})
	if err != nil {
		return err
	}
	by, counted := s.rates.of(v.Ctx(), v.Tenant(), v.Now())
	d.Counted, d.Total, d.Pages = counted, total, (total+listPage-1)/listPage
	for _, w := range list {
		r := row{ID: string(w.ID), Name: w.Name, Description: w.Description, Kind: surfaceName(w.Surface), Does: inForceHow(w.Surface), Status: string(w.Status), Default: w.IsDefault,
			Live: w.Published, Newest: w.Latest, Rate: by[w.ID], Changed: w.UpdatedAt, Waiting: w.PendingPublish != nil}
		if w.Surface != kyc.SurfaceGraph && r.Live == 0 && w.Status == kyc.WorkflowPublished {
			r.Live = w.Latest // what these say is in force as soon as it is saved
		}
		if w.Rollout != nil {
			r.Rolling, r.Share, r.Before = true, w.Rollout.Percentage, w.Rollout.Previous
		}
		d.Rows = append(d.Rows, r)
	}
	d.First, d.Last = (page-1)*listPage+1, (page-1)*listPage+len(list)
	if page > 1 {
		d.Prev = d.at(page - 1)
	}
	if page < d.Pages {
		d.Next = d.at(page + 1)
	}
	return v.Show("list", "Workflows", d)
}

// at is the address of another page of the same list.
func (d listData) at(page int) string {
	q := url.Values{"page": {strconv.Itoa(page)}}
	if d.Query != "" {
		q.Set("q", d.Query)
	}
	if d.Kind != "" {
		q.Set("kind", d.Kind)
	}
	return home + "?" + q.Encode()
}

func known(kind string) bool {
	for _, c := range kinds("") {
		if c.Value == kind {
			return true
		}
	}
	return false
}
