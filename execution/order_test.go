package execution

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestExecuteRunsAWorkflowToItsRecord(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	st := b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	paper := b.paper(t, who, "PASSPORT", "2031-01-01")
	b.paper(t, who, "NATIONAL_ID", "2020-01-01") // expired: no evidence
	x, err := b.Execute(b.ctx, b.sandbox, b.by, Order{SubjectID: who.ID, ServiceName: "onboarding", WorkflowName: "FIVE", Channel: strings.Repeat("ä", 70),
		Hand: Hand{Operator: "OPERATOR123", Comment: "first look", RequestID: "01REQUEST"}})
	if err != nil {
		t.Fatal(err)
	}
	e := x.Execution
	if e.State != "COMPLETED" || e.Result != "PASS" || e.Status != "PASS" || e.Override != nil {
		t.Errorf("ended %s/%s/%s: %+v", e.State, e.Result, e.Status, e.Errors)
	}
	if e.SubjectID != who.ID || e.ServiceName != "Onboarding" || e.WorkflowID != st.Workflow.ID || e.WorkflowName != "Five" || e.Version != 1 || e.Phase != "ONBOARDING" ||
		e.RequestID != "01REQUEST" || e.By != "OPERATOR123" || e.Trigger != TriggerRequest || e.Notify || e.EndedAt.IsZero() || e.Private.Comment != "first look" {
		t.Errorf("execution %+v", e)
	}
	if e.Channel != strings.Repeat("ä", 64) {
		t.Errorf("the channel is %q", e.Channel)
	}
	p := x.Profile
	if p.ServiceName != "Onboarding" || p.State != "ACTIVE" || p.LatestExecutionID != e.ID || p.WorkflowName != "Five" || p.LatestRiskID != e.Risk.ID || p.ID != e.ServiceProfileID {
		t.Errorf("profile %+v", p)
	}
	if len(x.Results) == 0 || x.Individual.ID != who.ID {
		t.Errorf("%d results of %s", len(x.Results), x.Individual.ID)
	}
	for _, r := range x.Results {
		if r.SubjectID != who.ID || r.ExecutionID != e.ID || r.ServiceName != "Onboarding" || r.RequestID != "01REQUEST" || r.SystemStatus != "VALID" || r.Manual != nil {
			t.Errorf("result %+v", r)
		}
	}
	for _, name := range []string{"START", "MATCHLIST", "DUPLICATE", "IDV", "AML", "FRAUD", "DECISION", "FINISH"} {
		if !slices.ContainsFunc(e.Steps, func(s kyc.StepResult) bool { return s.Name == name }) {
			t.Errorf("no step %s", name)
		}
	}
	s, err := b.db.Session(b.ctx, b.sandbox, e.ID)
	if err != nil || s.Status != kyc.SessionApproved || s.Surface != kyc.SurfaceEntities || s.Version != 1 || s.Country != "DE" {
		t.Fatalf("session %+v %v", s, err)
	}
	want := map[string]any{"first_name": "Ada", "last_name": "Approve", "full_name": "Ada Approve", "date_of_birth": "1984-05-06", "nationality": "DE",
		"email": "someone@example.org", "phone": "+4930123456", "document_number": "C01X00T47", "document_type": "passport", "issuing_country": "DE"}
	for k, v := range want {
		if s.Private.Fields[k] != v {
			t.Errorf("field %s is %v", k, s.Private.Fields[k])
		}
	}
	if a, _ := s.Private.Fields["address"].(map[string]any); a["street"] != "5 Lindenweg" || a["city"] != "Berlin" || a["postal_code"] != "10115" || a["country"] != "DE" {
		t.Errorf("address %v", a)
	}
	files, err := b.db.Uploads(b.ctx, b.sandbox, s.ID)
	if err != nil || len(files) != 1 || files[0].Kind != "document_front" || files[0].BlobKey != paper.Attachments[0].BlobKey || files[0].Asked != "primary" {
		t.Errorf("uploads %+v %v", files, err)
	}
	if subject, err := b.db.Subject(b.ctx, b.sandbox, who.ID); err != nil || subject.Status != kyc.SubjectApproved {
		t.Errorf("the person is %s %v", subject.Status, err)
	}
	if n := len(b.told(NewsCompleted)); n != 0 {
		t.Errorf("who waited was told %d times", n)
	}
}

func TestExecuteInTheBackgroundTellsTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, who, "PASSPORT", "")
	x, err := b.Execute(b.ctx, b.sandbox, b.by, Order{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five", Background: true, Hand: Hand{RequestID: "01BACK"}})
	if err != nil || x.Execution.State != "IN_PROGRESS" || x.Execution.Status != "IN_PROGRESS" || x.Execution.Result != "UNCHECKED" || len(x.Results) != 0 {
		t.Fatalf("begun %+v %v", x.Execution, err)
	}
	b.settle(t, b.sandbox)
	got := b.told(NewsCompleted)
	if len(got) != 1 || got[0].RequestID != "01BACK" || got[0].ObjectID != x.Execution.ID || got[0].Surface != kyc.SurfaceEntities || got[0].Action != "execution.complete" {
		t.Errorf("told %+v", got)
	}
}

func TestExecuteRefusesWhatCannotBegin(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	b.define(t, b.live, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	gone := b.somebody(t, b.sandbox, "Gone", "Person")
	gone.State, gone.DeletedAt = kyc.EntityDeleted, b.Now()
	b.put(t, &gone)
	order := func(id kyc.ID, service, workflow string) error {
		_, err := b.Execute(b.ctx, b.sandbox, b.by, Order{SubjectID: id, ServiceName: service, WorkflowName: workflow})
		return err
	}
	has(t, order(kyc.NewID(b.Now()), "Onboarding", "Five"), kyc.NotFound, "not_found")
	has(t, order(gone.ID, "Onboarding", "Five"), kyc.NotFound, "not_found")
	has(t, order(who.ID, "Onboarding", "Six"), kyc.NotFound, "not_found")
	has(t, order(who.ID, "Lending", "Five"), kyc.NotFound, "not_found")
	if _, err := b.Execute(b.ctx, b.live, b.by, Order{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five"}); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("an individual of the sandbox was executed live: %v", err)
	}
	// What the individual lacks is listed, and nothing is written.
	bare := kyc.Individual{Meta: kyc.Meta{ID: kyc.NewID(b.Now()), Tenant: b.live}, State: kyc.EntityActive}
	subject := kyc.Subject{Meta: kyc.Meta{ID: bare.ID, Tenant: b.live}, Kind: "individual", Status: kyc.SubjectPending}
	bare.Touch(b.Now())
	subject.Touch(b.Now())
	_, err := b.Execute(b.ctx, b.live, b.by, Order{ServiceName: "Onboarding", WorkflowName: "Five",
		New: &Newcomer{Individual: bare, Change: kyc.Change{Put: []kyc.Object{&subject, &bare}}}})
	e := has(t, err, kyc.Invalid, "entity_data_missing")
	if len(e.Problems) < 2 || !strings.HasPrefix(e.Problems[0].Path, "/individual/") {
		t.Errorf("problems %+v", e.Problems)
	}
	if _, err := b.db.Individual(b.ctx, b.live, bare.ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("a newcomer was stored without its execution: %v", err)
	}
	if _, n, err := b.db.Executions(b.ctx, b.live, kyc.ExecutionFilter{}, kyc.Page{Limit: 10}); err != nil || n != 0 {
		t.Errorf("%d executions %v", n, err)
	}
}

func TestExecuteMakesANewcomerWithTheExecution(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	i := kyc.Individual{Meta: kyc.Meta{ID: kyc.NewID(b.Now()), Tenant: b.sandbox}, State: kyc.EntityActive, Private: kyc.IndividualData{
		Name: kyc.PersonName{Given: "Nora", Family: "Newcomer"}, Emails: []kyc.EmailAddress{{Address: "nora@example.org"}}}}
	s := kyc.Subject{Meta: kyc.Meta{ID: i.ID, Tenant: b.sandbox}, Kind: "individual", Status: kyc.SubjectPending}
	i.Touch(b.Now())
	s.Touch(b.Now())
	x, err := b.Execute(b.ctx, b.sandbox, b.by, Order{ServiceName: "Onboarding", WorkflowName: "Five", New: &Newcomer{Individual: i, Change: kyc.Change{Put: []kyc.Object{&s, &i}}}})
	if err != nil || x.Execution.State != "COMPLETED" || x.Individual.Private.Name.Family != "Newcomer" {
		t.Fatalf("%+v %v", x.Execution, err)
	}
}

func TestOnlyOneExecutionOfAWorkflowRuns(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	b.define(t, b.sandbox, "Other", "ONBOARDING", step("AML", "AML", nil))
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, who, "PASSPORT", "")
	hold := make(chan struct{})
	b.say["risk_assessment"] = func(kyc.CheckRequest) kyc.Answer {
		<-hold
		return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass}
	}
	first, err := b.Execute(b.ctx, b.sandbox, b.by, Order{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five", Background: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Execute(b.ctx, b.sandbox, b.by, Order{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five"})
	e := has(t, err, kyc.Conflict, "execution_running")
	if len(e.Problems) != 1 || e.Problems[0].Path != "/workflowExecutionId" || e.Problems[0].Message != kyc.ULID(first.Execution.ID) {
		t.Errorf("problems %+v", e.Problems)
	}
	b.execute(t, who, "Other") // another workflow is another matter
	_, err = b.Override(b.ctx, b.sandbox, b.by, Ref{SubjectID: who.ID, ID: first.Execution.ID}, 0, Overruling{Status: "PASS", Hand: Hand{Comment: "now"}})
	has(t, err, kyc.Conflict, "execution_running")
	close(hold)
	b.settle(t, b.sandbox)
	b.execute(t, who, "Five")
}

// Two requests at the same moment: the store lets one of them begin.
func TestExecutionsThatBeginTogetherDoNotBothRun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, who, "PASSPORT", "")
	hold := make(chan struct{})
	b.say["risk_assessment"] = func(kyc.CheckRequest) kyc.Answer {
		<-hold
		return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass}
	}
	const n = 4
	var ready sync.WaitGroup
	ready.Add(n)
	b.mu.Lock()
	b.between = func(c *kyc.Change) { // everybody has looked before anybody writes
		if slices.ContainsFunc(c.Put, func(o kyc.Object) bool { _, ok := o.(*kyc.Execution); return ok && o.Head().Rev == 1 }) {
			ready.Done()
			ready.Wait()
		}
	}
	b.mu.Unlock()
	errs := make(chan error, n)
	for range n {
		go func() {
			_, err := b.Execute(b.ctx, b.sandbox, b.by, Order{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five", Background: true})
			errs <- err
		}()
	}
	fine := 0
	for range n {
		switch err := <-errs; {
		case err == nil:
			fine++
		case kyc.KindOf(err) != kyc.Conflict:
			t.Errorf("refused with %v", err)
		}
	}
	if fine != 1 {
		t.Errorf("%d executions began", fine)
	}
	b.mu.Lock()
	b.between = nil
	b.mu.Unlock()
	close(hold)
	b.settle(t, b.sandbox)
}

func TestExecuteLosesPatience(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, who, "PASSPORT", "")
	m := b.machine()
	m.d.Patience = time.Nanosecond
	hold := make(chan struct{})
	b.say["risk_assessment"] = func(kyc.CheckRequest) kyc.Answer {
		<-hold
		b.advance(defaultPatience)
		return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass}
	}
	x, err := m.Execute(b.ctx, b.sandbox, b.by, Order{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five"})
	if err != nil || x.Execution.State != "IN_PROGRESS" {
		t.Fatalf("%+v %v", x.Execution, err)
	}
	close(hold)
	b.settle(t, b.sandbox)
	if got := b.told(NewsCompleted); len(got) != 1 {
		t.Errorf("who was sent away is told %d times of the end", len(got))
	}
}

// A caller that goes away ends the wait and nothing else.
func TestExecuteOfACallerThatGoesAway(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, who, "PASSPORT", "")
	ctx, cancel := context.WithCancel(b.ctx)
	b.say["risk_assessment"] = func(kyc.CheckRequest) kyc.Answer {
		cancel()
		return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass}
	}
	_, err := b.Execute(ctx, b.sandbox, b.by, Order{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five"})
	if err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
	b.settle(t, b.sandbox)
	list, _, err := b.Executions(b.ctx, b.sandbox, ExecutionQuery{SubjectID: who.ID}, kyc.Page{Limit: 10})
	if err != nil || len(list) != 1 || list[0].Execution.State != "COMPLETED" {
		t.Errorf("%+v %v", list, err)
	}
}

// In the background nothing is written before the request's answer is known,
// and the run begins with it.
func TestExecuteInTheBackgroundCommitsWithTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, who, "PASSPORT", "")
	ctx, unit := kyc.WithUnit(b.ctx)
	x, err := b.Execute(ctx, b.sandbox, b.by, Order{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five", Background: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.Execution(b.ctx, b.sandbox, x.Execution.ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("written before the answer: %v", err)
	}
	if err := b.db.Commit(b.ctx, &unit.Change); err != nil {
		t.Fatal(err)
	}
	for _, after := range unit.After {
		after()
	}
	b.settle(t, b.sandbox)
	if e, err := b.db.Execution(b.ctx, b.sandbox, x.Execution.ID); err != nil || e.Result != "PASS" {
		t.Errorf("%s %v", e.Result, err)
	}
}
