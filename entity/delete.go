package entity

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"bonafide/kyc"
)

// JobDropBlobs deletes the files of an erased individual. Their key is gone by
// then, so this only frees the space.
const JobDropBlobs = "entity.drop_blobs"

// part is how many objects one look at the store reads.
const part = 100

// Delete hides an individual from every read but the audit (C15); its service
// profiles are DELETED and no longer monitored. With erase its data key is
// destroyed with everything personal, beyond recovery, and its files are
// removed; that is possible after a plain deletion, too. Errors: 404; 412; with
// erase 409 execution_running, 409 legal_hold, and what Deps.EraseSessions
// refuses (409 session_active while a reviewer has one).
func (m *Machine) Delete(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, erase bool) error {
	return m.delete(ctx, t, by, id, rev, erase, nil)
}

// EraseUnneeded erases an individual that was deleted before, if nobody needs the
// person any more when that is committed (kyc.Change.Unneeded). Errors: those of
// Delete; 409 concurrent_change.
func (m *Machine) EraseUnneeded(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) error {
	return m.delete(ctx, t, by, id, rev, true, []kyc.ID{id})
}

func (m *Machine) delete(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, erase bool, unneeded []kyc.ID) error {
	ind, err := m.d.Store.Individual(ctx, t, id)
	if err == nil && (ind.Private.Unreadable || ind.State == kyc.EntityDeleted && !erase) {
		err = kyc.Missing("individual", string(id))
	}
	if err == nil {
		err = match(&ind.Meta, rev)
	}
	if err != nil {
		return err
	}
	now, err := m.now(ctx, t)
	if err != nil {
		return err
	}
	c := kyc.Change{Unneeded: unneeded}
	before, action := digest(&ind), "individual.delete"
	if ind.State != kyc.EntityDeleted {
		ind.State, ind.DeletedAt = kyc.EntityDeleted, now
	}
	if erase {
		action = "individual.erase"
		ind.Private = kyc.IndividualData{Unreadable: true}
		if err := m.erase(ctx, t, by, id, now, &c); err != nil {
			return err
		}
	}
	ind.Touch(now)
	c.Put = append(c.Put, &ind)
	if err := m.endProfiles(ctx, t, by, id, now, erase, &c); err != nil {
		return err
	}
	e := event(ctx, t, by, now, action, objectPerson, id, id)
	e.Before, e.After = before, digest(&ind)
	c.Events = append(c.Events, m.d.News.Tell(e, &ind, nil, "deleted"))
	return m.d.Store.Commit(ctx, &c)
}

// endProfiles ends the service profiles of an individual with their monitoring.
func (m *Machine) endProfiles(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID, now time.Time, erase bool, c *kyc.Change) error {
	all, err := m.profilesOf(ctx, t, kyc.ProfileFilter{SubjectID: subject})
	if err != nil {
		return err
	}
	for i := range all {
		p := &all[i]
		p.State = ProfileDeleted
		p.Subscriptions = slices.Clone(p.Subscriptions)
		for j := range p.Subscriptions {
			if s := &p.Subscriptions[j]; s.Enabled {
				s.Enabled, s.DisabledAt, s.DisabledBy = false, now, by.ID
			}
		}
		if erase {
			p.Private = kyc.ServiceProfileData{Unreadable: true}
		}
		p.Touch(now)
		c.Put = append(c.Put, p)
	}
	return nil
}

