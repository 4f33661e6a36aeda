package ui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

//go:embed app.css console.css icon.svg all:dist
var built embed.FS

// AssetPath is where Kit.Assets is mounted.
const AssetPath = "/assets/"

// BuildCommand is what makes the browser scripts.
const BuildCommand = "make build"

// assets are files under names that carry the hash of their content, so that a
// browser may keep them for a year.
type assets struct {
	byName map[string]string // app.css -> app-0123456789ab.css
	files  map[string][]byte // by hashed name
}

func readAssets() (*assets, error) {
	a := &assets{byName: map[string]string{}, files: map[string][]byte{}}
	err := fs.WalkDir(built, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		raw, err := built.ReadFile(name)
		if err != nil {
			return err
		}
		if name == "app.css" || name == "console.css" {
			raw = squeezed(raw)
		}
		a.add(strings.TrimPrefix(name, "dist/"), raw)
		return nil
	})
	return a, err
}

func (a *assets) add(name string, raw []byte) {
	sum := sha256.Sum256(raw)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext
	a.byName[name], a.files[hashed] = hashed, raw
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSpace   = regexp.MustCompile(`\s+`)
	cssAround  = strings.NewReplacer(" {", "{", "{ ", "{", " }", "}", "} ", "}", "; ", ";", ";}", "}", ": ", ":", ", ", ",")
)

// squeezed is a style sheet without comments and without the spaces that mean
// nothing, which applicants on slow lines need not wait for. What stands in quotes in
// the sheet has no runs of spaces, commas or braces.
func squeezed(css []byte) []byte {
	plain := cssSpace.ReplaceAllString(cssComment.ReplaceAllString(string(css), ""), " ")
	for {
		next := cssAround.Replace(plain)
		if next == plain {
			return []byte(strings.TrimSpace(plain))
		}
		plain = next
	}
}

// URL is the address of a file of web/ or of the style sheet; "" when it was
// not built.
func (a *assets) URL(name string) string {
	if hashed, ok := a.byName[name]; ok {
		return AssetPath + hashed
	}
	return ""
}

func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, ok := a.files[strings.TrimPrefix(r.URL.Path, AssetPath)]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if t := mime.TypeByExtension(path.Ext(r.URL.Path)); t != "" {
		h.Set("Content-Type", t)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(raw))
}
