package document

import (
	"image"
	"math"

	"bonafide/kyc"
)

// Verdict is one reason why a picture serves badly, with what the applicant can
// do about it. It is no reason to refuse what could be read all the same.
type Verdict struct {
	// Code is picture_blurred, picture_glare, picture_dark, document_cut_off or
	// picture_too_small.
	Code    string `json:"code"`
	Message string `json:"message"`
	// Value is the figure that was measured and Limit what was asked for; see
	// Quality for their units. They are 0 for document_cut_off.
	Value float64 `json:"value,omitempty"`
	Limit float64 `json:"limit,omitempty"`
	// Region is where it shows, nil where it is all of the page.
	Region *kyc.Region `json:"region,omitempty"`
}

// The limits of the verdicts, set by the development documents. Their sharp
// pictures have a blur figure of 376 and more and a brightness of 112 and more;
// one that is blurred on purpose is read down to 145 and not at 67. The
// smallest picture that is still read has 282 x 179 pixels.
const (
	leastBlur  = 100
	leastLuma  = 60
	leastSide  = 240 // of the longest side, in pixels
	mostSpot   = 0.01
	paperWhite = 225 // brightness from which paper explains a white patch
)

// verdictsOf judges the first page. z is the zone that was found on it, or nil.
func verdictsOf(p *sheetPage, q Quality, z *zone) []Verdict {
	out := pictureVerdicts(p, q)
	if (z == nil || !z.mrz.Valid) && cutOff(p.img) {
		out = append(out, Verdict{Code: "document_cut_off",
			Message: "A part of the document lies outside of the picture. Take it again with all four corners in view."})
	}
	return out
}

// pictureVerdicts are those that need nothing read.
func pictureVerdicts(p *sheetPage, q Quality) []Verdict {
	out := []Verdict{}
	if long := max(q.Width, q.Height); long < leastSide {
		out = append(out, Verdict{Code: "picture_too_small", Value: float64(long), Limit: leastSide,
			Message: "The picture is too small to be read. Take it closer to the document, or send the original in place of a preview."})
	}
	if q.Luma < leastLuma {
		out = append(out, Verdict{Code: "picture_dark", Value: q.Luma, Limit: leastLuma,
			Message: "The picture is too dark. Take it again where there is more light, without your shadow on the document."})
	} else if q.Blur < leastBlur {
		out = append(out, Verdict{Code: "picture_blurred", Value: q.Blur, Limit: leastBlur,
			Message: "The picture is blurred. Hold the camera still, wait until it is in focus and take the picture again."})
	}
	if at, share := spotOf(p.img); share >= mostSpot {
		at.Upload, at.Page = p.upload, p.number
		out = append(out, Verdict{Code: "picture_glare", Value: share, Limit: mostSpot, Region: at,
			Message: "A reflection hides a part of the document. Tilt it a little, or turn off the flash, and take the picture again."})
	}
	return out
}

// asFinding puts a verdict among the findings, for the record.
func (v Verdict) asFinding() kyc.Reason {
	return kyc.Reason{Code: v.Code, Severity: info, Message: v.Message, Region: v.Region}
}

// spotOf finds the largest blown-out patch that lies inside the page, as a
// reflection does, and gives its share of the page. White paper and the margin
// of a scan are no reflection: a patch at the picture's border does not count,
// and none does where the rest of the page is nearly white, too.
func spotOf(page *image.Gray) (*kyc.Region, float64) {
	const across = 64
	w, h := page.Rect.Dx(), page.Rect.Dy()
	down := max(1, across*h/max(w, 1))
	if down > 4*across || w < across || h < down {
		return nil, 0
	}
	// The brightest and the mean of each tile tell a patch that is white through
	// and through.
	blown := make([]uint8, across*down)
	var rest []uint8
	for ty := range down {
		for tx := range across {
			white, sum, n := 0, 0, 0
			for y := ty * h / down; y < (ty+1)*h/down; y++ {
				for x := tx * w / across; x < (tx+1)*w/across; x++ {
					v := page.Pix[y*page.Stride+x]
					if v >= 252 {
						white++
					}
					sum, n = sum+int(v), n+1
				}
			}
			if n > 0 && white*100 >= 98*n {
				blown[ty*across+tx] = 1
			} else if n > 0 {
				rest = append(rest, uint8(sum/n))
			}
		}
	}
	if bright(rest) >= paperWhite {
		return nil, 0
	}
	best, region := 0, (*kyc.Region)(nil)
	var stack []int
	for start, v := range blown {
		if v == 0 {
			continue
		}
		blown[start], stack = 0, append(stack[:0], start)
		size, border := 0, false
		x0, y0, x1, y1 := across, down, 0, 0
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := i%across, i/across
			size++
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
			border = border || x == 0 || y == 0 || x == across-1 || y == down-1
			for _, next := range [4]struct {
				at int
				ok bool
			}{{i - 1, x > 0}, {i + 1, x < across-1}, {i - across, y > 0}, {i + across, y < down-1}} {
				if next.ok && blown[next.at] != 0 {
					blown[next.at] = 0
					stack = append(stack, next.at)
				}
			}
		}
		if !border && size > best {
			part := func(v, whole int) float64 { return math.Round(float64(v)/float64(whole)*10000) / 10000 }
			best = size
			region = &kyc.Region{X: part(x0, across), Y: part(y0, down), W: part(x1+1-x0, across), H: part(y1+1-y0, down)}
		}
	}
	return region, round4(float64(best) / float64(across*down))
}

// bright is the brightness that a fifth of the tiles reach.
func bright(tiles []uint8) int {
	var histogram [256]int
	for _, v := range tiles {
		histogram[v]++
	}
	left := len(tiles) / 5
	for v := 255; v >= 0; v-- {
		if left -= histogram[v]; left < 0 {
			return v
		}
	}
	return 0
}

// cutOff reports whether a stripe of print in the lower half, where the zone
// is, runs out of the picture at one side: its last columns there show as much
// print as those of its middle. Any zone has a margin of 4 % beside it.
func cutOff(page *image.Gray) bool {
	w, h := page.Rect.Dx(), page.Rect.Dy()
	strip := max(2, w/40) // wider than a character of a passport
	for _, b := range findBands(page) {
		if b.cy < float64(h)/2 || b.length < float64(w)/2 {
			continue
		}
		// contrast is how much the brightness varies down a column.
		contrast := func(x int) int {
			middle := b.cy + (float64(x)-b.cx)*math.Tan(b.angle)
			low, high := 255, 0
			for y := max(0, int(middle-b.thick/2)); y < min(h, int(middle+b.thick/2)+1); y++ {
				v := int(page.Pix[y*page.Stride+x])
				low, high = min(low, v), max(high, v)
			}
			return max(0, high-low)
		}
		printed := func(from int) int { // share of columns with print, in percent
			n := 0
			for x := from; x < from+strip; x++ {
				if contrast(x) > 70 {
					n++
				}
			}
			return 100 * n / strip
		}
		if printed(w/2) >= 40 && (printed(0) >= 40 || printed(w-strip) >= 40) {
			return true
		}
	}
	return false
}

func round4(v float64) float64 { return math.Round(v*10000) / 10000 }
