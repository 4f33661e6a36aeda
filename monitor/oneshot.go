package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"time"

	"bonafide/kyc"
)

// Limits of what may be asked.
const (
	maxName       = 500
	maxIdentifier = 200
	maxLists      = 50
)

var listID = regexp.MustCompile(`^[a-z0-9_][a-z0-9_-]{0,63}$`)

// Asked is the answer to one question, with when it was asked and how long it
// took. Nothing of it is stored but the fact that somebody asked.
type Asked struct {
	Screening
	At   time.Time
	Took time.Duration
}

// Match says whether the party is listed. It is nil where nobody can say: some
// list did not answer from fresh data and the others know nothing.
func (s Screening) Match() *bool {
	yes := len(s.Hits) > 0
	if !yes && s.Status != kyc.StatusOK {
		return nil
	}
	return &yes
}

// Screen asks the lists for one party, once. problems are what the surface
// found already, to be told with the rest. Errors: Invalid invalid_question
// with all problems; Unavailable screening_<status> when nobody was found and
// not every list answered from fresh data, with the state of each list, so
// that a broken screening never reads as clear.
func (m *Machine) Screen(ctx context.Context, t kyc.Tenant, by kyc.Actor, q Question, found []kyc.Problem) (Asked, error) {
	p := problems(found)
	p.required("/subject/full_name", q.Name, maxName)
	p.text("/subject/document_id", q.Document, maxIdentifier)
	if q.BirthDate != "" {
		if _, err := time.Parse(time.DateOnly, q.BirthDate); err != nil {
			p.add("/subject/birth_date", "date_invalid", "a date is written YYYY-MM-DD")
		}
	}
	m.checkLists(&p, "/lists", q.Lists, t)
	if err := p.err("invalid_question", "the lists cannot be asked for this"); err != nil {
		return Asked{}, err
	}
	a, err := m.once(ctx, t, by, "screening.run", q)
	if err != nil {
		return a, err
	}
	if r, ok := a.reason("name_unscreenable", "name_unreadable", "name_too_long"); ok {
		return a, kyc.InvalidInput("invalid_question", "the lists cannot be asked for this", []kyc.Problem{{Path: "/subject/full_name", Code: r.Code, Message: r.Message}})
	}
	return a, a.clearance()
}

// Address asks the lists for one address of a crypto asset, once. Errors as
// those of Screen. An address that is none of its network, or of a network
// that no loaded list covers, is answered; look at Wallet.
func (m *Machine) Address(ctx context.Context, t kyc.Tenant, by kyc.Actor, q Question) (Asked, error) {
	var p problems
	p.required("/wallet_address", q.Wallet, maxIdentifier)
	m.checkLists(&p, "/lists", q.Lists, t)
	if err := p.err("invalid_question", "the lists cannot be asked for this"); err != nil {
		return Asked{}, err
	}
	a, err := m.once(ctx, t, by, "wallet.screen", q)
	if err != nil {
		return a, err
	}
	return a, a.clearance()
}

// once asks and notes in the audit chain that somebody did.
func (m *Machine) once(ctx context.Context, t kyc.Tenant, by kyc.Actor, action string, q Question) (Asked, error) {
	now, org, err := m.now(ctx, t)
	if err != nil {
		return Asked{}, err
	}
	started := m.d.Clock.Now()
	id := kyc.NewID(now)
	r := request(t, org, id)
	r.Now = now
	a := Asked{Screening: m.ask(ctx, r, q), At: now, Took: m.d.Clock.Now().Sub(started)}
	return a, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{event(ctx, t, by, now, action, "screening", id)}})
}

// clearance is nil when the answer may be given: somebody was found, or every
// list answered.
func (s Screening) clearance() error {
	if s.Match() != nil {
		return nil
	}
	e := kyc.Errorf(kyc.Unavailable, "screening_"+string(s.Status), "nobody was found, but not every list answered from fresh data, so this is no clearance")
	for _, l := range s.Lists {
		if l.Status != kyc.StatusOK {
			e.Problems = append(e.Problems, kyc.Problem{Path: "/lists/" + l.List, Code: "list_" + string(l.Status), Message: "list " + l.List + " is " + string(l.Status)})
		}
	}
	for _, r := range s.Reasons {
		if len(e.Problems) == 0 && r.Severity == "critical" {
			e.Problems = append(e.Problems, kyc.Problem{Path: "/lists", Code: r.Code, Message: r.Message})
		}
	}
	return e
}

// checkLists verifies the names of lists. The sandbox simulates its lists, so
// any name will do there.
func (m *Machine) checkLists(p *problems, at string, lists []string, t kyc.Tenant) {
	if len(lists) > maxLists {
		p.add(at, "too_many", "at most %d lists", maxLists)
	}
	var known []string
	for _, l := range m.d.Lists() {
		known = append(known, l.List)
	}
	for i, id := range lists {
		path := at + "/" + number(i)
		switch {
		case !listID.MatchString(id):
			p.add(path, "list_id_invalid", "a list is named by lower-case letters, digits, _ and -")
		case slices.Index(lists, id) < i:
			p.add(path, "list_twice", "this list is named twice")
		case t.Env == kyc.Live && !slices.Contains(known, id):
			p.add(path, "list_unknown", "no list of this name is known here")
		}
	}
}

