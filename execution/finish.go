package execution

import (
	"context"
	"reflect"
	"slices"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// policyDecision is the check that decides an execution (5.8), policyLists the
// one whose lists are monitored.
const (
	policyDecision = "procedure_decision"
	policyLists    = "watchlist_screening"
)

// Reason codes of sessions of this surface.
const (
	reasonProcessing = "processing_error"
	reasonOverride   = "status_override"
)

// ending is an execution that is about to end.
type ending struct {
	execution  kyc.Execution
	individual kyc.Individual
	documents  []kyc.EntityDocument
	profile    kyc.ServiceProfile
	def        *procedure.Definition
	results    []*kyc.ProcessResult
	toggled    []procedure.Toggle
	moved      bool // the individual changed while it ran
	end        End
	at         time.Time
	by         kyc.Actor
	change     kyc.Change
	subject    *kyc.Subject // put once, whoever changes it
}

// Finished builds the record of an execution whose run ended; the engine has
// moved the session already and commits what is given back together with the
// run's end. State and result are those that procedure_decision recorded; a run
// that the engine could not finish is no decision, and a person looks at it.
func (m *Machine) Finished(ctx context.Context, run *kyc.Run, s *kyc.Session, at time.Time, end End) (kyc.Change, error) {
	f, err := m.ending(ctx, s, at, end)
	if err != nil {
		return kyc.Change{}, err
	}
	if err := m.record(ctx, f, s); err != nil {
		return kyc.Change{}, err
	}
	if err := m.land(ctx, f, s); err != nil {
		return kyc.Change{}, err
	}
	if err := m.profileAt(ctx, f); err != nil {
		return kyc.Change{}, err
	}
	if err := m.alerts(ctx, f); err != nil {
		return kyc.Change{}, err
	}
	e := &f.execution
	e.Touch(at)
	f.profile.Touch(at)
	f.change.Put = append(f.change.Put, e, &f.profile)
	for _, r := range f.results {
		f.change.Put = append(f.change.Put, r)
	}
	if f.subject != nil {
		f.subject.Touch(at)
		f.change.Put = append(f.change.Put, f.subject)
	}
	f.change.Events = append(f.change.Events, m.ended(f))
	return f.change, nil
}

// ending reads what an execution ends with.
func (m *Machine) ending(ctx context.Context, s *kyc.Session, at time.Time, end End) (*ending, error) {
	f := &ending{end: end, at: at, by: kyc.SystemActor("engine")}
	var err error
	if f.execution, err = m.d.Store.Execution(ctx, s.Tenant, s.ID); err != nil {
		return nil, err
	}
	if f.def, err = m.definitionOf(ctx, &f.execution); err != nil {
		return nil, err
	}
	if f.individual, err = m.d.Store.Individual(ctx, s.Tenant, s.SubjectID); err != nil && kyc.KindOf(err) != kyc.NotFound {
		return nil, err
	}
	if f.documents, err = m.d.Store.EntityDocuments(ctx, s.Tenant, s.SubjectID, false); err != nil {
		return nil, err
	}
	all, err := m.profiles(ctx, s.Tenant, s.SubjectID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(p kyc.ServiceProfile) bool { return p.ID == f.execution.ServiceProfileID })
	if i < 0 {
		return nil, kyc.Errorf(kyc.Internal, "profile_missing", "the service profile of execution %s is gone", f.execution.ID)
	}
	f.profile = all[i]
	return f, nil
}

// definitionOf reads the version an execution is pinned to.
func (m *Machine) definitionOf(ctx context.Context, e *kyc.Execution) (*procedure.Definition, error) {
	v, err := m.d.Store.Version(ctx, e.Tenant, e.WorkflowID, e.Version)
	if err != nil {
		return nil, err
	}
	return m.definition(&v)
}

// record turns the answers of the checks into the record of the execution.
func (m *Machine) record(ctx context.Context, f *ending, s *kyc.Session) error {
	facts, err := m.facts(ctx, f, s)
	if err != nil {
		return err
	}
	v := procedure.Judge(f.def, facts, f.at, inOrder(f.at))
	e := &f.execution
	e.State, e.Result = m.decided(f, v)
	if e.State == procedure.StateCompleted {
		f.toggled = v.Toggles
	}
	e.Status, e.Manual, e.EndedAt = e.Result, v.Manual, f.at
	e.Steps, e.Issues, e.Errors, e.Risk = v.Steps, v.Issues, v.Errors, v.Risk
	if f.end.Status != kyc.RunCompleted {
		e.Errors = append(e.Errors, kyc.StepError{Code: cause(f.end), Description: "the workflow did not run to its end, so this is no decision"})
	}
	for i := range e.Issues {
		e.Issues[i].RequestID = e.RequestID
	}
	if e.Risk != nil {
		e.Risk.RequestID = e.RequestID
	}
	identity, _ := s.Private.Established[procedure.KeyIdentity].(string)
	for i := range v.Process {
		r := &v.Process[i]
		if r.Hit != "" {
			r.Private.Identity = identity
		}
		r.Tenant, r.SubjectID, r.ExecutionID, r.WorkflowID = e.Tenant, e.SubjectID, e.ID, e.WorkflowID
		r.ServiceName, r.RequestID = e.ServiceName, e.RequestID
		r.Touch(f.at)
		f.results = append(f.results, r)
	}
	if f.moved = !sameFacts(s, f); f.moved && e.Risk != nil {
		e.Risk.IsOutdated = true
	}
	return m.stillManual(ctx, f, s.Private.Established)
}

// sameFacts reports whether the individual is still the one that the execution
// began with: who was changed while it ran was not assessed as they are now.
func sameFacts(s *kyc.Session, f *ending) bool {
	if f.individual.Private.Unreadable || s.Private.Unreadable {
		return true // nobody is left to be told apart
	}
	now, err := plain(map[string]any{procedure.KeyPerson: procedure.PersonOf(&f.individual.Private, inForceOn(f.documents, s.SubmittedAt))})
	return err != nil || reflect.DeepEqual(now[procedure.KeyPerson], s.Private.Established[procedure.KeyPerson])
}

// facts are what the law judges. A hit that was carried over keeps the digest
// it was judged with: should its entry have changed while the checks ran, the
// next look at the lists finds the difference.
func (m *Machine) facts(ctx context.Context, f *ending, s *kyc.Session) (procedure.Facts, error) {
	digests, err := m.digestsOf(ctx, s.Tenant, f.end)
	if err != nil {
		return procedure.Facts{}, err
	}
	for _, c := range carried(s.Private.Established) {
		if _, hit := digests[c.Hit]; hit && c.Digest != "" {
			digests[c.Hit] = c.Digest
		}
	}
	attempts := make([]procedure.Attempt, len(f.end.Attempts))
	for i, a := range f.end.Attempts {
		attempts[i] = procedure.Attempt(a)
	}
	return procedure.Facts{Attempts: attempts, Checks: f.end.Checks, Fields: s.Private.Fields, Country: s.Country, Extracted: f.end.Extracted,
		Established: s.Private.Established, Digests: digests, Objects: procedure.Objects(f.execution.SubjectID, &f.individual.Private, inForceOn(f.documents, f.at))}, nil
}

// decided are the state and the result of an execution. What the engine did
// not finish is no decision; otherwise the recorded answer of
// procedure_decision counts, and without one nobody decided.
func (m *Machine) decided(f *ending, v procedure.Verdict) (state, result string) {
	switch f.end.Status {
	case kyc.RunCompleted:
	case kyc.RunCancelled:
		return procedure.StateCanceled, procedure.Incomplete
	default:
		if cause(f.end) == "timeout" {
			return procedure.StateTimeout, procedure.Incomplete
		}
		return procedure.StateError, procedure.Blocked
	}
	last, ok := f.end.last(policyDecision)
	if !ok || last.Answer.Status != kyc.StatusOK {
		return procedure.StateError, procedure.Blocked
	}
	state, _ = last.Answer.Details["state"].(string)
	result, _ = last.Answer.Details["result"].(string)
	if !slices.Contains(procedure.States(), state) || !slices.Contains(procedure.Statuses(), result) {
		return procedure.StateError, procedure.Blocked
	}
	if state != v.State || result != v.Result {
		m.d.Log.Error("the record of an execution differs from its decision", "execution", f.execution.ID, "decided", state+"/"+result, "derived", v.State+"/"+v.Result)
	}
	return state, result
}

// cause is why a run did not end by itself.
func cause(e End) string {
	if e.Filing.ReasonCode != "" {
		return e.Filing.ReasonCode
	}
	return reasonProcessing
}

// last is the last recorded answer of a policy.
func (e End) last(policy string) (Attempt, bool) {
	for i := len(e.Attempts) - 1; i >= 0; i-- {
		if e.Attempts[i].Policy == policy {
			return e.Attempts[i], true
		}
	}
	return Attempt{}, false
}

// land brings the session from where the engine left it to where it belongs:
// what could not be finished, and what a person must look at, become a review.
func (m *Machine) land(ctx context.Context, f *ending, s *kyc.Session) error {
	if s.Status == kyc.SessionFailed {
		s.Status = kyc.SessionRunning
		s.Result, s.ReasonCode = kyc.NeedsReview, reasonProcessing
		if err := s.Move(kyc.SessionReview, f.at); err != nil {
			return err
		}
	}
	switch s.Status {
	case kyc.SessionReview:
		if s.ReasonCode == "" {
			s.ReasonCode = f.end.Filing.ReasonCode
		}
		filing := f.end.Filing
		filing.By, filing.ReasonCode = f.by, s.ReasonCode
		return m.openCase(ctx, s, f.at, filing, &f.change)
	case kyc.SessionApproved, kyc.SessionRejected:
		if err := m.closeCase(ctx, s, f.at, kyc.Closing{Outcome: s.Result, By: f.by, Code: s.ReasonCode}, &f.change); err != nil {
			return err
		}
		return m.judgePerson(ctx, f, s.Result)
	}
	return nil
}

// openCase files the review of a session, or lets its undecided case go on.
func (m *Machine) openCase(ctx context.Context, s *kyc.Session, at time.Time, filing kyc.Filing, c *kyc.Change) error {
	if m.d.OpenCase == nil {
		return nil
	}
	review, events, err := m.d.OpenCase(ctx, s, at, filing)
	if err != nil {
		return err
	}
	s.CaseID = review.ID
	c.Put = append(c.Put, review)
	c.Events = append(c.Events, events...)
	return nil
}

// closeCase ends the undecided review of a session that was decided without
// it. Its code is a word, never what somebody wrote.
func (m *Machine) closeCase(ctx context.Context, s *kyc.Session, at time.Time, end kyc.Closing, c *kyc.Change) error {
	if s.CaseID == "" || m.d.CloseCase == nil {
		return nil
	}
	review, err := m.d.Store.Case(ctx, s.Tenant, s.CaseID)
	if err != nil || review.Status.Decided() {
		return err
	}
	events, err := m.d.CloseCase(ctx, &review, at, end)
	c.Put = append(c.Put, &review)
	c.Events = append(c.Events, events...)
	return err
}

// judgePerson carries a decision over to the person. Monitoring finds things
// out; it decides nothing about who was taken on already.
func (m *Machine) judgePerson(ctx context.Context, f *ending, o kyc.Outcome) error {
	if f.execution.Phase == procedure.PhaseMonitoring {
		return nil
	}
	p, err := m.person(ctx, &f.execution)
	if p != nil && p.Judge(o) {
		f.subject = p
	}
	return err
}

// person reads the subject of an execution; nil when it was erased.
func (m *Machine) person(ctx context.Context, e *kyc.Execution) (*kyc.Subject, error) {
	p, err := m.d.Store.Subject(ctx, e.Tenant, e.SubjectID)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return nil, nil //nolint:nilnil // nobody is left to be judged
		}
		return nil, err
	}
	if p.Status == kyc.SubjectRedacted {
		return nil, nil //nolint:nilnil // as above
	}
	return &p, nil
}

// ended is the audit entry of the end. Whoever did not wait for it is told.
func (m *Machine) ended(f *ending) kyc.Event {
	e := &f.execution
	action := map[string]string{procedure.StateCompleted: "execution.complete", procedure.StateCanceled: "execution.cancel",
		procedure.StateTimeout: "execution.timeout"}[e.State]
	if action == "" {
		action = "execution.fail"
	}
	note := kyc.Event{ID: kyc.NewID(f.at), Tenant: e.Tenant, At: f.at, Actor: f.by, Action: action, Object: objectExecution, ObjectID: e.ID, SubjectID: e.SubjectID,
		Reason: e.Result, RequestID: e.RequestID, After: digest(e), Surface: kyc.SurfaceEntities}
	impatient := e.Trigger == TriggerRequest && f.at.Sub(e.StartedAt) >= m.d.Patience
	if !e.Notify && !impatient {
		return note
	}
	return m.d.News.Tell(note, e, nil, NewsCompleted)
}
