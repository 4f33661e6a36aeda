package brainpool

import (
	"crypto/elliptic"
	"math/big"
	"sync"
)

// curve is y² = x³ + ax + b over the numbers modulo a prime. The generic
// arithmetic of crypto/elliptic takes a for -3, which these curves do not have.
// The point at infinity is (0, 0), as crypto/elliptic writes it.
//
// Each of the curves has a twisted one of as many points (RFC 5639, section 2.2)
// whose a is -3: (x, y) there is (z²x, z³y). All sums are made there, since a
// point is doubled with two products less.
//
// Nothing takes the same time for all numbers: neither branches nor tables hide
// which they are. What is multiplied here are parts of signatures and public keys.
type curve struct {
	field  *field
	bigA   *big.Int
	params elliptic.CurveParams
	// What the numbers of a point are multiplied with on the way to the twisted
	// curve and into the field's form, and on the way back.
	toX, toY, fromX, fromY element

	once sync.Once
	base []flat // the base point times 64ⁱ·(1 to 32), 32 for each i
}

const (
	baseBits = 6
	baseRow  = 1 << (baseBits - 1)
)

// twist computes the ways to the twisted curve and back from its z.
func (c *curve) twist(z *big.Int) {
	f := c.field
	power := func(n *big.Int, e int64) *big.Int { return new(big.Int).Exp(n, big.NewInt(e), f.prime) }
	back := new(big.Int).ModInverse(z, f.prime)
	// The form's factor: a product divides by it once, and a number that came in must
	// have it once.
	square := new(big.Int).Lsh(big.NewInt(1), uint(128*f.words))
	into := func(n *big.Int) element { return f.plain(n.Mod(n.Mul(n, square), f.prime)) }
	c.toX, c.toY = into(power(z, 2)), into(power(z, 3))
	c.fromX, c.fromY = f.plain(power(back, 2)), f.plain(power(back, 3))
}

// Params gives the curve's numbers; its own methods are not those of the curve,
// since they know no a.
func (c *curve) Params() *elliptic.CurveParams { return &c.params }

// IsOnCurve reports whether the point solves the curve's equation with both
// numbers in the range [0, p).
func (c *curve) IsOnCurve(x, y *big.Int) bool {
	p := c.params.P
	if x.Sign() < 0 || y.Sign() < 0 || x.Cmp(p) >= 0 || y.Cmp(p) >= 0 {
		return false
	}
	right := new(big.Int).Mul(x, x)
	right.Add(right, c.bigA).Mul(right, x).Add(right, c.params.B)
	left := new(big.Int).Mul(y, y)
	return left.Sub(left, right).Mod(left, p).Sign() == 0
}

// Add gives the sum of two points.
func (c *curve) Add(x1, y1, x2, y2 *big.Int) (x, y *big.Int) {
	p, q := c.point(x1, y1), c.point(x2, y2)
	c.add(&p, &p, &q)
	return c.affine(&p)
}

// Double gives twice a point.
func (c *curve) Double(x1, y1 *big.Int) (x, y *big.Int) {
	p := c.point(x1, y1)
	c.double(&p, &p)
	return c.affine(&p)
}

// ScalarMult gives k times a point; k is a number without sign, its most
// significant byte first. It is written with few digits that are not 0, each of
// them odd and between -15 and 15, so that a third of the sums falls away; an
// opposite point costs nothing.
func (c *curve) ScalarMult(x1, y1 *big.Int, k []byte) (x, y *big.Int) {
	var odd [8]jacobian // the point times 1, 3 to 15
	var sum, twice jacobian
	odd[0] = c.point(x1, y1)
	c.double(&twice, &odd[0])
	for i := 1; i < len(odd); i++ {
		c.add(&odd[i], &odd[i-1], &twice)
	}
	table := c.flattened(odd[:])
	digits := signed(new(big.Int).SetBytes(k))
	for i := len(digits) - 1; i >= 0; i-- {
		if !sum.z.zero() {
			c.double(&sum, &sum)
		}
		switch d := digits[i]; {
		case d > 0:
			c.addFlat(&sum, &sum, &table[d/2])
		case d < 0:
			minus := table[-d/2]
			c.field.sub(&minus.y, &element{}, &minus.y)
			c.addFlat(&sum, &sum, &minus)
		}
	}
	return c.affine(&sum)
}

