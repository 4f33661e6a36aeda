package monitor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// DefaultName is the watchlist that takes the parties of approved sessions.
const DefaultName = "Onboarded"

// Party is somebody an approved session names: by a name of its form that is
// screened, or by a document.
type Party struct {
	Name           string
	Role           string // individual, ubo, director, shareholder, representative; empty: individual
	Identifier     string
	IdentifierType kyc.IdentifierType // empty: document, where there is an identifier
	// BirthDate and Nationality as a document has them; they tell namesakes
	// apart.
	BirthDate   string
	Nationality string
}

// roles are the tags that enrolment gives.
var roles = []string{"individual", "ubo", "director", "shareholder", "representative"}

// EnrolJob is the job that watches the parties of a session. A session is
// enrolled once however often it is left.
func EnrolJob(t kyc.Tenant, session kyc.ID) kyc.Job {
	return kyc.Job{Kind: JobEnrol, Tenant: t, Object: session, Key: string(session)}
}

// enrolJob asks who the parties are and watches them.
func (m *Machine) enrolJob(ctx context.Context, j kyc.Job) error {
	parties, err := m.d.Parties(ctx, j.Tenant, j.Object)
	if err != nil {
		return gone(err)
	}
	_, err = m.Enrol(ctx, j.Tenant, j.Object, parties)
	return gone(err)
}

// defaultID is the ID of an organisation's default watchlist. It follows from
// the tenant, so that two who make it at once make the same one.
func defaultID(t kyc.Tenant) kyc.ID {
	sum := sha256.Sum256([]byte("default watchlist\x00" + string(t.Org) + "\x00" + string(t.Env)))
	h := hex.EncodeToString(sum[:])
	return kyc.ID("00000000-0000-7" + h[:3] + "-8" + h[3:6] + "-" + h[6:18])
}

// Default finds the organisation's default watchlist or makes it.
func (m *Machine) Default(ctx context.Context, t kyc.Tenant, by kyc.Actor) (kyc.Watch, error) {
	id := defaultID(t)
	w, err := m.d.Store.Watch(ctx, t, id)
	if err == nil || kyc.KindOf(err) != kyc.NotFound {
		return w, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return w, err
	}
	w = kyc.Watch{Meta: kyc.Meta{ID: id, Tenant: t}, Name: DefaultName, Frequency: kyc.WatchOnUpdate, Status: kyc.WatchActive, NextAt: now,
		Alert: kyc.AlertConfig{OnNewMatch: true, OnStatusChange: true}}
	w.Touch(now)
	e := event(ctx, t, by, now, "watchlist.create", objectWatch, id)
	e.After = digest(&w)
	// It is stored at once, outside of any request's unit: whoever comes at the
	// same time then finds it instead of being refused.
	err = m.d.Store.Commit(kyc.WithoutUnit(ctx), &kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}})
	if err != nil && kyc.KindOf(err) == kyc.Conflict {
		return m.d.Store.Watch(ctx, t, id)
	}
	return w, err
}

// Enrol watches the parties of a session: each goes onto the organisation's
// default watchlist, tagged with its role and bearing the session's id. Who is
// there already from this session under the same name, role and identifier is
// left alone, so it may be called again. It answers those that are new. The
// personal part is encrypted under the key of the session's subject, so it
// goes when that person is erased. Errors: 404; Conflict watchlist_full; a
// session whose data was erased enrols nobody.
func (m *Machine) Enrol(ctx context.Context, t kyc.Tenant, session kyc.ID, parties []Party) ([]kyc.Watched, error) {
	s, err := m.d.Store.Session(ctx, t, session)
	if err != nil {
		return nil, err
	}
	if s.Private.Unreadable || !s.RedactedAt.IsZero() {
		return nil, nil
	}
	by := kyc.SystemActor("monitor")
	w, err := m.Default(ctx, t, by)
	if err != nil {
		return nil, err
	}
	have, err := m.everybody(ctx, t, kyc.WatchedFilter{WatchID: w.ID, SessionID: session})
	if err != nil {
		return nil, err
	}
	var fresh []NewParty
	for _, p := range parties {
		n := p.watched(session)
		if n.FullName == "" || slices.ContainsFunc(have, n.is) || slices.ContainsFunc(fresh, func(o NewParty) bool {
			return n.is(kyc.Watched{Tags: o.Tags, Private: kyc.WatchedData{FullName: o.FullName, Identifier: o.Identifier}})
		}) {
			continue
		}
		fresh = append(fresh, n)
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	counted, err := m.counted(ctx, w)
	if err != nil {
		return nil, err
	}
	if counted.Parties+len(fresh) > maxParties {
		m.d.Log.Error("the default watchlist is full; parties of a session are not monitored", "org", t.Org, "env", t.Env, "session", session)
		return nil, kyc.Errorf(kyc.Conflict, "watchlist_full", "the default watchlist has at most %d subjects", maxParties)
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return nil, err
	}
	var c kyc.Change
	out := m.join(ctx, &w, by, now, fresh, map[kyc.ID]kyc.ID{session: s.SubjectID}, &c)
	return out, m.d.Store.Commit(ctx, &c)
}

// watched puts a party into the form of a watchlist.
func (p Party) watched(session kyc.ID) NewParty {
	role := strings.ToLower(strings.TrimSpace(p.Role))
	if !slices.Contains(roles, role) {
		role = roles[0]
	}
	return NewParty{FullName: strings.TrimSpace(p.Name), Identifier: strings.TrimSpace(p.Identifier), IdentifierType: p.IdentifierType, Tags: []string{role}, SessionID: session,
		birthDate: strings.TrimSpace(p.BirthDate), nationality: strings.TrimSpace(p.Nationality)}
}

// is reports whether somebody is watched under this name, role and identifier.
func (n NewParty) is(w kyc.Watched) bool {
	return samePerson(w.Private.FullName, n.FullName) && w.Private.Identifier == n.Identifier && slices.Contains(w.Tags, n.Tags[0])
}

// samePerson reports whether two names are written alike.
func samePerson(a, b string) bool {
	plain := func(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }
	return plain(a) == plain(b)
}

// everybody reads all parties of a filter.
func (m *Machine) everybody(ctx context.Context, t kyc.Tenant, f kyc.WatchedFilter) ([]kyc.Watched, error) {
	var out []kyc.Watched
	p := kyc.Page{Limit: pageSize}
	for {
		list, _, err := m.d.Store.WatchedParties(ctx, t, f, p)
		if err != nil {
			return nil, err
		}
		if out = append(out, list...); len(list) < pageSize {
			return out, nil
		}
		p.After = list[len(list)-1].ID
	}
}

// Enrich adds to the data of a party's message what no event may hold: the
// matches, the tags and where the party comes from. After the key was
// destroyed, or the party was taken off, a message goes without them. Events
// about anything else are left alone.
func (m *Machine) Enrich(ctx context.Context, e kyc.Event, data map[string]any) error {
	if e.Object != objectParty || e.ObjectID == "" {
		return nil
	}
	w, err := m.d.Store.WatchedParty(ctx, e.Tenant, e.ObjectID)
	if err != nil || w.Private.Unreadable {
		return gone(err)
	}
	matches := []any{}
	for _, s := range w.Private.Matches {
		matches = append(matches, map[string]any{"list_name": s.List, "entity_id": s.EntryID, "match_status": s.Status, "confidence_score": s.Score,
			"since": s.Since.UTC().Format(time.RFC3339)})
	}
	tags := w.Tags
	if tags == nil {
		tags = []string{}
	}
	data["matches"], data["tags"] = matches, tags
	return nil
}
