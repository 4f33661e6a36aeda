package session

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// JobDropBlobs deletes the files of a redacted session. Their key is gone by
// then, so this only frees the space.
const JobDropBlobs = "session.drop_blobs"

// Redaction tells what erasing one session's data did.
type Redaction struct {
	SessionID        kyc.ID
	Status           string // deleted or already_redacted
	DocumentsRemoved int
	// Err says why this one was refused (bulk only).
	Err error
}

// Redact erases the personal data of a session's person by destroying the
// person's data key: the session, its files, its record and every other
// session of the same person become unreadable; ids, states, times and hashes
// stay. Repeated, it answers already_redacted. Errors: 409 legal_hold when the
// session or another one of the person is held, 409 session_active while one
// is being processed or reviewed.
func (m *Sessions) Redact(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (Redaction, error) {
	out, err := m.redact(ctx, t, by, []kyc.ID{id})
	if err != nil {
		return Redaction{}, err
	}
	return out[0], out[0].Err
}

// EraseSessions prepares the erasure of these sessions of one person, whose key
// the caller destroys in the same commit: their marks, their files, what
// reviewers wrote. Errors: 409 legal_hold, session_active.
func (m *Sessions) EraseSessions(ctx context.Context, t kyc.Tenant, by kyc.Actor, sessions []kyc.Session) (kyc.Change, error) {
	now, _, err := m.now(ctx, t)
	if err != nil {
		return kyc.Change{}, err
	}
	var c kyc.Change
	_, err = m.eraseAll(ctx, t, by, now, sessions, &c)
	return c, err
}

// ErasePerson prepares the erasure of a person and all their sessions. Errors:
// 404; 409 legal_hold, session_active.
func (m *Sessions) ErasePerson(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID) (kyc.Change, error) {
	now, _, err := m.now(ctx, t)
	if err != nil {
		return kyc.Change{}, err
	}
	c, _, err := m.erasePerson(ctx, t, by, now, subject)
	return c, err
}

// MaxBulkRedact is how many sessions one call erases at most.
const MaxBulkRedact = 100

// RedactAll erases several sessions; each has its own result, and one refusal
// does not stop the others.
func (m *Sessions) RedactAll(ctx context.Context, t kyc.Tenant, by kyc.Actor, ids []kyc.ID) ([]Redaction, error) {
	if len(ids) == 0 || len(ids) > MaxBulkRedact {
		return nil, kyc.InvalidInput("invalid_ids", "name 1 to 100 sessions", []kyc.Problem{{Path: "/session_ids", Code: "invalid_ids", Message: "name 1 to 100 sessions"}})
	}
	return m.redact(ctx, t, by, ids)
}

func (m *Sessions) redact(ctx context.Context, t kyc.Tenant, by kyc.Actor, ids []kyc.ID) ([]Redaction, error) {
	now, _, err := m.now(ctx, t)
	if err != nil {
		return nil, err
	}
	change := &kyc.Change{}
	erased := map[kyc.ID]int{} // documents by session, of this call
	var out []Redaction
	for _, id := range ids {
		r := Redaction{SessionID: id}
		s, err := m.d.Store.Session(ctx, t, id)
		count, done := erased[id]
		switch {
		case err != nil:
			r.Err = err
		case done:
			r.Status, r.DocumentsRemoved = "deleted", count
		case !s.RedactedAt.IsZero():
			r.Status = "already_redacted"
		default:
			part, counts, err := m.erasePerson(ctx, t, by, now, s.SubjectID)
			if err != nil {
				r.Err = err
				break
			}
			change.Add(part)
			for id, n := range counts {
				erased[id] = n
			}
			r.Status, r.DocumentsRemoved = "deleted", counts[id]
		}
		if r.Err != nil && kyc.KindOf(r.Err) == kyc.Internal {
			return nil, r.Err
		}
		out = append(out, r)
	}
	if change.Empty() {
		return out, nil
	}
	return out, m.d.Store.Commit(ctx, change)
}

// erasePerson prepares the erasure of a person and all their sessions.
func (m *Sessions) erasePerson(ctx context.Context, t kyc.Tenant, by kyc.Actor, now time.Time, subject kyc.ID) (kyc.Change, map[kyc.ID]int, error) {
	person, err := m.d.Store.Subject(ctx, t, subject)
	if err != nil {
		return kyc.Change{}, nil, err
	}
	all, err := m.sessionsOf(ctx, t, subject)
	if err != nil {
		return kyc.Change{}, nil, err
	}
	c := kyc.Change{Erase: []kyc.ID{subject}}
	counts, err := m.eraseAll(ctx, t, by, now, all, &c)
	if err != nil {
		return c, nil, err
	}
	before := digest(&person)
	// The reference goes too: it may name the person, and a later session with
	// the same reference must get a person of its own.
	person.Status, person.RedactedAt, person.ExternalRef = kyc.SubjectRedacted, now, ""
	person.Touch(now)
	c.Put = append(c.Put, &person)
	e := event(ctx, t, by, now, "identity.redact", "identity", person.ID, person.ID)
	e.Before, e.After = before, digest(&person)
	c.Events = append(c.Events, m.d.News.Tell(e, &person, nil, "updated"))
	return c, counts, nil
}

// eraseAll prepares the erasure of all sessions of a person and counts the
// files of each.
func (m *Sessions) eraseAll(ctx context.Context, t kyc.Tenant, by kyc.Actor, now time.Time, all []kyc.Session, c *kyc.Change) (map[kyc.ID]int, error) {
	counts := map[kyc.ID]int{}
	for i := range all {
		s := &all[i]
		if s.LegalHold {
			return nil, kyc.Errorf(kyc.Conflict, "legal_hold", "session %s is under a legal hold", kyc.Dress("session", s.ID))
		}
		if s.Status == kyc.SessionRunning || s.Status == kyc.SessionPaused || s.Status == kyc.SessionReview {
			return nil, kyc.Errorf(kyc.Conflict, "session_active", "session %s is %s; let it end first", kyc.Dress("session", s.ID), s.Status)
		}
		if !s.RedactedAt.IsZero() {
			continue
		}
		n, err := m.eraseSession(ctx, t, by, now, s, c, "session.redact", "redacted")
		if err != nil {
			return nil, err
		}
		counts[s.ID] = n
	}
	return counts, nil
}

// eraseSession prepares the erasure of one session and counts its files. action
// is what the audit chain says, what is what customers are told.
func (m *Sessions) eraseSession(ctx context.Context, t kyc.Tenant, by kyc.Actor, now time.Time, s *kyc.Session, c *kyc.Change, action, what string) (int, error) {
	uploads, err := m.d.Store.Uploads(ctx, t, s.ID)
	if err != nil {
		return 0, err
	}
	before := digest(s)
	if s.Status.Open() || s.Status == kyc.SessionCaptured {
		if err := s.Move(kyc.SessionCancelled, now); err != nil {
			return 0, err
		}
	}
	// The reference goes as it does with the person (see erasePerson).
	s.RedactedAt, s.TokenHash, s.ExternalRef, s.Private = now, "", "", kyc.SessionData{}
	s.Sequence++
	s.Touch(now)
	c.Put = append(c.Put, s)
	var keys []string
	n := 0
	for i := range uploads {
		u := &uploads[i]
		if !u.RedactedAt.IsZero() {
			continue
		}
		keys = append(keys, u.BlobKey)
		u.RedactedAt = now
		u.Touch(now)
		c.Put = append(c.Put, u)
		n++
	}
	if foreign(s.Surface) {
		waiting, err := m.d.Store.Transfers(ctx, t, s.ID)
		if err != nil {
			return 0, err
		}
		for i := range waiting {
			if waiting[i].UploadID == "" { // otherwise its bytes are the upload's
				keys = append(keys, waiting[i].BlobKey)
			}
			c.Remove = append(c.Remove, &waiting[i])
		}
	}
	if len(keys) > 0 {
		c.Jobs = append(c.Jobs, DropBlobsJob(t, s.ID, keys))
	}
	if err := m.forgetWords(ctx, s, now, c); err != nil {
		return 0, err
	}
	e := m.sessionEvent(ctx, s, by, now, action, what, nil)
	e.Before = before
	c.Events = append(c.Events, e)
	return n, nil
}

// forgetWords takes what reviewers wrote off a session's case. Their key is
// destroyed with this commit; a case that an earlier version wrote holds them
// in its document all the same.
func (m *Sessions) forgetWords(ctx context.Context, s *kyc.Session, now time.Time, c *kyc.Change) error {
	if s.CaseID == "" {
		return nil
	}
	review, err := m.d.Store.Case(ctx, s.Tenant, s.CaseID)
	if err != nil {
		return err
	}
	if !review.Private.Empty() {
		review.Private = kyc.CaseData{Unreadable: true}
		review.Touch(now)
		c.Put = append(c.Put, &review)
	}
	return nil
}

// sessionsOf reads every session of a person.
func (m *Sessions) sessionsOf(ctx context.Context, t kyc.Tenant, subject kyc.ID) ([]kyc.Session, error) {
	var all []kyc.Session
	var after kyc.ID
	for {
		page, _, err := m.d.Store.Sessions(ctx, t, kyc.SessionFilter{SubjectID: subject}, kyc.Page{Limit: sweepPage, After: after})
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < sweepPage {
			return all, nil
		}
		after = page[len(page)-1].ID
	}
}

// DropBlobsJob makes a JobDropBlobs for these files of a session, at least one.
func DropBlobsJob(t kyc.Tenant, session kyc.ID, keys []string) kyc.Job {
	// The first file is part of the key, so that files that go later are another job.
	return kyc.Job{Kind: JobDropBlobs, Tenant: t, Object: session, Key: string(session) + "/" + keys[0][strings.LastIndex(keys[0], "/")+1:], Args: encode(keys)}
}

// DropBlobs does a JobDropBlobs. A file that is gone already is no error.
func (m *Sessions) DropBlobs(ctx context.Context, j kyc.Job) error {
	var keys []string
	if err := json.Unmarshal(j.Args, &keys); err != nil {
		return kyc.Errorf(kyc.Internal, "bad_job", "reading the files to drop: %w", err)
	}
	for _, key := range slices.Compact(keys) {
		if err := m.d.Store.DeleteBlob(ctx, j.Tenant, key); err != nil && kyc.KindOf(err) != kyc.NotFound {
			return err
		}
	}
	return nil
}
