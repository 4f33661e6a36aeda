package face

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/face/facetest"
)

// film is what a challenge done as asked looks like: three frames straight,
// then for each action two of it and one straight again.
func film(c Challenge) []Observation {
	person := make([]float32, 4)
	person[0] = 1
	var out []Observation
	shot := func(yaw, scale float64) {
		n := len(out)
		w := 150 * scale
		f := Face{X: 250, Y: 100, W: w, H: w * 1.3, Score: 0.9}
		eye := w * 0.4
		f.Landmarks = [5]Point{{290, 180}, {290 + eye, 180}, {290 + eye/2 + yaw*eye, 220}, {300, 250}, {280 + eye, 250}}
		o := Observation{At: time.Duration(n) * 400 * time.Millisecond, Width: 640, Height: 480, Faces: []Face{f}, Template: Template{"m", person},
			Alive: Aliveness{Assessable: true, Raw: 0.9, Confidence: 90, Made: Made{Model: "spoof"}}, Color: [3]float64{140, 100, 80}, Detail: 200, Upright: facetest.Upright(yaw / 3)}
		for i := range thumbSide * thumbSide {
			o.Thumb = append(o.Thumb, float64((i*7+n*3)%50))
		}
		out = append(out, o)
	}
	near := 1.0
	for range 3 {
		shot(0.02, near)
	}
	for _, a := range c.Actions {
		switch a {
		case TurnLeft:
			shot(0.18, near)
			shot(0.40, near)
		case TurnRight:
			shot(-0.19, near)
			shot(-0.40, near)
		case MoveCloser:
			near = 1.3
			shot(0, near)
		}
		shot(0, near)
	}
	if len(c.Colors) > 0 {
		for i := range out {
			k := i * len(c.Colors) / len(out)
			at := slices.Index([]string{"red", "green", "blue"}, c.Colors[k])
			out[i].Color[at] += 12
		}
	}
	return out
}

