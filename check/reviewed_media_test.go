package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/media"
	"bonafide/screen"
)

// importNews puts further articles into force in the feed courts.
func importNews(t *testing.T, l *media.Library, text string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "news.csv")
	if err := os.WriteFile(name, []byte("id,url,title,published,language,source,text\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Import(t.Context(), "courts", "", []string{name}); err != nil {
		t.Fatal(err)
	}
}

const convicted = "a1,https://n.example/1,Court,2026-06-01,en,The Paper,Anna Müller was convicted of fraud.\n"

func TestAClearedArticleStaysCleared(t *testing.T) {
	t.Parallel()
	h := goodHouse()
	d := h.deps()
	news := newsroom(t, convicted)
	d.News = news
	r := request("adverse_media")
	found := runCheck(adverseMedia(d), r)
	if found.Verdict != kyc.Fail || len(found.Marks) != 1 || !found.Marks[0].Whole() {
		t.Fatalf("%+v", found)
	}
	if says, ok := news.Says(t.Context(), "courts", "a1"); !ok || says != found.Marks[0].Entry {
		t.Errorf("the library says %q, the mark %q", says, found.Marks[0].Entry)
	}
	ask := func(word kyc.HitWord, change func(r *kyc.CheckRequest)) kyc.Answer {
		r := request("adverse_media")
		r.Reviewed = said(found, word)
		if change != nil {
			change(&r)
		}
		return runCheck(adverseMedia(d), r)
	}
	a := ask(kyc.HitFalse, nil)
	if a.Verdict != kyc.Pass || len(a.Hits) != 0 || a.Details["cleared_count"] != 1 || a.Details["risk_score"] != 0.0 || !codes(a)["hits_cleared"] || codes(a)["no_hits"] || codes(a)["adverse_article"] {
		t.Errorf("cleared: %+v", a)
	}
	if shown, _ := json.Marshal(a.Details); strings.Contains(string(shown), "convicted") {
		t.Errorf("a cleared article is shown: %s", shown)
	}
	if a := ask(kyc.HitFalse, func(r *kyc.CheckRequest) { r.Fields["document_number"], r.Extracted["document_number"] = "X9", "X9" }); a.Verdict != kyc.Pass {
		t.Errorf("another passport: %+v", a)
	}
	if a := ask(kyc.HitTrue, nil); a.Verdict != kyc.Fail || !codes(a)["confirmed_match"] || a.Details["confirmed"] == nil {
		t.Errorf("confirmed: %+v", a)
	}
	if a := ask(kyc.HitFalse, func(r *kyc.CheckRequest) { r.Now = now.Add(9 * 24 * time.Hour) }); a.Status != kyc.StatusStale || a.Verdict != "" || a.Details["cleared_count"] != 1 {
		t.Errorf("stale: %+v", a)
	}
	if a := ask(kyc.HitFalse, func(r *kyc.CheckRequest) { r.Config = json.RawMessage(`{"feeds":["courts","gone"]}`) }); a.Status != kyc.StatusNotConfigured || a.Verdict != "" {
		t.Errorf("a missing feed: %+v", a)
	}
	why := func(a kyc.Answer) string {
		var reopened []struct{ Why string }
		detail(a.Details, "reopened", &reopened)
		if a.Verdict != kyc.Fail || len(a.Hits) != 1 || len(reopened) != 1 {
			return fmt.Sprintf("%+v", a)
		}
		return reopened[0].Why
	}
	if got := why(ask(kyc.HitFalse, func(r *kyc.CheckRequest) {
		r.Fields["aliases"], r.Extracted["full_name"] = nil, "Anna Elisabeth Müller"
	})); got != subjectChanged {
		t.Errorf("under another name: %s", got)
	}
	h.storeErr = errors.New("no key")
	if a := ask(kyc.HitFalse, nil); a.Verdict != kyc.Fail || !codes(a)["reviews_not_applied"] {
		t.Errorf("without a key: %+v", a)
	}
	h.storeErr = nil
	importNews(t, news, "a1,https://n.example/1,Court,2026-06-01,en,The Paper,Anna Müller was convicted of fraud and jailed.\n")
	if got := why(ask(kyc.HitFalse, nil)); got != entryChanged {
		t.Errorf("another text: %s", got)
	}
}

