package screen

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
)

// Environment of a child that imports or updates until it is killed.
const (
	childDir   = "BONAFIDE_TEST_LISTS"
	childFiles = "BONAFIDE_TEST_FILES" // imported in turn
	childBase  = "BONAFIDE_TEST_BASE"  // updated from, in place of the files
)

// TestChild is no test: the tests below start it as a process of its own and
// kill it.
func TestChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("only the tests of killed imports start this")
	}
	s, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Split(os.Getenv(childFiles), "\n")
	// Each line is a moment at which it may be killed: at every block that is
	// read, at the end of reading, and when the new list is in force.
	tell := func(int64, int64) { fmt.Println("moment") }
	for i := 0; ; i++ {
		if base := os.Getenv(childBase); base != "" {
			s.Update(context.Background(), UpdateOptions{Base: base, Lists: []string{"un"}, Attempts: 1})
		} else if _, err := s.ImportWith(context.Background(), "csv", "house", files[i%len(files):i%len(files)+1], ImportOptions{Progress: tell}); err != nil {
			t.Fatal(err)
		}
		fmt.Println("moment")
	}
}

// child starts the process; its output is one line a moment.
func child(t *testing.T, env ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v=false")
	c.Env = append(os.Environ(), env...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	return c, bufio.NewScanner(out)
}

// kill is kill -9.
func kill(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // says that it was killed
}

func TestAKilledImportLeavesTheLastGoodListInForce(t *testing.T) {
	t.Parallel()
	s, clock := openTest(t)
	files := []string{ownCSV(t, 4000), ownCSV(t, 4200)}
	entries := map[string]int{}
	for _, f := range files {
		v := mustImport(t, s, "csv", "house", f)
		entries[v.Version] = v.Entries
	}
	random := rand.New(rand.NewPCG(5, 2026))
	seen := map[string]int{}
	for n := range 12 {
		c, moments := child(t, childDir+"="+s.dir, childFiles+"="+strings.Join(files, "\n"))
		for range 1 + random.IntN(14) {
			if !moments.Scan() {
				t.Fatalf("the child ended by itself: %v", moments.Err())
			}
		}
		kill(t, c)
		// The next start answers from one of the two lists, and from all of it.
		next, err := Open(Options{Dir: s.dir, Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		r := next.Match(Query{Name: "Personaa Listed0", Threshold: DefaultThreshold})
		if len(r.Lists) != 1 || r.Lists[0].Status != kyc.StatusOK || entries[r.Lists[0].Version] != r.Lists[0].Entries || len(r.Hits) == 0 || r.Hits[0].Version != r.Lists[0].Version {
			t.Fatalf("after kill %d: %+v", n+1, r)
		}
		seen[r.Lists[0].Version]++
		if st := next.Status()[indexOf(next.Status(), "house")]; st.LastError != "" {
			t.Errorf("after kill %d: %s", n+1, st.LastError)
		}
		// And the next import works: nothing stays locked.
		mustImport(t, next, "csv", "house", files[n%2])
	}
	t.Logf("in force after a kill: %v", seen)
}

// broken sends the list in two pieces; between them somebody kills who asked.
type broken struct {
	mu    sync.Mutex
	list  []byte
	until func() // nil sends all
}

func (h *broken) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h.mu.Lock()
	list, until := h.list, h.until
	h.mu.Unlock()
	w.Header().Set("Content-Length", fmt.Sprint(len(list)))
	_, _ = w.Write(list[:len(list)/2])
	if until != nil {
		_ = http.NewResponseController(w).Flush()
		until()
		return
	}
	_, _ = w.Write(list[len(list)/2:])
}

func TestAKilledUpdateLeavesTheLastGoodListInForce(t *testing.T) {
	t.Parallel()
	s, clock := openTest(t)
	server := &broken{list: sample(t, "un/consolidated.xml")}
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	first := s.Update(t.Context(), UpdateOptions{Base: web.URL, Lists: []string{"un"}, Attempts: 1})
	if len(first) != 1 || first[0].Err != nil {
		t.Fatalf("%+v", first)
	}
	asked, gone := make(chan struct{}), make(chan struct{})
	server.mu.Lock()
	server.until = func() { close(asked); <-gone }
	server.mu.Unlock()
	c, _ := child(t, childDir+"="+s.dir, childBase+"="+web.URL)
	<-asked // half of the list is on its way
	kill(t, c)
	close(gone)
	next, err := Open(Options{Dir: s.dir, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	r := next.Match(Query{Name: "Ivan Testov"})
	if r.Worst() != kyc.StatusOK || len(r.Lists) != 1 || r.Lists[0].Version != first[0].Version.Version {
		t.Errorf("%+v", r.Lists)
	}
	// A server that hangs up half-way is no new list either, and says so.
	server.mu.Lock()
	server.until = func() {}
	server.mu.Unlock()
	if u := next.Update(t.Context(), UpdateOptions{Base: web.URL, Lists: []string{"un"}, Attempts: 2, Wait: time.Nanosecond}); !kyc.IsCode(u[0].Err, "list_unreachable") || u[0].Version.Version != first[0].Version.Version {
		t.Errorf("%+v", u)
	}
	if st := next.Status()[indexOf(next.Status(), "un")]; st.ListVersion.Status != kyc.StatusOK || st.LastError == "" {
		t.Errorf("%+v", st)
	}
}

// Two hundred swaps while others ask: no query fails, waits for one, or sees
// parts of two lists. Run with -race.
func TestTwoHundredSwapsUnderQueries(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	files := []string{ownCSV(t, 120), ownCSV(t, 130)}
	sizes := map[string]int{}
	for _, f := range files {
		v := mustImport(t, s, "csv", "house", f)
		sizes[v.Version] = v.Entries
	}
	var stop atomic.Bool
	var asked atomic.Int64
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for !stop.Load() {
				r := s.Match(Query{Name: "Personaa Listed0", Threshold: DefaultThreshold})
				if r.Err != nil || r.Worst() != kyc.StatusOK || len(r.Lists) != 1 || len(r.Hits) == 0 {
					t.Errorf("during a swap: %+v", r)
					return
				}
				l := r.Lists[0]
				if sizes[l.Version] != l.Entries || r.Hits[0].Version != l.Version {
					t.Errorf("half a list: %+v, %+v", l, r.Hits[0])
					return
				}
				asked.Add(1)
			}
		})
	}
	for i := range 200 {
		mustImport(t, s, "csv", "house", files[i%2])
	}
	stop.Store(true)
	wg.Wait()
	if asked.Load() < 200 {
		t.Errorf("only %d queries during 200 swaps", asked.Load())
	}
	t.Logf("%d queries during 200 swaps", asked.Load())
}
