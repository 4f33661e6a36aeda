package checks

import (
	"encoding/json"
	"time"

	"bonafide/checklist"
	"bonafide/intake"
	"bonafide/kyc"
)

// word is the last word of one check: of the newest run, and before one of the
// step that asked it.
type word struct {
	status string
	answer kyc.Answer
	at     time.Time
}

// lastWords collects them. A run asks again what the steps asked, so its word
// counts where there is one.
func lastWords(r *intake.Record) map[string]word {
	out := map[string]word{}
	for _, e := range r.Exams { // oldest first
		if !e.Unreadable {
			out[e.Policy] = word{statusOf(e.Answer), e.Answer, e.CreatedAt}
		}
	}
	if r.Trace == nil {
		return out
	}
	for _, a := range r.Trace.Attempts {
		if a.Status != "requires_retry" && a.Answer.Status != "" {
			out[a.Policy] = word{a.Status, a.Answer, a.At}
		}
	}
	return out
}

// statusOf is an answer in one word, as the engine would put it.
func statusOf(a kyc.Answer) string {
	if a.Status != kyc.StatusOK {
		return "error"
	}
	switch a.Verdict {
	case kyc.Pass:
		return "passed"
	case kyc.Fail:
		return "failed"
	case kyc.VerdictReview:
		return "review"
	case kyc.Skip:
		return "skipped"
	}
	return "error"
}

func (w word) finding() Finding {
	return Finding{Status: w.status, Score: w.answer.Score, Threshold: w.answer.Threshold, Reasons: showReasons(w.answer.Reasons), CheckedAt: at(w.at), Provider: w.answer.Provider}
}

// Values of details, which are nil where a check does not give them.

func (w word) number(name string) *float64 {
	switch v := w.answer.Details[name].(type) {
	case float64:
		return &v
	case int:
		f := float64(v)
		return &f
	case json.Number: // what a run recorded
		if f, err := v.Float64(); err == nil {
			return &f
		}
	}
	return nil
}

func (w word) flag(name string) *bool {
	if v, ok := w.answer.Details[name].(bool); ok {
		return &v
	}
	return nil
}

func (w word) text(name string) *string {
	v, _ := w.answer.Details[name].(string)
	return text(v)
}

func (w word) list(name string) []any { return listed(w.answer.Details, name) }

func listed(details map[string]any, name string) []any {
	if v, ok := details[name].([]any); ok {
		return v
	}
	return []any{}
}

// analysisOf is everything that the checks of a session said; nil before the
// first of them.
func analysisOf(r *intake.Record) *analysis {
	said := lastWords(r)
	if len(said) == 0 {
		return nil
	}
	out := &analysis{CustomForm: map[string]any{}}
	out.IDAnalysis = idOf(said)
	out.SecondaryIDAnalysis, out.TertiaryIDAnalysis = furtherOf(said, "secondary"), furtherOf(said, "tertiary")
	if w, ok := said[checklist.PolicyFace]; ok {
		out.CompareFaces = &faces{Finding: w.finding(), Similarity: w.number("similarity"), Source: w.text("source")}
		if w.status == "passed" || w.status == "failed" {
			same := w.status == "passed"
			out.IDMatchesSelfie = &same
		}
	}
	if w, ok := said[checklist.PolicyLiveness]; ok {
		f := w.finding()
		out.FaceLiveness, out.FaceLivenessScore = &f, w.answer.Score
	}
	if w, ok := said[checklist.PolicyEstimate]; ok {
		out.AgeEstimation = &ageEstimation{Finding: w.finding(), EstimatedAge: w.number("estimated_age"), MinimumAge: w.number("minimum_age")}
	}
	lists, pep := screened(said, checklist.PolicyWatchlists), screened(said, checklist.PolicyPEP)
	if lists != nil || pep != nil {
		out.PEPSanctions = &pepSanctions{Sanctions: lists, PEP: pep}
	}
	out.AdverseMedia = screened(said, checklist.PolicyMedia)
	if w, ok := said[checklist.PolicyFraud]; ok {
		score := 0.0
		if w.answer.Score != nil {
			score = *w.answer.Score
		}
		f := w.finding()
		out.DocumentRisk = riskOf(f.Status, score, w.answer.Details, w.answer.Reasons)
		out.DocumentRisk.Finding = f
		out.DocumentRisk.Escalated = escalated(&r.Journey)
	}
	if w, ok := said[checklist.PolicyChip]; ok {
		out.Chip = &chip{Finding: w.finding(), Authentic: w.flag("authentic"), DataGroups: w.list("data_groups"), Mismatches: w.list("mismatches")}
	}
	if w, ok := said[checklist.PolicyDocumentSet]; ok {
		out.DocumentUploads = &papers{Finding: w.finding(), Documents: w.list("documents"), Missing: w.list("missing")}
	}
	if w, ok := said[checklist.PolicyConsent]; ok {
		f := w.finding()
		out.Consent = &f
	}
	return out
}

