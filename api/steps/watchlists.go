package steps

import (
	"context"
	"net/http"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/monitor"
)

func (n *neighbours) watchlistRoutes() {
	p, group := n.Porch, "Watchlists"
	api.Handle(p, said(created(op("create-watchlist", http.MethodPost, "/watchlists", group, "Create a watchlist", watchCreate)),
		"A watchlist holds people, companies and wallets that are looked for on the lists again and again. Whoever is on it from the beginning is looked for at once, in the background."), n.createWatchlist)
	api.Handle(p, op("list-watchlists", http.MethodGet, "/watchlists", group, "List watchlists", watchList), n.listWatchlists)
	api.Handle(p, op("list-watchlist-tags", http.MethodGet, "/watchlists/tags", group, "List tags", watchList), n.listTags)
	api.Handle(p, op("get-watchlist", http.MethodGet, "/watchlists/{watchlist_id}", group, "Read a watchlist", watchRead),
		func(ctx context.Context, who api.Principal, in *WatchPath) (*tagged[watchlist], error) {
			wid, err := id("watchlist", in.ID)
			if err != nil {
				return nil, err
			}
			return tagWatchlist(n.Monitor.Watch(ctx, who.Tenant, wid))
		})
	api.Handle(p, fails(said(op("update-watchlist", http.MethodPatch, "/watchlists/{watchlist_id}", group, "Change a watchlist", watchUpdate),
		"Other lists, and the end of a pause, make it due at once."), http.StatusPreconditionFailed), n.updateWatchlist)
	api.Handle(p, fails(said(op("delete-watchlist", http.MethodDelete, "/watchlists/{watchlist_id}", group, "Delete a watchlist", watchDelete),
		"Removes everybody on it; the record of its runs stays. The watchlist of onboarded parties cannot be deleted (409 `default_watchlist`), only paused."),
		http.StatusConflict, http.StatusPreconditionFailed), func(ctx context.Context, who api.Principal, in *struct {
		WatchPath
		api.IfMatch
	}) (*struct{}, error) {
		wid, err := id("watchlist", in.ID)
		if err != nil {
			return nil, err
		}
		return &struct{}{}, n.Monitor.DeleteWatch(ctx, who.Tenant, who.Actor, wid, rev(in.IfMatch))
	})
	api.Handle(p, fails(said(op("run-watchlist", http.MethodPost, "/watchlists/{watchlist_id}/monitor", group, "Look for everybody now", watchRun),
		"Runs a check now and answers what is new since the last one. `status` is `ok` only when every list answered from fresh data for everybody."), http.StatusConflict),
		func(ctx context.Context, who api.Principal, in *WatchPath) (*answer[monitorResult], error) {
			wid, err := id("watchlist", in.ID)
			if err != nil {
				return nil, err
			}
			run, err := n.Monitor.Run(ctx, who.Tenant, who.Actor, wid, monitor.TriggerRequest)
			if err != nil {
				return nil, err
			}
			return &answer[monitorResult]{Body: showMonitorRun(run)}, nil
		})
	api.Handle(p, op("list-watchlist-runs", http.MethodGet, "/watchlists/{watchlist_id}/runs", group, "List the runs of a watchlist", watchRead),
		func(ctx context.Context, who api.Principal, in *struct {
			WatchPath
			Paging
		}) (*answer[listing[monitorResult]], error) {
			wid, err := id("watchlist", in.ID)
			if err != nil {
				return nil, err
			}
			pg, err := in.page(n.paging, who, "watchlist-runs", wid)
			if err != nil {
				return nil, err
			}
			runs, more, err := n.Monitor.Runs(ctx, who.Tenant, wid, pg)
			if err != nil {
				return nil, err
			}
			return part(n.paging, who, "watchlist-runs", wid, runs, more, func(r kyc.MonitorRun) kyc.ID { return r.ID }, showMonitorRun), nil
		})
}

func tagWatchlist(w monitor.Counted, err error) (*tagged[watchlist], error) {
	if err != nil {
		return nil, err
	}
	return tag(w.Meta, showWatchlist(w)), nil
}

func (n *neighbours) createWatchlist(ctx context.Context, who api.Principal, in *struct{ Body newWatchlist }) (*tagged[watchlist], error) {
	b := in.Body
	parties, found := newParties(ctx, "/subjects", b.Subjects)
	return tagWatchlist(n.Monitor.CreateWatch(ctx, who.Tenant, who.Actor, monitor.NewWatch{Name: b.Name, Lists: b.Lists, Frequency: kyc.WatchFrequency(b.Frequency),
		Tags: b.Tags, Status: kyc.WatchStatus(b.Status), Alert: b.Alert.change(), Parties: parties, Problems: found}))
}

func (n *neighbours) listWatchlists(ctx context.Context, who api.Principal, in *struct {
	Paging
	Status    string `query:"status" doc:"Only watchlists in this status." enum:"active,paused"`
	Frequency string `query:"check_frequency" doc:"Only watchlists of this frequency." enum:"daily,weekly,on_update"`
	Tag       string `query:"tag" doc:"Only watchlists with this tag." maxLength:"64"`
}) (*answer[listing[watchlist]], error) {
	f := kyc.WatchFilter{Status: kyc.WatchStatus(in.Status), Frequency: kyc.WatchFrequency(in.Frequency), Tag: in.Tag}
	pg, err := in.page(n.paging, who, "watchlists", f)
	if err != nil {
		return nil, err
	}
	list, more, err := n.Monitor.Watches(ctx, who.Tenant, f, pg)
	if err != nil {
		return nil, err
	}
	return part(n.paging, who, "watchlists", f, list, more, func(w monitor.Counted) kyc.ID { return w.ID }, showWatchlist), nil
}

func (n *neighbours) updateWatchlist(ctx context.Context, who api.Principal, in *struct {
	WatchPath
	api.IfMatch
	Body changedWatchlist
}) (*tagged[watchlist], error) {
	wid, err := id("watchlist", in.ID)
	if err != nil {
		return nil, err
	}
	b := in.Body
	c := monitor.WatchChange{Name: b.Name, Lists: b.Lists, Tags: b.Tags, Alert: b.Alert.change()}
	if b.Frequency != nil {
		frequency := kyc.WatchFrequency(*b.Frequency)
		c.Frequency = &frequency
	}
	if b.Status != nil {
		status := kyc.WatchStatus(*b.Status)
		c.Status = &status
	}
	return tagWatchlist(n.Monitor.UpdateWatch(ctx, who.Tenant, who.Actor, wid, rev(in.IfMatch), c))
}

type tagCount struct {
	Tag      string `json:"tag" doc:"The tag."`
	Watches  int    `json:"watchlists" doc:"Watchlists that carry it." minimum:"0"`
	Subjects int    `json:"subjects" doc:"Watched subjects that carry it." minimum:"0"`
}

func (n *neighbours) listTags(ctx context.Context, who api.Principal, _ *struct{}) (*answer[listing[tagCount]], error) {
	tags, err := n.Monitor.Tags(ctx, who.Tenant)
	if err != nil {
		return nil, err
	}
	return whole(tags, func(t kyc.TagCount) tagCount { return tagCount{Tag: t.Tag, Watches: t.Watches, Subjects: t.Watched} }), nil
}
