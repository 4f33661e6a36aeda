package ui

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Chart is a drawing of numbers that stand in a table beside it: the table is
// what screen readers read, so the drawing is one image with a summary. Sizes
// are attributes and colours are classes of the style sheet, as the content
// policy wants it.
type Chart struct {
	// Summary says in one sentence what the drawing shows.
	Summary string
	// Series are the names of the parts of each bar, with their class of colour:
	// plain, good, bad, warn or soft.
	Series []ChartSeries
	Rows   []ChartRow
}

// ChartSeries is one part of every bar.
type ChartSeries struct{ Name, Colour string }

// ChartRow is one bar: a label and a number for each series, none below 0.
type ChartRow struct {
	Label  string
	Values []float64
	// Text stands behind the label of a lying bar; empty: the sum.
	Text string
}

// Sizes of drawings in pixels. Widths are shares of the drawing's own, so that it
// is as wide as there is room and its words are never small.
const (
	barStep     = 44 // a line of words and the bar below
	barHeight   = 14
	columnsHigh = 200
	axisHeight  = 22
	// labelEvery is the least share of the width, in per cent, that a label of a
	// column takes, and narrowEvery that of one in a narrow window.
	labelEvery, narrowEvery = 8.5, 25
)

func (r ChartRow) sum() float64 {
	n := 0.0
	for _, v := range r.Values {
		n += max(v, 0)
	}
	return n
}

func (c *Chart) top() float64 {
	top := 0.0
	for _, r := range c.Rows {
		top = max(top, r.sum())
	}
	return top
}

// Bars draws lying bars, one below the other, each below its label; for a few
// rows with words.
func (c Chart) Bars() template.HTML {
	var b strings.Builder
	c.begin(&b, "chart", max(len(c.Rows), 1)*barStep)
	top := c.top()
	for i, r := range c.Rows {
		text := r.Text
		if text == "" {
			text = count(r.sum())
		}
		fmt.Fprintf(&b, `<text x="0" y="%d">%s <tspan class="value">%s</tspan></text>`, i*barStep+18, template.HTMLEscapeString(shorten(r.Label, 26)), template.HTMLEscapeString(text))
		x := 0.0
		for s, v := range r.Values {
			if v <= 0 || top <= 0 {
				continue
			}
			w := v / top * 100
			fmt.Fprintf(&b, `<rect class="%s" x="%s%%" y="%d" width="%s%%" height="%d"/>`, c.colour(s), count(x), i*barStep+24, count(w), barHeight)
			x += w
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // every text in it is escaped
}

// Columns draws standing bars side by side; for days. Labels are thinned out so
// that they do not touch, and more so in a narrow window, where those of the class
// wide are left out.
func (c Chart) Columns() template.HTML {
	var b strings.Builder
	c.begin(&b, "chart upright", columnsHigh+axisHeight+8)
	top := ceiling(c.top())
	for i := range 5 {
		v := top * float64(i) / 4
		y := 8 + columnsHigh - columnsHigh*float64(i)/4
		fmt.Fprintf(&b, `<line x1="0" y1="%s" x2="100%%" y2="%s"/><text x="-6" y="%s" text-anchor="end">%s</text>`, place(y), place(y), place(y+4), count(v))
	}
	if n := len(c.Rows); n > 0 {
		step := 100 / float64(n)
		wide := step * 0.8
		every := int(math.Ceil(labelEvery / step))
		rarely := every * int(math.Ceil(narrowEvery/(step*float64(every))))
		for i, r := range c.Rows {
			x, y := step*float64(i)+(step-wide)/2, float64(8+columnsHigh)
			for s, v := range r.Values {
				if v <= 0 {
					continue
				}
				h := v / top * columnsHigh
				y -= h
				fmt.Fprintf(&b, `<rect class="%s" x="%s%%" y="%s" width="%s%%" height="%s"/>`, c.colour(s), count(x), place(y), count(wide), place(h))
			}
			if i%every == 0 {
				class := ""
				if i%rarely != 0 {
					class = ` class="wide"`
				}
				fmt.Fprintf(&b, `<text%s x="%s%%" y="%d" text-anchor="middle">%s</text>`, class, count(x+wide/2), 8+columnsHigh+axisHeight-4, template.HTMLEscapeString(shorten(r.Label, 10)))
			}
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // every text in it is escaped
}

func (c *Chart) begin(b *strings.Builder, class string, height int) {
	fmt.Fprintf(b, `<svg class="%s" role="img" aria-label="%s" width="100%%" height="%d">`, class, template.HTMLEscapeString(c.Summary), height)
}

func (c *Chart) colour(series int) string {
	if series < len(c.Series) {
		switch k := c.Series[series].Colour; k {
		case "good", "bad", "warn", "soft":
			return k
		}
	}
	return "plain"
}

// ceiling is the least of 4, 8, 20, 40, 80, 200 … that is not below v, so that
// the four lines of the axis stand at round numbers.
func ceiling(v float64) float64 {
	for base := 4.0; ; base *= 10 {
		for _, m := range []float64{1, 2, 5} {
			if v <= base*m {
				return base * m
			}
		}
	}
}

func place(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

func count(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
