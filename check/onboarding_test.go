package check

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"bonafide/document"
	"bonafide/kyc"
	"bonafide/screen"
)

// step gives an upload as an ordered step takes it.
func step(kind, stepID, asked, role, side string) kyc.Upload {
	u := kyc.Upload{Kind: kind, StepID: stepID, Asked: asked, EntityRole: role, Side: side, BlobKey: kind, SHA256: kind + asked + role + side, ContentType: "image/jpeg", Size: 1000}
	u.ID, u.CreatedAt = kyc.NewID(now), now
	return u
}

const twoPapers = `{"requirements":[
{"step_id":"docs","document_type":"id","required":true,"allow_multiple":false,"auto_extract":true,"own":true},
{"step_id":"company","document_type":"company_charter","required":true,"allow_multiple":false,"auto_extract":false,"own":false},
{"step_id":"owners","document_type":"id","role":"ubo","required":false,"allow_multiple":true,"auto_extract":true,"own":false}]}`

func papersRequest(config string) kyc.CheckRequest {
	r := request("document_set")
	r.Config = json.RawMessage(config)
	r.Uploads = []kyc.Upload{step("document_front", "docs", "id", "", "front"), step("document_back", "docs", "id", "", "back"),
		step("custom:company:company_charter", "company", "company_charter", "", "")}
	return r
}

func papersOf(t *testing.T, a kyc.Answer) ([]paper, []entity) {
	t.Helper()
	var papers []paper
	var entities []entity
	if !detail(a.Details, "documents", &papers) || !detail(a.Details, "entities", &entities) {
		t.Fatalf("no documents in %+v", a)
	}
	return papers, entities
}

