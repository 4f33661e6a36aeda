package document

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"bonafide/child"
	"bonafide/kyc"
)

// How to get what may be missing, for messages and Capabilities.
const (
	installOCR      = "apt-get install -y tesseract-ocr"
	installBarcodes = "apt-get install -y zxing-cpp-tools"
	installPoppler  = "apt-get install -y poppler-utils"
	installModel    = "bonafide models pull mrz (or put mrz.traineddata into the models folder, --models DIR)"
)

// model is one OCR model file.
type model struct{ name, dir string }

// findModel looks for NAME.traineddata: first in the configured folders, then
// where operating systems keep them.
func (r *Reader) findModel(name string) (model, bool) {
	dirs := append([]string{r.cfg.ModelsDir}, r.cfg.TessdataDirs...)
	if prefix := os.Getenv("TESSDATA_PREFIX"); prefix != "" {
		dirs = append(dirs, prefix, filepath.Join(prefix, "tessdata"))
	}
	for _, dir := range append(dirs, r.system()...) {
		if dir == "" {
			continue
		}
		if info, err := os.Stat(filepath.Join(dir, name+".traineddata")); err == nil && info.Mode().IsRegular() {
			return model{name, dir}, true
		}
	}
	return model{}, false
}

// systemTessdata is where operating systems keep models.
func systemTessdata() []string {
	dirs, _ := filepath.Glob("/usr/share/tesseract-ocr/*/tessdata")
	slices.Reverse(dirs) // the newest first
	return append(dirs, "/usr/share/tessdata", "/usr/local/share/tessdata", "/opt/homebrew/share/tessdata")
}

// zoneModel is the model for the zone: mrz, or eng where that is all there
// is (it reads about half as many documents).
func (r *Reader) zoneModel() (model, *kyc.Error) {
	if r.tesseract == "" {
		return model{}, kyc.Errorf(kyc.Unavailable, "ocr_not_configured", "no OCR program is installed; install it with: %s", installOCR)
	}
	for _, name := range []string{"mrz", "eng"} {
		if m, ok := r.findModel(name); ok {
			return m, nil
		}
	}
	return model{}, kyc.Errorf(kyc.Unavailable, "ocr_model_not_configured", "the OCR program has no model; %s or run: %s", installModel, installOCR)
}

// engine names tool and model for the record.
func (r *Reader) engine(ctx context.Context, z *zone) string {
	if r.tesseract == "" {
		return ""
	}
	m, err := r.zoneModel()
	if err != nil {
		return ""
	}
	if z != nil {
		m = z.model
	}
	return strings.TrimSpace("tesseract " + r.version.get(ctx, r.tesseract) + " (" + m.name + " " + fingerprint(filepath.Join(m.dir, m.name+".traineddata")) + ")")
}

// fingerprint is the beginning of a file's SHA-256.
func fingerprint(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)+`)

// versionCache asks tesseract for its version once.
type versionCache struct {
	mu    sync.Mutex
	value string
}

func (c *versionCache) get(ctx context.Context, path string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.value == "" {
		c.value = toolVersion(ctx, path, "--version")
	}
	return c.value
}

// toolVersion asks a tool for its version; "" when it does not say.
func toolVersion(ctx context.Context, path string, flags ...string) string {
	if path == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	out, err := child.Run(ctx, nil, path, flags...)
	if err != nil {
		return ""
	}
	return versionNumber.FindString(string(out))
}
