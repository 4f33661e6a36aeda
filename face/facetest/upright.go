package facetest

import "math"

// Upright is a drawn face as room face compares two of them (96 x 80 grey
// values, eyes in row 20, mouth in row 56): the nose stands beside the line from
// the eyes to the mouth by that part of their distance, above 0 to the person's
// own left.
func Upright(aside float64) []float32 {
	const wide, high, eyes, tall = 96, 80, 20, 36
	out := make([]float32, wide*high)
	for y := range high {
		move := 0.0
		if v := float64(y-eyes) / tall; v > 0.3 && v < 0.8 {
			move = aside * tall
		}
		for x := range wide {
			u := float64(x) - move
			out[y*wide+x] = float32(120 + 30*math.Sin(u*0.31+float64(y)*0.2) + 25*math.Sin(u*0.17-float64(y)*0.37) + 20*math.Cos(u*u*0.01))
		}
	}
	return out
}
