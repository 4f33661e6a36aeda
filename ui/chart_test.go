package ui

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func wellFormed(t *testing.T, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
	}
}

func TestBarsAreAsLongAsTheirNumbers(t *testing.T) {
	t.Parallel()
	c := Chart{Summary: `How "far" they came`, Series: []ChartSeries{{"done", "good"}, {"left", "<bad"}},
		Rows: []ChartRow{{Label: "<script>alert(1)</script>", Values: []float64{30, 10}}, {Label: "b", Values: []float64{20, -4}, Text: "20 of 40"}, {Label: "none", Values: []float64{0}}}}
	const want = `<svg class="chart" role="img" aria-label="How &#34;far&#34; they came" width="100%" height="132">` +
		`<text x="0" y="18">&lt;script&gt;alert(1)&lt;/script&gt; <tspan class="value">40</tspan></text><rect class="good" x="0%" y="24" width="75%" height="14"/><rect class="plain" x="75%" y="24" width="25%" height="14"/>` +
		`<text x="0" y="62">b <tspan class="value">20 of 40</tspan></text><rect class="good" x="0%" y="68" width="50%" height="14"/>` +
		`<text x="0" y="106">none <tspan class="value">0</tspan></text></svg>`
	if got := string(c.Bars()); got != want {
		t.Errorf("the drawing is\n%s\nnot\n%s", got, want)
	}
	for _, empty := range []Chart{{}, {Rows: []ChartRow{{Label: "x"}}}} {
		wellFormed(t, string(empty.Bars()))
		wellFormed(t, string(empty.Columns()))
	}
}

func TestColumnsStandOnRoundNumbers(t *testing.T) {
	t.Parallel()
	c := Chart{Summary: "days", Series: []ChartSeries{{"a", "plain"}, {"b", "bad"}}}
	for range 90 {
		c.Rows = append(c.Rows, ChartRow{Label: "02 Jan", Values: []float64{7, 6}})
	}
	got := string(c.Columns())
	wellFormed(t, got)
	if n := strings.Count(got, "<rect"); n != 180 {
		t.Errorf("%d rectangles", n)
	}
	if all, narrow := strings.Count(got, "02 Jan"), strings.Count(got, "02 Jan")-strings.Count(got, `class="wide"`); all < 8 || all > 12 || narrow < 2 || narrow > 4 {
		t.Errorf("%d labels of days, %d in a narrow window", all, narrow)
	}
	if !strings.Contains(got, `text-anchor="end">20</text>`) || !strings.Contains(got, `height="70"`) || strings.Contains(got, "style=") {
		t.Error("the axis does not end at 20, or a bar of 7 is not 70 high:", got[:600])
	}
}
