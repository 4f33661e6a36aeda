package studio

import (
	"strconv"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/session"
)

// versionsPage bounds what one page shows.
const versionsPage = 100

type versionRow struct {
	Number                 int
	Note, By, PublishedBy  string
	At, PublishedAt        time.Time
	Valid, InForce, Newest bool
	Published, Rolling     bool
	Previous               int // published before, to compare with; 0: none
	Same                   int // the version that it is a copy of; 0: none
	Back                   goBack
}

// group is versions in a row; saved ones between publications are folded.
type group struct {
	Folded bool
	First  int
	Last   int
	Rows   []versionRow
}

type versionsData struct {
	Tabs     tabs
	Groups   []group
	Total    int
	Older    string
	All      []int
	From, To int
}

// versions shows what a workflow was, newest first.
func (s *studio) versions(v *console.Visit) error {
	w, err := s.find(v)
	if err != nil {
		return err
	}
	page, _ := strconv.Atoi(v.R.URL.Query().Get("page"))
	page = min(max(page, 1), 1_000_000)
	list, total, err := s.Store.Versions(v.Ctx(), w.Tenant, w.ID, kyc.Page{Limit: versionsPage, Offset: (page - 1) * versionsPage})
	if err != nil {
		return err
	}
	names, err := s.names(v)
	if err != nil {
		return err
	}
	d := versionsData{Tabs: tabsOf(w, "versions"), Total: total}
	if page*versionsPage < total {
		d.Older = home + "/" + string(w.ID) + "/versions?page=" + strconv.Itoa(page+1)
	}
	now, err := s.inForce(v, w)
	if err != nil {
		return err
	}
	for i, x := range list {
		r := versionRow{Number: x.Number, Note: x.ChangeNote, By: names.of(x.CreatedBy), At: x.CreatedAt, PublishedAt: x.PublishedAt, Valid: x.Valid,
			Published: !x.PublishedAt.IsZero() || w.Surface != kyc.SurfaceGraph, Newest: x.Number == w.Latest}
		if !strings.HasPrefix(r.Note, "Same as version ") { // otherwise the note says it
			r.Same = x.Restores
		}
		r.InForce = x.Number == w.Published || w.Published == 0 && w.Surface != kyc.SurfaceGraph && r.Newest
		if w.Rollout != nil {
			r.Rolling, r.InForce = x.Number == w.Rollout.Version, x.Number == w.Rollout.Previous
		}
		if x.PublishedBy != nil {
			r.PublishedBy = names.of(*x.PublishedBy)
		}
		for _, older := range list[i+1:] {
			if !older.PublishedAt.IsZero() || w.Surface != kyc.SurfaceGraph {
				r.Previous = older.Number
				break
			}
		}
		// What all sessions take already is no change, under whatever number.
		if mayGoBack(v, w) && !x.PublishedAt.IsZero() && !r.Rolling && (w.Rollout != nil || !r.InForce && origin(x) != now) {
			r.Back = offer(v, w, x)
		}
		d.put(r)
		d.All = append(d.All, x.Number)
	}
	if len(d.All) > 1 {
		d.To, d.From = d.All[0], d.All[1]
		if w.Published > 0 && w.Published != d.To {
			d.From = w.Published
		}
	}
	return v.Show("versions", w.Name+": versions", d)
}

// inForce is the written version that all new sessions take; 0: none, or not all
// take the same.
func (s *studio) inForce(v *console.Visit, w kyc.Workflow) (int, error) {
	if w.Published == 0 || w.Rollout != nil {
		return 0, nil
	}
	x, err := s.Store.Version(v.Ctx(), w.Tenant, w.ID, w.Published)
	return origin(x), err
}

// origin is the number of the version that was written, of a copy.
func origin(x kyc.WorkflowVersion) int {
	if x.Restores > 0 {
		return x.Restores
	}
	return x.Number
}

// put adds a version; those that were only saved on the way are folded.
func (d *versionsData) put(r versionRow) {
	folded := !r.Published && !r.Newest && r.Note == ""
	if n := len(d.Groups); n > 0 && d.Groups[n-1].Folded == folded {
		g := &d.Groups[n-1]
		g.Rows, g.First = append(g.Rows, r), r.Number
		return
	}
	d.Groups = append(d.Groups, group{Folded: folded, First: r.Number, Last: r.Number, Rows: []versionRow{r}})
}

