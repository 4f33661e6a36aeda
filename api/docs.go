package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strings"
)

//go:embed docs.html
var docsHTML string

//go:embed docs.css
var docsCSS string

// document is the OpenAPI document and its page, written once at start.
type document struct {
	json   []byte
	page   []byte
	policy string // Content-Security-Policy of the page
}

// build writes both. The page is ours, without scripts and without anything
// from elsewhere, so it also opens where the server cannot reach the internet.
func (d *document) build(p *Porch) error {
	var err error
	if d.json, err = p.openAPI(); err != nil {
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
	d.page = page.Bytes()
	sum := sha256.Sum256([]byte(docsCSS))
	d.policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return nil
}

func (d *document) serveJSON(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(d.json) // a caller who has gone away cannot be told
}

func (d *document) servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Security-Policy", d.policy)
	_, _ = w.Write(d.page) // as above
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
