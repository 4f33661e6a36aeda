package session

import (
	"context"

	"bonafide/kyc"
)

// Export is everything kept about a session and its person, for subject
// access. Files and biometrics are listed, never contained.
type Export struct {
	Session kyc.Session
	Subject kyc.Subject
	Uploads []kyc.Upload
	Traces  []Trace // newest run first
	Case    *kyc.Case
	Notes   []kyc.Note
	Events  []kyc.Event // newest first, at most 1,000
}

// exportEvents bounds the audit entries of one export.
const exportEvents = 1000

// Export gathers a session's data and records that it left.
func (m *Sessions) Export(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (Export, error) {
	var x Export
	var err error
	if x.Session, err = m.d.Store.Session(ctx, t, id); err != nil {
		return x, err
	}
	if !x.Session.Readable() {
		return x, x.Session.Gone()
	}
	if x.Subject, err = m.d.Store.Subject(ctx, t, x.Session.SubjectID); err != nil {
		return x, err
	}
	if x.Uploads, err = m.d.Store.Uploads(ctx, t, id); err != nil {
		return x, err
	}
	runs, err := m.d.Store.Runs(ctx, t, id)
	if err != nil {
		return x, err
	}
	for _, r := range runs {
		trace, err := m.d.Trace(ctx, t, r.ID)
		if err != nil {
			return x, err
		}
		x.Traces = append(x.Traces, trace)
	}
	if x.Session.CaseID != "" {
		c, err := m.d.Store.Case(ctx, t, x.Session.CaseID)
		if err != nil {
			return x, err
		}
		x.Case = &c
		if x.Notes, err = m.d.Store.Notes(ctx, t, c.ID); err != nil {
			return x, err
		}
	}
	f := kyc.EventFilter{Object: "session", ObjectID: id}
	if x.Events, _, err = m.d.Store.Events(ctx, t, f, kyc.Page{Limit: exportEvents}); err != nil {
		return x, err
	}
	return x, m.Seen(ctx, &x.Session, by, "session.export")
}

// Outcome is what a session's last run found.
type Outcome struct {
	Session kyc.Session
	Trace   Trace // empty before the first run
}

// Result reads the outcome of a session and records the look.
func (m *Sessions) Result(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, action string) (Outcome, error) {
	s, err := m.d.Store.Session(ctx, t, id)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Session: s}
	if s.RunID != "" && s.Readable() { // otherwise there is nothing to read
		if o.Trace, err = m.d.Trace(ctx, t, s.RunID); err != nil {
			return o, err
		}
	}
	return o, m.Seen(ctx, &s, by, action)
}

// RiskLevel names a composite score of 0-100 (api.md 6.9).
func RiskLevel(score float64) string {
	switch {
	case score <= 20:
		return "low"
	case score <= 50:
		return "medium"
	case score <= 80:
		return "high"
	}
	return "critical"
}
