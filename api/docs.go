package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

//go:embed docs.html
var docsHTML string

//go:embed docs.css
var docsCSS string

// document is the OpenAPI document and its page. They are written when
// somebody first asks, and kept compressed: they are large, and most
// processes are never asked.
type document struct {
	once   sync.Once
	err    error
	json   []byte // gzip
	page   []byte // gzip
	policy string // Content-Security-Policy of the page
}

// write writes both. The page is ours, without scripts and without anything
// from elsewhere, so it also opens where the server cannot reach the internet.
func (d *document) write(p *Porch) error {
	plain, err := p.openAPI()
	if err != nil {
		return fmt.Errorf("writing the OpenAPI document: %w", err)
	}
	t, err := template.New("docs").Funcs(template.FuncMap{"prose": prose}).Parse(docsHTML)
	if err != nil {
		return fmt.Errorf("reading the docs template: %w", err)
	}
	view := viewOf(p.API.OpenAPI(), p.listed)
	view.CSS = template.CSS(docsCSS)
	var page bytes.Buffer
	if err := t.Execute(&page, view); err != nil {
		return fmt.Errorf("writing the docs page: %w", err)
	}
	if d.json, err = squeeze(plain); err != nil {
		return err
	}
	if d.page, err = squeeze(page.Bytes()); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(docsCSS))
	d.policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return nil
}

func squeeze(plain []byte) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(plain); err != nil {
		return nil, fmt.Errorf("compressing a document: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("compressing a document: %w", err)
	}
	return bytes.Clone(b.Bytes()), nil
}

// documents writes both documents once and reports whether they can be shown.
func (p *Porch) documents(w http.ResponseWriter) bool {
	d := &p.document
	if d.once.Do(func() { d.err = d.write(p) }); d.err != nil {
		p.log.Error("the API's description cannot be written", "error", d.err)
		http.Error(w, "the description of the API cannot be written; the log says why", http.StatusInternalServerError)
		return false
	}
	return true
}

func (p *Porch) serveJSON(w http.ResponseWriter, r *http.Request) {
	if p.documents(w) {
		w.Header().Set("Content-Type", "application/json")
		unsqueeze(w, r, p.document.json)
	}
}

func (p *Porch) servePage(w http.ResponseWriter, r *http.Request) {
	if p.documents(w) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", p.document.policy)
		unsqueeze(w, r, p.document.page)
	}
}

// unsqueeze sends compressed bytes as they are to who takes them, and plain
// to everybody else. A caller who has gone away cannot be told of an error.
func unsqueeze(w http.ResponseWriter, r *http.Request, packed []byte) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(packed)))
		_, _ = w.Write(packed)
		return
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil { // our own bytes
		http.Error(w, "the description of the API cannot be read", http.StatusInternalServerError)
		return
	}
	_, _ = io.Copy(w, z) //nolint:gosec // G110: our own document, not a bomb
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// prose turns the little Markdown of our descriptions (paragraphs, lists,
// code) into HTML. Everything is escaped first.
func prose(text string) template.HTML {
	var b strings.Builder
	for para := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if para = strings.TrimSpace(para); para == "" {
			continue
		}
		tag := "p"
		safe := codeSpan.ReplaceAllString(template.HTMLEscapeString(para), "<code>$1</code>")
		if items, isList := strings.CutPrefix("\n"+safe, "\n- "); isList {
			tag, safe = "ul", "<li>"+strings.ReplaceAll(items, "\n- ", "</li><li>")+"</li>"
		}
		b.WriteString("<" + tag + ">" + safe + "</" + tag + ">")
	}
	return template.HTML(b.String()) // escaped above
}
