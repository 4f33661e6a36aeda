package document

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"bonafide/grey"
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

// The zone of an enhanced licence that the first run does not read is read by the
// second one; a page that shows no stripe of print is not looked at again.
func TestZoneBesideBarcodeIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no shell here")
	}
	lines := must(example().MRZLines())
	page, err := drawSpecimen(example(), lines)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mrz.traineddata"), []byte("a model"), 0o600); err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for i, l := range lines {
		fmt.Fprintf(&rows, "5\t1\t1\t1\t%d\t1\t20\t%d\t900\t40\t95\t%s\n", i+1, 100+60*i, l)
	}
	// This reader sees the zone only in pictures of one width: stripes come in
	// 1100 pixels, the foot of a page in 1000 first and then in 1500.
	sees := func(width string) *Reader {
		file := filepath.Join(dir, "sees"+width)
		script := "#!/bin/sh\nread magic\nread width height\n[ \"$width\" = " + width + " ] && cat <<'END'\n" + rows.String() + "END\ncat > /dev/null\nexit 0\n"
		if err := os.WriteFile(file, []byte(script), 0o700); err != nil { //nolint:gosec // a program must be executable
			t.Fatal(err)
		}
		r := New(Config{Deadline: patience, Tesseract: file, ModelsDir: dir, ZXingReader: "-"})
		t.Cleanup(func() { _ = r.Close() })
		return r
	}
	blank := image.NewGray(image.Rect(0, 0, 800, 500))
	for _, c := range []struct {
		name  string
		img   *image.Gray
		code  *Barcode
		width string
		found bool
	}{
		{"at first sight", grey.Of(page), &Barcode{}, "1100", true},
		{"by the second run", grey.Of(page), &Barcode{}, "1000", true},
		{"by none of two", grey.Of(page), &Barcode{}, "1500", false},
		{"without a barcode", grey.Of(page), nil, "1500", true},
		{"a blank page, by a second run", blank, &Barcode{}, "1500", false},
		{"a blank page, at first sight", blank, &Barcode{}, "1000", true},
	} {
		reading := Reading{Pages: make([]Page, 1)}
		z, _, fail := sees(c.width).zoneOf(t.Context(), &reading, []*sheetPage{{img: c.img}}, c.code, today())
		if fail != nil || (z != nil && slices.Equal(z.mrz.Lines, lines)) != c.found {
			t.Errorf("%s: %+v, %v", c.name, z, fail)
		}
	}
}
