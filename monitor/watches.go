package monitor

import (
	"context"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// Limits of watchlists.
const (
	maxWatches = 1000 // of one organisation in one environment
	maxParties = 10_000
	maxBatch   = 1000
	maxTitle   = 200
	maxTags    = 20
	maxTag     = 64
)

// NewWatch is a request for a watchlist.
type NewWatch struct {
	Name      string
	Lists     []string
	Frequency kyc.WatchFrequency // empty: daily
	Tags      []string
	Status    kyc.WatchStatus // empty: active
	Alert     *AlertChange
	Parties   []NewParty
	// Problems are what the surface found already, to be told with the rest.
	Problems []kyc.Problem
}

// WatchChange changes what is not nil.
type WatchChange struct {
	Name      *string
	Lists     *[]string
	Frequency *kyc.WatchFrequency
	Tags      *[]string
	Status    *kyc.WatchStatus
	Alert     *AlertChange
}

// AlertChange changes what is not nil or empty of what a customer is told of.
// A new watchlist tells of everything.
type AlertChange struct {
	OnNewMatch        *bool
	OnStatusChange    *bool
	WebhookURL        string
	NotificationEmail string
}

func (a *AlertChange) apply(to *kyc.AlertConfig) {
	if a == nil {
		return
	}
	if a.OnNewMatch != nil {
		to.OnNewMatch = *a.OnNewMatch
	}
	if a.OnStatusChange != nil {
		to.OnStatusChange = *a.OnStatusChange
	}
	to.WebhookURL, to.NotificationEmail = a.WebhookURL, a.NotificationEmail
}

// Counted is a watchlist with the number of its parties.
type Counted struct {
	kyc.Watch
	Parties int
}

// watch finds a watchlist that was not deleted.
func (m *Machine) watch(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Watch, error) {
	w, err := m.d.Store.Watch(ctx, t, id)
	if err == nil && w.Status == kyc.WatchDeleted {
		err = kyc.Missing("watchlist", string(id))
	}
	return w, err
}

// CreateWatch makes a watchlist with the parties it begins with; they are
// screened at once, in the background. Errors: Invalid invalid_watchlist with
// all problems; Conflict too_many_watchlists.
func (m *Machine) CreateWatch(ctx context.Context, t kyc.Tenant, by kyc.Actor, n NewWatch) (Counted, error) {
	w := kyc.Watch{Name: strings.TrimSpace(n.Name), Lists: n.Lists, Frequency: n.Frequency, Tags: tidy(n.Tags), Status: n.Status,
		Alert: kyc.AlertConfig{OnNewMatch: true, OnStatusChange: true}}
	if w.Frequency == "" {
		w.Frequency = kyc.WatchDaily
	}
	if w.Status == "" {
		w.Status = kyc.WatchActive
	}
	n.Alert.apply(&w.Alert)
	p := problems(n.Problems)
	m.checkWatch(&p, &w, t)
	from, err := m.checkParties(ctx, &p, t, "/subjects", n.Parties)
	if err != nil {
		return Counted{}, err
	}
	if err := p.err("invalid_watchlist", "the watchlist has problems"); err != nil {
		return Counted{}, err
	}
	if n.Parties, err = m.fromSessions(ctx, t, n.Parties); err != nil {
		return Counted{}, err
	}
	if _, total, err := m.d.Store.Watches(ctx, t, kyc.WatchFilter{}, kyc.Page{Limit: 1}); err != nil {
		return Counted{}, err
	} else if total >= maxWatches {
		return Counted{}, kyc.Errorf(kyc.Conflict, "too_many_watchlists", "an organisation has at most %d watchlists in one environment", maxWatches)
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return Counted{}, err
	}
	w.Meta = kyc.Meta{ID: kyc.NewID(now), Tenant: t}
	w.NextAt = now // its first run is due
	w.Touch(now)
	e := event(ctx, t, by, now, "watchlist.create", objectWatch, w.ID)
	e.After = digest(&w)
	c := kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}}
	m.join(ctx, &w, by, now, n.Parties, from, &c)
	return Counted{w, len(n.Parties)}, m.d.Store.Commit(ctx, &c)
}

// Watch reads a watchlist.
func (m *Machine) Watch(ctx context.Context, t kyc.Tenant, id kyc.ID) (Counted, error) {
	w, err := m.watch(ctx, t, id)
	if err != nil {
		return Counted{}, err
	}
	return m.counted(ctx, w)
}

func (m *Machine) counted(ctx context.Context, w kyc.Watch) (Counted, error) {
	_, total, err := m.d.Store.WatchedParties(ctx, w.Tenant, kyc.WatchedFilter{WatchID: w.ID}, kyc.Page{Limit: 1})
	return Counted{w, total}, err
}

// Watches gives a page of watchlists, newest first; more says that another
// page follows.
func (m *Machine) Watches(ctx context.Context, t kyc.Tenant, f kyc.WatchFilter, p kyc.Page) (list []Counted, more bool, err error) {
	limit := p.Limit
	p.Limit++
	all, _, err := m.d.Store.Watches(ctx, t, f, p)
	if err != nil {
		return nil, false, err
	}
	if len(all) > limit {
		all, more = all[:limit], true
	}
	for _, w := range all {
		one, err := m.counted(ctx, w)
		if err != nil {
			return nil, false, err
		}
		list = append(list, one)
	}
	return list, more, nil
}

