package office

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/screen"
	"bonafide/session"
)

type listsPage struct {
	Official   []officialRow
	Own        []ownRow
	CanWrite   bool
	Problems   []kyc.Problem
	Name, Note string
	Types      []choice
	Modes      []choice
}

type officialRow struct {
	ID, Source, Version, AsOf, Age, Published, Error string
	Since                                            string // how it differs from the version before
	Entries                                          int
	Status                                           tag
	Running, Fictional                               bool
}

type ownRow struct {
	Href, Name, Type, Mode, Note, Changed string
	Items                                 int
	Archived                              bool
}

func (o *office) lists(v *console.Visit) error { return o.showLists(v, listsPage{}) }

func (o *office) showLists(v *console.Visit, page listsPage) error {
	org, err := o.Store.Org(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return err
	}
	page.CanWrite = v.May("lists:write")
	if page.Types == nil {
		page.Types, page.Modes = listTypes("name"), listModes("flag")
	}
	for _, l := range o.Screen.Status() {
		page.Official = append(page.Official, officialOf(l, org.EnvSettings(v.Tenant().Env).ListMaxAge))
	}
	own, _, err := o.Lists.List(v.Ctx(), v.Tenant(), kyc.ListFilter{Archived: true}, kyc.Page{Limit: 500, Uncounted: true})
	if err != nil {
		return err
	}
	for _, l := range own {
		page.Own = append(page.Own, ownRow{Href: "/console/lists/" + kyc.Dress("list", l.ID), Name: l.Name, Type: words(string(l.Type)), Mode: string(l.Mode), Note: l.Description,
			Changed: clock(l.UpdatedAt), Items: l.Items, Archived: !l.ArchivedAt.IsZero()})
	}
	if len(page.Problems) > 0 {
		return v.Refuse("lists", "Lists", page)
	}
	return v.Show("lists", "Lists", page)
}

// officialOf says how fresh a list is by the organisation's own limit.
func officialOf(l screen.ListStatus, limit time.Duration) officialRow {
	row := officialRow{ID: l.List, Source: l.Source, Version: shortHash(l.Version), AsOf: clock(l.AsOf), Published: clock(l.Published), Error: l.LastError, Entries: l.Entries,
		Status: tagOf(string(l.Status)), Running: l.Running, Fictional: l.Fictional}
	age := time.Duration(l.AgeSecs) * time.Second
	if !l.AsOf.IsZero() {
		row.Age = lasted(max(age, time.Second))
	}
	if d := l.Since; d != nil {
		row.Since = fmt.Sprintf("%d new, %d changed, %d gone on %s", d.Added, d.Changed, d.Removed, d.At.UTC().Format("2 Jan 2006"))
	}
	if limit > 0 && l.Status == kyc.StatusOK && age > limit {
		row.Status = tag{"stale", "warn"}
	}
	return row
}

func shortHash(s string) string {
	s = strings.TrimPrefix(s, "sha256:")
	if len(s) > 12 {
		return s[:12] + "…"
	}
	return s
}

func listTypes(chosen string) []choice {
	var out []choice
	for _, t := range kyc.ListTypes() {
		if t != kyc.ListFace { // numbers that nobody writes by hand
			out = append(out, choice{string(t), words(string(t)), string(t) == chosen})
		}
	}
	return out
}

func listModes(chosen string) []choice {
	return choices(chosen, "block", "block: a match fails the check", "flag", "flag: a match is recorded", "allow", "allow: a match is trusted")
}

func (o *office) newList(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	f := v.R.PostForm
	l, err := o.Lists.Create(v.Ctx(), v.Tenant(), v.Who.Actor, session.NewList{Name: f.Get("name"), Description: f.Get("note"), Type: kyc.ListType(f.Get("type")), Mode: kyc.ListMode(f.Get("mode"))})
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showLists(v, listsPage{Problems: problems, Name: f.Get("name"), Note: f.Get("note"), Types: listTypes(f.Get("type")), Modes: listModes(f.Get("mode"))})
	}
	return v.On("/console/lists/"+kyc.Dress("list", l.ID), "The list was made.")
}

