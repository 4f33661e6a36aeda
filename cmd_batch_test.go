package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bonafide/batch"
)

// batchList is invented.
const batchList = `id,name,type,birth_date,countries,topics
B-1,"QUILLFEATHER, Barnabas",person,1961-04-02,GB,sanction
B-2,"VRANTZ, Oleander",person,1975,DE,role.pep
B-3,Tindersby Marlowe Holdings Ltd,entity,,CY,
`

// batchBench is a data folder with batchList in force as "own".
func batchBench(t *testing.T) (dir string, importAgain func(more string)) {
	t.Helper()
	dir = t.TempDir()
	importAgain = func(more string) {
		t.Helper()
		file := write(t, dir, "own.csv", []byte(batchList+more))
		if code, _, stderr := call(t, "--data", dir, "lists", "import", "--source", "csv", "--list", "own", file); code != 0 {
			t.Fatal(stderr)
		}
	}
	importAgain("")
	return dir, importAgain
}

func readAnswers(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = r[i]
		}
		out = append(out, m)
	}
	return out
}

func TestBatchAnswersEachRowInOrder(t *testing.T) {
	t.Parallel()
	dir, _ := batchBench(t)
	in := write(t, dir, "in.csv", []byte("\ufeffKunde;Name;Geboren;Land;Art\n"+
		"K1;Barnabas Quillfeather;1961-04-02;GB;person\n"+
		"K2;Barnabas Quillfeather;1990-04-02;GB;person\n"+
		"K3;\"Marlowe; Tindersby\nHoldings\";;;entity\n"+
		"K4;Ltd;;;\n"+
		"K5;Oleander Vrantz;;;ghost\n"+
		"K6;Oleander Vrantz\n"+
		"K7;Ole\"ander;;;\n"+
		"=K8;Oleander Vrantz;soon;;\n"+
		"K9;Nobody Atall;;;\n"))
	out := filepath.Join(dir, "out.csv")
	args := []string{"--data", dir, "screen", "batch", "--in", in, "--out", out, "--delimiter", ";", "--columns", "name=Name,id=Kunde,dob=Geboren,country=Land,type=Art", "--workers", "3"}
	code, stdout, stderr := call(t, args...)
	if code != exitError || !strings.Contains(stdout, "9 rows: 3 with hits (3 hits), 2 without, 4 not screened") {
		t.Fatalf("%d %s %s", code, stdout, stderr)
	}
	want := []struct{ line, id, status, entry string }{
		{"2", "K1", "hit", "B-1"}, {"3", "K2", "clear", ""}, {"4", "K3", "hit", "B-3"}, {"6", "K4", "error", ""}, {"7", "K5", "error", ""},
		{"8", "K6", "error", ""}, {"9", "K7", "error", ""}, {"10", "'=K8", "hit", "B-2"}, {"11", "K9", "clear", ""},
	}
	got := readAnswers(t, out)
	if len(got) != len(want) {
		t.Fatalf("%d rows: %v", len(got), got)
	}
	for i, w := range want {
		g := got[i]
		if g["line"] != w.line || g["id"] != w.id || g["status"] != w.status || g["entry_id"] != w.entry {
			t.Errorf("%d: %v, not %+v", i, g, w)
		}
		if w.status == "error" && (g["note"] == "" || !strings.Contains(stderr, "line "+w.line+":")) {
			t.Errorf("line %s is skipped in silence: %v; %s", w.line, g, stderr)
		}
	}
	if s, _ := strconv.ParseFloat(got[0]["score"], 64); s != 1 || got[0]["risk"] == "" || got[0]["topics"] != "sanction" || !strings.Contains(got[0]["to_miss"], "0.74") || !strings.Contains(got[7]["note"], "date of birth") {
		t.Errorf("%v %v", got[0], got[7])
	}
	if _, err := os.Stat(out + ".checkpoint"); !os.IsNotExist(err) {
		t.Error("a finished run left its checkpoint:", err)
	}
	// A finished answer is not written over.
	if code, _, stderr := call(t, args...); code != exitUsage || !strings.Contains(stderr, "--restart") {
		t.Errorf("%d %s", code, stderr)
	}
	if code, _, stderr := call(t, append(args, "--restart", "--purpose", "pep")...); code != exitError || len(readAnswers(t, out)) != len(want) || readAnswers(t, out)[0]["status"] != "clear" {
		t.Errorf("%d %s %v", code, stderr, readAnswers(t, out)[0])
	}
}

func TestBatchExitCodesTell(t *testing.T) {
	t.Parallel()
	dir, _ := batchBench(t)
	run := func(content string, more ...string) (int, string) {
		in := write(t, dir, "in.csv", []byte(content))
		code, _, stderr := call(t, append([]string{"--data", dir, "screen", "batch", "--restart", "--in", in, "--out", filepath.Join(dir, "out.csv")}, more...)...)
		return code, stderr
	}
	for what, c := range map[string]struct {
		content string
		more    []string
		code    int
		says    string
	}{
		"nobody":               {"name\nNobody Atall\n", nil, exitOK, ""},
		"somebody":             {"name\nOleander Vrantz\n", nil, exitReview, ""},
		"first and last name":  {"last_name,first_name\nVrantz,Oleander\n", nil, exitReview, ""},
		"no rows":              {"name\n", nil, exitOK, ""},
		"an empty name":        {"name,id\n,7\n", nil, exitError, "line 2"},
		"not UTF-8":            {"name\nOle\xff\xfe Vrantz\n", nil, exitError, "line 2"},
		"an empty file":        {"", nil, exitUsage, "header"},
		"no name column":       {"customer\nx\n", nil, exitUsage, "--columns"},
		"a column that is not": {"name\nx\n", []string{"--columns", "dob=born"}, exitUsage, "born"},
		"a role that is not":   {"name\nx\n", []string{"--columns", "shoe=size"}, exitUsage, "shoe"},
		"an open quote":        {"name,id\nOleander Vrantz,1\n\"Barnabas,2\nx,3\ny,4\n", nil, exitError, "line 3"},
		"a list that is not":   {"name\nNobody Atall\n", []string{"--list", "absent"}, exitError, "not_configured"},
		"OFAC's scale":         {"name\nOleander Vrantz\n", []string{"--mode", "ofac", "--threshold", "0.9"}, exitReview, ""},
	} {
		if code, stderr := run(c.content, c.more...); code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: %d, not %d; it says: %s", what, code, c.code, stderr)
		}
	}
}

