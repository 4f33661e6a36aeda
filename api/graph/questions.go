package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"bonafide/api"
	"bonafide/kyc"
)

// Times of the ledger of questions (docs/decisions/0019-audit-of-questions.md).
const (
	// QuestionsEvery is how often the counts are written into the audit chain.
	QuestionsEvery = time.Second
	// questionsLate is how old a count may be that could not be written; beyond
	// it no more questions are answered.
	questionsLate = 10 * time.Second
	// questionsTime is what one writing may take.
	questionsTime = 10 * time.Second
)

// Questions counts who asked the lists, and what lists, until the next writing
// into the audit chain: one entry for each tenant and key. Lone questions save
// nothing about anybody and decide nothing, so that their proof may come a
// moment after their answer.
type Questions struct {
	commit func(context.Context, *kyc.Change) error
	clock  kyc.Clock
	log    *slog.Logger

	writing sync.Mutex // one flush at a time, so that its counts come before the next

	mu   sync.Mutex
	open map[asker]*asked
}

// asker is whose questions are counted together.
type asker struct {
	tenant kyc.Tenant
	by     kyc.Actor
}

// asked is what one asker asked since the last writing.
type asked struct {
	count       int
	from, until time.Time
	request     string // the first one
	lists       map[string]string
	low, high   float64
}

// questionsRecord is the payload of the audit entry. It says nothing about the
// parties.
type questionsRecord struct {
	Questions    int               `json:"questions"`
	From         time.Time         `json:"from"`
	Until        time.Time         `json:"until"`
	Lists        map[string]string `json:"lists"` // the version asked last, by list
	MinThreshold float64           `json:"min_threshold"`
	MaxThreshold float64           `json:"max_threshold"`
}

// NewQuestions makes an empty ledger. Run must be running while questions are
// answered, and Flush ends it.
func NewQuestions(commit func(context.Context, *kyc.Change) error, clock kyc.Clock, log *slog.Logger) *Questions {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Questions{commit: commit, clock: clock, log: log, open: map[asker]*asked{}}
}

// note counts a question. The error is Unavailable `audit_unavailable` when
// earlier counts could not be written for too long: then nobody may be
// answered, because nobody would know of it.
func (q *Questions) note(ctx context.Context, who api.Principal, threshold float64, lists []listVersion) error {
	now := q.clock.Now()
	key := asker{who.Tenant, who.Actor}
	q.mu.Lock()
	defer q.mu.Unlock()
	a := q.open[key]
	if a == nil {
		a = &asked{from: now, request: api.RequestID(ctx), lists: map[string]string{}, low: threshold, high: threshold}
		q.open[key] = a
	}
	if now.Sub(a.from) > questionsLate {
		e := kyc.Errorf(kyc.Unavailable, "audit_unavailable", "questions cannot be written into the audit chain now, so none is answered; try again")
		e.RetryAfter = QuestionsEvery
		return e
	}
	a.count++
	a.until = now
	a.low, a.high = min(a.low, threshold), max(a.high, threshold)
	for i := range lists {
		if l := &lists[i]; a.lists[l.List] != l.Version {
			a.lists[l.List] = l.Version
		}
	}
	return nil
}

// Run writes at every tick until the context ends. Its last counts are left to
// Flush.
func (q *Questions) Run(ctx context.Context, tick <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			q.flush(ctx)
		}
	}
}

func (q *Questions) flush(ctx context.Context) {
	if err := q.Flush(ctx); err != nil {
		q.log.Error("writing who asked the lists into the audit chain", "error", err)
	}
}

// Flush writes everything that was counted. What cannot be written stays
// counted.
func (q *Questions) Flush(ctx context.Context) error {
	q.writing.Lock()
	defer q.writing.Unlock()
	q.mu.Lock()
	open := q.open
	q.open = map[asker]*asked{}
	q.mu.Unlock()
	ctx, cancel := context.WithTimeout(kyc.WithoutUnit(context.WithoutCancel(ctx)), questionsTime)
	defer cancel()
	var failed []error
	for _, who := range slices.SortedFunc(maps.Keys(open), compareAskers) {
		if err := q.write(ctx, who, open[who]); err != nil {
			failed = append(failed, err)
			q.giveBack(who, open[who])
		}
	}
	return errors.Join(failed...)
}

func compareAskers(a, b asker) int {
	return cmp.Or(cmp.Compare(a.tenant.Org, b.tenant.Org), cmp.Compare(a.tenant.Env, b.tenant.Env), cmp.Compare(a.by.ID, b.by.ID), cmp.Compare(a.by.OnBehalfOf, b.by.OnBehalfOf))
}

func (q *Questions) write(ctx context.Context, who asker, a *asked) error {
	record, err := json.Marshal(questionsRecord{Questions: a.count, From: a.from.UTC(), Until: a.until.UTC(), Lists: a.lists, MinThreshold: a.low, MaxThreshold: a.high})
	if err != nil {
		return err
	}
	now := q.clock.Now()
	return q.commit(ctx, &kyc.Change{Events: []kyc.Event{{ID: kyc.NewID(now), Tenant: who.tenant, At: now, Actor: who.by, Action: "screening.match", Object: "screening",
		RequestID: a.request, Payload: record}}})
}

// giveBack joins counts that were not written with those made since.
func (q *Questions) giveBack(who asker, a *asked) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if later := q.open[who]; later != nil {
		a.count += later.count
		a.until = later.until
		a.low, a.high = min(a.low, later.low), max(a.high, later.high)
		maps.Copy(a.lists, later.lists)
	}
	q.open[who] = a
}
