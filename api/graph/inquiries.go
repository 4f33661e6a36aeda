package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/inquiry"
	"bonafide/kyc"
)

const (
	runInquiries   = "watchlist:run"
	readInquiries  = "watchlist:read"
	judgeInquiries = "watchlist:update"
)

// Asked is a party outside of any session.
type Asked struct {
	ExternalRef string `json:"external_ref,omitempty" doc:"Your own id of the person; checks and sessions with the same one belong to one identity." maxLength:"200" example:"customer-42"`
	IdentityID  string `json:"identity_id,omitempty" doc:"A known identity, in place of external_ref." maxLength:"100"`
	NameFirst   string `json:"name_first,omitempty" doc:"Given names." maxLength:"500"`
	NameLast    string `json:"name_last,omitempty" doc:"Family name, or the name of a company." maxLength:"500"`
	Name        string `json:"name,omitempty" doc:"The whole name, in place of the two." maxLength:"1000"`
	EntityType  string `json:"entity_type,omitempty" doc:"What it is." enum:"person,company" default:"person"`
	Birthdate   string `json:"birthdate,omitempty" doc:"YYYY-MM-DD." maxLength:"10"`
	Country     string `json:"country,omitempty" doc:"ISO 3166-1 alpha-2: nationality, or where a company is registered." pattern:"^([A-Z]{2})?$"`
	Document    string `json:"document_number,omitempty" doc:"Number of an identity document or of a registration." maxLength:"200"`
	Email       string `json:"email,omitempty" doc:"E-mail address." maxLength:"200"`
	Phone       string `json:"phone,omitempty" doc:"Telephone number." maxLength:"200"`
	IP          string `json:"ip_address,omitempty" doc:"IP address." maxLength:"200"`
	Wallet      string `json:"wallet_address,omitempty" doc:"Address of a crypto asset." maxLength:"200"`
	Monitoring  string `json:"monitoring,omitempty" doc:"Ask again by itself: each day, each week, or when a list changes." enum:"off,daily,weekly,on_update" default:"off"`
}

func (a Asked) question(types []kyc.InquiryType, full bool) (inquiry.Question, error) {
	q := inquiry.Question{Types: types, Full: full, ExternalRef: a.ExternalRef, Kind: a.EntityType, Monitor: frequency(a.Monitoring),
		Who: kyc.InquiryData{Name: a.Name, FirstName: a.NameFirst, LastName: a.NameLast, BirthDate: a.Birthdate, Country: a.Country, Document: a.Document,
			Email: a.Email, Phone: a.Phone, IP: a.IP, Wallet: a.Wallet}}
	var err error
	q.Subject, err = reference("identity", "/identity_id", a.IdentityID)
	return q, err
}

func frequency(word string) kyc.WatchFrequency {
	if word == "off" {
		return ""
	}
	return kyc.WatchFrequency(word)
}

type inquiryPart struct {
	Type    string         `json:"check_type" doc:"What was asked."`
	Status  string         `json:"status" doc:"ok only when it was answered from fresh data; anything else is no clearance." enum:"ok,not_configured,unavailable,stale,error"`
	Verdict string         `json:"verdict,omitempty" doc:"What the check says: pass, fail, review or skip; only with status ok."`
	Score   *float64       `json:"score,omitempty" doc:"The check's own score."`
	Reasons []reason       `json:"reasons" doc:"Why." nullable:"false"`
	Lists   []listVersion  `json:"lists" doc:"Which lists were asked, in which version." nullable:"false"`
	Details map[string]any `json:"details,omitempty" doc:"Whatever else the check found out."`
}

type inquiryHit struct {
	ID        string `json:"id" doc:"Names the hit as long as it is known." example:"3b1f0c9a7d52e4f6a1b2c3d4e5f60718"`
	CheckType string `json:"check_type" doc:"Which type found it."`
	ListID    string `json:"list" doc:"The list."`
	EntryID   string `json:"entry_id" doc:"The source's own id of the entry."`
	Status    string `json:"status" doc:"What people say of it. A false_positive holds until the list says something else of the entry." enum:"open,false_positive,true_positive"`
	Since     stamp  `json:"since" doc:"When it was first found."`
	By        string `json:"reviewed_by,omitempty" doc:"Who judged it."`
	At        stamp  `json:"reviewed_at,omitzero" doc:"When."`
	Reason    string `json:"reason,omitempty" doc:"Why, in the reviewer's words."`
	Match     *hit   `json:"match,omitempty" doc:"The match as the last answer explains it; missing while its list does not answer."`
}

