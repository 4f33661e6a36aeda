package document

import (
	"image"
	"testing"
	"time"

	"bonafide/grey"
)

// What is cut out for OCR holds all of the print. A zone whose second line ends
// in two digits after a run of fillers has its centre left of its middle, and
// the last digit of this one was cut in half.
func TestABandHoldsItsPrint(t *testing.T) {
	t.Parallel()
	for _, s := range []Specimen{
		{Surname: "Brandstaedter", GivenNames: "Alba", Number: "XKT4W7R39", Sex: "F"},
		{Surname: "Quillfeather", GivenNames: "Anna Maria", Number: "Q12345678", Sex: "F"},
		{Surname: "Ng", GivenNames: "Li", Number: "W1", Sex: "M"},
	} {
		s.DateOfBirth, s.Expiry = time.Date(1990, 5, 17, 0, 0, 0, 0, time.UTC), time.Date(2030, 11, 21, 0, 0, 0, 0, time.UTC)
		lines, err := s.MRZLines()
		if err != nil {
			t.Fatal(err)
		}
		drawn, fail := drawSpecimen(s, lines)
		if fail != nil {
			t.Fatal(fail)
		}
		page := grey.Of(drawn)
		bands := findBands(page)
		if len(bands) == 0 {
			t.Fatalf("%s: no stripe of print", s.Surname)
		}
		for degrees, c := range map[int]struct {
			page *image.Gray
			band band
		}{0: {page, bands[0]}, 180: {grey.Turn(page, 180), halfTurn(bands, page)[0]}} {
			piece, _ := straighten(c.page, c.band, 1100)
			w, h := piece.Rect.Dx(), piece.Rect.Dy()
			for _, x := range []int{0, 1, 2, 3, w - 4, w - 3, w - 2, w - 1} {
				for y := range h {
					if piece.Pix[y*piece.Stride+x] < 128 {
						t.Errorf("%s, turned by %d: there is ink at the edge, at %d,%d of %dx%d", s.Surname, degrees, x, y, w, h)
						break
					}
				}
			}
		}
	}
}
