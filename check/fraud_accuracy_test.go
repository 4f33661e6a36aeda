package check

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	_ "image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/tamper"
)

var accuracy = flag.Bool("accuracy", false, "measure on the data folder and print the figures of docs/accuracy.md")

func figure(what string, value any, asked string) {
	fmt.Printf("accuracy: %s = %v (asked %s)\n", what, value, asked)
}

// specimens are the pictures of the data folder by name.
func specimens(t *testing.T) map[string][]byte {
	t.Helper()
	if !*accuracy {
		t.Skip("figures are printed by make accuracy")
	}
	out := map[string][]byte{}
	names, _ := filepath.Glob(filepath.Join(filepath.Dir(sharedData(t, "models")), "documents", "dev", "mrz", "*.*g"))
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(name)] = b
	}
	if len(out) == 0 {
		t.Skip("the specimens are not here")
	}
	return out
}

// TestAccuracyFraudSignals prints what each signal finds on the specimens of the
// data folder. None of them was forged; they are published examples, so that
// nearly all must be known as such.
func TestAccuracyFraudSignals(t *testing.T) {
	all := specimens(t)
	reader := realReader(t)
	stored := files{}
	for name, b := range all {
		stored[name] = b
	}
	m, err := New(clock(), []Check{documentFraud(Deps{Clock: clock(), Documents: reader, Traces: reader, Blobs: stored})}, nil)
	if err != nil {
		t.Fatal(err)
	}
	counts, review, hints := map[string]int{}, 0, 0.0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		r := request("document_fraud")
		r.Uploads, r.Extracted, r.Fields, r.Checks = []kyc.Upload{upload("document_front", "primary", "front", name)}, nil, nil, nil
		a := m.Run(t.Context(), r)
		if a.Status != kyc.StatusOK {
			t.Fatalf("%s: %+v", name, a)
		}
		if a.Verdict != kyc.Pass {
			review++
		}
		sum := 0.0
		for code, s := range signalsOf(t, a) {
			counts[code]++
			if s.Class == tamper.Hint {
				sum += s.Points
			}
		}
		hints = max(hints, sum)
	}
	figure("specimens that a person looks at or that fail", fmt.Sprintf("%d of %d", review, len(all)), "-")
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		figure("specimens with "+code, fmt.Sprintf("%d of %d", counts[code], len(all)), "-")
	}
	figure("most points of hints on one specimen", hints, "at most 25")
	if hints > tamper.HintsMost {
		t.Error("hints give too much")
	}
}

// luma is the brightness of a saved JPEG.
func luma(t *testing.T, file []byte) *image.Gray {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := img.(*image.YCbCr); ok {
		return &image.Gray{Pix: m.Y, Stride: m.YStride, Rect: image.Rect(0, 0, m.Rect.Dx(), m.Rect.Dy())}
	}
	t.Fatalf("%T", img)
	return nil
}

func savedIn(t *testing.T, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestAccuracyGhosts prints how well a part of 160 by 64 pixels that was saved in
// another quality is told from a picture without one, and how the looks of
// pictures differ. Each specimen is made smaller first, so that it has no past.
func TestAccuracyGhosts(t *testing.T) {
	all := specimens(t)
	var plain []*image.RGBA
	var looks []kyc.Look
	var twins [][2]int
	for _, name := range slices.Sorted(maps.Keys(all)) {
		img, _, err := image.Decode(bytes.NewReader(all[name]))
		if err != nil {
			t.Fatal(err)
		}
		gray := image.NewGray(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
		draw.Draw(gray, gray.Rect, img, img.Bounds().Min, draw.Src)
		if l, ok := tamper.LookOf(gray); ok {
			for _, o := range looks {
				if tamper.Near(l, o) {
					twins = append(twins, [2]int{len(looks), 0})
				}
			}
			looks = append(looks, l)
			again, _ := tamper.LookOf(luma(t, savedIn(t, img, 60)))
			if p, g := tamper.Distance(l, again); p > 4 || g > 4 {
				t.Errorf("%s saved anew is %d and %d bits off", name, p, g)
			}
		}
		if img.Bounds().Dx() < 400 {
			continue
		}
		small := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx()*9/10, img.Bounds().Dy()*9/10))
		for y := range small.Rect.Dy() {
			for x := range small.Rect.Dx() {
				var r, g, b uint32
				for k := range 4 {
					cr, cg, cb, _ := img.At(img.Bounds().Min.X+x*10/9+k%2, img.Bounds().Min.Y+y*10/9+k/2).RGBA()
					r, g, b = r+cr>>8, g+cg>>8, b+cb>>8
				}
				small.SetRGBA(x, y, color.RGBA{uint8(r / 4), uint8(g / 4), uint8(b / 4), 255})
			}
		}
		plain = append(plain, small)
	}
	figure("pairs of specimens that count as one picture", fmt.Sprintf("%d of %d", len(twins), len(looks)*(len(looks)-1)/2), "1: one is there as JPEG and PNG")
	var slowest time.Duration
	for _, q := range [][2]int{{75, 92}, {85, 95}, {92, 75}} {
		var with, without []float64
		score := func(file []byte) float64 {
			l, quality := luma(t, file), tamper.JPEGQuality(file)
			start := time.Now()
			g, _ := tamper.Ghost(l, quality)
			slowest = max(slowest, time.Since(start))
			return g.Score
		}
		for _, p := range plain {
			without = append(without, score(savedIn(t, p, q[1])))
			old, err := jpeg.Decode(bytes.NewReader(savedIn(t, p, q[0])))
			if err != nil {
				t.Fatal(err)
			}
			made := image.NewRGBA(p.Rect)
			draw.Draw(made, p.Rect, p, image.Point{}, draw.Src)
			at := image.Pt(p.Rect.Dx()/3/8*8, p.Rect.Dy()/3/8*8)
			draw.Draw(made, image.Rect(at.X, at.Y, at.X+160, at.Y+64), old, at, draw.Src)
			with = append(with, score(savedIn(t, made, q[1])))
		}
		wins, seen, wrong := 0.0, 0, 0
		for _, a := range with {
			for _, b := range without {
				if a > b {
					wins++
				}
			}
			if a > tamper.GhostFloor {
				seen++
			}
		}
		for _, b := range without {
			if b > tamper.GhostFloor {
				wrong++
			}
		}
		what := fmt.Sprintf("part of quality %d in a picture saved in %d", q[0], q[1])
		figure(what+", AUC", round4(wins/float64(len(with)*len(without))), "-")
		figure(what+", seen", fmt.Sprintf("%d of %d, %d of %d without one", seen, len(with), wrong, len(without)), "-")
	}
	figure("one look for ghosts, slowest", slowest.Round(time.Millisecond), "about 0.2s")
}
