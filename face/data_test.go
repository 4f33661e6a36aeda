package face

import (
	"context"
	"encoding/csv"
	"flag"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"bonafide/model"
)

var accuracy = flag.Bool("accuracy", false, "measure on the data folder and print the figures of docs/accuracy.md")

// dataFolder finds the measuring data, which is no part of the tree.
func dataFolder(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("BONAFIDE_DATA_FOLDER")
	if dir == "" {
		_, here, _, _ := runtime.Caller(0)
		dir = filepath.Join(filepath.Dir(here), "..", "..", "shared", "data")
	}
	if _, err := os.Stat(filepath.Join(dir, "faces", "dev", "pairs.csv")); err != nil {
		t.Skip("the data folder ../shared/data is not here; set BONAFIDE_DATA_FOLDER to look at its faces")
	}
	return dir
}

// engine opens the real one; a machine without it skips the test.
func engine(t testing.TB) *Engine {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	e := Open(Options{
		Models:  model.Open(filepath.Join(dataFolder(t), "models")),
		Library: os.Getenv("BONAFIDE_ONNXRUNTIME"),
		Dirs:    []string{filepath.Join(filepath.Dir(here), "..", ".cache", "onnxruntime")},
	})
	t.Cleanup(e.Close)
	if e.libraryPath() == "" {
		t.Skip("ONNX Runtime is not here; install it with: make tools")
	}
	return e
}

// picture opens one of the data folder's faces.
func picture(t testing.TB, name string) image.Image {
	t.Helper()
	f, err := os.Open(filepath.Join(dataFolder(t), "faces", "dev", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

type pair struct {
	a, b string
	same bool
}

func pairs(t testing.TB) []pair {
	t.Helper()
	f, err := os.Open(filepath.Join(dataFolder(t), "faces", "dev", "pairs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []pair
	for _, r := range rows[1:] {
		out = append(out, pair{r[0], r[1], strings.TrimSpace(r[2]) == "yes"})
	}
	return out
}

var ctx = context.Background()
