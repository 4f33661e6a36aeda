package main

import (
	"context"

	"bonafide/api/checks"
	"bonafide/api/graph"
	"bonafide/audit"
	"bonafide/engine"
	"bonafide/intake"
	"bonafide/kyc"
	"bonafide/review"
	"bonafide/session"
)

// beginner lets the session machine start the engine. The two rooms are
// siblings and do not know each other; their words meet here.
type beginner struct{ e *engine.Engine }

// Begin starts a run.
func (b beginner) Begin(ctx context.Context, s session.Start) (kyc.Run, error) {
	return b.e.Begin(ctx, engine.BeginRequest{Session: s.Session, Graph: s.Graph, Version: s.Version, Arm: s.Arm, Bucket: s.Bucket,
		Uploads: s.Uploads, From: s.From, Earlier: s.Earlier, Now: s.Now, By: s.By, With: s.With})
}

// Cancel ends a run that has not ended.
func (b beginner) Cancel(ctx context.Context, t kyc.Tenant, run kyc.ID, reason string) error {
	return b.e.Cancel(ctx, t, run, reason, kyc.SystemActor("session"))
}

// paused and finished give the engine's commits what the session and review
// machines add to them.
func (a *app) paused(ctx context.Context, run kyc.Run, s *kyc.Session, g engine.Opened) (kyc.Change, error) {
	// The exposed facts are personal data and stay out of the event, which is
	// kept in the clear; enrich adds them when the message is sent.
	return a.sessions.Paused(ctx, &run, s, g.At, nil), nil
}

// enrich completes the data of a message with what no event may hold.
func (a *app) enrich(ctx context.Context, e kyc.Event, data map[string]any) error {
	if e.Surface == kyc.SurfaceChecks {
		return checks.Enrich(a.intake)(ctx, e, data)
	}
	if e.Surface == kyc.SurfaceSteps {
		if err := a.monitor.Enrich(ctx, e, data); err != nil {
			return err
		}
		return a.journeys.Enrich(ctx, e, data)
	}
	node, _ := data["node_id"].(string)
	if e.Action != "session.pause" || node == "" {
		return nil
	}
	runs, err := a.db.Runs(ctx, e.Tenant, e.ObjectID)
	if err != nil {
		return err
	}
	for _, run := range runs { // newest first
		if run.StartedAt.After(e.At) {
			continue
		}
		fields, err := a.engine.Exposed(ctx, e.Tenant, run.ID, node)
		if kyc.KindOf(err) == kyc.NotFound && err != nil {
			return nil //nolint:nilerr // erased since: the message goes without them
		}
		if err != nil {
			return err
		}
		data["fields"] = fields
		return nil
	}
	return nil
}

func (a *app) finished(ctx context.Context, run kyc.Run, s *kyc.Session, f engine.Finished) (kyc.Change, error) {
	filing := kyc.Filing{ReasonCode: f.ReasonCode, Because: kyc.WorstOf(f.State.Checks, "automation_rules", "checklist_outcome", "procedure_decision", "risk_assessment")}
	if f.Case != nil {
		filing.Queue, filing.Priority, filing.SLAHours = f.Case.Queue, f.Case.Priority, f.Case.SLAHours
	}
	extracted, _ := f.State.Facts["extracted"].(map[string]any)
	filing.Concerns, filing.Risk, filing.Countries = kyc.Concerns(f.State.Checks), f.State.Checks["risk_assessment"].Score, review.CountriesOf(extracted)
	switch s.Surface {
	case kyc.SurfaceSteps:
		return a.finishedSteps(ctx, run, s, f, filing, extracted)
	case kyc.SurfaceChecks:
		return a.intake.Finished(ctx, &run, s, f.At, intake.End{Status: f.Status, Filing: filing, Checks: f.State.Checks, Extracted: extracted})
	case kyc.SurfaceEntities:
		return a.finishedExecution(ctx, run, s, f, filing, extracted)
	}
	found := a.sessions.Found(ctx, s, f.At, f.State.Checks, extracted)
	end, err := a.sessions.Finished(ctx, &run, s, f.At, filing)
	found.Add(end)
	if err != nil {
		return found, err
	}
	tried, err := a.workflows.Tried(ctx, &run, f.At, unanswered(f.State.Checks))
	found.Add(tried)
	return found, err
}

// unanswered reports whether a check of a run had no answer after all its
// attempts.
func unanswered(checks map[string]kyc.CheckFact) bool {
	for _, c := range checks {
		if c.Status == engine.Errored {
			return true
		}
	}
	return false
}

// trace tells the session machine what the checks of a run said.
func (a *app) trace(ctx context.Context, t kyc.Tenant, run kyc.ID) (session.Trace, error) {
	v, err := a.engine.RunView(ctx, t, run)
	if err != nil {
		return session.Trace{}, err
	}
	out := session.Trace{Run: v.Run, Extracted: v.Extracted, Checks: v.Checks}
	if v.Begin != nil && v.Begin.Earlier != "" {
		out.From, out.Earlier = v.Begin.From, v.Begin.Earlier
	}
	for _, r := range v.Attempts {
		attempt := session.Attempt{Node: r.Node, Policy: r.Policy, Attempt: r.Attempt, Status: r.Status, At: r.At, Next: r.Next}
		if r.Answer != nil {
			attempt.Answer = *r.Answer
		}
		out.Attempts = append(out.Attempts, attempt)
	}
	return out, nil
}

func auditReport(r audit.Report) graph.AuditReport {
	return graph.AuditReport{Valid: r.OK(), Events: r.Checked, Days: int64(r.Days), Head: r.Head, Broken: r.Broken, Reason: r.Problem}
}
