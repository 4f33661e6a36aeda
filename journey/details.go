package journey

import (
	"context"
	"slices"
	"time"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// Details is everything the back office sees of a session (A12).
type Details struct {
	Session    kyc.Session
	Journey    kyc.Journey
	Workflow   kyc.Workflow
	Version    kyc.WorkflowVersion
	Definition *onboarding.Definition
	Uploads    []kyc.Upload // superseded ones included, oldest first
	Exams      []kyc.Exam
	Rulings    []kyc.Ruling // oldest first
	Case       *kyc.Case
	// Subsessions are those whose parent this session is, oldest first.
	Subsessions []Related
	Entities    []Entity
	Result      *Result // nil before the first processing
	Now         time.Time
}

// Related is a subsession with its journey.
type Related struct {
	Session kyc.Session
	Journey kyc.Journey
}

// Read gives a session with everything that belongs to it, and records that
// its personal data was read.
func (m *Machine) Read(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (Details, error) {
	v, err := m.load(ctx, t, id)
	if err != nil {
		return Details{}, err
	}
	d := Details{Session: v.session, Journey: v.journey, Workflow: v.workflow, Version: v.version, Definition: v.def, Now: v.now}
	if d.Uploads, err = m.d.Store.Uploads(ctx, t, id); err != nil {
		return d, err
	}
	if d.Exams, err = m.d.Store.Exams(ctx, t, id); err != nil {
		return d, err
	}
	if d.Subsessions, err = m.related(ctx, t, id); err != nil {
		return d, err
	}
	record, err := m.record(ctx, v)
	if err != nil {
		return d, err
	}
	d.Rulings, d.Case = record.Rulings, record.Case
	d.Result = BuildResult(record)
	d.Entities = entities(record.Trace.Checks[policyDocuments].Details)
	if d.Result == nil { // nothing was processed yet; what uploads and validations read counts
		for _, e := range d.Exams {
			if e.Policy == policyDocuments && e.Answer.Status == kyc.StatusOK {
				d.Entities = entities(e.Answer.Details)
			}
		}
	}
	return d, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.read")}})
}

// related reads the subsessions of a session.
func (m *Machine) related(ctx context.Context, t kyc.Tenant, parent kyc.ID) ([]Related, error) {
	journeys, err := m.d.Store.Journeys(ctx, t, parent)
	if err != nil {
		return nil, err
	}
	out := make([]Related, 0, len(journeys))
	for _, j := range journeys {
		if !j.ArchivedAt.IsZero() { // removed from its parent
			continue
		}
		s, err := m.d.Store.Session(ctx, t, j.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, Related{Session: s, Journey: j})
	}
	return out, nil
}

// record gathers what the processing result is built from.
func (m *Machine) record(ctx context.Context, v *view) (Record, error) {
	r := Record{Session: v.session, Version: v.version, Def: v.def}
	for _, try := range v.journey.Liveness {
		if !try.Done.IsZero() {
			r.Attempts++
		}
	}
	var err error
	if r.Rulings, err = m.d.Store.Rulings(ctx, v.session.Tenant, v.session.ID); err != nil {
		return r, err
	}
	if r.Case, err = m.caseOf(ctx, &v.session); err != nil {
		return r, err
	}
	if v.session.RunID == "" {
		return r, nil
	}
	r.Trace, err = m.d.Trace(ctx, v.session.Tenant, v.session.RunID)
	if kyc.IsCode(err, "erased") { // the record went with its person
		r.Trace, err = Trace{}, nil
	}
	return r, err
}

// result is the processing result of a session as it stands.
func (m *Machine) result(ctx context.Context, v *view) (*Result, error) {
	r, err := m.record(ctx, v)
	if err != nil {
		return nil, err
	}
	return BuildResult(r), nil
}

// SessionQuery selects sessions (A11); empty parts do not filter.
type SessionQuery struct {
	Status        []string // words of this surface, any of them
	Workflow      string   // id or slug
	CustomerID    kyc.ID
	ClientID      string
	FinalDecision string // approved, flagged, rejected, manual_review, cancelled
	From, To      time.Time
	ParentID      kyc.ID
	Archived      bool
	// Text is a session's id or a client_id, whole. Names, addresses and
	// metadata are encrypted and cannot be searched.
	Text string
}

// Listed is a row of a list of sessions.
type Listed struct {
	Session  kyc.Session
	Journey  kyc.Journey
	Workflow kyc.Workflow
}

// Sessions gives a page of sessions, newest first (A11). more says that there
// is another page after the last row. Errors: Invalid invalid_query.
func (m *Machine) Sessions(ctx context.Context, t kyc.Tenant, by kyc.Actor, q SessionQuery, p kyc.Page) (rows []Listed, more bool, err error) {
	f, none, err := m.filter(ctx, t, q)
	if err != nil || none {
		return nil, false, err
	}
	var kept []kyc.Session
	for {
		page, _, err := m.d.Store.Sessions(ctx, t, f, kyc.Page{Limit: p.Limit + 1, After: p.After, Damaged: true})
		if err != nil {
			return nil, false, err
		}
		for _, s := range page {
			if s.Damaged || q.keeps(&s) {
				kept = append(kept, s)
			}
		}
		if len(kept) > p.Limit || len(page) <= p.Limit {
			break
		}
		p.After = page[len(page)-1].ID
	}
	if more = len(kept) > p.Limit; more {
		kept = kept[:p.Limit]
	}
	if rows, err = m.rows(ctx, t, kept); err != nil || len(rows) == 0 {
		return rows, more, err
	}
	return rows, more, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{event(ctx, t, by, m.d.Clock.Now(), "session.list", "session", "", "")}})
}

