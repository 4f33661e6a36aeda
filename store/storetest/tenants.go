package storetest

import (
	"testing"

	"bonafide/kyc"
)

// tenants asks for every object as another organisation and as the other
// environment; nothing may exist for them.
func tenants(t *testing.T, b *bench) {
	subject := &kyc.Subject{Meta: b.meta(), ExternalRef: "c-1", Kind: "individual"}
	session := b.session(subject.ID)
	session.ExternalRef = "c-1"
	run := b.run(session)
	flow := &kyc.Workflow{Meta: b.meta(), Surface: kyc.SurfaceGraph, Slug: "w", Name: "w", Status: kyc.WorkflowPublished, IsDefault: true}
	version := &kyc.WorkflowVersion{Meta: b.meta(), WorkflowID: flow.ID, Number: 1, Source: []byte(`{}`)}
	upload := &kyc.Upload{Meta: b.meta(), SessionID: session.ID, SubjectID: subject.ID}
	review := &kyc.Case{Meta: b.meta(), SessionID: session.ID, Status: kyc.CaseOpen, Queue: "q"}
	note := &kyc.Note{Meta: b.meta(), CaseID: review.ID, SubjectID: subject.ID, Text: "x"}
	list := &kyc.List{Meta: b.meta(), Name: "l", Type: kyc.ListEmail, Mode: kyc.ModeFlag}
	item := &kyc.ListItem{Meta: b.meta(), ListID: list.ID, Hash: "h"}
	endpoint := &kyc.Endpoint{Meta: b.meta(), Events: []string{"*"}, Status: "enabled"}
	key := &kyc.APIKey{Meta: b.meta(), Prefix: "bf_live_" + string(b.id())}
	user := &kyc.User{Meta: kyc.Meta{ID: b.id(), Tenant: kyc.Tenant{Org: b.tenant.Org}}, Email: string(b.id())}
	user.Touch(b.clock.Now())
	journey := b.journey(session)
	journey.ParentID = b.id()
	transfer, exam, ruling := b.transfer(session, b.clock.Now()), b.exam(session, "ocr", "aa"), b.ruling(session, "approved")
	b.put(t, subject, session, run, flow, version, upload, review, note, list, item, endpoint, key, user, journey, transfer, exam, ruling)
	watch := b.watch("w")
	watch.Tags = []string{"vip"}
	party, check := b.watched(watch, subject.ID), b.monitorRun(watch)
	asked := b.inquiry(subject)
	asked.Monitor = kyc.WatchOnUpdate
	b.put(t, watch, party, check, asked)
	b.put(t, b.faceTemplate(subject.ID, session.ID, 1))
	stored := b.entities(t, subject.ID)
	event := b.event("session.create")
	event.Webhook = "session.created"
	b.commit(t, kyc.Change{
		Inputs: []kyc.Input{b.input(run, 0)}, Events: []kyc.Event{event}, Traits: []kyc.Trait{{Kind: "email", Hash: "h"}}, TraitTenant: b.tenant,
		Pictures:    []kyc.Picture{{Upload: upload.ID, Bands: []string{"band"}, SessionID: session.ID, SubjectID: subject.ID}},
		Definitions: []kyc.Definition{{Tenant: b.tenant, Hash: "sha256:g", Graph: []byte(`{}`)}},
	})
	deliveries, _, err := b.Deliveries(b.ctx, b.tenant, kyc.DeliveryFilter{}, kyc.Page{})
	if err != nil || len(deliveries) != 1 {
		t.Fatalf("%d deliveries (%v)", len(deliveries), err)
	}
	if err := b.PutBlob(b.ctx, b.tenant, subject.ID, "file", []byte("x")); err != nil {
		t.Fatal(err)
	}

	for _, foreign := range []kyc.Tenant{{Org: b.tenant.Org, Env: kyc.Sandbox}, {Org: b.id(), Env: kyc.Live}} {
		missing, counts := map[string]error{}, map[string]int{}
		_, missing["key"] = b.Key(b.ctx, foreign, key.ID)
		_, missing["workflow"] = b.Workflow(b.ctx, foreign, flow.ID)
		_, missing["workflow by slug"] = b.WorkflowBySlug(b.ctx, foreign, kyc.SurfaceGraph, "w")
		_, missing["default workflow"] = b.DefaultWorkflow(b.ctx, foreign, kyc.SurfaceGraph)
		_, missing["version"] = b.Version(b.ctx, foreign, flow.ID, 1)
		_, missing["version by id"] = b.VersionByID(b.ctx, foreign, version.ID)
		_, missing["definition"] = b.Definition(b.ctx, foreign, "sha256:g")
		_, missing["session"] = b.Session(b.ctx, foreign, session.ID)
		_, missing["subject"] = b.Subject(b.ctx, foreign, subject.ID)
		_, missing["subject by ref"] = b.SubjectByRef(b.ctx, foreign, "c-1")
		_, missing["journey"] = b.Journey(b.ctx, foreign, session.ID)
		_, missing["transfer"] = b.Transfer(b.ctx, foreign, transfer.ID)
		_, missing["exam"] = b.Exam(b.ctx, foreign, exam.ID)
		_, missing["exam by input"] = b.ExamByInput(b.ctx, foreign, session.ID, "ocr", "aa")
		_, missing["watchlist"] = b.Watch(b.ctx, foreign, watch.ID)
		_, missing["watched party"] = b.WatchedParty(b.ctx, foreign, party.ID)
		_, missing["monitoring run"] = b.MonitorRun(b.ctx, foreign, check.ID)
		_, missing["inquiry"] = b.Inquiry(b.ctx, foreign, asked.ID)
		_, missing["upload"] = b.Upload(b.ctx, foreign, upload.ID)
		_, missing["run"] = b.Run(b.ctx, foreign, run.ID)
		_, missing["case"] = b.Case(b.ctx, foreign, review.ID)
		_, missing["case by session"] = b.CaseBySession(b.ctx, foreign, session.ID)
		_, missing["list"] = b.List(b.ctx, foreign, list.ID)
		_, missing["list item"] = b.ListItem(b.ctx, foreign, item.ID)
		_, missing["endpoint"] = b.Endpoint(b.ctx, foreign, endpoint.ID)
		_, missing["delivery"] = b.Delivery(b.ctx, foreign, deliveries[0].ID)
		_, missing["event"] = b.EventByID(b.ctx, foreign, event.ID)
		_, missing["blob"] = b.Blob(b.ctx, foreign, subject.ID, "file")
		if foreign.Org != b.tenant.Org {
			_, missing["user"] = b.User(b.ctx, foreign.Org, user.ID)
			_, missing["org"] = b.Org(b.ctx, foreign.Org)
		}
		stored.foreign(b, foreign, missing, counts)
		for what, err := range missing {
			if kyc.KindOf(err) != kyc.NotFound {
				t.Errorf("%s of another tenant: %v", what, err)
			}
		}
		count := func(what string, n int, err error) {
			counts[what] = n
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		keys, err := b.Keys(b.ctx, foreign)
		count("keys", len(keys), err)
		_, n, err := b.Workflows(b.ctx, foreign, kyc.WorkflowFilter{}, kyc.Page{})
		count("workflows", n, err)
		_, n, err = b.Versions(b.ctx, foreign, flow.ID, kyc.Page{})
		count("versions", n, err)
		_, n, err = b.Sessions(b.ctx, foreign, kyc.SessionFilter{}, kyc.Page{})
		count("sessions", n, err)
		_, n, err = b.Sessions(b.ctx, foreign, kyc.SessionFilter{ParentID: journey.ParentID}, kyc.Page{})
		count("subsessions", n, err)
		_, n, err = b.Subjects(b.ctx, foreign, kyc.SubjectFilter{}, kyc.Page{})
		count("subjects", n, err)
		ways, err := b.Journeys(b.ctx, foreign, journey.ParentID)
		count("journeys", len(ways), err)
		ways, err = b.JourneysOf(b.ctx, foreign, []kyc.ID{session.ID})
		count("journeys of sessions", len(ways), err)
		transfers, err := b.Transfers(b.ctx, foreign, session.ID)
		count("transfers", len(transfers), err)
		exams, err := b.Exams(b.ctx, foreign, session.ID)
		count("exams", len(exams), err)
		rulings, err := b.Rulings(b.ctx, foreign, session.ID)
		count("rulings", len(rulings), err)
		_, n, err = b.Watches(b.ctx, foreign, kyc.WatchFilter{}, kyc.Page{})
		count("watchlists", n, err)
		_, n, err = b.WatchedParties(b.ctx, foreign, kyc.WatchedFilter{WatchID: watch.ID}, kyc.Page{})
		count("watched parties", n, err)
		parties, err := b.WatchedAfter(b.ctx, foreign, watch.ID, "", 10)
		count("watched parties of a run", len(parties), err)
		_, n, err = b.Inquiries(b.ctx, foreign, kyc.InquiryFilter{}, kyc.Page{})
		count("inquiries", n, err)
		_, n, err = b.Inquiries(b.ctx, foreign, kyc.InquiryFilter{SubjectID: subject.ID, Monitored: true}, kyc.Page{})
		count("inquiries of a person", n, err)
		_, n, err = b.MonitorRuns(b.ctx, foreign, watch.ID, kyc.Page{})
		count("monitoring runs", n, err)
		faces, err := b.FaceTemplates(b.ctx, foreign, kyc.FaceFilter{}, "", 10)
		count("face templates", len(faces), err)
		tags, err := b.WatchTags(b.ctx, foreign)
		count("tags", len(tags), err)
		uploads, err := b.Uploads(b.ctx, foreign, session.ID)
		count("uploads", len(uploads), err)
		runs, err := b.Runs(b.ctx, foreign, session.ID)
		count("runs", len(runs), err)
		inputs, err := b.Inputs(b.ctx, foreign, run.ID)
		count("inputs", len(inputs), err)
		_, n, err = b.Cases(b.ctx, foreign, kyc.CaseFilter{}, kyc.Page{})
		count("cases", n, err)
		next, err := b.NextCases(b.ctx, foreign, "", nil, 10)
		count("next cases", len(next), err)
		n, err = b.OpenCaseCount(b.ctx, foreign)
		count("open cases", n, err)
		notes, err := b.Notes(b.ctx, foreign, review.ID)
		count("notes", len(notes), err)
		_, n, err = b.Lists(b.ctx, foreign, kyc.ListFilter{Archived: true}, kyc.Page{})
		count("lists", n, err)
		_, n, err = b.ListItems(b.ctx, foreign, list.ID, kyc.Page{})
		count("list items", n, err)
		items, err := b.ListItemsByHash(b.ctx, foreign, []kyc.ID{list.ID}, []string{"h"})
		count("items by hash", len(items), err)
		items, err = b.AllListItems(b.ctx, foreign, list.ID)
		count("all items", len(items), err)
		endpoints, err := b.Endpoints(b.ctx, foreign)
		count("endpoints", len(endpoints), err)
		_, n, err = b.Deliveries(b.ctx, foreign, kyc.DeliveryFilter{}, kyc.Page{})
		count("deliveries", n, err)
		_, n, err = b.Events(b.ctx, foreign, kyc.EventFilter{}, kyc.Page{})
		count("events", n, err)
		found, err := b.Traits(b.ctx, foreign, "email", []string{"h"})
		count("traits", len(found), err)
		seen, err := b.Pictures(b.ctx, foreign, []string{"band"})
		count("pictures", len(seen), err)
		for what, n := range counts {
			if n != 0 {
				t.Errorf("%d %s of another tenant", n, what)
			}
		}
		stolen := *session
		stolen.Tenant = foreign
		stolen.Touch(b.clock.Now())
		stolen.Private = kyc.SessionData{}
		want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&stolen}}), "concurrent_change")
		item := *item
		item.Tenant = foreign
		want(t, b.Commit(b.ctx, &kyc.Change{Remove: []kyc.Object{&item}}), "not_found")
	}
}

