package ui

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
)

// Strip lists the stops of a run in the order it came to them, as a list of
// links that goes on in the next line where the window ends, so that no stop is
// out of sight. Stops that ran side by side stand below each other. A stop says
// where the run came from unless that is all that stands just before it, and by
// which way unless it was the only one: no other move is claimed than those
// recorded. mark is the Href of the stop that is marked with the word said.
func Strip(stops []Stop, moves []Move, label, mark, said string) template.HTML {
	column, _ := lay(stops, moves)
	var groups [][]int
	for i := range stops {
		for len(groups) <= column[i] {
			groups = append(groups, nil)
		}
		groups[column[i]] = append(groups[column[i]], i)
	}
	at := map[string]int{}
	for i, s := range stops {
		at[s.ID] = i
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<ol class="stops" aria-label="%s">`, esc(label))
	var before []int
	for _, g := range groups {
		if len(g) == 0 {
			continue
		}
		b.WriteString("<li>")
		for _, i := range g {
			s, came := stops[i], cameFrom(stops, moves, at, i, before)
			fmt.Fprintf(&b, `<a href="%s" class="stop %s"><span class="name">%d %s</span> <span class="word">%s</span>`, esc(s.Href), esc(s.Tone), s.Number, esc(s.Title), esc(s.Word))
			if came != "" {
				fmt.Fprintf(&b, ` <small>%s</small>`, esc(came))
			}
			if mark != "" && s.Href == mark {
				fmt.Fprintf(&b, ` <strong>%s</strong>`, esc(said))
			}
			b.WriteString("</a>")
		}
		b.WriteString("</li>")
		before = g
	}
	b.WriteString("</ol>")
	return template.HTML(b.String()) //nolint:gosec // every text went through esc, the numbers are ours
}

// cameFrom says how the run came to a stop; empty where the stops just before
// say it.
func cameFrom(stops []Stop, moves []Move, at map[string]int, stop int, before []int) string {
	var from []int
	var parts []string
	plain := true
	for _, m := range moves {
		i, known := at[m.From]
		if to, also := at[m.To]; !known || !also || to != stop {
			continue
		}
		from = append(from, i)
		part := fmt.Sprint(stops[i].Number)
		if m.Why != "" && m.Why != "next" {
			part, plain = part+" ("+m.Why+")", false
		}
		parts = append(parts, part)
	}
	slices.Sort(from)
	straight := slices.Equal(slices.Compact(from), before)
	switch {
	case straight && plain, len(parts) == 0:
		return ""
	case straight && len(parts) == 1:
		return "by " + strings.TrimSuffix(parts[0][strings.Index(parts[0], "(")+1:], ")")
	}
	return "after " + strings.Join(parts, ", ")
}

// Abreast reports whether some stops ran side by side, which a drawing shows
// better than a list.
func Abreast(stops []Stop, moves []Move) bool {
	_, line := lay(stops, moves)
	return slices.ContainsFunc(line, func(n int) bool { return n > 0 })
}
