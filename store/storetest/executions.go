package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
)

func executions(t *testing.T, b *bench) {
	subject, other := b.subject(t), b.subject(t)
	e := b.execution(subject.ID, nil)
	session := b.session(subject.ID)
	session.ID = e.ID // the session that carries it
	b.put(t, session, e)
	got := must[kyc.Execution](t)(b.Execution(b.ctx, b.tenant, e.ID))
	same(t, "execution", got, e)
	same(t, "words", got.Private, e.Private)
	same(t, "the running one", must[kyc.Execution](t)(b.ExecutionOfRunning(b.ctx, b.tenant, subject.ID, e.WorkflowID)), e)

	again := func(change func(*kyc.Execution)) *kyc.Execution {
		return b.execution(subject.ID, func(x *kyc.Execution) {
			x.WorkflowID = e.WorkflowID
			if change != nil {
				change(x)
			}
		})
	}
	lost := b.result(subject.ID, nil)
	err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{lost, again(nil)}, Events: []kyc.Event{b.event("execution.create")}})
	if want(t, err, "execution_running"); kyc.KindOf(err) != kyc.Conflict {
		t.Errorf("a second execution is %v", err)
	}
	_, err = b.ProcessResult(b.ctx, b.tenant, lost.ID)
	want(t, err, "not_found") // nothing of that change is there
	ended := again(func(x *kyc.Execution) { x.State = "COMPLETED" })
	b.put(t, b.execution(subject.ID, nil), ended, b.execution(other.ID, func(x *kyc.Execution) { x.WorkflowID = e.WorkflowID }))
	ended.State = "IN_PROGRESS"
	ended.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{ended}}), "execution_running") // it cannot come back to life beside it

	stale := *e
	e.State, e.Result, e.Status, e.EndedAt = "COMPLETED", "PASS", "PASS", b.clock.Now()
	e.Private = kyc.ExecutionWords{}
	e.Touch(b.clock.Now())
	b.put(t, e)
	stale.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&stale}}), "concurrent_change")
	if got = must[kyc.Execution](t)(b.Execution(b.ctx, b.tenant, e.ID)); got.Result != "PASS" || got.Private.Comment != "" || got.Private.Unreadable {
		t.Errorf("after its end %+v", got)
	}
	_, err = b.ExecutionOfRunning(b.ctx, b.tenant, subject.ID, e.WorkflowID)
	want(t, err, "not_found")
	// The next one may begin, and of many at once one does.
	var began atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			x := again(nil)
			err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{x, b.result(subject.ID, func(r *kyc.ProcessResult) { r.ExecutionID = x.ID })}, Events: []kyc.Event{b.event("execution.create")}})
			if err == nil {
				began.Add(1)
			} else if !kyc.IsCode(err, "execution_running") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, n, err := b.ProcessResults(b.ctx, b.tenant, kyc.ProcessFilter{SubjectID: subject.ID}, kyc.Page{}); began.Load() != 1 || n != 1 || err != nil {
		t.Errorf("%d executions began, and %d results are there (%v)", began.Load(), n, err)
	}
	moved := *e
	moved.SubjectID = other.ID
	moved.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&moved}}), "concurrent_change")
}

