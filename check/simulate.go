package check

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"bonafide/kyc"
)

// Sandbox answers every check of sandbox organisations from the magic family
// names (MagicTable) and the form alone. It calls nobody and keeps nothing:
// the same request gets the same answer.
type Sandbox struct{ table []Magic }

// NewSimulator makes the simulator.
func NewSimulator() *Sandbox { return &Sandbox{table: MagicTable()} }

// Answer answers one attempt. It refuses live requests, whoever sends them.
func (s *Sandbox) Answer(r kyc.CheckRequest) kyc.Answer {
	if r.Tenant.Env != kyc.Sandbox {
		return broken("environment_leak", "the simulator answers sandbox sessions only")
	}
	a := s.simulate(magicOf(s.table, r), r)
	a.Provider, a.Version = providerSandbox, "1"
	return a
}

func (s *Sandbox) simulate(m Magic, r kyc.CheckRequest) kyc.Answer {
	switch r.Policy {
	case "related_parties", "automation_rules", "matchlist_screening", "name_validation", "procedure_decision", "checklist_outcome":
		return broken("not_simulated", "the check looks at the organisation's own objects and is never simulated")
	}
	if m.fails < 0 || r.Attempt <= m.fails {
		return unavailable(m.code, m.message)
	}
	a := judged(kyc.Pass)
	touched := m.touches(r.Policy)
	switch {
	case r.Policy == "document_set":
		return simulatedDocuments(m, touched, r)
	case r.Policy == "cross_validation" && r.Checks["document_set"].Status != "":
		return compareWithConfig(r) // it asks nobody: the simulated papers are really compared
	case r.Policy == "wallet_screening":
		return simulatedWallets(r)
	case (r.Policy == "watchlist_screening" || r.Policy == "adverse_media") && manyParties(r.Config):
		return s.simulateParties(r)
	}
	if touched {
		if m.verdict != "" {
			a.Verdict = m.verdict
		}
		severity := critical
		if a.Verdict != kyc.Fail {
			severity = warning
		}
		a.Reasons = []kyc.Reason{reason(severity, m.code, m.message)}
	} else {
		a.Reasons = []kyc.Reason{reason(info, "simulated", "the sandbox answers with a pass")}
	}
	switch r.Policy {
	case "document_ocr":
		simulateDocument(&a, m, r)
	case "document_expiration":
		simulateExpiry(&a, m, r)
	case "id_document_filter":
		p := simulatedPerson(m, r)
		a.Details = map[string]any{"document_type": "passport", "issuing_country": p.country}
	case "age_check":
		simulateAgeLimits(&a, touched, m, r)
	case "identity_crossref":
		a.Score = number(1)
		a.Details = map[string]any{"mismatches": []any{}, "fields": map[string]any{"name": map[string]any{"verdict": same, "likeness": 1.0}}}
	case "cross_validation": // without papers of steps
		a.Score, a.Threshold = number(1), number(crossNameMin)
		a.Details = map[string]any{"mismatches": []any{}, "compared": 1, "fields": map[string]any{"name": same}, "documents": []any{}}
	case "face_dedup":
		simulateDedup(&a, touched)
	case policyKYC:
		return simulatedVerification(touched, r)
	case "face_match":
		simulateFace(&a, touched, r)
	case "liveness":
		simulateLiveness(&a, touched, m, r)
	case "nfc_chip_auth":
		simulateChip(&a, m, r)
	case "document_fraud":
		simulateFraud(&a, m, r)
	case "age_estimation":
		simulateAge(&a, touched, m, r)
	case "additional_ids":
		simulateFurther(&a, r)
	case "watchlist_screening", "aml_pep", "adverse_media":
		simulateScreening(&a, touched, m, r)
	case "duplicate_detection":
		matched := []any{}
		if touched {
			matched = append(matched, "document_number")
		}
		a.Details = map[string]any{"matched": matched, "match_count": len(matched), "sessions": []any{}, "compared": len(traitKinds()), "entities": []any{}, "entity_count": 0}
	case "risk_assessment":
		simulateRisk(&a, m, r)
	case "email_risk", "phone_risk", "ip_risk":
		a.Score, a.Threshold = number(5), number(riskFailFrom)
	case "check_against_list":
		a.Details = map[string]any{"blocked": false, "flagged": false, "allowed": false, "matches": []any{}, "not_compared": []any{}}
	case "proof_of_address_check":
		a.Details = map[string]any{"name_found": true, "address_found": true, "issued_on": today(r.Now).AddDate(0, 0, -10).Format(time.DateOnly)}
	case "consent":
		a.Details = map[string]any{"given": []any{}, "missing": []any{}}
	case "http", "visa_check", "activity_check":
		a.Details = map[string]any{}
	}
	return a
}

// simulated is the holder of the document the sandbox pretends to read.
type simulated struct {
	first, last, sex, country, number string
	born, expires                     time.Time
}

