package monitor

import (
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

// sweep leaves the jobs of what is due and does them; it answers how many.
func (b *bench) sweep() int {
	b.t.Helper()
	n, err := b.Sweep(b.ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	b.work(JobRun)
	return n
}

func TestWatchlistsComeDue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	daily := b.watchOf(NewWatch{Name: "daily", Parties: []NewParty{{FullName: "A B"}}})
	weekly := b.watchOf(NewWatch{Name: "weekly", Frequency: kyc.WatchWeekly})
	b.watchOf(NewWatch{Name: "paused", Status: kyc.WatchPaused})
	if n := b.sweep(); n != 2 {
		t.Errorf("%d at first", n)
	}
	if n := b.sweep(); n != 0 {
		t.Errorf("%d at once again", n)
	}
	b.advance(24 * time.Hour)
	if n := b.sweep(); n != 1 {
		t.Errorf("%d after a day", n)
	}
	got, err := b.Watch(b.ctx, b.live, daily.ID)
	if err != nil || !got.LastCheckedAt.Equal(b.Now()) {
		t.Errorf("%+v %v", got, err)
	}
	runs, _, err := b.Runs(b.ctx, b.live, daily.ID, kyc.Page{Limit: 10})
	if err != nil || len(runs) != 2 || runs[0].Trigger != TriggerSchedule || runs[0].By.Kind != kyc.ActorSystem {
		t.Errorf("%+v %v", runs, err)
	}
	b.advance(6 * 24 * time.Hour)
	if n := b.sweep(); n != 2 {
		t.Errorf("%d after a week", n)
	}
	lists := []string{"un"}
	if _, err := b.UpdateWatch(b.ctx, b.live, b.by, weekly.ID, 0, WatchChange{Lists: &lists}); err != nil {
		t.Fatal(err)
	}
	if n := b.sweep(); n != 1 {
		t.Errorf("%d after other lists", n)
	}
}

func TestAnUpdatedListMakesAWatchlistDue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.watchOf(NewWatch{Name: "x", Frequency: kyc.WatchOnUpdate, Lists: []string{"un"}})
	if n := b.sweep(); n != 1 { // its first run, with nobody on it
		t.Fatalf("%d at first", n)
	}
	b.advance(time.Minute)
	if n := b.sweep(); n != 0 {
		t.Errorf("%d while nobody is on it", n)
	}
	if _, err := b.AddParties(b.ctx, b.live, b.by, w.ID, "", []NewParty{{FullName: "A B"}}, nil); err != nil {
		t.Fatal(err)
	}
	b.work(JobNewcomers)
	b.sweep()
	if n := b.sweep(); n != 0 {
		t.Errorf("%d although nothing changed", n)
	}
	b.lists[0].Version = "v2"
	if n := b.sweep(); n != 0 {
		t.Errorf("%d for a list that is not monitored", n)
	}
	b.hits["A B"] = []kyc.Hit{hit("un", "7", "A B", 0.98)}
	b.lists[1].Version = "v2"
	b.advance(time.Minute)
	if n := b.sweep(); n != 1 {
		t.Fatalf("%d after the update", n)
	}
	runs, _, err := b.Runs(b.ctx, b.live, w.ID, kyc.Page{Limit: 1})
	if err != nil || runs[0].Trigger != TriggerUpdate || runs[0].NewMatches != 1 || !slices.Contains(b.told(), "kyc.watchlist.new_match") {
		t.Errorf("%+v %v", runs, err)
	}
	if n := b.sweep(); n != 0 {
		t.Errorf("%d after the run", n)
	}
	// A list that fails is asked again within the hour, and as soon as it is back.
	b.lists[1].Version, b.lists[1].Status = "v3", kyc.StatusError
	b.advance(time.Minute)
	if n := b.sweep(); n != 1 {
		t.Errorf("%d while the list fails", n)
	}
	if n := b.sweep(); n != 0 {
		t.Errorf("%d at once again", n)
	}
	b.advance(time.Hour)
	if n := b.sweep(); n != 1 {
		t.Errorf("%d after an hour", n)
	}
	b.lists[1].Status = kyc.StatusOK
	if n := b.sweep(); n != 1 {
		t.Errorf("%d when the list is back", n)
	}
}

