package checks

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"bonafide/api"
	"bonafide/checklist"
	"bonafide/intake"
	"bonafide/kyc"
)

// record is everything about a session (B9).
type record struct {
	SessionRecord sessionRecord     `json:"session_record" doc:"The session."`
	ResourceLinks map[string]string `json:"resource_links" doc:"Addresses of the files in force by name; each works for five minutes, and each look is recorded. Empty in webhooks."`
	User          *user             `json:"user" doc:"The applicant; null once erased."`
	SenderUser    sender            `json:"sender_user" doc:"Who made the session."`
}

type sessionRecord struct {
	SessionHead
	SenderUserID  string         `json:"sender_user_id" doc:"Who made it: the id of a key or a person."`
	WorkflowSteps []sessionStep  `json:"workflow_steps" doc:"The steps in their order." nullable:"false"`
	Location      *string        `json:"location" doc:"Country of the applicant, ISO 3166-1 alpha-2; null when unknown."`
	RedirectURL   *string        `json:"redirect_url" doc:"Where the applicant goes afterwards; null when you gave none."`
	MetaData      metaData       `json:"meta_data" doc:"Circumstances of the submission."`
	Metadata      map[string]any `json:"metadata" doc:"Yours."`
	Uploads       uploadsGiven   `json:"uploads" doc:"Which files are there."`
	AnalysisData  *analysis      `json:"analysis_data" doc:"What the checks said; null before the first of them."`
	Decisions     []decision     `json:"decisions" doc:"Every decision, oldest first; entries never change." nullable:"false"`
	ReasonCode    *string        `json:"reason_code" doc:"Why it stands where it stands, as a word; null without one."`
	CaseID        *string        `json:"case_id" doc:"Its review; null without one."`
	RedactedAt    stamp          `json:"redacted_at" doc:"When its personal data was erased; null before."`
}

type metaData struct {
	SubmissionIP *string `json:"submission_ip" doc:"Where a hosted applicant consented from; null when unknown or erased."`
	Device       *string `json:"device" doc:"The applicant's device; null when it did not say."`
	Browser      *string `json:"browser" doc:"The applicant's browser; null when it did not say."`
	ViewedAt     stamp   `json:"viewed_at" doc:"When the applicant first opened the link; null before."`
}

// uploadsGiven says which files a session has.
type uploadsGiven struct {
	IDFront          bool `json:"id_front" doc:"Front of the first ID."`
	IDBack           bool `json:"id_back" doc:"Back of the first ID."`
	SecondaryIDFront bool `json:"secondary_id_front" doc:"Front of the second ID."`
	SecondaryIDBack  bool `json:"secondary_id_back" doc:"Back of the second ID."`
	TertiaryIDFront  bool `json:"tertiary_id_front" doc:"Front of the third ID."`
	TertiaryIDBack   bool `json:"tertiary_id_back" doc:"Back of the third ID."`
	SelfieFront      bool `json:"selfie_front" doc:"The face from the front."`
	SelfieLeft       bool `json:"selfie_left" doc:"The face from the left."`
	SelfieRight      bool `json:"selfie_right" doc:"The face from the right."`
}

type user struct {
	ID        string  `json:"id" doc:"The applicant's id."`
	Email     *string `json:"email" doc:"Mail address."`
	FirstName *string `json:"first_name" doc:"Given names."`
	LastName  *string `json:"last_name" doc:"Family name."`
	Phone     *string `json:"phone" doc:"Telephone number."`
}

type sender struct {
	ID string `json:"id" doc:"The id of a key or a person."`
}

// decision is one entry of the decision history.
type decision struct {
	FromStatus string  `json:"from_status" doc:"Status before." enum:"PENDING,SUBMITTED,VERIFIED,REJECTED,VOIDED"`
	ToStatus   string  `json:"to_status" doc:"Status after." enum:"PENDING,SUBMITTED,VERIFIED,REJECTED,VOIDED"`
	Source     string  `json:"source" doc:"Who decided." enum:"automation,reviewer,api"`
	DecidedBy  string  `json:"decided_by" doc:"The id of the key or person; of the program its part."`
	ReasonCode *string `json:"reason_code" doc:"Why, as a word; null without one."`
	Reason     *string `json:"reason" doc:"What the reviewer wrote; null when nothing or erased."`
	Override   bool    `json:"override" doc:"Whether it reversed an earlier decision."`
	DecidedAt  stamp   `json:"decided_at" doc:"When."`
}

