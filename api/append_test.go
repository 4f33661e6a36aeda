package api

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

func FuzzAppend(f *testing.F) {
	f.Add("plain", 0.1234)
	f.Add("\"\\\u2028\xff\u00e9<", -1e-7)
	f.Add("\u041a\u0443\u0438\u043b\u043b\n", 123456789.00009999)
	f.Fuzz(func(t *testing.T, s string, n float64) {
		if math.IsNaN(n) || math.IsInf(n, 0) {
			n = 0
		}
		for _, n := range []float64{n, math.Round(n*1e4) / 1e4} {
			want, err := json.Marshal(n)
			if got := AppendFloat(nil, n); err == nil && string(got) != string(want) {
				t.Errorf("%s, not %s", got, want)
			}
		}
		var want strings.Builder
		if err := writeJSON(&want, []string{s, s}); err != nil {
			t.Fatal(err)
		}
		if got := AppendStrings(nil, []string{s, s}); string(got)+"\n" != want.String() {
			t.Errorf("%s, not %s", got, want.String())
		}
	})
}

func TestNumbersWithoutJSONAreAMistake(t *testing.T) {
	t.Parallel()
	for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		func() {
			defer func() {
				err, ok := recover().(error)
				if e := (*json.UnsupportedValueError)(nil); !ok || !errors.As(err, &e) {
					t.Errorf("%v: %v", n, err)
				}
			}()
			t.Errorf("%s", AppendFloat(nil, n))
		}()
	}
}
