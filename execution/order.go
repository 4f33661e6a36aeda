package execution

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bonafide/kyc"
	"bonafide/procedure"
)

// What an execution is caused by.
const (
	TriggerRequest    = "request"
	TriggerListUpdate = "list_update"
	TriggerSchedule   = "schedule"
)

// maxChannel is where X-Frankie-Channel is cut (5.1).
const maxChannel = 64

// Newcomer is an individual that is made together with its first execution
// (C3): Change holds everything that makes it (entity.Fresh).
type Newcomer struct {
	Individual kyc.Individual
	Documents  []kyc.EntityDocument
	Change     kyc.Change
}

// Order asks for an execution (C2, C3).
type Order struct {
	SubjectID    kyc.ID    // of an individual that exists
	New          *Newcomer // or one that is made now
	ServiceName  string
	WorkflowName string
	Hand
	// Background answers at once; otherwise Execute waits for the end.
	Background bool
	Channel    string // X-Frankie-Channel; cut at 64 characters
	// hosted is the session of a hosted link, which becomes that of the
	// execution.
	hosted *kyc.Session
	// because is the profile that the order was decided by; nil: by none. Once it
	// changed, the reason may be gone.
	because *kyc.ServiceProfile
}

// Executed is an execution with what belongs to it.
type Executed struct {
	Execution  kyc.Execution
	Profile    kyc.ServiceProfile
	Individual kyc.Individual
	// Results are the process results of the execution, oldest first; empty
	// while it runs.
	Results []kyc.ProcessResult
}

// Execute runs a workflow for an individual. It waits for the end as long as
// the machine has patience, and answers IN_PROGRESS after that. Without
// Background it writes at once instead of with the request's unit, because a
// run begins only when it is stored.
//
// Errors: 404 individual, workflow; 409 execution_running with the ULID of the
// running one as the message of a problem at /workflowExecutionId; Invalid
// entity_data_missing with one problem for everything the workflow needs and
// the individual lacks. Nothing is written then, a newcomer neither.
func (m *Machine) Execute(ctx context.Context, t kyc.Tenant, by kyc.Actor, o Order) (Executed, error) {
	if !o.Background {
		ctx = kyc.WithoutUnit(ctx)
	}
	w, err := m.find(ctx, t, o.ServiceName, o.WorkflowName)
	if err != nil {
		return Executed{}, err
	}
	b, run, err := m.start(ctx, t, by, o, w, TriggerRequest)
	if err != nil {
		return Executed{}, err
	}
	out := Executed{Execution: b.execution, Profile: b.profile, Individual: b.individual}
	if o.Background {
		return out, nil
	}
	patient, cancel := context.WithTimeout(ctx, m.d.Patience)
	defer cancel()
	if err := m.d.Wait(patient, t, run.ID); err != nil {
		if ctx.Err() == nil && errors.Is(patient.Err(), context.DeadlineExceeded) {
			return out, nil // it goes on without us
		}
		return out, err
	}
	return m.Execution(ctx, t, Ref{SubjectID: b.individual.ID, ID: b.execution.ID})
}

// start begins an execution of a workflow.
func (m *Machine) start(ctx context.Context, t kyc.Tenant, by kyc.Actor, o Order, w kyc.Workflow, trigger string) (*beginning, kyc.Run, error) {
	b, err := m.prepare(ctx, t, o, w)
	if err != nil {
		return nil, kyc.Run{}, err
	}
	b.execution.Trigger, b.execution.Notify = trigger, o.Background && trigger == TriggerRequest
	run, err := m.begin(ctx, by, b, o)
	if err != nil {
		return nil, kyc.Run{}, m.whoRuns(ctx, t, b, err)
	}
	return b, run, nil
}

// beginning is an execution that is about to be stored.
type beginning struct {
	individual kyc.Individual
	documents  []kyc.EntityDocument
	profile    kyc.ServiceProfile
	state      WorkflowState
	execution  kyc.Execution
	session    kyc.Session
	uploads    []kyc.Upload
	now        time.Time
}

