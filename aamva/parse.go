package aamva

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bonafide/kyc"
)

// Limits of a payload. A PDF417 holds fewer than 2,000 characters.
const (
	maxPayload  = 16 << 10
	maxElements = 400
)

// header is the file type, the issuer, the version and the numbers after it.
// Version 01 has the number of subfiles there (two digits), later ones the
// jurisdiction's own version before it (four digits).
var header = regexp.MustCompile(`(ANSI|AAMVA) ?([0-9]{6})([0-9]{2})([0-9]{4}|[0-9]{2})([A-Z]{2})`)

// maxPreamble is how far into the text the file type may stand: the compliance
// indicator, three separators, and what readers put before them.
const maxPreamble = 40

// entry is a line of the directory of subfiles: type, offset, length.
var entry = regexp.MustCompile(`^[A-Z]{2}[0-9]{8}`)

// glued finds the first element where the directory cannot be read.
var glued = regexp.MustCompile(`(?:DL|ID|EN)(D[A-D][A-Z])`)

// lostBreak is a date after which the segment terminator became the letter of
// its key (Ctrl-M), as scanners that type do.
var lostBreak = regexp.MustCompile(`^(D[A-D][A-Z][0-9]{8})M(Z[A-Z](Z[A-Z]{2}.*))?$`)

// Looks reports whether a text can be a payload of this standard, for choosing
// among several barcodes.
func Looks(text string) bool {
	at := header.FindStringIndex(text[:min(len(text), 2*maxPreamble+20)])
	return at != nil && at[0] <= maxPreamble
}

// Parse reads the text of a barcode. Errors are of kind Invalid with codes
// barcode_too_long, not_aamva (no header of the standard) and aamva_empty (a
// header, but no element of a licence).
func Parse(text string) (Licence, *kyc.Error) {
	if len(text) > maxPayload {
		return Licence{}, kyc.Errorf(kyc.Invalid, "barcode_too_long", "the barcode holds more than a licence's can")
	}
	h := header.FindStringSubmatchIndex(text)
	if h == nil || h[0] > maxPreamble {
		return Licence{}, kyc.Errorf(kyc.Invalid, "not_aamva", "the barcode does not begin as a licence's does")
	}
	part := func(n int) string { return text[h[2*n]:h[2*n+1]] }
	l := Licence{FileType: part(1), IIN: part(2), Elements: map[string]string{}}
	l.Version, _ = strconv.Atoi(part(3)) // two digits, the expression saw to it
	if numbers := part(4); len(numbers) == 4 {
		l.JurisdictionVersion, _ = strconv.Atoi(numbers[:2])
	}
	subfiles := l.read(text[h[10]:])
	if len(l.Elements) == 0 {
		return Licence{}, kyc.Errorf(kyc.Invalid, "aamva_empty", "the barcode has the header of a licence and nothing behind it")
	}
	l.Kind = "driving_licence"
	if slices.Contains(subfiles, "ID") && !slices.Contains(subfiles, "DL") && !slices.Contains(subfiles, "EN") {
		l.Kind = "id_card"
	}
	l.interpret()
	return l, nil
}

// read takes the directory and the elements after it. It gives the types of
// the subfiles.
func (l *Licence) read(body string) []string {
	var subfiles []string
	rest := body
	for entry.MatchString(rest) {
		subfiles = append(subfiles, rest[:2])
		rest = rest[10:]
	}
	if len(subfiles) == 0 {
		// A directory that is not of digits: the subfile begins where its type
		// stands before an element.
		if at := glued.FindStringIndex(body); at != nil {
			subfiles, rest = []string{body[at[0] : at[0]+2]}, body[at[0]:]
		}
	}
	own, first := true, true // the DL or ID subfile, not the jurisdiction's
	current := ""
	for _, line := range lines(rest) {
		line = strings.TrimLeft(line, " \t")
		if first {
			line = withoutType(line)
			first = strings.TrimSpace(line) == ""
		}
		for _, piece := range unglue(line) {
			if len(piece) >= 2 && piece[0] == 'Z' && piece[:2] != current && upper(piece[1]) {
				current, own = piece[:2], false
				if rest := piece[2:]; strings.HasPrefix(rest, current) || rest == "" {
					piece = rest
				}
			} else if stripped := withoutType(piece); stripped != piece {
				piece, own = stripped, true
			}
			l.add(piece, own)
		}
	}
	return subfiles
}

// add records an element. The licence's own subfile comes before the
// jurisdiction's, whose repetitions count only where the own one is silent.
func (l *Licence) add(piece string, own bool) {
	if !isElement(piece) || len(l.Elements) >= maxElements {
		return
	}
	id, value := piece[:3], strings.TrimSpace(piece[3:])
	have, twice := l.Elements[id]
	switch {
	case !twice || have == "":
		l.Elements[id] = value
	case own && value != "" && value != have && id[0] == 'D':
		l.doubt("element_repeated")
	}
}

// lines cuts at the separators of the standard, and at the bars that some
// readers put in their place.
func lines(s string) []string {
	cut := func(r rune) bool { return r == '\n' || r == '\r' || r >= 0x1c && r <= 0x1f }
	if barred(s) {
		return strings.FieldsFunc(s, func(r rune) bool { return r == '|' || cut(r) })
	}
	return strings.FieldsFunc(s, cut)
}

// barred reports whether bars separate the elements: at least three stand
// before one.
func barred(s string) bool {
	n := 0
	for i := range len(s) {
		if s[i] == '|' && isElement(s[i+1:]) {
			n++
		}
	}
	return n >= 3
}

// withoutType takes the type of a subfile off its first element: DLDAQ...
func withoutType(line string) string {
	for _, kind := range []string{"DL", "ID", "EN"} {
		if rest, ok := strings.CutPrefix(line, kind); ok && (rest == "" || isElement(rest) && rest[0] == 'D') {
			return rest
		}
	}
	return line
}

// unglue cuts a line in which a segment terminator was lost.
func unglue(line string) []string {
	m := lostBreak.FindStringSubmatch(strings.TrimRight(line, " "))
	switch {
	case m == nil:
		return []string{line}
	case m[3] == "":
		return []string{m[1]}
	}
	return []string{m[1], m[2]}
}
