package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"log/slog"
	"math"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"bonafide/check"
	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
	"bonafide/model"
	"bonafide/store"
)

// drawnFaces makes a template of a picture by the vector that a test gave it,
// and compares as the engine of this machine does.
type drawnFaces struct {
	*face.Engine
	net string // the model
	mu  sync.Mutex
	of  map[string][]float32 // by the bytes of the picture
}

func (d *drawnFaces) Comparer(*kyc.CheckRequest) face.Comparer         { return nil }
func (d *drawnFaces) Spoofing(*kyc.CheckRequest) face.Spoofing         { return nil }
func (d *drawnFaces) AgeEstimator(*kyc.CheckRequest) face.AgeEstimator { return nil }
func (d *drawnFaces) Encoder(*kyc.CheckRequest) face.Encoder           { return d }
func (d *drawnFaces) Blob(_ context.Context, _ kyc.Tenant, _ kyc.ID, key string) ([]byte, error) {
	return []byte(key), nil
}

// named is a picture that remembers its file.
type named struct {
	*image.Gray
	file string
}

func (d *drawnFaces) Picture(_ context.Context, f document.File) (image.Image, *kyc.Error) {
	return named{image.NewGray(image.Rect(0, 0, 1, 1)), string(f.Bytes)}, nil
}

func (d *drawnFaces) Leaf(ctx context.Context, f document.File) (document.Leaf, *kyc.Error) {
	img, err := d.Picture(ctx, f)
	return document.Leaf{Picture: img}, err
}

func (d *drawnFaces) Template(_ context.Context, img image.Image) (face.Template, *kyc.Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return face.Template{Model: d.net, Vector: d.of[img.(named).file]}, nil //nolint:forcetypeassert // Picture made it
}

// meeting is a tenant of a real store with people in it.
type meeting struct {
	db     *store.DB
	tenant kyc.Tenant
	faces  *drawnFaces
	rnd    *rand.Rand
	now    time.Time
	n      int
}

func newMeeting(t testing.TB, db *store.DB) *meeting {
	engine := face.Open(face.Options{})
	t.Cleanup(engine.Close)
	m := &meeting{db: db, tenant: kyc.Tenant{Org: kyc.NewID(time.Now()), Env: kyc.Live}, rnd: rand.New(rand.NewPCG(5, 6)), now: time.Now().UTC().Truncate(time.Microsecond),
		faces: &drawnFaces{Engine: engine, of: map[string][]float32{}, net: measuredNet(t)}}
	return m
}

func (m *meeting) meta(at time.Time) kyc.Meta {
	out := kyc.Meta{ID: kyc.NewID(at), Tenant: m.tenant}
	out.Touch(at)
	return out
}

func (m *meeting) vector() []float32 {
	v := make([]float32, 256)
	var sum float64
	for i := range v {
		v[i] = float32(m.rnd.NormFloat64())
		sum += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

// near is a face whose cosine with v is about that.
func (m *meeting) near(v []float32, cos float64) []float32 {
	w := m.vector()
	out := make([]float32, len(v))
	for i := range v {
		out[i] = float32(cos)*v[i] + float32(math.Sqrt(1-cos*cos))*w[i]
	}
	return out
}

// person is a session with its subject, whose face is known.
func (m *meeting) person(t testing.TB, vectors ...[]float32) (subject kyc.ID, sessions []kyc.ID) {
	t.Helper()
	s := &kyc.Subject{Meta: m.meta(m.now), Kind: "individual", Status: kyc.SubjectPending}
	c := kyc.Change{Put: []kyc.Object{s}}
	for _, v := range vectors {
		session := &kyc.Session{Meta: m.meta(m.now), SubjectID: s.ID, Status: kyc.SessionApproved, WorkflowID: "w"}
		c.Put = append(c.Put, session, &kyc.FaceTemplate{Meta: m.meta(m.now), SessionID: session.ID, SubjectID: s.ID, UploadID: kyc.NewID(m.now), Model: m.faces.net,
			ExpiresAt: m.now.Add(24 * time.Hour), Vector: v})
		sessions = append(sessions, session.ID)
	}
	if err := m.db.Commit(context.Background(), &c); err != nil {
		t.Fatal(err)
	}
	return s.ID, sessions
}

// crowd are strangers to each other, many of one subject, so that the store is
// filled quickly.
func (m *meeting) crowd(t testing.TB, n int) {
	t.Helper()
	for n > 0 {
		var all [][]float32
		for range min(n, 200) {
			all = append(all, m.vector())
		}
		m.person(t, all...)
		n -= len(all)
	}
}

// asks is one question of an applicant with a face; known nil compares with all.
func (m *meeting) asks(t testing.TB, v []float32, known *face.Known, change func(*kyc.CheckRequest)) (kyc.Answer, *kyc.CheckRequest) {
	t.Helper()
	m.n++
	file := fmt.Sprint("face ", m.n)
	m.faces.mu.Lock()
	m.faces.of[file] = v
	m.faces.mu.Unlock()
	s := &kyc.Subject{Meta: m.meta(m.now), Kind: "individual", Status: kyc.SubjectPending}
	session := &kyc.Session{Meta: m.meta(m.now), SubjectID: s.ID, Status: kyc.SessionRunning, WorkflowID: "w"}
	if err := m.db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{s, session}}); err != nil {
		t.Fatal(err)
	}
	r := &kyc.CheckRequest{Tenant: m.tenant, SessionID: session.ID, SubjectID: s.ID, RunID: session.ID, Node: "n", Policy: "face_dedup", Attempt: 1, Now: m.now, Settings: kyc.DefaultSettings(),
		Uploads: []kyc.Upload{{Meta: kyc.Meta{ID: kyc.NewID(m.now)}, Kind: "selfie", BlobKey: file, ContentType: "image/jpeg"}}}
	if change != nil {
		change(r)
	}
	return m.again(t, r, known), r
}

