package facetest

import (
	"image"
	"math"
	"math/rand/v2"
)

// Shape is what the photograph is laid on.
type Shape int

// The three shapes.
const (
	Head   Shape = iota // a head with a nose, before the photograph's own background
	Flat                // a print held flat before a wall
	Rolled              // a print bent around an upright cylinder of Sitter.Roll before a wall
)

// Pose is how the shape stands before the camera in one frame. The zero Pose
// shows the photograph as it is.
type Pose struct {
	// Yaw turns about the upright axis, in degrees, above 0 to the person's own
	// left; Pitch about the axis through the ears, above 0 downwards; Roll in
	// the plane of the picture, above 0 clockwise.
	Yaw, Pitch, Roll float64
	// Closer is how many times larger the middle of the face is than in the
	// photograph; 0 means 1.
	Closer float64
	// Right and Down move the camera's picture, in pixels.
	Right, Down float64
	// Light is what a screen adds to each colour of what is before the camera, as
	// part of what it reflects: 0.06 is weak.
	Light [3]float64
}

// Sitter is a photograph with one face that looks into the camera.
type Sitter struct {
	photo  *image.RGBA
	eye    float64 // distance of the eyes in pixels: the unit of length
	ox, oy float64 // middle between the eyes
	ax, ay float64 // unit vector from the person's right eye to the left
	noseU  float64 // where the nose stands, in units
	noseV  float64
	grid   int
	// Distance of the camera from the eyes, in distances of the eyes: 7.8 is
	// half a metre.
	Distance float64
	// Roll is the radius of Rolled in distances of the eyes.
	Roll float64
}

// Proportions in distances of the eyes (64 mm between the pupils of an adult).
const (
	halfWidth  = 1.25 // of the head
	halfHeight = 1.75
	depth      = 1.25 // of the middle of the face before the ears
	noseAhead  = 0.42 // of the tip before the pupils: 27 mm
	noseWide   = 0.17
	fading     = 1.6 // where nothing turns any more, in parts of the head
	printHalf  = 2.1 // half the side of a print
)

// New takes a photograph and the places of the right eye, the left eye (the
// person's own) and the tip of the nose in it.
func New(photo *image.RGBA, rightEye, leftEye, nose [2]float64) *Sitter {
	s := &Sitter{photo: photo, grid: 4, Distance: 7.8, Roll: 1.2}
	dx, dy := leftEye[0]-rightEye[0], leftEye[1]-rightEye[1]
	s.eye = math.Hypot(dx, dy)
	s.ax, s.ay = dx/s.eye, dy/s.eye
	s.ox, s.oy = (leftEye[0]+rightEye[0])/2, (leftEye[1]+rightEye[1])/2
	s.noseU, s.noseV = s.local(nose[0], nose[1])
	return s
}

// local gives a place of the photograph in units along and across the eyes.
func (s *Sitter) local(x, y float64) (u, v float64) {
	x, y = (x-s.ox)/s.eye, (y-s.oy)/s.eye
	return x*s.ax + y*s.ay, -x*s.ay + y*s.ax
}

// pixel is the inverse of local.
func (s *Sitter) pixel(u, v float64) (x, y float64) {
	return s.ox + s.eye*(u*s.ax-v*s.ay), s.oy + s.eye*(u*s.ay+v*s.ax)
}

// depthAt is how far the head's surface stands before the ears.
func (s *Sitter) depthAt(u, v float64) float64 {
	side, up := u/halfWidth, math.Abs(v)/halfHeight
	if math.Abs(side) >= 1 || up >= 1 {
		return 0
	}
	z := depth * math.Sqrt(1-side*side) * math.Sqrt(1-math.Pow(up, 6))
	// The nose rises from between the eyes to its tip and ends soon below it.
	along := (v + 0.1) / (s.noseV + 0.1)
	switch {
	case along < 0:
		return z
	case along > 1:
		along = max(0, 1-(along-1)*4)
	}
	beside := (u - s.noseU*min(1, max(0, v/s.noseV))) / noseWide
	return z + (noseAhead-(depth-eyeDepth()))*along*math.Exp(-beside*beside)
}

