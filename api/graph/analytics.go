package graph

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/insight"
	"bonafide/kyc"
)

// Figures are what the analytics are made of (room insight).
type Figures interface {
	// Ways gives the figures of a workflow's runs that ended in a period of days
	// that ends today; version 0 is all.
	Ways(ctx context.Context, t kyc.Tenant, workflow kyc.ID, version, days int) (*insight.Ways, error)
	// Quality gives the figures of second looks at cases that were decided from one
	// time to another (exclusive), at most 366 days.
	Quality(ctx context.Context, t kyc.Tenant, from, to time.Time) (*insight.Quality, error)
}

type share struct {
	Name  string `json:"name" doc:"How it came out." example:"approved"`
	Count int64  `json:"count" doc:"How often."`
}

type nodeFigures struct {
	Node       string  `json:"node" doc:"The node's id; one of a subworkflow stands behind the id of the node that calls it."`
	Count      int64   `json:"count" doc:"How many runs came through it."`
	Results    []share `json:"results" doc:"What became of it: passed, failed, review, error, skipped, cancelled of a check; the decision of a gate; the outcome of an end. The most frequent first." nullable:"false"`
	DurationMS int64   `json:"mean_duration_ms" doc:"Mean time of its attempts, or that a gate waited; 0 where nobody was asked."`
}

type moveFigures struct {
	From  string `json:"from" doc:"The node that was left."`
	To    string `json:"to" doc:"The node after."`
	Why   string `json:"why" doc:"Which route: next, pass, fail, review, error, skip, route 0, default, a gate's decision." example:"pass"`
	Count int64  `json:"count" doc:"How often."`
}

type versionFigures struct {
	Version  int     `json:"version" doc:"The version."`
	Runs     int64   `json:"runs" doc:"How many of its runs ended in the period."`
	Outcomes []share `json:"outcomes" doc:"How they ended." nullable:"false"`
}

type analytics struct {
	WorkflowID string           `json:"workflow_id" doc:"The workflow."`
	From       stamp            `json:"from" doc:"Beginning of the first day (UTC)."`
	To         stamp            `json:"to" doc:"End of the last day (UTC), not part of it."`
	AsOf       stamp            `json:"as_of" doc:"When these were counted."`
	Runs       int64            `json:"runs" doc:"How many runs ended in the period; a session that ran twice counts twice."`
	DurationMS int64            `json:"mean_duration_ms" doc:"Mean time of a run from its beginning to its end, waiting included."`
	Outcomes   []share          `json:"outcomes" doc:"How they ended: approved, rejected, needs_review, failed, cancelled." nullable:"false"`
	Versions   []versionFigures `json:"versions" doc:"The same by version, the newest first." nullable:"false"`
	Nodes      []nodeFigures    `json:"nodes" doc:"What became of each node." nullable:"false"`
	Moves      []moveFigures    `json:"moves" doc:"How often runs went from node to node." nullable:"false"`
}

func (s *surface) analyticsRoutes() {
	api.Handle(s.Porch, said(op("workflow-analytics", http.MethodGet, "/workflows/{id}/analytics", "Workflows", "Counters per node and outcome", readWorkflows),
		"Runs that ended in the last days, by outcome, by node and by move. They are counted as they end, on the day they end; a server that is killed loses those of the last five seconds. Runs that ended before counting began are not among them. Nothing here is about a person."),
		func(ctx context.Context, who api.Principal, in *struct {
			WorkflowPath
			Days    int `query:"days" doc:"Length of the period in days; it ends today." minimum:"1" maximum:"366" default:"30"`
			Version int `query:"version" doc:"Only runs of this version." minimum:"1"`
		}) (*answer[analytics], error) {
			wid, err := id("workflow", in.ID)
			if err != nil {
				return nil, err
			}
			if _, err := s.Workflows.Read(ctx, who.Tenant, wid, in.Version); err != nil {
				return nil, err
			}
			w, err := s.Figures.Ways(ctx, who.Tenant, wid, in.Version, in.Days)
			if err != nil {
				return nil, err
			}
			return &answer[analytics]{Body: showWays(wid, w)}, nil
		})
}

func showWays(workflow kyc.ID, w *insight.Ways) analytics {
	out := analytics{WorkflowID: kyc.Dress("workflow", workflow), From: at(w.From), To: at(w.To), AsOf: at(w.AsOf), Runs: w.Runs, DurationMS: w.Mean.Milliseconds(),
		Outcomes: showShares(w.Outcomes), Versions: []versionFigures{}, Nodes: []nodeFigures{}, Moves: []moveFigures{}}
	for _, v := range w.Versions {
		out.Versions = append(out.Versions, versionFigures{v.Version, v.Runs, showShares(v.Outcomes)})
	}
	for _, n := range w.Nodes {
		out.Nodes = append(out.Nodes, nodeFigures{n.Node, n.N, showShares(n.Results), n.Mean.Milliseconds()})
	}
	for _, m := range w.Moves {
		out.Moves = append(out.Moves, moveFigures{m.From, m.To, m.Why, m.N})
	}
	return out
}

func showShares(list []insight.Share) []share {
	out := make([]share, 0, len(list))
	for _, s := range list {
		out = append(out, share{s.Name, s.N})
	}
	return out
}