func executionLists(t *testing.T, b *bench) {
	subject, other := b.subject(t), b.subject(t)
	flow, start := b.id(), b.clock.Now()
	var all []*kyc.Execution
	for i := range 8 {
		b.clock.Advance(time.Second)
		who := subject.ID
		if i >= 6 {
			who = other.ID
		}
		x := b.execution(who, func(x *kyc.Execution) {
			x.ServiceName = []string{"KYC", "Loans"}[i%2]
			x.State = []string{"COMPLETED", "ERROR", "IN_PROGRESS"}[i%3]
			if x.State != "IN_PROGRESS" {
				x.WorkflowID, x.EndedAt, x.Result = flow, b.clock.Now().Add(time.Minute), []string{"PASS", "FAIL"}[i%2]
			}
		})
		all = append(all, x)
		b.put(t, x)
	}
	b.clock.Advance(time.Minute)
	all[1].Touch(b.clock.Now())
	b.put(t, all[1])
	second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	for name, c := range map[string]struct {
		filter kyc.ExecutionFilter
		want   []int
	}{
		"all":             {kyc.ExecutionFilter{}, []int{7, 6, 5, 4, 3, 2, 1, 0}},
		"subject":         {kyc.ExecutionFilter{SubjectID: other.ID}, []int{7, 6}},
		"oldest":          {kyc.ExecutionFilter{SubjectID: other.ID, Oldest: true}, []int{6, 7}},
		"workflow":        {kyc.ExecutionFilter{WorkflowID: flow}, []int{7, 6, 4, 3, 1, 0}},
		"service":         {kyc.ExecutionFilter{ServiceName: "Loans"}, []int{7, 5, 3, 1}},
		"state":           {kyc.ExecutionFilter{States: []string{"IN_PROGRESS"}}, []int{5, 2}},
		"states":          {kyc.ExecutionFilter{States: []string{"IN_PROGRESS", "ERROR"}}, []int{7, 5, 4, 2, 1}},
		"results":         {kyc.ExecutionFilter{Results: []string{"FAIL", "BLOCKED"}}, []int{7, 3, 1}},
		"started":         {kyc.ExecutionFilter{StartedFrom: second(2), StartedTo: second(4)}, []int{2, 1}},
		"ended":           {kyc.ExecutionFilter{EndedFrom: second(61), EndedTo: second(64)}, []int{1, 0}},
		"ended before":    {kyc.ExecutionFilter{EndedTo: second(64)}, []int{1, 0}}, // those that run have not ended
		"last changed":    {kyc.ExecutionFilter{UpdatedInstead: true}, []int{1, 7, 6, 5, 4, 3, 2, 0}},
		"least changed":   {kyc.ExecutionFilter{UpdatedInstead: true, Oldest: true, SubjectID: subject.ID}, []int{0, 2, 3, 4, 5, 1}},
		"all at once":     {kyc.ExecutionFilter{SubjectID: subject.ID, WorkflowID: flow, ServiceName: "Loans", States: []string{"COMPLETED", "ERROR"}, Results: []string{"FAIL"}, StartedFrom: second(1), StartedTo: second(9), EndedFrom: second(1), EndedTo: second(999)}, []int{3, 1}},
		"somebody else's": {kyc.ExecutionFilter{SubjectID: b.id()}, nil},
	} {
		found, total, err := b.Executions(b.ctx, b.tenant, c.filter, kyc.Page{})
		var wanted []kyc.ID
		for _, i := range c.want {
			wanted = append(wanted, all[i].ID)
		}
		if ids := idsOf(found, func(x kyc.Execution) kyc.ID { return x.ID }); err != nil || total != len(c.want) || !slices.Equal(ids, wanted) {
			t.Errorf("%s: %v of %d, want %v (%v)", name, ids, total, wanted, err)
		}
	}
}

