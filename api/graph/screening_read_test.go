package graph

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// TestQuickQuestionsAreAnsweredAsUsual sends many bodies that are nearly right
// twice: as they are, and with a name of a field escaped, which the quick way
// leaves to the usual one. Status, headers and answer are the same.
func TestQuickQuestionsAreAnsweredAsUsual(t *testing.T) {
	t.Parallel()
	b := listed(t)
	r := rand.New(rand.NewPCG(5, 6))
	fields := map[string][]string{
		"name":       {`"Barnabas Quillfeather"`, `"Barney Quillfeather"`, `"Vrantz, Oleander"`, `"Ltd"`, `""`, `1`, `"` + strings.Repeat("x", 20_001) + `"`, `"` + strings.Repeat("é", 15_000) + `"`},
		"first_name": {`"Oleander"`, `"` + strings.Repeat("x", 251) + `"`}, "last_name": {`"Vrantz"`, `[]`}, "aliases": {`[]`, `["Barney Quillfeather"]`, `"a"`, `[1]`},
		"type": {`"person"`, `"entity"`, `"vessel"`, `"aircraft"`, `"unknown"`, `"ghost"`, `""`}, "dob": {`"1961-04-02"`, `"1961"`, `"soon"`, `""`, `"1961-04-02T00"`},
		"gender": {`"M"`, `"female"`, `"X"`, `""`, `1`, `"` + strings.Repeat("x", 21) + `"`}, "country": {`"GB"`, `"nowhere"`, `"` + strings.Repeat("x", 101) + `"`}, "identifiers": {`["X123456"]`, `[]`, `{}`}, "lists": {`["own"]`, `["absent"]`, `[]`, `["own","own"]`, `null`},
		"purpose": {`"any"`, `"sanctions"`, `"pep"`, `"crime"`, `"fun"`}, "topics": {`["crime"]`, `[]`, `["sanction"]`}, "datasets": {`["own"]`, `["other"]`, `[]`},
		"explain": {`"full"`, `"brief"`, `"none"`, `""`, `1`}, "mode": {`"bonafide"`, `"ofac"`, `"other"`}, "limit": {`1`, `10`, `1000`, `0`, `1001`, `1.5`, `1.0`, `-1`, `"1"`, `1e1`}, "threshold": {`0`, `0.0`, `0.5`, `1`, `1.0`, `1.1`, `"0"`, `-0`, `true`},
		"Name": {`"x"`}, "more": {`1`},
	}
	var names []string
	for _, name := range []string{"name", "first_name", "last_name", "aliases", "type", "dob", "country", "gender", "identifiers", "lists", "purpose", "topics", "datasets", "mode", "explain", "limit", "threshold", "Name", "more"} {
		if fields[name] == nil {
			t.Fatal(name)
		}
		names = append(names, name)
	}
	ages := regexp.MustCompile(`"age_seconds":\d+`) // the clock goes on
	quick, found := 0, 0
	for i := range 1500 {
		parts := []string{`"name":"Barnabas Quillfeather"`}
		if r.IntN(4) == 0 {
			parts = nil
		}
		for range 1 + r.IntN(4) {
			name := names[r.IntN(len(names))]
			if r.IntN(50) > 0 && strings.Contains(strings.Join(parts, ","), `"`+name+`"`) {
				continue // a name twice is rare
			}
			values := fields[name]
			value := values[r.IntN(len(values))]
			if r.IntN(2) == 0 {
				value = values[0]
			}
			parts = append(parts, `"`+name+`":`+value)
		}
		if len(parts) == 0 {
			continue
		}
		body := "{" + strings.Join(parts, ", ") + "}"
		if new(party).read([]byte(body)) {
			quick++
		}
		escaped := `{"\u00` + hexOf(body[2]) + body[3:]
		if new(party).read([]byte(escaped)) {
			t.Fatalf("%s is read quickly", escaped)
		}
		a, z := b.live.Call("POST", "/screening/match", body), b.live.Call("POST", "/screening/match", escaped)
		if a.Status == 200 {
			found += len(a.List("matches"))
		}
		for name, values := range z.Header {
			if name != "X-Request-Id" && name != "Date" && !strings.HasPrefix(name, "X-Ratelimit") && strings.Join(a.Header[name], "|") != strings.Join(values, "|") && name != "Content-Length" {
				t.Errorf("%d %s: %s is %q and not %q", i, body, name, a.Header[name], values)
			}
		}
		for _, of := range []*reply{&a, &z} {
			if id := of.Header.Get("X-Request-Id"); id != "" {
				of.Raw = []byte(strings.ReplaceAll(string(of.Raw), id, "ID"))
			}
			of.Raw = ages.ReplaceAll(of.Raw, nil)
		}
		if a.Status != z.Status || string(a.Raw) != string(z.Raw) || len(a.Header) != len(z.Header) {
			t.Errorf("%.300s\n%d %.500s\n%d %.500s", body, a.Status, a.Raw, z.Status, z.Raw)
		}
	}
	if quick < 300 || found < 300 {
		t.Errorf("of the bodies %d were read quickly, %d parties were found", quick, found)
	}
}

func hexOf(c byte) string { return string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]) }
