package document

import (
	"context"
	"errors"
	"image"
	"math"
	"os/exec"
	"strings"
	"time"

	"bonafide/grey"
	"bonafide/imagefile"
	"bonafide/kyc"
)

// zone is a machine-readable zone found on a page.
type zone struct {
	candidate
	view              // the page as it was read, and how far it was turned
	back  grey.Affine // from the OCR picture to the view
	skew  float64     // degrees
	model model
	// agreed is true when two OCR runs, at different sizes or out of different
	// cuts, gave the same lines: what stands there is then the print's doing,
	// not OCR's.
	agreed bool
}

// The OCR runs of a page and of a document are bounded. They are counted, not
// timed, so that a busy machine reads the same as an idle one; the deadline of
// the Reader is only the safety net. When the document's are used up, each
// further page gets one.
const (
	maxTries         = 7
	maxFlatTries     = 4 // of a straightened page, before the page itself gets the rest
	maxDocumentTries = 21
)

// letterText is how many characters of text make a born-digital page a letter
// or a bill, in which no zone is looked for.
const letterText = 800

// search is one search for a zone.
type search struct {
	r     *Reader
	p     *sheetPage
	flat  *flatPage // what is searched in place of the page, nil for itself
	now   time.Time
	model model
	tries int
	limit int
	best  *zone
	// noise is set when the foot of the page gave many lines and nothing that
	// looks like a zone: the same at a larger size would cost a second.
	noise bool
	lines int // of the last run
	seen  map[string]int
	runs  []candidate // what each run found
}

// findZone looks for the zone of one page, cheapest and most likely first:
// the foot of the page at two widths, then the stripes of print, straightened,
// then the page turned. Where a page was found in the photograph it is searched
// first, straightened, and the photograph itself when that gave no good zone. It
// stops at the first zone that verifies and is plausible; otherwise the best
// that was seen counts. No zone is no error.
//
// spent counts the runs of the document's pages so far and is raised.
func (r *Reader) findZone(ctx context.Context, p *sheetPage, now time.Time, spent *int) (*zone, *kyc.Error) {
	m, err := r.zoneModel()
	if err != nil {
		return nil, err
	}
	if len(p.text) >= letterText && !strings.Contains(p.text, "<<") {
		return nil, nil
	}
	if min(p.img.Rect.Dx(), p.img.Rect.Dy()) < 32 {
		return nil, nil
	}
	var best *zone
	left := maxTries
	for _, flat := range []*flatPage{p.straight(), nil} {
		most := left
		if flat != nil {
			most = maxFlatTries
		} else if best != nil && best.good() {
			break
		}
		s := &search{r: r, p: p, flat: flat, now: now, model: m, seen: map[string]int{}, limit: max(1, min(most, maxDocumentTries-*spent))}
		fail := s.run(ctx)
		*spent += s.tries
		left = max(maxTries-s.tries, 1)
		if fail != nil {
			if ctx.Err() != nil {
				return nil, imagefile.TimedOut(ctx.Err())
			}
			var broken *exec.ExitError
			e := kyc.Errorf(kyc.Unavailable, "ocr_failed", "the OCR program could not read the page; it may be tried again")
			if errors.As(fail, &broken) {
				e = kyc.Errorf(kyc.Unavailable, "ocr_failed", "the OCR program ended with code %d; it may be tried again", broken.ExitCode())
			}
			e.Cause = fail
			return nil, e
		}
		if z := s.best; z != nil {
			z.agreed = s.seen[z.mrz.key()] > 1
			if best == nil || z.score > best.score {
				best = z
			}
		}
	}
	return best, nil
}

func (s *search) run(ctx context.Context) error {
	page := s.p.img
	if s.flat != nil {
		page = s.flat.img
	}
	// Most pages are upright and show their zone as a stripe; to read that alone
	// takes half the time of reading the foot of the page, which comes next.
	level := findBands(page)
	if len(level) > 0 {
		if err := s.band(ctx, page, 0, level[0], 1100); err != nil || s.over() {
			return err
		}
	}
	if err := s.foot(ctx, page, 0, 1000); err != nil || s.over() {
		return err
	}
	s.noise = s.best == nil && s.lines > 9
	side := grey.Turn(page, 90)
	upright := findBands(side)
	// A page on its side shows its stripes only after a turn.
	turns := []int{0, 180, 90, 270}
	if s.best == nil && (len(level) == 0 && len(upright) > 0 || len(level) > 0 && len(upright) > 0 && upright[0].length > 1.5*level[0].length) {
		turns = []int{90, 270, 0, 180}
	}
	for i, degrees := range turns {
		turned, bands := page, level
		switch degrees {
		case 90:
			turned, bands = side, upright
		case 180:
			turned = grey.Turn(page, 180)
			bands = halfTurn(level, turned)
		case 270:
			turned = grey.Turn(side, 180)
			bands = halfTurn(upright, turned)
		}
		if err := s.page(ctx, turned, degrees, bands, i == 0); err != nil || s.over() {
			return err
		}
		// Something that looks like a zone on one side of the page will not
		// be better upside down.
		if s.best != nil {
			return nil
		}
	}
	return nil
}

