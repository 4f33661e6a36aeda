package face

import (
	"image"
	"math"
)

// Gates are what a selfie must satisfy (selfie_config). One face, large
// enough, level and sharp is always asked.
type Gates struct {
	// RequireFaceCentered asks for the middle of the face in the middle third
	// of the frame.
	RequireFaceCentered bool
	// RequireGoodLighting asks for a face neither dark nor washed out.
	RequireGoodLighting bool
}

// Verdict is one gate's answer.
type Verdict struct {
	// Code names the gate that refused: face_not_found, several_faces,
	// face_too_far, face_tilted, face_not_centered, face_too_dark,
	// face_too_bright, face_blurred.
	Code   string `json:"code"`
	Passed bool   `json:"passed"`
	// Value is what was measured: faces, part of the frame's width, degrees,
	// distance from the middle as part of the frame, luma (0-255), variance.
	Value float64 `json:"value"`
	// Message tells the applicant what to do; empty where the gate passed.
	Message string `json:"message,omitempty"`
}

// The limits of the gates.
const (
	minPart    = 0.20 // width of the face, of the frame's
	maxTilt    = 15.0 // degrees between the eyes and the horizon
	maxAside   = 1.0 / 6
	minLuma    = 60.0
	maxLuma    = 200.0
	minDetail  = 30.0 // variance of the Laplacian of the face at 128 x 128
	detailSide = 128
)

// Judge holds an upright picture and the faces that Find found in it to the
// gates. It gives one verdict for each gate that could be judged, in a fixed
// order: without a face there is one, and where a second face stands beside
// the first the rest is still judged on the larger. It is a pure function.
func Judge(img image.Image, faces []Face, g Gates) []Verdict {
	count := Verdict{Code: SeveralFaces, Passed: true, Value: float64(len(faces))}
	if len(faces) == 0 {
		return []Verdict{{Code: FaceNotFound, Message: "No face can be seen. Look straight into the camera and take off whatever covers the face."}}
	}
	if len(faces) > 1 && faces[1].W >= otherFace*faces[0].W {
		count.Passed, count.Message = false, "More than one face can be seen. Make sure that you are alone in the picture."
	}
	f, b := faces[0], img.Bounds()
	w, h := float64(b.Dx()), float64(b.Dy())
	out := []Verdict{count,
		verdict(FaceTooFar, f.W/w, f.W/w >= minPart, "The face is too small. Come closer to the camera."),
	}
	tilt := math.Abs(angle(f))
	out = append(out, verdict("face_tilted", tilt, tilt <= maxTilt, "The head is tilted. Hold the head and the camera upright."))
	if g.RequireFaceCentered {
		aside := max(math.Abs((f.X+f.W/2)/w-0.5), math.Abs((f.Y+f.H/2)/h-0.5))
		out = append(out, verdict("face_not_centered", aside, aside <= maxAside, "The face is not in the middle. Move until it is in the middle of the picture."))
	}
	gray := patch(img, f)
	if g.RequireGoodLighting {
		luma := mean(gray)
		if luma > maxLuma {
			out = append(out, verdict("face_too_bright", luma, false, "There is too much light on the face. Turn away from the lamp or the window."))
		} else {
			out = append(out, verdict("face_too_dark", luma, luma >= minLuma, "The face is too dark. Find more light, and let it come from the front."))
		}
	}
	detail := laplacian(gray, detailSide)
	return append(out, verdict("face_blurred", detail, detail >= minDetail, "The picture is blurred. Hold the camera still and clean its lens."))
}

// Refused gives the verdicts that did not pass.
func Refused(all []Verdict) []Verdict {
	var out []Verdict
	for _, v := range all {
		if !v.Passed {
			out = append(out, v)
		}
	}
	return out
}

func verdict(code string, value float64, passed bool, message string) Verdict {
	if passed {
		message = ""
	}
	return Verdict{Code: code, Passed: passed, Value: value, Message: message}
}

// angle is the slope of the line between the eyes in degrees.
func angle(f Face) float64 {
	r, l := f.Landmarks[0], f.Landmarks[1]
	return math.Atan2(l.Y-r.Y, l.X-r.X) * 180 / math.Pi
}

// patch is the grey face at a fixed size, so that figures do not depend on the
// camera's resolution. Each value is the mean of the pixels it stands for.
func patch(img image.Image, f Face) []float64 {
	b := img.Bounds()
	box := image.Rect(int(f.X), int(f.Y), int(math.Ceil(f.X+f.W)), int(math.Ceil(f.Y+f.H))).Add(b.Min).Intersect(b)
	out := make([]float64, detailSide*detailSide)
	if box.Empty() {
		return out
	}
	part, err := newFrame(cut(img, box))
	if err != nil {
		return out
	}
	planes := make([]float32, 3*len(out))
	m := similarity{a: complex(float64(detailSide)/float64(max(part.w, part.h)), 0)}
	m.b = complex(float64(detailSide)/2, float64(detailSide)/2) - m.a*complex(float64(part.w)/2, float64(part.h)/2)
	part.warp(m, detailSide, detailSide, planes, [3]int{0, 1, 2})
	for i := range out {
		out[i] = luma(float64(planes[i]), float64(planes[len(out)+i]), float64(planes[2*len(out)+i]))
	}
	return out
}

// luma of ITU-R BT.601.
func luma(r, g, b float64) float64 { return 0.299*r + 0.587*g + 0.114*b }

// cut is a part of a picture, without a copy.
func cut(img image.Image, box image.Rectangle) image.Image {
	if s, ok := img.(interface {
		SubImage(image.Rectangle) image.Image
	}); ok {
		return s.SubImage(box)
	}
	return window{img, box}
}

// window is a part of a picture that has no way of its own to give one.
type window struct {
	image.Image
	box image.Rectangle
}

// Bounds is the part's.
func (w window) Bounds() image.Rectangle { return w.box }

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// laplacian is the variance of the Laplacian of a square of values.
func laplacian(v []float64, side int) float64 {
	var sum, squares float64
	n := 0
	for y := 1; y < side-1; y++ {
		for x := 1; x < side-1; x++ {
			i := y*side + x
			d := v[i-1] + v[i+1] + v[i-side] + v[i+side] - 4*v[i]
			sum += d
			squares += d * d
			n++
		}
	}
	m := sum / float64(n)
	return squares/float64(n) - m*m
}
