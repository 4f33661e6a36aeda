package steps

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"bonafide/journey"
	"bonafide/kyc"
)

// processingResult is the machine's result as it is; the types below describe
// it to the OpenAPI document, and a test compares them with it.
type processingResult struct{ result *journey.Result }

func showResult(r *journey.Result) *processingResult {
	if r == nil {
		return nil
	}
	return &processingResult{r}
}

// MarshalJSON writes times as everywhere on this surface.
func (p processingResult) MarshalJSON() ([]byte, error) {
	var end time.Time
	if p.result.ProcessedAt != nil {
		end = *p.result.ProcessedAt
	}
	return json.Marshal(struct {
		*journey.Result
		ProcessedAt stamp `json:"processed_at"`
	}{p.result, at(end)})
}

// Schema describes it.
func (processingResult) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[Result](), true, "ProcessingResult")
}

type Result struct {
	FinalDecision   string             `json:"final_decision" doc:"The decision in force." enum:"approved,flagged,rejected,manual_review,cancelled"`
	SessionStatus   string             `json:"session_status" doc:"Where the session stands."`
	DecidedBy       string             `json:"decided_by" doc:"Who decided." enum:"automation,reviewer,api"`
	ProcessedAt     stamp              `json:"processed_at" doc:"When processing ended; null while it runs."`
	DurationMS      int64              `json:"duration_ms" doc:"How long it took, in milliseconds."`
	Automation      resultAutomation   `json:"automation" doc:"What the rules said."`
	AutomationFlags []resultFlag       `json:"automation_flags" doc:"What a reviewer should know." nullable:"false"`
	Lists           resultLists        `json:"lists" doc:"The watchlist screening."`
	FaceMatch       resultFace         `json:"face_match" doc:"The face comparison."`
	Liveness        resultLiveness     `json:"liveness" doc:"The liveness check."`
	Documents       []resultDocument   `json:"documents" doc:"The documents." nullable:"false"`
	CrossValidation resultCross        `json:"cross_validation" doc:"Whether the documents agree."`
	AdverseMedia    resultMedia        `json:"adverse_media" doc:"The negative news."`
	Crypto          resultCrypto       `json:"crypto" doc:"The wallets."`
	Subsessions     resultSubsessions  `json:"subsessions" doc:"The related parties."`
	Engine          resultReproducible `json:"engine" doc:"What decided, so that it can be repeated."`
}

type resultAutomation struct {
	Outcome           string           `json:"outcome" doc:"The action that won; not_run while the rules were not reached." enum:"auto_deny,manual_review,flag,auto_approve,not_run"`
	WinningRule       string           `json:"winning_rule,omitempty" doc:"The rule that decided." example:"country_rules[2]"`
	TriggeredRules    []resultRule     `json:"triggered_rules" doc:"Every rule that applied, with what it saw." nullable:"false"`
	DefaultActionUsed bool             `json:"default_action_used" doc:"Whether no rule applied and the default action decided."`
	AutoApproveUsed   bool             `json:"auto_approve_used" doc:"Whether the approval conditions decided."`
	UnjudgedRules     []resultUnjudged `json:"unjudged_rules" doc:"Rules whose facts are unknown." nullable:"false"`
	Floor             any              `json:"floor,omitempty" doc:"Which checks lowered an approval to a review."`
	Held              bool             `json:"held_for_review,omitempty" doc:"Whether post_reprocess_mode held the outcome for the reviewer."`
}

type resultUnjudged struct {
	Rule   string `json:"rule" doc:"The rule's place." example:"list_match_rules[0]"`
	Action string `json:"action" doc:"Its action."`
	Check  string `json:"check" doc:"What gave no answer."`
	Reason string `json:"reason" doc:"Why the rule could not be judged."`
	Holds  bool   `json:"holds_approval" doc:"Whether an approval waits for a person because of it."`
}

type resultRule struct {
	Rule   string         `json:"rule" doc:"The rule's place." example:"country_rules[2]"`
	Action string         `json:"action" doc:"Its action."`
	Reason string         `json:"reason,omitempty" doc:"Its author's reason."`
	Facts  map[string]any `json:"facts" doc:"What it saw."`
}

type resultFlag struct {
	Code    string `json:"code" doc:"What sort of flag."`
	Message string `json:"message" doc:"A sentence."`
	Rule    string `json:"rule,omitempty" doc:"The rule that set it."`
}

