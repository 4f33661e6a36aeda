package ui

import (
	"fmt"
	"html/template"
	"strings"
)

// Stop is a node that a run came through.
type Stop struct {
	ID, Title string
	// Word is what became of it, Tone its colour: good, warn, bad or soft. The
	// word is always written, so that no meaning rests on the colour.
	Word, Tone string
	// Href is where the stop leads; Number is its place, 1-based.
	Href   string
	Number int
}

// Move is a way that a run took from one stop to another. Only recorded moves
// are drawn: two visited nodes with an edge between them do not prove that the
// run went that way.
type Move struct{ From, To, Why string }

// Measures of the drawing, in its own units.
const (
	stopWidth, stopHeight = 216, 60
	stepX, stepY          = 284, 88
	edgeRoom              = 8
)

// Path draws the stops of a run and the moves between them as SVG: from left to
// right by the longest way to a stop, with one line below the other where
// branches ran side by side. Every stop is a link. Sizes are attributes, as the
// content policy wants it.
func Path(stops []Stop, moves []Move, label string) template.HTML {
	column, line := lay(stops, moves)
	width, height := 0, 0
	for i := range stops {
		width, height = max(width, column[i]+1), max(height, line[i]+1)
	}
	at := map[string]int{}
	for i, s := range stops {
		at[s.ID] = i
	}
	w, h := width*stepX-(stepX-stopWidth)+2*edgeRoom, height*stepY-(stepY-stopHeight)+2*edgeRoom
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="path" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="group" aria-label="%s">`, w, h, w, h, esc(label))
	corner := func(i int) (x, y int) { return edgeRoom + column[i]*stepX, edgeRoom + line[i]*stepY }
	for _, m := range moves {
		from, known := at[m.From]
		to, also := at[m.To]
		if !known || !also {
			continue
		}
		x1, y1 := corner(from)
		x2, y2 := corner(to)
		x1, y1, y2 = x1+stopWidth, y1+stopHeight/2, y2+stopHeight/2
		mid := x2 - (stepX-stopWidth)/2
		fmt.Fprintf(&b, `<path class="move" d="M%d %dH%dV%dH%d" fill="none"/><path class="head" d="M%d %dl-8 -5v10z"/>`, x1, y1, mid, y2, x2-1, x2, y2)
		if m.Why != "" {
			fmt.Fprintf(&b, `<text class="why" x="%d" y="%d" text-anchor="middle">%s</text>`, mid, y2-7, esc(clip(m.Why, 10)))
		}
	}
	for i, s := range stops {
		x, y := corner(i)
		fmt.Fprintf(&b, `<a href="%s" class="stop %s"><rect x="%d" y="%d" width="%d" height="%d" rx="8"/><text class="name" x="%d" y="%d">%s</text><text class="word" x="%d" y="%d">%s</text></a>`,
			esc(s.Href), esc(s.Tone), x, y, stopWidth, stopHeight, x+12, y+25, esc(clip(fmt.Sprintf("%d %s", s.Number, s.Title), 27)), x+12, y+46, esc(clip(s.Word, 27)))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // every text went through esc, the numbers are ours
}

// lay finds the column and the line of each stop: behind the last of those
// that lead to it, in the first line that is free there.
func lay(stops []Stop, moves []Move) (column, line []int) {
	column, line = make([]int, len(stops)), make([]int, len(stops))
	at := map[string]int{}
	for i, s := range stops {
		at[s.ID] = i
	}
	// A run has no cycles, so as many rounds as there are stops are enough.
	for range stops {
		moved := false
		for _, m := range moves {
			from, known := at[m.From]
			to, also := at[m.To]
			if known && also && from != to && column[to] < column[from]+1 && column[from]+1 < len(stops) {
				column[to], moved = column[from]+1, true
			}
		}
		if !moved {
			break
		}
	}
	taken := map[int]int{}
	for i := range stops {
		line[i] = taken[column[i]]
		taken[column[i]]++
	}
	return column, line
}

// Scale draws a score and its threshold on one line from 0 to 1.
func Scale(score, threshold float64) template.HTML {
	x := func(v float64) float64 { return 6 + 188*min(max(v, 0), 1) }
	return template.HTML(fmt.Sprintf(`<svg class="scale" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 24" width="200" height="24" role="img" aria-label="%s">`+ //nolint:gosec // numbers only
		`<path class="line" d="M6 12H194"/><path class="mark" d="M%.1f 4V20"/><circle class="dot" cx="%.1f" cy="12" r="5"/></svg>`,
		fmt.Sprintf("score %.3f, threshold %.3f", score, threshold), x(threshold), x(score)))
}

func esc(s string) string { return template.HTMLEscapeString(s) }

// clip shortens a text to so many characters.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
