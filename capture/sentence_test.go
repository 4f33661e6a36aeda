package capture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/ui"
)

// codesOf are the codes that a room's code gives where a call fits.
func codesOf(t *testing.T, pattern string, fits func(call *ast.CallExpr) int) map[string]string {
	t.Helper()
	out := map[string]string{}
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files, %v", pattern, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if at := fits(call); at >= 0 && at < len(call.Args) {
				if lit, ok := call.Args[at].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if code, err := strconv.Unquote(lit.Value); err == nil {
						out[code] = name
					}
				}
			}
			return true
		})
	}
	return out
}

// on gives the name of a call's receiver and method.
func on(call *ast.CallExpr) (receiver, method string) {
	if s, ok := call.Fun.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok {
			return x.Name, s.Sel.Name
		}
	}
	if x, ok := call.Fun.(*ast.Ident); ok {
		return "", x.Name
	}
	return "", ""
}

// Every code that the answers of a form or a file can get has a sentence of its
// own, in every language; every other error of the pages has that of its kind.
func TestEveryCodeHasASentenceInEachLanguage(t *testing.T) {
	t.Parallel()
	kit, err := ui.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	own := codesOf(t, "../field/*.go", func(c *ast.CallExpr) int {
		receiver, method := on(c)
		switch {
		case receiver == "c" && method == "add" || receiver == "c" && method == "warn":
			return 1
		case method == "fail" && len(c.Args) >= 2:
			if _, ok := c.Args[0].(*ast.BasicLit); ok {
				return 0
			}
			return 1
		}
		return -1
	})
	failing := func(c *ast.CallExpr) int {
		if receiver, method := on(c); receiver == "kyc" && method == "Errorf" {
			if kind, ok := c.Args[0].(*ast.SelectorExpr); ok && strings.Contains("Invalid Malformed TooLarge UnsupportedMedia", kind.Sel.Name) {
				return 1
			}
		}
		return -1
	}
	for _, files := range []string{"../imagefile/*.go", "../journey/transfer.go", "../session/upload.go", "../intake/files.go"} {
		for code, file := range codesOf(t, files, failing) {
			own[code] = file
		}
	}
	if len(own) < 60 {
		t.Fatalf("only %d codes were found: %v", len(own), own)
	}
	languages := 0
	for _, l := range kit.Languages() {
		languages++
		for code, file := range own {
			text, ok := tell(l, code, "in the words of the API: 7")
			if !ok || strings.Contains(text, "words of the API") || strings.Contains(text, "{") {
				t.Errorf("%s: %s of %s has no sentence: %q", l.Code(), code, file, text)
			}
		}
		for code := range sentences() {
			if text, ok := tell(l, code, "the validation is in the words of the API: 7"); !ok || strings.Contains(text, "words of the API") {
				t.Errorf("%s: %s has no sentence: %q", l.Code(), code, text)
			}
		}
		for _, k := range []kyc.Kind{kyc.Invalid, kyc.Malformed, kyc.Conflict, kyc.TooLarge, kyc.UnsupportedMedia, kyc.Unavailable, kyc.RateLimited, kyc.Internal} {
			if text := told(l, k, kyc.Problem{Code: "never_heard_of", Message: "in the words of the API"}); text == "" || strings.Contains(text, "words") {
				t.Errorf("%s: errors of kind %v have no sentence: %q", l.Code(), k, text)
			}
		}
	}
	if languages != 7 {
		t.Errorf("%d languages", languages)
	}
}

// The words of a workflow's author stay theirs, and figures come along.
func TestSentencesKeepFiguresAndTheAuthorsWords(t *testing.T) {
	t.Parallel()
	kit, err := ui.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range kit.Languages() {
		if l.Code() != "de" {
			continue
		}
		for _, x := range []struct{ code, message, want string }{
			{"too_short", "at least 5 characters are needed", "Bitte schreiben Sie mindestens 5 Zeichen."},
			{"date_too_early", "the earliest day allowed is 2020-01-31", "Der früheste angenommene Tag ist 2020-01-31."},
			{"too_small", "the smallest value allowed is -1.5", "Der kleinste angenommene Wert ist -1.5."},
			{"too_small", "the smallest value allowed is nothing", "Diese Antwort wird hier nicht angenommen."},
			{"validation_country_in", "Nur Ausweise aus der Schweiz.", "Nur Ausweise aus der Schweiz."},
			{"validation_country_in", "the validation country_in does not hold", "Dokumente dieses Landes werden hier nicht angenommen."},
		} {
			if got := told(l, kyc.Invalid, kyc.Problem{Code: x.code, Message: x.message}); got != x.want {
				t.Errorf("%s: %q, want %q", x.code, got, x.want)
			}
		}
	}
}
