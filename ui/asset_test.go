package ui

import (
	"strings"
	"testing"
)

func TestTheStyleSheetIsSqueezed(t *testing.T) {
	t.Parallel()
	got := string(squeezed([]byte("/* why\n a: b */ .a > b:hover { color: red; margin: 0 1px }\n@media (max-width: 9rem) { .c, .d { inset: calc(1px + 2px); } }\n")))
	if want := ".a > b:hover{color:red;margin:0 1px}@media (max-width:9rem){.c,.d{inset:calc(1px + 2px)}}"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	raw, err := built.ReadFile("app.css")
	if err != nil {
		t.Fatal(err)
	}
	css := string(squeezed(raw))
	if strings.Contains(css, "/*") || strings.Count(css, "{") != strings.Count(css, "}") || len(css) > len(raw)*96/100 {
		t.Errorf("%d bytes of %d", len(css), len(raw))
	}
}
