package model

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/model/modeltest"
)

func sumOf(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func write(t *testing.T, dir, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheManifestFillsEverySlotAndCanBePulled(t *testing.T) {
	t.Parallel()
	entries, err := parse(builtIn)
	if err != nil {
		t.Fatal(err)
	}
	for _, slot := range Slots() {
		i := slices.IndexFunc(entries, func(e Entry) bool { return e.Slot == slot })
		if i < 0 || !entries[i].Measured {
			t.Errorf("the preferred model of %s is not the measured one", slot)
		}
		if !slices.ContainsFunc(entries, func(e Entry) bool { return e.Slot == slot && e.Download != "" }) {
			t.Errorf("%s has no public address", slot)
		}
	}
	got, err := Open(t.TempDir()).Choose(nil)
	if err != nil || len(got) != len(Slots()) {
		t.Errorf("an empty folder pulls %d models: %v", len(got), err)
	}
}

func TestAManifestTellsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := parse([]byte(`models:
  - {slot: nose, name: "../x", file: "../../etc/passwd", sha256: XYZ, size: -1, licence: "", download: "http://example.com/x"}
  - {slot: face_template, name: a, file: a.onnx, sha256: ` + strings.Repeat("0", 64) + `, licence: MIT, input: {width: 5000, height: 1, color: pink, mean: [1]}, points: [[2, 2]]}
  - {slot: mrz, name: a, file: other.traineddata, sha256: ` + strings.Repeat("0", 64) + `, licence: MIT}
`))
	var paths []string
	for _, p := range kyc.AsError(err).Problems {
		paths = append(paths, p.Path)
	}
	for _, want := range []string{"/models/0/slot", "/models/0/name", "/models/0/file", "/models/0/sha256", "/models/0/size", "/models/0/licence", "/models/0/download",
		"/models/1/input", "/models/1/input/color", "/models/1/input/mean", "/models/1/output/size", "/models/1/points", "/models/1/points/0", "/models/1/distance", "/models/1/calibration", "/models/2/file"} {
		if !slices.Contains(paths, want) {
			t.Errorf("%s is not told of: %v", want, paths)
		}
	}
	if _, err := parse([]byte("models:\n  - {slot: mrz, nam: x}\n")); !kyc.IsCode(err, "model_manifest_malformed") {
		t.Errorf("an unknown field: %v", err)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(builtIn)
	f.Add([]byte("models: [{}]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := parse(b)
		for _, e := range entries {
			if err == nil && e.Validate() != nil {
				t.Error("an entry that is not valid was taken")
			}
		}
	})
}

func TestAFileThatIsNotTheOneMeantIsRefusedWithAReason(t *testing.T) {
	t.Parallel()
	first, second := t.TempDir(), t.TempDir()
	s := Open(first, second)
	if _, ok := s.Find(MRZ); ok {
		t.Fatal("found in an empty folder")
	}
	write(t, first, "mrz.traineddata", []byte("something else"))
	if _, ok := s.Find(MRZ); ok {
		t.Fatal("a file of another size was taken")
	}
	wrong := bytes.Repeat([]byte{7}, 1452847)
	write(t, first, "mrz.traineddata", wrong)
	if _, ok := s.Find(MRZ); ok {
		t.Fatal("a file of another content was taken")
	}
	i := slices.IndexFunc(s.Status(), func(st State) bool { return st.Slot == MRZ })
	st := s.Status()[i]
	if st.Status != "refused" || !strings.Contains(st.Reason, "SHA-256 "+sumOf(wrong)[:12]) || st.Install != "bonafide models pull mrz" {
		t.Errorf("%+v", st)
	}
}

// described is an entry of the folder's own manifest for content b.
func described(slot string, b []byte) Entry {
	return Entry{Slot: slot, Name: "mine", File: "mine.onnx", SHA256: sumOf(b), Size: int64(len(b)), Licence: "MIT", Input: Input{Width: 640, Height: 640, Color: "bgr"}}
}

func TestAnAddedModelIsFoundFirstAndOnlyWithItsDescription(t *testing.T) {
	t.Parallel()
	from, dir := t.TempDir(), filepath.Join(t.TempDir(), "models")
	content := modeltest.Network{Input: []int64{1, 3, 640, 640}, Outputs: detectorOutputs()}.Bytes()
	path := write(t, from, "whatever.bin", content)
	s := Open(dir)
	if _, err := s.Add(dir, path, nil, nil); !kyc.IsCode(err, "model_unknown") {
		t.Errorf("an unknown file: %v", err)
	}
	if _, err := s.Add(dir, path, &Entry{Slot: FaceTemplate, Name: "x"}, nil); !kyc.IsCode(err, "model_invalid") || len(kyc.AsError(err).Problems) < 4 {
		t.Errorf("half a description: %v", err)
	}
	e := described(FaceDetection, content)
	added, err := s.Add(dir, path, &e, nil)
	if err != nil || added.File != "face_detection-mine.onnx" {
		t.Fatal(added, err)
	}
	got, ok := Open(dir).Find(FaceDetection)
	if !ok || got.Name != "mine" || got.Fingerprint() != sumOf(content)[:12] {
		t.Errorf("%+v %v", got, ok)
	}
	if b, err := got.Bytes(); err != nil || !bytes.Equal(b, content) {
		t.Error(err)
	}
	if l, ok := Open(dir).Lookup(FaceDetection, got.ID()); !ok || l.Name != "mine" {
		t.Error("its id is not known")
	}
	// Exchanged behind the store's back, it is refused when it is read.
	write(t, dir, added.File, []byte("a network of  nobody"))
	if _, err := got.Bytes(); err == nil || err.Code != "model_differs" {
		t.Errorf("exchanged: %v", err)
	}
	write(t, dir, LocalManifest, []byte("models: {"))
	if s := Open(dir); len(s.Problems()) != 1 {
		t.Error("a broken manifest is not told of")
	}
	// A file the manifest knows needs no description.
	dir2 := t.TempDir()
	known := Entry{Slot: MRZ, Name: "known", File: "mrz.traineddata", SHA256: sumOf(content), Licence: "MIT"}
	s2 := &Store{dirs: []string{dir2}, entries: []Entry{known}, seen: map[string]verified{}}
	if got, err := s2.Add(dir2, path, nil, nil); err != nil || got.Name != "known" {
		t.Error(got, err)
	}
	if _, ok := s2.Find(MRZ); !ok {
		t.Error("the known file is not found")
	}
}

// server answers with content, as the test's mode says.
func server(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(s.Close)
	return s.URL
}

func TestPullDownloadsAndVerifies(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("0123456789"), 10_000)
	whole := func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		code   string
		kept   bool // a part file stays
		part   []byte
		size   int64 // of the entry; -1: unknown
	}{
		"good":                    {answer: whole},
		"good, of unknown size":   {answer: whole, size: -1},
		"continued":               {answer: whole, part: content[:30_000]},
		"continued, wrong start":  {answer: whole, part: bytes.Repeat([]byte("x"), 30_000)},
		"continued, too long":     {answer: whole, part: bytes.Repeat([]byte("x"), 200_000)},
		"a server without ranges": {answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }, part: content[:30_000]},
		"redirected": {answer: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/there" {
				http.Redirect(w, r, "/there", http.StatusFound)
				return
			}
			whole(w, r)
		}},
		"redirected for ever": {answer: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x"+r.URL.Path, http.StatusFound) }, code: "model_download_failed"},
		"wrong checksum": {answer: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(bytes.Repeat([]byte("9876543210"), 10_000))
		}, code: "model_differs"},
		"cut off": {answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write(content[:50_000])
		}, code: "model_download_failed", kept: true},
		"too short": {answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content[:50_000]) }, code: "model_download_failed", kept: true},
		"too large": {answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(append(content, 'x')) }, code: "model_too_large"},
		"endless": {answer: func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(content); err != nil {
					return
				}
			}
		}, code: "model_too_large"},
		"gone":            {answer: http.NotFound, code: "model_download_missing"},
		"gone meanwhile":  {answer: http.NotFound, code: "model_download_missing", part: content[:30_000]},
		"a broken server": {answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, code: "model_download_failed"},
		"broken meanwhile": {answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, code: "model_download_failed",
			part: content[:30_000], kept: true},
		"another part": {answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 5-9/100000")
			w.WriteHeader(http.StatusPartialContent)
		}, part: content[:30_000], code: "model_download_failed", kept: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			e := Entry{Slot: MRZ, Name: "x", File: "mrz.traineddata", SHA256: sumOf(content), Size: int64(len(content)), Download: server(t, c.answer) + "/file"}
			if c.size < 0 {
				e.Size = 0
			}
			if c.part != nil {
				write(t, dir, e.File+partSuffix, c.part)
			}
			s := &Store{dirs: []string{dir}, entries: []Entry{e}, seen: map[string]verified{}}
			var last atomic.Int64
			err := s.Pull(context.Background(), dir, e, PullOptions{Progress: func(done, _ int64) { last.Store(done) }})
			_, found := s.Find(MRZ)
			_, left := os.Stat(filepath.Join(dir, e.File+partSuffix))
			switch {
			case c.code == "" && (err != nil || !found || last.Load() != int64(len(content)) || left == nil):
				t.Errorf("%v, found %v, told of %d bytes, part left: %v", err, found, last.Load(), left == nil)
			case c.code != "" && (!kyc.IsCode(err, c.code) || found || (left == nil) != c.kept):
				t.Errorf("%v, found %v, part left: %v", err, found, left == nil)
			}
			if c.code == "" { // a second pull asks nobody
				e.Download = "http://127.0.0.1:1/"
				write(t, dir, e.File+partSuffix, []byte("left of another"))
				if err := s.Pull(context.Background(), dir, e, PullOptions{}); err != nil {
					t.Error(err)
				}
				if _, err := os.Stat(filepath.Join(dir, e.File+partSuffix)); err == nil {
					t.Error("a part stays beside the whole")
				}
			}
		})
	}
	if err := Open().Pull(context.Background(), t.TempDir(), Entry{Name: "x"}, PullOptions{}); !kyc.IsCode(err, "model_no_address") {
		t.Error(err)
	}
}