func TestDocumentSet(t *testing.T) {
	t.Parallel()
	finding := func(code, severity string) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) {
			h.reading.Findings = []kyc.Reason{{Code: code, Severity: severity, Message: "x"}}
		}
	}
	field := func(name, value string) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) {
			for i, f := range h.reading.Fields {
				if f.Name == name {
					h.reading.Fields[i].Value = value
				}
			}
		}
	}
	rules := func(validation string) func(*house, *kyc.CheckRequest) {
		return func(_ *house, r *kyc.CheckRequest) {
			r.Config = json.RawMessage(`{"requirements":[{"step_id":"docs","document_type":"id","own":true,"validations":[` + validation + `]}]}`)
		}
	}
	for name, c := range map[string]struct {
		change    func(*house, *kyc.CheckRequest)
		verdict   kyc.Verdict
		status    string // of the first document
		code      string
		condition string
	}{
		"good":         {func(*house, *kyc.CheckRequest) {}, kyc.Pass, "valid", "documents_valid", ""},
		"expired":      {field("expiry_date", "2026-11-20"), kyc.Fail, "invalid", "document_expired", "expired"},
		"last day":     {field("expiry_date", "2026-11-21"), kyc.Pass, "valid", "documents_valid", ""},
		"visa":         {field("document_type", "visa"), kyc.Fail, "invalid", "type_mismatch", "type_mismatch"},
		"edited":       {finding("editing_software", "warning"), kyc.VerdictReview, "review", "editing_software", "tampering_suspected"},
		"impossible":   {finding("impossible_expiry", "critical"), kyc.Fail, "invalid", "impossible_expiry", "tampering_suspected"},
		"other name":   {field("last_name", "SCHULZE"), kyc.Pass, "valid", "documents_valid", "name_mismatch"},
		"other birth":  {field("date_of_birth", "1990-05-18"), kyc.Pass, "valid", "documents_valid", "dob_mismatch"},
		"no zone":      {func(h *house, _ *kyc.CheckRequest) { h.reading.MRZ = nil }, kyc.VerdictReview, "review", "zone_not_found", ""},
		"digit":        {func(h *house, _ *kyc.CheckRequest) { h.reading.MRZ = &document.MRZ{} }, kyc.Fail, "invalid", "mrz_check_digit_failed", "mrz_invalid"},
		"no name":      {field("document_number", ""), kyc.VerdictReview, "review", "extraction_failed", "extraction_failed"},
		"unreadable":   {func(h *house, _ *kyc.CheckRequest) { h.readErr = kyc.Errorf(kyc.Invalid, "image_truncated", "cut") }, kyc.Fail, "unreadable", "image_truncated", "extraction_failed"},
		"old enough":   {rules(`{"type":"min_validity_days","params":{"days":1137},"on_fail":"reject"}`), kyc.Pass, "valid", "documents_valid", ""},
		"too short":    {rules(`{"type":"min_validity_days","params":{"days":1138},"on_fail":"reject"}`), kyc.Fail, "invalid", "validation_min_validity_days", ""},
		"only warned":  {rules(`{"type":"country_in","params":{"countries":["FR"]},"on_fail":"warn"}`), kyc.Pass, "valid", "validation_country_in", ""},
		"country":      {rules(`{"type":"country_not_in","params":{"countries":["DE"]}}`), kyc.Fail, "invalid", "validation_country_not_in", ""},
		"name field":   {rules(`{"type":"name_matches_field","params":{"field_id":"last_name","min_score":0.99}}`), kyc.Fail, "invalid", "validation_name_matches_field", "name_mismatch"},
		"two sides":    {rules(`{"type":"both_sides","params":{}}`), kyc.Pass, "valid", "documents_valid", ""},
		"mime":         {rules(`{"type":"mime_in","params":{"types":["application/pdf"]}}`), kyc.Fail, "invalid", "validation_mime_in", ""},
		"size":         {rules(`{"type":"max_file_size","params":{"bytes":999}}`), kyc.Fail, "invalid", "validation_max_file_size", ""},
		"resolution":   {rules(`{"type":"min_resolution","params":{"px":600}}`), kyc.VerdictReview, "review", "validation_unknown", ""},
		"age unknown":  {rules(`{"type":"max_age_days","params":{"days":90}}`), kyc.VerdictReview, "review", "validation_unknown", ""},
		"one is gone":  {func(_ *house, r *kyc.CheckRequest) { r.Uploads = r.Uploads[:2] }, kyc.Fail, "valid", "document_missing", ""},
		"wrong step":   {func(_ *house, r *kyc.CheckRequest) { r.Uploads[2].StepID = "elsewhere" }, kyc.Fail, "valid", "document_missing", ""},
		"owner's only": {func(_ *house, r *kyc.CheckRequest) { r.Uploads[0].EntityRole, r.Uploads[1].EntityRole = "ubo", "ubo" }, kyc.Fail, "valid", "document_missing", ""},
	} {
		h := goodHouse()
		r := papersRequest(twoPapers)
		c.change(h, &r)
		a := runCheck(documentSet(h.deps()), r)
		papers, _ := papersOf(t, a)
		if a.Status != kyc.StatusOK || a.Verdict != c.verdict || !codes(a)[c.code] || len(papers) == 0 || papers[0].Status != c.status {
			t.Errorf("%s: %+v", name, a)
			continue
		}
		if c.condition != "" && !slices.Contains(papers[0].Conditions, c.condition) {
			t.Errorf("%s: conditions %v", name, papers[0].Conditions)
		}
	}
}