type inquiryView struct {
	ID          string        `json:"id" doc:"The check's id." example:"check_0199a0b0-1111-7222-8333-444455556666"`
	CheckType   string        `json:"check_type,omitempty" doc:"Of a single check: its type."`
	CheckTypes  []string      `json:"check_types" doc:"What was asked." nullable:"false"`
	IdentityID  string        `json:"identity_id" doc:"Whom it is about."`
	ExternalRef string        `json:"external_ref" doc:"Your own id of the person."`
	EntityType  string        `json:"entity_type" doc:"person or company."`
	NameFirst   string        `json:"name_first,omitempty" doc:"As it was asked."`
	NameLast    string        `json:"name_last,omitempty" doc:"As it was asked."`
	Name        string        `json:"name,omitempty" doc:"The whole name."`
	Birthdate   string        `json:"birthdate,omitempty" doc:"As it was asked."`
	Country     string        `json:"country,omitempty" doc:"As it was asked."`
	Status      string        `json:"status" doc:"completed when every part answered from fresh data." enum:"completed,incomplete,redacted"`
	Result      string        `json:"result" doc:"clear: nobody was found and every part passed; hits: somebody may be meant; concern: no hit, and yet no pass; incomplete: some part did not answer. Only clear is a clearance." enum:"clear,hits,concern,incomplete"`
	OpenHits    int           `json:"open_hits" doc:"Hits that nobody judged yet."`
	Cleared     int           `json:"cleared_hits" doc:"Hits that were dismissed as false positives."`
	Confirmed   int           `json:"confirmed_hits" doc:"Hits that were confirmed."`
	Hits        []inquiryHit  `json:"hits" doc:"All that is known, open ones first." nullable:"false"`
	Parts       []inquiryPart `json:"parts" doc:"The last answers, one for each type." nullable:"false"`
	Monitoring  string        `json:"monitoring" doc:"How often it is asked again by itself." enum:"off,daily,weekly,on_update"`
	AskedAt     stamp         `json:"asked_at" doc:"When it was asked last."`
	NextAt      stamp         `json:"next_at,omitzero" doc:"When it is asked again by the calendar."`
	Times       int           `json:"times_asked" doc:"How often it was asked."`
	CreatedAt   stamp         `json:"created_at" doc:"When it was asked first."`
	UpdatedAt   stamp         `json:"updated_at" doc:"When it last changed."`
}

func showInquiry(q kyc.Inquiry) inquiryView {
	d := q.Private
	v := inquiryView{ID: kyc.Dress("check", q.ID), IdentityID: kyc.Dress("identity", q.SubjectID), ExternalRef: q.ExternalRef, EntityType: q.Kind,
		NameFirst: d.FirstName, NameLast: d.LastName, Name: d.Name, Birthdate: d.BirthDate, Country: d.Country, Result: string(q.Result), Status: "completed",
		OpenHits: q.Open, Cleared: q.Cleared, Confirmed: q.Confirmed, Hits: []inquiryHit{}, Monitoring: string(q.Monitor), AskedAt: at(q.AskedAt), NextAt: at(q.NextAt),
		Times: q.Asked, CreatedAt: at(q.CreatedAt), UpdatedAt: at(q.UpdatedAt)}
	if v.Monitoring == "" {
		v.Monitoring = "off"
	}
	for _, t := range q.Types {
		v.CheckTypes = append(v.CheckTypes, string(t))
	}
	if !q.Full && len(q.Types) == 1 {
		v.CheckType = string(q.Types[0])
	}
	if d.Unreadable {
		v.Status, v.Parts = "redacted", []inquiryPart{}
		return v
	}
	matches := map[string]*hit{}
	v.Parts = all(d.Parts, func(p kyc.InquiryPart) inquiryPart {
		a := p.Answer
		if a.Status != kyc.StatusOK {
			v.Status = "incomplete"
		}
		shown := showHits(a.Hits)
		for i, h := range a.Hits {
			id := inquiry.HitID(p.Type, h.List, h.EntryID)
			if matches[id] == nil {
				matches[id] = &shown[i]
			}
		}
		return inquiryPart{Type: string(p.Type), Status: string(a.Status), Verdict: string(a.Verdict), Score: a.Score, Reasons: showReasons(a.Reasons), Lists: showLists(a.Lists), Details: a.Details}
	}).Body.Data
	for _, word := range []string{inquiry.Open, inquiry.TruePositive, inquiry.FalsePositive} {
		for _, k := range d.Known {
			if k.Status == word {
				id := inquiry.HitID(k.Type, k.List, k.EntryID)
				v.Hits = append(v.Hits, inquiryHit{ID: id, CheckType: string(k.Type), ListID: k.List, EntryID: k.EntryID, Status: k.Status, Since: at(k.Since),
					By: k.By.ID, At: at(k.At), Reason: k.Reason, Match: matches[id]})
			}
		}
	}
	return v
}