// Levels of Media.Decision.
const (
	highRisk, mediumRisk = 70, 40
)

// Media is what the news say of somebody.
type Media struct {
	RiskScore  float64 // 0-100
	Decision   string  // HIGH_RISK, MEDIUM_RISK, LOW_RISK
	Summary    string
	Categories []string
	Sources    []Article
	Fictional  bool // invented by the sandbox
	At         time.Time
	Took       time.Duration
}

// Article is one source of a finding.
type Article struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	URL     string `json:"url"`
	Summary string `json:"summary"`
}

// News searches the news for a person, a company or a website. Errors: Invalid
// invalid_question; Unavailable with the code of the first reason when the
// search could not be made, adverse_media_not_configured where no provider is
// set up.
// The age is that of a person in years, nil where not known: an article that
// tells another one speaks less of the party, one that tells the same more.
func (m *Machine) News(ctx context.Context, t kyc.Tenant, by kyc.Actor, name, kind, country string, age *int, found []kyc.Problem) (Media, error) {
	p := problems(found)
	p.required("/name", name, maxName)
	if err := p.err("invalid_question", "the news cannot be searched for this"); err != nil {
		return Media{}, err
	}
	now, org, err := m.now(ctx, t)
	if err != nil {
		return Media{}, err
	}
	started := m.d.Clock.Now()
	id := kyc.NewID(now)
	r := request(t, org, id)
	r.Now, r.Country, r.Fields = now, country, map[string]any{"name": name, "country": country, "entity_type": kind}
	party := map[string]any{"path": "/name", "nationality": "/country", "company": kind != "person"}
	if age != nil && kind == "person" {
		// Who is 45 was born 45 or 46 years before.
		born := now.Year() - *age
		r.Fields["born"], party["date_of_birth"] = fmt.Sprintf("%04d/%04d", born-1, born), "/born"
	}
	a := m.examine(ctx, r, policyMedia, map[string]any{"parties": []any{party}})
	for _, r := range a.Reasons {
		if slices.Contains([]string{"name_unscreenable", "name_unreadable", "name_too_long"}, r.Code) { // asking again would not help
			return Media{}, kyc.InvalidInput("invalid_question", "the news cannot be searched for this", []kyc.Problem{{Path: "/name", Code: r.Code, Message: r.Message}})
		}
	}
	if a.Status != kyc.StatusOK {
		code, message := "adverse_media_"+string(a.Status), "the news cannot be searched now"
		if len(a.Reasons) > 0 {
			message = a.Reasons[0].Message
		}
		return Media{}, kyc.Errorf(kyc.Unavailable, code, "%s", message)
	}
	out := mediaOf(a)
	out.At, out.Took = now, m.d.Clock.Now().Sub(started)
	return out, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{event(ctx, t, by, now, "media.search", "screening", id)}})
}

// unread reports whether articles that name the party were not read: what they
// say is unknown, and no low risk.
func unread(reasons []kyc.Reason) bool {
	return slices.ContainsFunc(reasons, func(r kyc.Reason) bool { return r.Code == "language_not_read" || r.Code == "too_many_articles" })
}

// mediaOf reads an answer of adverse_media. A finding without a score counts
// as high risk, articles that nobody read as medium.
func mediaOf(a kyc.Answer) Media {
	var details struct {
		RiskScore  *float64  `json:"risk_score"`
		Categories []string  `json:"categories"`
		Summary    string    `json:"summary"`
		Sources    []Article `json:"sources"`
	}
	readable := false
	if raw, err := json.Marshal(a.Details); err == nil {
		readable = json.Unmarshal(raw, &details) == nil
	}
	out := Media{Categories: details.Categories, Summary: details.Summary, Sources: details.Sources}
	switch {
	case readable && details.RiskScore != nil:
		out.RiskScore = math.Max(0, math.Min(100, *details.RiskScore))
	case a.Verdict != kyc.Pass:
		out.RiskScore = 100
	}
	for _, h := range a.Hits {
		out.Fictional = out.Fictional || h.Fictional
		if len(details.Sources) == 0 {
			out.Sources = append(out.Sources, Article{ID: h.EntryID, Title: h.Name, Summary: "an entry of " + h.List})
		}
	}
	for _, l := range a.Lists {
		out.Fictional = out.Fictional || l.Fictional
	}
	switch {
	case out.RiskScore >= highRisk:
		out.Decision = "HIGH_RISK"
	case out.RiskScore >= mediumRisk, unread(a.Reasons):
		out.Decision = "MEDIUM_RISK"
	default:
		out.Decision = "LOW_RISK"
	}
	if out.Summary == "" && len(a.Reasons) > 0 {
		out.Summary = a.Reasons[0].Message
	}
	return out
}
