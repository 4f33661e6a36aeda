package storetest

import (
	"fmt"
	"testing"
	"time"

	"bonafide/kyc"
)

func workflowLists(t *testing.T, b *bench) {
	yes, no := true, false
	names := []string{"Onboarding EU", "onboarding_us", "Payout", "Old"}
	for i, name := range names {
		w := &kyc.Workflow{Meta: b.meta(), Name: name, Surface: kyc.SurfaceGraph, Status: kyc.WorkflowDraft}
		switch i {
		case 0:
			w.Status, w.IsDefault = kyc.WorkflowPublished, true
		case 2:
			w.Surface = kyc.SurfaceSteps
		case 3:
			w.Status = kyc.WorkflowDeleted
		}
		b.put(t, w)
		b.clock.Advance(time.Millisecond)
	}
	for name, c := range map[string]struct {
		filter kyc.WorkflowFilter
		want   []string
	}{
		"all but deleted": {kyc.WorkflowFilter{}, []string{"Payout", "onboarding_us", "Onboarding EU"}},
		"deleted":         {kyc.WorkflowFilter{Status: kyc.WorkflowDeleted}, []string{"Old"}},
		"surface":         {kyc.WorkflowFilter{Surface: kyc.SurfaceSteps}, []string{"Payout"}},
		"default":         {kyc.WorkflowFilter{IsDefault: &yes}, []string{"Onboarding EU"}},
		"not default":     {kyc.WorkflowFilter{IsDefault: &no, Surface: kyc.SurfaceGraph}, []string{"onboarding_us"}},
		"active":          {kyc.WorkflowFilter{Active: &yes}, []string{"Onboarding EU"}},
		"inactive":        {kyc.WorkflowFilter{Active: &no}, []string{"Payout", "onboarding_us"}},
		"query":           {kyc.WorkflowFilter{Query: "ONBOARD"}, []string{"onboarding_us", "Onboarding EU"}},
		"literal query":   {kyc.WorkflowFilter{Query: "g_u"}, []string{"onboarding_us"}},
		"literal percent": {kyc.WorkflowFilter{Query: "%"}, nil},
	} {
		found, total, err := b.Workflows(b.ctx, b.tenant, c.filter, kyc.Page{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, w := range found {
			got = append(got, w.Name)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) || total != len(c.want) {
			t.Errorf("%s: %v (total %d), want %v", name, got, total, c.want)
		}
	}
}

func sessionLists(t *testing.T, b *bench) {
	subject := b.subject(t)
	start := b.clock.Now()
	var all []*kyc.Session
	for i := range 25 {
		b.clock.Advance(time.Second)
		s := b.session(subject.ID)
		s.ExternalRef, s.Tags = fmt.Sprintf("ref-%d", i%5), []string{fmt.Sprintf("tag%d", i%3), "all_%"}
		if i%2 == 0 {
			s.Status = kyc.SessionApproved
		}
		if i == 7 {
			s.ExpiresAt = start.Add(time.Minute)
		}
		b.put(t, s)
		all = append(all, s)
	}
	// Paging by offset and by ID give the same list, newest first.
	var byOffset, byID []kyc.ID
	after := kyc.ID("")
	for len(byOffset) < 25 {
		part, total, err := b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{}, kyc.Page{Limit: 10, Offset: len(byOffset)})
		if err != nil || total != 25 || len(part) == 0 {
			t.Fatalf("%d of %d (%v)", len(part), total, err)
		}
		for _, s := range part {
			byOffset = append(byOffset, s.ID)
		}
		part, total, err = b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{}, kyc.Page{Limit: 10, After: after})
		if err != nil || total != 25 {
			t.Fatalf("total %d (%v)", total, err)
		}
		for _, s := range part {
			byID = append(byID, s.ID)
		}
		after = byID[len(byID)-1]
	}
	if part, total, err := b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{}, kyc.Page{Limit: 10, Uncounted: true}); err != nil || total != 0 || len(part) != 10 || part[0].ID != all[24].ID {
		t.Errorf("uncounted: %d of %d (%v)", len(part), total, err)
	}
	for i := range all {
		if byOffset[i] != all[24-i].ID || byID[i] != all[24-i].ID {
			t.Fatalf("place %d", i)
		}
	}
	changed := *all[3]
	changed.Tags = []string{"tag9"}
	changed.Touch(b.clock.Now())
	b.put(t, &changed)
	for name, c := range map[string]struct {
		filter kyc.SessionFilter
		want   int
	}{
		"status":        {kyc.SessionFilter{Status: []kyc.SessionStatus{kyc.SessionApproved}}, 13},
		"statuses":      {kyc.SessionFilter{Status: []kyc.SessionStatus{kyc.SessionApproved, kyc.SessionCreated}}, 25},
		"surface":       {kyc.SessionFilter{Surface: kyc.SurfaceSteps}, 0},
		"workflow":      {kyc.SessionFilter{WorkflowID: all[4].WorkflowID}, 1},
		"reference":     {kyc.SessionFilter{ExternalRef: "ref-2"}, 5},
		"subject":       {kyc.SessionFilter{SubjectID: subject.ID}, 25},
		"other subject": {kyc.SessionFilter{SubjectID: all[0].ID}, 0},
		"tag":           {kyc.SessionFilter{Tag: "tag1"}, 8},
		"removed tag":   {kyc.SessionFilter{Tag: "tag0"}, 8},
		"added tag":     {kyc.SessionFilter{Tag: "tag9"}, 1},
		"part of a tag": {kyc.SessionFilter{Tag: "tag"}, 0},
		"literal tag":   {kyc.SessionFilter{Tag: "all_%"}, 24},
		"time":          {kyc.SessionFilter{From: start.Add(5 * time.Second), To: start.Add(8 * time.Second)}, 3},
		"expiry":        {kyc.SessionFilter{ExpiresBefore: start.Add(2 * time.Minute)}, 1},
		"all at once":   {kyc.SessionFilter{Status: []kyc.SessionStatus{kyc.SessionApproved}, ExternalRef: "ref-2", Tag: "tag1"}, 1},
	} {
		found, total, err := b.Sessions(b.ctx, b.tenant, c.filter, kyc.Page{})
		if err != nil || total != c.want || len(found) != c.want {
			t.Errorf("%s: %d of %d, want %d (%v)", name, len(found), total, c.want, err)
		}
	}
}