func TestTheSandboxClockMakesDue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	box := kyc.Tenant{Org: b.live.Org, Env: kyc.Sandbox}
	if _, err := b.CreateWatch(b.ctx, box, b.by, NewWatch{Name: "x", Parties: []NewParty{{FullName: "A B"}}}); err != nil {
		t.Fatal(err)
	}
	if n := b.sweep(); n != 1 {
		t.Fatalf("%d at first", n)
	}
	org, err := b.db.Org(b.ctx, b.live.Org)
	if err != nil {
		t.Fatal(err)
	}
	org.SandboxOffset = 23 * time.Hour
	b.put(&org)
	if n := b.sweep(); n != 0 {
		t.Errorf("%d after 23 hours", n)
	}
	org.SandboxOffset = 25 * time.Hour
	b.put(&org)
	if n := b.sweep(); n != 1 {
		t.Errorf("%d after 25 hours", n)
	}
	if n := b.sweep(); n != 0 {
		t.Errorf("%d at once again", n)
	}
}

func TestPartiesOfASessionAreEnrolledOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	person := &kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.live}, Kind: "individual", Status: kyc.SubjectApproved}
	session := &kyc.Session{Meta: kyc.Meta{ID: kyc.NewID(b.now), Tenant: b.live}, Surface: kyc.SurfaceSteps, SubjectID: person.ID, Status: kyc.SessionApproved}
	b.put(person, session)
	parties := []Party{{Name: "Ada Owner", Role: "UBO"}, {Name: "ada  owner", Role: "ubo"}, {Name: "Ada Owner", Role: "director"}, {Name: "Otto Client"}, {Name: " "}, {Name: "Eve", Role: "witch"}}
	added, err := b.Enrol(b.ctx, b.live, session.ID, parties)
	if err != nil || len(added) != 4 {
		t.Fatalf("%d added, %v", len(added), err)
	}
	var tags []string
	for _, w := range added {
		tags = append(tags, w.Tags...)
		if w.SessionID != session.ID || w.SubjectID != person.ID {
			t.Errorf("%+v", w)
		}
	}
	if !slices.Equal(tags, []string{"ubo", "director", "individual", "individual"}) {
		t.Errorf("tags %v", tags)
	}
	if again, err := b.Enrol(b.ctx, b.live, session.ID, parties); err != nil || len(again) != 0 {
		t.Errorf("%d again, %v", len(again), err)
	}
	w, err := b.Default(b.ctx, b.live, b.by)
	if err != nil || w.Name != DefaultName || w.Frequency != kyc.WatchOnUpdate || w.ID != added[0].WatchID {
		t.Fatalf("%+v %v", w, err)
	}
	wantCode(t, b.DeleteWatch(b.ctx, b.live, b.by, w.ID, 0), kyc.Conflict, "default_watchlist")
	b.work(JobNewcomers)
	if r := b.run(w.ID); r.Checked != 4 {
		t.Errorf("%+v", r)
	}
	// Erasing the session's person erases everybody the session named.
	session.RedactedAt = b.Now()
	session.Touch(b.Now())
	if err := b.db.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{session}, Erase: []kyc.ID{person.ID}, Events: []kyc.Event{{ID: kyc.NewID(b.Now()), Tenant: b.live, At: b.Now(), Actor: b.by, Action: "x", Object: "y"}}}); err != nil {
		t.Fatal(err)
	}
	r := b.run(w.ID)
	if r.Unreadable != 4 || r.Checked != 0 || r.TotalMatches != 0 || r.HasChanges {
		t.Errorf("%+v", r)
	}
	all, _, err := b.Parties(b.ctx, b.live, b.by, kyc.WatchedFilter{SessionID: session.ID}, kyc.Page{Limit: 10})
	if err != nil || len(all) != 4 || State(&all[0]) != StateUnreadable {
		t.Errorf("%+v %v", all, err)
	}
	wantCode(t, errOf(b.UpdateParty(b.ctx, b.live, b.by, w.ID, all[0].ID, 0, PartyChange{})), kyc.Conflict, "redacted")
	if again, err := b.Enrol(b.ctx, b.live, session.ID, parties); err != nil || len(again) != 0 {
		t.Errorf("an erased session enrolled %d, %v", len(again), err)
	}
}

