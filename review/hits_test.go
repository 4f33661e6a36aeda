package review

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
)

// found makes the checks of every run find these hits.
func (b *bench) found(hits ...FoundHit) {
	b.desk.OnFound(func(context.Context, kyc.Tenant, kyc.ID) ([]FoundHit, error) { return slices.Clone(hits), nil })
}

func hit(policy, id, party string) FoundHit {
	return FoundHit{Policy: policy, Mark: kyc.HitMark{List: "un", EntryID: id, Party: party, Entry: "entry " + id, Asked: "asked " + party}}
}

// reviewed is a case of a run whose screening found hits.
func (b *bench) reviewed(t *testing.T) kyc.Case {
	t.Helper()
	c := b.waiting(t, kyc.Filing{ReasonCode: "watchlist_hit"})
	c.RunID = kyc.NewID(b.now)
	c.Touch(b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&c}}); err != nil {
		t.Fatal(err)
	}
	return c
}

// counts are the words that count for the session of a case, as "id word".
func (b *bench) counts(t *testing.T, c kyc.Case) []string {
	t.Helper()
	s := b.store.sessions[c.SessionID]
	words, err := b.desk.Words(t.Context(), &s)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, w := range words {
		out = append(out, w.EntryID+" "+string(w.Word))
	}
	return out
}

func (b *bench) judge(t *testing.T, c kyc.Case, id, who string, word kyc.HitWord) kyc.Case {
	t.Helper()
	got, err := b.desk.JudgeHit(t.Context(), b.t, b.key, c.ID, 0, Judgement{List: "un", EntryID: id, Word: word, Reason: "Ada was born elsewhere", ReasonCode: "other_place", ReviewerID: who})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (b *bench) dual(on bool) {
	s := kyc.DefaultSettings()
	s.DualReview = on
	b.store.org.Settings = map[kyc.Env]kyc.Settings{kyc.Live: s}
}

func (b *bench) decide(t *testing.T, c kyc.Case, who string) {
	t.Helper()
	if _, err := b.desk.Decide(t.Context(), b.t, b.key, c.ID, 0, Word{ReviewerID: who, Outcome: kyc.Approved}); err != nil {
		t.Fatal(err)
	}
}

func TestAWordOnAHitIsKeptWithItsCase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.found(hit("watchlist_screening", "1", ""), hit("watchlist_screening", "2", ""), FoundHit{Policy: "adverse_media", Mark: kyc.HitMark{List: "press", EntryID: "9"}})
	c := b.reviewed(t)
	before := len(b.store.events)
	got := b.judge(t, c, "1", "anna@acme.example", kyc.HitFalse)
	if h := got.Private.Hits; len(h) != 1 || h[0].EntryID != "1" || h[0].Person != string(b.anna.ID) || h[0].Kept == "" || h[0].RunID != c.RunID || got.Rev != c.Rev+1 {
		t.Fatalf("%+v", got.Private.Hits)
	}
	if kept := b.store.words; len(kept) != 1 || kept[0].SubjectID != c.SubjectID || kept[0].CaseID != c.ID || kept[0].Waits || kept[0].Private.Hit.Entry != "entry 1" || kept[0].Private.Reason == "" {
		t.Errorf("%+v", kept)
	}
	var actions []string
	for _, e := range b.store.events[before:] {
		actions = append(actions, e.Action+" "+e.Reason)
		if raw, err := json.Marshal(e); err != nil || strings.Contains(string(raw), "Ada") || strings.Contains(string(raw), `"un"`) || e.SubjectID != c.SubjectID {
			t.Errorf("event %s (%v)", raw, err)
		}
	}
	slices.Sort(actions)
	if !slices.Equal(actions, []string{"case.judge_hit false_positive", "hit_review.create false_positive"}) {
		t.Errorf("events %v", actions)
	}
	if w := b.counts(t, c); !slices.Equal(w, []string{"1 false_positive"}) {
		t.Errorf("counting are %v", w)
	}
	b.judge(t, c, "1", "", kyc.HitTrue)
	if w := b.counts(t, c); !slices.Equal(w, []string{"1 true_positive"}) {
		t.Errorf("after another word %v count", w)
	}
	if w := got.WordOn("watchlist_screening", c.RunID, kyc.Hit{List: "un", EntryID: "2"}); w != "" {
		t.Errorf("the other hit is %q", w)
	}

	b.judge(t, c, "1", "", kyc.HitOpen)
	if w := b.counts(t, c); !slices.Equal(w, []string{"1 open"}) {
		t.Errorf("after the word was taken back %v count", w)
	}

	// A hit without a whole mark is judged in the case and not remembered.
	press, err := b.desk.JudgeHit(t.Context(), b.t, b.key, c.ID, 0, Judgement{List: "press", EntryID: "9", Word: kyc.HitFalse, Reason: "no"})
	if err != nil || len(press.Private.Hits) != 4 || press.Private.Hits[3].Kept != "" || len(b.store.words) != 3 {
		t.Errorf("%+v, %v", press.Private.Hits, err)
	}
	// So is every hit of a check that is corrected as a whole.
	whole, err := b.desk.Override(t.Context(), b.t, b.key, c.ID, 0, "watchlist_screening", "passed", "both are others")
	if err != nil || len(whole.Overrides) != 1 || whole.Overrides[0].RunID != c.RunID || len(whole.Private.Hits) != 6 {
		t.Fatalf("%+v, %v", whole, err)
	}
	if w := b.counts(t, c); !slices.Equal(w, []string{"1 false_positive", "2 false_positive"}) {
		t.Errorf("after the correction %v count", w)
	}
	// A new run of the same case finds another entry, of which nobody spoke.
	if w := whole.WordOn("watchlist_screening", "another", kyc.Hit{List: "un", EntryID: "3"}); w != "" {
		t.Errorf("a hit that came later is %q", w)
	}
	if w := whole.WordOn("watchlist_screening", "another", kyc.Hit{List: "un", EntryID: "2"}); w != kyc.HitFalse {
		t.Errorf("a hit that was judged is %q", w)
	}
}

