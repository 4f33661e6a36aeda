package memory_test

import (
	"context"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/store/memory"
)

func TestWhatIsStoredCannotBeChangedFromOutside(t *testing.T) {
	t.Parallel()
	m, tenant := memory.New(), kyc.Tenant{Org: "o", Env: kyc.Live}
	s := kyc.Session{Meta: kyc.Meta{ID: "s", Tenant: tenant, Rev: 1, CreatedAt: time.Unix(1, 0)}, Tags: []string{"a"},
		Private: kyc.SessionData{Fields: map[string]any{"n": 3, "list": []any{"x"}}}}
	if err := m.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&s}}); err != nil {
		t.Fatal(err)
	}
	s.Tags[0], s.Private.Fields["n"] = "b", 4
	s.Private.Fields["list"].([]any)[0] = "y"
	got, err := m.Session(t.Context(), tenant, "s")
	if err != nil || got.Tags[0] != "a" || got.Private.Fields["n"] != float64(3) || got.Private.Fields["list"].([]any)[0] != "x" || !got.CreatedAt.Equal(time.Unix(1, 0)) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := m.Session(t.Context(), kyc.Tenant{Org: "o", Env: kyc.Sandbox}, "s"); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("another environment reads it: %v", err)
	}
}

func TestACommitIsAllOrNothing(t *testing.T) {
	t.Parallel()
	m, tenant := memory.New(), kyc.Tenant{Org: "o", Env: kyc.Live}
	person := func(id kyc.ID, rev int64, ref string) *kyc.Subject {
		return &kyc.Subject{Meta: kyc.Meta{ID: id, Tenant: tenant, Rev: rev}, ExternalRef: ref}
	}
	put := func(ctx context.Context, all ...kyc.Object) error { return m.Commit(ctx, &kyc.Change{Put: all}) }
	if err := put(t.Context(), person("a", 1, "ref")); err != nil {
		t.Fatal(err)
	}
	for name, all := range map[string][]kyc.Object{
		"an old revision":            {person("b", 1, ""), person("a", 1, "ref")},
		"a revision of nothing":      {person("b", 1, ""), person("c", 2, "")},
		"one object twice":           {person("b", 1, ""), person("b", 1, "")},
		"the reference of another":   {person("b", 1, ""), person("c", 1, "ref")},
		"another workflow of a slug": {person("b", 1, ""), &kyc.Workflow{Meta: kyc.Meta{ID: "w", Tenant: tenant, Rev: 1}, Slug: "s"}, &kyc.Workflow{Meta: kyc.Meta{ID: "v", Tenant: tenant, Rev: 2}, Slug: "s"}},
	} {
		if err := put(t.Context(), all...); err == nil {
			t.Errorf("%s is stored", name)
		}
	}
	if _, err := m.Subject(t.Context(), tenant, "b"); kyc.KindOf(err) != kyc.NotFound || m.Commits != 1 {
		t.Errorf("a part was stored: %v, %d commits", err, m.Commits)
	}
	inUnit, unit := kyc.WithUnit(t.Context())
	if err := put(inUnit, person("b", 1, "")); err != nil || len(unit.Change.Put) != 1 || m.Commits != 1 {
		t.Errorf("a unit of work holds %d objects, %v", len(unit.Change.Put), err)
	}
}
