package graph

import (
	"cmp"
	"slices"
	"time"

	"bonafide/kyc"
)

// BacktestPath names one backtest of a workflow.
type BacktestPath struct {
	WorkflowPath
	BacktestID string `path:"backtest_id" doc:"The backtest's id." example:"backtest_0199a0b0-1111-7222-8333-444455556666"`
}

type backtestBody struct {
	DraftID        string    `json:"draft_id,omitempty" doc:"The candidate: a draft, or any version by its id. Either this or version." maxLength:"100"`
	Version        int       `json:"version,omitempty" doc:"The candidate: a version by its number." minimum:"1"`
	ControlVersion int       `json:"control_version,omitempty" doc:"Compare with this version, walked on the same records, instead of with what really happened." minimum:"1"`
	Sessions       []string  `json:"sessions,omitempty" doc:"The sessions, by id. Without them the newest that came to a decision are taken." minItems:"1" maxItems:"1000" nullable:"false"`
	Last           int       `json:"last,omitempty" doc:"How many of the newest sessions that came to a decision; 100 when nothing is said." minimum:"1" maximum:"1000"`
	From           time.Time `json:"from,omitzero" doc:"Only sessions created at or after this time."`
	To             time.Time `json:"to,omitzero" doc:"Only sessions created before this time."`
}

type backtestCell struct {
	Old      string `json:"old" doc:"How it ended, or would have on control_version." enum:"approved,rejected,needs_review,failed,not_known"`
	New      string `json:"new" doc:"How it would have ended on the candidate. failed: the graph could not be walked to an end; not_known: the record does not tell." enum:"approved,rejected,needs_review,failed,not_known"`
	Sessions int    `json:"sessions" doc:"How many."`
}

type backtestWord struct {
	Reviewer string `json:"reviewer" doc:"The final word of a person." enum:"approved,rejected"`
	Outcome  string `json:"outcome" doc:"What the machine says." enum:"approved,rejected,needs_review,failed,not_known"`
	Sessions int    `json:"sessions" doc:"How many."`
}

type backtestReviewers struct {
	Sessions         int            `json:"sessions" doc:"On how many of the replayed sessions a person had the final word."`
	Candidate        []backtestWord `json:"candidate" doc:"The candidate against reviewers." nullable:"false"`
	Baseline         []backtestWord `json:"baseline" doc:"What it is compared with, against the same reviewers." nullable:"false"`
	ApprovesRejected int            `json:"approves_rejected" doc:"How many the candidate approves that reviewers rejected."`
	RejectsApproved  int            `json:"rejects_approved" doc:"How many the candidate rejects that reviewers approved."`
}

type backtestSegment struct {
	Value    string         `json:"value" doc:"The value; unknown where the session has none, other for one of an unusual form."`
	Sessions int            `json:"sessions" doc:"How many sessions."`
	Changed  int            `json:"changed" doc:"How many decisions change."`
	NotKnown int            `json:"not_known" doc:"Of how many it is not known."`
	Old      map[string]int `json:"old" doc:"How many ended how, by outcome."`
	New      map[string]int `json:"new" doc:"How many would end how, by outcome."`
}

type backtestSegments struct {
	Country      []backtestSegment `json:"country" doc:"By the session's country, or the document's issuer." nullable:"false"`
	DocumentType []backtestSegment `json:"document_type" doc:"By the type of the document." nullable:"false"`
	Arm          []backtestSegment `json:"arm" doc:"By the arm of the rollout." nullable:"false"`
	Version      []backtestSegment `json:"version" doc:"By the version the session ran on." nullable:"false"`
}

type backtestReason struct {
	Reason   string `json:"reason" doc:"Why: check_not_recorded, config_changed, inputs_changed, attempt_not_recorded, timeout_changed, gate_not_recorded, gate_inputs_changed, gate_timeout_changed, began_in_the_middle, not_walkable; of unreadable sessions erased, retention_over, record_removed, record_broken, not_completed."`
	Node     string `json:"node,omitempty" doc:"The node that could not be answered."`
	Policy   string `json:"policy,omitempty" doc:"Its check."`
	Sessions int    `json:"sessions" doc:"How many."`
}

