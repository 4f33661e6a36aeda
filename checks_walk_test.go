package main

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/check"
	"bonafide/chip"
	"bonafide/kyc"
	"bonafide/webhook"
)

// Live checklists: the checks themselves, on the picture of a real passport.
// Its holder has been fictional since it was printed.
const (
	finnish = "100_pass-fin.png" // expired in 2011, so the years of grace are set to 50
	dutch   = "98_pass-nld.jpg"
)

// liveChecklist makes a checklist of one organisation's live environment.
func (c *client) liveChecklist(t *testing.T, config string) string {
	t.Helper()
	return c.checklist(t, `{"id":"ID_VERIFICATION","config":{"expiry_date_years":50,"face_front_photo_only":true`+config+`}},{"id":"CONSENT"}`)
}

// livePapers is the submission of a passport and a selfie.
func (c *client) livePapers(t *testing.T, session string, photo []byte) map[string]any {
	t.Helper()
	return map[string]any{"document_type": "passport", "uploads": map[string]any{"id_front": c.checkFile(t, session, photo), "selfie_front": c.checkFile(t, session, picture(t, session))}}
}

// said is the status of a check in an answer to a submission.
func said(a answer, check string) string { return a.at("checks.check=" + check + ".status") }

// A real passport is read and judged. Whoever compares faces is not set up
// here, so the step fails, nobody is verified, and a person gets everything.
func TestALivePassportOfAChecklistIsReadAndNeverVerifiedUnseen(t *testing.T) {
	t.Parallel()
	photo := realFile(t, "documents", "dev", "mrz", finnish)
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		needsTesseract(t, srv)
		_, c := srv.newTenants(t)
		workflow := c.liveChecklist(t, `,"maximum_age":99,"enable_fraud_analysis":true`)
		// The second applicant hands in the first one's picture, and that is seen.
		for i, auto := range []string{"approve", "approve_and_reject"} {
			fraud := []string{"passed", "review"}[i]
			c.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"checks": map[string]any{"auto_decision": auto, "expiry_policy": "grace", "attempts": 3}})
			s := c.must(t, 201, "POST", "/v1/workflows/"+workflow+"/sessions", map[string]any{"email": "maria@example.org", "first_name": "Maria Olivia", "last_name": "Virtanen", "phone": "+358401234567"}).at("session_id")
			a := c.submitCheck(t, s, "ID_VERIFICATION", c.livePapers(t, s, photo))
			if a.at("step_status") != "FAILED" || a.at("failure_reason") != "face_match_not_configured" || said(a, "document_ocr") != "passed" || said(a, "document_expiration") != "passed" ||
				said(a, "age_check") != "passed" || said(a, "face_match") != "error" || said(a, "document_fraud") != fraud || a.value("document_risk_data.escalated") != false {
				t.Fatalf("%.6000s", a.raw)
			}
			c.submitCheck(t, s, "CONSENT", consent("Maria Olivia Virtanen"))
			end := c.awaitCheck(t, s, checkEnded("SUBMITTED"))
			text := map[string]string{}
			list, _ := end.value("session_record.analysis_data.id_analysis_data.id_extracted_text").([]any)
			for _, row := range list {
				name, _ := lookUp(row, "type").(string)
				text[name], _ = lookUp(row, "value").(string)
			}
			if text["last_name"] != "VIRTANEN" || text["first_name"] != "MARIA OLIVIA" || text["date_of_birth"] != "1971-12-21" || text["document_number"] != "XP8271602" || text["expiry_date"] != "2011-08-21" {
				t.Errorf("%v", text)
			}
			if end.value("session_record.analysis_data.id_matches_selfie") != nil || end.value("session_record.analysis_data.id_analysis_data.expiry_check.expired") != true ||
				end.at("session_record.analysis_data.compare_faces_data.status") != "error" || end.value("session_record.decisions.0.to_status") != "SUBMITTED" {
				t.Errorf("%s: %.6000s", auto, end.raw)
			}
			review := c.must(t, 200, "GET", "/api/v1/cases/case_"+end.at("session_record.case_id"), nil)
			if review.at("status") != "open" {
				t.Errorf("%s", review.raw)
			}
			if file := (&client{url: srv.url}).call(t, "GET", end.at("resource_links.id_front"), nil); file.status != 200 || !bytes.Equal(file.raw, photo) {
				t.Errorf("the evidence: %d", file.status)
			}
		}
	})
}

