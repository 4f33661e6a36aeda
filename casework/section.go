package casework

import (
	"context"
	"embed"

	"bonafide/console"
	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/review"
)

//go:embed *.html
var templates embed.FS

const (
	readCases  = "cases:read"
	writeCases = "cases:write"
)

// Store is what the pages read themselves.
type Store interface {
	Commit(ctx context.Context, c *kyc.Change) error
	WaitingCases(ctx context.Context, t kyc.Tenant, f kyc.WaitingFilter, p kyc.Page) ([]kyc.Case, int, error)
	WaitingCount(ctx context.Context, t kyc.Tenant, f kyc.WaitingFilter) (int, error)
	Case(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error)
	Cases(ctx context.Context, t kyc.Tenant, f kyc.CaseFilter, p kyc.Page) ([]kyc.Case, int, error)
	QualityCount(ctx context.Context, t kyc.Tenant, upto int) (int, error)
	Users(ctx context.Context, org kyc.ID) ([]kyc.User, error)
	Evidence
}

// Evidence is what a case rests on.
type Evidence interface {
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error)
	Subject(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Subject, error)
	Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error)
	Uploads(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Upload, error)
	Notes(ctx context.Context, t kyc.Tenant, caseID kyc.ID) ([]kyc.Note, error)
	Events(ctx context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error)
}

// Reviews is the machine of reviews (review.Desk): every rule of claiming and
// deciding is its own.
type Reviews interface {
	Next(ctx context.Context, t kyc.Tenant, by kyc.Actor, reviewer, queue string) (kyc.Case, bool, error)
	Claim(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, reviewer string) (kyc.Case, error)
	Release(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, reviewer string) (kyc.Case, error)
	Decide(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, w review.Word) (kyc.Case, error)
	Escalate(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, x review.Escalation) (kyc.Case, error)
	JudgeHit(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, j review.Judgement) (kyc.Case, error)
	// Impartial refuses (403) who made the case or invited the applicant.
	Impartial(ctx context.Context, c *kyc.Case, who string) error
	SecondLooks
	AddNote(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, author, text string) (kyc.Note, error)
}

// SecondLooks are the looks of quality assurance at decided cases (review.Desk).
type SecondLooks interface {
	QualityList(ctx context.Context, t kyc.Tenant, f kyc.QualityFilter, p kyc.Page) ([]kyc.Case, int, error)
	QualityNext(ctx context.Context, t kyc.Tenant, by kyc.Actor, queue string) (kyc.Case, bool, error)
	QualityTake(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Case, error)
	QualityJudge(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, w review.QualityWord) (kyc.Case, error)
	// MayCheck refuses whoever took part in the case or knows how it was decided.
	MayCheck(ctx context.Context, c *kyc.Case, by kyc.Actor, who string, blind bool) error
}

// Corrections asks applicants again. Not every surface has them.
type Corrections interface {
	// Askable are the steps of a session that can be asked for again; none
	// where the session's surface or its state does not allow it.
	Askable(ctx context.Context, s *kyc.Session) ([]Askable, error)
	// Codes are the reasons there are.
	Codes() []string
	// Ask reopens steps.
	Ask(ctx context.Context, t kyc.Tenant, by kyc.Actor, session kyc.ID, items []Again) error
}

// Askable is a step that can be asked for again: the whole of it, or some of its
// documents or answered questions where it has several.
type Askable struct {
	Step, Title          string
	Documents, Questions []Part
}

// Part is a document or a question of a step: its name in the workflow, and what
// the applicant was shown.
type Part struct{ Name, Title string }

// Again is one thing the applicant shall put right: of a step all, or no more than
// the documents and questions that are named.
type Again struct {
	Step, Code, Message  string
	Documents, Questions []string
}

// Deps are what the pages need.
type Deps struct {
	Store       Store
	Reviews     Reviews
	Corrections Corrections
	Undoing     Undoing
	// Run reads what a run recorded.
	Run func(ctx context.Context, t kyc.Tenant, run kyc.ID) (engine.View, error)
	// File gives the bytes of an upload and records the look.
	File func(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID) (kyc.Upload, []byte, error)
	// EntryPage is where the publisher of a list shows an entry; "" for nowhere.
	EntryPage func(list, id string) string
}

type room struct {
	Deps
}

// Section is the reviewers' part of the console.
func Section(d Deps) console.Section {
	r := &room{d}
	return console.Section{Name: "casework", Files: templates,
		Routes: []console.Route{
			{Pattern: "GET /console/queue", Scope: readCases, Do: r.queue},
			{Pattern: "GET /console/queue/count", Scope: readCases, Do: r.count, Unattended: true},
			{Pattern: "GET /console/queue/decided", Scope: readCases, Do: r.decided},
			{Pattern: "POST /console/queue/next", Scope: writeCases, Do: r.next},
			{Pattern: "GET /console/cases/{id}", Scope: readCases, Do: r.show},
			{Pattern: "GET /console/cases/{id}/files/{file}", Scope: readCases, Do: r.file},
			{Pattern: "POST /console/cases/{id}/claim", Scope: writeCases, Do: undecided(r.claim)},
			{Pattern: "POST /console/cases/{id}/release", Scope: writeCases, Do: undecided(r.release)},
			{Pattern: "POST /console/cases/{id}/decide", Scope: writeCases, Do: undecided(r.decide)},
			{Pattern: "POST /console/cases/{id}/escalate", Scope: writeCases, Do: undecided(r.escalate)},
			{Pattern: "POST /console/cases/{id}/reopen", Scope: writeCases, Do: r.reopen},
			{Pattern: "POST /console/cases/{id}/corrections", Scope: writeCases, Do: r.correct},
			{Pattern: "POST /console/cases/{id}/hits", Scope: writeCases, Do: undecided(r.judge)},
			{Pattern: "POST /console/cases/{id}/notes", Scope: writeCases, Do: r.note},
			{Pattern: "GET /console/quality", Scope: readCases, Do: r.quality},
			{Pattern: "GET /console/quality/{id}", Scope: readCases, Do: r.look},
			{Pattern: "POST /console/quality/next", Scope: writeCases, Do: r.takeNext},
			{Pattern: "POST /console/quality/{id}/take", Scope: writeCases, Do: r.takeLook},
			{Pattern: "POST /console/quality/{id}/verdict", Scope: writeCases, Do: r.verdict},
		},
		Links: []console.Link{{Href: "/console/queue", Text: "Queue", Scope: readCases, Count: r.forMe, Also: "/console/cases/"},
			{Href: "/console/quality", Text: "Quality", Scope: readCases, Count: r.toCheck}},
	}
}
