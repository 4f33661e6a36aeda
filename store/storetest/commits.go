package storetest

import (
	"encoding/json"
	"testing"
	"time"

	"bonafide/kyc"
)

func everyKind(t *testing.T, b *bench) {
	now := b.clock.Now()
	org := &kyc.Org{Meta: kyc.Meta{ID: b.tenant.Org, Tenant: kyc.Tenant{Org: b.tenant.Org}}, Name: "Acme", SandboxOffset: time.Hour,
		Settings: map[kyc.Env]kyc.Settings{kyc.Live: kyc.DefaultSettings()}}
	org.Touch(now)
	user := &kyc.User{Meta: kyc.Meta{ID: b.id(), Tenant: kyc.Tenant{Org: b.tenant.Org}}, Email: "Ada@Example.org", Role: "admin", PasswordHash: "x"}
	user.Touch(now)
	key := &kyc.APIKey{Meta: b.meta(), Name: "k", Prefix: "bf_live_" + string(b.id()), Salt: "s", Hash: "h", Scopes: []string{"*"}, LastUsedAt: now}
	flow := &kyc.Workflow{Meta: b.meta(), Surface: kyc.SurfaceGraph, Slug: "onboarding", Name: "Onboarding", Status: kyc.WorkflowPublished, IsDefault: true,
		Rollout: &kyc.Rollout{Version: 2, Previous: 1, Percentage: 10, Salt: "s", StartedAt: now},
		Past:    []kyc.PastVersion{{Version: 1, Until: now}}}
	version := &kyc.WorkflowVersion{Meta: b.meta(), WorkflowID: flow.ID, Number: 2, Name: "n", Source: json.RawMessage(`{"nodes":{"<a>":1.50}}`), Hash: "sha256:1", Valid: true, Restores: 1}
	subject := &kyc.Subject{Meta: b.meta(), ExternalRef: "cust-1", Kind: "individual", Status: kyc.SubjectPending}
	session := b.session(subject.ID)
	session.Tags, session.TokenHash, session.ExpiresAt = []string{"vip"}, "tokenhash"+string(session.ID), now.Add(time.Hour)
	session.Private.Corrected = map[string]string{"last_name": "Lovelace"}
	run := b.run(session)
	run.DueAt, run.LeaseOwner = now.Add(time.Minute), "me"
	upload := &kyc.Upload{Meta: b.meta(), SessionID: session.ID, SubjectID: subject.ID, Kind: "document_front", ContentType: "image/png", Size: 3, SHA256: "00", BlobKey: "k"}
	review := &kyc.Case{Meta: b.meta(), SessionID: session.ID, SubjectID: subject.ID, Status: kyc.CaseOpen, Queue: "q", Priority: 3, SLAHours: 1.5, EnteredReviewAt: now,
		First:   &kyc.CaseDecision{Outcome: kyc.Approved, ReviewerID: "r", At: now},
		Private: kyc.CaseData{First: "the face is Ada's", Metadata: map[string]any{"a": "b"}}}
	note := &kyc.Note{Meta: b.meta(), CaseID: review.ID, SubjectID: subject.ID, Author: "r", Text: "looks fine to me"}
	list := &kyc.List{Meta: b.meta(), Name: "bad", Type: kyc.ListEmail, Mode: kyc.ModeBlock, Items: 1, Version: 1}
	item := &kyc.ListItem{Meta: b.meta(), ListID: list.ID, Hash: "ff", Value: kyc.ListValue{Value: "eve@example.org", Note: "n"}}
	endpoint := &kyc.Endpoint{Meta: b.meta(), URL: "https://example.org", Events: []string{"*"}, Status: "disabled", Secrets: []kyc.EndpointSecret{{Secret: "whsec_1"}, {Secret: "whsec_0", Until: now}}}
	delivery := &kyc.Delivery{Meta: b.meta(), EventID: b.id(), EndpointID: endpoint.ID, EventName: "session.approved", State: kyc.DeliveryPending, Attempt: 1, DueAt: now,
		Attempts: []kyc.DeliveryTry{{At: now, Status: 500, DurationMS: 3, Answer: "Ada is unknown here"}, {At: now, Error: "no answer within 10 s"}}, SubjectID: subject.ID}
	definition := kyc.Definition{Tenant: b.tenant, Hash: "sha256:g", Graph: json.RawMessage(`{"a":1}`)}
	input := b.input(run, 0)
	event := b.event("session.create")
	event.Reason, event.Payload = "because <ü> \u2028", json.RawMessage(`{"b":2,"a":1}`)
	b.commit(t, kyc.Change{
		Put:         []kyc.Object{org, user, key, flow, version, subject, session, run, upload, review, note, list, item, endpoint, delivery},
		Definitions: []kyc.Definition{definition, definition}, Inputs: []kyc.Input{input}, Events: []kyc.Event{event},
	})

	same(t, "org", must[kyc.Org](t)(b.Org(b.ctx, org.ID)), org)
	same(t, "orgs", must[[]kyc.Org](t)(b.Orgs(b.ctx)), []*kyc.Org{org})
	same(t, "user", must[kyc.User](t)(b.User(b.ctx, org.ID, user.ID)), user)
	same(t, "users", must[[]kyc.User](t)(b.Users(b.ctx, org.ID)), []*kyc.User{user})
	same(t, "user by email", must[kyc.User](t)(b.UserByEmail(b.ctx, "ada@example.ORG")), user)
	stored := must[*kyc.APIKey](t)(b.KeyByPrefix(b.ctx, key.Prefix))
	if !stored.LastUsedAt.IsZero() {
		t.Error("the use of a key is only told by SetKeyUsed")
	}
	if err := b.SetKeyUsed(b.ctx, key.ID, now); err != nil {
		t.Fatal(err)
	}
	same(t, "key", must[kyc.APIKey](t)(b.Key(b.ctx, b.tenant, key.ID)), key)
	same(t, "keys", must[[]kyc.APIKey](t)(b.Keys(b.ctx, b.tenant)), []*kyc.APIKey{key})
	same(t, "workflow", must[kyc.Workflow](t)(b.Workflow(b.ctx, b.tenant, flow.ID)), flow)
	same(t, "workflow by slug", must[kyc.Workflow](t)(b.WorkflowBySlug(b.ctx, b.tenant, kyc.SurfaceGraph, "onboarding")), flow)
	same(t, "default workflow", must[kyc.Workflow](t)(b.DefaultWorkflow(b.ctx, b.tenant, kyc.SurfaceGraph)), flow)
	same(t, "version", must[kyc.WorkflowVersion](t)(b.Version(b.ctx, b.tenant, flow.ID, 2)), version)
	same(t, "version by id", must[kyc.WorkflowVersion](t)(b.VersionByID(b.ctx, b.tenant, version.ID)), version)
	same(t, "definition", must[kyc.Definition](t)(b.Definition(b.ctx, b.tenant, "sha256:g")), definition)
	same(t, "subject", must[kyc.Subject](t)(b.Subject(b.ctx, b.tenant, subject.ID)), subject)
	same(t, "subject by ref", must[kyc.Subject](t)(b.SubjectByRef(b.ctx, b.tenant, "cust-1")), subject)
	got := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, session.ID))
	same(t, "session", got, session)
	same(t, "private", got.Private, session.Private)
	same(t, "session by token", must[kyc.Session](t)(b.SessionByToken(b.ctx, session.TokenHash)), session)
	same(t, "run", must[kyc.Run](t)(b.Run(b.ctx, b.tenant, run.ID)), run)
	same(t, "runs", must[[]kyc.Run](t)(b.Runs(b.ctx, b.tenant, session.ID)), []*kyc.Run{run})
	same(t, "inputs", must[[]kyc.Input](t)(b.Inputs(b.ctx, b.tenant, run.ID)), []kyc.Input{input})
	same(t, "upload", must[kyc.Upload](t)(b.Upload(b.ctx, b.tenant, upload.ID)), upload)
	same(t, "uploads", must[[]kyc.Upload](t)(b.Uploads(b.ctx, b.tenant, session.ID)), []*kyc.Upload{upload})
	same(t, "case", must[kyc.Case](t)(b.Case(b.ctx, b.tenant, review.ID)), review)
	same(t, "the words of a case", must[kyc.Case](t)(b.Case(b.ctx, b.tenant, review.ID)).Private, review.Private)
	same(t, "case by session", must[kyc.Case](t)(b.CaseBySession(b.ctx, b.tenant, session.ID)), review)
	notes := must[[]kyc.Note](t)(b.Notes(b.ctx, b.tenant, review.ID))
	if len(notes) != 1 || notes[0].Text != note.Text {
		t.Errorf("notes %+v", notes)
	}
	same(t, "list", must[kyc.List](t)(b.List(b.ctx, b.tenant, list.ID)), list)
	gotItem := must[kyc.ListItem](t)(b.ListItem(b.ctx, b.tenant, item.ID))
	same(t, "item", gotItem, item)
	same(t, "item value", gotItem.Value, item.Value)
	gotEndpoint := must[kyc.Endpoint](t)(b.Endpoint(b.ctx, b.tenant, endpoint.ID))
	same(t, "endpoint", gotEndpoint, endpoint)
	same(t, "secrets", gotEndpoint.Secrets, endpoint.Secrets)
	gotDelivery := must[kyc.Delivery](t)(b.Delivery(b.ctx, b.tenant, delivery.ID))
	same(t, "delivery", gotDelivery, delivery)
	if len(gotDelivery.Attempts) != 2 || gotDelivery.Attempts[0].Answer != "Ada is unknown here" || gotDelivery.Attempts[1].Answer != "" {
		t.Errorf("what a receiver answered comes back as %+v", gotDelivery.Attempts)
	}
	e := must[kyc.Event](t)(b.EventByID(b.ctx, b.tenant, event.ID))
	e.Seq, e.PrevHash, e.Hash, event.Payload = 0, "", "", json.RawMessage(`{"a":1,"b":2}`)
	same(t, "event", e, event)

	b.commit(t, kyc.Change{Remove: []kyc.Object{item}})
	_, err := b.ListItem(b.ctx, b.tenant, item.ID)
	want(t, err, "not_found")
	want(t, b.Commit(b.ctx, &kyc.Change{Remove: []kyc.Object{item}}), "not_found")
}

