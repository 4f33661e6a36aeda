package screen

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/roster"
)

// ownCSV writes a list of n invented people in the own format.
func ownCSV(t testing.TB, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("id,name,type,birth_date\n")
	for i := range n {
		fmt.Fprintf(&b, "p-%d,Person%c%c Listed%d,person,19%02d\n", i, 'a'+i%26, 'a'+i/26%26, i, i%100)
	}
	return writeTemp(t, "list.csv", b.String())
}

func writeTemp(t testing.TB, name, content string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestImportPutsAListInForce(t *testing.T) {
	t.Parallel()
	s, clock := openTest(t)
	if got := s.Match(Query{Name: "Olga Own"}).Worst(); got != kyc.StatusNotConfigured {
		t.Errorf("without any list the worst status is %s", got)
	}
	if ok, why := s.Ready(); ok || len(why) == 0 {
		t.Error("ready without any list")
	}
	v := mustImport(t, s, "csv", "house", "../roster/testdata/own/list.csv")
	if v.List != "house" || v.Entries != 2 || v.Status != kyc.StatusOK || !strings.HasPrefix(v.Version, "sha256:") || !v.AsOf.Equal(clock.at) {
		t.Errorf("imported %+v", v)
	}
	r := s.Match(Query{Name: "olga OWN", DateOfBirth: "1990-05-06", Country: "ua", Threshold: DefaultThreshold})
	if len(r.Hits) != 1 || r.Hits[0].EntryID != "b-1" || r.Hits[0].Score != 1 || r.Hits[0].Version != v.Version || r.Worst() != kyc.StatusOK {
		t.Errorf("matched %+v", r)
	}
	if ok, why := s.Ready(); !ok {
		t.Errorf("not ready: %v", why)
	}
	if e, ok := s.Entry("house", "b-1"); !ok || e.Names[0].Text != "Own, Olga" || len(e.Identifiers) != 2 {
		t.Errorf("entry %+v %t", e, ok)
	}
	for _, other := range [][2]string{{"house", "z"}, {"garden", "b-1"}} {
		if _, ok := s.Entry(other[0], other[1]); ok {
			t.Errorf("found %v", other)
		}
	}
	// The same content again has the same version, packed or not.
	packed := writeTemp(t, "list.csv.gz", string(pack(t, sample(t, "own/list.csv"))))
	if again := mustImport(t, s, "csv", "house", packed); again.Version != v.Version {
		t.Error("equal content got another version")
	}
}

func TestEveryListThatWasAskedIsNamed(t *testing.T) {
	t.Parallel()
	s, clock := openTest(t)
	mustImport(t, s, "csv", "fresh", "../roster/testdata/own/list.csv")
	v := mustImport(t, s, "csv", "broken", "../roster/testdata/own/list.csv")
	if err := os.WriteFile(filepath.Join(s.dir, "broken", contentName(v.Version)), []byte("garbage"), 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := Open(Options{Dir: s.dir, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	r := again.Match(Query{Name: "Nobody Here", Lists: []string{"fresh", "absent", "broken", "fresh"}})
	got := map[string]kyc.AnswerStatus{}
	for _, l := range r.Lists {
		got[l.List] = l.Status
	}
	want := map[string]kyc.AnswerStatus{"fresh": kyc.StatusOK, "absent": kyc.StatusNotConfigured, "broken": kyc.StatusError}
	if len(r.Lists) != 3 || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("statuses %v, want %v", got, want)
	}
	if r.Worst() != kyc.StatusError {
		t.Errorf("worst is %s", r.Worst())
	}
	clock.at = clock.at.Add(8 * 24 * time.Hour)
	if r := again.Match(Query{Name: "Nobody Here", Lists: []string{"fresh"}}); r.Worst() != kyc.StatusStale || r.Lists[0].AgeSecs != 8*24*3600 {
		t.Errorf("after eight days: %+v", r.Lists)
	}
	if r := again.Match(Query{Name: "Nobody Here", Lists: []string{"fresh"}, MaxAge: 9 * 24 * time.Hour}); r.Worst() != kyc.StatusOK {
		t.Errorf("with a longer limit: %+v", r.Lists)
	}
	if ok, _ := again.Ready(); ok {
		t.Error("ready with a broken list")
	}
}

func TestABadImportKeepsTheLastGoodState(t *testing.T) {
	t.Parallel()
	s, clock := openTest(t)
	ctx := context.Background()
	good := mustImport(t, s, "csv", "house", ownCSV(t, 100))
	refuse := func(code, file string) {
		t.Helper()
		clock.at = clock.at.Add(time.Minute)
		v, err := s.Import(ctx, "csv", "house", []string{file}, false)
		if !kyc.IsCode(err, code) || v.Version != good.Version {
			t.Errorf("got %v (version %q), want %s and the old version", err, v.Version, code)
		}
		st := s.Status()
		i := indexOf(st, "house")
		if st[i].LastError == "" || !st[i].LastAttempt.Equal(clock.at) || st[i].Entries != 100 || st[i].ListVersion.Status != kyc.StatusOK || st[i].Running {
			t.Errorf("status after %s: %+v", code, st[i])
		}
		if r := s.Match(Query{Name: "Personaa Listed0"}); len(r.Hits) == 0 {
			t.Errorf("after %s the old list does not answer", code)
		}
	}
	refuse("list_empty", writeTemp(t, "empty.csv", ""))
	refuse("list_empty", writeTemp(t, "header.csv", "id,name\n"))
	refuse("list_shrunk", ownCSV(t, 79))
	refuse("list_wrong_delimiter", writeTemp(t, "semi.csv", "id;name\n1;A B\n"))
	refuse("list_unreadable", "/does/not/exist")
	refuse("list_format", writeTemp(t, "twice.csv", "id,name\n1,A B,C\n2,D E\n"))
	mustImport(t, s, "csv", "house", ownCSV(t, 80))
	if _, err := s.Import(ctx, "csv", "house", []string{ownCSV(t, 10)}, true); err != nil {
		t.Errorf("forced: %v", err)
	}
	if _, err := s.Import(ctx, "nonsense", "house", []string{"x"}, false); !kyc.IsCode(err, "unknown_format") {
		t.Errorf("unknown format: %v", err)
	}
	for _, id := range []string{"../up", "A", "a b", "-x", strings.Repeat("a", 65), ".lock"} {
		if _, err := s.Import(ctx, "csv", id, []string{"x"}, false); !kyc.IsCode(err, "invalid_list_id") {
			t.Errorf("list id %q: %v", id, err)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Import(cancelled, "csv", "house", []string{ownCSV(t, 10)}, false); !kyc.IsCode(err, "cancelled") {
		t.Errorf("cancelled: %v", err)
	}
}

// Aliases that go missing are names that nobody is found by, although every entry
// is there.
func TestAListThatLosesItsAliasesIsRefused(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	list := func(aliases int) string {
		var b strings.Builder
		b.WriteString("id,name,aliases\n")
		for i := range 20 {
			fmt.Fprintf(&b, "%d,Orsolya Quennell%d,", i, i)
			if i < aliases {
				fmt.Fprintf(&b, "Ignatz Verrocchio%d;Lucasta Brambilla%d", i, i)
			}
			b.WriteString("\n")
		}
		return writeTemp(t, "own.csv", b.String())
	}
	good := mustImport(t, s, "csv", "house", list(20))
	v, err := s.Import(t.Context(), "csv", "house", []string{list(13)}, false)
	if !kyc.IsCode(err, "list_shrunk") || !strings.Contains(err.Error(), "60 to 46 names and aliases") || v.Version != good.Version {
		t.Errorf("%v %+v", err, v)
	}
	if r := s.Match(Query{Name: "Lucasta Brambilla19", Threshold: DefaultThreshold}); len(r.Hits) == 0 || r.Lists[0].LastError == "" {
		t.Errorf("%+v", r)
	}
	mustImport(t, s, "csv", "house", list(14))
	if _, err := s.Import(t.Context(), "csv", "house", []string{list(0)}, true); err != nil {
		t.Errorf("forced: %v", err)
	}
}

func indexOf(st []ListStatus, id string) int {
	for i := range st {
		if st[i].List == id {
			return i
		}
	}
	return 0
}

func TestAFirstFailureIsNeverClear(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	if _, err := s.Import(context.Background(), "un", "", []string{writeTemp(t, "un.xml", "")}, false); err == nil {
		t.Fatal("an empty file was taken")
	}
	// The list is known now, and not configured: asking all lists must say so.
	r := s.Match(Query{Name: "Nobody Here"})
	if r.Worst() != kyc.StatusNotConfigured || len(r.Lists) != 1 || r.Lists[0].List != "un" {
		t.Errorf("got %+v", r.Lists)
	}
	if st := s.Status()[indexOf(s.Status(), "un")]; st.LastError == "" || !st.Official {
		t.Errorf("status %+v", st)
	}
}

func TestAnotherProcessImports(t *testing.T) {
	t.Parallel()
	s, clock := openTest(t)
	mustImport(t, s, "csv", "house", ownCSV(t, 20))
	server, err := Open(Options{Dir: s.dir, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	tick := make(chan time.Time)
	done := make(chan struct{})
	go func() { server.Watch(ctx, tick); close(done) }()
	mustImport(t, s, "csv", "house", ownCSV(t, 30))
	mustImport(t, s, "csv", "second", ownCSV(t, 5))
	tick <- clock.at
	tick <- clock.at // taken only when the first reload is over
	if r := server.Match(Query{Name: "Personaa Listed0"}); len(r.Lists) != 2 || r.Lists[0].Entries != 30 {
		t.Errorf("the server sees %+v", r.Lists)
	}
	if changed, err := server.Reload(); err != nil || len(changed) != 0 {
		t.Errorf("nothing changed, but %v %v", changed, err)
	}
	// A damaged newer state does not push out the one in memory.
	v := mustImport(t, s, "csv", "house", ownCSV(t, 40))
	if err := os.Truncate(filepath.Join(s.dir, "house", contentName(v.Version)), 40); err != nil {
		t.Fatal(err)
	}
	tick <- clock.at
	tick <- clock.at
	st := server.Status()[indexOf(server.Status(), "house")]
	if st.Entries != 30 || st.LastError == "" || st.ListVersion.Status != kyc.StatusOK {
		t.Errorf("with a damaged newer state: %+v", st)
	}
	cancel()
	<-done
}

// A killed import leaves at most a temporary file or an unnamed content file.
func TestLeftoversOfAKilledImportDoNotHarm(t *testing.T) {
	t.Parallel()
	s, clock := openTest(t)
	v := mustImport(t, s, "csv", "house", ownCSV(t, 20))
	for _, name := range []string{".manifest.json-123", "ffffffffffffffffffffffff.jsonl.gz"} {
		if err := os.WriteFile(filepath.Join(s.dir, "house", name), []byte("{half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "neverfinished"), 0o755); err != nil {
		t.Fatal(err)
	}
	again, err := Open(Options{Dir: s.dir, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	r := again.Match(Query{Name: "Personaa Listed0"})
	if len(r.Lists) != 1 || r.Lists[0].Version != v.Version || r.Worst() != kyc.StatusOK || len(r.Hits) == 0 {
		t.Errorf("got %+v", r.Lists)
	}
}

func TestQueriesGoOnWhileListsAreSwapped(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	files := []string{ownCSV(t, 200), ownCSV(t, 210)}
	mustImport(t, s, "csv", "house", files[0])
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var asked atomic.Int64
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				r := s.Match(Query{Name: "Personaa Listed0", Threshold: DefaultThreshold})
				if r.Worst() != kyc.StatusOK || len(r.Hits) == 0 || r.Hits[0].Version != r.Lists[0].Version {
					t.Errorf("during a swap: %+v", r)
					return
				}
				asked.Add(1)
			}
		}()
	}
	for i := range 10 {
		mustImport(t, s, "csv", "house", files[(i+1)%2])
	}
	close(stop)
	wg.Wait()
	if asked.Load() == 0 {
		t.Error("no query was answered")
	}
}

func TestDemoListIsFictional(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	v, err := s.InstallDemo(context.Background())
	if err != nil || !v.Fictional || v.Entries != 20 {
		t.Fatalf("installed %+v, %v", v, err)
	}
	again, err := Open(Options{Dir: s.dir})
	if err != nil {
		t.Fatal(err)
	}
	r := again.Match(Query{Name: "Zoltavius Emeric Vantabrik", Type: roster.TypePerson, DateOfBirth: "1966-11-03", Threshold: DefaultThreshold})
	if len(r.Hits) != 1 || !r.Hits[0].Fictional || !r.Lists[0].Fictional || r.Hits[0].EntryID != "DEMO-001" {
		t.Fatalf("got %+v", r)
	}
	if text := Explain(r.Hits[0]); !strings.Contains(text, "FICTIONAL") || !strings.Contains(text, "date_of_birth") {
		t.Errorf("explanation:\n%s", text)
	}
	demo, err := roster.Demo()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range demo.Entities {
		if r := again.Match(Query{Name: e.Names[0].Text, Threshold: DefaultThreshold}); len(r.Hits) == 0 || r.Hits[0].EntryID != e.ID {
			t.Errorf("%s is not found by its own name", e.ID)
		}
	}
}

func TestStatusIsJSON(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	mustImport(t, s, "un", "", "../roster/testdata/un/consolidated.xml")
	raw, err := json.Marshal(s.Status())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"list":"un"`, `"entries":2`, `"age_seconds":0`, `"status":"ok"`, `"running":false`, `"official":true`, `"published":"2026-02-27`} {
		if !strings.Contains(string(raw), key) {
			t.Errorf("no %s in %s", key, raw)
		}
	}
}

func TestIdentifierKindsAreThoseOfTheEntries(t *testing.T) {
	t.Parallel()
	got := identifierKinds([]roster.Entity{{Identifiers: []roster.Identifier{{Kind: "passport", Value: "1"}, {Kind: "crypto_eth", Value: "2"}}}, {Identifiers: []roster.Identifier{{Kind: "passport", Value: "3"}}}, {}})
	if !slices.Equal(got, []string{"crypto_eth", "passport"}) {
		t.Errorf("%v", got)
	}
}

// Whoever asks a list sees that the attempt to renew it failed.
func TestAnAnswerTellsWhyAListIsNotNewer(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	mustImport(t, s, "csv", "house", "../roster/testdata/own/list.csv")
	if _, err := s.Import(t.Context(), "csv", "house", []string{writeTemp(t, "empty.csv", "")}, false); !kyc.IsCode(err, "list_empty") {
		t.Fatalf("an empty file: %v", err)
	}
	l := s.Match(Query{Name: "Olga Own"}).Lists[0]
	if l.Status != kyc.StatusOK || !strings.Contains(l.LastError, "list_empty") && !strings.Contains(l.LastError, "is empty") {
		t.Errorf("%+v", l)
	}
	mustImport(t, s, "csv", "house", "../roster/testdata/own/list.csv")
	if l := s.Match(Query{Name: "Olga Own"}).Lists[0]; l.LastError != "" {
		t.Errorf("after a good import: %+v", l)
	}
}

// A list that was tried under a wrong name stands in the way of every clearance
// until somebody removes it.
func TestRemove(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	mustImport(t, s, "csv", "house", "../roster/testdata/own/list.csv")
	if _, err := s.Import(t.Context(), "csv", "typo", []string{writeTemp(t, "empty.csv", "")}, false); err == nil {
		t.Fatal("an empty file was taken")
	}
	if got := s.Match(Query{Name: "Nobody Known"}).Worst(); got != kyc.StatusNotConfigured {
		t.Errorf("with a list that was only tried: %s", got)
	}
	if err := s.Remove("typo"); err != nil {
		t.Fatal(err)
	}
	if got := s.Match(Query{Name: "Nobody Known"}); got.Worst() != kyc.StatusOK || len(got.Lists) != 1 {
		t.Errorf("after it was removed: %+v", got)
	}
	if err := s.Remove("house"); err != nil {
		t.Fatal(err)
	}
	if got := s.Match(Query{Name: "Olga Own", Lists: []string{"house"}}); got.Worst() != kyc.StatusNotConfigured || len(got.Hits) != 0 {
		t.Errorf("after the last list was removed: %+v", got)
	}
	for id, code := range map[string]string{"house": "unknown_list", "../x": "invalid_list_id"} {
		if err := s.Remove(id); !kyc.IsCode(err, code) {
			t.Errorf("%s: %v", id, err)
		}
	}
}
