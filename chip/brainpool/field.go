package brainpool

import (
	"math/big"
	"math/bits"
)

// maxWords is how many words of 64 bits the largest of the primes fills.
const maxWords = 8

// element is a number modulo a field's prime, below it and times 2^(64·words),
// the form in which a product needs no division (Montgomery 1985); the lowest
// word comes first.
type element [maxWords]uint64

// field is the numbers modulo a prime.
type field struct {
	words  int
	p      element  // the prime itself, not in the form
	k      uint64   // -1/p modulo 2^64
	one    element  // 1 in the form
	square element  // 2^(128·words) modulo p: a product with it brings a number into the form
	prime  *big.Int // p again
}

func newField(prime *big.Int) *field {
	f := &field{words: (prime.BitLen() + 63) / 64, prime: prime}
	f.p = f.plain(prime)
	// Newton's iteration doubles the bits that are right; an odd number is its
	// own inverse modulo 8.
	inverse := f.p[0]
	for range 5 {
		inverse *= 2 - f.p[0]*inverse
	}
	f.k = -inverse
	r := new(big.Int).Lsh(big.NewInt(1), uint(64*f.words))
	f.one = f.plain(new(big.Int).Mod(r, prime))
	f.square = f.plain(r.Mod(r.Mul(r, r), prime))
	return f
}

// plain writes a number below 2^(64·words) in words.
func (f *field) plain(n *big.Int) (z element) {
	var octets [8 * maxWords]byte
	n.FillBytes(octets[:])
	for i := range maxWords {
		for _, b := range octets[len(octets)-8*(i+1):][:8] {
			z[i] = z[i]<<8 | uint64(b)
		}
	}
	return z
}

// of brings any number into the form.
func (f *field) of(n *big.Int) (z element) {
	if n.Sign() < 0 || n.Cmp(f.prime) >= 0 {
		n = new(big.Int).Mod(n, f.prime)
	}
	z = f.plain(n)
	f.mul(&z, &z, &f.square)
	return z
}

// number is the inverse of of.
func (f *field) number(x *element) *big.Int {
	z := element{1}
	f.mul(&z, x, &z)
	var octets [8 * maxWords]byte
	for i, word := range z {
		for k := range 8 {
			octets[len(octets)-1-8*i-k] = byte(word >> (8 * k))
		}
	}
	return new(big.Int).SetBytes(octets[:])
}

// inverse of a number that is not 0.
func (f *field) inverse(x *element) element {
	n := f.number(x)
	return f.of(n.ModInverse(n, f.prime))
}

func (x *element) zero() bool { return *x == element{} }

// mul sets z to x·y/2^(64·words): word by word the product is added and the
// lowest word is made 0 by adding a multiple of the prime (Koç, Acar, Kaliski
// 1996, "coarsely integrated operand scanning").
func (f *field) mul(z, x, y *element) {
	switch f.words {
	case 4:
		f.mul4(z, x, y)
		return
	case 8:
		f.mul8(z, x, y)
		return
	}
	n := f.words
	var t [maxWords + 1]uint64
	for i := range n {
		var c, carry, over uint64
		for j := range n {
			hi, lo := bits.Mul64(x[j], y[i])
			lo, carry = bits.Add64(lo, t[j], 0)
			hi += carry
			t[j], carry = bits.Add64(lo, c, 0)
			c = hi + carry
		}
		t[n], over = bits.Add64(t[n], c, 0)
		m := t[0] * f.k
		hi, lo := bits.Mul64(m, f.p[0])
		_, carry = bits.Add64(lo, t[0], 0)
		c = hi + carry
		for j := 1; j < n; j++ {
			hi, lo = bits.Mul64(m, f.p[j])
			lo, carry = bits.Add64(lo, t[j], 0)
			hi += carry
			t[j-1], carry = bits.Add64(lo, c, 0)
			c = hi + carry
		}
		t[n-1], carry = bits.Add64(t[n], c, 0)
		t[n] = over + carry
	}
	f.below(z, (*element)(t[:maxWords]), t[n])
}

// below sets z to t + over·2^(64·words), which is less than twice the prime,
// modulo the prime. Words of t beyond the field's are not looked at.
func (f *field) below(z, t *element, over uint64) {
	var less element
	var borrow uint64
	for i := range f.words {
		less[i], borrow = bits.Sub64(t[i], f.p[i], borrow)
	}
	if over != 0 || borrow == 0 {
		*z = less
		return
	}
	for i := range f.words {
		less[i] = t[i]
	}
	*z = less
}

func (f *field) add(z, x, y *element) {
	var t element
	var carry uint64
	if f.words == maxWords { // with a length that the compiler knows
		for i := range maxWords {
			t[i], carry = bits.Add64(x[i], y[i], carry)
		}
		f.below8(z, &t, carry)
		return
	}
	for i := range f.words {
		t[i], carry = bits.Add64(x[i], y[i], carry)
	}
	f.below(z, &t, carry)
}

func (f *field) sub(z, x, y *element) {
	var t element
	var borrow, carry uint64
	for i := range f.words {
		t[i], borrow = bits.Sub64(x[i], y[i], borrow)
	}
	if borrow != 0 {
		for i := range f.words {
			t[i], carry = bits.Add64(t[i], f.p[i], carry)
		}
	}
	*z = t
}

