package screen_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/screen"
)

var riskDay = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func riskOf(t *testing.T, h kyc.Hit, source string) float64 {
	t.Helper()
	risk, rows := screen.Risk(h, source, riskDay)
	sum := 0.0
	for _, r := range rows {
		sum += r.Points
	}
	if math.Abs(sum-risk) > 1e-9 || risk < 0 || risk > 1 {
		t.Fatalf("the rows of %+v add up to %v, the risk is %v: %+v", h, sum, risk, rows)
	}
	return risk
}

func TestRiskFollowsTheReasonForTheListing(t *testing.T) {
	t.Parallel()
	office := func(level, until string) []kyc.Position {
		return []kyc.Position{{Title: "Warden of Tides", Level: level, Until: until}}
	}
	pep := []string{"role.pep"}
	falling := []struct {
		what   string
		hit    kyc.Hit
		source string
	}{
		{"a terrorist on the UN's list", kyc.Hit{Programs: []string{"Al-Qaida"}}, "un"},
		{"a terrorist on OFAC's list", kyc.Hit{Programs: []string{"FTO", "SDGT"}}, "ofac_sdn"},
		{"a trafficker on OFAC's list", kyc.Hit{Programs: []string{"SDNTK"}}, "ofac_sdn"},
		{"a plain entry on OFAC's list", kyc.Hit{Programs: []string{"BELARUS"}}, "ofac_sdn"},
		{"the same by a weak alias", kyc.Hit{Programs: []string{"BELARUS"}, NameQuality: "weak"}, "ofac_sdn"},
		{"a sanction as a collection says it", kyc.Hit{Topics: []string{"sanction"}}, "ftm"},
		{"a crime", kyc.Hit{Topics: []string{"crime"}}, "ftm"},
		{"a debarment", kyc.Hit{Topics: []string{"debarment"}}, "ftm"},
		{"a national office", kyc.Hit{Topics: pep, Positions: office("national", "")}, "ftm"},
		{"an office of unknown reach", kyc.Hit{Topics: pep}, "ftm"},
		{"a regional office", kyc.Hit{Topics: pep, Positions: office("regional", "")}, "ftm"},
		{"a local office", kyc.Hit{Topics: pep, Positions: office("local", "")}, "ftm"},
		{"a relative", kyc.Hit{Topics: []string{"role.rca"}}, "ftm"},
	}
	before := 1.1
	for _, c := range falling {
		risk := riskOf(t, c.hit, c.source)
		if risk >= before {
			t.Errorf("%s has %v, what stands above it has %v", c.what, risk, before)
		}
		before = risk
	}
}

func TestRiskOfAnOfficeFallsWhenAllOfThemAreOver(t *testing.T) {
	t.Parallel()
	pep := func(p ...kyc.Position) kyc.Hit { return kyc.Hit{Topics: []string{"role.pep"}, Positions: p} }
	held := riskOf(t, pep(kyc.Position{Level: "national"}), "ftm")
	for _, until := range []string{"2027", "2026", "2026-03", "2026-03-01"} {
		if got := riskOf(t, pep(kyc.Position{Level: "national", Until: until}), "ftm"); got != held {
			t.Errorf("until %s counts as over on %s", until, riskDay.Format(time.DateOnly))
		}
	}
	for _, until := range []string{"2025", "2026-02", "2026-02-28"} {
		if got := riskOf(t, pep(kyc.Position{Level: "national", Until: until}), "ftm"); got >= held {
			t.Errorf("until %s counts as held on %s", until, riskDay.Format(time.DateOnly))
		}
	}
	if got := riskOf(t, pep(kyc.Position{Level: "national", Until: "2020"}, kyc.Position{Level: "local"}), "ftm"); got >= held {
		t.Errorf("a local office counts as the national one that is over: %v", got)
	}
	if riskOf(t, pep(kyc.Position{Level: "national", Until: "2020"}), "ftm") <= riskOf(t, kyc.Hit{Topics: []string{"role.rca"}}, "ftm") {
		t.Error("a former minister stands below a present relative")
	}
}

// TestRiskNeverFallsWithOneMoreReason adds topics, programmes and authority to
// hits made at random.
func TestRiskNeverFallsWithOneMoreReason(t *testing.T) {
	t.Parallel()
	topics := []string{"sanction", "sanction.linked", "crime", "crime.terror", "crime.fin", "debarment", "role.pep", "role.rca", "role.judge", "reg.action", "poi", "export.control", "made.up", "asset.frozen"}
	programs := []string{"SDGT", "NPWMD", "BELARUS", "SDNTK", "CYBER2", "GLOMAG", "Al-Qaida", "made up"}
	levels := []string{"", "international", "national", "regional", "local"}
	ends := []string{"", "2020", "2026-02", "2030-01-01"}
	r := rand.New(rand.NewPCG(1, 2))
	some := func(from []string) (out []string) {
		for _, s := range from {
			if r.IntN(4) == 0 {
				out = append(out, s)
			}
		}
		return out
	}
	for range 3000 {
		h := kyc.Hit{Topics: some(topics), Programs: some(programs), NameQuality: []string{"primary", "weak"}[r.IntN(2)]}
		for range r.IntN(3) {
			h.Positions = append(h.Positions, kyc.Position{Level: levels[r.IntN(len(levels))], Until: ends[r.IntN(len(ends))]})
		}
		source := []string{"ftm", "csv", "un", "ofac_sdn", "us_dpl", "demo", ""}[r.IntN(7)]
		before := riskOf(t, h, source)
		more := h
		// An entry of which no reason is known is taken for graver than the
		// slightest reasons; all others only gain.
		if len(h.Topics) > 0 || slices.Contains([]string{"un", "ofac_sdn", "us_dpl"}, source) {
			more.Topics = append(slices.Clone(h.Topics), topics[r.IntN(len(topics))])
			if got := riskOf(t, more, source); got < before {
				t.Fatalf("%v has %v, with %v it has %v", h.Topics, before, more.Topics, got)
			}
		}
		more = h
		more.Programs = append(slices.Clone(h.Programs), programs[r.IntN(len(programs))])
		if got := riskOf(t, more, source); got < before {
			t.Fatalf("%v has %v, with %v it has %v", h.Programs, before, more.Programs, got)
		}
		// The strength of the match says nothing about the risk.
		other := h
		other.Score, other.Features, other.MatchedName, other.Name = r.Float64(), []kyc.HitFeature{{Name: "word", Points: r.Float64()}}, "Somebody Else", "X"
		if got := riskOf(t, other, source); got != before {
			t.Fatalf("the score changed the risk from %v to %v", before, got)
		}
	}
}