func showTaggedInquiry(q kyc.Inquiry, err error) (*tagged[inquiryView], error) {
	if err != nil {
		return nil, err
	}
	return tag(q.Meta, showInquiry(q)), nil
}

type InquiryPath struct {
	ID string `path:"id" doc:"The check's id." example:"check_0199a0b0-1111-7222-8333-444455556666"`
}

func (s *surface) inquiryRoutes() {
	p := s.Porch
	api.Handle(p, said(created(op("create-check", http.MethodPost, "/checks", "Checks", "Ask one thing about a party", runInquiries)),
		"Asks outside of any session and keeps the answer: sanctions, politically exposed persons, adverse media, a crypto address, or the risk of an e-mail address, telephone number or IP address. With monitoring it is asked again by itself, and `check.monitoring.new_hits` tells of each new hit once."),
		func(ctx context.Context, who api.Principal, in *struct {
			Body struct {
				CheckType string `json:"check_type" doc:"What to ask." enum:"sanction,pep,adverse_media,crypto,email_risk,phone_risk,ip_risk"`
				Asked
			}
		}) (*tagged[inquiryView], error) {
			q, err := in.Body.question([]kyc.InquiryType{kyc.InquiryType(in.Body.CheckType)}, false)
			if err != nil {
				return nil, err
			}
			return showTaggedInquiry(s.Inquiries.Ask(ctx, who.Tenant, who.Actor, q))
		})
	api.Handle(p, said(created(op("create-full-check", http.MethodPost, "/checks/full", "Checks", "Ask several things about a party at once", runInquiries)),
		"A screening: all named types in one answer; by default sanction, pep and adverse_media. Events are `screening.completed` and `screening.monitoring.new_hits`."),
		func(ctx context.Context, who api.Principal, in *struct {
			Body struct {
				CheckTypes []string `json:"check_types,omitempty" doc:"What to ask; default sanction, pep, adverse_media." maxItems:"7" nullable:"false" enum:"sanction,pep,adverse_media,crypto,email_risk,phone_risk,ip_risk"`
				Asked
			}
		}) (*tagged[inquiryView], error) {
			types := []kyc.InquiryType{kyc.InquirySanction, kyc.InquiryPEP, kyc.InquiryMedia}
			if len(in.Body.CheckTypes) > 0 {
				types = nil
				for _, t := range in.Body.CheckTypes {
					types = append(types, kyc.InquiryType(t))
				}
			}
			q, err := in.Body.question(types, true)
			if err != nil {
				return nil, err
			}
			return showTaggedInquiry(s.Inquiries.Ask(ctx, who.Tenant, who.Actor, q))
		})
	api.Handle(p, op("list-checks", http.MethodGet, "/checks", "Checks", "List checks", readInquiries), s.listInquiries)
	one := func(o api.Operation, do func(context.Context, api.Principal, kyc.ID) (kyc.Inquiry, error)) {
		api.Handle(p, o, func(ctx context.Context, who api.Principal, in *InquiryPath) (*tagged[inquiryView], error) {
			qid, err := id("check", in.ID)
			if err != nil {
				return nil, err
			}
			return showTaggedInquiry(do(ctx, who, qid))
		})
	}
	one(op("get-check", http.MethodGet, "/checks/{id}", "Checks", "Read a check", readInquiries), func(ctx context.Context, who api.Principal, qid kyc.ID) (kyc.Inquiry, error) {
		return s.Inquiries.Read(ctx, who.Tenant, qid)
	})
	rerun := op("rerun-check", http.MethodPost, "/checks/{id}/rerun", "Checks", "Ask the same again", runInquiries)
	rerun.Status = http.StatusOK
	one(fails(rerun, http.StatusConflict), func(ctx context.Context, who api.Principal, qid kyc.ID) (kyc.Inquiry, error) {
		return s.Inquiries.Again(ctx, who.Tenant, who.Actor, qid)
	})
	api.Handle(p, fails(op("update-check", http.MethodPatch, "/checks/{id}", "Checks", "Change how often a check is asked again", judgeInquiries), http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			InquiryPath
			api.IfMatch
			Body struct {
				Monitoring string `json:"monitoring" doc:"How often." enum:"off,daily,weekly,on_update"`
			}
		}) (*tagged[inquiryView], error) {
			qid, err := id("check", in.ID)
			if err != nil {
				return nil, err
			}
			return showTaggedInquiry(s.Inquiries.Watch(ctx, who.Tenant, who.Actor, qid, rev(in.IfMatch), frequency(in.Body.Monitoring)))
		})
	judge := func(name, path, summary, word string) {
		o := op(name, http.MethodPost, "/checks/{id}/hits/{hit_id}/"+path, "Checks", summary, judgeInquiries)
		o.Status = http.StatusOK
		api.Handle(p, fails(o, http.StatusConflict), func(ctx context.Context, who api.Principal, in *struct {
			InquiryPath
			HitID string `path:"hit_id" doc:"The hit's id." maxLength:"64"`
			Body  struct {
				Reason string `json:"reason" doc:"Why, for whoever looks later." minLength:"1" maxLength:"2000"`
			}
		}) (*tagged[inquiryView], error) {
			qid, err := id("check", in.ID)
			if err != nil {
				return nil, err
			}
			return showTaggedInquiry(s.Inquiries.Judge(ctx, who.Tenant, who.Actor, qid, in.HitID, word, in.Body.Reason))
		})
	}
	judge("dismiss-hit", "dismiss", "Dismiss a hit as a false positive", inquiry.FalsePositive)
	judge("confirm-hit", "confirm", "Confirm a hit", inquiry.TruePositive)
	judge("reopen-hit", "reopen", "Take back what was said of a hit", inquiry.Open)
	api.Handle(p, fails(said(op("get-check-report", http.MethodGet, "/checks/{id}/report", "Checks", "The check as a PDF file", readInquiries),
		"What was asked, what each list answered in which version, every hit with the points of its score, and who judged it."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *InquiryPath) (*fileAnswer, error) {
			qid, err := id("check", in.ID)
			if err != nil {
				return nil, err
			}
			q, err := s.Inquiries.Read(ctx, who.Tenant, qid)
			if err != nil {
				return nil, err
			}
			if q.Private.Unreadable {
				return nil, kyc.Errorf(kyc.Conflict, "redacted", "the data of this identity was erased")
			}
			pdf, err := inquiryReport(showInquiry(q))
			if err != nil {
				return nil, err
			}
			return &fileAnswer{ContentType: "application/pdf", Disposition: `attachment; filename="check.pdf"`, CacheControl: "no-store", Body: pdf}, nil
		})
}

func (s *surface) listInquiries(ctx context.Context, who api.Principal, in *struct {
	api.Offset
	ExternalRef string `query:"external_ref" doc:"Only checks of this person." maxLength:"200"`
	IdentityID  string `query:"identity_id" doc:"Only checks of this identity." maxLength:"100"`
	Result      string `query:"result" doc:"Only checks with this result." enum:"clear,hits,concern,incomplete"`
	Monitored   bool   `query:"monitored" doc:"Only checks that are asked again by themselves."`
}) (*answer[page[inquiryView]], error) {
	f := kyc.InquiryFilter{ExternalRef: in.ExternalRef, Result: kyc.InquiryResult(in.Result), Monitored: in.Monitored}
	var err error
	if f.SubjectID, err = reference("identity", "/query/identity_id", in.IdentityID); err != nil {
		return nil, err
	}
	pg, err := in.Page(s.Porch, who, "checks", f)
	if err != nil {
		return nil, err
	}
	list, total, err := s.Inquiries.List(ctx, who.Tenant, f, pg)
	if err != nil {
		return nil, err
	}
	return part(s, who, in.Offset, "checks", f, list, total, func(q kyc.Inquiry) kyc.ID { return q.ID }, showInquiry), nil
}