func TestAFalsePositiveOfTwoPeopleWaitsForTheSecond(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.dual(true)
	b.found(hit("watchlist_screening", "1", ""), hit("watchlist_screening", "2", ""), hit("watchlist_screening", "3", ""))
	c := b.reviewed(t)
	b.judge(t, c, "1", "anna@acme.example", kyc.HitFalse)
	b.judge(t, c, "3", "anna@acme.example", kyc.HitTrue)
	if w := b.counts(t, c); !slices.Equal(w, []string{"3 true_positive"}) {
		t.Errorf("before any decision %v count", w)
	}
	b.decide(t, c, "anna@acme.example")
	b.judge(t, c, "2", "ben@acme.example", kyc.HitFalse)
	if w := b.counts(t, c); !slices.Equal(w, []string{"3 true_positive"}) {
		t.Errorf("after the first decision %v count", w)
	}
	b.decide(t, c, "ben@acme.example")
	if w := b.counts(t, c); !slices.Equal(w, []string{"1 false_positive", "3 true_positive"}) {
		t.Errorf("after the second decision %v count", w)
	}

	// A run that ends without a person agrees with nobody.
	c = b.reviewed(t)
	b.judge(t, c, "1", "anna@acme.example", kyc.HitFalse)
	closed := b.store.cases[c.ID]
	events, err := b.desk.Close(t.Context(), &closed, b.now, kyc.Closing{Outcome: kyc.Approved, By: kyc.SystemActor("engine"), Code: "approved"})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&closed}, Events: events}); err != nil {
		t.Fatal(err)
	}
	if w := b.counts(t, c); len(w) != 0 {
		t.Errorf("after the machine's end %v count", w)
	}
}

func TestWhoMadeASessionClearsNoneOfItsHitsAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.found(hit("watchlist_screening", "1", ""))
	c := b.reviewed(t)
	anna := kyc.Actor{Kind: kyc.ActorUser, ID: string(b.anna.ID)}
	b.store.events = append(b.store.events, kyc.Event{Action: "session.create", Object: "session", ObjectID: c.SessionID, Actor: anna})
	if _, err := b.desk.JudgeHit(t.Context(), b.t, anna, c.ID, 0, Judgement{List: "un", EntryID: "1", Word: kyc.HitFalse, Reason: "I know her"}); err != nil {
		t.Fatal(err)
	}
	if w := b.counts(t, c); len(w) != 0 {
		t.Errorf("%v count", w)
	}
	b.decide(t, c, "ben@acme.example")
	if w := b.counts(t, c); !slices.Equal(w, []string{"1 false_positive"}) {
		t.Errorf("after another person's decision %v count", w)
	}
}

