package face

import (
	"fmt"
	"image"
	"testing"
)

// The small second portrait of a document is the large one's face once more; one
// whose large portrait was changed shows two people.
func TestPortraitsOfADocument(t *testing.T) {
	t.Parallel()
	e := engine(t)
	two, faces := twoOfEach(t, e)
	holder, other := two[0][0], two[len(two)/2][0]
	if sameFirst(t, holder, other) {
		t.Fatal("the pairs are of one person")
	}
	with := func(second string, width, part float64) image.Image {
		doc := page(1200, 840)
		lay(doc, picture(t, "pairs/"+holder), faces[holder], 150, 300, 400, 1, false)
		if second != "" {
			lay(doc, picture(t, "pairs/"+second), faces[second], width, 900, 400, part, part < 1)
		}
		return doc
	}
	for name, c := range map[string]struct {
		doc   image.Image
		faces int
		alike bool
	}{
		"one portrait":             {with("", 0, 0), 1, true},
		"a second one, washed out": {with(holder, 60, 0.4), 2, true},
		"of somebody else":         {with(other, 60, 0.4), 2, false},
		"on its side":              {turned(with(other, 75, 1)), 2, false},
		"too small to be compared": {with(other, 28, 1), 1, true},
	} {
		got, err := e.Portraits(ctx, c.doc)
		if err != nil || len(got) != c.faces || got[0].Portrait < 0.999 {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		if last := got[len(got)-1]; c.alike != (last.Portrait >= 0.8) || !c.alike && last.Portrait >= 0.2 || last.Selfie != 0 {
			t.Errorf("%s: %+v", name, last)
		}
	}
	if _, err := e.Portraits(ctx, page(1200, 840)); err == nil || err.Code != "face_not_found" {
		t.Errorf("an empty page: %v", err)
	}
}

// TestAccuracySecondPortraits counts the specimens whose second portrait seems to be
// of somebody else than the first. They show one person each.
func TestAccuracySecondPortraits(t *testing.T) {
	e := measuring(t)
	all, second, others := 0, 0, 0
	for name, img := range portraits(t, e) {
		found, err := e.Portraits(ctx, img)
		if err != nil {
			t.Fatal(name, err)
		}
		all++
		for _, o := range found[1:] {
			second++
			if o.Portrait < 0.2 {
				others++
			}
		}
	}
	figure("specimens with a second portrait wide enough, taken for somebody else", fmt.Sprintf("%d, %d of %d", second, others, all), "none taken")
	if others > 0 {
		t.Error("the second portrait of a specimen is taken for somebody else's")
	}
}