// erase prepares the destruction of everything personal.
func (m *Machine) erase(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, now time.Time, c *kyc.Change) error {
	running, _, err := m.d.Store.Executions(ctx, t, kyc.ExecutionFilter{SubjectID: id, States: []string{"IN_PROGRESS"}}, kyc.Page{Limit: 1})
	if err != nil {
		return err
	}
	if len(running) > 0 {
		return kyc.Errorf(kyc.Conflict, "execution_running", "execution %s of this individual is running; let it end first", kyc.ULID(running[0].ID))
	}
	sessions, err := m.sessionsOf(ctx, t, id)
	if err != nil {
		return err
	}
	for i := range sessions {
		s := &sessions[i]
		if s.LegalHold {
			return kyc.Errorf(kyc.Conflict, "legal_hold", "session %s of this individual is under a legal hold", s.ID)
		}
		if s.Status == kyc.SessionRunning || s.Status == kyc.SessionPaused {
			return kyc.Errorf(kyc.Conflict, "execution_running", "session %s of this individual is %s; let it end first", s.ID, s.Status)
		}
	}
	if m.d.EraseSessions != nil && len(sessions) > 0 {
		more, err := m.d.EraseSessions(ctx, t, by, sessions)
		if err != nil {
			return err
		}
		c.Add(more)
	}
	subject, err := m.d.Store.Subject(ctx, t, id)
	if err != nil {
		return err
	}
	// The reference goes too: it may name the person.
	subject.Status, subject.RedactedAt, subject.ExternalRef = kyc.SubjectRedacted, now, ""
	subject.Private = kyc.SubjectData{Unreadable: true}
	subject.Touch(now)
	c.Put = append(c.Put, &subject)
	c.Erase = append(c.Erase, id)
	return m.erasePapers(ctx, t, id, now, c)
}

// erasePapers ends all documents and leaves a job that drops their files.
func (m *Machine) erasePapers(ctx context.Context, t kyc.Tenant, id kyc.ID, now time.Time, c *kyc.Change) error {
	papers, err := m.d.Store.EntityDocuments(ctx, t, id, true)
	if err != nil {
		return err
	}
	var keys []string
	for i := range papers {
		d := &papers[i]
		d.Attachments = slices.Clone(d.Attachments)
		for j := range d.Attachments {
			a := &d.Attachments[j]
			keys = append(keys, a.BlobKey)
			if a.DeletedAt.IsZero() {
				a.DeletedAt = now
			}
		}
		if d.DeletedAt.IsZero() {
			d.DeletedAt = now
		}
		// What a document says of itself in the clear is little, and none of it
		// is needed any more.
		d.ExpiryDate, d.Country, d.Private = "", "", kyc.EntityDocumentData{Unreadable: true}
		d.Touch(now)
		c.Put = append(c.Put, d)
	}
	if len(keys) == 0 {
		return nil
	}
	raw, err := json.Marshal(keys)
	if err != nil {
		return kyc.Errorf(kyc.Internal, "bad_job", "naming the files to drop: %w", err)
	}
	c.Jobs = append(c.Jobs, kyc.Job{Kind: JobDropBlobs, Tenant: t, Object: id, Key: string(id), Args: raw})
	return nil
}

// sessionsOf reads every session of a person.
func (m *Machine) sessionsOf(ctx context.Context, t kyc.Tenant, subject kyc.ID) ([]kyc.Session, error) {
	var all []kyc.Session
	var after kyc.ID
	for {
		// Archived ones of surface A count, too, and a list of one person has
		// them all.
		page, _, err := m.d.Store.Sessions(ctx, t, kyc.SessionFilter{SubjectID: subject}, kyc.Page{Limit: part, After: after})
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < part {
			return all, nil
		}
		after = page[len(page)-1].ID
	}
}

// DropBlobs does a JobDropBlobs. A file that is gone already is no error.
func (m *Machine) DropBlobs(ctx context.Context, j kyc.Job) error {
	var keys []string
	if err := json.Unmarshal(j.Args, &keys); err != nil {
		return kyc.Errorf(kyc.Internal, "bad_job", "reading the files to drop: %w", err)
	}
	for _, key := range keys {
		if err := m.d.Store.DeleteBlob(ctx, j.Tenant, key); err != nil && kyc.KindOf(err) != kyc.NotFound {
			return err
		}
	}
	return nil
}
