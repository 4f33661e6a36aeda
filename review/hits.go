package review

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// FoundHit is a hit of the last answer of a check.
type FoundHit struct {
	Policy string
	Mark   kyc.HitMark
}

// Found tells which hits the checks of a run found, those that earlier words
// cleared included. Of a run whose record was erased it gives none.
type Found func(ctx context.Context, t kyc.Tenant, run kyc.ID) ([]FoundHit, error)

// OnFound lets reviewers judge single hits. It is called while the program is
// put together, before the desk is used.
func (d *Desk) OnFound(f Found) { d.found = f }

// Judgement is a reviewer's word on a hit. List and EntryID name it; Policy and
// Party tell apart where several checks found the same entry, or one for several
// parties, and may be empty: the word is then on all of them.
type Judgement struct {
	List, EntryID string
	Policy, Party string
	Word          kyc.HitWord
	ReasonCode    string // snake_case; may be empty
	Reason        string
	// ReviewerID is whom the credential speaks for; may be empty.
	ReviewerID string
}

var reasonCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// maxJudged bounds the words on hits that one case holds.
const maxJudged = 2000

// JudgeHit records a word on a hit of the case's run, with the case and, so that
// the same hit need not be looked at again, in the memory of its subject (Words).
// kyc.HitOpen takes earlier words on it back.
// The decision of the case is left open. Errors: 422 invalid_case_action with
// all problems; 404 for a hit that the run does not have; 409 already_decided,
// not_claimable; 403 skills_missing.
func (d *Desk) JudgeHit(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, j Judgement) (kyc.Case, error) {
	if err := j.check(); err != nil {
		return kyc.Case{}, err
	}
	if j.ReviewerID != "" || by.Kind == kyc.ActorUser {
		var err error
		if j.ReviewerID, err = d.acting(ctx, t, by, j.ReviewerID); err != nil {
			return kyc.Case{}, err
		}
	}
	return d.change(ctx, t, by, id, rev, func(c *kyc.Case, now time.Time, s kyc.Settings) (step, error) {
		if err := undecided(c); err != nil {
			return step{}, err
		}
		if j.ReviewerID != "" && c.Held(now, s) && !same(c.AssignedTo, j.ReviewerID) && (by.Kind != kyc.ActorKey || c.AssignedTo != by.ID) {
			return step{}, kyc.Errorf(kyc.Conflict, "not_claimable", "the case is claimed by somebody else")
		}
		if err := d.skilled(ctx, c, cmp.Or(j.ReviewerID, person(by)), s); err != nil {
			return step{}, err
		}
		hits, err := d.hits(ctx, c, func(h FoundHit) bool {
			return h.Mark.List == j.List && h.Mark.EntryID == j.EntryID && (j.Policy == "" || j.Policy == h.Policy) && (j.Party == "" || j.Party == h.Mark.Party)
		})
		if err != nil {
			return step{}, err
		}
		if len(hits) == 0 {
			return step{}, kyc.Missing("hit", j.List+"/"+j.EntryID)
		}
		st := step{action: "case.judge_hit", code: string(j.Word)}
		st.with, err = d.keep(ctx, c, by, now, s, hits, j)
		return st, err
	})
}

func (j *Judgement) check() error {
	j.Reason = strings.TrimSpace(j.Reason)
	var p []kyc.Problem
	add := func(path, code, message string) { p = append(p, kyc.Problem{Path: path, Code: code, Message: message}) }
	for path, v := range map[string]string{"/list": j.List, "/id": j.EntryID, "/reason": j.Reason} {
		if v == "" {
			add(path, "required", strings.TrimPrefix(path, "/")+" is required")
		}
	}
	if !j.Word.Known() && j.Word != kyc.HitOpen {
		add("/word", "unknown_word", "use false_positive, true_positive or open")
	}
	if len(j.Reason) > maxReason {
		add("/reason", "too_long", "at most 2000 bytes")
	}
	if j.ReasonCode != "" && !reasonCode.MatchString(j.ReasonCode) {
		add("/reason_code", "reason_code_invalid", "a reason code has 1 to 64 small letters, digits and underscores")
	}
	if len(p) == 0 {
		return nil
	}
	slices.SortFunc(p, func(a, b kyc.Problem) int { return strings.Compare(a.Path, b.Path) })
	return kyc.InvalidInput("invalid_case_action", "the request lacks something", p)
}

// hits are those of the case's run that are wanted.
func (d *Desk) hits(ctx context.Context, c *kyc.Case, want func(FoundHit) bool) ([]FoundHit, error) {
	if d.found == nil || c.RunID == "" {
		return nil, nil
	}
	all, err := d.found(ctx, c.Tenant, c.RunID)
	return slices.DeleteFunc(all, func(h FoundHit) bool { return !want(h) }), err
}