// eyeDepth is how far the pupils stand before the ears.
func eyeDepth() float64 { return depth * math.Sqrt(1-0.25/(halfWidth*halfWidth)) }

// part is how much of the head's movement a place follows: the head all of it,
// what is around it less and less.
func part(u, v float64) float64 {
	r := math.Hypot(u/halfWidth, v/halfHeight)
	t := min(1, max(0, (fading-r)/(fading-1)))
	return t * t * (3 - 2*t)
}

// vertex is one corner of the mesh in the frame.
type vertex struct{ x, y, z, tx, ty, lit float64 }

// place moves one place of the photograph as the shape is moved. Lengths are in
// distances of the eyes; the camera looks along z from +Distance before the
// eyes.
func (s *Sitter) place(shape Shape, p Pose, u, v float64) vertex {
	out := vertex{lit: 1}
	out.tx, out.ty = s.pixel(u, v)
	closer := p.Closer
	if closer == 0 {
		closer = 1
	}
	far := s.Distance
	var x, y, z, weight float64 // z before the eyes
	switch shape {
	case Head:
		z, weight = s.depthAt(u, v)-eyeDepth(), part(u, v)
		out.lit = weight
	case Flat:
		weight = 1
	case Rolled:
		weight = 1
		z = s.Roll * (math.Cos(u/s.Roll) - 1)
	}
	// The photograph was taken from Distance: what stands behind the eyes is
	// larger than it looks.
	x, y = u*(far-z)/far, v*(far-z)/far
	if shape == Rolled {
		x, y = s.Roll*math.Sin(u/s.Roll), v
	}
	// The axes of turning go through the ears; paper turns about itself.
	axis := 0.0
	if shape == Head {
		axis = -eyeDepth()
	}
	sin, cos := math.Sincos(p.Yaw * math.Pi / 180)
	tx, tz := x*cos+(z-axis)*sin, -x*sin+(z-axis)*cos
	sin, cos = math.Sincos(p.Pitch * math.Pi / 180)
	ty, tz := y*cos+tz*sin, -y*sin+tz*cos
	sin, cos = math.Sincos(p.Roll * math.Pi / 180)
	tx, ty = tx*cos-ty*sin, tx*sin+ty*cos
	tz += axis + far - far/closer
	x, y, z = x+weight*(tx-x), y+weight*(ty-y), z+weight*(tz-z)
	if weight < 1 { // the surroundings keep their place, whatever their depth
		out.z = z - 10*(1-weight)
	} else {
		out.z = z
	}
	scale := far / max(far-z, 0.05)
	out.x, out.y = s.pixel(x*scale, y*scale)
	out.x, out.y = out.x+p.Right, out.y+p.Down
	return out
}

// Frame renders one frame of the photograph's size. noise is the standard
// deviation of the camera's noise in grey values; seed chooses it.
func (s *Sitter) Frame(shape Shape, p Pose, noise float64, seed uint64) *image.RGBA {
	b := s.photo.Bounds()
	c := canvas{out: image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy())), depth: make([]float64, b.Dx()*b.Dy()), light: p.Light, photo: s.photo}
	for i := range c.depth {
		c.depth[i] = math.Inf(-1)
	}
	c.wall(shape, int(p.Right), int(p.Down))
	w, h := b.Dx()/s.grid+1, b.Dy()/s.grid+1
	mesh := make([]vertex, (w+1)*(h+1))
	inside := make([]bool, len(mesh))
	for j := range h + 1 {
		for i := range w + 1 {
			u, v := s.local(float64(i*s.grid), float64(j*s.grid))
			mesh[j*(w+1)+i] = s.place(shape, p, u, v)
			inside[j*(w+1)+i] = shape == Head || math.Abs(u) <= printHalf && math.Abs(v-0.3) <= printHalf
		}
	}
	for j := range h {
		for i := range w {
			k := j*(w+1) + i
			if inside[k] && inside[k+1] && inside[k+w+1] && inside[k+w+2] {
				c.triangle(mesh[k], mesh[k+1], mesh[k+w+1])
				c.triangle(mesh[k+1], mesh[k+w+2], mesh[k+w+1])
			}
		}
	}
	c.grain(noise, seed)
	return c.out
}

