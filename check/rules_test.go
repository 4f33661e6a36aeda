package check

import (
	"encoding/json"
	"testing"
	"time"

	"bonafide/document"
	"bonafide/kyc"
	"bonafide/screen"
)

func TestAge(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		born, day string
		want      int
	}{
		{"2008-11-21", "2026-11-21", 18}, {"2008-11-22", "2026-11-21", 17}, {"2008-11-20", "2026-11-21", 18},
		{"2008-02-29", "2026-02-28", 17}, {"2008-02-29", "2026-03-01", 18}, {"2008-02-29", "2028-02-29", 20}, {"2008-02-29", "2028-02-28", 19},
		{"2000-12-31", "2018-12-31", 18}, {"2000-12-31", "2018-12-30", 17}, {"2026-11-21", "2026-11-21", 0}, {"2027-01-01", "2026-11-21", -1},
	} {
		if got := ageOn(day(c.born), day(c.day)); got != c.want {
			t.Errorf("born %s, on %s: %d, want %d", c.born, c.day, got, c.want)
		}
	}
	limit := 65
	for _, c := range []struct {
		born, source string
		config       ageConfig
		verdict      kyc.Verdict
		code         string
	}{
		{"2008-11-21", "document", ageConfig{MinimumAge: 18}, kyc.Pass, "age_in_range"},
		{"2008-11-22", "document", ageConfig{MinimumAge: 18}, kyc.Fail, "under_age"},
		{"1961-11-21", "document", ageConfig{MaximumAge: &limit}, kyc.Pass, "age_in_range"},
		{"1960-11-21", "document", ageConfig{MaximumAge: &limit}, kyc.Fail, "over_age"},
		{"1990-01-01", "form", ageConfig{DocumentOnly: true}, kyc.VerdictReview, "age_from_form"},
		{"1990-01-01", "form", ageConfig{}, kyc.Pass, "age_from_form"},
		{"", "form", ageConfig{}, kyc.VerdictReview, "birth_date_missing"},
		{"1990-02-30", "form", ageConfig{}, kyc.VerdictReview, "birth_date_unreadable"},
		{"2026-11-22", "form", ageConfig{}, kyc.VerdictReview, "birth_date_impossible"},
		{"1800-01-01", "form", ageConfig{}, kyc.VerdictReview, "birth_date_impossible"},
	} {
		a := judgeAge(c.born, c.source, c.config, now)
		if a.Verdict != c.verdict || !codes(a)[c.code] || a.Details["age_check_passed"] != (c.verdict == kyc.Pass) {
			t.Errorf("%+v: %+v", c, a)
		}
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ends    string
		config  expirationConfig
		verdict kyc.Verdict
		code    string
	}{
		{"2026-11-21", expirationConfig{}, kyc.Pass, "document_valid"}, // valid through its last day
		{"2026-11-20", expirationConfig{}, kyc.Fail, "document_expired"},
		{"2026-11-20", expirationConfig{GraceDays: 1}, kyc.Pass, "document_in_grace"},
		{"2026-11-19", expirationConfig{GraceDays: 1}, kyc.Fail, "document_expired"},
		{"2027-05-20", expirationConfig{MinimumValidityDays: 180}, kyc.Pass, "document_valid"},
		{"2027-05-19", expirationConfig{MinimumValidityDays: 180}, kyc.Fail, "validity_too_short"},
		{"2026-11-20", expirationConfig{GraceDays: 10, MinimumValidityDays: 1}, kyc.Fail, "validity_too_short"},
		{"2024-11-21", expirationConfig{GraceYears: 2}, kyc.Pass, "document_in_grace"},
		{"2024-11-20", expirationConfig{GraceYears: 2}, kyc.Fail, "document_expired"},
		{"2024-11-20", expirationConfig{GraceYears: 2, GraceDays: 1}, kyc.Pass, "document_in_grace"},
		{"1976-11-21", expirationConfig{GraceYears: 50}, kyc.Pass, "document_in_grace"},
		{"1976-11-20", expirationConfig{GraceYears: 50}, kyc.Fail, "document_expired"},
		{"2028-11-21", expirationConfig{MaximumValidityYears: 2}, kyc.Pass, "document_valid"},
		{"2028-11-22", expirationConfig{MaximumValidityYears: 2}, kyc.Fail, "validity_too_long"},
		{"2026-11-20", expirationConfig{MaximumValidityYears: 2}, kyc.Fail, "document_expired"},
		{"", expirationConfig{}, kyc.VerdictReview, "expiry_missing"},
		{"20261121", expirationConfig{}, kyc.VerdictReview, "expiry_unreadable"},
	} {
		if a := judgeExpiry(c.ends, c.config, now); a.Verdict != c.verdict || !codes(a)[c.code] {
			t.Errorf("%+v: %+v", c, a)
		}
	}
}

