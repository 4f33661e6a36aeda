package brainpool

import (
	"encoding/binary"
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
	words int
	p     element  // the prime itself, not in the form
	k     uint64   // -1/p modulo 2^64
	one   element  // 1 in the form
	cube  element  // 2^(192·words) modulo p: a product with it brings the inverse of what is in the form into it
	prime *big.Int // p again
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
	f.cube = f.plain(r.Exp(r, big.NewInt(3), prime))
	return f
}

// plain writes a number below 2^(64·words) in words.
func (f *field) plain(n *big.Int) (z element) {
	var octets [8 * maxWords]byte
	n.FillBytes(octets[:])
	for i := range maxWords {
		z[i] = binary.BigEndian.Uint64(octets[len(octets)-8*(i+1):])
	}
	return z
}

// reduced writes any number modulo the prime in words, not in the form.
func (f *field) reduced(n *big.Int) element {
	if n.Sign() < 0 || n.Cmp(f.prime) >= 0 {
		n = new(big.Int).Mod(n, f.prime)
	}
	return f.plain(n)
}

// number is the inverse of plain.
func (x *element) number() *big.Int {
	var octets [8 * maxWords]byte
	for i, word := range x {
		binary.BigEndian.PutUint64(octets[len(octets)-8*(i+1):], word)
	}
	return new(big.Int).SetBytes(octets[:])
}

// inverse of a number that is not 0.
func (f *field) inverse(x *element) element {
	n := x.number()
	z := f.plain(n.ModInverse(n, f.prime))
	f.mul(&z, &z, &f.cube)
	return z
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
	case 6:
		f.mul6(z, x, y)
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
	switch f.words {
	case 6:
		f.add6(z, x, y)
		return
	case 8:
		f.add8(z, x, y)
		return
	}
	var t element
	var carry uint64
	for i := range f.words {
		t[i], carry = bits.Add64(x[i], y[i], carry)
	}
	f.below(z, &t, carry)
}

func (f *field) sub(z, x, y *element) {
	switch f.words {
	case 6:
		f.sub6(z, x, y)
		return
	case 8:
		f.sub8(z, x, y)
		return
	}
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

// half sets z to x/2: an odd number is made even by the prime.
func (f *field) half(z, x *element) {
	t, carry := *x, uint64(0)
	if x[0]%2 == 1 {
		for i := range f.words {
			t[i], carry = bits.Add64(t[i], f.p[i], carry)
		}
	}
	for i := range f.words - 1 {
		t[i] = t[i]>>1 | t[i+1]<<63
	}
	t[f.words-1] = t[f.words-1]>>1 | carry<<63
	*z = t
}

// square sets z to x²/2^(64·words).
func (f *field) square(z, x *element) {
	switch f.words {
	case 6:
		f.square6(z, x)
	case 8:
		f.square8(z, x)
	default:
		f.mul(z, x, x)
	}
}

// difference sets z to (x·y - u·v)/2^(64·words), at the price of one product and a
// half: only the difference is brought below the prime.
func (f *field) difference(z, x, y, u, v *element) {
	switch f.words {
	case 6:
		f.difference6(z, x, y, u, v)
	case 8:
		f.difference8(z, x, y, u, v)
	default:
		var t element
		f.mul(&t, u, v)
		f.mul(z, x, y)
		f.sub(z, z, &t)
	}
}

// plus adds x·y to a number of three words, the lowest first.
func plus(c0, c1, c2, x, y uint64) (s0, s1, s2 uint64) {
	hi, lo := bits.Mul64(x, y)
	s0, c := bits.Add64(c0, lo, 0)
	s1, c = bits.Add64(c1, hi, c)
	s2, _ = bits.Add64(c2, 0, c)
	return s0, s1, s2
}

// carried adds two words to a number of three.
func carried(a0, a1, a2, c0, c1 uint64) (s0, s1, s2 uint64) {
	s0, c := bits.Add64(a0, c0, 0)
	s1, c = bits.Add64(a1, c1, c)
	s2, _ = bits.Add64(a2, 0, c)
	return s0, s1, s2
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
