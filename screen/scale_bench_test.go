package screen

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

// BenchmarkScale measures a made list of a million names, in BONAFIDE_SCALE:
// a folder that gen_scale.py of the team's tools made (532,000 entities have a
// million names). It loads the list from its source and keeps it in memory;
// then a process of its own opens the saved index, as every start but the first
// one does, and is measured under load. Each iteration is one query of the
// first kind. `make bench-screening` makes the folder and runs it.
func BenchmarkScale(b *testing.B) {
	dir := os.Getenv("BONAFIDE_SCALE")
	if dir == "" {
		b.Skip("BONAFIDE_SCALE names no folder made by gen_scale.py; make bench-screening makes one")
	}
	cases := readCases(b, filepath.Join(dir, "cases.jsonl"))
	src, err := roster.SourceOf("ftm")
	if err != nil {
		b.Fatal(err)
	}
	before := liveHeap()
	one := runtime.GOMAXPROCS(runtime.NumCPU()) // an import takes all there are; the queries below do not
	began, busy := time.Now(), processorSeconds(b)
	f, err := os.Open(filepath.Join(dir, "entities.ftm.json"))
	if err != nil {
		b.Fatal(err)
	}
	in, err := roster.Open(f.Name(), f)
	if err != nil {
		b.Fatal(err)
	}
	p, err := src.Read(context.Background(), []roster.Input{in})
	if err != nil {
		b.Fatal(err)
	}
	names := 0
	for i := range p.Entities {
		names += len(p.Entities[i].Names)
	}
	read := time.Since(began)
	s, clock := openTest(b)
	st := &state{lists: map[string]*list{}, ids: []string{"scale"}}
	st.lists["scale"] = &list{manifest: manifest{List: "scale", Version: "v"}, index: buildIndex("scale", "v", false, p.Entities)}
	st.words = buildDictionary(map[string]*index{"scale": st.lists["scale"].index})
	s.state.Store(st)
	loaded := time.Since(began)
	runtime.GOMAXPROCS(one)
	busy = processorSeconds(b) - busy
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	saved := scaleSaved(b, dir, clock, p)
	heap := liveHeap() - before
	spent, found := askAll(s, cases, b.Loop)
	if len(spent) > 1000 && found < len(spent)/10 {
		b.Errorf("%d of %d queries found anything: this measures nothing", found, len(spent))
	}
	b.ReportMetric(float64(names), "names")
	b.ReportMetric(read.Seconds(), "read_s")
	b.ReportMetric(loaded.Seconds(), "load_s")
	b.ReportMetric(busy, "load_cpu_s") // what other programs on the machine do not lengthen
	b.ReportMetric(float64(heap)/(1<<20), "heap_MB")
	b.ReportMetric(float64(spent[len(spent)/2].Microseconds()), "p50_µs")
	b.ReportMetric(float64(spent[len(spent)*99/100].Microseconds()), "p99_µs")
	b.ReportMetric(saved.File, "saved_MB")
	b.ReportMetric(saved.Load, "saved_load_s")
	b.ReportMetric(saved.Heap, "saved_heap_MB")
	b.ReportMetric(saved.Resident, "rss_MB")
	b.ReportMetric(saved.P50, "saved_p50_µs")
	b.ReportMetric(saved.P99, "saved_p99_µs")
	runtime.KeepAlive(s)
}

// askAll asks as long as more says so, after 200 queries that do not count, and
// gives the sorted times.
func askAll(s *Screener, cases []benchCase, more func() bool) (spent []time.Duration, found int) {
	ask := func(i int) int {
		c := cases[i%len(cases)]
		return len(s.Match(Query{Name: c.Query, Type: roster.EntityType(c.Type), DateOfBirth: c.DOB, Threshold: DefaultThreshold}).Hits)
	}
	for i := range 200 {
		ask(i)
	}
	for more() {
		at := time.Now()
		if ask(len(spent)) > 0 {
			found++
		}
		spent = append(spent, time.Since(at))
	}
	slices.Sort(spent)
	return spent, found
}

// scaleFigures are what the process that opens a saved index measures.
type scaleFigures struct{ File, Load, Heap, Resident, P50, P99 float64 }

const scaleChild = "BONAFIDE_SCALE_SAVED"

// scaleSaved saves the list in a folder and has a new process open it.
func scaleSaved(b *testing.B, dir string, clock kyc.Clock, p roster.Parsed) (out scaleFigures) {
	lists := filepath.Join(b.TempDir(), "lists")
	s, err := Open(Options{Dir: lists, Clock: clock})
	if err != nil {
		b.Fatal(err)
	}
	if _, _, err := s.replace(b.Context(), "scale", "ftm", func() (roster.Parsed, error) { return p, nil }, replaceOptions{}); err != nil {
		b.Fatal(err)
	}
	child := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestScaleChild$")
	child.Env = append(os.Environ(), scaleChild+"="+lists, "BONAFIDE_SCALE="+dir)
	raw, err := child.Output()
	if err != nil {
		b.Fatalf("the process that opens the saved index: %v\n%s", err, raw)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	if err := json.Unmarshal([]byte(line), &out); err != nil {
		b.Fatalf("%v in %s", err, raw)
	}
	return out
}

// TestScaleChild is that process.
func TestScaleChild(t *testing.T) {
	lists := os.Getenv(scaleChild)
	if lists == "" {
		t.Skip("this is a part of BenchmarkScale")
	}
	cases := readCases(t, filepath.Join(os.Getenv("BONAFIDE_SCALE"), "cases.jsonl"))
	var out scaleFigures
	before := liveHeap()
	began := time.Now()
	s, err := Open(Options{Dir: lists})
	if err != nil {
		t.Fatal(err)
	}
	out.Load = time.Since(began).Seconds()
	st := s.state.Load()
	for _, img := range []*image{st.words.image, st.lists["scale"].index.image} {
		if !img.mapped && runtime.GOOS == "linux" {
			t.Error("the saved index is not mapped")
		}
		out.File += float64(len(img.data)) / (1 << 20)
	}
	n := 0
	spent, found := askAll(s, cases, func() bool { n++; return n <= 5000 })
	if found < 500 {
		t.Errorf("%d of 5000 queries found anything", found)
	}
	out.Heap, out.Resident = float64(liveHeap()-before)/(1<<20), resident(t)
	out.P50, out.P99 = float64(spent[len(spent)/2].Microseconds()), float64(spent[len(spent)*99/100].Microseconds())
	line, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(string(line))
	runtime.KeepAlive(s)
	runtime.KeepAlive(cases)
}

func liveHeap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// resident is the resident memory of this process in MB; 0 where the system
// does not tell.
func resident(b testing.TB) float64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	return 0
}

// processorSeconds is the processor time of this process, to a hundredth; 0
// where the system does not tell.
func processorSeconds(b testing.TB) float64 {
	raw, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	// The fields behind the name of the program, which stands in brackets.
	fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
	ticks := 0.0
	for _, field := range fields[11:13] {
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return ticks / 100
}
