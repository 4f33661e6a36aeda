package screen

import (
	"path/filepath"
	"reflect"
	"testing"

	"bonafide/roster"
	"bonafide/spelling"
)

// The best ten are the first ten of all: who asks for few has only those names
// scored that can come among them.
func TestTheBestAreTheFirstOfAll(t *testing.T) {
	t.Parallel()
	s := crowd(t)
	left := 0
	x := s.state.Load().lists["crowd"].index
	for i := range 60 {
		q := Query{Name: x.nameText(i*487) + " " + x.spelled(uint32(i*7)), Limit: 3}
		switch i % 3 {
		case 1:
			q.DateOfBirth, q.Type = "1970-01-01", roster.TypeEntity
		case 2:
			q.Threshold = 0.3
		}
		few := s.Match(q).Hits
		q.Limit = maxPodium + 1
		all := s.Match(q).Hits
		left += len(all) - len(few)
		if all = all[:min(len(all), 3)]; !reflect.DeepEqual(few, all) {
			t.Errorf("%s: the best three are not the first of all:\n%+v\n%+v", q.Name, few, all)
		}
	}
	if left < 200 {
		t.Errorf("only %d hits were left out: the test is too easy", left)
	}
}

// No name has more points than reach says, before and after its words are
// measured.
func TestReachBoundsThePoints(t *testing.T) {
	t.Parallel()
	s := realLists(t)
	d := s.state.Load().words
	m := d.members["ofac"]
	cases := readCases(t, filepath.Join(dataFolder(t), "screening-bench", "dev", "cases.jsonl"))
	compared, bounded := 0, 0
	for i := 0; i < len(cases); i += 23 {
		p, err := prepare(Query{Name: cases[i].Query})
		if err != nil {
			continue
		}
		sc := d.scratch.Get().(*scratch)
		sc.ask(d, []*member{m})
		for _, q := range p.names {
			b := d.newBoard(sc, q)
			a, names := b.candidates(m, minHit, nil)
			b.enlist([][]uint32{names}, true)
			before := map[uint32]int{}
			for i := range b.listed(0) {
				e := &b.listed(0)[i]
				before[e.name] = a.reach(e)
			}
			b.settleAll()
			for i := range b.listed(0) {
				e := &b.listed(0)[i]
				n, after, points := e.name, a.reach(e), a.nameScore(e)
				if points > after || points > before[n] {
					t.Fatalf("%s with %s has %d points, at most %d and before %d were possible", cases[i].Query, m.nameText(int(n)), points, after, before[n])
				}
				compared++
				if before[n] < 3000 {
					bounded++
				}
			}
		}
		sc.done()
		d.scratch.Put(sc)
	}
	if compared < 10000 || bounded < compared/20 {
		t.Errorf("%d names were compared, %d of them with a low bound: the test is too easy", compared, bounded)
	}
}

// Words that are misspelt in two places still share most of their sounds, and
// words that identify nobody have none.
func TestSoundsOutlastSlips(t *testing.T) {
	t.Parallel()
	of := func(name string) spelling.Sounds { return spelling.SoundsOfName(spelling.Tokenize(name)) }
	for _, pair := range [][2]string{{"Abdurrahmanov", "Abdurehmanow"}, {"Schwarzenberg", "Shvartsenberk"}, {"Kowalczyk", "Kovalchuk"}} {
		if got := of(pair[0]).Shared(of(pair[1])); got < 0.5 {
			t.Errorf("%s and %s share %.2f of their sounds", pair[0], pair[1], got)
		}
	}
	if of("Ltd") != 0 || of("the al") != 0 {
		t.Error("words that identify nobody have sounds")
	}
	if got := of("Petrov").Shared(of("Nakagami")); got > 0.3 {
		t.Errorf("two different words share %.2f of their sounds", got)
	}
}

// Who wants what is nearest gets hits that score the share of the best one, which
// is that of everything. Fewer names are looked at for it, so that one of the
// last may be missing.
func TestNearestIsAPartOfEverything(t *testing.T) {
	t.Parallel()
	s := crowd(t)
	x := s.state.Load().lists["crowd"].index
	left, wanted, got := 0, 0, 0
	for i := range 40 {
		q := Query{Name: x.nameText(i*731) + " " + x.spelled(uint32(i*5)), Limit: 20}
		all := s.Match(q).Hits
		q.Beside = 0.6
		near := s.Match(q).Hits
		want := all[:0:0]
		for _, h := range all {
			if int(h.Score*pointScale+0.5) >= int(all[0].Score*pointScale+0.5)*600/1000 {
				want = append(want, h)
			}
		}
		left, wanted, got = left+len(all)-len(want), wanted+len(want), got+len(near)
		if !reflect.DeepEqual(near[0], all[0]) {
			t.Errorf("%s: the best is %+v, not %+v", q.Name, near[0], all[0])
		}
		for _, h := range near {
			if h.Score*pointScale+0.5 < float64(int(all[0].Score*pointScale+0.5)*600/1000) {
				t.Errorf("%s: %s scores %v, the best %v", q.Name, h.MatchedName, h.Score, all[0].Score)
			}
		}
	}
	if left < 100 || got < wanted*9/10 {
		t.Errorf("%d hits were left out, %d of %d that are near enough were found", left, got, wanted)
	}
}
