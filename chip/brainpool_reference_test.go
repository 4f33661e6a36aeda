package chip

import (
	"bytes"
	"crypto/elliptic"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/osanderson/brainpool"
)

// slowly is the arithmetic of the textbook on math/big, one division a sum. It
// knows a and the prime only, as the sums of a curve do.
type slowly struct{ a, p *big.Int }

func (s slowly) add(x1, y1, x2, y2 *big.Int) (x, y *big.Int) {
	none := func(x, y *big.Int) bool { return x.Sign() == 0 && y.Sign() == 0 }
	mod := func(n *big.Int) *big.Int { return n.Mod(n, s.p) }
	switch {
	case none(x1, y1):
		return x2, y2
	case none(x2, y2):
		return x1, y1
	}
	var over, under *big.Int
	if x1.Cmp(x2) == 0 {
		if mod(new(big.Int).Add(y1, y2)).Sign() == 0 {
			return new(big.Int), new(big.Int)
		}
		over = new(big.Int).Mul(x1, x1)
		over.Mul(over, big.NewInt(3)).Add(over, s.a)
		under = new(big.Int).Lsh(y1, 1)
	} else {
		over, under = new(big.Int).Sub(y2, y1), new(big.Int).Sub(x2, x1)
	}
	slope := mod(over.Mul(over, new(big.Int).ModInverse(mod(under), s.p)))
	x = new(big.Int).Mul(slope, slope)
	x = mod(x.Sub(x, x1).Sub(x, x2))
	y = new(big.Int).Sub(x1, x)
	return x, mod(y.Mul(y, slope).Sub(y, y1))
}

func (s slowly) times(x1, y1 *big.Int, k []byte) (x, y *big.Int) {
	x, y = new(big.Int), new(big.Int)
	n := new(big.Int).SetBytes(k)
	for i := n.BitLen() - 1; i >= 0; i-- {
		x, y = s.add(x, y, x, y)
		if n.Bit(i) == 1 {
			x, y = s.add(x, y, x1, y1)
		}
	}
	return x, y
}

func allCurves() []elliptic.Curve {
	return []elliptic.Curve{brainpool.P160r1(), brainpool.P192r1(), brainpool.P224r1(), brainpool.P256r1(), brainpool.P320r1(), brainpool.P384r1(), brainpool.P512r1()}
}

// reference solves the curve's equation at the base point for a.
func reference(p *elliptic.CurveParams) slowly {
	a := new(big.Int).Mul(p.Gy, p.Gy)
	a.Sub(a, new(big.Int).Exp(p.Gx, big.NewInt(3), p.P)).Sub(a, p.B)
	a.Mul(a, new(big.Int).ModInverse(p.Gx, p.P))
	return slowly{a.Mod(a, p.P), p.P}
}

// agree holds what a curve gives against the textbook.
func agree(t *testing.T, whole elliptic.Curve, k, l []byte, px, py *big.Int) {
	t.Helper()
	var c group = whole
	p := c.Params()
	slow := reference(p)
	same := func(what string, x, y, wantX, wantY *big.Int) {
		t.Helper()
		if x.Cmp(wantX) != 0 || y.Cmp(wantY) != 0 {
			t.Errorf("%s, %s of k %x, l %x, point %x %x: %x %x, want %x %x", p.Name, what, k, l, px, py, x, y, wantX, wantY)
		}
	}
	kx, ky := c.ScalarBaseMult(k)
	wantX, wantY := slow.times(p.Gx, p.Gy, k)
	same("k·G", kx, ky, wantX, wantY)
	lx, ly := whole.ScalarMult(px, py, l) //nolint:staticcheck // what gmrtd's signatures go through
	wantX, wantY = slow.times(px, py, l)
	same("l·P", lx, ly, wantX, wantY)
	x, y := c.Add(kx, ky, px, py)
	wantX, wantY = slow.add(kx, ky, px, py)
	same("k·G+P", x, y, wantX, wantY)
	x, y = c.Double(px, py)
	wantX, wantY = slow.add(px, py, px, py)
	same("2·P", x, y, wantX, wantY)
}

