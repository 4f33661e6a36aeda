package face

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Observation is what the engine saw in one frame of a challenge.
type Observation struct {
	// At is when the frame was taken, after the first.
	At            time.Duration
	Width, Height int
	Faces         []Face // the largest first
	Template      Template
	Alive         Aliveness
	// Color is the mean red, green and blue of the middle of the face, 0-255;
	// Detail the variance of its Laplacian.
	Color  [3]float64
	Detail float64
	// Thumb is the frame as 16 x 16 grey values.
	Thumb []float64
	// Upright is the face as grey values, its eyes level and its height always
	// the same, for comparing two frames.
	Upright []float32
}

// Reason is one thing that is wrong with a film, with the place of the frame
// it is about, or -1.
type Reason struct {
	Code    string `json:"code"`
	Message string `json:"message"` // for the applicant
	Frame   int    `json:"frame"`
}

// Movement is the judgement of a challenge. It is no certified detector of
// presentation attacks (ISO/IEC 30107-3).
type Movement struct {
	Made
	// Confidence is 0-100: the mean of the passive judgements of the frames
	// that allow one, or 0 where the challenge was not followed.
	Confidence float64 `json:"confidence"`
	// Assessable is false where the film allows no judgement; it is then
	// neither a pass nor a suspicion.
	Assessable bool     `json:"assessable"`
	Reasons    []Reason `json:"reasons"`
	// Done are the actions that were seen, in their order.
	Done []string `json:"done"`
	// Relief is how far the nose moved beside the line from the eyes to the mouth
	// when the head was turned, as part of their distance: 0 for a picture, and
	// where nothing was measured because the film was refused before.
	Relief float64 `json:"relief"`
	// Reference is the place of the frame that shows the applicant best, -1
	// where there is none; Audit are up to four more, in the order of time.
	Reference int   `json:"reference"`
	Audit     []int `json:"audit"`
}

// The rules of a film.
const (
	MinFrames = 8  // fewer show too little
	MaxFrames = 60 // more are not looked at
	maxFilm   = 60 * time.Second
	minFilm   = 2 * time.Second
	maxGap    = 3 * time.Second // between two frames

	frontal     = 0.15 // nose beside the middle of the eyes, of their distance
	turnedAside = 0.22
	grown       = 1.20 // width of the face, of the first frame's
	sameFrontal = 0.60 // cosine with the reference, looking straight
	sameTurned  = 0.35 // and turned away
	stillFrame  = 0.25 // mean change of grey values between two frames
	minJudged   = 3    // frames that allow a passive judgement
	auditFrames = 4
)

// JudgeMovement holds the frames of a film, in the order they came, to a
// challenge. elapsed is the time that passed on the server between the
// challenge and the last frame, or the time a challenge is given; 0 where the
// frames bear no times, and then only their order counts. It is a pure
// function.
func JudgeMovement(c Challenge, seen []Observation, elapsed time.Duration) Movement {
	m := Movement{Made: Made{Provider: Local, Calibration: "movement-2"}, Reference: -1, Reasons: []Reason{}, Done: []string{}, Audit: []int{}}
	if len(seen) < MinFrames || len(seen) > MaxFrames {
		m.because(-1, "frames_count", "The film has %d frames; %d to %d are needed.", len(seen), MinFrames, MaxFrames)
		return m
	}
	m.clocks(seen, elapsed)
	if m.one(seen); len(m.Reasons) > 0 {
		m.Assessable = m.has("times_wrong", "several_faces")
		return m
	}
	m.Reference = reference(seen)
	m.moves(c, seen)
	m.person(seen)
	m.frozen(seen)
	if c.Kind == MovementLightChallenge {
		m.light(c, seen)
	}
	refused := len(m.Reasons) > 0
	if !refused {
		m.solid(seen)
	}
	m.Audit = audit(seen, m.Reference)
	sum, n, model := 0.0, 0, ""
	for _, o := range seen {
		if o.Alive.Assessable {
			sum, n, model = sum+o.Alive.Confidence, n+1, o.Alive.Model
		}
	}
	m.Model = model
	if n < minJudged {
		// What is broken stays broken, and what could not be judged is no pass.
		m.because(-1, FaceTooClose, "The face was too close or too far in most frames. Keep it between a fifth and half of the picture.")
		m.Assessable = refused
		return m
	}
	// A film that only lacks relief is neither a pass nor an attack: how people's
	// faces are seen by any camera was not measured.
	m.Assessable = refused || len(m.Reasons) == 0
	if len(m.Reasons) == 0 {
		m.Confidence = sum / float64(n)
	}
	return m
}

func (m *Movement) because(frame int, code, message string, args ...any) {
	m.Reasons = append(m.Reasons, Reason{code, fmt.Sprintf(message, args...), frame})
}

func (m *Movement) has(codes ...string) bool {
	return slices.ContainsFunc(m.Reasons, func(r Reason) bool { return slices.Contains(codes, r.Code) })
}

