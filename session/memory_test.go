package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store/memory"
)

// memoryStore is a store in memory that knows what this machine alone asks for:
// users, lists and faces.
type memoryStore struct {
	*memory.Store
	// damaged are sessions and people that cannot be opened.
	damaged []kyc.ID
	// needed are people who cannot be erased as unneeded.
	needed []kyc.ID
}

// Commit asks again for what somebody is needed, as the store does.
func (m *memoryStore) Commit(ctx context.Context, c *kyc.Change) error {
	if slices.ContainsFunc(c.Unneeded, func(id kyc.ID) bool { return slices.Contains(m.needed, id) }) {
		return kyc.Stale("what the subject is needed for")
	}
	return m.Store.Commit(ctx, c)
}

func newMemory() *memoryStore { return &memoryStore{Store: memory.New()} }

func (m *memoryStore) Users(_ context.Context, org kyc.ID) ([]kyc.User, error) {
	out, _ := memory.All(m.Store, kyc.Tenant{Org: org}, kyc.Page{}, func(kyc.User) bool { return true })
	return out, nil
}

func (m *memoryStore) FaceTemplates(_ context.Context, t kyc.Tenant, f kyc.FaceFilter, after kyc.ID, limit int) ([]kyc.FaceTemplate, error) {
	out, _ := memory.All(m.Store, t, kyc.Page{}, func(v kyc.FaceTemplate) bool { return v.SessionID == f.SessionID && v.ID > after })
	slices.Reverse(out)
	return out[:min(limit, len(out))], nil
}

func (m *memoryStore) FaceTemplatesDue(_ context.Context, now time.Time, limit int) ([]kyc.FaceTemplate, error) {
	out := memory.Oldest(m.Store, kyc.Tenant{}, func(v kyc.FaceTemplate) bool { return !v.ExpiresAt.After(now) })
	return out[:min(limit, len(out))], nil
}

func (m *memoryStore) List(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.List, error) {
	return memory.Get[kyc.List](m.Store, t, id)
}

func (m *memoryStore) Lists(_ context.Context, t kyc.Tenant, _ kyc.ListFilter, p kyc.Page) ([]kyc.List, int, error) {
	out, n := memory.All(m.Store, t, p, func(kyc.List) bool { return true })
	return out, n, nil
}

func (m *memoryStore) ListItem(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.ListItem, error) {
	return memory.Get[kyc.ListItem](m.Store, t, id)
}

func (m *memoryStore) ListItems(_ context.Context, t kyc.Tenant, list kyc.ID, p kyc.Page) ([]kyc.ListItem, int, error) {
	out, n := memory.All(m.Store, t, p, func(i kyc.ListItem) bool { return i.ListID == list })
	return out, n, nil
}

func (m *memoryStore) ListItemsByHash(_ context.Context, t kyc.Tenant, lists []kyc.ID, hashes []string) ([]kyc.ListItem, error) {
	out, _ := memory.All(m.Store, t, kyc.Page{}, func(i kyc.ListItem) bool { return slices.Contains(lists, i.ListID) && slices.Contains(hashes, i.Hash) })
	return out, nil
}

func (m *memoryStore) AllListItems(_ context.Context, t kyc.Tenant, list kyc.ID) ([]kyc.ListItem, error) {
	out, _ := memory.All(m.Store, t, kyc.Page{}, func(i kyc.ListItem) bool { return i.ListID == list })
	return out, nil
}

func (m *memoryStore) Blind(_ context.Context, t kyc.Tenant, kind, value string) (string, error) {
	sum := sha256.Sum256([]byte(string(t.Org) + "\x00" + kind + "\x00" + value))
	return hex.EncodeToString(sum[:]), nil
}

func (m *memoryStore) Trials(_ context.Context, t kyc.Tenant, workflow kyc.ID, rollout string, from time.Time) (map[int]kyc.TrialTally, error) {
	return m.Store.TrialTallies(t, workflow, rollout, from), nil
}

// fakeEngine begins runs without walking them.
type fakeEngine struct {
	store *memoryStore
	last  Start
}

func (f *fakeEngine) Begin(ctx context.Context, s Start) (kyc.Run, error) {
	f.last = s
	run := kyc.Run{Meta: kyc.Meta{ID: kyc.NewID(s.Now), Tenant: s.Session.Tenant}, SessionID: s.Session.ID, WorkflowID: s.Session.WorkflowID,
		Version: s.Version, Arm: s.Arm, Bucket: s.Bucket, Status: kyc.RunRunning, StartedAt: s.Now}
	run.Touch(s.Now)
	if err := s.Session.Move(kyc.SessionRunning, s.Now); err != nil {
		return run, err
	}
	s.Session.RunID = run.ID
	c := s.With
	if !slices.ContainsFunc(c.Put, func(o kyc.Object) bool { return o.Head().ID == s.Session.ID }) {
		s.Session.Touch(s.Now)
		c.Put = append(c.Put, s.Session)
	}
	c.Put = append(c.Put, &run)
	return run, f.store.Commit(ctx, &c)
}