// simulatedPerson takes what the form says; what it leaves open is a
// fictional person, the same each time.
func simulatedPerson(m Magic, r kyc.CheckRequest) simulated {
	form, day := onForm(r), today(r.Now)
	if form.last == "" {
		form = named(form, namedFields(r.Fields))
	}
	form = form.asWorkflowSays(r)
	sum := sha256.Sum256([]byte("sandbox document " + string(r.SessionID)))
	p := simulated{
		first: first(form.first, "Alex"), last: first(form.last, "Example"), sex: first(sexLetter(form.sex), "X"),
		country: first(form.issuer, form.nationality, r.Country, "NL"),
		number:  first(form.number, fmt.Sprintf("SB%07d", (uint32(sum[0])<<16|uint32(sum[1])<<8|uint32(sum[2]))%10_000_000)),
		born:    time.Date(1990, 1, 15, 0, 0, 0, 0, time.UTC), expires: day.AddDate(5, 0, 0),
	}
	if born, ok := parseDate(form.born); ok && !born.After(day) {
		p.born = born
	}
	switch m.Name {
	case "UNDERAGE":
		p.born = day.AddDate(-16, -1, 0)
	case "EXPIRED":
		p.expires = day.AddDate(0, 0, -30)
	}
	return p
}

// simulateFields gives the fields of the simulated document, as read in its
// zone or on its chip.
func simulateFields(a *kyc.Answer, m Magic, r kyc.CheckRequest, source string) {
	p := simulatedPerson(m, r)
	age := ageOn(p.born, today(r.Now))
	var upload kyc.ID
	if u := idUploads(r.Uploads, idPrimary); len(u) > 0 {
		upload = u[0].ID
	}
	row := 0.0
	put := func(name, value string) {
		f := kyc.Field{Name: name, Value: value, Source: source, Confidence: 1}
		if source == "mrz" {
			f.Region = &kyc.Region{Upload: upload, X: 0.05, Y: round4(0.1 + row*0.06), W: 0.5, H: 0.05}
		}
		a.Fields = append(a.Fields, f)
		row++
	}
	put("first_name", p.first)
	put("last_name", p.last)
	put("full_name", p.first+" "+p.last)
	put("date_of_birth", p.born.Format(time.DateOnly))
	put("age", strconv.Itoa(age))
	put("sex", p.sex)
	put("nationality", p.country)
	put("issuing_country", p.country)
	put("document_type", "passport")
	put("document_number", p.number)
	put("expiry_date", p.expires.Format(time.DateOnly))
}

func simulateDocument(a *kyc.Answer, m Magic, r kyc.CheckRequest) {
	simulateFields(a, m, r, "mrz")
	p := simulatedPerson(m, r)
	age := ageOn(p.born, today(r.Now))
	expired := p.expires.Before(today(r.Now))
	good := m.Name != "TAMPERED"
	a.Details = map[string]any{
		"mrz_found": true, "mrz_valid": good, "mrz_format": "TD3", "repaired": false, "document_type": "passport", "issuing_country": p.country,
		"check_digits": map[string]any{"number": true, "dob": true, "expiry": true, "composite": good},
		"expired":      expired, "age": age, "pages": 1, "findings": []any{},
	}
	if a.Verdict != kyc.Pass {
		a.Details["findings"] = []any{m.code}
	}
	if expired {
		c := documentConfig{OnExpired: "note"}
		if err := decode(r.Config, &c); err != nil {
			c.OnExpired = "fail"
		}
		a.Reasons = append(a.Reasons, reason(warning, "document_expired", "the simulated document expired 30 days ago"))
		switch c.OnExpired {
		case "review":
			a.Verdict = worse(a.Verdict, kyc.VerdictReview)
		case "fail":
			a.Verdict = kyc.Fail
		}
	}
}

// simulateExpiry lets an expired document pass where the config tolerates it,
// so that an author sees what the days and years of grace do.
func simulateExpiry(a *kyc.Answer, m Magic, r kyc.CheckRequest) {
	ends := simulatedPerson(m, r).expires.Format(time.DateOnly)
	var c expirationConfig
	if err := decode(r.Config, &c); err == nil {
		real := judgeExpiry(ends, c, r.Now)
		a.Details = real.Details
		if m.Name == "EXPIRED" {
			*a = real
		}
	}
}

// simulateAgeLimits compares the age on the simulated document with the limits
// of the config, so that an author sees whom they shut out.
func simulateAgeLimits(a *kyc.Answer, touched bool, m Magic, r kyc.CheckRequest) {
	born := simulatedPerson(m, r).born
	c := ageConfig{MinimumAge: 18}
	if err := decode(r.Config, &c); err != nil {
		*a = broken("config_invalid", "the check's config cannot be read")
		return
	}
	if !touched {
		if real := judgeAge(born.Format(time.DateOnly), "document", c, r.Now); real.Verdict != kyc.Pass {
			*a = real
			return
		}
	}
	a.Details = map[string]any{"age": ageOn(born, today(r.Now)), "age_check_passed": a.Verdict == kyc.Pass, "source": "document"}
}