func caseLists(t *testing.T, b *bench) {
	start := b.clock.Now()
	add := func(queue string, priority int, status kyc.CaseStatus, assigned string) *kyc.Case {
		b.clock.Advance(time.Minute)
		c := &kyc.Case{Meta: b.meta(), SessionID: b.id(), Status: status, Queue: queue, Priority: priority, AssignedTo: assigned, EnteredReviewAt: b.clock.Now()}
		b.put(t, c)
		return c
	}
	low := add("a", 1, kyc.CaseOpen, "")
	high := add("a", 5, kyc.CaseOpen, "")
	late := add("a", 5, kyc.CaseOpen, "")
	other := add("b", 9, kyc.CaseOpen, "")
	add("a", 9, kyc.CaseOpen, "someone")
	add("a", 9, kyc.CaseInReview, "someone")
	add("a", 9, kyc.CaseApproved, "someone")
	order := func(queue string, beyond []string, want ...*kyc.Case) {
		t.Helper()
		got := must[[]kyc.Case](t)(b.NextCases(b.ctx, b.tenant, queue, beyond, 10))
		if len(got) != len(want) {
			t.Fatalf("%d next cases, want %d", len(got), len(want))
		}
		for i := range want {
			if got[i].ID != want[i].ID {
				t.Errorf("place %d is priority %d of %s", i, got[i].Priority, got[i].Queue)
			}
		}
	}
	order("a", nil, high, late, low)
	order("", nil, other, high, late, low)
	order("", []string{"b", "c"}, high, late, low)
	order("", []string{"a", "b"})
	order("a", []string{"a"})
	for beyond, want := range map[string]int{"a": 1, "b": 5, "c": 6} {
		f := kyc.WaitingFilter{Beyond: []string{beyond, "d"}}
		if n := must[int](t)(b.WaitingCount(b.ctx, b.tenant, f)); n != want {
			t.Errorf("%d cases wait outside of %s, want %d", n, beyond, want)
		}
	}
	same(t, "counts", must[map[kyc.CaseStatus]int](t)(b.CaseCounts(b.ctx, b.tenant)),
		map[kyc.CaseStatus]int{kyc.CaseOpen: 5, kyc.CaseInReview: 1, kyc.CaseApproved: 1})
	if n := must[int](t)(b.OpenCaseCount(b.ctx, b.tenant)); n != 6 {
		t.Errorf("%d open", n)
	}
	for name, c := range map[string]struct {
		filter kyc.CaseFilter
		want   int
	}{
		"all":      {kyc.CaseFilter{}, 7},
		"status":   {kyc.CaseFilter{Status: []kyc.CaseStatus{kyc.CaseOpen, kyc.CaseInReview}}, 6},
		"assigned": {kyc.CaseFilter{AssignedTo: "someone"}, 3},
		"queue":    {kyc.CaseFilter{Queue: "b"}, 1},
		"session":  {kyc.CaseFilter{SessionID: low.SessionID}, 1},
		"entered":  {kyc.CaseFilter{EnteredFrom: start.Add(2 * time.Minute), EnteredTo: start.Add(4 * time.Minute)}, 2},
	} {
		_, total, err := b.Cases(b.ctx, b.tenant, c.filter, kyc.Page{})
		if err != nil || total != c.want {
			t.Errorf("%s: %d, want %d (%v)", name, total, c.want, err)
		}
	}
}

