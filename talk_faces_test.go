package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/image/draw"
)

// Scenarios of faces (faces_*.txtar) are conversations in live mode with the
// recogniser's networks and the pictures of the data folder; nofaces_*.txtar
// are the same questions to a server that has no networks, where nothing may
// pass. Both send pictures by their names here.
func TestFaceTalks(t *testing.T) {
	t.Parallel()
	flags, data := faceTools(t)
	files := facePictures(t, data)
	for _, kind := range []string{"faces", "nofaces"} {
		found, err := filepath.Glob("testdata/scenarios/" + kind + "_*.txtar")
		if err != nil || len(found) == 0 {
			t.Fatalf("no scenarios of %s: %v", kind, err)
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			eachDatabase(t, func(t *testing.T, database string) {
				t.Parallel()
				g := &Globals{Data: t.TempDir(), Database: database, Sync: "normal", Models: flags[1], ONNXRuntime: flags[3]}
				if kind == "nofaces" {
					g.Models = t.TempDir()
				}
				srv := startWith(t, g, unhurried)
				needsTesseract(t, srv)
				srv.importList(t, "own", ownList) // without a list nobody is approved
				for _, file := range found {
					s := loadTalk(t, file)
					s.files = files
					t.Run(s.name, func(t *testing.T) {
						t.Parallel()
						s.run(t, srv)
					})
				}
			})
		})
	}
}

// facePictures are the pictures that the scenarios send. One person is on ada,
// adaAgain and on the passport of the fictional Utopia, another on other.
func facePictures(t *testing.T, data string) map[string][]byte {
	t.Helper()
	faces := filepath.Join(data, "faces", "dev")
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(faces, name))
		if err != nil {
			t.Skipf("the data folder has no pictures of faces: %v", err)
		}
		return b
	}
	out := map[string][]byte{"ada": read("pairs/img1.jpg"), "adaAgain": read("pairs/img2.jpg"), "adaClose": read("pairs/img10.jpg"), "other": read("pairs/img16.jpg"),
		"living": read("antispoof/live_image_T1.jpg"), "print": read("antispoof/print_image_F1.jpg"), "replay": read("antispoof/replay_image_F2.jpg")}
	out["passport"] = passportOf(t, out["ada"])
	out["passportOfPrinted"] = passportOf(t, out["print"])
	out["passportOfLiving"] = passportOf(t, out["living"])
	ada, other := opened(t, out["ada"]), opened(t, out["other"])
	for i := range 9 {
		out["still"+strconv.Itoa(i+1)] = asJPEG(t, onFrame(2*i, ada))
	}
	out["both"] = asJPEG(t, onFrame(0, ada, other))
	out["nobody"] = asJPEG(t, onFrame(0))
	out["stranger"] = asJPEG(t, onFrame(3, other))
	page := opened(t, out["passport"])
	out["dark"], out["blurred"] = asJPEG(t, dimmed(page)), asJPEG(t, blurred(page))
	out["text"] = []byte("no picture at all")
	out["empty"] = nil
	out["pdf"] = []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	var b bytes.Buffer
	if err := png.Encode(&b, onFrame(0, ada)); err != nil {
		t.Fatal(err)
	}
	out["cut"] = b.Bytes()[:b.Len()/2]
	return out
}

func opened(t *testing.T, file []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func asJPEG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 85}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// passportOf draws a passport that shows somebody, smaller and in grey as
// printed portraits are.
func passportOf(t *testing.T, file []byte) []byte {
	t.Helper()
	person := mirabel()
	person.Expiry = time.Now().UTC().AddDate(4, 0, 0)
	page := opened(t, specimen(t, person))
	out := image.NewRGBA(page.Bounds())
	draw.Draw(out, out.Bounds(), page, page.Bounds().Min, draw.Src)
	img := opened(t, file)
	w, h := page.Bounds().Dx()*27/100, page.Bounds().Dy()*52/100
	small := image.NewGray(image.Rect(0, 0, w, h))
	b := img.Bounds() // the middle of it, in the portrait's shape
	part := image.Rect(0, 0, min(b.Dx(), b.Dy()*w/h), min(b.Dy(), b.Dx()*h/w)).Add(b.Min)
	part = part.Add(image.Pt((b.Dx()-part.Dx())/2, (b.Dy()-part.Dy())/2))
	draw.CatmullRom.Scale(small, small.Bounds(), img, part, draw.Src, nil)
	draw.Draw(out, small.Bounds().Add(image.Pt(page.Bounds().Dx()*4/100, page.Bounds().Dy()*16/100)), small, image.Point{}, draw.Src)
	return asJPEG(t, out)
}

// onFrame puts people side by side on a frame of a camera, a few pixels from
// where they stood before.
func onFrame(moved int, people ...image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, 640, 480))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.RGBA{120, 130, 140, 255}), image.Point{}, draw.Src)
	for i, img := range people {
		w := 640 / len(people)
		h := w * img.Bounds().Dy() / img.Bounds().Dx()
		if h > 480 {
			w, h = 480*img.Bounds().Dx()/img.Bounds().Dy(), 480
		}
		at := image.Rect(0, 0, w, h).Add(image.Pt(i*640/len(people)+moved, (480-h)/2+moved))
		draw.CatmullRom.Scale(out, at, img, img.Bounds(), draw.Src, nil)
	}
	return out
}

// dimmed is a picture that was taken with too little light.
func dimmed(img image.Image) image.Image {
	out := image.NewRGBA(img.Bounds())
	draw.Draw(out, out.Bounds(), image.Black, image.Point{}, draw.Src)
	draw.DrawMask(out, out.Bounds(), img, img.Bounds().Min, image.NewUniform(color.Alpha{36}), image.Point{}, draw.Over)
	return out
}

// blurred is a picture that is out of focus.
func blurred(img image.Image) image.Image {
	b := img.Bounds()
	small := image.NewRGBA(image.Rect(0, 0, b.Dx()/12, b.Dy()/12))
	draw.CatmullRom.Scale(small, small.Bounds(), img, b, draw.Src, nil)
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.CatmullRom.Scale(out, out.Bounds(), small, small.Bounds(), draw.Src, nil)
	return out
}

// nameFiles makes the texts by which bodies speak of pictures: {ada.base64},
// {ada.size} and {ada.sha256}.
func (r *conversation) nameFiles(files map[string][]byte) {
	r.files = files
	for name, b := range files {
		sum := sha256.Sum256(b)
		r.vars[name+".base64"], r.vars[name+".size"], r.vars[name+".sha256"] = base64.StdEncoding.EncodeToString(b), strconv.Itoa(len(b)), hex.EncodeToString(sum[:])
	}
}

// hand sends one of the files.
func (r *conversation) hand(t *testing.T, who *client, method, path string, turn turn, header map[string]string) answer {
	t.Helper()
	file, ok := r.files[r.fill(turn.File)]
	if !ok {
		t.Fatalf("there is no file %q", r.fill(turn.File))
	}
	if len(turn.Form) == 0 {
		return who.send(t, method, path, cmp.Or(r.fill(turn.ContentType), "image/jpeg"), bytes.NewReader(file), header)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "picture.jpg")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(file) // a bytes.Buffer takes everything
	for name, value := range turn.Form {
		_ = w.WriteField(name, r.fill(value))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return who.send(t, method, path, w.FormDataContentType(), &b, header)
}
