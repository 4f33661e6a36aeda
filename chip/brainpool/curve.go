package brainpool

import (
	"crypto/elliptic"
	"math/big"
	"sync"
)

// curve is y² = x³ + ax + b over the numbers modulo a prime. The generic
// arithmetic of crypto/elliptic takes a for -3, which these curves do not have.
// The point at infinity is (0, 0), as crypto/elliptic writes it.
type curve struct {
	field  *field
	a      element
	bigA   *big.Int
	params elliptic.CurveParams
	once   sync.Once
	base   [][15]flat // the base point times 16ⁱ·(1 to 15)
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
	var twice, minus jacobian
	odd[0] = c.point(x1, y1)
	c.double(&twice, &odd[0])
	for i := 1; i < len(odd); i++ {
		c.add(&odd[i], &odd[i-1], &twice)
	}
	var sum jacobian
	digits := signed(new(big.Int).SetBytes(k))
	times := 0
	for i := len(digits) - 1; i >= 0; i-- {
		if times++; digits[i] == 0 && i > 0 {
			continue
		}
		c.doubles(&sum, times)
		times = 0
		switch d := digits[i]; {
		case d > 0:
			c.add(&sum, &sum, &odd[d/2])
		case d < 0:
			minus = odd[-d/2]
			c.field.sub(&minus.y, &element{}, &minus.y)
			c.add(&sum, &sum, &minus)
		}
	}
	return c.affine(&sum)
}

// signed writes a number as a sum of digits times 2ⁱ, the lowest first: of five
// in a row at most one is not 0, and that is odd (the non-adjacent form of width
// five).
func signed(k *big.Int) []int {
	out := make([]int, k.BitLen()+6)
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
		out[i] = d
		i += 5
	}
	return out
}

// ScalarBaseMult gives k times the curve's base point, which has been
// multiplied by all there is to add up when it is asked for the first time.
func (c *curve) ScalarBaseMult(k []byte) (x, y *big.Int) {
	c.once.Do(c.multiply)
	number := new(big.Int).SetBytes(k)
	number.Mod(number, c.params.N)
	var sum jacobian
	for i := range c.base {
		four := number.Bit(4*i) | number.Bit(4*i+1)<<1 | number.Bit(4*i+2)<<2 | number.Bit(4*i+3)<<3
		if four > 0 {
			c.addFlat(&sum, &sum, &c.base[i][four-1])
		}
	}
	return c.affine(&sum)
}

// multiply fills base. All points are divided by their z at once: one inverse of
// the product of all gives each.
func (c *curve) multiply() {
	f := c.field
	rows := (c.params.N.BitLen() + 3) / 4
	all := make([]jacobian, 15*rows)
	point := c.point(c.params.Gx, c.params.Gy)
	for i := range rows {
		row := all[15*i:][:15]
		row[0] = point
		for j := 1; j < 15; j++ {
			c.add(&row[j], &row[j-1], &point)
		}
		c.add(&point, &row[14], &point)
	}
	products := make([]element, len(all)+1)
	products[0] = f.one
	for i := range all {
		f.mul(&products[i+1], &products[i], &all[i].z)
	}
	rest := f.inverse(&products[len(all)])
	c.base = make([][15]flat, rows)
	for i := len(all) - 1; i >= 0; i-- {
		var inverse element
		f.mul(&inverse, &rest, &products[i])
		f.mul(&rest, &rest, &all[i].z)
		c.base[i/15][i%15] = c.divided(&all[i], &inverse)
	}
}

// jacobian is the point (x/z², y/z³), or infinity where z is 0: sums of such
// points need no division.
type jacobian struct{ x, y, z element }

// flat is a point that is not infinity, with its z divided away.
type flat struct{ x, y element }

func (c *curve) point(x, y *big.Int) (p jacobian) {
	if x.Sign() != 0 || y.Sign() != 0 {
		p = jacobian{c.field.of(x), c.field.of(y), c.field.one}
	}
	return p
}

// divided gives a point whose z has that inverse.
func (c *curve) divided(p *jacobian, inverse *element) (out flat) {
	f := c.field
	var square element
	f.mul(&square, inverse, inverse)
	f.mul(&out.x, &p.x, &square)
	f.mul(&square, &square, inverse)
	f.mul(&out.y, &p.y, &square)
	return out
}

