package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bonafide/kyc"
)

// secretsOf are words that stand nowhere but in what is said about a person.
func secretsOf() []string {
	return []string{"Xaverion", "Quillfeather", "Blacklistova", "xaverion.q@secretmail.example", "698765432", "1987-03-14", "19870314", "ZX9182736", "Gloomstreet", "Nowhereville",
		"passport-of-xq.jpg", "crm-number-of-xq", "metadata-of-xq", "attribute-of-xq", "comment-of-a-reviewer", "reason-of-a-reviewer", "note-of-a-reviewer", "comment-of-an-entry",
		"reference-of-a-profile", "signed-by-xq"}
}

// spelled are the ways in which a word may lie in a file: as it is, in other
// case, in hex and in base64 at each of the three places of a group.
func spelled(word string) [][]byte {
	out := [][]byte{[]byte(word), []byte(strings.ToLower(word)), []byte(strings.ToUpper(word)), []byte(hex.EncodeToString([]byte(word))), []byte(hex.EncodeToString([]byte(strings.ToLower(word))))}
	for shift := range 3 {
		text := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), word...))
		from := (shift*8 + 5) / 6
		out = append(out, []byte(text[from:len(text)-2])) // without what the neighbours share
	}
	return out
}

// tellsOf lists the secrets that stand in a text, each with what is around it.
func tellsOf(all []byte) []string {
	var out []string
	for _, word := range secretsOf() {
		for _, form := range spelled(word) {
			if i := bytes.Index(all, form); i >= 0 {
				out = append(out, fmt.Sprintf("%s: …%q…", word, all[max(0, i-120):min(len(all), i+120)]))
				break
			}
		}
	}
	return out
}

