package flow

import (
	"bytes"
	"encoding/json"
	"testing"
)

// The writer must agree with the library's canonical form on every tree that
// can be read, byte for byte.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{
		`{"b":1,"a":[true,false,null,"x<>&\u2028\"\\\u0001é𝄞"],"":{},"n":-0}`, `{"\ue000":1,"𐀀":2,"a":3,"ab":4}`,
		`[0,-1,10,1.0,1.50,1e3,1E-7,123456789012345,0.1,-0.0,100000000000000000000,9007199254740993]`, `[[],{},"",[[{"x":[]}]]]`, `"\ud800"`, `-00`, `01`, `1e999`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		tree, ok := readTree(raw, func(string, string, string) {})
		if !ok {
			return
		}
		got, err := encode(tree)
		marshalled, bad := json.Marshal(tree)
		if bad != nil {
			t.Fatal(bad)
		}
		want, worse := Canonical(marshalled)
		if (err == nil) != (worse == nil) {
			t.Fatalf("one form fails and the other does not: %v, %v", err, worse)
		}
		if err == nil && !bytes.Equal(got, want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}