func challenge(t testing.TB, kind, nonce string) Challenge {
	t.Helper()
	c, err := NewChallenge(kind, []byte(nonce))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const longNonce = "0123456789abcdef"

func codes(m Movement) []string {
	out := []string{}
	for _, r := range m.Reasons {
		out = append(out, r.Code)
	}
	return out
}

func TestAChallengeDoneAsAskedIsConfident(t *testing.T) {
	t.Parallel()
	for i := range 40 {
		for _, kind := range []string{MovementChallenge, MovementLightChallenge} {
			c := challenge(t, kind, fmt.Sprint(longNonce, i))
			seen := film(c)
			m := JudgeMovement(c, seen, time.Minute)
			if !m.Assessable || m.Confidence < 89.9 || m.Confidence > 90.1 || len(m.Reasons) != 0 || !slices.Equal(m.Done, c.Actions) {
				t.Fatalf("%v: %+v", c, m)
			}
			if m.Reference < 0 || Yaw(seen[m.Reference].Faces[0]) > frontal || len(m.Audit) < 3 || len(m.Audit) > 4 || slices.Contains(m.Audit, m.Reference) {
				t.Errorf("reference %d, audit %v", m.Reference, m.Audit)
			}
			if m.Model != "spoof" || m.Provider != Local {
				t.Errorf("made %+v", m.Made)
			}
		}
	}
}

// Each rule refuses what it is there for; a film that breaks it has no
// confidence.
func TestEachRuleOfAFilmCanFail(t *testing.T) {
	t.Parallel()
	c := Challenge{Kind: MovementLightChallenge, Actions: []string{TurnLeft, MoveCloser, TurnRight, TurnLeft}, Colors: []string{"red", "blue", "green", "red"}}
	for _, k := range []struct {
		name, code string
		assessable bool
		spoil      func(*[]Observation)
	}{
		{"too few frames", "frames_count", false, func(s *[]Observation) { *s = (*s)[:MinFrames-1] }},
		{"too many", "frames_count", false, func(s *[]Observation) {
			for len(*s) <= MaxFrames {
				*s = append(*s, (*s)[0])
			}
		}},
		{"nobody in one frame", FaceNotFound, false, func(s *[]Observation) { (*s)[4].Faces = nil }},
		{"two people", SeveralFaces, true, func(s *[]Observation) { (*s)[4].Faces = append((*s)[4].Faces, (*s)[4].Faces[0]) }},
		{"times that stand", "times_wrong", true, func(s *[]Observation) { (*s)[4].At = (*s)[3].At }},
		{"a gap", "frames_missing", false, func(s *[]Observation) {
			for i := 5; i < len(*s); i++ {
				(*s)[i].At += 4 * time.Second
			}
		}},
		{"done in half a second", "film_length", false, func(s *[]Observation) {
			for i := range *s {
				(*s)[i].At /= 20
			}
		}},
		{"longer than the time that passed", "times_wrong", true, func(s *[]Observation) {
			for i := range *s {
				(*s)[i].At *= 5
			}
		}},
		{"turned at the start", "start_not_frontal", true, func(s *[]Observation) { (*s)[0].Faces = []Face{(*s)[4].Faces[0]} }},
		{"the wrong way round", "actions_wrong", true, func(s *[]Observation) {
			*s = film(Challenge{Actions: []string{TurnRight, MoveCloser, TurnLeft, TurnRight}, Colors: c.Colors})
		}},
		{"another order", "actions_wrong", true, func(s *[]Observation) {
			*s = film(Challenge{Actions: []string{TurnLeft, TurnRight, MoveCloser, TurnLeft}, Colors: c.Colors})
		}},
		{"one too many", "actions_wrong", true, func(s *[]Observation) {
			*s = film(Challenge{Actions: append(slices.Clone(c.Actions), TurnRight), Colors: c.Colors})
		}},
		{"one missing", "actions_missing", true, func(s *[]Observation) { *s = film(Challenge{Actions: c.Actions[:3], Colors: c.Colors}) }},
		{"nothing done at all", "actions_missing", true, func(s *[]Observation) {
			for i := range *s {
				(*s)[i].Faces = (*s)[0].Faces
			}
		}},
		{"somebody else in the middle", "person_changed", true, func(s *[]Observation) { (*s)[5].Template.Vector = []float32{0, 1, 0, 0} }},
		{"a template of another model", "person_changed", true, func(s *[]Observation) { (*s)[5].Template.Model = "other" }},
		{"frames that do not change", "frames_repeated", true, func(s *[]Observation) {
			for i := range *s {
				(*s)[i].Thumb = (*s)[0].Thumb
			}
		}},
		{"a nose that stays in the plane of the face", "face_flat", false, func(s *[]Observation) {
			for i := range *s {
				(*s)[i].Upright = facetest.Upright(0)
			}
		}},
		{"a nose that goes the other way", "face_flat", false, func(s *[]Observation) {
			for i := range *s {
				(*s)[i].Upright = facetest.Upright(-Yaw((*s)[i].Faces[0]) / 3)
			}
		}},
		{"frames that cannot be compared", "relief_unclear", false, func(s *[]Observation) {
			for i := range *s {
				(*s)[i].Upright = nil
			}
		}},
		{"flat, and another order", "actions_wrong", true, func(s *[]Observation) {
			*s = film(Challenge{Actions: []string{TurnLeft, TurnRight, MoveCloser, TurnLeft}, Colors: c.Colors})
			for i := range *s {
				(*s)[i].Upright = facetest.Upright(0)
			}
		}},
		{"no light on the face", "light_not_reflected", true, func(s *[]Observation) {
			for i := range *s {
				(*s)[i].Color = [3]float64{140, 100, 80}
			}
		}},
		{"the colours of another challenge", "light_not_reflected", true, func(s *[]Observation) {
			*s = film(Challenge{Actions: c.Actions, Colors: []string{"green", "red", "blue", "green"}})
		}},
		{"too close all the time", FaceTooClose, false, func(s *[]Observation) {
			for i := range *s {
				(*s)[i].Alive = Aliveness{Reason: FaceTooClose}
			}
		}},
		{"too close, and not done", "actions_missing", true, func(s *[]Observation) {
			*s = film(Challenge{Actions: c.Actions[:3], Colors: c.Colors})
			for i := range *s {
				(*s)[i].Alive = Aliveness{Reason: FaceTooClose}
			}
		}},
	} {
		seen := film(c)
		k.spoil(&seen)
		m := JudgeMovement(c, seen, 20*time.Second)
		if m.Confidence != 0 || m.Assessable != k.assessable || !slices.Contains(codes(m), k.code) {
			t.Errorf("%s: confidence %v, assessable %v, %v", k.name, m.Confidence, m.Assessable, m.Reasons)
		}
		for _, r := range m.Reasons {
			if r.Message == "" || r.Frame >= len(seen) {
				t.Errorf("%s: %+v", k.name, r)
			}
		}
	}
}

func TestAPrintThatIsMovedHasLittleConfidence(t *testing.T) {
	t.Parallel()
	c := challenge(t, MovementChallenge, longNonce)
	seen := film(c)
	for i := range seen {
		seen[i].Alive.Confidence = 12
	}
	seen[3].Alive = Aliveness{Reason: FaceTooClose}
	if m := JudgeMovement(c, seen, time.Minute); !m.Assessable || m.Confidence != 12 {
		t.Errorf("%+v", m)
	}
}

func TestFramesWithoutTimesAreJudgedByTheirOrder(t *testing.T) {
	t.Parallel()
	c := challenge(t, MovementLightChallenge, longNonce)
	seen := film(c)
	for i := range seen {
		seen[i].At = 0
	}
	if m := JudgeMovement(c, seen, 0); m.Confidence < 89.9 {
		t.Errorf("%+v", m)
	}
}

func TestANonceDrawsEveryChallengeAndAlwaysTheSame(t *testing.T) {
	t.Parallel()
	actions, colors := map[string]int{}, map[string]int{}
	for i := range 2000 {
		c := challenge(t, MovementLightChallenge, fmt.Sprint(longNonce, i))
		if again := challenge(t, MovementLightChallenge, fmt.Sprint(longNonce, i)); !slices.Equal(again.Actions, c.Actions) || !slices.Equal(again.Colors, c.Colors) {
			t.Fatal("the same nonce drew another challenge")
		}
		actions[strings.Join(c.Actions, " ")]++
		colors[strings.Join(c.Colors, " ")]++
		closer := 0
		for k, a := range c.Actions {
			if a == MoveCloser {
				closer++
			}
			if k > 0 && a == c.Actions[k-1] {
				t.Errorf("%v repeats itself", c.Actions)
			}
		}
		if closer != 1 {
			t.Errorf("%v comes closer %d times", c.Actions, closer)
		}
	}
	if len(actions) != 12 || len(colors) != 24 {
		t.Errorf("%d orders of actions and %d of colours", len(actions), len(colors))
	}
	for a, n := range actions {
		if n < 100 || n > 250 { // 167 each
			t.Errorf("%s was drawn %d times of 2000", a, n)
		}
	}
	if _, err := NewChallenge(MovementChallenge, []byte("short")); err == nil || err.Code != "nonce_too_short" {
		t.Error(err)
	}
	if _, err := NewChallenge("Blink", []byte(longNonce)); err == nil || err.Code != "challenge_unknown" {
		t.Error(err)
	}
}

// What stands before the face moves to the side of it, in the measure it does so.
func TestReliefOfDrawnFaces(t *testing.T) {
	t.Parallel()
	straight := facetest.Upright(0)
	for _, aside := range []float64{-0.2, -0.1, 0, 0.1, 0.2} {
		if got, like := relief(straight, facetest.Upright(aside)); math.Abs(got-aside) > 0.03 || like < 0.9 {
			t.Errorf("%.2f was measured as %.2f (%.2f)", aside, got, like)
		}
	}
	if _, like := relief(straight, straight[1:]); like != -1 {
		t.Errorf("another size: %v", like)
	}
	if _, like := relief(make([]float32, len(straight)), make([]float32, len(straight))); like != -1 {
		t.Errorf("no structure at all: %v", like)
	}
}