// signed writes a number as a sum of digits times 2ⁱ, the lowest first: of five
// in a row at most one is not 0, and that is odd (the non-adjacent form of width
// five).
func signed(k *big.Int) []int8 {
	out := make([]int8, k.BitLen()+6)
	carry := 0
	for i := 0; i <= k.BitLen(); {
		if (int(k.Bit(i))+carry)%2 == 0 {
			i++ // 0, or 1 and 1 to carry on
			continue
		}
		d := carry
		for j := range 5 {
			d += int(k.Bit(i+j)) << j
		}
		if carry = d / 16; carry == 1 {
			d -= 32
		}
		out[i] = int8(d)
		i += 5
	}
	return out
}

// ScalarBaseMult gives k times the curve's base point, which has been
// multiplied by all there is to add up when it is asked for the first time: k is
// written with digits between -31 and 32 times 64ⁱ.
func (c *curve) ScalarBaseMult(k []byte) (x, y *big.Int) {
	c.once.Do(c.multiply)
	number := new(big.Int).SetBytes(k)
	number.Mod(number, c.params.N)
	var sum jacobian
	carry := 0
	for i := range len(c.base) / baseRow {
		d := carry
		for j := range baseBits {
			d += int(number.Bit(baseBits*i+j)) << j
		}
		carry = 0
		if d > baseRow {
			d, carry = d-2*baseRow, 1
		}
		switch {
		case d > 0:
			c.addFlat(&sum, &sum, &c.base[i*baseRow+d-1])
		case d < 0:
			minus := c.base[i*baseRow-d-1]
			c.field.sub(&minus.y, &element{}, &minus.y)
			c.addFlat(&sum, &sum, &minus)
		}
	}
	return c.affine(&sum)
}

// multiply fills base.
func (c *curve) multiply() {
	rows := c.params.N.BitLen()/baseBits + 1 // the highest digit has nothing to carry on
	all := make([]jacobian, baseRow*rows)
	point := c.point(c.params.Gx, c.params.Gy)
	for i := range rows {
		row := all[baseRow*i:][:baseRow]
		row[0] = point
		for j := 1; j < baseRow; j++ {
			c.add(&row[j], &row[j-1], &point)
		}
		c.double(&point, &row[baseRow-1])
	}
	c.base = c.flattened(all)
}

// flattened divides points by their z, all at once: one inverse of the product of
// all gives each.
func (c *curve) flattened(all []jacobian) []flat {
	f := c.field
	products := make([]element, len(all)+1)
	products[0] = f.one
	for i := range all {
		if all[i].z.zero() {
			products[i+1] = products[i]
		} else {
			f.mul(&products[i+1], &products[i], &all[i].z)
		}
	}
	rest := f.inverse(&products[len(all)])
	out := make([]flat, len(all))
	for i := len(all) - 1; i >= 0; i-- {
		if !all[i].z.zero() {
			var inverse element
			f.mul(&inverse, &rest, &products[i])
			f.mul(&rest, &rest, &all[i].z)
			out[i] = c.divided(&all[i], &inverse)
		}
	}
	return out
}

// jacobian is the point (x/z², y/z³) of the twisted curve, or infinity where z is
// 0: sums of such points need no division.
type jacobian struct{ x, y, z element }

// flat is a point with its z divided away; infinity is (0, 0).
type flat struct{ x, y element }

// point takes a point of the curve to the twisted one.
func (c *curve) point(x, y *big.Int) (p jacobian) {
	if x.Sign() != 0 || y.Sign() != 0 {
		p = jacobian{c.field.reduced(x), c.field.reduced(y), c.field.one}
		c.field.mul(&p.x, &p.x, &c.toX)
		c.field.mul(&p.y, &p.y, &c.toY)
	}
	return p
}

