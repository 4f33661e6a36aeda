package monitor

import (
	"context"
	"slices"
	"strconv"
	"time"

	"bonafide/kyc"
)

// What a run over a watchlist is caused by.
const (
	TriggerSchedule = "schedule"
	TriggerUpdate   = "list_update"
	TriggerRequest  = "request"
)

// pageSize is how many parties are read and committed together.
const pageSize = 200

// again is when a run that could not ask every list is repeated.
const again = time.Hour

// What customers are told, as kyc.News is told it.
const (
	NewsNewMatch      = "watchlist.new_match"
	NewsStatusChanged = "watchlist.status_changed"
)

// Run screens everybody on a watchlist now and records it. Errors: 404;
// Conflict concurrent_change when somebody kept changing a party meanwhile.
func (m *Machine) Run(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, trigger string) (kyc.MonitorRun, error) {
	// The watchlist's own time may come in the same moment. What it wrote about a
	// party stands; the rest is asked again. It is stored at once and not with the
	// request: only so the collision is seen here.
	ctx = kyc.WithoutUnit(ctx)
	for tries := 1; ; tries++ {
		run, err := m.run(ctx, t, by, id, trigger)
		if tries == maxRuns || !kyc.IsCode(err, "concurrent_change") {
			return run, err
		}
	}
}

// maxRuns is how often a run that somebody else crossed is made again.
const maxRuns = 4

