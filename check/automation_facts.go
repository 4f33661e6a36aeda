package check

import (
	"maps"
	"slices"
	"strings"

	"bonafide/field"
	"bonafide/kyc"
	"bonafide/rule"
)

// ruleFacts gathers everything the rules look at. What a check did not say
// stays unknown; the rules take unknown for a reason to wait.
func ruleFacts(r kyc.CheckRequest, c automationConfig) rule.Facts {
	form := formAnswers(r.Fields, c.Fields)
	lookup := func(id string) (any, bool) {
		v, ok := form[id]
		return v, ok && v != nil
	}
	f := rule.Facts{Now: r.Now, Form: form, Checks: checkStates(r, c, lookup)}
	status := func(name string) string { return ruleStatus(r.Checks[name].Status) }
	ran := func(name string) bool { _, ok := r.Checks[name]; return ok }
	read := func(name, member string, into any) { detail(r.Checks[name].Details, member, into) }

	papers := rulePapers(r, &f)
	f.Countries, f.CountriesAsked = ruleCountries(r, c, papers, lookup)
	for _, name := range []string{rule.CheckLists, rule.CheckRelated} {
		for _, h := range r.Checks[name].Hits {
			f.Hits = append(f.Hits, rule.Hit{List: h.List, EntityID: h.EntryID, Name: h.Name, Score: h.Score, Role: h.Role, Kind: hitKind(h), MatchStatus: matchStatus(r.Checks[name], h)})
		}
	}
	f.Face, f.Liveness = measure(r, rule.CheckFaceMatch), measure(r, rule.CheckLiveness)
	if ran(rule.CheckFaceDedup) {
		f.Dedup = &rule.Dedup{Status: status(rule.CheckFaceDedup)}
		read(rule.CheckFaceDedup, "matches", &f.Dedup.Matches)
	}
	if ran(rule.CheckDuplicates) {
		f.Duplicates = &rule.Duplicates{Status: status(rule.CheckDuplicates)}
		read(rule.CheckDuplicates, "match_count", &f.Duplicates.Matches)
	}
	if ran(rule.CheckCrossValidation) {
		f.CrossValidation = &rule.CrossValidation{Status: status(rule.CheckCrossValidation)}
		read(rule.CheckCrossValidation, "mismatches", &f.CrossValidation.Mismatches)
		f.CrossValidation.Unnamed = doubts(r.Checks[rule.CheckCrossValidation].Reasons, func(code string) bool { return !strings.HasSuffix(code, "_mismatch") })
	}
	if ran(rule.CheckAdverseMedia) {
		f.AdverseMedia = &rule.AdverseMedia{Status: status(rule.CheckAdverseMedia)}
		read(rule.CheckAdverseMedia, "risk_score", &f.AdverseMedia.Score)
		read(rule.CheckAdverseMedia, "categories", &f.AdverseMedia.Categories)
	}
	if ran(rule.CheckWallets) {
		f.Crypto = &rule.Crypto{Status: status(rule.CheckWallets)}
		read(rule.CheckWallets, "hit_count", &f.Crypto.Hits)
		read(rule.CheckWallets, "invalid_count", &f.Crypto.Invalid)
	}
	if ran(rule.CheckRelated) {
		f.Subsessions = ruleSubsessions(r, c, status(rule.CheckRelated))
	}
	if ran(rule.CheckRisk) {
		f.Risk = &rule.Risk{Status: status(rule.CheckRisk), Score: r.Checks[rule.CheckRisk].Score}
	}
	return f
}

// ruleStatus puts how a check ended into the rules' words. A check that asks
// for a person has not passed.
func ruleStatus(status string) string {
	switch status {
	case "passed":
		return rule.Passed
	case "failed", "review":
		return rule.Failed
	case "skipped":
		return rule.Skipped
	case "":
		return rule.NotRun
	}
	return rule.Errored
}

// checkStates lists the checks of the config in their order and then every
// other check that ran, because one that nobody listed may have failed too.
func checkStates(r kyc.CheckRequest, c automationConfig, lookup func(string) (any, bool)) []rule.CheckState {
	var out []rule.CheckState
	add := func(name string, required bool) {
		status := ruleStatus(r.Checks[name].Status)
		out = append(out, rule.CheckState{Name: name, Required: required || status == rule.Failed || status == rule.Errored, Status: status})
	}
	for _, k := range c.Checks {
		shown := len(k.ShowIf) == 0 || slices.ContainsFunc(k.ShowIf, func(l field.Logic) bool {
			visible, _ := l.Effect(lookup, r.Now)
			return visible
		})
		add(k.Name, k.Required && shown)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Checks)) {
		listed := slices.ContainsFunc(c.Checks, func(k ruledCheck) bool { return k.Name == name })
		if !listed && name != "automation_rules" {
			add(name, false)
		}
	}
	return out
}

// formAnswers gives the answers by field_id and again by field_key.
func formAnswers(values map[string]any, fields []field.Field) map[string]any {
	out := map[string]any{}
	for id, v := range values {
		if v != nil {
			out[id] = v
		}
	}
	for _, f := range fields {
		if f.FieldKey == "" {
			continue
		}
		if v, ok := out[f.FieldID]; ok {
			out[f.FieldKey] = v
		} else if v, ok := out[f.FieldKey]; ok {
			out[f.FieldID] = v
		}
	}
	return out
}

