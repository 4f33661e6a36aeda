package chip

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/osanderson/brainpool"
)

// group is what the curves do; its words are deprecated as those of
// elliptic.Curve, which is all that gmrtd takes.
type group interface {
	Params() *elliptic.CurveParams
	IsOnCurve(x, y *big.Int) bool
	Add(x1, y1, x2, y2 *big.Int) (x, y *big.Int)
	Double(x1, y1 *big.Int) (x, y *big.Int)
	ScalarBaseMult(k []byte) (x, y *big.Int)
}

// publicKey is a point of a curve that crypto/ecdh does not know.
func publicKey(c elliptic.Curve, x, y *big.Int) *ecdsa.PublicKey {
	return &ecdsa.PublicKey{Curve: c, X: x, Y: y} //nolint:staticcheck // there is no other way to name such a point
}

// signedElsewhere are keys and signatures of the text "RFC 5639" with SHA-256,
// made with OpenSSL 3.0.19, which has the curves from the RFC by itself: the
// point without its first byte, and the signature as DER.
func signedElsewhere() []struct {
	curve      func() elliptic.Curve
	key, proof string
} {
	return []struct {
		curve      func() elliptic.Curve
		key, proof string
	}{
		{brainpool.P160r1, "dadfec7b9a6294f5b02d480c9889f2120ffa1c1b965098f84daa41409b14a8b8e81bf0f6de16fef3", "302d021500e53620ae78ea68f5ae748c5f1c9a85150c7ec44b0214652f4e1df17bbd0b57bfea1f830bb86115bec67b"},
		{brainpool.P192r1, "2b1de0bdefa25a57ced6256c8655ffd5d16b59ada94ef863630353ff8519c61620314a292bbb825965f68ffa0602f8c8", "303502187dd12e665ab93c15bdb6f3d5ca933b071255a809f354988a021900a3afee4d051658d5500189cf23e6f00b0047c942cd448634"},
		{brainpool.P224r1, "d3082853b39f1b4001bc44dbdb4a942fa62debde9cb1c2a2b693799fc83b9c4c8c5b9801624baecbcdca191a1be0ea9081cf87e282c15f92", "303c021c49a79a98fc25af781681c4cdbe1247579cf47ace4c3e7a7d9c4373d8021c48d3b9bf2fba7cadb8470dee97ac0ea258680b3b5eca52105d34c0eb"},
		{brainpool.P256r1, "41a7c3e4338aacdf9723cf3d30866c596c7f7c88f20af46ef8c3178c47027a8f6e0e5946b52e798636da670d3654bed6a07a7e64e2664a40def59a0186f80d63", "3044022020040f24f857c80355451d3842b16c42cc247b83babac633ca69ea500c0896cd02205a312bb2daa35606d98f4875f8b0577313bee2aa6b98c770aab531a4eb451925"},
		{brainpool.P320r1, "5a0c2c5b14331d44ef45ac8e394c58ee72dade4f2f62547874c479ad9ee40256a54aa03153f456155146c74a9b7b8c5e53bcc0a5df56d2dbd296155b09f905241e5f2dc8fac2741c9ed6b7063ba44f65", "3055022900c5b023ec3fc149fb6332fe12e6a3bf554fb8f67ce1e113e75f63e4e234a67ba2619f4b12629e3a9002287092b81f3fcc8c20dc9b31cf76e9d7aa2be9b9beaa2b478fe8b84abb177dda53c184efa618370944"},
		{brainpool.P384r1, "0ba3f3cb4e49fce4143bd28896f8c2e428d35b85ece6cb1adfb7daa3747492da448bc06d81756916215ce088a5c2b499160aa6913a6f0531f028b5687efa90f558b289e0eec34736a1b554ff6c2a2d710816191b2919335e9894dd099fcee156", "306402303e173433170c3cc7d781ea3ca3a0efe1e91be9a601b2878e9fbd634bfaccd681f40667f1d2cd3214718c2cc541b8668e023060b6c22166fc7f4ccfa985f7c585925251e918b640361d3ccbd02a29d75eebb298a25d23aadeb70716d98370266ed3d7"},
		{brainpool.P512r1, "094b9b907d00211fe6255e4bb0c65d655db24ab83a199d322c387427a6691a97b034d9638c0b2e9fb11684d5e69664516dea52bf6afe9ec15ebb1e2480124fe85e76f66920d6e06f895932e3e86b54b2a2d9137386e5905879ad300125aa107c5e6290fea99c7d4fad377d05e75766d7d297a6bc8094ebc7bd26d830d9a03937", "30818502400f76bb26bb21fb7b3ec4a80b59de567d1eb9edc085cbc39427cff37419884849fa8e45759186382c882c414d697d84179ea14644657d36a138430c410275bc20024100aaa66e71422c6098365bdaeedeb8ead7361bcc9de744ae2e7fe1261e495bf0a1a3073b13145953e545269c3a66ac9d0f9054376a1f753434c97cf6ead6342543"},
	}
}