func escalated(j *kyc.Journey) bool {
	st := j.Step(checklist.IDVerification)
	return st != nil && st.Escalation != nil
}

func idOf(said map[string]word) *idAnalysis {
	w, ok := said[checklist.PolicyDocument]
	if !ok {
		return nil
	}
	out := &idAnalysis{Finding: w.finding(), DocumentType: w.text("document_type"), IssuingCountry: w.text("issuing_country"), Faces: []face{},
		ExtractedText: shown(w.answer.Fields, func(f kyc.Field) extractedText {
			return extractedText{Type: f.Name, Value: f.Value, Confidence: f.Confidence, Source: f.Source}
		})}
	if e, ok := said[checklist.PolicyEstimate]; ok {
		if years := e.number("estimated_age"); years != nil {
			out.Faces = append(out.Faces, face{AgeRange: &ageRange{Low: *years, High: *years}})
		}
	}
	if e, ok := said[checklist.PolicyExpiry]; ok {
		out.ExpiryCheck = &expiryCheck{Finding: e.finding(), ExpiryDate: e.text("expiry_date"), Expired: e.flag("expired"), DaysLeft: e.number("days_left")}
	}
	if a, ok := said[checklist.PolicyAge]; ok {
		out.AgeCheck = &ageCheck{Finding: a.finding(), Age: a.number("age")}
	}
	return out
}

// furtherOf is what additional_ids says of the second or third ID; nil where
// it neither saw nor missed it.
func furtherOf(said map[string]word, which string) *furtherID {
	w, ok := said[checklist.PolicyFurtherIDs]
	if !ok {
		return nil
	}
	for _, d := range w.list("documents") {
		if row, ok := d.(map[string]any); ok && row["document"] == which {
			return &furtherID{Finding: w.finding(), Given: true, Details: row}
		}
	}
	for _, name := range w.list("missing") {
		if name == which {
			return &furtherID{Finding: w.finding(), Details: map[string]any{}}
		}
	}
	return nil
}

func screened(said map[string]word, policy string) *screening {
	w, ok := said[policy]
	if !ok {
		return nil
	}
	return &screening{Finding: w.finding(),
		Hits: shown(w.answer.Hits, func(h kyc.Hit) hit {
			return hit{List: h.List, Version: h.Version, ID: h.EntryID, Type: h.Type, Name: h.Name, MatchedName: h.MatchedName, Score: h.Score, Risk: h.Risk, Programs: words(h.Programs), Fictional: h.Fictional}
		}),
		Lists: shown(w.answer.Lists, func(l kyc.ListVersion) listVersion {
			return listVersion{List: l.List, Version: l.Version, AsOf: at(l.AsOf), Status: string(l.Status)}
		})}
}

// riskOf shows a fraud analysis.
func riskOf(status string, score float64, details map[string]any, reasons []kyc.Reason) *documentRisk {
	return &documentRisk{Finding: Finding{Status: status, Score: &score, Reasons: showReasons(reasons)}, RiskScore: score,
		Signals: listed(details, "signals"), Documents: listed(details, "documents")}
}
