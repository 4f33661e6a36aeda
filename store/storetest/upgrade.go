package storetest

import (
	"context"
	"database/sql"
	"os"
	"strings"
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
		"INSERT INTO subject (id, org_id, env, rev, created_at, updated_at, external_ref, status, doc) VALUES ('m', " + common + `'', 'pending', '{"kind":"individual","status":"pending","merged_into":"s"}')`,
		// Two accounts of one person, which two sign-ins at once could make.
		accountRow("u1", tenant.Org, `,"external":{"issuer":"https://login.example","subject":"1"}`),
		accountRow("u2", tenant.Org, `,"external":{"issuer":"https://login.example","subject":"1"}`),
		accountRow("u3", tenant.Org, ""),
		"INSERT INTO workflow (id, org_id, env, rev, created_at, updated_at, surface, slug, status, is_default, name, doc) VALUES ('w', " + common + `'graph', 'kyc', 'published', 1, 'KYC', '{"surface":"graph","slug":"kyc","name":"KYC","status":"published","is_default":true,"latest":1}')`,
		// Cases as the first version wrote them, the words in the document.
		caseRow("c1", common, `{"subject_id":"gone","status":"rejected","queue":"q","first":{"outcome":"approved","reviewer_id":"a","reason":"fine"},`+
			`"decision":{"outcome":"rejected","reviewer_id":"b","reason":"forged"},"escalation":{"escalated_to":"b","reason":"hard"},`+
			`"metadata":{"k":"v"},"overrides":[{"policy":"p","result":"passed","reason":"twin"}]}`),
		// A stored answer that does not say whom it speaks of.
		"INSERT INTO idempotency (org_id, env, method, path, name, body_hash, done, lease_until, expires_at, status, header, secret) VALUES ('" +
			string(tenant.Org) + "', 'live', 'POST', '/x', 'k', 'h', 1, 0, 4102444800000000, 201, '{}', NULL)",
		eventRow(dialect, tenant.Org, "e1", `{"id":"e1","tenant":{"org":"`+string(tenant.Org)+`","env":"live"},"at":"1970-01-01T00:00:00.000001Z","actor":{"kind":"system","id":"x"},"action":"a","object":"session","object_id":"o","subject_id":"s"}`),
		eventRow(dialect, tenant.Org, "e2", `{"id":"e2","tenant":{"org":"`+string(tenant.Org)+`","env":"live"},"at":"1970-01-01T00:00:00.000001Z","actor":{"kind":"system","id":"x"},"action":"a","object":"session","object_id":"o"}`),
		caseRow("c2", common, `{"status":"open","queue":"q","reason_code":"look"}`),
		// Sessions that ended before anybody asked when.
		sessionRow("s1", common, "approved", `,"completed_at":"2024-05-06T07:08:09.5Z"`),
		sessionRow("s2", common, "expired", ""),
		sessionRow("s3", common, "approved", `,"completed_at":"2024-05-06T07:08:09Z","redacted_at":"2024-06-01T00:00:00Z"`),
		sessionRow("s4", common, "rejected", `,"completed_at":"2024-05-06T07:08:09Z","legal_hold":true`),
		sessionRow("s5", common, "created", ""),
		// Two hosted links of an individual that were made at the same moment.
		linkRow("l1", common), linkRow("l2", common),
	} {
		if _, err := raw.ExecContext(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	db := open()
	if v := must[int64](t)(db.SchemaVersion(ctx)); v < 3 {
		t.Errorf("the schema is version %d", v)
	}
	s := must[kyc.Subject](t)(db.SubjectByRef(ctx, tenant, "c-1"))
	if s.ID != "s" || s.Kind != "individual" || s.Private.Unreadable || s.Private.Name != "" {
		t.Errorf("subject %+v", s)
	}
	if merged, _, err := db.Subjects(ctx, tenant, kyc.SubjectFilter{MergedInto: "s", Deactivated: true}, kyc.Page{}); err != nil || len(merged) != 1 || merged[0].ID != "m" {
		t.Errorf("merged records %+v (%v)", merged, err)
	}
	people := must[[]kyc.User](t)(db.Users(ctx, tenant.Org))
	if len(people) != 3 || people[0].External == nil || people[0].External.Subject != "1" || people[1].External != nil || people[1].Rev != 2 || people[1].Email != "u2@acme.example" || people[2].Rev != 1 {
		t.Errorf("accounts of one person: %+v", people)
	}
	people[1].External = people[0].External
	people[1].Touch(time.Now())
	want(t, db.Commit(ctx, &kyc.Change{Put: []kyc.Object{&people[1]}}), "email_taken")
	if events, n, err := db.Events(ctx, tenant, kyc.EventFilter{SubjectID: "s"}, kyc.Page{}); err != nil || n != 1 || events[0].ID != "e1" {
		t.Errorf("%d old events are about the subject (%v)", n, err)
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
	c := must[kyc.Case](t)(db.Case(ctx, tenant, "c1"))
	same(t, "words of an old case", c.Private, kyc.CaseData{First: "fine", Decision: "forged", Escalation: "hard", Overrides: []string{"twin"}, Metadata: map[string]any{"k": "v"}})
	if c.Decision == nil || c.Decision.ReviewerID != "b" || c.Private.Unreadable {
		t.Errorf("old case %+v", c)
	}
	if silent := must[kyc.Case](t)(db.Case(ctx, tenant, "c2")); !silent.Private.Empty() || silent.ReasonCode != "look" {
		t.Errorf("old case without words %+v", silent)
	}
	c.SubjectID = "" // its subject was never here
	c.Touch(time.Now())
	if err := db.Commit(ctx, &kyc.Change{Put: []kyc.Object{&c}}); err != nil {
		t.Fatal(err)
	}
	var doc string
	if err := raw.QueryRowContext(ctx, "SELECT doc FROM review_case WHERE id = 'c1' AND secret IS NOT NULL").Scan(&doc); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"fine", "forged", "hard", "twin", "metadata"} {
		if strings.Contains(doc, word) {
			t.Errorf("a case that was written again still says %q in the clear: %s", word, doc)
		}
	}
	same(t, "words of a case that was written again", must[kyc.Case](t)(db.Case(ctx, tenant, "c1")).Private, c.Private)
	for id, f := range map[kyc.ID]kyc.RetentionFilter{"s1": {Status: kyc.SessionApproved}, "s2": {Status: kyc.SessionExpired, AfterID: "l1", AfterEnd: time.UnixMicro(1)}, "s4": {Status: kyc.SessionRejected, Held: true}} {
		f.Until = time.Date(2024, 5, 6, 7, 8, 10, 0, time.UTC)
		if due := must[[]kyc.Session](t)(db.SessionsDue(ctx, tenant, f, 9)); len(due) != 1 || due[0].ID != id {
			t.Errorf("old sessions whose time may be over: %+v, want %s", due, id)
		}
	}
	for id, status := range map[kyc.ID]kyc.SessionStatus{"l1": kyc.SessionExpired, "l2": kyc.SessionCreated} {
		if s := must[kyc.Session](t)(db.Session(ctx, tenant, id)); s.Status != status || (s.TokenHash == "") != (id == "l1") || (s.ReasonCode == "link_replaced") != (id == "l1") {
			t.Errorf("the old link %s is %+v", id, s)
		}
	}
	answer := kyc.Idempotency{Tenant: tenant, Method: "POST", Path: "/x", Key: "k", BodyHash: "h"}
	for _, erased := range []bool{false, true} {
		if got, err := db.ReserveIdempotency(ctx, answer, time.Minute); err != nil || got == nil || got.Status != 201 || got.Erased != erased {
			t.Errorf("the old answer is %+v (%v), want it erased: %t", got, err, erased)
		}
		gone := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(time.Now()), Tenant: tenant}, Kind: "individual"}
		gone.Touch(time.Now())
		if err := db.Commit(ctx, &kyc.Change{Put: []kyc.Object{gone}}); err != nil {
			t.Fatal(err)
		}
		if err := db.Commit(ctx, &kyc.Change{Erase: []kyc.ID{gone.ID}, Events: []kyc.Event{{Tenant: tenant, Actor: kyc.SystemActor("test"), Action: "identity.redact", Object: "identity"}}}); err != nil {
			t.Fatal(err)
		}
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

// eventRow inserts an event with this record into the first schema, in which
// only SQLite keeps its place in the chain beside it.
func eventRow(dialect goose.Dialect, org kyc.ID, id, doc string) string {
	names, values := "", ""
	if dialect == goose.DialectSQLite3 {
		names, values = ", seq, prev_hash, hash", ", 0, '', ''"
	}
	return "INSERT INTO event (id, org_id, env, at, object, object_id, actor_id, action, webhook, doc" + names + ") VALUES ('" +
		id + "', '" + string(org) + "', 'live', 1, 'session', 'o', 'x', 'a', '', '" + doc + "'" + values + ")"
}

// sessionRow inserts a session with this end of its document into the first
// schema.
func sessionRow(id, common, status, more string) string {
	return "INSERT INTO session (id, org_id, env, rev, created_at, updated_at, status, surface, workflow_id, external_ref, subject_id, token_hash, expires_at, tags, doc) VALUES ('" +
		id + "', " + common + "'" + status + `', 'graph', 'w', '', 's', '', 0, '', '{"surface":"graph","subject_id":"s","workflow_id":"w","status":"` + status + `","sequence":0` + more + "}')"
}

// linkRow inserts an open hosted link into the first schema.
func linkRow(id, common string) string {
	return "INSERT INTO session (id, org_id, env, rev, created_at, updated_at, status, surface, workflow_id, external_ref, subject_id, token_hash, expires_at, tags, doc) VALUES ('" +
		id + "', " + common + "'created', 'entities', 'w', '', 's', '" + id + `', 0, '', '{"surface":"entities","subject_id":"s","workflow_id":"w","status":"created","token_hash":"` + id + `","tags":["hosted"],"sequence":1}')`
}

// caseRow inserts a case with this document into the first schema. common are
// the values of the columns that every row has, after its id.
func caseRow(id, common, doc string) string {
	return "INSERT INTO review_case (id, org_id, env, rev, created_at, updated_at, session_id, status, queue, priority, assigned_to, entered_at, active_at, doc) VALUES ('" +
		id + "', " + common + "'', 'open', 'q', 0, '', 1, 0, '" + doc + "')"
}

// accountRow inserts an account into the first schema; more are further members
// of its document.
func accountRow(id string, org kyc.ID, more string) string {
	email := id + "@acme.example"
	return "INSERT INTO account (id, org_id, env, rev, created_at, updated_at, email, doc) VALUES ('" + id + "', '" + string(org) + "', '', 1, 1, 1, '" + email +
		`', '{"email":"` + email + `","role":"reviewer"` + more + "}')"
}