func (c *curve) affine(p *jacobian) (x, y *big.Int) {
	if p.z.zero() {
		return new(big.Int), new(big.Int)
	}
	inverse := c.field.inverse(&p.z)
	q := c.divided(p, &inverse)
	return c.field.number(&q.x), c.field.number(&q.y)
}

// double takes the tangent: with its slope m/2y, in the terms of jacobian,
// m = 3x² + az⁴, s = 4xy², the double is (m²-2s, m(s-x')-8y⁴, 2yz). Infinity, and
// a point with y = 0, give z = 0.
func (c *curve) double(out, p *jacobian) {
	f := c.field
	var yy, zz, s, m, t, x, y, z element
	f.mul(&yy, &p.y, &p.y)
	f.mul(&zz, &p.z, &p.z)
	f.mul(&s, &p.x, &yy)
	f.add(&s, &s, &s)
	f.add(&s, &s, &s)
	f.mul(&m, &p.x, &p.x)
	f.add(&t, &m, &m)
	f.add(&m, &m, &t)
	f.mul(&zz, &zz, &zz)
	f.mul(&zz, &zz, &c.a)
	f.add(&m, &m, &zz)

	f.mul(&x, &m, &m)
	f.sub(&x, &x, &s)
	f.sub(&x, &x, &s)
	f.mul(&z, &p.y, &p.z)
	f.add(&z, &z, &z)
	f.mul(&yy, &yy, &yy)
	f.add(&yy, &yy, &yy)
	f.add(&yy, &yy, &yy)
	f.add(&yy, &yy, &yy)
	f.sub(&y, &s, &x)
	f.mul(&y, &y, &m)
	f.sub(&y, &y, &yy)
	*out = jacobian{x, y, z}
}

// doubles doubles a point so many times. az⁴, which is m's share, is carried from
// one to the next: 16y⁴ times what it was (Cohen, Miyaji, Ono 1998), so that each but
// the first takes eight products in place of ten.
func (c *curve) doubles(p *jacobian, times int) {
	if p.z.zero() {
		return
	}
	f := c.field
	var az, yy, s, m, x, y element
	f.mul(&az, &p.z, &p.z)
	f.mul(&az, &az, &az)
	f.mul(&az, &az, &c.a)
	for i := range times {
		f.mul(&yy, &p.y, &p.y)
		f.mul(&s, &p.x, &yy)
		f.add(&s, &s, &s)
		f.add(&s, &s, &s)
		f.mul(&x, &p.x, &p.x)
		f.add(&m, &x, &x)
		f.add(&m, &m, &x)
		f.add(&m, &m, &az)
		f.mul(&yy, &yy, &yy)
		f.add(&yy, &yy, &yy)
		f.add(&yy, &yy, &yy)
		f.add(&yy, &yy, &yy) // 8y⁴
		if i+1 < times {
			f.mul(&az, &az, &yy)
			f.add(&az, &az, &az)
		}
		f.mul(&p.z, &p.y, &p.z)
		f.add(&p.z, &p.z, &p.z)
		f.mul(&x, &m, &m)
		f.sub(&x, &x, &s)
		f.sub(&x, &x, &s)
		f.sub(&y, &s, &x)
		f.mul(&y, &y, &m)
		f.sub(&y, &y, &yy)
		p.x, p.y = x, y
	}
}

// add takes the chord: both points are brought to one z, where they are (u, s)
// and (u+h, s+r).
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
	f.mul(&pp, &p.z, &p.z)
	f.mul(&qq, &q.z, &q.z)
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
	if p.z.zero() {
		*out = jacobian{q.x, q.y, f.one}
		return
	}
	var pp, u2, s2 element
	f.mul(&pp, &p.z, &p.z)
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
	f.mul(&hh, &h, &h)
	f.mul(&hhh, &h, &hh)
	f.mul(&uhh, u, &hh)
	f.mul(&x, &r, &r)
	f.sub(&x, &x, &hhh)
	f.sub(&x, &x, &uhh)
	f.sub(&x, &x, &uhh)
	f.sub(&y, &uhh, &x)
	f.mul(&y, &y, &r)
	f.mul(&hhh, &hhh, s)
	f.sub(&y, &y, &hhh)
	f.mul(&z3, z, &h)
	*out = jacobian{x, y, z3}
}
