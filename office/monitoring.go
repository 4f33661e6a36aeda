package office

import (
	"time"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/monitor"
)

type monitoringPage struct {
	Watches []watchRow
	Alerts  []alertRow
	Checks  []inquiryAlert
}

type watchRow struct {
	Href, Name, How, Checked, Next string
	Status                         tag
	Parties                        int
}

// alertRow is a run that changed something.
type alertRow struct {
	Href, Watch, At, Trigger       string
	New, Total, Before, Unanswered int
}

type inquiryAlert struct {
	Person, Asked string
	Result        tag
	Open          int
}

// monitoring shows the watchlists, the runs that found something new, and the
// monitored checks with hits that nobody judged.
func (o *office) monitoring(v *console.Visit) error {
	list, _, err := o.Monitor.Watches(v.Ctx(), v.Tenant(), kyc.WatchFilter{}, kyc.Page{Limit: 100, Uncounted: true})
	if err != nil {
		return err
	}
	var page monitoringPage
	for _, w := range list {
		row := watchRow{Href: "/console/monitoring/" + kyc.Dress("watchlist", w.ID), Name: w.Name, How: words(string(w.Frequency)), Checked: clock(w.LastCheckedAt), Next: clock(w.NextAt),
			Status: tagOf(string(w.Status)), Parties: w.Parties}
		if row.Next == "" && w.Status == kyc.WatchActive {
			row.Next = "when a list changes"
		}
		page.Watches = append(page.Watches, row)
		runs, _, err := o.Monitor.Runs(v.Ctx(), v.Tenant(), w.ID, kyc.Page{Limit: 20, Uncounted: true})
		if err != nil {
			return err
		}
		for _, r := range runs {
			if r.HasChanges || r.NewMatches > 0 || r.Failed > 0 {
				page.Alerts = append(page.Alerts, alertOf(w.Name, r))
			}
		}
	}
	found, _, err := o.Inquiries.List(v.Ctx(), v.Tenant(), kyc.InquiryFilter{Monitored: true, Result: kyc.InquiryHits}, kyc.Page{Limit: perPage, Uncounted: true})
	if err != nil {
		return err
	}
	for _, q := range found {
		if q.Open > 0 {
			page.Checks = append(page.Checks, inquiryAlert{Person: kyc.Dress("identity", q.SubjectID), Asked: clock(q.AskedAt), Result: tagOf(string(q.Result)), Open: q.Open})
		}
	}
	return v.Show("monitoring", "Monitoring", page)
}

func alertOf(name string, r kyc.MonitorRun) alertRow {
	return alertRow{Href: "/console/monitoring/" + kyc.Dress("watchlist", r.WatchID), Watch: name, At: clock(r.CreatedAt), Trigger: words(r.Trigger), New: r.NewMatches, Total: r.TotalMatches,
		Before: r.PreviousMatches, Unanswered: r.Failed}
}

type watchPage struct {
	more
	ID, Name, How, Checked, Next string
	Status                       tag
	Parties                      int
	People                       []partyRow
	Runs                         []alertRow
	CanRun, CanJudge             bool
	OnlyOpen                     bool
	Problems                     []kyc.Problem
}

type partyRow struct {
	ID, Name, Person, Session, Checked string
	Erased                             bool
	Open, New                          int
	Matches                            []matchRow
}

type matchRow struct {
	List, Entry, Score, Since string
	Status                    tag
	Open, New                 bool
}

func (o *office) watch(v *console.Visit) error { return o.showWatch(v, nil) }

