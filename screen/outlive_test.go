package screen

import (
	"reflect"
	"runtime"
	"slices"
	"testing"
	"unsafe"
)

// What is answered stays when the list it came from is replaced and its file
// unmapped: no answer may share the memory of an index.
func TestAnswersOutliveTheIndex(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	importCSV(t, s, "even", savedCSV(300, false))
	x := s.state.Load().lists["even"].index
	var held [][2]uintptr
	for _, img := range []*image{x.image, s.state.Load().words.image} {
		from := reflect.ValueOf(img.data).Pointer()
		held = append(held, [2]uintptr{from, from + uintptr(len(img.data))})
	}
	var results []any
	for _, q := range savedQueries {
		results = append(results, s.Match(q), s.Match(Query{Name: q.Name, Aliases: q.Aliases, Identifiers: q.Identifiers, Mode: ModeOFAC, ToMiss: true}))
	}
	e, ok := s.Entry("even", "p5")
	c, known := s.Changes("even", []string{"p1", "p2", "p3"})
	if !ok || !known {
		t.Fatal("the entry is not there")
	}
	results = append(results, e, *c, s.IdentifierKinds(), s.Status(), slices.Collect(x.all()))
	strs := 0
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			strs++
			p := uintptr(unsafe.Pointer(unsafe.StringData(v.String())))
			for _, h := range held {
				if v.Len() > 0 && p >= h[0] && p < h[1] {
					t.Errorf("%q lies in an image", v.String())
				}
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				walk(k)
				walk(v.MapIndex(k))
			}
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		}
	}
	walk(reflect.ValueOf(results))
	if strs < 3000 {
		t.Errorf("only %d strings were looked at", strs)
	}
	runtime.KeepAlive(x)
}