func TestWordsAreOfOneTenantEnvironmentAndSubject(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.found(hit("watchlist_screening", "1", ""))
	c := b.reviewed(t)
	b.judge(t, c, "1", "", kyc.HitFalse)
	mine := b.store.sessions[c.SessionID]
	for name, change := range map[string]func(s *kyc.Session){
		"another environment": func(s *kyc.Session) { s.Tenant.Env = kyc.Sandbox },
		"another tenant":      func(s *kyc.Session) { s.Tenant.Org = "other" },
		"another subject":     func(s *kyc.Session) { s.SubjectID = "other" },
		"nobody":              func(s *kyc.Session) { s.SubjectID, s.ID = "", "" },
	} {
		s := mine
		change(&s)
		if words, err := b.desk.Words(t.Context(), &s); err != nil || len(words) != 0 {
			t.Errorf("%s: %d words (%v)", name, len(words), err)
		}
	}
	b.store.words[0].Private = kyc.HitReviewData{Unreadable: true}
	if w := b.counts(t, c); len(w) != 0 {
		t.Errorf("words that cannot be read count: %v", w)
	}
}

func TestWordsOnHitsAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.found(hit("watchlist_screening", "1", "Ada"), hit("watchlist_screening", "1", "Eve"))
	c := b.reviewed(t)
	good := Judgement{List: "un", EntryID: "1", Word: kyc.HitFalse, Reason: "no"}
	try := func(who kyc.Actor, id kyc.ID, rev int64, change func(j *Judgement)) error {
		j := good
		change(&j)
		_, err := b.desk.JudgeHit(t.Context(), b.t, who, id, rev, j)
		return err
	}
	for name, x := range map[string]struct {
		err  error
		code string
	}{
		"no such word":  {try(b.key, c.ID, 0, func(j *Judgement) { j.Word = "perhaps" }), "invalid_case_action"},
		"no reason":     {try(b.key, c.ID, 0, func(j *Judgement) { j.Reason = " " }), "invalid_case_action"},
		"long reason":   {try(b.key, c.ID, 0, func(j *Judgement) { j.Reason = strings.Repeat("x", maxReason+1) }), "invalid_case_action"},
		"no code":       {try(b.key, c.ID, 0, func(j *Judgement) { j.ReasonCode = "No Code" }), "invalid_case_action"},
		"no such hit":   {try(b.key, c.ID, 0, func(j *Judgement) { j.EntryID = "2" }), "not_found"},
		"no such list":  {try(b.key, c.ID, 0, func(j *Judgement) { j.List = "eu" }), "not_found"},
		"no such party": {try(b.key, c.ID, 0, func(j *Judgement) { j.Party = "Bea" }), "not_found"},
		"no such check": {try(b.key, c.ID, 0, func(j *Judgement) { j.Policy = "aml_pep" }), "not_found"},
		"no such case":  {try(b.key, kyc.NewID(b.now), 0, func(*Judgement) {}), "not_found"},
		"a stale case":  {try(b.key, c.ID, 99, func(*Judgement) {}), "etag_mismatch"},
		"somebody else": {try(kyc.Actor{Kind: kyc.ActorUser, ID: string(b.anna.ID)}, c.ID, 0, func(j *Judgement) { j.ReviewerID = "ben@acme.example" }), "not_yourself"},
	} {
		if !kyc.IsCode(x.err, x.code) {
			t.Errorf("%s: %v, want %s", name, x.err, x.code)
		}
	}
	if err := try(b.key, c.ID, 0, func(j *Judgement) { j.Reason, j.Word, j.List = "", "", "" }); len(kyc.AsError(err).Problems) != 3 {
		t.Errorf("three mistakes are told as %+v", err)
	}
	if len(b.store.words) != 0 {
		t.Errorf("%d words are kept", len(b.store.words))
	}
	if err := try(b.key, c.ID, 0, func(j *Judgement) { j.Party = "Eve" }); err != nil || len(b.store.words) != 1 || b.store.words[0].Private.Hit.Asked != "asked Eve" {
		t.Errorf("one party: %v, %+v", err, b.store.words)
	}
	if _, err := b.desk.Claim(t.Context(), b.t, b.key, c.ID, 0, "anna@acme.example"); err != nil {
		t.Fatal(err)
	}
	if err := try(b.key, c.ID, 0, func(j *Judgement) { j.ReviewerID = "ben@acme.example" }); !kyc.IsCode(err, "not_claimable") {
		t.Errorf("of a case that somebody has: %v", err)
	}
	b.decide(t, c, "anna@acme.example")
	if err := try(b.key, c.ID, 0, func(*Judgement) {}); !kyc.IsCode(err, "already_decided") {
		t.Errorf("of a decided case: %v", err)
	}
}
