package entity

import (
	"slices"
	"testing"

	"bonafide/kyc"
)

// profile stores a service profile of a person.
func (b *bench) profile(subject kyc.ID, service string, reference string) kyc.ServiceProfile {
	b.Helper()
	p := kyc.ServiceProfile{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.t}, SubjectID: subject, ServiceName: service, State: ProfileActive,
		Subscriptions: []kyc.Subscription{{Type: "AML", Enabled: true, EnabledAt: b.now}, {Type: "ACTIVITY"}}}
	p.Touch(b.now)
	b.put(&p)
	if reference == "" {
		return p
	}
	return must[kyc.ServiceProfile](b)(b.m.PatchProfile(b.ctx, b.t, b.by, subject, service, 0, ProfileChange{CustomerReference: &reference}))
}

// withEverything is a person with a document, a file and a service profile.
func (b *bench) withEverything() (kyc.Individual, kyc.EntityDocument) {
	b.Helper()
	ind := b.person(anna())
	doc := must[kyc.EntityDocument](b)(b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, NewDocument{Type: "PASSPORT", Country: "NL", PrimaryIdentifier: "SPECI 2014",
		ExpiryDate: "2030-01-01", Attachments: []NewAttachment{{Data: []byte("PNG front"), Name: "front.png", Side: "FRONT", Page: 1}}}))
	b.profile(ind.ID, "onboarding", "K-1")
	return ind, doc
}

// gone checks that nothing of a person can be read or changed.
func (b *bench) gone(id, doc, file kyc.ID) {
	b.Helper()
	for name, do := range map[string]func() error{
		"individual": func() error { _, err := b.m.Individual(b.ctx, b.t, b.by, id); return err },
		"patch":      func() error { _, err := b.m.Patch(b.ctx, b.t, b.by, id, 0, Patch{}); return err },
		"delete":     func() error { return b.m.Delete(b.ctx, b.t, b.by, id, 0, false) },
		"documents":  func() error { _, err := b.m.Documents(b.ctx, b.t, b.by, id); return err },
		"document":   func() error { _, err := b.m.Document(b.ctx, b.t, b.by, id, doc); return err },
		"add": func() error {
			_, err := b.m.AddDocument(b.ctx, b.t, b.by, id, NewDocument{Type: "VISA", Country: "NL"})
			return err
		},
		"bytes":    func() error { _, _, err := b.m.AttachmentBytes(b.ctx, b.t, b.by, id, "", file); return err },
		"profiles": func() error { _, err := b.m.Profiles(b.ctx, b.t, b.by, id); return err },
		"profile":  func() error { _, err := b.m.Profile(b.ctx, b.t, b.by, id, "onboarding"); return err },
	} {
		if err := do(); kyc.KindOf(err) != kyc.NotFound {
			b.Errorf("%s answers %v", name, err)
		}
	}
	if list, total, _ := b.m.Individuals(b.ctx, b.t, b.by, kyc.IndividualFilter{Deleted: true}, kyc.Page{Limit: 10}); len(list) != 0 || total != 0 {
		b.Errorf("a list shows %d of %d", len(list), total)
	}
	for _, q := range []Query{{Family: "berg"}, {EntityID: id}, {Documents: []DocumentQuery{{Number: "SPECI2014"}}}, {CustomerReference: "K-1"}} {
		if found, err := b.m.Search(b.ctx, b.t, b.by, q, kyc.Page{}); err != nil || found.Total != 0 {
			b.Errorf("%+v finds %d, %v", q, found.Total, err)
		}
	}
}

func TestADeletedIndividualIsHiddenAndKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind, doc := b.withEverything()
	if err := b.m.Delete(b.ctx, b.t, b.by, ind.ID, ind.Rev+7, false); !kyc.IsCode(err, "etag_mismatch") {
		t.Errorf("another revision: %v", err)
	}
	if err := b.m.Delete(b.ctx, b.t, b.by, ind.ID, ind.Rev, false); err != nil {
		t.Fatal(err)
	}
	b.gone(ind.ID, doc.ID, doc.Attachments[0].ID)
	kept, _ := b.store.Individual(b.ctx, b.t, ind.ID)
	if kept.State != kyc.EntityDeleted || !kept.DeletedAt.Equal(b.now) || kept.Private.Name.Family == "" {
		t.Errorf("kept is %+v", kept)
	}
	p, _ := b.store.ServiceProfileByName(b.ctx, b.t, ind.ID, "onboarding")
	if p.State != ProfileDeleted || p.Subscriptions[0].Enabled || p.Subscriptions[0].DisabledBy != b.by.ID || !p.Subscriptions[1].DisabledAt.IsZero() {
		t.Errorf("the profile is %+v", p)
	}
	events, total, err := b.m.Audit(b.ctx, b.t, b.by, ind.ID, kyc.Page{Limit: 100})
	if err != nil || total != len(events) || events[0].Action != "individual.delete" {
		t.Errorf("the audit has %d of %d, %v", len(events), total, err)
	}
	if len(b.store.Erased)+len(b.store.Jobs) != 0 {
		t.Error("a plain deletion erased something")
	}
}

func TestAnErasureDestroysEverything(t *testing.T) {
	t.Parallel()
	for _, deleted := range []bool{false, true} {
		b := newBench(t)
		ind, doc := b.withEverything()
		hidden := must[kyc.EntityDocument](b)(b.m.AddDocument(b.ctx, b.t, b.by, ind.ID, NewDocument{Type: "VISA", Country: "NL",
			Attachments: []NewAttachment{{Data: []byte("PDF1")}}}))
		if err := b.m.DeleteDocument(b.ctx, b.t, b.by, ind.ID, hidden.ID, 0); err != nil {
			t.Fatal(err)
		}
		ended := kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.t, Rev: 1}, SubjectID: ind.ID, Status: kyc.SessionApproved}
		b.put(&ended)
		if deleted {
			if err := b.m.Delete(b.ctx, b.t, b.by, ind.ID, 0, false); err != nil {
				t.Fatal(err)
			}
		}
		commits := b.store.Commits
		if err := b.m.Delete(b.ctx, b.t, b.by, ind.ID, 0, true); err != nil {
			t.Fatal(err)
		}
		if b.store.Commits != commits+1 || !b.store.gone[ind.ID] {
			t.Error("the key was not destroyed in one commit")
		}
		b.gone(ind.ID, doc.ID, doc.Attachments[0].ID)
		s, _ := b.store.Subject(b.ctx, b.t, ind.ID)
		if s.Status != kyc.SubjectRedacted || s.RedactedAt.IsZero() {
			t.Errorf("the subject is %+v", s)
		}
		if len(b.erased) != 1 || b.erased[0].ID != ended.ID {
			t.Errorf("sessions to erase: %+v", b.erased)
		}
		for _, all := range b.store.traits {
			if len(all) > 0 {
				t.Errorf("left over: %+v", all)
			}
		}
		if len(b.store.Files) != 2 || len(b.store.Jobs) != 1 || b.store.Jobs[0].Kind != JobDropBlobs {
			t.Fatalf("%d files, jobs %+v", len(b.store.Files), b.store.Jobs)
		}
		for range 2 { // a job may come twice
			if err := b.m.DropBlobs(b.ctx, b.store.Jobs[0]); err != nil {
				t.Fatal(err)
			}
		}
		if len(b.store.Files) != 0 {
			t.Errorf("%d files are left", len(b.store.Files))
		}
		b.refused(b.m.Delete(b.ctx, b.t, b.by, ind.ID, 0, true), kyc.NotFound, "not_found")
		events, _, err := b.m.Audit(b.ctx, b.t, b.by, ind.ID, kyc.Page{Limit: 100})
		if err != nil || events[0].Action != "individual.erase" {
			t.Errorf("the audit: %v", err)
		}
	}
}

func TestWhoeverWasErasedElsewhereIsGone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind, doc := b.withEverything()
	b.store.gone[ind.ID] = true // another surface destroyed the key
	_, err := b.m.Individual(b.ctx, b.t, b.by, ind.ID)
	b.refused(err, kyc.NotFound, "not_found")
	_, err = b.m.Document(b.ctx, b.t, b.by, ind.ID, doc.ID)
	b.refused(err, kyc.NotFound, "not_found")
	b.refused(b.m.Delete(b.ctx, b.t, b.by, ind.ID, 0, true), kyc.NotFound, "not_found")
	if got := b.finds(Query{EntityID: ind.ID}); len(got) != 0 {
		t.Errorf("a search shows %+v", got)
	}
	if list, _, err := b.m.Individuals(b.ctx, b.t, b.by, kyc.IndividualFilter{}, kyc.Page{Limit: 10}); err != nil || len(list) != 0 {
		t.Errorf("a list shows %+v, %v", list, err)
	}
}

