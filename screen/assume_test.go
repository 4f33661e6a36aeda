package screen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAssumedTopicStaysUntilItIsEnded(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "own.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("id,name\nX-1,Barnabas Quillfeather\n")
	found := func(assume, topic string) {
		t.Helper()
		if _, err := s.ImportWith(t.Context(), "csv", "own", []string{file}, ImportOptions{Assume: assume}); err != nil {
			t.Fatal(err)
		}
		e, ok := s.Entry("own", "X-1")
		if !ok || strings.Join(e.Topics, ",") != topic {
			t.Errorf("assume %q: the topics are %v and not %q", assume, e.Topics, topic)
		}
		for _, l := range s.Status() {
			if l.List == "own" && l.Assume != topic {
				t.Errorf("assume %q: the status says %q", assume, l.Assume)
			}
		}
		if hits := s.Match(Query{Name: "Barnabas Quillfeather", Lists: []string{"own"}, Topics: []string{"sanction"}}).Hits; (len(hits) == 1) != (topic == "sanction") {
			t.Errorf("assume %q: %d hits", assume, len(hits))
		}
	}
	found("", "")
	found("sanction", "sanction")
	found("", "sanction") // another import of the same list
	found("crime", "crime")
	found(AssumeNone, "")
	found("", "")
}

// TestLastGoodStateIsNamedWhereThereIsOne: a first import that fails has none.
func TestLastGoodStateIsNamedWhereThereIsOne(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "own.csv")
	for i, step := range []struct {
		text  string
		stays bool
	}{{"", false}, {"id,name\n", false}, {"id,name\nX-1,Barnabas Quillfeather\n", false}, {"", true}, {"id,name\n", true}} {
		if err := os.WriteFile(file, []byte(step.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := s.Import(t.Context(), "csv", "own", []string{file}, false)
		if (err == nil) != (i == 2) {
			t.Fatalf("%d: %v", i, err)
		}
		told := ""
		for _, l := range s.Status() {
			if l.List == "own" {
				told = l.LastError
			}
		}
		if err == nil {
			continue
		}
		for _, text := range []string{err.Error(), told} {
			if strings.Count(text, "last good state") != map[bool]int{true: 1}[step.stays] {
				t.Errorf("%d: %q", i, text)
			}
		}
	}
}
