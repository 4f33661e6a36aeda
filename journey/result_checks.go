package journey

import (
	"slices"
	"time"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// notRun is the status of a check that was not asked.
const notRun = "not_run"

// ranAs is the status of a check's last word: passed, failed, review, error,
// skipped, or not_run.
func ranAs(f kyc.CheckFact) string {
	if f.Status == "" {
		return notRun
	}
	return f.Status
}

// HitResult is one possible match with a listed party.
type HitResult struct {
	List        string           `json:"list"`
	ListVersion string           `json:"list_version,omitempty"`
	EntityID    string           `json:"entity_id"`
	Name        string           `json:"name"`
	MatchedName string           `json:"matched_name,omitempty"`
	Party       string           `json:"party,omitempty"`
	Score       float64          `json:"score"`          // 0-1
	Risk        float64          `json:"risk,omitempty"` // 0-1
	Explanation []HitExplanation `json:"explanation"`
	EntityRole  string           `json:"entity_role"`
	MatchStatus string           `json:"match_status"` // open, false_positive, true_positive
	Programs    []string         `json:"programs,omitempty"`
	Fictional   bool             `json:"fictional,omitempty"`
}

// HitExplanation is one row of a score; the weights add up to it.
type HitExplanation struct {
	Feature string  `json:"feature"`
	Rule    string  `json:"rule,omitempty"`
	Query   string  `json:"query,omitempty"`
	Listed  string  `json:"listed,omitempty"`
	Weight  float64 `json:"weight"` // the points it added or took
	Value   float64 `json:"value"`  // 0-1
}

func hits(list []kyc.Hit, status func(kyc.Hit) string) []HitResult {
	out := []HitResult{}
	for _, h := range list {
		r := HitResult{List: h.List, ListVersion: h.Version, EntityID: h.EntryID, Name: h.Name, MatchedName: h.MatchedName, Party: h.Party, Score: h.Score, Risk: h.Risk,
			EntityRole: h.Role, MatchStatus: status(h), Programs: h.Programs, Fictional: h.Fictional, Explanation: []HitExplanation{}}
		if r.EntityRole == "" {
			r.EntityRole = "individual"
		}
		for _, f := range h.Features {
			r.Explanation = append(r.Explanation, HitExplanation{Feature: f.Name, Rule: f.Rule, Query: f.Query, Listed: f.Listed, Weight: f.Points, Value: f.Value})
		}
		out = append(out, r)
	}
	return out
}

// screened is the status of a screening: hit, clear, error or not_run. Only an
// answer that passed is clear; whatever is unclear is an error.
func screened(f kyc.CheckFact, found int) string {
	switch {
	case f.Status == "" || f.Status == "skipped":
		return notRun
	case f.Status == "error":
		return "error"
	case found > 0:
		return "hit"
	case f.Status == "passed":
		return "clear"
	}
	return "error"
}

// ClearedHit is an entry that was found and that a reviewer judged before; the
// word holds, because neither the entry nor what was asked has changed.
type ClearedHit struct {
	List       string    `json:"list"`
	EntityID   string    `json:"entity_id"`
	EntityRole string    `json:"entity_role,omitempty"` // empty: individual
	By         string    `json:"by"`
	At         time.Time `json:"at"`
	ReasonCode string    `json:"reason_code,omitempty"`
}

// judgedHits reads a member of a check's details that holds words on hits.
func judgedHits(details map[string]any, name string) []ClearedHit {
	var rows []struct {
		List       string    `json:"list"`
		ID         string    `json:"id"`
		Role       string    `json:"role"`
		By         string    `json:"by"`
		At         time.Time `json:"at"`
		ReasonCode string    `json:"reason_code"`
	}
	member(details, name, &rows)
	var out []ClearedHit
	for _, r := range rows {
		out = append(out, ClearedHit{List: r.List, EntityID: r.ID, EntityRole: r.Role, By: r.By, At: r.At, ReasonCode: r.ReasonCode})
	}
	return out
}

// ListsResult is the watchlist screening.
type ListsResult struct {
	Status  string            `json:"status"` // clear, hit, error, not_run
	Hits    []HitResult       `json:"hits"`
	Cleared []ClearedHit      `json:"cleared,omitempty"` // false positives of before
	Asked   []kyc.ListVersion `json:"lists_asked,omitempty"`
	Reasons []string          `json:"reasons,omitempty"` // codes, where it is an error
}

func lists(r Record) ListsResult {
	f := r.Trace.Checks[policyLists]
	status := matchStatus(r.Case, r.Trace.Run.ID, policyLists, f)
	out := ListsResult{Status: screened(f, len(f.Hits)), Hits: hits(f.Hits, status), Cleared: judgedHits(f.Details, "cleared")}
	if a, ok := r.Trace.Last(policyLists); ok {
		out.Asked = a.Answer.Lists
		if out.Status == "error" && len(out.Hits) == 0 { // what was found before a list failed is shown
			out.Hits = hits(a.Answer.Hits, status)
		}
	}
	if out.Status == "error" {
		out.Reasons = codes(f)
	}
	return out
}

func codes(f kyc.CheckFact) []string {
	var out []string
	for _, r := range f.Reasons {
		out = append(out, r.Code)
	}
	return out
}

// FaceResult is the face comparison; values are 0-1.
type FaceResult struct {
	Status     string   `json:"status"`
	Similarity *float64 `json:"similarity,omitempty"`
	Threshold  *float64 `json:"threshold,omitempty"`
	Source     string   `json:"source,omitempty"` // liveness_reference, selfie, selfie_document
}

func faceMatch(r Record) FaceResult {
	f := r.Trace.Checks[policyFace]
	out := FaceResult{Status: ranAs(f), Similarity: f.Score, Source: text(f.Details, "source")}
	if out.Status == notRun {
		return out
	}
	if a, ok := r.Trace.Last(policyFace); ok {
		out.Threshold = a.Answer.Threshold
	}
	if out.Threshold == nil && r.Def != nil {
		out.Threshold = &r.Def.ValidationConfig.FaceMatchThreshold
	}
	return out
}

// LivenessResult is the presence check; values are 0-100.
type LivenessResult struct {
	Status     string   `json:"status"`
	Confidence *float64 `json:"confidence,omitempty"`
	Threshold  *float64 `json:"threshold,omitempty"`
	Attempts   int      `json:"attempts"`
}

func livenessOf(r Record) LivenessResult {
	f := r.Trace.Checks[policyLiveness]
	out := LivenessResult{Status: ranAs(f), Confidence: f.Score, Attempts: r.Attempts}
	if out.Status == notRun || r.Def == nil {
		return out
	}
	if a, ok := r.Trace.Last(policyLiveness); ok {
		out.Threshold = a.Answer.Threshold
	}
	for i := range r.Def.Steps {
		if s := &r.Def.Steps[i]; out.Threshold == nil && s.Type == onboarding.Liveness && s.LivenessConfig != nil {
			out.Threshold = &s.LivenessConfig.MinConfidence
		}
	}
	return out
}

// DocumentCheck is one document as document_set judged it.
type DocumentCheck struct {
	DocID        string `json:"doc_id"`
	StepID       string `json:"step_id,omitempty"`
	DocumentType string `json:"document_type"`
	EntityRole   string `json:"entity_role,omitempty"`
	Status       string `json:"status"` // valid, invalid, review, unreadable
	// Checks are what was looked at, and then what was found.
	Checks     []Finding `json:"checks"`
	Conditions []string  `json:"conditions"`
	NotChecked []string  `json:"not_checked"`
}

// Finding is one thing that was looked at in a document, or found in it.
type Finding struct {
	Code string `json:"code"`
	// Status is done for what was looked at, and for a finding what it makes of
	// the document: valid (a remark), review, invalid or unreadable.
	Status   string `json:"status,omitempty"`
	Severity string `json:"severity,omitempty"`
	Message  string `json:"message"`
}

func documents(t Trace) []DocumentCheck {
	var rows []struct {
		DocumentCheck
		Findings []Finding `json:"findings"`
		Checked  []string  `json:"checked"`
	}
	member(t.Checks[policyDocuments].Details, "documents", &rows)
	out := make([]DocumentCheck, len(rows))
	for i, row := range rows {
		out[i] = row.DocumentCheck
		out[i].Checks = make([]Finding, 0, len(row.Checked)+len(row.Findings))
		for _, what := range row.Checked {
			out[i].Checks = append(out[i].Checks, Finding{Code: what, Status: "done", Severity: "info", Message: "this was looked at"})
		}
		out[i].Checks = append(out[i].Checks, row.Findings...)
	}
	return out
}

// Entity is a party that a document names.
type Entity struct {
	Name           string `json:"name"`
	DateOfBirth    string `json:"date_of_birth,omitempty"`
	Nationality    string `json:"nationality,omitempty"`
	IssuingCountry string `json:"issuing_country,omitempty"`
	DocumentNumber string `json:"document_number,omitempty"`
	EntityRole     string `json:"entity_role"`
	DocID          string `json:"doc_id"`
	DocumentType   string `json:"document_type"`
}

// entities are the parties that a reading of documents found.
func entities(details map[string]any) []Entity {
	out := []Entity{}
	member(details, "entities", &out)
	return out
}

// CrossResult is the agreement of documents.
type CrossResult struct {
	Status     string     `json:"status"`
	Mismatches []Mismatch `json:"mismatches"`
	Compared   int        `json:"compared"`          // how many pairs
	Reasons    []string   `json:"reasons,omitempty"` // codes, unless it passed
}

// Mismatch is one disagreement.
type Mismatch struct {
	Condition string   `json:"condition"`
	Documents []string `json:"documents"`
	Fields    []string `json:"fields"`
}

func crossValidation(t Trace) CrossResult {
	f := t.Checks[policyCross]
	out := CrossResult{Status: ranAs(f), Mismatches: []Mismatch{}}
	member(f.Details, "mismatches", &out.Mismatches)
	member(f.Details, "compared", &out.Compared)
	out.Status = compared(f)
	if out.Status != "passed" {
		out.Reasons = codes(f)
	}
	return out
}

// compared is the status of the agreement of documents. One document without
// an answer to hold it against agrees with everything; that is no comparison.
func compared(f kyc.CheckFact) string {
	if f.Status == "passed" && slices.ContainsFunc(f.Reasons, func(r kyc.Reason) bool { return r.Code == "nothing_to_compare" }) {
		return notRun
	}
	return ranAs(f)
}

// MediaResult is the negative-news screening.
type MediaResult struct {
	Status     string      `json:"status"`               // clear, hit, error, not_run
	RiskScore  *float64    `json:"risk_score,omitempty"` // 0-100
	Categories []string    `json:"categories,omitempty"`
	Hits       []HitResult `json:"hits,omitempty"`
	Reasons    []string    `json:"reasons,omitempty"`
}

func adverseMedia(r Record) MediaResult {
	f := r.Trace.Checks[policyMedia]
	out := MediaResult{Status: screened(f, len(f.Hits)), Hits: hits(f.Hits, matchStatus(r.Case, r.Trace.Run.ID, policyMedia, f))}
	if out.Status == "error" && f.Status == "failed" { // a score over the limit without single articles
		out.Status = "hit"
	}
	member(f.Details, "risk_score", &out.RiskScore)
	member(f.Details, "categories", &out.Categories)
	if out.Status == "error" {
		out.Reasons = codes(f)
	}
	return out
}

// CryptoResult is the wallet screening.
type CryptoResult struct {
	Status  string      `json:"status"` // clear, hit, invalid_address, error, not_run
	Hits    []HitResult `json:"hits,omitempty"`
	Invalid int         `json:"invalid_addresses,omitempty"`
	Reasons []string    `json:"reasons,omitempty"`
}

func crypto(r Record) CryptoResult {
	f := r.Trace.Checks[policyWallets]
	out := CryptoResult{Status: screened(f, len(f.Hits)), Hits: hits(f.Hits, matchStatus(r.Case, r.Trace.Run.ID, policyWallets, f))}
	member(f.Details, "invalid_count", &out.Invalid)
	if out.Status == "error" && f.Status == "failed" && out.Invalid > 0 {
		out.Status = "invalid_address"
	}
	// A form without an address was not screened, and is not clear.
	if none := slices.ContainsFunc(f.Reasons, func(r kyc.Reason) bool { return r.Code == "no_wallets" }); none && out.Status == "clear" {
		out.Status, out.Reasons = notRun, codes(f)
	}
	if out.Status == "error" {
		out.Reasons = codes(f)
	}
	return out
}

// RelatedResult sums up the subsessions.
type RelatedResult struct {
	Status   string       `json:"status"` // passed, review, error, not_run
	Total    int          `json:"total"`
	Approved int          `json:"approved"`
	Rejected int          `json:"rejected"`
	Flagged  int          `json:"flagged"`
	Pending  int          `json:"pending"`
	Expired  int          `json:"expired"`
	Hits     []RelatedHit `json:"hits"`
}

// RelatedHit is a hit of a related party.
type RelatedHit struct {
	SessionID  string  `json:"session_id"`
	List       string  `json:"list"`
	EntityID   string  `json:"entity_id"`
	Name       string  `json:"name"`
	Score      float64 `json:"score"`
	EntityRole string  `json:"entity_role"`
}

func related(t Trace) RelatedResult {
	f := t.Checks[policyRelated]
	out := RelatedResult{Status: ranAs(f), Hits: []RelatedHit{}}
	for name, into := range map[string]*int{"total": &out.Total, "approved": &out.Approved, "rejected": &out.Rejected, "flagged": &out.Flagged,
		"pending": &out.Pending, "expired": &out.Expired} {
		member(f.Details, name, into)
	}
	member(f.Details, "hits", &out.Hits)
	return out
}

// summary is what a message says of the checks: statuses and scores, no
// names, no pictures, no documents.
func summary(checks map[string]kyc.CheckFact) map[string]any {
	out := map[string]any{}
	for api, policy := range map[string]string{"face_match": policyFace, "liveness": policyLiveness, "cross_validation": policyCross,
		"documents": policyDocuments, "face_dedup": policyDedup, "risk": policyRisk} {
		row := map[string]any{"status": ranAs(checks[policy])}
		if policy == policyCross {
			row["status"] = compared(checks[policy])
		}
		if score := checks[policy].Score; score != nil {
			row["score"] = *score
		}
		out[api] = row
	}
	for api, policy := range map[string]string{"lists": policyLists, "crypto": policyWallets, "adverse_media": policyMedia} {
		f := checks[policy]
		out[api] = map[string]any{"status": screened(f, len(f.Hits)), "hits": len(f.Hits)}
	}
	return out
}
