package roster

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var oddFTM = []string{
	`{"id":"a","schema":"Person","caption":"A","properties":{"name":["A","Ä \u00e9 \ud83d\ude00"],"birthDate":[]},"datasets":["x","y"],"target":true}`,
	` { "id" : "a" , "schema":"Person", "properties" : { } , "referents": [[{"id":"b"}],1.5e3,null] } `,
	`{"id":"a","schema":"Person","referents":["x"],"target":true,"n":[1,0,null],"properties":{"name":["A","B"],"alias":[]}}`, `{"id":"a","x":01,"schema":"Person","properties":{}}`, `{"id":"a","ſchema":"Person","properties":{}}`,
	`{"id":"a","schema":"Person","properties":{"name":["A"],"name":["B"]}}`, `{"id":"a","id":"b","schema":"Person","properties":{"name":["A"]}}`, "{\"id\":\"a\xff\",\"schema\":\"Person\",\"properties\":{}}",
	`{"id":"a","schema":"Person"}`, `{"id":"a","schema":"Person","properties":null}`, `{"ID":"a","Schema":"Person","Properties":{"name":["A"]}}`,
	`{"id":"a","schema":"Position","caption":"Minister"}`, `{"id":"a","schema":"Person","properties":{"name":"A","weakAlias":7,"alias":[null,"b",3,true,{}]}}`,
	`{"id":"a","id":"b","schema":"Person","properties":{"name":["A"],"name":["B"]}}`, `{"id":"a","schema":"Person","properties":{"na\u006de":["A"]}}`,
	"{\"id\":\"a\",\"schema\":\"Person\",\"properties\":{\"name\":[\"bad \xff utf8\"]}}", `{"id":"a","schema":"Person","properties":{"name":["\ud800"]}}`,
	`{"id":7,"schema":"Person","properties":{}}`, `{"id":"a","schema":"Person","properties":{"name":["A"]}`, `{"id":"a","schema":"Person","properties":{"name":["A"]}}}`,
	`{"id":"a","schema":"Person","properties":{"name":["A"]}} {"id":"b"}`, `{"id":"a","schema":"Person","properties":{"name":["A",]}}`, `{"id":"a","schema":"Person","datasets":"one","properties":{"name":["A"]}}`,
	`[]`, `"a"`, `{`, ``, `null`, `{"id":null,"schema":"Person","properties":{"name":["A"]}}`, `{"id":"a","schema":"Person","properties":{"name":[["A"]]}}`,
}

// sameFTM compares the fast reader with encoding/json on one line.
func sameFTM(t testing.TB, r *ftmReader, line []byte) (usual bool) {
	t.Helper()
	got, err := r.read(line)
	var want ftmEntity
	bad := json.Unmarshal(line, &want)
	if (err == nil) != (bad == nil) {
		t.Fatalf("%s: %v, encoding/json says %v", line, err, bad)
	}
	if err != nil {
		return false
	}
	plain := func(x *ftmEntity) any {
		p := map[string][]string{}
		for k, v := range x.Properties {
			p[k] = append([]string{}, v...)
		}
		return []any{x.ID, x.Caption, x.Schema, append([]string{}, x.Datasets...), p, x.Properties == nil}
	}
	if !reflect.DeepEqual(plain(got), plain(&want)) {
		t.Fatalf("%s:\n%+v, encoding/json reads\n%+v", line, plain(got), plain(&want))
	}
	return r.plain(line) && r.usual(line)
}

func TestFTMReaderReadsWhatJSONReads(t *testing.T) {
	t.Parallel()
	r := newFTMReader()
	for range 2 { // what the line before left must not show
		for _, line := range oddFTM {
			sameFTM(t, r, []byte(line))
		}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.ftm.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	lines, fast := 0, 0
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		for sc := bufio.NewScanner(f); sc.Scan(); {
			if line := strings.TrimSpace(sc.Text()); line != "" {
				lines++
				if sameFTM(t, r, []byte(line)) {
					fast++
				}
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if fast < lines/2 || fast == 0 {
		t.Errorf("%d of %d lines are plain and have the usual shape", fast, lines)
	}
}

func FuzzFTMReader(f *testing.F) {
	for _, line := range oddFTM {
		f.Add([]byte(line))
	}
	r := newFTMReader()
	f.Fuzz(func(t *testing.T, line []byte) { sameFTM(t, r, line) })
}
