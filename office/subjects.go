package office

import (
	"cmp"
	"slices"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
)

type subjectsPage struct {
	more
	Problems []kyc.Problem
	Statuses []choice
	Kinds    []choice
	Archived bool
	Rows     []subjectRow
	Found    bool
}

type subjectRow struct {
	ID, Href, Reference, Kind, Created string
	Status                             tag
	Tags                               []string
}

func (o *office) subjects(v *console.Visit) error {
	q := v.R.URL.Query()
	page := subjectsPage{Archived: q.Get("archived") == "yes", Statuses: subjectStatuses(q.Get("status")),
		Kinds: choices(q.Get("kind"), "", "People and companies", "individual", "people", "company", "companies")}
	if !chosen(page.Statuses) || !chosen(page.Kinds) {
		page.Problems = []kyc.Problem{{Path: "/status", Code: "not_allowed_value", Message: "this filter is none"}}
		return v.Refuse("subjects", "People", page)
	}
	p, err := window(v)
	if err != nil {
		return err
	}
	list, _, err := o.Identities.List(v.Ctx(), v.Tenant(), kyc.SubjectFilter{Status: kyc.SubjectStatus(q.Get("status")), Kind: q.Get("kind"), Deactivated: page.Archived}, p)
	if err != nil {
		return err
	}
	list, page.Older = older(v, "/console/subjects", list, func(s kyc.Subject) kyc.ID { return s.ID })
	page.First = firstPage(v, "/console/subjects")
	for i := range list {
		page.Rows = append(page.Rows, subjectRowOf(&list[i]))
	}
	return v.Show("subjects", "People", page)
}

func subjectStatuses(chosen string) []choice {
	return choices(chosen, "", "Any status", "pending", "pending", "approved", "approved", "failed", "failed", "rejected", "rejected", "redacted", "erased")
}

func subjectRowOf(s *kyc.Subject) subjectRow {
	id := kyc.Dress("identity", s.ID)
	return subjectRow{ID: id, Href: "/console/subjects/" + id, Reference: s.ExternalRef, Kind: s.Kind, Status: subjectTag(s.Status), Created: clock(s.CreatedAt), Tags: s.Tags}
}

func subjectTag(s kyc.SubjectStatus) tag {
	if s == kyc.SubjectRedacted {
		return tag{"erased", "soft"}
	}
	return tagOf(string(s))
}

// findSubject looks by id or by the customer's own reference; it is posted,
// because references may name people.
func (o *office) findSubject(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	text := strings.TrimSpace(v.R.PostFormValue("q"))
	id, ok := kyc.Undress("identity", text)
	if !ok {
		id, ok = kyc.ParseID(text)
	}
	var err error
	if ok {
		_, err = o.Identities.Find(v.Ctx(), v.Tenant(), id)
	} else {
		var s kyc.Subject
		s, err = o.Store.SubjectByRef(v.Ctx(), v.Tenant(), text)
		id = s.ID
	}
	if err == nil {
		return v.On("/console/subjects/"+kyc.Dress("identity", id), "")
	}
	if kyc.KindOf(err) != kyc.NotFound {
		return err
	}
	return v.Show("subjects", "People", subjectsPage{Found: true, Statuses: subjectStatuses(""), Kinds: choices("", "", "People and companies")})
}

type subjectPage struct {
	ID, Reference, Kind, Name, Email, Phone string
	Created, ErasedAt, Archived             string
	Status                                  tag
	Tags                                    []string
	MergedInto                              string
	Sessions                                []sessionRow
	SessionsMore                            int
	Files                                   []fileRow
	Checks                                  []inquiryRow
	Watched                                 []watchedRow
	Alike                                   []alikeRow
	Erased, CanErase, CanWatch, CanInvite   bool
	// EmailSaid and PhoneSaid: the record has none, a session's form said it.
	EmailSaid, PhoneSaid bool
}

type inquiryRow struct {
	Types, Asked, Again string
	Result              tag
	Open                int
}

type watchedRow struct {
	Href, Watch, Checked string
	Open, Cleared, Real  int
}

type alikeRow struct{ Href, ID, By string }

// shownSessions bounds what a person's page shows of their sessions.
const shownSessions = 25

