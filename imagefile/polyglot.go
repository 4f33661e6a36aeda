package imagefile

import (
	"bytes"
	"encoding/binary"

	"bonafide/kyc"
)

// polyglot refuses a file that another program would take for something else:
// a picture that is also a PDF, an archive or a web page, or a PDF that is also
// an archive. Reading it here would be harmless; whoever downloads it later may
// open the other half. Bytes that cameras append (thumbnails, motion pictures)
// are none of these. Code: file_polyglot.
func polyglot(b []byte, contentType string) *kyc.Error {
	var other string
	switch picture := contentType != "application/pdf"; {
	case endsAsZip(b):
		other = "a ZIP archive"
	case picture && (bytes.Contains(b, []byte("Rar!\x1a\x07")) || bytes.Contains(b, []byte("7z\xbc\xaf\x27\x1c"))):
		other = "an archive"
	case picture && holdsPDF(b):
		other = "a PDF"
	case picture && holdsMarkup(b):
		other = "a web page or program"
	default:
		return nil
	}
	return kyc.Errorf(kyc.UnsupportedMedia, "file_polyglot", "the file is a document and %s at the same time; please take the picture again or export it anew", other)
}

// endsAsZip looks for the end of a ZIP archive where readers look for it, in
// the last 64 KiB, with a directory of at least one file in front of it
// (APPNOTE 4.3.16).
func endsAsZip(b []byte) bool {
	const end, longestComment = 22, 1<<16 - 1
	tail := b[max(0, len(b)-end-longestComment):]
	for at := bytes.LastIndex(tail, []byte("PK\x05\x06")); at >= 0; at = bytes.LastIndex(tail[:at], []byte("PK\x05\x06")) {
		if len(tail)-at < end {
			continue
		}
		directory := len(b) - len(tail) + at - int(binary.LittleEndian.Uint32(tail[at+12:]))
		if directory >= 0 && bytes.HasPrefix(b[directory:], []byte("PK\x01\x02")) {
			return true
		}
	}
	return false
}

// holdsPDF looks for the head of a PDF with an end behind it.
func holdsPDF(b []byte) bool {
	for {
		at := bytes.Index(b, []byte("%PDF-"))
		if at < 0 || at+7 > len(b) {
			return false
		}
		b = b[at+5:]
		if b[0] >= '1' && b[0] <= '2' && b[1] == '.' {
			return bytes.Contains(b, []byte("%%EOF"))
		}
	}
}

// holdsMarkup looks for what makes a browser or a server take a file for a page
// or a program. Metadata in XML (XMP) is no such thing.
func holdsMarkup(b []byte) bool {
	for {
		at := bytes.IndexByte(b, '<')
		if at < 0 {
			return false
		}
		b = b[at+1:]
		for _, word := range []string{"html", "script", "!doctype", "?php"} {
			if len(b) > len(word) && bytes.EqualFold(b[:len(word)], []byte(word)) && bytes.IndexByte([]byte(" \t\r\n>/"), b[len(word)]) >= 0 {
				return true
			}
		}
	}
}