type resultHit struct {
	List        string              `json:"list" doc:"The list." example:"ofac_sdn"`
	ListVersion string              `json:"list_version,omitempty" doc:"The version that was asked."`
	EntityID    string              `json:"entity_id" doc:"The source's own id of the entry."`
	Name        string              `json:"name" doc:"Primary name of the entry."`
	MatchedName string              `json:"matched_name,omitempty" doc:"The name or alias that matched."`
	Party       string              `json:"party,omitempty" doc:"The name that was asked for."`
	Score       float64             `json:"score" doc:"How well it matches." minimum:"0" maximum:"1"`
	Risk        float64             `json:"risk,omitempty" doc:"How serious it would be if it were true, from what the entry is listed for." minimum:"0" maximum:"1"`
	Explanation []resultExplanation `json:"explanation" doc:"The score, row by row; the weights add up to it." nullable:"false"`
	EntityRole  string              `json:"entity_role" doc:"Whose name was asked for: the role of the party."`
	MatchStatus string              `json:"match_status" doc:"What a reviewer says of it." enum:"open,false_positive,true_positive"`
	Programs    []string            `json:"programs,omitempty" doc:"Sanctions programmes." nullable:"false"`
	Fictional   bool                `json:"fictional,omitempty" doc:"Whether the entry is invented (the demonstration list)."`
}

type resultExplanation struct {
	Feature string  `json:"feature" doc:"What was compared."`
	Rule    string  `json:"rule,omitempty" doc:"How."`
	Query   string  `json:"query,omitempty" doc:"The applicant's side."`
	Listed  string  `json:"listed,omitempty" doc:"The list's side."`
	Weight  float64 `json:"weight" doc:"What it added to or took from the score."`
	Value   float64 `json:"value" doc:"Likeness." minimum:"0" maximum:"1"`
}

func showHit(h kyc.Hit, status string) resultHit {
	role := h.Role
	if role == "" {
		role = "individual"
	}
	return resultHit{List: h.List, ListVersion: h.Version, EntityID: h.EntryID, Name: h.Name, MatchedName: h.MatchedName, Party: h.Party, Score: h.Score, Risk: h.Risk, EntityRole: role,
		MatchStatus: status, Programs: h.Programs, Fictional: h.Fictional, Explanation: shown(h.Features, func(f kyc.HitFeature) resultExplanation {
			return resultExplanation{Feature: f.Name, Rule: f.Rule, Query: f.Query, Listed: f.Listed, Weight: f.Points, Value: f.Value}
		})}
}

type resultLists struct {
	Status  string            `json:"status" doc:"What the screening said." enum:"clear,hit,error,not_run"`
	Hits    []resultHit       `json:"hits" doc:"Possible matches." nullable:"false"`
	Cleared []resultCleared   `json:"cleared,omitempty" doc:"Entries that were found and that a reviewer called false positives before; neither they nor what was asked has changed since." nullable:"false"`
	Asked   []resultListState `json:"lists_asked,omitempty" doc:"Which lists were asked, in which state." nullable:"false"`
	Reasons []string          `json:"reasons,omitempty" doc:"Why it is an error, as words." nullable:"false"`
}

type resultCleared struct {
	List       string    `json:"list" doc:"The list." example:"ofac_sdn"`
	EntityID   string    `json:"entity_id" doc:"The source's own id of the entry."`
	EntityRole string    `json:"entity_role,omitempty" doc:"Whose name was asked for: the role of the party."`
	By         string    `json:"by" doc:"Who said so."`
	At         time.Time `json:"at" doc:"When."`
	ReasonCode string    `json:"reason_code,omitempty" doc:"Why, as a word."`
}

type resultListState struct {
	List      string    `json:"list" doc:"The list."`
	Version   string    `json:"version" doc:"SHA-256 of its content, or the source's own date."`
	Entries   int       `json:"entries" doc:"How many entries it has."`
	AsOf      time.Time `json:"as_of" doc:"When this content was taken from its source."`
	AgeSecs   int64     `json:"age_seconds" doc:"How long ago that was."`
	Status    string    `json:"status" doc:"ok, not_configured, unavailable, stale or error."`
	LastError string    `json:"last_error,omitempty" doc:"Why the last attempt to bring it up to date failed."`
	Fictional bool      `json:"fictional,omitempty" doc:"Whether its entries are invented."`
}

type resultFace struct {
	Status     string   `json:"status" doc:"passed, failed, review, error, skipped or not_run."`
	Similarity *float64 `json:"similarity,omitempty" doc:"How alike the faces are." minimum:"0" maximum:"1"`
	Threshold  *float64 `json:"threshold,omitempty" doc:"Lowest likeness that passes." minimum:"0" maximum:"1"`
	Source     string   `json:"source,omitempty" doc:"What the portrait was compared with." enum:"liveness_reference,selfie,selfie_document"`
}

