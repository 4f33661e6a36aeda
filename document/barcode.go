package document

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"os/exec"
	"strings"
	"unicode/utf8"

	"bonafide/kyc"
)

// Barcode is one code found on a page.
type Barcode struct {
	Format string            `json:"format"` // PDF417, QRCode
	Text   string            `json:"text"`
	Fields map[string]string `json:"fields"`
	File   int               `json:"file"`
	Page   int               `json:"page"`
}

// barcodes asks ZXingReader for QR codes and PDF417 on a page. Where the tool
// is missing there are none; Capabilities says so. The page goes through
// standard input: nothing is written to disk.
func (r *Reader) barcodes(ctx context.Context, p *sheetPage) ([]Barcode, *kyc.Error) {
	if r.zxing == "" {
		return nil, nil
	}
	if err := r.slots.Acquire(ctx, 1); err != nil {
		return nil, timedOut(err)
	}
	defer r.slots.Release(1)
	out, err := runChild(ctx, bytes.NewReader(pgm(p.img)), r.zxing, "-escape", "-format", "PDF417,QRCode", "/dev/stdin")
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, timedOut(ctx.Err())
	case errors.As(err, &exit) && exit.Exited():
		return nil, nil // it could not make anything of the picture
	case err != nil:
		e := kyc.Errorf(kyc.Unavailable, "barcode_failed", "the barcode reader could not be run; it may be tried again")
		e.Cause = err
		return nil, e
	}
	return parseZXing(string(out), p.file, p.number), nil
}

// parseZXing reads the tool's report: lines of "Key: value", a new code at
// each Text. The text itself is taken from the hexadecimal Bytes, because a
// payload may contain line breaks and lines that look like keys; the tool was
// asked to escape those, so a line that begins with Bytes is the tool's own.
func parseZXing(out string, file, page int) []Barcode {
	codes := []Barcode{}
	for line := range strings.SplitSeq(out, "\n") {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		if key == "Text" {
			codes = append(codes, Barcode{Fields: map[string]string{}, File: file, Page: page})
			continue
		}
		if len(codes) == 0 {
			continue
		}
		code := &codes[len(codes)-1]
		switch key {
		case "Format":
			code.Format = value
		case "Bytes":
			raw, err := hex.DecodeString(strings.ReplaceAll(value, " ", ""))
			if err != nil {
				continue
			}
			if utf8.Valid(raw) {
				code.Text = string(raw)
				continue
			}
			// ISO 8859-1 is what both kinds of code mean by default.
			runes := make([]rune, len(raw))
			for i, c := range raw {
				runes[i] = rune(c)
			}
			code.Text = string(runes)
		}
	}
	return codes
}
