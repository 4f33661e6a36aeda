package storetest

import (
	"fmt"
	"testing"
	"time"

	"bonafide/kyc"
)

func catalogLists(t *testing.T, b *bench) {
	var made []*kyc.Workflow
	for i, c := range []*kyc.WorkflowCatalog{
		{TemplateType: "kyc", EntityTypes: []string{"individual"}, Industry: "banking", Tags: []string{"region:eu", "tier"}},
		{TemplateType: "kyb", EntityTypes: []string{"company", "individual"}, Tags: []string{"region:us"}},
		{TemplateType: "kyb", EntityTypes: []string{"company"}, Industry: "gaming", Tags: []string{"Tier"}},
		nil,
	} {
		b.clock.Advance(time.Second)
		w := &kyc.Workflow{Meta: b.meta(), Name: fmt.Sprint(i), Slug: fmt.Sprint("flow-", i), Surface: kyc.SurfaceSteps, Status: kyc.WorkflowPublished, Catalog: c}
		b.put(t, w)
		made = append(made, w)
	}
	got := must[kyc.Workflow](t)(b.WorkflowBySlug(b.ctx, b.tenant, kyc.SurfaceSteps, "flow-1"))
	same(t, "workflow", got, made[1])
	_, err := b.WorkflowBySlug(b.ctx, b.tenant, kyc.SurfaceGraph, "flow-1")
	want(t, err, "not_found")
	b.clock.Advance(time.Second)
	made[0].Touch(b.clock.Now())
	made[2].Catalog.Industry = "trade"
	made[2].Touch(b.clock.Now()) // at the same moment: the ID decides
	b.put(t, made[0], made[2])
	for name, c := range map[string]struct {
		filter kyc.WorkflowFilter
		want   string
	}{
		"created":     {kyc.WorkflowFilter{}, "[3 2 1 0]"},
		"updated":     {kyc.WorkflowFilter{ByUpdate: true}, "[2 0 3 1]"},
		"template":    {kyc.WorkflowFilter{TemplateType: "kyb"}, "[2 1]"},
		"individual":  {kyc.WorkflowFilter{EntityType: "individual"}, "[1 0]"},
		"company":     {kyc.WorkflowFilter{EntityType: "company", ByUpdate: true}, "[2 1]"},
		"part":        {kyc.WorkflowFilter{EntityType: "compan"}, "[]"},
		"industry":    {kyc.WorkflowFilter{Industry: "trade"}, "[2]"},
		"old":         {kyc.WorkflowFilter{Industry: "gaming"}, "[]"},
		"tag":         {kyc.WorkflowFilter{Tags: []string{"tier"}}, "[0]"},
		"any tag":     {kyc.WorkflowFilter{Tags: []string{"region:us", "tier", "none"}}, "[1 0]"},
		"tag and not": {kyc.WorkflowFilter{Tags: []string{"region:us"}, Industry: "banking"}, "[]"},
		"wildcard":    {kyc.WorkflowFilter{Tags: []string{"region:%"}}, "[]"},
	} {
		for _, limit := range []int{1, 2, 10} {
			names := []string{}
			var after kyc.ID
			for {
				part, total, err := b.Workflows(b.ctx, b.tenant, c.filter, kyc.Page{Limit: limit, After: after})
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range part {
					names = append(names, w.Name)
					after = w.ID
				}
				if len(part) < limit {
					if total != len(names) {
						t.Errorf("%s: total %d of %d", name, total, len(names))
					}
					break
				}
			}
			if fmt.Sprint(names) != c.want {
				t.Errorf("%s, %d a page: %v, want %s", name, limit, names, c.want)
			}
			offset, _, err := b.Workflows(b.ctx, b.tenant, c.filter, kyc.Page{Limit: limit, Offset: 1})
			if err != nil || len(offset) > 0 && (len(names) < 2 || offset[0].Name != names[1]) {
				t.Errorf("%s by offset: %v (%v)", name, offset, err)
			}
		}
	}
	// A deleted one is read by its ID only.
	made[1].Status = kyc.WorkflowDeleted
	made[1].Touch(b.clock.Now())
	b.put(t, made[1])
	_, err = b.WorkflowBySlug(b.ctx, b.tenant, kyc.SurfaceSteps, "flow-1")
	want(t, err, "not_found")
	same(t, "deleted", must[kyc.Workflow](t)(b.Workflow(b.ctx, b.tenant, made[1].ID)), made[1])
}