type backtestTotals struct {
	Sessions   int `json:"sessions" doc:"Sessions looked at so far."`
	Replayed   int `json:"replayed" doc:"Those whose record could be read: unchanged, changed and not_known together."`
	Unchanged  int `json:"unchanged" doc:"The same outcome."`
	Changed    int `json:"changed" doc:"Another outcome."`
	NotKnown   int `json:"not_known" doc:"The record does not say what the candidate would have decided."`
	Rerouted   int `json:"rerouted" doc:"Those of unchanged that take another way to it."`
	Unreadable int `json:"unreadable" doc:"Erased, past their retention, or never decided; counted and not walked."`
}

type backtestItem struct {
	SessionID string   `json:"session_id" doc:"The session."`
	Old       *string  `json:"old" doc:"How it ended; null when its record cannot be read." enum:"approved,rejected,needs_review,failed,not_known"`
	New       *string  `json:"new" doc:"How it would have ended; null when its record cannot be read." enum:"approved,rejected,needs_review,failed,not_known"`
	Node      string   `json:"node,omitempty" doc:"The first node where the ways part, or the one that could not be answered."`
	Policy    string   `json:"policy,omitempty" doc:"Its check, when it could not be answered."`
	Reason    string   `json:"reason,omitempty" doc:"Why it is not known, or cannot be read."`
	Reviewer  *string  `json:"reviewer" doc:"The final word of a person on the session; null when there is none." enum:"approved,rejected"`
	OldPath   []string `json:"old_path" doc:"The nodes it came through." nullable:"false"`
	Path      []string `json:"path" doc:"The nodes it would have come through, as far as that is known." nullable:"false"`
}

type backtestHead struct {
	ID             string         `json:"id" doc:"The backtest's id."`
	WorkflowID     string         `json:"workflow_id" doc:"The workflow."`
	Status         string         `json:"status" doc:"Where it stands; failed when a definition it walks cannot be read any more, cancelled when somebody ended it before: both are about the first progress.done sessions only." enum:"running,completed,failed,cancelled"`
	Version        int            `json:"version" doc:"The candidate."`
	DraftID        string         `json:"draft_id" doc:"Its id."`
	ControlVersion *int           `json:"control_version" doc:"What it is compared with; null: what really happened."`
	DefinitionHash string         `json:"definition_hash" doc:"Hash of the linked graph that was walked."`
	Progress       progress       `json:"progress" doc:"How far it is."`
	Totals         backtestTotals `json:"totals" doc:"Counts so far."`
	CreatedBy      actor          `json:"created_by" doc:"Who asked for it."`
	CreatedAt      stamp          `json:"created_at" doc:"When."`
	CompletedAt    *stamp         `json:"completed_at" doc:"When it was complete; null until then, and for ever where it failed or was cancelled."`
	EndedAt        *stamp         `json:"ended_at" doc:"When it was complete, failed or was cancelled; null until then."`
}

type progress struct {
	Done  int `json:"done" doc:"Sessions looked at."`
	Total int `json:"total" doc:"Sessions chosen."`
}

type backtestReport struct {
	backtestHead
	Matrix    []backtestCell     `json:"matrix" doc:"Decisions by old and new outcome; what does not occur is left out." nullable:"false"`
	Reviewers backtestReviewers  `json:"reviewers" doc:"The candidate against the final decisions of people."`
	Segments  backtestSegments   `json:"segments" doc:"The same counts by property of the session."`
	Reasons   []backtestReason   `json:"reasons" doc:"Why sessions are not known or unreadable, the most frequent first." nullable:"false"`
	Flipped   page[backtestItem] `json:"flipped" doc:"Sessions whose decision changes: the first page of …/sessions."`
}

