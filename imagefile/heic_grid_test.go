//go:build !noheic

package imagefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"bonafide/grey"
)

// gridFile is a picture of tiles made of the data folder's HEIC file, whose
// picture is a drawn passport; none of them is the file itself.
func gridFile(t testing.TB, columns, rows int) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(needData(t), "documents", "dev", "upload-variants", "td3.heic"))
	if err != nil {
		t.Fatal(err)
	}
	if columns == 0 {
		return b
	}
	return heicGrid(t, b, columns, rows)
}

// differing counts the pixels of two grey pictures that differ by more than a
// few levels.
func differing(t testing.TB, a, b *image.Gray) int {
	t.Helper()
	if a.Rect != b.Rect {
		t.Fatalf("%v and %v", a.Rect, b.Rect)
	}
	n := 0
	for i, v := range a.Pix {
		if d := int(v) - int(b.Pix[i]); d > 3 || d < -3 {
			n++
		}
	}
	return n
}

// Tile by tile gives the same pixels as the library's whole picture.
func TestGridIsDecodedLikeTheWhole(t *testing.T) {
	t.Parallel()
	b := gridFile(t, 2, 2)
	img, err := decodeHEIC(b)
	if err != nil {
		t.Fatal(err)
	}
	grid, ok := img.(*tileGrid)
	if !ok || grid.columns != 2 || grid.rows != 2 {
		t.Fatalf("%T", img)
	}
	whole, err := wholeHEIC(b)
	if err != nil {
		t.Fatal(err)
	}
	if n := differing(t, grey.Of(grid), grey.Of(whole)); n > 0 || grid.err != nil {
		t.Errorf("%d pixels differ, %v", n, grid.err)
	}
	if n := len(grid.open); n > grid.kept() {
		t.Errorf("%d tiles are kept", n)
	}
}

// The colours are those of the picture that the data folder's file was made of.
func TestHEICKeepsItsColours(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(needData(t), "documents", "dev")
	raw, err := os.ReadFile(filepath.Join(dir, "mrz", "passport-td3.png"))
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	want := ColourOf(drawn)
	for name, b := range map[string][]byte{"one picture": gridFile(t, 0, 0), "a grid": gridFile(t, 2, 2)} {
		img, err := decodeHEIC(b)
		if err != nil {
			t.Fatal(err)
		}
		got := ColourOf(img)
		off := 0.0
		for y := range got.Rect.Dy() {
			for x := range got.Rect.Dx() {
				for k := range 3 {
					d := float64(got.Pix[got.PixOffset(x, y)+k]) - float64(want.Pix[want.PixOffset(x%want.Rect.Dx(), y%want.Rect.Dy())+k])
					off += d * d
				}
			}
		}
		off = math.Sqrt(off / float64(3*got.Rect.Dx()*got.Rect.Dy()))
		t.Logf("%s: %.1f levels off", name, off)
		if off > 8 {
			t.Errorf("%s: the colours are %.1f levels off in the mean", name, off)
		}
	}
}

// A property irot turns the grid as the library turns it.
func TestGridIsTurnedByItsProperty(t *testing.T) {
	t.Parallel()
	plain := gridFile(t, 2, 2)
	for quarter := range byte(4) {
		b := withTurn(t, plain, quarter)
		img, err := decodeHEIC(b)
		if err != nil {
			t.Fatal(err)
		}
		grid, ok := img.(*tileGrid)
		if !ok {
			t.Fatalf("%T", img)
		}
		whole, err := wholeHEIC(b)
		if err != nil {
			t.Fatal(err)
		}
		if n := differing(t, grey.Of(grid), grey.Of(whole)); n > 0 || grid.err != nil {
			t.Errorf("%d quarter turns: %d pixels differ, %v", quarter, n, grid.err)
		}
	}
}