func (f *fakeEngine) Cancel(context.Context, kyc.Tenant, kyc.ID, string) error { return nil }

// bench is everything a test of this room needs.
type bench struct {
	store     *memoryStore
	sessions  *Sessions
	workflows *Workflows
	lists     *Lists
	engine    *fakeEngine
	now       *time.Time
	live, box kyc.Tenant
	key       kyc.Actor
	anna, ben kyc.User
}

const smallGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"ocr"},
 "ocr":{"type":"policy","policy":"document_ocr","on_pass":"aml","on_fail":"review"},
 "aml":{"type":"policy","policy":"watchlist_screening","on_pass":"yes","on_fail":"review"},
 "yes":{"type":"terminal","outcome":"approved"},
 "review":{"type":"terminal","outcome":"needs_review"}}}`

func newBench(t *testing.T) *bench {
	t.Helper()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	b := &bench{store: newMemory(), now: &at}
	var mu sync.Mutex
	clock := kyc.ClockFunc(func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		*b.now = b.now.Add(time.Millisecond) // so that ids keep the order of events
		return *b.now
	})
	org := kyc.Org{Meta: kyc.Meta{ID: kyc.NewID(at)}, Name: "Acme"}
	org.Tenant.Org = org.ID
	org.Touch(at)
	b.live, b.box = kyc.Tenant{Org: org.ID, Env: kyc.Live}, kyc.Tenant{Org: org.ID, Env: kyc.Sandbox}
	b.key = kyc.Actor{Kind: kyc.ActorKey, ID: "key-1"}
	b.anna = kyc.User{Meta: kyc.Meta{ID: kyc.NewID(at), Tenant: kyc.Tenant{Org: org.ID}}, Email: "anna@acme.example"}
	b.ben = kyc.User{Meta: kyc.Meta{ID: kyc.NewID(at), Tenant: kyc.Tenant{Org: org.ID}}, Email: "ben@acme.example"}
	b.anna.Touch(at)
	b.ben.Touch(at)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&org, &b.anna, &b.ben}}); err != nil {
		t.Fatal(err)
	}
	catalog := map[string]kyc.CheckSpec{
		"document_ocr":        {Name: "document_ocr", Needs: []string{"document_front"}, Identity: true, ConfigSchema: json.RawMessage(`{"type":"object"}`)},
		"watchlist_screening": {Name: "watchlist_screening", Identity: true, ConfigSchema: json.RawMessage(`{"type":"object"}`)},
	}
	news := kyc.News(func(o kyc.Object, what string, extra map[string]any) (string, json.RawMessage) {
		kind := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", o), "*kyc."))
		return kind + "." + what, encode(extra)
	})
	b.engine = &fakeEngine{store: b.store}
	b.sessions = New(Deps{Store: b.store, Clock: clock, Engine: b.engine, News: news, Catalog: catalog,
		ClockStep: 100 * 365 * 24 * time.Hour, // tests let years go by; retention_clock_test.go sets its own
		Sniff: func(p []byte) (string, *kyc.Error) {
			if strings.HasPrefix(string(p), "PNG") {
				return "image/png", nil
			}
			return "", kyc.Errorf(kyc.UnsupportedMedia, "unsupported_type", "no reader opens this")
		},
		Trace: func(context.Context, kyc.Tenant, kyc.ID) (Trace, error) { return Trace{}, nil },
	})
	b.workflows = NewWorkflows(WorkflowsDeps{Store: b.store, Clock: clock, Catalog: catalog, News: news})
	b.lists = NewLists(b.store, clock)
	return b
}

// published makes a published workflow.
func (b *bench) published(t *testing.T, tenant kyc.Tenant, name string) kyc.Workflow {
	t.Helper()
	st, err := b.workflows.Create(t.Context(), tenant, b.key, Draft{Name: name, Document: Document{Graph: json.RawMessage(smallGraph)}})
	if err != nil {
		t.Fatal(err)
	}
	st, pending, err := b.workflows.Publish(t.Context(), tenant, b.key, st.Workflow.ID, 0, Publication{})
	if err != nil || pending {
		t.Fatal(pending, err)
	}
	return st.Workflow
}

// heard lists the webhooks of one object, oldest first.
func (b *bench) heard(id kyc.ID) []string {
	var out []string
	for _, e := range b.store.Log {
		if e.ObjectID == id && e.Webhook != "" {
			out = append(out, e.Webhook)
		}
	}
	return out
}

func wantCode(t *testing.T, err error, kind kyc.Kind, code string) {
	t.Helper()
	if kyc.KindOf(err) != kind || !kyc.IsCode(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}
