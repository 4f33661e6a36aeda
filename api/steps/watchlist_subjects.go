package steps

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"bonafide/api"
	"bonafide/field"
	"bonafide/kyc"
	"bonafide/monitor"
)

func (n *neighbours) subjectRoutes() {
	p, group := n.Porch, "Watchlists"
	api.Handle(p, fails(said(created(op("add-watchlist-subject", http.MethodPost, "/watchlists/{watchlist_id}/subjects", group, "Put a subject on a watchlist", watchCreate)),
		"It is looked for at once, in the background."), http.StatusConflict), n.addSubject)
	api.Handle(p, fails(said(created(op("add-watchlist-subjects", http.MethodPost, "/watchlists/{watchlist_id}/subjects/batch", group, "Put subjects on a watchlist", watchCreate)),
		"All of them or, when one has a problem, none."), http.StatusConflict), n.addSubjects)
	api.Handle(p, said(op("list-watchlist-subjects", http.MethodGet, "/watchlists/{watchlist_id}/subjects", group, "List the subjects of a watchlist", watchList),
		"Shows personal data, so the look is recorded in the audit chain."), func(ctx context.Context, who api.Principal, in *struct {
		WatchPath
		Paging
		Tag       string `query:"tag" doc:"Only subjects with this tag." maxLength:"64"`
		SessionID string `query:"session_id" doc:"Only subjects that come from this session." maxLength:"64"`
	}) (*answer[listing[watchSubject]], error) {
		wid, err := id("watchlist", in.ID)
		if err != nil {
			return nil, err
		}
		return n.subjects(ctx, who, in.Paging, kyc.WatchedFilter{WatchID: wid, Tag: in.Tag}, in.SessionID)
	})
	api.Handle(p, said(op("find-watchlist-subjects", http.MethodGet, "/watchlists/subjects", group, "Find subjects on any watchlist", watchList),
		"Shows personal data, so the look is recorded in the audit chain."), func(ctx context.Context, who api.Principal, in *struct {
		Paging
		SessionID  string `query:"session_id" doc:"Only subjects that come from this session." maxLength:"64"`
		CustomerID string `query:"customer_id" doc:"Only subjects of this customer." maxLength:"64"`
		Tag        string `query:"tag" doc:"Only subjects with this tag." maxLength:"64"`
	}) (*answer[listing[watchSubject]], error) {
		f := kyc.WatchedFilter{Tag: in.Tag}
		var err error
		if f.SubjectID, err = filterID("customer_id", in.CustomerID); err != nil {
			return nil, err
		}
		return n.subjects(ctx, who, in.Paging, f, in.SessionID)
	})
	api.Handle(p, said(op("get-watchlist-subject", http.MethodGet, "/watchlists/{watchlist_id}/subjects/{subject_id}", group, "Read a subject", watchRead),
		"Shows personal data, so the look is recorded in the audit chain."), func(ctx context.Context, who api.Principal, in *WatchSubjectPath) (*tagged[watchSubject], error) {
		wid, sid, err := in.ids()
		if err != nil {
			return nil, err
		}
		return tagSubject(n.Monitor.Party(ctx, who.Tenant, who.Actor, wid, sid))
	})
	api.Handle(p, fails(said(op("update-watchlist-subject", http.MethodPatch, "/watchlists/{watchlist_id}/subjects/{subject_id}", group, "Change a subject or judge its matches", watchUpdate),
		"A match that a reviewer called a false positive is told of no more, unless the list describes the entry in other words."),
		http.StatusConflict, http.StatusPreconditionFailed), n.updateSubject)
	api.Handle(p, fails(op("remove-watchlist-subject", http.MethodDelete, "/watchlists/{watchlist_id}/subjects/{subject_id}", group, "Take a subject off a watchlist", watchDelete),
		http.StatusPreconditionFailed), func(ctx context.Context, who api.Principal, in *struct {
		WatchSubjectPath
		api.IfMatch
	}) (*struct{}, error) {
		wid, sid, err := in.ids()
		if err != nil {
			return nil, err
		}
		return &struct{}{}, n.Monitor.RemoveParty(ctx, who.Tenant, who.Actor, wid, sid, rev(in.IfMatch))
	})
}

// ids reads both ids of the path.
func (p WatchSubjectPath) ids() (watch, subject kyc.ID, err error) {
	if watch, err = id("watchlist", p.ID); err != nil {
		return "", "", err
	}
	subject, err = id("watched subject", p.Subject)
	return watch, subject, err
}

func tagSubject(w kyc.Watched, err error) (*tagged[watchSubject], error) {
	if err != nil {
		return nil, err
	}
	return tag(w.Meta, showWatchSubject(w)), nil
}

