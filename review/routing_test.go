package review

import (
	"slices"
	"testing"

	"bonafide/kyc"
)

// routes puts rules into force.
func (b *bench) routes(rules ...kyc.QueueRule) {
	s := kyc.DefaultSettings()
	s.Queues = []kyc.ReviewQueue{{Name: "edd", FourEyes: true, Skills: []string{"edd"}}, {Name: "mena"}}
	s.Routing = rules
	b.store.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: s}
}

// filed opens the case of a session, as its machine would.
func (b *bench) filed(t *testing.T, s *kyc.Session, kind string, f kyc.Filing) (*kyc.Case, []kyc.Event) {
	t.Helper()
	now := b.desk.clock.Now()
	p := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: b.t}, Kind: kind, Status: kyc.SubjectPending}
	p.Touch(now)
	s.ID, s.Tenant, s.SubjectID, s.Status = kyc.NewID(now), b.t, p.ID, kyc.SessionReview
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{p}}); err != nil {
		t.Fatal(err)
	}
	c, events, err := b.desk.Open(t.Context(), s, now, f)
	if err != nil {
		t.Fatal(err)
	}
	return c, events
}

// A new case that its workflow sends nowhere goes where the first rule that takes it
// says, by the rules of that queue, and case and audit entry keep the rule's name.
func TestNewCasesAreRouted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	risk, high := 51.0, 77.5
	workflow := kyc.NewID(b.now)
	b.routes(kyc.QueueRule{Name: "High risk", Queue: "edd", RiskFrom: &risk}, kyc.QueueRule{Name: "Mena", Queue: "mena", Countries: []string{"IQ", "SY"}},
		kyc.QueueRule{Name: "Companies of one workflow", Queue: "mena", Workflows: []kyc.ID{workflow}, Subjects: []string{"company"}},
		kyc.QueueRule{Name: "Hits", Queue: "edd", Reasons: []string{"watchlist_screening", "name_alike", "manual_hit"}})
	for name, c := range map[string]struct {
		s     kyc.Session
		kind  string
		f     kyc.Filing
		queue string
		rule  string
	}{
		"nothing":           {kyc.Session{}, "individual", kyc.Filing{}, DefaultQueue, ""},
		"the workflow says": {kyc.Session{Country: "SY"}, "individual", kyc.Filing{Queue: "other", Risk: &high}, "other", ""},
		"risk":              {kyc.Session{Country: "SY"}, "individual", kyc.Filing{Risk: &high}, "edd", "High risk"},
		"session's country": {kyc.Session{Country: "SY"}, "individual", kyc.Filing{}, "mena", "Mena"},
		"form's country":    {kyc.Session{Private: kyc.SessionData{Fields: map[string]any{"address": map[string]any{"country": "iq"}}}}, "individual", kyc.Filing{}, "mena", "Mena"},
		"document's":        {kyc.Session{Country: "NL"}, "individual", kyc.Filing{Countries: []string{"NLD", "SYR"}}, "mena", "Mena"},
		"no country at all": {kyc.Session{Private: kyc.SessionData{Fields: map[string]any{"nickname": "SY", "nationality": "of SY"}}}, "individual", kyc.Filing{}, DefaultQueue, ""},
		"company":           {kyc.Session{WorkflowID: workflow}, "company", kyc.Filing{}, "mena", "Companies of one workflow"},
		"person":            {kyc.Session{WorkflowID: workflow}, "individual", kyc.Filing{}, DefaultQueue, ""},
		"the check":         {kyc.Session{}, "individual", kyc.Filing{ReasonCode: "x", Because: kyc.Because{Policy: "watchlist_screening"}}, "edd", "Hits"},
		"another check":     {kyc.Session{}, "individual", kyc.Filing{Because: kyc.Because{Policy: "aml_pep"}, Concerns: []string{"aml_pep", "possible_match", "watchlist_screening"}}, "edd", "Hits"},
		"the check's word":  {kyc.Session{}, "individual", kyc.Filing{Because: kyc.Because{Policy: "aml_pep", Code: "name_alike"}}, "edd", "Hits"},
	} {
		s := c.s
		got, events := b.filed(t, &s, c.kind, c.f)
		if got.Queue != c.queue || got.Rule != c.rule || got.FourEyes != (c.queue == "edd") {
			t.Errorf("%s: %s by %q", name, got.Queue, got.Rule)
		}
		want := ""
		if c.rule != "" {
			want = "routing rule: " + c.rule
		}
		if len(events) != 1 || events[0].Action != "case.create" || events[0].Reason != want {
			t.Errorf("%s: the audit says %+v", name, events)
		}
	}
}

