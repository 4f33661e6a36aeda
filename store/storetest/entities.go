package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

// entity is one of each object of the entities surface, about one individual.
type entity struct {
	individual *kyc.Individual
	paper      *kyc.EntityDocument
	profile    *kyc.ServiceProfile
	execution  *kyc.Execution
	result     *kyc.ProcessResult
	list       *kyc.Matchlist
	entry      *kyc.MatchlistEntry
}

func (b *bench) individual(subject kyc.ID) *kyc.Individual {
	i := &kyc.Individual{Meta: kyc.Meta{ID: subject, Tenant: b.tenant}, State: kyc.EntityActive, Private: kyc.IndividualData{
		Name: kyc.PersonName{ID: b.id(), Given: "Ada", Family: "Lovelace"}, BirthDate: kyc.BirthDate{ID: b.id(), Year: 1815, Month: 12, Day: 10, Normalized: "1815-12-10"},
		Nationality: "GB", Emails: []kyc.EmailAddress{{ID: b.id(), Address: "ada@example.org"}}, Attributes: map[string]any{"tier": "gold", "n": 1.5},
		Consents: []kyc.EntityConsent{{Type: "GENERAL", GivenAt: b.clock.Now()}}, Duplicates: []kyc.DuplicateOf{{SubjectID: b.id(), Role: "keep", At: b.clock.Now()}}}}
	i.Touch(b.clock.Now())
	return i
}

func (b *bench) paper(subject kyc.ID) *kyc.EntityDocument {
	file := b.id()
	return &kyc.EntityDocument{Meta: b.meta(), SubjectID: subject, Type: "PASSPORT", Class: "IDENTITY", Country: "GB", ExpiryDate: "2030-01-01",
		Attachments: []kyc.EntityAttachment{{ID: file, Side: "FRONT", Type: "PHOTO", ContentType: "image/png", Size: 3, SHA256: "00", BlobKey: "k", Status: "NORMAL", CreatedAt: b.clock.Now()}},
		Private:     kyc.EntityDocumentData{PrimaryIdentifier: "P-123", Files: map[kyc.ID]string{file: "ada.png"}, Supplementary: map[string]any{"a": "b"}}}
}

func (b *bench) profile(subject kyc.ID, service string) *kyc.ServiceProfile {
	return &kyc.ServiceProfile{Meta: b.meta(), SubjectID: subject, ServiceName: service, State: "ACTIVE", Assignee: "a", LatestExecutionID: b.id(),
		RiskOverride: &kyc.RiskOverride{Level: "HIGH", By: "x", At: b.clock.Now(), Factors: "00"}, Private: kyc.ServiceProfileData{CustomerReference: "ada-1815"}}
}

func (b *bench) execution(subject kyc.ID, change func(*kyc.Execution)) *kyc.Execution {
	o := kyc.StatusOverride{ID: b.id(), From: "REFER", Status: "PASS_MANUAL", At: b.clock.Now(), By: "x", Actor: kyc.SystemActor("test"), RequestID: "r"}
	e := &kyc.Execution{Meta: b.meta(), SubjectID: subject, ServiceName: "KYC", ServiceProfileID: b.id(), WorkflowID: b.id(), WorkflowName: "w", Version: 2,
		State: "IN_PROGRESS", Status: "UNCHECKED", Result: "UNCHECKED", Override: &o, Overrides: []kyc.StatusOverride{o}, Phase: "ONBOARDING", StartedAt: b.clock.Now(),
		Steps:   []kyc.StepResult{{ID: b.id(), Name: "AML", Type: "AML", Result: "HIT", Summary: map[string]any{"n": 1.0}, ProcessResults: []kyc.ID{b.id()}}},
		Risk:    &kyc.RiskAssessment{ID: b.id(), Score: 12.5, Level: "LOW", Factors: []kyc.RiskFactor{{Factor: "country", Value: "GB", Score: 1, Status: "VALID"}}, CreatedAt: b.clock.Now()},
		Private: kyc.ExecutionWords{Comment: "Ada asked twice", Overrides: map[kyc.ID]string{o.ID: "she is known"}}}
	if change != nil {
		change(e)
	}
	return e
}

