package store

import (
	"encoding/json"
	"errors"
	"fmt"

	"bonafide/kyc"
)

// omit stands in for a member that a document leaves out.
type omit struct{}

// bare hides the members of kyc.Meta, which have columns of their own: its
// fields are one level shallower than those of the embedded object's Meta.
type bare struct {
	ID        *omit `json:"id,omitempty"`
	Tenant    *omit `json:"tenant,omitempty"`
	Rev       *omit `json:"rev,omitempty"`
	CreatedAt *omit `json:"created_at,omitempty"`
	UpdatedAt *omit `json:"updated_at,omitempty"`
}

type (
	orgDoc struct {
		bare
		*kyc.Org
	}
	userDoc struct {
		bare
		*kyc.User
	}
	keyDoc struct {
		bare
		*kyc.APIKey
	}
	workflowDoc struct {
		bare
		*kyc.Workflow
	}
	versionDoc struct {
		bare
		*kyc.WorkflowVersion
	}
	subjectDoc struct {
		bare
		*kyc.Subject
	}
	sessionDoc struct {
		bare
		*kyc.Session
	}
	uploadDoc struct {
		bare
		*kyc.Upload
	}
	runDoc struct {
		bare
		*kyc.Run
	}
	caseDoc struct {
		bare
		*kyc.Case
	}
	noteDoc struct {
		bare
		*kyc.Note
	}
	listDoc struct {
		bare
		*kyc.List
	}
	listItemDoc struct {
		bare
		*kyc.ListItem
	}
	endpointDoc struct {
		bare
		*kyc.Endpoint
	}
	keySetDoc struct {
		bare
		*kyc.SignatureKeys
	}
	deliveryDoc struct {
		bare
		*kyc.Delivery
	}
	journeyDoc struct {
		bare
		*kyc.Journey
	}
	transferDoc struct {
		bare
		*kyc.Transfer
	}
	examDoc struct {
		bare
		*kyc.Exam
	}
	rulingDoc struct {
		bare
		*kyc.Ruling
	}
	watchDoc struct {
		bare
		*kyc.Watch
	}
	watchedDoc struct {
		bare
		*kyc.Watched
	}
	watchRunDoc struct {
		bare
		*kyc.MonitorRun
	}
	inquiryDoc struct {
		bare
		*kyc.Inquiry
	}
)

// record is an object ready to be written.
type record struct {
	kind *kind
	cols []any // values of kind.cols
	doc  any
	// secret is the personal part (nil: none), sealed under the key of owner
	// (empty: the tenant's). gone means its key was destroyed.
	secret any
	owner  kyc.ID
	gone   bool
}