type resultLiveness struct {
	Status     string   `json:"status" doc:"passed, failed, review, error, skipped or not_run."`
	Confidence *float64 `json:"confidence,omitempty" doc:"How sure it is that a person was there." minimum:"0" maximum:"100"`
	Threshold  *float64 `json:"threshold,omitempty" doc:"Lowest confidence that passes." minimum:"0" maximum:"100"`
	Attempts   int      `json:"attempts" doc:"Finished tries."`
}

type resultDocument struct {
	DocID        string          `json:"doc_id" doc:"The document."`
	StepID       string          `json:"step_id,omitempty" doc:"The step it was sent in."`
	DocumentType string          `json:"document_type" doc:"The type that was asked for."`
	EntityRole   string          `json:"entity_role,omitempty" doc:"Whose paper it is."`
	Status       string          `json:"status" doc:"What it is worth." enum:"valid,invalid,review,unreadable"`
	Checks       []resultFinding `json:"checks" doc:"What was looked at, and then what was found." nullable:"false"`
	Conditions   []string        `json:"conditions" doc:"The conditions of document rules that it meets." nullable:"false"`
	NotChecked   []string        `json:"not_checked" doc:"The conditions that could not be judged." nullable:"false"`
}

type resultFinding struct {
	Code     string `json:"code" doc:"What was looked at or found, in snake_case."`
	Status   string `json:"status,omitempty" doc:"done for what was looked at; otherwise what the finding makes of the document." enum:"done,valid,review,invalid,unreadable"`
	Severity string `json:"severity,omitempty" doc:"info, warning or critical."`
	Message  string `json:"message" doc:"A sentence for the reviewer."`
}

type resultCross struct {
	Status     string           `json:"status" doc:"passed, failed, review, error, skipped or not_run."`
	Mismatches []resultMismatch `json:"mismatches" doc:"What disagrees." nullable:"false"`
	Compared   int              `json:"compared" doc:"How many pairs were compared."`
	Reasons    []string         `json:"reasons,omitempty" doc:"Codes, unless it passed." nullable:"false"`
}

type resultMismatch struct {
	Condition string   `json:"condition" doc:"What sort of disagreement."`
	Documents []string `json:"documents" doc:"The documents concerned." nullable:"false"`
	Fields    []string `json:"fields" doc:"The answers concerned." nullable:"false"`
}

type resultMedia struct {
	Status     string      `json:"status" doc:"What the screening said." enum:"clear,hit,error,not_run"`
	RiskScore  *float64    `json:"risk_score,omitempty" doc:"How bad it is." minimum:"0" maximum:"100"`
	Categories []string    `json:"categories,omitempty" doc:"What it is about." nullable:"false"`
	Hits       []resultHit `json:"hits,omitempty" doc:"The articles' subjects." nullable:"false"`
	Reasons    []string    `json:"reasons,omitempty" doc:"Why it is an error, as words." nullable:"false"`
}

type resultCrypto struct {
	Status  string      `json:"status" doc:"What the screening said." enum:"clear,hit,invalid_address,error,not_run"`
	Hits    []resultHit `json:"hits,omitempty" doc:"Listed wallets." nullable:"false"`
	Invalid int         `json:"invalid_addresses,omitempty" doc:"How many addresses are wrong."`
	Reasons []string    `json:"reasons,omitempty" doc:"Why it is an error, as words." nullable:"false"`
}

type resultSubsessions struct {
	Status   string             `json:"status" doc:"passed, review, error or not_run."`
	Total    int                `json:"total" doc:"How many there are."`
	Approved int                `json:"approved" doc:"Approved ones."`
	Rejected int                `json:"rejected" doc:"Rejected ones."`
	Flagged  int                `json:"flagged" doc:"Approved ones with a flag."`
	Pending  int                `json:"pending" doc:"Those without a decision."`
	Expired  int                `json:"expired" doc:"Those whose time is over."`
	Hits     []resultRelatedHit `json:"hits" doc:"Their possible matches with listed parties." nullable:"false"`
}

type resultRelatedHit struct {
	SessionID  string  `json:"session_id" doc:"The subsession."`
	List       string  `json:"list" doc:"The list."`
	EntityID   string  `json:"entity_id" doc:"The source's own id of the entry."`
	Name       string  `json:"name" doc:"Primary name of the entry."`
	Score      float64 `json:"score" doc:"How well it matches." minimum:"0" maximum:"1"`
	EntityRole string  `json:"entity_role" doc:"The role of the party."`
}

type resultReproducible struct {
	Version        string `json:"version" doc:"The engine that walked the graph."`
	DefinitionHash string `json:"definition_hash" doc:"Of the workflow's definition."`
	GraphHash      string `json:"graph_hash,omitempty" doc:"Of the graph that was walked."`
	FactsHash      string `json:"facts_hash,omitempty" doc:"Of everything the rules looked at."`
	RunID          string `json:"run_id,omitempty" doc:"The processing's record."`
}
