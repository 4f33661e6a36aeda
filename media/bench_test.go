package media_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"bonafide/media"
)

var benchArticles = flag.Int("media.articles", 0, "measure a library of so many made articles (docs/benchmarks.md)")

// TestBigLibrary measures import and search of made articles: invented people
// with the forms of real names, each article some 250 words long.
func TestBigLibrary(t *testing.T) {
	n := *benchArticles
	if n == 0 {
		t.Skip("-media.articles says how many articles to make")
	}
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(7, 7))
	given, family := coined(rnd, 2000), coined(rnd, 20000)
	person := func() string { return given[rnd.IntN(len(given))] + " " + family[rnd.IntN(len(family))] }
	acts := []string{"was convicted of fraud", "was arrested for money laundering", "was acquitted of bribery", "opened a new school", "won the regatta", "was charged with tax evasion", "spoke at the fair", "sold the company"}
	filler := "The meeting in the old harbour hall lasted for three hours and ended without a result, as many had expected before it began. "
	name := filepath.Join(dir, "news.jsonl")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(f)
	var people []string
	for i := range n {
		who := person()
		if i%(n/1000+1) == 0 {
			people = append(people, who)
		}
		text := who + " " + acts[rnd.IntN(len(acts))] + " on Monday. "
		for range 9 {
			text += filler + person() + " " + acts[rnd.IntN(len(acts))] + ". "
		}
		line, err := json.Marshal(map[string]any{"id": fmt.Sprint("a", i), "url": fmt.Sprint("https://news.example/", i), "title": "News of " + who, "published": time.Date(2026, 1, 1+i%300, 0, 0, 0, 0, time.UTC), "language": "en", "text": text})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(out, "%s\n", line)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	l := library(t, dir, at(2026, 11, 21))
	started := time.Now()
	mustImport(t, l, "bench", name)
	took := time.Since(started)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "library.db"))
	if err != nil {
		t.Fatal(err)
	}
	source, _ := os.Stat(name)
	t.Logf("%d articles of %d bytes imported in %s, %.0f a second; library %d MiB, files %d MiB", n, source.Size()/int64(n), took.Round(time.Millisecond), float64(n)/took.Seconds(), info.Size()>>20, source.Size()>>20)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	started = time.Now()
	if r := l.Search(t.Context(), media.Query{Name: people[0]}); r.Err != nil {
		t.Fatal(r.Err)
	}
	t.Logf("first search after opening: %s", time.Since(started).Round(time.Microsecond))
	for what, query := range map[string]func(i int) string{
		"named":   func(i int) string { return people[i%len(people)] },
		"unknown": func(int) string { return person() },
	} {
		var times []time.Duration
		read, found := 0, 0
		for i := range 500 {
			q := query(i)
			started := time.Now()
			r := l.Search(t.Context(), media.Query{Name: q})
			times = append(times, time.Since(started))
			read += r.Read
			if r.Mentions > 0 {
				found++
			}
			if r.Err != nil {
				t.Fatal(r.Err)
			}
		}
		if what == "named" && found < 490 {
			t.Errorf("only %d of 500 named people are found", found)
		}
		slices.Sort(times)
		t.Logf("%s: p50 %s, p99 %s, %.1f articles read a search, %d of 500 named", what, times[250].Round(time.Microsecond), times[495].Round(time.Microsecond), float64(read)/500, found)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	t.Logf("heap after 1,000 searches: %d KiB more", (int64(after.HeapAlloc)-int64(before.HeapAlloc))>>10)
}

// coined are n invented words with the look of names.
func coined(rnd *rand.Rand, n int) []string {
	heads, mids, tails := []string{"Ka", "Mo", "Ve", "Sta", "Bri", "Lu", "Do", "Fe", "Ju", "Ne", "Pa", "Ro", "Ti", "Za", "Gre", "Hol"}, []string{"ra", "li", "no", "ve", "mi", "du", "sta", "ber", "kan", "tor", "lin", "ga"}, []string{"nov", "ski", "sen", "man", "ri", "dez", "tti", "ler", "court", "vic", "ma", "quist"}
	seen := map[string]bool{}
	var out []string
	for len(out) < n {
		w := heads[rnd.IntN(len(heads))] + mids[rnd.IntN(len(mids))]
		for range rnd.IntN(3) {
			w += mids[rnd.IntN(len(mids))]
		}
		w += tails[rnd.IntN(len(tails))]
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}
