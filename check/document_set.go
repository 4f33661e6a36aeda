package check

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bonafide/field"
	"bonafide/kyc"
)

// requirement is one paper that a document step asks for (onboarding's
// Requirement).
type requirement struct {
	StepID        string       `json:"step_id"`
	DocumentType  string       `json:"document_type"`
	Role          string       `json:"role"`
	Required      bool         `json:"required"`
	AllowMultiple bool         `json:"allow_multiple"`
	AutoExtract   bool         `json:"auto_extract"`
	Own           bool         `json:"own"`
	ShowIf        *field.Logic `json:"show_if"`
	Validations   []validation `json:"validations"`
}

type documentSetConfig struct {
	Requirements   []requirement `json:"requirements"`
	AcceptSpecimen bool          `json:"accept_specimen"`
	Fields         *crossFields  `json:"fields"`
}

// logicSchema is a field.Logic inside a config; package field reads it.
const logicSchema = `{"type":"object","description":"Conditions over the form's answers."}`

func documentSet(d Deps) Check {
	s := spec("document_set", "Documents",
		"Opens every document that the steps ask for: identity documents are read and their check digits, dates and signs of forgery judged; other papers are opened, their picture and text judged, and what was not looked at is named. Gives one row for each document and the parties the papers name.",
		5*time.Minute)
	s.Provides = []string{"details.documents", "details.entities", "details.missing", "details.counts"}
	s.ConfigSchema = schema(`
"requirements":{"type":"array","minItems":1,"maxItems":200,"items":{"type":"object","additionalProperties":false,"required":["document_type"],"properties":{
"step_id":{"type":"string","maxLength":64,"description":"The step that asks for the document; absent: any."},
"document_type":{"type":"string","minLength":1,"maxLength":64,"description":"The type that is asked for, such as id, passport, proof_of_address or company_charter."},
"role":{"type":"string","maxLength":50,"description":"Who the document speaks of; absent: the applicant."},
"required":{"type":"boolean","description":"The document must be there."},
"allow_multiple":{"type":"boolean","description":"Several documents may answer."},
"auto_extract":{"type":"boolean","description":"The parties on the document are wanted."},
"own":{"type":"boolean","description":"The document is the applicant's own."},
"show_if":`+logicSchema+`,
"validations":{"type":"array","maxItems":50,"items":{"type":"object","additionalProperties":false,"required":["type"],"properties":{
"type":{"type":"string","enum":["`+strings.Join(validationTypes(), `","`)+`"],"description":"What is looked at."},
"params":{"type":"object","description":"Limits of the validation."},
"on_fail":{"type":"string","enum":["reject","warn"],"description":"reject makes the document invalid, warn is recorded."},
"message":{"type":"string","maxLength":2000,"description":"What the applicant is told."}}},"description":"Validations of the uploaded document."}}},
"description":"The documents that the steps ask for."},
"fields":{"type":"object","additionalProperties":false,"properties":`+crossPaths+`,"description":"The form's answers of the applicant that their own document is held against; absent: the usual names of fields."},
"accept_specimen":{"type":"boolean","default":false,"description":"Let a specimen or a document of a fictional issuer be valid. For demonstrations; each result says so."}`, `"required":["requirements"]`)
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		var c documentSetConfig
		if err := decode(r.Config, &c); err != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if d.Documents == nil || d.Blobs == nil {
			return notConfigured("reader_not_configured", "no document reader is set up here")
		}
		return lookAtDocuments(ctx, r, c, func(ctx context.Context, req requirement, files []kyc.Upload) (paper, *entity, *kyc.Answer) {
			return readPaper(ctx, d, r, req, c, files)
		})
	}}
}

// The statuses of a document.
const (
	paperValid      = "valid"
	paperInvalid    = "invalid"
	paperReview     = "review"
	paperUnreadable = "unreadable"
)

// readsPaper looks at one document; a non-nil Answer says that documents
// cannot be looked at now.
type readsPaper func(ctx context.Context, req requirement, files []kyc.Upload) (paper, *entity, *kyc.Answer)

