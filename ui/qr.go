package ui

import (
	"fmt"
	"net"
	"strings"

	"github.com/skip2/go-qrcode"
)

// QR is a QR code as the path of a drawing, one unit a module: Size units wide
// and high, with the quiet zone.
type QR struct {
	Path string
	Size int
}

// NewQR draws a text as a QR code that stays readable with 15 per cent of it
// missing (ISO/IEC 18004, level M). Errors: a text that is too long for one.
func NewQR(text string) (QR, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return QR{}, fmt.Errorf("drawing a QR code: %w", err)
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
	return QR{Path: b.String(), Size: len(rows)}, nil
}

// Loopback is the name of a host that reaches only the computer it is used on,
// such as 127.0.0.1 and localhost; "" for any other. host may have a port.
func Loopback(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if host != "localhost" && !strings.HasSuffix(host, ".localhost") && !net.ParseIP(host).IsLoopback() {
		return ""
	}
	return host
}
