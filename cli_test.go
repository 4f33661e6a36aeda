package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// call runs a command of the program in this process.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, &out, &err)
	return code, out.String(), err.String()
}

// write puts a file into a folder of the test.
func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEveryFlagHasAnEnvironmentForm(t *testing.T) {
	t.Parallel()
	var cli commands
	parser, err := kong.New(&cli, kong.Name("bonafide"), kong.DefaultEnvars("BONAFIDE"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if f, ok := node.(*kong.Flag); ok && f.Name != "help" {
			seen++
			want := "BONAFIDE_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
			if !reflect.DeepEqual(f.Envs, []string{want}) {
				t.Errorf("--%s has the environment form %v, want %s", f.Name, f.Envs, want)
			}
			if f.Help == "" {
				t.Errorf("--%s has no help", f.Name)
			}
		}
		return next(nil)
	})
	if err != nil || seen < 30 {
		t.Errorf("%d flags seen, %v", seen, err)
	}
}

func TestEnvironmentFormsWork(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("BONAFIDE_DATA", dir)
	if code, out, complaint := call(t, "org", "create", "Acme"); code != 0 || len(strings.TrimSpace(out)) != 36 {
		t.Fatalf("%d %s %s", code, out, complaint)
	}
	if !exists(filepath.Join(dir, "bonafide.db")) {
		t.Error("BONAFIDE_DATA was not looked at")
	}
	t.Setenv("BONAFIDE_JSON", "true")
	if _, out, _ := call(t, "lists", "status"); !strings.HasPrefix(out, "{") {
		t.Errorf("BONAFIDE_JSON was not looked at: %s", out)
	}
}

func TestWrongUsageExitsTwoWithOneLine(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	passport := write(t, data, "p.txt", []byte("no picture"))
	for _, args := range [][]string{
		{"nonsense"}, {"serve", "--role", "boss"}, {"serve", "--nonsense"}, {"verify"}, {"lists", "import"}, {"lists", "import", "--source", "csv", "/no/such/file"},
		{"lists", "import", "--source", "nonsense", passport},
		{"workflow"}, {"workflow", "validate", "/no/such/file"}, {"replay"}, {"replay", "nonsense"}, {"key", "create"}, {"key", "create", "--org", "x", "--env", "moon"},
		{"user", "create", "--org", "x", "--email", "a@b.example", "--role", "king"}, {"inspect"}, {"bench"},
		{"verify", "--workflow", "docs/guide/passport.json", "--document", "passport"}, {"verify", "--workflow", "docs/guide/passport.json", "--field", "first_name"},
		{"verify", "--workflow", "docs/guide/passport.json", "--document", "horse=" + passport},
	} {
		code, out, complaint := call(t, append(args, "--data", data)...)
		if code != exitUsage || strings.Count(complaint, "\n") != 1 || !strings.HasPrefix(complaint, "bonafide: ") || out != "" {
			t.Errorf("%v: exit %d, stdout %q, stderr %q", args, code, out, complaint)
		}
	}
}

