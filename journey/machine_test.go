package journey

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

// plain is a small onboarding: a form and a paper.
const plain = `{"name":"Plain","slug":"plain","custom_tags":{"team":"north"},"steps":[
 {"step_id":"info","order":1,"name":"You","type":"form_fill","custom_fields":[
  {"field_id":"full_name","field_key":"name","name":"Name","type":"name","name_type":"individual","validate_lists":true,"required":true},
  {"field_id":"mail","name":"Mail","type":"email"},
  {"field_id":"has_pet","name":"Pet?","type":"boolean"}]},
 {"step_id":"pets","order":2,"name":"Pets","type":"form_fill","required":false,
  "show_if":{"conditions":[{"field_id":"has_pet","operator":"is_true"}]},
  "custom_fields":[{"field_id":"pet","name":"Its name","type":"text"}]},
 {"step_id":"papers","order":3,"name":"Papers","type":"document_upload","document_requirements":[{"document_type":"id"}]}]}`

// with lays a merge patch over plain.
func (b *bench) workflow(t *testing.T, patch string) WorkflowState {
	t.Helper()
	st, err := b.CreateWorkflow(t.Context(), b.live, b.key, json.RawMessage(plain), false)
	if err != nil {
		t.Fatal(err)
	}
	if patch == "" {
		return st
	}
	if st, err = b.UpdateWorkflow(t.Context(), b.live, b.key, "plain", 0, json.RawMessage(patch), false); err != nil {
		t.Fatal(err)
	}
	return st
}