func customers(t *testing.T, b *bench) {
	plain := &kyc.Subject{Meta: b.meta(), ExternalRef: "c-0", Kind: "individual", Status: kyc.SubjectPending}
	b.clock.Advance(time.Second)
	ada := &kyc.Subject{Meta: b.meta(), ExternalRef: "c-1", Kind: "individual", Status: kyc.SubjectApproved,
		Private: kyc.SubjectData{Name: "Ada Lovelace", Email: "ada@example.org", Phone: "+44", Attributes: map[string]any{"tier": "gold"}}}
	b.clock.Advance(time.Second)
	acme := &kyc.Subject{Meta: b.meta(), ExternalRef: `"kind":"individual"`, Kind: "company", Status: kyc.SubjectPending, Private: kyc.SubjectData{Name: "Acme"}}
	nameless := &kyc.Subject{Meta: b.meta(), Kind: "individual", Status: kyc.SubjectPending}
	b.put(t, plain, ada, acme, nameless)
	same(t, "private", must[kyc.Subject](t)(b.Subject(b.ctx, b.tenant, ada.ID)).Private, ada.Private)
	same(t, "by reference", must[kyc.Subject](t)(b.SubjectByRef(b.ctx, b.tenant, "c-1")).Private, ada.Private)
	same(t, "without", must[kyc.Subject](t)(b.Subject(b.ctx, b.tenant, plain.ID)).Private, kyc.SubjectData{})

	plain.Private.Name = "Late" // one that was there gets a name later
	plain.DeactivatedAt = b.clock.Now()
	plain.Touch(b.clock.Now())
	b.put(t, plain)
	same(t, "later", must[kyc.Subject](t)(b.Subject(b.ctx, b.tenant, plain.ID)), plain)
	for name, c := range map[string]struct {
		filter kyc.SubjectFilter
		want   int
	}{
		"all":         {kyc.SubjectFilter{}, 3},
		"deactivated": {kyc.SubjectFilter{Deactivated: true}, 4},
		"named":       {kyc.SubjectFilter{Named: true}, 2},
		"reference":   {kyc.SubjectFilter{ExternalRef: "c-1"}, 1},
		"status":      {kyc.SubjectFilter{Status: kyc.SubjectPending}, 2},
		"individual":  {kyc.SubjectFilter{Kind: "individual"}, 2},
		"company":     {kyc.SubjectFilter{Kind: "company"}, 1},
		"created":     {kyc.SubjectFilter{From: acme.CreatedAt}, 2},
	} {
		found, total, err := b.Subjects(b.ctx, b.tenant, c.filter, kyc.Page{})
		if err != nil || total != c.want || len(found) != c.want {
			t.Errorf("%s: %d of %d, want %d (%v)", name, len(found), total, c.want, err)
		}
	}

	ada.Status, ada.ExternalRef = kyc.SubjectRedacted, ""
	ada.Touch(b.clock.Now())
	b.commit(t, kyc.Change{Put: []kyc.Object{ada}, Erase: []kyc.ID{ada.ID}, Events: []kyc.Event{b.event("subject.redact")}})
	got := must[kyc.Subject](t)(b.Subject(b.ctx, b.tenant, ada.ID))
	same(t, "erased", got.Private, kyc.SubjectData{Unreadable: true})
	got.Private = kyc.SubjectData{Name: "Ada"}
	got.Touch(b.clock.Now())
	b.put(t, &got)
	same(t, "after a later write", must[kyc.Subject](t)(b.Subject(b.ctx, b.tenant, ada.ID)).Private, kyc.SubjectData{Unreadable: true})
	// One without a personal part has nothing to lose.
	nameless.Touch(b.clock.Now())
	b.commit(t, kyc.Change{Put: []kyc.Object{nameless}, Erase: []kyc.ID{nameless.ID}, Events: []kyc.Event{b.event("subject.redact")}})
	same(t, "nameless", must[kyc.Subject](t)(b.Subject(b.ctx, b.tenant, nameless.ID)), nameless)
}
