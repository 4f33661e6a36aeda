package entity

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"bonafide/kyc"
)

// NewDocument is a request for a document of an individual.
type NewDocument struct {
	Type        string // of kyc.EntityDocumentTypes; needed
	Country     string // ISO 3166-1 alpha-2; needed
	Subdivision string
	// PrimaryIdentifier is the document's number, SecondaryIdentifier another
	// one (a card number).
	PrimaryIdentifier   string
	SecondaryIdentifier string
	// Dates are YYYY-MM-DD.
	IssueDate, ExpiryDate, ValidFrom, ValidTo string
	// Supplementary is the customer's own: at most 64 KiB of JSON, 32 levels.
	Supplementary map[string]any
	Attachments   []NewAttachment
}

// newDocuments makes the documents of a new individual. Problems are listed
// under /documents/<index>.
func (m *Machine) newDocuments(p *problems, t kyc.Tenant, subject kyc.ID, all []NewDocument, now time.Time) ([]kyc.EntityDocument, []file) {
	if len(all) > maxElements {
		p.add("/documents", "too_many", "at most %d", maxElements)
		return nil, nil
	}
	var papers []kyc.EntityDocument
	var files []file
	for i, n := range all {
		d := kyc.EntityDocument{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, SubjectID: subject}
		files = append(files, m.write(p, fmt.Sprintf("/documents/%d", i), &d, n, nil, now)...)
		papers = append(papers, d)
	}
	if len(files) > MaxAttachments {
		p.add("/documents", "too_many_files", "an individual has at most %d attachments", MaxAttachments)
	}
	return papers, files
}

// write puts a body into a document, lists what is wrong with what comes of
// it, and gives the files that are to be stored.
func (m *Machine) write(p *problems, path string, d *kyc.EntityDocument, n NewDocument, empty []string, now time.Time) []file {
	texts := paperTexts(d)
	for _, one := range texts {
		if slices.Contains(empty, one.path) {
			*one.have = ""
		}
		given := norm.NFC.String(strings.TrimSpace(*one.set(&n)))
		p.text(path+one.path, given, maxText)
		if given != "" {
			*one.have = given
		}
	}
	m.supplement(p, path, d, n.Supplementary, empty)
	for _, pointer := range empty {
		known := pointer == "/supplementary" || strings.HasPrefix(pointer, "/supplementary/") ||
			slices.ContainsFunc(texts, func(x paperText) bool { return x.path == pointer })
		if !known {
			p.add(path+pointer, "unknown_field", "there is nothing of that name to remove")
		}
	}
	p.paper(path, d, now)
	files := m.attach(p, path+"/attachments", d, n.Attachments, now)
	d.Touch(now)
	return files
}

// paperText ties a text of a document to its place in a body.
type paperText struct {
	path string
	have *string
	set  func(n *NewDocument) *string
}

func paperTexts(d *kyc.EntityDocument) []paperText {
	return []paperText{
		{"/type", &d.Type, func(n *NewDocument) *string { return &n.Type }},
		{"/country", &d.Country, func(n *NewDocument) *string { return &n.Country }},
		{"/subdivision", &d.Private.Subdivision, func(n *NewDocument) *string { return &n.Subdivision }},
		{"/primary_identifier", &d.Private.PrimaryIdentifier, func(n *NewDocument) *string { return &n.PrimaryIdentifier }},
		{"/secondary_identifier", &d.Private.SecondaryIdentifier, func(n *NewDocument) *string { return &n.SecondaryIdentifier }},
		{"/issue_date", &d.Private.IssueDate, func(n *NewDocument) *string { return &n.IssueDate }},
		{"/expiry_date", &d.ExpiryDate, func(n *NewDocument) *string { return &n.ExpiryDate }},
		{"/valid_from", &d.Private.ValidFrom, func(n *NewDocument) *string { return &n.ValidFrom }},
		{"/valid_to", &d.Private.ValidTo, func(n *NewDocument) *string { return &n.ValidTo }},
	}
}

