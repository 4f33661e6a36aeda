package graph

import (
	"context"
	"encoding/json"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

type publishBody struct {
	ChangeNote        string      `json:"change_note,omitempty" doc:"Why it is published." maxLength:"2000"`
	RolloutPercentage *int        `json:"rollout_percentage,omitempty" doc:"Share of new sessions that take the new version; the others stay on the one in force. Default 100, or what the draft asks for." minimum:"0" maximum:"100" nullable:"true"`
	Guardrails        *guardrails `json:"guardrails,omitempty" doc:"Bounds of the rollout, for a share below 100. When the new version leaves one, the rollout is set back by itself."`
	Version           int         `json:"version,omitempty" doc:"Version to publish; default: the newest." minimum:"1"`
	PublishedBy       string      `json:"published_by,omitempty" doc:"Who publishes, for the four-eyes rule: id or e-mail address of a user. Default: the X-On-Behalf-Of header or the API key." maxLength:"200"`
}

type approveBody struct {
	ApprovedBy string `json:"approved_by,omitempty" doc:"Who approves: id or e-mail address of a user; not the one who asked. Default: the X-On-Behalf-Of header or the API key." maxLength:"200"`
}

type declineBody struct {
	Note string `json:"note,omitempty" doc:"Why; for the audit chain." maxLength:"2000"`
}

type rollbackBody struct {
	Version     int    `json:"version,omitempty" doc:"Old published version to restore; default: rollback_version of the workflow, which is the version of the other sessions during a rollout and otherwise the one that was in force for all before." minimum:"1"`
	FromVersion int    `json:"from_version,omitempty" doc:"The published_version that was read; the request is refused (409 in_force_changed) when another one is published by then." minimum:"1"`
	ChangeNote  string `json:"change_note,omitempty" doc:"Why; default: which version the new one is the same as." maxLength:"2000"`
}

type rolloutBody struct {
	RolloutPercentage *int        `json:"rollout_percentage,omitempty" doc:"New share: 0 pauses, 100 or null completes." minimum:"0" maximum:"100" nullable:"true"`
	Percentage        *int        `json:"percentage,omitempty" doc:"The same, under a shorter name." minimum:"0" maximum:"100" nullable:"true"`
	Guardrails        *guardrails `json:"guardrails,omitempty" doc:"New bounds in place of those of the rollout; an empty object takes them away, and without this member they stay. Named alone, the share stays."`

	named, shared, guarded bool
}

// UnmarshalJSON tells a share of null, which completes a rollout, from a
// forgotten one, which must not.
func (b *rolloutBody) UnmarshalJSON(raw []byte) error {
	type plain rolloutBody
	var p plain
	if err := api.DecodeInto(raw, &p); err != nil {
		return err
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		return err
	}
	*b = rolloutBody(p)
	b.named = len(given) > 0 // the schema lets no other names through
	_, long := given["rollout_percentage"]
	_, short := given["percentage"]
	_, b.guarded = given["guardrails"]
	b.shared = long || short
	return nil
}

// waits describes the answer to what a second person must approve.
func waits() map[int]string {
	return map[int]string{http.StatusAccepted: "Waits for the approval of a different person."}
}

// released is a workflow with what was done to it (200) or asked for (202).
func released(st session.State, err error) (*chosen[workflow], error) {
	if err != nil {
		return nil, err
	}
	out := &chosen[workflow]{Status: http.StatusOK, ETag: api.ETag(st.Workflow.Rev), Body: showWorkflow(st)}
	if st.Waiting {
		out.Status = http.StatusAccepted
	}
	return out, nil
}

func (s *surface) releaseRoutes() {
	p := s.Porch
	publish := said(op("publish-workflow", http.MethodPost, "/workflows/{id}/publish", "Workflows", "Publish the draft", publishWorkflows),
		"Puts the newest version into force for all or a share of new sessions. An invalid version is refused with every problem (422). When the organisation asks for four eyes, the answer is 202 and a different person must approve.")
	publish.Also = waits()
	api.Handle(p, fails(publish, http.StatusConflict, http.StatusPreconditionFailed), func(ctx context.Context, who api.Principal, in *struct {
		WorkflowPath
		api.IfMatch
		Body *publishBody
	}) (*chosen[workflow], error) {
		wid, err := id("workflow", in.ID)
		if err != nil {
			return nil, err
		}
		var b publishBody
		if in.Body != nil {
			b = *in.Body
		}
		bounds, err := b.Guardrails.read()
		if err != nil {
			return nil, err
		}
		st, pending, err := s.Workflows.Publish(ctx, who.Tenant, who.Actor, wid, rev(in.IfMatch),
			session.Publication{Number: b.Version, Note: b.ChangeNote, Percentage: b.RolloutPercentage, Guards: bounds, Person: b.PublishedBy})
		if err != nil {
			return nil, err
		}
		st.Waiting = pending
		return released(st, nil)
	})
	api.Handle(p, fails(op("approve-publication", http.MethodPost, "/workflows/{id}/publish/approve", "Workflows", "Approve a waiting publication", publishWorkflows), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			api.IfMatch
			Body *approveBody
		}) (*tagged[workflow], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			person := ""
			if in.Body != nil {
				person = in.Body.ApprovedBy
			}
			return showState(s.Workflows.Approve(ctx, who.Tenant, who.Actor, wid, rev(in.IfMatch), person))
		})
	api.Handle(p, fails(said(op("decline-publication", http.MethodPost, "/workflows/{id}/publish/decline", "Workflows", "Decline a waiting publication", publishWorkflows),
		"Takes away what waits for a second person; nothing else changes. Who asked for it may do so, too."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			api.IfMatch
			Body *declineBody
		}) (*tagged[workflow], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			note := ""
			if in.Body != nil {
				note = in.Body.Note
			}
			return showState(s.Workflows.Decline(ctx, who.Tenant, who.Actor, wid, rev(in.IfMatch), note))
		})
	rollback := said(op("rollback-workflow", http.MethodPost, "/workflows/{id}/rollback", "Workflows", "Make an old version current", publishWorkflows),
		"Publishes a copy of the old version as a new one, for all new sessions at once; a running rollout ends. A version that somebody went back from, or that was only tried on a share, comes back only when it is named. With four eyes the answer is 202 and a different person must approve.")
	rollback.Also = waits()
	api.Handle(p, fails(rollback, http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			api.IfMatch
			Body *rollbackBody
		}) (*chosen[workflow], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			var b rollbackBody
			if in.Body != nil {
				b = *in.Body
			}
			return released(s.Workflows.Rollback(ctx, who.Tenant, who.Actor, wid, rev(in.IfMatch),
				session.Return{Number: b.Version, From: b.FromVersion, Note: b.ChangeNote}))
		})
	rollout := said(op("set-rollout", http.MethodPut, "/workflows/{id}/rollout", "Workflows", "Change the share of a rollout", publishWorkflows),
		"Which version a session takes depends only on its id and the rollout, so it never flips; raising the share never moves a session back. Without a running rollout a share below 100 starts one between the version in force and the one before it, unless guardrails set the last one back (409 `rollout_set_back`): then publish again. `guardrails` are bounds that the new version must keep; what has ended already counts. With four eyes a smaller share of a running rollout counts at once, and so do its first guardrails; for anything else the answer is 202 and a different person must approve.")
	rollout.Also = waits()
	api.Handle(p, fails(rollout, http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			api.IfMatch
			Body rolloutBody
		}) (*chosen[workflow], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			if !in.Body.named {
				return nil, kyc.InvalidInput("invalid_rollout", "name the share", []kyc.Problem{{Path: "/rollout_percentage", Code: "required", Message: "name a share 0-100; null completes the rollout"}})
			}
			r := session.Rolling{Guarded: in.Body.guarded}
			if r.Guards, err = in.Body.Guardrails.read(); err != nil {
				return nil, err
			}
			if in.Body.shared {
				share := 100
				if in.Body.Percentage != nil {
					share = *in.Body.Percentage
				}
				if in.Body.RolloutPercentage != nil {
					share = *in.Body.RolloutPercentage
				}
				r.Percentage = &share
			}
			return released(s.Workflows.SetRollout(ctx, who.Tenant, who.Actor, wid, rev(in.IfMatch), r))
		})
	api.Handle(p, said(op("get-rollout", http.MethodGet, "/workflows/{id}/rollout", "Workflows", "Read a rollout and what it has shown", readWorkflows),
		"The running rollout with its bounds and how the sessions of both versions ended so far, and the last rollout when its bounds ended it. Shares are simple ones: sessions that ended so, of the sessions that ended."),
		func(ctx context.Context, who api.Principal, in *struct{ WorkflowPath }) (*answer[rolloutState], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			st, err := s.Workflows.Read(ctx, who.Tenant, wid, 0)
			if err != nil {
				return nil, err
			}
			progress, running, err := s.Workflows.Progress(ctx, &st.Workflow)
			if err != nil {
				return nil, err
			}
			out := rolloutState{Rollout: showRollout(st.Workflow.Rollout), SetBack: showSetBack(st.Workflow.SetBack)}
			if running {
				out.Results = &rolloutResults{Since: at(progress.Since), New: showTrials(progress.Fresh), Previous: showTrials(progress.Rest)}
			}
			return &answer[rolloutState]{Body: out}, nil
		})
	api.Handle(p, fails(said(op("set-default-workflow", http.MethodPost, "/workflows/{id}/default", "Workflows", "Make it the default", publishWorkflows),
		"There is one default per environment; the old one is unset in the same moment. Only a published workflow can be the default."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			api.IfMatch
		}) (*tagged[workflow], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			return showState(s.Workflows.SetDefault(ctx, who.Tenant, who.Actor, wid, rev(in.IfMatch)))
		})
	api.Handle(p, fails(said(op("deactivate-workflow", http.MethodPost, "/workflows/{id}/deactivate", "Workflows", "Stop its use by new sessions", publishWorkflows),
		"Sessions that exist run on. A default that is deactivated is no default any more. Publishing brings the workflow back."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			api.IfMatch
		}) (*tagged[workflow], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			return showState(s.Workflows.Deactivate(ctx, who.Tenant, who.Actor, wid, rev(in.IfMatch)))
		})
}
