package inquiry

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestOnlyPassesAreClear(t *testing.T) {
	t.Parallel()
	fail := kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Fail, Reasons: []kyc.Reason{{Code: "disposable_mail", Severity: "critical"}}}
	for name, c := range map[string]struct {
		answers map[string]kyc.Answer
		want    kyc.InquiryResult
	}{
		"passes":          {nil, kyc.InquiryClear},
		"stale list":      {map[string]kyc.Answer{"watchlist_screening": {Status: kyc.StatusStale}}, kyc.InquiryIncomplete},
		"not configured":  {map[string]kyc.Answer{"aml_pep": kyc.Failed(kyc.StatusNotConfigured, "none", "none")}, kyc.InquiryIncomplete},
		"error":           {map[string]kyc.Answer{"aml_pep": kyc.Failed(kyc.StatusError, "x", "x")}, kyc.InquiryIncomplete},
		"hit":             {map[string]kyc.Answer{"aml_pep": {Status: kyc.StatusOK, Verdict: kyc.Fail, Hits: []kyc.Hit{hit("1")}}}, kyc.InquiryHits},
		"hit, stale list": {map[string]kyc.Answer{"aml_pep": {Status: kyc.StatusStale, Hits: []kyc.Hit{hit("1")}}}, kyc.InquiryHits},
		"no hit, fail":    {map[string]kyc.Answer{"email_risk": fail}, kyc.InquiryConcern},
		"no hit, review":  {map[string]kyc.Answer{"email_risk": {Status: kyc.StatusOK, Verdict: kyc.VerdictReview}}, kyc.InquiryConcern},
		"no verdict":      {map[string]kyc.Answer{"email_risk": {Status: kyc.StatusOK}}, kyc.InquiryConcern},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			maps.Copy(b.answers, c.answers)
			q := b.ask(Question{Full: true, Types: []kyc.InquiryType{kyc.InquirySanction, kyc.InquiryPEP, kyc.InquiryEmail}, Who: kyc.InquiryData{LastName: "Ormolu", Email: "z@example.org"}})
			if q.Result != c.want {
				t.Errorf("%s, want %s", q.Result, c.want)
			}
			stored, err := b.Read(b.ctx, b.live, q.ID)
			if err != nil || stored.Result != c.want || len(stored.Private.Parts) != 3 || stored.Private.Name != "Ormolu" {
				t.Errorf("stored %+v (%v)", stored, err)
			}
		})
	}
}

