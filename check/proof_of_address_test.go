package check

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"bonafide/document"
	"bonafide/kyc"
)

const bill = `Northern Lights Energy Ltd
Electricity statement
Statement date: 3 July 2026      Payment due date: 3 August 2026
Ms Zoe Quillfeather
14 Harbour Street
BT7 1NN Belfast
Meter reading 48213 kWh  Tariff: Standard`

func proofAnswer(t *testing.T, p document.Print, config string, change func(*kyc.CheckRequest)) kyc.Answer {
	t.Helper()
	r := request("proof_of_address_check")
	r.Now = time.Date(2026, 7, 20, 9, 0, 0, 0, time.UTC)
	r.Extracted = map[string]any{"first_name": "ZOE", "last_name": "QUILLFEATHER"}
	r.Fields = map[string]any{"first_name": "Zoë", "last_name": "Quillfeather", "street": "14 Harbour St", "postal_code": "BT7 1NN"}
	if change != nil {
		change(&r)
	}
	c := addressConfig{MaxAgeDays: 90, MatchAddress: true}
	if config != "" {
		if err := json.Unmarshal([]byte(config), &c); err != nil {
			t.Fatal(err)
		}
	}
	return judgeAddress(p, r, c)
}

func TestProofOfAddress(t *testing.T) {
	t.Parallel()
	without := func(from, to string) string { return strings.ReplaceAll(bill, from, to) }
	for name, c := range map[string]struct {
		text, source, config string
		change               func(*kyc.CheckRequest)
		verdict              kyc.Verdict
		code                 string
	}{
		"a good bill":             {bill, "pdf", "", nil, kyc.Pass, "address_proved"},
		"a good picture":          {bill, "visual", "", nil, kyc.Pass, "address_proved"},
		"another name":            {without("Quillfeather", "Featherstone"), "pdf", "", nil, kyc.Fail, "name_not_found"},
		"another name on picture": {without("Quillfeather", "Featherstone"), "visual", "", nil, kyc.VerdictReview, "name_not_found"},
		"a letter misread":        {without("Quillfeather", "Quilifeather"), "visual", "", nil, kyc.VerdictReview, "name_close"},
		"another street":          {without("Harbour", "Castle"), "pdf", "", nil, kyc.VerdictReview, "address_close"},
		"another house":           {without("14 Harbour", "16 Harbour"), "pdf", "", nil, kyc.VerdictReview, "address_close"},
		"another address":         {without("14 Harbour Street\nBT7 1NN", "2 Hill Road\nBT9 2AA"), "pdf", "", nil, kyc.Fail, "address_not_found"},
		"another, on a picture":   {without("14 Harbour Street\nBT7 1NN", "2 Hill Road\nBT9 2AA"), "visual", "", nil, kyc.VerdictReview, "address_not_found"},
		"no address on the form":  {bill, "pdf", "", func(r *kyc.CheckRequest) { delete(r.Fields, "street"); delete(r.Fields, "postal_code") }, kyc.VerdictReview, "address_missing"},
		"address not asked":       {bill, "pdf", `{"match_address":false}`, func(r *kyc.CheckRequest) { delete(r.Fields, "street"); delete(r.Fields, "postal_code") }, kyc.Pass, ""},
		"too old":                 {without("3 July 2026", "3 March 2026"), "pdf", "", nil, kyc.Fail, "proof_too_old"},
		"old, but later words":    {without("3 July 2026", "3 March 2026") + "\nprinted by app on 19.07.2026", "pdf", "", nil, kyc.Fail, "proof_too_old"},
		"tolerated":               {without("3 July 2026", "3 March 2026"), "pdf", `{"max_age_days":200}`, nil, kyc.Pass, ""},
		"no date":                 {without("3 July 2026", "soon"), "pdf", "", nil, kyc.VerdictReview, "date_not_found"},
		"a utility asked for":     {bill, "pdf", `{"accepted_issuers":["utility","bank"]}`, nil, kyc.Pass, ""},
		"a bank asked for":        {bill, "pdf", `{"accepted_issuers":["bank"]}`, nil, kyc.Fail, "issuer_not_accepted"},
		"nobody knows who":        {"Letter of 3 July 2026 to Zoe Quillfeather, 14 Harbour St, BT71NN", "pdf", `{"accepted_issuers":["bank"]}`, nil, kyc.VerdictReview, "issuer_unknown"},
		"nobody asks who":         {"Letter of 3 July 2026 to Zoe Quillfeather, 14 Harbour St, BT71NN", "pdf", "", nil, kyc.Pass, "issuer_unknown"},
		"no name known": {bill, "pdf", "", func(r *kyc.CheckRequest) {
			r.Extracted = nil
			delete(r.Fields, "first_name")
			delete(r.Fields, "last_name")
		}, kyc.VerdictReview, "name_missing"},
	} {
		a := proofAnswer(t, document.Print{Text: c.text, Source: c.source}, c.config, c.change)
		if a.Verdict != c.verdict || c.code != "" && !codes(a)[c.code] {
			t.Errorf("%s: %s %+v", name, a.Verdict, a.Reasons)
		}
	}
	at := &kyc.Region{X: 0.1, Y: 0.2, W: 0.3, H: 0.1}
	a := proofAnswer(t, document.Print{Text: bill, Source: "visual", Lines: []document.PrintLine{{Text: "14 Harbour Street", Region: at}}}, "", nil)
	if regions, _ := a.Details["regions"].(map[string]any); regions["address"] == nil || a.Details["issuer_kind"] != issuerUtility || a.Details["issued_on"] != "2026-07-03" {
		t.Errorf("%+v", a.Details)
	}
}