// opened makes a session of plain with a patch over it.
func (b *bench) opened(t *testing.T, patch string) Created {
	t.Helper()
	b.workflow(t, patch)
	c, err := b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "plain", ClientID: "client-1"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// applicant acts as the public side does: every waiting visible step is
// completed and finishIfComplete decides.
func (b *bench) finish(t *testing.T, id kyc.ID) *view {
	t.Helper()
	v, err := b.load(t.Context(), b.live, id)
	if err != nil {
		t.Fatal(err)
	}
	by := kyc.Actor{Kind: kyc.ActorApplicant, ID: string(v.session.SubjectID)}
	if v.session.Status == kyc.SessionCreated {
		if err := v.session.Move(kyc.SessionCapturing, v.now); err != nil {
			t.Fatal(err)
		}
	}
	var c kyc.Change
	for i := range v.journey.Steps {
		if s := &v.journey.Steps[i]; !s.Hidden && !s.Status.Done() {
			s.Status = kyc.StepCompleted
			v.submitted(s.StepID)
		}
	}
	if err := b.finishIfComplete(t.Context(), v, by, &c); err != nil {
		t.Fatal(err)
	}
	if err := b.save(t.Context(), v, by, c); err != nil {
		t.Fatal(err)
	}
	return v
}

// put brings a session into a state as other parts of the program would.
func (b *bench) put(t *testing.T, id kyc.ID, s kyc.SessionStatus) {
	t.Helper()
	x, err := b.store.Session(t.Context(), b.live, id)
	if err != nil {
		t.Fatal(err)
	}
	x.Status, x.Result = s, map[kyc.SessionStatus]kyc.Outcome{kyc.SessionApproved: kyc.Approved, kyc.SessionRejected: kyc.Rejected, kyc.SessionReview: kyc.NeedsReview}[s]
	c := &kyc.Change{Put: []kyc.Object{&x}}
	if x.Result != "" && x.RunID == "" { // somebody decides only what was processed
		run := &kyc.Run{Meta: kyc.Meta{ID: kyc.NewID(*b.now), Tenant: b.live}, SessionID: id, Status: kyc.RunCompleted}
		run.Touch(*b.now)
		x.RunID = run.ID
		c.Put = append(c.Put, run)
	}
	x.Touch(*b.now)
	if err := b.store.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// ends makes every run end with an outcome while somebody waits for it; an
// empty outcome is an engine failure.
func (b *bench) ends(t *testing.T, o kyc.Outcome, reason string, checks map[string]kyc.CheckFact) {
	t.Helper()
	b.engine.ends = func(id kyc.ID) {
		run, err := b.store.Run(t.Context(), b.live, id)
		if err != nil {
			t.Fatal(err)
		}
		s, err := b.store.Session(t.Context(), b.live, run.SessionID)
		if err != nil {
			t.Fatal(err)
		}
		at := b.d.Clock.Now()
		run.Status, run.Outcome, run.ReasonCode, run.EndedAt = kyc.RunCompleted, o, reason, at
		to := map[kyc.Outcome]kyc.SessionStatus{kyc.Approved: kyc.SessionApproved, kyc.Rejected: kyc.SessionRejected, kyc.NeedsReview: kyc.SessionReview}[o]
		if o == "" {
			run.Status, to = kyc.RunFailed, kyc.SessionFailed
		}
		if err := s.Move(to, at); err != nil {
			t.Fatal(err)
		}
		s.Result, s.ReasonCode = o, reason
		b.engine.trace[id] = Trace{Checks: checks, Engine: "test"}
		c, err := b.Finished(t.Context(), &run, &s, at, End{Status: run.Status, Filing: kyc.Filing{ReasonCode: reason}, Checks: checks})
		if err != nil {
			t.Fatal(err)
		}
		run.Touch(at)
		s.Touch(at)
		c.Put = append(c.Put, &run, &s)
		if err := b.store.Commit(t.Context(), &c); err != nil {
			t.Fatal(err)
		}
	}
}

func (b *bench) session(t *testing.T, id kyc.ID) kyc.Session {
	t.Helper()
	s, err := b.store.Session(t.Context(), b.live, id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bench) journey(t *testing.T, id kyc.ID) kyc.Journey {
	t.Helper()
	j, err := b.store.Journey(t.Context(), b.live, id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func (b *bench) rulings(t *testing.T, id kyc.ID) []kyc.Ruling {
	t.Helper()
	r, err := b.store.Rulings(t.Context(), b.live, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// dual switches four eyes on.
func (b *bench) dual(t *testing.T) {
	t.Helper()
	org, err := b.store.Org(t.Context(), b.live.Org)
	if err != nil {
		t.Fatal(err)
	}
	s := kyc.DefaultSettings()
	s.DualReview = true
	org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: s}
	org.Touch(*b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&org}}); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) later(d time.Duration) { *b.now = b.now.Add(d) }

func TestAStepThatIsHiddenIsNotAskedAndItsPrefillIsForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.workflow(t, "")
	c, err := b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "plain", Prefill: map[string]any{"pet": "Rex", "name": "Ada Example", "has_pet": "yes", "nothing": 1}})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, w := range c.Warnings {
		codes = append(codes, w.Path+" "+w.Code)
	}
	if want := []string{"/prefill/has_pet wrong_type", "/prefill/nothing prefill_field_unknown"}; !slices.Equal(codes, want) {
		t.Errorf("warnings %v, want %v", codes, want)
	}
	if c.Session.Private.Fields["full_name"] != "Ada Example" {
		t.Errorf("the prefill is lost: %v", c.Session.Private.Fields)
	}
	if !c.Journey.Steps[1].Hidden {
		t.Error("a prefilled value counts as an answer before the applicant gave it")
	}
	b.finish(t, c.Session.ID)
	s := b.session(t, c.Session.ID)
	if s.Status != kyc.SessionCaptured {
		t.Fatalf("the session is %s", s.Status)
	}
	if _, kept := s.Private.Fields["pet"]; kept {
		t.Error("the value of a hidden step is stored")
	}
	if got := b.heard(c.Session.ID); !slices.Equal(got, []string{"session.created", "session.completed"}) {
		t.Errorf("heard %v", got)
	}
}

func TestTheLastStepBeginsTheRunOnlyWithAutoProcess(t *testing.T) {
	t.Parallel()
	for patch, want := range map[string]kyc.SessionStatus{
		"": kyc.SessionCaptured,
		`{"validation_config":{"automation_rules":{"auto_process":true,"auto_approve_conditions":{"no_list_matches":true}}}}`: kyc.SessionRunning,
	} {
		b := newBench(t)
		c := b.opened(t, patch)
		b.finish(t, c.Session.ID)
		if s := b.session(t, c.Session.ID); s.Status != want || (want == kyc.SessionRunning) != (len(b.engine.begun) == 1) {
			t.Errorf("with %s the session is %s, want %s; %d runs", patch, s.Status, want, len(b.engine.begun))
		}
	}
}