func (b *bench) result(subject kyc.ID, change func(*kyc.ProcessResult)) *kyc.ProcessResult {
	confidence := 97.0
	r := &kyc.ProcessResult{Meta: b.meta(), SubjectID: subject, ExecutionID: b.id(), StepResultID: b.id(), ServiceName: "KYC", RequestID: "r", StepName: "AML_STEP", StepType: "AML",
		ObjectType: "INDIVIDUAL", ObjectID: subject, Class: "WATCHLIST", Result: "HIT", State: "COMPLETED", SystemStatus: "VALID",
		Provider: kyc.ProcessProvider{Name: "lists", Confidence: &confidence}, Factors: []kyc.RiskFactor{{Factor: "sanction", Score: 5, Status: "VALID"}}, Hit: "ofac_sdn|1", Digest: "00",
		Private: kyc.ProcessData{Supplementary: map[string]any{"type": "WATCHLIST", "name": "Ada Lovelace"}, Comments: []kyc.ProcessComment{{Text: "not Ada", By: "x", At: b.clock.Now()}}}}
	if change != nil {
		change(r)
	}
	return r
}

// entities stores one of each about a subject.
func (b *bench) entities(t *testing.T, subject kyc.ID) *entity {
	t.Helper()
	e := &entity{individual: b.individual(subject), paper: b.paper(subject), profile: b.profile(subject, "KYC"), execution: b.execution(subject, nil), result: b.result(subject, nil),
		list: &kyc.Matchlist{Meta: b.meta(), Name: "l", Action: "BLOCK", Entries: 1, Version: 1}}
	e.profile.Subscriptions = []kyc.Subscription{{Type: "ACTIVITY"}, {Type: "AML", Enabled: true, Lists: map[string]string{"ofac_sdn": "1"}}}
	e.entry = &kyc.MatchlistEntry{Meta: b.meta(), MatchlistID: e.list.ID, Reasons: []string{"FRAUD"}, Hash: "hash" + string(e.list.ID),
		Private: kyc.MatchlistEntryData{Attributes: map[string]string{"EMAIL_ADDRESS": "eve@example.org"}, Comment: "seen before"}}
	b.put(t, e.individual, e.paper, e.profile, e.execution, e.result, e.list, e.entry)
	return e
}

// foreign asks for everything as another tenant.
func (e *entity) foreign(b *bench, t kyc.Tenant, missing map[string]error, counts map[string]int) {
	_, missing["individual"] = b.Individual(b.ctx, t, e.individual.ID)
	_, missing["document"] = b.EntityDocument(b.ctx, t, e.paper.ID)
	_, missing["service profile"] = b.ServiceProfile(b.ctx, t, e.profile.ID)
	_, missing["service profile by name"] = b.ServiceProfileByName(b.ctx, t, e.profile.SubjectID, "KYC")
	_, missing["execution"] = b.Execution(b.ctx, t, e.execution.ID)
	_, missing["running execution"] = b.ExecutionOfRunning(b.ctx, t, e.execution.SubjectID, e.execution.WorkflowID)
	_, missing["process result"] = b.ProcessResult(b.ctx, t, e.result.ID)
	_, missing["matchlist"] = b.Matchlist(b.ctx, t, e.list.ID)
	_, missing["matchlist entry"] = b.MatchlistEntry(b.ctx, t, e.entry.ID)
	count := func(what string, n, total int, err error) {
		if counts[what] = n + total; err != nil {
			counts[what] = -1
		}
	}
	subject := e.individual.ID
	for _, f := range []kyc.IndividualFilter{{Deleted: true}, {IDs: []kyc.ID{subject}}} {
		all, n, err := b.Individuals(b.ctx, t, f, kyc.Page{})
		count(fmt.Sprintf("individuals %+v", f), len(all), n, err)
	}
	documents, err := b.EntityDocuments(b.ctx, t, subject, true)
	count("documents", len(documents), 0, err)
	for _, f := range []kyc.ProfileFilter{{}, {SubjectID: subject}, {ServiceName: "KYC", Monitored: true}} {
		all, n, err := b.ServiceProfiles(b.ctx, t, f, kyc.Page{})
		count(fmt.Sprintf("service profiles %+v", f), len(all), n, err)
	}
	monitored, err := b.MonitoredProfiles(b.ctx, t, "", 10)
	count("monitored profiles", len(monitored), 0, err)
	for _, f := range []kyc.ExecutionFilter{{}, {SubjectID: subject}, {WorkflowID: e.execution.WorkflowID, UpdatedInstead: true}} {
		all, n, err := b.Executions(b.ctx, t, f, kyc.Page{})
		count(fmt.Sprintf("executions %+v", f), len(all), n, err)
	}
	for _, f := range []kyc.ProcessFilter{{}, {SubjectID: subject}, {SubjectID: subject, UpdatedInstead: true}, {SubjectID: subject, Classes: []string{"WATCHLIST"}, UpdatedInstead: true},
		{ExecutionID: e.result.ExecutionID}, {Hits: []string{e.result.Hit}}, {IDs: []kyc.ID{e.result.ID}}} {
		all, n, err := b.ProcessResults(b.ctx, t, f, kyc.Page{})
		count(fmt.Sprintf("process results %+v", f), len(all), n, err)
	}
	lists, n, err := b.Matchlists(b.ctx, t, kyc.Page{})
	count("matchlists", len(lists), n, err)
	entries, n, err := b.MatchlistEntries(b.ctx, t, e.list.ID, kyc.Page{})
	count("matchlist entries", len(entries), n, err)
	entries, err = b.AllMatchlistEntries(b.ctx, t, []kyc.ID{e.list.ID})
	count("all matchlist entries", len(entries), 0, err)
}

