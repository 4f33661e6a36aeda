package graph

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/api"
	"bonafide/kyc"
)

// chain keeps what was written, or refuses it.
type chain struct {
	mu     sync.Mutex
	events []kyc.Event
	broken bool
}

func (c *chain) commit(_ context.Context, change *kyc.Change) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		return errors.New("no room on the disk")
	}
	c.events = append(c.events, change.Events...)
	return nil
}

func (c *chain) records(t *testing.T) (out []questionsRecord) {
	t.Helper()
	for _, e := range c.events {
		var r questionsRecord
		if err := json.Unmarshal(e.Payload, &r); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

type stillClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *stillClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *stillClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func someone(org, key string) api.Principal {
	return api.Principal{Tenant: kyc.Tenant{Org: kyc.ID(org), Env: kyc.Live}, Actor: kyc.Actor{Kind: kyc.ActorKey, ID: key}}
}

func TestQuestionsAreCountedByKey(t *testing.T) {
	t.Parallel()
	c, clock := &chain{}, &stillClock{at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	q := NewQuestions(c.commit, clock, nil)
	note := func(org, key string, threshold float64, lists ...listVersion) {
		t.Helper()
		if err := q.note(t.Context(), someone(org, key), threshold, lists); err != nil {
			t.Fatal(err)
		}
	}
	note("a", "1", 0.74, listVersion{List: "un", Version: "v1"})
	clock.pass(time.Second / 2)
	note("a", "1", 0, listVersion{List: "un", Version: "v2"}, listVersion{List: "eu", Version: "v1"})
	note("a", "2", 0.9)
	note("b", "1", 0.74)
	if err := q.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := q.Flush(t.Context()); err != nil || len(c.events) != 3 {
		t.Fatalf("%d entries (%v)", len(c.events), err)
	}
	r := c.records(t)[0]
	e := c.events[0]
	if r.Questions != 2 || r.MinThreshold != 0 || r.MaxThreshold != 0.74 || r.Lists["un"] != "v2" || r.Lists["eu"] != "v1" || r.Until.Sub(r.From) != time.Second/2 ||
		e.Actor.ID != "1" || e.Tenant.Org != "a" || e.Action != "screening.match" {
		t.Errorf("%+v %+v", e, r)
	}
}

func TestNoQuestionIsLostWhenTheChainCannotBeWritten(t *testing.T) {
	t.Parallel()
	c, clock := &chain{broken: true}, &stillClock{at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	q := NewQuestions(c.commit, clock, nil)
	who := someone("a", "1")
	for range 2 {
		if err := q.note(t.Context(), who, 0.5, nil); err != nil {
			t.Fatal(err)
		}
		if q.Flush(t.Context()) == nil {
			t.Fatal("the chain took it")
		}
		clock.pass(time.Second)
	}
	clock.pass(questionsLate)
	err := q.note(t.Context(), who, 0.5, nil)
	if kyc.KindOf(err) != kyc.Unavailable || !kyc.IsCode(err, "audit_unavailable") {
		t.Errorf("questions are answered although nobody will know of them: %v", err)
	}
	if err := q.note(t.Context(), someone("b", "1"), 0.5, nil); err != nil {
		t.Error("another tenant's first question:", err)
	}
	c.mu.Lock()
	c.broken = false
	c.mu.Unlock()
	if err := q.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := c.records(t); len(r) != 2 || r[0].Questions != 2 {
		t.Errorf("%+v", r)
	}
	if err := q.note(t.Context(), who, 0.5, nil); err != nil {
		t.Error("the chain is well again:", err)
	}
}

func TestQuestionsAreCountedOnceWhileTheyAreWritten(t *testing.T) {
	t.Parallel()
	c := &chain{}
	q := NewQuestions(c.commit, kyc.SystemClock(), nil)
	ctx, stop := context.WithCancel(t.Context())
	tick := make(chan time.Time)
	var writer, askers sync.WaitGroup
	writer.Go(func() { q.Run(ctx, tick) })
	const each = 500
	for range 4 {
		askers.Go(func() {
			for i := range each {
				if err := q.note(t.Context(), someone("a", "1"), 0.74, nil); err != nil {
					t.Error(err)
				}
				if i%100 == 0 {
					tick <- time.Time{}
				}
			}
		})
	}
	askers.Wait()
	stop()
	writer.Wait()
	if err := q.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, r := range c.records(t) {
		total += r.Questions
	}
	if total != 4*each {
		t.Errorf("%d questions are written of %d", total, 4*each)
	}
}

// TestTheAuditShowsQuestionsAtOnce: whoever reads the chain sees what was asked
// a moment ago, and nothing about whom.
func TestTheAuditShowsQuestionsAtOnce(t *testing.T) {
	t.Parallel()
	b := listed(t)
	b.live.Must(200, "POST", "/screening/match", `{"name":"Barnabas Quillfeather","threshold":0.8}`)
	b.live.Must(200, "POST", "/screening/match", `{"name":"Oleander Vrantz"}`)
	got := b.live.Must(200, "GET", "/audit?action=screening.match", nil)
	if len(got.List("data")) != 1 || got.At("data.0.details.questions") != 2.0 || got.At("data.0.details.max_threshold") != 0.8 || got.Str("data.0.details.lists.own") == "" {
		t.Errorf("%s", got.Raw)
	}
	if strings.Contains(string(got.Raw), "Quillfeather") || strings.Contains(string(got.Raw), "Vrantz") {
		t.Errorf("the audit chain names the party: %s", got.Raw)
	}
	if r := b.live.Must(200, "GET", "/audit/verify", nil); r.At("valid") != true {
		t.Errorf("%s", r.Raw)
	}
	// A question that was refused is none.
	b.live.refused(422, "name_unscreenable", "POST", "/screening/match", `{"name":"Ltd"}`)
	if r := b.live.Must(200, "GET", "/audit?action=screening.match", nil); len(r.List("data")) != 1 {
		t.Errorf("%s", r.Raw)
	}
}