func (m *Machine) run(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, trigger string) (kyc.MonitorRun, error) {
	w, err := m.watch(ctx, t, id)
	if err != nil {
		return kyc.MonitorRun{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return kyc.MonitorRun{}, err
	}
	started := m.d.Clock.Now()
	run := &kyc.MonitorRun{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, WatchID: id, Trigger: trigger, By: by, ByList: map[string]kyc.ListTally{}, CheckedAt: now,
		Loaded: loaded(m.d.Lists()), Basis: m.basis(&w, &org)}
	p := pass{m: m, watch: w, org: org, now: now, by: by, run: run}
	if trigger == TriggerUpdate {
		if p.updated, err = p.since(ctx); err != nil {
			return kyc.MonitorRun{}, err
		}
	}
	var after kyc.ID
	for {
		if err := ctx.Err(); err != nil {
			return kyc.MonitorRun{}, err
		}
		last, n, err := p.page(ctx, after)
		if err != nil {
			return kyc.MonitorRun{}, err
		}
		if after = last; n < pageSize {
			break
		}
	}
	run.DurationMS = m.d.Clock.Now().Sub(started).Milliseconds()
	run.Touch(now)
	return *run, p.close(ctx)
}

// pass is one run on its way through a watchlist.
type pass struct {
	m     *Machine
	watch kyc.Watch
	org   kyc.Org
	now   time.Time
	by    kyc.Actor
	run   *kyc.MonitorRun
	// updated is what changed since the last run; nil: everybody is asked for.
	updated *updated
	// incomplete: somebody could not be asked for in a way that may pass.
	incomplete bool
}

// seen is what a screening made of one party.
type seen struct {
	party     kyc.Watched
	screening Screening
	delta     delta
	was       string // its state before
}

// page screens the parties after that ID and commits what is different. When
// somebody changed one of them meanwhile, the page is done again.
func (p *pass) page(ctx context.Context, after kyc.ID) (last kyc.ID, n int, err error) {
	for range pageAttempts {
		var parties []kyc.Watched
		if parties, err = p.m.d.Store.WatchedAfter(ctx, p.run.Tenant, p.watch.ID, after, pageSize); err != nil || len(parties) == 0 {
			return after, 0, err
		}
		if p.updated != nil && p.updated.state != standing(p.m.d.Lists()) {
			p.updated = nil // a list changed again, or grew old
		}
		var all []seen
		var c kyc.Change
		for i := range parties {
			s := p.screen(ctx, parties[i])
			all = append(all, s)
			p.m.note(ctx, p.watch, &all[i], p.run.ID, p.by, p.now, &c)
		}
		if err = ctx.Err(); err != nil { // what was asked under a dead context counts for nothing
			return after, 0, err
		}
		if err = p.m.d.Store.Commit(ctx, &c); err == nil {
			for i := range all {
				p.count(&all[i])
			}
			return parties[len(parties)-1].ID, len(parties), nil
		}
		if kyc.KindOf(err) != kyc.Conflict && kyc.KindOf(err) != kyc.NotFound { // changed or removed meanwhile
			return after, 0, err
		}
	}
	return after, 0, err
}

// screen asks the lists for one party, unless nothing that changed can touch
// it.
func (p *pass) screen(ctx context.Context, w kyc.Watched) seen {
	if p.updated != nil && p.updated.untouched(&w) {
		return p.updated.asBefore(w, p.now)
	}
	return p.m.screenParty(ctx, p.watch, p.org, p.now, w)
}

func (m *Machine) screenParty(ctx context.Context, list kyc.Watch, org kyc.Org, now time.Time, w kyc.Watched) seen {
	out := seen{party: w, was: State(&w)}
	if w.Private.Unreadable {
		return out
	}
	r := request(w.Tenant, org, w.ID)
	r.Now = now
	q := questionOf(&w)
	q.Lists = list.Lists
	out.screening = m.ask(ctx, r, q)
	if a := out.screening.Wallet; a != nil && (!a.Valid || a.Uncovered) && out.screening.Status == kyc.StatusOK {
		// No list can hold such an address, so their silence is no clearance.
		out.screening.Status = kyc.StatusError
	}
	out.party.Private.Matches, out.delta = compare(w.Private.Matches, out.screening, list.Lists, now)
	if out.screening.Status == kyc.StatusOK {
		out.party.LastCheckedAt = now
	}
	return out
}

// note adds to a change what a screening made of a party: the party itself and
// what is told about it.
func (m *Machine) note(ctx context.Context, list kyc.Watch, s *seen, run kyc.ID, by kyc.Actor, now time.Time, c *kyc.Change) {
	w := &s.party
	if w.Private.Unreadable || (!s.delta.any() && s.screening.Status != kyc.StatusOK) {
		return
	}
	w.Touch(now)
	c.Put = append(c.Put, w)
	var of any
	if run != "" {
		of = run
	}
	extra := func() map[string]any {
		return map[string]any{"run_id": of, "previous_match_status": s.was, "new_match_count": len(s.delta.added), "changed_match_count": len(s.delta.changed),
			"gone_match_count": len(s.delta.gone)}
	}
	if len(s.delta.added) > 0 {
		c.Events = append(c.Events, m.told(ctx, w, by, now, NewsNewMatch, list.Alert.OnNewMatch, extra()))
	}
	if len(s.delta.changed)+len(s.delta.gone) > 0 {
		c.Events = append(c.Events, m.told(ctx, w, by, now, NewsStatusChanged, list.Alert.OnStatusChange, extra()))
	}
}

// told is an audit entry of a party, which customers are told when they asked
// for it. It holds numbers and states; Enrich adds the matches.
func (m *Machine) told(ctx context.Context, w *kyc.Watched, by kyc.Actor, now time.Time, what string, tell bool, extra map[string]any) kyc.Event {
	e := event(ctx, w.Tenant, by, now, what, objectParty, w.ID)
	e.SubjectID, e.After = w.SubjectID, digest(w)
	if !tell {
		return e
	}
	extra["match_status"], extra["match_count"], extra["occurred_at"] = State(w), len(counting(w.Private.Matches)), now
	return m.d.News.Tell(e, w, extra, what)
}

// count adds a party to the record of the run. A match is new that was not
// known when the last finished run began, whoever has found it since.
func (p *pass) count(s *seen) {
	r := p.run
	if s.party.Private.Unreadable {
		r.Unreadable++
		return
	}
	answered := false
	for _, l := range s.screening.Lists {
		switch {
		case l.Status != kyc.StatusOK:
			p.incomplete = true
		case !s.screening.unasked():
			tally := r.ByList[l.List]
			tally.Checked++
			r.ByList[l.List], answered = tally, true
		}
	}
	if s.screening.Status == kyc.StatusUnavailable {
		p.incomplete = true
	}
	if answered {
		r.Checked++
	} else {
		r.Failed++
	}
	r.Lists = joinLists(r.Lists, s.screening.Lists)
	fresh := 0
	before := p.watch.LastCheckedAt
	for _, match := range counting(s.party.Private.Matches) {
		r.TotalMatches++
		tally := r.ByList[match.List]
		tally.Matches++
		r.ByList[match.List] = tally
		if match.Since.After(before) {
			fresh++
		} else {
			r.PreviousMatches++
		}
	}
	r.PreviousMatches += len(counting(s.delta.gone))
	r.NewMatches += fresh
	if fresh > 0 || s.delta.any() {
		r.HasChanges = true
		r.Changed = append(r.Changed, s.party.ID)
	}
}

// close writes the record of the run and when the watchlist is due again. The
// watchlist may have been changed meanwhile, so it is read anew.
func (p *pass) close(ctx context.Context) error {
	slices.SortFunc(p.run.Lists, func(a, b kyc.ListVersion) int {
		if a.List < b.List {
			return -1
		}
		return 1
	})
	e := event(ctx, p.run.Tenant, p.by, p.now, "watchlist.monitor", objectWatch, p.watch.ID)
	e.Reason, e.After = p.run.Trigger, digest(p.run)
	var err error
	for range attempts {
		var w kyc.Watch
		if w, err = p.m.d.Store.Watch(ctx, p.run.Tenant, p.watch.ID); err != nil {
			return err
		}
		w.LastRunID, w.LastCheckedAt, w.NextAt = p.run.ID, p.now, w.Frequency.Next(p.now)
		if soon := p.now.Add(again); p.incomplete && (w.NextAt.IsZero() || w.NextAt.After(soon)) {
			w.NextAt = soon
		}
		w.Touch(p.now)
		err = p.m.d.Store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&w, p.run}, Events: []kyc.Event{e}})
		if err == nil || kyc.KindOf(err) != kyc.Conflict {
			return err
		}
	}
	return err
}

// Complete reports whether a run asked every list for everybody and each
// answered from fresh data. Only such a run can say that nobody is listed.
func Complete(r kyc.MonitorRun) kyc.AnswerStatus {
	worst := kyc.StatusOK
	for _, l := range r.Lists {
		if badness(l.Status) > badness(worst) {
			worst = l.Status
		}
	}
	if r.Failed > 0 && worst == kyc.StatusOK {
		worst = kyc.StatusError
	}
	return worst
}

// Runs gives the record of a watchlist, newest first; more says that another
// page follows.
func (m *Machine) Runs(ctx context.Context, t kyc.Tenant, id kyc.ID, p kyc.Page) (runs []kyc.MonitorRun, more bool, err error) {
	if _, err := m.watch(ctx, t, id); err != nil {
		return nil, false, err
	}
	limit := p.Limit
	p.Limit++
	runs, _, err = m.d.Store.MonitorRuns(ctx, t, id, p)
	if len(runs) > limit {
		runs, more = runs[:limit], true
	}
	return runs, more, err
}

func number(i int) string { return strconv.Itoa(i) }