func individuals(t *testing.T, b *bench) {
	start := b.clock.Now()
	var all []kyc.ID
	for i := range 5 {
		b.clock.Advance(time.Second)
		s := &kyc.Subject{Meta: b.meta(), Kind: "individual"}
		p := b.individual(s.ID)
		if i == 2 {
			p.State, p.DeletedAt = kyc.EntityDeleted, b.clock.Now()
		}
		b.put(t, s, p) // the key is made in the same commit
		all = append(all, s.ID)
		got := must[kyc.Individual](t)(b.Individual(b.ctx, b.tenant, s.ID))
		same(t, "individual", got, p)
		same(t, "private", got.Private, p.Private)
	}
	p := must[kyc.Individual](t)(b.Individual(b.ctx, b.tenant, all[0]))
	stale := p
	p.Private.Addresses = []kyc.PostalAddress{{ID: b.id(), Locality: "London", Country: "GB"}}
	p.Touch(b.clock.Now())
	b.put(t, &p)
	got := must[kyc.Individual](t)(b.Individual(b.ctx, b.tenant, all[0]))
	same(t, "a changed individual", got.Private, p.Private)
	stale.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&stale}}), "concurrent_change")
	nobody := b.individual(b.id())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{nobody}}), "not_found") // no subject, no key
	for name, c := range map[string]struct {
		filter kyc.IndividualFilter
		want   []kyc.ID
	}{
		"all":           {kyc.IndividualFilter{}, []kyc.ID{all[4], all[3], all[1], all[0]}},
		"oldest first":  {kyc.IndividualFilter{Oldest: true}, []kyc.ID{all[0], all[1], all[3], all[4]}},
		"deleted too":   {kyc.IndividualFilter{Deleted: true}, []kyc.ID{all[4], all[3], all[2], all[1], all[0]}},
		"some":          {kyc.IndividualFilter{IDs: []kyc.ID{all[3], all[2], b.id(), all[0]}}, []kyc.ID{all[3], all[0]}},
		"some, oldest":  {kyc.IndividualFilter{IDs: all[:3], Deleted: true, Oldest: true}, all[:3]},
		"none of these": {kyc.IndividualFilter{IDs: []kyc.ID{}}, nil},
		"time":          {kyc.IndividualFilter{From: start.Add(2 * time.Second), To: start.Add(5 * time.Second)}, []kyc.ID{all[3], all[1]}},
	} {
		found, total, err := b.Individuals(b.ctx, b.tenant, c.filter, kyc.Page{})
		if ids := idsOf(found, func(i kyc.Individual) kyc.ID { return i.ID }); err != nil || total != len(c.want) || !slices.Equal(ids, c.want) {
			t.Errorf("%s: %v of %d, want %v (%v)", name, ids, total, c.want, err)
		}
	}
}