// everythingStored is all that lies in a server's folder and in its database,
// by where it lies.
func (s *server) everythingStored(t *testing.T, database string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		out[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if database == "" {
		return out
	}
	c, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	rows, err := c.Query(t.Context(), "SELECT quote_ident(table_schema)||'.'||quote_ident(table_name) FROM information_schema.tables WHERE table_type='BASE TABLE' AND table_schema NOT IN ('pg_catalog','information_schema')")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 20 {
		t.Fatalf("the tables %v: %v", tables, err)
	}
	for _, table := range tables {
		rows, err := c.Query(t.Context(), "SELECT x::text FROM "+table+" x")
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		out[table] = []byte(strings.Join(lines, "\n"))
	}
	return out
}

// secretIndividual is an individual that consists of secrets.
func secretIndividual() map[string]any {
	return map[string]any{"individual": map[string]any{"name": map[string]any{"givenName": "Xaverion", "familyName": "Quillfeather"}, "dateOfBirth": map[string]any{"year": 1987, "month": 3, "day": 14},
		"alternateNames": []any{map[string]any{"type": "PREVIOUS", "givenName": "Xaverion", "familyName": "Blacklistova"}}, "placeOfBirth": map[string]any{"locality": "Nowhereville", "country": "AUS"},
		"nationality": "AUS", "emailAddresses": []any{map[string]any{"email": "xaverion.q@secretmail.example"}}, "phoneNumbers": []any{map[string]any{"type": "MOBILE", "number": "+31698765432"}},
		"addresses": []any{map[string]any{"type": "RESIDENTIAL_ADDRESS", "status": "CURRENT", "streetNumber": "12", "streetName": "Gloomstreet", "streetType": "Road", "locality": "Nowhereville",
			"postalCode": "6000", "country": "AUS"}},
		"externalReferences": []any{map[string]any{"type": "CRM", "name": "crm", "value": "crm-number-of-xq"}}, "customAttributes": map[string]any{"shoe": "attribute-of-xq"}}}
}

// The data of an applicant of surface B and of an individual of surface C, and
// what reviewers and lists say of them, lie nowhere in the clear: not in the
// database, not in files, not in the audit, not in messages and not in the log.
// Once erased they can be read nowhere at all.
func TestNothingOfTheTalkingSurfacesLiesInTheClear(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		c := srv.newTenant(t)
		got := receiver(t)
		for _, path := range []string{"/v1/webhooks", "/v2/webhooks", "/api/v1/webhooks/endpoints"} {
			c.must(t, 201, "POST", path, map[string]any{"url": got.URL})
		}
		var shown bytes.Buffer // what the API itself told, so that the test proves something
		sessions := c.tellChecks(t, &shown)
		person := c.tellEntities(t, &shown)
		for _, word := range secretsOf() {
			if !bytes.Contains(shown.Bytes(), []byte(word)) && !slices.Contains([]string{"19870314", "signed-by-xq"}, word) { // a spelling, and what is only sent
				t.Errorf("no answer ever told %s, so that this proves nothing of it", word)
			}
		}
		got.wait(t, "session.status.rejected")
		look := func(when string) {
			for where, what := range srv.everythingStored(t, database) {
				for _, secret := range tellsOf(what) {
					t.Errorf("%s %s holds %s", when, where, secret)
				}
			}
			for _, secret := range tellsOf([]byte(srv.out.String())) {
				t.Errorf("%s the log tells %s", when, secret)
			}
			for _, path := range []string{"/api/v1/audit?limit=100", person + "/audit?limit=500"} {
				for _, secret := range tellsOf(c.must(t, 200, "GET", path, nil).raw) {
					t.Errorf("%s GET %s tells %s", when, path, secret)
				}
			}
			events, _, err := srv.app.db.Events(t.Context(), kyc.Tenant{Org: c.org, Env: kyc.Sandbox}, kyc.EventFilter{}, kyc.Page{Limit: 1000})
			if err != nil || len(events) < 30 {
				t.Fatalf("%d events: %v", len(events), err)
			}
			for _, e := range events {
				for _, secret := range tellsOf(fmt.Appendf(nil, "%+v %s", e, e.Payload)) {
					t.Errorf("%s the event %s %s tells %s", when, e.Action, e.Webhook, secret)
				}
			}
		}
		look("before the erasure")

		for _, s := range sessions {
			c.must(t, 200, "DELETE", "/v1/sessions/"+s+"?redact=true", nil)
		}
		c.must(t, 200, "DELETE", person+"?erase=true", nil)
		look("after the erasure")
		var left bytes.Buffer
		for _, s := range sessions {
			a := c.must(t, 200, "GET", "/v1/sessions/"+s, nil)
			left.Write(a.raw)
			left.Write(c.must(t, 200, "GET", "/v1/sessions/"+s+"/workflow", nil).raw)
			if id := a.at("session_record.case_id"); id != "" {
				left.Write(c.must(t, 200, "GET", "/api/v1/cases/"+kyc.Dress("case", kyc.ID(id)), nil).raw)
				left.Write(c.must(t, 200, "GET", "/api/v1/cases/"+kyc.Dress("case", kyc.ID(id))+"/notes", nil).raw)
			}
		}
		for _, path := range []string{"", "/results", "/documents", "/serviceprofiles", "/externalreferences"} {
			if a := c.call(t, "GET", person+path, nil); a.status != 404 {
				left.Write(a.raw)
			}
		}
		left.Write(c.must(t, 200, "GET", "/v1/sessions?by_organization=true", nil).raw)
		left.Write(c.must(t, 200, "GET", "/v2/individuals", nil).raw)
		left.Write(c.must(t, 200, "POST", "/v2/search/serviceprofiles", map[string]any{"individual": map[string]any{"emailAddresses": []any{map[string]any{"email": "xaverion.q@secretmail.example"}}}}).raw)
		left.Write(c.must(t, 200, "GET", "/api/v1/cases?limit=100", nil).raw)
		for _, secret := range tellsOf(left.Bytes()) {
			t.Errorf("after the erasure an answer tells %s", secret)
		}
		if bytes.Contains(left.Bytes(), []byte(`"confidence"`)) {
			t.Errorf("an erased individual is found: %s", left.Bytes())
		}
		// A message that is sent again goes without what was erased.
		before := len(got.heard())
		for _, e := range lookUpAll(c.must(t, 200, "GET", "/v1/webhooks", nil).value("webhooks")) {
			c.must(t, 202, "POST", "/v1/webhooks/"+fmt.Sprint(lookUp(e, "id"))+"/replay", map[string]any{"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"})
		}
		got.wait(t, "session.status.rejected")
		for len(got.heard()) < before+5 {
			pause(t) // the receiver is asked, nobody tells
		}
		for _, m := range got.heard()[before:] {
			for _, secret := range tellsOf(m.data) {
				t.Errorf("a message after the erasure (%s) tells %s", m.event, secret)
			}
		}
	})
}

func lookUpAll(v any) []any {
	list, _ := v.([]any)
	return list
}

// tellChecks drives sessions of surface B whose applicant consists of secrets,
// writes down what the API shows of them, and gives their ids.
func (c *client) tellChecks(t *testing.T, shown *bytes.Buffer) []string {
	t.Helper()
	w := c.checklist(t, `{"id":"ID_VERIFICATION","config":{"maximum_age":99,"face_front_photo_only":true}},{"id":"PEP_SANCTIONS"},{"id":"ADVERSE_MEDIA"},{"id":"CONSENT"},
	 {"id":"DOCUMENT_UPLOAD","config":{"document_types":["proof_of_address"]}}`)
	var out []string
	for _, family := range []string{"Quillfeather", "Sanction"} {
		s := c.must(t, 201, "POST", "/v1/workflows/"+w+"/sessions", map[string]any{"email": "xaverion.q@secretmail.example", "first_name": "Xaverion", "last_name": family, "phone": "+31698765432",
			"metadata": map[string]any{"note": "metadata-of-xq"}}).at("session_id")
		out = append(out, s)
		c.submitPapers(t, s)
		person := map[string]any{"first_name": "Xaverion", "last_name": family, "date_of_birth": "1987-03-14", "email": "xaverion.q@secretmail.example"}
		shown.Write(c.submitCheck(t, s, "PEP_SANCTIONS", person).raw)
		media := map[string]any{"action": "start", "first_name": "Xaverion", "last_name": family, "date_of_birth": "1987-03-14", "country": "NL"}
		c.submitCheck(t, s, "ADVERSE_MEDIA", media)
		shown.Write(c.submitCheck(t, s, "ADVERSE_MEDIA", map[string]any{"action": "complete"}).raw)
		c.submitCheck(t, s, "CONSENT", consent("signed-by-xq"))
		c.submitCheck(t, s, "DOCUMENT_UPLOAD", map[string]any{"uploads": map[string]any{"proof_of_address": c.checkFile(t, s, picture(t, s+"address"))}})
		status := "VERIFIED"
		if family == "Sanction" {
			status = "SUBMITTED"
		}
		a := c.awaitCheck(t, s, checkEnded(status))
		if id := a.at("session_record.case_id"); id != "" {
			c.must(t, 201, "POST", "/api/v1/cases/"+kyc.Dress("case", kyc.ID(id))+"/notes", map[string]any{"text": "note-of-a-reviewer"})
			shown.Write(c.must(t, 200, "GET", "/api/v1/cases/"+kyc.Dress("case", kyc.ID(id))+"/notes", nil).raw)
			c.must(t, 200, "PATCH", "/v1/sessions/"+s+"/update-status", map[string]any{"new_status": "REJECTED", "reason": "reason-of-a-reviewer"})
		}
		shown.Write(c.must(t, 200, "GET", "/v1/sessions/"+s, nil).raw)
	}
	return out
}

