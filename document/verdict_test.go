package document

import (
	"image"
	"image/draw"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/grey"
)

// verdictCodes are the codes of the verdicts on a page without a zone.
func verdictCodes(img *image.Gray) []string {
	q := qualityOf(img)
	var out []string
	for _, v := range verdictsOf(&sheetPage{img: img, width: q.Width, height: q.Height}, q, nil) {
		out = append(out, v.Code)
	}
	return out
}

// onTable lays a page on a grey table with some room around it.
func onTable(page *image.Gray) *image.Gray {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, w*5/4, h*5/4))
	for i := range out.Pix {
		out.Pix[i] = 120
	}
	draw.Draw(out, image.Rect(w/8, h/8, w/8+w, h/8+h), page, image.Point{}, draw.Src)
	return out
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	lines, _ := example().MRZLines()
	page := drawn(t, example(), lines)
	// Paper on a photograph is not as white as the drawing's.
	for i, v := range page.Pix {
		page.Pix[i] = uint8(int(v) * 4 / 5)
	}
	good := onTable(page)
	w, h := good.Rect.Dx(), good.Rect.Dy()
	dark := image.NewGray(good.Rect)
	for i, v := range good.Pix {
		dark.Pix[i] = v / 4
	}
	shine := func(cx, cy, r float64) *image.Gray {
		out := image.NewGray(good.Rect)
		copy(out.Pix, good.Pix)
		for y := range h {
			for x := range w {
				if math.Hypot(float64(x)-cx*float64(w), float64(y)-cy*float64(h)) < r*float64(w) {
					out.Pix[y*out.Stride+x] = 255
				}
			}
		}
		return out
	}
	for name, c := range map[string]struct {
		img  *image.Gray
		want string
	}{
		"good":                       {good, ""},
		"bare page":                  {page, ""},
		"blurred":                    {grey.Resize(grey.Resize(good, w/12, h/12), w, h), "picture_blurred"},
		"dark":                       {dark, "picture_dark"},
		"a reflection":               {shine(0.5, 0.5, 0.12), "picture_glare"},
		"a window beside the page":   {shine(0, 0, 0.12), ""},
		"a thumbnail":                {grey.Resize(good, 200, 200*h/w), "picture_too_small"},
		"the right side is missing":  {grey.Cut(page, image.Rect(0, 0, page.Rect.Dx()*3/4, page.Rect.Dy())), "document_cut_off"},
		"the left side is missing":   {grey.Cut(page, image.Rect(page.Rect.Dx()/4, 0, page.Rect.Dx(), page.Rect.Dy())), "document_cut_off"},
		"nothing is there to be cut": {image.NewGray(image.Rect(0, 0, 900, 600)), "picture_dark"},
	} {
		got := verdictCodes(c.img)
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.Contains(got, c.want) {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
	if at, share := spotOf(shine(0.5, 0.5, 0.12)); at == nil || share < 0.02 || share > 0.1 || math.Abs(at.X+at.W/2-0.5) > 0.03 || math.Abs(at.Y+at.H/2-0.5) > 0.03 {
		t.Errorf("the reflection lies at %+v, %v of the page", at, share)
	}
}

// No sharp picture of the development documents is found bad.
func TestRealPicturesAreNotFoundBad(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(dataFolder(t), "documents", "dev", "mrz")
	r := anyReader(t)
	_, names := readTruth(t, dataFolder(t))
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		pages, fail := r.open(t.Context(), File{Bytes: b})
		if fail != nil {
			t.Fatal(fail)
		}
		spent := 0
		z, fail := r.findZone(t.Context(), &pages[0], today(), &spent)
		if fail != nil {
			t.Fatal(fail)
		}
		if got := verdictsOf(&pages[0], qualityOf(pages[0].img), z); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestVerdictsReachTheReading(t *testing.T) {
	t.Parallel()
	r := anyReader(t)
	lines, _ := example().MRZLines()
	page := drawn(t, example(), lines)
	w, h := page.Rect.Dx(), page.Rect.Dy()
	got, err := r.Read(t.Context(), []File{{Upload: "u1", Bytes: encode(t, grey.Resize(grey.Resize(page, w/14, h/14), w, h))}}, today())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Verdicts) == 0 || got.Verdicts[0].Code != "picture_blurred" || !got.Has("picture_blurred") || !strings.Contains(got.Verdicts[0].Message, "Hold the camera still") {
		t.Errorf("verdicts %+v, findings %+v", got.Verdicts, got.Findings)
	}
	if good, err := r.Read(t.Context(), []File{{Bytes: encode(t, page)}}, today()); err != nil || len(good.Verdicts) != 0 {
		t.Errorf("a good page: %+v, %v", good.Verdicts, err)
	}
}
