package execution

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bonafide/kyc"
	"bonafide/procedure"
)

// withheldResult is said of a result whose data was erased or is withheld: what
// anybody says of it could not be kept.
const withheldResult = "the time to keep the data of this result is over, or it was erased: nothing can be said of it any more; run the workflow again for results that can be judged"

// maxJudged is how many results one request may judge.
const maxJudged = 500

// Judgement is what a person says of process results (C10-C14).
type Judgement struct {
	Kind    string   // aml, idv, matchlist, duplicate, fraud, kyc
	Results []kyc.ID // in the order of the request; at most 500
	Status  string
	Hand
	// Unknown are ids of the request that are no ids at all, by their place
	// there; the others are at their places in Results, where an unknown one is
	// empty.
	Unknown map[int]string
}

// Judge gives process results a manual status, all of them or none (C10-C14).
// The results of the machine stay as they were; steps, issues and risk of every
// execution concerned are computed anew in the same commit. Errors: Malformed
// manual_status_invalid and what else is wrong with the body; Invalid
// process_results_invalid with a problem at /processResults/<i> for each id
// that is unknown, of another individual, of another class, invalid or erased
// or withheld (redacted); 404; 409 redacted where that is so of an execution.
func (m *Machine) Judge(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID, j Judgement) ([]kyc.ProcessResult, error) {
	if err := j.check(); err != nil {
		return nil, err
	}
	if _, err := m.individual(ctx, t, subject); err != nil {
		return nil, err
	}
	results, err := m.judged(ctx, t, subject, j)
	if err != nil {
		return nil, err
	}
	w, err := m.work(ctx, t, by, j.Hand)
	if err != nil {
		return nil, err
	}
	for i := range results {
		r := &results[i]
		before := digest(r)
		r.Manual = &kyc.ManualStatus{Status: j.Status, By: w.who, Actor: by, At: w.at, RequestID: w.request}
		r.CarriedFrom = ""
		w.says(r, j.Status)
		w.put(ctx, r, "result.judge", j.Status, before)
	}
	if j.Kind == "duplicate" {
		if err := m.settleDuplicates(ctx, w, subject, results, j.Status); err != nil {
			return nil, err
		}
	}
	if err := m.recompute(ctx, w, results); err != nil {
		return nil, err
	}
	return results, m.d.Store.Commit(ctx, &w.change)
}

func (j Judgement) check() error {
	var p []kyc.Problem
	words := procedure.ManualStatuses(j.Kind)
	if !slices.Contains(words, j.Status) {
		p = append(p, kyc.Problem{Path: "/manualStatus", Code: "manual_status_invalid", Message: "use one of " + strings.Join(words, ", ")})
	}
	switch n := len(j.Results); {
	case n == 0:
		p = append(p, kyc.Problem{Path: "/processResults", Code: "required", Message: "name the process results to judge"})
	case n > maxJudged:
		p = append(p, kyc.Problem{Path: "/processResults", Code: "too_many", Message: fmt.Sprintf("at most %d process results at once", maxJudged)})
	}
	if utf8.RuneCountInString(j.Comment) > maxComment {
		p = append(p, kyc.Problem{Path: "/comment/text", Code: "too_long", Message: fmt.Sprintf("a comment has at most %d characters", maxComment)})
	}
	return malformed("the results cannot be judged like this", p)
}

// judged reads the results of a judgement, each once, or lists everything that
// is wrong with one of them.
func (m *Machine) judged(ctx context.Context, t kyc.Tenant, subject kyc.ID, j Judgement) ([]kyc.ProcessResult, error) {
	var wanted []kyc.ID
	for _, id := range j.Results {
		if id != "" && !slices.Contains(wanted, id) {
			wanted = append(wanted, id)
		}
	}
	found := map[kyc.ID]kyc.ProcessResult{}
	if len(wanted) > 0 {
		all, err := m.allResults(ctx, t, kyc.ProcessFilter{SubjectID: subject, IDs: wanted})
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			found[r.ID] = r
		}
	}
	var p []kyc.Problem
	var out []kyc.ProcessResult
	for i, id := range j.Results {
		bad := func(code, format string, args ...any) {
			p = append(p, kyc.Problem{Path: fmt.Sprintf("/processResults/%d", i), Code: code, Message: fmt.Sprintf(format, args...)})
		}
		r, ok := found[id]
		switch {
		case !ok: // one of another individual is unknown here, too
			named := j.Unknown[i]
			if named == "" {
				named = string(id)
			}
			bad("process_result_unknown", "the individual has no process result %q", named)
		case procedure.KindOf(&r) != j.Kind:
			bad("process_result_class", "the result is of class %s and cannot be judged here", r.Class)
		case r.SystemStatus == procedure.SystemInvalid:
			bad("process_result_invalid", "the result was marked invalid")
		case r.State == procedure.StateInProgress:
			bad("process_result_running", "the result is not there yet")
		case r.Private.Unreadable:
			bad("redacted", "%s", withheldResult)
		case !slices.ContainsFunc(out, func(have kyc.ProcessResult) bool { return have.ID == id }):
			out = append(out, r)
		}
	}
	if len(p) > 0 {
		return nil, kyc.InvalidInput("process_results_invalid", "the results were not changed, because some of them cannot be judged like this", p)
	}
	return out, nil
}

// work is one change that a person makes to results.
type work struct {
	change   kyc.Change
	by       kyc.Actor
	who      string
	request  string
	comment  string
	at       time.Time
	settings kyc.Settings
}

