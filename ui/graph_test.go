package ui

import (
	"strings"
	"testing"
)

func TestPathDrawsRecordedMovesOnly(t *testing.T) {
	t.Parallel()
	stops := []Stop{{ID: "a", Title: "start", Word: "passed", Tone: "good", Href: "#1", Number: 1}, {ID: "b", Title: `<script> & "quotes"`, Word: "failed", Tone: "bad", Href: "#2", Number: 2},
		{ID: "c", Title: "side", Word: "passed", Tone: "good", Href: "#3", Number: 3}, {ID: "d", Title: "end", Word: "approved", Tone: "good", Href: "#4", Number: 4}}
	got := string(Path(stops, []Move{{"a", "b", "next"}, {"a", "c", "next"}, {"b", "d", "fail"}, {"x", "d", "never"}}, "Path"))
	wellFormed(t, got)
	if n := strings.Count(got, `class="move"`); n != 3 {
		t.Errorf("%d moves are drawn, three were recorded between known stops", n)
	}
	if n := strings.Count(got, `<a href="#`); n != 4 {
		t.Errorf("%d stops can be reached", n)
	}
	if strings.Contains(got, "<script>") || strings.Contains(got, "style=") {
		t.Errorf("unsafe: %s", got)
	}
	column, line := lay(stops, []Move{{"a", "b", ""}, {"a", "c", ""}, {"b", "d", ""}})
	for i, want := range [][2]int{{0, 0}, {1, 0}, {1, 1}, {2, 0}} {
		if column[i] != want[0] || line[i] != want[1] {
			t.Errorf("stop %s stands at %d, %d, want %v", stops[i].ID, column[i], line[i], want)
		}
	}
	// A record that goes in a circle, which no run writes, is drawn all the same.
	wellFormed(t, string(Path(stops[:2], []Move{{"a", "b", ""}, {"b", "a", ""}}, "Path")))
	wellFormed(t, string(Path(nil, nil, "Path")))
	for _, v := range []float64{-1, 0, .5, 2} {
		wellFormed(t, string(Scale(v, .8)))
	}
}