func TestADismissedHitStaysDismissedUntilTheEntryChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.found(hit("1"), hit("2"))
	q := b.ask(Question{})
	if q.Open != 2 || q.Result != kyc.InquiryHits {
		t.Fatalf("%+v", q)
	}
	judge := func(entry, word string) kyc.Inquiry {
		t.Helper()
		got, err := b.Judge(b.ctx, b.live, b.by, q.ID, HitID(kyc.InquirySanction, "un", entry), word, "another year of birth")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := judge("1", FalsePositive); got.Open != 1 || got.Cleared != 1 || got.Result != kyc.InquiryHits {
		t.Errorf("one dismissed: %+v", got)
	}
	if got := judge("2", FalsePositive); got.Result != kyc.InquiryClear {
		t.Errorf("both dismissed: %+v", got)
	}
	again := func() kyc.Inquiry {
		t.Helper()
		got, err := b.Again(b.ctx, b.live, b.by, q.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := again(); got.Result != kyc.InquiryClear || got.Cleared != 2 || got.Private.Known[0].By != b.by {
		t.Errorf("asked again: %+v", got)
	}
	changed := hit("1")
	changed.Programs = []string{"TERROR"}
	b.found(changed, hit("2"))
	if got := again(); got.Open != 1 || got.Cleared != 1 || got.Result != kyc.InquiryHits || got.Private.Known[0].Reason != "" {
		t.Errorf("after the entry changed: %+v", got.Private.Known)
	}
	if got := judge("1", TruePositive); got.Confirmed != 1 || got.Open != 0 || got.Result != kyc.InquiryHits {
		t.Errorf("confirmed: %+v", got)
	}
	b.found(hit("1"), hit("2")) // says something else again
	if got := again(); got.Confirmed != 1 {
		t.Errorf("a confirmed hit whose entry changed: %+v", got)
	}
	if got := judge("1", Open); got.Open != 1 || !got.Private.Known[0].At.IsZero() {
		t.Errorf("taken back: %+v", got.Private.Known)
	}
	b.found()
	if got := again(); got.Result != kyc.InquiryClear || len(got.Private.Known) != 0 {
		t.Errorf("nobody is listed any more: %+v", got)
	}
}

// A network that no list covers stays a concern when the hits beside it are
// dismissed.
func TestDismissedHitsDoNotCoverANetwork(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers["wallet_screening"] = kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.VerdictReview, Hits: []kyc.Hit{hit("1")},
		Reasons: []kyc.Reason{{Code: "wallet_network_not_covered", Severity: "warning"}}}
	q := b.ask(Question{Types: []kyc.InquiryType{kyc.InquiryCrypto}, Who: kyc.InquiryData{LastName: "Ormolu", Wallet: "x"}})
	got, err := b.Judge(b.ctx, b.live, b.by, q.ID, HitID(kyc.InquiryCrypto, "un", "1"), FalsePositive, "another owner")
	if err != nil || got.Open != 0 || got.Result != kyc.InquiryConcern {
		t.Errorf("%+v %v", got, err)
	}
}

func TestABrokenListTakesNoHitAway(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.found(hit("1"))
	q := b.ask(Question{})
	b.answers["watchlist_screening"] = kyc.Answer{Status: kyc.StatusStale, Lists: []kyc.ListVersion{{List: "un", Status: kyc.StatusStale}}}
	got, err := b.Again(b.ctx, b.live, b.by, q.ID)
	if err != nil || got.Open != 1 || got.Result != kyc.InquiryHits {
		t.Errorf("%+v %v", got, err)
	}
}

func TestBadQuestionsNameEveryProblem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.Ask(b.ctx, b.live, b.by, Question{Types: []kyc.InquiryType{"shoe", kyc.InquirySanction, kyc.InquirySanction, kyc.InquiryEmail}, Kind: "ship", Monitor: "hourly",
		Who: kyc.InquiryData{FirstName: strings.Repeat("x", 501), BirthDate: "1.2.1990", Phone: "\x00"}})
	var paths []string
	for _, p := range kyc.AsError(err).Problems {
		paths = append(paths, p.Path)
	}
	slices.Sort(paths)
	want := []string{"/birthdate", "/check_types/0", "/check_types/2", "/email", "/entity_type", "/monitoring", "/name_first", "/phone"}
	if !slices.Equal(paths, want) {
		t.Errorf("%v, want %v", paths, want)
	}
	if _, err := b.Ask(b.ctx, b.live, b.by, Question{Types: []kyc.InquiryType{kyc.InquiryPEP}}); !kyc.IsCode(err, "invalid_question") {
		t.Errorf("nobody: %v", err)
	}
	for _, name := range []string{" ", "\u200b", "\u200d\u2060", "-.,", "\u0301"} {
		if _, err := b.Ask(b.ctx, b.live, b.by, Question{Types: []kyc.InquiryType{kyc.InquirySanction}, Who: kyc.InquiryData{LastName: name}}); !kyc.IsCode(err, "invalid_question") {
			t.Errorf("%q: %v", name, err)
		}
	}
	q := b.ask(Question{})
	if _, err := b.Judge(b.ctx, b.live, b.by, q.ID, "x", FalsePositive, ""); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("no such hit: %v", err)
	}
	if _, err := b.Read(b.ctx, kyc.Tenant{Org: b.live.Org, Env: kyc.Sandbox}, q.ID); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("of the sandbox: %v", err)
	}
}

