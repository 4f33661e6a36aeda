package postgres_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/job"
	"bonafide/kyc"
	"bonafide/store"
	"bonafide/store/postgres"
	"bonafide/store/storetest"
)

func object(t kyc.Tenant) kyc.Meta {
	now := time.Now()
	m := kyc.Meta{ID: kyc.NewID(now), Tenant: t}
	m.Touch(now)
	return m
}

// TestNodes lets several nodes start together on an empty database and share
// keys, endpoints, chains, runs and jobs.
func TestNodes(t *testing.T) {
	t.Parallel()
	url, dir := storetest.Postgres(t), t.TempDir()
	ctx := t.Context()
	nodes := make([]*store.DB, 4)
	nodes[0] = openAt(t, url, dir, nil) // makes the key the others share
	var wg sync.WaitGroup
	for i := 1; i < len(nodes); i++ {
		wg.Go(func() {
			db, err := postgres.Open(ctx, url, postgres.Options{Dir: dir, MaxConns: 6})
			if err != nil {
				t.Error(err)
				return
			}
			nodes[i] = db
			t.Cleanup(func() { _ = db.Close() })
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	tenant := kyc.Tenant{Org: kyc.NewID(time.Now()), Env: kyc.Live}
	subject := &kyc.Subject{Meta: object(tenant), Kind: "individual"}
	session := &kyc.Session{Meta: object(tenant), SubjectID: subject.ID, Private: kyc.SessionData{Fields: map[string]any{"a": "b"}}}
	endpoint := &kyc.Endpoint{Meta: object(tenant), Events: []string{"*"}, Status: "enabled"}
	if err := nodes[1].Commit(ctx, &kyc.Change{Put: []kyc.Object{subject, session, endpoint}}); err != nil {
		t.Fatal(err)
	}
	blind := ""
	for i, db := range nodes {
		got, err := db.Session(ctx, tenant, session.ID)
		if err != nil || got.Private.Fields["a"] != "b" {
			t.Errorf("node %d reads %+v (%v)", i, got, err)
		}
		b, err := db.Blind(ctx, tenant, "email", "x")
		if err != nil || blind != "" && b != blind {
			t.Errorf("node %d has another blind index (%v)", i, err)
		}
		blind = b
	}
	for i, db := range nodes {
		for range 50 {
			wg.Go(func() {
				e := kyc.Event{Tenant: tenant, Actor: kyc.SystemActor("test"), Action: "x", Object: "session", ObjectID: session.ID, Webhook: "session.created"}
				run := &kyc.Run{Meta: object(tenant), SessionID: session.ID, Status: kyc.RunRunning, DueAt: time.Now()}
				if err := db.Commit(ctx, &kyc.Change{Put: []kyc.Object{run}, Events: []kyc.Event{e}, Jobs: []kyc.Job{{Kind: "count", Object: run.ID}}}); err != nil {
					t.Errorf("node %d: %v", i, err)
				}
			})
		}
	}
	wg.Wait()
	if _, n, err := nodes[3].Deliveries(ctx, tenant, kyc.DeliveryFilter{}, kyc.Page{}); n != 200 || err != nil {
		t.Errorf("%d deliveries (%v)", n, err)
	}
	if r, err := nodes[2].VerifyAudit(ctx, tenant.Org); err != nil || !r.OK() || r.Checked != 200 || r.Unsealed != 0 {
		t.Errorf("audit %+v (%v)", r, err)
	}

	// Runs and jobs are shared without any being taken twice.
	var mu sync.Mutex
	claimed, worked := map[kyc.ID]int{}, map[kyc.ID]int{}
	all := make(chan bool)
	work, stop := context.WithCancel(ctx)
	for _, db := range nodes {
		wg.Go(func() {
			for {
				got, err := db.ClaimRuns(ctx, "n", time.Now(), time.Hour, 7)
				if err != nil {
					t.Error(err)
				}
				if len(got) == 0 {
					return
				}
				mu.Lock()
				for _, l := range got {
					claimed[l.RunID]++
				}
				mu.Unlock()
			}
		})
		wg.Go(func() {
			err := db.Work(work, map[string]job.Handler{"count": func(_ context.Context, j kyc.Job) error {
				mu.Lock()
				defer mu.Unlock()
				if worked[j.Object]++; len(worked) == 200 && worked[j.Object] == 1 {
					close(all)
				}
				return nil
			}}, job.Options{})
			if err != nil && work.Err() == nil { // the others may have done all before this one began
				t.Error(err)
			}
		})
	}
	select {
	case <-all:
	case <-time.After(3 * time.Minute):
		t.Error("not all jobs were done")
	}
	stop()
	wg.Wait()
	for what, n := range map[string]map[kyc.ID]int{"claimed": claimed, "worked": worked} {
		if len(n) != 200 {
			t.Errorf("%d were %s", len(n), what)
		}
		for id, times := range n {
			if times != 1 {
				t.Errorf("%s was %s %d times", id, what, times)
			}
		}
	}

	// An erasure on one node reaches the caches of the others.
	gone := *session
	gone.RedactedAt = time.Now()
	gone.Touch(time.Now())
	if err := nodes[0].Commit(ctx, &kyc.Change{Put: []kyc.Object{&gone}, Erase: []kyc.ID{subject.ID}}); err != nil {
		t.Fatal(err)
	}
	for i, db := range nodes {
		for end := time.Now().Add(10 * time.Second); ; {
			got, err := db.Session(ctx, tenant, session.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got.Private.Unreadable {
				break
			}
			if time.Now().After(end) {
				t.Errorf("node %d still reads an erased session", i)
				break
			}
		}
	}
}

func TestForeignKeyFile(t *testing.T) {
	t.Parallel()
	url := storetest.Postgres(t)
	openAt(t, url, t.TempDir(), nil)
	_, err := postgres.Open(t.Context(), url, postgres.Options{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("a node with another key: %v", err)
	}
	if _, err := postgres.Open(t.Context(), "postgres://user:hunter2@[bad", postgres.Options{Dir: t.TempDir()}); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a wrong URL: %v", err)
	}
}
