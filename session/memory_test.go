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
)

// memory is a store in memory with the promises the machines rely on:
// compare-and-set on Rev, one default workflow, one subject per reference,
// tenants apart.
type memory struct {
	mu      sync.Mutex
	objects map[kyc.ID]kyc.Object
	events  []kyc.Event
	jobs    []kyc.Job
	erased  []kyc.ID
	wiped   []kyc.Wipe
	blobs   map[string][]byte
	// between, when set, runs before the next commit: somebody else's move.
	between func()
}

func newMemory() *memory {
	return &memory{objects: map[kyc.ID]kyc.Object{}, blobs: map[string][]byte{}}
}

// clone gives a copy that later changes of the caller do not reach.
func clone(o kyc.Object) kyc.Object {
	switch o := o.(type) {
	case *kyc.Org:
		c := *o
		return &c
	case *kyc.User:
		c := *o
		return &c
	case *kyc.Session:
		c := *o
		c.Tags = slices.Clone(c.Tags)
		return &c
	case *kyc.Subject:
		c := *o
		return &c
	case *kyc.Workflow:
		c := *o
		return &c
	case *kyc.WorkflowVersion:
		c := *o
		return &c
	case *kyc.Upload:
		c := *o
		return &c
	case *kyc.Run:
		c := *o
		return &c
	case *kyc.Case:
		c := *o
		return &c
	case *kyc.Note:
		c := *o
		return &c
	case *kyc.List:
		c := *o
		return &c
	case *kyc.ListItem:
		c := *o
		return &c
	case *kyc.FaceTemplate:
		c := *o
		return &c
	case *kyc.Exam:
		c := *o
		return &c
	}
	panic(fmt.Sprintf("unknown object %T", o))
}