// supplement merges the customer's own data by key.
func (m *Machine) supplement(p *problems, path string, d *kyc.EntityDocument, set map[string]any, empty []string) {
	all := maps.Clone(d.Private.Supplementary)
	if all == nil {
		all = map[string]any{}
	}
	for _, pointer := range empty {
		if pointer == "/supplementary" {
			clear(all)
		} else if key, ok := strings.CutPrefix(pointer, "/supplementary/"); ok {
			delete(all, unescape(key))
		}
	}
	maps.Copy(all, set)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	p.custom(path+"/supplementary", all)
	d.Private.Supplementary = nil
	if len(all) > 0 {
		d.Private.Supplementary = all
	}
}

// paper checks a document as a whole and sets what follows from its type.
func (p *problems) paper(path string, d *kyc.EntityDocument, now time.Time) {
	switch d.Class = kyc.EntityDocumentClass(d.Type); {
	case d.Type == "":
		p.add(path+"/type", "required", "say what the document is")
	case d.Class == "":
		p.oneOf(path+"/type", d.Type, kyc.EntityDocumentTypes())
	}
	if d.Country == "" {
		p.add(path+"/country", "required", "say which country the document comes from")
	}
	p.country(path+"/country", d.Country)
	issued := p.date(path+"/issue_date", d.Private.IssueDate)
	expires := p.date(path+"/expiry_date", d.ExpiryDate)
	from := p.date(path+"/valid_from", d.Private.ValidFrom)
	to := p.date(path+"/valid_to", d.Private.ValidTo)
	if issued.After(now) {
		p.add(path+"/issue_date", "date_in_future", "a document cannot be issued in the future")
	}
	if !issued.IsZero() && !expires.IsZero() && expires.Before(issued) {
		p.add(path+"/expiry_date", "date_order", "a document expires after it was issued")
	}
	if !from.IsZero() && !to.IsZero() && to.Before(from) {
		p.add(path+"/valid_to", "date_order", "the validity ends after it begins")
	}
}

// date checks a YYYY-MM-DD of 1850 to 2200; empty is allowed and zero.
func (p *problems) date(path, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < firstYear || day.Year() > 2200 {
		p.add(path, "date_invalid", "use a date of the years %d to 2200 as YYYY-MM-DD", firstYear)
		return time.Time{}
	}
	return day
}

// shown takes off the attachments that were deleted.
func shown(d kyc.EntityDocument) kyc.EntityDocument {
	d.Attachments = slices.DeleteFunc(slices.Clone(d.Attachments), func(a kyc.EntityAttachment) bool { return !a.DeletedAt.IsZero() })
	return d
}

// document reads a document of an individual that is there.
func (m *Machine) document(ctx context.Context, t kyc.Tenant, id, document kyc.ID) (kyc.EntityDocument, error) {
	if _, err := m.load(ctx, t, id); err != nil {
		return kyc.EntityDocument{}, err
	}
	d, err := m.d.Store.EntityDocument(ctx, t, document)
	if err == nil && (d.SubjectID != id || !d.DeletedAt.IsZero() || d.Private.Unreadable) {
		err = kyc.Missing("document", string(document))
	}
	if err != nil {
		return kyc.EntityDocument{}, err
	}
	return d, nil
}

// AddDocument stores a document (C17). Errors: 404; Invalid invalid_document
// with every problem, also of its files (/attachments/0/data).
func (m *Machine) AddDocument(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, n NewDocument) (kyc.EntityDocument, error) {
	if _, err := m.load(ctx, t, id); err != nil {
		return kyc.EntityDocument{}, err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return kyc.EntityDocument{}, err
	}
	all, err := m.d.Store.EntityDocuments(ctx, t, id, false)
	if err != nil {
		return kyc.EntityDocument{}, err
	}
	d := kyc.EntityDocument{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, SubjectID: id}
	var p problems
	if len(all) >= maxElements {
		p.add("", "too_many", "an individual has at most %d documents", maxElements)
	}
	files := m.write(&p, "", &d, n, nil, now)
	return m.save(ctx, by, &p, before{papers: all}, &d, files, "document.create", now)
}

