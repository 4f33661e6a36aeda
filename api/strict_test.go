package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// TestOtherCaseNeverReplacesAValue is the hole of huma 2.39 that
// design/engine.md names in section 6.4: with its own decoder a second key in
// other case, which nobody has validated, replaces the validated value.
func TestOtherCaseNeverReplacesAValue(t *testing.T) {
	t.Parallel()
	var v struct {
		Workflow string `json:"workflow_id"`
		Inner    struct {
			N int `json:"n"`
		} `json:"inner"`
	}
	if err := DecodeInto([]byte(`{"workflow_id":"good","Workflow_id":"evil","inner":{"n":1,"N":2}}`), &v); err != nil {
		t.Fatal(err)
	}
	if v.Workflow != "good" || v.Inner.N != 1 {
		t.Errorf("replaced: %+v", v)
	}
	if err := DecodeInto([]byte(`{"workflow_id":"good","workflow_id":"evil"}`), &v); kyc.KindOf(err) != kyc.Malformed {
		t.Errorf("a duplicate key is %v", err)
	}
	if err := DecodeInto([]byte(`{"inner":{"n":"x"}}`), &v); !kyc.IsCode(err, "wrong_type") || kyc.AsError(err).Problems[0].Path != "/inner/n" {
		t.Errorf("a wrong type is %v", err)
	}
}

func TestDecodeGivesWhatStandardJSONGives(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{`null`, `true`, `0`, `-1.5e3`, `"a\u00e9\ud83d\ude00"`, `[]`, `{}`, `[1,[2,{"a":null}]]`, ` {"a" : [ ] } `} {
		got, err := Decode([]byte(doc))
		if err != nil {
			t.Errorf("%s: %v", doc, err)
			continue
		}
		dec := json.NewDecoder(strings.NewReader(doc))
		dec.UseNumber()
		var want any
		if err := dec.Decode(&want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, want %#v", doc, got, want)
		}
	}
	for _, bad := range []string{``, ` `, `{`, `[1,]`, `{"a":1,}`, `{a:1}`, `{'a':1}`, `01`, `+1`, `1.`, `NaN`, `"\ud800"`, `"a` + "\n" + `"`, `1 2`, `// x`, "\ufeff{}", `{"a":1 "b":2}`, `nul`, `1e400`} {
		if _, err := Decode([]byte(bad)); kyc.KindOf(err) != kyc.Malformed {
			t.Errorf("%q is accepted: %v", bad, err)
		}
	}
	nested := func(n int) []byte { return []byte(strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n)) }
	if _, err := Decode(nested(maxDepth)); err != nil {
		t.Errorf("%d levels: %v", maxDepth, err)
	}
	if _, err := Decode(nested(maxDepth + 1)); !kyc.IsCode(err, "too_deep") {
		t.Errorf("%d levels: %v", maxDepth+1, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":null}],"c":"d"}`, `{"a":1,"a":2}`, `[[[[`, `"\ud800"`, `1e999`, `{"a":1e-999999999}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Decode(data)
		if err != nil {
			if kyc.KindOf(err) != kyc.Malformed {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		// What we accept, the standard library accepts and reads alike.
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		var want any
		if err := dec.Decode(&want); err != nil {
			t.Fatalf("accepted %q, which is no JSON: %v", data, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q read as %#v, not %#v", data, got, want)
		}
	})
}

func FuzzCursor(f *testing.F) {
	clock := kyc.ClockFunc(func() time.Time { return time.Unix(1_700_000_000, 0) })
	s := NewSigner(bytes.Repeat([]byte{1}, 32), clock)
	tenant := kyc.Tenant{Org: "o", Env: kyc.Live}
	id := kyc.NewID(clock.Now())
	good := s.Cursor(id, tenant, "list", "filters")
	f.Add(good)
	f.Add("")
	f.Add(s.Link("document", Grant{Object: id}, LinkLife))
	f.Fuzz(func(t *testing.T, cursor string) {
		got, err := s.OpenCursor(cursor, tenant, "list", "filters")
		if err == nil && cursor != good {
			// Only one text may open; the seed's id differs between processes.
			if s.Cursor(got, tenant, "list", "filters") != cursor {
				t.Fatalf("forged: %q", cursor)
			}
		}
		if err != nil && kyc.KindOf(err) != kyc.Malformed {
			t.Fatal(err)
		}
		if _, err := s.OpenLink("document", cursor); err != nil && kyc.KindOf(err) != kyc.Forbidden {
			t.Fatal(err)
		}
	})
}