func (m *Machine) work(ctx context.Context, t kyc.Tenant, by kyc.Actor, h Hand) (*work, error) {
	now, org, err := m.now(ctx, t)
	return &work{by: by, who: h.name(by), request: h.request(ctx), comment: strings.TrimSpace(h.Comment), at: now, settings: org.EnvSettings(t.Env)}, err
}

// says seals what the person wrote with the result.
func (w *work) says(r *kyc.ProcessResult, status string) {
	if w.comment == "" {
		return
	}
	r.Private.Comments = append(slices.Clone(r.Private.Comments), kyc.ProcessComment{Text: w.comment, Status: status, By: w.who, At: w.at})
}

// put stores a changed result with its audit entry.
func (w *work) put(ctx context.Context, r *kyc.ProcessResult, action, reason, before string) {
	r.Touch(w.at)
	w.change.Put = append(w.change.Put, r)
	note := event(ctx, r.Tenant, w.by, w.at, action, objectResult, r.ID, r.SubjectID)
	note.RequestID, note.Reason, note.Before, note.After = w.request, reason, before, digest(r)
	w.change.Events = append(w.change.Events, note)
}

// recompute brings every execution of changed results up to date.
func (m *Machine) recompute(ctx context.Context, w *work, changed []kyc.ProcessResult) error {
	var ids []kyc.ID
	for _, r := range changed {
		if r.ExecutionID != "" && !slices.Contains(ids, r.ExecutionID) {
			ids = append(ids, r.ExecutionID)
		}
	}
	for _, id := range ids {
		e, err := m.d.Store.Execution(ctx, changed[0].Tenant, id)
		if err == nil {
			err = m.keeps(ctx, &e)
		}
		if err != nil {
			return err
		}
		all, err := m.resultsOf(ctx, &e)
		if err != nil {
			return err
		}
		for i := range all {
			if at := slices.IndexFunc(changed, func(r kyc.ProcessResult) bool { return r.ID == all[i].ID }); at >= 0 {
				all[i] = changed[at]
			}
		}
		if err := m.renew(ctx, w, e, all); err != nil {
			return err
		}
	}
	return nil
}

// renew stores an execution as the law sees it with these results. The session
// follows a status that the law may change.
func (m *Machine) renew(ctx context.Context, w *work, e kyc.Execution, results []kyc.ProcessResult) error {
	def, err := m.definitionOf(ctx, &e)
	if err != nil {
		return err
	}
	next := procedure.Recompute(def, e, results, w.settings.Entities.AutoRecalculate)
	next.Risk = outdated(next.Risk) // whatever was said, the risk was assessed before it
	var s kyc.Session
	if next.Status != e.Status {
		if s, err = m.d.Store.Session(ctx, e.Tenant, e.ID); err != nil {
			return err
		}
		if to, _ := sessionOf(next.Status); to == kyc.SessionApproved && s.Status != to {
			may, err := m.mayApprove(ctx, w, &s)
			if err != nil {
				return err
			}
			if !may {
				next.Status = e.Status
			}
		}
	}
	stamp(&e, &next, w)
	next.Touch(w.at)
	w.change.Put = append(w.change.Put, &next)
	note := event(ctx, e.Tenant, w.by, w.at, "execution.recompute", objectExecution, e.ID, e.SubjectID)
	note.RequestID, note.Before, note.After = w.request, digest(&e), digest(&next)
	w.change.Events = append(w.change.Events, note)
	if next.Status == e.Status {
		return nil
	}
	return m.follow(ctx, &next, &s, w.by, nil, w.at, &w.change)
}

// mayApprove reports whether a person's word on results may approve a session: it is
// no decision where two must decide, where they lack the skills for one, nor where a
// checklist has to be confirmed with it.
func (m *Machine) mayApprove(ctx context.Context, w *work, s *kyc.Session) (bool, error) {
	two, err := kyc.TwoDecide(ctx, m.d.Store, s, w.settings)
	if err != nil || two {
		return false, err
	}
	who := w.who
	if w.by.Kind == kyc.ActorUser { // whatever name the request gives them
		who = w.by.ID
	}
	err = kyc.SkilledFor(ctx, m.d.Store, s, who, w.settings)
	if err == nil {
		_, err = kyc.ConfirmedFor(ctx, m.d.Store, s, nil, w.settings)
	}
	if kyc.IsCode(err, "skills_missing") || kyc.IsCode(err, "checklist_incomplete") {
		return false, nil
	}
	return err == nil, err
}

// outdated is a risk that was computed from what is no longer so.
func outdated(r *kyc.RiskAssessment) *kyc.RiskAssessment {
	if r == nil || r.IsOutdated {
		return r
	}
	risk := *r
	risk.IsOutdated = true
	return &risk
}

// stamp writes down who changed the parts that differ now.
func stamp(before, after *kyc.Execution, w *work) {
	for i := range after.Steps {
		if i >= len(before.Steps) || digest(before.Steps[i]) != digest(after.Steps[i]) {
			after.Steps[i].UpdatedAt, after.Steps[i].UpdatedBy = w.at, w.who
		}
	}
	for i := range after.Issues {
		if i >= len(before.Issues) || digest(before.Issues[i]) != digest(after.Issues[i]) {
			after.Issues[i].UpdatedAt, after.Issues[i].UpdatedBy, after.Issues[i].RequestID = w.at, w.who, w.request
		}
	}
	if after.Risk != nil && digest(before.Risk) != digest(after.Risk) {
		after.Risk.UpdatedAt, after.Risk.UpdatedBy, after.Risk.RequestID = w.at, w.who, w.request
	}
}
