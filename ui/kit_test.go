package ui

import (
	"sync"
	"testing"
	"testing/fstest"
)

// Pages are parsed when they are first drawn, by whoever comes first, and one
// that cannot be parsed is an error each time and spoils no other.
func TestPagesAreParsedWhenTheyAreDrawn(t *testing.T) {
	t.Parallel()
	kit, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := kit.Pages(fstest.MapFS{"good.html": {Data: []byte(`{{define "main"}}<p>{{.Page}}</p>{{end}}`)}, "bad.html": {Data: []byte(`{{define "main"}}{{`)}})
	if err != nil {
		t.Fatal(err)
	}
	english := kit.Languages()[0]
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			b, err := pages.Draw("good", "main", english, View{Page: "<b>"})
			if err != nil || string(b) != "<p>&lt;b&gt;</p>" {
				t.Errorf("%s %v", b, err)
			}
			if _, err := pages.Draw("bad", "main", english, View{}); err == nil {
				t.Error("a page that cannot be parsed was drawn")
			}
		})
	}
	all.Wait()
	if _, err := pages.Draw("none", "main", english, View{}); err == nil {
		t.Error("a page that is not there was drawn")
	}
}
