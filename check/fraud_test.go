package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"bonafide/document"
	"bonafide/kyc"
	"bonafide/tamper"
)

// signalsOf gives the signals of an answer by code.
func signalsOf(t *testing.T, a kyc.Answer) map[string]tamper.Signal {
	t.Helper()
	var list []tamper.Signal
	if !detail(a.Details, "signals", &list) {
		t.Fatalf("no signals: %+v", a)
	}
	out := map[string]tamper.Signal{}
	for _, s := range list {
		out[s.Code] = s
	}
	return out
}

// read gives the first document a further reading of a field.
func read(name, value, source string, confidence float64) func(*house, *kyc.CheckRequest) {
	return func(h *house, _ *kyc.CheckRequest) {
		h.reading.Fields = slices.Clone(h.reading.Fields)
		for i, f := range h.reading.Fields {
			h.reading.Fields[i].Source, h.reading.Fields[i].Confidence = "mrz", 1
			if f.Name == name {
				h.reading.Fields[i].Region = &kyc.Region{X: 0.1}
			}
		}
		h.reading.Fields = append(h.reading.Fields, kyc.Field{Name: name, Value: value, Source: source, Confidence: confidence, Region: &kyc.Region{X: 0.5}})
	}
}

func TestFraudSignals(t *testing.T) {
	t.Parallel()
	type change = func(*house, *kyc.CheckRequest)
	fact := func(policy, status string, details map[string]any) change {
		return func(_ *house, r *kyc.CheckRequest) {
			r.Checks = map[string]kyc.CheckFact{policy: {Status: status, Details: details}}
		}
	}
	chip := func(status string, authentic bool, mismatches ...any) change {
		return fact("nfc_chip_auth", status, map[string]any{"authentic": authentic, "mismatches": mismatches})
	}
	met := func(similarity float64, same bool) change {
		return fact("face_dedup", "failed", map[string]any{"matches": []any{map[string]any{"similarity": similarity, "of": "approved", "reference": "session_1", "same_customer": same}}})
	}
	all := func(list ...change) change {
		return func(h *house, r *kyc.CheckRequest) {
			for _, c := range list {
				c(h, r)
			}
		}
	}
	surely := read("none", "", "visual", 0)
	found := func(code, severity string) change {
		return func(h *house, _ *kyc.CheckRequest) {
			h.reading.Findings = append(h.reading.Findings, kyc.Reason{Code: code, Severity: severity, Message: "x"})
		}
	}
	expires := func(day string) change {
		return func(h *house, _ *kyc.CheckRequest) {
			h.reading.Fields = slices.Clone(h.reading.Fields)
			h.reading.Fields[slices.IndexFunc(h.reading.Fields, func(f kyc.Field) bool { return f.Name == "expiry_date" })].Value = day
		}
	}
	form := func(name string, value any) change {
		return func(_ *house, r *kyc.CheckRequest) { r.Fields[name] = value }
	}
	traces := func(codes ...string) change {
		return func(h *house, _ *kyc.CheckRequest) {
			for _, c := range codes {
				h.found = append(h.found, document.Trace{Code: c, Value: 1, Message: "x"})
			}
		}
	}
	software := func(name string) change {
		return func(h *house, _ *kyc.CheckRequest) { h.reading.Pages = []document.Page{{Software: []string{name}}} }
	}
	for name, c := range map[string]struct {
		change change
		config string
		want   string // signals with their points
	}{
		"an issuer that is none":           {found("unknown_issuer", warning), "", "unknown_issuer 60"},
		"an issuer that was read badly":    {all(found("unknown_issuer", warning), func(h *house, _ *kyc.CheckRequest) { h.reading.MRZ = &document.MRZ{} }), "", "mrz_check_digit_failed 65, unknown_issuer 30"},
		"a nationality that is none":       {found("unknown_nationality", warning), "", "unknown_nationality 60"},
		"printed number differs":           {read("document_number", "C01X00T98", "visual", 0.9), "", "visual_number_differs 60"},
		"printed number with a suffix":     {read("document_number", "C01X00T998", "visual", 0.9), "", ""},
		"printed number, badly read":       {read("document_number", "C01X00T98", "visual", 0.7), "", ""},
		"printed date differs":             {read("date_of_birth", "1991-05-17", "visual", 0.9), "", "visual_date_differs 65"},
		"printed name differs":             {read("last_name", "SCHROEDER", "visual", 0.9), "", "visual_name_differs 60"},
		"printed name in another writing":  {read("last_name", "Müller", "visual", 0.9), "", ""},
		"barcode name differs":             {read("last_name", "SCHROEDER", "barcode", 1), "", "barcode_name_differs 65"},
		"barcode date differs":             {read("expiry_date", "2031-01-01", "barcode", 1), "", "barcode_date_differs 65"},
		"barcode number differs":           {read("document_number", "X", "barcode", 1), "", "barcode_number_differs 65"},
		"barcode sex differs":              {all(read("sex", "F", "mrz", 1), read("sex", "M", "barcode", 1)), "", "barcode_code_differs 60"},
		"sex left open":                    {all(read("sex", "X", "mrz", 1), read("sex", "M", "barcode", 1)), "", ""},
		"printed nationality differs":      {all(read("nationality", "DE", "mrz", 1), read("nationality", "FR", "visual", 0.9)), "", "visual_code_differs 60"},
		"printed nationality in words":     {all(read("nationality", "DE", "mrz", 1), read("nationality", "German", "visual", 0.9)), "", ""},
		"printed nationality, badly read":  {all(read("nationality", "DE", "mrz", 1), read("nationality", "FR", "visual", 0.7)), "", ""},
		"a code that both comparisons see": {all(read("sex", "F", "mrz", 1), read("sex", "M", "barcode", 1), found("barcode_code_differs", critical)), "", "barcode_code_differs 60"},
		"sex against a zone badly read":    {all(read("sex", "F", "mrz", 1), read("sex", "M", "barcode", 1), func(h *house, _ *kyc.CheckRequest) { h.reading.MRZ = &document.MRZ{} }), "", "barcode_code_differs 30, mrz_check_digit_failed 65"},
		"barcode of an age that is none":   {found("licence_age_dates_differ", warning), "", "licence_age_dates_differ 60"},
		"barcode that says a thing twice":  {found("licence_element_repeated", warning), "", "licence_element_repeated 20"},
		"barcode of no day of issue":       {found("impossible_issue_date", warning), "", "impossible_issue_date 60"},
		"a name that both comparisons see": {all(read("last_name", "SCHROEDER", "barcode", 1), found("barcode_name_differs", critical)), "", "barcode_name_differs 65"},
		"a date that both comparisons see": {all(read("expiry_date", "2031-01-01", "barcode", 1), found("barcode_expiry_differs", critical)), "", "barcode_date_differs 65"},
		"print that both comparisons see":  {all(read("document_number", "C01X00T98", "visual", 0.9), found("number_unconfirmed", warning), found("front_number_differs", warning)), "", "visual_number_differs 60"},
		"two dates, of which one is twice": {all(read("expiry_date", "2031-01-01", "visual", 0.9), found("birth_date_unconfirmed", warning), found("expiry_unconfirmed", warning)), "", "birth_date_unconfirmed 60, visual_date_differs 65"},
		"print against zone and barcode":   {all(found("birth_date_unconfirmed", warning), found("front_birth_date_differs", warning)), "", "birth_date_unconfirmed 60"},
		"barcode dates that do not follow": {found("licence_dates_out_of_order", critical), "", "licence_dates_out_of_order 60"},
		"form of another day":              {all(surely, form("date_of_birth", "1990-05-18")), "", "form_birth_date_differs 60"},
		"form of another name":             {all(surely, form("last_name", "Schröder")), "", "form_name_differs 60"},
		"form with a slip":                 {all(surely, form("last_name", "Mueler")), "", "form_name_close 10"},
		"form of another number":           {all(surely, form("document_number", "C01X00T98")), "", "form_number_differs 60"},
		"form of another day, badly read":  {form("date_of_birth", "1990-05-18"), "", ""},
		"expired":                          {expires("2026-11-20"), "", "document_expired 20"},
		"expired, in grace":                {expires("2026-11-20"), `{"grace_years":1}`, ""},
		"expired, out of grace":            {expires("2025-11-20"), `{"grace_years":1}`, "document_expired 20"},
		"expires today":                    {expires("2026-11-21"), "", ""},
		"expires in no passport":           {expires("2039-01-01"), "", "expires_in_no_document 60"},
		"expires too far ahead":            {expires("2030-01-01"), `{"maximum_validity_years":2}`, "expires_too_far_ahead 40"},
		"too young":                        {nil, `{"minimum_age":40}`, "under_age 20"},
		"too old":                          {nil, `{"maximum_age":30}`, "over_age 20"},
		"of the right age":                 {nil, `{"minimum_age":36,"maximum_age":36}`, ""},
		"a good chip":                      {chip("passed", true), "", "chip_authentic 0"},
		"a chip of another":                {chip("failed", true, "number"), "", "chip_differs 85"},
		"a forged chip":                    {chip("failed", false), "", "chip_not_authentic 85"},
		"a doubtful chip":                  {chip("review", false), "", "chip_in_doubt 30"},
		"a chip that was not sent":         {fact("nfc_chip_auth", "review", nil), "", ""},
		"a face of another":                {met(0.999, false), "", "duplicate_face 65"},
		"a face like another":              {met(0.93, false), "", "duplicate_face 26"},
		"the applicant's own face":         {met(0.999, true), "", ""},
		"hints together":                   {all(found("editing_software", warning), traces("local_recompression", "screenshot_size", "no_camera_data")), "", "editing_software 20, local_recompression 4"},
		"hints alone":                      {traces("local_recompression", "screenshot_size", "no_camera_data"), "", "local_recompression 12, no_camera_data 3, screenshot_size 5"},
		"a word processor":                 {software("LibreOffice 7.4"), "", "document_software 10"},
		"a scanner":                        {software("EPSON Scan"), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := askedIn(t, "document_fraud", c.config, c.change)
			var got []string
			score := 0.0
			for _, r := range a.Reasons {
				if r.Points != nil {
					score += *r.Points
				}
			}
			for code, s := range signalsOf(t, a) {
				got = append(got, fmt.Sprintf("%s %v", code, s.Points))
				if s.Message == "" || s.Document == "" || s.Class == "" || s.Weight < s.Points || strings.Contains(fmt.Sprint(s.Evidence), "MUELLER") || strings.Contains(fmt.Sprint(s.Evidence), "1990") {
					t.Errorf("%+v", s)
				}
				if strings.HasPrefix(code, "barcode_") || strings.HasPrefix(code, "visual_") {
					if s.Region == nil || s.Region.X != 0.5 || s.Evidence["field"] == nil {
						t.Errorf("a difference without a place: %+v", s)
					}
				}
			}
			slices.Sort(got)
			if list := strings.Join(got, ", "); list != c.want || *a.Score != min(100, score) {
				t.Errorf("%s, score %v; want %s", list, *a.Score, c.want)
			}
			if (*a.Score >= 60) == (a.Verdict == kyc.Pass) {
				t.Errorf("%v with %v", a.Verdict, *a.Score)
			}
		})
	}
}

