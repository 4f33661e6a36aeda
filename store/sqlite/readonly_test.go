package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonafide/job"
	"bonafide/kyc"
	"bonafide/store/sqlite"
)

func TestReadOnlyStandsBesideTheServer(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	if _, err := sqlite.Open(ctx, sqlite.Options{Dir: dir, ReadOnly: true}); err == nil || !strings.Contains(err.Error(), "no database") {
		t.Fatalf("an empty folder opens with %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Fatalf("looking made %v", left)
	}
	server, err := sqlite.Open(ctx, sqlite.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	org := func(name string) *kyc.Org {
		now := kyc.SystemClock().Now()
		id := kyc.NewID(now)
		o := &kyc.Org{Meta: kyc.Meta{ID: id, Tenant: kyc.Tenant{Org: id}}, Name: name}
		o.Touch(now)
		return o
	}
	put := func(name string) error { return server.Commit(ctx, &kyc.Change{Put: []kyc.Object{org(name)}}) }
	if err := put("one"); err != nil {
		t.Fatal(err)
	}
	look, err := sqlite.Open(ctx, sqlite.Options{Dir: dir, ReadOnly: true})
	if err != nil {
		t.Fatalf("beside a running server: %v", err)
	}
	if err := put("two"); err != nil {
		t.Fatal(err)
	}
	orgs, err := look.Orgs(ctx)
	if err != nil || len(orgs) != 2 {
		t.Fatalf("%d organisations are seen, want both: %v", len(orgs), err)
	}
	if r, err := look.VerifyAudit(ctx, orgs[0].ID); err != nil || !r.OK() {
		t.Errorf("the audit chain: %+v, %v", r, err)
	}
	if err := look.Ping(ctx); err != nil {
		t.Error(err)
	}
	if err := look.Commit(ctx, &kyc.Change{Put: []kyc.Object{org("three")}}); err == nil || !strings.Contains(err.Error(), "reading only") {
		t.Errorf("a write answers %v", err)
	}
	if _, err := look.ClaimRuns(ctx, "me", kyc.SystemClock().Now(), 1, 1); err == nil {
		t.Error("runs can be claimed")
	}
	if err := look.Work(ctx, nil, job.Options{}); err == nil {
		t.Error("jobs can be worked")
	}
	if err := look.Close(); err != nil {
		t.Error(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}

	// Without a server, and with the log files gone, it reads as well.
	if _, err := os.Stat(filepath.Join(dir, "bonafide.db-wal")); err == nil {
		t.Log("the write-ahead log stayed")
	}
	if look, err = sqlite.Open(ctx, sqlite.Options{Dir: dir, ReadOnly: true}); err != nil {
		t.Fatalf("after the server: %v", err)
	}
	if orgs, err := look.Orgs(ctx); err != nil || len(orgs) != 2 {
		t.Errorf("after the server: %d organisations, %v", len(orgs), err)
	}
	// A server starts while somebody looks.
	if server, err = sqlite.Open(ctx, sqlite.Options{Dir: dir}); err != nil {
		t.Fatalf("a server beside a reader: %v", err)
	}
	if err := put("three"); err != nil {
		t.Error(err)
	}
	if orgs, err := look.Orgs(ctx); err != nil || len(orgs) != 3 {
		t.Errorf("with a new server: %d organisations, %v", len(orgs), err)
	}
	if err := look.Close(); err != nil {
		t.Error(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}