func (o *office) subject(v *console.Visit) error {
	id, err := v.ID("id", "identity")
	if err != nil {
		return err
	}
	s, err := o.Identities.Read(v.Ctx(), v.Tenant(), v.Who.Actor, id)
	if err != nil {
		return err
	}
	page := subjectPage{ID: kyc.Dress("identity", s.ID), Reference: s.ExternalRef, Kind: s.Kind, Name: s.Private.Name, Email: s.Private.Email, Phone: s.Private.Phone,
		Created: clock(s.CreatedAt), ErasedAt: clock(s.RedactedAt), Archived: clock(s.DeactivatedAt), Status: subjectTag(s.Status), Tags: s.Tags,
		Erased: s.Status == kyc.SubjectRedacted || s.Private.Unreadable, CanErase: v.May("data:redact"), CanWatch: v.May("watchlist:read"),
		CanInvite: v.May("sessions:write") && s.Status != kyc.SubjectRedacted && s.DeactivatedAt.IsZero() && s.MergedInto == ""}
	if s.MergedInto != "" {
		page.MergedInto = "/console/subjects/" + kyc.Dress("identity", s.MergedInto)
	}
	if err := o.storyOf(v, id, &page); err != nil {
		return err
	}
	if page.CanWatch {
		if err := o.watchedOf(v, id, &page); err != nil {
			return err
		}
	}
	alike, err := o.Store.Alike(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	page.Alike = alikeRows(alike)
	return v.Show("subject", "Person", page)
}

func (o *office) storyOf(v *console.Visit, id kyc.ID, page *subjectPage) error {
	sessions, checks, err := o.Identities.Everything(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	names, _, err := o.workflowNames(v)
	if err != nil {
		return err
	}
	if page.Email == "" {
		page.Email, page.EmailSaid = reach(sessions, "email", "email_address", "e_mail"), true
	}
	if page.Phone == "" {
		page.Phone, page.PhoneSaid = reach(sessions, "phone", "phone_number", "telephone", "mobile"), true
	}
	if n := len(sessions) - shownSessions; n > 0 {
		sessions, page.SessionsMore = sessions[:shownSessions], n
	}
	for i := range sessions {
		page.Sessions = append(page.Sessions, rowOf(&sessions[i], names))
		if page.Name == "" {
			page.Name = personName(&sessions[i])
		}
		files, err := o.Store.Uploads(v.Ctx(), v.Tenant(), sessions[i].ID)
		if err != nil {
			return err
		}
		for j := range files {
			page.Files = append(page.Files, fileOf(&sessions[i], &files[j]))
		}
	}
	for _, q := range checks {
		types := make([]string, len(q.Types))
		for i, t := range q.Types {
			types[i] = words(string(t))
		}
		again := "no"
		if q.Monitor != "" {
			again = words(string(q.Monitor))
		}
		page.Checks = append(page.Checks, inquiryRow{Types: strings.Join(types, ", "), Asked: clock(q.AskedAt), Again: again, Result: tagOf(string(q.Result)), Open: q.Open})
	}
	return nil
}

func (o *office) watchedOf(v *console.Visit, id kyc.ID, page *subjectPage) error {
	list, _, err := o.Monitor.WatchedOf(v.Ctx(), v.Tenant(), v.Who.Actor, id)
	if err != nil {
		return err
	}
	for _, w := range list {
		row := watchedRow{Href: "/console/monitoring/" + kyc.Dress("watchlist", w.WatchID), Checked: clock(w.LastCheckedAt)}
		if one, err := o.Monitor.Watch(v.Ctx(), v.Tenant(), w.WatchID); err == nil {
			row.Watch = one.Name
		} else if kyc.KindOf(err) != kyc.NotFound {
			return err
		}
		for _, m := range w.Private.Matches {
			switch m.Status {
			case "false_positive":
				row.Cleared++
			case "true_positive":
				row.Real++
			default:
				row.Open++
			}
		}
		page.Watched = append(page.Watched, row)
	}
	return nil
}

// alikeRows are other people who share something, each with all that is shared.
func alikeRows(traits []kyc.Trait) []alikeRow {
	by := map[kyc.ID][]string{}
	for _, t := range traits {
		if what := words(t.Kind); !slices.Contains(by[t.SubjectID], what) {
			by[t.SubjectID] = append(by[t.SubjectID], what)
		}
	}
	var out []alikeRow
	for id, what := range by {
		slices.Sort(what)
		dressed := kyc.Dress("identity", id)
		out = append(out, alikeRow{Href: "/console/subjects/" + dressed, ID: dressed, By: strings.Join(what, ", ")})
	}
	slices.SortFunc(out, func(a, b alikeRow) int { return cmp.Or(cmp.Compare(len(b.By), len(a.By)), cmp.Compare(a.ID, b.ID)) })
	return out
}

type erasePage struct {
	ID, Reference string
	Sessions      int
	Problems      []kyc.Problem
}

func (o *office) erasePage(v *console.Visit) error { return o.askErase(v, nil) }

func (o *office) askErase(v *console.Visit, problems []kyc.Problem) error {
	id, err := v.ID("id", "identity")
	if err != nil {
		return err
	}
	s, err := o.Identities.Find(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	sessions, _, err := o.Identities.Everything(v.Ctx(), v.Tenant(), id)
	if err != nil {
		return err
	}
	page := erasePage{ID: kyc.Dress("identity", id), Reference: s.ExternalRef, Sessions: len(sessions), Problems: problems}
	if len(problems) > 0 {
		return v.Refuse("erase", "Erase a person", page)
	}
	return v.Show("erase", "Erase a person", page)
}

// confirmation is what is written to erase somebody.
const confirmation = "erase"

// erase destroys a person's data key, after the word was written out.
func (o *office) erase(v *console.Visit) error {
	id, err := v.ID("id", "identity")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	if strings.TrimSpace(v.R.PostFormValue("confirm")) != confirmation {
		return o.askErase(v, []kyc.Problem{{Path: "/confirm", Code: "not_confirmed", Message: "write the word " + confirmation + " to go on; nothing was erased"}})
	}
	_, err = o.Identities.Redact(v.Ctx(), v.Tenant(), v.Who.Actor, id)
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.askErase(v, problems)
	}
	return v.On("/console/subjects/"+kyc.Dress("identity", id), "The person's data was erased.")
}