// TestPicturesOfOthers is about pictures that were met in other sessions.
func TestPicturesOfOthers(t *testing.T) {
	t.Parallel()
	const look, far = 0xf0f0_1234_5678_9abc, 0x0f0f_1234_5678_9abc
	number := "document_number#DE:C01X00T99"
	other := func(bits uint64, number string) kyc.Picture {
		l := kyc.Look{Perceptual: bits}
		p := kyc.Picture{Upload: kyc.NewID(now), SessionID: kyc.NewID(now), SubjectID: kyc.NewID(now), Look: l, Number: number}
		for _, b := range tamper.Bands(l) {
			p.Bands = append(p.Bands, pictureBand+"#"+b)
		}
		return p
	}
	set := func(pictures ...kyc.Picture) func(*house, *kyc.CheckRequest) {
		return func(h *house, r *kyc.CheckRequest) {
			read("none", "", "visual", 0)(h, r)
			h.pictures = pictures
			h.reading.Pages = []document.Page{{Upload: r.Uploads[0].ID, Look: &kyc.Look{Perceptual: look}}}
		}
	}
	own := func(of func(*kyc.Picture, *kyc.CheckRequest)) func(*house, *kyc.CheckRequest) {
		return func(h *house, r *kyc.CheckRequest) {
			p := other(look, number)
			of(&p, r)
			set(p)(h, r)
		}
	}
	for name, c := range map[string]struct {
		change func(*house, *kyc.CheckRequest)
		points float64
	}{
		"nobody":            {set(), 0},
		"the same picture":  {set(other(look, number)), 65},
		"saved anew":        {set(other(look^1^1<<30^1<<50, "")), 65},
		"another picture":   {set(other(far, number)), 0},
		"of another number": {set(other(look, "document_number#DE:X")), 32.5},
		"of both":           {set(other(look, "document_number#DE:X"), other(look, number)), 65},
		"this session":      {own(func(p *kyc.Picture, r *kyc.CheckRequest) { p.SessionID = r.SessionID }), 0},
		"the same person":   {own(func(p *kyc.Picture, r *kyc.CheckRequest) { p.SubjectID = r.SubjectID }), 0},
		"twice in this session": {func(h *house, r *kyc.CheckRequest) {
			set()(h, r)
			h.second.Pages = []document.Page{{Upload: r.Uploads[2].ID, Look: &kyc.Look{Perceptual: look ^ 3}}}
		}, 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, h := askedIn(t, "document_fraud", "", c.change)
			if a.Score == nil || *a.Score != c.points {
				t.Fatalf("%+v", a)
			}
			if len(a.Pictures) == 0 || len(a.Pictures[0].Bands) != 3 || a.Pictures[0].Number != number || a.Pictures[0].Look.Perceptual != look {
				t.Errorf("kept %+v", a.Pictures)
			}
			if s, ok := signalsOf(t, a)["duplicate_image"]; ok != (c.points > 0 && c.points != 60) || ok && (s.Region == nil || !strings.Contains(fmt.Sprint(s.Evidence), kyc.Dress("session", h.pictures[len(h.pictures)-1].SessionID))) {
				t.Errorf("%+v", s)
			}
			// The other check sees the same, and names the session.
			a, _ = askedIn(t, "duplicate_detection", `{"traits":["picture"]}`, c.change)
			if want := map[bool]kyc.Verdict{true: kyc.Fail, false: kyc.Pass}[c.points == 65]; a.Status != kyc.StatusOK || a.Verdict != want || len(a.Pictures) == 0 {
				t.Errorf("%+v", a)
			}
			if a.Verdict == kyc.Fail && (!codes(a)["duplicate_picture"] || !strings.Contains(fmt.Sprint(a.Details["sessions"]), kyc.Dress("session", h.pictures[len(h.pictures)-1].SessionID))) {
				t.Errorf("%+v", a)
			}
			if c.points == 32.5 && !codes(a)["similar_picture"] {
				t.Errorf("%+v", a)
			}
		})
	}
	broken := func(h *house, r *kyc.CheckRequest) {
		set()(h, r)
		h.storeErr = fmt.Errorf("away")
	}
	for _, policy := range []string{"document_fraud", "duplicate_detection"} {
		if a, _ := askedIn(t, policy, "", broken); a.Status != kyc.StatusUnavailable || !a.Transient || !codes(a)["duplicates_unavailable"] {
			t.Errorf("%s: %+v", policy, a)
		}
	}
	bare := func(h *house, r *kyc.CheckRequest) { h.reading.Pages = nil }
	if a, _ := askedIn(t, "duplicate_detection", `{"traits":["picture"]}`, bare); a.Verdict != kyc.VerdictReview || !codes(a)["nothing_compared"] {
		t.Errorf("%+v", a)
	}
	unset := func(h *house, _ *kyc.CheckRequest) {
		h.readErr = kyc.Errorf(kyc.Unavailable, "ocr_not_configured", "apt")
	}
	if a, _ := askedIn(t, "duplicate_detection", `{"traits":["picture"]}`, unset); a.Status != kyc.StatusNotConfigured {
		t.Errorf("%+v", a)
	}
	if a, _ := askedIn(t, "duplicate_detection", "", unset); a.Verdict != kyc.Pass || !codes(a)["picture_not_compared"] {
		t.Errorf("%+v", a)
	}
}

