package kyc

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strconv"
	"testing"
)

// The draw takes the share that was asked for, whoever keeps the key, and whatever
// is in a share is in each larger one.
func TestADrawTakesItsShare(t *testing.T) {
	t.Parallel()
	const cases = 20_000
	counts := map[float64]int{0.01: 0, 1: 0, 12.5: 0, 50: 0, 99.99: 0, 100: 0}
	for i := range cases {
		mac := hmac.New(sha256.New, []byte("a tenant's key"))
		mac.Write([]byte(strconv.Itoa(i)))
		mark := hex.EncodeToString(mac.Sum(nil))
		before := false
		for _, share := range []float64{0.01, 1, 12.5, 50, 99.99, 100} {
			got := QualityDrawn(mark, share)
			if got {
				counts[share]++
			}
			if before && !got {
				t.Fatalf("case %d is in a share below %v and not in it", i, share)
			}
			before = got
		}
		if QualityDrawn(mark, 0) {
			t.Fatalf("case %d is drawn from nothing", i)
		}
	}
	for share, n := range counts {
		want := share / 100 * cases
		// Five standard deviations of a binomial distribution; the marks are fixed.
		if bound := 5*math.Sqrt(want*(1-share/100)) + 1; math.Abs(float64(n)-want) > bound {
			t.Errorf("%v %% of %d cases drew %d", share, cases, n)
		}
	}
	if counts[100] != cases {
		t.Errorf("all is %d of %d", counts[100], cases)
	}
	if !QualityDrawn("no hex", 1) || !QualityDrawn("00ff", 1) {
		t.Error("a case whose mark cannot be told is passed over")
	}
}

func TestAQueuesSharesGoBeforeThoseOfTheEnvironment(t *testing.T) {
	t.Parallel()
	none, half := 0.0, 50.0
	s := Settings{Quality: QualityShares{Share: 10, Rejections: &half}, Queues: []ReviewQueue{{Name: "plain"}, {Name: "own", Quality: &QualityShares{Share: 5, Approvals: &none}}}}
	for _, c := range []struct {
		queue   string
		outcome Outcome
		want    float64
	}{{"nowhere", Approved, 10}, {"plain", Rejected, 50}, {"own", Approved, 0}, {"own", Rejected, 5}} {
		if got := s.QualityShare(c.queue, c.outcome); got != c.want {
			t.Errorf("%s, %s: %v, want %v", c.queue, c.outcome, got, c.want)
		}
	}
	if got := (Settings{}).QualityShare("default", Approved); got != 0 {
		t.Errorf("without a setting %v %% are drawn", got)
	}
}

func TestSharesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	low, fine, nan := -0.5, 0.07, math.NaN()
	got := QualityShares{Share: 100.5, Approvals: &low, Rejections: &nan}.Problems("/quality")
	got = append(got, QualityShares{Share: 0.125, Approvals: &fine}.Problems("/own")...)
	want := map[string]string{"/quality/share": "out_of_range", "/quality/approvals": "out_of_range", "/quality/rejections": "out_of_range", "/own/share": "too_precise"}
	for _, p := range got {
		if want[p.Path] != p.Code {
			t.Errorf("%+v is not among the problems", p)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d", len(got), len(want))
	}
}

// Nothing that tells of the decision is left for the checker, and the case itself
// stays as it was.
func TestABlindedCaseTellsNothing(t *testing.T) {
	t.Parallel()
	c := Case{Status: CaseRejected, AssignedTo: "eve", Queue: "q", ReasonCode: "list_hit", RunID: "run", First: &CaseDecision{}, Decision: &CaseDecision{}, Escalation: &Escalation{},
		FourEyes: true, Overrides: []CheckOverride{{}}, Quality: &QualityCheck{ReasonCode: "forged"},
		Private: CaseData{First: "a", Decision: "b", Escalation: "c", Overrides: []string{"d"}, Metadata: map[string]any{"e": 1}, Hits: []JudgedHit{{Word: HitTrue}}, Quality: "f"}}
	b := c.Blinded()
	if b.Status.Decided() || b.AssignedTo != "" || b.First != nil || b.Decision != nil || b.Escalation != nil || len(b.Overrides) != 0 || b.Quality != nil || b.FourEyes || !b.Private.Empty() {
		t.Errorf("left: %+v", b)
	}
	if b.Queue != "q" || b.ReasonCode != "list_hit" || b.RunID != "run" {
		t.Errorf("the evidence is gone, too: %+v", b)
	}
	if c.Status != CaseRejected || c.Decision == nil || c.Private.Decision != "b" {
		t.Errorf("the case was changed: %+v", c)
	}
}

func TestWhoTookPart(t *testing.T) {
	t.Parallel()
	user := func(id string) Actor { return Actor{Kind: ActorUser, ID: id} }
	for name, c := range map[string]Case{
		"first reviewer":  {First: &CaseDecision{ReviewerID: "u1"}},
		"second reviewer": {Decision: &CaseDecision{ReviewerID: "U1"}},
		"by a key":        {Decision: &CaseDecision{ReviewerID: "key", By: Actor{Kind: ActorKey, ID: "key", OnBehalfOf: "Ada@example.org"}}},
		"handed over":     {Escalation: &Escalation{From: "u1"}},
		"corrected":       {Overrides: []CheckOverride{{By: user("u1")}}},
		"judged a hit":    {Private: CaseData{Hits: []JudgedHit{{Person: "ada@example.org"}}}},
	} {
		if !c.TookPart([]string{"u1", "ada@example.org"}) {
			t.Errorf("%s: took no part", name)
		}
		if c.TookPart([]string{"u2", "eve@example.org"}) || c.TookPart([]string{""}) {
			t.Errorf("%s: so did somebody else", name)
		}
	}
	if c := (&Case{Decision: &CaseDecision{By: SystemActor("engine")}}); c.TookPart([]string{"engine"}) {
		t.Error("the program is taken for a person")
	}
}
