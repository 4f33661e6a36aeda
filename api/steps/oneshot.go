package steps

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/monitor"
)

type screeningSubject struct {
	FullName     string `json:"full_name" doc:"Name in any script and order." minLength:"1" maxLength:"500" example:"Wilhemina Stellengard"`
	DocumentID   string `json:"document_id,omitempty" doc:"Number of a document." maxLength:"200"`
	DocumentType string `json:"document_type,omitempty" doc:"What document it is; the lists are asked for the number whatever its type." maxLength:"64" example:"passport"`
	Nationality  string `json:"nationality,omitempty" doc:"ISO 3166-1 alpha-2." maxLength:"2" example:"DE"`
	BirthDate    string `json:"birth_date,omitempty" doc:"YYYY-MM-DD." maxLength:"10" example:"1981-07-19"`
}

type screeningRequest struct {
	Subject  screeningSubject `json:"subject" doc:"Who to look for."`
	ListName string           `json:"list_name,omitempty" doc:"Ask this list." maxLength:"64" example:"ofac_sdn"`
	Lists    []string         `json:"lists,omitempty" doc:"Ask these lists, besides list_name and those your organisation requires; none named: the required ones, or all that are loaded." maxItems:"50" nullable:"false"`
}

type matchData struct {
	Name        string   `json:"name" doc:"Primary name of the entry."`
	Nationality *string  `json:"nationality" doc:"Countries of the entry, ISO 3166-1 alpha-2, separated by blanks; null when the list says none." nullable:"true"`
	Identifiers []string `json:"identifiers" doc:"Numbers of the entry, each with its kind in front." nullable:"false"`
}

type screeningMatch struct {
	MatchData   matchData           `json:"match_data" doc:"The listed party."`
	ListName    string              `json:"list_name" doc:"The list." example:"ofac_sdn"`
	ListVersion string              `json:"list_version" doc:"The version of the list that was asked."`
	EntityID    string              `json:"entity_id" doc:"The source's own id of the entry."`
	Type        string              `json:"type" doc:"What the entry is." example:"person"`
	MatchedName string              `json:"matched_name" doc:"The name or alias that matched."`
	Score       float64             `json:"score" doc:"How well it matches." minimum:"0" maximum:"1"`
	Risk        float64             `json:"risk,omitempty" doc:"How serious it would be if it were true, from what the entry is listed for." minimum:"0" maximum:"1"`
	Explanation []resultExplanation `json:"explanation" doc:"The score, row by row; the weights add up to it." nullable:"false"`
	Programs    []string            `json:"programs" doc:"Sanctions programmes." nullable:"false"`
	Fictional   bool                `json:"fictional,omitempty" doc:"Whether the entry is invented."`
}

type screeningResult struct {
	Status     string            `json:"status" doc:"ok only when every list answered from fresh data." enum:"ok,not_configured,unavailable,stale,error"`
	IsMatch    *bool             `json:"is_match" doc:"Whether the party is listed. It is false only with status ok." nullable:"true"`
	MatchCount int               `json:"match_count" doc:"How many entries match." minimum:"0"`
	Matches    []screeningMatch  `json:"matches" doc:"The entries, best first." nullable:"false"`
	Lists      []resultListState `json:"lists" doc:"Which lists were asked, in which version and state." nullable:"false"`
	Notes      []string          `json:"notes" doc:"What a person should know, such as a country that could not be used." nullable:"false"`
	At         stamp             `json:"screened_at" doc:"When."`
	TookMS     int64             `json:"processing_time_ms" doc:"How long it took." minimum:"0"`
}

type mediaRequest struct {
	Name       string `json:"name" doc:"Whom or what to search for." minLength:"1" maxLength:"500"`
	EntityType string `json:"entity_type,omitempty" doc:"What it is." enum:"person,company,website" default:"person"`
	Country    string `json:"country,omitempty" doc:"ISO 3166-1 alpha-2." maxLength:"2"`
	Age        *int   `json:"age,omitempty" doc:"Age in years, where known: articles that tell another age count less, those that tell it more." minimum:"0" maximum:"150"`
}

type mediaSource struct {
	ID      string  `json:"id" doc:"The provider's id of the article."`
	Title   string  `json:"title" doc:"Its title."`
	URL     *string `json:"url" doc:"Where it is; null when the provider says none." nullable:"true"`
	Summary string  `json:"summary" doc:"What it says."`
}

