package graph

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"bonafide/api"
	"bonafide/backtest"
	"bonafide/kyc"
)

func (s *surface) backtestRoutes() {
	p := s.Porch
	begin := fails(said(op("backtest-workflow", http.MethodPost, "/workflows/{id}/backtest", "Workflows", "Try a version on past sessions", readWorkflows, readSessions),
		"Walks the candidate with what past sessions recorded: their answers, data, gate decisions and times. No provider is asked, nothing of the sessions changes and nobody is told. "+
			"Where a session never asked what the candidate asks, or asked it otherwise, the outcome is not_known and never an approval. "+
			"A large backtest is answered with 202 while it is running; read it under …/backtests/{backtest_id}, or end it there with cancel. At most two of an organisation run at the same time in each environment (409 too_many_backtests), and the newest twenty of a workflow are kept."), http.StatusConflict)
	begin.Also = map[int]string{http.StatusAccepted: "It is running; read it again."}
	api.Handle(p, begin, s.beginBacktest)
	api.Handle(p, op("list-backtests", http.MethodGet, "/workflows/{id}/backtests", "Workflows", "Backtests of a workflow", readWorkflows, readSessions),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			api.Offset
		}) (*answer[page[backtestHead]], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			pg, err := in.Page(s.Porch, who, "backtests", wid)
			if err != nil {
				return nil, err
			}
			list, total, err := s.Backtests.List(ctx, who.Tenant, wid, pg)
			if err != nil {
				return nil, err
			}
			return part(s, who, in.Offset, "backtests", wid, list, total, func(b kyc.Backtest) kyc.ID { return b.ID }, showBacktestHead), nil
		})
	api.Handle(p, op("get-backtest", http.MethodGet, "/workflows/{id}/backtests/{backtest_id}", "Workflows", "Read a backtest", readWorkflows, readSessions),
		func(ctx context.Context, who api.Principal, in *BacktestPath) (*answer[backtestReport], error) {
			b, err := s.backtest(ctx, who, in)
			if err != nil {
				return nil, err
			}
			report, err := s.showBacktest(who, b)
			return &answer[backtestReport]{Body: report}, err
		})
	api.Handle(p, fails(said(op("cancel-backtest", http.MethodPost, "/workflows/{id}/backtests/{backtest_id}/cancel", "Workflows", "Cancel a backtest", readWorkflows, readSessions),
		"Ends a backtest that is under way. What it found so far stays and is about the first progress.done of its sessions; it never counts as complete. "+
			"One that was cancelled before is answered again; one that is complete or failed answers 409 backtest_over."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *BacktestPath) (*answer[backtestReport], error) {
			b, err := s.backtest(ctx, who, in)
			if err != nil {
				return nil, err
			}
			if b, err = s.Backtests.Cancel(ctx, who.Tenant, who.Actor, b.WorkflowID, b.ID); err != nil {
				return nil, err
			}
			report, err := s.showBacktest(who, b)
			return &answer[backtestReport]{Body: report}, err
		})
	api.Handle(p, op("list-backtest-sessions", http.MethodGet, "/workflows/{id}/backtests/{backtest_id}/sessions", "Workflows", "Sessions that a backtest is about", readWorkflows, readSessions), s.backtestSessions)
}

func (s *surface) beginBacktest(ctx context.Context, who api.Principal, in *struct {
	WorkflowPath
	Body backtestBody
}) (*chosen[backtestReport], error) {
	wid, err := id("workflow", in.ID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	r := backtest.Request{Workflow: wid, Version: b.Version, Control: b.ControlVersion, Last: b.Last, From: b.From, To: b.To}
	if r.Draft, err = reference("draft", "/draft_id", b.DraftID); err != nil {
		return nil, err
	}
	var problems []kyc.Problem
	for i, text := range b.Sessions {
		sid, ok := kyc.Undress("session", text)
		if !ok {
			problems = append(problems, kyc.Problem{Path: fmt.Sprintf("/sessions/%d", i), Code: "invalid_id", Message: "this is no id of a session"})
			continue
		}
		r.Sessions = append(r.Sessions, sid)
	}
	if len(problems) > 0 {
		return nil, kyc.InvalidInput("invalid_backtest", "the backtest cannot be made", problems)
	}
	got, err := s.Backtests.Start(ctx, who.Tenant, who.Actor, r)
	if err != nil {
		return nil, err
	}
	report, err := s.showBacktest(who, got)
	if err != nil {
		return nil, err
	}
	out := &chosen[backtestReport]{Status: http.StatusOK, ETag: api.ETag(got.Rev), Body: report}
	if got.Status == kyc.BacktestRunning {
		out.Status = http.StatusAccepted
	}
	return out, nil
}

func (s *surface) backtest(ctx context.Context, who api.Principal, in *BacktestPath) (kyc.Backtest, error) {
	wid, err := id("workflow", in.ID)
	if err != nil {
		return kyc.Backtest{}, err
	}
	bid, err := id("backtest", in.BacktestID)
	if err != nil {
		return kyc.Backtest{}, err
	}
	return s.Backtests.Read(ctx, who.Tenant, wid, bid)
}

// Changes that sessions of a backtest are listed by.
const (
	flipped    = "flipped"
	notKnown   = "not_known"
	unreadable = "unreadable"
)

// changeOf is what a backtest says about a session in one word.
func changeOf(i kyc.BacktestItem) string {
	switch {
	case i.Unreadable():
		return unreadable
	case i.New == kyc.NotKnown:
		return notKnown
	}
	return flipped
}

// showBacktest is a backtest with the first page of what changes.
func (s *surface) showBacktest(who api.Principal, b kyc.Backtest) (backtestReport, error) {
	out := showBacktest(b)
	first, err := s.pageOfItems(who, api.Offset{}, b, flipped)
	out.Flipped = first
	return out, err
}

func (s *surface) backtestSessions(ctx context.Context, who api.Principal, in *struct {
	BacktestPath
	api.Offset
	Change string `query:"change" doc:"Which sessions: those whose decision changes, those it is not known of, those that cannot be read, or all of these." enum:"flipped,not_known,unreadable,all" default:"flipped"`
}) (*answer[page[backtestItem]], error) {
	b, err := s.backtest(ctx, who, &in.BacktestPath)
	if err != nil {
		return nil, err
	}
	change := in.Change
	if change == "" {
		change = flipped
	}
	out, err := s.pageOfItems(who, in.Offset, b, change)
	return &answer[page[backtestItem]]{Body: out}, err
}

// pageOfItems is a part of a backtest's sessions, in its order.
func (s *surface) pageOfItems(who api.Principal, o api.Offset, b kyc.Backtest, change string) (page[backtestItem], error) {
	filters := map[string]any{"backtest": b.ID, "change": change}
	pg, err := o.Page(s.Porch, who, "backtest-sessions", filters)
	if err != nil {
		return page[backtestItem]{}, err
	}
	list := b.Items
	if change != "all" {
		list = slices.DeleteFunc(slices.Clone(list), func(i kyc.BacktestItem) bool { return changeOf(i) != change })
	}
	total, from := len(list), min(pg.Offset, len(list))
	if pg.After != "" {
		from = 1 + slices.IndexFunc(list, func(i kyc.BacktestItem) bool { return i.SessionID == pg.After })
	}
	list = list[from:min(from+pg.Limit, len(list))]
	return part(s, who, o, "backtest-sessions", filters, list, total, func(i kyc.BacktestItem) kyc.ID { return i.SessionID }, showBacktestItem).Body, nil
}
