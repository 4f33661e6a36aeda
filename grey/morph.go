package grey

import "encoding/binary"

// Morph is grey morphology on pictures of W by H pixels: Dilate and Erode with a
// rectangle of (2rx+1) x (2ry+1) pixels, what lies outside being nothing to
// either. It keeps its working rows from one call to the next.
type Morph struct {
	W, H int
	// Binary is set for masks of 0 and 1.
	Binary bool
	tall   []uint8
	row    []uint8
}

// Dilate writes the running maximum of pix over itself.
func (m *Morph) Dilate(pix []uint8, rx, ry int) { m.extreme(pix, rx, ry) }

// Erode writes the running minimum of pix over itself.
func (m *Morph) Erode(pix []uint8, rx, ry int) {
	invert(pix)
	m.extreme(pix, rx, ry)
	invert(pix)
}

// extreme writes the running maximum. The maximum over a window is put
// together from windows of doubling size, so its cost grows with the logarithm
// of the radius only.
func (m *Morph) extreme(pix []uint8, rx, ry int) {
	w, h := m.W, m.H
	// Room for ry rows above and below the picture.
	m.tall = sized(m.tall, w*(h+2*ry))
	m.row = sized(m.row, w+2*rx)
	tall, row := m.tall, m.row
	raise := raise
	if m.Binary {
		raise = join
	}
	clear(tall[:w*ry])
	clear(tall[w*(ry+h):])
	for y := range h {
		clear(row[:rx])
		copy(row[rx:], pix[y*w:(y+1)*w])
		clear(row[rx+w:])
		size := 1
		for ; 2*size <= 2*rx+1; size *= 2 {
			raise(row[:len(row)-size], row[size:])
		}
		out := tall[(y+ry)*w : (y+ry+1)*w]
		copy(out, row)
		raise(out, row[2*rx+1-size:])
	}
	size := 1
	for ; 2*size <= 2*ry+1; size *= 2 {
		raise(tall[:len(tall)-size*w], tall[size*w:])
	}
	copy(pix, tall)
	raise(pix[:w*h], tall[(2*ry+1-size)*w:])
}

// sized gives a slice of n bytes, the one it has where that is large enough.
func sized(b []uint8, n int) []uint8 {
	if cap(b) < n {
		return make([]uint8, n)
	}
	return b[:n]
}

// raise makes each element at least as large as its partner. The slices may
// overlap when b lies behind a: a partner is read before it is changed. Eight
// are done at a time: whole words are compared byte by byte, each byte's
// highest bit standing for the outcome.
func raise(a, b []uint8) {
	const high = 0x8080808080808080
	n := len(a)
	b = b[:n]
	i := 0
	for ; i <= n-8; i += 8 {
		p, q := (*[8]byte)(a[i:]), (*[8]byte)(b[i:])
		x, y := binary.LittleEndian.Uint64(p[:]), binary.LittleEndian.Uint64(q[:])
		differ := x ^ y
		// With equal highest bits the other seven decide: nothing is borrowed from
		// the next byte, because the highest bit of x is set for the difference.
		low := (x | high) - (y &^ high)
		larger := (x&differ | low&^differ) & high
		mask := larger<<1 - larger>>7
		binary.LittleEndian.PutUint64(p[:], y^differ&mask)
	}
	for ; i < n; i++ {
		a[i] = max(a[i], b[i])
	}
}

// join does the same where every byte is one of two that differ in their lowest
// bit, as those of a mask and of an inverted one do.
func join(a, b []uint8) {
	n := len(a)
	b = b[:n]
	i := 0
	for ; i <= n-8; i += 8 {
		p, q := (*[8]byte)(a[i:]), (*[8]byte)(b[i:])
		binary.LittleEndian.PutUint64(p[:], binary.LittleEndian.Uint64(p[:])|binary.LittleEndian.Uint64(q[:]))
	}
	for ; i < n; i++ {
		a[i] |= b[i]
	}
}

// invert makes black white.
func invert(pix []uint8) {
	n := len(pix)
	i := 0
	for ; i <= n-8; i += 8 {
		p := (*[8]byte)(pix[i:])
		binary.LittleEndian.PutUint64(p[:], ^binary.LittleEndian.Uint64(p[:]))
	}
	for ; i < n; i++ {
		pix[i] = ^pix[i]
	}
}
