package monitor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestARunTellsOnceOfWhatIsNew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hits["Wilhemina Stellengard"] = []kyc.Hit{hit("un", "7", "STELLENGARD, W", 0.98)}
	w := b.watchOf(NewWatch{Name: "Board", Parties: []NewParty{{FullName: "Wilhemina Stellengard"}, {FullName: "Nobody Atall"}}})
	b.work(JobNewcomers)
	if got := b.told(); !slices.Equal(got, []string{"kyc.watchlist.new_match"}) {
		t.Fatalf("told %v", got)
	}
	first := b.run(w.ID)
	if first.Checked != 2 || first.TotalMatches != 1 || first.NewMatches != 1 || first.PreviousMatches != 0 || !first.HasChanges || len(first.Changed) != 1 ||
		first.ByList["un"] != (kyc.ListTally{Checked: 2, Matches: 1}) || first.ByList["ofac_sdn"] != (kyc.ListTally{Checked: 2}) || Complete(first) != kyc.StatusOK {
		t.Errorf("%+v", first)
	}
	second := b.run(w.ID)
	if second.TotalMatches != 1 || second.NewMatches != 0 || second.PreviousMatches != 1 || second.HasChanges || len(b.told()) != 1 {
		t.Errorf("%+v told %v", second, b.told())
	}
	b.hits["Nobody Atall"] = []kyc.Hit{hit("ofac_sdn", "1", "ATALL", 0.9)}
	third := b.run(w.ID)
	if third.TotalMatches != 2 || third.NewMatches != 1 || third.PreviousMatches != 1 || !third.HasChanges || len(b.told()) != 2 {
		t.Errorf("%+v told %v", third, b.told())
	}
	stored, err := b.db.MonitorRun(b.ctx, b.live, third.ID)
	if err != nil || stored.NewMatches != 1 || len(stored.Lists) != 2 {
		t.Errorf("%+v %v", stored, err)
	}
	got, err := b.Watch(b.ctx, b.live, w.ID)
	if err != nil || got.LastRunID != third.ID || !got.NextAt.Equal(third.CheckedAt.Add(24*time.Hour)) || got.Parties != 2 {
		t.Errorf("%+v %v", got, err)
	}
	runs, more, err := b.Runs(b.ctx, b.live, w.ID, kyc.Page{Limit: 2})
	if err != nil || len(runs) != 2 || !more || runs[0].ID != third.ID {
		t.Errorf("%d runs, %v %v", len(runs), more, err)
	}
}

func TestAListThatIsNotThereTakesNothingAway(t *testing.T) {
	t.Parallel()
	for _, status := range []kyc.AnswerStatus{kyc.StatusStale, kyc.StatusError, kyc.StatusNotConfigured, kyc.StatusUnavailable} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.hits["A B"] = []kyc.Hit{hit("un", "7", "A B", 0.98)}
			w := b.watchOf(NewWatch{Name: "x", Frequency: kyc.WatchWeekly, Parties: []NewParty{{FullName: "A B"}}})
			b.run(w.ID)
			checked := b.one(w.ID).LastCheckedAt
			delete(b.hits, "A B")
			b.lists[1].Status = status
			r := b.run(w.ID)
			if r.TotalMatches != 1 || r.HasChanges || Complete(r) != status || r.Checked != 1 {
				t.Errorf("%+v", r)
			}
			party := b.one(w.ID)
			if State(&party) != MatchOpen || !party.LastCheckedAt.Equal(checked) {
				t.Errorf("%+v", party)
			}
			if got, _ := b.Watch(b.ctx, b.live, w.ID); !got.NextAt.Equal(r.CheckedAt.Add(time.Hour)) {
				t.Errorf("due %s", got.NextAt)
			}
			b.lists[0].Status = status
			if r = b.run(w.ID); r.Failed != 1 || r.Checked != 0 {
				t.Errorf("%+v", r)
			}
			b.lists[0].Status, b.lists[1].Status = kyc.StatusOK, kyc.StatusOK
			r = b.run(w.ID)
			party = b.one(w.ID)
			if r.TotalMatches != 0 || r.PreviousMatches != 1 || !r.HasChanges || State(&party) != StateClear || !slices.Contains(b.told(), "kyc.watchlist.status_changed") {
				t.Errorf("%+v %s %v", r, State(&party), b.told())
			}
		})
	}
}

