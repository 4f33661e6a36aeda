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
	// Text stands at the end of a lying bar; empty: the sum.
	Text string
}

// Sizes of drawings, in units of their view box.
const (
	chartWidth  = 720
	barHeight   = 22
	barStep     = 32
	labelWidth  = 190
	valueWidth  = 110
	columnsHigh = 200
	axisWidth   = 44
	axisHeight  = 22
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

// Bars draws lying bars, one below the other; for a few rows with words.
func (c Chart) Bars() template.HTML {
	var b strings.Builder
	c.begin(&b, max(len(c.Rows), 1)*barStep)
	top, room := c.top(), float64(chartWidth-labelWidth-valueWidth)
	for i, r := range c.Rows {
		y := i*barStep + (barStep-barHeight)/2
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, labelWidth-8, y+barHeight-6, template.HTMLEscapeString(shorten(r.Label, 26)))
		x := float64(labelWidth)
		for s, v := range r.Values {
			if v <= 0 || top <= 0 {
				continue
			}
			w := v / top * room
			fmt.Fprintf(&b, `<rect class="%s" x="%s" y="%d" width="%s" height="%d"/>`, c.colour(s), place(x), y, place(w), barHeight)
			x += w
		}
		text := r.Text
		if text == "" {
			text = count(r.sum())
		}
		fmt.Fprintf(&b, `<text x="%s" y="%d">%s</text>`, place(x+6), y+barHeight-6, template.HTMLEscapeString(text))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // every text in it is escaped
}

// Columns draws standing bars side by side; for days. Labels are thinned out so
// that they do not touch.
func (c Chart) Columns() template.HTML {
	var b strings.Builder
	c.begin(&b, columnsHigh+axisHeight+8)
	top := ceiling(c.top())
	for i := range 5 {
		v := top * float64(i) / 4
		y := 8 + columnsHigh - columnsHigh*float64(i)/4
		fmt.Fprintf(&b, `<line x1="%d" y1="%s" x2="%d" y2="%s"/><text x="%d" y="%s" text-anchor="end">%s</text>`,
			axisWidth, place(y), chartWidth, place(y), axisWidth-6, place(y+4), count(v))
	}
	if n := len(c.Rows); n > 0 {
		step := float64(chartWidth-axisWidth) / float64(n)
		wide := max(step*0.8, 1)
		every := int(math.Ceil(56 / step))
		for i, r := range c.Rows {
			x, y := float64(axisWidth)+step*float64(i)+(step-wide)/2, float64(8+columnsHigh)
			for s, v := range r.Values {
				if v <= 0 {
					continue
				}
				h := v / top * columnsHigh
				y -= h
				fmt.Fprintf(&b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`, c.colour(s), place(x), place(y), place(wide), place(h))
			}
			if i%every == 0 {
				fmt.Fprintf(&b, `<text x="%s" y="%d" text-anchor="middle">%s</text>`, place(x+wide/2), 8+columnsHigh+axisHeight-4, template.HTMLEscapeString(shorten(r.Label, 10)))
			}
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // every text in it is escaped
}

func (c *Chart) begin(b *strings.Builder, height int) {
	fmt.Fprintf(b, `<svg class="chart" role="img" aria-label="%s" viewBox="0 0 %d %d" width="%d" height="%d">`, template.HTMLEscapeString(c.Summary), chartWidth, height, chartWidth, height)
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