// The quick arithmetic gives what the textbook's gives: at the edges, and for
// numbers at random.
func TestCurvesAgainstTheTextbook(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5639, 9303))
	for _, c := range allCurves() {
		p := c.Params()
		near := func(d int64) []byte { return new(big.Int).Add(p.N, big.NewInt(d)).Bytes() }
		opposite := new(big.Int).Sub(p.P, p.Gy)
		agree(t, c, nil, nil, p.Gx, p.Gy)
		agree(t, c, []byte{1}, near(0), p.Gx, p.Gy)
		agree(t, c, []byte{1}, near(-1), p.Gx, opposite)
		agree(t, c, near(0), near(1), p.Gx, opposite)
		agree(t, c, near(5), []byte{0, 0, 31}, new(big.Int), new(big.Int))
		agree(t, c, []byte{16}, bytes.Repeat([]byte{0xff}, p.BitSize/8+3), p.Gx, p.Gy)
		agree(t, c, []byte{15}, bytes.Repeat([]byte{0xf0}, p.BitSize/8), new(big.Int).Sub(p.P, big.NewInt(1)), new(big.Int))
		for range 6 {
			bytesOf := func() []byte {
				out := make([]byte, p.BitSize/8)
				for i := range out {
					out[i] = byte(random.Uint32())
				}
				return out
			}
			// A point at random lies on a curve of the same a.
			agree(t, c, bytesOf(), bytesOf(), new(big.Int).Mod(new(big.Int).SetBytes(bytesOf()), p.P), new(big.Int).Mod(new(big.Int).SetBytes(bytesOf()), p.P))
		}
	}
}

// Numbers whose words are all ones, all noughts or just below the prime go through
// every carry of the sums.
func TestSumsOfNumbersAtTheEdge(t *testing.T) {
	t.Parallel()
	one := big.NewInt(1)
	for _, whole := range allCurves() {
		var c group = whole
		p := c.Params()
		slow := reference(p)
		edges := []*big.Int{one, big.NewInt(2), new(big.Int).Rsh(p.P, 1)}
		for i := int64(1); i <= 3; i++ {
			edges = append(edges, new(big.Int).Sub(p.P, big.NewInt(i)))
		}
		for bit := uint(64); bit < uint(p.BitSize); bit += 64 {
			power := new(big.Int).Lsh(one, bit)
			edges = append(edges, power, new(big.Int).Sub(power, one), new(big.Int).Sub(p.P, power), new(big.Int).Xor(p.P, power))
		}
		for i, x := range edges {
			for j, y := range edges {
				x, y := new(big.Int).Mod(x, p.P), new(big.Int).Mod(y, p.P)
				gotX, gotY := c.Double(x, y)
				wantX, wantY := slow.add(x, y, x, y)
				if gotX.Cmp(wantX) != 0 || gotY.Cmp(wantY) != 0 {
					t.Errorf("%s, twice %x %x: %x %x, want %x %x", p.Name, x, y, gotX, gotY, wantX, wantY)
				}
				x2, y2 := new(big.Int).Mod(edges[(i+1)%len(edges)], p.P), new(big.Int).Mod(edges[(j+i)%len(edges)], p.P)
				if x.Cmp(x2) == 0 {
					continue
				}
				gotX, gotY = c.Add(x, y, x2, y2)
				wantX, wantY = slow.add(x, y, x2, y2)
				if gotX.Cmp(wantX) != 0 || gotY.Cmp(wantY) != 0 {
					t.Errorf("%s, %x %x and %x %x: %x %x, want %x %x", p.Name, x, y, x2, y2, gotX, gotY, wantX, wantY)
				}
			}
		}
	}
}

func FuzzCurves(f *testing.F) {
	f.Add(byte(3), []byte{1, 2, 3}, []byte{255, 255}, []byte{7}, []byte{9})
	f.Add(byte(0), []byte{}, []byte{0}, []byte{}, []byte{1})
	f.Fuzz(func(t *testing.T, which byte, k, l, x, y []byte) {
		all := allCurves()
		c := all[int(which)%len(all)]
		p := c.Params()
		agree(t, c, k[:min(len(k), 80)], l[:min(len(l), 80)], new(big.Int).Mod(new(big.Int).SetBytes(x), p.P), new(big.Int).Mod(new(big.Int).SetBytes(y), p.P))
	})
}
