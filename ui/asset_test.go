package ui

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTheStyleSheetIsSqueezed(t *testing.T) {
	t.Parallel()
	got := string(squeezed([]byte("/* why\n a: b */ .a > b:hover { color: red; margin: 0 1px }\n@media (max-width: 9rem) { .c, .d { inset: calc(1px + 2px); } }\n")))
	if want := ".a > b:hover{color:red;margin:0 1px}@media (max-width:9rem){.c,.d{inset:calc(1px + 2px)}}"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for _, name := range []string{"app.css", "console.css"} {
		raw, err := built.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		css := string(squeezed(raw))
		if strings.Contains(css, "/*") || strings.Count(css, "{") != strings.Count(css, "}") || len(css) > len(raw)*96/100 {
			t.Errorf("%s: %d bytes of %d", name, len(css), len(raw))
		}
	}
}

// Applicants get the sheet of all pages alone, the console both, the shared one
// first.
func TestApplicantsAreSpared(t *testing.T) {
	t.Parallel()
	kit, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := kit.Pages(fstest.MapFS{"a.html": {Data: []byte(`{{define "main"}}x{{end}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	for area, want := range map[string]string{"capture": "app", "console": "app console", "console alone": "app console"} {
		page, err := pages.Draw("a", "layout", kit.Languages()[0], View{Title: "x", Area: area})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range regexp.MustCompile(`<link rel="stylesheet" href="/assets/([a-z]+)-[0-9a-f]+\.css">`).FindAllStringSubmatch(string(page), -1) {
			got = append(got, m[1])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", area, got)
		}
	}
}
