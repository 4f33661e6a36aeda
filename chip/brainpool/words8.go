package brainpool

import "math/bits"

// mul8 is mul for 8 words.
func (f *field) mul8(z, x, y *element) {
	var t [16]uint64
	wide8(&t, x, y)
	f.reduce8(z, &t)
}

// square8 is square for 8 words.
func (f *field) square8(z, x *element) {
	var t [16]uint64
	squared8(&t, x)
	f.reduce8(z, &t)
}

// difference8 is difference for 8 words. What fell below 0 is raised by
// 2^(64·8) times the prime, which is more than any product.
func (f *field) difference8(z, x, y, u, v *element) {
	var t, less [16]uint64
	wide8(&t, x, y)
	wide8(&less, u, v)
	var b, c uint64
	t[0], b = bits.Sub64(t[0], less[0], 0)
	t[1], b = bits.Sub64(t[1], less[1], b)
	t[2], b = bits.Sub64(t[2], less[2], b)
	t[3], b = bits.Sub64(t[3], less[3], b)
	t[4], b = bits.Sub64(t[4], less[4], b)
	t[5], b = bits.Sub64(t[5], less[5], b)
	t[6], b = bits.Sub64(t[6], less[6], b)
	t[7], b = bits.Sub64(t[7], less[7], b)
	t[8], b = bits.Sub64(t[8], less[8], b)
	t[9], b = bits.Sub64(t[9], less[9], b)
	t[10], b = bits.Sub64(t[10], less[10], b)
	t[11], b = bits.Sub64(t[11], less[11], b)
	t[12], b = bits.Sub64(t[12], less[12], b)
	t[13], b = bits.Sub64(t[13], less[13], b)
	t[14], b = bits.Sub64(t[14], less[14], b)
	t[15], b = bits.Sub64(t[15], less[15], b)
	back, p := -b, &f.p
	t[8], c = bits.Add64(t[8], p[0]&back, 0)
	t[9], c = bits.Add64(t[9], p[1]&back, c)
	t[10], c = bits.Add64(t[10], p[2]&back, c)
	t[11], c = bits.Add64(t[11], p[3]&back, c)
	t[12], c = bits.Add64(t[12], p[4]&back, c)
	t[13], c = bits.Add64(t[13], p[5]&back, c)
	t[14], c = bits.Add64(t[14], p[6]&back, c)
	t[15], _ = bits.Add64(t[15], p[7]&back, c)
	f.reduce8(z, &t)
}

