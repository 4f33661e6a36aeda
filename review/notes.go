package review

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// Notes gives the notes of a case, oldest first, and records the look.
func (d *Desk) Notes(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) ([]kyc.Note, error) {
	c, err := d.store.Case(ctx, t, id)
	if err != nil {
		return nil, err
	}
	notes, err := d.store.Notes(ctx, t, id)
	if err != nil {
		return nil, err
	}
	return notes, d.store.Commit(ctx, &kyc.Change{Events: []kyc.Event{d.event(ctx, &c, by, d.clock.Now(), "case.notes.read", "", "")}})
}

// AddNote writes a note on a case, decided or not. A note keeps the claim of
// its case alive. Errors: 404; 409 redacted where what is said could not be kept.
func (d *Desk) AddNote(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, author, text string) (kyc.Note, error) {
	if err := check(need{"/text", text, true, maxNote}); err != nil {
		return kyc.Note{}, err
	}
	if author != "" || by.Kind == kyc.ActorUser {
		var err error
		if author, err = d.acting(ctx, t, by, author); err != nil {
			return kyc.Note{}, err
		}
	}
	c, err := d.store.Case(ctx, t, id)
	if err != nil {
		return kyc.Note{}, err
	}
	now, _, err := d.now(ctx, t)
	if err != nil {
		return kyc.Note{}, err
	}
	if err := d.written(ctx, &c); err != nil {
		return kyc.Note{}, err
	}
	change := d.note(ctx, &c, by, now, author, text)
	note := *change.Put[0].(*kyc.Note)
	if c.Status == kyc.CaseInReview {
		c.LastActivityAt = now
		c.Touch(now)
		change.Put = append(change.Put, &c)
	}
	return note, d.store.Commit(ctx, &change)
}

// written refuses a note that could not be kept: the data of the session was
// erased or is withheld, or the person was erased.
func (d *Desk) written(ctx context.Context, c *kyc.Case) error {
	if c.Private.Unreadable {
		return d.gone(ctx, c)
	}
	if c.SessionID != "" || c.SubjectID == "" {
		return nil
	}
	person, err := d.store.Subject(ctx, c.Tenant, c.SubjectID)
	if err == nil && person.Status == kyc.SubjectRedacted {
		err = d.gone(ctx, c)
	}
	return err
}

// note prepares a note and its audit entry; the note is Put[0].
func (d *Desk) note(ctx context.Context, c *kyc.Case, by kyc.Actor, now time.Time, author, text string) kyc.Change {
	if author == "" {
		author = by.ID
	}
	n := &kyc.Note{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: c.Tenant}, CaseID: c.ID, SubjectID: c.SubjectID, Author: author, Text: strings.TrimSpace(text)}
	n.Touch(now)
	e := d.event(ctx, c, by, now, "case.note", "", "")
	e.After = digest(n)
	return kyc.Change{Put: []kyc.Object{n}, Events: []kyc.Event{e}}
}

// Override records a reviewer's correction of one check; the machine's own
// answer stays as it was. result is passed or failed; of a screening that says
// of each of its hits that it is a false or a true positive. Errors: 422, 409
// already_decided, 403 skills_missing.
func (d *Desk) Override(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, policy, result, reason string) (kyc.Case, error) {
	if err := check(need{"/policy", policy, true, 100}, need{"/reason", reason, true, maxReason}); err != nil {
		return kyc.Case{}, err
	}
	if result != "passed" && result != "failed" {
		return kyc.Case{}, invalid("/result", "unknown_result", "use passed or failed")
	}
	word := kyc.HitTrue
	if result == "passed" {
		word = kyc.HitFalse
	}
	return d.change(ctx, t, by, id, rev, func(c *kyc.Case, now time.Time, s kyc.Settings) (step, error) {
		if err := undecided(c); err != nil {
			return step{}, err
		}
		if err := d.skilled(ctx, c, person(by), s); err != nil {
			return step{}, err
		}
		hits, err := d.hits(ctx, c, func(h FoundHit) bool { return h.Policy == policy })
		if err != nil {
			return step{}, err
		}
		c.Override(kyc.CheckOverride{Policy: policy, Result: result, RunID: c.RunID, By: by, At: now}, strings.TrimSpace(reason))
		st := step{action: "case.override_check"}
		st.with, err = d.keep(ctx, c, by, now, s, hits, Judgement{Word: word, Reason: strings.TrimSpace(reason)})
		return st, err
	})
}

var fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// maxCorrections bounds the corrected fields of one session.
const maxCorrections = 100

// Correct puts values right that were read wrongly from a document. They are
// stored with the session under the person's key; an empty value takes a
// correction back. The audit entry names the fields, never the values. Whoever
// corrects has the skills that the case's queue asks for (403 skills_missing).
func (d *Desk) Correct(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, values map[string]string) (kyc.Session, error) {
	var problems []kyc.Problem
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !fieldName.MatchString(name) {
			problems = append(problems, kyc.Problem{Path: "/fields/" + name, Code: "unknown_field", Message: "a field's name is lower snake case"})
		} else if len(values[name]) > 1000 {
			problems = append(problems, kyc.Problem{Path: "/fields/" + name, Code: "too_long", Message: "at most 1,000 bytes"})
		}
	}
	if len(values) == 0 || len(values) > maxCorrections {
		problems = append(problems, kyc.Problem{Path: "/fields", Code: "required", Message: fmt.Sprintf("name 1 to %d fields", maxCorrections)})
	}
	if len(problems) > 0 {
		return kyc.Session{}, kyc.InvalidInput("invalid_correction", "the correction cannot be taken", problems)
	}
	c, err := d.store.Case(ctx, t, id)
	if err != nil {
		return kyc.Session{}, err
	}
	if c.SessionID == "" {
		return kyc.Session{}, kyc.Errorf(kyc.Conflict, "no_session", "the case is about no session")
	}
	s, err := d.store.Session(ctx, t, c.SessionID)
	if err != nil {
		return s, err
	}
	if !s.Readable() {
		return s, s.Gone()
	}
	now, settings, err := d.now(ctx, t)
	if err != nil {
		return s, err
	}
	if err := d.skilled(ctx, &c, person(by), settings); err != nil {
		return s, err
	}
	corrected := maps.Clone(s.Private.Corrected)
	if corrected == nil {
		corrected = map[string]string{}
	}
	for name, v := range values {
		corrected[name] = v
		if v == "" {
			delete(corrected, name)
		}
	}
	s.Private.Corrected = corrected
	s.Touch(now)
	e := d.event(ctx, &c, by, now, "case.correct_pii", "fields: "+strings.Join(slices.Sorted(maps.Keys(values)), ", "), "")
	return s, d.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{e}})
}