// UpdateWatch changes a watchlist. rev is the revision of If-Match, 0 for
// none. Other lists, and the end of a pause, make it due at once. Errors: 404,
// 412; Invalid invalid_watchlist with all problems.
func (m *Machine) UpdateWatch(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, n WatchChange) (Counted, error) {
	w, err := m.watch(ctx, t, id)
	if err == nil {
		err = match(&w.Meta, rev)
	}
	if err != nil {
		return Counted{}, err
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return Counted{}, err
	}
	before, old := digest(&w), w
	if n.Name != nil {
		w.Name = strings.TrimSpace(*n.Name)
	}
	if n.Lists != nil {
		w.Lists = *n.Lists
	}
	if n.Frequency != nil {
		w.Frequency = *n.Frequency
	}
	if n.Tags != nil {
		w.Tags = tidy(*n.Tags)
	}
	if n.Status != nil {
		w.Status = *n.Status
	}
	n.Alert.apply(&w.Alert)
	var p problems
	m.checkWatch(&p, &w, t)
	if err := p.err("invalid_watchlist", "the watchlist has problems"); err != nil {
		return Counted{}, err
	}
	switch {
	case !slices.Equal(w.Lists, old.Lists), w.Status != old.Status && w.Status == kyc.WatchActive, w.LastCheckedAt.IsZero():
		w.NextAt = now
	case w.Frequency != old.Frequency:
		w.NextAt = w.Frequency.Next(w.LastCheckedAt)
	}
	w.Touch(now)
	e := event(ctx, t, by, now, "watchlist.update", objectWatch, w.ID)
	e.Before, e.After = before, digest(&w)
	if err := m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}}); err != nil {
		return Counted{}, err
	}
	return m.counted(ctx, w)
}

// DeleteWatch deletes a watchlist and everybody on it; the record of its runs
// stays. The default watchlist cannot be deleted, only paused. Errors: 404,
// 412; Conflict default_watchlist.
func (m *Machine) DeleteWatch(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64) error {
	w, err := m.watch(ctx, t, id)
	if err == nil {
		err = match(&w.Meta, rev)
	}
	if err != nil {
		return err
	}
	if id == defaultID(t) {
		return kyc.Errorf(kyc.Conflict, "default_watchlist", "this watchlist takes the parties of approved sessions; pause it instead")
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return err
	}
	before := digest(&w)
	w.Status, w.NextAt = kyc.WatchDeleted, time.Time{}
	w.Touch(now)
	e := event(ctx, t, by, now, "watchlist.delete", objectWatch, w.ID)
	e.Before, e.After = before, digest(&w)
	c := kyc.Change{Put: []kyc.Object{&w}, Events: []kyc.Event{e}}
	var after kyc.ID
	for {
		parties, err := m.d.Store.WatchedAfter(ctx, t, id, after, pageSize)
		if err != nil {
			return err
		}
		for i := range parties {
			c.Remove = append(c.Remove, &parties[i])
			after = parties[i].ID
		}
		if len(parties) < pageSize {
			return m.d.Store.Commit(ctx, &c)
		}
	}
}

// Tags counts the tags of watchlists and of the parties on them, in
// alphabetical order.
func (m *Machine) Tags(ctx context.Context, t kyc.Tenant) ([]kyc.TagCount, error) {
	return m.d.Store.WatchTags(ctx, t)
}

// checkWatch lists what is wrong with a watchlist.
func (m *Machine) checkWatch(p *problems, w *kyc.Watch, t kyc.Tenant) {
	p.required("/name", w.Name, maxTitle)
	m.checkLists(p, "/lists_to_monitor", w.Lists, t)
	if !slices.Contains([]kyc.WatchFrequency{kyc.WatchDaily, kyc.WatchWeekly, kyc.WatchOnUpdate}, w.Frequency) {
		p.add("/check_frequency", "frequency_invalid", "use daily, weekly or on_update")
	}
	if w.Status != kyc.WatchActive && w.Status != kyc.WatchPaused {
		p.add("/status", "status_invalid", "use active or paused")
	}
	checkTags(p, "/tags", w.Tags)
	// Messages go to the organisation's webhook endpoints, which are verified
	// and sign; nothing here sends to an address that is none.
	if w.Alert.WebhookURL != "" {
		p.add("/alert_config/webhook_url", "not_available", "a watchlist has no address of its own; make a webhook endpoint for kyc.watchlist.new_match and kyc.watchlist.status_changed")
	}
	if w.Alert.NotificationEmail != "" {
		p.add("/alert_config/notification_email", "not_available", "no mailer is set up here; use a webhook endpoint")
	}
}

func checkTags(p *problems, at string, tags []string) {
	if len(tags) > maxTags {
		p.add(at, "too_many", "at most %d tags", maxTags)
	}
	for i, tag := range tags {
		p.required(at+"/"+number(i), tag, maxTag)
	}
}

// tidy trims tags and drops the second of two equal ones.
func tidy(tags []string) []string {
	var out []string
	for _, tag := range tags {
		if tag = strings.TrimSpace(tag); !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}