// wide8 sets t to x·y, column by column (product scanning).
func wide8(t *[16]uint64, x, y *element) {
	c1, c0 := bits.Mul64(x[0], y[0])
	c2 := uint64(0)
	t[0], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], y[1])
	c0, c1, c2 = plus(c0, c1, c2, x[1], y[0])
	t[1], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], y[2])
	c0, c1, c2 = plus(c0, c1, c2, x[1], y[1])
	c0, c1, c2 = plus(c0, c1, c2, x[2], y[0])
	t[2], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], y[3])
	c0, c1, c2 = plus(c0, c1, c2, x[1], y[2])
	c0, c1, c2 = plus(c0, c1, c2, x[2], y[1])
	c0, c1, c2 = plus(c0, c1, c2, x[3], y[0])
	t[3], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], y[4])
	c0, c1, c2 = plus(c0, c1, c2, x[1], y[3])
	c0, c1, c2 = plus(c0, c1, c2, x[2], y[2])
	c0, c1, c2 = plus(c0, c1, c2, x[3], y[1])
	c0, c1, c2 = plus(c0, c1, c2, x[4], y[0])
	t[4], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], y[5])
	c0, c1, c2 = plus(c0, c1, c2, x[1], y[4])
	c0, c1, c2 = plus(c0, c1, c2, x[2], y[3])
	c0, c1, c2 = plus(c0, c1, c2, x[3], y[2])
	c0, c1, c2 = plus(c0, c1, c2, x[4], y[1])
	c0, c1, c2 = plus(c0, c1, c2, x[5], y[0])
	t[5], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], y[6])
	c0, c1, c2 = plus(c0, c1, c2, x[1], y[5])
	c0, c1, c2 = plus(c0, c1, c2, x[2], y[4])
	c0, c1, c2 = plus(c0, c1, c2, x[3], y[3])
	c0, c1, c2 = plus(c0, c1, c2, x[4], y[2])
	c0, c1, c2 = plus(c0, c1, c2, x[5], y[1])
	c0, c1, c2 = plus(c0, c1, c2, x[6], y[0])
	t[6], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], y[7])
	c0, c1, c2 = plus(c0, c1, c2, x[1], y[6])
	c0, c1, c2 = plus(c0, c1, c2, x[2], y[5])
	c0, c1, c2 = plus(c0, c1, c2, x[3], y[4])
	c0, c1, c2 = plus(c0, c1, c2, x[4], y[3])
	c0, c1, c2 = plus(c0, c1, c2, x[5], y[2])
	c0, c1, c2 = plus(c0, c1, c2, x[6], y[1])
	c0, c1, c2 = plus(c0, c1, c2, x[7], y[0])
	t[7], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[1], y[7])
	c0, c1, c2 = plus(c0, c1, c2, x[2], y[6])
	c0, c1, c2 = plus(c0, c1, c2, x[3], y[5])
	c0, c1, c2 = plus(c0, c1, c2, x[4], y[4])
	c0, c1, c2 = plus(c0, c1, c2, x[5], y[3])
	c0, c1, c2 = plus(c0, c1, c2, x[6], y[2])
	c0, c1, c2 = plus(c0, c1, c2, x[7], y[1])
	t[8], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[2], y[7])
	c0, c1, c2 = plus(c0, c1, c2, x[3], y[6])
	c0, c1, c2 = plus(c0, c1, c2, x[4], y[5])
	c0, c1, c2 = plus(c0, c1, c2, x[5], y[4])
	c0, c1, c2 = plus(c0, c1, c2, x[6], y[3])
	c0, c1, c2 = plus(c0, c1, c2, x[7], y[2])
	t[9], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[3], y[7])
	c0, c1, c2 = plus(c0, c1, c2, x[4], y[6])
	c0, c1, c2 = plus(c0, c1, c2, x[5], y[5])
	c0, c1, c2 = plus(c0, c1, c2, x[6], y[4])
	c0, c1, c2 = plus(c0, c1, c2, x[7], y[3])
	t[10], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[4], y[7])
	c0, c1, c2 = plus(c0, c1, c2, x[5], y[6])
	c0, c1, c2 = plus(c0, c1, c2, x[6], y[5])
	c0, c1, c2 = plus(c0, c1, c2, x[7], y[4])
	t[11], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[5], y[7])
	c0, c1, c2 = plus(c0, c1, c2, x[6], y[6])
	c0, c1, c2 = plus(c0, c1, c2, x[7], y[5])
	t[12], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[6], y[7])
	c0, c1, c2 = plus(c0, c1, c2, x[7], y[6])
	t[13], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, _ = plus(c0, c1, c2, x[7], y[7])
	t[14], t[15] = c0, c1
}