// encode takes an object apart. The values of cols are string and int64 only.
func encode(o kyc.Object) (record, error) {
	if damaged(o) {
		return record{}, errSealed(errors.New("what could not be opened is not written over"))
	}
	switch v := o.(type) {
	case *kyc.Session:
		r := record{kind: kindSession, doc: sessionDoc{Session: v}, owner: v.SubjectID, gone: v.Private.Unreadable,
			cols: []any{string(v.Status), string(v.Surface), string(v.WorkflowID), v.ExternalRef, string(v.SubjectID), v.TokenHash, micros(v.ExpiresAt), joined(v.Tags),
				micros(v.EndedAt()), int64(v.Keeping()), flag(v.LegalHold)}}
		if v.Private.Fields != nil || v.Private.Metadata != nil || v.Private.Corrected != nil || v.Private.Established != nil {
			r.secret = &v.Private
		}
		return r, nil
	case *kyc.Run:
		return record{kind: kindRun, doc: runDoc{Run: v}, cols: []any{string(v.SessionID), string(v.Status), micros(v.DueAt), v.LeaseOwner}}, nil
	case *kyc.Subject:
		r := record{kind: kindSubject, doc: subjectDoc{Subject: v}, owner: v.ID, gone: v.Private.Unreadable, cols: []any{v.ExternalRef, string(v.Status), string(v.MergedInto), micros(v.LookAt)}}
		if v.Private.Name != "" || v.Private.Email != "" || v.Private.Phone != "" || v.Private.Attributes != nil {
			r.secret = &v.Private
		}
		return r, nil
	case *kyc.Delivery:
		r := record{kind: kindDelivery, doc: deliveryDoc{Delivery: v}, owner: v.SubjectID, gone: v.Unreadable,
			cols: []any{string(v.EventID), string(v.EndpointID), v.EventName, string(v.State), int64(v.Attempt), micros(v.DueAt), ""}}
		if answers := answersOf(v); len(answers) > 0 {
			r.secret = &answers
		}
		return r, nil
	case *kyc.Upload:
		return record{kind: kindUpload, doc: uploadDoc{Upload: v}, cols: []any{string(v.SessionID), string(v.SubjectID)}}, nil
	case *kyc.Case:
		r := record{kind: kindCase, doc: caseDoc{Case: v}, owner: v.SubjectID, gone: v.Private.Unreadable,
			cols: []any{string(v.SessionID), string(v.Status), v.Queue, int64(v.Priority), v.AssignedTo, micros(v.EnteredReviewAt), micros(v.LastActivityAt), micros(v.DueAt()), v.ReasonCode, "", int64(0)}}
		if q := v.Quality; q != nil && q.State != "" {
			r.cols[len(r.cols)-2], r.cols[len(r.cols)-1] = string(q.State), micros(q.At)
		}
		if !v.Private.Empty() { // most cases are filed without a word
			r.secret = &v.Private
		}
		return r, nil
	case *kyc.Note:
		return record{kind: kindNote, doc: noteDoc{Note: v}, secret: &v.Text, owner: v.SubjectID, cols: []any{string(v.CaseID), string(v.SubjectID)}}, nil
	case *kyc.Workflow:
		c := v.Catalog
		if c == nil {
			c = &kyc.WorkflowCatalog{}
		}
		return record{kind: kindWorkflow, doc: workflowDoc{Workflow: v},
			cols: []any{string(v.Surface), v.Slug, string(v.Status), flag(v.IsDefault), v.Name, c.TemplateType, c.Industry, joined(c.EntityTypes), joined(c.Tags)}}, nil
	case *kyc.WorkflowVersion:
		return record{kind: kindVersion, doc: versionDoc{WorkflowVersion: v}, cols: []any{string(v.WorkflowID), int64(v.Number)}}, nil
	case *kyc.List:
		return record{kind: kindList, doc: listDoc{List: v}, cols: []any{string(v.Type), string(v.Mode), micros(v.ArchivedAt)}}, nil
	case *kyc.ListItem:
		return record{kind: kindListItem, doc: listItemDoc{ListItem: v}, secret: &v.Value, cols: []any{string(v.ListID), v.Hash}}, nil
	case *kyc.Endpoint:
		return record{kind: kindEndpoint, doc: endpointDoc{Endpoint: v}, secret: &v.Secrets, cols: []any{v.Status, joined(v.Events)}}, nil
	case *kyc.SignatureKeys:
		return record{kind: kindKeySet, doc: keySetDoc{SignatureKeys: v}, secret: &v.Seeds}, nil
	case *kyc.Org:
		return record{kind: kindOrg, doc: orgDoc{Org: v}}, nil
	case *kyc.User:
		return record{kind: kindUser, doc: userDoc{User: v}, cols: []any{lower(v.Email), bound(v.External)}}, nil
	case *kyc.APIKey:
		return record{kind: kindKey, doc: keyDoc{APIKey: v}, cols: []any{v.Prefix}}, nil
	}
	return encodeOnboarding(o)
}

