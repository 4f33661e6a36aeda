package imagefile

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"bonafide/child"
	"bonafide/child/cost"
	"bonafide/imagefile/made"
	"bonafide/kyc"
)

// childWord makes the test binary the decoding child, hereWord a process that
// decodes as the server does, without a limit of its own.
const (
	childWord = "decode-a-picture"
	hereWord  = "decode-it-here"
)

// TestMain lets the test binary be its own decoding child.
func TestMain(m *testing.M) {
	cost.Main()
	switch {
	case len(os.Args) > 1 && os.Args[1] == childWord:
		code := DecodeChild(os.Stdin, os.Stdout, os.Args[2:]...)
		cost.Tell()
		os.Exit(code)
	case len(os.Args) > 1 && os.Args[1] == hereWord:
		os.Exit(decodeHere(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

func childDecoder() []string { return []string{os.Args[0], childWord} }

// longEnough is the deadline of pictures under test: a machine that runs all
// rooms' tests at one time, under the race detector, is slow.
const longEnough = 3 * time.Minute

// sharedData finds the measuring data, which is no part of the tree; "" where
// it is not there.
func sharedData() string {
	dir := os.Getenv("BONAFIDE_DATA_FOLDER")
	if dir == "" {
		_, here, _, _ := runtime.Caller(0)
		dir = filepath.Join(filepath.Dir(here), "..", "..", "shared", "data")
	}
	if _, err := os.Stat(filepath.Join(dir, "documents", "dev")); err != nil {
		return ""
	}
	return dir
}

// needData is sharedData for tests that measure on it.
func needData(t testing.TB) string {
	t.Helper()
	dir := sharedData()
	if dir == "" {
		t.Skip("the data folder ../shared/data is not here; set BONAFIDE_DATA_FOLDER to measure on its documents")
	}
	return dir
}

// pictures is an opener as a reader of documents uses it.
type pictures struct{ opener *Opener }

// apart opens in a decoding child, here does not.
func apart() pictures { return with(childDecoder()) }
func here() pictures  { return with(nil) }

func with(decoder []string) pictures {
	return pictures{NewOpener(decoder, semaphore.NewWeighted(2))}
}

// open gives the upright picture of a file.
func (p pictures) open(ctx context.Context, b []byte) (*image.RGBA, *kyc.Error) {
	kind, err := Sniff(b)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, longEnough)
	defer cancel()
	img, _, err := p.opener.Colour(ctx, b, kind)
	if err != nil {
		return nil, err
	}
	return OrientColour(img, ReadMetadata(b, kind.ContentType).Orientation), nil
}

// The child gives the same pixels as decoding here does.
func TestChildDecodesLikeTheParent(t *testing.T) {
	t.Parallel()
	b := made.TIFF(t, made.Corners(120, 80))
	want, err := here().open(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := apart().open(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Pix, want.Pix) || !made.Near(got, 10, 10, made.Red) {
		t.Error("the pixels differ")
	}
	kind, err := Sniff(b)
	if err != nil {
		t.Fatal(err)
	}
	flat, size, err := apart().opener.Grey(t.Context(), b, kind)
	if err != nil || size != image.Pt(120, 80) || flat.Rect != image.Rect(0, 0, 120, 80) {
		t.Errorf("%v, %v", size, err)
	}
}

func TestHEICNeedsTheChild(t *testing.T) {
	t.Parallel()
	if !HasHEIC {
		t.Skip("built without HEIC")
	}
	b, err := os.ReadFile(filepath.Join(needData(t), "documents", "dev", "upload-variants", "td3.heic"))
	if err != nil {
		t.Fatal(err)
	}
	kind, fail := Sniff(b)
	if fail != nil || kind.ContentType != "image/heic" || kind.Width < 500 || kind.Height < 300 {
		t.Fatalf("%+v, %v", kind, fail)
	}
	if _, err := here().open(t.Context(), b); err == nil || err.Code != "heic_unsupported" {
		t.Errorf("without a child: %v", err)
	}
	got, fail := apart().open(t.Context(), b)
	if fail != nil || got.Bounds().Dx() != kind.Width || got.Bounds().Dy() != kind.Height {
		t.Fatalf("%v, %v, sniffed %+v", got, fail, kind)
	}
	if _, fail := apart().open(t.Context(), b[:len(b)/2]); fail == nil {
		t.Error("half a file was opened")
	}
}

// tiffOfTiles is a TIFF of w by h grey pixels in tiles of 8 by 8 that all lie
// at the same place.
func tiffOfTiles(w, h int) []byte {
	var body bytes.Buffer
	if err := png.Encode(&body, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil { // any bytes will do
		return nil
	}
	tiles := ((w + 7) / 8) * ((h + 7) / 8)
	out := []byte("II*\x00\x00\x00\x00\x00")
	out = append(out, make([]byte, 8*8)...)
	offsets := len(out)
	for range tiles {
		out = binary.LittleEndian.AppendUint32(out, 8)
	}
	counts := len(out)
	for range tiles {
		out = binary.LittleEndian.AppendUint32(out, 64)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)))
	tags := [][3]uint32{{256, 1, uint32(w)}, {257, 1, uint32(h)}, {258, 1, 8}, {259, 1, 1}, {262, 1, 1}, {322, 1, 8}, {323, 1, 8}, {324, uint32(tiles), uint32(offsets)}, {325, uint32(tiles), uint32(counts)}}
	out = binary.LittleEndian.AppendUint16(out, uint16(len(tags)))
	for _, tag := range tags {
		out = binary.LittleEndian.AppendUint16(out, uint16(tag[0]))
		out = binary.LittleEndian.AppendUint16(out, 4)
		out = binary.LittleEndian.AppendUint32(out, tag[1])
		out = binary.LittleEndian.AppendUint32(out, tag[2])
	}
	return append(out, 0, 0, 0, 0)
}

// heicBomb takes a real file and makes its head promise w by h pixels.
func heicBomb(b []byte, w, h uint32) []byte {
	out := bytes.Clone(b)
	for at := 0; ; {
		i := bytes.Index(out[at:], []byte("ispe"))
		if i < 0 {
			return out
		}
		at += i + 8
		binary.BigEndian.PutUint32(out[at:], w)
		binary.BigEndian.PutUint32(out[at+4:], h)
	}
}

// isoBox is one box of an ISO base media file.
func isoBox(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), kind...), body...)
}

