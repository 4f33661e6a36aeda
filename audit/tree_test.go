package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// rootOf is the tree hash as RFC 6962, section 2.1, defines it, word by word.
func rootOf(leaves [][]byte) []byte {
	switch n := len(leaves); n {
	case 0:
		sum := sha256.Sum256(nil)
		return sum[:]
	case 1:
		sum := sha256.Sum256(append([]byte{0}, leaves[0]...))
		return sum[:]
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		sum := sha256.Sum256(append(append([]byte{1}, rootOf(leaves[:k])...), rootOf(leaves[k:])...))
		return sum[:]
	}
}

// dayOf is the root of a whole chain as one day.
func dayOf(t *testing.T, date string, events []kyc.Event, previous *Day) Day {
	t.Helper()
	tree := NewTree()
	for _, e := range events {
		if err := tree.Add(e.Hash); err != nil {
			t.Fatal(err)
		}
	}
	d := Day{Org: "org", Day: date, FirstSeq: events[0].Seq, LastSeq: events[len(events)-1].Seq, Size: tree.Size(), Root: tree.Root(), Head: events[len(events)-1].Hash}
	if previous != nil {
		d.Previous = previous.Digest()
	}
	return d
}

func proveAll(t *testing.T, d Day, events []kyc.Event, e kyc.Event) Proof {
	t.Helper()
	p, err := NewProver(d, e)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range events {
		if err := p.Add(x.Hash); err != nil {
			t.Fatal(err)
		}
	}
	out, err := p.Proof()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheRootIsThatOfRFC6962AndEveryEventIsProved(t *testing.T) {
	t.Parallel()
	if got := NewTree().Root(); got != hex.EncodeToString(rootOf(nil)) {
		t.Errorf("the root of nothing is %s", got)
	}
	if NewTree().Add("nonsense") == nil || NewTree().Add(strings.Repeat("AB", 32)) == nil {
		t.Error("something else than a hash was added")
	}
	all := chain(t, 33)
	for n := 1; n <= len(all); n++ {
		events := all[:n]
		leaves := make([][]byte, n)
		for i, e := range events {
			leaves[i], _ = hex.DecodeString(e.Hash)
		}
		d := dayOf(t, "2026-01-02", events, nil)
		if want := hex.EncodeToString(rootOf(leaves)); d.Root != want {
			t.Fatalf("of %d events the root is %s, want %s", n, d.Root, want)
		}
		for _, e := range events {
			p := proveAll(t, d, events, e)
			if err := p.Check(); err != nil {
				t.Fatalf("event %d of %d: %v", e.Seq, n, err)
			}
			raw, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			again, err := ReadProof(raw)
			if err != nil || again.Check() != nil || again.Day != d {
				t.Fatalf("read back: %v %v", err, again.Check())
			}
		}
	}
}

func TestAProofOfSomethingElseDoesNotHold(t *testing.T) {
	t.Parallel()
	events := chain(t, 9)
	d := dayOf(t, "2026-01-02", events, nil)
	good := proveAll(t, d, events, events[4])
	for name, spoil := range map[string]func(*Proof){
		"another reason":      func(p *Proof) { p.Event.Reason = "x" },
		"another hash":        func(p *Proof) { p.Event.Hash = events[5].Hash },
		"another event":       func(p *Proof) { p.Event = events[5] },
		"another place":       func(p *Proof) { p.Event.Seq++ },
		"another root":        func(p *Proof) { p.Day.Root = p.Day.Head },
		"another size":        func(p *Proof) { p.Day.Size, p.Day.LastSeq = 5, 5 },
		"another house":       func(p *Proof) { p.Day.Org = "other" },
		"no path":             func(p *Proof) { p.Path = nil },
		"a path with no hash": func(p *Proof) { p.Path[0] = "x" },
		"a longer path":       func(p *Proof) { p.Path = append(p.Path, p.Path[0]) },
		"a turned path":       func(p *Proof) { p.Path[0], p.Path[1] = p.Path[1], p.Path[0] },
		"no day":              func(p *Proof) { p.Day = Day{} },
		"another type":        func(p *Proof) { p.Type = "x" },
		"sealed anew": func(p *Proof) {
			p.Event.Reason = "x"
			draft, err := Prepare(p.Event)
			if err != nil {
				t.Fatal(err)
			}
			p.Event.Hash = draft.Seal(p.Event.Seq, p.Event.PrevHash)
		},
	} {
		p := good
		p.Path = append([]string(nil), good.Path...)
		spoil(&p)
		if p.Check() == nil {
			t.Errorf("%s: the proof holds", name)
		}
	}
	if _, err := NewProver(d, kyc.Event{Seq: 10, Tenant: events[0].Tenant}); err == nil {
		t.Error("an event outside the day was proved")
	}
	p, err := NewProver(d, events[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events[:8] {
		if err := p.Add(e.Hash); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Proof(); !kyc.IsCode(err, "root_differs") {
		t.Errorf("of eight of nine events: %v", err)
	}
}

// Whoever changes an event and makes the whole chain anew is found by the root.
func TestARecomputedChainDoesNotGiveTheRoots(t *testing.T) {
	t.Parallel()
	good := chain(t, 9)
	first := dayOf(t, "2026-01-02", good[:4], nil)
	days := []Day{first, dayOf(t, "2026-01-04", good[4:7], &first)}
	verify := func(events []kyc.Event, days []Day) Report {
		var v Verifier
		v.Against(days)
		for _, e := range events {
			v.Add(e)
		}
		last := events[len(events)-1]
		return v.Finish("org", last.Seq, last.Hash, 0)
	}
	if r := verify(good, days); !r.OK() || r.Days != 2 || r.Checked != 9 {
		t.Fatalf("%+v", r)
	}
	anew := func(spoil func([]kyc.Event) []kyc.Event) []kyc.Event {
		events := spoil(append([]kyc.Event(nil), good...))
		prev := ""
		for i := range events {
			e := &events[i]
			e.Seq, e.PrevHash = int64(i+1), prev
			d, err := Prepare(*e)
			if err != nil {
				t.Fatal(err)
			}
			e.Hash = d.Seal(e.Seq, prev)
			prev = e.Hash
		}
		return events
	}
	for name, c := range map[string]struct {
		events []kyc.Event
		days   []Day
		want   int64
	}{
		"changed":        {anew(func(e []kyc.Event) []kyc.Event { e[5].Reason = "x"; return e }), days, 5},
		"taken out":      {anew(func(e []kyc.Event) []kyc.Event { return append(e[:1], e[2:]...) }), days, 1},
		"put in":         {anew(func(e []kyc.Event) []kyc.Event { return append(e, event(100)) }), []Day{first, dayOf(t, "2026-01-04", good[4:9], &first), {}}, 10},
		"cut off":        {anew(func(e []kyc.Event) []kyc.Event { return e[:5] }), days, 6},
		"a root gone":    {good, days[1:], 1},
		"a root forged":  {good, []Day{first, {Org: "org", Day: "2026-01-04", FirstSeq: 5, LastSeq: 7, Size: 3, Root: first.Root, Head: good[6].Hash, Previous: first.Digest()}}, 5},
		"not linked":     {good, []Day{first, dayOf(t, "2026-01-04", good[4:7], nil)}, 5},
		"the day before": {good, []Day{first, dayOf(t, "2026-01-01", good[4:7], &first)}, 5},
	} {
		if r := verify(c.events, c.days); r.Broken != c.want {
			t.Errorf("%s: %+v, want broken at %d", name, r, c.want)
		}
	}
	// After today the chain may change before anybody notices; the roots do not care.
	if r := verify(anew(func(e []kyc.Event) []kyc.Event { e[8].Reason = "x"; return e }), days); !r.OK() {
		t.Errorf("%+v", r)
	}
}

func TestRootsAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	events := chain(t, 5)
	first := dayOf(t, "2026-01-02", events[:2], nil)
	second := dayOf(t, "2026-01-03", events[2:], &first)
	var file bytes.Buffer
	for _, d := range []Day{first, second} {
		file.Write(append(d.Bytes(), '\n'))
	}
	got, err := ReadDays(bytes.NewReader(file.Bytes()))
	if err != nil || len(got) != 2 || got[0] != first || got[1] != second {
		t.Fatalf("%v %v", got, err)
	}
	if broken, problem := Linked(got); broken != 0 {
		t.Error(problem)
	}
	if broken, _ := Differs(got[:1], got); broken != 0 {
		t.Error("a day that was not written down is a difference")
	}
	other := second
	other.Root = first.Root
	if broken, _ := Differs(got, []Day{first, other}); broken != 3 {
		t.Errorf("another root: %d", broken)
	}
	if broken, _ := Differs(got, []Day{second}); broken != 1 {
		t.Errorf("a root that is gone: %d", broken)
	}
	line := string(first.Bytes())
	for name, bad := range map[string]string{
		"no JSON": "x", "another order": `{"org":"org",` + line[1:], "a space": strings.Replace(line, ":", ": ", 1), "another type": strings.Replace(line, "day/1", "day/2", 1),
		"a size": strings.Replace(line, `"size":2`, `"size":3`, 1), "a date": strings.Replace(line, "2026-01-02", "2026-02-30", 1), "a hash": strings.Replace(line, first.Root, "AB", 1), "a list": "[]",
	} {
		if _, err := ReadDays(strings.NewReader(line + "\n" + bad + "\n")); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadDays(strings.NewReader(strings.Repeat("x", maxDayLine+1))); err == nil {
		t.Error("a line without end was read")
	}
}

func TestTheChainIsCutIntoDays(t *testing.T) {
	t.Parallel()
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 30, 0, 0, time.UTC) }
	type entry struct {
		at  time.Time
		env kyc.Env
	}
	for name, c := range map[string]struct {
		events []entry
		now    time.Time
		offset time.Duration
		want   string
	}{
		"nothing":              {nil, at(3, 1), 0, "[]"},
		"today":                {[]entry{{at(2, 1), kyc.Live}}, at(2, 23), 0, "[]"},
		"a moment after":       {[]entry{{at(2, 23), kyc.Live}}, time.Date(2026, 3, 3, 0, 5, 0, 0, time.UTC), 0, "[]"},
		"some minutes after":   {[]entry{{at(2, 23), kyc.Live}}, time.Date(2026, 3, 3, 0, 10, 0, 0, time.UTC), 0, "[2026-03-02 1-1]"},
		"days":                 {[]entry{{at(1, 1), kyc.Live}, {at(1, 2), kyc.Live}, {at(4, 2), kyc.Live}, {at(5, 1), kyc.Live}}, at(5, 3), 0, "[2026-03-01 1-2 2026-03-04 3-3]"},
		"one sealed late":      {[]entry{{at(1, 1), kyc.Live}, {at(2, 2), kyc.Live}, {at(1, 2), kyc.Live}, {at(2, 3), kyc.Live}}, at(5, 3), 0, "[2026-03-01 1-1 2026-03-02 2-4]"},
		"the sandbox is ahead": {[]entry{{at(1, 1), kyc.Live}, {at(9, 1), kyc.Sandbox}, {at(1, 5), kyc.Live}}, at(2, 3), 8 * 24 * time.Hour, "[2026-03-01 1-3]"},
		"only the sandbox":     {[]entry{{at(9, 1), kyc.Sandbox}}, at(2, 3), 8 * 24 * time.Hour, "[2026-03-01 1-1]"},
		"a clock gone wrong":   {[]entry{{at(1, 1), kyc.Live}, {at(30, 1), kyc.Live}}, at(2, 3), 0, "[2026-03-01 1-1]"},
	} {
		var events []kyc.Event
		prev := ""
		for i, x := range c.events {
			e := event(i)
			e.At, e.Tenant.Env, e.Seq, e.PrevHash = x.at, x.env, int64(i+1), prev
			d, err := Prepare(e)
			if err != nil {
				t.Fatal(err)
			}
			e.Hash = d.Seal(e.Seq, prev)
			prev = e.Hash
			events = append(events, e)
		}
		closer := NewCloser("org", nil, c.offset, c.now)
		for _, e := range events {
			more, err := closer.Add(e)
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				break
			}
		}
		var got []string
		for _, d := range closer.Days() {
			got = append(got, fmt.Sprintf("%s %d-%d", d.Day, d.FirstSeq, d.LastSeq))
			if d.Head != events[d.LastSeq-1].Hash {
				t.Errorf("%s: the head of %s", name, d.Day)
			}
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
		if broken, problem := Linked(closer.Days()); broken != 0 {
			t.Errorf("%s: %s", name, problem)
		}
	}
	broken := chain(t, 3)
	broken[1].Reason = "x"
	closer := NewCloser("org", nil, 0, at(9, 9))
	if _, err := closer.Add(broken[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := closer.Add(broken[1]); !kyc.IsCode(err, "chain_broken") {
		t.Errorf("a root over a broken chain: %v", err)
	}
}

func FuzzReadDays(f *testing.F) {
	f.Add([]byte(`{"day":"2026-01-02","first_seq":1,"head":"` + strings.Repeat("ab", 32) + `","last_seq":2,"org":"o","previous":"","root":"` + strings.Repeat("cd", 32) + `","size":2,"type":"bonafide.audit.day/1"}`))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		days, err := ReadDays(bytes.NewReader(raw))
		for _, d := range days {
			if again, err := ReadDay(d.Bytes()); err != nil || again != d {
				t.Errorf("%+v became %+v: %v", d, again, err)
			}
		}
		if err == nil && len(days) == 0 && len(bytes.TrimSpace(raw)) > 0 {
			t.Errorf("%q holds no day and no error", raw)
		}
	})
}

func FuzzReadProof(f *testing.F) {
	f.Add([]byte(`{"type":"bonafide.audit.proof/1","day":{"org":"o","day":"2026-01-02","first_seq":1,"last_seq":1,"size":1,"root":"ab","head":"","previous":""},"event":{"id":"x","seq":1},"path":["ab"]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ReadProof(raw)
		if err == nil && p.Check() == nil && p.Day.Root == "" {
			t.Errorf("%q is a proof without a root", raw)
		}
	})
}
