package steps

import (
	"bonafide/api"
	"bonafide/journey"
	"bonafide/kyc"
)

type SessionPath struct {
	ID string `path:"session_id" doc:"The session's id." maxLength:"64" example:"0199a0b0-1111-7222-8333-444455556666"`
}

type newSession struct {
	WorkflowID      string         `json:"workflow_id" doc:"Id or slug of the workflow." minLength:"1" maxLength:"64" example:"individual-kyc"`
	WorkflowVersion int            `json:"workflow_version,omitempty" doc:"Pin this version; default: the newest." minimum:"1"`
	TTLDays         int            `json:"ttl_days,omitempty" doc:"How long the link lives, in days; default: the workflow's." minimum:"1" maximum:"365"`
	Metadata        map[string]any `json:"metadata,omitempty" doc:"Anything of yours; user_email and user_phone are where an invitation goes."`
	ClientID        string         `json:"client_id,omitempty" doc:"Your own id of the person or company; made known when it is new." maxLength:"200" example:"customer-42"`
	CustomerID      string         `json:"customer_id,omitempty" doc:"Id of a customer that exists; in place of client_id." maxLength:"64"`
	Prefill         map[string]any `json:"prefill,omitempty" doc:"Proposed answers by field_key or field_id. The applicant still completes the form; values that do not fit become warnings."`
	RedirectURL     string         `json:"redirect_url,omitempty" doc:"Where the applicant goes afterwards." maxLength:"2048"`
	Language        string         `json:"language,omitempty" doc:"Language of the applicant (BCP 47)." maxLength:"35" example:"de"`
	SendInvite      string         `json:"send_invite,omitempty" doc:"Send the link to the applicant, where this installation can." enum:"email,sms,none" default:"none"`
}

// sessionBase is what every answer about a session begins with.
type sessionBase struct {
	ID              string         `json:"session_id" doc:"The session's id." example:"0199a0b0-1111-7222-8333-444455556666"`
	WorkflowID      string         `json:"workflow_id" doc:"Its workflow."`
	WorkflowVersion int            `json:"workflow_version" doc:"The version it is pinned to."`
	WorkflowName    string         `json:"workflow_name" doc:"What people call the workflow."`
	Status          string         `json:"status" doc:"Where it stands." enum:"active,completed,processing,approved,rejected,manual_review,needs_correction,expired,cancelled"`
	FinalDecision   *string        `json:"final_decision" doc:"The decision in force; null before one." enum:"approved,flagged,rejected,manual_review,cancelled"`
	ReasonCode      *string        `json:"reason_code" doc:"Why, as a word; null without one."`
	CustomerID      string         `json:"customer_id" doc:"The person or company."`
	ClientID        *string        `json:"client_id" doc:"Your own id of them; null when you gave none."`
	Metadata        map[string]any `json:"metadata" doc:"Yours."`
	Language        *string        `json:"language" doc:"Language of the applicant; null when you gave none."`
	RedirectURL     *string        `json:"redirect_url" doc:"Where the applicant goes afterwards; null when you gave none."`
	ParentID        *string        `json:"parent_session_id" doc:"The session that asked for this one; null for one of its own."`
	ParentStep      *string        `json:"parent_step_id" doc:"The step it was asked in; null for one of its own."`
	EntityRole      *string        `json:"entity_role" doc:"The role of the party; null when nothing was said."`
	IsSandbox       bool           `json:"is_sandbox" doc:"Whether it lives in the sandbox."`
	CreatedAt       stamp          `json:"created_at" doc:"When it was made."`
	UpdatedAt       stamp          `json:"updated_at" doc:"When it last changed."`
	ExpiresAt       stamp          `json:"expires_at" doc:"When its link ends."`
	SubmittedAt     stamp          `json:"submitted_at" doc:"When the applicant finished; null before."`
	CompletedAt     stamp          `json:"completed_at" doc:"When it was decided or ended; null before."`
	ArchivedAt      stamp          `json:"archived_at" doc:"When it was hidden from lists; null before."`
	Damaged         bool           `json:"damaged,omitempty" doc:"True where what is stored of the session cannot be opened: it is no decision, its reason_code is record_damaged. Only in lists; reading it fails with sealed_broken."`
	RedactedAt      stamp          `json:"redacted_at" doc:"When its personal data was erased; null before."`
}

func showBase(s kyc.Session, j kyc.Journey, name string) sessionBase {
	out := sessionBase{ID: string(s.ID), WorkflowID: string(s.WorkflowID), WorkflowVersion: s.Version, WorkflowName: name, Status: journey.Word(s.Status),
		FinalDecision: text(journey.Final(&s)), ReasonCode: text(s.ReasonCode), CustomerID: string(s.SubjectID), ClientID: text(s.ExternalRef), Metadata: s.Private.Metadata,
		Language: text(j.Language), RedirectURL: text(s.RedirectURL), ParentID: reference(j.ParentID), ParentStep: text(j.ParentStep), EntityRole: text(j.EntityRole),
		IsSandbox: s.Tenant.Env == kyc.Sandbox, CreatedAt: at(s.CreatedAt), UpdatedAt: at(s.UpdatedAt), ExpiresAt: at(s.ExpiresAt), SubmittedAt: at(s.SubmittedAt),
		CompletedAt: at(s.CompletedAt), ArchivedAt: at(j.ArchivedAt), RedactedAt: at(s.RedactedAt), Damaged: s.Damaged}
	if out.Metadata == nil {
		out.Metadata = map[string]any{}
	}
	return out
}