type mediaResult struct {
	RiskScore  float64       `json:"final_risk_score" doc:"How grave it is." minimum:"0" maximum:"100"`
	Decision   string        `json:"decision" doc:"HIGH_RISK from 70, MEDIUM_RISK from 40 or where articles name the party that could not be read." enum:"HIGH_RISK,MEDIUM_RISK,LOW_RISK"`
	Summary    string        `json:"summary" doc:"What was found, in a sentence."`
	Categories []string      `json:"categories" doc:"Kinds of accusations." nullable:"false"`
	Sources    []mediaSource `json:"sources" doc:"The articles." nullable:"false"`
	EntityName string        `json:"entity_name" doc:"The name that was searched for."`
	EntityType string        `json:"entity_type" doc:"What it is." enum:"person,company,website"`
	Country    *string       `json:"country" doc:"As given; null without one." nullable:"true"`
	Age        *int          `json:"age" doc:"As given; null without one." nullable:"true"`
	Fictional  bool          `json:"fictional" doc:"Whether the answer is invented (the sandbox)."`
	At         stamp         `json:"analysis_timestamp" doc:"When."`
	TookMS     int64         `json:"processing_time_ms" doc:"How long it took." minimum:"0"`
}

type cryptoRequest struct {
	Address string   `json:"wallet_address" doc:"The address." minLength:"1" maxLength:"200"`
	Network string   `json:"network,omitempty" doc:"Its network; absent: as the address says." enum:"BTC,ETH,TRX,LTC,DOGE,XRP,ADA,XMR,SOL,BCH,DASH,ZEC,BTG,XVG,BSV,ETC,BSC,ARB,POL"`
	Lists   []string `json:"lists,omitempty" doc:"Ask these lists; none named: all that are loaded." maxItems:"50" nullable:"false"`
}

type cryptoMatch struct {
	EntityID   string   `json:"entity_id" doc:"The source's own id of the entry."`
	Address    string   `json:"wallet_address" doc:"The address."`
	ListName   string   `json:"list_name" doc:"The list." example:"ofac_sdn"`
	Confidence float64  `json:"confidence_score" doc:"How sure it is." minimum:"0" maximum:"1"`
	Programs   []string `json:"programs" doc:"Sanctions programmes." nullable:"false"`
	Details    string   `json:"details" doc:"Who is listed with it, and as what."`
	Fictional  bool     `json:"fictional,omitempty" doc:"Whether the entry is invented."`
}

type cryptoResult struct {
	Address    string            `json:"wallet_address" doc:"The address in its normal form."`
	Network    *string           `json:"network" doc:"Its network; null when it is none of any known." nullable:"true"`
	Valid      bool              `json:"address_valid" doc:"Whether its characters, length and checksum are right."`
	Status     string            `json:"status" doc:"ok only when every list answered from fresh data." enum:"ok,not_configured,unavailable,stale,error"`
	IsMatch    *bool             `json:"is_match" doc:"Whether it is listed; null when nobody can say, because it is no address or no loaded list holds addresses of its network." nullable:"true"`
	MatchCount int               `json:"match_count" doc:"How many entries have it." minimum:"0"`
	Matches    []cryptoMatch     `json:"matches" doc:"The entries." nullable:"false"`
	Lists      []resultListState `json:"lists" doc:"Which lists were asked, in which version and state." nullable:"false"`
	Notes      []string          `json:"notes" doc:"What a person should know." nullable:"false"`
	At         stamp             `json:"timestamp" doc:"When."`
	TookMS     int64             `json:"processing_time_ms" doc:"How long it took." minimum:"0"`
}

func (n *neighbours) oneshotRoutes() {
	p, group := n.Porch, "One-shot screening"
	api.Handle(p, unavailable(said(op("screen-party", http.MethodPost, "", group, "Look for a party on the lists", watchRun),
		"Asks the watchlists once; nothing about the party is stored, and that somebody asked is recorded in the audit chain. "+
			"A list that is missing, stale or broken is never a clearance: when nobody is found and not every list answered from fresh data, "+
			"the answer is 503 `screening_<status>`, whose `errors` name the lists. In the sandbox the last word of the name decides (`SANCTION`, `PEP`).")), n.screenParty)
	api.Handle(p, unavailable(said(op("search-adverse-media", http.MethodPost, "/adverse-media", group, "Search the news", watchRun),
		"Asks the feeds of news that are imported here, or the organisation's provider; without either, live keys get 503 `adverse_media_not_configured`. In the sandbox the last word of the name decides (`ADVERSE`).")), n.searchMedia)
	api.Handle(p, unavailable(said(op("screen-wallet", http.MethodPost, "/crypto", group, "Look for a crypto-asset address on the lists", watchRun),
		"Verifies the checksum offline and looks the address up among the identifiers of the loaded lists. It does not trace payments. Fails closed as `POST /kyc` does.")), n.screenWallet)
}

func (n *neighbours) screenParty(ctx context.Context, who api.Principal, in *struct{ Body screeningRequest }) (*answer[screeningResult], error) {
	b := in.Body
	lists := slices.Clone(b.Lists)
	if b.ListName != "" && !slices.Contains(lists, b.ListName) {
		lists = append(lists, b.ListName)
	}
	got, err := n.Monitor.Screen(ctx, who.Tenant, who.Actor, monitor.Question{Name: b.Subject.FullName, BirthDate: b.Subject.BirthDate,
		Nationality: strings.ToUpper(b.Subject.Nationality), Document: b.Subject.DocumentID, Lists: lists}, countryProblem("/subject/nationality", b.Subject.Nationality))
	if err != nil {
		return nil, err
	}
	return &answer[screeningResult]{Body: screeningResult{Status: string(got.Status), IsMatch: got.Match(), MatchCount: len(got.Hits), Matches: shown(got.Hits, n.showMatch),
		Lists: shown(got.Lists, showListState), Notes: notes(got.Screening), At: at(got.At), TookMS: got.Took.Milliseconds()}}, nil
}