// TestBatchGoesOnAfterKills kills runs in processes of their own in the middle
// and compares what comes out in the end with a run that nobody disturbed.
func TestBatchGoesOnAfterKills(t *testing.T) {
	t.Parallel()
	dir, importAgain := batchBench(t)
	var content strings.Builder
	content.WriteString("id,name,dob\n")
	given, family := []string{"Oleander", "Barnabas", "Petronel", "Wilma", "Ansgar"}, []string{"Vrantz", "Quillfeather", "Ostenrood", "Mickelby", "Thornquist"}
	const rows = 40_000
	for i := range rows {
		fmt.Fprintf(&content, "%d,%s %s,19%02d-04-02\n", i, given[i%5], family[i/5%5], i%100)
	}
	in := write(t, dir, "in.csv", []byte(content.String()))
	args := func(out string, more ...string) []string {
		return append([]string{"--data", dir, "screen", "batch", "--in", in, "--out", filepath.Join(dir, out), "--safe-every", "20ms"}, more...)
	}
	if code, _, stderr := call(t, args("whole.csv")...); code != exitReview {
		t.Fatal(code, stderr)
	}
	whole, err := os.ReadFile(filepath.Join(dir, "whole.csv"))
	if err != nil {
		t.Fatal(err)
	}
	// killed starts a run and kills it as soon as it has made more than so many
	// rows last; 0 is one that was quicker than this test, which a busy machine may
	// have kept waiting.
	killed := func(out string, beyond int) int {
		t.Helper()
		p := spawn(t, args(out)...)
		timeout := time.After(patience)
		for {
			select {
			case <-p.done:
				if code := p.ProcessState.ExitCode(); code != exitReview {
					t.Fatalf("it ended with %d\n%s", code, p.out)
				}
				return 0
			case <-timeout:
				t.Fatal("it does not get on")
			case <-time.After(time.Millisecond):
			}
			var at struct{ Done batch.Done }
			raw, err := os.ReadFile(filepath.Join(dir, out+".checkpoint"))
			if err != nil || json.Unmarshal(raw, &at) != nil || at.Done.Rows <= beyond {
				continue
			}
			if err := p.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			if <-p.done; p.ProcessState.ExitCode() == exitReview {
				return 0 // it was at its end
			}
			return at.Done.Rows
		}
	}
	// cut does that so many times in a row with one output, and says where.
	cut := func(out string, times int) (at []int) {
		t.Helper()
		for range 10 {
			at = nil
			for beyond := 500; len(at) < times; beyond = at[len(at)-1] + 500 {
				n := killed(out, beyond)
				if n == 0 || n >= rows {
					break
				}
				at = append(at, n)
			}
			if len(at) == times {
				return at
			}
			for _, file := range []string{out, out + ".checkpoint"} {
				if err := os.RemoveAll(filepath.Join(dir, file)); err != nil {
					t.Fatal(err)
				}
			}
		}
		t.Fatalf("%s is always made before it can be killed", out)
		return nil
	}
	kills := cut("out.csv", 2)
	code, stdout, stderr := call(t, args("out.csv")...)
	if code != exitReview || !strings.Contains(stderr, "going on at line") || !strings.Contains(stdout, fmt.Sprintf("%d rows:", rows)) {
		t.Fatalf("%d %s %s", code, stdout, stderr)
	}
	got, err := os.ReadFile(filepath.Join(dir, "out.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(whole) {
		t.Errorf("killed at %d rows: %d bytes came out, %d bytes without a kill", kills, len(got), len(whole))
	}

	// Lists, options or input that changed meanwhile stop it from going on.
	cut("moved.csv", 1)
	refused := func(what, says string, a []string) {
		t.Helper()
		if code, _, stderr := call(t, a...); code != exitError || !strings.Contains(stderr, says) || !strings.Contains(stderr, "--restart") {
			t.Errorf("%s: %d %s", what, code, stderr)
		}
	}
	refused("another threshold", "options", args("moved.csv", "--threshold", "0.5"))
	importAgain("B-4,\"THORNQUIST, Ansgar\",person,,,\n")
	refused("another list", "lists have changed", args("moved.csv"))
	if code, _, stderr := call(t, args("moved.csv", "--restart")...); code != exitReview {
		t.Fatal(code, stderr)
	}
	answers := readAnswers(t, filepath.Join(dir, "moved.csv"))
	if !slices.ContainsFunc(answers, func(a map[string]string) bool { return a["entry_id"] == "B-4" }) {
		t.Error("the new list was not asked")
	}
	cut("input.csv", 1)
	write(t, dir, "in.csv", []byte(content.String()+"40000,Oleander Vrantz,\n"))
	refused("another input", "input has changed", args("input.csv"))
}