// squared8 sets t to x²: what is beside the diagonal once, twice that, and the
// diagonal.
func squared8(t *[16]uint64, x *element) {
	c1, c0 := bits.Mul64(x[0], x[1])
	c2 := uint64(0)
	t[1], c0, c1 = c0, c1, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], x[2])
	t[2], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], x[3])
	c0, c1, c2 = plus(c0, c1, c2, x[1], x[2])
	t[3], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], x[4])
	c0, c1, c2 = plus(c0, c1, c2, x[1], x[3])
	t[4], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], x[5])
	c0, c1, c2 = plus(c0, c1, c2, x[1], x[4])
	c0, c1, c2 = plus(c0, c1, c2, x[2], x[3])
	t[5], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], x[6])
	c0, c1, c2 = plus(c0, c1, c2, x[1], x[5])
	c0, c1, c2 = plus(c0, c1, c2, x[2], x[4])
	t[6], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[0], x[7])
	c0, c1, c2 = plus(c0, c1, c2, x[1], x[6])
	c0, c1, c2 = plus(c0, c1, c2, x[2], x[5])
	c0, c1, c2 = plus(c0, c1, c2, x[3], x[4])
	t[7], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[1], x[7])
	c0, c1, c2 = plus(c0, c1, c2, x[2], x[6])
	c0, c1, c2 = plus(c0, c1, c2, x[3], x[5])
	t[8], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[2], x[7])
	c0, c1, c2 = plus(c0, c1, c2, x[3], x[6])
	c0, c1, c2 = plus(c0, c1, c2, x[4], x[5])
	t[9], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[3], x[7])
	c0, c1, c2 = plus(c0, c1, c2, x[4], x[6])
	t[10], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[4], x[7])
	c0, c1, c2 = plus(c0, c1, c2, x[5], x[6])
	t[11], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, c2 = plus(c0, c1, c2, x[5], x[7])
	t[12], c0, c1, c2 = c0, c1, c2, 0
	c0, c1, _ = plus(c0, c1, c2, x[6], x[7])
	t[13], t[14] = c0, c1

	h0, l0 := bits.Mul64(x[0], x[0])
	h1, l1 := bits.Mul64(x[1], x[1])
	h2, l2 := bits.Mul64(x[2], x[2])
	h3, l3 := bits.Mul64(x[3], x[3])
	h4, l4 := bits.Mul64(x[4], x[4])
	h5, l5 := bits.Mul64(x[5], x[5])
	h6, l6 := bits.Mul64(x[6], x[6])
	h7, l7 := bits.Mul64(x[7], x[7])
	var c uint64
	t[1], c = bits.Add64(t[1], t[1], 0)
	t[2], c = bits.Add64(t[2], t[2], c)
	t[3], c = bits.Add64(t[3], t[3], c)
	t[4], c = bits.Add64(t[4], t[4], c)
	t[5], c = bits.Add64(t[5], t[5], c)
	t[6], c = bits.Add64(t[6], t[6], c)
	t[7], c = bits.Add64(t[7], t[7], c)
	t[8], c = bits.Add64(t[8], t[8], c)
	t[9], c = bits.Add64(t[9], t[9], c)
	t[10], c = bits.Add64(t[10], t[10], c)
	t[11], c = bits.Add64(t[11], t[11], c)
	t[12], c = bits.Add64(t[12], t[12], c)
	t[13], c = bits.Add64(t[13], t[13], c)
	t[14], c = bits.Add64(t[14], t[14], c)
	t[15] = c
	t[0] = l0
	t[1], c = bits.Add64(t[1], h0, 0)
	t[2], c = bits.Add64(t[2], l1, c)
	t[3], c = bits.Add64(t[3], h1, c)
	t[4], c = bits.Add64(t[4], l2, c)
	t[5], c = bits.Add64(t[5], h2, c)
	t[6], c = bits.Add64(t[6], l3, c)
	t[7], c = bits.Add64(t[7], h3, c)
	t[8], c = bits.Add64(t[8], l4, c)
	t[9], c = bits.Add64(t[9], h4, c)
	t[10], c = bits.Add64(t[10], l5, c)
	t[11], c = bits.Add64(t[11], h5, c)
	t[12], c = bits.Add64(t[12], l6, c)
	t[13], c = bits.Add64(t[13], h6, c)
	t[14], c = bits.Add64(t[14], l7, c)
	t[15], _ = bits.Add64(t[15], h7, c)
}