func (m *meeting) again(t testing.TB, r *kyc.CheckRequest, known *face.Known) kyc.Answer {
	t.Helper()
	a := m.menu(t, known).Run(t.Context(), *r)
	a.StartedAt, a.FinishedAt = time.Time{}, time.Time{}
	return a
}

func (m *meeting) menu(t testing.TB, known *face.Known) *check.Menu {
	t.Helper()
	d := check.Deps{Clock: kyc.SystemClock(), Faces: m.faces, Blobs: m.faces, Pictures: m.faces, Templates: m.db}
	if known != nil {
		d.Known = known
	}
	menu, err := check.New(kyc.SystemClock(), check.All(d), check.NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	return menu
}

// nodesOn opens a database twice where it can be, with the same keys.
func nodesOn(t testing.TB, database string) []*store.DB {
	t.Helper()
	g := &Globals{Data: t.TempDir(), Database: database, Sync: "normal"}
	var out []*store.DB
	for range 2 {
		if database == "" && len(out) == 1 { // one process owns an SQLite file
			return append(out, out[0])
		}
		db, err := openStore(t.Context(), g, kyc.SystemClock(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		out = append(out, db)
	}
	return out
}

// face_dedup answers the same with the index as without, on two nodes of one
// database, while faces come, end and are erased on either.
func TestTheIndexAnswersAsComparingWithAll(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		nodes := nodesOn(t, database)
		here, there := newMeeting(t, nodes[0]), newMeeting(t, nodes[1])
		there.tenant, there.faces, there.rnd = here.tenant, here.faces, here.rnd
		first := face.NewKnown(t.Context(), face.KnownOptions{Store: nodes[0], Clock: kyc.SystemClock(), From: 100})
		second := face.NewKnown(t.Context(), face.KnownOptions{Store: nodes[1], Clock: kyc.SystemClock(), From: 100})
		t.Cleanup(first.Close)
		t.Cleanup(second.Close)
		here.crowd(t, 300)
		elsewhere := newMeeting(t, nodes[0])
		elsewhere.tenant.Env = kyc.Sandbox
		configs := []string{"", `{"rules":[{"min_similarity":0.5,"exclude_same_customer":false}]}`, `{"rules":[{"lookback_days":30},{"min_similarity":0.99,"against":["rejected"]}]}`}
		for i := range 12 {
			v := here.vector()
			if i == 5 {
				elsewhere.person(t, v)
				elsewhere.tenant.Org, elsewhere.tenant.Env = here.tenant.Org, kyc.Sandbox
				elsewhere.person(t, v)
			}
			subject, _ := there.person(t, there.near(v, 0.7), there.near(v, 0.33))
			config := func(r *kyc.CheckRequest) { r.Config = json.RawMessage(configs[i%3]) }
			brute, r := here.asks(t, v, nil, config)
			compare := func(when string, want kyc.Answer) {
				t.Helper()
				for name, known := range map[string]*face.Known{"first": first, "second": second} {
					node := here
					if name == "second" {
						node = there
					}
					if got := node.again(t, r, known); !reflect.DeepEqual(got, want) {
						t.Fatalf("question %d, %s, %s node:\n%+v\nwant\n%+v", i, when, name, got, want)
					}
				}
			}
			if brute.Status != kyc.StatusOK || brute.Verdict != kyc.Fail || brute.Score == nil || *brute.Score < 0.99 {
				t.Fatalf("comparing with all: %+v", brute)
			}
			compare("met", brute)
			erasure := kyc.Change{Erase: []kyc.ID{subject}, Events: []kyc.Event{{Tenant: here.tenant, Action: "identity.redact", Object: "identity", ObjectID: subject, Actor: kyc.SystemActor("test")}}}
			sessions, _, err := nodes[0].Sessions(t.Context(), here.tenant, kyc.SessionFilter{SubjectID: subject}, kyc.Page{})
			if err != nil {
				t.Fatal(err)
			}
			for j := range sessions {
				sessions[j].RedactedAt = here.now
				sessions[j].Touch(here.now)
				erasure.Put = append(erasure.Put, &sessions[j])
			}
			if err := nodes[i%2].Commit(t.Context(), &erasure); err != nil {
				t.Fatal(err)
			}
			gone := here.again(t, r, nil)
			if gone.Verdict != kyc.Pass || *gone.Score > 0.5 {
				t.Fatalf("after the erasure: %+v", gone)
			}
			compare("erased", gone)
		}
		if first.Len() < 300 || second.Len() < 300 {
			t.Errorf("%d and %d faces were asked in memory", first.Len(), second.Len())
		}
	})
}

// Two sessions that show one face at the same moment on two nodes do not both
// pass, with the index or without.
func TestOneFaceAtTwoNodesAtOnce(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		nodes := nodesOn(t, database)
		a, b := newMeeting(t, nodes[0]), newMeeting(t, nodes[1])
		b.tenant, b.faces = a.tenant, a.faces
		a.crowd(t, 150)
		b.n = 1 << 20
		for _, from := range []int{100, 1 << 30} {
			one := face.NewKnown(t.Context(), face.KnownOptions{Store: nodes[0], Clock: kyc.SystemClock(), From: from})
			two := face.NewKnown(t.Context(), face.KnownOptions{Store: nodes[1], Clock: kyc.SystemClock(), From: from})
			t.Cleanup(one.Close)
			t.Cleanup(two.Close)
			for range 10 {
				v := a.vector()
				var answers [2]kyc.Answer
				var both sync.WaitGroup
				both.Go(func() { answers[0], _ = a.asks(t, v, one, nil) })
				both.Go(func() { answers[1], _ = b.asks(t, v, two, nil) })
				both.Wait()
				if answers[0].Verdict != kyc.Fail && answers[1].Verdict != kyc.Fail {
					t.Fatalf("neither met the other: %+v", answers)
				}
			}
		}
	})
}

// measuredNet is the id of the model that docs/accuracy.md was measured with.
func measuredNet(t testing.TB) string {
	t.Helper()
	for _, e := range model.Manifest() {
		if e.Slot == model.FaceTemplate && e.Measured {
			return e.ID()
		}
	}
	t.Fatal("the manifest names no measured model")
	return ""
}

// BenchmarkFaceDedup: go test . -run '^$' -bench FaceDedup -benchtime 20x
func BenchmarkFaceDedup(b *testing.B) {
	m := newMeeting(b, nodesOn(b, "")[0])
	have := 0
	for _, n := range []int{500, 1000, 2000, 20000} {
		m.crowd(b, n-have)
		have = n
		known := face.NewKnown(b.Context(), face.KnownOptions{Store: m.db, Clock: kyc.SystemClock(), From: 1})
		v := m.vector()
		for name, k := range map[string]*face.Known{"each": nil, "index": known} {
			_, r := m.asks(b, v, k, nil)
			menu := m.menu(b, k) // asked once already: the faces are in memory
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if a := menu.Run(b.Context(), *r); a.Status != kyc.StatusOK {
						b.Fatal(a)
					}
				}
			})
		}
		known.Close()
	}
}
