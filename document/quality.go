package document

import (
	"image"
	"math"

	"bonafide/grey"
)

// qualityOf measures a page; see Quality for what the figures mean.
func qualityOf(page *image.Gray) Quality {
	q := Quality{Width: page.Rect.Dx(), Height: page.Rect.Dy()}
	w := min(800, q.Width)
	h := max(1, int(math.Round(float64(q.Height)*float64(w)/float64(q.Width))))
	if h > 20*w {
		return q
	}
	small := grey.Resize(page, w, h)
	sum, n := 0.0, float64(w*h)
	for _, v := range small.Pix {
		sum += float64(v)
	}
	q.Luma = round2(sum / n)

	var total, squares, count float64
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			i := y*w + x
			l := float64(int(small.Pix[i-1]) + int(small.Pix[i+1]) + int(small.Pix[i-w]) + int(small.Pix[i+w]) - 4*int(small.Pix[i]))
			total, squares, count = total+l, squares+l*l, count+1
		}
	}
	if count > 0 {
		mean := total / count
		q.Blur = round2(squares/count - mean*mean)
	}

	tile := max(4, w/32)
	blown, tiles := 0, 0
	for y := 0; y+tile <= h; y += tile {
		for x := 0; x+tile <= w; x += tile {
			tiles++
			white := 0
			for dy := range tile {
				for _, v := range small.Pix[(y+dy)*w+x : (y+dy)*w+x+tile] {
					if v >= 252 {
						white++
					}
				}
			}
			if white*100 >= 98*tile*tile {
				blown++
			}
		}
	}
	if tiles > 0 {
		q.Glare = round2(float64(blown) / float64(tiles))
	}
	return q
}

func round2(v float64) float64 { return math.Round(v*100) / 100 }