// What the seed's default of maximum_age and the limits do to real documents:
// 51 passes, 52 does not, and the boundary of the minimum is a birthday.
func TestAgesOfLiveDocuments(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	needsTesseract(t, srv)
	_, c := srv.newTenants(t)
	c.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"checks": map[string]any{"auto_decision": "approve", "expiry_policy": "grace", "attempts": 3}})
	usual, adult := c.liveChecklist(t, ``), c.liveChecklist(t, `,"minimum_age":21,"maximum_age":99`)
	today := time.Now().UTC()
	for name, x := range map[string]struct {
		workflow string
		born     time.Time
		status   string
		reason   string
	}{
		"51, a day before the birthday": {usual, today.AddDate(-52, 0, 2), "passed", "age_in_range"},
		"52":                            {usual, today.AddDate(-52, 0, -2), "failed", "over_age"},
		"20, a day before the birthday": {adult, today.AddDate(-21, 0, 2), "failed", "under_age"},
		"21":                            {adult, today.AddDate(-21, 0, -2), "passed", "age_in_range"},
	} {
		passport := mirabel()
		passport.DateOfBirth = x.born
		s := c.checkSession(t, x.workflow, "Mirabel")
		a := c.submitCheck(t, s, "ID_VERIFICATION", c.livePapers(t, s, specimen(t, passport)))
		if said(a, "age_check") != x.status || a.at("checks.check=age_check.reasons.0.code") != x.reason {
			t.Errorf("%s: %.4000s", name, a.raw)
		}
		// A specimen is no document, whatever its age.
		if said(a, "document_ocr") == "passed" || a.at("step_status") == "COMPLETED" {
			t.Errorf("%s: a specimen is taken for a document: %.4000s", name, a.raw)
		}
	}
}

// withFaces gives a server somebody who compares faces and says yes, and leaves
// every other check as it is: the live way through an escalation needs one.
func (s *server) withFaces(t *testing.T) {
	t.Helper()
	a := s.app
	dishes := check.All(check.Deps{Clock: a.clock, Documents: a.reader, Blobs: a.db, Screener: a.lists, Lists: a.db, Duplicates: a.db, Blinder: a.db,
		Secrets: endpointSecrets{a.db, a.clock}, Related: kin{a}, Matchlists: a.db, Chips: chip.NewTrust((&Globals{Data: s.dir}).trustDir()), HTTP: webhook.NewGuard(nil, false).Client(time.Second)})
	at := slices.IndexFunc(dishes, func(c check.Check) bool { return c.Spec.Name == "face_match" })
	dishes[at].Run = func(context.Context, kyc.CheckRequest) kyc.Answer {
		score := 0.91
		return kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Score: &score, Provider: "test", Version: "1", Details: map[string]any{"similarity": score}}
	}
	menu, err := check.New(a.clock, dishes, check.NewSimulator(), check.Recalling(a.recall, listVersions(a.lists)))
	if err != nil {
		t.Fatal(err)
	}
	*a.menu = *menu // nobody has asked anything yet
}

// zoneOf is the machine-readable zone of one of the shared pictures.
func zoneOf(t *testing.T, photo string) string {
	t.Helper()
	var all map[string]struct{ Lines []string }
	if err := json.Unmarshal(realFile(t, "documents", "dev", "mrz", "truth.json"), &all); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all[photo].Lines, "")
}