// DocumentPatch changes a document: what is not empty in Set replaces,
// Supplementary is merged by key (nil removes one), Attachments without an ID
// are appended, and those with one are changed. Clear are JSON Pointers of members that the body set to null
// (/expiry_date, /supplementary, /supplementary/key).
type DocumentPatch struct {
	Set   NewDocument
	Clear []string
}

// PatchDocument applies a patch (C17). Errors as AddDocument, and 412.
func (m *Machine) PatchDocument(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document kyc.ID, rev int64, patch DocumentPatch) (kyc.EntityDocument, error) {
	d, err := m.document(ctx, t, id, document)
	if err == nil {
		err = match(&d.Meta, rev)
	}
	if err != nil {
		return kyc.EntityDocument{}, err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return kyc.EntityDocument{}, err
	}
	all, err := m.d.Store.EntityDocuments(ctx, t, id, false)
	if err != nil {
		return kyc.EntityDocument{}, err
	}
	old := d
	d.Attachments, d.Private.Files = slices.Clone(d.Attachments), maps.Clone(d.Private.Files)
	var p problems
	files := m.write(&p, "", &d, patch.Set, patch.Clear, now)
	if len(p) == 0 && len(files) == 0 {
		same := d
		same.Meta = old.Meta
		if reflect.DeepEqual(same, old) {
			return shown(old), nil
		}
	}
	return m.save(ctx, by, &p, before{papers: all, old: &old}, &d, files, "document.update", now)
}

// before is what was there before a document is saved: the individual's papers
// and, of a change, the document itself.
type before struct {
	papers []kyc.EntityDocument
	old    *kyc.EntityDocument
}

// save stores a document that was added or changed with its new files.
func (m *Machine) save(ctx context.Context, by kyc.Actor, p *problems, b before, d *kyc.EntityDocument, files []file, action string, now time.Time) (kyc.EntityDocument, error) {
	count := len(files)
	for i := range b.papers {
		count += len(shown(b.papers[i]).Attachments)
	}
	if len(files) > 0 && count > MaxAttachments {
		p.add("/attachments", "too_many_files", "an individual has at most %d attachments", MaxAttachments)
	}
	if err := p.err("invalid_document", "the document has problems"); err != nil {
		return kyc.EntityDocument{}, err
	}
	e := event(ctx, d.Tenant, by, now, action, objectPaper, d.ID, d.SubjectID)
	e.After = digest(d)
	var had []value
	if b.old != nil {
		e.Before, had = digest(b.old), paperValues(b.old)
	}
	c := kyc.Change{Put: []kyc.Object{d}, Events: []kyc.Event{e}}
	if err := m.remember(ctx, d.Tenant, d.SubjectID, had, paperValues(d), &c); err != nil {
		return kyc.EntityDocument{}, err
	}
	if err := m.dependents(ctx, d.Tenant, d.SubjectID, &c); err != nil {
		return kyc.EntityDocument{}, err
	}
	discard, err := m.keep(ctx, &kyc.Subject{Meta: kyc.Meta{ID: d.SubjectID, Tenant: d.Tenant, Rev: 1}}, files)
	if err != nil {
		return kyc.EntityDocument{}, err
	}
	if err := m.d.Store.Commit(ctx, &c); err != nil {
		discard(ctx)
		return kyc.EntityDocument{}, err
	}
	return shown(*d), nil
}

// Documents gives an individual's documents, oldest first, and records the
// look. Deleted documents and attachments are left out.
func (m *Machine) Documents(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) ([]kyc.EntityDocument, error) {
	if _, err := m.load(ctx, t, id); err != nil {
		return nil, err
	}
	all, err := m.d.Store.EntityDocuments(ctx, t, id, false)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	for i := range all {
		all[i] = shown(all[i])
	}
	return all, m.look(ctx, t, by, "document.list", objectPerson, id, id)
}

// Document reads one document and records the look.
func (m *Machine) Document(ctx context.Context, t kyc.Tenant, by kyc.Actor, id, document kyc.ID) (kyc.EntityDocument, error) {
	d, err := m.document(ctx, t, id, document)
	if err != nil {
		return d, err
	}
	return shown(d), m.look(ctx, t, by, "document.read", objectPaper, d.ID, id)
}