func TestAFalsePositiveStaysQuietUntilTheEntryChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hits["A B"] = []kyc.Hit{hit("un", "7", "A B", 0.98)}
	w := b.watchOf(NewWatch{Name: "x", Parties: []NewParty{{FullName: "A B"}}})
	b.run(w.ID)
	party := b.one(w.ID)
	e := wantCode(t, errOf(b.UpdateParty(b.ctx, b.live, b.by, w.ID, party.ID, 0, PartyChange{Matches: []Judgement{{"un", "8", "open"}, {"un", "7", "maybe"}}})), kyc.Invalid, "invalid_subject")
	if len(e.Problems) != 2 {
		t.Errorf("%v", e.Problems)
	}
	if _, err := b.UpdateParty(b.ctx, b.live, b.by, w.ID, party.ID, party.Rev-1, PartyChange{}); !kyc.IsCode(err, "etag_mismatch") {
		t.Errorf("%v", err)
	}
	if _, err := b.UpdateParty(b.ctx, b.live, b.by, w.ID, party.ID, party.Rev, PartyChange{Matches: []Judgement{{"un", "7", FalsePositive}}}); err != nil {
		t.Fatal(err)
	}
	if got := b.told(); got[len(got)-1] != "kyc.watchlist.status_changed" {
		t.Errorf("told %v", got)
	}
	told := len(b.told())
	r := b.run(w.ID)
	party = b.one(w.ID)
	if r.TotalMatches != 0 || r.HasChanges || len(b.told()) != told || State(&party) != FalsePositive {
		t.Errorf("%+v %v", r, b.told())
	}
	b.hits["A B"][0].Programs = []string{"NEW"}
	r = b.run(w.ID)
	party = b.one(w.ID)
	if r.TotalMatches != 1 || !r.HasChanges || len(b.told()) != told+1 || State(&party) != MatchOpen {
		t.Errorf("%+v %v", r, b.told())
	}
	// Another name is another party: what was judged is judged no more.
	if _, err := b.UpdateParty(b.ctx, b.live, b.by, w.ID, party.ID, 0, PartyChange{Matches: []Judgement{{"un", "7", FalsePositive}}}); err != nil {
		t.Fatal(err)
	}
	name := "A C"
	got, err := b.UpdateParty(b.ctx, b.live, b.by, w.ID, party.ID, 0, PartyChange{FullName: &name})
	if err != nil || State(&got) != MatchOpen || !got.LastCheckedAt.IsZero() {
		t.Errorf("%+v %v", got, err)
	}
	b.work(JobNewcomers)
	if party = b.one(w.ID); State(&party) != StateClear {
		t.Errorf("%s", State(&party))
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestAlertsAreSwitches(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hits["A B"] = []kyc.Hit{hit("un", "7", "A B", 0.98)}
	no := false
	w := b.watchOf(NewWatch{Name: "x", Alert: &AlertChange{OnNewMatch: &no}, Parties: []NewParty{{FullName: "A B"}}})
	b.run(w.ID)
	delete(b.hits, "A B")
	b.run(w.ID)
	if got := b.told(); !slices.Equal(got, []string{"kyc.watchlist.status_changed"}) {
		t.Errorf("told %v", got)
	}
	audited := 0
	for _, e := range b.events {
		if e.Action == NewsNewMatch {
			audited++
		}
	}
	if audited != 1 {
		t.Errorf("%d audit entries of the new match", audited)
	}
}

func TestEventsHoldNothingPersonal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hits["Wilhemina Stellengard"] = []kyc.Hit{hit("un", "entry-7", "STELLENGARD", 0.98)}
	w := b.watchOf(NewWatch{Name: "x", Parties: []NewParty{{FullName: "Wilhemina Stellengard", Identifier: "ZZ004211", Tags: []string{"ubo"}}}})
	b.run(w.ID)
	party := b.one(w.ID)
	if _, err := b.UpdateParty(b.ctx, b.live, b.by, w.ID, party.ID, 0, PartyChange{Matches: []Judgement{{"un", "entry-7", TruePositive}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Screen(b.ctx, b.live, b.by, Question{Name: "Wilhemina Stellengard", Document: "ZZ004211"}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CreateCustomer(b.ctx, b.live, b.by, NewCustomer{ClientID: "c1", Name: "Wilhemina Stellengard", Email: "w@stellengard.example"}); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal([]any{b.events, b.jobs})
	if err != nil || len(b.events) < 6 {
		t.Fatalf("%d events, %v", len(b.events), err)
	}
	for _, word := range []string{"tellengard", "STELLENGARD", "ZZ004211", "entry-7"} {
		if strings.Contains(string(raw), word) {
			t.Errorf("an event or a job says %q", word)
		}
	}
	var last kyc.Event
	for _, e := range b.events {
		if e.Webhook == "kyc.watchlist.status_changed" {
			last = e
		}
	}
	data := map[string]any{}
	if err := b.Enrich(b.ctx, last, data); err != nil || !strings.Contains(fmt.Sprint(data), "entry-7") {
		t.Errorf("the message says %v, %v", data, err)
	}
	if err := b.RemoveParty(b.ctx, b.live, b.by, w.ID, party.ID, 0); err != nil {
		t.Fatal(err)
	}
	data = map[string]any{}
	if err := b.Enrich(b.ctx, last, data); err != nil || len(data) != 0 {
		t.Errorf("of somebody who is gone the message says %v, %v", data, err)
	}
}

func TestSomebodyElseChangesAPartyDuringARun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hits["A B"] = []kyc.Hit{hit("un", "7", "A B", 0.98)}
	w := b.watchOf(NewWatch{Name: "x", Parties: []NewParty{{FullName: "A B"}}})
	b.run(w.ID)
	party := b.one(w.ID)
	b.between = func() {
		if _, err := b.UpdateParty(b.ctx, b.live, b.by, w.ID, party.ID, 0, PartyChange{Matches: []Judgement{{"un", "7", TruePositive}}}); err != nil {
			t.Error(err)
		}
	}
	r := b.run(w.ID)
	party = b.one(w.ID)
	if State(&party) != TruePositive || r.Checked != 1 || r.TotalMatches != 1 {
		t.Errorf("%s %+v", State(&party), r)
	}
	name := "renamed"
	b.between = func() { // the page commits, then the watchlist is changed before the run closes
		b.between = func() {
			if _, err := b.UpdateWatch(b.ctx, b.live, b.by, w.ID, 0, WatchChange{Name: &name}); err != nil {
				t.Error(err)
			}
		}
	}
	r = b.run(w.ID)
	if got, err := b.Watch(b.ctx, b.live, w.ID); err != nil || got.Name != name || got.LastRunID != r.ID {
		t.Errorf("%+v %v", got.Watch, err)
	}
}

// Whoever asks for everybody while the newcomers are looked at one by one gets
// an answer and no conflict.
func TestNewcomersDoNotStopARun(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.watchOf(NewWatch{Name: "x", Parties: []NewParty{{FullName: "A B"}}})
	meddled := 0
	var meddle func()
	meddle = func() {
		party := b.one(w.ID)
		b.put(&party)
		if meddled++; meddled < 2*attempts {
			b.between = meddle
		}
	}
	b.between = meddle
	if r := b.run(w.ID); r.Checked != 1 || meddled != 2*attempts {
		t.Errorf("%d changes came between: %+v", meddled, r)
	}
}

func TestManyPartiesAreReadInPages(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var all []NewParty
	for i := range pageSize + 5 {
		all = append(all, NewParty{FullName: fmt.Sprintf("Party %d", i)})
	}
	w := b.watchOf(NewWatch{Name: "x", Parties: all})
	if r := b.run(w.ID); r.Checked != pageSize+5 {
		t.Errorf("%+v", r)
	}
	b.run(w.ID)
	if err := b.DeleteWatch(b.ctx, b.live, b.by, w.ID, 0); err != nil {
		t.Fatal(err)
	}
	if _, n, err := b.db.WatchedParties(b.ctx, b.live, kyc.WatchedFilter{WatchID: w.ID}, kyc.Page{Limit: 1}); n != 0 || err != nil {
		t.Errorf("%d left, %v", n, err)
	}
	_, err := b.Watch(b.ctx, b.live, w.ID)
	wantCode(t, err, kyc.NotFound, "not_found")
}

func TestAWalletThatNoListCanHoldIsNotClear(t *testing.T) {
	t.Parallel()
	for address, state := range map[string]string{"good": StateClear, "broken": StateUnchecked, "uncovered": StateUnchecked} {
		b := newBench(t)
		w := b.watchOf(NewWatch{Name: "x", Parties: []NewParty{{FullName: "A B", Identifier: address, IdentifierType: kyc.IdentifierWallet}}})
		b.work(JobNewcomers)
		r := b.run(w.ID)
		party := b.one(w.ID)
		if State(&party) != state || (Complete(r) == kyc.StatusOK) != (state == StateClear) || r.Checked+r.Failed != 1 {
			t.Errorf("%s: %s %+v", address, State(&party), r)
		}
	}
	b := newBench(t)
	b.hits["listed"] = []kyc.Hit{hit("ofac_sdn", "1", "MIXER", 0.9)}
	w := b.watchOf(NewWatch{Name: "x", Parties: []NewParty{{FullName: "A B", Identifier: "listed", IdentifierType: kyc.IdentifierWallet}}})
	if r := b.run(w.ID); r.TotalMatches != 1 || r.ByList["ofac_sdn"].Matches != 1 {
		t.Errorf("%+v", r)
	}
}

func TestANameThatNobodySeesIsNone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, name := range []string{"", " ", "\u200b", "\u200d\u2060", "\u0301"} {
		if _, err := b.Screen(b.ctx, b.live, b.by, Question{Name: name}, nil); !kyc.IsCode(err, "invalid_question") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
