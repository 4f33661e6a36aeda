package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"bonafide/kyc"
)

const parallelGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"fork"},
 "fork":{"type":"parallel","branches":["a","b","c"],"join":"join"},
 "a":{"type":"policy","policy":"alpha","on_pass":"a2","on_fail":"no"},
 "a2":{"type":"policy","policy":"alpha_two","on_pass":"join","on_fail":"look"},
 "b":{"type":"policy","policy":"beta","on_pass":"join","on_fail":"look"},
 "c":{"type":"policy","policy":"gamma","on_pass":"join","on_fail":"no2"},
 "join":{"type":"join","mode":"all","next":"yes"},
 "yes":{"type":"terminal","outcome":"approved"},
 "no":{"type":"terminal","outcome":"rejected","reason_code":"a"},
 "no2":{"type":"terminal","outcome":"rejected","reason_code":"c"},
 "look":{"type":"terminal","outcome":"needs_review","reason_code":"b"}}}`

func TestParallelJoins(t *testing.T) {
	t.Parallel()
	g := graphOf(t, parallelGraph)
	tests := []struct {
		name    string
		fail    []string
		outcome kyc.Outcome
		reason  string
	}{
		{"all pass", nil, kyc.Approved, ""},
		{"one asks for review", []string{"beta"}, kyc.NeedsReview, "b"},
		{"rejected comes before review", []string{"beta", "gamma"}, kyc.Rejected, "c"},
		{"branch order among rejections", []string{"alpha", "gamma"}, kyc.Rejected, "a"},
		{"a late branch", []string{"alpha_two"}, kyc.NeedsReview, "b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, err := Simulate(g, *testBegin(), epoch, Answers{Check: func(c RunCheck) kyc.Answer {
				for _, f := range tt.fail {
					if c.Request.Policy == f {
						return verdictOf(kyc.Fail)
					}
				}
				return verdictOf(kyc.Pass)
			}})
			if err != nil || v.State.Outcome != tt.outcome || v.State.ReasonCode != tt.reason {
				t.Errorf("%s %s %v", v.State.Outcome, v.State.ReasonCode, err)
			}
		})
	}
}

func TestParallelAny(t *testing.T) {
	t.Parallel()
	g := graphOf(t, `{"entry":"start","nodes":{
	 "start":{"type":"start","next":"fork"},
	 "fork":{"type":"parallel","branches":["a","b"],"join":"join"},
	 "a":{"type":"policy","policy":"alpha","on_pass":"join","on_fail":"no"},
	 "b":{"type":"policy","policy":"beta","on_pass":"join","on_fail":"no"},
	 "join":{"type":"join","mode":"any","next":"yes"},
	 "yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"}}}`)
	w := begin(t, g, testBegin())
	w.answer(verdictOf(kyc.Pass)) // a
	if w.s.Outcome != kyc.Approved {
		t.Fatalf("%+v", w.s)
	}
	if last := w.s.Records[len(w.s.Records)-1]; last.Node != "b" || last.Status != Cancelled {
		t.Errorf("the other branch: %+v", w.s.Records)
	}
	w = begin(t, g, testBegin())
	w.answer(verdictOf(kyc.Fail)) // a
	if w.s.Ended() {
		t.Fatal("one failed branch ended the section")
	}
	w.answer(verdictOf(kyc.Pass)) // b
	if w.s.Outcome != kyc.Approved {
		t.Errorf("%+v", w.s)
	}
	w = begin(t, g, testBegin())
	w.answer(verdictOf(kyc.Fail))
	w.answer(verdictOf(kyc.Fail))
	if w.s.Outcome != kyc.Rejected {
		t.Errorf("%+v", w.s)
	}
}

func TestParallelNested(t *testing.T) {
	t.Parallel()
	g := graphOf(t, `{"entry":"start","nodes":{
	 "start":{"type":"start","next":"fork"},
	 "fork":{"type":"parallel","branches":["inner","b"],"join":"join"},
	 "inner":{"type":"parallel","branches":["c","d"],"join":"meet"},
	 "c":{"type":"policy","policy":"gamma","on_pass":"meet","on_fail":"no"},
	 "d":{"type":"policy","policy":"delta","on_pass":"meet","on_fail":"look"},
	 "meet":{"type":"join","mode":"any","next":"e"},
	 "e":{"type":"policy","policy":"epsilon","on_pass":"join","on_fail":"look"},
	 "b":{"type":"policy","policy":"beta","on_pass":"join","on_fail":"no"},
	 "join":{"type":"join","mode":"all","next":"yes"},
	 "yes":{"type":"terminal","outcome":"approved"},"no":{"type":"terminal","outcome":"rejected"},
	 "look":{"type":"terminal","outcome":"needs_review"}}}`)
	end := func(fail ...string) kyc.Outcome {
		v, err := Simulate(g, *testBegin(), epoch, Answers{Check: func(c RunCheck) kyc.Answer {
			for _, f := range fail {
				if c.Request.Policy == f {
					return verdictOf(kyc.Fail)
				}
			}
			return verdictOf(kyc.Pass)
		}})
		if err != nil {
			t.Fatal(err)
		}
		return v.State.Outcome
	}
	for want, fails := range map[kyc.Outcome][][]string{
		kyc.Approved:    {{}, {"gamma"}, {"delta"}},
		kyc.Rejected:    {{"gamma", "delta"}, {"beta"}, {"beta", "epsilon"}},
		kyc.NeedsReview: {{"epsilon"}, {"gamma", "epsilon"}},
	} {
		for _, f := range fails {
			if got := end(f...); got != want {
				t.Errorf("failing %v: %s, want %s", f, got, want)
			}
		}
	}
}

// TestParallelRunsAtTheSameTime lets each branch wait for the others, which
// only works when they are in flight together; and whoever is first back, the
// record has the same order.
func TestParallelRunsAtTheSameTime(t *testing.T) {
	t.Parallel()
	hashes := map[string]bool{}
	for round := range 5 {
		b := setup(t, kyc.Live)
		in := make(chan struct{}, 3)
		all := make(chan struct{})
		go func() {
			for range 3 {
				<-in
			}
			close(all)
		}()
		b.checks.say(func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
			if r.Policy == "alpha_two" {
				return verdictOf(kyc.Pass)
			}
			in <- struct{}{}
			select {
			case <-all:
			case <-time.After(time.Minute):
				return verdictOf(kyc.Fail)
			}
			<-time.After(time.Duration((round*7+len(r.Policy)*3)%5) * time.Millisecond)
			return verdictOf(kyc.Pass)
		})
		run, _ := b.begin(graphOf(t, parallelGraph))
		if got := b.finished(run.ID); got.Outcome != kyc.Approved {
			t.Fatalf("%+v", got)
		}
		order := ""
		for _, i := range b.store.inputs[run.ID] {
			order += " " + i.Node
		}
		hashes[order] = true
		b.proven(run.ID)
	}
	if len(hashes) != 1 {
		t.Errorf("the record depends on timing: %v", fmt.Sprint(hashes))
	}
}
