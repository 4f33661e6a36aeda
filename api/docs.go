package api

import (
	"net/http"
)

// document is the OpenAPI document and its page, written once at start.
type document struct {
	json []byte
	page []byte
}

func (d *document) build(p *Porch) error {
	var err error
	if d.json, err = p.openAPI(); err != nil {
		return err
	}
	return nil
}

func (d *document) serveJSON(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(d.json) // a caller who has gone away cannot be told
}

func (d *document) servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(d.page)
}
