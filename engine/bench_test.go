package engine

import (
	"context"
	"testing"
	"time"

	"bonafide/kyc"
)

// void is a store that remembers nothing, to see the engine's own cost.
type void struct{ *memory }

func (void) Commit(context.Context, *kyc.Change) error { return nil }

// BenchmarkSession is the engine's own cost of the six-node workflow, without
// a store: go test ./engine -run - -bench Session -benchmem
func BenchmarkSession(b *testing.B) {
	l, err := newLoad(b.Context(), BenchOptions{Store: void{newMemory()}, Clock: kyc.SystemClock()})
	if err != nil {
		b.Fatal(err)
	}
	defer stopNow(l.engine)
	b.ReportAllocs()
	for b.Loop() {
		if err := l.execute(b.Context(), 0); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStep is one checkpoint: an answer in, the next check out.
func BenchmarkStep(b *testing.B) {
	w := begin(b, graphOf(b, sixNodes), testBegin())
	in := Input{Seq: w.s.Seq, Kind: KindAnswer, Node: "a", Attempt: 1, At: epoch.Add(time.Minute),
		Data: mustJSON(Answered{Answer: idle{}.Run(b.Context(), kyc.CheckRequest{})})}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Step(w.g, w.s, in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFold rebuilds a state from its record, as a rescue does.
func BenchmarkFold(b *testing.B) {
	w := begin(b, graphOf(b, sixNodes), testBegin())
	for !w.s.Ended() {
		w.answer(verdictOf(kyc.Pass))
	}
	for i := range w.record {
		w.record[i].Data = seal(w.record[i].Data, nil)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fold(w.g, kyc.Run{Step: int64(len(w.record))}, w.record); err != nil {
			b.Fatal(err)
		}
	}
}

func TestFillStoresWholeSessions(t *testing.T) {
	t.Parallel()
	m := newMemory()
	l, err := newLoad(t.Context(), BenchOptions{Store: m, Clock: kyc.SystemClock()})
	if err != nil {
		t.Fatal(err)
	}
	defer stopNow(l.engine)
	if err := l.fill(t.Context(), 250); err != nil {
		t.Fatal(err)
	}
	runs := 0
	for id, o := range m.objects {
		r, ok := o.(kyc.Run)
		if !ok {
			continue
		}
		runs++
		got, err := l.engine.Replay(t.Context(), l.subject.Tenant, id)
		if err != nil || got.Difference != nil || r.Outcome != kyc.Approved {
			t.Fatalf("%+v %v %+v", r, err, got.Difference)
		}
	}
	if runs != 250 || len(m.events) != 500 || m.commits != 3 {
		t.Errorf("%d runs, %d events, %d commits", runs, len(m.events), m.commits)
	}
}