func processResults(t *testing.T, b *bench) {
	subject, other := b.subject(t), b.subject(t)
	r := b.result(subject.ID, nil)
	b.put(t, r)
	got := must[kyc.ProcessResult](t)(b.ProcessResult(b.ctx, b.tenant, r.ID))
	same(t, "process result", got, r)
	same(t, "private", got.Private, r.Private)

	stale := *r
	r.Manual = &kyc.ManualStatus{Status: "FALSE_POSITIVE", By: "x", Actor: kyc.SystemActor("test"), At: b.clock.Now()}
	r.Private.Comments = append(r.Private.Comments, kyc.ProcessComment{Text: "really not", By: "y", At: b.clock.Now()})
	r.Touch(b.clock.Now())
	b.put(t, r)
	got = must[kyc.ProcessResult](t)(b.ProcessResult(b.ctx, b.tenant, r.ID))
	same(t, "a judged result", got, r)
	same(t, "its comments", got.Private, r.Private)
	stale.Touch(b.clock.Now())
	want(t, b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{b.result(subject.ID, nil), &stale}}), "concurrent_change")
	if _, n, err := b.ProcessResults(b.ctx, b.tenant, kyc.ProcessFilter{SubjectID: subject.ID}, kyc.Page{}); n != 1 || err != nil {
		t.Errorf("%d results after a change that failed (%v)", n, err)
	}
	// What the machine said never changes.
	for name, change := range map[string]func(*kyc.ProcessResult){
		"result": func(x *kyc.ProcessResult) { x.Result = "CLEAR" }, "class": func(x *kyc.ProcessResult) { x.Class = "PEP" }, "hit": func(x *kyc.ProcessResult) { x.Hit = "" },
		"step": func(x *kyc.ProcessResult) { x.StepName = "KYC" }, "subject": func(x *kyc.ProcessResult) { x.SubjectID = other.ID },
		"execution": func(x *kyc.ProcessResult) { x.ExecutionID = b.id() },
	} {
		x := *r
		change(&x)
		x.Touch(b.clock.Now())
		if err := b.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&x}}); !kyc.IsCode(err, "concurrent_change") {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

// processCorpus stores 60 results of a person that differ in every column, and
// some of somebody else.
func (b *bench) processCorpus(t *testing.T) (subject, execution kyc.ID, all []*kyc.ProcessResult) {
	t.Helper()
	subject, execution = b.subject(t).ID, b.id()
	other := b.subject(t).ID
	var c kyc.Change
	for i := range 60 {
		b.clock.Advance(time.Second)
		r := b.result(subject, func(r *kyc.ProcessResult) {
			r.ServiceName = []string{"KYC", "Loans"}[i%2]
			r.StepType = []string{"AML", "KYC", "IDV"}[i%3]
			r.StepName = r.StepType + []string{"_A", "_B"}[i/30]
			r.ObjectType = []string{"INDIVIDUAL", "NAME", "ADDRESS", "DOCUMENT"}[i%4]
			r.Class = []string{"PEP", "WATCHLIST", "ADDRESS", "NAME", "DOB"}[i%5]
			r.Result = []string{"HIT", "CLEAR"}[i/5%2]
			r.State = []string{"COMPLETED", "COMPLETED", "ERROR"}[i/3%3]
			r.SystemStatus = []string{"VALID", "VALID", "STALE", "EXPIRED"}[i/7%4]
			r.Hit = ""
			if r.Result == "HIT" {
				r.Hit = fmt.Sprintf("ofac|%d", i%7)
			}
			if i%6 == 0 {
				r.Manual = &kyc.ManualStatus{Status: []string{"FALSE_POSITIVE", "TRUE_POSITIVE_ACCEPT"}[i/6%2], By: "x", At: b.clock.Now()}
			}
			if i%10 == 3 {
				r.ExecutionID = execution
			}
		})
		all = append(all, r)
		c.Put = append(c.Put, r)
		if i%9 == 0 {
			c.Put = append(c.Put, b.result(other, nil))
		}
	}
	b.commit(t, c)
	for _, i := range []int{40, 7, 21} {
		b.clock.Advance(time.Second)
		all[i].Touch(b.clock.Now())
		b.put(t, all[i])
	}
	return subject, execution, all
}

func processLists(t *testing.T, b *bench) {
	subject, execution, all := b.processCorpus(t)
	from, to := all[10].CreatedAt, all[45].CreatedAt
	for name, c := range map[string]struct {
		filter kyc.ProcessFilter
		keep   func(*kyc.ProcessResult) bool
	}{
		"all":          {kyc.ProcessFilter{}, func(*kyc.ProcessResult) bool { return true }},
		"service":      {kyc.ProcessFilter{ServiceName: "Loans"}, func(r *kyc.ProcessResult) bool { return r.ServiceName == "Loans" }},
		"step names":   {kyc.ProcessFilter{StepNames: []string{"AML_A", "KYC_B"}}, func(r *kyc.ProcessResult) bool { return r.StepName == "AML_A" || r.StepName == "KYC_B" }},
		"step types":   {kyc.ProcessFilter{StepTypes: []string{"IDV"}}, func(r *kyc.ProcessResult) bool { return r.StepType == "IDV" }},
		"object types": {kyc.ProcessFilter{ObjectTypes: []string{"NAME", "DOCUMENT"}}, func(r *kyc.ProcessResult) bool { return r.ObjectType == "NAME" || r.ObjectType == "DOCUMENT" }},
		"classes":      {kyc.ProcessFilter{Classes: []string{"PEP"}}, func(r *kyc.ProcessResult) bool { return r.Class == "PEP" }},
		"results":      {kyc.ProcessFilter{Results: []string{"CLEAR"}}, func(r *kyc.ProcessResult) bool { return r.Result == "CLEAR" }},
		"states":       {kyc.ProcessFilter{States: []string{"ERROR", "TIMEOUT"}}, func(r *kyc.ProcessResult) bool { return r.State == "ERROR" }},
		"system":       {kyc.ProcessFilter{SystemStatuses: []string{"STALE", "EXPIRED"}}, func(r *kyc.ProcessResult) bool { return r.SystemStatus != "VALID" }},
		"manual":       {kyc.ProcessFilter{ManualStatuses: []string{"FALSE_POSITIVE"}}, func(r *kyc.ProcessResult) bool { return r.ManualWord() == "FALSE_POSITIVE" }},
		"unjudged":     {kyc.ProcessFilter{ManualStatuses: []string{""}}, func(r *kyc.ProcessResult) bool { return r.Manual == nil }},
		"unjudged or":  {kyc.ProcessFilter{ManualStatuses: []string{"", "FALSE_POSITIVE"}}, func(r *kyc.ProcessResult) bool { return r.ManualWord() != "TRUE_POSITIVE_ACCEPT" }},
		"hits":         {kyc.ProcessFilter{Hits: []string{"ofac|1", "ofac|3", "none"}}, func(r *kyc.ProcessResult) bool { return r.Hit == "ofac|1" || r.Hit == "ofac|3" }},
		"no hit":       {kyc.ProcessFilter{Hits: []string{""}}, func(*kyc.ProcessResult) bool { return false }},
		"execution":    {kyc.ProcessFilter{ExecutionID: execution}, func(r *kyc.ProcessResult) bool { return r.ExecutionID == execution }},
		"IDs":          {kyc.ProcessFilter{IDs: []kyc.ID{all[3].ID, all[50].ID, b.id()}}, func(r *kyc.ProcessResult) bool { return r.ID == all[3].ID || r.ID == all[50].ID }},
		"created":      {kyc.ProcessFilter{CreatedFrom: from, CreatedTo: to}, func(r *kyc.ProcessResult) bool { return !r.CreatedAt.Before(from) && r.CreatedAt.Before(to) }},
		"updated": {kyc.ProcessFilter{UpdatedFrom: from, UpdatedTo: all[40].UpdatedAt}, func(r *kyc.ProcessResult) bool {
			return !r.UpdatedAt.Before(from) && r.UpdatedAt.Before(all[40].UpdatedAt)
		}},
		"updated since": {kyc.ProcessFilter{UpdatedFrom: all[40].UpdatedAt}, func(r *kyc.ProcessResult) bool { return r == all[40] || r == all[7] || r == all[21] }},
		"many": {kyc.ProcessFilter{ServiceName: "KYC", StepTypes: []string{"AML", "IDV"}, Results: []string{"HIT"}, ManualStatuses: []string{"", "TRUE_POSITIVE_ACCEPT"}, States: []string{"COMPLETED"}, CreatedTo: to},
			func(r *kyc.ProcessResult) bool {
				return r.ServiceName == "KYC" && r.StepType != "KYC" && r.Result == "HIT" && r.ManualWord() != "FALSE_POSITIVE" && r.State == "COMPLETED" && r.CreatedAt.Before(to)
			}},
		"all at once": {kyc.ProcessFilter{ServiceName: all[7].ServiceName, StepNames: []string{all[7].StepName}, StepTypes: []string{all[7].StepType}, ObjectTypes: []string{all[7].ObjectType},
			Classes: []string{all[7].Class}, Results: []string{all[7].Result}, States: []string{all[7].State}, SystemStatuses: []string{all[7].SystemStatus}, ManualStatuses: []string{all[7].ManualWord()},
			CreatedFrom: all[7].CreatedAt, CreatedTo: all[8].CreatedAt, UpdatedFrom: all[7].UpdatedAt, UpdatedTo: all[7].UpdatedAt.Add(time.Microsecond)},
			func(r *kyc.ProcessResult) bool { return r == all[7] }},
	} {
		var wanted []*kyc.ProcessResult
		for _, r := range all {
			if c.keep(r) {
				wanted = append(wanted, r)
			}
		}
		for order := range 4 {
			f := c.filter
			f.SubjectID, f.UpdatedInstead, f.Oldest = subject, order&1 != 0, order&2 != 0
			ids := ordered(wanted, f)
			found, total, err := b.ProcessResults(b.ctx, b.tenant, f, kyc.Page{Limit: 1000})
			if got := idsOf(found, func(r kyc.ProcessResult) kyc.ID { return r.ID }); err != nil || total != len(ids) || !slices.Equal(got, ids) {
				t.Errorf("%s, order %d: %d of %d, want %d (%v)\n got %v\nwant %v", name, order, len(got), total, len(ids), err, got, ids)
			}
		}
	}
	// Without the individual, as the monitoring asks.
	if _, n, err := b.ProcessResults(b.ctx, b.tenant, kyc.ProcessFilter{Hits: []string{"ofac_sdn|1"}}, kyc.Page{}); n != 7 || err != nil {
		t.Errorf("%d results of anybody have the hit (%v)", n, err)
	}
	if _, n, err := b.ProcessResults(b.ctx, b.tenant, kyc.ProcessFilter{ExecutionID: execution}, kyc.Page{}); n != 6 || err != nil {
		t.Errorf("%d results of the execution (%v)", n, err)
	}
}

// ordered are the IDs of results as a list of the filter shows them.
func ordered(all []*kyc.ProcessResult, f kyc.ProcessFilter) []kyc.ID {
	all = slices.Clone(all) // oldest first as they were made
	if f.UpdatedInstead {
		slices.SortStableFunc(all, func(x, y *kyc.ProcessResult) int { return x.UpdatedAt.Compare(y.UpdatedAt) })
	}
	if !f.Oldest {
		slices.Reverse(all)
	}
	return idsOf(all, func(r *kyc.ProcessResult) kyc.ID { return r.ID })
}
