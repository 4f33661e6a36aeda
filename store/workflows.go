package store

import (
	"context"
	"fmt"
	"strings"

	"bonafide/kyc"
)

var (
	sqlWorkflow        = readWorkflow.query(byID)
	sqlWorkflowBySlug  = readWorkflow.query("WHERE org_id = ? AND env = ? AND surface = ? AND slug = ? AND slug <> '' AND status <> 'deleted'")
	sqlWorkflowDefault = readWorkflow.query("WHERE org_id = ? AND env = ? AND surface = ? AND is_default = 1 AND status <> 'deleted' ORDER BY updated_at DESC LIMIT 1")
	sqlVersion         = readVersion.query("WHERE org_id = ? AND env = ? AND workflow_id = ? AND number = ?")
	sqlVersionByID     = readVersion.query(byID)
	sqlDefinition      = NewSQL(`SELECT graph FROM definition WHERE org_id = ? AND env = ? AND hash = ?`)
)

// Workflow finds a workflow, deleted or not.
func (db *DB) Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error) {
	return readWorkflow.one(ctx, db, sqlWorkflow, string(id), string(t.Org), string(t.Env), string(id))
}

// WorkflowBySlug finds a surface's workflow that is not deleted by its
// readable name.
func (db *DB) WorkflowBySlug(ctx context.Context, t kyc.Tenant, s kyc.Surface, slug string) (kyc.Workflow, error) {
	return readWorkflow.one(ctx, db, sqlWorkflowBySlug, slug, string(t.Org), string(t.Env), string(s), slug)
}

// DefaultWorkflow finds the default workflow of a surface.
func (db *DB) DefaultWorkflow(ctx context.Context, t kyc.Tenant, s kyc.Surface) (kyc.Workflow, error) {
	return readWorkflow.one(ctx, db, sqlWorkflowDefault, "default", string(t.Org), string(t.Env), string(s))
}

// Workflows lists workflows, newest first or, with ByUpdate, last changed
// first. A page after a workflow that changed in between begins at its new
// place.
func (db *DB) Workflows(ctx context.Context, t kyc.Tenant, f kyc.WorkflowFilter, p kyc.Page) ([]kyc.Workflow, int, error) {
	q := of(t)
	q.is("surface", string(f.Surface))
	if f.Status != "" {
		q.is("status", string(f.Status))
	} else {
		q.and("status <> ?", string(kyc.WorkflowDeleted))
	}
	if f.IsDefault != nil {
		q.and("is_default = ?", flag(*f.IsDefault))
	}
	if f.Active != nil {
		if *f.Active {
			q.and("status = ?", string(kyc.WorkflowPublished))
		} else {
			q.and("status <> ?", string(kyc.WorkflowPublished))
		}
	}
	if f.Query != "" {
		q.and(`lower(name) LIKE ? ESCAPE '\'`, "%"+likeEscaper.Replace(lower(f.Query))+"%")
	}
	q.is("template_type", f.TemplateType)
	q.is("industry", f.Industry)
	if f.EntityType != "" {
		q.anyWord("entity_types", []string{f.EntityType})
	}
	q.anyWord("tags", f.Tags)
	if f.ByUpdate {
		q.by = "updated_at"
	}
	return readWorkflow.page(ctx, db, q, p)
}

// anyWord keeps rows whose column of several words (see joined) has at least
// one of these, unless there is none to look for.
func (f *filter) anyWord(column string, words []string) {
	if len(words) == 0 {
		return
	}
	conds, args := make([]string, len(words)), make([]any, len(words))
	for i, w := range words {
		conds[i] = "replace(" + column + ", ?, '') <> " + column
		args[i] = separator + w + separator
	}
	f.and("("+strings.Join(conds, " OR ")+")", args...)
}

// member keeps rows whose document has a member with exactly this text,
// unless the text is empty. It is a comparison of texts, which both databases
// do alike: inside a JSON string every quotation mark has a backslash before
// it, so that the pattern meets only a member. There is no index: an index
// over the document would have to be written with every step of every run.
func (f *filter) member(name, value string) {
	if value == "" {
		return
	}
	var m members
	m.text(name, value)
	f.and("replace(doc, ?, '') <> doc", string(m.buf))
}

// likeEscaper makes a text that LIKE takes literally.
var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Version finds a version of a workflow by its number.
func (db *DB) Version(ctx context.Context, t kyc.Tenant, workflow kyc.ID, number int) (kyc.WorkflowVersion, error) {
	return readVersion.one(ctx, db, sqlVersion, fmt.Sprint(number), string(t.Org), string(t.Env), string(workflow), int64(number))
}

// VersionByID finds a version of a workflow by its ID.
func (db *DB) VersionByID(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.WorkflowVersion, error) {
	return readVersion.one(ctx, db, sqlVersionByID, string(id), string(t.Org), string(t.Env), string(id))
}

// Versions lists a workflow's versions, newest first.
func (db *DB) Versions(ctx context.Context, t kyc.Tenant, workflow kyc.ID, p kyc.Page) ([]kyc.WorkflowVersion, int, error) {
	q := of(t)
	q.and("workflow_id = ?", string(workflow))
	return readVersion.page(ctx, db, q, p)
}

// Definition finds a linked graph by its hash.
func (db *DB) Definition(ctx context.Context, t kyc.Tenant, hash string) (kyc.Definition, error) {
	d := kyc.Definition{Tenant: t, Hash: hash}
	found := false
	err := db.driver.Query(ctx, sqlDefinition, []any{string(t.Org), string(t.Env), hash}, func(row Row) error {
		found = true
		return row.Scan((*[]byte)(&d.Graph))
	})
	if err != nil {
		return kyc.Definition{}, fmt.Errorf("reading a definition: %w", err)
	}
	if !found {
		return kyc.Definition{}, kyc.Missing("definition", hash)
	}
	return d, nil
}