func TestDocumentSetRows(t *testing.T) {
	t.Parallel()
	h := goodHouse()
	r := papersRequest(twoPapers)
	r.Uploads = append(r.Uploads, step("custom:owners:id", "owners", "id", "ubo", ""), step("custom:owners:id", "owners", "id", "ubo", ""))
	a := runCheck(documentSet(h.deps()), r)
	papers, entities := papersOf(t, a)
	if len(papers) != 4 || len(papers[0].Files) != 2 || papers[1].DocumentType != "company_charter" || papers[2].EntityRole != "ubo" {
		t.Fatalf("%+v", papers)
	}
	if len(entities) != 3 || !entities[0].Own || entities[1].EntityRole != "ubo" || entities[1].DocID == entities[2].DocID || entities[0].Name != "ANNA MUELLER" {
		t.Errorf("%+v", entities)
	}
	if !slices.Contains(papers[1].Checked, "text") || !slices.Contains(papers[1].NotChecked, "authenticity") || papers[1].AgeDays == nil || *papers[1].AgeDays != 20 {
		t.Errorf("%+v", papers[1])
	}
	if !slices.Contains(papers[1].FieldsFound, "address") || slices.Contains(papers[1].FieldsFound, "email") {
		t.Errorf("fields found: %v", papers[1].FieldsFound)
	}
	// A photographed company paper says honestly that nobody read it.
	h.reading = document.Reading{Pages: []document.Page{{}}, Quality: document.Quality{Width: 1700, Height: 2200, Blur: 300, Luma: 200}}
	r.Config = json.RawMessage(`{"requirements":[{"document_type":"company_charter","required":true}]}`)
	a = runCheck(documentSet(h.deps()), r)
	if papers, _ = papersOf(t, a); a.Verdict != kyc.Pass || !codes(a)["content_not_checked"] || !slices.Contains(papers[0].NotChecked, "content") {
		t.Errorf("%+v", a)
	}
	r.Config = json.RawMessage(`{"requirements":[{"document_type":"company_charter","required":true,"auto_extract":true}]}`)
	if a = runCheck(documentSet(h.deps()), r); a.Verdict != kyc.VerdictReview || !codes(a)["text_not_readable"] {
		t.Errorf("extraction that cannot happen: %+v", a)
	}
	h.reading.Quality.Blur = 20
	r.Config = json.RawMessage(`{"requirements":[{"document_type":"company_charter","required":true}]}`)
	if a = runCheck(documentSet(h.deps()), r); a.Verdict != kyc.VerdictReview || !codes(a)["low_quality"] {
		t.Errorf("blurred: %+v", a)
	}
	// A step that the form's answers hide asks for nothing.
	hidden := `{"requirements":[{"document_type":"tax_certificate","required":true,"show_if":{"action":"show","match":"all","conditions":[{"field_id":"kind","operator":"equals","value":"company"}]}}]}`
	r.Config = json.RawMessage(hidden)
	if a = runCheck(documentSet(h.deps()), r); a.Verdict != kyc.Skip {
		t.Errorf("hidden: %+v", a)
	}
	r.Fields["kind"] = "company"
	if a = runCheck(documentSet(h.deps()), r); a.Verdict != kyc.Fail || !codes(a)["document_missing"] {
		t.Errorf("shown: %+v", a)
	}
}

