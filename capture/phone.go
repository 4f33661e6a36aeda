package capture

import (
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/skip2/go-qrcode"
)

// phonePage shows the same link for another device.
type phonePage struct {
	frame
	Link, Path string
	Size       int
	Pulse      pulse
	// Loopback is the host of the link where only this computer reaches it.
	Loopback string
}

func (p *pages) phone(v *visit) error {
	elsewhere, err := v.elsewhere()
	if err != nil {
		return err
	}
	link := strings.TrimSuffix(v.origin(), "/") + "/capture/" + v.token + elsewhere
	path, size, err := drawQR(link)
	if err != nil {
		return err
	}
	now, err := v.pulse()
	if err != nil {
		return err
	}
	p.show(v, http.StatusOK, "phone", "phone.heading", phonePage{frame: v.frame(), Link: link, Path: path, Size: size, Pulse: now, Loopback: v.loopback()})
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
	host := v.r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if !v.story.Sandbox || host != "localhost" && !strings.HasSuffix(host, ".localhost") && !net.ParseIP(host).IsLoopback() {
		return ""
	}
	return host
}

// drawQR gives a QR code as the path of a drawing, one unit a module.
func drawQR(text string) (path string, size int, err error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", 0, fmt.Errorf("drawing a QR code: %w", err)
	}
	rows := code.Bitmap()
	var b strings.Builder
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return b.String(), len(rows), nil
}
