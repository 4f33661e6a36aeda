package screen

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bonafide/roster"
)

// BenchmarkOFAC asks one list, OFAC's of the labelled benchmark, all queries of
// the developer half that are for it, one after the other, as the measuring
// program of the team does over HTTP: without a threshold, then with the
// default one. Each iteration is one query. "cold" forgets the words that were
// asked before.
func BenchmarkOFAC(b *testing.B) {
	dir := filepath.Join(dataFolder(b), "screening-bench")
	s, _ := openTest(b)
	mustImport(b, s, "ofac_sdn", "ofac", ofacFiles(filepath.Join(dir, "index", "ofac"))...)
	cases := slices.DeleteFunc(readCases(b, filepath.Join(dir, "dev", "cases.jsonl")), func(c benchCase) bool { return c.List != "ofac" })
	for _, way := range []struct {
		name      string
		threshold float64
		beside    float64
		cold      bool
	}{{"everything", 0, 0, false}, {"nearest", 0, NearestShare, false}, {"default", DefaultThreshold, 0, false}, {"nearest-cold", 0, NearestShare, true}} {
		b.Run(way.name, func(b *testing.B) {
			words := s.state.Load().words
			var spent []time.Duration
			ask := func(i int) time.Duration {
				c := cases[i%len(cases)]
				if way.cold {
					words.memory = newMemory()
				}
				q := Query{Name: c.Query, Type: roster.EntityType(c.Type), DateOfBirth: c.DOB, Country: c.Country, Lists: []string{"ofac"}, Limit: 10, Threshold: way.threshold, Beside: way.beside}
				at := time.Now()
				s.Match(q)
				return time.Since(at)
			}
			for i := range 200 {
				ask(i)
			}
			busy := processorSeconds(b)
			for b.Loop() {
				spent = append(spent, ask(len(spent)))
			}
			busy = processorSeconds(b) - busy
			sum := time.Duration(0)
			for _, d := range spent {
				sum += d
			}
			slices.Sort(spent)
			micro := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
			b.ReportMetric(1e6*busy/float64(len(spent)), "cpu_µs") // what other programs on the machine do not lengthen
			b.ReportMetric(micro(sum)/float64(len(spent)), "mean_µs")
			b.ReportMetric(micro(spent[len(spent)/2]), "p50_µs")
			b.ReportMetric(micro(spent[len(spent)*99/100]), "p99_µs")
			b.ReportMetric(micro(spent[len(spent)-1]), "max_µs")
		})
	}
}
