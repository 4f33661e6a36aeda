package screen

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/kyc"
)

// officialServer plays all official addresses from the samples.
type officialServer struct {
	mu       sync.Mutex
	files    map[string][]byte // by base name
	broken   map[string]int    // answers of 503 still to give
	requests map[string]int
	sent     map[string]int
}

func (o *officialServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	name := path.Base(r.URL.Path)
	o.requests[name]++
	if o.broken[name] > 0 {
		o.broken[name]--
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return
	}
	body, ok := o.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	tag := fmt.Sprintf(`"%d-%d"`, len(body), body[len(body)/2])
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	o.sent[name]++
	_, _ = w.Write(body)
}

func TestUpdateFromOfficialAddresses(t *testing.T) {
	t.Parallel()
	s, clock := openTest(t)
	o := &officialServer{files: map[string][]byte{}, broken: map[string]int{}, requests: map[string]int{}, sent: map[string]int{}}
	load := func(name, file string) { o.files[name] = sample(t, file) }
	for _, p := range []string{"SDN.CSV ofac/sdn.csv", "ALT.CSV ofac/alt.csv", "ADD.CSV ofac/add.csv", "SDN_COMMENTS.CSV ofac/sdn_comments.csv", "consolidated.xml un/consolidated.xml", "content eu/full.xml"} {
		a, b, _ := strings.Cut(p, " ")
		load(a, b)
	}
	o.broken["consolidated.xml"] = 1
	server := httptest.NewServer(o)
	t.Cleanup(server.Close)
	options := UpdateOptions{Client: server.Client(), Base: server.URL, Attempts: 2, Wait: time.Nanosecond}
	outcome := func() map[string]string {
		out := map[string]string{}
		for _, u := range s.Update(context.Background(), options) {
			out[u.List] = fmt.Sprintf("%v", u.Changed)
			if u.Err != nil {
				out[u.List] = kyc.AsError(u.Err).Code
			}
		}
		return out
	}
	want := map[string]string{"ofac_sdn": "true", "un": "true", "eu": "true", "uk": "list_unreachable", "ofac_consolidated": "list_unreachable"}
	if got := outcome(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("first update %v, want %v", got, want)
	}
	if o.requests["consolidated.xml"] != 2 {
		t.Errorf("a 503 was asked %d times", o.requests["consolidated.xml"])
	}
	if o.requests["UK-Sanctions-List.csv"] != 1 {
		t.Errorf("a 404 was asked %d times", o.requests["UK-Sanctions-List.csv"])
	}
	st := s.Status()
	if i := indexOf(st, "uk"); st[i].ListVersion.Status != kyc.StatusNotConfigured || st[i].LastError == "" {
		t.Errorf("uk after a 404: %+v", st[i])
	}
	// Unchanged lists cost no body and count as fresh again.
	clock.at = clock.at.Add(6 * 24 * time.Hour)
	want["ofac_sdn"], want["un"], want["eu"] = "false", "false", "false"
	if got := outcome(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("second update %v, want %v", got, want)
	}
	if o.sent["SDN.CSV"] != 1 || o.sent["content"] != 1 {
		t.Errorf("bodies sent again: %v", o.sent)
	}
	if v := s.Match(Query{Name: "Ivan Testov", Lists: []string{"ofac_sdn"}}).Lists[0]; v.AgeSecs != 0 {
		t.Errorf("a confirmed list is %d s old", v.AgeSecs)
	}
	// One of four files changed: all four are fetched, or they would not fit.
	o.mu.Lock()
	o.files["ALT.CSV"] = append([]byte("103,13,\"aka\",\"SEA EXAMPLE\",-0- \r\n"), o.files["ALT.CSV"]...)
	o.files["content"] = o.files["content"][:len(o.files["content"])/2]
	o.mu.Unlock()
	want["ofac_sdn"], want["eu"] = "true", "list_truncated"
	if got := outcome(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("third update %v, want %v", got, want)
	}
	if o.sent["SDN.CSV"] != 2 {
		t.Errorf("the companions of a changed file were not fetched: %v", o.sent)
	}
	if r := s.Match(Query{Name: "Probe Person", Lists: []string{"eu"}, Threshold: DefaultThreshold}); len(r.Hits) != 1 || r.Worst() != kyc.StatusOK {
		t.Errorf("the last good EU list is not in force: %+v", r)
	}
	options.Lists = []string{"us_csl"} // only when it is named
	o.mu.Lock()
	o.files["consolidated.csv"] = sample(t, "us/csl.csv")
	o.mu.Unlock()
	if u := s.Update(context.Background(), options); len(u) != 1 || u[0].Err != nil || !u[0].Changed || o.requests["consolidated.csv"] != 1 {
		t.Errorf("a list that was named: %+v", u)
	}
	options.Lists = []string{"ftm"}
	if u := s.Update(context.Background(), options); len(u) != 1 || !kyc.IsCode(u[0].Err, "no_official_address") {
		t.Errorf("a list without an address: %+v", u)
	}
}

func TestUnreachableServerIsOneLine(t *testing.T) {
	t.Parallel()
	s, _ := openTest(t)
	client := &http.Client{Transport: refusing{}}
	for _, u := range s.Update(context.Background(), UpdateOptions{Client: client, Attempts: 1}) {
		e := kyc.AsError(u.Err)
		if e.Code != "list_unreachable" || strings.Contains(e.Error(), "\n") {
			t.Errorf("%s: %v", u.List, u.Err)
		}
	}
}

type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no network here")
}

// sample reads a small file that was written for the parsers.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "roster", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pack(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	gz := gzip.NewWriter(&out)
	if _, err := gz.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
