package storetest

import (
	"slices"
	"sync"
	"testing"

	"bonafide/kyc"
)

// changesOf are all lines of a tenant's templates.
func (b *bench) changesOf(t *testing.T, tenant kyc.Tenant) []kyc.FaceChange {
	t.Helper()
	return must[[]kyc.FaceChange](t)(b.FaceChanges(b.ctx, tenant, 0, 100000))
}

// faceChanges says that every way a template comes and goes leaves a line, of
// its tenant only, and that a template is found by its id.
func faceChanges(t *testing.T, b *bench) {
	if last := must[kyc.FaceChange](t)(b.LastFaceChange(b.ctx, b.tenant)); last != (kyc.FaceChange{}) {
		t.Errorf("before the first template: %+v", last)
	}
	ada, eve := b.subject(t), b.subject(t)
	first, second, third := b.faceTemplate(ada.ID, b.id(), 0.25), b.faceTemplate(ada.ID, b.id(), 0.5), b.faceTemplate(eve.ID, b.id(), 1)
	b.put(t, first)
	b.put(t, second, third)
	b.commit(t, kyc.Change{Remove: []kyc.Object{third}, Events: []kyc.Event{b.event("session.biometrics_expire")}})
	b.commit(t, kyc.Change{Erase: []kyc.ID{ada.ID}, Events: []kyc.Event{b.event("identity.redact")}})

	all := b.changesOf(t, b.tenant)
	var put, gone []kyc.ID
	marks := map[string]bool{}
	for i, c := range all {
		if c.Seq != int64(i+1) || c.Mark == "" || marks[c.Mark] {
			t.Errorf("line %d is %+v", i, c)
		}
		marks[c.Mark] = true
		if c.Gone {
			gone = append(gone, c.TemplateID)
		} else {
			put = append(put, c.TemplateID)
		}
	}
	slices.Sort(put)
	slices.Sort(gone)
	want := []kyc.ID{first.ID, second.ID, third.ID}
	slices.Sort(want)
	if !slices.Equal(put, want) || !slices.Equal(gone, want) || all[3].TemplateID != third.ID {
		t.Errorf("stored %v, removed %v", put, gone)
	}
	if last := must[kyc.FaceChange](t)(b.LastFaceChange(b.ctx, b.tenant)); last != all[len(all)-1] {
		t.Errorf("the last one is %+v", last)
	}
	if some := must[[]kyc.FaceChange](t)(b.FaceChanges(b.ctx, b.tenant, 3, 2)); !slices.Equal(some, all[2:4]) {
		t.Errorf("from the third, two: %+v", some)
	}

	fourth := b.faceTemplate(eve.ID, b.id(), 1)
	old := b.faceTemplate(eve.ID, b.id(), 1)
	old.Model = "net-0"
	b.put(t, fourth, old)
	same(t, "by id", must[[]kyc.FaceTemplate](t)(b.FaceTemplatesOf(b.ctx, b.tenant, []kyc.ID{fourth.ID, first.ID})), []*kyc.FaceTemplate{fourth})
	if none := must[[]kyc.FaceTemplate](t)(b.FaceTemplatesOf(b.ctx, b.tenant, nil)); len(none) != 0 {
		t.Errorf("nobody asked for %v", none)
	}
	for model, n := range map[string]int{"net-1": 1, "net-0": 1, "net-2": 0} {
		if got := must[int](t)(b.CountFaces(b.ctx, b.tenant, model, 10)); got != n {
			t.Errorf("%d faces of %s", got, model)
		}
	}
	if got := must[int](t)(b.CountFaces(b.ctx, b.tenant, "net-1", 0)); got != 0 {
		t.Errorf("%d faces up to none", got)
	}
	for _, elsewhere := range []kyc.Tenant{{Org: b.tenant.Org, Env: other(b.tenant.Env)}, {Org: b.id(), Env: b.tenant.Env}} {
		if len(b.changesOf(t, elsewhere)) != 0 || must[int](t)(b.CountFaces(b.ctx, elsewhere, "net-1", 10)) != 0 ||
			len(must[[]kyc.FaceTemplate](t)(b.FaceTemplatesOf(b.ctx, elsewhere, []kyc.ID{fourth.ID}))) != 0 ||
			must[kyc.FaceChange](t)(b.LastFaceChange(b.ctx, elsewhere)).Seq != 0 {
			t.Errorf("templates reach %v", elsewhere)
		}
	}
}

// faceChangesAtOnce says that whoever reads on from the last line misses none,
// however many write at the same time.
func faceChangesAtOnce(t *testing.T, b *bench) {
	const writers, each = 8, 20
	ada := b.subject(t)
	done := make(chan struct{})
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				v := b.faceTemplate(ada.ID, b.id(), float32(w*each+i))
				if err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{v}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() { all.Wait(); close(done) }()
	seen := int64(0)
	for last := false; ; {
		page, err := b.FaceChanges(b.ctx, b.tenant, seen+1, 1000)
		if err != nil {
			t.Error(err)
			break
		}
		var ids []kyc.ID
		for _, c := range page {
			if c.Seq != seen+1 {
				t.Fatalf("line %d comes after %d", c.Seq, seen)
			}
			seen = c.Seq
			ids = append(ids, c.TemplateID)
		}
		if found, err := b.FaceTemplatesOf(b.ctx, b.tenant, ids); err != nil || len(found) != len(ids) {
			t.Errorf("%d of %d templates can be read (%v)", len(found), len(ids), err)
		}
		if last {
			break
		}
		select {
		case <-done:
			last = true
		default:
		}
	}
	all.Wait()
	if seen != writers*each {
		t.Errorf("%d lines were seen", seen)
	}
}
