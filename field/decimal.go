package field

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Numbers are exact decimals with at most 30 digits before and 20 after the
// point. The bounds keep a literal such as 1e999999999 from costing memory;
// no amount of money, age or share needs more.
const (
	wholeDigits    = 30
	fractionDigits = 20
)

// decimal reads a JSON number exactly. It reports false for anything that is
// no number, not finite or beyond the bounds; a string is never a number.
func decimal(v any) (*big.Rat, bool) {
	text, ok := literal(v)
	if !ok {
		return nil, false
	}
	return ratOf(text)
}

func literal(v any) (string, bool) {
	switch n := v.(type) {
	case json.Number:
		return string(n), true
	case float64:
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return "", false
		}
		return strconv.FormatFloat(n, 'g', -1, 64), true
	case int:
		return strconv.Itoa(n), true
	case int64:
		return strconv.FormatInt(n, 10), true
	}
	return "", false
}

func ratOf(text string) (*big.Rat, bool) {
	if !isNumber(text) || len(text) > 64 {
		return nil, false
	}
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		e, err := strconv.Atoi(text[i+1:])
		if err != nil || e > 2*wholeDigits || e < -2*wholeDigits {
			return nil, false
		}
		mantissa, exponent = text[:i], e
	}
	r, ok := new(big.Rat).SetString(mantissa)
	if !ok {
		return nil, false
	}
	if exponent != 0 {
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(exponent, -exponent))), nil)
		if exponent > 0 {
			r.Mul(r, new(big.Rat).SetInt(scale))
		} else {
			r.Quo(r, new(big.Rat).SetInt(scale))
		}
	}
	whole := new(big.Int).Quo(r.Num(), r.Denom())
	if len(whole.Abs(whole).Text(10)) > wholeDigits || scaleOf(r) > fractionDigits {
		return nil, false
	}
	return r, true
}

// isNumber follows the grammar of RFC 8259, which big.Rat is laxer than.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() int {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n
	}
	zero := strings.HasPrefix(s, "0")
	if n := digits(); n == 0 || zero && n > 1 {
		return false
	}
	if strings.HasPrefix(s, ".") {
		s = s[1:]
		if digits() == 0 {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if digits() == 0 {
			return false
		}
	}
	return s == ""
}

// scaleOf counts the decimals an exact decimal needs; it gives a number above
// fractionDigits when that bound is passed.
func scaleOf(r *big.Rat) int {
	n, exact := r.FloatPrec()
	if !exact {
		return fractionDigits + 1
	}
	return n
}

// plain writes an exact decimal without exponent and trailing zeros, so that
// equal numbers are stored equally.
func plain(r *big.Rat) json.Number {
	return json.Number(r.FloatString(scaleOf(r)))
}
