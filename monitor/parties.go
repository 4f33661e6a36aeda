package monitor

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// NewParty is a request to watch somebody.
type NewParty struct {
	FullName       string
	Identifier     string
	IdentifierType kyc.IdentifierType // empty: document, where there is an identifier
	Tags           []string
	// SessionID is the session the party comes from. Its subject's key then
	// encrypts what is known of the party, so that erasing the session's person
	// erases everybody the session named. Empty: the organisation's key does.
	SessionID kyc.ID
	// SubjectID names the customer that the party is; it goes before the
	// session's.
	SubjectID kyc.ID

	// birthDate and nationality are the session's, where its documents know them.
	birthDate, nationality string
}

// PartyChange changes what is not nil. Matches judge the hits of the party.
type PartyChange struct {
	FullName       *string
	Identifier     *string
	IdentifierType *kyc.IdentifierType
	Tags           *[]string
	Matches        []Judgement
	// Problems are what the surface found already, to be told with the rest.
	Problems []kyc.Problem
}

// Judgement is what a reviewer says of one match.
type Judgement struct {
	List    string
	EntryID string
	Status  string // open, false_positive, true_positive
}

// checkParties lists what is wrong with parties and finds the subjects of
// their sessions.
func (m *Machine) checkParties(ctx context.Context, p *problems, t kyc.Tenant, at string, all []NewParty) (map[kyc.ID]kyc.ID, error) {
	if len(all) > maxBatch {
		p.add(at, "too_many", "at most %d at a time", maxBatch)
		return nil, nil
	}
	subjects := map[kyc.ID]kyc.ID{}
	for i, n := range all {
		path := at
		if len(all) > 1 || at != "" {
			path = at + "/" + number(i)
		}
		p.required(path+"/full_name", n.FullName, maxName)
		p.text(path+"/identifier", n.Identifier, maxIdentifier)
		checkIdentifier(p, path, n.Identifier, n.IdentifierType)
		checkTags(p, path+"/tags", tidy(n.Tags))
		if n.SessionID == "" {
			continue
		}
		if _, known := subjects[n.SessionID]; known {
			continue
		}
		s, err := m.d.Store.Session(ctx, t, n.SessionID)
		switch {
		case err != nil && kyc.KindOf(err) == kyc.NotFound:
			p.add(path+"/session_id", "session_not_found", "there is no such session here")
		case err != nil:
			return nil, err
		case s.Private.Unreadable || !s.RedactedAt.IsZero():
			p.add(path+"/session_id", "session_redacted", "the data of this session was erased")
		default:
			subjects[n.SessionID] = s.SubjectID
		}
	}
	return subjects, nil
}

func checkIdentifier(p *problems, path, identifier string, kind kyc.IdentifierType) {
	switch {
	case kind != "" && kind != kyc.IdentifierDocument && kind != kyc.IdentifierWallet:
		p.add(path+"/identifier_type", "identifier_type_invalid", "use document or wallet")
	case kind != "" && strings.TrimSpace(identifier) == "":
		p.add(path+"/identifier", "required", "an identifier_type needs an identifier")
	}
}

// join puts parties on a watchlist and leaves the job that screens them.
func (m *Machine) join(ctx context.Context, w *kyc.Watch, by kyc.Actor, now time.Time, all []NewParty, subjects map[kyc.ID]kyc.ID, c *kyc.Change) []kyc.Watched {
	var out []kyc.Watched
	var ids []kyc.ID
	for _, n := range all {
		one := &kyc.Watched{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: w.Tenant}, WatchID: w.ID, SubjectID: n.SubjectID, SessionID: n.SessionID, Tags: tidy(n.Tags),
			IdentifierType: n.IdentifierType, Private: kyc.WatchedData{FullName: strings.TrimSpace(n.FullName), Identifier: strings.TrimSpace(n.Identifier),
				BirthDate: n.birthDate, Nationality: n.nationality}}
		if one.SubjectID == "" {
			one.SubjectID = subjects[n.SessionID]
		}
		if one.Private.Identifier != "" && one.IdentifierType == "" {
			one.IdentifierType = kyc.IdentifierDocument
		}
		one.Touch(now)
		e := event(ctx, w.Tenant, by, now, "watchlist.add_subject", objectParty, one.ID)
		e.SubjectID, e.After = one.SubjectID, digest(one)
		c.Put, c.Events = append(c.Put, one), append(c.Events, e)
		out, ids = append(out, *one), append(ids, one.ID)
	}
	if len(ids) == 0 || w.Status != kyc.WatchActive {
		return out
	}
	if args, err := json.Marshal(newcomers{ids}); err == nil { // a list of ids can always be written
		c.Jobs = append(c.Jobs, kyc.Job{Kind: JobNewcomers, Tenant: w.Tenant, Object: w.ID, Args: args})
	}
	return out
}

