package media_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/media"
)

// clock is a clock that tests move.
type clock struct{ now atomic.Int64 }

func (c *clock) Now() time.Time { return time.Unix(c.now.Load(), 0).UTC() }

func at(year, month, day int) *clock {
	c := &clock{}
	c.now.Store(time.Date(year, time.Month(month), day, 12, 0, 0, 0, time.UTC).Unix())
	return c
}

func library(t *testing.T, dir string, c kyc.Clock) *media.Library {
	t.Helper()
	l := media.Open(media.Options{Dir: dir, Clock: c})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const courtNews = `id,url,title,published,language,source,text
1,https://news.example/1,Banker jailed,2026-03-01,en,The Example,"John Carter, 52, was jailed for money laundering. Judge Ann Porter sentenced Carter."
2,https://news.example/2,Carter cleared,2025-05-01,en,The Example,A jury acquitted John Carter of tax fraud.
3,https://news.example/3,Museum,2026-02-01,en,Daily Other,Maria Silva opened a museum.
`

func mustImport(t *testing.T, l *media.Library, feed string, files ...string) media.Imported {
	t.Helper()
	v, err := l.Import(t.Context(), feed, "", files)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestImportSearchAndExplain(t *testing.T) {
	t.Parallel()
	l := library(t, t.TempDir(), at(2026, 11, 21))
	if r := l.Search(t.Context(), media.Query{Name: "John Carter"}); r.Worst() != kyc.StatusNotConfigured {
		t.Fatalf("nothing imported is %s", r.Worst())
	}
	v := mustImport(t, l, "local", file(t, "a.csv", courtNews))
	if v.New != 3 || v.Entries != 3 || v.Version == "" {
		t.Fatalf("%+v", v)
	}
	r := l.Search(t.Context(), media.Query{Name: "Carter, Jon", Born: "1974-05-01"})
	if r.Worst() != kyc.StatusOK || len(r.Findings) != 2 {
		t.Fatalf("%s %+v", r.Worst(), r)
	}
	got := r.Findings[0]
	if got.ID != "1" || got.Role != media.Convicted || got.Category != "laundering" || got.Negated || got.Risk < 70 || got.Version != v.Version || got.URL != "https://news.example/1" || !strings.Contains(got.Snippet, "jailed") {
		t.Errorf("%+v", got)
	}
	if two := r.Findings[1]; !two.Negated || two.Risk == 0 || two.Risk > 15 {
		t.Errorf("cleared: %+v", two)
	}
	for _, f := range r.Findings {
		risk, score := 0.0, 0.0
		for _, row := range f.Why {
			risk += row.Points
		}
		for _, row := range f.Features {
			score += row.Points
		}
		if risk != f.Risk || score-f.Score > 1e-9 || f.Score-score > 1e-9 {
			t.Errorf("rows give %v and %v, the scores are %v and %v", risk, score, f.Risk, f.Score)
		}
		if text := media.Explain(f); !strings.Contains(text, f.Why[0].Rule) {
			t.Errorf("no rule in %s", text)
		}
	}
	if other := l.Search(t.Context(), media.Query{Name: "John Carter", Born: "1990"}); len(other.Findings) != 1 || other.Findings[0].ID != "2" {
		t.Errorf("somebody born in 1990 is the one aged 52: %+v", other.Findings)
	}
	if judge := l.Search(t.Context(), media.Query{Name: "Ann Porter"}); len(judge.Findings) != 1 || judge.Findings[0].Role != media.Judge || judge.Findings[0].Adverse() || judge.Findings[0].Risk != 0 {
		t.Errorf("the judge: %+v", judge.Findings)
	}
	if none := l.Search(t.Context(), media.Query{Name: "Maria Silva"}); len(none.Findings) != 0 || none.Mentions != 1 {
		t.Errorf("a museum: %+v", none)
	}
	if r := l.Search(t.Context(), media.Query{Name: "Bank"}); r.Err == nil || r.Worst() == kyc.StatusOK {
		t.Error("a name of one common word is searched")
	}
}

func TestTheSameNewsCountsOnce(t *testing.T) {
	t.Parallel()
	l := library(t, t.TempDir(), at(2026, 11, 21))
	first := mustImport(t, l, "local", file(t, "a.csv", courtNews))
	again := mustImport(t, l, "local", file(t, "a.csv", courtNews))
	if again.New != 0 || again.Duplicates != 3 || again.Version != first.Version {
		t.Errorf("%+v", again)
	}
	// Another id with the same address or the same text is the same news.
	if v := mustImport(t, l, "local", file(t, "b.csv", "id,url,title,text\nx,https://news.example/1,Other,Other text\ny,https://news.example/9,Museum,Maria Silva opened a museum.\n")); v.New != 0 || v.Duplicates != 2 {
		t.Errorf("%+v", v)
	}
	// The same id with another text replaces the article.
	v := mustImport(t, l, "local", file(t, "c.csv", "id,url,title,published,language,text\n1,https://news.example/1,Correction,2026-03-02,en,John Carter was acquitted of money laundering.\n"))
	if v.Changed != 1 || v.Entries != 3 || v.Version == first.Version {
		t.Errorf("%+v", v)
	}
	for _, f := range l.Search(t.Context(), media.Query{Name: "John Carter"}).Findings {
		if !f.Negated {
			t.Errorf("the old text is still found: %+v", f)
		}
	}
	// Another feed with the same articles is asked, and its copies are not shown twice.
	mustImport(t, l, "second", file(t, "a.csv", courtNews))
	r := l.Search(t.Context(), media.Query{Name: "Ann Porter"})
	if len(r.Lists) != 2 || len(r.Findings) != 1 {
		t.Errorf("%+v", r)
	}
	// The version tells the articles, not how they came.
	reversed := library(t, t.TempDir(), at(2026, 11, 21))
	lines := strings.SplitAfter(courtNews, "\n")
	mustImport(t, reversed, "local", file(t, "a.csv", lines[0]+lines[3]+lines[2]))
	if v := mustImport(t, reversed, "local", file(t, "a.csv", lines[0]+lines[1])); v.Version != first.Version {
		t.Errorf("version %s of the same articles is not %s", v.Version, first.Version)
	}
}

func TestOldNewsGoes(t *testing.T) {
	t.Parallel()
	c := at(2026, 11, 21)
	l := library(t, t.TempDir(), c)
	if err := l.Configure(t.Context(), media.Feed{ID: "local", KeepDays: 400}); err != nil {
		t.Fatal(err)
	}
	if v := mustImport(t, l, "local", file(t, "a.csv", courtNews)); v.Entries != 2 || v.Expired != 1 {
		t.Fatalf("%+v", v)
	}
	c.now.Add(200 * 24 * 3600)
	if v := mustImport(t, l, "local", file(t, "b.csv", "id,title,text\n8,New,Peter Lang was arrested.\n")); v.Entries != 1 || v.Expired != 2 {
		t.Fatalf("%+v", v)
	}
	if r := l.Search(t.Context(), media.Query{Name: "John Carter"}); len(r.Findings) != 0 || r.Read != 0 {
		t.Errorf("%+v", r)
	}
	if n, err := l.Remove(t.Context(), "local", []string{"8"}); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
	if n, err := l.Remove(t.Context(), "local", nil); err != nil || n != 0 {
		t.Errorf("%d %v", n, err)
	}
	if r := l.Search(t.Context(), media.Query{Name: "Peter Lang"}); r.Worst() != kyc.StatusNotConfigured {
		t.Errorf("a removed feed is %s", r.Worst())
	}
}

func TestBadFilesLeaveTheGoodState(t *testing.T) {
	t.Parallel()
	c := at(2026, 11, 21)
	l := library(t, t.TempDir(), c)
	good := mustImport(t, l, "local", file(t, "a.csv", courtNews))
	for name, bad := range map[string]struct{ file, text, code string }{
		"torn rows":     {"a.csv", courtNews + "4,5\n", "media_unreadable"},
		"no columns":    {"a.csv", "name,age\nx,1\n", "media_unreadable"},
		"bad date":      {"a.csv", "id,title,published\n1,x,yesterday\n", "media_unreadable"},
		"empty":         {"a.csv", "id,title\n", "media_empty"},
		"no JSON":       {"a.jsonl", "{\"title\":\"x\"}\n{\"title\":", "media_unreadable"},
		"cut XML":       {"a.xml", "<rss version=\"2.0\"><channel><item><title>x</title>", "media_unreadable"},
		"entities":      {"a.xml", "<!DOCTYPE r [<!ENTITY a \"b\">]><rss version=\"2.0\"><channel><item><title>&a;</title></item></channel></rss>", "media_unreadable"},
		"deep XML":      {"a.xml", strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100), "media_unreadable"},
		"nothing in it": {"a.jsonl", "{\"id\":\"1\"}\n", "media_unreadable"},
		"long line":     {"a.jsonl", "{\"title\":\"" + strings.Repeat("x", 2<<20) + "\"}\n", "media_too_large"},
	} {
		_, err := l.Import(t.Context(), "local", "", []string{file(t, "g.csv", "id,title\n77,Good\n"), file(t, bad.file, bad.text)})
		if code := kyc.AsError(err).Code; err == nil || code != bad.code {
			t.Errorf("%s: %v, want %s", name, err, bad.code)
		}
	}
	feeds, err := l.Status(t.Context())
	if err != nil || len(feeds) != 1 || feeds[0].Version != good.Version || feeds[0].Entries != 3 || feeds[0].LastError == "" || feeds[0].ListVersion.Status != kyc.StatusOK {
		t.Errorf("%+v %v", feeds, err)
	}
	if _, err := l.Import(t.Context(), "new", "", []string{file(t, "a.csv", "x\n1\n")}); err == nil {
		t.Error("a file without title and text is imported")
	}
	// A feed that never came is asked and is an error; stale ones are stale.
	if r := l.Search(t.Context(), media.Query{Name: "John Carter"}); r.Worst() != kyc.StatusError {
		t.Errorf("a failed feed reads as %s", r.Worst())
	}
	if r := l.Search(t.Context(), media.Query{Name: "John Carter", Feeds: []string{"local"}}); r.Worst() != kyc.StatusOK {
		t.Errorf("%s", r.Worst())
	}
	c.now.Add(8 * 24 * 3600)
	if r := l.Search(t.Context(), media.Query{Name: "John Carter", Feeds: []string{"local"}}); r.Worst() != kyc.StatusStale {
		t.Errorf("%s", r.Worst())
	}
	if r := l.Search(t.Context(), media.Query{Name: "John Carter", Feeds: []string{"local", "other"}}); r.Worst() != kyc.StatusNotConfigured {
		t.Errorf("%s", r.Worst())
	}
}

func TestFeedsAreFetchedConditionally(t *testing.T) {
	t.Parallel()
	const rss = `<?xml version="1.0"?><rss version="2.0"><channel><title>Courts</title><language>en-gb</language><item><title>Trial of John Carter begins</title><link>https://courts.example/9</link><guid>c9</guid><pubDate>Tue, 10 Nov 2026 10:00:00 GMT</pubDate><description>&lt;p&gt;Prosecutors charged &lt;b&gt;John Carter&lt;/b&gt; with fraud.&lt;/p&gt;&lt;script&gt;John Carter&lt;/script&gt;</description></item></channel></rss>`
	var mode atomic.Value
	mode.Store("ok")
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		switch mode.Load() {
		case "ok":
			if r.Header.Get("If-None-Match") == `"v1"` {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			w.Header().Set("ETag", `"v1"`)
			fmt.Fprint(w, rss)
		case "down":
			w.WriteHeader(http.StatusBadGateway)
		case "moved":
			http.Redirect(w, r, "https://elsewhere.example/feed", http.StatusMovedPermanently)
		case "garbage":
			fmt.Fprint(w, "<html><body>sorry")
		}
	}))
	defer server.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	c := at(2026, 11, 21)
	l := library(t, t.TempDir(), c)
	if err := l.Configure(t.Context(), media.Feed{ID: "courts", URL: server.URL + "/feed"}); err != nil {
		t.Fatal(err)
	}
	update := func() media.Updated {
		t.Helper()
		all := l.Update(t.Context(), media.UpdateOptions{Client: client, Wait: time.Nanosecond})
		if len(all) != 1 {
			t.Fatalf("%+v", all)
		}
		return all[0]
	}
	if u := update(); u.Err != nil || u.New != 1 {
		t.Fatalf("%+v", u)
	}
	c.now.Add(3600)
	if u := update(); u.Err != nil || !u.Unchanged || u.Entries != 1 {
		t.Fatalf("%+v", u)
	}
	r := l.Search(t.Context(), media.Query{Name: "John Carter"})
	if len(r.Findings) != 1 || r.Findings[0].Role != media.Charged || r.Findings[0].Language != "en" || r.Lists[0].AgeSecs != 0 {
		t.Fatalf("%+v", r)
	}
	for failure, want := range map[string]string{"down": "feed_unreachable", "moved": "feed_redirected", "garbage": "media_unreadable"} {
		mode.Store(failure)
		before := calls.Load()
		if u := update(); u.Err == nil || kyc.AsError(u.Err).Code != want {
			t.Errorf("%s: %+v", failure, u)
		}
		if n := calls.Load() - before; failure == "down" && n != 3 || failure != "down" && n != 1 {
			t.Errorf("%s was tried %d times", failure, n)
		}
	}
	if r := l.Search(t.Context(), media.Query{Name: "John Carter"}); len(r.Findings) != 1 || r.Worst() != kyc.StatusOK {
		t.Errorf("%+v", r)
	}
	if u := l.Update(t.Context(), media.UpdateOptions{Feeds: []string{"none"}, Client: client}); len(u) != 1 || u[0].Err == nil {
		t.Errorf("%+v", u)
	}
}