func TestErrorsAreOneLineAndExitOne(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	broken := write(t, data, "broken.json", []byte(`{"graph":`))
	text := write(t, data, "p.txt", []byte("no picture"))
	notFolder := filepath.Join(text, "below")
	for _, args := range [][]string{
		{"workflow", "validate", broken}, {"workflow", "graph", broken}, {"verify", "--workflow", broken},
		{"verify", "--workflow", "docs/guide/passport.json", "--document", "passport=" + text}, {"verify", "--workflow", "docs/guide/passport.json", "--document", "passport=/no/such/file"},
		{"verify", "--workflow", "no such workflow"}, {"replay", "session_0199a0b0-1111-7222-8333-444455556666"}, {"key", "list", "--org", "nobody"},
		{"audit", "verify", "--org", "nobody"}, {"user", "list", "--org", "nobody"}, {"lists", "search", "--list", "none", "Somebody"}, {"inspect", "/no/such/file"},
		{"org", "list", "--database", "postgres://nobody@127.0.0.1:1/none"}, {"org", "list", "--database", "mysql://x"},
		{"org", "list", "--data", notFolder}, {"serve", "--addr", "999.0.0.1:1"}, {"serve", "--addr", "127.0.0.1:0", "--webhook-allow", "nonsense"}, {"face", "compare", text, text},
	} {
		if !strings.Contains(strings.Join(args, " "), "--data") {
			args = append(args, "--data", filepath.Join(data, "d"))
		}
		code, out, complaint := call(t, args...)
		if code != exitError || strings.Count(complaint, "\n") != 1 || !strings.HasPrefix(complaint, "bonafide: ") || strings.Contains(out, "panic") {
			t.Errorf("%v: exit %d, stdout %q, stderr %q", args, code, out, complaint)
		}
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"help"}, {"--help"}, {"help", "serve"}, {"serve", "--help"}, {"help", "lists", "import"}} {
		if code, out, complaint := call(t, args...); code != 0 || !strings.Contains(out, "bonafide") || complaint != "" {
			t.Errorf("%v: %d %q %q", args, code, out, complaint)
		}
	}
	_, out, _ := call(t, "help")
	for _, command := range []string{"serve", "verify", "workflow", "lists", "inspect", "face", "models", "doctor", "nfc", "replay", "bench", "org", "key", "user", "audit", "version"} {
		if !strings.Contains(out, "\n  "+command) {
			t.Errorf("help does not mention %s:\n%s", command, out)
		}
	}
	if code, out, _ := call(t, "version"); code != 0 || !strings.HasPrefix(out, "bonafide "+version) || strings.Count(out, "\n") != 1 {
		t.Errorf("version: %d %q", code, out)
	}
}

func TestWorkflowCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code, out, complaint := call(t, "workflow", "validate", "docs/guide/passport.json"); code != 0 || !strings.Contains(out, "is valid") || complaint != "" {
		t.Errorf("validate: %d %s %s", code, out, complaint)
	}
	wrong := write(t, dir, "wrong.json", []byte(`{"name":"w","graph":{"entry":"start","nodes":{"start":{"type":"start","next":"a"},
	 "a":{"type":"policy","policy":"document_ocr","on_pass":"gone"},"b":{"type":"conditional","routes":[]}}}}`))
	code, out, complaint := call(t, "workflow", "validate", wrong)
	for _, want := range []string{"node_not_found", "policy_route_missing", "conditional_routes_missing", "conditional_default_missing", "/nodes/a"} {
		if !strings.Contains(out, want) {
			t.Errorf("validate does not tell %s:\n%s", want, out)
		}
	}
	if code != 1 || strings.Count(complaint, "\n") != 1 {
		t.Errorf("validate: exit %d, stderr %q", code, complaint)
	}
	var report struct {
		Valid  bool
		Errors []struct{ Path, Code, Message string }
	}
	if _, out, _ = call(t, "workflow", "validate", "--json", wrong); json.Unmarshal([]byte(out), &report) != nil || report.Valid || len(report.Errors) < 4 {
		t.Errorf("validate --json: %s", out)
	}
	for format, want := range map[string]string{"text": "watchlist_screening", "json": `"nodes"`, "dot": "digraph"} {
		if code, out, _ := call(t, "workflow", "graph", "--format", format, "docs/guide/passport.json"); code != 0 || !strings.Contains(out, want) {
			t.Errorf("graph --format %s: %d %s", format, code, out)
		}
	}
	// What the graph command prints in JSON is a graph again.
	_, out, _ = call(t, "workflow", "graph", "--format", "json", "docs/guide/passport.json")
	if !json.Valid([]byte(out)) {
		t.Errorf("graph --format json: %s", out)
	}
}