// reduce8 sets z to t/2^(64·8) modulo the prime: column by column the multiple of
// the prime is added that makes the lower half 0. Each multiple waits for the one
// before it, so that what depends on that comes last in its column.
func (f *field) reduce8(z *element, t *[16]uint64) {
	p, k := &f.p, f.k
	var r element
	var a0, a1, a2, c0, c1 uint64
	a0, a1, a2 = t[0], 0, 0
	m0 := a0 * k
	_, c0, c1 = plus(a0, a1, a2, m0, p[0])
	a0, a1, a2 = t[1], 0, 0
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	a0, a1, a2 = plus(a0, a1, a2, m0, p[1])
	m1 := a0 * k
	_, c0, c1 = plus(a0, a1, a2, m1, p[0])
	a0, a1, a2 = t[2], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m0, p[2])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	a0, a1, a2 = plus(a0, a1, a2, m1, p[1])
	m2 := a0 * k
	_, c0, c1 = plus(a0, a1, a2, m2, p[0])
	a0, a1, a2 = t[3], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m0, p[3])
	a0, a1, a2 = plus(a0, a1, a2, m1, p[2])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	a0, a1, a2 = plus(a0, a1, a2, m2, p[1])
	m3 := a0 * k
	_, c0, c1 = plus(a0, a1, a2, m3, p[0])
	a0, a1, a2 = t[4], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m0, p[4])
	a0, a1, a2 = plus(a0, a1, a2, m1, p[3])
	a0, a1, a2 = plus(a0, a1, a2, m2, p[2])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	a0, a1, a2 = plus(a0, a1, a2, m3, p[1])
	m4 := a0 * k
	_, c0, c1 = plus(a0, a1, a2, m4, p[0])
	a0, a1, a2 = t[5], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m0, p[5])
	a0, a1, a2 = plus(a0, a1, a2, m1, p[4])
	a0, a1, a2 = plus(a0, a1, a2, m2, p[3])
	a0, a1, a2 = plus(a0, a1, a2, m3, p[2])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	a0, a1, a2 = plus(a0, a1, a2, m4, p[1])
	m5 := a0 * k
	_, c0, c1 = plus(a0, a1, a2, m5, p[0])
	a0, a1, a2 = t[6], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m0, p[6])
	a0, a1, a2 = plus(a0, a1, a2, m1, p[5])
	a0, a1, a2 = plus(a0, a1, a2, m2, p[4])
	a0, a1, a2 = plus(a0, a1, a2, m3, p[3])
	a0, a1, a2 = plus(a0, a1, a2, m4, p[2])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	a0, a1, a2 = plus(a0, a1, a2, m5, p[1])
	m6 := a0 * k
	_, c0, c1 = plus(a0, a1, a2, m6, p[0])
	a0, a1, a2 = t[7], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m0, p[7])
	a0, a1, a2 = plus(a0, a1, a2, m1, p[6])
	a0, a1, a2 = plus(a0, a1, a2, m2, p[5])
	a0, a1, a2 = plus(a0, a1, a2, m3, p[4])
	a0, a1, a2 = plus(a0, a1, a2, m4, p[3])
	a0, a1, a2 = plus(a0, a1, a2, m5, p[2])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	a0, a1, a2 = plus(a0, a1, a2, m6, p[1])
	m7 := a0 * k
	_, c0, c1 = plus(a0, a1, a2, m7, p[0])
	a0, a1, a2 = t[8], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m1, p[7])
	a0, a1, a2 = plus(a0, a1, a2, m2, p[6])
	a0, a1, a2 = plus(a0, a1, a2, m3, p[5])
	a0, a1, a2 = plus(a0, a1, a2, m4, p[4])
	a0, a1, a2 = plus(a0, a1, a2, m5, p[3])
	a0, a1, a2 = plus(a0, a1, a2, m6, p[2])
	a0, a1, a2 = plus(a0, a1, a2, m7, p[1])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	r[0], c0, c1 = a0, a1, a2
	a0, a1, a2 = t[9], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m2, p[7])
	a0, a1, a2 = plus(a0, a1, a2, m3, p[6])
	a0, a1, a2 = plus(a0, a1, a2, m4, p[5])
	a0, a1, a2 = plus(a0, a1, a2, m5, p[4])
	a0, a1, a2 = plus(a0, a1, a2, m6, p[3])
	a0, a1, a2 = plus(a0, a1, a2, m7, p[2])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	r[1], c0, c1 = a0, a1, a2
	a0, a1, a2 = t[10], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m3, p[7])
	a0, a1, a2 = plus(a0, a1, a2, m4, p[6])
	a0, a1, a2 = plus(a0, a1, a2, m5, p[5])
	a0, a1, a2 = plus(a0, a1, a2, m6, p[4])
	a0, a1, a2 = plus(a0, a1, a2, m7, p[3])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	r[2], c0, c1 = a0, a1, a2
	a0, a1, a2 = t[11], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m4, p[7])
	a0, a1, a2 = plus(a0, a1, a2, m5, p[6])
	a0, a1, a2 = plus(a0, a1, a2, m6, p[5])
	a0, a1, a2 = plus(a0, a1, a2, m7, p[4])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	r[3], c0, c1 = a0, a1, a2
	a0, a1, a2 = t[12], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m5, p[7])
	a0, a1, a2 = plus(a0, a1, a2, m6, p[6])
	a0, a1, a2 = plus(a0, a1, a2, m7, p[5])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	r[4], c0, c1 = a0, a1, a2
	a0, a1, a2 = t[13], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m6, p[7])
	a0, a1, a2 = plus(a0, a1, a2, m7, p[6])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	r[5], c0, c1 = a0, a1, a2
	a0, a1, a2 = t[14], 0, 0
	a0, a1, a2 = plus(a0, a1, a2, m7, p[7])
	a0, a1, a2 = carried(a0, a1, a2, c0, c1)
	r[6], c0, c1 = a0, a1, a2
	a0, a1, a2 = t[15], 0, 0
	a0, a1, _ = carried(a0, a1, a2, c0, c1)
	r[7] = a0
	f.below8(z, &r, a1)
}
