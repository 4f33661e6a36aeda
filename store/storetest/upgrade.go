package storetest

import (
	"context"
	"database/sql"
	"os"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"bonafide/kyc"
	"bonafide/store"
)

// Upgrade says that a database of the first schema, with what lies in it, is
// brought up to date when a store opens on it, and that the way back works.
// The migrations are those of the folder "migrations" of the calling test. A
// store from open must be closed before the test goes on, so Upgrade does it.
func Upgrade(t *testing.T, dialect goose.Dialect, raw *sql.DB, open func() *store.DB) {
	t.Helper()
	ctx := context.Background()
	p, err := goose.NewProvider(dialect, raw, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(ctx, 1); err != nil {
		t.Fatal(err)
	}
	tenant := kyc.Tenant{Org: kyc.NewID(time.Now()), Env: kyc.Live}
	common := "'" + string(tenant.Org) + "', 'live', 1, 1, 1, "
	for _, text := range []string{
		"INSERT INTO subject (id, org_id, env, rev, created_at, updated_at, external_ref, status, doc) VALUES ('s', " + common + `'c-1', 'pending', '{"external_ref":"c-1","kind":"individual","status":"pending"}')`,
		"INSERT INTO workflow (id, org_id, env, rev, created_at, updated_at, surface, slug, status, is_default, name, doc) VALUES ('w', " + common + `'graph', 'kyc', 'published', 1, 'KYC', '{"surface":"graph","slug":"kyc","name":"KYC","status":"published","is_default":true,"latest":1}')`,
	} {
		if _, err := raw.ExecContext(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	db := open()
	if v := must[int64](t)(db.SchemaVersion(ctx)); v < 2 {
		t.Errorf("the schema is version %d", v)
	}
	s := must[kyc.Subject](t)(db.SubjectByRef(ctx, tenant, "c-1"))
	if s.ID != "s" || s.Kind != "individual" || s.Private.Unreadable || s.Private.Name != "" {
		t.Errorf("subject %+v", s)
	}
	w := must[kyc.Workflow](t)(db.WorkflowBySlug(ctx, tenant, kyc.SurfaceGraph, "kyc"))
	if w.ID != "w" || !w.IsDefault || w.Catalog != nil {
		t.Errorf("workflow %+v", w)
	}
	w.Touch(time.Now())
	w.Catalog = &kyc.WorkflowCatalog{TemplateType: "kyb", Tags: []string{"new"}}
	if err := db.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w}}); err != nil {
		t.Fatal(err)
	}
	if _, n, err := db.Workflows(ctx, tenant, kyc.WorkflowFilter{Tags: []string{"new"}}, kyc.Page{}); n != 1 || err != nil {
		t.Errorf("%d workflows (%v)", n, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.DownTo(ctx, 1); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := raw.QueryRowContext(ctx, "SELECT COUNT(*) FROM workflow WHERE slug = 'kyc'").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d workflows after the way back (%v)", n, err)
	}
	if _, err := p.DownTo(ctx, 0); err != nil {
		t.Fatal(err)
	}
}
