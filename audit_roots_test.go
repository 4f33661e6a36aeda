package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/audit"
	"bonafide/kyc"
)

// The roots of days come over the API and the command line with the same bytes;
// a proof is checked with two files and no server, and whoever changes a past
// day is found by the roots that were kept.
func TestDailyRootsAreExportedAndProofsCheckedElsewhere(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		sandbox, live := srv.newTenants(t)
		_, stranger := srv.newTenants(t)
		for range 4 {
			live.must(t, http.StatusCreated, "POST", "/api/v1/lists", map[string]any{"name": "l", "type": "email"})
			sandbox.must(t, http.StatusCreated, "POST", "/api/v1/lists", map[string]any{"name": "l", "type": "email"})
		}
		var page struct {
			Data []struct {
				ID  string `json:"id"`
				Seq int64  `json:"seq"`
			} `json:"data"`
		}
		read := func() {
			t.Helper()
			if err := json.Unmarshal(live.must(t, http.StatusOK, "GET", "/api/v1/audit?limit=50", nil).raw, &page); err != nil || len(page.Data) < 4 {
				t.Fatalf("%v %+v", err, page)
			}
		}
		read()
		one := page.Data[1].ID
		if a := live.call(t, "GET", "/api/v1/audit/proof/"+one, nil); a.status != http.StatusConflict || a.code() != "day_not_over" {
			t.Fatalf("today: %d %s", a.status, a.raw)
		}
		tomorrow := time.Now().Add(25 * time.Hour)
		made, err := srv.app.db.CloseAuditDays(t.Context(), live.org, tomorrow)
		if err != nil || len(made) == 0 {
			t.Fatalf("%v %v", made, err)
		}
		var shown struct {
			Data []auditRootSeen `json:"data"`
		}
		if err := json.Unmarshal(live.must(t, http.StatusOK, "GET", "/api/v1/audit/roots", nil).raw, &shown); err != nil || len(shown.Data) != len(made) {
			t.Fatalf("%v %+v", err, shown)
		}
		day := made[len(made)-1]
		if got := shown.Data[0]; got.Day != day.Day || got.Root != day.Root || got.Digest != day.Digest() || got.Size != day.Size || got.FirstSeq != day.FirstSeq || got.LastSeq != day.LastSeq {
			t.Errorf("%+v is shown of %+v", got, day)
		}
		raw := live.must(t, http.StatusOK, "GET", "/api/v1/audit/roots/"+day.Day, nil).raw
		if !bytes.Equal(raw, day.Bytes()) {
			t.Errorf("the bytes are %s", raw)
		}
		if none := stranger.must(t, http.StatusOK, "GET", "/api/v1/audit/roots", nil); bytes.Contains(none.raw, []byte(day.Root)) {
			t.Errorf("a stranger sees %s", none.raw)
		}
		for _, path := range []string{"roots/2001-01-01", "roots/yesterday", "proof/nonsense", "proof/" + string(kyc.NewID(time.Now()))} {
			if a := live.call(t, "GET", "/api/v1/audit/"+path, nil); a.status != http.StatusNotFound && a.status != http.StatusBadRequest {
				t.Errorf("%s answers %d %s", path, a.status, a.raw)
			}
		}
		for name, other := range map[string]*client{"other environment": sandbox, "other organisation": stranger} {
			if a := other.call(t, "GET", "/api/v1/audit/proof/"+one, nil); a.status != http.StatusNotFound {
				t.Errorf("%s: %d %s", name, a.status, a.raw)
			}
		}
		proof := live.must(t, http.StatusOK, "GET", "/api/v1/audit/proof/"+one, nil).raw
		if v := live.must(t, http.StatusOK, "GET", "/api/v1/audit/verify", nil); v.value("valid") != true || v.value("days") != float64(len(made)) {
			t.Errorf("%s", v.raw)
		}

		dir := t.TempDir()
		cli := func(want int, args ...string) string {
			t.Helper()
			code, out, complaint := call(t, append(args, "--data", srv.dir, "--database", database)...)
			if code != want {
				t.Fatalf("%v: exit %d\n%s%s", args, code, out, complaint)
			}
			return out + complaint
		}
		roots := cli(0, "audit", "roots", "--org", string(live.org))
		if !strings.HasSuffix(roots, string(day.Bytes())+"\n") {
			t.Errorf("audit roots: %s", roots)
		}
		if out := cli(0, "audit", "prove", one, "--org", string(live.org)); strings.TrimSpace(out) != strings.TrimSpace(string(proof)) {
			t.Errorf("audit prove gives %s, the API %s", out, proof)
		}
		kept, shownProof := write(t, dir, "roots.jsonl", []byte(roots)), write(t, dir, "proof.json", proof)
		cli(0, "audit", "verify", "--org", string(live.org), "--roots", kept)
		// Elsewhere: an empty folder, no database.
		elsewhere := func(file, roots string) (int, string) {
			t.Helper()
			code, out, complaint := call(t, "audit", "check", file, "--roots", roots, "--data", filepath.Join(dir, "none"))
			return code, out + complaint
		}
		if code, out := elsewhere(shownProof, kept); code != 0 || !strings.Contains(out, "is part of "+day.Day) {
			t.Errorf("exit %d: %s", code, out)
		}
		var p audit.Proof
		if err := json.Unmarshal(proof, &p); err != nil {
			t.Fatal(err)
		}
		forged := write(t, dir, "forged.json", bytes.Replace(proof, []byte(`"action":"`+p.Event.Action), []byte(`"action":"case.approve`), 1))
		if code, out := elsewhere(forged, kept); code != 1 || !strings.Contains(out, "is not what its hash was made of") {
			t.Errorf("a forged entry: exit %d: %s", code, out)
		}
		other := day
		other.Root = other.Head
		if code, out := elsewhere(shownProof, write(t, dir, "other.jsonl", other.Bytes())); code != 1 || !strings.Contains(out, "not among those that were kept") {
			t.Errorf("another root: exit %d: %s", code, out)
		}
		if out := cli(1, "audit", "verify", "--org", string(live.org), "--roots", filepath.Join(dir, "other.jsonl")); !strings.Contains(out, "BROKEN at entry") || !strings.Contains(out, "is another than the one that was written down") {
			t.Errorf("%s", out)
		}
	})
}

