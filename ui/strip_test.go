package ui

import (
	"regexp"
	"strings"
	"testing"
)

var markup = regexp.MustCompile(`<[^>]*>`)

func TestAStripTellsRecordedMovesOnly(t *testing.T) {
	t.Parallel()
	a, b := Stop{ID: "a", Title: "start", Word: "passed", Tone: "good", Href: "#1", Number: 1}, Stop{ID: "b", Title: `<script> & "q"`, Word: "failed", Tone: "bad", Href: "#2", Number: 2}
	c, d := Stop{ID: "c", Title: "side", Word: "passed", Tone: "good", Href: "#3", Number: 3}, Stop{ID: "d", Title: "end", Word: "review", Tone: "warn", Href: "#4", Number: 4}
	for name, x := range map[string]struct {
		stops []Stop
		moves []Move
		want  string // the text, an item a line
	}{
		"in a row":     {[]Stop{a, b, d}, []Move{{"a", "b", "next"}, {"b", "d", "fail"}}, "1 start passed\n2 &lt;script&gt; &amp; &#34;q&#34; failed here\n4 end review by fail"},
		"side by side": {[]Stop{a, b, c, d}, []Move{{"a", "b", "next"}, {"a", "c", "next"}, {"b", "d", "next"}, {"c", "d", "next"}}, "1 start passed\n2 &lt;script&gt; &amp; &#34;q&#34; failed here3 side passed\n4 end review"},
		"one of two goes on": {[]Stop{a, b, c, d}, []Move{{"a", "b", "next"}, {"a", "c", "low"}, {"b", "d", "fail"}, {"x", "d", "never"}},
			"1 start passed\n2 &lt;script&gt; &amp; &#34;q&#34; failed here3 side passed by low\n4 end review after 2 (fail)"},
		"a circle":  {[]Stop{a, b}, []Move{{"a", "b", ""}, {"b", "a", ""}}, "1 start passed after 2\n2 &lt;script&gt; &amp; &#34;q&#34; failed here"},
		"no stops":  {nil, nil, ""},
		"no record": {[]Stop{a, d}, nil, "1 start passed4 end review"},
	} {
		got := string(Strip(x.stops, x.moves, `Path "taken"`, "#2", "here"))
		wellFormed(t, got)
		if text := strings.TrimSpace(markup.ReplaceAllString(strings.ReplaceAll(got, "</li>", "\n"), "")); text != x.want {
			t.Errorf("%s reads\n%s\nwant\n%s", name, text, x.want)
		}
		if n := strings.Count(got, `<a href="#`); n != len(x.stops) {
			t.Errorf("%s: %d of %d stops can be reached", name, n, len(x.stops))
		}
	}
	if Abreast([]Stop{a, b}, []Move{{"a", "b", ""}}) || !Abreast([]Stop{a, b, c}, []Move{{"a", "b", ""}, {"a", "c", ""}}) {
		t.Error("which stops ran side by side is told wrongly")
	}
}
