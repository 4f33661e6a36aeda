package storetest

import (
	"slices"
	"sync"
	"testing"

	"bonafide/kyc"
)

// entityPages goes through lists page by page, by offset and by ID.
func entityPages(t *testing.T, b *bench) {
	subject, _, all := b.processCorpus(t)
	for order := range 4 {
		for name, f := range map[string]kyc.ProcessFilter{"whole": {SubjectID: subject}, "filtered": {SubjectID: subject, ServiceName: "KYC", Results: []string{"HIT", "CLEAR"}}} {
			f.UpdatedInstead, f.Oldest = order&1 != 0, order&2 != 0
			wanted := all
			if f.ServiceName != "" {
				wanted = slices.DeleteFunc(slices.Clone(all), func(r *kyc.ProcessResult) bool { return r.ServiceName != f.ServiceName })
			}
			ids := ordered(wanted, f)
			var byOffset, byID []kyc.ID
			page := func(p kyc.Page) []kyc.ID {
				found, total, err := b.ProcessResults(b.ctx, b.tenant, f, p)
				if err != nil || total != len(ids) {
					t.Fatalf("%s: total %d, want %d (%v)", name, total, len(ids), err)
				}
				return idsOf(found, func(r kyc.ProcessResult) kyc.ID { return r.ID })
			}
			for len(byOffset) < len(ids) {
				part := page(kyc.Page{Limit: 7, Offset: len(byOffset)})
				byOffset = append(byOffset, part...)
				p := kyc.Page{Limit: 7}
				if len(byID) > 0 {
					p.After = byID[len(byID)-1]
				}
				byID = append(byID, page(p)...)
				if len(part) == 0 {
					break
				}
			}
			if !slices.Equal(byOffset, ids) || !slices.Equal(byID, ids) {
				t.Errorf("%s, order %d:\nby offset %v\n    by ID %v\n     want %v", name, order, byOffset, byID, ids)
			}
			if rest := page(kyc.Page{Offset: len(ids)}); len(rest) != 0 {
				t.Errorf("%s: %d results behind the last", name, len(rest))
			}
		}
	}
}

func eraseEntity(t *testing.T, b *bench) {
	subject, other := b.subject(t), b.subject(t)
	e, kept := b.entities(t, subject.ID), b.entities(t, other.ID)
	silent := b.execution(subject.ID, func(x *kyc.Execution) { x.Private = kyc.ExecutionWords{} })
	b.put(t, silent)
	b.commit(t, kyc.Change{Traits: []kyc.Trait{{Kind: "c_family", Hash: "h", SubjectID: subject.ID}, {Kind: "c_family", Hash: "h", SubjectID: other.ID}}, TraitTenant: b.tenant})
	e.individual.State = kyc.EntityDeleted
	e.individual.Touch(b.clock.Now())
	b.commit(t, kyc.Change{Put: []kyc.Object{e.individual}, Erase: []kyc.ID{subject.ID}, Events: []kyc.Event{b.event("subject.redact")}})

	check := func() {
		t.Helper()
		i := must[kyc.Individual](t)(b.Individual(b.ctx, b.tenant, subject.ID))
		same(t, "individual", i.Private, kyc.IndividualData{Unreadable: true})
		same(t, "document", must[[]kyc.EntityDocument](t)(b.EntityDocuments(b.ctx, b.tenant, subject.ID, true))[0].Private, kyc.EntityDocumentData{Unreadable: true})
		p := must[kyc.ServiceProfile](t)(b.ServiceProfileByName(b.ctx, b.tenant, subject.ID, "KYC"))
		same(t, "profile", p.Private, kyc.ServiceProfileData{Unreadable: true})
		x := must[kyc.Execution](t)(b.Execution(b.ctx, b.tenant, e.execution.ID))
		same(t, "execution", x.Private, kyc.ExecutionWords{Unreadable: true})
		r, n, err := b.ProcessResults(b.ctx, b.tenant, kyc.ProcessFilter{SubjectID: subject.ID}, kyc.Page{})
		if err != nil || n != 1 {
			t.Fatalf("%d results (%v)", n, err)
		}
		same(t, "process result", r[0].Private, kyc.ProcessData{Unreadable: true})
		if i.State != kyc.EntityDeleted || p.State != "ACTIVE" || x.Status != "UNCHECKED" || r[0].Result != "HIT" {
			t.Error("the tombstones say nothing any more")
		}
	}
	check()
	if x := must[kyc.Execution](t)(b.Execution(b.ctx, b.tenant, silent.ID)); x.Private.Unreadable {
		t.Error("an execution without words has lost some")
	}
	found := must[[]kyc.Trait](t)(b.Traits(b.ctx, b.tenant, "c_family", []string{"h"}))
	if len(found) != 1 || found[0].SubjectID != other.ID {
		t.Errorf("traits %+v", found)
	}
	// Nothing personal comes back with a later write.
	for _, o := range []kyc.Object{e.individual, e.paper, e.profile, e.execution, e.result} {
		o.Head().Touch(b.clock.Now())
		b.put(t, o)
	}
	check()
	e.list.Touch(b.clock.Now())
	b.put(t, e.list)
	if x := must[kyc.MatchlistEntry](t)(b.MatchlistEntry(b.ctx, b.tenant, e.entry.ID)); x.Private.Comment != "seen before" {
		t.Errorf("the customer's own list lost %+v", x.Private)
	}
	same(t, "another individual", must[kyc.Individual](t)(b.Individual(b.ctx, b.tenant, other.ID)).Private, kept.individual.Private)
	same(t, "another result", must[kyc.ProcessResult](t)(b.ProcessResult(b.ctx, b.tenant, kept.result.ID)).Private, kept.result.Private)
}

