package check

import (
	"encoding/json"
	"testing"
	"time"

	"bonafide/document"
	"bonafide/kyc"
)

// Real pictures through the real reader: what a drawn specimen scores, and that
// the second and third document are told from the first.
func TestRealIdentityDocuments(t *testing.T) {
	t.Parallel()
	reader := realReader(t)
	draw := func(number, family string) []byte {
		t.Helper()
		page, err := document.DrawSpecimen(document.Specimen{Surname: family, GivenNames: "Alba", Number: number, Sex: "F",
			DateOfBirth: time.Date(1990, 5, 17, 0, 0, 0, 0, time.UTC), Expiry: now.AddDate(4, 0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	stored := files{"first": draw("XKT4W7R39", "Testperson"), "second": draw("YKR3H7M49", "Testperson"), "third": draw("UKM6N4R37", "Otherwise"), "text": []byte("no picture at all")}
	d := Deps{Clock: clock(), Documents: reader, Traces: reader, Blobs: stored}
	run := func(c Check, config string, uploads ...kyc.Upload) kyc.Answer {
		t.Helper()
		r := request(c.Spec.Name)
		r.Config, r.Uploads, r.Extracted, r.Fields = json.RawMessage(config), uploads, nil, nil
		m, err := New(clock(), []Check{c}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return m.Run(t.Context(), r)
	}
	primary, secondary := upload("document_front", "primary", "front", "first"), upload("document_front", "secondary", "front", "second")
	tertiary := upload("document_front", "tertiary", "front", "third")
	a := run(documentFraud(d), "", primary)
	if a.Verdict != kyc.Fail || *a.Score < 90 || !codes(a)["fictional_issuer"] {
		t.Errorf("a specimen: %+v", a)
	}
	if a := run(documentFraud(d), `{"accept_specimen":true}`, primary, secondary); a.Verdict != kyc.Pass || *a.Score >= 60 || !codes(a)["specimen_accepted"] || !codes(a)["similar_image"] {
		t.Errorf("two specimens of one layout that are let pass: %+v", a)
	}
	if a := run(documentFraud(d), "", upload("document_front", "primary", "front", "text")); a.Verdict != kyc.VerdictReview || !codes(a)["document_unreadable"] {
		t.Errorf("no document: %+v", a)
	}
	a = run(documentOCR(d), `{"accept_specimen":true}`, secondary, primary, tertiary)
	for _, f := range a.Fields {
		if f.Name == "document_number" && f.Value != "XKT4W7R39" {
			t.Errorf("read %s, which is not the first document", f.Value)
		}
	}
	if a.Status != kyc.StatusOK || len(a.Fields) == 0 {
		t.Errorf("%+v", a)
	}
	if a := run(additionalIDs(d), `{"secondary":true,"accept_specimen":true}`, primary, secondary); a.Verdict != kyc.Pass {
		t.Errorf("two documents of one person: %+v", a)
	}
	a = run(additionalIDs(d), `{"secondary":true,"tertiary":true,"accept_specimen":true}`, primary, secondary, tertiary)
	if a.Verdict != kyc.Fail || !codes(a)["tertiary_id_other_person"] || codes(a)["secondary_id_other_person"] {
		t.Errorf("a third one of somebody else: %+v", a)
	}
}