func TestCrossValidation(t *testing.T) {
	t.Parallel()
	own := func(name, born, nationality, doc string) entity {
		return entity{Name: name, DateOfBirth: born, Nationality: nationality, DocID: doc, DocumentType: "id", EntityRole: "individual", Own: true, DocumentNumber: doc}
	}
	anna := own("ANNA MUELLER", "1990-05-17", "DE", "C01")
	ubo := own("BORIS OTHER", "1950-01-01", "FR", "U01")
	ubo.Own, ubo.EntityRole = false, "ubo"
	proof := paper{DocID: "P1", DocumentType: "proof_of_address", EntityRole: "individual", TextFound: true, FieldsFound: []string{"home", "full_name"}}
	elsewhere, scan := proof, proof
	elsewhere.FieldsFound = []string{"full_name"}
	scan.TextFound = false
	const fields = `{"name_min":0.85,"fields":{"name":["full_name"],"date_of_birth":["born"],"nationality":["nation"],"address":["home"]}}`
	form := map[string]any{"full_name": "Anna Müller", "born": "1990-05-17", "nation": "DE", "home": map[string]any{"line1": "Hauptstraße 5", "postal_code": "10115"}}
	change := func(k string, v any) map[string]any {
		out := map[string]any{}
		for key, one := range form {
			out[key] = one
		}
		out[k] = v
		return out
	}
	for name, c := range map[string]struct {
		config   string
		form     map[string]any
		entities []entity
		papers   []paper
		verdict  kyc.Verdict
		code     string
	}{
		"agree":            {fields, form, []entity{anna}, []paper{proof}, kyc.Pass, "documents_agree"},
		"two papers":       {fields, form, []entity{anna, own("MUELLER ANNA", "1990-05-17", "DE", "X9")}, nil, kyc.Pass, "documents_agree"},
		"other person":     {fields, form, []entity{anna, own("PAULA SCHULZE", "1990-05-17", "DE", "X9")}, nil, kyc.Fail, "name_mismatch"},
		"other birth":      {fields, form, []entity{anna, own("ANNA MUELLER", "1991-05-17", "DE", "X9")}, nil, kyc.Fail, "dob_mismatch"},
		"form name":        {fields, change("full_name", "Anna Schulze"), []entity{anna}, nil, kyc.Fail, "name_mismatch"},
		"form birth":       {fields, change("born", "1990-05-18"), []entity{anna}, nil, kyc.Fail, "dob_mismatch"},
		"form nationality": {fields, change("nation", "FR"), []entity{anna}, nil, kyc.Fail, "country_mismatch"},
		"address differs":  {fields, form, []entity{anna}, []paper{elsewhere}, kyc.Fail, "address_mismatch"},
		"address in scan":  {fields, form, []entity{anna}, []paper{scan}, kyc.VerdictReview, "proof_not_compared"},
		"an owner's paper": {fields, form, []entity{anna, ubo}, nil, kyc.Pass, "documents_agree"},
		"only an owner's":  {fields, form, []entity{ubo}, nil, kyc.Skip, "no_documents"},
		"birth not read":   {fields, form, []entity{own("ANNA MUELLER", "", "DE", "C01")}, nil, kyc.VerdictReview, "document_incomplete"},
		"one paper alone":  {`{"name_min":0.85,"fields":{}}`, form, []entity{anna}, nil, kyc.Pass, "nothing_to_compare"},
		"an empty paper":   {fields, form, []entity{own("", "", "", "C01")}, nil, kyc.VerdictReview, "nothing_compared"},
	} {
		r := request("cross_validation")
		r.Config, r.Fields, r.Extracted = json.RawMessage(c.config), c.form, nil
		if c.papers == nil {
			c.papers = []paper{}
		}
		r.Checks = map[string]kyc.CheckFact{"document_set": {Status: "passed", Details: map[string]any{"documents": plainly(c.papers), "entities": plainly(c.entities)}}}
		a := runCheck(crossValidation(), r)
		if a.Status != kyc.StatusOK || a.Verdict != c.verdict || !codes(a)[c.code] {
			t.Errorf("%s: %+v", name, a)
		}
	}
	r := request("cross_validation")
	r.Checks["document_set"] = kyc.CheckFact{Status: "error"}
	if a := runCheck(crossValidation(), r); a.Verdict == kyc.Pass {
		t.Errorf("papers that were not read: %+v", a)
	}
	// The family name alone decides about four right given names.
	x := person{first: "Anna Maria Katharina Elisabeth", last: "Li"}
	y := person{first: "Anna Maria Katharina Elisabeth", last: "Wu"}
	if s := crossLikeness(x, y); s >= crossNameMin {
		t.Errorf("another family name is alike by %v", s)
	}
}