// The third scenario of the fraud analysis, live: the chip's signature is
// verified against the certificate in DATA/trust, and against the printed
// document. Only a chip that a trusted state signed, whole, and of this very
// passport completes the step.
func TestALiveEscalationVerifiesTheChip(t *testing.T) {
	t.Parallel()
	photo := realFile(t, "documents", "dev", "mrz", finnish)
	zone := zoneOf(t, finnish)
	finland, stranger := newChipState(t, "FI"), newChipState(t, "FI")
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		needsTesseract(t, srv)
		finland.trusted(t, srv.dir)
		srv.withFaces(t)
		srv.importList(t, "own", ownList)
		_, c := srv.newTenants(t)
		workflow := c.liveChecklist(t, `,"maximum_age":99,"escalation_type":"nfc-passport","escalation_risk_threshold":0`)
		c.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"mandatory_policies": []string{}})
		altered := func(name string, at int) map[string][]byte {
			files := finland.chip(t, zone)
			files[name] = slices.Clone(files[name])
			files[name][len(files[name])-at] ^= 1
			return files
		}
		without := finland.chip(t, zone)
		delete(without, "DG2")
		for name, x := range map[string]struct {
			files  map[string][]byte
			reason string // of the check; "" for a chip that is taken
		}{
			"authentic":               {finland.chip(t, zone), ""},
			"the zone was altered":    {altered("DG1", 1), "data_group_altered"},
			"the photo was swapped":   {altered("DG2", 1), "data_group_altered"},
			"the signature is broken": {altered("SOD", 1), "signature_invalid"},
			"nobody trusts the state": {stranger.chip(t, zone), "signer_not_trusted"},
			"somebody else's chip":    {finland.chip(t, strings.Replace(zone, "VIRTANEN", "KORHONEN", 1)), "chip_document_name_differs"},
			"no chip at all":          {map[string][]byte{"SOD": []byte("no"), "DG1": []byte("chip"), "DG2": []byte("here")}, "sod_malformed"},
		} {
			s := c.must(t, 201, "POST", "/v1/workflows/"+workflow+"/sessions", map[string]any{"email": "maria@example.org", "first_name": "Maria Olivia", "last_name": "Virtanen", "phone": "+358401234567"}).at("session_id")
			a := c.submitCheck(t, s, "ID_VERIFICATION", c.livePapers(t, s, photo))
			if a.at("step_status") != "IN_PROGRESS" || a.at("requirements.escalation.type") != "nfc-passport" || a.value("document_risk_data.escalated") != true {
				t.Fatalf("%s: %.5000s", name, a.raw)
			}
			if a := c.call(t, "POST", "/v1/sessions/"+s+"/steps/ID_VERIFICATION", chipBody(without)); a.status != 400 || a.at("errors.0.path") != "/escalation/data_groups/DG2" {
				t.Errorf("the photo is withheld: %d %s", a.status, a.raw)
			}
			a = c.submitCheck(t, s, "ID_VERIFICATION", chipBody(x.files))
			status, reason := "COMPLETED", ""
			if x.reason != "" {
				status, reason = "FAILED", "escalation_failed"
			}
			if a.at("step_status") != status || a.at("failure_reason") != reason || x.reason != "" && a.value("checks.0.reasons.code="+x.reason) == nil {
				t.Errorf("%s: %.5000s", name, a.raw)
			}
			c.submitCheck(t, s, "CONSENT", consent("Maria Olivia Virtanen"))
			want := "VERIFIED"
			if x.reason != "" {
				want = "SUBMITTED"
			}
			end := c.awaitCheck(t, s, checkEnded(want))
			if authentic, _ := end.value("session_record.analysis_data.nfc_chip_data.authentic").(bool); authentic != (x.reason == "" || x.reason == "chip_document_name_differs") {
				t.Errorf("%s: %.6000s", name, end.raw)
			}
		}
	})
}

// Without a trust store the chip cannot be looked at: it is said to be not
// configured, and the step fails closed.
func TestALiveEscalationWithoutTrustFailsClosed(t *testing.T) {
	t.Parallel()
	photo := realFile(t, "documents", "dev", "mrz", finnish)
	srv := startServer(t, "")
	needsTesseract(t, srv)
	srv.withFaces(t)
	_, c := srv.newTenants(t)
	workflow := c.liveChecklist(t, `,"maximum_age":99,"escalation_type":"nfc-passport","escalation_risk_threshold":0`)
	s := c.checkSession(t, workflow, "Virtanen")
	if a := c.submitCheck(t, s, "ID_VERIFICATION", c.livePapers(t, s, photo)); a.at("requirements.escalation.type") != "nfc-passport" {
		t.Fatalf("%.5000s", a.raw)
	}
	a := c.submitCheck(t, s, "ID_VERIFICATION", chipBody(newChipState(t, "FI").chip(t, zoneOf(t, finnish))))
	if a.at("step_status") != "FAILED" || a.at("checks.0.status") != "error" || a.at("checks.0.reasons.0.code") != "trust_not_configured" {
		t.Errorf("%.5000s", a.raw)
	}
	c.submitCheck(t, s, "CONSENT", consent("Maria Olivia Virtanen"))
	c.awaitCheck(t, s, checkEnded("SUBMITTED"))
}

// Two photographs of one passport are one document, live: the second ID must
// be another file, and of the same person.
func TestALiveSecondDocumentMustBeAnother(t *testing.T) {
	t.Parallel()
	photo, other := realFile(t, "documents", "dev", "mrz", finnish), realFile(t, "documents", "dev", "mrz", dutch)
	srv := startServer(t, "")
	needsTesseract(t, srv)
	srv.withFaces(t)
	_, c := srv.newTenants(t)
	s := c.checkSession(t, c.liveChecklist(t, `,"maximum_age":99,"require_secondary_id":true`), "Virtanen")
	first, selfie := c.checkFile(t, s, photo), c.checkFile(t, s, picture(t, s))
	body := func(second string) map[string]any {
		return map[string]any{"document_type": "passport", "secondary_document_type": "passport", "uploads": map[string]any{"id_front": first, "secondary_id_front": second, "selfie_front": selfie}}
	}
	if a := c.call(t, "POST", "/v1/sessions/"+s+"/steps/ID_VERIFICATION", body(c.checkFile(t, s, photo))); a.status != 400 || a.at("errors.0.code") != "upload_repeated" {
		t.Errorf("%d %s", a.status, a.raw)
	}
	if a := c.submitCheck(t, s, "ID_VERIFICATION", body(c.checkFile(t, s, other))); a.at("step_status") != "IN_PROGRESS" || said(a, "additional_ids") == "passed" {
		t.Errorf("%.5000s", a.raw)
	}
}