func TestDocumentFilter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, country string
		config        filterConfig
		verdict       kyc.Verdict
	}{
		{"passport", "DE", filterConfig{}, kyc.Pass},
		{"passport", "", filterConfig{}, kyc.Pass},
		{"", "DE", filterConfig{}, kyc.VerdictReview},
		{"unknown", "DE", filterConfig{}, kyc.VerdictReview},
		{"id_card", "DE", filterConfig{AllowedTypes: []string{"passport"}}, kyc.Fail},
		{"passport", "DE", filterConfig{DeniedTypes: []string{"passport"}}, kyc.Fail},
		{"passport", "DE", filterConfig{AllowedCountries: []string{"de"}}, kyc.Pass},
		{"passport", "FR", filterConfig{AllowedCountries: []string{"DE"}}, kyc.Fail},
		{"passport", "FR", filterConfig{DeniedCountries: []string{"fr"}}, kyc.Fail},
		{"passport", "", filterConfig{DeniedCountries: []string{"FR"}}, kyc.VerdictReview},
	} {
		if a := judgeKind(c.kind, c.country, c.config); a.Verdict != c.verdict {
			t.Errorf("%+v: %+v", c, a)
		}
	}
}

func TestNameLikeness(t *testing.T) {
	t.Parallel()
	same := [][2]string{
		{"Müller", "MUELLER"}, {"Müller", "MULLER"}, {"Groß", "GROSS"}, {"Søren Kierkegård", "SOEREN KIERKEGAARD"}, {"Łukasz Wójcik", "LUKASZ WOJCIK"},
		{"O'Connor", "OCONNOR"}, {"Anna-Maria", "ANNA MARIA"}, {"van der Berg", "VANDERBERG"}, {"Иванов Пётр", "PETR IVANOV"}, {"Щербаков", "SHCHERBAKOV"},
		{"Peña", "PENA"}, {"Þór", "THOR"}, {"İbrahim", "IBRAHIM"}, {"SMITH, John", "John Smith"}, {"e\u0301mile", "ÉMILE"},
	}
	for _, c := range same {
		if s := nameLikeness(c[0], c[1]); s < 0.999 {
			t.Errorf("%s and %s are alike by %.3f only", c[0], c[1], s)
		}
	}
	for _, c := range []struct {
		a, b     string
		from, to float64
	}{
		{"Anna Maria Smith", "Anna Smith", 0.96, 0.98}, {"Schmidt", "Schmitt", 0.8, 0.9}, {"Peter", "Paula", 0, 0.5}, {"", "x", 0, 0}, {"…", "x", 0, 0},
		{"Jhon", "John", 0.7, 0.8},
	} {
		if s := nameLikeness(c.a, c.b); s < c.from || s > c.to {
			t.Errorf("%q and %q are alike by %.3f, want %.2f-%.2f", c.a, c.b, s, c.from, c.to)
		}
		if x, y := nameLikeness(c.a, c.b), nameLikeness(c.b, c.a); x != y {
			t.Errorf("%q and %q: %v one way, %v the other", c.a, c.b, x, y)
		}
	}
}