// What is open stays where it is when rules change or another run tells something
// else; a new case of the same session goes on where the last one was. Moved by hand,
// no rule sent it.
func TestRoutingTouchesNewCasesAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.routes(kyc.QueueRule{Name: "Mena", Queue: "mena", Countries: []string{"SY"}})
	s := &kyc.Session{Country: "SY"}
	c, events := b.filed(t, s, "individual", kyc.Filing{})
	s.CaseID = c.ID
	s.Touch(b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{s, c}, Events: events}); err != nil {
		t.Fatal(err)
	}
	b.routes(kyc.QueueRule{Name: "All", Queue: "edd"})
	again, _, err := b.desk.Open(t.Context(), s, b.desk.clock.Now(), kyc.Filing{ReasonCode: "run_again"})
	if err != nil || again.ID != c.ID || again.Queue != "mena" || again.Rule != "Mena" {
		t.Fatalf("run again: %+v %v", again, err)
	}
	ended := *c
	ended.Status = kyc.CaseApproved
	ended.Touch(b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&ended}}); err != nil {
		t.Fatal(err)
	}
	next, _, err := b.desk.Open(t.Context(), s, b.desk.clock.Now(), kyc.Filing{ReasonCode: "reopened"})
	if err != nil || next.ID == c.ID || next.Queue != "mena" || next.Rule != "Mena" {
		t.Fatalf("decided before: %+v %v", next, err)
	}
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{next}}); err != nil {
		t.Fatal(err)
	}
	same, other := "mena", "edd"
	if got, err := b.desk.Patch(t.Context(), b.t, b.key, next.ID, 0, Patch{Queue: &same}); err != nil || got.Rule != "Mena" {
		t.Errorf("to where it is: %+v %v", got, err)
	}
	if got, err := b.desk.Patch(t.Context(), b.t, b.key, next.ID, 0, Patch{Queue: &other}); err != nil || got.Rule != "" || got.Queue != "edd" {
		t.Errorf("moved: %+v %v", got, err)
	}
}

// A case that is opened by hand is routed like any other, before anybody is given it.
func TestManualCasesAreRouted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.routes(kyc.QueueRule{Name: "Companies", Queue: "edd", Subjects: []string{"company"}})
	p := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.t}, Kind: "company", Status: kyc.SubjectPending}
	p.Touch(b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{p}}); err != nil {
		t.Fatal(err)
	}
	c, err := b.desk.Create(t.Context(), b.t, b.key, Manual{SubjectID: p.ID})
	if err != nil || c.Queue != "edd" || c.Rule != "Companies" || c.SubjectID != p.ID {
		t.Errorf("%+v %v", c, err)
	}
	if e := b.store.events[len(b.store.events)-1]; e.Reason != "routing rule: Companies" {
		t.Errorf("the audit says %q", e.Reason)
	}
	_, err = b.desk.Create(t.Context(), b.t, b.key, Manual{SubjectID: p.ID, AssignedTo: "ben@acme.example"})
	wants(t, err, kyc.Forbidden, "skills_missing")
	if c, err := b.desk.Create(t.Context(), b.t, b.key, Manual{SubjectID: p.ID, Filing: kyc.Filing{Queue: "mena"}}); err != nil || c.Queue != "mena" || c.Rule != "" {
		t.Errorf("into a queue of its own: %+v %v", c, err)
	}
}

func TestWhichFieldsNameCountries(t *testing.T) {
	t.Parallel()
	got := CountriesOf(map[string]any{"nationality": "SYR", "issuing_country": "IQ", "country_code": "NL", "full_name": "NL", "children": 3, "address": map[string]any{"country": "DE", "city": "NL"}, "residence": "BE"})
	if want := []string{"DE", "NL", "IQ", "SYR", "BE"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