// canvas is a frame being rendered.
type canvas struct {
	out, photo *image.RGBA
	depth      []float64
	light      [3]float64
}

// wall fills the frame with what is behind: the photograph's own edges behind a
// head, a wall with a soft pattern behind paper.
func (c *canvas) wall(shape Shape, right, down int) {
	b := c.out.Bounds()
	for y := range b.Dy() {
		for x := range b.Dx() {
			o := c.out.PixOffset(x, y)
			if shape == Head {
				px := c.sample(float64(x-right), float64(y-down))
				c.out.Pix[o], c.out.Pix[o+1], c.out.Pix[o+2] = uint8(px[0]), uint8(px[1]), uint8(px[2])
			} else {
				g := 150 + 40*math.Sin(float64(x-right)/90)*math.Cos(float64(y-down)/120) - 30*float64(y)/float64(b.Dy())
				c.out.Pix[o], c.out.Pix[o+1], c.out.Pix[o+2] = uint8(g), uint8(g*0.96), uint8(g*0.9)
			}
			c.out.Pix[o+3] = 255
		}
	}
}

// triangle draws one triangle of the mesh, the nearest surface winning. One that
// is turned away is not seen.
func (c *canvas) triangle(p, q, r vertex) {
	area := (q.x-p.x)*(r.y-p.y) - (r.x-p.x)*(q.y-p.y)
	if area <= 1e-9 {
		return
	}
	b := c.out.Bounds()
	x0, x1 := max(0, int(math.Floor(min(p.x, q.x, r.x)))), min(b.Dx()-1, int(math.Ceil(max(p.x, q.x, r.x))))
	y0, y1 := max(0, int(math.Floor(min(p.y, q.y, r.y)))), min(b.Dy()-1, int(math.Ceil(max(p.y, q.y, r.y))))
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			fx, fy := float64(x), float64(y)
			wq := ((fx-p.x)*(r.y-p.y) - (r.x-p.x)*(fy-p.y)) / area
			wr := ((q.x-p.x)*(fy-p.y) - (fx-p.x)*(q.y-p.y)) / area
			wp := 1 - wq - wr
			if wp < -1e-9 || wq < -1e-9 || wr < -1e-9 {
				continue
			}
			z := wp*p.z + wq*q.z + wr*r.z
			if i := y*b.Dx() + x; z > c.depth[i] {
				c.depth[i] = z
				px := c.sample(wp*p.tx+wq*q.tx+wr*r.tx, wp*p.ty+wq*q.ty+wr*r.ty)
				lit := wp*p.lit + wq*q.lit + wr*r.lit
				o := c.out.PixOffset(x, y)
				for k := range 3 {
					c.out.Pix[o+k] = uint8(min(255, px[k]*(1+lit*c.light[k])))
				}
			}
		}
	}
}

// sample reads the photograph between its pixels; outside its edge goes on.
func (c *canvas) sample(x, y float64) (out [3]float64) {
	b := c.photo.Bounds()
	x, y = min(max(x, 0), float64(b.Dx()-1)), min(max(y, 0), float64(b.Dy()-1))
	x0, y0 := int(x), int(y)
	fx, fy := x-float64(x0), y-float64(y0)
	for _, k := range [4]struct {
		dx, dy int
		w      float64
	}{{0, 0, (1 - fx) * (1 - fy)}, {1, 0, fx * (1 - fy)}, {0, 1, (1 - fx) * fy}, {1, 1, fx * fy}} {
		o := c.photo.PixOffset(b.Min.X+min(x0+k.dx, b.Dx()-1), b.Min.Y+min(y0+k.dy, b.Dy()-1))
		for i := range 3 {
			out[i] += k.w * float64(c.photo.Pix[o+i])
		}
	}
	return out
}

// grain adds the camera's noise.
func (c *canvas) grain(deviation float64, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 9303))
	for i := 0; i < len(c.out.Pix); i += 4 {
		n := r.NormFloat64() * deviation
		for k := range 3 {
			c.out.Pix[i+k] = uint8(min(255, max(0, float64(c.out.Pix[i+k])+n)))
		}
	}
}