func (o *office) showWatch(v *console.Visit, problems []kyc.Problem) error {
	id, err := v.ID("id", "watchlist")
	if err != nil {
		return err
	}
	w, err := o.Monitor.Watch(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	page := watchPage{ID: kyc.Dress("watchlist", w.ID), Name: w.Name, How: words(string(w.Frequency)), Checked: clock(w.LastCheckedAt), Next: clock(w.NextAt), Status: tagOf(string(w.Status)),
		Parties: w.Parties, CanRun: v.May("watchlist:run"), CanJudge: v.May("watchlist:update"), Problems: problems, OnlyOpen: v.R.URL.Query().Get("show") == "new"}
	p, err := window(v)
	if err != nil {
		return err
	}
	p.Limit = perPage // the machine reads one more by itself
	people, further, err := o.Monitor.Parties(v.Ctx(), v.Tenant(), v.Who.Actor, kyc.WatchedFilter{WatchID: id}, p)
	if err != nil {
		return err
	}
	if further {
		q := v.R.URL.Query()
		q.Set("after", string(people[len(people)-1].ID))
		page.Older = "/console/monitoring/" + page.ID + "?" + q.Encode()
	}
	page.First = firstPage(v, "/console/monitoring/"+page.ID)
	for _, one := range people {
		row, err := o.partyOf(v, one)
		if err != nil {
			return err
		}
		if !page.OnlyOpen || row.New > 0 {
			page.People = append(page.People, row)
		}
	}
	runs, _, err := o.Monitor.Runs(v.Ctx(), v.Tenant(), id, kyc.Page{Limit: 20, Uncounted: true})
	if err != nil {
		return err
	}
	for _, r := range runs {
		page.Runs = append(page.Runs, alertOf(w.Name, r))
	}
	if len(problems) > 0 {
		return v.Refuse("watch", w.Name, page)
	}
	return v.Show("watch", w.Name, page)
}

// partyOf shows a watched party. A hit is new when nobody judged it and it came
// after the session of the party was decided.
func (o *office) partyOf(v *console.Visit, w kyc.Watched) (partyRow, error) {
	row := partyRow{ID: string(w.ID), Name: w.Private.FullName, Checked: clock(w.LastCheckedAt), Erased: w.Private.Unreadable}
	var decided time.Time
	if w.SessionID != "" {
		row.Session = "/console/sessions/" + kyc.Dress("session", w.SessionID)
		s, err := o.Store.Session(v.Ctx(), v.Tenant(), w.SessionID)
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return row, err
		}
		decided = s.CompletedAt
	}
	if w.SubjectID != "" {
		row.Person = "/console/subjects/" + kyc.Dress("identity", w.SubjectID)
	}
	for _, m := range w.Private.Matches {
		one := matchRow{List: m.List, Entry: m.EntryID, Score: percent(m.Score), Since: clock(m.Since), Open: m.Status != "false_positive" && m.Status != "true_positive"}
		switch m.Status {
		case "false_positive":
			one.Status = tag{"somebody else", "good"}
		case "true_positive":
			one.Status = tag{"the same person", "bad"}
		default:
			one.Status = tag{"open", "warn"}
		}
		if one.Open {
			row.Open++
			if m.Since.After(decided) {
				one.New = true
				row.New++
			}
		}
		row.Matches = append(row.Matches, one)
	}
	return row, nil
}

// runWatch looks for everybody on a watchlist now.
func (o *office) runWatch(v *console.Visit) error {
	id, err := v.ID("id", "watchlist")
	if err != nil {
		return err
	}
	_, err = o.Monitor.Run(v.Ctx(), v.Tenant(), v.Who.Actor, id, "request")
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showWatch(v, problems)
	}
	return v.On("/console/monitoring/"+kyc.Dress("watchlist", id), "Everybody on the watchlist was looked for.")
}

// judgeMatch notes whether a hit is the watched person.
func (o *office) judgeMatch(v *console.Visit) error {
	id, err := v.ID("id", "watchlist")
	if err != nil {
		return err
	}
	party, err := v.ID("party", "party")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	f := v.R.PostForm
	_, err = o.Monitor.UpdateParty(v.Ctx(), v.Tenant(), v.Who.Actor, id, party, 0,
		monitor.PartyChange{Matches: []monitor.Judgement{{List: f.Get("list"), EntryID: f.Get("entry"), Status: f.Get("word")}}})
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showWatch(v, problems)
	}
	return v.On("/console/monitoring/"+kyc.Dress("watchlist", id), "Your word on the hit was kept.")
}