// sealedEntity takes the sealed column away and finds nothing personal left,
// and puts it into another row, where it opens nothing.
func sealedEntity(t *testing.T, b *bench) {
	subject := b.subject(t)
	e, twin := b.entities(t, subject.ID), b.result(subject.ID, nil)
	b.put(t, twin)
	for _, table := range []string{"individual", "entity_document", "service_profile", "execution", "matchlist_entry"} {
		b.exec("UPDATE " + table + " SET secret = NULL")
	}
	same(t, "individual", must[kyc.Individual](t)(b.Individual(b.ctx, b.tenant, subject.ID)).Private, kyc.IndividualData{})
	same(t, "document", must[kyc.EntityDocument](t)(b.EntityDocument(b.ctx, b.tenant, e.paper.ID)).Private, kyc.EntityDocumentData{})
	same(t, "profile", must[kyc.ServiceProfile](t)(b.ServiceProfile(b.ctx, b.tenant, e.profile.ID)).Private, kyc.ServiceProfileData{})
	same(t, "execution", must[kyc.Execution](t)(b.Execution(b.ctx, b.tenant, e.execution.ID)).Private, kyc.ExecutionWords{})
	same(t, "entry", must[kyc.MatchlistEntry](t)(b.MatchlistEntry(b.ctx, b.tenant, e.entry.ID)).Private, kyc.MatchlistEntryData{})
	b.exec("UPDATE process_result SET secret = (SELECT secret FROM process_result WHERE id = '" + string(e.result.ID) + "') WHERE id = '" + string(twin.ID) + "'")
	if _, err := b.ProcessResult(b.ctx, b.tenant, twin.ID); err == nil {
		t.Error("a personal part opens in another row")
	}
	b.exec("UPDATE process_result SET secret = NULL")
	same(t, "process result", must[kyc.ProcessResult](t)(b.ProcessResult(b.ctx, b.tenant, e.result.ID)).Private, kyc.ProcessData{})
}

// oneLink says that an individual has one open hosted link for a workflow,
// however many are made at once, and that ending one makes room in the same
// commit.
func oneLink(t *testing.T, b *bench) {
	subject, workflow := b.subject(t), b.id()
	link := func(change func(*kyc.Session)) *kyc.Session {
		s := b.session(subject.ID)
		s.Surface, s.WorkflowID, s.Status, s.TokenHash = kyc.SurfaceEntities, workflow, kyc.SessionCreated, "token "+string(s.ID)
		if change != nil {
			change(s)
		}
		return s
	}
	first := link(nil)
	b.put(t, first)
	second := link(nil)
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{second}}), "concurrent_change")
	b.put(t, link(func(s *kyc.Session) { s.WorkflowID = b.id() }), link(func(s *kyc.Session) { s.Surface = kyc.SurfaceSteps }),
		link(func(s *kyc.Session) { s.TokenHash = "" }), link(func(s *kyc.Session) { s.Status = kyc.SessionReview }))
	first.Status, first.TokenHash = kyc.SessionExpired, ""
	first.Touch(b.clock.Now())
	b.put(t, first, second)
	// One that is taken up again needs the other to end, too.
	first.Status, first.TokenHash = kyc.SessionCapturing, "again "+string(first.ID)
	first.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{first}}), "concurrent_change")
	second.Status = kyc.SessionExpired
	second.Touch(b.clock.Now())
	b.put(t, second, first)
	var wg sync.WaitGroup
	var mu sync.Mutex
	workflow, n := b.id(), 0
	for range 16 {
		wg.Go(func() {
			s := link(nil)
			switch err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{s}, Events: []kyc.Event{b.event("session.create")}}); {
			case err == nil:
				mu.Lock()
				n++
				mu.Unlock()
			case !kyc.IsCode(err, "concurrent_change"):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n != 1 {
		t.Errorf("%d links are open at once", n)
	}
}
