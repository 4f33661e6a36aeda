package graph

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/insight"
	"bonafide/kyc"
	"bonafide/review"
)

const readQuality = "quality:read"

type qualityShares struct {
	Share      float64  `json:"share" doc:"Per cent of the cases, at most two decimals. Those that a run decides are never drawn." minimum:"0" maximum:"100"`
	Approvals  *float64 `json:"approvals,omitempty" doc:"In place of share, for cases that were approved." minimum:"0" maximum:"100"`
	Rejections *float64 `json:"rejections,omitempty" doc:"In place of share, for cases that were rejected." minimum:"0" maximum:"100"`
}

type qualityVerdict struct {
	Verdict     string   `json:"verdict" doc:"What the checker would have decided." enum:"approved,rejected"`
	ReviewerID  string   `json:"reviewer_id" doc:"The checker."`
	ReasonCodes []string `json:"reason_codes" doc:"Why, in the organisation's own codes (settings, reasons)." nullable:"false"`
	Note        *string  `json:"note" doc:"Why, in words; null once the person was erased."`
	Blind       bool     `json:"blind" doc:"Whether the console kept the decision from the checker until then."`
	At          stamp    `json:"at" doc:"When."`
}

type qualityView struct {
	State      string          `json:"state" doc:"waiting for its second look; done; void: nobody can look any more, because the data was erased or is withheld." enum:"waiting,done,void"`
	Share      float64         `json:"share" doc:"Per cent of such cases that were drawn when it was decided."`
	DrawnAt    stamp           `json:"drawn_at" doc:"When it was decided, and drawn with that."`
	ReasonCode *string         `json:"reason_code" doc:"The decision's reason code, where it has one of the organisation's list; null otherwise and while the case waits."`
	TakenBy    *string         `json:"taken_by" doc:"Who is at it; null when nobody is."`
	Agrees     *bool           `json:"agrees" doc:"Whether the verdict is the decision; null before."`
	Verdict    *qualityVerdict `json:"verdict" doc:"The checker's own; null before."`
}

// showQuality is nil for a case that was not drawn.
func showQuality(c *kyc.Case) *qualityView {
	q := c.Quality
	if q == nil || q.State == "" {
		return nil
	}
	out := &qualityView{State: string(q.State), Share: q.Share, DrawnAt: at(q.At)}
	if q.State == kyc.QualityWaiting {
		out.TakenBy = maybe(q.TakenBy)
	} else {
		out.ReasonCode = maybe(q.ReasonCode)
	}
	if v := q.Verdict; v != nil {
		out.Agrees = &v.Agrees
		out.Verdict = &qualityVerdict{Verdict: string(v.Outcome), ReviewerID: v.ReviewerID, ReasonCodes: words(v.ReasonCodes), Note: why(&c.Private, c.Private.Quality, ""), Blind: v.Blind, At: at(v.At)}
	}
	return out
}

// drawnCase says which case it is and nothing of how it was decided.
type drawnCase struct {
	CaseID     string      `json:"case_id" doc:"The case." example:"case_0199a0b0-1111-7222-8333-444455556666"`
	SessionID  *string     `json:"session_id" doc:"Its session; null for a case about a person."`
	IdentityID *string     `json:"identity_id" doc:"The person."`
	Queue      string      `json:"queue" doc:"The queue it was decided in."`
	Reason     string      `json:"case_reason_code" doc:"Why the case was opened."`
	Quality    qualityView `json:"quality" doc:"The second look."`
}

func showDrawn(c kyc.Case) drawnCase {
	view := showQuality(&c)
	if view == nil { // it cannot be opened
		view = &qualityView{State: string(kyc.QualityVoid)}
	}
	return drawnCase{CaseID: kyc.Dress("case", c.ID), SessionID: maybe(kyc.Dress("session", c.SessionID)), IdentityID: maybe(kyc.Dress("identity", c.SubjectID)),
		Queue: c.Queue, Reason: c.ReasonCode, Quality: *view}
}

type drawnPage struct {
	Data       []drawnCase    `json:"data" doc:"The cases: those that wait with the longest waiting first, others with the newest first." nullable:"false"`
	Pagination api.Pagination `json:"pagination" doc:"Where in the list this is."`
}

type qualityCount struct {
	Name      string   `json:"name" doc:"The queue, the reviewer or the reason code; empty for all, and for decisions without a reason code."`
	Drawn     int      `json:"drawn" doc:"Cases that were drawn."`
	Waiting   int      `json:"waiting" doc:"Of them, those that wait for their second look."`
	Void      int      `json:"void" doc:"Those that nobody can look at any more."`
	Looked    int      `json:"looked_at" doc:"Those with a verdict."`
	Agreed    int      `json:"agreed" doc:"Verdicts that were the decision."`
	Disagreed int      `json:"disagreed" doc:"Verdicts that were not."`
	Agreement *float64 `json:"agreement" doc:"Share of the verdicts that agreed, 0 to 1; null without a verdict."`
	Low       *float64 `json:"agreement_low" doc:"Lower end of its 95 % interval (Wilson, 1927)."`
	High      *float64 `json:"agreement_high" doc:"Upper end."`
	Kappa     *float64 `json:"kappa" doc:"Agreement beyond chance (Cohen, 1960): 1 is full, 0 that of chance; null where both sides only ever said the same thing."`
}