func TestTheEnrolmentIsAJob(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if b.Jobs()[JobEnrol] != nil {
		t.Error("a job is handled that nobody can do")
	}
	j := EnrolJob(b.live, "session")
	if j.Key != "session" || j.Object != "session" || j.Kind != JobEnrol {
		t.Errorf("%+v", j)
	}
	if len(Periodic()) != 1 || Periodic()[0].Kind != JobSweep {
		t.Errorf("%+v", Periodic())
	}
}

func TestNothingUnclearIsClear(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	clear, err := b.Screen(b.ctx, b.live, b.by, Question{Name: "A B"}, nil)
	if err != nil || clear.Match() == nil || *clear.Match() || clear.Status != kyc.StatusOK {
		t.Fatalf("%+v %v", clear, err)
	}
	b.lists[0].Status = kyc.StatusStale
	e := wantCode(t, errOf(b.Screen(b.ctx, b.live, b.by, Question{Name: "A B"}, nil)), kyc.Unavailable, "screening_stale")
	if len(e.Problems) != 1 || e.Problems[0].Path != "/lists/ofac_sdn" || e.Problems[0].Code != "list_stale" {
		t.Errorf("%+v", e.Problems)
	}
	b.hits["A B"] = []kyc.Hit{hit("un", "7", "A B", 0.9)}
	if found, err := b.Screen(b.ctx, b.live, b.by, Question{Name: "A B"}, nil); err != nil || !*found.Match() || found.Status != kyc.StatusStale {
		t.Errorf("%+v %v", found, err)
	}
	if fresh, err := b.Screen(b.ctx, b.live, b.by, Question{Name: "C D", Lists: []string{"un"}}, nil); err != nil || *fresh.Match() || len(fresh.Lists) != 1 {
		t.Errorf("%+v %v", fresh, err)
	}
	e = wantCode(t, errOf(b.Screen(b.ctx, b.live, b.by, Question{Name: " ", BirthDate: "1.1.2000", Lists: []string{"un", "un", "nope", "No List"}}, nil)), kyc.Invalid, "invalid_question")
	var codes []string
	for _, p := range e.Problems {
		codes = append(codes, p.Code)
	}
	if !slices.Equal(codes, []string{"required", "date_invalid", "list_twice", "list_unknown", "list_id_invalid"}) {
		t.Errorf("%v", codes)
	}
	// A number finds the party under another name; the name's own hits are not
	// taken twice.
	numbered := hit("un", "9", "SOMEBODY", 0.9)
	numbered.Features = []kyc.HitFeature{{Name: "identifier", Listed: "passport Z1", Points: 0.9}}
	b.hits["Z1"] = []kyc.Hit{numbered, hit("un", "10", "NAMESAKE", 0.8)}
	if got, err := b.Screen(b.ctx, b.live, b.by, Question{Name: "C D", Document: "Z1"}, nil); err != nil || len(got.Hits) != 1 || got.Hits[0].EntryID != "9" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	e := wantCode(t, errOf(b.CreateCustomer(b.ctx, b.live, b.by, NewCustomer{Kind: "robot", Email: "nobody", Phone: "x"})), kyc.Invalid, "invalid_customer")
	if len(e.Problems) != 3 {
		t.Errorf("%v", e.Problems)
	}
	c, err := b.CreateCustomer(b.ctx, b.live, b.by, NewCustomer{ClientID: "c1", Name: "Ada", Email: "ada@example.org", Attributes: map[string]any{"a": 1, "b": 2}})
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, errOf(b.CreateCustomer(b.ctx, b.live, b.by, NewCustomer{ClientID: "c1"})), kyc.Conflict, "client_id_taken")
	none, name, no := "", "Ada L", false
	got, err := b.UpdateCustomer(b.ctx, b.live, b.by, c.ID, c.Rev, CustomerChange{Email: &none, Name: &name, Attributes: map[string]any{"a": nil, "c": 3}})
	if err != nil || got.Private.Email != "" || got.Private.Name != "Ada L" || len(got.Private.Attributes) != 2 || got.Private.Attributes["a"] != nil {
		t.Errorf("%+v %v", got.Private, err)
	}
	wantCode(t, errOf(b.UpdateCustomer(b.ctx, b.live, b.by, c.ID, c.Rev, CustomerChange{})), kyc.PreconditionFailed, "etag_mismatch")
	w, party, fresh, err := b.MonitorCustomer(b.ctx, b.live, b.by, c.ID, "")
	if err != nil || !fresh || party.SubjectID != c.ID || w.Name != DefaultName {
		t.Fatalf("%+v %v", party, err)
	}
	if _, again, fresh, err := b.MonitorCustomer(b.ctx, b.live, b.by, c.ID, ""); err != nil || fresh || again.ID != party.ID {
		t.Errorf("%+v %v", again, err)
	}
	b.work(JobNewcomers)
	watched, _, err := b.WatchedOf(b.ctx, b.live, b.by, c.ID)
	if err != nil || len(watched) != 1 || State(&watched[0]) != StateClear {
		t.Errorf("%+v %v", watched, err)
	}
	if got, err = b.UpdateCustomer(b.ctx, b.live, b.by, c.ID, 0, CustomerChange{Active: &no}); err != nil || got.DeactivatedAt.IsZero() {
		t.Errorf("%+v %v", got, err)
	}
	_, _, _, err = b.MonitorCustomer(b.ctx, b.live, b.by, c.ID, "")
	wantCode(t, err, kyc.Conflict, "customer_inactive")
	if list, _, err := b.Customers(b.ctx, b.live, b.by, kyc.SubjectFilter{}, kyc.Page{Limit: 5}); err != nil || len(list) != 0 {
		t.Errorf("%d shown, %v", len(list), err)
	}
	stranger := kyc.Tenant{Org: b.live.Org, Env: kyc.Sandbox}
	wantCode(t, errOf(b.Customer(b.ctx, stranger, b.by, c.ID)), kyc.NotFound, "not_found")
	nameless, err := b.CreateCustomer(b.ctx, b.live, b.by, NewCustomer{})
	if err != nil {
		t.Fatal(err)
	}
	_, _, _, err = b.MonitorCustomer(b.ctx, b.live, b.by, nameless.ID, "")
	wantCode(t, err, kyc.Invalid, "invalid_subject")
}

func TestEverythingWrongWithAWatchlistIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	e := wantCode(t, errOf(b.CreateWatch(b.ctx, b.live, b.by, NewWatch{Lists: []string{"nope"}, Frequency: "hourly", Status: "gone", Tags: []string{"a\x1fb"},
		Alert:   &AlertChange{WebhookURL: "https://example.org", NotificationEmail: "a@example.org"},
		Parties: []NewParty{{FullName: ""}, {FullName: "A", IdentifierType: "wallet", SessionID: kyc.NewID(b.now)}}})), kyc.Invalid, "invalid_watchlist")
	var got []string
	for _, p := range e.Problems {
		got = append(got, p.Path+" "+p.Code)
	}
	want := []string{"/name required", "/lists_to_monitor/0 list_unknown", "/check_frequency frequency_invalid", "/status status_invalid", "/tags/0 text_invalid",
		"/alert_config/webhook_url not_available", "/alert_config/notification_email not_available",
		"/subjects/0/full_name required", "/subjects/1/identifier required", "/subjects/1/session_id session_not_found"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if b.jobs != nil {
		t.Error("something was left although nothing was made")
	}
}