// The curves that stand in for a module without a licence (its path is kept,
// since gmrtd imports it) are those of RFC 5639.
func TestCurvesOfTheRFC(t *testing.T) {
	t.Parallel()
	hash := sha256.Sum256([]byte("RFC 5639"))
	for _, x := range signedElsewhere() {
		whole := x.curve()
		var c group = whole
		p := c.Params()
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			if !p.P.ProbablyPrime(20) || !p.N.ProbablyPrime(20) || p.P.BitLen() != p.BitSize || p.N.BitLen() != p.BitSize || !c.IsOnCurve(p.Gx, p.Gy) {
				t.Fatalf("its parameters are wrong: %+v", p)
			}
			if x, y := c.ScalarBaseMult(p.N.Bytes()); x.Sign() != 0 || y.Sign() != 0 {
				t.Errorf("the base point is not of its order: %x, %x", x, y)
			}
			rest := new(big.Int).Sub(p.N, big.NewInt(1))
			if x, y := c.ScalarBaseMult(rest.Bytes()); x.Cmp(p.Gx) != 0 || new(big.Int).Add(y, p.Gy).Cmp(p.P) != 0 {
				t.Errorf("one before the order is not the base point's opposite: %x, %x", x, y)
			}
			if x.curve() != whole {
				t.Error("two calls give two curves")
			}

			point, err := hex.DecodeString(x.key)
			if err != nil {
				t.Fatal(err)
			}
			half := len(point) / 2
			key := publicKey(whole, new(big.Int).SetBytes(point[:half]), new(big.Int).SetBytes(point[half:]))
			proof, err := hex.DecodeString(x.proof)
			if err != nil {
				t.Fatal(err)
			}
			if !ecdsa.VerifyASN1(key, hash[:], proof) {
				t.Error("the signature that OpenSSL made is refused")
			}
			other := hash
			other[3] ^= 1
			forged := bytes.Clone(proof)
			forged[len(forged)-1] ^= 1
			stranger := publicKey(whole, p.Gx, p.Gy)
			if ecdsa.VerifyASN1(key, other[:], proof) || ecdsa.VerifyASN1(key, hash[:], forged) || ecdsa.VerifyASN1(stranger, hash[:], proof) {
				t.Error("a wrong signature is taken")
			}
		})
	}
}

// A signature counts with both numbers between 1 and the order less 1, and a key only
// where it is a point of its curve.
func TestSignaturesOutOfRangeAreRefused(t *testing.T) {
	t.Parallel()
	hash := sha256.Sum256([]byte("RFC 5639"))
	for _, x := range signedElsewhere() {
		whole := x.curve()
		p := whole.Params()
		point, err := hex.DecodeString(x.key)
		if err != nil {
			t.Fatal(err)
		}
		half := len(point) / 2
		key := publicKey(whole, new(big.Int).SetBytes(point[:half]), new(big.Int).SetBytes(point[half:]))
		proof, err := hex.DecodeString(x.proof)
		if err != nil {
			t.Fatal(err)
		}
		var good struct{ R, S *big.Int }
		if _, err := asn1.Unmarshal(proof, &good); err != nil {
			t.Fatal(err)
		}
		none, plus := new(big.Int), func(n *big.Int) *big.Int { return new(big.Int).Add(n, p.N) }
		accepts := func(r, s *big.Int) bool {
			signature, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
			if err != nil {
				t.Fatal(err)
			}
			return ecdsa.VerifyASN1(key, hash[:], signature)
		}
		if !accepts(good.R, good.S) || !accepts(good.R, new(big.Int).Sub(p.N, good.S)) {
			t.Errorf("%s: a signature, or its mirror image, is refused", p.Name)
		}
		for what, taken := range map[string]bool{
			"r = 0": accepts(none, good.S), "s = 0": accepts(good.R, none), "both 0": accepts(none, none),
			"r = n": accepts(p.N, good.S), "s = n": accepts(good.R, p.N),
			"r + n": accepts(plus(good.R), good.S), "s + n": accepts(good.R, plus(good.S)),
			"-r": accepts(new(big.Int).Neg(good.R), good.S), "r and s changed places": accepts(good.S, good.R),
		} {
			if taken {
				t.Errorf("%s: %s is taken", p.Name, what)
			}
		}
		// How gmrtd reads keys.
		whole4 := append([]byte{4}, point...)
		if x, _ := elliptic.Unmarshal(whole, whole4); x == nil || x.Cmp(key.X) != 0 { //nolint:staticcheck // crypto/ecdh knows none of these curves
			t.Errorf("%s: its key is not read", p.Name)
		}
		whole4[len(whole4)-1] ^= 1
		if x, _ := elliptic.Unmarshal(whole, whole4); x != nil { //nolint:staticcheck // the same
			t.Errorf("%s: a point beside the curve is taken for a key", p.Name)
		}
	}
}

