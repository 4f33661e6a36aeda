package screen

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bonafide/roster"
)

// BenchmarkScale measures a made list of a million names, in BONAFIDE_SCALE:
// a folder that gen_scale.py of the team's tools made (532,000 entities have a
// million names). Each iteration is one query; a run of a second or two gives
// loading, memory and the times of single queries. `make bench-screening` makes the
// folder and runs it.
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
	began := time.Now()
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
	s, _ := openTest(b)
	st := &state{lists: map[string]*list{}, words: buildDictionary(nil), ids: []string{"scale"}}
	st.lists["scale"] = &list{manifest: manifest{List: "scale", Version: "v"}, index: buildIndex("scale", "v", false, p.Entities)}
	st.join(s.state.Load())
	s.state.Store(st)
	loaded := time.Since(began)
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	heap := liveHeap() - before
	ask := func(i int) int {
		c := cases[i%len(cases)]
		return len(s.Match(Query{Name: c.Query, Type: roster.EntityType(c.Type), DateOfBirth: c.DOB, Threshold: DefaultThreshold}).Hits)
	}
	for i := range 200 {
		ask(i)
	}
	var spent []time.Duration
	found := 0
	for b.Loop() { // the list is loaded once, unlike with b.N
		at := time.Now()
		if ask(len(spent)) > 0 {
			found++
		}
		spent = append(spent, time.Since(at))
	}
	if len(spent) > 1000 && found < len(spent)/10 {
		b.Errorf("%d of %d queries found anything: this measures nothing", found, len(spent))
	}
	slices.Sort(spent)
	b.ReportMetric(float64(spent[len(spent)/2].Microseconds()), "p50_µs")
	b.ReportMetric(float64(spent[len(spent)*99/100].Microseconds()), "p99_µs")
	b.ReportMetric(loaded.Seconds(), "load_s")
	b.ReportMetric(float64(heap)/(1<<20), "heap_MB")
	b.ReportMetric(resident(b), "rss_MB")
	b.ReportMetric(float64(names), "names")
	runtime.KeepAlive(s)
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
func resident(b *testing.B) float64 {
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
