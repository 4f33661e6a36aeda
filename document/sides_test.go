package document

import (
	"image"
	"testing"

	"bonafide/kyc"
)

// A card's back is no card: without its front, or with any other picture in its
// place, it is never without a finding.
func TestZoneOnTheBackNeedsItsFront(t *testing.T) {
	t.Parallel()
	m, err := Parse([]string{"I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"}, today())
	if err != nil || m.Format != TD1 {
		t.Fatal(m.Format, err)
	}
	page := &sheetPage{img: image.NewGray(image.Rect(0, 0, 100, 60))}
	z := &zone{candidate: candidate{mrz: m, places: make([]place, 3)}, view: viewOf(page, nil, 0)}
	compared := func(what, verdict string) []Comparison {
		return []Comparison{{what, verdict, Side{Source: "mrz"}, Side{Source: "visual"}}}
	}
	for name, c := range map[string]struct {
		front bool
		said  []Comparison
		want  string
	}{
		"the back alone":                      {false, compared("name", NotMade), "front_missing"},
		"the back, its number is printed":     {false, compared("document_number", Agrees), "front_missing"},
		"both sides on one page":              {false, compared("name", Agrees), ""},
		"a front that agrees":                 {true, compared("document_number", Agrees), ""},
		"a front that contradicts":            {true, compared("name", Close), ""},
		"any picture in the place of a front": {true, compared("name", NotMade), "front_not_compared"},
		"a front without a word":              {true, nil, "front_not_compared"},
	} {
		reading := Reading{Comparisons: c.said}
		compareSides(&reading, z, page, c.front)
		got := ""
		for _, f := range reading.Findings {
			got += f.Code
			if f.Severity != warning || f.Region == nil {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	passport := *z
	passport.mrz.Format = TD3
	reading := Reading{Findings: []kyc.Reason{}}
	if compareSides(&reading, &passport, page, false); len(reading.Findings) > 0 {
		t.Errorf("a passport has no other side: %+v", reading.Findings)
	}
}