// prepare reads everything an execution begins with and refuses what cannot
// begin. It writes nothing.
func (m *Machine) prepare(ctx context.Context, t kyc.Tenant, o Order, w kyc.Workflow) (*beginning, error) {
	b := &beginning{}
	var err error
	if b.now, _, err = m.now(ctx, t); err != nil {
		return nil, err
	}
	if err := m.whom(ctx, t, o, b); err != nil {
		return nil, err
	}
	if b.state, err = m.inForce(ctx, w); err != nil {
		return nil, err
	}
	if o.New == nil {
		if err := m.idle(ctx, t, b); err != nil {
			return nil, err
		}
	}
	if o.because != nil && (b.profile.ID != o.because.ID || b.profile.Rev != o.because.Rev) {
		return nil, kyc.Errorf(kyc.Conflict, "concurrent_change", "the service profile changed since somebody decided to look at it")
	}
	established, err := m.established(ctx, t, b, o)
	if err != nil {
		return nil, err
	}
	_, manual := established[procedure.KeyManualKYC]
	lacks := b.state.Definition.Lacks(&b.individual.Private, inForceOn(b.documents, b.now), procedure.Standing{Manual: manual, Simulated: t.Env == kyc.Sandbox})
	if len(lacks) > 0 {
		return nil, kyc.InvalidInput("entity_data_missing", "the individual lacks data that the workflow needs", lacks)
	}
	b.compose(o, established)
	return b, nil
}

// whom finds the individual, its papers and its profile of the service.
func (m *Machine) whom(ctx context.Context, t kyc.Tenant, o Order, b *beginning) error {
	if o.New != nil {
		b.individual, b.documents = o.New.Individual, o.New.Documents
		return nil
	}
	var err error
	if b.individual, err = m.individual(ctx, t, o.SubjectID); err != nil {
		return err
	}
	if b.documents, err = m.d.Store.EntityDocuments(ctx, t, o.SubjectID, false); err != nil {
		return err
	}
	p, _, err := m.profileOf(ctx, t, o.SubjectID, o.ServiceName)
	b.profile = p
	return err
}

// individual reads a living individual whose data can be read.
func (m *Machine) individual(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Individual, error) {
	i, err := m.d.Store.Individual(ctx, t, id)
	if err == nil && (i.State == kyc.EntityDeleted || i.Private.Unreadable) {
		err = kyc.Missing("individual", string(id))
	}
	return i, err
}

// profileOf finds the service profile of an individual; case does not matter.
func (m *Machine) profileOf(ctx context.Context, t kyc.Tenant, subject kyc.ID, service string) (kyc.ServiceProfile, bool, error) {
	all, err := m.profiles(ctx, t, subject)
	if err != nil {
		return kyc.ServiceProfile{}, false, err
	}
	at := slices.IndexFunc(all, func(p kyc.ServiceProfile) bool { return strings.EqualFold(p.ServiceName, strings.TrimSpace(service)) })
	if at < 0 {
		return kyc.ServiceProfile{}, false, nil
	}
	return all[at], true, nil
}

// manyProfiles is more than any individual has.
const manyProfiles = 1000

func (m *Machine) profiles(ctx context.Context, t kyc.Tenant, subject kyc.ID) ([]kyc.ServiceProfile, error) {
	all, _, err := m.d.Store.ServiceProfiles(ctx, t, kyc.ProfileFilter{SubjectID: subject}, kyc.Page{Limit: manyProfiles})
	return all, err
}

// idle refuses a second execution beside a running one. The store refuses it,
// too, should two begin at the same moment.
func (m *Machine) idle(ctx context.Context, t kyc.Tenant, b *beginning) error {
	running, err := m.d.Store.ExecutionOfRunning(ctx, t, b.individual.ID, b.state.Workflow.ID)
	switch {
	case err == nil:
		return m.mend(ctx, running, b)
	case kyc.KindOf(err) == kyc.NotFound:
		return nil
	}
	return err
}

// mend ends an execution whose run ended without its record: the engine ends a
// run alone where even its end could not be stored as it should. The execution
// would stand in the way of every later one otherwise. One that really runs is
// in the way: runs.
func (m *Machine) mend(ctx context.Context, e kyc.Execution, b *beginning) error {
	s, err := m.d.Store.Session(ctx, e.Tenant, e.ID)
	if err != nil {
		return err
	}
	if s.Status == kyc.SessionCreated || s.Status == kyc.SessionRunning || s.Status == kyc.SessionPaused {
		return runs(e.ID)
	}
	e.State, e.Result, e.Status, e.EndedAt = procedure.StateError, procedure.Blocked, procedure.Blocked, b.now
	e.Errors = append(e.Errors, kyc.StepError{Code: reasonProcessing, Description: "the workflow did not run to its end, so this is no decision"})
	e.Touch(b.now)
	note := event(ctx, e.Tenant, kyc.SystemActor("engine"), b.now, "execution.fail", objectExecution, e.ID, e.SubjectID)
	note.Reason, note.After = e.Result, digest(&e)
	return m.d.Store.Commit(kyc.WithoutUnit(ctx), &kyc.Change{Put: []kyc.Object{&e}, Events: []kyc.Event{note}})
}