// Mirrored and cut pictures come out as the library's, and in colour, too.
func TestGridIsMirroredAndCut(t *testing.T) {
	t.Parallel()
	plain := gridFile(t, 2, 2)
	all, ok := gridOf(plain)
	if !ok {
		t.Fatal("no grid")
	}
	part := func(w, h, right, down int) []byte {
		var b []byte
		for _, v := range []int{w, 1, h, 1, right, 2, down, 2} {
			b = binary.BigEndian.AppendUint32(b, uint32(int32(v)))
		}
		return b
	}
	for name, c := range map[string]struct {
		kind string
		body []byte
		want image.Point
	}{
		"left for right": {"imir", []byte{1}, image.Pt(all.w, all.h)},
		"top for foot":   {"imir", []byte{0}, image.Pt(all.w, all.h)},
		"the middle":     {"clap", part(1000, 600, 0, 0), image.Pt(1000, 600)},
		"a corner":       {"clap", part(1000, 600, 1000-all.w, all.h-600), image.Pt(1000, 600)},
	} {
		b := withProperty(t, plain, c.kind, c.body)
		img, err := decodeHEIC(b)
		if err != nil {
			t.Fatal(name, err)
		}
		grid, ok := img.(*tileGrid)
		if !ok {
			t.Fatalf("%s: %T", name, img)
		}
		if grid.Bounds().Size() != c.want {
			t.Errorf("%s: %v, want %v", name, grid.Bounds(), c.want)
		}
		whole, err := wholeHEIC(b)
		if err != nil {
			t.Fatal(name, err)
		}
		seen := grey.Of(grid)
		// What the library loses of a picture's beginning (freedBytes) lies elsewhere
		// in a part of it.
		if n := differing(t, seen, grey.Of(whole)); n > freedBytes || grid.err != nil {
			t.Errorf("%s: %d pixels differ, %v", name, n, grid.err)
		}
		off := 0
		for i, v := range grey.Of(ColourOf(grid)).Pix {
			off += max(int(v)-int(seen.Pix[i]), int(seen.Pix[i])-int(v))
		}
		if grid.failed() != nil || off > 6*len(seen.Pix) {
			t.Errorf("%s: the colours are %d off in %d pixels, %v", name, off, len(seen.Pix), grid.err)
		}
	}
	for name, body := range map[string][]byte{
		"half a pixel": part(1001, 600, 0, 0), "outside": part(1000, 600, all.w, 0), "larger": part(all.w+2, 600, 0, 0), "nothing": part(0, 600, 0, 0), "short": part(1000, 600, 0, 0)[:31],
	} {
		if at, ok := aperture(body, all.w, all.h); ok {
			t.Errorf("%s: %v", name, at)
		}
	}
}

func withTurn(t testing.TB, b []byte, quarter byte) []byte {
	t.Helper()
	return withProperty(t, b, "irot", []byte{quarter})
}

// withProperty writes a file of tiles again, with one more among the properties
// of the grid.
func withProperty(t testing.TB, b []byte, kind string, value []byte) []byte {
	t.Helper()
	return withPropertyTimes(t, b, kind, value, 0)
}

// A tile that cannot be decoded makes the picture one that cannot.
func TestGridWithABrokenTile(t *testing.T) {
	t.Parallel()
	grid, ok := gridOf(gridFile(t, 2, 1))
	if !ok {
		t.Fatal("no grid")
	}
	calls := 0
	grid.decode = func(b []byte) (image.Image, error) {
		if calls++; calls > 1 {
			return nil, errors.New("broken")
		}
		return image.NewGray(image.Rect(0, 0, grid.tileW, grid.tileH)), nil
	}
	grey.Of(grid)
	if grid.failed() == nil || calls != 2 {
		t.Errorf("%v after %d calls", grid.err, calls)
	}
	small, ok := gridOf(gridFile(t, 2, 1))
	if !ok {
		t.Fatal("no grid")
	}
	small.decode = func([]byte) (image.Image, error) { return image.NewGray(image.Rect(0, 0, 9, 9)), nil }
	if grey.Of(small); small.failed() == nil {
		t.Error("tiles of another size were taken")
	}
}