// mul4 is mul for four words, written out: most passports of these curves have
// 256 bits, and half of the time went into the loops.
func (f *field) mul4(z, x, y *element) {
	p0, p1, p2, p3 := f.p[0], f.p[1], f.p[2], f.p[3]
	var t0, t1, t2, t3, t4 uint64
	for i := range 4 {
		w := y[i]
		var c uint64
		h0, l0 := bits.Mul64(x[0], w)
		h1, l1 := bits.Mul64(x[1], w)
		h2, l2 := bits.Mul64(x[2], w)
		h3, l3 := bits.Mul64(x[3], w)
		l1, c = bits.Add64(l1, h0, 0)
		l2, c = bits.Add64(l2, h1, c)
		l3, c = bits.Add64(l3, h2, c)
		h3 += c
		t0, c = bits.Add64(t0, l0, 0)
		t1, c = bits.Add64(t1, l1, c)
		t2, c = bits.Add64(t2, l2, c)
		t3, c = bits.Add64(t3, l3, c)
		t4, c = bits.Add64(t4, h3, c)
		over := c

		m := t0 * f.k
		h0, l0 = bits.Mul64(m, p0)
		h1, l1 = bits.Mul64(m, p1)
		h2, l2 = bits.Mul64(m, p2)
		h3, l3 = bits.Mul64(m, p3)
		l1, c = bits.Add64(l1, h0, 0)
		l2, c = bits.Add64(l2, h1, c)
		l3, c = bits.Add64(l3, h2, c)
		h3 += c
		_, c = bits.Add64(t0, l0, 0)
		t0, c = bits.Add64(t1, l1, c)
		t1, c = bits.Add64(t2, l2, c)
		t2, c = bits.Add64(t3, l3, c)
		t3, c = bits.Add64(t4, h3, c)
		t4 = over + c
	}
	f.below(z, &element{t0, t1, t2, t3}, t4)
}

// mul8 is mul for eight words, written out for the same reason: the largest of the
// curves takes the longest.
func (f *field) mul8(z, x, y *element) {
	p := &f.p
	var t0, t1, t2, t3, t4, t5, t6, t7, t8 uint64
	for i := range 8 {
		w := y[i]
		var c uint64
		h0, l0 := bits.Mul64(x[0], w)
		h1, l1 := bits.Mul64(x[1], w)
		h2, l2 := bits.Mul64(x[2], w)
		h3, l3 := bits.Mul64(x[3], w)
		h4, l4 := bits.Mul64(x[4], w)
		h5, l5 := bits.Mul64(x[5], w)
		h6, l6 := bits.Mul64(x[6], w)
		h7, l7 := bits.Mul64(x[7], w)
		l1, c = bits.Add64(l1, h0, 0)
		l2, c = bits.Add64(l2, h1, c)
		l3, c = bits.Add64(l3, h2, c)
		l4, c = bits.Add64(l4, h3, c)
		l5, c = bits.Add64(l5, h4, c)
		l6, c = bits.Add64(l6, h5, c)
		l7, c = bits.Add64(l7, h6, c)
		h7 += c
		t0, c = bits.Add64(t0, l0, 0)
		t1, c = bits.Add64(t1, l1, c)
		t2, c = bits.Add64(t2, l2, c)
		t3, c = bits.Add64(t3, l3, c)
		t4, c = bits.Add64(t4, l4, c)
		t5, c = bits.Add64(t5, l5, c)
		t6, c = bits.Add64(t6, l6, c)
		t7, c = bits.Add64(t7, l7, c)
		t8, c = bits.Add64(t8, h7, c)
		over := c

		m := t0 * f.k
		h0, l0 = bits.Mul64(m, p[0])
		h1, l1 = bits.Mul64(m, p[1])
		h2, l2 = bits.Mul64(m, p[2])
		h3, l3 = bits.Mul64(m, p[3])
		h4, l4 = bits.Mul64(m, p[4])
		h5, l5 = bits.Mul64(m, p[5])
		h6, l6 = bits.Mul64(m, p[6])
		h7, l7 = bits.Mul64(m, p[7])
		l1, c = bits.Add64(l1, h0, 0)
		l2, c = bits.Add64(l2, h1, c)
		l3, c = bits.Add64(l3, h2, c)
		l4, c = bits.Add64(l4, h3, c)
		l5, c = bits.Add64(l5, h4, c)
		l6, c = bits.Add64(l6, h5, c)
		l7, c = bits.Add64(l7, h6, c)
		h7 += c
		_, c = bits.Add64(t0, l0, 0)
		t0, c = bits.Add64(t1, l1, c)
		t1, c = bits.Add64(t2, l2, c)
		t2, c = bits.Add64(t3, l3, c)
		t3, c = bits.Add64(t4, l4, c)
		t4, c = bits.Add64(t5, l5, c)
		t5, c = bits.Add64(t6, l6, c)
		t6, c = bits.Add64(t7, l7, c)
		t7, c = bits.Add64(t8, h7, c)
		t8 = over + c
	}
	f.below8(z, &element{t0, t1, t2, t3, t4, t5, t6, t7}, t8)
}

// below8 is below for eight words.
func (f *field) below8(z, t *element, over uint64) {
	p := &f.p
	d0, b := bits.Sub64(t[0], p[0], 0)
	d1, b := bits.Sub64(t[1], p[1], b)
	d2, b := bits.Sub64(t[2], p[2], b)
	d3, b := bits.Sub64(t[3], p[3], b)
	d4, b := bits.Sub64(t[4], p[4], b)
	d5, b := bits.Sub64(t[5], p[5], b)
	d6, b := bits.Sub64(t[6], p[6], b)
	d7, b := bits.Sub64(t[7], p[7], b)
	if over == 0 && b != 0 {
		*z = *t
		return
	}
	*z = element{d0, d1, d2, d3, d4, d5, d6, d7}
}