func lapsedCases(t *testing.T, b *bench) {
	settings := kyc.DefaultSettings()
	settings.ClaimLapse = 10 * time.Minute
	org := &kyc.Org{Meta: kyc.Meta{ID: b.tenant.Org, Tenant: kyc.Tenant{Org: b.tenant.Org}}, Settings: map[kyc.Env]kyc.Settings{kyc.Live: settings}}
	org.Touch(b.clock.Now())
	mine := &kyc.Case{Meta: b.meta(), Status: kyc.CaseInReview, LastActivityAt: b.clock.Now()}
	other := &kyc.Case{Meta: b.meta(), Status: kyc.CaseInReview, LastActivityAt: b.clock.Now()}
	other.Tenant = kyc.Tenant{Org: b.id(), Env: kyc.Live} // default: 30 minutes
	b.put(t, org, mine, other)
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{9 * time.Minute, 0}, {10 * time.Minute, 1}, {29 * time.Minute, 1}, {30 * time.Minute, 2}} {
		got := must[[]kyc.Case](t)(b.LapsedCases(b.ctx, b.clock.Now().Add(c.after)))
		if len(got) != c.want {
			t.Errorf("after %v: %d lapsed, want %d", c.after, len(got), c.want)
		}
	}
}

func listItems(t *testing.T, b *bench) {
	list := &kyc.List{Meta: b.meta(), Name: "l", Type: kyc.ListEmail, Mode: kyc.ModeBlock}
	archived := &kyc.List{Meta: b.meta(), Name: "old", Type: kyc.ListName, Mode: kyc.ModeFlag, ArchivedAt: b.clock.Now()}
	b.put(t, list, archived)
	var c kyc.Change
	for i := range 30 {
		b.clock.Advance(time.Millisecond)
		c.Put = append(c.Put, &kyc.ListItem{Meta: b.meta(), ListID: list.ID, Hash: fmt.Sprintf("h%d", i%15), Value: kyc.ListValue{Value: fmt.Sprint(i)}})
	}
	b.commit(t, c)
	part, total, err := b.ListItems(b.ctx, b.tenant, list.ID, kyc.Page{Limit: 4})
	if err != nil || total != 30 || len(part) != 4 || part[0].Value.Value != "29" {
		t.Errorf("%d of %d items, first %+v (%v)", len(part), total, part[0].Value, err)
	}
	all := must[[]kyc.ListItem](t)(b.AllListItems(b.ctx, b.tenant, list.ID))
	if len(all) != 30 || all[0].Value.Value != "0" {
		t.Errorf("%d items", len(all))
	}
	found := must[[]kyc.ListItem](t)(b.ListItemsByHash(b.ctx, b.tenant, []kyc.ID{list.ID, archived.ID}, []string{"h3", "h4", "none"}))
	if len(found) != 4 || found[0].Value.Value != "3" {
		t.Errorf("%d items by hash", len(found))
	}
	if none := must[[]kyc.ListItem](t)(b.ListItemsByHash(b.ctx, b.tenant, []kyc.ID{archived.ID}, []string{"h3"})); len(none) != 0 {
		t.Error("an item of another list was found")
	}
	for name, c := range map[string]struct {
		filter kyc.ListFilter
		want   int
	}{
		"live": {kyc.ListFilter{}, 1}, "archived too": {kyc.ListFilter{Archived: true}, 2},
		"type": {kyc.ListFilter{Type: kyc.ListName}, 0}, "mode": {kyc.ListFilter{Mode: kyc.ModeBlock}, 1},
	} {
		_, total, err := b.Lists(b.ctx, b.tenant, c.filter, kyc.Page{})
		if err != nil || total != c.want {
			t.Errorf("%s: %d, want %d (%v)", name, total, c.want, err)
		}
	}
}
