package ui

import "net/http"

// policy is the content policy of every page, without exceptions: nothing from
// other origins, no inline script or style, no frames around us. blob: is what
// the camera's own pictures are shown from.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; " +
	"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"

// Safe sets the headers of a page: the content policy, no storing, no referrer
// (addresses of applicants carry their token), no guessing of types, and of the
// device only the camera, for ourselves.
func Safe(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()")
}

// Guard refuses requests that another site's page makes a browser send
// (forged forms): it wraps everything that changes something by cookie or link.
func Guard(next http.Handler) http.Handler {
	return http.NewCrossOriginProtection().Handler(next)
}
