package monitor

import (
	"testing"
	"time"

	"bonafide/kyc"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	h := hit("un", "7", "X", 0.9)
	known := kyc.MatchState{Hash: matchHash(h), List: "un", EntryID: "7", Status: FalsePositive, Score: 0.8, Since: now.Add(-time.Hour)}
	fresh := []kyc.ListVersion{{List: "un", Status: kyc.StatusOK}}
	ofac := []kyc.ListVersion{{List: "ofac_sdn", Status: kyc.StatusOK}}
	changed := h
	changed.Name = "Y"
	for name, c := range map[string]struct {
		screening            Screening
		monitored            []string
		left                 int
		added, changed, gone int
		status               string
	}{
		"the same":                    {Screening{Status: kyc.StatusOK, Lists: fresh, Hits: []kyc.Hit{h}}, nil, 1, 0, 0, 0, FalsePositive},
		"the entry changed":           {Screening{Status: kyc.StatusOK, Lists: fresh, Hits: []kyc.Hit{changed}}, nil, 1, 0, 1, 0, MatchOpen},
		"the entry is gone":           {Screening{Status: kyc.StatusOK, Lists: fresh}, nil, 0, 0, 0, 1, ""},
		"another entry":               {Screening{Status: kyc.StatusOK, Lists: fresh, Hits: []kyc.Hit{h, hit("un", "8", "X", 0.8)}}, nil, 2, 1, 0, 0, FalsePositive},
		"too many hits to know":       {Screening{Status: kyc.StatusOK, Lists: fresh, Cut: true}, nil, 1, 0, 0, 0, FalsePositive},
		"the list is stale":           {Screening{Status: kyc.StatusStale, Lists: []kyc.ListVersion{{List: "un", Status: kyc.StatusStale}}}, nil, 1, 0, 0, 0, FalsePositive},
		"the list vanished":           {Screening{Status: kyc.StatusOK, Lists: ofac}, nil, 1, 0, 0, 0, FalsePositive},
		"the list is watched no more": {Screening{Status: kyc.StatusOK, Lists: ofac}, []string{"ofac_sdn"}, 0, 0, 0, 1, ""},
		"watched no more, unclear":    {Screening{Status: kyc.StatusStale, Lists: ofac}, []string{"ofac_sdn"}, 1, 0, 0, 0, FalsePositive},
		"nothing answered":            {Screening{Status: kyc.StatusError}, nil, 1, 0, 0, 0, FalsePositive},
		"the question was not put":    {Screening{Status: kyc.StatusError, Lists: fresh}, nil, 1, 0, 0, 0, FalsePositive},
		"a hit on a stale list":       {Screening{Status: kyc.StatusStale, Hits: []kyc.Hit{h, hit("eu", "1", "X", 0.8)}}, nil, 2, 1, 0, 0, FalsePositive},
	} {
		next, d := compare([]kyc.MatchState{known}, c.screening, c.monitored, now)
		if len(next) != c.left || len(d.added) != c.added || len(d.changed) != c.changed || len(d.gone) != c.gone || d.any() != (c.added+c.changed+c.gone > 0) {
			t.Errorf("%s: %+v %+v", name, next, d)
			continue
		}
		if c.left > 0 && (next[0].Status != c.status || !next[0].Since.Equal(known.Since)) {
			t.Errorf("%s: %+v", name, next[0])
		}
	}
	if known.Status != FalsePositive {
		t.Error("compare changed its input")
	}
}