func allOrNothing(t *testing.T, b *bench) {
	endpoint := &kyc.Endpoint{Meta: b.meta(), URL: "https://example.org", Events: []string{"*"}, Status: "enabled"}
	subject := b.subject(t)
	session := b.session(subject.ID)
	b.put(t, endpoint, session)
	mine := *session
	session.Touch(b.clock.Now())
	b.put(t, session)

	// The compare-and-set that lost stands last; all before it must be undone.
	other := b.session(subject.ID)
	run := b.run(other)
	event := b.event("session.approve")
	event.Webhook = "session.approved"
	mine.Touch(b.clock.Now())
	err := b.Commit(b.ctx, &kyc.Change{
		Put: []kyc.Object{other, run, &mine}, Inputs: []kyc.Input{b.input(run, 0)}, Events: []kyc.Event{event},
		Jobs:   []kyc.Job{{Kind: "never", Tenant: b.tenant}},
		Traits: []kyc.Trait{{Kind: "email", Hash: "h", SessionID: other.ID}}, TraitTenant: b.tenant,
		Definitions: []kyc.Definition{{Tenant: b.tenant, Hash: "sha256:never", Graph: json.RawMessage(`{}`)}},
	})
	want(t, err, "concurrent_change")
	if kyc.KindOf(err) != kyc.Conflict {
		t.Errorf("a lost compare-and-set is kind %v", kyc.KindOf(err))
	}
	_, err = b.Session(b.ctx, b.tenant, other.ID)
	want(t, err, "not_found")
	_, err = b.Run(b.ctx, b.tenant, run.ID)
	want(t, err, "not_found")
	_, err = b.EventByID(b.ctx, b.tenant, event.ID)
	want(t, err, "not_found")
	_, err = b.Definition(b.ctx, b.tenant, "sha256:never")
	want(t, err, "not_found")
	if in := must[[]kyc.Input](t)(b.Inputs(b.ctx, b.tenant, run.ID)); len(in) != 0 {
		t.Error("an input was kept")
	}
	if tr := must[[]kyc.Trait](t)(b.Traits(b.ctx, b.tenant, "email", []string{"h"})); len(tr) != 0 {
		t.Error("a trait was kept")
	}
	if _, n, err := b.Deliveries(b.ctx, b.tenant, kyc.DeliveryFilter{}, kyc.Page{}); n != 0 || err != nil {
		t.Errorf("%d deliveries were kept (%v)", n, err)
	}
	if kinds := workOnce(t, b, "never", nil); len(kinds) != 0 {
		t.Error("a job was kept")
	}
}

