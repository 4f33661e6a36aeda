package document

import (
	"bytes"
	"context"
	"image"
	"strconv"
	"strings"
	"unicode/utf8"

	"bonafide/child"
	"bonafide/grey"
)

// zoneAlphabet is what may stand in a machine-readable zone.
const zoneAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"

// ocr has tesseract read a picture as one block of lines. alphabet limits the
// characters; empty allows all. It reads the picture from standard input and
// writes nothing to disk.
func (r *Reader) ocr(ctx context.Context, img *image.Gray, m model, alphabet, mode string) ([]textLine, error) {
	if err := r.slots.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer r.slots.Release(1)
	args := []string{"stdin", "stdout", "--tessdata-dir", m.dir, "-l", m.name, "--psm", mode, "--dpi", "300",
		"-c", "tessedit_create_tsv=1", "-c", "tessedit_do_invert=0"}
	if alphabet != "" {
		args = append(args, "-c", "tessedit_char_whitelist="+alphabet)
	}
	out, _, err := child.Confined(ctx, child.Seconds, bytes.NewReader(grey.PGM(img)), r.tesseract, args...)
	if err != nil {
		return nil, err
	}
	return tsvLines(string(out)), nil
}

// tsvLines reads tesseract's table of words. Columns: level, page, block,
// paragraph, line, word, left, top, width, height, confidence, text; level 5
// is a word. Inside a word the characters are taken as equally wide, which
// holds for the zone's print.
func tsvLines(tsv string) []textLine {
	var lines []textLine
	last := ""
	for row := range strings.SplitSeq(tsv, "\n") {
		cols := strings.SplitN(strings.TrimRight(row, "\r"), "\t", 12)
		if len(cols) < 12 || cols[0] != "5" {
			continue
		}
		var n [4]float64
		for i := range n {
			v, err := strconv.ParseFloat(cols[6+i], 64)
			if err != nil {
				continue
			}
			n[i] = v
		}
		confidence, _ := strconv.ParseFloat(cols[10], 64)
		text := strings.TrimSpace(cols[11])
		count := utf8.RuneCountInString(text)
		if count == 0 || !utf8.ValidString(text) {
			continue
		}
		key := strings.Join(cols[1:5], ".")
		if key != last || len(lines) == 0 {
			lines = append(lines, textLine{top: n[1], foot: n[1] + n[3], confidence: confidence})
			last = key
		}
		l := &lines[len(lines)-1]
		if l.text != "" {
			gap := l.right[len(l.right)-1]
			l.text += " "
			l.left, l.right, l.sure = append(l.left, gap), append(l.right, n[0]), append(l.sure, 0)
		}
		l.text += text
		for i := range count {
			l.left = append(l.left, n[0]+n[2]*float64(i)/float64(count))
			l.right = append(l.right, n[0]+n[2]*float64(i+1)/float64(count))
			l.sure = append(l.sure, confidence)
		}
		l.top, l.foot = min(l.top, n[1]), max(l.foot, n[1]+n[3])
		l.confidence = min(l.confidence, confidence)
	}
	return lines
}