func (m *memory) Commit(ctx context.Context, c *kyc.Change) error {
	if u := kyc.UnitFrom(ctx); u != nil {
		u.Change.Add(*c)
		return nil
	}
	m.mu.Lock()
	between := m.between
	m.between = nil
	m.mu.Unlock()
	if between != nil {
		between()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := map[kyc.ID]bool{}
	for _, o := range c.Put {
		h := o.Head()
		if seen[h.ID] {
			return kyc.Errorf(kyc.Internal, "double_put", "%T %s is put twice", o, h.ID)
		}
		seen[h.ID] = true
		old, exists := m.objects[h.ID]
		if exists != (h.Rev > 1) || (exists && old.Head().Rev != h.Rev-1) {
			return kyc.Stale(fmt.Sprintf("%T", o))
		}
		if s, ok := o.(*kyc.Subject); ok && !exists && s.ExternalRef != "" {
			if _, err := m.subjectByRef(s.Tenant, s.ExternalRef); err == nil {
				return kyc.Stale("subject")
			}
		}
	}
	for _, o := range c.Put {
		m.objects[o.Head().ID] = clone(o)
	}
	for _, o := range c.Remove {
		delete(m.objects, o.Head().ID)
	}
	m.events = append(m.events, c.Events...)
	m.jobs = append(m.jobs, c.Jobs...)
	m.erased = append(m.erased, c.Erase...)
	m.wiped = append(m.wiped, c.Wipe...)
	return nil
}

// get finds one object of a tenant.
func get[T any, P interface {
	*T
	kyc.Object
}](m *memory, t kyc.Tenant, id kyc.ID) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var zero T
	o, ok := m.objects[id].(P)
	if !ok || o.Head().Tenant != t {
		return zero, kyc.Missing(strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", zero), "kyc.")), string(id))
	}
	return *clone(o).(P), nil
}

// all finds every object of a tenant that keep accepts, newest first.
func all[T any, P interface {
	*T
	kyc.Object
}](m *memory, t kyc.Tenant, p kyc.Page, keep func(T) bool) ([]T, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []T
	for _, o := range m.objects {
		if x, ok := o.(P); ok && (x.Head().Tenant == t || t == kyc.Tenant{}) && keep(*x) {
			out = append(out, *clone(x).(P))
		}
	}
	id := func(x *T) kyc.ID { return P(x).Head().ID }
	slices.SortFunc(out, func(a, b T) int { return strings.Compare(string(id(&b)), string(id(&a))) })
	total := len(out)
	if p.After != "" {
		out = slices.DeleteFunc(out, func(x T) bool { return id(&x) >= p.After })
	}
	out = out[min(p.Offset, len(out)):]
	if p.Limit > 0 {
		out = out[:min(p.Limit, len(out))]
	}
	return out, total
}

func (m *memory) Org(_ context.Context, id kyc.ID) (kyc.Org, error) {
	return get[kyc.Org](m, kyc.Tenant{Org: id}, id)
}
func (m *memory) Orgs(context.Context) ([]kyc.Org, error) {
	out, _ := all(m, kyc.Tenant{}, kyc.Page{}, func(kyc.Org) bool { return true })
	return out, nil
}
func (m *memory) Users(_ context.Context, org kyc.ID) ([]kyc.User, error) {
	out, _ := all(m, kyc.Tenant{Org: org}, kyc.Page{}, func(kyc.User) bool { return true })
	return out, nil
}
func (m *memory) Session(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error) {
	return get[kyc.Session](m, t, id)
}
func (m *memory) SessionByToken(_ context.Context, hash string) (kyc.Session, error) {
	out, _ := all(m, kyc.Tenant{}, kyc.Page{}, func(s kyc.Session) bool { return s.TokenHash == hash && hash != "" })
	if len(out) == 0 {
		return kyc.Session{}, kyc.Missing("session", "")
	}
	return out[0], nil
}
func (m *memory) Sessions(_ context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error) {
	out, n := all(m, t, p, func(s kyc.Session) bool {
		return (len(f.Status) == 0 || slices.Contains(f.Status, s.Status)) && (f.SubjectID == "" || s.SubjectID == f.SubjectID) &&
			(f.ExternalRef == "" || s.ExternalRef == f.ExternalRef) && (!f.Left || s.Keeping() != kyc.KeptNot) &&
			(f.ExpiresBefore.IsZero() || (!s.ExpiresAt.IsZero() && s.ExpiresAt.Before(f.ExpiresBefore)))
	})
	return out, n, nil
}
func (m *memory) Transfers(context.Context, kyc.Tenant, kyc.ID) ([]kyc.Transfer, error) {
	return nil, nil
}

func (m *memory) FaceTemplates(_ context.Context, t kyc.Tenant, f kyc.FaceFilter, after kyc.ID, limit int) ([]kyc.FaceTemplate, error) {
	out, _ := all(m, t, kyc.Page{}, func(v kyc.FaceTemplate) bool { return v.SessionID == f.SessionID && v.ID > after })
	slices.Reverse(out)
	return out[:min(limit, len(out))], nil
}

func (m *memory) FaceTemplatesDue(_ context.Context, now time.Time, limit int) ([]kyc.FaceTemplate, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.FaceTemplate
	for _, o := range m.objects {
		if v, ok := o.(*kyc.FaceTemplate); ok && !v.ExpiresAt.After(now) && len(out) < limit {
			out = append(out, *v)
		}
	}
	return out, nil
}

func (m *memory) Uploads(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Upload, error) {
	out, _ := all(m, t, kyc.Page{}, func(u kyc.Upload) bool { return u.SessionID == session })
	slices.Reverse(out)
	return out, nil
}
func (m *memory) Exams(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Exam, error) {
	out, _ := all(m, t, kyc.Page{}, func(e kyc.Exam) bool { return e.SessionID == session })
	slices.Reverse(out)
	return out, nil
}
func (m *memory) Upload(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Upload, error) {
	return get[kyc.Upload](m, t, id)
}
func (m *memory) Subject(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error) {
	return get[kyc.Subject](m, t, id)
}
func (m *memory) subjectByRef(t kyc.Tenant, ref string) (kyc.Subject, error) {
	for _, o := range m.objects {
		if s, ok := o.(*kyc.Subject); ok && s.Tenant == t && s.ExternalRef == ref {
			return *s, nil
		}
	}
	return kyc.Subject{}, kyc.Missing("identity", "")
}
func (m *memory) SubjectByRef(_ context.Context, t kyc.Tenant, ref string) (kyc.Subject, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.subjectByRef(t, ref)
}
func (m *memory) Workflow(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error) {
	return get[kyc.Workflow](m, t, id)
}
func (m *memory) Workflows(_ context.Context, t kyc.Tenant, f kyc.WorkflowFilter, p kyc.Page) ([]kyc.Workflow, int, error) {
	out, n := all(m, t, p, func(w kyc.Workflow) bool {
		return (f.Active == nil || *f.Active == (w.Status == kyc.WorkflowPublished)) && (f.IsDefault == nil || *f.IsDefault == w.IsDefault)
	})
	return out, n, nil
}
func (m *memory) DefaultWorkflow(_ context.Context, t kyc.Tenant, s kyc.Surface) (kyc.Workflow, error) {
	out, _ := all(m, t, kyc.Page{}, func(w kyc.Workflow) bool { return w.IsDefault && w.Surface == s })
	if len(out) == 0 {
		return kyc.Workflow{}, kyc.Missing("default workflow", "")
	}
	return out[0], nil
}
func (m *memory) Version(_ context.Context, t kyc.Tenant, workflow kyc.ID, number int) (kyc.WorkflowVersion, error) {
	out, _ := all(m, t, kyc.Page{}, func(v kyc.WorkflowVersion) bool { return v.WorkflowID == workflow && v.Number == number })
	if len(out) == 0 {
		return kyc.WorkflowVersion{}, kyc.Missing("version", fmt.Sprint(number))
	}
	return out[0], nil
}
func (m *memory) VersionByID(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.WorkflowVersion, error) {
	return get[kyc.WorkflowVersion](m, t, id)
}
func (m *memory) Versions(_ context.Context, t kyc.Tenant, workflow kyc.ID, p kyc.Page) ([]kyc.WorkflowVersion, int, error) {
	out, n := all(m, t, p, func(v kyc.WorkflowVersion) bool { return v.WorkflowID == workflow })
	return out, n, nil
}
func (m *memory) PutBlob(_ context.Context, _ kyc.Tenant, _ kyc.ID, key string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blobs[key] = slices.Clone(data)
	return nil
}
func (m *memory) Blob(_ context.Context, _ kyc.Tenant, _ kyc.ID, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.blobs[key]
	if !ok {
		return nil, kyc.Missing("file", "")
	}
	return b, nil
}
func (m *memory) DeleteBlob(_ context.Context, _ kyc.Tenant, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.blobs, key)
	return nil
}
func (m *memory) Run(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error) {
	return get[kyc.Run](m, t, id)
}
func (m *memory) Runs(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Run, error) {
	out, _ := all(m, t, kyc.Page{}, func(r kyc.Run) bool { return r.SessionID == session })
	return out, nil
}
func (m *memory) Case(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error) {
	return get[kyc.Case](m, t, id)
}
func (m *memory) Notes(_ context.Context, t kyc.Tenant, caseID kyc.ID) ([]kyc.Note, error) {
	out, _ := all(m, t, kyc.Page{}, func(n kyc.Note) bool { return n.CaseID == caseID })
	return out, nil
}
func (m *memory) Events(_ context.Context, t kyc.Tenant, f kyc.EventFilter, _ kyc.Page) ([]kyc.Event, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Event
	for _, e := range m.events {
		if e.Tenant == t && e.Object == f.Object && e.ObjectID == f.ObjectID {
			out = append(out, e)
		}
	}
	return out, len(out), nil
}
func (m *memory) List(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.List, error) {
	return get[kyc.List](m, t, id)
}
func (m *memory) Lists(_ context.Context, t kyc.Tenant, _ kyc.ListFilter, p kyc.Page) ([]kyc.List, int, error) {
	out, n := all(m, t, p, func(kyc.List) bool { return true })
	return out, n, nil
}
func (m *memory) ListItem(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.ListItem, error) {
	return get[kyc.ListItem](m, t, id)
}
func (m *memory) ListItems(_ context.Context, t kyc.Tenant, list kyc.ID, p kyc.Page) ([]kyc.ListItem, int, error) {
	out, n := all(m, t, p, func(i kyc.ListItem) bool { return i.ListID == list })
	return out, n, nil
}
func (m *memory) ListItemsByHash(_ context.Context, t kyc.Tenant, lists []kyc.ID, hashes []string) ([]kyc.ListItem, error) {
	out, _ := all(m, t, kyc.Page{}, func(i kyc.ListItem) bool { return slices.Contains(lists, i.ListID) && slices.Contains(hashes, i.Hash) })
	return out, nil
}
func (m *memory) AllListItems(_ context.Context, t kyc.Tenant, list kyc.ID) ([]kyc.ListItem, error) {
	out, _ := all(m, t, kyc.Page{}, func(i kyc.ListItem) bool { return i.ListID == list })
	return out, nil
}
func (m *memory) Blind(_ context.Context, t kyc.Tenant, kind, value string) (string, error) {
	sum := sha256.Sum256([]byte(string(t.Org) + "\x00" + kind + "\x00" + value))
	return hex.EncodeToString(sum[:]), nil
}

// fakeEngine begins runs without walking them.
type fakeEngine struct {
	store *memory
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
	store     *memory
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
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	var out []string
	for _, e := range b.store.events {
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