func TestAnErasureWaits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		object func(b *bench, ind kyc.ID) kyc.Object
		code   string
	}{
		"legal hold": {func(b *bench, ind kyc.ID) kyc.Object {
			return &kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.t, Rev: 1}, SubjectID: ind, Status: kyc.SessionApproved, LegalHold: true}
		}, "legal_hold"},
		"session": {func(b *bench, ind kyc.ID) kyc.Object {
			return &kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.t, Rev: 1}, SubjectID: ind, Status: kyc.SessionPaused}
		}, "execution_running"},
		"execution": {func(b *bench, ind kyc.ID) kyc.Object {
			return &kyc.Execution{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.t, Rev: 1}, SubjectID: ind, State: "IN_PROGRESS"}
		}, "execution_running"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			ind, _ := b.withEverything()
			b.put(c.object(b, ind.ID))
			commits := b.store.Commits
			b.refused(b.m.Delete(b.ctx, b.t, b.by, ind.ID, 0, true), kyc.Conflict, c.code)
			if b.store.Commits != commits || b.store.gone[ind.ID] {
				t.Error("a refused erasure wrote something")
			}
			must[kyc.Individual](b)(b.m.Individual(b.ctx, b.t, b.by, ind.ID))
			if err := b.m.Delete(b.ctx, b.t, b.by, ind.ID, 0, false); err != nil {
				t.Errorf("hiding is no erasure: %v", err)
			}
		})
	}
}

func TestServiceProfilesChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ind := b.person(anna())
	b.profile(ind.ID, "onboarding", "")
	b.profile(ind.ID, "payments", "")
	list := must[[]kyc.ServiceProfile](b)(b.m.Profiles(b.ctx, b.t, b.by, ind.ID))
	if len(list) != 2 {
		t.Fatalf("%d profiles", len(list))
	}
	word := func(s string) *string { return &s }
	got := must[kyc.ServiceProfile](b)(b.m.PatchProfile(b.ctx, b.t, b.by, ind.ID, "onboarding", 1,
		ProfileChange{State: word("ARCHIVED"), Assignee: word(" kim "), CustomerReference: word("K-1")}))
	if got.State != "ARCHIVED" || got.Assignee != "kim" || got.Private.CustomerReference != "K-1" || got.Rev != 2 {
		t.Errorf("the profile is %+v", got)
	}
	commits := b.store.Commits
	must[kyc.ServiceProfile](b)(b.m.PatchProfile(b.ctx, b.t, b.by, ind.ID, "onboarding", 0, ProfileChange{Assignee: word("kim")}))
	if b.store.Commits != commits {
		t.Error("a change that changes nothing was written")
	}
	for _, state := range []string{"INIT", "DELETED", "active", ""} {
		_, err := b.m.PatchProfile(b.ctx, b.t, b.by, ind.ID, "onboarding", 0, ProfileChange{State: word(state), Reviewer: word(string(make([]byte, 3)))})
		b.wants("problems of "+state, codes(err), "/reviewer text_invalid", "/state enum_invalid")
	}
	_, err := b.m.PatchProfile(b.ctx, b.t, b.by, ind.ID, "onboarding", 1, ProfileChange{})
	b.refused(err, kyc.PreconditionFailed, "etag_mismatch")
	_, err = b.m.PatchProfile(b.ctx, b.t, b.by, ind.ID, "lending", 0, ProfileChange{})
	b.refused(err, kyc.NotFound, "not_found")
	one := must[kyc.ServiceProfile](b)(b.m.Profile(b.ctx, b.t, b.by, ind.ID, "onboarding"))
	if one.State != "ARCHIVED" || !slices.Contains(b.actions(0), "profile.read") {
		t.Errorf("reading it: %+v", one)
	}
}
