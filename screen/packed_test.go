package screen

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"bonafide/roster"
)

// fill sets every field of a value, slices with two elements, to something
// that stands nowhere else.
func fill(v reflect.Value, next *int) {
	*next++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), next)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), next)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d 名", *next))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(int64(19000101 + *next))
	default:
		panic("a packed entry has no " + v.Kind().String() + " yet: write it in packed.go and here")
	}
}

// What is packed comes back whole: a field that somebody adds to roster.Entity
// and forgets in packed.go fails here.
func TestPackedEntity(t *testing.T) {
	t.Parallel()
	var full roster.Entity
	next := 0
	fill(reflect.ValueOf(&full).Elem(), &next)
	full.Names[1].Quality = roster.QualityWeak
	entities := []roster.Entity{
		full,
		{ID: "bare", Names: []roster.Name{{Text: "Bare Name"}}},
		{ID: "long", Type: roster.TypePerson, Names: []roster.Name{{Text: strings.Repeat("Long ", 190)}}, Addresses: []string{strings.Repeat("x", 70000)}, Births: []roster.Span{{From: 22001231, To: 18000101, Circa: true}}},
		{ID: "number alone", Identifiers: []roster.Identifier{{Kind: "imo", Value: "9187629"}, {Kind: "other", Value: "1"}}},
		full,
	}
	entities[4].ID = "twin"
	x := buildIndex("list", "v", false, entities)
	at := 0
	for e := range x.all() {
		if !reflect.DeepEqual(e, entities[at]) {
			t.Errorf("entry %d came back as %+v", at, e)
		}
		if got, ok := x.find(e.ID); !ok || int(got) != at {
			t.Errorf("%s is found at %d (%v)", e.ID, got, ok)
		}
		facts := x.facts(uint32(at))
		if facts.ID != e.ID || facts.Type != e.Type || !reflect.DeepEqual(facts.Births, e.Births) || !reflect.DeepEqual(facts.Countries, e.Countries) ||
			!reflect.DeepEqual(facts.Identifiers, e.Identifiers) || !reflect.DeepEqual(facts.Topics, e.Topics) || !reflect.DeepEqual(facts.Datasets, e.Datasets) {
			t.Errorf("the facts of %s are %+v", e.ID, facts)
		}
		at++
	}
	if _, ok := x.find("nobody"); ok || at != len(entities) {
		t.Errorf("%d entries; an id that is nobody's is found: %v", at, ok)
	}
	for n := range x.nameEntity {
		want := entities[x.nameEntity[n]].Names[x.nameNumber[n]]
		if x.name(n) != want || x.nameText(n) != want.Text || x.weak(n) != (want.Quality == roster.QualityWeak) {
			t.Errorf("name %d is %+v, want %+v", n, x.name(n), want)
		}
	}
	if got := x.withNumber(numberKey("IMO 9187628")); len(got) != 0 {
		t.Errorf("another number leads to %v", got)
	}
	if got := x.withNumber("9187629"); len(got) != 1 || got[0] != 3 {
		t.Errorf("the number leads to %v", got)
	}
}

// Every slice of an index and of a dictionary lies in its image: one that is
// forgotten in columns would be empty after the next start.
func TestColumnsAreComplete(t *testing.T) {
	t.Parallel()
	x := buildIndex("list", "v", false, []roster.Entity{{ID: "1", Type: roster.TypePerson, Topics: []string{"role.pep"}, Names: []roster.Name{{Text: "DOE, John Jack"}, {Text: "Wang Yiwei", Quality: roster.QualityWeak}}, Identifiers: []roster.Identifier{{Kind: "passport", Value: "A1234567"}}}})
	d := buildDictionary(map[string]*index{"list": x})
	inside := func(of string, m *image, v reflect.Value, but ...string) {
		from := reflect.ValueOf(m.data).Pointer()
		var walk func(path string, v reflect.Value)
		walk = func(path string, v reflect.Value) {
			switch v.Kind() {
			case reflect.Struct:
				for i := range v.NumField() {
					walk(path+"."+v.Type().Field(i).Name, v.Field(i))
				}
			case reflect.Slice, reflect.Map:
				for _, b := range but {
					if strings.HasSuffix(path, b) {
						return
					}
				}
				if v.Kind() == reflect.Map {
					t.Errorf("%s is a map and cannot be saved", path)
				} else if at := v.Pointer(); v.Len() == 0 || at < from || at >= from+uintptr(len(m.data)) {
					t.Errorf("%s (%d long) is not in the image; is it missing in columns?", path, v.Len())
				}
			}
		}
		walk(of, v)
	}
	inside("index", x.image, reflect.ValueOf(x).Elem(), ".Kinds", ".Topics", ".Datasets") // in indexMeta, which is written as JSON
	inside("dictionary", d.image, reflect.ValueOf(d).Elem(), ".members", ".scratch")
	m := reflect.ValueOf(d.members["list"]).Elem()
	for _, name := range []string{"local", "entry", "has"} {
		inside("member."+name, d.image, m.FieldByName(name))
	}
	if x.image.lend(d.columns()) {
		t.Error("an index passes for a dictionary")
	}
}
