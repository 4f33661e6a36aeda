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
	const want = `<svg class="chart" role="img" aria-label="How &#34;far&#34; they came" viewBox="0 0 720 96" width="720" height="96">` +
		`<text x="182" y="21" text-anchor="end">&lt;script&gt;alert(1)&lt;/script&gt;</text><rect class="good" x="190" y="5" width="315" height="22"/><rect class="plain" x="505" y="5" width="105" height="22"/><text x="616" y="21">40</text>` +
		`<text x="182" y="53" text-anchor="end">b</text><rect class="good" x="190" y="37" width="210" height="22"/><text x="406" y="53">20 of 40</text>` +
		`<text x="182" y="85" text-anchor="end">none</text><text x="196" y="85">0</text></svg>`
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
	if n := strings.Count(got, "02 Jan"); n < 8 || n > 13 {
		t.Errorf("%d labels of days", n)
	}
	if !strings.Contains(got, `text-anchor="end">20</text>`) || !strings.Contains(got, `height="70"`) || strings.Contains(got, "style=") {
		t.Error("the axis does not end at 20, or a bar of 7 is not 70 high:", got[:600])
	}
}
