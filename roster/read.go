package roster

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"bonafide/kyc"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Limits of reading. A list is read as a stream, so the limits guard against
// bombs, not against big lists.
const (
	maxFileBytes = 4 << 30  // unpacked
	MaxEntities  = 20 << 20 // entries of one list
	maxLineBytes = 8 << 20  // one line of JSON lines, one CSV record
	peekBytes    = 64 << 10
)

// Input is one file of a list, unpacked and in UTF-8.
type Input struct {
	name string // base name, for messages
	r    *bufio.Reader
}

// open wraps raw bytes: gzip is unpacked, UTF-16 with a byte order mark is
// turned into UTF-8, a UTF-8 mark is dropped.
func Open(name string, raw io.Reader) (Input, error) {
	name = filepath.Base(name)
	br := bufio.NewReaderSize(raw, peekBytes)
	head, err := br.Peek(2)
	if len(head) == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return Input{}, kyc.Errorf(kyc.Invalid, "list_unreadable", "%s cannot be read: %w", name, err)
		}
		return Input{}, kyc.Errorf(kyc.Invalid, "list_empty", "%s is empty (0 bytes)", name)
	}
	var r io.Reader = br
	if len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		gz, err := gzip.NewReader(br)
		if err != nil {
			return Input{}, kyc.Errorf(kyc.Invalid, "list_truncated", "%s is a damaged gzip file; fetch it again", name)
		}
		r = gz
		name = strings.TrimSuffix(name, ".gz")
	}
	r = transform.NewReader(&capped{r: r, left: maxFileBytes}, unicode.BOMOverride(transform.Nop))
	in := Input{name: name, r: bufio.NewReaderSize(r, peekBytes)}
	if _, err := in.r.Peek(1); err != nil {
		if errors.Is(err, io.EOF) {
			return Input{}, kyc.Errorf(kyc.Invalid, "list_empty", "%s is empty (0 bytes unpacked)", name)
		}
		return Input{}, ReadError(name, err)
	}
	return in, nil
}

// peek shows the beginning of the file without consuming it.
func (in Input) peek() string {
	b, _ := in.r.Peek(4096)
	return string(b)
}

// capped refuses to hand out more than a limit.
type capped struct {
	r    io.Reader
	left int64
}

var errTooLarge = errors.New("too large")

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.r.Read(p)
	c.left -= int64(n)
	return n, err
}

// ReadError turns what a decoder says into the room's own words.
func ReadError(name string, err error) *kyc.Error {
	var own *kyc.Error
	var syntax *xml.SyntaxError
	var quote *csv.ParseError
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return kyc.Errorf(kyc.Unavailable, "cancelled", "reading %s was cancelled: %w", name, err)
	case errors.Is(err, errTooLarge):
		return kyc.Errorf(kyc.TooLarge, "list_too_large", "%s is larger than %d MiB unpacked", name, maxFileBytes>>20)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrChecksum):
		return truncated(name, "it ends in the middle")
	case errors.As(err, &syntax):
		if strings.Contains(syntax.Msg, "unexpected EOF") {
			return truncated(name, "the closing tag is missing")
		}
		return kyc.Errorf(kyc.Invalid, "list_format", "%s is not well-formed XML (line %d)", name, syntax.Line)
	case errors.As(err, &quote):
		return kyc.Errorf(kyc.Invalid, "list_format", "%s is not well-formed CSV (line %d)", name, quote.Line)
	}
	return kyc.Errorf(kyc.Invalid, "list_unreadable", "%s cannot be read: %w", name, err)
}

func truncated(name, why string) *kyc.Error {
	return kyc.Errorf(kyc.Invalid, "list_truncated", "%s is cut off: %s; fetch it again", name, why)
}

func wrongFormat(name, why string) *kyc.Error {
	return kyc.Errorf(kyc.Invalid, "list_format", "%s is not what was asked for: %s", name, why)
}

func wrongDelimiter(name, want string) *kyc.Error {
	return kyc.Errorf(kyc.Invalid, "list_wrong_delimiter", "%s does not use %s between its columns; export it again with that delimiter", name, want)
}

// newXML makes a decoder that knows the usual encodings and no entities
// beyond the five of XML (so nothing can expand).
func newXML(in Input) *xml.Decoder {
	d := xml.NewDecoder(in.r)
	d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		enc, err := htmlindex.Get(label)
		if err != nil {
			return nil, wrongFormat(in.name, "its encoding is unknown")
		}
		return enc.NewDecoder().Reader(r), nil
	}
	return d
}

// eachElement walks an XML file and calls one for each element with that
// local name; root is the name the document must have. It reads to the very
// end, so that a missing closing tag is noticed.
func eachElement(ctx context.Context, in Input, root string, onRoot func(xml.StartElement), each map[string]func(*xml.Decoder, *xml.StartElement) error) error {
	d := newXML(in)
	// The UN has published bare ampersands (2024-10-16); the tags are still
	// checked to the last one.
	d.Strict = root != "CONSOLIDATED_LIST"
	seen, ended := false, false
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ReadError(in.name, ctx.Err())
		}
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			if !seen {
				return wrongFormat(in.name, "no <"+root+"> in it")
			}
			if !ended {
				return truncated(in.name, "the closing tag </"+root+"> is missing")
			}
			return nil
		}
		if err != nil {
			if !seen && !strings.Contains(in.peek(), "<") {
				return wrongFormat(in.name, "it is not XML")
			}
			return ReadError(in.name, err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if !seen {
				if t.Name.Local != root {
					return wrongFormat(in.name, "its root is <"+Short(t.Name.Local)+">, not <"+root+">")
				}
				seen = true
				if onRoot != nil {
					onRoot(t)
				}
				continue
			}
			if f := each[t.Name.Local]; f != nil {
				if err := f(d, &t); err != nil {
					return ReadError(in.name, err)
				}
			}
		case xml.EndElement:
			ended = t.Name.Local == root
		}
	}
}

func Short(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

// utf8Text repairs a field that an old export left in Windows-1252.
func utf8Text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	if out, err := charmap.Windows1252.NewDecoder().String(s); err == nil {
		return out
	}
	return strings.ToValidUTF8(s, "")
}

// clean trims a value, repairs its encoding and folds inner white space and
// control characters to single spaces.
func Clean(s string) string {
	s = utf8Text(s)
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c == 0x7f || c == 0xc2 || c == 0xe2 || (c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ')) {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == 0xa0 || r == 0x2028 || r == 0x2029 || (r >= 0x80 && r < 0xa0)
	}), " ")
}