// FuzzGrid reads the items of files that nobody wrote: what is taken for a grid
// has tiles that cover it, and no more of them than are allowed.
func FuzzGrid(f *testing.F) {
	if b, err := os.ReadFile(filepath.Join(sharedData(), "documents", "dev", "upload-variants", "td3.heic")); err == nil {
		f.Add(heicGrid(f, b, 2, 2)[:1200])
		f.Add(withProperty(f, heicGrid(f, b, 2, 2), "imir", []byte{1})[:1200])
		f.Add(withProperty(f, heicGrid(f, b, 2, 2), "clap", []byte{0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1})[:1200])
		f.Add(b[:2000])
	}
	f.Add(isoBox("meta", []byte{0, 0, 0, 0}, isoBox("pitm", []byte{0, 0, 0, 0, 0, 1}), isoBox("iloc", []byte{1, 0, 0, 0, 0x44, 0x40, 0, 1, 0, 1, 0, 1})))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, ok := gridOf(b)
		if !ok {
			return
		}
		if len(g.tiles) != g.columns*g.rows || len(g.tiles) > mostTiles || g.w*g.h > MaxPixels || g.tileW*g.columns < g.w || g.tileH*g.rows < g.h {
			t.Errorf("%d tiles of %dx%d for %dx%d", len(g.tiles), g.tileW, g.tileH, g.w, g.h)
		}
		last := g.Bounds().Max
		if g.Bounds().Empty() || g.view.from == nil {
			return
		}
		for _, at := range [4]image.Point{{}, {last.X - 1, 0}, {0, last.Y - 1}, {last.X - 1, last.Y - 1}} {
			if x, y := g.view.from(at.X, at.Y); !image.Pt(x, y).In(image.Rect(0, 0, g.w, g.h)) {
				t.Errorf("%v of %v lies at %d, %d of %dx%d", at, last, x, y, g.w, g.h)
			}
		}
	})
}

// FuzzHEIC gives libheif, as it runs in the decoding child, files that nobody
// wrote. Its memory is not checked at each access, so a fault may take the
// process along: that is why it has one of its own, and the test starts it.
func FuzzHEIC(f *testing.F) {
	b, err := os.ReadFile(filepath.Join(sharedData(), "documents", "dev", "upload-variants", "td3.heic"))
	if err != nil {
		f.Skip("the data folder ../shared/data is not here; it holds the picture that is changed")
	}
	f.Add(0, byte(1), 0, byte(1))
	f.Add(900, byte(0xff), 4000, byte(0x80))
	f.Add(len(b)/2, byte(0x10), 60, byte(7))
	r := apart()
	f.Fuzz(func(t *testing.T, at int, change byte, second int, other byte) {
		file := bytes.Clone(b)
		for _, one := range []struct {
			at     int
			change byte
		}{{at, change}, {second, other}} {
			file[uint(one.at)%uint(len(file))] ^= one.change
		}
		img, fail := r.open(t.Context(), file)
		switch {
		case fail == nil && (img.Bounds().Dx() < 1 || img.Bounds().Dx()*img.Bounds().Dy() > MaxPixels):
			t.Errorf("a picture of %v", img.Bounds())
		case fail != nil && fail.Code == "decoder_failed":
			t.Errorf("the child ended as no picture can make it: %v", fail)
		}
	})
}

// A camera turns and mirrors a picture once each. A file that does it a thousand
// times would cost that for each of its pixels, and one that does it millions of
// times all the memory there is.
func TestPictureThatIsTurnedWithoutEnd(t *testing.T) {
	t.Parallel()
	for further, want := range map[int]bool{0: true, 1: false, 4000: false} {
		if _, ok := gridOf(withPropertyTimes(t, gridFile(t, 2, 1), "irot", []byte{1}, further)); ok != want {
			t.Errorf("turned %d times: %v", 1+255*further, ok)
		}
	}
}