func TestCrossref(t *testing.T) {
	t.Parallel()
	config := crossrefConfig{Required: []string{"name", "date_of_birth"}, NameThreshold: 0.92}
	paper := person{first: "ANNA MARIA", last: "MUELLER", born: "1990-05-17", number: "C01X00T99", nationality: "DE", sex: "F"}
	good := person{first: "Anna", last: "Müller", born: "1990-05-17", number: "c01x-00t99", sex: "female"}
	change := func(f func(*person)) person { p := good; f(&p); return p }
	for name, c := range map[string]struct {
		form    person
		verdict kyc.Verdict
		code    string
	}{
		"agree":           {good, kyc.Pass, "form_matches_document"},
		"other name":      {change(func(p *person) { p.last = "Schulze" }), kyc.Fail, "name_mismatch"},
		"typo":            {change(func(p *person) { p.last = "Mueler" }), kyc.VerdictReview, "name_close"},
		"swapped":         {change(func(p *person) { p.first, p.last = p.last, p.first }), kyc.VerdictReview, "name_close"},
		"other birth":     {change(func(p *person) { p.born = "1990-05-18" }), kyc.Fail, "date_of_birth_mismatch"},
		"other number":    {change(func(p *person) { p.number = "C01X00T98" }), kyc.Fail, "document_number_mismatch"},
		"other sex":       {change(func(p *person) { p.sex = "M" }), kyc.Fail, "sex_mismatch"},
		"no birth":        {change(func(p *person) { p.born = "" }), kyc.VerdictReview, "date_of_birth_missing"},
		"no name":         {change(func(p *person) { p.first, p.last = "", "" }), kyc.VerdictReview, "name_missing"},
		"nothing":         {person{}, kyc.VerdictReview, "nothing_compared"},
		"number optional": {change(func(p *person) { p.number = "" }), kyc.Pass, "form_matches_document"},
	} {
		if a := crossref(c.form, paper, config, witness{}); a.Verdict != c.verdict || !codes(a)[c.code] {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestScreening(t *testing.T) {
	t.Parallel()
	fresh := kyc.ListVersion{List: "ofac_sdn", Status: kyc.StatusOK, Entries: 5}
	with := func(s kyc.AnswerStatus) kyc.ListVersion { l := fresh; l.List, l.Status = "un", s; return l }
	demo := kyc.ListVersion{List: "demo", Status: kyc.StatusOK, Fictional: true}
	hit := kyc.Hit{List: "ofac_sdn", EntryID: "7", Score: 0.93}
	for name, c := range map[string]struct {
		result  screen.Result
		lists   []string
		status  kyc.AnswerStatus
		verdict kyc.Verdict
		code    string
	}{
		"clear":         {screen.Result{Lists: []kyc.ListVersion{fresh}}, nil, kyc.StatusOK, kyc.Pass, "no_hits"},
		"hit":           {screen.Result{Lists: []kyc.ListVersion{fresh}, Hits: []kyc.Hit{hit}}, nil, kyc.StatusOK, kyc.Fail, "possible_match"},
		"no list":       {screen.Result{}, nil, kyc.StatusNotConfigured, "", "no_lists"},
		"stale":         {screen.Result{Lists: []kyc.ListVersion{fresh, with(kyc.StatusStale)}}, nil, kyc.StatusStale, "", "list_stale"},
		"broken":        {screen.Result{Lists: []kyc.ListVersion{fresh, with(kyc.StatusError)}}, nil, kyc.StatusError, "", "list_error"},
		"away":          {screen.Result{Lists: []kyc.ListVersion{fresh, with(kyc.StatusUnavailable)}}, nil, kyc.StatusUnavailable, "", "list_unavailable"},
		"hit and stale": {screen.Result{Lists: []kyc.ListVersion{fresh, with(kyc.StatusStale)}, Hits: []kyc.Hit{hit}}, nil, kyc.StatusStale, "", "possible_match"},
		"not asked":     {screen.Result{Lists: []kyc.ListVersion{fresh}}, []string{"un"}, kyc.StatusNotConfigured, "", "list_not_asked"},
		"invented":      {screen.Result{Lists: []kyc.ListVersion{demo}}, nil, kyc.StatusNotConfigured, "", "only_fictional_lists"},
		"part invented": {screen.Result{Lists: []kyc.ListVersion{demo, fresh}}, nil, kyc.StatusOK, kyc.Pass, "fictional_lists"},
		"bad query": {screen.Result{Err: kyc.Errorf(kyc.Invalid, "name_too_long", "the name is too long"), Lists: []kyc.ListVersion{fresh}}, nil,
			kyc.StatusError, "", "name_too_long"},
	} {
		h := &house{result: c.result}
		r := request("watchlist_screening")
		r.Settings.RequiredLists = c.lists
		a := runCheck(watchlistScreening(h.deps()), r)
		if a.Status != c.status || a.Verdict != c.verdict || !codes(a)[c.code] {
			t.Errorf("%s: %+v", name, a)
		}
	}
	h := goodHouse()
	r := request("watchlist_screening")
	r.Config = json.RawMessage(`{"threshold":0.6,"lists":["un","ofac_sdn"],"max_age_hours":12}`)
	r.Settings.RequiredLists = []string{"eu", "un"}
	runCheck(watchlistScreening(h.deps()), r)
	q := h.query
	if q.Name != "ANNA MUELLER" || len(q.Aliases) != 1 || q.Aliases[0] != "Anna Müller" || q.DateOfBirth != "1990-05-17" || q.Country != "DE" ||
		q.Threshold != 0.6 || q.MaxAge != 12*time.Hour || !q.At.Equal(now) || len(q.Lists) != 3 {
		t.Errorf("the query is %+v", q)
	}
	r.Fields, r.Extracted = map[string]any{"name": "Anna Müller"}, nil
	if runCheck(watchlistScreening(h.deps()), r); h.query.Name != "Anna Müller" {
		t.Errorf("one name field: %+v", h.query)
	}
	d := h.deps()
	d.AllowFictional = true
	h.result = screen.Result{Lists: []kyc.ListVersion{demo}}
	r.Settings.RequiredLists, r.Config = nil, nil
	if a := runCheck(watchlistScreening(d), r); a.Verdict != kyc.Pass || !codes(a)["fictional_lists"] {
		t.Errorf("a demonstration: %+v", a)
	}
}

func TestDocumentReading(t *testing.T) {
	t.Parallel()
	run := func(change func(*house), config string) kyc.Answer {
		h := goodHouse()
		change(h)
		r := request("document_ocr")
		if config != "" {
			r.Config = json.RawMessage(config)
		}
		return runCheck(documentOCR(h.deps()), r)
	}
	finding := func(code, severity string) func(*house) {
		return func(h *house) { h.reading.Findings = []kyc.Reason{{Code: code, Severity: severity}} }
	}
	field := func(name, value string) func(*house) {
		return func(h *house) {
			for i, f := range h.reading.Fields {
				if f.Name == name {
					h.reading.Fields[i].Value = value
				}
			}
		}
	}
	// A machine without a reader of barcodes cannot tell a licence from a page that
	// shows nothing: it never fails the applicant for that.
	unsought := func(h *house) {
		h.reading.MRZ, h.reading.Fields, h.reading.NotLookedFor = nil, nil, []string{document.NoBarcodes}
	}
	for name, c := range map[string]struct {
		change  func(*house)
		config  string
		status  kyc.AnswerStatus
		verdict kyc.Verdict
		code    string
	}{
		"good":              {func(*house) {}, "", kyc.StatusOK, kyc.Pass, "document_read"},
		"check digit":       {func(h *house) { h.reading.MRZ = &document.MRZ{} }, "", kyc.StatusOK, kyc.Fail, "mrz_check_digit_failed"},
		"specimen":          {finding("specimen_document", "critical"), "", kyc.StatusOK, kyc.Fail, "specimen_document"},
		"specimen accepted": {finding("specimen_document", "critical"), `{"accept_specimen":true}`, kyc.StatusOK, kyc.Pass, "specimen_document"},
		"forged anyway":     {finding("impossible_expiry", "critical"), `{"accept_specimen":true}`, kyc.StatusOK, kyc.Fail, "impossible_expiry"},
		"doubt":             {finding("name_unconfirmed", "warning"), "", kyc.StatusOK, kyc.VerdictReview, "name_unconfirmed"},
		"doubt noted":       {finding("name_unconfirmed", "warning"), `{"on_warning":"note"}`, kyc.StatusOK, kyc.Pass, "name_unconfirmed"},
		"no zone":           {func(h *house) { h.reading.MRZ = nil }, "", kyc.StatusOK, kyc.VerdictReview, "zone_not_found"},
		"no zone, strict":   {func(h *house) { h.reading.MRZ = nil }, `{"on_missing_zone":"fail"}`, kyc.StatusOK, kyc.Fail, "zone_not_found"},
		"no reader":         {unsought, "", kyc.StatusOK, kyc.VerdictReview, "barcodes_not_configured"},
		"no reader, strict": {unsought, `{"on_missing_zone":"fail"}`, kyc.StatusOK, kyc.VerdictReview, "barcodes_not_configured"},
		"a zone, no reader": {func(h *house) { h.reading.NotLookedFor = []string{document.NoBarcodes} }, "", kyc.StatusOK, kyc.Pass, "document_read"},
		"expired":           {field("expiry_date", "2026-11-20"), "", kyc.StatusOK, kyc.Pass, "document_expired"},
		"expired, strict":   {field("expiry_date", "2026-11-20"), `{"on_expired":"fail"}`, kyc.StatusOK, kyc.Fail, "document_expired"},
		"unborn":            {field("date_of_birth", "2030-01-01"), "", kyc.StatusOK, kyc.VerdictReview, "birth_date_not_read"},
		"truncated": {func(h *house) { h.readErr = kyc.Errorf(kyc.Invalid, "image_truncated", "cut") }, "",
			kyc.StatusOK, kyc.Fail, "image_truncated"},
		"bomb":    {func(h *house) { h.readErr = kyc.Errorf(kyc.TooLarge, "image_too_many_pixels", "big") }, "", kyc.StatusOK, kyc.Fail, "image_too_many_pixels"},
		"no tool": {func(h *house) { h.readErr = kyc.Errorf(kyc.Unavailable, "ocr_not_configured", "apt install") }, "", kyc.StatusNotConfigured, "", "ocr_not_configured"},
		"no model": {func(h *house) {
			h.readErr = kyc.Errorf(kyc.Unavailable, "ocr_model_not_configured", "models pull")
		}, "", kyc.StatusNotConfigured, "", "ocr_model_not_configured"},
		"slow":   {func(h *house) { h.readErr = kyc.Errorf(kyc.Unavailable, "ocr_timeout", "slow") }, "", kyc.StatusUnavailable, "", "ocr_timeout"},
		"broken": {func(h *house) { h.readErr = kyc.Errorf(kyc.Internal, "x", "x") }, "", kyc.StatusError, "", "reader_failed"},
		"erased": {func(h *house) { h.blobErr = kyc.Missing("file", "x") }, "", kyc.StatusError, "", "upload_gone"},
		"away":   {func(h *house) { h.blobErr = errStore }, "", kyc.StatusUnavailable, "", "upload_unreadable"},
	} {
		if a := run(c.change, c.config); a.Status != c.status || a.Verdict != c.verdict || !codes(a)[c.code] {
			t.Errorf("%s: %+v", name, a)
		}
	}
	a := run(func(*house) {}, "")
	if a.Details["age"] != 36 || a.Details["mrz_valid"] != true || a.Details["document_type"] != "passport" || a.Details["issuing_country"] != "DE" || len(a.Fields) != 8 {
		t.Errorf("%+v", a)
	}
}

func TestConsent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fields   map[string]any
		required []string
		verdict  kyc.Verdict
	}{
		{map[string]any{"consents": map[string]any{"terms": true}}, nil, kyc.Pass},
		{map[string]any{"consents": map[string]any{"terms": map[string]any{"given": true}}}, []string{"terms"}, kyc.Pass},
		{map[string]any{"consent:terms": true}, []string{"terms"}, kyc.Pass},
		{map[string]any{"consent": true}, nil, kyc.Pass},
		{map[string]any{"consents": map[string]any{"terms": true, "biometrics": false}}, nil, kyc.Fail},
		{map[string]any{"consents": map[string]any{"terms": "true"}}, nil, kyc.Fail},
		{map[string]any{"consents": map[string]any{"terms": true}}, []string{"terms", "biometrics"}, kyc.Fail},
		{nil, nil, kyc.Fail},
	} {
		if a := judgeConsents(consentsOf(c.fields), c.required); a.Verdict != c.verdict {
			t.Errorf("%v %v: %+v", c.fields, c.required, a)
		}
	}
}

func TestRisk(t *testing.T) {
	t.Parallel()
	base := riskConfig{ReviewFrom: 51, FailFrom: 81, CountryPoints: 25}
	for name, c := range map[string]struct {
		checks  map[string]kyc.CheckFact
		config  riskConfig
		score   float64
		level   string
		verdict kyc.Verdict
	}{
		"clean":       {map[string]kyc.CheckFact{"document_ocr": {Status: "passed"}}, base, 0, "low", kyc.Pass},
		"no identity": {map[string]kyc.CheckFact{"consent": {Status: "passed"}}, base, 55, "high", kyc.VerdictReview},
		"hit":         {map[string]kyc.CheckFact{"document_ocr": {Status: "passed"}, "watchlist_screening": {Status: "failed"}}, base, 60, "high", kyc.VerdictReview},
		"error":       {map[string]kyc.CheckFact{"document_ocr": {Status: "passed"}, "age_check": {Status: "error"}}, base, 30, "medium", kyc.Pass},
		"all bad":     {map[string]kyc.CheckFact{"document_ocr": {Status: "failed"}, "watchlist_screening": {Status: "failed"}}, base, 100, "critical", kyc.Fail},
		"warnings": {map[string]kyc.CheckFact{"document_ocr": {Status: "passed", Reasons: []kyc.Reason{{Severity: "warning"}, {Severity: "info"}}}},
			base, 4, "low", kyc.Pass},
		"own weight": {map[string]kyc.CheckFact{"document_ocr": {Status: "passed"}, "x": {Status: "review"}},
			riskConfig{ReviewFrom: 40, FailFrom: 81, Weights: map[string]float64{"x": 90}}, 45, "medium", kyc.VerdictReview},
		"country": {map[string]kyc.CheckFact{"document_ocr": {Status: "passed"}}, riskConfig{ReviewFrom: 51, FailFrom: 81, CountryPoints: 25, HighRiskCountries: []string{"de"}}, 25, "medium", kyc.Pass},
	} {
		r := request("risk_assessment")
		r.Checks = c.checks
		signals := riskSignals(r, c.config)
		a := judgeRisk(signals, c.config)
		sum := 0.0
		for _, s := range signals {
			sum += *s.Points
		}
		if *a.Score != c.score || a.Details["level"] != c.level || a.Verdict != c.verdict || min(100, sum) != c.score {
			t.Errorf("%s: score %v, points %v: %+v", name, *a.Score, sum, a)
		}
	}
	for score, level := range map[float64]string{0: "low", 20: "low", 20.5: "medium", 50: "medium", 51: "high", 80: "high", 81: "critical", 100: "critical"} {
		if got := RiskLevel(score); got != level {
			t.Errorf("%v is %s, want %s", score, got, level)
		}
	}
}