// TestKilledImport kills a process while it imports and looks at what is left.
func TestKilledImport(t *testing.T) {
	if dir := os.Getenv("MEDIA_KILL_DIR"); dir != "" {
		l := media.Open(media.Options{Dir: dir})
		_, err := l.Import(context.Background(), "local", "", []string{os.Getenv("MEDIA_KILL_FILE")})
		fmt.Println("imported", err)
		return
	}
	if testing.Short() {
		t.Skip("it starts processes")
	}
	t.Parallel()
	dir := t.TempDir()
	l := library(t, dir, at(2026, 11, 21))
	good := mustImport(t, l, "local", file(t, "a.csv", courtNews))
	var big bytes.Buffer
	big.WriteString("id,title,language,text\n")
	for i := range 20000 {
		fmt.Fprintf(&big, "k%d,News %d,en,\"Peter Lang%d of Leeds was arrested for fraud on Monday. Anna Smith%d met him in London.\"\n", i, i, i, i)
	}
	name := file(t, "big.csv", big.String())
	for _, pages := range []int64{1, 40, 400} { // of the log when the process is killed
		cmd := exec.Command(os.Args[0], "-test.run", "^TestKilledImport$")
		cmd.Env = append(os.Environ(), "MEDIA_KILL_DIR="+dir, "MEDIA_KILL_FILE="+name)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		killed := false
		tick := time.NewTicker(time.Millisecond)
		for !killed {
			select {
			case err := <-done:
				t.Fatalf("the import ended before it was killed: %v", err)
			case <-tick.C:
				if info, err := os.Stat(filepath.Join(dir, "library.db-wal")); err == nil && info.Size() >= pages*4096 {
					killed = cmd.Process.Kill() == nil
				}
			}
		}
		tick.Stop()
		<-done
		r := l.Search(t.Context(), media.Query{Name: "John Carter"})
		if r.Worst() != kyc.StatusOK || len(r.Findings) != 2 || r.Lists[0].Version != good.Version || r.Lists[0].Entries != 3 {
			t.Fatalf("after a kill at %d pages: %s %+v", pages, r.Worst(), r)
		}
		if r := l.Search(t.Context(), media.Query{Name: "Peter Lang7"}); r.Read != 0 {
			t.Fatalf("half an import is found: %+v", r)
		}
	}
	if v := mustImport(t, l, "local", name); v.New != 20000 || v.Entries != 20003 {
		t.Errorf("%+v", v)
	}
}