func unitGathers(t *testing.T, b *bench) {
	subject := &kyc.Subject{Meta: b.meta(), Kind: "individual"}
	ctx, unit := kyc.WithUnit(b.ctx)
	if err := b.Commit(ctx, &kyc.Change{Put: []kyc.Object{subject}}); err != nil {
		t.Fatal(err)
	}
	_, err := b.Subject(ctx, b.tenant, subject.ID)
	want(t, err, "not_found")
	if err := b.Commit(kyc.WithoutUnit(ctx), &unit.Change); err != nil {
		t.Fatal(err)
	}
	must[kyc.Subject](t)(b.Subject(ctx, b.tenant, subject.ID))
}

func putTwice(t *testing.T, b *bench) {
	subject := &kyc.Subject{Meta: b.meta(), Kind: "individual"}
	session := b.session(subject.ID)
	c := kyc.Change{Put: []kyc.Object{subject, session}}
	session.Status = kyc.SessionCapturing
	session.Touch(b.clock.Now())
	c.Put = append(c.Put, session)
	copied := *session
	copied.Status = kyc.SessionRunning
	copied.Touch(b.clock.Now())
	c.Put = append(c.Put, &copied)
	b.commit(t, c)
	got := must[kyc.Session](t)(b.Session(b.ctx, b.tenant, session.ID))
	if got.Rev != 3 || got.Status != kyc.SessionRunning {
		t.Errorf("revision %d, status %s", got.Rev, got.Status)
	}
}

