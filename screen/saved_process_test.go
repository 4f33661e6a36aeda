package screen

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Queries go on while another process imports, again and again.
func TestSavedIndexOfTwoProcesses(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	importCSV(t, s, "even", savedCSV(300, false))
	importCSV(t, s, "odd", savedCSV(200, true))
	other, _ := reopen(t, s)
	want := answers(t, s)
	stop := make(chan struct{})
	failed := make(chan string, 4)
	for range 3 {
		go func() {
			for {
				select {
				case <-stop:
					failed <- ""
					return
				default:
				}
				for _, q := range savedQueries {
					r := other.Match(q)
					if q.Limit == 0 && len(r.Hits) == 0 && q.Name != "Nobody Atall" {
						failed <- fmt.Sprintf("%+v finds nothing", q)
						return
					}
				}
			}
		}()
	}
	for i := range 12 {
		importCSV(t, s, "even", savedCSV(301+i%2, false))
		if _, err := other.Reload(); err != nil {
			t.Fatal(err)
		}
		runtime.GC()
	}
	importCSV(t, s, "even", savedCSV(300, false))
	close(stop)
	for range 3 {
		if why := <-failed; why != "" {
			t.Error(why)
		}
	}
	if _, err := other.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := answers(t, other); got != want {
		t.Errorf("the answers are\n%s\nwant\n%s", got, want)
	}
}

const killedChild = "BONAFIDE_KILLED_IMPORT"

// A process that is killed while it writes leaves the state before or the one
// after, and both answer as they should.
func TestSavedIndexAfterAKill(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	importCSV(t, s, "even", savedCSV(300, false))
	want := map[string]string{}
	want[s.state.Load().lists["even"].manifest.Version] = answers(t, s)
	importCSV(t, s, "even", savedCSV(3000, false))
	want[s.state.Load().lists["even"].manifest.Version] = answers(t, s)
	seen := map[string]int{}
	for round := range 25 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledChild$")
		child.Env = append(os.Environ(), killedChild+"="+s.dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, make([]byte, 1+round%4)); err != nil { // so many imports have begun
			t.Fatal(err)
		}
		<-time.After(time.Duration(rand.IntN(30)) * time.Millisecond) // anywhere in one
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
		again, log := reopen(t, s)
		version := again.state.Load().lists["even"].manifest.Version
		seen[version]++
		if got := answers(t, again); got != want[version] || strings.Contains(log, "damaged") {
			t.Fatalf("round %d, version %s: the log has %q, the answers are\n%s", round, version, log, got)
		}
	}
	t.Logf("the versions after the kills: %v", seen)
}

// TestKilledChild is the process that is killed: it imports two versions of a
// list in turn until then.
func TestKilledChild(t *testing.T) {
	dir := os.Getenv(killedChild)
	if dir == "" {
		t.Skip("this is a part of TestSavedIndexAfterAKill")
	}
	s, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for {
		for _, n := range []int{300, 3000} {
			fmt.Print(".")
			if _, err := s.Import(t.Context(), "csv", "even", []string{writeTemp(t, "even.csv", savedCSV(n, false))}, true); err != nil {
				t.Fatal(err)
			}
		}
	}
}