// fromSessions adds what the documents of their sessions say of parties under
// the same name.
func (m *Machine) fromSessions(ctx context.Context, t kyc.Tenant, all []NewParty) ([]NewParty, error) {
	if m.d.Parties == nil {
		return all, nil
	}
	all = slices.Clone(all)
	known := map[kyc.ID][]Party{}
	for i := range all {
		n := &all[i]
		if n.SessionID == "" {
			continue
		}
		parties, asked := known[n.SessionID]
		if !asked {
			var err error
			if parties, err = m.d.Parties(ctx, t, n.SessionID); err != nil && kyc.KindOf(err) != kyc.NotFound {
				return nil, err
			}
			known[n.SessionID] = parties
		}
		for _, p := range parties {
			if samePerson(p.Name, n.FullName) && p.BirthDate != "" {
				n.birthDate, n.nationality = strings.TrimSpace(p.BirthDate), strings.TrimSpace(p.Nationality)
				break
			}
		}
	}
	return all, nil
}

// AddParties puts parties on a watchlist; they are screened at once, in the
// background. at is the pointer of the list in the request; found is what the
// surface found already. Errors: 404; Invalid invalid_subject with all
// problems; Conflict watchlist_full.
func (m *Machine) AddParties(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, at string, all []NewParty, found []kyc.Problem) ([]kyc.Watched, error) {
	w, err := m.Watch(ctx, t, id)
	if err != nil {
		return nil, err
	}
	p := problems(found)
	if len(all) == 0 {
		p.add(at, "required", "name somebody")
	}
	subjects, err := m.checkParties(ctx, &p, t, at, all)
	if err != nil {
		return nil, err
	}
	if err := p.err("invalid_subject", "the subjects have problems"); err != nil {
		return nil, err
	}
	if all, err = m.fromSessions(ctx, t, all); err != nil {
		return nil, err
	}
	if w.Parties+len(all) > maxParties {
		return nil, kyc.Errorf(kyc.Conflict, "watchlist_full", "a watchlist has at most %d subjects", maxParties)
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return nil, err
	}
	var c kyc.Change
	out := m.join(ctx, &w.Watch, by, now, all, subjects, &c)
	return out, m.d.Store.Commit(ctx, &c)
}

// Parties gives a page of watched parties, newest first, and records the look;
// more says that another page follows.
func (m *Machine) Parties(ctx context.Context, t kyc.Tenant, by kyc.Actor, f kyc.WatchedFilter, p kyc.Page) (list []kyc.Watched, more bool, err error) {
	if f.WatchID != "" {
		if _, err := m.watch(ctx, t, f.WatchID); err != nil {
			return nil, false, err
		}
	}
	limit := p.Limit
	p.Limit++
	if list, _, err = m.d.Store.WatchedParties(ctx, t, f, p); err != nil || len(list) == 0 {
		return nil, false, err
	}
	if len(list) > limit {
		list, more = list[:limit], true
	}
	e := event(ctx, t, by, m.d.Clock.Now(), "watchlist.list_subjects", objectWatch, f.WatchID)
	e.SubjectID = f.SubjectID
	return list, more, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}})
}

// party finds a party of a watchlist.
func (m *Machine) party(ctx context.Context, t kyc.Tenant, watch, id kyc.ID) (kyc.Watch, kyc.Watched, error) {
	w, err := m.watch(ctx, t, watch)
	if err != nil {
		return w, kyc.Watched{}, err
	}
	one, err := m.d.Store.WatchedParty(ctx, t, id)
	if err == nil && one.WatchID != watch {
		err = kyc.Missing("watched subject", string(id))
	}
	return w, one, err
}

// Party reads one party and records the look.
func (m *Machine) Party(ctx context.Context, t kyc.Tenant, by kyc.Actor, watch, id kyc.ID) (kyc.Watched, error) {
	_, one, err := m.party(ctx, t, watch, id)
	if err != nil {
		return one, err
	}
	e := event(ctx, t, by, m.d.Clock.Now(), "watchlist.read_subject", objectParty, id)
	e.SubjectID = one.SubjectID
	return one, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}})
}