// runs is the refusal that names the execution in the way.
func runs(id kyc.ID) error {
	err := kyc.Errorf(kyc.Conflict, "execution_running", "the workflow is running for this individual already: execution %s", kyc.ULID(id))
	err.Problems = []kyc.Problem{{Path: "/workflowExecutionId", Code: "execution_running", Message: kyc.ULID(id)}}
	return err
}

// whoRuns names the running execution in a refusal of the store, which does not
// know it.
func (m *Machine) whoRuns(ctx context.Context, t kyc.Tenant, b *beginning, err error) error {
	if !kyc.IsCode(err, "execution_running") {
		return err
	}
	if running, found := m.d.Store.ExecutionOfRunning(ctx, t, b.individual.ID, b.state.Workflow.ID); found == nil {
		return runs(running.ID)
	}
	return err
}

// compose makes the objects of the beginning.
func (b *beginning) compose(o Order, established map[string]any) {
	w, t, now := b.state.Workflow, b.individual.Tenant, b.now
	id := kyc.NewID(now)
	if o.hosted != nil {
		id = o.hosted.ID
	}
	papers := gather(b.documents, id, now)
	b.uploads = papers.uploads
	if b.profile.ID == "" {
		b.profile = kyc.ServiceProfile{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, SubjectID: b.individual.ID, ServiceName: w.Service.ServiceName, State: "INIT"}
	}
	b.execution = kyc.Execution{Meta: kyc.Meta{ID: id, Tenant: t}, SubjectID: b.individual.ID, ServiceName: b.profile.ServiceName, ServiceProfileID: b.profile.ID,
		WorkflowID: w.ID, WorkflowName: w.Name, Version: b.state.Version.Number, State: procedure.StateInProgress, Status: procedure.InProgress,
		Result: procedure.Unchecked, Phase: w.Service.Phase, Monitors: w.Service.Monitors, StartedAt: now, RequestID: o.RequestID, Channel: channel(o.Channel),
		Private: kyc.ExecutionWords{Comment: o.Comment}}
	b.profile.WorkflowID, b.profile.WorkflowName, b.profile.LatestExecutionID = w.ID, w.Name, id
	p := &b.individual.Private
	b.session = kyc.Session{Meta: kyc.Meta{ID: id, Tenant: t}, Surface: kyc.SurfaceEntities, SubjectID: b.individual.ID, WorkflowID: w.ID,
		Version: b.state.Version.Number, Status: kyc.SessionCreated, Country: countryOf(p), SubmittedAt: now,
		Private: kyc.SessionData{Fields: fieldsOf(p, papers.lead), Metadata: p.Attributes, Established: established}}
	if o.hosted != nil {
		b.carryOn(o.hosted)
	}
}

// channel cuts what a header says.
func channel(s string) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, ""))
	if utf8.RuneCountInString(s) > maxChannel {
		s = string([]rune(s)[:maxChannel])
	}
	return s
}

// begin stores the beginning: the session, the execution, the profile, the
// uploads, a newcomer and the run, all in one commit.
func (m *Machine) begin(ctx context.Context, by kyc.Actor, b *beginning, o Order) (kyc.Run, error) {
	var with kyc.Change
	if o.New != nil {
		with.Add(o.New.Change)
	}
	e := &b.execution
	if e.RequestID == "" {
		e.RequestID = kyc.RequestFrom(ctx).ID
	}
	e.By = o.name(by)
	e.Touch(b.now)
	b.profile.Touch(b.now)
	with.Put = append(with.Put, e, &b.profile)
	for i := range b.uploads {
		with.Put = append(with.Put, &b.uploads[i])
	}
	note := event(ctx, e.Tenant, by, b.now, "execution.start", objectExecution, e.ID, e.SubjectID)
	note.RequestID, note.After, note.Reason = e.RequestID, digest(e), e.Trigger
	with.Events = append(with.Events, note)
	held := kyc.Hold(ctx, &with)
	run, err := m.d.Begin(ctx, &b.session, b.uploads, b.now, by, with)
	if err == nil {
		held()
	}
	return run, err
}
