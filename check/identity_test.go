package check

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/chip"
	"bonafide/document"
	"bonafide/kyc"
)

// asked runs a check in a house that a change prepares.
func askedIn(t *testing.T, policy, config string, change func(*house, *kyc.CheckRequest)) (kyc.Answer, *house) {
	t.Helper()
	h, r := goodHouse(), request(policy)
	r.Config = json.RawMessage(config)
	if change != nil {
		change(h, &r)
	}
	m, err := New(clock(), All(h.deps()), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m.Run(t.Context(), r), h
}

func upload(kind, asked, side, key string) kyc.Upload {
	u := kyc.Upload{Kind: kind, Asked: asked, Side: side, BlobKey: key, SHA256: key}
	u.ID = kyc.NewID(now)
	return u
}

func TestChipCheck(t *testing.T) {
	t.Parallel()
	reasonOf := func(severity, code string) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) {
			h.chip.Reasons = []kyc.Reason{{Code: code, Severity: severity}}
			h.chip.Authentic = severity == info || strings.HasPrefix(code, "chip_")
		}
	}
	nfc := func(side string) func(*house, *kyc.CheckRequest) {
		return func(_ *house, r *kyc.CheckRequest) { r.Uploads = append(r.Uploads, upload("nfc", "", side, "x"+side)) }
	}
	for name, c := range map[string]struct {
		change  func(*house, *kyc.CheckRequest)
		config  string
		status  kyc.AnswerStatus
		verdict kyc.Verdict
		code    string
	}{
		"good":            {nil, "", kyc.StatusOK, kyc.Pass, "passive_authentication_passed"},
		"EF.COM too":      {nfc("COM"), "", kyc.StatusOK, kyc.Pass, ""},
		"EF.DG14 too":     {nfc("EF.DG14"), "", kyc.StatusOK, kyc.Pass, ""},
		"altered":         {reasonOf(critical, "data_group_altered"), "", kyc.StatusOK, kyc.Fail, "data_group_altered"},
		"doubtful":        {reasonOf(warning, "signer_expired"), "", kyc.StatusOK, kyc.VerdictReview, "signer_expired"},
		"another number":  {reasonOf(critical, "chip_number_differs"), "", kyc.StatusOK, kyc.Fail, "chip_number_differs"},
		"unexplained":     {func(h *house, _ *kyc.CheckRequest) { h.chip.Authentic, h.chip.Reasons = false, nil }, "", kyc.StatusOK, kyc.VerdictReview, ""},
		"expired":         {reasonOf(info, "document_expired"), "", kyc.StatusOK, kyc.Pass, "document_expired"},
		"expired, review": {reasonOf(info, "document_expired"), `{"on_expired":"review"}`, kyc.StatusOK, kyc.VerdictReview, "document_expired"},
		"expired, fail":   {reasonOf(info, "document_expired"), `{"on_expired":"fail"}`, kyc.StatusOK, kyc.Fail, "document_expired"},
		"no trust": {func(h *house, _ *kyc.CheckRequest) { h.chip = chip.Report{Status: kyc.StatusNotConfigured} }, "",
			kyc.StatusNotConfigured, "", "trust_unusable"},
		"old trust": {func(h *house, _ *kyc.CheckRequest) {
			h.chip = chip.Report{Status: kyc.StatusStale, Reasons: []kyc.Reason{{Code: "trust_stale"}}}
		}, "", kyc.StatusStale, "", "trust_stale"},
		"no trust and no files": {func(h *house, r *kyc.CheckRequest) {
			h.chip, r.Uploads = chip.Report{Status: kyc.StatusNotConfigured, Reasons: []kyc.Reason{{Code: "trust_not_configured"}}}, nil
		}, "", kyc.StatusNotConfigured, "", "trust_not_configured"},
		"stopped":      {func(h *house, _ *kyc.CheckRequest) { h.chip.Status = kyc.StatusUnavailable }, "", kyc.StatusUnavailable, "", "chip_check_stopped"},
		"not read":     {func(_ *house, r *kyc.CheckRequest) { r.Uploads = r.Uploads[:1] }, "", kyc.StatusOK, kyc.VerdictReview, "chip_missing"},
		"DG1 twice":    {nfc("DG1"), "", kyc.StatusOK, kyc.VerdictReview, "chip_file_twice"},
		"no chip file": {nfc("selfie"), "", kyc.StatusOK, kyc.VerdictReview, "chip_file_unknown"},
		"erased":       {func(h *house, _ *kyc.CheckRequest) { h.blobErr = kyc.Missing("file", "x") }, "", kyc.StatusError, "", "upload_gone"},
		"form of another": {func(_ *house, r *kyc.CheckRequest) { r.Fields["last_name"] = "Schröder" }, "",
			kyc.StatusOK, kyc.Fail, "chip_form_name_differs"},
		"form with a slip":    {func(_ *house, r *kyc.CheckRequest) { r.Fields["last_name"] = "Mueler" }, "", kyc.StatusOK, kyc.VerdictReview, "chip_form_name_close"},
		"form of another day": {func(_ *house, r *kyc.CheckRequest) { r.Fields["date_of_birth"] = "1990-05-18" }, "", kyc.StatusOK, kyc.Fail, "chip_form_birth_date_differs"},
		"paper of another":    {func(_ *house, r *kyc.CheckRequest) { r.Extracted["last_name"] = "SCHROEDER" }, "", kyc.StatusOK, kyc.Fail, "chip_document_name_differs"},
		"a card was shown": {func(h *house, r *kyc.CheckRequest) {
			r.Extracted["document_type"] = "id_card"
			h.chip.Fields = append(slices.Clone(h.chip.Fields), kyc.Field{Name: "document_type", Value: "passport", Source: "chip"})
		}, "", kyc.StatusOK, kyc.Pass, "chip_of_another_document"},
		"a card of another": {func(h *house, r *kyc.CheckRequest) {
			r.Extracted["document_type"], r.Extracted["last_name"] = "id_card", "SCHROEDER"
			h.chip.Fields = append(slices.Clone(h.chip.Fields), kyc.Field{Name: "document_type", Value: "passport", Source: "chip"})
		}, "", kyc.StatusOK, kyc.Fail, "chip_document_name_differs"},
		"form alone":         {func(_ *house, r *kyc.CheckRequest) { r.Extracted = nil }, "", kyc.StatusOK, kyc.Pass, ""},
		"paper alone":        {func(_ *house, r *kyc.CheckRequest) { r.Fields = nil }, "", kyc.StatusOK, kyc.Pass, ""},
		"nothing to compare": {func(_ *house, r *kyc.CheckRequest) { r.Fields, r.Extracted = nil, nil }, "", kyc.StatusOK, kyc.VerdictReview, "chip_not_compared"},
		"a name alone": {func(_ *house, r *kyc.CheckRequest) { r.Extracted = nil; delete(r.Fields, "date_of_birth") }, "",
			kyc.StatusOK, kyc.VerdictReview, "chip_not_compared"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, h := askedIn(t, "nfc_chip_auth", c.config, c.change)
			if a.Status != c.status || a.Verdict != c.verdict || c.code != "" && !codes(a)[c.code] {
				t.Errorf("%+v", a)
			}
			if a.Verdict != kyc.Pass && a.Verdict != kyc.VerdictReview && len(a.Fields) > 0 {
				t.Errorf("fields of a chip that is not taken: %+v", a.Fields)
			}
			if a.Verdict == kyc.Pass && (len(a.Fields) == 0 || a.Details["authentic"] != true || a.Details["chip_authenticity"] != "not_proven") {
				t.Errorf("%+v", a)
			}
			if name == "a card was shown" && slices.ContainsFunc(h.asked.Printed, func(f kyc.Field) bool { return f.Name != "date_of_birth" && f.Name != "sex" }) {
				t.Errorf("the chip was compared with %+v", h.asked.Printed)
			}
			if name == "good" {
				want := chip.Files{SOD: []byte("sod"), DataGroups: map[int][]byte{1: []byte("dg1"), 2: []byte("dg2")}}
				if !reflect.DeepEqual(h.files, want) || len(h.asked.Printed) != 5 || h.asked.MaxAge != chip.DefaultTrustAge || !h.asked.Now.Equal(now) {
					t.Errorf("asked %+v with %+v", h.files, h.asked)
				}
			}
		})
	}
}