// encodeOnboarding takes an object of the onboarding surface apart.
func encodeOnboarding(o kyc.Object) (record, error) {
	switch v := o.(type) {
	case *kyc.Journey:
		r := record{kind: kindJourney, doc: journeyDoc{Journey: v}, owner: v.SubjectID, gone: v.Private.Unreadable,
			cols: []any{string(v.SubjectID), string(v.ParentID), flag(!v.ArchivedAt.IsZero())}}
		if d := &v.Private; d.Name != "" || d.Email != "" || len(d.Messages)+len(d.Files)+len(d.Superseded)+len(d.Warnings)+len(d.Addresses) > 0 {
			r.secret = d
		}
		return r, nil
	case *kyc.Transfer:
		due := micros(v.ExpiresAt)
		if v.UploadID != "" {
			due = 0 // it arrived, nothing is left to sweep away
		}
		return record{kind: kindTransfer, doc: transferDoc{Transfer: v}, secret: &v.FileName, owner: v.SubjectID, gone: v.Unreadable,
			cols: []any{string(v.SessionID), string(v.SubjectID), due}}, nil
	case *kyc.Exam:
		return record{kind: kindExam, doc: examDoc{Exam: v}, secret: &v.Answer, owner: v.SubjectID, gone: v.Unreadable,
			cols: []any{string(v.SessionID), string(v.SubjectID), v.Policy, v.InputHash}}, nil
	case *kyc.Ruling:
		return record{kind: kindRuling, doc: rulingDoc{Ruling: v}, secret: &v.Words, owner: v.SubjectID, gone: v.Words.Unreadable,
			cols: []any{string(v.SessionID), string(v.SubjectID)}}, nil
	case *kyc.HitReview:
		return hitReviewRecord(v), nil
	case *kyc.Backtest:
		return backtestRecord(v), nil
	case *kyc.RetentionState:
		return record{kind: kindRetentionState, doc: retentionStateDoc{RetentionState: v}}, nil
	case *kyc.FaceTemplate:
		return faceRecord(v)
	case *kyc.Watch:
		var due int64
		if v.Status == kyc.WatchActive {
			due = micros(v.NextAt)
		}
		return record{kind: kindWatch, doc: watchDoc{Watch: v}, secret: &v.Alert,
			cols: []any{string(v.Status), string(v.Frequency), due, joined(v.Tags)}}, nil
	case *kyc.Watched:
		return record{kind: kindWatched, doc: watchedDoc{Watched: v}, secret: &v.Private, owner: v.SubjectID, gone: v.Private.Unreadable,
			cols: []any{string(v.WatchID), string(v.SubjectID), string(v.SessionID), joined(v.Tags)}}, nil
	case *kyc.Inquiry:
		return record{kind: kindInquiry, doc: inquiryDoc{Inquiry: v}, secret: &v.Private, owner: v.SubjectID, gone: v.Private.Unreadable,
			cols: []any{string(v.SubjectID), v.ExternalRef, string(v.Result), string(v.Monitor), micros(v.NextAt)}}, nil
	case *kyc.MonitorRun:
		return record{kind: kindWatchRun, doc: watchRunDoc{MonitorRun: v}, cols: []any{string(v.WatchID)}}, nil
	}
	return encodeEntities(o)
}

// bound is the person of another house as the unique index of accounts has
// them; no issuer has a space. Empty for nobody.
func bound(x *kyc.ExternalID) string {
	if x == nil {
		return ""
	}
	return x.Issuer + " " + x.Subject
}

// answersOf are the answers of the attempts, by their number; none when nobody
// answered anything.
func answersOf(d *kyc.Delivery) map[int]string {
	out := map[int]string{}
	for i, t := range d.Attempts {
		if t.Answer != "" {
			out[i] = t.Answer
		}
	}
	return out
}

// sealedMark says what a secret column holds.
const (
	markErased byte = 0 // its key was destroyed before this write
	markSealed byte = 1
)

// seal encrypts the personal part of a record.
func seal(k *dataKey, r record, id kyc.ID) ([]byte, error) {
	plain, err := json.Marshal(r.secret)
	if err != nil {
		return nil, fmt.Errorf("writing the personal part of a %s: %w", r.kind.what, err)
	}
	out, err := k.encrypt(plain, r.kind.place(id))
	if err != nil {
		return nil, fmt.Errorf("sealing a %s: %w", r.kind.what, err)
	}
	return append([]byte{markSealed}, out...), nil
}

// open decrypts a secret column into dest. It reports false for data whose
// key is gone.
func open(k *dataKey, place string, secret []byte, dest any) error {
	plain, err := k.decrypt(secret[1:], place)
	if err != nil {
		return errSealed(fmt.Errorf("opening a sealed column: %w", err))
	}
	if err := json.Unmarshal(plain, dest); err != nil {
		return errSealed(fmt.Errorf("reading a sealed column: %w", err))
	}
	return nil
}