// page looks at one turn of the page. On the most likely one, and where
// something like a zone was seen, it looks harder.
func (s *search) page(ctx context.Context, page *image.Gray, degrees int, bands []band, first bool) error {
	stripe := func(n, width int) error {
		if n >= len(bands) {
			return nil
		}
		return s.band(ctx, page, degrees, bands[n], width)
	}
	for i, step := range []struct {
		always bool
		do     func() error
	}{
		{degrees != 0, func() error { return stripe(0, 1100) }}, // at 0 that came first of all
		{first, func() error { return stripe(1, 1100) }},
		{first && degrees == 0 && !s.noise, func() error { return s.foot(ctx, page, degrees, 1500) }},
		{false, func() error { return s.foot(ctx, page, degrees, 800) }},
		{false, func() error { return stripe(0, 1500) }},
		{false, func() error { return stripe(0, 900) }},
	} {
		if !step.always && (s.best == nil || degrees == 0 && i == 0) {
			continue
		}
		if err := step.do(); err != nil || s.over() {
			return err
		}
	}
	return nil
}

// over reports that the search has its answer or has tried enough.
func (s *search) over() bool { return s.tries >= s.limit || s.best != nil && s.best.good() }

// halfTurn gives the bands of a page turned by 180 degrees.
func halfTurn(bands []band, page *image.Gray) []band {
	out := make([]band, len(bands))
	for i, b := range bands {
		b.cx, b.cy = float64(page.Rect.Dx())-b.cx, float64(page.Rect.Dy())-b.cy
		b.before, b.after = b.after, b.before
		out[i] = b
	}
	return out
}

// foot reads the lower 40 % of the page.
func (s *search) foot(ctx context.Context, page *image.Gray, degrees, width int) error {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	top := h - int(float64(h)*0.4)
	piece := grey.Cut(page, image.Rect(0, top, w, h))
	scale := float64(w) / float64(width)
	height := int(float64(piece.Rect.Dy())/scale + 0.5)
	if height < 16 || height > 2*width {
		return nil
	}
	return s.try(ctx, grey.Resize(piece, width, height), grey.Affine{A: scale, E: scale, F: float64(top)}, page, degrees, 0)
}

func (s *search) band(ctx context.Context, page *image.Gray, degrees int, b band, width int) error {
	piece, back := straighten(page, b, width)
	if piece.Rect.Dy() < 12 || piece.Rect.Dy() > width {
		return nil
	}
	return s.try(ctx, piece, back, page, degrees, b.angle)
}

// try runs OCR on one picture and keeps what it finds if it is better.
func (s *search) try(ctx context.Context, img *image.Gray, back grey.Affine, page *image.Gray, degrees int, angle float64) error {
	if s.tries >= s.limit {
		return nil
	}
	s.tries++
	lines, err := s.r.ocr(ctx, img, s.model, zoneAlphabet, "6")
	if err != nil {
		return err
	}
	s.lines = len(lines)
	c, found := findMRZ(lines, s.now)
	if !found {
		return nil
	}
	s.seen[c.mrz.key()]++
	s.runs = append(s.runs, c)
	if s.best == nil || s.best.score < c.score {
		s.best = &zone{
			candidate: c, back: back, skew: math.Round(angle*1800/math.Pi) / 10, model: s.model,
			view: view{img: page, turned: degrees, flat: s.flat, w: float64(s.p.img.Rect.Dx()), h: float64(s.p.img.Rect.Dy())},
		}
		if s.flat != nil {
			s.best.skew = math.Round((s.best.skew+s.flat.page.Tilt)*10) / 10
		}
	}
	if !s.best.good() && len(s.runs) > 1 {
		if c, ok := combined(s.best.candidate, s.runs, s.now); ok {
			s.best.candidate = c
		}
	}
	return nil
}

// region gives the part of the upright page where a span stood.
func (z *zone) region(p *sheetPage, s span) *kyc.Region {
	at, width := z.places[s.line], float64(len(z.mrz.Lines[s.line]))
	x0 := at.x0 + (at.x1-at.x0)*float64(s.from)/width
	x1 := at.x0 + (at.x1-at.x0)*float64(s.to)/width
	corners := boxOf(x0, at.y0, x1, at.y1)
	for i, c := range corners {
		corners[i][0], corners[i][1] = z.back.At(c[0], c[1])
	}
	return z.view.region(p.upload, p.number, corners...)
}