type listPage struct {
	more
	ID, Name, Type, Mode, Note, Changed string
	Items                               int
	Version                             int64
	Archived, CanWrite, Place, Person   bool
	Rows                                []itemRow
	Problems                            []kyc.Problem
	Value, Birth, About                 string // what was written and could not be taken
	Text                                string
	Report                              []string
}

type itemRow struct{ ID, Value, Birth, Place, Note, Added string }

func (o *office) list(v *console.Visit) error { return o.showList(v, listPage{}) }

func (o *office) showList(v *console.Visit, page listPage) error {
	id, err := v.ID("id", "list")
	if err != nil {
		return err
	}
	l, err := o.Lists.Read(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	p, err := window(v)
	if err != nil {
		return err
	}
	items, _, err := o.Lists.Items(v.Ctx(), v.Tenant(), v.Who.Actor, id, p)
	if err != nil {
		return err
	}
	page.ID, page.Name, page.Type, page.Mode, page.Note = kyc.Dress("list", l.ID), l.Name, words(string(l.Type)), string(l.Mode), l.Description
	page.Changed, page.Items, page.Version, page.Archived = clock(l.UpdatedAt), l.Items, l.Version, !l.ArchivedAt.IsZero()
	page.CanWrite, page.Place, page.Person = v.May("lists:write"), l.Type == kyc.ListGeo, l.Type == kyc.ListName
	items, page.Older = older(v, "/console/lists/"+page.ID, items, func(i kyc.ListItem) kyc.ID { return i.ID })
	page.First = firstPage(v, "/console/lists/"+page.ID)
	for _, i := range items {
		row := itemRow{ID: string(i.ID), Value: i.Value.Value, Birth: i.Value.DateOfBirth, Note: i.Value.Note, Added: clock(i.CreatedAt)}
		if page.Place {
			row.Place = fmt.Sprintf("%.5f, %.5f within %g km", i.Value.Latitude, i.Value.Longitude, i.Value.RadiusKM)
		}
		page.Rows = append(page.Rows, row)
	}
	if len(page.Problems) > 0 {
		return v.Refuse("list", l.Name, page)
	}
	return v.Show("list", l.Name, page)
}

// addItem puts one item on a list.
func (o *office) addItem(v *console.Visit) error {
	id, err := v.ID("id", "list")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	f := v.R.PostForm
	value := kyc.ListValue{Value: strings.TrimSpace(f.Get("value")), DateOfBirth: f.Get("date_of_birth"), Note: strings.TrimSpace(f.Get("note"))}
	var problems []kyc.Problem
	for name, to := range map[string]*float64{"latitude": &value.Latitude, "longitude": &value.Longitude, "radius_km": &value.RadiusKM} {
		if text := strings.TrimSpace(f.Get(name)); text != "" {
			if _, err := fmt.Sscanf(text, "%g", to); err != nil {
				problems = append(problems, kyc.Problem{Path: "/" + name, Code: "not_a_number", Message: words(name) + " must be a number"})
			}
		}
	}
	if len(problems) == 0 {
		rows, _, err := o.Lists.Add(v.Ctx(), v.Tenant(), v.Who.Actor, id, []kyc.ListValue{value}, "", true)
		if problems, err = refused(err); err != nil {
			return err
		}
		if len(rows) == 1 && rows[0].Duplicate {
			problems = []kyc.Problem{{Path: "/value", Code: "duplicate", Message: "the list has this already"}}
		}
	}
	if len(problems) > 0 {
		return o.showList(v, listPage{Problems: problems, Value: value.Value, Birth: value.DateOfBirth, About: value.Note})
	}
	return v.On("/console/lists/"+kyc.Dress("list", id), "The item was added.")
}

// maxImport bounds an import: 1,000 rows fit many times over.
const maxImport = 2 << 20

// importItems adds the rows of a CSV file, or of what was pasted.
func (o *office) importItems(v *console.Visit) error {
	id, err := v.ID("id", "list")
	if err != nil {
		return err
	}
	raw, err := upload(v, "file", "text", maxImport)
	problems, err := refused(err)
	if err != nil {
		return err
	}
	var values []kyc.ListValue
	first := 1
	if len(problems) == 0 {
		values, first, problems = readRows(raw)
	}
	page := listPage{Problems: problems, Text: string(raw)}
	if len(problems) == 0 {
		rows, _, err := o.Lists.Add(v.Ctx(), v.Tenant(), v.Who.Actor, id, values, "/file", false)
		if page.Problems, err = refused(err); err != nil {
			return err
		}
		page.Report = fates(rows, first)
	}
	if len(page.Problems) > 12 {
		page.Problems = append(page.Problems[:12], kyc.Problem{Message: fmt.Sprintf("and %d more", len(page.Problems)-12)})
	}
	if len(page.Problems) == 0 {
		page.Text = ""
	}
	return o.showList(v, page)
}

// fates tells what became of the rows of an import, whose first stood in that
// line.
func fates(rows []session.Row, first int) []string {
	added, known := 0, 0
	var out []string
	for _, r := range rows {
		switch {
		case r.Item != nil:
			added++
		case r.Duplicate:
			known++
		default:
			for _, p := range r.Problems {
				if len(out) < 10 {
					out = append(out, fmt.Sprintf("Row %d was left out: %s", r.Index+first, p.Message))
				}
			}
		}
	}
	return append([]string{fmt.Sprintf("%d added, %d were on the list already, %d left out.", added, known, len(rows)-added-known)}, out...)
}

// upload reads a file of a form, or the text that stands for it. It stays in
// memory whole: lists name people, and nothing about people lies on a disk
// unencrypted.
func upload(v *console.Visit, field, text string, limit int64) ([]byte, error) {
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, limit)
	if err := v.R.ParseMultipartForm(limit); err != nil {
		if strings.Contains(err.Error(), "too large") {
			return nil, kyc.Errorf(kyc.TooLarge, "file_too_large", "the file is too large")
		}
		return nil, kyc.Errorf(kyc.Malformed, "form_unreadable", "the form could not be read: %w", err)
	}
	defer func() { _ = v.R.MultipartForm.RemoveAll() }() // the operating system clears what is left
	if env := v.R.PostFormValue("env"); env != "" && env != string(v.Tenant().Env) {
		return nil, kyc.Errorf(kyc.Conflict, "environment_changed", "this page was made for the %s environment, and you have switched since; nothing was done", env)
	}
	if f, _, err := v.R.FormFile(field); err == nil {
		defer f.Close()
		raw, err := io.ReadAll(f)
		if err != nil {
			return nil, kyc.Errorf(kyc.Malformed, "form_unreadable", "the file could not be read: %w", err)
		}
		if len(raw) > 0 {
			return raw, nil
		}
	}
	return []byte(v.R.PostFormValue(text)), nil
}

func (o *office) removeItem(v *console.Visit) error {
	id, err := v.ID("id", "list")
	if err != nil {
		return err
	}
	item, err := v.ID("item", "item")
	if err != nil {
		return err
	}
	if _, err := o.Lists.Remove(v.Ctx(), v.Tenant(), v.Who.Actor, id, item); err != nil {
		return err
	}
	return v.On("/console/lists/"+kyc.Dress("list", id), "The item was removed.")
}

// archiveList takes a list out of use, or brings it back.
func (o *office) archiveList(v *console.Visit) error {
	id, err := v.ID("id", "list")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	away := v.R.PostFormValue("to") != "restore"
	_, err = o.Lists.Edit(v.Ctx(), v.Tenant(), v.Who.Actor, id, 0, session.ListChange{Archived: &away})
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showList(v, listPage{Problems: problems})
	}
	said := "The list is in use again."
	if away {
		said = "The list was archived."
	}
	return v.On("/console/lists/"+kyc.Dress("list", id), said)
}
