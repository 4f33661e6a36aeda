package facetest

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
)

// The actions of a challenge, as room face names them.
const (
	closer = "move_closer"
	left   = "turn_left"
	right  = "turn_right"
)

// Script is how an applicant answers a challenge.
type Script struct {
	Actions []string
	// Turn is how far the head is turned, in degrees; Near how many times larger
	// the face becomes when it comes closer.
	Turn, Near float64
	// Colors light the face one after the other, each for the same share of the
	// film; Light is how strongly.
	Colors []string
	Light  float64
}

// Film gives the poses of a script: three frames straight, then for each action
// the way there, its end for two frames and the way back. What is closer stays
// closer for as long. A head never stands quite still, nor does the hand with
// the camera.
func (s Script) Film() []Pose {
	var out []Pose
	shot := func(yaw, near float64) {
		n := float64(len(out))
		out = append(out, Pose{Yaw: yaw, Pitch: 1.5 * math.Sin(n/3), Roll: 1.2 * math.Sin(n/4), Closer: near * (1 + 0.01*math.Sin(n/2)),
			Right: 2.5 * math.Sin(n*1.7), Down: 2.5 * math.Cos(n*1.3)})
	}
	for range 3 {
		shot(0, 1)
	}
	for _, a := range s.Actions {
		for _, k := range []float64{0.5, 1, 1, 0.5, 0} {
			switch a {
			case left:
				shot(k*s.Turn, 1)
			case right:
				shot(-k*s.Turn, 1)
			case closer:
				shot(0, 1+k*(s.Near-1))
			}
		}
	}
	for i := range out {
		if len(s.Colors) == 0 {
			break
		}
		color := map[string]int{"red": 0, "green": 1, "blue": 2}[s.Colors[min(i*len(s.Colors)/(len(out)-1), len(s.Colors)-1)]]
		out[i].Light[color] = s.Light
	}
	return out
}

// Camera saves a frame as a phone's page sends it and opens it again.
func Camera(img image.Image, quality int) (image.Image, []byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, nil, err
	}
	out, err := jpeg.Decode(bytes.NewReader(b.Bytes()))
	return out, b.Bytes(), err
}
