package memory

import (
	"context"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// Org finds an organisation.
func (m *Store) Org(_ context.Context, id kyc.ID) (kyc.Org, error) {
	return Get[kyc.Org](m, kyc.Tenant{Org: id}, id)
}

// Orgs are all organisations.
func (m *Store) Orgs(context.Context) ([]kyc.Org, error) {
	out, _ := All(m, kyc.Tenant{}, kyc.Page{}, func(kyc.Org) bool { return true })
	return out, nil
}

// Users are the people of an organisation.
func (m *Store) Users(_ context.Context, org kyc.ID) ([]kyc.User, error) {
	return Oldest(m, kyc.Tenant{Org: org}, func(kyc.User) bool { return true }), nil
}

// Events are those of an object or of a subject, newest first.
func (m *Store) Events(_ context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []kyc.Event
	for _, e := range slices.Backward(m.Log) {
		if e.Tenant == t && (f.Object == "" || e.Object == f.Object) && (f.ObjectID == "" || e.ObjectID == f.ObjectID) &&
			(f.SubjectID == "" || e.SubjectID == f.SubjectID) && (f.Action == "" || f.Action == e.Action) &&
			(len(f.Actions) == 0 || slices.Contains(f.Actions, e.Action)) {
			out = append(out, e)
		}
	}
	return Part(out, p), len(out), nil
}

// Session finds a session.
func (m *Store) Session(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error) {
	return Get[kyc.Session](m, t, id)
}

// SessionByToken finds the session of a capture token's hash.
func (m *Store) SessionByToken(_ context.Context, hash string) (kyc.Session, error) {
	return First(m, kyc.Tenant{}, func(s kyc.Session) bool { return s.TokenHash == hash && hash != "" })
}

// Sessions lists sessions by every wish of the filter, newest first.
func (m *Store) Sessions(_ context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error) {
	parents, archived := map[kyc.ID]kyc.ID{}, map[kyc.ID]bool{}
	for _, j := range Oldest(m, t, func(kyc.Journey) bool { return true }) {
		parents[j.ID], archived[j.ID] = j.ParentID, !j.ArchivedAt.IsZero()
	}
	hides := !f.Archived && (f.Surface == kyc.SurfaceSteps || f.Surface == kyc.SurfaceChecks || f.ParentID != "")
	out, n := All(m, t, p, func(s kyc.Session) bool {
		return (len(f.Status) == 0 || slices.Contains(f.Status, s.Status)) && (f.Surface == "" || f.Surface == s.Surface) &&
			(f.WorkflowID == "" || f.WorkflowID == s.WorkflowID) && (f.ExternalRef == "" || s.ExternalRef == f.ExternalRef) &&
			(f.SubjectID == "" || s.SubjectID == f.SubjectID) && (f.Tag == "" || slices.Contains(s.Tags, f.Tag)) &&
			(f.From.IsZero() || !s.CreatedAt.Before(f.From)) && (f.To.IsZero() || s.CreatedAt.Before(f.To)) &&
			(f.Result == "" || f.Result == s.Result) && (f.ReasonCode == "" || f.ReasonCode == s.ReasonCode) &&
			(f.ParentID == "" || parents[s.ID] == f.ParentID) && (!hides || !archived[s.ID]) && (!f.Left || s.Keeping() != kyc.KeptNot) &&
			(f.ExpiresBefore.IsZero() || (!s.ExpiresAt.IsZero() && s.ExpiresAt.Before(f.ExpiresBefore)))
	})
	return out, n, nil
}

// Subject finds a person or company.
func (m *Store) Subject(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error) {
	return Get[kyc.Subject](m, t, id)
}

// SubjectByRef finds the person or company of a customer's reference.
func (m *Store) SubjectByRef(_ context.Context, t kyc.Tenant, ref string) (kyc.Subject, error) {
	return First(m, t, func(s kyc.Subject) bool { return s.ExternalRef == ref && ref != "" })
}

// Upload finds a file of a session.
func (m *Store) Upload(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Upload, error) {
	return Get[kyc.Upload](m, t, id)
}

// Uploads are the files of a session, oldest first.
func (m *Store) Uploads(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Upload, error) {
	return Oldest(m, t, func(u kyc.Upload) bool { return u.SessionID == session }), nil
}

// Journey finds the journey of a session.
func (m *Store) Journey(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Journey, error) {
	return Get[kyc.Journey](m, t, id)
}

// Journeys are the journeys below a session, oldest first.
func (m *Store) Journeys(_ context.Context, t kyc.Tenant, parent kyc.ID) ([]kyc.Journey, error) {
	return Oldest(m, t, func(j kyc.Journey) bool { return j.ParentID == parent }), nil
}

// JourneysOf are the journeys of some sessions.
func (m *Store) JourneysOf(_ context.Context, t kyc.Tenant, sessions []kyc.ID) ([]kyc.Journey, error) {
	return Oldest(m, t, func(j kyc.Journey) bool { return slices.Contains(sessions, j.ID) }), nil
}

// Transfer finds an upload in three steps.
func (m *Store) Transfer(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Transfer, error) {
	return Get[kyc.Transfer](m, t, id)
}

// Transfers are a session's uploads in three steps, oldest first.
func (m *Store) Transfers(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Transfer, error) {
	return Oldest(m, t, func(x kyc.Transfer) bool { return x.SessionID == session }), nil
}

// Exams are the checks asked outside of runs, oldest first.
func (m *Store) Exams(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Exam, error) {
	return Oldest(m, t, func(x kyc.Exam) bool { return x.SessionID == session }), nil
}

// ExamByInput finds the exam of a check over one input.
func (m *Store) ExamByInput(_ context.Context, t kyc.Tenant, session kyc.ID, policy, hash string) (kyc.Exam, error) {
	return First(m, t, func(x kyc.Exam) bool { return x.SessionID == session && x.Policy == policy && x.InputHash == hash })
}

// Rulings are the decisions of a session, oldest first.
func (m *Store) Rulings(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Ruling, error) {
	return Oldest(m, t, func(x kyc.Ruling) bool { return x.SessionID == session }), nil
}

// Run finds a run.
func (m *Store) Run(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error) {
	return Get[kyc.Run](m, t, id)
}

// Runs are a session's runs, newest first.
func (m *Store) Runs(_ context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Run, error) {
	out, _ := All(m, t, kyc.Page{}, func(r kyc.Run) bool { return r.SessionID == session })
	return out, nil
}

// Case finds a review.
func (m *Store) Case(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error) {
	return Get[kyc.Case](m, t, id)
}

// Notes are what reviewers wrote on a case, oldest first.
func (m *Store) Notes(_ context.Context, t kyc.Tenant, caseID kyc.ID) ([]kyc.Note, error) {
	return Oldest(m, t, func(n kyc.Note) bool { return n.CaseID == caseID }), nil
}

// Workflow finds a workflow.
func (m *Store) Workflow(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error) {
	return Get[kyc.Workflow](m, t, id)
}

// WorkflowBySlug finds the living workflow of a slug.
func (m *Store) WorkflowBySlug(_ context.Context, t kyc.Tenant, s kyc.Surface, slug string) (kyc.Workflow, error) {
	return First(m, t, func(w kyc.Workflow) bool {
		return w.Slug == slug && w.Surface == s && slug != "" && w.Status != kyc.WorkflowDeleted
	})
}

// DefaultWorkflow finds a surface's default workflow.
func (m *Store) DefaultWorkflow(_ context.Context, t kyc.Tenant, s kyc.Surface) (kyc.Workflow, error) {
	return First(m, t, func(w kyc.Workflow) bool { return w.IsDefault && w.Surface == s })
}

// Workflows lists workflows, deleted ones only on demand; newest first, or the
// last changed first.
func (m *Store) Workflows(_ context.Context, t kyc.Tenant, f kyc.WorkflowFilter, p kyc.Page) ([]kyc.Workflow, int, error) {
	out, n := All(m, t, kyc.Page{}, func(w kyc.Workflow) bool {
		return (f.Surface == "" || w.Surface == f.Surface) && (f.Status == "" && w.Status != kyc.WorkflowDeleted || f.Status == w.Status && f.Status != "") &&
			(f.Active == nil || *f.Active == (w.Status == kyc.WorkflowPublished)) && (f.IsDefault == nil || *f.IsDefault == w.IsDefault) &&
			(f.Query == "" || strings.Contains(strings.ToLower(w.Name), strings.ToLower(f.Query)))
	})
	if f.ByUpdate {
		slices.SortStableFunc(out, func(a, b kyc.Workflow) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	}
	if at := slices.IndexFunc(out, func(w kyc.Workflow) bool { return w.ID == p.After }); at >= 0 {
		out = out[at+1:]
	}
	return Part(out, p), n, nil
}

// Version finds a version by its number.
func (m *Store) Version(_ context.Context, t kyc.Tenant, workflow kyc.ID, number int) (kyc.WorkflowVersion, error) {
	return First(m, t, func(v kyc.WorkflowVersion) bool { return v.WorkflowID == workflow && v.Number == number })
}

// VersionByID finds a version.
func (m *Store) VersionByID(_ context.Context, t kyc.Tenant, id kyc.ID) (kyc.WorkflowVersion, error) {
	return Get[kyc.WorkflowVersion](m, t, id)
}

// Versions lists the versions of a workflow, newest first.
func (m *Store) Versions(_ context.Context, t kyc.Tenant, workflow kyc.ID, p kyc.Page) ([]kyc.WorkflowVersion, int, error) {
	out, n := All(m, t, p, func(v kyc.WorkflowVersion) bool { return v.WorkflowID == workflow })
	return out, n, nil
}

// PutBlob keeps a file, unless the store is deaf.
func (m *Store) PutBlob(_ context.Context, _ kyc.Tenant, _ kyc.ID, key string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Deaf > 0 {
		if m.Deaf--; m.Deaf == 0 {
			return kyc.Errorf(kyc.Unavailable, "file_storage", "the file could not be stored")
		}
	}
	m.Files[key] = slices.Clone(data)
	return nil
}

// Blob reads a file.
func (m *Store) Blob(_ context.Context, _ kyc.Tenant, _ kyc.ID, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.Files[key]
	if !ok {
		return nil, kyc.Missing("file", key)
	}
	return slices.Clone(b), nil
}

// DeleteBlob removes a file.
func (m *Store) DeleteBlob(_ context.Context, _ kyc.Tenant, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.Files, key)
	return nil
}

// TransfersDue are the uploads of all tenants that were never confirmed and
// whose time is over.
func (m *Store) TransfersDue(_ context.Context, before time.Time, limit int) ([]kyc.Transfer, error) {
	out := Oldest(m, kyc.Tenant{}, func(x kyc.Transfer) bool { return x.UploadID == "" && !x.ExpiresAt.After(before) })
	return out[:min(limit, len(out))], nil
}

// TrialTallies counts the trials of a rollout from a time on, by version.
func (m *Store) TrialTallies(t kyc.Tenant, workflow kyc.ID, rollout string, from time.Time) map[int]kyc.TrialTally {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[int]kyc.TrialTally{}
	for _, x := range m.Tried {
		if x.Tenant == t && x.WorkflowID == workflow && x.Rollout == rollout && !x.At.Before(from) {
			tally := out[x.Version]
			tally.Add(x.Result, 1)
			out[x.Version] = tally
		}
	}
	return out
}