func compareAndSet(t *testing.T, b *bench) {
	session := b.session(b.subject(t).ID)
	b.put(t, session)
	const racers = 16
	errs := make(chan error, racers)
	for range racers {
		mine := *session
		mine.Touch(b.clock.Now())
		go func() { errs <- b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&mine}}) }()
	}
	won := 0
	for range racers {
		if err := <-errs; err == nil {
			won++
		} else {
			want(t, err, "concurrent_change")
		}
	}
	if won != 1 {
		t.Errorf("%d writers won", won)
	}
	again := *session
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&again}}), "concurrent_change") // a second insert
	foreign := *session
	foreign.Tenant.Env = kyc.Sandbox
	foreign.Rev, foreign.Private = 3, kyc.SessionData{}
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&foreign}}), "concurrent_change")
}

func inputOnce(t *testing.T, b *bench) {
	session := b.session(b.subject(t).ID)
	run := b.run(session)
	b.put(t, session, run)
	b.commit(t, kyc.Change{Inputs: []kyc.Input{b.input(run, 0)}})
	want(t, b.Commit(b.ctx, &kyc.Change{Inputs: []kyc.Input{b.input(run, 0)}, Events: []kyc.Event{b.event("x")}}), "concurrent_change")
	b.commit(t, kyc.Change{Inputs: []kyc.Input{b.input(run, 2), b.input(run, 1)}})
	got := must[[]kyc.Input](t)(b.Inputs(b.ctx, b.tenant, run.ID))
	if len(got) != 3 || got[0].Seq != 0 || got[1].Seq != 1 || got[2].Seq != 2 {
		t.Errorf("inputs %+v", got)
	}
	orphan := b.run(session)
	orphan.SubjectID = b.id()
	want(t, b.Commit(b.ctx, &kyc.Change{Inputs: []kyc.Input{b.input(orphan, 0)}}), "not_found")
}

