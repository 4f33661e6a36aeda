package graph

import (
	"context"
	"encoding/json"
	"net/http"

	"bonafide/api"
	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/session"
)

type nodeResult struct {
	Policy     string         `json:"policy,omitempty" doc:"The check, on policy nodes."`
	Status     string         `json:"status" doc:"passed, failed, review, error, skipped, requires_retry, pending; the decision of a gate; the outcome of a terminal." example:"passed"`
	Result     map[string]any `json:"result,omitempty" doc:"What the check said: status, verdict, score, threshold, reasons, hits, lists, fields, details."`
	DurationMS int64          `json:"duration_ms" doc:"From the first attempt to the last answer."`
	Next       string         `json:"next,omitempty" doc:"The node the route led to."`
}

type attempt struct {
	Node            string   `json:"node" doc:"The node."`
	Policy          string   `json:"policy" doc:"The check."`
	Attempt         int      `json:"attempt" doc:"1 to 5." minimum:"1"`
	Status          string   `json:"status" doc:"What it led to." enum:"passed,failed,review,error,skipped,requires_retry,interrupted"`
	Answer          *string  `json:"answer_status" doc:"How the provider answered: ok, not_configured, unavailable, stale, error; null when the attempt was interrupted."`
	Score           *float64 `json:"score" doc:"The provider's score; null without one."`
	Reasons         []reason `json:"reasons" doc:"What it found." nullable:"false"`
	Provider        string   `json:"provider" doc:"Who answered."`
	ProviderVersion string   `json:"provider_version" doc:"Its version."`
	RawHash         string   `json:"raw_hash" doc:"SHA-256 of what the provider really sent."`
	CallKey         string   `json:"call_key" doc:"Idempotency key the provider was given."`
	AskedAt         stamp    `json:"asked_at" doc:"When it was sent."`
	AnsweredAt      stamp    `json:"answered_at" doc:"When the answer was recorded."`
}

type edge struct {
	From string `json:"from" doc:"The node before."`
	To   string `json:"to" doc:"The node after."`
	Why  string `json:"why" doc:"Which route: next, pass, fail, review, error, skip, route 0, default, a gate's decision." example:"pass"`
}

type run struct {
	ID             string                `json:"id" doc:"The run's id." example:"run_0199a0b0-1111-7222-8333-444455556666"`
	SessionID      string                `json:"session_id" doc:"The session."`
	WorkflowID     string                `json:"workflow_id" doc:"The workflow."`
	Version        int                   `json:"version" doc:"Its version, pinned when the run began."`
	DefinitionHash string                `json:"definition_hash" doc:"Hash of the version's definition, as the workflow shows it."`
	LinkedHash     string                `json:"linked_hash" doc:"Hash of the linked graph that is walked, subworkflows and mandatory checks included."`
	RolloutArm     string                `json:"rollout_arm" doc:"stable, new, previous or reprocess."`
	RolloutBucket  int                   `json:"rollout_bucket" doc:"The session's place 0-9999 in rollouts."`
	Status         string                `json:"status" doc:"Where the run stands." enum:"pending,running,paused,completed,failed,cancelled"`
	FinalStatus    *string               `json:"final_status" doc:"Outcome of the terminal; null before." enum:"approved,rejected,needs_review"`
	ReasonCode     string                `json:"reason_code" doc:"Reason of the terminal."`
	CurrentNode    string                `json:"current_node" doc:"Where it is, or ended."`
	PausedAtNode   string                `json:"paused_at_node" doc:"The gate's node, while it is paused."`
	PausedAtGate   string                `json:"paused_at_gate" doc:"The gate's name, while it is paused."`
	Path           []string              `json:"path" doc:"Every node it came through, in order." nullable:"false"`
	Edges          []edge                `json:"edges" doc:"Every move, in order." nullable:"false"`
	NodeResults    map[string]nodeResult `json:"node_results" doc:"What became of each node, by its id."`
	Attempts       []attempt             `json:"attempts" doc:"Every attempt of every check, in order; never changed." nullable:"false"`
	InputsHash     string                `json:"inputs_hash" doc:"Chained hash of everything the run acted on; equal after a replay."`
	GraphSnapshot  json.RawMessage       `json:"graph_snapshot" doc:"The linked graph that is walked, canonical JSON."`
	StartedAt      stamp                 `json:"started_at" doc:"When it began."`
	CompletedAt    stamp                 `json:"completed_at" doc:"When it ended; null before."`
	DurationMS     int64                 `json:"duration_ms" doc:"From its beginning to its end, or to now."`
	CreatedAt      stamp                 `json:"created_at" doc:"When it was made."`
}