func showBacktestHead(b kyc.Backtest) backtestHead {
	t := b.Tally
	h := backtestHead{ID: kyc.Dress("backtest", b.ID), WorkflowID: kyc.Dress("workflow", b.WorkflowID), Status: string(b.Status), Version: b.Version,
		DraftID: kyc.Dress("draft", b.Draft), DefinitionHash: b.Definition, Progress: progress{Done: b.Done, Total: len(b.Cohort)},
		Totals:    backtestTotals{Sessions: t.Sessions, Replayed: t.Replayed, Unchanged: t.Same, Changed: t.Changed, NotKnown: t.Unknown, Rerouted: t.Rerouted, Unreadable: t.Unreadable},
		CreatedBy: showActor(b.By), CreatedAt: at(b.CreatedAt)}
	if b.Control != 0 {
		h.ControlVersion = &b.Control
	}
	if !b.EndedAt.IsZero() {
		ended := at(b.EndedAt)
		h.EndedAt = &ended
		if b.Status == kyc.BacktestCompleted {
			h.CompletedAt = &ended
		}
	}
	return h
}

func showBacktest(b kyc.Backtest) backtestReport {
	t := b.Tally
	out := backtestReport{backtestHead: showBacktestHead(b), Matrix: []backtestCell{}, Reasons: []backtestReason{},
		Reviewers: backtestReviewers{Candidate: showWords(t.Reviewed), Baseline: showWords(t.Before), ApprovesRejected: t.Reviewed[kyc.Rejected][kyc.Approved],
			RejectsApproved: t.Reviewed[kyc.Approved][kyc.Rejected]}}
	for _, w := range out.Reviewers.Candidate {
		out.Reviewers.Sessions += w.Sessions
	}
	for _, old := range sortedOutcomes(t.Matrix) {
		for _, now := range sortedOutcomes(t.Matrix[old]) {
			out.Matrix = append(out.Matrix, backtestCell{Old: string(old), New: string(now), Sessions: t.Matrix[old][now]})
		}
	}
	for _, w := range t.Why {
		out.Reasons = append(out.Reasons, backtestReason{Reason: w.Reason, Node: w.Node, Policy: w.Policy, Sessions: w.Sessions})
	}
	out.Segments = backtestSegments{Country: showSegment(t.Segments["country"]), DocumentType: showSegment(t.Segments["document_type"]),
		Arm: showSegment(t.Segments["arm"]), Version: showSegment(t.Segments["version"])}
	return out
}

// sortedOutcomes are the outcomes that occur, in the order of the documentation.
func sortedOutcomes[V any](m map[kyc.Outcome]V) []kyc.Outcome {
	var out []kyc.Outcome
	for _, o := range []kyc.Outcome{kyc.Approved, kyc.Rejected, kyc.NeedsReview, kyc.NoOutcome, kyc.NotKnown} {
		if _, ok := m[o]; ok {
			out = append(out, o)
		}
	}
	return out
}

func showWords(m map[kyc.Outcome]map[kyc.Outcome]int) []backtestWord {
	out := []backtestWord{}
	for _, who := range sortedOutcomes(m) {
		for _, o := range sortedOutcomes(m[who]) {
			out = append(out, backtestWord{Reviewer: string(who), Outcome: string(o), Sessions: m[who][o]})
		}
	}
	return out
}

// showSegment lists values, the most frequent first.
func showSegment(values map[string]kyc.BacktestSegment) []backtestSegment {
	out := []backtestSegment{}
	for value, s := range values {
		out = append(out, backtestSegment{Value: value, Sessions: s.Sessions, Changed: s.Changed, NotKnown: s.Unknown, Old: counted(s.Old), New: counted(s.New)})
	}
	slices.SortFunc(out, func(a, b backtestSegment) int {
		return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), cmp.Compare(a.Value, b.Value))
	})
	return out
}

func counted(m map[kyc.Outcome]int) map[string]int {
	out := map[string]int{}
	for o, n := range m {
		out[string(o)] = n
	}
	return out
}

func showBacktestItem(i kyc.BacktestItem) backtestItem {
	return backtestItem{SessionID: kyc.Dress("session", i.SessionID), Old: maybe(string(i.Old)), New: maybe(string(i.New)), Node: i.Node, Policy: i.Policy,
		Reason: i.Reason, Reviewer: maybe(string(i.Reviewer)), OldPath: words(i.OldPath), Path: words(i.Path)}
}
