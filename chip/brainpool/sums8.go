package brainpool

import "math/bits"

// below8 is below for 8 words.
func (f *field) below8(z, t *element, over uint64) {
	p := &f.p
	var less element
	var b uint64
	less[0], b = bits.Sub64(t[0], p[0], 0)
	less[1], b = bits.Sub64(t[1], p[1], b)
	less[2], b = bits.Sub64(t[2], p[2], b)
	less[3], b = bits.Sub64(t[3], p[3], b)
	less[4], b = bits.Sub64(t[4], p[4], b)
	less[5], b = bits.Sub64(t[5], p[5], b)
	less[6], b = bits.Sub64(t[6], p[6], b)
	less[7], b = bits.Sub64(t[7], p[7], b)
	if over == 0 && b != 0 {
		*z = *t
		return
	}
	*z = less
}

// add8 is add for 8 words.
func (f *field) add8(z, x, y *element) {
	p := &f.p
	var c, b uint64
	t0, c := bits.Add64(x[0], y[0], 0)
	t1, c := bits.Add64(x[1], y[1], c)
	t2, c := bits.Add64(x[2], y[2], c)
	t3, c := bits.Add64(x[3], y[3], c)
	t4, c := bits.Add64(x[4], y[4], c)
	t5, c := bits.Add64(x[5], y[5], c)
	t6, c := bits.Add64(x[6], y[6], c)
	t7, c := bits.Add64(x[7], y[7], c)
	d0, b := bits.Sub64(t0, p[0], 0)
	d1, b := bits.Sub64(t1, p[1], b)
	d2, b := bits.Sub64(t2, p[2], b)
	d3, b := bits.Sub64(t3, p[3], b)
	d4, b := bits.Sub64(t4, p[4], b)
	d5, b := bits.Sub64(t5, p[5], b)
	d6, b := bits.Sub64(t6, p[6], b)
	d7, b := bits.Sub64(t7, p[7], b)
	keep := -(b &^ c) // all ones where the sum is below the prime
	z[0] = d0 ^ (d0^t0)&keep
	z[1] = d1 ^ (d1^t1)&keep
	z[2] = d2 ^ (d2^t2)&keep
	z[3] = d3 ^ (d3^t3)&keep
	z[4] = d4 ^ (d4^t4)&keep
	z[5] = d5 ^ (d5^t5)&keep
	z[6] = d6 ^ (d6^t6)&keep
	z[7] = d7 ^ (d7^t7)&keep
}

// sub8 is sub for 8 words.
func (f *field) sub8(z, x, y *element) {
	p := &f.p
	var c, b uint64
	t0, b := bits.Sub64(x[0], y[0], 0)
	t1, b := bits.Sub64(x[1], y[1], b)
	t2, b := bits.Sub64(x[2], y[2], b)
	t3, b := bits.Sub64(x[3], y[3], b)
	t4, b := bits.Sub64(x[4], y[4], b)
	t5, b := bits.Sub64(x[5], y[5], b)
	t6, b := bits.Sub64(x[6], y[6], b)
	t7, b := bits.Sub64(x[7], y[7], b)
	back := -b // all ones where it fell below 0
	z[0], c = bits.Add64(t0, p[0]&back, 0)
	z[1], c = bits.Add64(t1, p[1]&back, c)
	z[2], c = bits.Add64(t2, p[2]&back, c)
	z[3], c = bits.Add64(t3, p[3]&back, c)
	z[4], c = bits.Add64(t4, p[4]&back, c)
	z[5], c = bits.Add64(t5, p[5]&back, c)
	z[6], c = bits.Add64(t6, p[6]&back, c)
	z[7], _ = bits.Add64(t7, p[7]&back, c)
}