func showRun(v engine.View) run {
	r := v.Run
	out := run{
		ID: kyc.Dress("run", r.ID), SessionID: kyc.Dress("session", r.SessionID), WorkflowID: kyc.Dress("workflow", r.WorkflowID), Version: r.Version,
		DefinitionHash: sourceHash(v.Graph), LinkedHash: r.Definition, RolloutArm: r.Arm, RolloutBucket: r.Bucket, Status: string(r.Status), ReasonCode: r.ReasonCode,
		CurrentNode: v.CurrentNode, PausedAtNode: v.PausedAtNode, PausedAtGate: r.Gate, Path: words(v.Path), Edges: []edge{},
		NodeResults: map[string]nodeResult{}, Attempts: []attempt{}, InputsHash: v.InputsHash, GraphSnapshot: v.Graph,
		StartedAt: at(r.StartedAt), CompletedAt: at(r.EndedAt), DurationMS: v.Duration.Milliseconds(), CreatedAt: at(r.CreatedAt),
	}
	if r.Outcome != "" {
		final := string(r.Outcome)
		out.FinalStatus = &final
	}
	for _, e := range v.Edges {
		out.Edges = append(out.Edges, edge(e))
	}
	for name, n := range v.NodeResults {
		out.NodeResults[name] = nodeResult{Policy: n.Policy, Status: n.Status, Result: n.Result, DurationMS: n.Duration.Milliseconds(), Next: n.Next}
	}
	for _, a := range v.Attempts {
		out.Attempts = append(out.Attempts, showAttempt(a))
	}
	return out
}

// sourceHash is the hash of the definition that a linked graph was made from;
// the graph carries it.
func sourceHash(linked json.RawMessage) string {
	var g struct {
		Hash string `json:"hash"`
	}
	if json.Unmarshal(linked, &g) != nil {
		return ""
	}
	return g.Hash
}

func showAttempt(a engine.Record) attempt {
	out := attempt{Node: a.Node, Policy: a.Policy, Attempt: a.Attempt, Status: a.Status, CallKey: a.Key, Reasons: []reason{}, AskedAt: at(a.AskedAt), AnsweredAt: at(a.At)}
	if a.Answer != nil {
		status := string(a.Answer.Status)
		out.Answer, out.Score, out.Provider, out.ProviderVersion, out.RawHash = &status, a.Answer.Score, a.Answer.Provider, a.Answer.Version, a.Answer.RawHash
		out.Reasons = showReasons(a.Answer.Reasons)
	}
	return out
}