// The sums of the curves keep the laws of a group, at their odd places too.
func TestSumsOnCurves(t *testing.T) {
	t.Parallel()
	type point [2]*big.Int
	for _, x := range signedElsewhere() {
		var c group = x.curve()
		p := c.Params()
		add := func(a, b point) point { x, y := c.Add(a[0], a[1], b[0], b[1]); return point{x, y} }
		times := func(k int64) point { x, y := c.ScalarBaseMult(big.NewInt(k).Bytes()); return point{x, y} }
		same := func(a, b point) bool { return a[0].Cmp(b[0]) == 0 && a[1].Cmp(b[1]) == 0 }
		one, none := point{p.Gx, p.Gy}, point{new(big.Int), new(big.Int)}
		minus := point{p.Gx, new(big.Int).Sub(p.P, p.Gy)}
		doubleX, doubleY := c.Double(p.Gx, p.Gy)
		for what, ok := range map[string]bool{
			"0·G": same(times(0), none), "1·G": same(times(1), one), "G+G": same(add(one, one), times(2)), "2·G": same(point{doubleX, doubleY}, times(2)),
			"G+0": same(add(one, none), one), "0+G": same(add(none, one), one), "0+0": same(add(none, none), none), "G-G": same(add(one, minus), none),
			"2·G+3·G": same(add(times(2), times(3)), times(5)), "3·G+2·G": same(add(times(3), times(2)), times(5)),
			"(G+2·G)+4·G": same(add(add(one, times(2)), times(4)), add(one, add(times(2), times(4)))), "1000·G": c.IsOnCurve(times(1000)[0], times(1000)[1]),
			"infinity": !c.IsOnCurve(none[0], none[1]), "a point beside it": !c.IsOnCurve(p.Gx, new(big.Int).Add(p.Gy, big.NewInt(1))),
			"a point beyond the prime": !c.IsOnCurve(new(big.Int).Add(p.Gx, p.P), p.Gy), "one below nothing": !c.IsOnCurve(p.Gx, new(big.Int).Sub(p.Gy, p.P)),
		} {
			if !ok {
				t.Errorf("%s: %s is wrong", p.Name, what)
			}
		}
	}
}

// BenchmarkBrainpool verifies one signature.
func BenchmarkBrainpool(b *testing.B) {
	hash := sha256.Sum256([]byte("RFC 5639"))
	for _, x := range signedElsewhere() {
		point, err := hex.DecodeString(x.key)
		if err != nil {
			b.Fatal(err)
		}
		proof, err := hex.DecodeString(x.proof)
		if err != nil {
			b.Fatal(err)
		}
		half := len(point) / 2
		key := publicKey(x.curve(), new(big.Int).SetBytes(point[:half]), new(big.Int).SetBytes(point[half:]))
		b.Run(x.curve().Params().Name, func(b *testing.B) {
			for b.Loop() {
				if !ecdsa.VerifyASN1(key, hash[:], proof) {
					b.Fatal("refused")
				}
			}
		})
	}
}