// affine takes a point of the twisted curve back.
func (c *curve) affine(p *jacobian) (x, y *big.Int) {
	if p.z.zero() {
		return new(big.Int), new(big.Int)
	}
	inverse := c.field.inverse(&p.z)
	q := c.divided(p, &inverse)
	c.field.mul(&q.x, &q.x, &c.fromX)
	c.field.mul(&q.y, &q.y, &c.fromY)
	return q.x.number(), q.y.number()
}

// divided gives a point whose z has that inverse.
func (c *curve) divided(p *jacobian, inverse *element) (out flat) {
	f := c.field
	var square element
	f.square(&square, inverse)
	f.mul(&out.x, &p.x, &square)
	f.mul(&square, &square, inverse)
	f.mul(&out.y, &p.y, &square)
	return out
}

// double takes the tangent: with its slope m/2y, in the terms of jacobian,
// m = 3x² - 3z⁴ = 3(x-z²)(x+z²) and s = 4xy², the double is
// (m²-2s, m(s-x')-8y⁴, 2yz). Infinity, and a point with y = 0, give z = 0.
func (c *curve) double(out, p *jacobian) {
	f := c.field
	var y2, s, m, t, zz element
	f.add(&y2, &p.y, &p.y)
	f.square(&zz, &p.z)
	f.mul(&out.z, &y2, &p.z)
	f.square(&y2, &y2) // 4y²
	f.mul(&s, &y2, &p.x)
	f.sub(&m, &p.x, &zz)
	f.add(&t, &p.x, &zz)
	f.mul(&m, &m, &t)
	f.add(&t, &m, &m)
	f.add(&m, &m, &t)

	f.square(&t, &m)
	f.sub(&t, &t, &s)
	f.sub(&out.x, &t, &s)
	f.sub(&s, &s, &out.x)
	f.half(&t, &y2)
	f.difference(&out.y, &s, &m, &y2, &t)
}

// add takes the chord: both points are brought to one z, where they are (u, s) and
// (u+h, s+r).
func (c *curve) add(out, p, q *jacobian) {
	switch {
	case p.z.zero():
		*out = *q
		return
	case q.z.zero():
		*out = *p
		return
	}
	f := c.field
	var pp, qq, u, s, u2, s2, z element
	f.square(&pp, &p.z)
	f.square(&qq, &q.z)
	f.mul(&u, &p.x, &qq)
	f.mul(&qq, &qq, &q.z)
	f.mul(&s, &p.y, &qq)
	f.mul(&u2, &q.x, &pp)
	f.mul(&pp, &pp, &p.z)
	f.mul(&s2, &q.y, &pp)
	f.mul(&z, &p.z, &q.z)
	c.chord(out, p, &u, &s, &u2, &s2, &z)
}

// addFlat is add where the second point has no z.
func (c *curve) addFlat(out, p *jacobian, q *flat) {
	f := c.field
	switch {
	case q.x.zero() && q.y.zero():
		*out = *p
		return
	case p.z.zero():
		*out = jacobian{q.x, q.y, f.one}
		return
	}
	var pp, u2, s2 element
	f.square(&pp, &p.z)
	f.mul(&u2, &q.x, &pp)
	f.mul(&pp, &pp, &p.z)
	f.mul(&s2, &q.y, &pp)
	c.chord(out, p, &p.x, &p.y, &u2, &s2, &p.z)
}

// chord adds the points (u, s) and (u2, s2) of one z; p is the first of them as
// it was, for the case that they are one.
func (c *curve) chord(out, p *jacobian, u, s, u2, s2, z *element) {
	f := c.field
	var h, r, hh, hhh, uhh, x, y, z3 element
	f.sub(&h, u2, u)
	f.sub(&r, s2, s)
	if h.zero() {
		if r.zero() {
			c.double(out, p)
		} else {
			*out = jacobian{} // opposite points
		}
		return
	}
	f.square(&hh, &h)
	f.mul(&hhh, &h, &hh)
	f.mul(&uhh, u, &hh)
	f.square(&x, &r)
	f.sub(&x, &x, &hhh)
	f.sub(&x, &x, &uhh)
	f.sub(&x, &x, &uhh)
	f.sub(&y, &uhh, &x)
	f.difference(&y, &y, &r, &hhh, s)
	f.mul(&z3, z, &h)
	*out = jacobian{x, y, z3}
}