// An age that stands behind the name tells namesakes apart like one before it.
func TestAgeBehindTheName(t *testing.T) {
	t.Parallel()
	l := library(t, t.TempDir(), at(2026, 7, 1))
	mustImport(t, l, "court", file(t, "news.csv", "id,title,published,language,text\n1,Charged,2026-03-01,en,\"Prosecutors have charged John Carter, a 45-year-old businessman, with evading taxes.\"\n"))
	for born, want := range map[string]int{"1980": 1, "": 1, "1955": 0, "1980/1981": 1, "1979/1980": 1, "1954/1955": 0, "1990/1991": 0, "1980/x": 1} {
		if r := l.Search(t.Context(), media.Query{Name: "John Carter", Born: born}); len(r.Findings) != want {
			t.Errorf("born in %q: %+v", born, r.Findings)
		}
	}
	score := func(born string) float64 {
		r := l.Search(t.Context(), media.Query{Name: "Jon Carter", Born: born, Threshold: 0.1})
		if len(r.Findings) != 1 {
			t.Fatalf("born in %q: %+v", born, r.Findings)
		}
		return r.Findings[0].Score
	}
	if unknown := score(""); score("1980/1981") <= unknown || score("1954/1955") >= unknown || score("1977/1978") >= unknown {
		t.Errorf("an age that agrees makes %v, another one %v, none %v", score("1980/1981"), score("1954/1955"), unknown)
	}
}