func TestWallets(t *testing.T) {
	t.Parallel()
	const bitcoin, ethereum = "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
	fresh := kyc.ListVersion{List: "ofac_sdn", Status: kyc.StatusOK, Entries: 5}
	stale := fresh
	stale.Status = kyc.StatusStale
	hit := kyc.Hit{List: "ofac_sdn", EntryID: "7", Score: 0.9, Features: []kyc.HitFeature{{Name: "identifier", Listed: "crypto_xbt " + bitcoin}}}
	otherCase := hit
	otherCase.Features = []kyc.HitFeature{{Name: "identifier", Listed: "crypto_xbt " + strings.ToUpper(bitcoin)}}
	for name, c := range map[string]struct {
		value   any
		lists   []kyc.ListVersion
		hits    []kyc.Hit
		status  kyc.AnswerStatus
		verdict kyc.Verdict
		code    string
	}{
		"clear":       {map[string]any{"address": bitcoin, "network": "BTC"}, []kyc.ListVersion{fresh}, nil, kyc.StatusOK, kyc.VerdictReview, "wallet_network_not_covered"},
		"text":        {ethereum, []kyc.ListVersion{fresh}, nil, kyc.StatusOK, kyc.VerdictReview, "wallet_network_not_covered"},
		"other case":  {map[string]any{"address": bitcoin, "network": "BTC"}, []kyc.ListVersion{fresh}, []kyc.Hit{otherCase}, kyc.StatusOK, kyc.VerdictReview, "wallet_alike"},
		"listed":      {map[string]any{"address": bitcoin, "network": "BTC"}, []kyc.ListVersion{fresh}, []kyc.Hit{hit}, kyc.StatusOK, kyc.Fail, "possible_match"},
		"checksum":    {map[string]any{"address": bitcoin[:33] + "3", "network": "BTC"}, []kyc.ListVersion{fresh}, nil, kyc.StatusOK, kyc.Fail, "wallet_address_invalid"},
		"other chain": {map[string]any{"address": ethereum, "network": "BTC"}, []kyc.ListVersion{fresh}, nil, kyc.StatusOK, kyc.Fail, "wallet_address_invalid"},
		"too short":   {"1x", []kyc.ListVersion{fresh}, nil, kyc.StatusOK, kyc.Fail, "wallet_address_invalid"},
		"stale":       {map[string]any{"address": bitcoin, "network": "BTC"}, []kyc.ListVersion{stale}, nil, kyc.StatusStale, "", "list_stale"},
		"no list":     {map[string]any{"address": bitcoin, "network": "BTC"}, nil, nil, kyc.StatusNotConfigured, "", "no_lists"},
		"none":        {nil, nil, nil, kyc.StatusOK, kyc.Pass, "no_wallets"},
	} {
		h := &house{result: screen.Result{Lists: c.lists, Hits: c.hits}}
		r := request("wallet_screening")
		r.Config = json.RawMessage(`{"wallets":[{"path":"payout","network":"any"}]}`)
		r.Fields = map[string]any{"payout": c.value}
		a := runCheck(walletScreening(h.deps()), r)
		if a.Status != c.status || a.Verdict != c.verdict || !codes(a)[c.code] {
			t.Errorf("%s: %+v", name, a)
		}
		if name == "listed" {
			var rows []walletRow
			if !detail(a.Details, "wallets", &rows) || !rows[0].IsMatch || rows[0].Matches[0].Kind != "crypto_xbt" || a.Hits[0].Party != "payout" {
				t.Errorf("%+v", a)
			}
		}
		if name == "clear" && len(a.Details["networks_not_covered"].([]any)) != 1 {
			t.Errorf("a screener that does not tell its coverage: %+v", a.Details)
		}
	}
	r := request("wallet_screening")
	r.Fields = map[string]any{"owners": []any{map[string]any{"pay": map[string]any{"address": bitcoin, "network": "BTC"}}, map[string]any{"wallet_address": ethereum}}}
	if got := walletsOf(t.Context(), r, walletConfig{}); len(got) != 2 || !got[0].AddressValid || !got[1].AddressValid || got[1].Network != "ETH" {
		t.Errorf("%+v", got)
	}
}
