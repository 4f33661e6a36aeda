package grey

import (
	"image"
	"math"
)

// taps are the source pixels of a resampled one.
type taps struct {
	first   int
	weights []float32
}

// kernel gives the source pixels of each new one along one axis: Catmull-Rom
// when enlarging, stretched to average when shrinking.
func kernel(from, to int) []taps {
	scale := float64(from) / float64(to)
	stretch := math.Max(1, scale)
	out := make([]taps, to)
	weights := make([]float32, 0, to*(int(4*stretch)+2))
	values := make([]float64, 0, int(4*stretch)+2)
	for i := range out {
		center := (float64(i)+0.5)*scale - 0.5
		first := int(math.Ceil(center - 2*stretch))
		last := int(math.Floor(center + 2*stretch))
		t := taps{first: max(first, 0)}
		sum := 0.0
		values = values[:0]
		for k := max(first, 0); k <= min(last, from-1); k++ {
			x := math.Abs(float64(k)-center) / stretch
			v := 0.0
			switch {
			case x < 1:
				v = 1.5*x*x*x - 2.5*x*x + 1
			case x < 2:
				v = -0.5*x*x*x + 2.5*x*x - 4*x + 2
			}
			values = append(values, v)
			sum += v
		}
		for _, v := range values {
			weights = append(weights, float32(v/sum))
		}
		t.weights = weights[len(weights)-len(values) : len(weights) : len(weights)]
		out[i] = t
	}
	return out
}

// Resize scales a picture to w by h pixels.
func Resize(src *image.Gray, w, h int) *image.Gray {
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	w, h = max(w, 1), max(h, 1)
	if w == sw && h == sh {
		return src
	}
	across, down := kernel(sw, w), kernel(sh, h)
	middle := make([]float32, w*sh)
	for y := range sh {
		row := src.Pix[y*src.Stride : y*src.Stride+sw]
		for x, t := range across {
			sum := float32(0)
			from := row[t.first:][:len(t.weights)]
			for k, weight := range t.weights {
				sum += weight * float32(from[k])
			}
			middle[y*w+x] = sum
		}
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	sums := make([]float32, w)
	for y, t := range down {
		clear(sums)
		for k, weight := range t.weights {
			row := middle[(t.first+k)*w:][:len(sums)]
			for x, v := range row {
				sums[x] += weight * v
			}
		}
		row := out.Pix[y*out.Stride : y*out.Stride+w]
		for x, v := range sums {
			row[x] = uint8(min(max(v+0.5, 0), 255))
		}
	}
	return out
}