// createdSession is a session with its fresh link.
type createdSession struct {
	sessionBase
	AccessToken string        `json:"access_token" doc:"The applicant's permission; shown only here and stored as a hash."`
	PublicURL   string        `json:"public_url" doc:"Where the applicant goes."`
	Invited     bool          `json:"invited" doc:"Whether an invitation was handed to the mailer."`
	Warnings    []api.Finding `json:"warnings" doc:"Prefilled values that were left out, and why." nullable:"false"`
}

// linkedSession is the answer to a new link.
type linkedSession struct {
	ID          string `json:"session_id" doc:"The session's id."`
	Status      string `json:"status" doc:"Where it stands."`
	AccessToken string `json:"access_token" doc:"The new token; the old one works no more."`
	PublicURL   string `json:"public_url" doc:"Where the applicant goes."`
	ExpiresAt   stamp  `json:"expires_at" doc:"When the link ends."`
}

// stepData is one step of a session for the back office.
type stepData struct {
	StepID      string          `json:"step_id" doc:"The step."`
	Name        string          `json:"name" doc:"Its name."`
	Type        string          `json:"type" doc:"Its type."`
	Status      string          `json:"status" doc:"Where it stands." enum:"pending,in_progress,completed,skipped,failed,needs_correction"`
	Hidden      bool            `json:"hidden" doc:"Whether its show_if leaves it out."`
	StartedAt   stamp           `json:"started_at" doc:"When it was begun; null before."`
	CompletedAt stamp           `json:"completed_at" doc:"When it was done; null before."`
	Attempts    int             `json:"attempts" doc:"Finished tries of a liveness step."`
	Reason      *string         `json:"reason" doc:"Why it failed, as a word; null otherwise."`
	Documents   []documentEntry `json:"documents" doc:"Its files, replaced ones included." nullable:"false"`
	Warnings    []api.Finding   `json:"warnings" doc:"What was noted about its answers." nullable:"false"`
}

// documentEntry is one file of a session for the back office.
type documentEntry struct {
	DocID        string        `json:"doc_id" doc:"The document's id."`
	StepID       string        `json:"step_id" doc:"The step it was sent in."`
	DocumentType *string       `json:"document_type" doc:"The type that was asked for; null for an answer to a file field."`
	DeclaredType *string       `json:"declared_type" doc:"What the applicant says it is; null when they said no more than what was asked for."`
	FieldID      *string       `json:"field_id" doc:"The file field it answers; null for a document."`
	Side         *string       `json:"side" doc:"front or back; null where papers have one side."`
	EntityRole   *string       `json:"entity_role" doc:"Whose paper it is; null for the applicant's."`
	FileName     *string       `json:"file_name" doc:"Its name as the applicant's device had it; null when unknown or erased."`
	ContentType  string        `json:"content_type" doc:"As detected from the bytes." example:"image/jpeg"`
	Size         int64         `json:"size" doc:"Bytes."`
	SHA256       string        `json:"sha256" doc:"Of the bytes, hex."`
	Status       string        `json:"status" doc:"Whether it is in force, was replaced by a later one, or was erased." enum:"current,superseded,redacted"`
	UploadedAt   stamp         `json:"uploaded_at" doc:"When it was sent."`
	Warnings     []api.Finding `json:"warnings" doc:"What was noted when it came." nullable:"false"`
}

func showDocument(u kyc.Upload, j *kyc.Journey) documentEntry {
	out := documentEntry{DocID: string(u.ID), StepID: u.StepID, DocumentType: text(u.Asked), DeclaredType: text(u.DocumentType), FieldID: text(u.FieldID), Side: text(u.Side),
		EntityRole: text(u.EntityRole), FileName: text(j.Private.Files[u.ID]), ContentType: u.ContentType, Size: u.Size, SHA256: u.SHA256, Status: "current",
		UploadedAt: at(u.CreatedAt), Warnings: findings(j.Private.Warnings["upload:"+string(u.ID)])}
	switch {
	case !u.Readable():
		out.Status = "redacted"
	case u.Superseded:
		out.Status = "superseded"
	}
	return out
}

