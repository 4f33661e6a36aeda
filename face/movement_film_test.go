package face

import (
	"fmt"
	"image"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"bonafide/face/facetest"
)

// filmTurn is how far the rendered heads turn, in degrees.
const filmTurn = 38

// sitter makes a frame of 640 x 480 of a photograph of the data folder, its face
// so wide, ready to be turned.
func sitter(t testing.TB, e *Engine, name string, width float64) (*facetest.Sitter, Face) {
	t.Helper()
	img := picture(t, "pairs/"+name)
	faces, err := e.Find(ctx, img)
	if err != nil || len(faces) == 0 {
		t.Fatal(name, faces, err)
	}
	base := placed(img, faces[0], width).(*image.RGBA)
	if faces, err = e.Find(ctx, base); err != nil || len(faces) == 0 {
		t.Fatal(name, faces, err)
	}
	at := func(p Point) [2]float64 { return [2]float64{p.X, p.Y} }
	l := faces[0].Landmarks
	return facetest.New(base, at(l[0]), at(l[1]), at(l[2])), faces[0]
}

// watch renders a film, saves each frame as JPEG and looks at it with the real
// networks.
func watch(t testing.TB, e *Engine, poses []facetest.Pose, frame func(i int, p facetest.Pose) image.Image) []Observation {
	t.Helper()
	var out []Observation
	for i, p := range poses {
		img, _, err := facetest.Camera(frame(i, p), 88)
		if err != nil {
			t.Fatal(err)
		}
		o, bad := e.Observe(ctx, time.Duration(i)*400*time.Millisecond, img)
		if bad != nil {
			t.Fatal(bad)
		}
		out = append(out, o)
	}
	return out
}

// shown films one photograph on a shape.
func shown(s *facetest.Sitter, shape facetest.Shape) func(int, facetest.Pose) image.Image {
	return func(i int, p facetest.Pose) image.Image { return s.Frame(shape, p, 2, uint64(i)) }
}

// forgery is a film that must not pass, and the reasons of which one is given.
type forgery struct {
	codes []string
	frame func(i int, p facetest.Pose) image.Image
}

// forgeries are what somebody does with a photograph of another person before
// the camera, each answering the challenge as far as it can.
func forgeries(s, other *facetest.Sitter, right []facetest.Pose) map[string]forgery {
	each := func(shape facetest.Shape, sitter *facetest.Sitter, change func(p *facetest.Pose), codes ...string) forgery {
		return forgery{codes, func(i int, p facetest.Pose) image.Image {
			change(&p)
			return sitter.Frame(shape, p, 2, uint64(i))
		}}
	}
	near := *s
	near.Distance = 2.7 // 17 cm before a lens that sees 100 degrees
	undone := []string{"actions_wrong", "actions_missing"}
	return map[string]forgery{
		"held still": each(facetest.Head, s, func(p *facetest.Pose) { *p = facetest.Pose{} }, undone...),
		"moved and turned in its plane": each(facetest.Flat, s, func(p *facetest.Pose) {
			p.Right, p.Roll, p.Yaw = p.Right+1.5*p.Yaw, p.Yaw/2, 0
		}, undone...),
		"a print that is turned":                    each(facetest.Flat, s, func(p *facetest.Pose) { p.Pitch *= 3 }, undone...),
		"a print that is turned before a wide lens": each(facetest.Flat, &near, func(*facetest.Pose) {}, append(undone, "face_flat", "relief_unclear")...),
		"a rolled print that is turned":             each(facetest.Rolled, s, func(*facetest.Pose) {}, append(undone, "face_flat", "relief_unclear")...),
		"turned the other way":                      each(facetest.Head, s, func(p *facetest.Pose) { p.Yaw = -p.Yaw }, "actions_wrong"),
		"somebody else from the middle on": {[]string{"person_changed"}, func(i int, p facetest.Pose) image.Image {
			if i < len(right)/2 {
				return s.Frame(facetest.Head, p, 2, uint64(i))
			}
			return other.Frame(facetest.Head, p, 2, uint64(i))
		}},
	}
}

