package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// NOTICE.md names every module that is linked into the program, with a licence,
// and no other. What go.mod replaces by a folder of this tree is this program's own.
func TestNoticesNameWhatIsLinked(t *testing.T) {
	t.Parallel()
	list, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{if not (and .Replace (not .Replace.Version))}}{{.Path}}{{end}}{{end}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := strings.Fields(string(list))
	slices.Sort(linked)
	linked = slices.Compact(linked)
	page, err := os.ReadFile("NOTICE.md")
	if err != nil {
		t.Fatal(err)
	}
	licences := map[string]string{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) == 4 && strings.Contains(cells[1], ".") {
			licences[strings.TrimSpace(cells[1])] = strings.TrimSpace(cells[2])
		}
	}
	for _, m := range linked {
		if licences[m] == "" {
			t.Errorf("NOTICE.md gives no licence of %s", m)
		}
		delete(licences, m)
	}
	for m := range licences {
		t.Errorf("NOTICE.md names %s, which is not linked", m)
	}
}