// Many cleared articles take no place of a new one, which is less grave.
func TestClearedArticlesCrowdOutNoNewOne(t *testing.T) {
	t.Parallel()
	d := goodHouse().deps()
	var many strings.Builder
	for i := range 12 {
		fmt.Fprintf(&many, "a%d,https://n.example/%d,Court %d,2026-06-01,en,Paper %d,Anna Müller was convicted of fraud in case %d.\n", i, i, i, i, i)
	}
	news := newsroom(t, many.String())
	d.News = news
	r := request("adverse_media")
	r.Config = json.RawMessage(`{"limit":12}`)
	found := runCheck(adverseMedia(d), r)
	if len(found.Hits) != 12 || len(found.Marks) != 12 {
		t.Fatalf("%+v", found)
	}
	importNews(t, news, "new,https://n.example/new,Trial,2026-07-01,en,The Paper,Anna Müller was accused of tax evasion.\n")
	r.Reviewed, r.Config = said(found, kyc.HitFalse), json.RawMessage(`{"limit":1}`)
	if a := runCheck(adverseMedia(d), r); !slices.Equal(ids(a.Hits), []string{"new"}) || a.Details["cleared_count"] != 12 || codes(a)["media_note"] {
		t.Errorf("%v of %+v", ids(a.Hits), a)
	}
	r.Reviewed = said(found, kyc.HitFalse)[1:]
	if a := runCheck(adverseMedia(d), r); len(a.Hits) != 1 || a.Hits[0].EntryID == "new" || !codes(a)["media_note"] {
		t.Errorf("%v of %+v", ids(a.Hits), a)
	}
}

// A word on a provider's article holds while the provider says the same of it.
func TestWordsOnAProvidersArticles(t *testing.T) {
	t.Parallel()
	role, risk := "convicted", 80
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, fmt.Sprintf(`{"articles":[{"id":"p1","title":"Court","name":"Anna Müller","score":0.97,"risk":%d,"category":"fraud","role":%q}]}`, risk, role))
	}))
	t.Cleanup(server.Close)
	h := goodHouse()
	h.secrets = []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
	d := h.deps()
	d.HTTP = server.Client()
	r := request("adverse_media")
	r.Config = json.RawMessage(`{"url":"` + server.URL + `","secret":"webhook_1"}`)
	found := runCheck(adverseMedia(d), r)
	if found.Verdict != kyc.Fail || len(found.Marks) != 1 {
		t.Fatalf("%+v", found)
	}
	r.Reviewed = said(found, kyc.HitFalse)
	risk = 70 // an article grows older
	if a := runCheck(adverseMedia(d), r); a.Verdict != kyc.Pass || a.Details["cleared_count"] != 1 {
		t.Errorf("%+v", a)
	}
	role = "accused"
	if a := runCheck(adverseMedia(d), r); a.Verdict != kyc.Fail || !codes(a)["hit_reopened"] {
		t.Errorf("%+v", a)
	}
}

func TestSimulatedNewsKeepsToWords(t *testing.T) {
	t.Parallel()
	l := newListed(0)
	r := screening("ADVERSE")
	r.Policy, r.Tenant.Env, r.Config = "adverse_media", kyc.Sandbox, []byte(`{}`)
	found := l.ask(t, r)
	if found.Verdict != kyc.Fail || len(found.Marks) != 1 {
		t.Fatalf("%+v", found)
	}
	r.Reviewed = said(found, kyc.HitFalse)
	if a := l.ask(t, r); a.Verdict != kyc.Pass || len(a.Hits) != 0 || a.Details["cleared_count"] != 1 || a.Details["risk_score"] != 0 {
		t.Errorf("%+v", a)
	}
}

