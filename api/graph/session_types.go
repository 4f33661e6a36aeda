package graph

import (
	"bonafide/api"
	"bonafide/flow"
	"bonafide/kyc"
)

const (
	readSessions  = "sessions:read"
	writeSessions = "sessions:write"
	redactData    = "data:redact"
)

type SessionPath struct {
	ID string `path:"id" doc:"The session's id." example:"session_0199a0b0-1111-7222-8333-444455556666"`
}

type newSession struct {
	ExternalRef string         `json:"external_ref,omitempty" doc:"Your own id of the person; sessions with the same one belong to one identity." maxLength:"200" example:"customer-42"`
	Country     string         `json:"country,omitempty" doc:"ISO 3166-1 alpha-2." maxLength:"2" minLength:"2" example:"NL"`
	WorkflowID  string         `json:"workflow_id,omitempty" doc:"Workflow to run; default: the default of the environment."`
	Metadata    map[string]any `json:"metadata,omitempty" doc:"Anything of yours; conditions read it as session.metadata."`
	RedirectURL string         `json:"redirect_url,omitempty" doc:"Where the applicant goes after capture." maxLength:"2048"`
	Fields      map[string]any `json:"fields,omitempty" doc:"Prefill of the form. Prefill never skips capture."`
	Tags        []string       `json:"tags,omitempty" doc:"Labels of yours." maxItems:"50" nullable:"false"`
}

type editSession struct {
	Metadata  map[string]any `json:"metadata,omitempty" doc:"Merged key by key; null removes a key (RFC 7396)."`
	Tags      *[]string      `json:"tags,omitempty" doc:"Replaces the tags." maxItems:"50" nullable:"false"`
	Fields    map[string]any `json:"fields,omitempty" doc:"Form data, merged key by key, while the session takes data (API-only capture)."`
	LegalHold *bool          `json:"legal_hold,omitempty" doc:"true blocks redaction."`
}

type SessionView struct {
	ID          string         `json:"id" doc:"The session's id." example:"session_0199a0b0-1111-7222-8333-444455556666"`
	ExternalRef string         `json:"external_ref" doc:"Your own id of the person."`
	IdentityID  string         `json:"identity_id" doc:"The person."`
	WorkflowID  string         `json:"workflow_id" doc:"The workflow."`
	Version     *int           `json:"workflow_version" doc:"Version it runs on, pinned when processing began; null before."`
	Status      string         `json:"status" doc:"Where the session stands." enum:"pending,capturing,processing,completed,expired,failed,awaiting_external,under_review,sandbox_pending"`
	Result      *string        `json:"result" doc:"How it was decided; null before a decision." enum:"approved,rejected,needs_review"`
	ReasonCode  string         `json:"reason_code" doc:"Reason of the terminal that was reached."`
	Country     string         `json:"country" doc:"ISO 3166-1 alpha-2, or empty."`
	Metadata    map[string]any `json:"metadata" doc:"Yours."`
	Tags        []string       `json:"tags" doc:"Yours." nullable:"false"`
	RedirectURL string         `json:"redirect_url" doc:"Where the applicant goes after capture."`
	IsSandbox   bool           `json:"is_sandbox" doc:"Whether it lives in the sandbox."`
	CaseID      *string        `json:"case_id" doc:"Its newest review; null without one."`
	LegalHold   bool           `json:"legal_hold" doc:"Whether redaction is blocked."`
	Sequence    int64          `json:"sequence" doc:"Grows with every webhook of this session."`
	CreatedAt   stamp          `json:"created_at" doc:"When it was made."`
	UpdatedAt   stamp          `json:"updated_at" doc:"When it last changed."`
	ExpiresAt   stamp          `json:"expires_at" doc:"When an unused capture link ends."`
	SubmittedAt stamp          `json:"submitted_at" doc:"When it was submitted; null before."`
	CompletedAt stamp          `json:"completed_at" doc:"When it ended; null before."`
	RedactedAt  stamp          `json:"redacted_at" doc:"When its personal data was erased; null before."`
	Damaged     bool           `json:"damaged,omitempty" doc:"True where what is stored of the session cannot be opened: it stands as failed, reason_code record_damaged. Only in lists; reading it fails with sealed_broken."`
}

