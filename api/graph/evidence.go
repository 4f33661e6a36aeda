package graph

import "bonafide/kyc"

type region struct {
	DocumentID string  `json:"document_id,omitempty" doc:"The file."`
	Page       int     `json:"page" doc:"0-based."`
	X          float64 `json:"x" doc:"Left edge, fraction of the width." minimum:"0" maximum:"1"`
	Y          float64 `json:"y" doc:"Upper edge, fraction of the height." minimum:"0" maximum:"1"`
	W          float64 `json:"w" doc:"Width, fraction." minimum:"0" maximum:"1"`
	H          float64 `json:"h" doc:"Height, fraction." minimum:"0" maximum:"1"`
}

type reason struct {
	Code     string   `json:"code" doc:"What was found, in snake_case." example:"mrz_valid"`
	Message  string   `json:"message" doc:"The same as a sentence for the reviewer."`
	Severity string   `json:"severity,omitempty" doc:"How much it matters: info, warning or critical."`
	Points   *float64 `json:"points,omitempty" doc:"What it added to or took from the score."`
	Region   *region  `json:"region,omitempty" doc:"Where on the document it was seen."`
}

func showReasons(list []kyc.Reason) []reason {
	return all(list, func(r kyc.Reason) reason {
		out := reason{Code: r.Code, Message: r.Message, Severity: r.Severity, Points: r.Points}
		if g := r.Region; g != nil {
			out.Region = &region{DocumentID: kyc.Dress("document", g.Upload), Page: g.Page, X: g.X, Y: g.Y, W: g.W, H: g.H}
		}
		return out
	}).Body.Data
}

type hitFeature struct {
	Name   string  `json:"name" doc:"What was compared: word, missing_word, date_of_birth, country, …"`
	Query  string  `json:"query,omitempty" doc:"The applicant's side."`
	Listed string  `json:"listed,omitempty" doc:"The list's side."`
	Rule   string  `json:"rule" doc:"How they were compared: exact, phonetic, edit_1, initial, …"`
	Value  float64 `json:"value" doc:"Likeness 0-1."`
	Points float64 `json:"points" doc:"What it added to the score; all rows add up to it."`
}

type hit struct {
	List         string       `json:"list" doc:"The list." example:"ofac_sdn"`
	Version      string       `json:"version" doc:"The version of the list that was asked."`
	ID           string       `json:"id" doc:"The source's own id of the entry."`
	Type         string       `json:"type" doc:"person, entity, vessel, aircraft or unknown."`
	Name         string       `json:"name" doc:"Primary name of the entry."`
	MatchedName  string       `json:"matched_name" doc:"The name or alias that matched."`
	NameQuality  string       `json:"name_quality,omitempty" doc:"How the list grades that name: primary, strong, weak or native."`
	Score        float64      `json:"score" doc:"How well the party fits the entry. It knows nothing of the risk." minimum:"0" maximum:"1"`
	Features     []hitFeature `json:"features" doc:"The score's explanation, row by row; the points add up to it." nullable:"false"`
	OFACScore    *int         `json:"ofac_score,omitempty" doc:"In the mode ofac: the score on the scale of the public search tool." minimum:"0" maximum:"100"`
	Risk         float64      `json:"risk" doc:"How serious it would be if this were the party, from what the entry is listed for. It knows nothing of the score." minimum:"0" maximum:"1"`
	RiskFeatures []hitFeature `json:"risk_features" doc:"The risk's explanation, row by row; the points add up to it." nullable:"false"`
	ToMiss       string       `json:"to_miss,omitempty" doc:"What would have to differ for this not to be a hit at the threshold, found out by screening the changed party."`
	Programs     []string     `json:"programs" doc:"Sanctions programmes." nullable:"false"`
	Topics       []string     `json:"topics" doc:"Why it is listed, where the source says so: sanction, crime, role.pep, …" nullable:"false"`
	Positions    []position   `json:"positions,omitempty" doc:"Public offices of a politically exposed person, those held still first." nullable:"false"`
	BirthDates   []string     `json:"birth_dates" doc:"Dates of birth of the entry as its list says them." nullable:"false"`
	Countries    []string     `json:"countries" doc:"Countries of the entry, ISO 3166-1 alpha-2." nullable:"false"`
	Fictional    bool         `json:"fictional" doc:"Whether the entry is invented (the demonstration list)."`
}

type position struct {
	Title   string `json:"title" doc:"The office."`
	Country string `json:"country,omitempty" doc:"ISO 3166-1 alpha-2, where the list says it."`
	Level   string `json:"level,omitempty" doc:"international, national, regional or local, where the list says it."`
	Since   string `json:"since,omitempty" doc:"YYYY, YYYY-MM or YYYY-MM-DD."`
	Until   string `json:"until,omitempty" doc:"The same; empty while it is held or where the list does not say."`
}

func showHits(list []kyc.Hit) []hit {
	out := make([]hit, len(list))
	n := 0
	for i := range list {
		n += len(list[i].Features) + len(list[i].RiskFeatures)
	}
	rows := make([]hitFeature, 0, n) // one piece of memory for all
	features := func(of []kyc.HitFeature) []hitFeature {
		from := len(rows)
		for i := range of {
			rows = append(rows, hitFeature(of[i]))
		}
		return rows[from:len(rows):len(rows)]
	}
	for i := range list {
		h := &list[i]
		out[i] = hit{List: h.List, Version: h.Version, ID: h.EntryID, Type: h.Type, Name: h.Name, MatchedName: h.MatchedName, NameQuality: h.NameQuality, Score: h.Score,
			Features: features(h.Features), Risk: h.Risk, RiskFeatures: features(h.RiskFeatures), ToMiss: h.ToMiss, Programs: words(h.Programs), Topics: words(h.Topics),
			BirthDates: words(h.BirthDates), Countries: words(h.Countries), Fictional: h.Fictional}
		for _, p := range h.Positions {
			out[i].Positions = append(out[i].Positions, position{Title: p.Title, Country: p.Country, Level: p.Level, Since: p.Since, Until: p.Until})
		}
	}
	return out
}

type listVersion struct {
	List       string `json:"list" doc:"The list." example:"ofac_sdn"`
	Version    string `json:"version" doc:"SHA-256 of its content, or the source's own date."`
	Entries    int    `json:"entries" doc:"How many entries it has."`
	AsOf       stamp  `json:"as_of" doc:"When this content was taken from its source."`
	AgeSeconds int64  `json:"age_seconds" doc:"How long ago that is."`
	Status     string `json:"status" doc:"ok, not_configured, unavailable, stale or error."`
	LastError  string `json:"last_error,omitempty" doc:"Why the last attempt to bring it up to date failed."`
	Fictional  bool   `json:"fictional" doc:"Whether its entries are invented."`
}

func showLists(list []kyc.ListVersion) []listVersion {
	return all(list, func(l kyc.ListVersion) listVersion {
		return listVersion{List: l.List, Version: l.Version, Entries: l.Entries, AsOf: at(l.AsOf), AgeSeconds: l.AgeSecs, Status: string(l.Status), LastError: l.LastError, Fictional: l.Fictional}
	}).Body.Data
}