// entity is a party that a document names.
type entity struct {
	Name           string `json:"name" doc:"As the document has it."`
	DateOfBirth    string `json:"date_of_birth,omitempty" doc:"YYYY-MM-DD."`
	Nationality    string `json:"nationality,omitempty" doc:"ISO 3166-1 alpha-2."`
	IssuingCountry string `json:"issuing_country,omitempty" doc:"ISO 3166-1 alpha-2."`
	DocumentNumber string `json:"document_number,omitempty" doc:"The document's number."`
	EntityRole     string `json:"entity_role" doc:"The role of the party, from the document's requirement."`
	DocID          string `json:"doc_id" doc:"The document."`
	DocumentType   string `json:"document_type" doc:"The document's type."`
}

// correctionItem is one thing that a reviewer asked for.
type correctionItem struct {
	ID            string   `json:"id" doc:"The item's id."`
	Round         int      `json:"round" doc:"Items asked for together have the same number."`
	StepID        string   `json:"step_id" doc:"The step to correct."`
	FieldIDs      []string `json:"field_ids" doc:"The fields to correct; none: the whole step." nullable:"false"`
	DocumentTypes []string `json:"document_types" doc:"The documents to send again." nullable:"false"`
	Code          string   `json:"code" doc:"What is wrong." enum:"blurry,expired,wrong_document,missing_side,name_mismatch,address_mismatch,incomplete,other"`
	Message       *string  `json:"message" doc:"What the applicant is told; null when nothing was said."`
	Status        string   `json:"status" doc:"Where it stands." enum:"open,submitted,accepted"`
	CreatedAt     stamp    `json:"created_at" doc:"When it was asked for."`
	SubmittedAt   stamp    `json:"submitted_at" doc:"When the applicant did it; null before."`
	AcceptedAt    stamp    `json:"accepted_at" doc:"When it was accepted; null before."`
	RequestedBy   actor    `json:"requested_by" doc:"Who asked for it."`
}

func showCorrection(c kyc.Correction, j *kyc.Journey) correctionItem {
	return correctionItem{ID: string(c.ID), Round: c.Round, StepID: c.StepID, FieldIDs: words(c.FieldIDs), DocumentTypes: words(c.DocumentTypes), Code: c.Code,
		Message: text(j.Private.Messages[c.ID]), Status: string(c.Status), CreatedAt: at(c.CreatedAt), SubmittedAt: at(c.SubmittedAt), AcceptedAt: at(c.AcceptedAt),
		RequestedBy: showActor(c.By)}
}

// ruling is one entry of the decision history.
type ruling struct {
	ID            string   `json:"id" doc:"The entry's id."`
	FromStatus    string   `json:"from_status" doc:"Status before."`
	ToStatus      string   `json:"to_status" doc:"Status after."`
	FinalDecision string   `json:"final_decision" doc:"What was decided." enum:"approved,flagged,rejected,manual_review,cancelled"`
	Source        string   `json:"source" doc:"Who decided." enum:"automation,reviewer,api"`
	DecidedBy     actor    `json:"decided_by" doc:"Who exactly."`
	ReasonCode    *string  `json:"reason_code" doc:"Why, as a word; null without one."`
	Reason        *string  `json:"reason" doc:"What the reviewer wrote; null when nothing or erased."`
	Notes         *string  `json:"notes" doc:"The reviewer's notes; null when nothing or erased."`
	Checklist     []string `json:"checklist" doc:"The points of its review's queue that were confirmed with it; empty for none." nullable:"false"`
	Override      bool     `json:"override" doc:"Whether it was decided in spite of an earlier decision or an open hit."`
	Supersedes    *string  `json:"supersedes" doc:"The entry before it; null for the first."`
	RunID         *string  `json:"run_id" doc:"The processing it rests on; null without one."`
	DecidedAt     stamp    `json:"decided_at" doc:"When."`
}

func showRuling(r kyc.Ruling) ruling {
	return ruling{ID: string(r.ID), FromStatus: journey.Word(r.From), ToStatus: journey.Word(r.To), FinalDecision: r.Final, Source: r.Source, DecidedBy: showActor(r.By),
		ReasonCode: text(r.ReasonCode), Reason: text(r.Words.Reason), Notes: text(r.Words.Notes), Checklist: words(r.Words.Checklist), Override: r.Override, Supersedes: reference(r.Supersedes),
		RunID: reference(r.RunID), DecidedAt: at(r.CreatedAt)}
}

// consent is one consent the applicant gave or refused.
type consent struct {
	ID       string  `json:"id" doc:"The consent's id."`
	Kind     string  `json:"kind" doc:"What it is about."`
	Version  *string `json:"version" doc:"Version of the text; null when nothing was said."`
	TextHash string  `json:"text_hash" doc:"SHA-256 of the text that was shown, hex."`
	Given    bool    `json:"given" doc:"Whether it was given or refused."`
	At       stamp   `json:"at" doc:"When."`
}

func showConsent(c kyc.Consented) consent {
	return consent{ID: string(c.ID), Kind: c.Kind, Version: text(c.Version), TextHash: c.TextHash, Given: c.Given, At: at(c.At)}
}