// tellEntities does the same with an individual of surface C, and gives its
// place.
func (c *client) tellEntities(t *testing.T, shown *bytes.Buffer) string {
	t.Helper()
	list := c.must(t, 201, "POST", "/v2/matchlists", map[string]any{"name": "Known", "action": "BLOCK"}).at("matchlist.matchlistId")
	shown.Write(c.must(t, 201, "POST", "/v2/matchlists/"+list+"/entries", map[string]any{"entries": []any{map[string]any{"attributes": map[string]any{"IND_FAMILY_NAME": "Blacklistova"},
		"comment": "comment-of-an-entry"}, map[string]any{"attributes": map[string]any{"EMAIL_ADDRESS": "xaverion.q@secretmail.example"}}}}).raw)
	_, place := c.entityWorkflow(t, "Everything", "Whole", `{"type":"MATCHLIST"},{"type":"DUPLICATE"},{"type":"KYC"},{"type":"AML"},{"type":"FRAUD"},{"type":"MONITOR_TOGGLE"}`)
	because := map[string]any{"text": "comment-of-a-reviewer"}
	made := c.must(t, 201, "POST", "/v2/individuals", secretIndividual())
	shown.Write(made.raw)
	person := "/v2/individuals/" + made.at("individual.entityId")
	paper := c.must(t, 201, "POST", person+"/documents", map[string]any{"type": "PASSPORT", "country": "AUS", "primaryIdentifier": "ZX9182736", "expiryDate": "2099-01-31",
		"attachments": []any{map[string]any{"side": "FRONT", "filename": "passport-of-xq.jpg", "data": map[string]any{"base64": base64.StdEncoding.EncodeToString(picture(t, "secret"))}}}})
	shown.Write(paper.raw)
	// A second one of the same traits, so that duplicates are found.
	c.must(t, 201, "POST", "/v2/individuals", individual("Neighbour"))
	run := c.must(t, 200, "POST", person+place+"/execute", map[string]any{"comment": because})
	shown.Write(run.raw)
	at := person + place + "/executions/" + run.at("workflowExecutionId")
	shown.Write(c.must(t, 200, "PATCH", at, map[string]any{"status": "PASS", "comment": because}).raw)
	results := c.must(t, 200, "GET", person+"/results?classes=MATCHLIST,BLOCKLIST", nil)
	shown.Write(results.raw)
	shown.Write(c.must(t, 200, "PATCH", person+"/results/matchlist", map[string]any{"processResults": []string{results.at("processResults.0.processResultId")}, "manualStatus": "FALSE_POSITIVE", "comment": because}).raw)
	if issue := run.at("workflowResult.issues.0.issueId"); issue != "" {
		c.must(t, 200, "PATCH", person+"/issues/"+issue, map[string]any{"isCleared": true, "comment": because})
	}
	c.must(t, 200, "PATCH", person+"/serviceprofiles/Everything/risk", map[string]any{"riskLevel": "HIGH", "comment": because})
	shown.Write(c.must(t, 200, "PATCH", person+"/serviceprofiles/Everything", map[string]any{"customerReference": "reference-of-a-profile"}).raw)
	c.must(t, 200, "POST", person+"/results/mkyc", map[string]any{"approvedBy": "OPERATOR123", "approvedDocuments": []string{paper.at("document.documentId")}, "comment": because})
	shown.Write(c.must(t, 200, "GET", person+"/results?limit=500", nil).raw)
	shown.Write(c.must(t, 200, "POST", "/v2/search/serviceprofiles", map[string]any{"individual": map[string]any{"name": map[string]any{"givenName": "Xaverion", "familyName": "Quillfeather"}}}).raw)
	if run.at("workflowResult.workflowExecutionState") != "COMPLETED" {
		t.Errorf("the execution ended as %s", run.raw)
	}
	return person
}
