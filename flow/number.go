package flow

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/cockroachdb/apd/v3"
)

// maxExponent bounds the numbers that are compared, so that a fact such as
// 1e99999 cannot cost memory. Such a fact counts as not a number.
const maxExponent = 5000

// numberOf reads a fact or a value as a decimal. Text is never a number.
func numberOf(v any) (*apd.Decimal, bool) {
	switch n := v.(type) {
	case json.Number:
		return parseNumber(string(n))
	case float64:
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, false
		}
		// The shortest decimal that gives this double is the number its
		// author meant: 0.1, not 0.1000000000000000055.
		return parseNumber(strconv.FormatFloat(n, 'g', -1, 64))
	case float32:
		return numberOf(json.Number(strconv.FormatFloat(float64(n), 'g', -1, 32)))
	case int:
		return apd.New(int64(n), 0), true
	case int64:
		return apd.New(n, 0), true
	case int32:
		return apd.New(int64(n), 0), true
	case uint64:
		return parseNumber(strconv.FormatUint(n, 10))
	}
	return nil, false
}

func parseNumber(s string) (*apd.Decimal, bool) {
	if len(s) > 512 {
		return nil, false
	}
	d, _, err := apd.NewFromString(s)
	if err != nil || d.Form != apd.Finite || d.Exponent > maxExponent || d.Exponent < -maxExponent {
		return nil, false
	}
	return d, true
}