func uniqueValues(t *testing.T, b *bench) {
	now := b.clock.Now()
	flow := func(slug string) *kyc.Workflow {
		return &kyc.Workflow{Meta: b.meta(), Slug: slug, Name: slug, Status: kyc.WorkflowDraft, Surface: kyc.SurfaceGraph}
	}
	first := flow("kyc")
	b.put(t, first, flow(""), flow(""))
	err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{flow("kyc")}})
	want(t, err, "slug_taken")
	if kyc.KindOf(err) != kyc.Conflict {
		t.Error("a taken slug is a conflict")
	}
	elsewhere := flow("kyc")
	elsewhere.Surface = kyc.SurfaceSteps
	b.put(t, elsewhere) // each surface has names of its own
	first.Status = kyc.WorkflowDeleted
	first.Touch(now)
	b.put(t, first)
	b.put(t, flow("kyc"))

	ref := func() *kyc.Subject { return &kyc.Subject{Meta: b.meta(), ExternalRef: "c-1", Kind: "individual"} }
	b.put(t, ref())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{ref()}}), "external_ref_taken")

	user := func() *kyc.User {
		u := &kyc.User{Meta: kyc.Meta{ID: b.id(), Tenant: kyc.Tenant{Org: b.tenant.Org}}, Email: "a@example.org"}
		u.Touch(now)
		return u
	}
	b.put(t, user())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{user()}}), "email_taken")
}

func times(t *testing.T, b *bench) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 123456000, time.FixedZone("x", 3600))
	s := &kyc.Subject{Meta: kyc.Meta{ID: b.id(), Tenant: b.tenant}, Kind: "individual"}
	s.Touch(at)
	b.put(t, s)
	got := must[kyc.Subject](t)(b.Subject(b.ctx, b.tenant, s.ID))
	if !got.CreatedAt.Equal(at) || got.CreatedAt.Location() != time.UTC {
		t.Errorf("%v became %v", at, got.CreatedAt)
	}
}

func hooks(t *testing.T, b *bench) {
	var seen []int
	b.OnCommit(func(c *kyc.Change) { seen = append(seen, len(c.Put)) })
	b.OnCommit(func(c *kyc.Change) { seen = append(seen, -len(c.Put)) })
	s := b.subject(t)
	stale := *s
	stale.Rev = 9
	_ = b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&stale}})
	same(t, "hooks", seen, []int{1, -1})
}

func closed(t *testing.T, b *bench) {
	if err := b.Ping(b.ctx); err != nil {
		t.Fatal(err)
	}
	if v := must[int64](t)(b.SchemaVersion(b.ctx)); v < 1 {
		t.Errorf("schema version %d", v)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	s := &kyc.Subject{Meta: b.meta(), Kind: "individual"}
	if b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{s}}) == nil || b.Ping(b.ctx) == nil {
		t.Error("a closed store answers")
	}
}

// fixedColumns says which facts of an object may change later and which not.
func fixedColumns(t *testing.T, b *bench) {
	session := b.session(b.subject(t).ID)
	b.put(t, session)
	session.WorkflowID, session.ExternalRef, session.Tags, session.ExpiresAt = b.id(), "later", []string{"x"}, b.clock.Now()
	session.Touch(b.clock.Now())
	b.put(t, session)
	found, _, err := b.Sessions(b.ctx, b.tenant, kyc.SessionFilter{WorkflowID: session.WorkflowID, ExternalRef: "later", Tag: "x"}, kyc.Page{})
	if err != nil || len(found) != 1 {
		t.Errorf("%d sessions (%v)", len(found), err)
	}
	session.SubjectID = b.subject(t).ID
	session.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{session}}), "concurrent_change")
}