func measure(r kyc.CheckRequest, name string) *rule.Measure {
	fact, ran := r.Checks[name]
	if !ran {
		return nil
	}
	m := &rule.Measure{Status: ruleStatus(fact.Status), Value: fact.Score}
	detail(fact.Details, "threshold", &m.Threshold)
	detail(fact.Details, "source", &m.Source)
	return m
}

// rulePapers reads the documents into the facts.
func rulePapers(r kyc.CheckRequest, f *rule.Facts) []paper {
	fact := r.Checks[rule.CheckDocuments]
	var papers []paper
	detail(fact.Details, "documents", &papers)
	for _, p := range papers {
		f.Documents = append(f.Documents, rule.Document{ID: p.DocID, Type: p.DocumentType, Detected: p.TypeDetected, Role: p.EntityRole, Status: p.Status,
			ExpiresInDays: p.ExpiresInDays, AgeDays: p.AgeDays, Findings: p.Conditions, Unknown: p.Unknown, Unnamed: p.unnamed()})
	}
	for _, m := range []struct {
		member   string
		required bool
	}{{"missing", true}, {"not_given", false}} {
		var types []string
		detail(fact.Details, m.member, &types)
		for _, t := range types {
			f.Missing = append(f.Missing, rule.Missing{Type: t, Required: m.required})
		}
	}
	return papers
}

// ruleCountries lists every country known for the subject, and the kinds that
// ought to be known: those of the visible fields, and those that the
// applicant's documents show.
func ruleCountries(r kyc.CheckRequest, c automationConfig, papers []paper, lookup func(string) (any, bool)) (list []rule.Country, asked []string) {
	asked = []string{}
	ask := func(kind string) {
		if kind != "" && !slices.Contains(asked, kind) {
			asked = append(asked, kind)
		}
	}
	add := func(code, kind, source string) {
		one := rule.Country{Code: strings.ToUpper(code), Type: kind, Source: source}
		if code != "" && !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	for _, known := range field.Read(c.Fields, r.Fields).Countries {
		source := "form"
		if known.Type == "phone" {
			source = "phone"
		}
		add(known.Code, known.Type, source)
		ask(known.Type)
	}
	shown := func(l *field.Logic) bool {
		if l == nil {
			return true
		}
		visible, _ := l.Effect(lookup, r.Now)
		return visible
	}
	fields := slices.DeleteFunc(slices.Clone(c.Fields), func(f field.Field) bool {
		return slices.ContainsFunc(c.Steps, func(s conditionalStep) bool { return slices.Contains(s.Fields, f.FieldID) && !shown(&s.ShowIf) })
	})
	askedKinds(fields, shown, ask)
	for _, p := range papers {
		if p.Own {
			ask("nationality")
			ask("document_issuer")
			add(p.Nationality, "nationality", "document")
			add(p.Country, "document_issuer", "document")
		}
	}
	if paper := onPaper(r); paper.issuer != "" || paper.nationality != "" {
		ask("nationality")
		ask("document_issuer")
		add(paper.nationality, "nationality", "document")
		add(paper.issuer, "document_issuer", "document")
	}
	add(r.Country, "", "session")
	return list, asked
}

// askedKinds names the kinds of countries that visible fields ask for.
func askedKinds(fields []field.Field, shown func(*field.Logic) bool, ask func(string)) {
	for i := range fields {
		f := &fields[i]
		if !shown(f.ConditionalLogic) {
			continue
		}
		switch f.Type {
		case "country":
			ask(f.CountryType)
		case "phone":
			ask("phone")
		case "object":
			askedKinds(f.Fields, shown, ask)
		}
	}
}

// hitKind puts a hit into the words of list match rules; empty is taken for a
// sanction, the strictest.
func hitKind(h kyc.Hit) string {
	switch {
	case h.Type == "pep" || h.Type == "sanction" || h.Type == "watchlist" || h.Type == "internal":
		return h.Type
	case h.List == "pep" || strings.HasPrefix(h.List, "pep_") || strings.HasSuffix(h.List, "_pep"):
		return "pep"
	case h.Type == "adverse_media":
		return "watchlist"
	}
	return ""
}

func ruleSubsessions(r kyc.CheckRequest, c automationConfig, status string) *rule.Subsessions {
	s := &rule.Subsessions{Status: status, Impact: c.Impact}
	details := r.Checks[rule.CheckRelated].Details
	if c.Impact {
		detail(details, "counting", s)
	} else {
		for name, into := range map[string]*int{"total": &s.Total, "approved": &s.Approved, "rejected": &s.Rejected, "flagged": &s.Flagged, "pending": &s.Pending, "expired": &s.Expired} {
			detail(details, name, into)
		}
	}
	s.Status, s.Impact = status, c.Impact
	media := 0
	detail(details, "media_hit_count", &media)
	s.Unseen = media > 0 || slices.ContainsFunc(r.Checks[rule.CheckRelated].Reasons, func(x kyc.Reason) bool {
		// An expired party is unfinished, too, but that is what rules do see.
		return x.Code == "related_missing" || x.Code == "related_too_many" || x.Code == "related_unfinished" && s.Pending > 0
	})
	return s
}

// doubts reports whether a check gave a reason that is more than a remark and
// that test picks.
func doubts(reasons []kyc.Reason, test func(code string) bool) bool {
	return slices.ContainsFunc(reasons, func(r kyc.Reason) bool { return r.Severity != info && test(r.Code) })
}