// keeps is the part of a query that the store cannot answer.
func (q SessionQuery) keeps(s *kyc.Session) bool {
	if q.FinalDecision != "" && Final(s) != q.FinalDecision {
		return false
	}
	return q.Text == "" || string(s.ID) == q.Text || s.ExternalRef == q.Text
}

// filter puts a query into the store's words; none says that nothing can
// match.
func (m *Machine) filter(ctx context.Context, t kyc.Tenant, q SessionQuery) (f kyc.SessionFilter, none bool, err error) {
	f = kyc.SessionFilter{Surface: kyc.SurfaceSteps, SubjectID: q.CustomerID, ExternalRef: q.ClientID, From: q.From, To: q.To, ParentID: q.ParentID, Archived: q.Archived}
	bad := func(path, code, message string) (kyc.SessionFilter, bool, error) {
		return f, false, kyc.InvalidInput("invalid_query", "the list cannot be filtered like this", []kyc.Problem{{Path: path, Code: code, Message: message}})
	}
	for _, word := range q.Status {
		states := States(word)
		if states == nil {
			return bad("/query/status", "status_invalid", "there is no status "+word)
		}
		f.Status = append(f.Status, states...)
	}
	var final []kyc.SessionStatus
	switch q.FinalDecision {
	case "":
	case "approved", "flagged":
		final, f.Result = []kyc.SessionStatus{kyc.SessionApproved}, kyc.Approved
		if q.FinalDecision == "flagged" {
			f.ReasonCode = ReasonFlagged
		}
	case "rejected":
		final = []kyc.SessionStatus{kyc.SessionRejected}
	case "manual_review":
		final = []kyc.SessionStatus{kyc.SessionReview, kyc.SessionFailed}
	case "cancelled":
		final = []kyc.SessionStatus{kyc.SessionCancelled}
	default:
		return bad("/query/final_decision", "final_decision_invalid", "use approved, flagged, rejected, manual_review or cancelled")
	}
	if final != nil {
		if len(q.Status) > 0 {
			final = slices.DeleteFunc(final, func(s kyc.SessionStatus) bool { return !slices.Contains(f.Status, s) })
			none = len(final) == 0
		}
		f.Status = final
	}
	if q.Text != "" {
		if _, ok := kyc.ParseID(q.Text); !ok {
			if f.ExternalRef != "" && f.ExternalRef != q.Text {
				none = true
			}
			f.ExternalRef = q.Text
		}
	}
	if q.Workflow != "" {
		w, err := m.findWorkflow(ctx, t, q.Workflow)
		if err != nil && kyc.KindOf(err) == kyc.NotFound {
			return f, true, nil
		}
		if err != nil {
			return f, false, err
		}
		f.WorkflowID = w.ID
	}
	return f, none, nil
}

// rows completes sessions of a list with their journeys and workflows.
func (m *Machine) rows(ctx context.Context, t kyc.Tenant, list []kyc.Session) ([]Listed, error) {
	ids := make([]kyc.ID, len(list))
	for i, s := range list {
		ids[i] = s.ID
	}
	journeys, err := m.d.Store.JourneysOf(ctx, t, ids)
	if err != nil {
		return nil, err
	}
	byID := map[kyc.ID]kyc.Journey{}
	for _, j := range journeys {
		byID[j.ID] = j
	}
	workflows := map[kyc.ID]kyc.Workflow{}
	out := make([]Listed, 0, len(list))
	for _, s := range list {
		if byID[s.ID].Damaged {
			s.Damage()
		}
		w, known := workflows[s.WorkflowID]
		if !known {
			if w, err = m.d.Store.Workflow(ctx, t, s.WorkflowID); err != nil {
				return nil, err
			}
			workflows[s.WorkflowID] = w
		}
		out = append(out, Listed{Session: s, Journey: byID[s.ID], Workflow: w})
	}
	return out, nil
}
