package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// dedupGraph asks whether a face was met before; a meeting goes to a person.
const dedupGraph = `{"entry":"start","nodes":{
 "start":{"type":"start","next":"twins"},
 "twins":{"type":"policy","policy":"face_dedup","on_pass":"done","on_fail":"look","on_review":"look","on_error":"look"},
 "done":{"type":"terminal","outcome":"rejected","reason_code":"tested"},
 "look":{"type":"terminal","outcome":"needs_review"}}}`

// templateForms are the ways in which the numbers of a template may be written
// somewhere: parts of them as binary numbers of either order and width, in hex
// and in base64, and single numbers as decimals.
func templateForms(v kyc.FaceVector) [][]byte {
	var out [][]byte
	for from := 0; from+4 <= len(v); from += 16 {
		var little, big, wide []byte
		for _, x := range v[from : from+4] {
			little = binary.LittleEndian.AppendUint32(little, math.Float32bits(x))
			big = binary.BigEndian.AppendUint32(big, math.Float32bits(x))
			wide = binary.LittleEndian.AppendUint64(wide, math.Float64bits(float64(x)))
		}
		for _, word := range [][]byte{little, big, wide} {
			out = append(out, spelled(string(word))...)
		}
		for _, bits := range []int{32, 64} {
			for _, format := range []byte{'f', 'e'} {
				if text := strconv.FormatFloat(float64(v[from]), format, -1, bits); len(strings.Trim(text, "-0.")) >= 7 {
					out = append(out, []byte(text))
				}
			}
		}
	}
	return out
}

// holdsTemplate reports whether one of the forms stands in a text.
func holdsTemplate(all []byte, forms [][]byte) bool {
	for _, form := range forms {
		if bytes.Contains(all, form) {
			return true
		}
	}
	return false
}

// faceServer is a server with the data folder's networks.
func faceServer(t *testing.T, database string) (srv *server, files map[string][]byte) {
	t.Helper()
	flags, data := faceTools(t)
	files = facePictures(t, data)
	return startWith(t, &Globals{Data: t.TempDir(), Database: database, Sync: "normal", Models: flags[1], ONNXRuntime: flags[3]}, unhurried), files
}

// selfies publishes dedupGraph, which asks for a selfie.
func (c *client) selfies(t *testing.T) string {
	t.Helper()
	id := c.must(t, 201, "POST", "/api/v1/workflows", map[string]any{"name": "met before", "graph": json.RawMessage(dedupGraph), "data_requirements": map[string]any{"selfie": true}}).str("id")
	c.must(t, 200, "POST", "/api/v1/workflows/"+id+"/publish", nil)
	return id
}

// shows carries somebody with a selfie through a workflow.
func (c *client) shows(t *testing.T, workflow, who string, selfie []byte) (session string, end answer) {
	t.Helper()
	session = c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "external_ref": who}).str("id")
	if up := c.upload(t, session, "selfie", selfie); up.status != 201 {
		t.Fatalf("%d %s", up.status, up.raw)
	}
	c.must(t, 202, "POST", "/api/v1/sessions/"+session+"/submit", nil)
	return session, c.awaitAnswer(t, "/api/v1/sessions/"+session, func(a answer) bool { return a.str("status") == "completed" || a.str("status") == "under_review" })
}