// traits says that a blind index of one tenant means nothing in another.
func traits(t *testing.T, b *bench) {
	blind := must[string](t)
	mine := blind(b.Blind(b.ctx, b.tenant, "email", "ada@example.org"))
	if len(mine) != 64 || mine != blind(b.Blind(b.ctx, b.tenant, "email", "ada@example.org")) {
		t.Errorf("blind index %q", mine)
	}
	for name, other := range map[string]string{
		"value":        blind(b.Blind(b.ctx, b.tenant, "email", "eve@example.org")),
		"kind":         blind(b.Blind(b.ctx, b.tenant, "phone", "ada@example.org")),
		"environment":  blind(b.Blind(b.ctx, kyc.Tenant{Org: b.tenant.Org, Env: kyc.Sandbox}, "email", "ada@example.org")),
		"organisation": blind(b.Blind(b.ctx, kyc.Tenant{Org: b.id(), Env: kyc.Live}, "email", "ada@example.org")),
	} {
		if other == mine {
			t.Errorf("another %s has the same blind index", name)
		}
	}
	trait := kyc.Trait{Kind: "email", Hash: mine, SessionID: b.id(), SubjectID: b.id()}
	b.commit(t, kyc.Change{Traits: []kyc.Trait{trait, trait}, TraitTenant: b.tenant})
	b.commit(t, kyc.Change{Traits: []kyc.Trait{trait}, TraitTenant: b.tenant})
	got := must[[]kyc.Trait](t)(b.Traits(b.ctx, b.tenant, "email", []string{"no", mine}))
	same(t, "traits", got, []kyc.Trait{trait})
	none := must[[]kyc.Trait](t)(b.Traits(b.ctx, b.tenant, "phone", []string{mine}))
	if len(none) != 0 {
		t.Error("a trait of another kind was found")
	}
}