func (s *surface) recordRoutes() {
	api.Handle(s.Porch, said(op("get-check-session", http.MethodGet, "/sessions/{id}", groupSessions, "Retrieve a session", readSessions),
		"Everything that is known, with what the checks said. The look is recorded in the audit chain."),
		func(ctx context.Context, who api.Principal, in *struct {
			SessionPath
			Base
		}) (*tagged[record], error) {
			sid, err := id("session", in.ID)
			if err != nil {
				return nil, err
			}
			r, err := s.Machine.Session(ctx, who.Tenant, sid)
			if err != nil {
				return nil, err
			}
			now, err := s.now(ctx, who.Tenant)
			if err != nil {
				return nil, err
			}
			out := showRecord(&r)
			if s.Files != nil && r.Session.Readable() {
				for name, u := range named(r.Uploads) {
					out.ResourceLinks[name] = s.fileLink(in.Base, who, u, now)
				}
			}
			s.Porch.Read(ctx, kyc.Event{At: now, Action: "session.read", Object: "session", ObjectID: sid, SubjectID: r.Session.SubjectID, Surface: kyc.SurfaceChecks})
			return tag(r.Session.Meta, out), nil
		})
}

// showRecord shows a session without the links to its files.
func showRecord(r *intake.Record) record {
	s := &r.Session
	out := record{ResourceLinks: map[string]string{}, SenderUser: sender{ID: r.Sender}, SessionRecord: sessionRecord{
		SessionHead: headOf(r.State), SenderUserID: r.Sender, WorkflowSteps: shown(r.Steps, showStep), Location: text(s.Country), RedirectURL: text(s.RedirectURL),
		MetaData: metaData{ViewedAt: at(s.TokenUsedAt), SubmissionIP: addressOf(&r.Journey)}, Metadata: given(s.Private.Metadata), ReasonCode: text(s.ReasonCode),
		CaseID: text(string(s.CaseID)), RedactedAt: at(s.RedactedAt), Decisions: shown(r.Rulings, showDecision), AnalysisData: analysisOf(r),
	}}
	files := named(r.Uploads)
	has := func(name string) bool { _, ok := files[name]; return ok }
	out.SessionRecord.Uploads = uploadsGiven{has("id_front"), has("id_back"), has("secondary_id_front"), has("secondary_id_back"), has("tertiary_id_front"), has("tertiary_id_back"),
		has("selfie_front"), has("selfie_left"), has("selfie_right")}
	if s.Readable() {
		said := func(name string) *string {
			v, _ := s.Private.Fields[name].(string)
			return text(v)
		}
		out.User = &user{ID: string(s.SubjectID), Email: said("email"), FirstName: said("first_name"), LastName: said("last_name"), Phone: said("phone")}
	}
	return out
}

func showDecision(r kyc.Ruling) decision {
	return decision{FromStatus: intake.Word(r.From), ToStatus: intake.Word(r.To), Source: r.Source, DecidedBy: r.By.ID, ReasonCode: text(r.ReasonCode), Reason: text(r.Words.Reason),
		Override: r.Override, DecidedAt: at(r.CreatedAt)}
}

// addressOf is where the newest consent came from.
func addressOf(j *kyc.Journey) *string {
	for _, c := range slices.Backward(j.Consents) {
		if a := j.Private.Addresses[c.ID]; a != "" {
			return &a
		}
	}
	return nil
}

// named gives the files in force their names: those of the submissions, and of
// other files what they were asked for.
func named(uploads []kyc.Upload) map[string]kyc.Upload {
	out := map[string]kyc.Upload{}
	for _, u := range uploads {
		if u.Superseded || !u.Readable() {
			continue
		}
		name := nameOf(u)
		for n := 2; ; n++ {
			if _, taken := out[name]; !taken {
				break
			}
			name = nameOf(u) + "_" + strconv.Itoa(n)
		}
		out[name] = u
	}
	return out
}

func nameOf(u kyc.Upload) string {
	switch u.Kind {
	case "document_front", "document_back":
		side := u.Kind[len("document_"):]
		if u.Asked == "secondary" || u.Asked == "tertiary" {
			return u.Asked + "_id_" + side
		}
		return "id_" + side
	case "selfie":
		side := u.Side
		if side == "" {
			side = "front"
		}
		if u.StepID == checklist.AgeEstimation {
			return "age_selfie_" + side
		}
		return "selfie_" + side
	case "nfc":
		return "nfc_" + u.Side
	case "liveness":
		return "liveness"
	}
	if u.Asked != "" {
		return u.Asked
	}
	return u.Kind
}