func TestOnePersonHasOneIdentity(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a, c := b.ask(Question{ExternalRef: "c-1"}), b.ask(Question{ExternalRef: "c-1"})
	if a.SubjectID != c.SubjectID || a.SubjectID == b.ask(Question{}).SubjectID {
		t.Errorf("%s and %s", a.SubjectID, c.SubjectID)
	}
	if err := b.db.Commit(b.ctx, &kyc.Change{Erase: []kyc.ID{a.SubjectID}, Events: []kyc.Event{event(b.ctx, &a, b.by, b.Now(), "identity.redact")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Again(b.ctx, b.live, b.by, a.ID); !kyc.IsCode(err, "redacted") {
		t.Errorf("after the erasure: %v", err)
	}
}

func TestSomebodyElsesChangeIsNotLost(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.found(hit("1"), hit("2"))
	q := b.ask(Question{})
	b.between = func() {
		if _, err := b.Judge(b.ctx, b.live, b.by, q.ID, HitID(kyc.InquirySanction, "un", "2"), TruePositive, ""); err != nil {
			t.Error(err)
		}
	}
	got, err := b.Judge(b.ctx, b.live, b.by, q.ID, HitID(kyc.InquirySanction, "un", "1"), FalsePositive, "")
	if err != nil || got.Cleared != 1 || got.Confirmed != 1 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestMonitoringTellsOfEachNewHitOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.found()
	daily := b.ask(Question{Monitor: kyc.WatchDaily})
	b.ask(Question{}) // not monitored
	if n := b.work(); n != 0 {
		t.Errorf("%d asked at once", n)
	}
	b.advance(24 * time.Hour)
	if n := b.work(); n != 1 {
		t.Errorf("%d asked after a day", n)
	}
	if n := b.work(); n != 0 {
		t.Errorf("%d asked twice", n)
	}
	b.found(hit("1"))
	b.advance(24 * time.Hour)
	b.work()
	b.advance(24 * time.Hour)
	b.work()
	if told := b.told(); told["completed"] != 2 || told["monitoring.new_hits"] != 1 {
		t.Errorf("told %v", told)
	}
	if _, err := b.Judge(b.ctx, b.live, b.by, daily.ID, HitID(kyc.InquirySanction, "un", "1"), FalsePositive, ""); err != nil {
		t.Fatal(err)
	}
	changed := hit("1")
	changed.Name = "Zoltavius the Second"
	b.found(changed)
	b.advance(24 * time.Hour)
	b.work()
	b.work()
	if told := b.told(); told["monitoring.new_hits"] != 2 {
		t.Errorf("told %v of a changed entry", told)
	}
	if _, err := b.Watch(b.ctx, b.live, b.by, daily.ID, 0, ""); err != nil {
		t.Fatal(err)
	}
	b.advance(48 * time.Hour)
	if n := b.work(); n != 0 {
		t.Errorf("%d asked although nobody monitors", n)
	}
}

func TestAnUpdateAsksOnlyThoseItMayMean(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.found()
	meant := b.ask(Question{Monitor: kyc.WatchOnUpdate, Who: kyc.InquiryData{LastName: "Ormolu"}})
	b.ask(Question{Monitor: kyc.WatchOnUpdate, Who: kyc.InquiryData{LastName: "Quennell"}})
	b.ask(Question{Monitor: kyc.WatchOnUpdate, Types: []kyc.InquiryType{kyc.InquiryMedia}, Who: kyc.InquiryData{LastName: "Ormolu"}}) // asks no list
	b.may = map[string]bool{"Ormolu": true}
	if n := b.work(); n != 0 {
		t.Errorf("%d asked although nothing changed", n)
	}
	b.lists[1].Version = "v2"
	b.found(hit("9"))
	if n := b.work(); n != 1 {
		t.Errorf("%d asked", n)
	}
	if n := b.work(); n != 0 {
		t.Errorf("%d asked again", n)
	}
	if told := b.told(); told["monitoring.new_hits"] != 1 {
		t.Errorf("told %v", told)
	}
	// A known hit is looked at whatever the comparison says.
	b.may = map[string]bool{}
	b.lists[1].Version = "v3"
	b.found()
	if n := b.work(); n != 1 {
		t.Errorf("%d asked because of what was known", n)
	}
	if got, err := b.Read(b.ctx, b.live, meant.ID); err != nil || got.Result != kyc.InquiryClear || got.Lists["un"] != "v3" {
		t.Errorf("%+v %v", got, err)
	}
	// A list that cannot be asked any more makes nobody clear.
	b.lists = b.lists[:1]
	b.answers["watchlist_screening"] = kyc.Answer{Status: kyc.StatusNotConfigured}
	if n := b.work(); n != 2 {
		t.Errorf("%d asked after a list vanished", n)
	}
	if got, err := b.Read(b.ctx, b.live, meant.ID); err != nil || got.Result != kyc.InquiryIncomplete {
		t.Errorf("%+v %v", got, err)
	}
}
