package ui

import (
	"net/http"
	"slices"
	"strconv"
)

// Drawn reports whether browsers draw a file of this media type as a picture
// that cannot carry scripts: image/jpeg, image/png and image/webp.
func Drawn(contentType string) bool {
	return slices.Contains([]string{"image/jpeg", "image/png", "image/webp"}, contentType)
}

// ServeFile answers with what somebody uploaded: pictures as pictures,
// everything else as a download of no type, and nothing ever as a page.
func ServeFile(w http.ResponseWriter, contentType string, raw []byte) {
	h := w.Header()
	disposition := "inline"
	if !Drawn(contentType) {
		contentType, disposition = "application/octet-stream", "attachment"
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", disposition)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	_, _ = w.Write(raw) // a reader who has gone away cannot be told
}
