package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store"
)

// Benchmark measures the raw loop and the store's own commits of the same
// session side by side, at 1, 8 and 64 submitters: sessions/s and p99.
func Benchmark(b *testing.B, db *store.DB) {
	ctx := context.Background()
	tenant := kyc.Tenant{Org: kyc.NewID(time.Now()), Env: kyc.Live}
	subject := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(time.Now()), Tenant: tenant}, Kind: "individual"}
	subject.Touch(time.Now())
	if err := db.Commit(ctx, &kyc.Change{Put: []kyc.Object{subject}}); err != nil {
		b.Fatal(err)
	}
	raw, err := db.Raw(ctx, tenant, store.RawSizes{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = raw.Close() }()
	for _, submitters := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("raw/%d", submitters), func(b *testing.B) { load(b, submitters, func() error { return raw.Execute(ctx, 0) }) })
		b.Run(fmt.Sprintf("store/%d", submitters), func(b *testing.B) {
			load(b, submitters, func() error { return Session(ctx, db, tenant, subject.ID) })
		})
	}
}

// load runs b.N executions on a number of submitters.
func load(b *testing.B, submitters int, execute func() error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	took := make([]time.Duration, b.N)
	b.ResetTimer()
	for range submitters {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				begin := time.Now()
				if err := execute(); err != nil {
					b.Error(err)
					return
				}
				took[n-1] = time.Since(begin)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sessions/s")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// Session commits what the engine commits for a six-node session, with the
// store's codecs and without the engine.
func Session(ctx context.Context, db *store.DB, t kyc.Tenant, subject kyc.ID) error {
	now := time.Now().UTC().Truncate(time.Microsecond)
	meta := func() kyc.Meta {
		m := kyc.Meta{ID: kyc.NewID(now), Tenant: t}
		m.Touch(now)
		return m
	}
	s := &kyc.Session{Meta: meta(), Surface: kyc.SurfaceGraph, SubjectID: subject, WorkflowID: subject, Status: kyc.SessionRunning,
		Private: kyc.SessionData{Fields: map[string]any{"first_name": "Ada", "last_name": "Approve", "date_of_birth": "1990-01-01"}}}
	r := &kyc.Run{Meta: meta(), SessionID: s.ID, SubjectID: subject, WorkflowID: subject, Version: 1, Definition: "sha256:00", Arm: "stable",
		Status: kyc.RunRunning, Node: "check_1", StateHash: "sha256:00", DueAt: now.Add(30 * time.Second), LeaseOwner: "node", StartedAt: now}
	s.RunID = r.ID
	payload := json.RawMessage(`{"session_id":"session_x","external_ref":"ref","status":"pending","is_sandbox":false,"created_at":"2026-01-01T00:00:00Z"}`)
	event := func(name string) kyc.Event {
		return kyc.Event{ID: kyc.NewID(now), Tenant: t, At: now, Actor: kyc.SystemActor("engine"), Action: name, Object: "session", ObjectID: s.ID,
			SubjectID: subject, Webhook: name, Surface: kyc.SurfaceGraph, Payload: payload}
	}
	answer := json.RawMessage(`{"status":"ok","verdict":"pass","score":0.98,"reasons":[{"code":"fine","message":"nothing was found","severity":"info"}],"provider":"simulator","provider_version":"1","started_at":"2026-01-01T00:00:00Z","finished_at":"2026-01-01T00:00:00Z"}`)
	input := func(kind string) kyc.Input {
		return kyc.Input{Tenant: t, RunID: r.ID, SubjectID: subject, Seq: r.Step, Kind: kind, Node: "check_1", Attempt: 1, At: now, Data: answer,
			StateHash: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
	}
	c := kyc.Change{Put: []kyc.Object{s, r}, Inputs: []kyc.Input{input("begin")}, Events: []kyc.Event{event("session.created")}}
	if err := db.Commit(ctx, &c); err != nil {
		return err
	}
	for n := range 3 {
		r.Touch(now)
		r.Step++
		c := kyc.Change{Put: []kyc.Object{r}, Inputs: []kyc.Input{input("answer")}}
		if n == 2 {
			r.Status, r.DueAt, r.LeaseOwner, r.EndedAt = kyc.RunCompleted, time.Time{}, "", now
			s.Touch(now)
			s.Status, s.Result, s.CompletedAt = kyc.SessionApproved, kyc.Approved, now
			c.Put, c.Events = append(c.Put, s), []kyc.Event{event("session.approved")}
		}
		if err := db.Commit(ctx, &c); err != nil {
			return err
		}
	}
	return nil
}