// clocks: times rise, the film is as long as a person needs, and no longer
// than the time that really passed.
func (m *Movement) clocks(seen []Observation, elapsed time.Duration) {
	if elapsed <= 0 {
		return
	}
	for i := 1; i < len(seen); i++ {
		switch gap := seen[i].At - seen[i-1].At; {
		case gap <= 0:
			m.because(i, "times_wrong", "The times of the frames do not rise.")
			return
		case gap > maxGap:
			m.because(i, "frames_missing", "There is a gap in the film. Keep the page open and try again.")
			return
		}
	}
	switch long := seen[len(seen)-1].At - seen[0].At; {
	case long < minFilm || long > maxFilm:
		m.because(-1, "film_length", "The film must be %d to %d seconds long.", int(minFilm.Seconds()), int(maxFilm.Seconds()))
	case long > elapsed+time.Second:
		m.because(-1, "times_wrong", "The film is longer than the time that passed.")
	}
}

// one: one face in every frame.
func (m *Movement) one(seen []Observation) {
	for i, o := range seen {
		switch {
		case len(o.Faces) == 0:
			m.because(i, FaceNotFound, "The face left the picture. Keep it in the picture all the time.")
			return
		case len(o.Faces) > 1 && o.Faces[1].W >= otherFace*o.Faces[0].W:
			m.because(i, SeveralFaces, "More than one face was seen. Make sure that you are alone in the picture.")
			return
		}
	}
}

// moves: the actions that were asked, in that order and no others.
func (m *Movement) moves(c Challenge, seen []Observation) {
	base, width := Yaw(seen[0].Faces[0]), seen[0].Faces[0].W
	if math.Abs(base) > frontal {
		m.because(0, "start_not_frontal", "Look straight into the camera before you begin.")
		return
	}
	last, near := "", false
	for i, o := range seen {
		yaw, event := Yaw(o.Faces[0])-base, ""
		switch {
		case yaw >= turnedAside:
			event = TurnLeft
		case yaw <= -turnedAside:
			event = TurnRight
		case math.Abs(yaw) > frontal:
			continue // on the way
		case o.Faces[0].W >= grown*width:
			if !near {
				event = MoveCloser
			}
			near = true
		case o.Faces[0].W < (1+grown)/2*width:
			near = false
		}
		if event != "" && event != last {
			m.Done = append(m.Done, event)
			if len(m.Done) > len(c.Actions) || event != c.Actions[len(m.Done)-1] {
				m.because(i, "actions_wrong", "Another movement was seen than the one that was asked. Follow the arrows one by one.")
				return
			}
		}
		last = event
	}
	if !slices.Equal(m.Done, c.Actions) {
		m.because(-1, "actions_missing", "Not every movement was seen. Turn the head further, and come closer when you are asked to.")
	}
}

// Yaw is how far the nose lies beside the middle of the eyes, as part of their
// distance: above 0 where the head is turned to the person's own left.
func Yaw(f Face) float64 {
	r, l, n := f.Landmarks[0], f.Landmarks[1], f.Landmarks[2]
	ex, ey := l.X-r.X, l.Y-r.Y
	d := ex*ex + ey*ey
	if d == 0 {
		return 0
	}
	return ((n.X-(r.X+l.X)/2)*ex + (n.Y-(r.Y+l.Y)/2)*ey) / d
}

// person: one person in all frames.
func (m *Movement) person(seen []Observation) {
	best := seen[m.Reference].Template
	for i, o := range seen {
		limit := sameFrontal
		if math.Abs(Yaw(o.Faces[0])) > frontal {
			limit = sameTurned
		}
		cos, ok := 0.0, false
		if o.Template.Model == best.Model && len(o.Template.Vector) == len(best.Vector) {
			cos, ok = cosine(o.Template.Vector, best.Vector)
		}
		if !ok || cos < limit {
			m.because(i, "person_changed", "The face changed during the film. One person must do all of it.")
			return
		}
	}
}

// frozen: a film of a person moves in every frame.
func (m *Movement) frozen(seen []Observation) {
	still := 0
	for i := 1; i < len(seen); i++ {
		if change(seen[i].Thumb, seen[i-1].Thumb) < stillFrame {
			still++
		}
	}
	if still*2 > len(seen)-1 {
		m.because(-1, "frames_repeated", "The frames of the film do not change.")
	}
}

// change is the mean difference of grey values; none where one is missing.
func change(a, b []float64) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return 0
	}
	sum := 0.0
	for i := range a {
		sum += math.Abs(a[i] - b[i])
	}
	return sum / float64(len(a))
}

// reference is the frame that shows the person best: straight, sharp, alive
// and large without filling the frame.
func reference(seen []Observation) int {
	best, place := math.Inf(-1), 0
	for i, o := range seen {
		f := o.Faces[0]
		v := f.Score - 3*math.Abs(Yaw(f)) - math.Abs(angle(f))/45 + min(o.Detail, 300)/1000
		if part := f.W / float64(max(o.Width, 1)); part < minPart || part > 0.5 {
			v--
		}
		if o.Alive.Assessable {
			v += 0.5 + o.Alive.Raw/2
		}
		if v > best {
			best, place = v, i
		}
	}
	return place
}

// audit spreads frames over the film, without the reference.
func audit(seen []Observation, reference int) []int {
	out := []int{}
	for k := range auditFrames {
		i := k * (len(seen) - 1) / (auditFrames - 1)
		if i == reference {
			i = (i + 1) % len(seen)
		}
		if !slices.Contains(out, i) && i != reference {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return out
}