// A word on a wallet is about one address and one entry.
func TestAClearedWalletStaysCleared(t *testing.T) {
	t.Parallel()
	const (
		address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
		other   = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
	)
	s, err := screen.Open(screen.Options{Dir: t.TempDir(), Clock: clock()})
	if err != nil {
		t.Fatal(err)
	}
	put := func(n int, topic string) {
		var text strings.Builder
		text.WriteString("id,name,type,identifiers,topics\n")
		for i := range n {
			fmt.Fprintf(&text, "%02d,Moonwheat %d,entity,crypto_eth:%s;crypto_eth:%s,%s\n", i, i, address, other, topic)
		}
		file := filepath.Join(t.TempDir(), "list.csv")
		if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Import(t.Context(), "csv", "wallets", []string{file}, false); err != nil {
			t.Fatal(err)
		}
	}
	h := goodHouse()
	ask := func(address string, words []kyc.ReviewedHit) (kyc.Answer, walletRow) {
		t.Helper()
		r := request("wallet_screening")
		r.Config = json.RawMessage(`{"wallets":[{"path":"payout","network":"ETH"}]}`)
		r.Fields = map[string]any{"payout": map[string]any{"address": address, "network": "ETH"}}
		r.Reviewed = words
		a := runCheck(walletScreening(Deps{Clock: clock(), Screener: s, Blinder: h, Entry: func(list, id string) (any, bool) { return s.Entry(list, id) }}), r)
		var rows []walletRow
		if !detail(a.Details, "wallets", &rows) || len(rows) != 1 {
			t.Fatalf("%+v", a)
		}
		return a, rows[0]
	}
	put(10, "sanction")
	found, _ := ask(address, nil)
	if found.Verdict != kyc.Fail || len(found.Hits) != 10 || !found.Marks[0].Whole() || found.Marks[0].Role != "wallet" {
		t.Fatalf("%+v", found)
	}
	words := said(found, kyc.HitFalse)
	if a, w := ask(address, words); a.Verdict != kyc.Pass || len(a.Hits) != 0 || w.IsMatch || a.Details["hit_count"] != 0 || a.Details["cleared_count"] != 10 || !codes(a)["hits_cleared"] {
		t.Errorf("cleared: %+v", a)
	}
	if a, _ := ask(strings.ToLower(address), words); a.Verdict != kyc.Pass { // the same address without its checksum
		t.Errorf("in small letters: %+v", a)
	}
	if a, _ := ask(other, words); a.Verdict != kyc.Fail || len(a.Hits) != 10 || !codes(a)["hit_reopened"] {
		t.Errorf("another address: %+v", a)
	}
	if a, _ := ask(address, said(found, kyc.HitTrue)); a.Verdict != kyc.Fail || !codes(a)["confirmed_match"] {
		t.Errorf("confirmed: %+v", a)
	}
	put(11, "sanction")
	if a, w := ask(address, words); a.Verdict != kyc.Fail || !slices.Equal(ids(a.Hits), []string{"10"}) || !w.IsMatch || len(w.Matches) != 1 {
		t.Errorf("a new entry beside ten: %+v", a)
	}
	put(10, "crime")
	if a, _ := ask(address, words); a.Verdict != kyc.Fail || len(a.Hits) != 10 || a.Details["cleared"] != nil {
		t.Errorf("entries that say something else: %+v", a)
	}
}

// The organisation's provider is asked where a node names none; one that names
// feeds wants both to answer.
func TestTheOrganisationsNewsProvider(t *testing.T) {
	t.Parallel()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		_, _ = io.WriteString(w, `{"articles":[]}`)
	}))
	t.Cleanup(server.Close)
	h := goodHouse()
	h.secrets = []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
	d := h.deps()
	d.HTTP = server.Client()
	d.News = newsroom(t, convicted)
	r := request("adverse_media")
	local := InputHash(r, nil)
	r.Settings.News = kyc.NewsSettings{URL: server.URL + "/organisation", Secret: "webhook_1"}
	if InputHash(r, nil) == local {
		t.Error("an answer of the feeds is taken for one of the provider")
	}
	for config, want := range map[string]struct {
		verdict kyc.Verdict
		path    string
	}{
		`{}`: {kyc.Pass, "/organisation"}, `{"feeds":["courts"]}`: {kyc.Fail, "/organisation"}, `{"url":"` + server.URL + `/own","secret":"webhook_1"}`: {kyc.Pass, "/own"},
	} {
		asked, r.Config = nil, json.RawMessage(config)
		if a := runCheck(adverseMedia(d), r); a.Verdict != want.verdict || !slices.Equal(asked, []string{want.path}) {
			t.Errorf("%s: asked %v, %+v", config, asked, a)
		}
	}
	r.Settings.News, r.Config, asked = kyc.NewsSettings{}, nil, nil
	if a := runCheck(adverseMedia(d), r); a.Verdict != kyc.Fail || len(asked) != 0 {
		t.Errorf("without the setting: asked %v, %+v", asked, a)
	}
	h.secrets = nil
	r.Settings.News = kyc.NewsSettings{URL: server.URL, Secret: "webhook_1"}
	if a := runCheck(adverseMedia(d), r); a.Status != kyc.StatusError || !codes(a)["secret_missing"] {
		t.Errorf("with an endpoint that is gone: %+v", a)
	}
}
