package graph

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/signintech/gopdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"

	"bonafide/kyc"
)

// report is a page of text that grows downwards and turns over.
type report struct {
	pdf  *gopdf.GoPdf
	font *sfnt.Font
	buf  sfnt.Buffer
	err  error
}

// Measures of the page, in points.
const (
	margin     = 48.0
	textSize   = 9.5
	lineHeight = 13.5
)

// inquiryReport writes a check as a PDF file (A4).
func inquiryReport(v inquiryView) ([]byte, error) {
	r := &report{pdf: &gopdf.GoPdf{}}
	r.pdf.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	if r.font, r.err = sfnt.Parse(goregular.TTF); r.err != nil {
		return nil, r.err
	}
	r.err = r.pdf.AddTTFFontData("text", goregular.TTF)
	if r.err == nil {
		r.err = r.pdf.AddTTFFontData("bold", gobold.TTF)
	}
	r.pdf.SetMargins(margin, margin, margin, margin)
	r.pdf.AddPage()

	r.heading("Screening report", 16)
	r.row("Check", v.ID)
	r.row("Asked", strings.Join(v.CheckTypes, ", "))
	r.row("Last asked", v.AskedAt.UTC().Format("2006-01-02 15:04:05 UTC")+fmt.Sprintf(" (%d times in all)", v.Times))
	r.row("Result", v.Result+" ("+v.Status+")")
	r.row("Hits", fmt.Sprintf("%d open, %d confirmed, %d dismissed", v.OpenHits, v.Confirmed, v.Cleared))
	r.heading("Party", 12)
	for _, row := range [][2]string{{"Name", v.Name}, {"Kind", v.EntityType}, {"Date of birth", v.Birthdate}, {"Country", v.Country}, {"Reference", v.ExternalRef}, {"Identity", v.IdentityID}} {
		if row[1] != "" {
			r.row(row[0], row[1])
		}
	}
	r.heading("Answers", 12)
	for _, p := range v.Parts {
		r.row(p.Type, strings.TrimSpace(p.Status+" "+p.Verdict))
		for _, l := range p.Lists {
			r.row("", fmt.Sprintf("%s: %s, %d entries, as of %s, version %s", l.List, l.Status, l.Entries, l.AsOf.UTC().Format("2006-01-02 15:04"), shortVersion(l.Version)))
		}
		for _, reason := range p.Reasons {
			r.row("", reason.Message+" ("+reason.Code+")")
		}
	}
	for i, h := range v.Hits {
		r.heading(fmt.Sprintf("Hit %d: %s, entry %s", i+1, h.ListID, h.EntryID), 12)
		r.row("Status", h.Status)
		if h.By != "" {
			r.row("Reviewed", h.By+", "+h.At.UTC().Format("2006-01-02 15:04:05 UTC"))
		}
		if h.Reason != "" {
			r.row("Reason", h.Reason)
		}
		if m := h.Match; m != nil {
			r.row("Entry", m.Name)
			if m.MatchedName != "" && m.MatchedName != m.Name {
				r.row("Matched as", m.MatchedName)
			}
			r.row("Programmes", strings.Join(m.Programs, ", "))
			r.row("Score", fmt.Sprintf("%.4f", m.Score))
			for _, f := range m.Features {
				r.row("", fmt.Sprintf("%+.4f  %s", f.Points, explained(f)))
			}
		}
	}
	if r.err != nil {
		return nil, fmt.Errorf("writing the report of a check: %w", kyc.AsError(r.err))
	}
	var out bytes.Buffer
	if _, err := r.pdf.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("writing the report of a check: %w", err)
	}
	return out.Bytes(), nil
}

func explained(f hitFeature) string {
	sides := []string{}
	for _, s := range []string{f.Query, f.Listed} {
		if s != "" {
			sides = append(sides, s)
		}
	}
	return strings.TrimSpace(f.Name + "  " + strings.Join(sides, " ~ ") + "  (" + strings.ReplaceAll(f.Rule, "_", " ") + ")")
}

func shortVersion(v string) string {
	if len(v) > 23 {
		return v[:23] + "…"
	}
	return v
}

func (r *report) heading(text string, size float64) {
	r.room(2 * lineHeight)
	r.pdf.Br(lineHeight / 2)
	r.write("bold", size, margin, text)
	r.pdf.Br(size + 6)
}

// row writes a label and a text that is broken into lines.
func (r *report) row(label, text string) {
	const column = 92.0
	if r.err != nil || text == "" {
		return
	}
	r.use("text", textSize)
	if r.err != nil {
		return
	}
	lines, err := r.pdf.SplitTextWithWordWrap(r.printable(text), gopdf.PageSizeA4.W-2*margin-column)
	if err != nil {
		r.err = err
		return
	}
	for i, line := range lines {
		r.room(lineHeight)
		if i == 0 && label != "" {
			r.write("bold", textSize, margin, label)
		}
		r.write("text", textSize, margin+column, line)
		r.pdf.Br(lineHeight)
	}
}

// room turns the page over when so much does not fit any more.
func (r *report) room(height float64) {
	if r.pdf.GetY()+height > gopdf.PageSizeA4.H-margin {
		r.pdf.AddPage()
	}
}

func (r *report) use(font string, size float64) {
	if r.err == nil {
		r.err = r.pdf.SetFont(font, "", size)
	}
}

func (r *report) write(font string, size, x float64, text string) {
	r.use(font, size)
	if r.err != nil {
		return
	}
	r.pdf.SetX(x)
	r.err = r.pdf.Cell(nil, r.printable(text))
}

// printable writes what the font has no picture for by its number, so that a
// name in another script can still be told from every other.
func (r *report) printable(text string) string {
	var b strings.Builder
	for _, c := range text {
		switch i, err := r.font.GlyphIndex(&r.buf, c); {
		case unicode.IsSpace(c):
			b.WriteByte(' ')
		case err == nil && i != 0:
			b.WriteRune(c)
		default:
			fmt.Fprintf(&b, "[U+%04X]", c)
		}
	}
	return b.String()
}