func TestDocumentFraud(t *testing.T) {
	t.Parallel()
	found := func(list ...string) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) {
			for _, f := range list {
				severity, code, _ := strings.Cut(f, " ")
				h.reading.Findings = append(h.reading.Findings, kyc.Reason{Code: code, Severity: severity, Message: "found"})
			}
		}
	}
	second := func(name, value string) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) {
			h.second.Fields = slices.Clone(h.second.Fields)
			h.second.Fields[slices.IndexFunc(h.second.Fields, func(f kyc.Field) bool { return f.Name == name })].Value = value
		}
	}
	for name, c := range map[string]struct {
		change  func(*house, *kyc.CheckRequest)
		config  string
		score   float64
		verdict kyc.Verdict
		codes   string
	}{
		"clean":                     {nil, "", 0, kyc.Pass, "no_fraud_signals"},
		"check digit":               {found("critical mrz_check_digit_failed"), "", 65, kyc.VerdictReview, "mrz_check_digit_failed"},
		"three check digits":        {found("critical mrz_check_digit_failed", "critical mrz_check_digit_failed", "critical mrz_check_digit_failed"), "", 65, kyc.VerdictReview, "mrz_check_digit_failed"},
		"check digit, unclear":      {found("warning mrz_check_digit_failed"), "", 24.7, kyc.Pass, "mrz_check_digit_failed"},
		"zone that does not verify": {func(h *house, _ *kyc.CheckRequest) { h.reading.MRZ = &document.MRZ{} }, "", 65, kyc.VerdictReview, "mrz_check_digit_failed"},
		"specimen":                  {found("critical specimen_document"), "", 70, kyc.VerdictReview, "specimen_document"},
		"specimen accepted":         {found("critical specimen_document", "critical fictional_issuer"), `{"accept_specimen":true}`, 0, kyc.Pass, "specimen_accepted"},
		"invented issuer":           {found("critical fictional_issuer"), "", 90, kyc.Fail, "fictional_issuer"},
		"hints alone":               {found("warning editing_software", "warning editing_software"), "", 20, kyc.Pass, "editing_software"},
		"printed text disagrees":    {found("warning name_unconfirmed"), "", 60, kyc.VerdictReview, "name_unconfirmed"},
		"print disagrees twice":     {found("warning name_unconfirmed", "warning number_unconfirmed"), "", 100, kyc.Fail, "name_unconfirmed number_unconfirmed"},
		"everything":                {found("critical impossible_expiry", "critical impossible_date_of_birth", "warning editing_software"), "", 100, kyc.Fail, "impossible_expiry impossible_date_of_birth editing_software"},
		"something new, critical":   {found("critical new_finding"), "", 60, kyc.VerdictReview, "new_finding"},
		"something new, warning":    {found("warning new_finding"), "", 20, kyc.Pass, "new_finding"},
		"a remark":                  {found("info new_remark"), "", 0, kyc.Pass, "no_fraud_signals"},
		"limits of the author":      {found("critical mrz_check_digit_failed"), `{"review_from":30,"fail_from":65}`, 65, kyc.Fail, "mrz_check_digit_failed"},
		"never fails":               {found("critical fictional_issuer", "critical specimen_document"), `{"fail_from":101}`, 100, kyc.VerdictReview, "fictional_issuer specimen_document"},
		"unreadable":                {func(h *house, _ *kyc.CheckRequest) { h.reading = document.Reading{} }, "", 60, kyc.VerdictReview, "document_unreadable"},
		"unreadable, high limit":    {func(h *house, _ *kyc.CheckRequest) { h.reading = document.Reading{} }, `{"review_from":100,"fail_from":101}`, 60, kyc.VerdictReview, "document_unreadable"},
		"both broken":               {func(h *house, _ *kyc.CheckRequest) { h.readErr = kyc.Errorf(kyc.Invalid, "image_truncated", "cut") }, "", 100, kyc.Fail, "document_unreadable document_unreadable"},
		"second of another person":  {second("date_of_birth", "1970-01-01"), "", 65, kyc.VerdictReview, "documents_disagree"},
		"second is the first again": {second("document_number", "C01X00T99"), "", 40, kyc.Pass, "repeated_document"},
		"second forged": {func(h *house, _ *kyc.CheckRequest) {
			h.second.Findings = []kyc.Reason{{Code: "fictional_issuer", Severity: critical}}
		}, "", 90, kyc.Fail, "fictional_issuer"},
		"picture used twice": {func(_ *house, r *kyc.CheckRequest) {
			r.Uploads = append(r.Uploads, upload("document_back", "secondary", "", "document_front"))
		}, "", 65, kyc.VerdictReview, "repeated_image"},
		"picture used as selfie": {func(_ *house, r *kyc.CheckRequest) {
			r.Uploads = append(r.Uploads, upload("selfie", "", "", "document_front"))
		}, "", 65, kyc.VerdictReview, "repeated_image"},
		"second without the first": {func(_ *house, r *kyc.CheckRequest) { r.Uploads = r.Uploads[1:] }, "", 0, kyc.VerdictReview, "document_missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := askedIn(t, "document_fraud", c.config, c.change)
			if a.Status != kyc.StatusOK || a.Verdict != c.verdict || a.Score == nil || *a.Score != c.score || a.Details["risk_score"] != c.score {
				t.Fatalf("%+v", a)
			}
			var got []string
			sum := 0.0
			for _, r := range a.Reasons {
				got = append(got, r.Code)
				if r.Points != nil {
					sum += *r.Points
				}
			}
			want := strings.Fields(c.codes)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("reasons %v, want %v", got, want)
			}
			if min(100, sum) != c.score || a.Details["threshold_reached"] != (c.score >= *a.Threshold) {
				t.Errorf("points %v, score %v, details %v", sum, c.score, a.Details)
			}
			signals, _ := a.Details["signals"].([]any)
			for _, s := range signals {
				if m, _ := s.(map[string]any); m["code"] == "" || m["points"] == 0.0 || m["document"] == "" {
					t.Errorf("%v", s)
				}
			}
		})
	}
	for name, c := range map[string]struct {
		change func(*house, *kyc.CheckRequest)
		config string
		status kyc.AnswerStatus
		code   string
	}{
		"no tool": {func(h *house, _ *kyc.CheckRequest) {
			h.readErr = kyc.Errorf(kyc.Unavailable, "ocr_not_configured", "apt")
		}, "", kyc.StatusNotConfigured, "ocr_not_configured"},
		"slow":         {func(h *house, _ *kyc.CheckRequest) { h.readErr = kyc.Errorf(kyc.Unavailable, "ocr_timeout", "slow") }, "", kyc.StatusUnavailable, "ocr_timeout"},
		"erased":       {func(h *house, _ *kyc.CheckRequest) { h.blobErr = kyc.Missing("file", "x") }, "", kyc.StatusError, "upload_gone"},
		"wrong limits": {nil, `{"review_from":90,"fail_from":80}`, kyc.StatusError, "config_invalid"},
	} {
		if a, _ := askedIn(t, "document_fraud", c.config, c.change); a.Status != c.status || !codes(a)[c.code] || a.Verdict != "" {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if a, _ := askedIn(t, "document_fraud", `{"threshold":20}`, found("warning new_finding")); *a.Threshold != 20 || a.Details["threshold_reached"] != true || a.Verdict != kyc.Pass {
		t.Errorf("%+v", a)
	}
}

func TestFurtherDocuments(t *testing.T) {
	t.Parallel()
	set := func(name, value string) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) {
			h.second.Fields = slices.Clone(h.second.Fields)
			h.second.Fields[slices.IndexFunc(h.second.Fields, func(f kyc.Field) bool { return f.Name == name })].Value = value
		}
	}
	found := func(severity, code string) func(*house, *kyc.CheckRequest) {
		return func(h *house, _ *kyc.CheckRequest) {
			h.second.Findings = []kyc.Reason{{Code: code, Severity: severity}}
		}
	}
	for name, c := range map[string]struct {
		change  func(*house, *kyc.CheckRequest)
		config  string
		verdict kyc.Verdict
		code    string
	}{
		"good":               {nil, `{"secondary":true}`, kyc.Pass, "further_ids_valid"},
		"nothing asked":      {nil, `{}`, kyc.Skip, "no_further_ids"},
		"third missing":      {nil, `{"secondary":true,"tertiary":true}`, kyc.Fail, "tertiary_id_missing"},
		"second missing":     {func(_ *house, r *kyc.CheckRequest) { r.Uploads = r.Uploads[:1] }, `{"secondary":true}`, kyc.Fail, "secondary_id_missing"},
		"superseded":         {func(_ *house, r *kyc.CheckRequest) { r.Uploads[2].Superseded = true }, `{"secondary":true}`, kyc.Fail, "secondary_id_missing"},
		"first missing":      {func(_ *house, r *kyc.CheckRequest) { r.Uploads = r.Uploads[1:] }, `{"secondary":true}`, kyc.VerdictReview, "secondary_id_holder_unknown"},
		"no zone":            {func(h *house, _ *kyc.CheckRequest) { h.second.MRZ = nil }, `{"secondary":true}`, kyc.VerdictReview, "secondary_id_zone_not_found"},
		"wrong check digit":  {func(h *house, _ *kyc.CheckRequest) { h.second.MRZ = &document.MRZ{} }, `{"secondary":true}`, kyc.Fail, "secondary_id_check_digit_failed"},
		"another person":     {set("last_name", "SCHROEDER"), `{"secondary":true}`, kyc.Fail, "secondary_id_other_person"},
		"another birth":      {set("date_of_birth", "1990-05-18"), `{"secondary":true}`, kyc.Fail, "secondary_id_other_person"},
		"birth not read":     {set("date_of_birth", ""), `{"secondary":true}`, kyc.VerdictReview, "secondary_id_holder_unknown"},
		"name with a slip":   {set("last_name", "MUELER"), `{"secondary":true}`, kyc.VerdictReview, "secondary_id_name_close"},
		"same number":        {set("document_number", "C01X00T99"), `{"secondary":true}`, kyc.Fail, "secondary_id_repeated"},
		"number not read":    {set("document_number", ""), `{"secondary":true}`, kyc.VerdictReview, "secondary_id_number_not_read"},
		"expired":            {set("expiry_date", "2026-11-20"), `{"secondary":true}`, kyc.Fail, "secondary_id_document_expired"},
		"expired, tolerated": {set("expiry_date", "2026-11-20"), `{"secondary":true,"grace_years":1}`, kyc.Pass, "further_ids_valid"},
		"no expiry":          {set("expiry_date", ""), `{"secondary":true}`, kyc.VerdictReview, "secondary_id_expiry_missing"},
		"forged":             {found(critical, "impossible_expiry"), `{"secondary":true}`, kyc.Fail, "secondary_id_impossible_expiry"},
		"doubtful":           {found(warning, "name_unconfirmed"), `{"secondary":true}`, kyc.VerdictReview, "secondary_id_name_unconfirmed"},
		"specimen":           {found(critical, "specimen_document"), `{"secondary":true}`, kyc.Fail, "secondary_id_specimen_document"},
		"specimen accepted":  {found(critical, "specimen_document"), `{"secondary":true,"accept_specimen":true}`, kyc.Pass, "secondary_id_specimen_document"},
		"broken":             {func(h *house, _ *kyc.CheckRequest) { h.readErr = kyc.Errorf(kyc.Invalid, "x", "cut") }, `{"secondary":true}`, kyc.Fail, "secondary_id_unreadable"},
		"the same picture": {func(h *house, r *kyc.CheckRequest) { r.Uploads[2].SHA256 = r.Uploads[0].SHA256 }, `{"secondary":true}`,
			kyc.Fail, "secondary_id_repeated"},
		"second again as third": {func(_ *house, r *kyc.CheckRequest) {
			r.Uploads = append(r.Uploads, upload("document_front", "tertiary", "", "second"))
		},
			`{"secondary":true,"tertiary":true}`, kyc.Fail, "tertiary_id_repeated"},
	} {
		a, _ := askedIn(t, "additional_ids", c.config, c.change)
		if a.Status != kyc.StatusOK || a.Verdict != c.verdict || !codes(a)[c.code] {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if a, _ := askedIn(t, "additional_ids", `{"secondary":true}`, func(h *house, _ *kyc.CheckRequest) { h.readErr = kyc.Errorf(kyc.Unavailable, "ocr_timeout", "slow") }); a.Status != kyc.StatusUnavailable {
		t.Errorf("%+v", a)
	}
}

// The reading of the first document looks at nothing else.
func TestOnlyTheFirstDocumentIsRead(t *testing.T) {
	t.Parallel()
	a, _ := askedIn(t, "document_ocr", "", func(h *house, r *kyc.CheckRequest) {
		slices.Reverse(r.Uploads) // the second one was uploaded before
		h.second = document.Reading{}
	})
	if a.Verdict != kyc.Pass || len(a.Fields) != 8 {
		t.Errorf("%+v", a)
	}
	a, h := askedIn(t, "document_ocr", "", func(_ *house, r *kyc.CheckRequest) { r.Uploads = r.Uploads[2:3] })
	if a.Verdict != kyc.VerdictReview || !codes(a)["document_missing"] || h.calls.Load() != 0 {
		t.Errorf("the second document alone: %+v", a)
	}
	// A document that a step asks for by rank is the applicant's own, whatever a
	// set of other papers holds.
	papers := map[string]kyc.CheckFact{"document_set": {Status: "passed", Details: map[string]any{"documents": []any{map[string]any{"own": false}}}}}
	for asked, want := range map[string]kyc.Verdict{"primary": kyc.Pass, "": kyc.Skip} {
		a, _ := askedIn(t, "document_ocr", "", func(_ *house, r *kyc.CheckRequest) { r.Checks, r.Uploads[0].Asked = papers, asked })
		if a.Verdict != want {
			t.Errorf("asked %q: %+v", asked, a)
		}
	}
	if got := askedType(upload("document_front", "primary", "", "x")); got != "id" {
		t.Errorf("a primary document answers %q", got)
	}
}

func TestSimulatedIdentityChecks(t *testing.T) {
	t.Parallel()
	m := menu(t, goodHouse(), NewSimulator())
	run := func(policy, family, config string) kyc.Answer {
		r := sandboxRequest(policy, family)
		r.Config = json.RawMessage(config)
		return m.Run(t.Context(), r)
	}
	for name, want := range map[string]float64{"HIGHRISK": 80, "TAMPERED": 95, "Ordinary": 12, "REVIEW": 12, "APPROVE": 12} {
		a := run("document_fraud", name, "")
		verdict := map[float64]kyc.Verdict{80: kyc.VerdictReview, 95: kyc.Fail, 12: kyc.Pass}[want]
		if *a.Score != want || a.Details["risk_score"] != want || a.Verdict != verdict || *a.Reasons[0].Points != want {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if a := run("document_fraud", "HIGHRISK", `{"review_from":81,"threshold":80}`); a.Verdict != kyc.Pass || a.Details["threshold_reached"] != true {
		t.Errorf("%+v", a)
	}
	if a := run("document_fraud", "Ordinary", `{"review_from":5,"fail_from":10}`); a.Verdict != kyc.Pass {
		t.Errorf("an ordinary name: %+v", a)
	}
	if a := run("age_estimation", "UNDERAGE", ""); a.Verdict != kyc.Fail || *a.Score != 16 || a.Details["age_check_passed"] != false {
		t.Errorf("%+v", a)
	}
	if a := run("age_estimation", "UNDERAGE", `{"minimum_age":14}`); a.Verdict != kyc.Fail || *a.Score != 13 {
		t.Errorf("%+v", a)
	}
	if a := run("age_estimation", "Ordinary", ""); a.Verdict != kyc.Pass || *a.Score != 36 || a.Details["age_check_passed"] != true {
		t.Errorf("%+v", a)
	}
	if a := run("additional_ids", "Ordinary", `{"secondary":true,"tertiary":true}`); a.Verdict != kyc.Fail || !codes(a)["tertiary_id_missing"] || codes(a)["secondary_id_missing"] {
		t.Errorf("%+v", a)
	}
	a := run("nfc_chip_auth", "Ordinary", "")
	if a.Verdict != kyc.Pass || a.Details["authentic"] != true || !reflect.DeepEqual(a.Details["data_groups"], []any{"DG1", "DG2"}) {
		t.Errorf("%+v", a)
	}
	for _, f := range a.Fields {
		if f.Source != "chip" || f.Region != nil || f.Name == "last_name" && f.Value != "Ordinary" {
			t.Errorf("%+v", f)
		}
	}
	for _, name := range []string{"REJECT", "TAMPERED"} {
		if a := run("nfc_chip_auth", name, ""); a.Verdict != kyc.Fail || a.Details["authentic"] != false || len(a.Fields) > 0 {
			t.Errorf("%s: %+v", name, a)
		}
	}
}
