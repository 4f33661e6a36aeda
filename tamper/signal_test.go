package tamper

import "testing"

func TestWeights(t *testing.T) {
	t.Parallel()
	hints := 0.0
	for code, w := range Weights() {
		switch {
		case w.Class == Contradiction && w.Points < 60:
			t.Errorf("the contradiction %s does not reach the threshold alone", code)
		case w.Class == Doubt && (w.Points <= 0 || w.Points >= 60), w.Class == Hint && (w.Points <= 0 || w.Points > HintsMost), w.Class == Note && w.Points != 0:
			t.Errorf("%s gives %v", code, w.Points)
		}
		if w.Class == Hint {
			hints += w.Points
		}
	}
	if hints <= HintsMost {
		t.Error("the limit of hints limits nothing")
	}
}

func TestTally(t *testing.T) {
	t.Parallel()
	var all Tally
	for code, w := range Weights() {
		if w.Class == Hint {
			all.Add(Signal{Code: code, Value: 1})
		}
	}
	if all.Score() != HintsMost || all.Add(Signal{Code: "editing_software", Value: 1}) != 0 {
		t.Errorf("all hints give %v", all.Score())
	}
	if got := all.Add(Signal{Code: "mrz_check_digit_failed", Value: 0.5}); got != 32.5 || all.Score() != HintsMost+32.5 {
		t.Errorf("half a contradiction gives %v of %v", got, all.Score())
	}
	if n := len(all.Signals); all.Add(Signal{Code: "chip_authentic"}) != 0 || len(all.Signals) != n+1 || all.Add(Signal{Code: "mrz_repaired"}) != 0 || len(all.Signals) != n+1 {
		t.Error("a note is not kept, or nothing is")
	}
	if got := all.Add(Signal{Code: "of_a_later_reader", Value: 1}); got != UnknownSignal {
		t.Errorf("a finding without a row gives %v", got)
	}
	if got := all.Add(Signal{Code: "of_a_later_reader", Weight: 60, Value: 7}); got != 60 || all.Score() != 100 || all.Sum() != HintsMost+112.5 {
		t.Errorf("%v, %v of %v", got, all.Score(), all.Sum())
	}
	sum := 0.0
	for _, s := range all.Signals {
		sum += s.Points
	}
	if sum != all.Sum() {
		t.Errorf("the signals give %v, the sum is %v", sum, all.Sum())
	}
}

func TestScreenshot(t *testing.T) {
	t.Parallel()
	for size, want := range map[[2]int]bool{{1170, 2532}: true, {2532, 1170}: true, {1920, 1080}: true, {1600, 1200}: false, {3024, 4032}: false, {0, 0}: false} {
		if Screenshot(size[0], size[1]) != want {
			t.Errorf("%v: %v", size, !want)
		}
	}
}
