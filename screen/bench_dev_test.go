package screen

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

// dataFolder finds the data folder beside the module, or skips.
func dataFolder(t testing.TB) string {
	dir := os.Getenv("BONAFIDE_DATA_FOLDER")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	if _, err := os.Stat(filepath.Join(dir, "watchlists")); err != nil {
		t.Skip("the data folder ../shared/data is not here; set BONAFIDE_DATA_FOLDER to run this test")
	}
	return dir
}

// openTest makes a Screener on a fresh folder with a clock that stands still.
func openTest(t testing.TB) (*Screener, *stillClock) {
	t.Helper()
	clock := &stillClock{at: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	s, err := Open(Options{Dir: t.TempDir(), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return s, clock
}

type stillClock struct{ at time.Time }

func (c *stillClock) Now() time.Time { return c.at }

func mustImport(t testing.TB, s *Screener, format, id string, files ...string) kyc.ListVersion {
	t.Helper()
	v, err := s.Import(context.Background(), format, id, files, false)
	if err != nil {
		t.Fatalf("importing %s: %v", id, err)
	}
	return v
}

type benchCase struct {
	ID       string   `json:"id"`
	List     string   `json:"list"`
	Query    string   `json:"query"`
	Type     string   `json:"type"`
	DOB      string   `json:"dob"`
	Country  string   `json:"country"`
	Expect   []string `json:"expect"`
	Forbid   []string `json:"forbid"`
	Category string   `json:"category"`
}

var devBench = flag.Bool("screen.dev", false, "measure the developer half of the screening benchmark (half a minute)")
var devWorst = flag.String("screen.worst", "", "print misses or false alarms of this category")

// TestDevBenchmark prints the figures of the developer half. It is no gate:
// it fails only when the matcher has clearly been broken.
func TestDevBenchmark(t *testing.T) {
	if !*devBench {
		t.Skip("run with -screen.dev to measure the developer half of the benchmark")
	}
	dir := filepath.Join(dataFolder(t), "screening-bench")
	s, _ := openTest(t)
	in := func(list, file string) string { return filepath.Join(dir, "index", list, file) }
	mustImport(t, s, "ofac_sdn", "ofac", in("ofac", "sdn.csv.gz"), in("ofac", "alt.csv.gz"), in("ofac", "add.csv.gz"), in("ofac", "sdn_comments.csv.gz"))
	mustImport(t, s, "un", "un", in("un", "un_consolidated.xml.gz"))
	for _, l := range []string{"eu", "pep", "wd", "pairs"} {
		mustImport(t, s, "ftm", l, in(l, "entities.ftm.json.gz"))
	}
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	fmt.Printf("heap with six lists: %d MB\n", mem.HeapAlloc>>20)
	var latin, native, neg, negDOB, pairPos, pairNeg []float64
	var spent []time.Duration
	lost, missed := 0, 0
	type tally struct{ n, r1, r10, over int }
	cats := map[string]*tally{}
	for _, file := range []string{"cases.jsonl", "negatives.jsonl"} {
		for _, c := range readCases(t, filepath.Join(dir, "dev", file)) {
			at := time.Now()
			r := s.Match(Query{Name: c.Query, Type: roster.EntityType(c.Type), DateOfBirth: c.DOB, Country: c.Country, Lists: []string{c.List}, Limit: 10, Beside: NearestShare})
			spent = append(spent, time.Since(at))
			// What the threshold leaves out early must not be above it.
			cut := s.Match(Query{Name: c.Query, Type: roster.EntityType(c.Type), DateOfBirth: c.DOB, Country: c.Country, Lists: []string{c.List}, Limit: 10, Threshold: DefaultThreshold})
			if n := len(slices.DeleteFunc(slices.Clone(r.Hits), func(h kyc.Hit) bool { return h.Score < DefaultThreshold })); n != len(cut.Hits) {
				lost++
				for _, h := range r.Hits {
					if h.Score >= DefaultThreshold && slices.Contains(c.Expect, h.EntryID) && !slices.ContainsFunc(cut.Hits, func(k kyc.Hit) bool { return k.EntryID == h.EntryID }) {
						missed++
					}
				}
			}
			cat := cats[c.Category]
			if cat == nil {
				cat = &tally{}
				cats[c.Category] = cat
			}
			cat.n++
			top, rank := math.Inf(-1), 0
			for i, h := range r.Hits {
				if len(c.Expect) > 0 && slices.Contains(c.Expect, h.EntryID) {
					if rank == 0 {
						rank, top = i+1, h.Score
					}
				} else if len(c.Expect) == 0 && (len(c.Forbid) == 0 || slices.Contains(c.Forbid, h.EntryID)) {
					top = math.Max(top, h.Score)
				}
			}
			if rank == 1 {
				cat.r1++
			}
			if rank > 0 {
				cat.r10++
			}
			if top >= DefaultThreshold {
				cat.over++
			}
			if *devWorst == c.Category && (len(c.Expect) > 0) != (top >= DefaultThreshold) {
				fmt.Printf("%s %s %q %.3f rank %d", c.ID, c.List, c.Query, top, rank)
				if len(c.Expect) > 0 {
					if l := s.state.Load().lists[c.List]; l != nil {
						if at, ok := l.index.find(c.Expect[0]); ok {
							fmt.Printf(" expects %q", l.index.entity(at).Names)
						}
					}
				}
				if len(r.Hits) > 0 {
					fmt.Printf(" top %s %q %.3f", r.Hits[0].EntryID, r.Hits[0].MatchedName, r.Hits[0].Score)
				}
				fmt.Println()
			}
			switch {
			case strings.HasPrefix(c.Category, "pair_"):
				if len(c.Expect) > 0 {
					pairPos = append(pairPos, top)
				} else {
					pairNeg = append(pairNeg, top)
				}
			case c.Category == "neg_dob_conflict":
				negDOB = append(negDOB, top)
			case strings.HasPrefix(c.Category, "neg_"):
				neg = append(neg, top)
			case c.Category == "alias_unrelated" || c.Category == "weak_aka" || c.Category == "native_org":
			case strings.HasPrefix(c.Category, "native_"):
				native = append(native, top)
			default:
				latin = append(latin, top)
			}
		}
	}
	var lr1, nr1, lr10 int
	for _, name := range sortedKeys(cats) {
		c := cats[name]
		fmt.Printf("%-20s n %5d  r@1 %.3f  r@10 %.3f  over the default %.4f\n", name, c.n, ratio(c.r1, c.n), ratio(c.r10, c.n), ratio(c.over, c.n))
		switch {
		case strings.HasPrefix(name, "pair_"), strings.HasPrefix(name, "neg_"), name == "alias_unrelated", name == "weak_aka", name == "native_org":
		case strings.HasPrefix(name, "native_"):
			nr1 += c.r1
		default:
			lr1 += c.r1
			lr10 += c.r10
		}
	}
	at, f1, prec, rec := bestF1(latin, neg)
	fmt.Printf("latin: recall@1 %.4f recall@10 %.4f; best F1 %.4f at %.4f (precision %.3f recall %.3f false alarms %.4f)\n", ratio(lr1, len(latin)), ratio(lr10, len(latin)), f1, at, prec, rec, shareOver(neg, at))
	for _, fpr := range []float64{0.01, 0.005, 0.001} {
		th, r := recallAt(latin, neg, fpr)
		fmt.Printf("latin recall at false alarms <= %.3f: %.4f (threshold %.4f; native %.4f)\n", fpr, r, th, shareOver(native, th))
	}
	fmt.Printf("default threshold %.2f: latin recall %.4f, false alarms %.4f, wrong birth date %.4f\n", DefaultThreshold, shareOver(latin, DefaultThreshold), shareOver(neg, DefaultThreshold), shareOver(negDOB, DefaultThreshold))
	fmt.Printf("native recall@1 %.4f\n", ratio(nr1, len(native)))
	_, pf1, _, _ := bestF1(pairPos, pairNeg)
	fmt.Printf("labelled pairs: best F1 %.4f\n", pf1)
	fmt.Printf("queries whose answer above the default threshold depends on asking with it: %d (listed parties missed so: %d)\n", lost, missed)
	slices.Sort(spent)
	fmt.Printf("one query: p50 %v p99 %v max %v\n", spent[len(spent)/2], spent[len(spent)*99/100], spent[len(spent)-1])
	if f1 < 0.88 {
		t.Errorf("best F1 is %.4f: the matcher is broken", f1)
	}
}

func ratio(a, b int) float64 { return float64(a) / math.Max(1, float64(b)) }

func shareOver(xs []float64, th float64) float64 {
	n := 0
	for _, x := range xs {
		if x >= th {
			n++
		}
	}
	return ratio(n, len(xs))
}

func bestF1(pos, neg []float64) (at, f1, prec, rec float64) {
	for th := 0.2; th <= 1; th += 0.0025 {
		tp, fp := shareOver(pos, th)*float64(len(pos)), shareOver(neg, th)*float64(len(neg))
		if f := 2 * tp / (tp + fp + float64(len(pos))); f > f1 {
			at, f1, prec, rec = th, f, tp/(tp+fp), tp/float64(len(pos))
		}
	}
	return at, f1, prec, rec
}

func recallAt(pos, neg []float64, fpr float64) (at, rec float64) {
	for th := 0.2; th <= 1.0001; th += 0.0005 {
		if shareOver(neg, th) <= fpr {
			return th, shareOver(pos, th)
		}
	}
	return 1, 0
}

func readCases(t testing.TB, path string) []benchCase {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var out []benchCase
	for d := json.NewDecoder(bufio.NewReader(f)); ; {
		var c benchCase
		if err := d.Decode(&c); err != nil {
			return out
		}
		out = append(out, c)
	}
}

// gunzip unpacks a file of the data folder.
func gunzip(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	gz, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := bufio.NewReader(gz).WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return []byte(b.String())
}