// people are the names of an organisation's users.
type people map[string]string

func (s *studio) names(v *console.Visit) (people, error) {
	users, err := s.Store.Users(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return nil, err
	}
	out := people{}
	for _, u := range users {
		out[string(u.ID)] = u.Email
		if u.Name != "" {
			out[string(u.ID)] = u.Name
		}
	}
	return out, nil
}

// of says who did something.
func (p people) of(a kyc.Actor) string {
	for _, id := range []string{a.OnBehalfOf, a.ID} {
		if name, ok := p[id]; ok {
			return name
		}
	}
	switch a.Kind {
	case kyc.ActorKey:
		return "an API key"
	case kyc.ActorUser:
		return "a former user"
	}
	return "the program"
}

type compareData struct {
	Tabs       tabs
	From, To   int
	All        []int
	Old, New   drawing
	Same       bool
	Added      []node
	Removed    []node
	Changes    []change
	Definition []change
	Text       []change // the same as Changes, value by value of the JSON
}

// drawing is what the page's script draws.
type drawing struct {
	Title string
	Data  map[string]any
}

// change is one option that differs. Words tells a connection, which is said in
// words, from a value.
type change struct {
	Where, ID, Path, Old, New string
	Words                     bool
}

// node is a node by the name it has in the editor.
type node struct{ Name, ID string }

// compare shows what differs between two versions.
func (s *studio) compare(v *console.Visit) error {
	w, err := s.find(v)
	if err != nil {
		return err
	}
	q := v.R.URL.Query()
	from, errFrom := strconv.Atoi(q.Get("from"))
	to, errTo := strconv.Atoi(q.Get("to"))
	if errFrom != nil || errTo != nil || from < 1 || to < 1 {
		return kyc.Missing("version", "of this address")
	}
	before, err := s.Workflows.Drawn(v.Ctx(), w, from)
	if err != nil {
		return err
	}
	after, err := s.Workflows.Drawn(v.Ctx(), w, to)
	if err != nil {
		return err
	}
	d := compareData{Tabs: tabsOf(w, "versions"), From: from, To: to}
	for n := w.Latest; n > 0 && len(d.All) < versionsPage; n-- {
		d.All = append(d.All, n)
	}
	diff := flow.Compare(before.Graph, after.Graph)
	titles := s.Workflows.Titles()
	old, fresh := namesOf(before.Graph, titles), namesOf(after.Graph, titles)
	for _, id := range diff.NodesAdded {
		d.Added = append(d.Added, node{fresh.of(id), id})
	}
	for _, id := range diff.NodesRemoved {
		d.Removed = append(d.Removed, node{old.of(id), id})
	}
	if w.Surface == kyc.SurfaceGraph {
		d.Changes = connections(diff.Routes, old, fresh)
		diff = flow.Compare(before.Definition, after.Definition)
		for _, n := range diff.NodesChanged {
			for _, f := range n.Fields {
				if !leads(f.Path) {
					c := words(fresh.of(n.ID), f)
					c.ID = n.ID
					d.Changes = append(d.Changes, c)
				}
			}
		}
		for _, f := range diff.Definition {
			d.Definition = append(d.Definition, words("workflow", f))
		}
		for _, f := range diff.Requirements {
			d.Definition = append(d.Definition, words("what applicants are asked for", f))
		}
	} else { // their own words say more than the graph they compile to
		d.Changes = stepChanges(before.Definition, after.Definition)
		for _, f := range flow.Compare(before.Definition, after.Definition).Definition {
			d.Text = append(d.Text, words("definition", f))
		}
	}
	d.Same = diff.Same() && len(d.Definition) == 0 && len(d.Text) == 0
	draw := func(title, side string, x session.Drawn) drawing {
		return drawing{Title: title, Data: map[string]any{"graph": x.Graph, "layout": x.Layout, "side": side, "difference": diff, "titles": titles}}
	}
	d.Old = draw("Version "+strconv.Itoa(from), "old", before)
	d.New = draw("Version "+strconv.Itoa(to), "new", after)
	return v.Show("compare", w.Name+": compare", d)
}

func words(where string, f flow.FieldChange) change {
	return change{Where: where, Path: f.Path, Old: string(f.Old), New: string(f.New)}
}