func TestFraudSaysWhatItDidNotLookAt(t *testing.T) {
	t.Parallel()
	run := func(change func(*Deps), checks map[string]kyc.CheckFact) string {
		h, r := goodHouse(), request("document_fraud")
		d := h.deps()
		change(&d)
		r.Checks = checks
		m, err := New(clock(), []Check{documentFraud(d)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(m.Run(t.Context(), r).Details["not_checked"])
	}
	if got := run(func(*Deps) {}, map[string]kyc.CheckFact{"nfc_chip_auth": {}, "face_dedup": {}}); got != "[moire]" {
		t.Error(got)
	}
	h, r := goodHouse(), request("document_fraud")
	h.screens = []document.Trace{{Code: "screen_pattern", Value: 0.5, Message: "x"}}
	for config, want := range map[string]string{`{"look_for_screens":true}`: "[chip duplicate_face], 5", `{}`: "[chip duplicate_face moire], 0"} {
		r.Config = []byte(config)
		m, err := New(clock(), []Check{documentFraud(h.deps())}, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := m.Run(t.Context(), r)
		if got := fmt.Sprintf("%v, %v", a.Details["not_checked"], signalsOf(t, a)["screen_pattern"].Points); got != want {
			t.Errorf("%s: %s, want %s", config, got, want)
		}
	}
	h = goodHouse()
	h.reading.NotLookedFor = []string{document.NoBarcodes, document.NoPrint}
	h.second.NotLookedFor = h.reading.NotLookedFor
	r = request("document_fraud")
	m, err := New(clock(), []Check{documentFraud(h.deps())}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(m.Run(t.Context(), r).Details["not_checked"]); got != "[barcodes print chip duplicate_face moire]" {
		t.Error(got)
	}
	if got := run(func(d *Deps) { d.Looks, d.Traces, d.Portraits = nil, nil, nil }, nil); got != "[file_traces ghost_portrait duplicate_image chip duplicate_face moire]" {
		t.Error(got)
	}
}