// showMatch is a hit with what the list says of the party.
func (n *neighbours) showMatch(h kyc.Hit) screeningMatch {
	full := showHit(h, monitor.MatchOpen)
	out := screeningMatch{MatchData: matchData{Name: h.Name, Identifiers: []string{}}, ListName: h.List, ListVersion: h.Version, EntityID: h.EntryID, Type: h.Type,
		MatchedName: h.MatchedName, Score: h.Score, Risk: h.Risk, Explanation: full.Explanation, Programs: words(h.Programs), Fictional: h.Fictional}
	if n.Entry != nil {
		if e, ok := n.Entry(h.List, h.EntryID); ok {
			out.MatchData.Nationality = text(strings.Join(e.Countries, " "))
			for _, id := range e.Identifiers {
				out.MatchData.Identifiers = append(out.MatchData.Identifiers, id.Kind+" "+id.Value)
			}
			return out
		}
	}
	for _, f := range h.Features {
		switch f.Name {
		case "country":
			out.MatchData.Nationality = text(f.Listed)
		case "identifier":
			out.MatchData.Identifiers = append(out.MatchData.Identifiers, f.Listed)
		}
	}
	return out
}

func showListState(l kyc.ListVersion) resultListState {
	return resultListState{List: l.List, Version: l.Version, Entries: l.Entries, AsOf: l.AsOf.UTC().Truncate(time.Millisecond), AgeSecs: l.AgeSecs, Status: string(l.Status), LastError: l.LastError, Fictional: l.Fictional}
}

// notes are the reasons that say more than that somebody was found or not.
func notes(s monitor.Screening) []string {
	out := []string{}
	for _, r := range s.Reasons {
		if r.Severity != "info" && r.Code != "wallet_address_invalid" {
			out = append(out, r.Message)
		}
	}
	return out
}

func (n *neighbours) searchMedia(ctx context.Context, who api.Principal, in *struct{ Body mediaRequest }) (*answer[mediaResult], error) {
	b := in.Body
	kind := b.EntityType
	if kind == "" {
		kind = "person"
	}
	got, err := n.Monitor.News(ctx, who.Tenant, who.Actor, b.Name, kind, strings.ToUpper(b.Country), b.Age, countryProblem("/country", b.Country))
	if err != nil {
		return nil, err
	}
	return &answer[mediaResult]{Body: mediaResult{RiskScore: got.RiskScore, Decision: got.Decision, Summary: got.Summary, Categories: words(got.Categories),
		Sources: shown(got.Sources, func(a monitor.Article) mediaSource {
			return mediaSource{ID: a.ID, Title: a.Title, URL: text(a.URL), Summary: a.Summary}
		}), EntityName: b.Name, EntityType: kind, Country: text(strings.ToUpper(b.Country)), Age: b.Age, Fictional: got.Fictional, At: at(got.At), TookMS: got.Took.Milliseconds()}}, nil
}

func (n *neighbours) screenWallet(ctx context.Context, who api.Principal, in *struct{ Body cryptoRequest }) (*answer[cryptoResult], error) {
	b := in.Body
	got, err := n.Monitor.Address(ctx, who.Tenant, who.Actor, monitor.Question{Wallet: strings.TrimSpace(b.Address), Network: b.Network, Lists: b.Lists})
	if err != nil {
		return nil, err
	}
	w := got.Wallet
	out := cryptoResult{Address: w.Address, Network: text(w.Network), Valid: w.Valid, Status: string(got.Status), IsMatch: got.Match(), MatchCount: len(got.Hits),
		Lists: shown(got.Lists, showListState), Notes: notes(got.Screening), At: at(got.At), TookMS: got.Took.Milliseconds(),
		Matches: shown(got.Hits, func(h kyc.Hit) cryptoMatch {
			return cryptoMatch{EntityID: h.EntryID, Address: w.Address, ListName: h.List, Confidence: h.Score, Programs: words(h.Programs),
				Details: strings.TrimSpace(h.Type + " " + h.Name), Fictional: h.Fictional}
		})}
	if len(got.Hits) == 0 && (!w.Valid || w.Uncovered) {
		out.IsMatch = nil
		switch {
		case !w.Valid:
			out.Notes = append(out.Notes, "this is no address of its network, so no list can hold it")
		default:
			out.Notes = append(out.Notes, "no loaded list holds addresses of this network, so the lists say nothing of it")
		}
	}
	return &answer[cryptoResult]{Body: out}, nil
}
