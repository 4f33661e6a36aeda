package graph

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

func (s *surface) draftRoutes() {
	p := s.Porch
	api.Handle(p, op("list-versions", http.MethodGet, "/workflows/{id}/versions", "Workflows", "Versions of a workflow", readWorkflows),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			api.Offset
		}) (*answer[page[workflowVersion]], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			pg, err := in.Page(s.Porch, who, "versions", wid)
			if err != nil {
				return nil, err
			}
			list, total, err := s.Workflows.Versions(ctx, who.Tenant, wid, pg)
			if err != nil {
				return nil, err
			}
			return part(s, who, in.Offset, "versions", wid, list, total, func(v kyc.WorkflowVersion) kyc.ID { return v.ID }, showVersion), nil
		})
	api.Handle(p, op("list-drafts", http.MethodGet, "/workflows/{id}/drafts", "Workflows", "Versions that were never published", readWorkflows),
		func(ctx context.Context, who api.Principal, in *WorkflowPath) (*answer[whole[workflowVersion]], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			list, err := s.Workflows.Drafts(ctx, who.Tenant, wid)
			if err != nil {
				return nil, err
			}
			return all(list, showVersion), nil
		})
	api.Handle(p, said(op("get-draft", http.MethodGet, "/workflows/{id}/drafts/{draft_id}", "Workflows", "Read a draft", readWorkflows),
		"Shows the workflow as it would be with this version."),
		func(ctx context.Context, who api.Principal, in *DraftPath) (*tagged[workflow], error) {
			return showState(s.draft(ctx, who, in))
		})
	api.Handle(p, op("diff-draft", http.MethodGet, "/workflows/{id}/drafts/{draft_id}/diff", "Workflows", "A draft against what is in force", readWorkflows), s.diffDraft)
	api.Handle(p, said(op("dry-run-draft", http.MethodPost, "/workflows/{id}/drafts/{draft_id}/dry-run", "Workflows", "Simulate a draft", readWorkflows),
		"Walks the draft with made-up answers of its checks and decisions at its gates; nothing is stored and no provider is asked."), s.dryRun)
}

func (s *surface) draft(ctx context.Context, who api.Principal, in *DraftPath) (session.State, error) {
	wid, err := id("workflow", in.ID)
	if err != nil {
		return session.State{}, err
	}
	did, err := id("draft", in.DraftID)
	if err != nil {
		return session.State{}, err
	}
	return s.Workflows.Draft(ctx, who.Tenant, wid, did)
}

func (s *surface) diffDraft(ctx context.Context, who api.Principal, in *DraftPath) (*answer[difference], error) {
	wid, err := id("workflow", in.ID)
	if err != nil {
		return nil, err
	}
	did, err := id("draft", in.DraftID)
	if err != nil {
		return nil, err
	}
	from, to, d, err := s.Workflows.Diff(ctx, who.Tenant, wid, did)
	if err != nil {
		return nil, err
	}
	out := showDifference(d)
	out.ToVersion = to
	if from > 0 {
		out.FromVersion = &from
	}
	return &answer[difference]{Body: out}, nil
}