// newParties translates subjects. Addresses of wallets are verified here,
// because forms know how.
func newParties(ctx context.Context, pointer string, list []newWatchSubject) (out []monitor.NewParty, found []kyc.Problem) {
	for i, b := range list {
		path := pointer
		if pointer != "" {
			path += "/" + strconv.Itoa(i)
		}
		n := monitor.NewParty{FullName: b.FullName, Identifier: b.Identifier, IdentifierType: kyc.IdentifierType(b.IdentifierType), Tags: b.Tags}
		if b.SessionID != "" {
			var ok bool
			if n.SessionID, ok = kyc.ParseID(b.SessionID); !ok {
				found = append(found, kyc.Problem{Path: path + "/session_id", Code: "invalid_id", Message: "this is no id"})
			}
		}
		if n.IdentifierType == kyc.IdentifierWallet {
			found = append(found, walletProblems(ctx, path+"/identifier", b.Identifier)...)
		}
		out = append(out, n)
	}
	return out, found
}

func walletProblems(ctx context.Context, path, address string) []kyc.Problem {
	if address == "" {
		return nil // the machine says that it is needed
	}
	form := field.Validate(ctx, []field.Field{{FieldID: "w", Name: "w", Type: "wallet", Network: "any"}}, map[string]any{"w": address}, field.Env{})
	if len(form.Problems) == 0 {
		return nil
	}
	return []kyc.Problem{{Path: path, Code: "wallet_invalid", Message: "this is no address of any known network"}}
}

func (n *neighbours) addSubject(ctx context.Context, who api.Principal, in *struct {
	WatchPath
	Body newWatchSubject
}) (*tagged[watchSubject], error) {
	wid, err := id("watchlist", in.ID)
	if err != nil {
		return nil, err
	}
	parties, found := newParties(ctx, "", []newWatchSubject{in.Body})
	added, err := n.Monitor.AddParties(ctx, who.Tenant, who.Actor, wid, "", parties, found)
	if err != nil {
		return nil, err
	}
	if len(added) != 1 {
		return nil, fmt.Errorf("adding one subject made %d", len(added))
	}
	return tagSubject(added[0], nil)
}

func (n *neighbours) addSubjects(ctx context.Context, who api.Principal, in *struct {
	WatchPath
	Body struct {
		Subjects []newWatchSubject `json:"subjects" doc:"Who." minItems:"1" maxItems:"1000" nullable:"false"`
	}
}) (*answer[listing[watchSubject]], error) {
	wid, err := id("watchlist", in.ID)
	if err != nil {
		return nil, err
	}
	parties, found := newParties(ctx, "/subjects", in.Body.Subjects)
	added, err := n.Monitor.AddParties(ctx, who.Tenant, who.Actor, wid, "/subjects", parties, found)
	if err != nil {
		return nil, err
	}
	return whole(added, showWatchSubject), nil
}

func (n *neighbours) subjects(ctx context.Context, who api.Principal, paging Paging, f kyc.WatchedFilter, session string) (*answer[listing[watchSubject]], error) {
	var err error
	if f.SessionID, err = filterID("session_id", session); err != nil {
		return nil, err
	}
	pg, err := paging.page(n.paging, who, "watchlist-subjects", f)
	if err != nil {
		return nil, err
	}
	list, more, err := n.Monitor.Parties(ctx, who.Tenant, who.Actor, f, pg)
	if err != nil {
		return nil, err
	}
	return part(n.paging, who, "watchlist-subjects", f, list, more, func(w kyc.Watched) kyc.ID { return w.ID }, showWatchSubject), nil
}

func (n *neighbours) updateSubject(ctx context.Context, who api.Principal, in *struct {
	WatchSubjectPath
	api.IfMatch
	Body changedSubject
}) (*tagged[watchSubject], error) {
	wid, sid, err := in.ids()
	if err != nil {
		return nil, err
	}
	b := in.Body
	c := monitor.PartyChange{FullName: b.FullName, Identifier: b.Identifier, Tags: b.Tags}
	if b.IdentifierType != nil {
		kind := kyc.IdentifierType(*b.IdentifierType)
		c.IdentifierType = &kind
		if kind == kyc.IdentifierWallet && b.Identifier != nil {
			c.Problems = walletProblems(ctx, "/identifier", *b.Identifier)
		}
	}
	for _, m := range b.Matches {
		c.Matches = append(c.Matches, monitor.Judgement{List: m.ListName, EntryID: m.EntityID, Status: m.Status})
	}
	return tagSubject(n.Monitor.UpdateParty(ctx, who.Tenant, who.Actor, wid, sid, rev(in.IfMatch), c))
}
