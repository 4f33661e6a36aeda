package capture

import (
	"net/http"
	"strings"

	"bonafide/ui"
)

// phonePage shows the same link for another device.
type phonePage struct {
	frame
	Link  string
	Code  ui.QR // of the link
	Pulse pulse
	// Loopback is the host of the link where only this computer reaches it.
	Loopback string
}

func (p *pages) phone(v *visit) error {
	elsewhere, err := v.elsewhere()
	if err != nil {
		return err
	}
	link := strings.TrimSuffix(v.origin(), "/") + "/capture/" + v.token + elsewhere
	code, err := ui.NewQR(link)
	if err != nil {
		return err
	}
	now, err := v.pulse()
	if err != nil {
		return err
	}
	p.show(v, http.StatusOK, "phone", "phone.heading", phonePage{frame: v.frame(), Link: link, Code: code, Pulse: now, Loopback: v.loopback()})
	return nil
}

// origin is the address the browser used.
func (v *visit) origin() string {
	scheme := "http"
	if v.r.TLS != nil || v.r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + v.r.Host
}

// loopback is the host that the browser used where it means this computer
// alone; "" otherwise. Only testers have such links, in the sandbox.
func (v *visit) loopback() string {
	if !v.story.Sandbox {
		return ""
	}
	return ui.Loopback(v.r.Host)
}