// configNumber reads one number of a config that the menu has validated.
func configNumber(raw json.RawMessage, name string, otherwise float64) float64 {
	var all map[string]any
	if json.Unmarshal(raw, &all) == nil {
		if v, ok := all[name].(float64); ok {
			return v
		}
	}
	return otherwise
}

func simulateFace(a *kyc.Answer, touched bool, r kyc.CheckRequest) {
	var c struct {
		SecurityLevel string `json:"security_level"`
	}
	_ = json.Unmarshal(r.Config, &c) // the menu has validated it; absent is standard
	if c.SecurityLevel == "" {
		c.SecurityLevel = "standard"
	}
	threshold := round4(configNumber(r.Config, "threshold", faceThreshold(c.SecurityLevel)))
	score := max(0.93, threshold)
	if touched {
		score = 0.12
	}
	a.Score, a.Threshold = number(score), number(threshold)
	a.Details = map[string]any{"similarity": score, "level": c.SecurityLevel, "threshold": threshold}
	if source, _ := faceOf(r); source != "" {
		a.Details["source"] = source
	}
}

// simulateLiveness takes the confidence from the last two digits of the date
// of birth (api.md 7.7): 68 plus the day of the month, 69-99. Where that is less
// than the threshold it is 99, or 100, because only SPOOF fails; it is never the
// threshold itself, which the applicant, who is told the confidence, must not
// learn.
func simulateLiveness(a *kyc.Answer, touched bool, m Magic, r kyc.CheckRequest) {
	threshold := configNumber(r.Config, "threshold", livenessThreshold)
	confidence := 68 + float64(simulatedPerson(m, r).born.Day())
	if confidence < threshold {
		confidence = 99
	}
	if confidence < threshold {
		confidence = 100
	}
	if touched {
		confidence = 12
	}
	a.Score, a.Threshold = number(confidence), number(threshold)
	a.Details = map[string]any{"confidence": confidence, "threshold": threshold}
}

func simulateScreening(a *kyc.Answer, touched bool, m Magic, r kyc.CheckRequest) {
	kind := map[string]string{"aml_pep": "pep", "adverse_media": "adverse_media"}[r.Policy]
	if kind == "" {
		kind = "sanction"
	}
	if touched {
		kind = map[string]string{"PEP": "pep", "SANCTION": "sanction", "ADVERSE": "adverse_media"}[m.Name]
	}
	list := "sandbox_" + kind
	a.Lists = []kyc.ListVersion{{List: list, Version: "sandbox-1", Entries: 1, AsOf: today(r.Now), Status: kyc.StatusOK, Fictional: true}}
	a.Threshold = number(configNumber(r.Config, "threshold", 0.8))
	score, count := 0.0, 0
	if touched {
		score, count = simulatedScore, 1
		p := simulatedPerson(m, r)
		name := p.first + " " + p.last
		a.Hits = []kyc.Hit{{List: list, Version: "sandbox-1", EntryID: "sandbox-" + kind + "-1", Type: kind, Name: name, MatchedName: name, Score: score, Risk: simulatedRisk(kind),
			Features: []kyc.HitFeature{{Name: "word", Query: p.last, Listed: p.last, Rule: "exact", Value: 1, Points: score}}, Programs: []string{"SANDBOX"}, Fictional: true}}
	}
	a.Score = number(score)
	a.Details = map[string]any{"hit_count": count, "top_score": score, "lists_asked": []any{list}}
	if r.Policy == "adverse_media" {
		simulateMedia(a, touched)
	}
}

// simulatedRisk is how serious an invented hit would be, on the scale of real
// ones.
func simulatedRisk(kind string) float64 {
	return map[string]float64{"sanction": 0.95, "pep": 0.42, "adverse_media": 0.45}[kind]
}

func simulateRisk(a *kyc.Answer, m Magic, r kyc.CheckRequest) {
	score := map[string]float64{"HIGHRISK": 80, "REVIEW": 60}[m.Name]
	if score == 0 {
		score = 12
	}
	from, fail := configNumber(r.Config, "review_from", 51), configNumber(r.Config, "fail_from", 81)
	if m.Name == "HIGHRISK" {
		switch {
		case score >= fail:
			a.Verdict = kyc.Fail
		case score >= from:
			a.Verdict = kyc.VerdictReview
		}
	}
	a.Score, a.Threshold = number(score), number(from)
	a.Details = map[string]any{"level": RiskLevel(score), "signals": []any{map[string]any{"code": "simulated", "points": score}}}
}