// UpdateParty changes a party or judges its matches. rev is the revision of
// If-Match, 0 for none. Whoever gets another name or identifier is asked for
// again at once, and what was called a false positive is open again, because
// somebody else was judged. Errors: 404, 412; Conflict redacted; Invalid
// invalid_subject with all problems, among them match_not_found.
func (m *Machine) UpdateParty(ctx context.Context, t kyc.Tenant, by kyc.Actor, watch, id kyc.ID, rev int64, n PartyChange) (kyc.Watched, error) {
	w, one, err := m.party(ctx, t, watch, id)
	if err == nil {
		err = match(&one.Meta, rev)
	}
	if err == nil && one.Private.Unreadable {
		err = kyc.Errorf(kyc.Conflict, "redacted", "the data of this subject was erased")
	}
	if err != nil {
		return one, err
	}
	before, was, old := digest(&one), State(&one), one
	one.Private.Matches = slices.Clone(one.Private.Matches)
	p := problems(n.Problems)
	n.apply(&one, &p)
	p.required("/full_name", one.Private.FullName, maxName)
	p.text("/identifier", one.Private.Identifier, maxIdentifier)
	checkIdentifier(&p, "", one.Private.Identifier, one.IdentifierType)
	checkTags(&p, "/tags", one.Tags)
	if err := p.err("invalid_subject", "the subject has problems"); err != nil {
		return old, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return old, err
	}
	var c kyc.Change
	if one.Private.FullName != old.Private.FullName || one.Private.Identifier != old.Private.Identifier || one.IdentifierType != old.IdentifierType {
		one.LastCheckedAt = time.Time{}
		if !samePerson(one.Private.FullName, old.Private.FullName) { // what was known is known of somebody else
			one.Private.BirthDate, one.Private.Nationality = "", ""
		}
		for i := range one.Private.Matches {
			if s := &one.Private.Matches[i]; s.Status == FalsePositive && !n.judges(*s) {
				s.Status = MatchOpen
			}
		}
		if args, err := json.Marshal(newcomers{[]kyc.ID{id}}); err == nil && w.Status == kyc.WatchActive { // a list of ids can always be written
			c.Jobs = append(c.Jobs, kyc.Job{Kind: JobNewcomers, Tenant: t, Object: w.ID, Args: args})
		}
	}
	judged := 0
	for i, s := range one.Private.Matches {
		if s.Status != old.Private.Matches[i].Status {
			judged++
		}
	}
	one.Touch(now)
	e := event(ctx, t, by, now, "watchlist.update_subject", objectParty, id)
	if judged > 0 {
		e = m.told(ctx, &one, by, now, NewsStatusChanged, w.Alert.OnStatusChange,
			map[string]any{"run_id": nil, "previous_match_status": was, "new_match_count": 0, "changed_match_count": judged, "gone_match_count": 0})
	}
	e.SubjectID, e.Before, e.After = one.SubjectID, before, digest(&one)
	c.Put, c.Events = append(c.Put, &one), append(c.Events, e)
	return one, m.d.Store.Commit(ctx, &c)
}

// apply alters a party in memory.
func (n PartyChange) apply(one *kyc.Watched, p *problems) {
	if n.FullName != nil {
		one.Private.FullName = strings.TrimSpace(*n.FullName)
	}
	if n.Identifier != nil {
		one.Private.Identifier = strings.TrimSpace(*n.Identifier)
		if one.IdentifierType == "" && one.Private.Identifier != "" {
			one.IdentifierType = kyc.IdentifierDocument
		}
		if one.Private.Identifier == "" && n.IdentifierType == nil {
			one.IdentifierType = ""
		}
	}
	if n.IdentifierType != nil {
		one.IdentifierType = *n.IdentifierType
	}
	if n.Tags != nil {
		one.Tags = tidy(*n.Tags)
	}
	for i, j := range n.Matches {
		path := "/matches/" + number(i)
		if !slices.Contains([]string{MatchOpen, FalsePositive, TruePositive}, j.Status) {
			p.add(path+"/match_status", "match_status_invalid", "use open, false_positive or true_positive")
		}
		at := slices.IndexFunc(one.Private.Matches, func(s kyc.MatchState) bool { return s.List == j.List && s.EntryID == j.EntryID })
		if at < 0 {
			p.add(path, "match_not_found", "the subject has no such match")
			continue
		}
		one.Private.Matches[at].Status = j.Status
	}
}

// judges reports whether the change says something of a match.
func (n PartyChange) judges(s kyc.MatchState) bool {
	return slices.ContainsFunc(n.Matches, func(j Judgement) bool { return j.List == s.List && j.EntryID == s.EntryID })
}

// RemoveParty takes a party off a watchlist. Errors: 404, 412.
func (m *Machine) RemoveParty(ctx context.Context, t kyc.Tenant, by kyc.Actor, watch, id kyc.ID, rev int64) error {
	_, one, err := m.party(ctx, t, watch, id)
	if err == nil {
		err = match(&one.Meta, rev)
	}
	if err != nil {
		return err
	}
	e := event(ctx, t, by, m.d.Clock.Now(), "watchlist.remove_subject", objectParty, id)
	e.SubjectID, e.Before = one.SubjectID, digest(&one)
	return m.d.Store.Commit(ctx, &kyc.Change{Remove: []kyc.Object{&one}, Events: []kyc.Event{e}})
}
