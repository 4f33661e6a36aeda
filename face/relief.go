package face

import (
	"math"
	"slices"
)

// A photograph of a face that is turned, leaned or rolled around an upright axis
// keeps straight what was straight: the line from between the eyes over the
// nose to the mouth stays a line. The nose of a head stands before it and moves
// to the side of it when the head turns. The detector's landmarks do not tell
// the two apart, because they are put where those of a turned head would be;
// so the pixels are compared.
const (
	// reliefWide and reliefHigh are the size of the picture that is compared,
	// reliefFace the distance between eyes and mouth in it and reliefEyes the row
	// of the eyes.
	reliefWide = 96
	reliefHigh = 80
	reliefFace = 36.0
	reliefEyes = 20

	// The limits were chosen on films that were rendered from the photographs of
	// the data folder (docs/accuracy.md): the median was 0.033 to 0.144 for heads
	// and at most 0.030 for rolled prints.
	minRelief  = 0.035
	reliefYaw  = 0.08 // Yaw from which a frame can show it
	reliefLike = 0.7  // correlation from which a part counts as found
	maxRelief  = 0.3  // more is no nose but a wrong place
	reliefSeen = 3    // frames that must show it
)

// solid: the nose stands before the face. What is flat, or cannot be told, is
// for a person to judge.
func (m *Movement) solid(seen []Observation) {
	var found []float64
	first, base := seen[0].Upright, Yaw(seen[0].Faces[0])
	for _, o := range seen[1:] {
		yaw := Yaw(o.Faces[0]) - base
		if math.Abs(yaw) < reliefYaw {
			continue
		}
		aside, like := relief(first, o.Upright)
		if like >= reliefLike && math.Abs(aside) <= maxRelief {
			found = append(found, math.Copysign(1, yaw)*aside)
		}
	}
	if len(found) < reliefSeen {
		m.because(-1, "relief_unclear", "Turn the head slowly, in good light, and keep the mouth still.")
		return
	}
	slices.Sort(found)
	m.Relief = found[len(found)/2]
	if m.Relief < minRelief {
		m.because(-1, "face_flat", "The face moved like a picture of a face when it was turned.")
	}
}

// band is a part of the face in the picture that is compared: rows from the
// eyes on, and columns on each side of the middle, in parts of reliefFace.
type band struct{ from, to, half float64 }

// bands are the eyes, the nose and the mouth.
func bands() [3]band {
	return [3]band{{-0.25, 0.2, 0.65}, {0.35, 0.75, 0.3}, {0.85, 1.2, 0.4}}
}

// upright is the face in grey values with its eyes level, scaled by the distance
// between eyes and mouth, which a turn to the side does not change; nil where
// the landmarks are one point.
func (f *frame) upright(face Face) []float32 {
	l := face.Landmarks
	ex, ey := (l[0].X+l[1].X)/2, (l[0].Y+l[1].Y)/2
	mx, my := (l[3].X+l[4].X)/2, (l[3].Y+l[4].Y)/2
	turn := math.Atan2(l[1].Y-l[0].Y, l[1].X-l[0].X)
	sin, cos := math.Sincos(turn)
	high := -(mx-ex)*sin + (my-ey)*cos
	if !(high > 4) {
		return nil
	}
	s := high / reliefFace
	small := f
	by := max(1, int(s))
	if by > 1 {
		small = f.reduced(by)
	}
	out := make([]float32, reliefWide*reliefHigh)
	var px [3]float32
	for y := range reliefHigh {
		for x := range reliefWide {
			u, v := (float64(x)-reliefWide/2)*s, (float64(y)-reliefEyes)*s
			small.at((ex+u*cos-v*sin+0.5)/float64(by)-0.5, (ey+u*sin+v*cos+0.5)/float64(by)-0.5, &px)
			out[y*reliefWide+x] = float32(luma(float64(px[0]), float64(px[1]), float64(px[2])))
		}
	}
	return out
}

// relief is how far the nose lies beside the line between eyes and mouth in now,
// compared with first, in parts of the distance between eyes and mouth: above 0
// to the person's own left. likeness is the correlation of the least alike of
// the three parts, -1 to 1.
func relief(first, now []float32) (aside, likeness float64) {
	if len(first) != reliefWide*reliefHigh || len(now) != len(first) {
		return 0, -1
	}
	var at [3]float64
	likeness = 1
	for i, b := range bands() {
		x, like := b.find(first, now)
		at[i], likeness = x/reliefFace, min(likeness, like)
	}
	middle := func(b band) float64 { return (b.from + b.to) / 2 }
	b := bands()
	k := (middle(b[1]) - middle(b[0])) / (middle(b[2]) - middle(b[0]))
	return at[1] - (at[0]*(1-k) + at[2]*k), likeness
}

// find looks for a band of first in now: moved to the side, a little up or down,
// and narrower as what turns away becomes. It gives the movement of its middle
// in pixels.
func (b band) find(first, now []float32) (aside, likeness float64) {
	y0, y1 := reliefEyes+int(math.Round(b.from*reliefFace)), reliefEyes+int(math.Round(b.to*reliefFace))
	half := int(math.Round(b.half * reliefFace))
	likeness = -1
	for _, narrow := range []float64{1.1, 1, 0.9, 0.8, 0.7} {
		for dy := -3; dy <= 3; dy++ {
			for dx := -20; dx <= 20; dx++ {
				var n, sa, sb, saa, sbb, sab float64
				for y := y0; y <= y1; y++ {
					if y+dy < 0 || y+dy >= reliefHigh {
						continue
					}
					for x := -half; x <= half; x++ {
						fx := float64(reliefWide/2+dx) + float64(x)*narrow
						i := int(fx)
						if i < 0 || i+1 >= reliefWide {
							continue
						}
						row := now[(y+dy)*reliefWide:]
						w := fx - float64(i)
						p, q := float64(first[y*reliefWide+reliefWide/2+x]), float64(row[i])*(1-w)+float64(row[i+1])*w
						n, sa, sb, saa, sbb, sab = n+1, sa+p, sb+q, saa+p*p, sbb+q*q, sab+p*q
					}
				}
				va, vb := saa-sa*sa/n, sbb-sb*sb/n
				if n == 0 || va <= 0 || vb <= 0 {
					continue
				}
				if r := (sab - sa*sb/n) / math.Sqrt(va*vb); r > likeness {
					likeness, aside = r, float64(dx)
				}
			}
		}
	}
	return aside, likeness
}
