package batch_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/batch"
	"bonafide/kyc"
	"bonafide/screen"
)

// finding finds everybody whose name ends in "7".
func finding(q screen.Query) screen.Result {
	r := screen.Result{Lists: []kyc.ListVersion{{List: "own", Version: "1", Status: kyc.StatusOK}}}
	if strings.HasSuffix(q.Name, "7") {
		r.Hits = []kyc.Hit{{List: "own", EntryID: "B-" + q.Name, Name: q.Name, Score: 1}}
	}
	return r
}

// bench is a folder with an input of so many rows, and options for it.
func bench(t *testing.T, rows int) batch.Options {
	t.Helper()
	dir := t.TempDir()
	var text strings.Builder
	text.WriteString("customer,name\n")
	for i := range rows {
		fmt.Fprintf(&text, "C%d,Party %d\n", i, i)
	}
	in := filepath.Join(dir, "in.csv")
	if err := os.WriteFile(in, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return batch.Options{In: in, Out: filepath.Join(dir, "out.csv"), Columns: map[string]string{"id": "customer"}, Delimiter: ',', Workers: 3, Asked: "all"}
}

// open opens a run that asks finding.
func open(t *testing.T, o batch.Options, version string) (*batch.Run, error) {
	t.Helper()
	r, err := batch.Open(o, []kyc.ListVersion{{List: "own", Version: version}})
	if err != nil {
		return nil, err
	}
	r.Match, r.Progress, r.Log = finding, func(int64) {}, io.Discard
	return r, nil
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestARunThatWasStoppedGoesOn(t *testing.T) {
	t.Parallel()
	const rows = 1000
	whole := bench(t, rows)
	r, err := open(t, whole, "1")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Screen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := r.Done(); d.Rows != rows || d.Found != rows/10 || d.Hits != rows/10 || d.Bad != 0 || d.Unclear != 0 || d.Offset != r.Size() {
		t.Errorf("%+v of %d bytes", d, r.Size())
	}

	o := bench(t, rows)
	r, err = open(t, o, "1")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	r.Progress = func(int64) { stop() } // after the first part of the rows
	if err := r.Screen(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	first := r.Done()
	if first.Rows == 0 || first.Rows >= rows {
		t.Fatalf("stopped after %d rows", first.Rows)
	}
	if _, err := open(t, o, "2"); err == nil || !strings.Contains(err.Error(), "lists") {
		t.Errorf("with other lists: %v", err)
	}
	other := o
	other.Asked = "some"
	if _, err := open(t, other, "1"); err == nil || !strings.Contains(err.Error(), "options") {
		t.Errorf("with other options: %v", err)
	}
	r, err = open(t, o, "1")
	if err != nil {
		t.Fatal(err)
	}
	if r.Done() != first {
		t.Errorf("it goes on at %+v, it was stopped at %+v", r.Done(), first)
	}
	if err := r.Screen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, o.Out), read(t, whole.Out); got != want {
		t.Errorf("%d bytes came out, %d without a stop", len(got), len(want))
	}
	if _, err := os.Stat(o.Out + ".checkpoint"); !errors.Is(err, os.ErrNotExist) {
		t.Error("a finished run left its checkpoint:", err)
	}
}

func TestAMistakeIsToldFromAFailure(t *testing.T) {
	t.Parallel()
	var mistake batch.Mistake
	o := bench(t, 3)
	o.Columns = map[string]string{"name": "full name"}
	if _, err := open(t, o, "1"); !errors.As(err, &mistake) || !strings.Contains(err.Error(), "full name") {
		t.Errorf("a column that is not there: %v", err)
	}
	o.Columns = nil
	r, err := open(t, o, "1")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Screen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, o, "1"); !errors.As(err, &mistake) {
		t.Errorf("answers that are finished: %v", err)
	}
	o.In = filepath.Join(t.TempDir(), "absent.csv")
	if _, err := open(t, o, "1"); err == nil || errors.As(err, &mistake) {
		t.Errorf("an input that is not there: %v", err)
	}
}

// A row that cannot be screened is answered with every reason, each by the name of its
// column in the file.
func TestARefusedRowNamesItsColumns(t *testing.T) {
	t.Parallel()
	o := bench(t, 0)
	if err := os.WriteFile(o.In, []byte("full name,kind\nParty 5,ship\nnobody,ship\nnobody,\nParty 7,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Columns = map[string]string{"name": "full name", "type": "kind"}
	r, err := open(t, o, "1")
	if err != nil {
		t.Fatal(err)
	}
	r.Match = func(q screen.Query) screen.Result {
		if q.Name == "nobody" {
			return screen.Result{Err: kyc.InvalidInput("name_unscreenable", "no name", []kyc.Problem{{Path: "/name", Message: "no word"}})}
		}
		return finding(q)
	}
	if err := r.Screen(t.Context()); err != nil {
		t.Fatal(err)
	}
	const kind = "kind: none of person, entity, vessel, aircraft and unknown"
	var notes []string
	rows, err := csv.NewReader(strings.NewReader(read(t, o.Out))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		if row[2] == "error" {
			notes = append(notes, row[len(row)-1])
		}
	}
	if want := []string{kind, kind + "; full name: no word", "full name: no word"}; !slices.Equal(notes, want) || r.Done().Bad != 3 {
		t.Errorf("refused: %q, want %q", notes, want)
	}
}