// What an interrupted pull has fetched is where the next one goes on.
func TestAnInterruptedPullGoesOn(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("0123456789"), 10_000)
	var asked atomic.Value
	address := server(t, func(w http.ResponseWriter, r *http.Request) {
		from := r.Header.Get("Range")
		asked.Store(from)
		if from != "" {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
			return
		}
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(content[:50_000])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done() // until the other side has gone
	})
	dir := t.TempDir()
	e := Entry{Slot: MRZ, Name: "x", File: "mrz.traineddata", SHA256: sumOf(content), Size: int64(len(content)), Download: address}
	s := &Store{dirs: []string{dir}, entries: []Entry{e}, seen: map[string]verified{}}
	ctx, interrupt := context.WithCancel(t.Context())
	err := s.Pull(ctx, dir, e, PullOptions{Progress: func(done, _ int64) {
		if done == 50_000 {
			interrupt()
		}
	}})
	if info, bad := os.Stat(filepath.Join(dir, e.File+partSuffix)); !kyc.IsCode(err, "model_download_failed") || bad != nil || info.Size() != 50_000 {
		t.Fatalf("interrupted: %v; %v %v", err, info, bad)
	}
	if _, found := s.Find(MRZ); found {
		t.Error("half a model is taken")
	}
	if err := s.Tidy(dir, time.Now()); err != nil {
		t.Error(err)
	}
	if err := s.Pull(t.Context(), dir, e, PullOptions{}); err != nil || asked.Load() != "bytes=50000-" {
		t.Errorf("again: %v, asked for %v", err, asked.Load())
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != e.File {
		t.Errorf("left: %v %v", left, err)
	}
}