func idsOf[T any](all []T, id func(T) kyc.ID) []kyc.ID {
	var out []kyc.ID
	for _, v := range all {
		out = append(out, id(v))
	}
	return out
}

func papers(t *testing.T, b *bench) {
	subject, other := b.subject(t), b.subject(t)
	var all []*kyc.EntityDocument
	for i := range 3 {
		b.clock.Advance(time.Second)
		p := b.paper(subject.ID)
		if i == 1 {
			p.DeletedAt = b.clock.Now()
		}
		all = append(all, p)
		b.put(t, p, b.paper(other.ID))
	}
	got := must[kyc.EntityDocument](t)(b.EntityDocument(b.ctx, b.tenant, all[1].ID))
	same(t, "document", got, all[1])
	same(t, "private", got.Private, all[1].Private)
	same(t, "documents", must[[]kyc.EntityDocument](t)(b.EntityDocuments(b.ctx, b.tenant, subject.ID, false)), []*kyc.EntityDocument{all[0], all[2]})
	same(t, "documents ever", must[[]kyc.EntityDocument](t)(b.EntityDocuments(b.ctx, b.tenant, subject.ID, true)), all)
	moved := *all[0]
	moved.SubjectID = other.ID
	moved.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&moved}}), "concurrent_change") // whose it is never changes
	all[0].DeletedAt = b.clock.Now()
	all[0].Touch(b.clock.Now())
	b.put(t, all[0])
	same(t, "documents after one is deleted", must[[]kyc.EntityDocument](t)(b.EntityDocuments(b.ctx, b.tenant, subject.ID, false)), []*kyc.EntityDocument{all[2]})
}

func profiles(t *testing.T, b *bench) {
	subject, other := b.subject(t), b.subject(t)
	mine := b.profile(subject.ID, "KYC")
	mine.Subscriptions = []kyc.Subscription{{Type: "AML", Enabled: true, EnabledAt: b.clock.Now()}}
	b.put(t, mine)
	got := must[kyc.ServiceProfile](t)(b.ServiceProfile(b.ctx, b.tenant, mine.ID))
	same(t, "profile", got, mine)
	same(t, "private", got.Private, mine.Private)
	same(t, "profile by name", must[kyc.ServiceProfile](t)(b.ServiceProfileByName(b.ctx, b.tenant, subject.ID, "KYC")), mine)
	_, err := b.ServiceProfileByName(b.ctx, b.tenant, subject.ID, "kyc")
	want(t, err, "not_found")
	err = b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{b.profile(subject.ID, "KYC"), b.session(subject.ID)}})
	if want(t, err, "profile_exists"); kyc.KindOf(err) != kyc.Conflict {
		t.Errorf("a second profile is %v", err)
	}
	b.clock.Advance(time.Second)
	second, third, quiet := b.profile(subject.ID, "Loans"), b.profile(other.ID, "KYC"), b.profile(other.ID, "Loans")
	second.Subscriptions = []kyc.Subscription{{Type: "ACTIVITY"}, {Type: "AML", Enabled: true}}
	third.Subscriptions, third.State = []kyc.Subscription{{Type: "AML", DisabledAt: b.clock.Now()}}, "INIT"
	quiet.Private = kyc.ServiceProfileData{}
	b.put(t, second)
	b.clock.Advance(time.Second)
	b.put(t, third)
	b.clock.Advance(time.Second)
	b.put(t, quiet)
	for name, c := range map[string]struct {
		filter kyc.ProfileFilter
		want   int
	}{
		"all": {kyc.ProfileFilter{}, 4}, "subject": {kyc.ProfileFilter{SubjectID: subject.ID}, 2}, "service": {kyc.ProfileFilter{ServiceName: "Loans"}, 2},
		"state": {kyc.ProfileFilter{State: "INIT"}, 1}, "monitored": {kyc.ProfileFilter{Monitored: true}, 2},
		"combined": {kyc.ProfileFilter{SubjectID: subject.ID, ServiceName: "Loans", State: "ACTIVE", Monitored: true}, 1}, "nobody": {kyc.ProfileFilter{SubjectID: b.id()}, 0},
	} {
		found, total, err := b.ServiceProfiles(b.ctx, b.tenant, c.filter, kyc.Page{})
		if err != nil || total != c.want || len(found) != c.want {
			t.Errorf("%s: %d of %d, want %d (%v)", name, len(found), total, c.want, err)
		}
	}
	same(t, "monitored", must[[]kyc.ServiceProfile](t)(b.MonitoredProfiles(b.ctx, b.tenant, "", 1)), []*kyc.ServiceProfile{mine})
	same(t, "monitored after", must[[]kyc.ServiceProfile](t)(b.MonitoredProfiles(b.ctx, b.tenant, mine.ID, 5)), []*kyc.ServiceProfile{second})
	second.Subscriptions[1].Enabled = false
	second.Touch(b.clock.Now())
	b.put(t, second)
	same(t, "monitored no more", must[[]kyc.ServiceProfile](t)(b.MonitoredProfiles(b.ctx, b.tenant, "", 5)), []*kyc.ServiceProfile{mine})
}