// templates are all of a tenant, expired ones as well.
func (s *server) templates(t *testing.T, tenant kyc.Tenant) []kyc.FaceTemplate {
	t.Helper()
	all, err := s.app.db.FaceTemplates(t.Context(), tenant, kyc.FaceFilter{}, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The numbers of a face lie nowhere in the clear and leave with nothing: not in
// files, the database and its copy, not in answers, exports, messages, the audit
// chain and the log. What they are for works all the same.
func TestTemplatesLeaveNowhere(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv, files := faceServer(t, database)
		_, c := srv.newTenants(t)
		tenant := kyc.Tenant{Org: c.org, Env: kyc.Live}
		got := receiver(t)
		c.must(t, 201, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": got.URL, "enabled_events": []string{"*"}})
		workflow := c.selfies(t)
		first, end := c.shows(t, workflow, "one", files["ada"])
		if end.str("status") != "completed" {
			t.Fatalf("the first: %s", end.raw)
		}
		second, end := c.shows(t, workflow, "two", files["adaAgain"])
		run := c.must(t, 200, "GET", "/api/v1/sessions/"+second+"/workflow-run", nil)
		if end.str("status") != "under_review" || !strings.Contains(string(run.raw), strings.TrimPrefix(first, "session_")) {
			t.Fatalf("the second does not meet the first: %s\n%.3000s", end.raw, run.raw)
		}
		got.wait(t, "case.created")

		all := srv.templates(t, tenant)
		if len(all) < 2 || len(all[0].Vector) < 64 {
			t.Fatalf("%d templates are kept, the test proves nothing", len(all))
		}
		var forms [][]byte
		for _, v := range all {
			forms = append(forms, templateForms(v.Vector)...)
		}
		// The search finds what it looks for.
		raw, _ := all[0].Vector.MarshalBinary()
		text, _ := json.Marshal([]float32(all[0].Vector))
		coded, _ := json.Marshal(raw)
		for name, b := range map[string][]byte{"binary": raw, "decimals": text, "base64": coded, "hex": fmt.Appendf(nil, "\\x%x", raw), "words": fmt.Appendf(nil, "%v", all[0].Vector)} {
			if !holdsTemplate(b, forms) {
				t.Fatalf("the search misses a template in %s", name)
			}
		}

		for where, b := range srv.everythingStored(t, database) {
			if holdsTemplate(b, forms) {
				t.Errorf("%s holds a template", where)
			}
		}
		if database == "" {
			file := filepath.Join(t.TempDir(), "copy.db")
			if err := srv.app.db.Backup(t.Context(), file); err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(file)
			if err != nil || !bytes.HasPrefix(b, []byte("SQLite format 3")) {
				t.Fatalf("the backup: %v", err)
			}
			if holdsTemplate(b, forms) {
				t.Error("the backup holds a template")
			}
		}
		paths := []string{"/api/v1/audit?limit=100", "/api/v1/cases?limit=100", "/api/v1/cases/" + end.str("case_id"), "/api/v1/cases/" + end.str("case_id") + "/notes"}
		for _, session := range []string{first, second} {
			for _, part := range []string{"", "/result", "/workflow-run", "/documents", "/export", "/risk"} {
				paths = append(paths, "/api/v1/sessions/"+session+part)
			}
			identity := c.must(t, 200, "GET", "/api/v1/sessions/"+session, nil).str("identity_id")
			paths = append(paths, "/api/v1/identities/"+identity, "/api/v1/identities/"+identity+"/export")
		}
		for _, path := range paths {
			a := c.must(t, 200, "GET", path, nil)
			if holdsTemplate(a.raw, forms) || strings.Contains(string(a.raw), `"vector"`) {
				t.Errorf("GET %s tells a template", path)
			}
		}
		for _, m := range got.heard() {
			if holdsTemplate(m.data, forms) {
				t.Errorf("the message %s tells a template", m.event)
			}
		}
		events, _, err := srv.app.db.Events(t.Context(), tenant, kyc.EventFilter{}, kyc.Page{Limit: 1000})
		if err != nil || len(events) < 5 {
			t.Fatalf("%d events: %v", len(events), err)
		}
		for _, e := range events {
			if holdsTemplate(fmt.Appendf(nil, "%+v %s", e, e.Payload), forms) {
				t.Errorf("the event %s tells a template", e.Action)
			}
		}
		if holdsTemplate([]byte(srv.out.String()), forms) {
			t.Error("the log tells a template")
		}

		// Whoever is erased is forgotten, and so is who asks for that only.
		c.must(t, 200, "DELETE", "/api/v1/sessions/"+first+"/data", nil)
		for _, v := range srv.templates(t, tenant) {
			if v.SessionID == all[0].SessionID && !v.Unreadable {
				t.Errorf("after the erasure a template of %s can be read", v.SessionID)
			}
		}
	})
}

// Templates have a time of their own: over, they are deleted in every tenant by
// the hourly job, with a line in the audit chain, and the face is a new one.
func TestTemplatesAreSweptThroughTheServer(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv, files := faceServer(t, database)
		_, c := srv.newTenants(t)
		_, other := srv.newTenants(t)
		c.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"faces": map[string]any{"template_days": 30}})
		mine, theirs := kyc.Tenant{Org: c.org, Env: kyc.Live}, kyc.Tenant{Org: other.org, Env: kyc.Live}
		workflow := c.selfies(t)
		c.shows(t, workflow, "one", files["ada"])
		c.shows(t, workflow, "two", files["other"])
		other.shows(t, other.selfies(t), "three", files["ada"])
		all := append(srv.templates(t, mine), srv.templates(t, theirs)...)
		if len(all) != 3 {
			t.Fatalf("%d templates", len(all))
		}
		for i, days := range []int{30, 30, kyc.DefaultTemplateDays} {
			if left := time.Until(all[i].ExpiresAt); left < time.Duration(days)*24*time.Hour-time.Hour || left > time.Duration(days)*24*time.Hour {
				t.Errorf("template %d is kept for %s, not %d days", i, left, days)
			}
		}
		if meets, end := c.shows(t, workflow, "four", files["adaAgain"]); end.str("status") != "under_review" {
			t.Fatalf("%s is not met again: %s", meets, end.raw)
		}

		// A month later: the first of ours and the other tenant's are over.
		due := []kyc.FaceTemplate{all[0], all[2]}
		change := kyc.Change{}
		for i := range due {
			due[i].ExpiresAt = time.Now().Add(-time.Minute)
			due[i].Touch(time.Now())
			change.Put = append(change.Put, &due[i])
		}
		for _, v := range srv.templates(t, mine) { // and what the fourth session left
			if v.ID != all[0].ID && v.ID != all[1].ID {
				v.ExpiresAt = time.Now().Add(-time.Minute)
				v.Touch(time.Now())
				change.Put = append(change.Put, &v)
			}
		}
		change.Jobs = append(change.Jobs, kyc.Job{Kind: jobSweep, Key: "test"})
		if err := srv.app.db.Commit(t.Context(), &change); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(patience)
		for len(srv.templates(t, mine)) != 1 || len(srv.templates(t, theirs)) != 0 {
			if time.Now().After(deadline) {
				t.Fatalf("%d and %d templates are left", len(srv.templates(t, mine)), len(srv.templates(t, theirs)))
			}
			pause(t)
		}
		if left := srv.templates(t, mine); left[0].ID != all[1].ID {
			t.Errorf("left is %s, want %s", left[0].ID, all[1].ID)
		}
		for tenant, session := range map[kyc.Tenant]kyc.ID{mine: all[0].SessionID, theirs: all[2].SessionID} {
			events, _, err := srv.app.db.Events(t.Context(), tenant, kyc.EventFilter{}, kyc.Page{Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, e := range events {
				if e.Action == "session.biometrics_expire" && e.ObjectID == session {
					n++
				}
			}
			if n != 1 {
				t.Errorf("the audit chain tells of %d expiries of %s", n, session)
			}
		}
		// The face is a new one; the other one is still known.
		if _, end := c.shows(t, workflow, "five", files["ada"]); end.str("status") != "completed" {
			t.Errorf("after its time a face is still known: %s", end.raw)
		}
		if _, end := c.shows(t, workflow, "six", files["other"]); end.str("status") != "under_review" {
			t.Errorf("a face that is kept is not known: %s", end.raw)
		}
	})
}