func showSession(s kyc.Session) SessionView {
	out := SessionView{
		ID: kyc.Dress("session", s.ID), ExternalRef: s.ExternalRef, IdentityID: kyc.Dress("identity", s.SubjectID), WorkflowID: kyc.Dress("workflow", s.WorkflowID),
		Status: sessionStatus(s.Status), ReasonCode: s.ReasonCode, Country: s.Country, Metadata: s.Private.Metadata, Tags: words(s.Tags),
		RedirectURL: s.RedirectURL, IsSandbox: s.Tenant.Env == kyc.Sandbox, LegalHold: s.LegalHold, Sequence: s.Sequence,
		CreatedAt: at(s.CreatedAt), UpdatedAt: at(s.UpdatedAt), ExpiresAt: at(s.ExpiresAt), SubmittedAt: at(s.SubmittedAt),
		CompletedAt: at(s.CompletedAt), RedactedAt: at(s.RedactedAt), Damaged: s.Damaged,
	}
	if s.Version > 0 {
		out.Version = &s.Version
	}
	if s.Result != "" {
		result := string(s.Result)
		out.Result = &result
	}
	if s.CaseID != "" {
		c := kyc.Dress("case", s.CaseID)
		out.CaseID = &c
	}
	if out.Metadata == nil {
		out.Metadata = map[string]any{}
	}
	return out
}

// linked is a session with a fresh capture link.
type linked struct {
	SessionView
	CaptureURL    string `json:"capture_url" doc:"Where the applicant goes. The token in it works once and is shown only here."`
	QRCodeDataURL string `json:"qr_code_data_url" doc:"The same as a QR code, a data: URL of a PNG."`
}

type Upload struct {
	ID           string `json:"id" doc:"The document's id." example:"document_0199a0b0-1111-7222-8333-444455556666"`
	Type         string `json:"type" doc:"The data requirement it serves." example:"document_front"`
	DocumentType string `json:"document_type" doc:"What the sender said it is."`
	Side         string `json:"side,omitempty" doc:"Of a chip's file: SOD, COM, DG1 to DG16." example:"DG1"`
	ContentType  string `json:"content_type" doc:"As detected from the bytes." example:"image/jpeg"`
	Size         int64  `json:"size" doc:"Bytes."`
	SHA256       string `json:"sha256" doc:"Of the bytes, hex."`
	Superseded   bool   `json:"superseded" doc:"Whether a later file replaced it."`
	CreatedAt    stamp  `json:"created_at" doc:"When it was sent."`
	RedactedAt   stamp  `json:"redacted_at" doc:"When it was erased; null before."`
}

func showUpload(u kyc.Upload) Upload {
	return Upload{ID: kyc.Dress("document", u.ID), Type: u.Kind, DocumentType: u.DocumentType, Side: u.Side, ContentType: u.ContentType, Size: u.Size,
		SHA256: u.SHA256, Superseded: u.Superseded, CreatedAt: at(u.CreatedAt), RedactedAt: at(u.RedactedAt)}
}

// sentUpload is the answer to a file.
type sentUpload struct {
	Upload
	Warnings []api.Finding `json:"warnings" doc:"What the applicant can do better about the picture, each as a sentence for them: blurred, dark, a reflection, too small; of a selfie no face, several, too small, tilted, blurred. The file is taken all the same. Always empty in the sandbox." nullable:"false"`
}

// signedUpload is a file with a link to its bytes.
type signedUpload struct {
	Upload
	URL       string `json:"url" doc:"Gives the bytes without a key; ends after 5 minutes. Empty once erased."`
	ExpiresAt stamp  `json:"expires_at" doc:"When the link ends."`
}

type requirement struct {
	Name     string   `json:"name" doc:"The data requirement." example:"document_front"`
	Kind     string   `json:"kind" doc:"What must be given." enum:"file,field,action"`
	Required bool     `json:"required" doc:"Whether submission needs it."`
	Policies []string `json:"policies" doc:"The checks that work on it." nullable:"false"`
}

func showRequirement(r flow.Requirement) requirement {
	return requirement{Name: r.Name, Kind: r.Kind, Required: r.Required, Policies: words(r.Policies)}
}