func (s *surface) runRoutes() {
	p := s.Porch
	api.Handle(p, said(op("get-workflow-run", http.MethodGet, "/sessions/{id}/workflow-run", "Runs", "The newest run of a session", readSessions),
		"Path, results, attempts and the graph. 404 before the session was submitted."), s.workflowRun)
	api.Handle(p, fails(said(accepted(op("decide-gate", http.MethodPost, "/sessions/{id}/external-decision", "Runs", "Decide a gate", writeSessions)),
		"For a session that is `awaiting_external`. The first decision wins; the identical one again is accepted, a different one is refused (409). `metadata` can be read by conditions as `gate.<name>.metadata`."), http.StatusConflict), s.decideGate)
	api.Handle(p, fails(said(accepted(op("resume-workflow", http.MethodPost, "/sessions/{id}/resume-workflow", "Runs", "Run again from a step", writeSessions)),
		"For a session whose run has ended: a new run from the named check on, with the earlier results before it."), http.StatusConflict), s.resumeWorkflow)
	api.Handle(p, fails(said(accepted(op("reprocess-session", http.MethodPost, "/sessions/{id}/reprocess", "Runs", "Run again on the current configuration", writeSessions)),
		"For a session whose run has ended: a new run on the version that is in force now."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *SessionPath) (*tagged[SessionView], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			got, _, err := s.Sessions.Reprocess(ctx, who.Tenant, who.Actor, sid)
			return showTagged(got, err)
		})
	api.Handle(p, fails(said(accepted(op("trigger-workflow", http.MethodPost, "/workflows/{id}/trigger", "Runs", "Run for a session or an identity", writeSessions)),
		"With a session: an open one is submitted, a finished one runs again, both on this workflow. With an identity: a new session runs at once on the data given."), http.StatusConflict), s.trigger)
}

func (s *surface) workflowRun(ctx context.Context, who api.Principal, in *SessionPath) (*answer[run], error) {
	sid, err := id("session", in.ID)
	if err != nil {
		return nil, err
	}
	got, err := s.Store.Session(ctx, who.Tenant, sid)
	if err != nil {
		return nil, err
	}
	if got.RunID == "" {
		return nil, kyc.Errorf(kyc.NotFound, "no_run", "the session was not submitted yet")
	}
	view, err := s.Engine.RunView(ctx, who.Tenant, got.RunID)
	if err != nil {
		return nil, err
	}
	if err := s.Sessions.Seen(ctx, &got, who.Actor, "session.run.read"); err != nil {
		return nil, err
	}
	return &answer[run]{Body: showRun(view)}, nil
}

type gateAnswer struct {
	SessionID string `json:"session_id" doc:"The session."`
	Gate      string `json:"gate" doc:"The gate that was decided."`
	Decision  string `json:"decision" doc:"The decision that stands." enum:"continue,fail,reject"`
	Status    string `json:"status" doc:"Where the session stands now."`
	Message   string `json:"message" doc:"What happens next, for a person."`
}

func (s *surface) decideGate(ctx context.Context, who api.Principal, in *struct {
	SessionPath
	Body struct {
		Decision string         `json:"decision" doc:"continue follows on_continue, fail on_fail, reject ends in a rejection." enum:"continue,fail,reject"`
		Gate     string         `json:"gate,omitempty" doc:"Name of the gate; must be the one the run waits at." maxLength:"100"`
		Metadata map[string]any `json:"metadata,omitempty" doc:"What led to the decision; conditions can read it."`
	}
}) (*answer[gateAnswer], error) {
	sid, err := id("session", in.ID)
	if err != nil {
		return nil, err
	}
	got, err := s.Engine.Resume(ctx, who.Tenant, sid, engine.GateDecision{Gate: in.Body.Gate, Decision: in.Body.Decision, Metadata: in.Body.Metadata, Actor: who.Actor})
	if err != nil {
		return nil, err
	}
	message := "The decision was taken; the session goes on."
	if got.Repeat {
		message = "This decision had been taken before; nothing changed."
	}
	return &answer[gateAnswer]{Body: gateAnswer{SessionID: kyc.Dress("session", sid), Gate: got.Gate, Decision: in.Body.Decision,
		Status: sessionStatus(got.Session.Status), Message: message}}, nil
}

func (s *surface) resumeWorkflow(ctx context.Context, who api.Principal, in *struct {
	SessionPath
	Body struct {
		StepIndex *int   `json:"step_index,omitempty" doc:"0-based place among the checks of the graph, in topological order." minimum:"0"`
		Policy    string `json:"policy,omitempty" doc:"Name of the check to begin with, instead of step_index." maxLength:"100"`
	}
}) (*tagged[SessionView], error) {
	sid, err := id("session", in.ID)
	if err != nil {
		return nil, err
	}
	if (in.Body.StepIndex == nil) == (in.Body.Policy == "") {
		return nil, kyc.InvalidInput("invalid_step", "name a step_index or a policy", []kyc.Problem{{Path: "/policy", Code: "required", Message: "name either step_index or policy"}})
	}
	got, _, err := s.Sessions.ResumeAt(ctx, who.Tenant, who.Actor, sid, session.Point{Policy: in.Body.Policy, StepIndex: in.Body.StepIndex})
	return showTagged(got, err)
}

func (s *surface) trigger(ctx context.Context, who api.Principal, in *struct {
	WorkflowPath
	Body struct {
		SessionID   string         `json:"session_id,omitempty" doc:"Session to run it for."`
		IdentityID  string         `json:"identity_id,omitempty" doc:"Identity to run it for, in a new session."`
		ExternalRef string         `json:"external_ref,omitempty" doc:"The identity by your own id." maxLength:"200"`
		Country     string         `json:"country,omitempty" doc:"ISO 3166-1 alpha-2, of a new session." maxLength:"2"`
		Metadata    map[string]any `json:"metadata,omitempty" doc:"Of a new session."`
		Fields      map[string]any `json:"fields,omitempty" doc:"Form data of a new session."`
	}
}) (*tagged[SessionView], error) {
	wid, err := id("workflow", in.ID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	sid, err := reference("session", "/session_id", b.SessionID)
	if err != nil {
		return nil, err
	}
	pid, err := reference("identity", "/identity_id", b.IdentityID)
	if err != nil {
		return nil, err
	}
	if sid != "" {
		got, _, err := s.Sessions.Trigger(ctx, who.Tenant, who.Actor, wid, sid)
		return showTagged(got, err)
	}
	if pid == "" && b.ExternalRef != "" {
		person, err := s.Store.SubjectByRef(ctx, who.Tenant, b.ExternalRef)
		if err != nil {
			return nil, err
		}
		pid = person.ID
	}
	if pid == "" {
		return nil, kyc.InvalidInput("invalid_trigger", "name whom to run it for", []kyc.Problem{{Path: "/session_id", Code: "required", Message: "name a session_id, an identity_id or an external_ref"}})
	}
	got, _, err := s.Sessions.TriggerFor(ctx, who.Tenant, who.Actor, session.NewSession{Surface: kyc.SurfaceGraph, WorkflowID: wid, Subject: pid,
		Country: b.Country, Metadata: b.Metadata, Fields: b.Fields})
	return showTagged(got, err)
}
