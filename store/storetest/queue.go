package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/job"
	"bonafide/kyc"
)

// patience is how long a test waits for something that must happen.
const patience = 2 * time.Minute

// working runs the queue until the test ends.
func working(t *testing.T, b *bench, handlers map[string]job.Handler, o job.Options) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(b.ctx)
	ended := make(chan error, 1)
	go func() { ended <- b.Work(ctx, handlers, o) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the queue ended: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// workOnce works the queue until a marker job is done and answers which other
// jobs of the kind were done before.
func workOnce(t *testing.T, b *bench, kind string, handle job.Handler) []kyc.Job {
	t.Helper()
	var seen []kyc.Job
	marker := make(chan bool, 1)
	stop := working(t, b, map[string]job.Handler{
		kind: func(ctx context.Context, j kyc.Job) error {
			seen = append(seen, j)
			if handle != nil {
				return handle(ctx, j)
			}
			return nil
		},
		"marker": func(context.Context, kyc.Job) error { marker <- true; return nil },
	}, job.Options{MaxWorkers: 1})
	b.commit(t, kyc.Change{Jobs: []kyc.Job{{Kind: "marker", Tenant: b.tenant}}})
	select {
	case <-marker:
	case <-time.After(patience):
		t.Fatal("the queue does not work")
	}
	// Two queues on one store would take each other's kinds and put them off
	// on a clock that stands still.
	stop()
	return seen
}

func jobs(t *testing.T, b *bench) {
	done := make(chan kyc.Job, 10)
	tries := 0
	object := b.id()
	far := kyc.Job{Kind: "greet", Tenant: b.tenant, Key: "far", At: time.Now().Add(time.Hour)}
	one := kyc.Job{Kind: "greet", Tenant: b.tenant, Object: object, Key: "one", Args: json.RawMessage(`{"a":1}`)}
	b.commit(t, kyc.Change{Jobs: []kyc.Job{one, far}, Events: []kyc.Event{b.event("x")}})
	b.commit(t, kyc.Change{Jobs: []kyc.Job{one}}) // waits already
	got := workOnce(t, b, "greet", nil)
	if len(got) != 1 || got[0].Object != object || got[0].Tenant != b.tenant || got[0].Key != "one" || strings.ReplaceAll(string(got[0].Args), " ", "") != `{"a":1}` {
		t.Fatalf("done: %+v", got)
	}
	working(t, b, map[string]job.Handler{
		"snooze": func(_ context.Context, j kyc.Job) error {
			if tries++; tries < 2 {
				return job.Snooze(time.Millisecond)
			}
			done <- j
			return nil
		},
		"cancel": func(_ context.Context, j kyc.Job) error { done <- j; return job.Cancel(errors.New("never")) },
		"panic":  func(_ context.Context, j kyc.Job) error { done <- j; panic("at the handler") },
		"marker": func(context.Context, kyc.Job) error { return nil },
	}, job.Options{})
	b.commit(t, kyc.Change{Jobs: []kyc.Job{{Kind: "snooze"}, {Kind: "cancel"}, {Kind: "panic"}}})
	for range 3 {
		select {
		case <-done:
		case <-time.After(patience):
			t.Fatal("a job is not done")
		}
	}
}

func jobBehind(t *testing.T, b *bench) {
	running, release, done := make(chan bool), make(chan bool), make(chan string, 10)
	working(t, b, map[string]job.Handler{"step": func(_ context.Context, j kyc.Job) error {
		var name string
		if err := json.Unmarshal(j.Args, &name); err != nil {
			return err
		}
		if name == "first" {
			running <- true
			<-release
		}
		done <- name
		return nil
	}}, job.Options{})
	leave := func(name string) {
		raw, _ := json.Marshal(name)
		b.commit(t, kyc.Change{Jobs: []kyc.Job{{Kind: "step", Key: "k", Args: raw}}})
	}
	leave("first")
	<-running
	leave("second")
	leave("third") // dropped where the second waits still, done where it runs
	close(release)
	missing := map[string]bool{"first": true, "second": true}
	for len(missing) > 0 {
		select {
		case got := <-done:
			delete(missing, got)
		case <-time.After(patience):
			t.Fatalf("lost are %v", missing)
		}
	}
}

// A successor may be running as well, or stand as running a while after it
// ended: what is left then is done all the same.
func jobBehindSuccessors(t *testing.T, b *bench) {
	const n = 4
	running, release, done := make(chan bool, n), make(chan bool), make(chan string, n)
	working(t, b, map[string]job.Handler{"step": func(_ context.Context, j kyc.Job) error {
		var name string
		if err := json.Unmarshal(j.Args, &name); err != nil {
			return err
		}
		running <- true
		<-release
		done <- name
		return nil
	}}, job.Options{})
	for i := range n {
		raw, _ := json.Marshal(fmt.Sprint(i))
		b.commit(t, kyc.Change{Jobs: []kyc.Job{{Kind: "step", Key: "k", Args: raw}}})
		select {
		case <-running:
		case <-time.After(patience):
			t.Fatalf("job %d is lost", i)
		}
	}
	close(release)
	for range n {
		<-done
	}
}

func periodicJob(t *testing.T, b *bench) {
	done := make(chan kyc.Job, 10)
	working(t, b, map[string]job.Handler{"sweep": func(_ context.Context, j kyc.Job) error { done <- j; return nil }},
		job.Options{Periodic: []job.Periodic{{Kind: "sweep", Every: time.Hour, AtStart: true}}})
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("the periodic job did not run")
	}
}
