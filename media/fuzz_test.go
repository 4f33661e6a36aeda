package media

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"bonafide/screen"
)

func fuzzFormat(f *testing.F, format string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	l := Open(Options{})
	namesake, _ := screen.NewNamesake("John Carter", nil)
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := read(context.Background(), Feed{ID: "fuzz"}, format, "x", bytes.NewReader(raw))
		if err != nil {
			return
		}
		for i := range p.articles {
			a := &p.articles[i]
			if a.ID == "" || len(a.Title) > maxTitle || len(a.Text) > maxText || len(a.URL) > maxURL || !utf8.ValidString(a.Title+a.Text+a.Source+a.ID+a.URL) {
				t.Fatalf("%+v", a)
			}
			if a.URL != "" && !strings.HasPrefix(a.URL, "http") {
				t.Fatalf("the address %q", a.URL)
			}
			nameTerms(a)
			if _, named := l.finding(a, namesake, party{}, Query{Threshold: DefaultThreshold}); named && !strings.Contains(strings.ToLower(a.Title+a.Text), "c") && !strings.Contains(a.Title+a.Text, "k") {
				t.Logf("named in %q", a.Title)
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	fuzzFormat(f, FormatCSV, "id,title,text\n1,John Carter jailed,\"He, John Carter, was convicted.\"\n", "title\n\"\n", "\xef\xbb\xbftitle,url\nx,javascript:1\n")
}

func FuzzJSONLines(f *testing.F) {
	fuzzFormat(f, FormatJSONL, `{"id":1,"title":"John Carter","text":"John Carter, whose brother was convicted of fraud, left.","published":"2026-01-01"}`, `{"title":null}`, `{"title":"<p>x</p><script>y"}`)
}

func FuzzFeed(f *testing.F) {
	fuzzFormat(f, FormatFeed, `<rss version="2.0"><channel><title>t</title><item><title>John Carter jailed</title><link>https://x.example</link><pubDate>Tue, 10 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>`,
		`<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>1</id><title>x</title><updated>2026-01-01T00:00:00Z</updated><content type="html">&lt;b&gt;John Carter&lt;/b&gt;</content></entry></feed>`,
		`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item><title>x</title></item></rdf:RDF>`)
}

func FuzzReading(f *testing.F) {
	for _, list := range sayings() {
		for _, s := range list {
			f.Add(s.name, s.text)
		}
	}
	l := Open(Options{})
	f.Fuzz(func(t *testing.T, name, text string) {
		namesake, err := screen.NewNamesake(name, nil)
		if err != nil || len(text) > 4000 {
			return
		}
		for _, language := range append(Languages(), "") {
			a := Article{Title: cut(text, 100), Text: text, Language: language}
			if a.clean(Feed{ID: "fuzz"}) != "" {
				return
			}
			found, _ := l.finding(&a, namesake, party{born: 1970, country: "DE"}, Query{Threshold: DefaultThreshold})
			if found == nil {
				continue
			}
			sum := 0.0
			for _, row := range found.Why {
				sum += row.Points
			}
			if sum != found.Risk || found.Risk < 0 || found.Risk > 100 || found.Score < 0 || found.Score > 1 {
				t.Fatalf("%+v", found)
			}
		}
	})
}
