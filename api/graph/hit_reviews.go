package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/review"
)

// hitReview is a reviewer's word on a hit as a case shows it.
type hitReview struct {
	Check      string  `json:"check" doc:"The check that found it." example:"watchlist_screening"`
	List       string  `json:"list" doc:"The list." example:"ofac_sdn"`
	EntryID    string  `json:"id" doc:"The source's own id of the entry." example:"7771"`
	Party      *string `json:"party" doc:"The name that was asked for, where a check asks for several; null otherwise."`
	Word       string  `json:"word" doc:"What was said of it." enum:"false_positive,true_positive,open"`
	ReasonCode *string `json:"reason_code" doc:"Why, as a word; null without one."`
	Reason     string  `json:"reason" doc:"Why."`
	ReviewerID string  `json:"reviewer_id" doc:"Who said so."`
	By         actor   `json:"by" doc:"With which credential."`
	At         stamp   `json:"at" doc:"When."`
	Remembered bool    `json:"remembered" doc:"Whether the word is kept for the next screening of the person. It is not where the entry or the question could not be told."`
}

func showHitReviews(c *kyc.Case) []hitReview {
	out := make([]hitReview, 0, len(c.Private.Hits))
	for _, j := range c.Private.Hits {
		out = append(out, hitReview{Check: j.Policy, List: j.List, EntryID: j.EntryID, Party: maybe(j.Party), Word: string(j.Word), ReasonCode: maybe(j.ReasonCode),
			Reason: j.Reason, ReviewerID: j.Person, By: showActor(j.By), At: at(j.At), Remembered: j.Kept != ""})
	}
	return out
}

func (s *surface) hitReviewRoutes() {
	api.Handle(s.Porch, fails(said(created(op("review-hit", http.MethodPost, "/cases/{id}/hit-reviews", "Cases", "Judge a hit", writeCases)),
		"Says of one hit of the case's run that it is a false or a true positive. The word is kept for the person: a false positive is taken out of later screenings, before their limit, until the entry of the list or what is asked of the person changes; then it is a hit again and `details.reopened` says why. The check's own answer and the case stay undecided. Under dual review a false positive counts once a second person has decided the case. 404 for a hit that the run does not have."),
		http.StatusConflict, http.StatusPreconditionFailed),
		func(ctx context.Context, who api.Principal, in *struct {
			CasePath
			api.IfMatch
			Body struct {
				List       string `json:"list" doc:"The list." minLength:"1" maxLength:"200" example:"ofac_sdn"`
				EntryID    string `json:"id" doc:"The source's own id of the entry." minLength:"1" maxLength:"500" example:"7771"`
				Word       string `json:"word" doc:"What it is; open takes an earlier word back." enum:"false_positive,true_positive,open"`
				Reason     string `json:"reason" doc:"Why. Say what differs; the next reviewer and the auditor will ask." minLength:"1" maxLength:"2000" example:"Born in another year and place."`
				ReasonCode string `json:"reason_code,omitempty" doc:"Why, as a word in snake_case; shown with later screenings." maxLength:"64" example:"other_birth_date"`
				Check      string `json:"check,omitempty" doc:"Only the hit of this check." maxLength:"100"`
				Party      string `json:"party,omitempty" doc:"Only the hit of this party, by the name that was asked for." maxLength:"500"`
				ReviewerID string `json:"reviewer_id,omitempty" doc:"Who says so: the id or e-mail address of a user, or any name of yours." maxLength:"200"`
			}
		}) (*tagged[caseView], error) {
			return s.act(ctx, who, in.ID, func(cid kyc.ID) (kyc.Case, error) {
				b := in.Body
				return s.Reviews.JudgeHit(ctx, who.Tenant, who.Actor, cid, rev(in.IfMatch), review.Judgement{List: b.List, EntryID: b.EntryID, Policy: b.Check,
					Party: b.Party, Word: kyc.HitWord(b.Word), ReasonCode: b.ReasonCode, Reason: b.Reason, ReviewerID: b.ReviewerID})
			})
		})
}