// lookAtDocuments goes through the requirements. Live and sandbox differ only
// in how one document is read.
func lookAtDocuments(ctx context.Context, r kyc.CheckRequest, c documentSetConfig, read readsPaper) kyc.Answer {
	a := judged(kyc.Pass)
	papers, entities, missing, optional := []paper{}, []entity{}, []any{}, []any{}
	counts := map[string]any{paperValid: 0, paperInvalid: 0, paperReview: 0, paperUnreadable: 0}
	for _, req := range c.Requirements {
		groups := answering(r.Uploads, req)
		if len(groups) == 0 {
			kind := standardType(req.DocumentType)
			switch {
			case !visible(req.ShowIf, r): // nobody asked for it
			case !req.Required:
				optional = append(optional, kind)
			default:
				missing = append(missing, kind)
				a.Verdict = worse(a.Verdict, kyc.Fail)
				a.Reasons = append(a.Reasons, reason(critical, "document_missing", "a required document of type "+kind+" is missing"))
			}
			continue
		}
		for _, files := range groups {
			p, e, bad := read(ctx, req, files)
			if bad != nil {
				return *bad
			}
			p.identify(req, files)
			papers = append(papers, p)
			if e != nil {
				e.DocID, e.DocumentType, e.EntityRole, e.Own = p.DocID, p.DocumentType, first(req.Role, roleIndividual), req.Own
				entities = append(entities, *e)
			}
			n, _ := counts[p.Status].(int)
			counts[p.Status] = n + 1
			p.speak(&a)
		}
	}
	a.Details = map[string]any{
		"documents": plainly(papers), "entities": plainly(entities), "missing": missing, "not_given": optional, "counts": counts,
	}
	switch {
	case len(papers) == 0 && len(missing) == 0:
		a.Verdict = kyc.Skip
		a.Reasons = append(a.Reasons, reason(info, "no_documents", "no document was asked for or given"))
	case a.Verdict == kyc.Pass:
		a.Reasons = append(a.Reasons, reason(info, "documents_valid", fmt.Sprintf("%d documents are valid", len(papers))))
	}
	return a
}

// speak adds what a document means to the answer.
func (p paper) speak(a *kyc.Answer) {
	switch p.Status {
	case paperValid:
	case paperInvalid, paperUnreadable:
		a.Verdict = worse(a.Verdict, kyc.Fail)
	default:
		a.Verdict = worse(a.Verdict, kyc.VerdictReview)
	}
	for _, f := range p.Findings {
		message := fmt.Sprintf("document of type %s: %s", p.DocumentType, f.Message)
		a.Reasons = append(a.Reasons, kyc.Reason{Code: f.Code, Severity: f.Severity, Message: message})
	}
}

// visible reports whether a condition over the form holds its thing shown; no
// condition always does.
func visible(l *field.Logic, r kyc.CheckRequest) bool {
	if l == nil {
		return true
	}
	shown, _ := l.Effect(func(id string) (any, bool) {
		v, ok := r.Fields[id]
		return v, ok && v != nil
	}, r.Now)
	return shown
}

// standardType joins the two names of one type (api.md 3.4.1).
func standardType(kind string) string {
	if kind == "id_document" {
		return "id"
	}
	return kind
}

// askedType is the document type that an upload answers. Uploads of other
// surfaces say it by their kind.
func askedType(u kyc.Upload) string {
	if u.Asked != "" && u.Asked != idPrimary {
		return standardType(u.Asked)
	}
	switch u.Kind {
	case "document_front", "document_back":
		return standardType(first(u.DocumentType, "id"))
	}
	if _, name, ok := strings.Cut(u.Kind, ":"); ok {
		return standardType(name[strings.LastIndexByte(name, ':')+1:])
	}
	return standardType(u.Kind)
}

// isBack tells the second side of a document.
func isBack(u kyc.Upload) bool { return u.Side == "back" || u.Side == "" && u.Kind == "document_back" }

// answering gives the files in force that answer a requirement, grouped to
// documents: a back belongs to the first front before it that has none yet.
func answering(all []kyc.Upload, req requirement) [][]kyc.Upload {
	var out [][]kyc.Upload
	var backs []kyc.Upload
	for _, u := range all {
		if u.Superseded || !u.RedactedAt.IsZero() || askedType(u) != standardType(req.DocumentType) || u.FieldID != "" {
			continue
		}
		if req.StepID != "" && u.StepID != "" && u.StepID != req.StepID {
			continue
		}
		// An upload speaks of whom its requirement speaks of: an owner's passport
		// never stands for the applicant's.
		if first(u.EntityRole, roleIndividual) != first(req.Role, roleIndividual) {
			continue
		}
		if isBack(u) {
			backs = append(backs, u)
		} else {
			out = append(out, []kyc.Upload{u})
		}
	}
	for _, b := range backs {
		at := slices.IndexFunc(out, func(files []kyc.Upload) bool { return len(files) == 1 && !files[0].CreatedAt.After(b.CreatedAt) })
		if at < 0 {
			out = append(out, []kyc.Upload{b}) // a back alone is a document that is not complete
			continue
		}
		out[at] = append(out[at], b)
	}
	return out
}
