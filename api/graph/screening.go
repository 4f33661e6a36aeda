package graph

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/roster"
	"bonafide/screen"
)

// party is one name to look for. What only the screening can judge (a name
// without any word that identifies somebody, or one too long) is its own
// problem and not the shape's, so that in a batch it is an answer of that
// party alone.
type party struct {
	Name        string   `json:"name,omitempty" doc:"Name in any script and order, at most 2,000 bytes." maxLength:"20000"`
	FirstName   string   `json:"first_name,omitempty" doc:"Instead of name." maxLength:"250"`
	LastName    string   `json:"last_name,omitempty" doc:"Instead of name." maxLength:"250"`
	Aliases     []string `json:"aliases,omitempty" doc:"Further names of the party; the best match counts." maxItems:"50" nullable:"false"`
	Type        string   `json:"type,omitempty" doc:"What it is." enum:"person,entity,vessel,aircraft,unknown"`
	DateOfBirth string   `json:"dob,omitempty" doc:"Date of birth: YYYY-MM-DD, YYYY-MM or YYYY." maxLength:"10"`
	Country     string   `json:"country,omitempty" doc:"ISO 3166-1 code or English name." maxLength:"100"`
	Gender      string   `json:"gender,omitempty" doc:"M or F, or a word for one of them; anything else says nothing." maxLength:"20"`
	Identifiers []string `json:"identifiers,omitempty" doc:"Document, tax or registration numbers." maxItems:"50" nullable:"false"`
	Lists       []string `json:"lists,omitempty" doc:"Lists to ask; default all that were loaded." maxItems:"50" nullable:"false"`
	Purpose     string   `json:"purpose,omitempty" doc:"Look only for entries listed for this. crime finds entries whose list says so (crime, wanted); sanctions leaves out those listed for a public office alone." enum:"any,sanctions,pep,crime"`
	Topics      []string `json:"topics,omitempty" doc:"Look only for entries that bear one of these OpenSanctions topics or a part of one (crime finds crime.fraud). An entry whose list does not say why it is listed is left out. Not beside purpose crime." maxItems:"50" nullable:"false"`
	Datasets    []string `json:"datasets,omitempty" doc:"Look only for entries of these collections; a list that is one collection is its own." maxItems:"50" nullable:"false"`
	Mode        string   `json:"mode,omitempty" doc:"Scale of the scores: ours, or that of the US Treasury's Sanctions List Search, a hundredth of it (names alone)." enum:"bonafide,ofac"`
	Limit       int      `json:"limit,omitempty" doc:"Matches at most." minimum:"1" maximum:"1000" default:"10"`
	Explain     string   `json:"explain,omitempty" doc:"How much a match says. brief: the rows of the score, and nothing that is empty or said in lists. full: the rows of the risk beside it, the version of the list, and each field." enum:"brief,full" default:"brief"`
	Threshold   *float64 `json:"threshold,omitempty" doc:"Lowest score to show, 0-1; default 0.74. With 0 what is nearest is shown, best first: what scores at least six tenths of the best match, and no to_miss. A lowest score of 0.1 shows everything that was found at all." minimum:"0" maximum:"1"`
}

// explainFull is the value of explain that leaves nothing out.
const explainFull = "full"

// threshold is what the party asks for, or the shipped one.
func (p *party) threshold() float64 {
	if p.Threshold != nil {
		return *p.Threshold
	}
	return screen.DefaultThreshold
}

// Screening is what the lists say of one party.
type Screening struct {
	Status  string        `json:"status" doc:"ok only when every list answered from fresh data; anything else is no clearance." enum:"ok,not_configured,unavailable,stale,error"`
	Matches []match       `json:"matches" doc:"Possible matches, best first, every point explained." nullable:"false"`
	Lists   []listVersion `json:"lists" doc:"Which lists were asked, in which version." nullable:"false"`
	Notes   []string      `json:"notes" doc:"What a reviewer should know, such as an unreadable date." nullable:"false"`
}

type itemError struct {
	Code    string        `json:"code" doc:"Why this party cannot be screened." example:"name_unscreenable"`
	Message string        `json:"message" doc:"The same as a sentence."`
	Errors  []api.Finding `json:"errors" doc:"Every problem, each with the place in the request." nullable:"false"`
}

// refusedItem is why the party at a place of a batch was refused.
func refusedItem(i int, e *kyc.Error) *itemError {
	problems := slices.Clone(e.Problems)
	for k := range problems {
		problems[k].Path = fmt.Sprintf("/queries/%d%s", i, problems[k].Path)
	}
	return &itemError{Code: e.Code, Message: e.Message, Errors: findings(problems)}
}

type screened struct {
	Index int `json:"index" doc:"0-based place of the party in the request."`
	Screening
	Error *itemError `json:"error,omitempty" doc:"Set when this party cannot be screened; its status is error then and it has no matches."`
}

type screenedAll struct {
	Results []screened `json:"results" doc:"One for each party, in the order of the request." nullable:"false"`
	Failed  int        `json:"failed" doc:"How many of them have an error."`
}

