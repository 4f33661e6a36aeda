package face

import "time"

const (
	// minReflection is the smallest rise of a colour's part of the light on the
	// face that counts as the screen's.
	minReflection = 0.004
	// settled is the part of a colour's share, at its beginning, in which the
	// screen and the camera are given time to change.
	settled = 0.3
)

// light: the face takes on the colours of the screen in their order. Each
// colour has the same share of the film. The colour's part of the light
// (red / (red + green + blue)) is compared with its mean over all shares, so
// that skin and the room's light cancel out. All but one must be seen.
func (m *Movement) light(c Challenge, seen []Observation) {
	if len(c.Colors) == 0 {
		m.because(-1, "light_missing", "The challenge has no colours.")
		return
	}
	parts, ok := shares(seen, len(c.Colors))
	if !ok {
		m.because(-1, "light_frames_missing", "Too few frames show each colour. Keep the page open and try again.")
		return
	}
	var all [3]float64
	for _, p := range parts {
		for i := range 3 {
			all[i] += p[i] / float64(len(parts))
		}
	}
	right := 0
	for k, name := range c.Colors {
		want := map[string]int{"red": 0, "green": 1, "blue": 2}[name]
		rise := func(i int) float64 { return parts[k][i] - all[i] }
		if rise(want) >= minReflection && rise(want) > rise((want+1)%3) && rise(want) > rise((want+2)%3) {
			right++
		}
	}
	if right < len(c.Colors)-1 {
		m.because(-1, "light_not_reflected", "The colours of the screen were not seen on the face. Make the screen bright and the room darker.")
	}
}

// shares gives the mean parts of the three colours on the face during each of
// n equal shares of the film.
func shares(seen []Observation, n int) ([][3]float64, bool) {
	timed := seen[len(seen)-1].At > seen[0].At
	whole := seen[len(seen)-1].At - seen[0].At
	if !timed {
		whole = time.Duration(len(seen))
	}
	out, counts := make([][3]float64, n), make([]int, n)
	for i, o := range seen {
		at := o.At - seen[0].At
		if !timed {
			at = time.Duration(i)
		}
		place := float64(at) * float64(n) / float64(whole)
		k := min(int(place), n-1)
		sum := o.Color[0] + o.Color[1] + o.Color[2]
		if place-float64(k) < settled || sum <= 0 {
			continue
		}
		for c := range 3 {
			out[k][c] += o.Color[c] / sum
		}
		counts[k]++
	}
	for k := range out {
		if counts[k] == 0 {
			return nil, false
		}
		for c := range 3 {
			out[k][c] /= float64(counts[k])
		}
	}
	return out, true
}