// keep writes a word on hits into the case and into the memory of its subject.
// A false positive counts at once, unless two people have to agree on a case or
// the reviewer made the session themselves: then it counts when another person
// has closed the case. The other words count at once, because they only make
// more to look at.
func (d *Desk) keep(ctx context.Context, c *kyc.Case, by kyc.Actor, now time.Time, s kyc.Settings, hits []FoundHit, j Judgement) (kyc.Change, error) {
	var change kyc.Change
	if len(c.Private.Hits)+len(hits) > maxJudged {
		return change, kyc.Errorf(kyc.Conflict, "too_many_words", "a case holds at most %d words on hits", maxJudged)
	}
	who := cmp.Or(j.ReviewerID, person(by))
	waits := false
	if j.Word == kyc.HitFalse && len(hits) > 0 {
		waits = s.TwoDecide(c)
		if err := d.Impartial(ctx, c, who); err != nil {
			if !kyc.IsCode(err, "conflict_of_interest") {
				return change, err
			}
			waits = true
		}
	}
	c.Private.Hits = slices.Clone(c.Private.Hits)
	for _, h := range hits {
		judged := kyc.JudgedHit{Policy: h.Policy, RunID: c.RunID, List: h.Mark.List, EntryID: h.Mark.EntryID, Party: h.Mark.Party, Word: j.Word,
			ReasonCode: j.ReasonCode, Reason: j.Reason, By: by, Person: who, At: now}
		if h.Mark.Whole() && (c.SubjectID != "" || c.SessionID != "") {
			r := &kyc.HitReview{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: c.Tenant}, SubjectID: c.SubjectID, SessionID: c.SessionID, CaseID: c.ID, Waits: waits,
				Private: kyc.HitReviewData{Reason: j.Reason, Hit: kyc.ReviewedHit{List: h.Mark.List, EntryID: h.Mark.EntryID, Entry: h.Mark.Entry, Asked: h.Mark.Asked,
					Word: j.Word, By: by, Person: who, At: now, ReasonCode: j.ReasonCode}}}
			r.Touch(now)
			judged.Kept = r.ID
			change.Put = append(change.Put, r)
			change.Events = append(change.Events, kyc.Event{ID: kyc.NewID(now), Tenant: c.Tenant, At: now, Actor: by, Action: "hit_review.create",
				Object: "hit_review", ObjectID: r.ID, SubjectID: c.SubjectID, Reason: string(j.Word), RequestID: kyc.RequestFrom(ctx).ID, After: digest(r)})
		}
		c.Private.Hits = append(c.Private.Hits, judged)
	}
	return change, nil
}

// person is whom a credential speaks for. A signed-in person speaks for nobody
// else, whatever a header says.
func person(by kyc.Actor) string {
	if by.OnBehalfOf != "" && by.Kind != kyc.ActorUser {
		return by.OnBehalfOf
	}
	return by.ID
}

// Words are the words on hits that count for a session: those that reviewers of
// its tenant and environment gave of its subject (or, without one, of itself),
// the last one on each hit and question.
func (d *Desk) Words(ctx context.Context, s *kyc.Session) ([]kyc.ReviewedHit, error) {
	about := kyc.HitsOf(s.SubjectID, s.ID)
	if about == "" {
		return nil, nil
	}
	kept, err := d.store.HitReviews(ctx, s.Tenant, about)
	if err != nil || len(kept) == 0 {
		return nil, err
	}
	var out []kyc.ReviewedHit
	cases := map[kyc.ID]kyc.Case{}
	for i := range kept {
		r := &kept[i]
		if r.Private.Unreadable {
			continue
		}
		if r.Waits {
			c, known := cases[r.CaseID]
			if !known {
				if c, err = d.store.Case(ctx, s.Tenant, r.CaseID); err != nil && kyc.KindOf(err) != kyc.NotFound {
					return nil, err
				}
				cases[r.CaseID] = c
			}
			if !agreed(&c, &r.Private.Hit) {
				continue
			}
		}
		out = append(out, r.Private.Hit)
	}
	return kyc.LatestWords(out), nil
}

// agreed reports whether two people stand behind a word that waits: another
// person closed the case with it in sight. Where two reviews were asked for, the
// word has to be older than the first of them, because what the second reviewer
// said alone nobody else has seen.
func agreed(c *kyc.Case, w *kyc.ReviewedHit) bool {
	switch {
	case !c.Status.Decided() || c.Decision == nil || c.Decision.By.Kind == kyc.ActorSystem:
		return false
	case c.First != nil:
		return !w.At.After(c.First.At)
	}
	return !same(c.Decision.ReviewerID, w.Person) && !same(person(c.Decision.By), w.Person)
}
