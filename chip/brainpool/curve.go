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
	a      *big.Int
	params elliptic.CurveParams
	once   sync.Once
	base   [][16]jacobian // the base point times 16ⁱ·(0 to 15)
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
	right.Add(right, c.a).Mul(right, x).Add(right, c.params.B)
	left := new(big.Int).Mul(y, y)
	return left.Sub(left, right).Mod(left, p).Sign() == 0
}

// Add gives the sum of two points.
func (c *curve) Add(x1, y1, x2, y2 *big.Int) (x, y *big.Int) {
	return c.affine(c.add(projective(x1, y1), projective(x2, y2)))
}

// Double gives twice a point.
func (c *curve) Double(x1, y1 *big.Int) (x, y *big.Int) {
	return c.affine(c.double(projective(x1, y1)))
}

// ScalarMult gives k times a point; k is a number without sign, its most
// significant byte first. It goes four bits at a time.
func (c *curve) ScalarMult(x1, y1 *big.Int, k []byte) (x, y *big.Int) {
	times := c.fifteen(projective(x1, y1))
	sum := projective(new(big.Int), new(big.Int))
	for _, octet := range k {
		for _, four := range [2]byte{octet >> 4, octet & 15} {
			for range 4 {
				sum = c.double(sum)
			}
			sum = c.add(sum, times[four])
		}
	}
	return c.affine(sum)
}

// ScalarBaseMult gives k times the curve's base point, which has been
// multiplied by all there is to add up when it is asked for the first time.
func (c *curve) ScalarBaseMult(k []byte) (x, y *big.Int) {
	c.once.Do(func() {
		point := projective(c.params.Gx, c.params.Gy)
		for range (c.params.N.BitLen() + 3) / 4 {
			times := c.fifteen(point)
			c.base = append(c.base, times)
			point = c.add(times[15], point)
		}
	})
	number := new(big.Int).SetBytes(k)
	number.Mod(number, c.params.N)
	sum := projective(new(big.Int), new(big.Int))
	for i, times := range c.base {
		four := number.Bit(4*i) | number.Bit(4*i+1)<<1 | number.Bit(4*i+2)<<2 | number.Bit(4*i+3)<<3
		sum = c.add(sum, times[four])
	}
	return c.affine(sum)
}

// fifteen gives a point times 0 to 15.
func (c *curve) fifteen(p jacobian) (times [16]jacobian) {
	times[0] = projective(new(big.Int), new(big.Int))
	for i := 1; i < len(times); i++ {
		times[i] = c.add(times[i-1], p)
	}
	return times
}

// jacobian is the point (x/z², y/z³), or infinity where z is 0: sums of such
// points need no division.
type jacobian struct{ x, y, z *big.Int }

func projective(x, y *big.Int) jacobian {
	z := new(big.Int)
	if x.Sign() != 0 || y.Sign() != 0 {
		z.SetInt64(1)
	}
	return jacobian{x, y, z}
}

func (c *curve) affine(p jacobian) (x, y *big.Int) {
	if p.z.Sign() == 0 {
		return new(big.Int), new(big.Int)
	}
	inverse := new(big.Int).ModInverse(p.z, c.params.P)
	square := c.mul(inverse, inverse)
	return c.mul(p.x, square), c.mul(p.y, c.mul(square, inverse))
}

func (c *curve) mul(u, v *big.Int) *big.Int {
	product := new(big.Int).Mul(u, v)
	return product.Mod(product, c.params.P)
}

// less gives u - n·v.
func (c *curve) less(u *big.Int, n int64, v *big.Int) *big.Int {
	rest := new(big.Int).Mul(v, big.NewInt(n))
	rest.Sub(u, rest)
	return rest.Mod(rest, c.params.P)
}

// double takes the tangent: with its slope m/2y, in the terms of jacobian,
// m = 3x² + az⁴, s = 4xy², the double is (m²-2s, m(s-x')-8y⁴, 2yz).
func (c *curve) double(p jacobian) jacobian {
	if p.z.Sign() == 0 || p.y.Sign() == 0 {
		return projective(new(big.Int), new(big.Int))
	}
	yy, zz := c.mul(p.y, p.y), c.mul(p.z, p.z)
	s := c.mul(p.x, yy)
	s.Lsh(s, 2)
	m := c.mul(p.x, p.x)
	m.Mul(m, big.NewInt(3)).Add(m, c.mul(c.a, c.mul(zz, zz)))
	x := c.less(c.mul(m, m), 2, s)
	y := c.less(c.mul(m, c.less(s, 1, x)), 8, c.mul(yy, yy))
	z := c.mul(p.y, p.z)
	return jacobian{x, y, c.less(z, -1, z)}
}

// add takes the chord: both points are brought to one z, where they are (u, s)
// and (u+h, s+r).
func (c *curve) add(p, q jacobian) jacobian {
	switch {
	case p.z.Sign() == 0:
		return q
	case q.z.Sign() == 0:
		return p
	}
	pp, qq := c.mul(p.z, p.z), c.mul(q.z, q.z)
	u, s := c.mul(p.x, qq), c.mul(p.y, c.mul(qq, q.z))
	h := c.less(c.mul(q.x, pp), 1, u)
	r := c.less(c.mul(q.y, c.mul(pp, p.z)), 1, s)
	if h.Sign() == 0 {
		if r.Sign() == 0 {
			return c.double(p)
		}
		return projective(new(big.Int), new(big.Int))
	}
	hh := c.mul(h, h)
	hhh, uhh := c.mul(h, hh), c.mul(u, hh)
	x := c.less(c.less(c.mul(r, r), 1, hhh), 2, uhh)
	y := c.less(c.mul(r, c.less(uhh, 1, x)), 1, c.mul(s, hhh))
	return jacobian{x, y, c.mul(h, c.mul(p.z, q.z))}
}