func TestVerifyExitsAsTheDecisionSays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	reader := newReader(&Globals{Data: dir})
	ocr := reader.Capabilities(t.Context())[0]
	reader.Close()
	if !ocr.Available {
		t.Skip("tesseract is not installed here; verify reads a passport")
	}
	person, expired := mirabel(), mirabel()
	expired.Expiry = time.Now().UTC().AddDate(-1, 0, 0)
	passport, old := write(t, dir, "p.png", specimen(t, person)), write(t, dir, "old.png", specimen(t, expired))
	workflow := write(t, dir, "w.json", []byte(`{"name":"Specimen and own list","graph":`+strings.ReplaceAll(liveGraph, "LISTS", `{"lists":["own"]}`)+`,"data_requirements":{"document_front":true,"user_info":{"first_name":"required","last_name":"required","date_of_birth":"required"}}}`))
	list := write(t, dir, "own.csv", []byte(ownList))
	verify := func(picture string, more ...string) (int, string, string) {
		return call(t, append([]string{"verify", "--data", dir, "--workflow", workflow, "--document", "passport=" + picture, "--field", "first_name=Ada Quilla",
			"--field", "last_name=Mirabel", "--field", "date_of_birth=" + person.DateOfBirth.Format(time.DateOnly)}, more...)...)
	}
	if code, out, _ := verify(passport); code != exitReview || !strings.Contains(out, "not_configured") && !strings.Contains(out, "not loaded") {
		t.Errorf("without the list: exit %d\n%s", code, out)
	}
	if code, _, complaint := call(t, "lists", "import", "--data", dir, "--source", "csv", "--list", "own", list); code != 0 {
		t.Fatal(complaint)
	}
	code, out, complaint := verify(passport)
	if code != exitOK || complaint != "" || !strings.Contains(out, "start → read → valid → adult → form → lists → yes") || !strings.Contains(strings.ToUpper(out), "APPROVED") || !strings.Contains(out, "BF2604711") {
		t.Errorf("verify: exit %d\n%s%s", code, out, complaint)
	}
	var view struct {
		Workflow, Outcome string
		Path              []string
		Extracted         map[string]any
		Attempts          []map[string]any
	}
	if code, out, _ = verify(passport, "--json"); code != 0 || json.Unmarshal([]byte(out), &view) != nil || view.Outcome != "approved" || len(view.Path) != 7 || len(view.Attempts) < 5 || view.Extracted["document_number"] != "BF2604711" {
		t.Errorf("verify --json: exit %d %s", code, out)
	}
	if code, out, _ := verify(old); code != exitRejected {
		t.Errorf("an expired passport: exit %d\n%s", code, out)
	}
	if code, out, _ := verify(passport, "--field", "last_name=Somebodyelse"); code != exitReview {
		t.Errorf("another name on the form: exit %d\n%s", code, out)
	}
	if code, out, _ := call(t, "verify", "--data", dir, "--workflow", workflow, "--field", "first_name=Ada"); code == exitOK || code == exitUsage {
		t.Errorf("without the document: exit %d\n%s", code, out)
	}

	// inspect has the shape of the running contract.
	code, out, _ = call(t, "inspect", "--data", dir, "--json", passport, old)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 2 {
		t.Fatalf("inspect: exit %d, %d lines", code, len(lines))
	}
	var seen map[string]json.RawMessage
	var mrz struct {
		Format      string
		Lines       []string
		Fields      map[string]any
		CheckDigits map[string]any `json:"check_digits"`
		Valid       bool
	}
	if err := json.Unmarshal([]byte(lines[0]), &seen); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"file", "kind", "quality", "mrz", "barcodes", "fraud"} {
		if seen[name] == nil {
			t.Errorf("inspect lacks %s: %s", name, lines[0])
		}
	}
	if err := json.Unmarshal(seen["mrz"], &mrz); err != nil || mrz.Format != "TD3" || len(mrz.Lines) != 2 || len(mrz.Fields) == 0 || len(mrz.CheckDigits) < 4 || !mrz.Valid {
		t.Errorf("inspect: mrz %s, %v", seen["mrz"], err)
	}
	if code, out, _ := call(t, "inspect", "--data", dir, "--json", write(t, dir, "x.txt", []byte("text"))); code != 1 || !strings.Contains(out, "unsupported_type") {
		t.Errorf("inspect of a text: exit %d %s", code, out)
	}
}