type qualityFigures struct {
	From      stamp          `json:"from" doc:"Beginning of the period."`
	To        stamp          `json:"to" doc:"Its end, not part of it."`
	All       qualityCount   `json:"all" doc:"All cases that were decided in the period and drawn."`
	Queues    []qualityCount `json:"queues" doc:"The same by queue, those with the most first." nullable:"false"`
	Reviewers []qualityCount `json:"reviewers" doc:"By who decided. Where two did, each counts with their own word." nullable:"false"`
	Reasons   []qualityCount `json:"reason_codes" doc:"By the decision's reason code." nullable:"false"`
}

func showCount(r insight.QualityRow) qualityCount {
	out := qualityCount{Name: r.Name, Drawn: r.Drawn, Waiting: r.Waiting, Void: r.Void, Looked: r.Looked(), Agreed: r.Agreed(), Disagreed: r.Disagreed()}
	if share, low, high, ok := r.Share(); ok {
		out.Agreement, out.Low, out.High = &share, &low, &high
	}
	if kappa, ok := r.Kappa(); ok {
		out.Kappa = &kappa
	}
	return out
}

func showCounts(list []insight.QualityRow) []qualityCount {
	out := make([]qualityCount, 0, len(list))
	for _, r := range list {
		out = append(out, showCount(r))
	}
	return out
}

func (s *surface) qualityRoutes() {
	p := s.Porch
	api.Handle(p, said(op("list-quality-cases", http.MethodGet, "/cases/quality", "Cases", "List cases drawn for a second look", readCases),
		"A share of the cases that people decide (settings, quality) is drawn and looked at again afterwards by somebody who took no part, to see how well decisions hold. Nothing about the decision waits or changes, and no webhook tells of it. The list says nothing of how the cases were decided; `GET /cases/{id}` does."),
		s.listQuality)
	api.Handle(p, said(op("quality-figures", http.MethodGet, "/cases/quality/figures", "Cases", "How far second looks agree", readQuality),
		"Counts the cases that were decided in the period and drawn, with the share of verdicts that agreed with the decision."),
		func(ctx context.Context, who api.Principal, in *struct {
			From time.Time `query:"from" doc:"Decided at this time or later; default: 30 days before to."`
			To   time.Time `query:"to" doc:"Decided before this time; default: now. At most 366 days after from."`
		}) (*answer[qualityFigures], error) {
			now, err := s.Reviews.Now(ctx, who.Tenant)
			if err != nil {
				return nil, err
			}
			to := in.To
			if to.IsZero() {
				to = now
			}
			from := in.From
			if from.IsZero() {
				from = to.AddDate(0, 0, -30)
			}
			q, err := s.Figures.Quality(ctx, who.Tenant, from, to)
			if err != nil {
				return nil, err
			}
			return &answer[qualityFigures]{Body: qualityFigures{From: at(q.From), To: at(q.To), All: showCount(q.All), Queues: showCounts(q.Queues), Reviewers: showCounts(q.Reviewers), Reasons: showCounts(q.Reasons)}}, nil
		})
	api.Handle(p, fails(said(op("judge-quality", http.MethodPost, "/cases/{id}/quality", "Cases", "Say what a second look found", writeCases),
		"Keeps the checker's own verdict on a case that was drawn, and whether it agrees with the decision. It changes nothing of the decision: to take one back, use what its surface has for that. Whoever took part in the case is refused (403 `took_part`), whoever made it or the session (403 `conflict_of_interest`), and whoever lacks skills that its queue asks for (403 `skills_missing`)."),
		http.StatusForbidden, http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			CasePath
			api.IfMatch
			Body struct {
				ReviewerID  string   `json:"reviewer_id,omitempty" doc:"The checker: the id or e-mail address of a user, or any name of yours. Default: the X-On-Behalf-Of header." maxLength:"200"`
				Verdict     string   `json:"verdict" doc:"What the checker would have decided." enum:"approved,rejected"`
				ReasonCodes []string `json:"reason_codes" doc:"Why: codes of the organisation's reasons for this decision (settings, reasons)." minItems:"1" maxItems:"10" nullable:"false"`
				Note        string   `json:"note" doc:"Why, in words. Stored encrypted." minLength:"1" maxLength:"2000"`
			}
		}) (*tagged[caseView], error) {
			return s.act(ctx, who, in.ID, func(cid kyc.ID) (kyc.Case, error) {
				return s.Reviews.QualityJudge(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch),
					review.QualityWord{ReviewerID: in.Body.ReviewerID, Outcome: kyc.Outcome(in.Body.Verdict), Codes: in.Body.ReasonCodes, Note: in.Body.Note})
			})
		})
}

func (s *surface) listQuality(ctx context.Context, who api.Principal, in *struct {
	api.Offset
	State string    `query:"state" doc:"Only these." enum:"waiting,done,void" default:"waiting"`
	Queue string    `query:"queue" doc:"Only of this queue." maxLength:"100"`
	From  time.Time `query:"from" doc:"Decided at this time or later."`
	To    time.Time `query:"to" doc:"Decided before this time."`
}) (*answer[drawnPage], error) {
	f := kyc.QualityFilter{State: kyc.QualityState(in.State), Queue: in.Queue, From: in.From, To: in.To}
	pg, err := in.Page(s.Porch, who, "cases/quality", f)
	if err != nil {
		return nil, err
	}
	list, total, err := s.Reviews.QualityList(ctx, who.Tenant, f, pg)
	if err != nil {
		return nil, err
	}
	shown := part(s, who, in.Offset, "cases/quality", f, list, total, func(c kyc.Case) kyc.ID { return c.ID }, showDrawn)
	return &answer[drawnPage]{Body: drawnPage{Data: shown.Body.Data, Pagination: shown.Body.Pagination}}, nil
}