type auditRootSeen struct {
	Day      string `json:"day"`
	Root     string `json:"root"`
	Digest   string `json:"digest"`
	Size     int64  `json:"size"`
	FirstSeq int64  `json:"first_seq"`
	LastSeq  int64  `json:"last_seq"`
}

// The console's audit page shows the roots and gives them, and the proof of an
// entry, as files.
func TestTheAuditPageHasTheRoots(t *testing.T) {
	t.Parallel()
	a, h, cookie, _ := crowdedOffice(t, 3, 1)
	orgs, err := a.access.Orgs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, http.NoBody)
		r.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	if page := get("/console/audit").Body.String(); !strings.Contains(page, "No day is over yet.") {
		t.Errorf("before: %s", page)
	}
	made, err := a.db.CloseAuditDays(t.Context(), orgs[0].ID, time.Now().Add(25*time.Hour))
	if err != nil || len(made) == 0 {
		t.Fatalf("%v %v", made, err)
	}
	day := made[len(made)-1]
	page := get("/console/audit").Body.String()
	if !strings.Contains(page, day.Root) || !strings.Contains(page, day.Day) {
		t.Fatalf("%s", page)
	}
	file := get("/console/audit/roots")
	days, err := audit.ReadDays(file.Body)
	if err != nil || len(days) != len(made) || days[len(days)-1] != day || !strings.Contains(file.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("%v %v %v", days, err, file.Header())
	}
	_, link, found := strings.Cut(page, `href="/console/audit/proof/`)
	if !found {
		t.Fatal("no entry has a proof")
	}
	link, _, _ = strings.Cut(link, `"`)
	proof, err := audit.ReadProof(get("/console/audit/proof/" + link).Body.Bytes())
	if err != nil || proof.Check() != nil {
		t.Errorf("%v %v", err, proof.Check())
	}
	if w := get("/console/audit/proof/" + string(kyc.NewID(time.Now()))); w.Code != http.StatusNotFound {
		t.Errorf("an unknown entry: %d", w.Code)
	}
}