// heicGrid makes a picture of columns by rows tiles out of a HEIC file of one
// picture: each tile is that same picture, so that a small file is many pixels.
func heicGrid(t testing.TB, b []byte, columns, rows int) []byte {
	t.Helper()
	kind, err := Sniff(b)
	if err != nil {
		t.Fatal(err)
	}
	var meta, data []byte
	for rest := b; len(rest) > 0; {
		var one box
		var ok bool
		if one, rest, ok = nextBox(rest); !ok {
			t.Fatal("the boxes of the file are broken")
		}
		switch one.kind {
		case "meta":
			meta = one.body[4:]
		case "mdat":
			data = one.body
		}
	}
	config := boxesAt(meta, []string{"iprp", "ipco", "hvcC"})
	if len(config) != 1 {
		t.Fatal("the file is no single picture")
	}
	words := func(v ...uint16) []byte {
		var out []byte
		for _, w := range v {
			out = binary.BigEndian.AppendUint16(out, w)
		}
		return out
	}
	longs := func(v ...int) []byte {
		var out []byte
		for _, w := range v {
			out = binary.BigEndian.AppendUint32(out, uint32(w))
		}
		return out
	}
	none := longs(0)
	grid := append([]byte{0, 1, byte(rows - 1), byte(columns - 1)}, longs(columns*kind.Width, rows*kind.Height)...)
	// The reader refuses one tile in two places, but not two tiles of the same
	// bytes.
	tiles := columns * rows
	from := words(1, uint16(tiles))
	names := isoBox("infe", []byte{2, 0, 0, 0}, words(1, 0), []byte("grid\x00"))
	properties := append(longs(tiles+1), append(words(1), 1, 3)...)
	for n := range tiles {
		id := words(uint16(n + 2))
		from = append(from, id...)
		names = append(names, isoBox("infe", []byte{2, 0, 0, 1}, id, words(0), []byte("hvc1\x00"))...)
		properties = append(append(properties, id...), 2, 0x81, 2)
	}
	head := func(at int) []byte {
		places := append(words(uint16(tiles+1), 1, 0, 1), longs(at, len(grid))...)
		for n := range tiles {
			places = append(append(places, words(uint16(n+2), 0, 1)...), longs(at+len(grid), len(data))...)
		}
		return append(isoBox("ftyp", []byte("heic\x00\x00\x00\x00mif1heic")), isoBox("meta", none,
			isoBox("hdlr", none, none, []byte("pict"), make([]byte, 13)),
			isoBox("pitm", none, words(1)),
			isoBox("iloc", none, []byte{0x44, 0}, places),
			isoBox("iinf", none, words(uint16(tiles+1)), names),
			isoBox("iref", none, isoBox("dimg", from)),
			isoBox("iprp", isoBox("ipco", isoBox("hvcC", config[0]), isoBox("ispe", none, longs(kind.Width, kind.Height)), isoBox("ispe", none, longs(columns*kind.Width, rows*kind.Height))),
				isoBox("ipma", none, properties)))...)
	}
	start := len(head(0)) + 8
	return append(head(start), isoBox("mdat", grid, data)...)
}