func TestWhatNobodyGoesOnWithIsClearedAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	s := &Store{entries: []Entry{{Slot: MRZ, Name: "x", File: "mrz.traineddata", Download: "https://x.test/"}, {Slot: Eng, Name: "y", File: "eng.traineddata"}}}
	stays := map[string]bool{}
	for _, f := range []struct {
		name  string
		days  int
		stays bool
	}{
		{"mrz.traineddata.part", 6, true}, {"mrz.traineddata.new123", 6, true}, {"age-mine.onnx", 400, true}, {"models.yaml", 400, true}, {"notes.new", 400, true},
		{"eng.traineddata.part", 0, false}, {"nobodys.onnx.part", 0, false}, {"age-mine.onnx.new42", 8, false}, {"models.yaml.new7", 8, false},
	} {
		path := write(t, dir, f.name, []byte("x"))
		if err := os.Chtimes(path, now, now.AddDate(0, 0, -f.days)); err != nil {
			t.Fatal(err)
		}
		stays[f.name] = f.stays
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.part"), 0o700); err != nil {
		t.Fatal(err)
	}
	stays["folder.part"] = true
	if err := s.Tidy(dir, now); err != nil {
		t.Fatal(err)
	}
	for name, want := range stays {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Tidy(dir, now.AddDate(0, 0, 2)); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "mrz.traineddata.part")); err == nil {
		t.Error("a part of last week stays")
	}
	if err := s.Tidy(filepath.Join(dir, "none"), now); err != nil {
		t.Error(err)
	}
}

func TestASecureAddressIsNotLeft(t *testing.T) {
	t.Parallel()
	plain := server(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "x") })
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, plain, http.StatusFound) }))
	t.Cleanup(s.Close)
	e := Entry{Slot: MRZ, Name: "x", File: "mrz.traineddata", SHA256: sumOf([]byte("x")), Download: s.URL}
	err := Open().Pull(context.Background(), t.TempDir(), e, PullOptions{Transport: s.Client().Transport})
	if !kyc.IsCode(err, "model_download_failed") || !strings.Contains(err.Error(), "away from https") {
		t.Error(err)
	}
}