func TestAssess(t *testing.T) {
	t.Parallel()
	checked := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	party := func(status string) []kyc.Watched {
		w := kyc.Watched{LastCheckedAt: checked}
		if status != "" {
			w.Private.Matches = []kyc.MatchState{{List: "un", EntryID: "7", Status: status}}
		}
		return []kyc.Watched{w}
	}
	for name, c := range map[string]struct {
		e     Evidence
		level string
		score int
	}{
		"nothing known":          {Evidence{}, RiskUnknown, 0},
		"approved":               {Evidence{SessionID: "s", Decision: "approved", Lists: "clear"}, RiskLow, 0},
		"approved without lists": {Evidence{SessionID: "s", Decision: "approved", Lists: "not_run"}, RiskMedium, 30},
		"lists failed":           {Evidence{SessionID: "s", Decision: "approved", Lists: "error"}, RiskMedium, 50},
		"flagged":                {Evidence{SessionID: "s", Decision: "flagged", Lists: "clear"}, RiskMedium, 40},
		"waits for a person":     {Evidence{SessionID: "s", Decision: "manual_review", Lists: "clear"}, RiskMedium, 50},
		"rejected":               {Evidence{SessionID: "s", Decision: "rejected", Lists: "clear"}, RiskHigh, 80},
		"an open hit":            {Evidence{SessionID: "s", Decision: "approved", Lists: "hit", Hits: []Listed{{"un", "1", MatchOpen}}}, RiskHigh, 75},
		"a false hit":            {Evidence{SessionID: "s", Decision: "approved", Lists: "hit", Hits: []Listed{{"un", "1", FalsePositive}}}, RiskLow, 5},
		"news":                   {Evidence{SessionID: "s", Decision: "approved", Lists: "clear", Media: "hit"}, RiskHigh, 70},
		"monitored and clear":    {Evidence{Watched: party("")}, RiskLow, 0},
		"never checked":          {Evidence{Watched: []kyc.Watched{{}}}, RiskUnknown, 0},
		"monitored, open":        {Evidence{Watched: party(MatchOpen)}, RiskHigh, 75},
		"monitored, true":        {Evidence{Decision: "approved", SessionID: "s", Lists: "clear", Watched: party(TruePositive)}, RiskHigh, 100},
	} {
		got := Assess(c.e)
		if got.Level != c.level || got.Score != c.score {
			t.Errorf("%s: %+v, want %s %d", name, got, c.level, c.score)
		}
	}
}

// A birth date or an alias that a list adds is no part of what a match shows, and
// a reviewer judged the entry without it.
func TestAFalsePositiveIsOpenWhenAnythingOfItsEntryChanges(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	h := hit("un", "7", "X", 0.9)
	answer := func(says string) Screening {
		var s Screening
		a := kyc.Answer{Status: kyc.StatusOK, Hits: []kyc.Hit{h}, Lists: []kyc.ListVersion{{List: "un", Status: kyc.StatusOK}}}
		if says != "" {
			a.Marks = []kyc.HitMark{{List: "un", EntryID: "7", Entry: says}}
		}
		s.join(a)
		return s
	}
	known, d := compare(nil, answer("born 1960"), nil, now)
	if len(d.added) != 1 {
		t.Fatalf("%+v", d)
	}
	for _, c := range []struct {
		says, status string
		changed      int
	}{
		{"born 1960", FalsePositive, 0}, {"", FalsePositive, 0}, {"born 1960", FalsePositive, 0}, {"born 1957", MatchOpen, 1}, {"born 1957", FalsePositive, 0},
	} {
		known[0].Status = FalsePositive
		if known, d = compare(known, answer(c.says), nil, now); len(known) != 1 || known[0].Status != c.status || len(d.changed) != c.changed {
			t.Errorf("%q: %+v %+v", c.says, known, d)
		}
	}
	known[0].Entry, known[0].Status = "", FalsePositive // as earlier versions stored it
	if known, d = compare(known, answer("born 1957"), nil, now); d.any() || known[0].Status != FalsePositive || known[0].Entry == "" {
		t.Errorf("%+v %+v", known, d)
	}
}

// A node that has not read the new content of a list yet takes no match away
// that another one found in it; otherwise it would be told of twice.
func TestAnOlderListTakesNoMatchAway(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	list := func(asOf time.Time, hits ...kyc.Hit) Screening {
		return Screening{Status: kyc.StatusOK, Hits: hits, Lists: []kyc.ListVersion{{List: "un", Version: asOf.String(), AsOf: asOf, Status: kyc.StatusOK}}}
	}
	known, d := compare(nil, list(at.Add(time.Hour), kyc.Hit{List: "un", EntryID: "1", Name: "A"}), nil, at)
	if len(d.added) != 1 {
		t.Fatalf("%+v", d)
	}
	known, d = compare(known, list(at), nil, at)
	if len(known) != 1 || d.any() {
		t.Errorf("an older list: %+v", d)
	}
	if known, d = compare(known, list(at.Add(2*time.Hour)), nil, at); len(known) != 0 || len(d.gone) != 1 {
		t.Errorf("a newer list: %+v", d)
	}
}