// A film that is rendered from a photograph passes the whole judgement with the
// real networks when the challenge is done as asked, in both variants; what a
// photograph can be made to do does not.
func TestRenderedFilms(t *testing.T) {
	t.Parallel()
	e := engine(t)
	s, _ := sitter(t, e, "img8.jpg", 160)
	other, _ := sitter(t, e, "img20.jpg", 160)
	c := challenge(t, MovementLightChallenge, longNonce)
	poses := facetest.Script{Actions: c.Actions, Turn: filmTurn, Near: 1.35, Colors: c.Colors, Light: 0.08}.Film()
	seen := watch(t, e, poses, shown(s, facetest.Head))
	for _, kind := range []string{MovementChallenge, MovementLightChallenge} {
		c.Kind = kind
		if m := JudgeMovement(c, seen, time.Minute); m.Confidence < 60 || !m.Assessable || len(m.Reasons) != 0 || !slices.Equal(m.Done, c.Actions) || m.Relief < minRelief {
			t.Errorf("%s done as asked: %+v", kind, m)
		}
	}
	// The same film does not answer another challenge, and needs the light.
	wrong := Challenge{Kind: MovementChallenge, Actions: slices.Clone(c.Actions)}
	slices.Reverse(wrong.Actions)
	if m := JudgeMovement(wrong, seen, time.Minute); m.Confidence != 0 || !m.has("actions_wrong") {
		t.Errorf("in another order: %+v", m)
	}
	dark := Challenge{Kind: MovementLightChallenge, Actions: c.Actions, Colors: slices.Clone(c.Colors)}
	slices.Reverse(dark.Colors)
	if m := JudgeMovement(dark, seen, time.Minute); !slices.Equal(dark.Colors, c.Colors) && m.Confidence != 0 {
		t.Errorf("the colours of another challenge: %+v", m)
	}
	c.Kind = MovementChallenge
	for name, f := range forgeries(s, other, poses) {
		m := JudgeMovement(c, watch(t, e, poses, f.frame), time.Minute)
		if m.Confidence != 0 || !m.has(f.codes...) {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// sat gives the photographs of the data folder that look into the camera, as
// they sit before it.
func sat(t *testing.T, e *Engine) (names []string, sitters map[string]*facetest.Sitter) {
	sitters = map[string]*facetest.Sitter{}
	for _, p := range pairs(t) {
		for _, n := range []string{p.a, p.b} {
			if sitters[n] != nil {
				continue
			}
			s, f := sitter(t, e, n, 160)
			if sitters[n] = s; math.Abs(Yaw(f)) <= frontal {
				names = append(names, n)
			}
		}
	}
	slices.Sort(names)
	return names, sitters
}

// TestAccuracyTurns compares the angle that a head was rendered at with the one
// that follows from the landmarks: the tip of the nose stands 0.42 distances of
// the eyes before them.
func TestAccuracyTurns(t *testing.T) {
	e := measuring(t)
	names, sitters := sat(t, e)
	for _, turn := range []float64{10, 20, 30, 40} {
		var found []float64
		turned := 0
		for _, name := range names {
			var first Face
			for i, yaw := range []float64{0, turn, -turn} {
				img, _, err := facetest.Camera(sitters[name].Frame(facetest.Head, facetest.Pose{Yaw: yaw}, 2, uint64(i)), 88)
				if err != nil {
					t.Fatal(err)
				}
				faces, bad := e.Find(ctx, img)
				if bad != nil || len(faces) == 0 {
					t.Fatal(name, yaw, bad)
				}
				if i == 0 {
					first = faces[0]
					continue
				}
				seen := (Yaw(faces[0]) - Yaw(first)) * math.Copysign(1, yaw)
				if found = append(found, math.Atan(seen/0.42)*180/math.Pi); seen >= turnedAside {
					turned++
				}
			}
		}
		slices.Sort(found)
		figure(fmt.Sprintf("rendered heads turned by %.0f degrees, found at (median, lowest, highest)", turn),
			fmt.Sprintf("%.0f, %.0f, %.0f", found[len(found)/2], found[0], found[len(found)-1]), "not stated")
		figure(fmt.Sprintf("rendered heads turned by %.0f degrees that count as turned", turn), fmt.Sprintf("%d of %d", turned, len(found)), "not stated")
	}
}

// TestAccuracyFilms judges rendered films: every photograph doing as asked, and
// every third one in the hands of a forger.
func TestAccuracyFilms(t *testing.T) {
	e := measuring(t)
	names, sitters := sat(t, e)
	passed, relief, why := 0, []float64{}, map[string]int{}
	films, fooled, codes := map[string]int{}, map[string]int{}, map[string]map[string]int{}
	for k, name := range names {
		s, other := sitters[name], sitters[names[(k+len(names)/2)%len(names)]]
		c := challenge(t, MovementLightChallenge, fmt.Sprint(longNonce, k))
		poses := facetest.Script{Actions: c.Actions, Turn: filmTurn, Near: 1.35, Colors: c.Colors, Light: 0.08}.Film()
		m := JudgeMovement(c, watch(t, e, poses, shown(s, facetest.Head)), time.Minute)
		if m.Relief != 0 {
			relief = append(relief, m.Relief)
		}
		switch {
		case len(m.Reasons) > 0:
			why[m.Reasons[0].Code]++
		case m.Confidence < 60:
			why["confidence below 60"]++
		default:
			passed++
		}
		c.Kind = MovementChallenge
		for what, f := range forgeries(s, other, poses) {
			if k%3 != 0 && what != "a rolled print that is turned" {
				continue
			}
			if codes[what] == nil {
				codes[what] = map[string]int{}
			}
			films[what]++
			m := JudgeMovement(c, watch(t, e, poses, f.frame), time.Minute)
			if m.Confidence > 0 {
				fooled[what]++
				t.Errorf("%s, %s: %+v", name, what, m)
			}
			for _, r := range m.Reasons {
				codes[what][r.Code]++
			}
		}
	}
	slices.Sort(relief)
	figure("rendered films done as asked that pass at confidence 60", fmt.Sprintf("%d of %d, others: %v", passed, len(names), why), "not stated")
	figure("relief of rendered heads (lowest, median, highest)", fmt.Sprintf("%.3f, %.3f, %.3f", relief[0], relief[len(relief)/2], relief[len(relief)-1]), "not stated")
	for _, what := range slices.Sorted(maps.Keys(films)) {
		figure("rendered films that pass: "+what, fmt.Sprintf("%d of %d, reasons: %v", fooled[what], films[what], codes[what]), "0")
	}
}

// BenchmarkRelief compares two frames.
func BenchmarkRelief(b *testing.B) {
	first, now := facetest.Upright(0), facetest.Upright(0.1)
	for b.Loop() {
		relief(first, now)
	}
}