func TestIssuers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		bill: issuerUtility, "Harbour Bank - Account statement - IBAN GB00 - opening balance": issuerBank,
		"City Council. Council Tax bill": issuerGovernment, "Your broadband and telephone bill, pay by direct debit to our bank": issuerTelecom,
		"Insurance policy number 7, premium": issuerInsurance, "Dear Zoe, see you soon": "", "pay the bank": "", "electricity, gas; iban, bic": "",
		"Stadtwerke Musterstadt: Strom, Zählerstand": issuerUtility, "Kontoauszug der Sparkasse": issuerBank,
	} {
		if got, signs := issuerOf(text); got != want || (got != "") != (len(signs) > 0) {
			t.Errorf("%q: %s by %v, want %s", text, got, signs, want)
		}
	}
}

func TestDatesOfPapers(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 7, 20, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"Rechnungsdatum 12. März 2026 fällig 1.6.2026": "2026-03-12", "Date: 07/15/2026": "2026-07-15", "due date 1 July 2026, bill date 2 June 2026": "2026-06-02",
		"date of birth 1 May 1990 ... 2 June 2026": "2026-06-02", "update 1 July 2026": "2026-07-01", "issued 2026-09-01, printed 2026-07-02": "2026-07-02", "": "", "31.02.2026": "",
		"Date d'émission : 3 août 2025": "2025-08-03",
	} {
		d, ok := issueDate(document.Print{Text: text}, today)
		if got := d.Format(time.DateOnly); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %v %v, want %s", text, got, ok, want)
		}
	}
}

func TestStreets(t *testing.T) {
	t.Parallel()
	for pair, want := range map[string]bool{
		"14 Harbour St|14 HARBOUR STREET": true, "Hauptstraße 5|Hauptstr. 5": true, "5 North Ave|5 N AVENUE": true, "14 Harbour St|14 Harbour Road": false, "|x": false,
		"Müllerweg 3|MUELLERWEG 3": true, "14 Harbour St|41 Harbour Street": false,
	} {
		asked, text, _ := strings.Cut(pair, "|")
		if readText(text).street(asked) != want {
			t.Errorf("%s: %v", pair, !want)
		}
	}
}
