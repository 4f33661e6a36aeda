package ui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed layout.html
var layoutFile embed.FS

// Kit is what all pages are made with.
type Kit struct {
	languages *languages
	assets    *assets
	layout    *template.Template
	log       *slog.Logger
	// Sheet finds the address of an organisation's colours for the page of a
	// request; nil or "" is the shipped colours. It is set before pages are drawn.
	Sheet func(r *http.Request) string
	// Offered are the languages that the page of a request may be in, the first
	// one by default; nil or none of ours are all. It is set before pages are
	// drawn.
	Offered func(r *http.Request) []string
}

// New reads the layout, the catalogues and the built scripts. log hears of
// pages that break; nil discards.
func New(log *slog.Logger) (*Kit, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	k := &Kit{log: log}
	var err error
	if k.languages, err = readLanguages(); err != nil {
		return nil, err
	}
	if k.assets, err = readAssets(); err != nil {
		return nil, err
	}
	k.layout, err = template.New("layout").Option("missingkey=error").ParseFS(layoutFile, "layout.html")
	if err != nil {
		return nil, err
	}
	if k.assets.URL("capture.js") == "" {
		log.Warn("the browser scripts are not built; pages work without the camera", "build", BuildCommand)
	}
	return k, nil
}

// Assets serves the style sheet and the scripts under AssetPath.
func (k *Kit) Assets() http.Handler { return k.assets }

// Languages are the tags of the catalogues, English first.
func (k *Kit) Languages() []*Language { return k.languages.all }

// Language picks the catalogue for a request: what is wished for first, then
// what the browser accepts, then English.
func (k *Kit) Language(r *http.Request, wish string) *Language {
	l := k.languages.choose(wish, r.Header.Get("Accept-Language"))
	if offered := k.offered(r); len(offered) > 0 && !slices.Contains(offered, l) {
		return offered[0]
	}
	return l
}

// offered are the catalogues that a page may be in; nil for all.
func (k *Kit) offered(r *http.Request) []*Language {
	if k.Offered == nil {
		return nil
	}
	var out []*Language
	for _, code := range k.Offered(r) {
		if l := k.languages.byCode[code]; l != nil {
			out = append(out, l)
		}
	}
	return out
}

// Pages are the templates of one room.
type Pages struct {
	kit *Kit
	// set parses a page when it is first drawn: the templates of all pages take
	// megabytes, of which a server without people in its console needs none.
	set map[string]func() (*template.Template, error)
}

// Pages reads a room's templates: every *.html file is a page of its name that
// defines "main" and may define "head"; files whose names begin with _ are
// parts that all pages may use. Others are rooms whose parts it borrows.
func (k *Kit) Pages(files fs.FS, others ...fs.FS) (*Pages, error) {
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		return nil, err
	}
	parts, err := k.layout.Clone()
	if err != nil {
		return nil, err
	}
	for _, from := range append(others, files) {
		shared, err := fs.Glob(from, "_*.html")
		if err != nil {
			return nil, err
		}
		if len(shared) == 0 {
			continue
		}
		if parts, err = parts.ParseFS(from, shared...); err != nil {
			return nil, err
		}
	}
	p := &Pages{kit: k, set: map[string]func() (*template.Template, error){}}
	for _, name := range names {
		if strings.HasPrefix(name, "_") {
			continue
		}
		p.set[strings.TrimSuffix(path.Base(name), ".html")] = sync.OnceValues(func() (*template.Template, error) {
			t, err := parts.Clone()
			if err != nil {
				return nil, err
			}
			return t.ParseFS(files, name)
		})
	}
	return p, nil
}

// View is what a template sees: the page's own struct and what the layout
// needs.
type View struct {
	*Language
	kit     *Kit
	offered []*Language
	// Template is the name of the page, which the main part carries for scripts
	// and tests.
	Template string
	// Page is the room's own struct.
	Page any
	// Title of the window, already in the language.
	Title string
	// Area is capture or console; it chooses the width and the script.
	Area string
	// Brand is the name on top, and BrandSheet the address of the tenant's
	// colours; empty for none.
	Brand, BrandSheet string
	// Scripts are the names of further built scripts the page needs.
	Scripts []string
	// Nav are the links of the console; Here marks the current one.
	Nav []Link
	// Env is shown at all times in the console: live or sandbox.
	Env string
	// Frame is what a room's own "top" and "foot" show around each page.
	Frame any
}

// Link is one entry of a navigation.
type Link struct {
	Href, Text string
	Here       bool
	Count      int
}

// Asset is the address of a built file; "" when it was not built.
func (v View) Asset(name string) string { return v.kit.assets.URL(name) }

// Sheet is the address of the style sheet that was built with a script; "" when
// there is none.
func (v View) Sheet(script string) string {
	return v.kit.assets.URL(strings.TrimSuffix(script, ".js") + ".css")
}

// All are the catalogues, for the language menu.
func (v View) All() []*Language {
	if len(v.offered) > 0 {
		return v.offered
	}
	return v.kit.languages.all
}

// With gives a part of a page the view with another struct.
func (v View) With(page any) View {
	v.Page = page
	return v
}

// Render answers with a page. It is drawn whole before the first byte is sent,
// so a page that breaks is an error page and never half of one.
func (p *Pages) Render(w http.ResponseWriter, r *http.Request, status int, name string, l *Language, v View) {
	p.render(w, r, status, name, "layout", l, v)
}

// Fragment answers with one part of a page, for a script that asked for it.
func (p *Pages) Fragment(w http.ResponseWriter, r *http.Request, status int, name, part string, l *Language, v View) {
	p.render(w, r, status, name, part, l, v)
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, name, part string, l *Language, v View) {
	Safe(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", l.Code())
	if v.BrandSheet == "" && p.kit.Sheet != nil {
		v.BrandSheet = p.kit.Sheet(r)
	}
	v.offered = p.kit.offered(r)
	b, err := p.Draw(name, part, l, v)
	if err != nil {
		p.kit.log.ErrorContext(r.Context(), "a page could not be drawn", "page", name, "problem", err)
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte("<!doctype html><title>Error</title><p>This page could not be shown. Please try again.</p>"))
		return
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b) // a reader who has gone away cannot be told
	}
}

// Draw gives the bytes of a page or of a part of it.
func (p *Pages) Draw(name, part string, l *Language, v View) ([]byte, error) {
	parsed, ok := p.set[name]
	if !ok {
		return nil, fmt.Errorf("there is no page %q", name)
	}
	t, err := parsed()
	if err != nil {
		return nil, err
	}
	v.Language, v.kit, v.Template = l, p.kit, name
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, part, v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Names are the pages, for tests that draw each of them.
func (p *Pages) Names() []string {
	out := make([]string, 0, len(p.set))
	for name := range p.set {
		out = append(out, name)
	}
	return out
}
