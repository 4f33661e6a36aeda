package postgres_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/storetest"
)

// groups is a store with some runs, and a connection beside it.
type groups struct {
	db   *store.DB
	side *pgx.Conn
	runs []kyc.Run
}

func newGroups(t *testing.T, n int) *groups {
	t.Helper()
	url := storetest.Postgres(t)
	g := &groups{db: openAt(t, url, t.TempDir(), nil)}
	tenant := kyc.Tenant{Org: kyc.NewID(time.Now()), Env: kyc.Live}
	session := kyc.NewID(time.Now())
	var all kyc.Change
	for range n {
		r := kyc.Run{Meta: object(tenant), SessionID: session, Status: kyc.RunRunning}
		g.runs = append(g.runs, r)
		all.Put = append(all.Put, &r)
	}
	if err := g.db.Commit(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	var err error
	if g.side, err = pgx.Connect(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.side.Close(context.Background()) })
	return g
}

// move puts a run with an event, over a revision that is older by behind.
func (g *groups) move(ctx context.Context, r kyc.Run, behind int64) error {
	r.Touch(time.Now())
	r.Rev += behind
	return g.db.Commit(ctx, &kyc.Change{Put: []kyc.Object{&r}, Events: []kyc.Event{{Tenant: r.Tenant, Actor: kyc.SystemActor("test"), Action: "x", Object: "run", ObjectID: r.ID}}})
}

// hold locks the row of a run until the transaction is given up.
func (g *groups) hold(t *testing.T, r kyc.Run) pgx.Tx {
	t.Helper()
	tx, err := g.side.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT 1 FROM run WHERE id = $1 FOR UPDATE`, string(r.ID)); err != nil {
		t.Fatal(err)
	}
	return tx
}

// blocked waits until a commit waits for that lock.
func (g *groups) blocked(t *testing.T, tx pgx.Tx) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		n := 0
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
	}
	t.Fatal("no commit waits for the lock")
}

// TestGroups commits many changes at a time, some over a revision that is not
// the stored one: only those fail, whichever transaction they shared, and one
// that waits for a lock holds nobody else up.
func TestGroups(t *testing.T) {
	t.Parallel()
	g := newGroups(t, 120)
	ctx := t.Context()
	tx := g.hold(t, g.runs[0])
	held := make(chan error, 1)
	go func() { held <- g.move(ctx, g.runs[0], 0) }()
	g.blocked(t, tx)

	errs := make([]error, len(g.runs))
	var wg sync.WaitGroup
	for i := 1; i < len(g.runs); i++ {
		wg.Go(func() { errs[i] = g.move(ctx, g.runs[i], int64(i%3/2)) })
	}
	wg.Wait()
	select {
	case err := <-held:
		t.Fatalf("the commit of the locked row did not wait: %v", err)
	default:
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	errs[0] = <-held
	good := 0
	for i, r := range g.runs {
		got, err := g.db.Run(ctx, r.Tenant, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case i%3 == 2 && (!kyc.IsCode(errs[i], "concurrent_change") || got.Rev != 1):
			t.Errorf("run %d over a wrong revision: %v, stored revision %d", i, errs[i], got.Rev)
		case i%3 != 2 && (errs[i] != nil || got.Rev != 2):
			t.Errorf("run %d: %v, stored revision %d", i, errs[i], got.Rev)
		case i%3 != 2:
			good++
		}
	}
	if r, err := g.db.VerifyAudit(ctx, g.runs[0].Tenant.Org); err != nil || !r.OK() || r.Checked != int64(good) || r.Unsealed != 0 {
		t.Errorf("%d commits, audit %+v (%v)", good, r, err)
	}
}

// TestGroupLeft takes the context of a commit away while it waits.
func TestGroupLeft(t *testing.T) {
	t.Parallel()
	g := newGroups(t, 2)
	tx := g.hold(t, g.runs[0])
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() { left <- g.move(ctx, g.runs[0], 0) }()
	g.blocked(t, tx)
	cancel()
	if err := <-left; err == nil {
		t.Error("a commit whose caller left is reported as done")
	}
	if err := g.move(ctx, g.runs[1], 0); err == nil {
		t.Error("a commit was taken from a caller who had left")
	}
	if err := g.move(t.Context(), g.runs[1], 0); err != nil {
		t.Errorf("the commit after it: %v", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
}
