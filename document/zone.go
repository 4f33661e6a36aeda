package document

import (
	"context"
	"errors"
	"image"
	"math"
	"os/exec"
	"strings"
	"time"

	"bonafide/kyc"
)

// zone is a machine-readable zone found on a page.
type zone struct {
	candidate
	turned int     // degrees clockwise the page was turned
	back   affine  // from the OCR picture to the turned page
	skew   float64 // degrees
	width  int     // of the turned page
	height int
	model  model
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
	maxDocumentTries = 21
)

// letterText is how many characters of text make a born-digital page a letter
// or a bill, in which no zone is looked for.
const letterText = 800

// search is one search for a zone.
type search struct {
	r     *Reader
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
// then the page turned. It stops at the first zone that verifies and is
// plausible; otherwise the best that was seen counts. No zone is no error.
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
	s := &search{r: r, now: now, model: m, seen: map[string]int{}, limit: max(1, min(maxTries, maxDocumentTries-*spent))}
	defer func() { *spent += s.tries }()
	if fail := s.run(ctx, p); fail != nil {
		if ctx.Err() != nil {
			return nil, timedOut(ctx.Err())
		}
		var broken *exec.ExitError
		e := kyc.Errorf(kyc.Unavailable, "ocr_failed", "the OCR program could not read the page; it may be tried again")
		if errors.As(fail, &broken) {
			e = kyc.Errorf(kyc.Unavailable, "ocr_failed", "the OCR program ended with code %d; it may be tried again", broken.ExitCode())
		}
		e.Cause = fail
		return nil, e
	}
	if s.best != nil {
		s.best.agreed = s.seen[s.best.mrz.key()] > 1
	}
	return s.best, nil
}

func (s *search) run(ctx context.Context, p *sheetPage) error {
	// Most pages are upright and show their zone as a stripe; to read that alone
	// takes half the time of reading the foot of the page, which comes next.
	level := findBands(p.img)
	if len(level) > 0 {
		if err := s.band(ctx, p.img, 0, level[0], 1100); err != nil || s.over() {
			return err
		}
	}
	if err := s.foot(ctx, p.img, 0, 1000); err != nil || s.over() {
		return err
	}
	s.noise = s.best == nil && s.lines > 9
	side := turn(p.img, 90)
	upright := findBands(side)
	// A page on its side shows its stripes only after a turn.
	turns := []int{0, 180, 90, 270}
	if s.best == nil && (len(level) == 0 && len(upright) > 0 || len(level) > 0 && len(upright) > 0 && upright[0].length > 1.5*level[0].length) {
		turns = []int{90, 270, 0, 180}
	}
	for i, degrees := range turns {
		page, bands := p.img, level
		switch degrees {
		case 90:
			page, bands = side, upright
		case 180:
			page = turn(p.img, 180)
			bands = halfTurn(level, page)
		case 270:
			page = turn(side, 180)
			bands = halfTurn(upright, page)
		}
		if err := s.page(ctx, page, degrees, bands, i == 0); err != nil || s.over() {
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
		out[i] = b
	}
	return out
}

// foot reads the lower 40 % of the page.
func (s *search) foot(ctx context.Context, page *image.Gray, degrees, width int) error {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	top := h - int(float64(h)*0.4)
	piece := cut(page, image.Rect(0, top, w, h))
	scale := float64(w) / float64(width)
	height := int(float64(piece.Rect.Dy())/scale + 0.5)
	if height < 16 || height > 2*width {
		return nil
	}
	return s.try(ctx, resize(piece, width, height), affine{a: scale, e: scale, f: float64(top)}, page, degrees, 0)
}

func (s *search) band(ctx context.Context, page *image.Gray, degrees int, b band, width int) error {
	piece, back := straighten(page, b, width)
	if piece.Rect.Dy() < 12 || piece.Rect.Dy() > width {
		return nil
	}
	return s.try(ctx, piece, back, page, degrees, b.angle)
}

// try runs OCR on one picture and keeps what it finds if it is better.
func (s *search) try(ctx context.Context, img *image.Gray, back affine, page *image.Gray, degrees int, angle float64) error {
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
			candidate: c, turned: degrees, back: back, skew: math.Round(angle*1800/math.Pi) / 10,
			width: page.Rect.Dx(), height: page.Rect.Dy(), model: s.model,
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
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, corner := range [][2]float64{{x0, at.y0}, {x1, at.y0}, {x0, at.y1}, {x1, at.y1}} {
		x, y := z.back.at(corner[0], corner[1])
		minX, maxX, minY, maxY = min(minX, x), max(maxX, x), min(minY, y), max(maxY, y)
	}
	share := func(v float64, whole int) float64 {
		return math.Round(min(max(v/float64(whole), 0), 1)*10000) / 10000
	}
	left, top := share(minX, z.width), share(minY, z.height)
	return &kyc.Region{
		Upload: p.upload, Page: p.number, X: left, Y: top,
		W: math.Round((share(maxX, z.width)-left)*10000) / 10000, H: math.Round((share(maxY, z.height)-top)*10000) / 10000,
	}
}