func matchlists(t *testing.T, b *bench) {
	list, other := &kyc.Matchlist{Meta: b.meta(), Name: "l", Action: "BLOCK"}, &kyc.Matchlist{Meta: b.meta(), Name: "m", Action: "ALERT", DeletedAt: b.clock.Now()}
	b.put(t, list, other)
	same(t, "matchlist", must[kyc.Matchlist](t)(b.Matchlist(b.ctx, b.tenant, list.ID)), list)
	same(t, "deleted matchlist", must[kyc.Matchlist](t)(b.Matchlist(b.ctx, b.tenant, other.ID)), other)
	if all, n, err := b.Matchlists(b.ctx, b.tenant, kyc.Page{}); err != nil || n != 1 || len(all) != 1 || all[0].ID != list.ID {
		t.Errorf("%d of %d matchlists (%v)", len(all), n, err)
	}
	entry := func(list *kyc.Matchlist, i int) *kyc.MatchlistEntry {
		b.clock.Advance(time.Millisecond)
		return &kyc.MatchlistEntry{Meta: b.meta(), MatchlistID: list.ID, Hash: fmt.Sprint("h", i), Private: kyc.MatchlistEntryData{Attributes: map[string]string{"EMAIL_ADDRESS": fmt.Sprint(i)}}}
	}
	var entries []*kyc.MatchlistEntry
	for i := range 5 {
		entries = append(entries, entry(list, i))
		b.put(t, entries[i])
	}
	foreign := entry(other, 0) // the same attributes on another list
	b.put(t, foreign)
	err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{entry(list, 3), entry(list, 9)}})
	if want(t, err, "entry_exists"); kyc.KindOf(err) != kyc.Conflict {
		t.Errorf("an entry twice is %v", err)
	}
	got := must[kyc.MatchlistEntry](t)(b.MatchlistEntry(b.ctx, b.tenant, entries[1].ID))
	same(t, "entry", got, entries[1])
	same(t, "private", got.Private, entries[1].Private)
	page, total, err := b.MatchlistEntries(b.ctx, b.tenant, list.ID, kyc.Page{Limit: 2, After: entries[4].ID})
	if err != nil || total != 5 {
		t.Errorf("total %d (%v)", total, err)
	}
	same(t, "page", page, []*kyc.MatchlistEntry{entries[3], entries[2]})
	all := must[[]kyc.MatchlistEntry](t)(b.AllMatchlistEntries(b.ctx, b.tenant, []kyc.ID{other.ID, list.ID, list.ID, b.id()}))
	same(t, "all", all, append(slices.Clone(entries), foreign))
	if none := must[[]kyc.MatchlistEntry](t)(b.AllMatchlistEntries(b.ctx, b.tenant, nil)); len(none) != 0 {
		t.Error("no list has entries")
	}
	entries[0].Hash = "h3"
	entries[0].Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{entries[0]}}), "entry_exists") // a change cannot make a twin either
	b.commit(t, kyc.Change{Remove: []kyc.Object{entries[3]}})
	b.put(t, entries[0])
}
