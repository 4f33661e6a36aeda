package check

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bonafide/tamper"
)

// onScreen computes a photograph of a screen that shows a picture: dots of three
// stripes with a dark gap around them, seen by a camera with so many pixels a dot,
// turned by some degrees and leaning a little, with a lens that is not perfect,
// noise, and saved as JPEG in quality 88.
func onScreen(t *testing.T, img image.Image, pixelsADot, degrees float64) *image.Gray {
	t.Helper()
	rgba := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(rgba, rgba.Rect, img, img.Bounds().Min, draw.Src)
	const side, fine = 1024, 3
	noise := rand.New(rand.NewPCG(5, uint64(pixelsADot*100)))
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	var linear [256]float64
	for i := range linear {
		linear[i] = math.Pow(float64(i)/255, 2.2)
	}
	stripe := [3]float64{0.2126, 0.7152, 0.0722} // of the luminance, ITU-R BT.709
	light := func(x, y float64) float64 {        // at a place of the screen, in dots
		i, j := int(math.Floor(x)), int(math.Floor(y))
		fx, fy := x-math.Floor(x), y-math.Floor(y)
		k := int(fx * 3)
		if within := fx*3 - float64(k); within < 0.12 || within > 0.88 || fy < 0.06 || fy > 0.94 {
			return 0.004
		}
		i, j = ((i%rgba.Rect.Dx())+rgba.Rect.Dx())%rgba.Rect.Dx(), ((j%rgba.Rect.Dy())+rgba.Rect.Dy())%rgba.Rect.Dy()
		return stripe[k] * 3 * linear[rgba.Pix[rgba.PixOffset(i, j)+k]]
	}
	out := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			sum := 0.0
			for n := range fine * fine {
				// A lens spreads each point over a pixel and a half.
				dx, dy := (float64(n%fine)+0.5)/fine*1.5-0.75, (float64(n/fine)+0.5)/fine*1.5-0.75
				px, py := float64(x)+dx-side/2, float64(y)+dy-side/2
				lean := 1 + 0.02*px/side // the screen is nearer on one side
				sum += light((px*cos-py*sin)*lean/pixelsADot+1000, (px*sin+py*cos)*lean/pixelsADot+1000)
			}
			v := 255*math.Pow(min(1, sum/(fine*fine)*1.4), 1/2.2) + noise.NormFloat64()*3
			out.Pix[y*side+x] = uint8(min(255, max(0, v)))
		}
	}
	saved, err := jpeg.Decode(bytes.NewReader(savedIn(t, out, 88)))
	if err != nil {
		t.Fatal(err)
	}
	seen, ok := saved.(*image.Gray)
	if !ok {
		t.Fatalf("%T", saved)
	}
	return seen
}

// TestAccuracyScreens prints how often the pattern of a screen is seen: on pictures
// that were taken of no screen, and on computed photographs of one.
func TestAccuracyScreens(t *testing.T) {
	all := specimens(t)
	grey := func(img image.Image) *image.Gray {
		out := image.NewGray(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
		draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
		return out
	}
	looked, wrong, highest := 0, 0, 0.0
	var slowest time.Duration
	plain := func(name string, g *image.Gray) {
		start := time.Now()
		l, ok := tamper.ScreenLattice(g)
		slowest = max(slowest, time.Since(start))
		if !ok {
			return
		}
		looked++
		if highest = max(highest, l.Score); l.Value() > 0 {
			wrong++
		}
		t.Logf("%-40s %v: %.2f, period %.1f", name, g.Rect.Max, l.Score, l.Period)
	}
	dev := filepath.Join(filepath.Dir(sharedData(t, "models")), "documents", "dev")
	files, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(dev)), "faces", "dev", "*", "*.jpg"))
	for _, pattern := range []string{"mrz/*.*g", "barcode/*/*.png", "upload-variants/*.jpg"} {
		more, _ := filepath.Glob(filepath.Join(dev, pattern))
		files = append(files, more...)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := image.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(file, err)
		}
		plain(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), grey(img))
	}
	figure("pictures of no screen in which a screen's pattern is seen", fmt.Sprintf("%d of %d, highest score %.2f", wrong, looked, highest), "0")
	if wrong > 0 || looked == 0 {
		t.Errorf("%d of %d pictures of no screen", wrong, looked)
	}
	figure("one look for a screen's pattern, slowest", slowest.Round(time.Millisecond), "-")
	names := slices.Sorted(maps.Keys(all))
	for _, pixelsADot := range []float64{0.6, 0.8, 1, 1.2, 1.5, 1.9, 2.4, 3} {
		seen, n, lowest := 0, 0, math.Inf(1)
		for i, name := range names {
			if i%5 != 0 {
				continue
			}
			img, _, err := image.Decode(bytes.NewReader(all[name]))
			if err != nil {
				t.Fatal(err)
			}
			l, ok := tamper.ScreenLattice(onScreen(t, img, pixelsADot, float64(2+i%7)))
			if !ok {
				t.Fatal(name)
			}
			n++
			if lowest = min(lowest, l.Score); l.Value() > 0 {
				seen++
			}
		}
		figure(fmt.Sprintf("computed photographs of a screen at %.1f pixels a dot, seen", pixelsADot), fmt.Sprintf("%d of %d, lowest score %.2f", seen, n, lowest), map[bool]string{true: "all", false: "-"}[pixelsADot >= 1.9])
		if pixelsADot >= 1.9 && seen < n {
			t.Errorf("%d of %d screens at %.1f pixels a dot", seen, n, pixelsADot)
		}
	}
}
