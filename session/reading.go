package session

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"bonafide/kyc"
)

// policyReading is the check that reads an identity document.
const policyReading = "document_ocr"

// readingTime is how long the reading of one document for a form may take: a
// document takes a second or two, and after ten the applicant has typed.
const readingTime = 10 * time.Second

// ReadFront reads the front of the document that a session has in force, so that
// its form need not ask what the document told already, and keeps the answer
// beside the session. It is read in the house even where the organisation has
// another reader: nobody pays for a proposal. The run reads the document again;
// nothing is decided here. A document that was read is not read again, nor one
// whose reading failed or took longer than ten seconds. The file is stored by
// then, and no transaction is open while it is read.
func (m *Sessions) ReadFront(ctx context.Context, s *kyc.Session) error {
	if m.d.Examine == nil {
		return nil
	}
	files, err := m.d.Store.Uploads(ctx, s.Tenant, s.ID)
	if err != nil {
		return err
	}
	front := frontOf(files)
	if front == nil {
		return nil
	}
	exams, err := m.d.Store.Exams(ctx, s.Tenant, s.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(exams, func(e kyc.Exam) bool { return e.Policy == policyReading && e.UploadID == front.ID }) {
		return nil
	}
	now, org, err := m.now(ctx, s.Tenant)
	if err != nil {
		return err
	}
	settings := org.EnvSettings(s.Tenant.Env)
	settings.Providers = kyc.ProviderSettings{}
	q := kyc.CheckRequest{Tenant: s.Tenant, SessionID: s.ID, SubjectID: s.SubjectID, Attempt: 1, Now: now, Country: s.Country, Policy: policyReading, Node: policyReading,
		Config: json.RawMessage("{}"), Fields: s.Private.Fields, Metadata: s.Private.Metadata, Extracted: map[string]any{}, Checks: map[string]kyc.CheckFact{},
		Uploads: []kyc.Upload{*front}, Settings: settings, CallKey: "reading-" + string(front.ID)}
	answer := m.readInTime(ctx, q)
	exam := kyc.Exam{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: s.Tenant}, SessionID: s.ID, SubjectID: s.SubjectID, UploadID: front.ID, Policy: policyReading, Answer: answer}
	exam.Touch(now)
	e := event(ctx, s.Tenant, kyc.SystemActor("session"), now, "session.examine", "session", s.ID, s.SubjectID)
	e.Reason = policyReading
	return m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&exam}, Events: []kyc.Event{e}})
}

// readInTime asks the check with the bound of a proposal.
func (m *Sessions) readInTime(ctx context.Context, q kyc.CheckRequest) kyc.Answer {
	ctx, cancel := context.WithTimeout(ctx, readingTime)
	defer cancel()
	return m.d.Examine(ctx, q)
}

// Reading is what was read from the front in force; nil where nothing was.
func (m *Sessions) Reading(ctx context.Context, s *kyc.Session, files []kyc.Upload) ([]kyc.Field, error) {
	front := frontOf(files)
	if front == nil {
		return nil, nil
	}
	exams, err := m.d.Store.Exams(ctx, s.Tenant, s.ID)
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(exams) {
		if e.Policy == policyReading && e.UploadID == front.ID && e.Answer.Status == kyc.StatusOK && !e.Unreadable {
			return e.Answer.Fields, nil
		}
	}
	return nil, nil
}

func frontOf(files []kyc.Upload) *kyc.Upload {
	i := slices.IndexFunc(files, func(u kyc.Upload) bool {
		return u.Kind == "document_front" && !u.Superseded && u.RedactedAt.IsZero()
	})
	if i < 0 {
		return nil
	}
	return &files[i]
}
