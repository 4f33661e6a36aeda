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
	List        string       `json:"list" doc:"The list." example:"ofac_sdn"`
	Version     string       `json:"version" doc:"The version of the list that was asked."`
	ID          string       `json:"id" doc:"The source's own id of the entry."`
	Type        string       `json:"type" doc:"person, entity, vessel, aircraft or unknown."`
	Name        string       `json:"name" doc:"Primary name of the entry."`
	MatchedName string       `json:"matched_name" doc:"The name or alias that matched."`
	Score       float64      `json:"score" doc:"0-1." minimum:"0" maximum:"1"`
	Features    []hitFeature `json:"features" doc:"The score's explanation, row by row." nullable:"false"`
	Programs    []string     `json:"programs" doc:"Sanctions programmes." nullable:"false"`
	Fictional   bool         `json:"fictional" doc:"Whether the entry is invented (the demonstration list)."`
}

func showHits(list []kyc.Hit) []hit {
	return all(list, func(h kyc.Hit) hit {
		return hit{List: h.List, Version: h.Version, ID: h.EntryID, Type: h.Type, Name: h.Name, MatchedName: h.MatchedName, Score: h.Score,
			Features: all(h.Features, func(f kyc.HitFeature) hitFeature { return hitFeature(f) }).Body.Data, Programs: words(h.Programs), Fictional: h.Fictional}
	}).Body.Data
}

type listVersion struct {
	List       string `json:"list" doc:"The list." example:"ofac_sdn"`
	Version    string `json:"version" doc:"SHA-256 of its content, or the source's own date."`
	Entries    int    `json:"entries" doc:"How many entries it has."`
	AsOf       stamp  `json:"as_of" doc:"When this content was taken from its source."`
	AgeSeconds int64  `json:"age_seconds" doc:"How long ago that is."`
	Status     string `json:"status" doc:"ok, not_configured, unavailable, stale or error."`
	Fictional  bool   `json:"fictional" doc:"Whether its entries are invented."`
}

func showLists(list []kyc.ListVersion) []listVersion {
	return all(list, func(l kyc.ListVersion) listVersion {
		return listVersion{List: l.List, Version: l.Version, Entries: l.Entries, AsOf: at(l.AsOf), AgeSeconds: l.AgeSecs, Status: string(l.Status), Fictional: l.Fictional}
	}).Body.Data
}