// No file makes the decoding child take more than 256 MB or 10 seconds of a
// processor, and each ends in an error with a name or in a picture.
func TestHostilePicturesAreBounded(t *testing.T) {
	t.Parallel()
	rnd := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range rnd.Pix {
		rnd.Pix[i] = byte(i * 7)
	}
	files := map[string][]byte{
		"WebP of 49 million pixels":          made.WebPBomb(7000, 7000),
		"WebP of 50 million pixels in a row": made.WebPBomb(16383, 3050),
		"TIFF of 750,000 tiles":              tiffOfTiles(6900, 6900),
		"TIFF cut off":                       made.TIFF(t, rnd)[:300],
		"TIFF whose tiles are missing":       tiffOfTiles(640, 640)[:400],
	}
	if data := sharedData(); data != "" {
		real, err := os.ReadFile(filepath.Join(data, "documents", "dev", "upload-variants", "td3.heic"))
		if err != nil {
			t.Fatal(err)
		}
		files["HEIC that promises 50 million pixels"] = heicBomb(real, 10000, 5000)
		files["HEIC that promises a strip"] = heicBomb(real, 30000, 1600)
		files["HEIC of 12 million pixels, as phones take them"] = heicGrid(t, real, 3, 3)
		files["HEIC of 24 million pixels, as phones take them"] = heicGrid(t, real, 4, 5)
		files["HEIC of 49 million pixels, as phones take them"] = heicGrid(t, real, 6, 7)
		files["HEIC cut off"] = real[:len(real)*2/3]
		files["HEIC that is turned ten million times"] = withPropertyTimes(t, heicGrid(t, real, 3, 3), "irot", []byte{1}, 40_000)
		noise := bytes.Clone(real)
		for i := len(noise) / 4; i < len(noise); i += 97 {
			noise[i] ^= 0x5a
		}
		files["HEIC with noise"] = noise
	}
	r := apart()
	for name, b := range files {
		kind, sniffed := Sniff(b)
		if sniffed != nil {
			t.Logf("%s: refused at the door: %s", name, sniffed.Code)
			continue
		}
		c := cost.Of(t, b, os.Args[0], childWord, kind.ContentType, "colour")
		code, held, mapped, took := c.Exit, c.Held, c.Mapped, c.Time
		t.Logf("%-40s exit %d, %d MB held, %d mapped, %v", name, code, held>>20, mapped>>20, took.Round(time.Millisecond))
		if held > child.Memory || mapped > child.Memory || took > 11*time.Second {
			t.Errorf("%s: %d MB, %d mapped, %v", name, held>>20, mapped>>20, took)
		}
		// Pictures as they are taken open on every machine: with room to spare for
		// the threads that a busy one adds, and within the processor time.
		if strings.Contains(name, "phones") && (code != 0 || mapped > child.Memory-16<<20) {
			t.Errorf("%s: exit %d, %d MB mapped", name, code, mapped>>20)
		}
		_, err := r.open(t.Context(), b)
		if took > time.Second && err != nil && err.Code == "image_too_costly" {
			continue // on a busy machine the bound on elapsed time comes before the one on processor time
		}
		if (code == 0) != (err == nil) || err != nil && !strings.Contains("image_truncated image_malformed image_too_costly image_too_many_pixels", err.Code) {
			t.Errorf("%s: exit %d, %v", name, code, err)
		}
	}
}

// A child that is not there, or does nothing, is no fault of the picture.
func TestDecoderThatCannotRun(t *testing.T) {
	t.Parallel()
	b := made.TIFF(t, made.Corners(20, 20))
	for name, command := range map[string][]string{
		"missing": {"/nonexistent/program"}, "silent": {"true"}, "refuses its arguments": {os.Args[0], childWord, "too", "many"},
	} {
		if _, err := with(command).open(t.Context(), b); err == nil || err.Code != "decoder_failed" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
