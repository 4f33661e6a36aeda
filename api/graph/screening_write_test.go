package graph

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"bonafide/api"
)

// TestScreeningWritesWhatEncodingJSONWrites fills the answers at random, every
// field of every type in them, so that a field that is added to one of them and
// not to its writer is found.
func TestScreeningWritesWhatEncodingJSONWrites(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 3000 {
		for _, v := range []api.Appender{&Screening{}, &screened{}, &screenedAll{}} {
			at := reflect.ValueOf(v).Elem()
			if i > 0 { // the first one stays empty
				fill(r, at)
			}
			var want bytes.Buffer
			enc := json.NewEncoder(&want)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(at.Interface()); err != nil {
				t.Fatal(err)
			}
			got, ok := at.Interface().(api.Appender)
			if !ok {
				t.Fatalf("%T is no api.Appender as huma hands it over", at.Interface())
			}
			if out := append(got.AppendJSON([]byte("before")), '\n'); string(out) != "before"+want.String() {
				t.Fatalf("%T\n%s\n%s", v, out, want.String())
			}
		}
	}
}

// fill sets everything in v.
func fill(r *rand.Rand, v reflect.Value) {
	if v.Type() == reflect.TypeFor[stamp]() {
		if r.IntN(4) > 0 {
			v.Set(reflect.ValueOf(at(time.UnixMilli(r.Int64N(1e13)).In(time.FixedZone("", 3600*r.IntN(12))))))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	case reflect.Pointer:
		if r.IntN(2) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Slice:
		if n := r.IntN(4); n > 0 { // else null
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range n - 1 {
				fill(r, v.Index(i))
			}
		}
	case reflect.String:
		words := [...]string{"", "Quillfeather", `a "quoted" word`, `back\slash`, "<b>&amp;</b>", "\u041a\u0443\u0438\u043b\u043b", "\u91d1\u6b63", "\u00e9\n\t\r\b\f\x00\x1f\x7f", "line\u2028end\u2029",
			"\xff half\xc3", "\u00e9 \x01", "\u00e9\"", "\U0001F600", "\ufffd"}
		v.SetString(words[r.IntN(len(words))])
	case reflect.Bool:
		v.SetBool(r.IntN(2) > 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64() >> r.IntN(64) * (1 - 2*r.Int64N(2)))
	case reflect.Float64:
		numbers := [...]float64{0, math.Copysign(0, -1), 1, -1, 0.5, 1e-4, -1e-4, 9.9e-5, 1e-6, 9.99e-7, -1e-9, 1e-10, 5e-324, 1e20, 1e21, -1.5e300, math.MaxFloat64, 99999999.9999, 123456789.1234, 0.1 + 0.2,
			r.Float64(), r.NormFloat64() * 1e9, math.Round(r.NormFloat64()*1e4) / 1e4, float64(r.IntN(10_001)) / 1e4, math.Float64frombits(r.Uint64() &^ (1 << 62))}
		v.SetFloat(numbers[r.IntN(len(numbers))])
	default:
		panic("fill cannot fill " + v.Type().String())
	}
}

func BenchmarkScreeningWrites(b *testing.B) {
	one := match{List: "own", Version: "sha256:18d99a55b344eb3fed0e76e6d836a23abd017cb88bfce54603b407d671de67ef", ID: "7828", Type: "person", Name: "Barnabas Quillfeather", MatchedName: "Barney Quillfeather",
		NameQuality: "strong", Score: 0.9409, Risk: 0.93, Programs: []string{"SDGT"}, Topics: []string{"sanction"}, BirthDates: []string{"1961-04-02"}, Countries: []string{"GB"}}
	for range 4 {
		one.Features = append(one.Features, matchRow{Name: "word", Query: "Barnaby", Listed: "Barnabas", Rule: "spelling", Value: 0.97, Points: 0.4609})
	}
	one.RiskFeatures = one.Features[:3]
	s := Screening{Status: "ok", Lists: []listVersion{{List: "own", Status: "ok"}}, Notes: []string{}}
	for range 10 {
		s.Matches = append(s.Matches, one)
	}
	b.Run("itself", func(b *testing.B) {
		var out []byte
		for b.Loop() {
			out = s.AppendJSON(out[:0])
		}
		b.SetBytes(int64(len(out)))
	})
	b.Run("reflected", func(b *testing.B) {
		var out bytes.Buffer
		for b.Loop() {
			out.Reset()
			if err := json.NewEncoder(&out).Encode(s); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(out.Len()))
	})
}