func (s *surface) screeningRoutes() {
	api.HandleQuick(s.Porch, said(op("match-name", http.MethodPost, "/screening/match", "Screening", "Look for a party in the watchlists", "watchlist:run"),
		"Asks the official watchlists that are loaded here, without saving anything about the party. That somebody asked is in the audit chain within a second or so, counted by key."),
		func(body []byte, p *party) bool { return p.read(body) },
		func(ctx context.Context, who api.Principal, p *party) (*Screening, error) {
			maxAge, err := s.listAge(ctx, who)
			if err != nil {
				return nil, err
			}
			out, refused := s.screen(*p, maxAge)
			if refused != nil {
				return nil, refused
			}
			if s.Questions == nil {
				return &out, s.screenedEvent(ctx, who, "screening.match")
			}
			return &out, s.Questions.note(ctx, who, p.threshold(), out.Lists)
		})
	api.Handle(s.Porch, said(op("match-names", http.MethodPost, "/screening/batch", "Screening", "Look for up to 1,000 parties in the watchlists", "watchlist:run"),
		"Each party is answered as by /screening/match. A party that cannot be screened has an error of its own and does not stop the others; its status is error, never ok. A request whose shape is wrong anywhere is refused as a whole. Nothing about the parties is saved."),
		func(ctx context.Context, who api.Principal, in *struct {
			Body struct {
				Queries []party `json:"queries" doc:"The parties, answered in this order." minItems:"1" maxItems:"1000" nullable:"false"`
			}
		}) (*answer[screenedAll], error) {
			maxAge, err := s.listAge(ctx, who)
			if err != nil {
				return nil, err
			}
			out, err := s.screenAll(ctx, in.Body.Queries, maxAge)
			if err != nil {
				return nil, err
			}
			return &answer[screenedAll]{Body: out}, s.screenedEvent(ctx, who, "screening.batch")
		})
}

// listAge is when a list counts as stale for this organisation.
func (s *surface) listAge(ctx context.Context, who api.Principal) (time.Duration, error) {
	org, err := s.Orgs.Org(ctx, who.Tenant.Org)
	if err != nil {
		return 0, err
	}
	return org.EnvSettings(who.Tenant.Env).ListMaxAge, nil
}

// screen asks the lists for one party. What the lists say of themselves is
// answered beside an error, too.
func (s *surface) screen(p party, maxAge time.Duration) (Screening, *kyc.Error) {
	q := screen.Query{Name: p.Name, FirstName: p.FirstName, LastName: p.LastName, Aliases: p.Aliases, Type: roster.EntityType(p.Type), DateOfBirth: p.DateOfBirth,
		Country: p.Country, Gender: p.Gender, Identifiers: p.Identifiers, Lists: p.Lists, Topics: p.Topics, Datasets: p.Datasets, Limit: p.Limit, Threshold: p.threshold(), MaxAge: maxAge,
		Mode: screen.Mode(p.Mode), ToMiss: true}
	if q.Threshold == 0 && q.Mode != screen.ModeOFAC {
		q.Beside = screen.NearestShare
	}
	twice := false
	switch p.Purpose {
	case "sanctions":
		q.Purpose = screen.ForSanctions
	case "pep":
		q.Purpose = screen.ForPEP
	case "crime":
		twice = len(p.Topics) > 0
		q.Topics = []string{roster.TopicCrime, "wanted"}
	}
	got := s.Screen.Match(q)
	if twice {
		problems := []kyc.Problem{{Path: "/topics", Code: "purpose_and_topics", Message: "leave topics or the purpose crime out"}}
		if got.Err != nil {
			problems = append(problems, got.Err.Problems...)
		}
		got.Hits, got.Err = nil, kyc.InvalidInput("purpose_and_topics", "the purpose crime chooses the topics itself", problems)
	}
	out := Screening{Status: string(got.Worst()), Matches: showMatches(got.Hits, p.Explain == explainFull), Lists: showLists(got.Lists), Notes: words(got.Notes)}
	for _, id := range got.Unfit {
		out.Notes = append(out.Notes, "the list "+id+" holds nobody of that kind and was not asked")
	}
	if q.Mode == screen.ModeOFAC {
		for i := range out.Matches {
			score := int(math.Round(100 * out.Matches[i].Score))
			out.Matches[i].OFACScore = &score
		}
	}
	return out, got.Err
}

// screenAll asks for all parties, on every processor there is. When the caller
// goes away, what has not begun is left undone and nothing is answered.
func (s *surface) screenAll(ctx context.Context, parties []party, maxAge time.Duration) (screenedAll, error) {
	out := screenedAll{Results: make([]screened, len(parties))}
	var next, failed atomic.Int64
	var done sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(parties)) {
		done.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(parties) {
					return
				}
				got, refused := s.screen(parties[i], maxAge)
				one := screened{Index: i, Screening: got}
				if refused != nil {
					failed.Add(1)
					one.Error = refusedItem(i, refused)
				}
				out.Results[i] = one
			}
		})
	}
	done.Wait()
	out.Failed = int(failed.Load())
	return out, ctx.Err()
}

// screenedEvent records who screened, and nothing about whom.
func (s *surface) screenedEvent(ctx context.Context, who api.Principal, action string) error {
	now := s.Clock.Now()
	e := kyc.Event{ID: kyc.NewID(now), Tenant: who.Tenant, At: now, Actor: who.Actor, Action: action, Object: "screening", RequestID: api.RequestID(ctx)}
	return s.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}})
}
