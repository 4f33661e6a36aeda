package graph

import (
	"strconv"

	"bonafide/api"
)

// The answers of the screening write themselves (api.Appender): a thousand
// rows of explanation a millisecond are too many for reflection. Their tests
// compare them with encoding/json, field by field.

// AppendJSON is api.Appender's.
func (s Screening) AppendJSON(to []byte) []byte { return append(s.appendFields(append(to, '{')), '}') }

func (s *Screening) appendFields(to []byte) []byte {
	to = api.AppendString(append(to, `"status":`...), s.Status)
	to = appendList(append(to, `,"matches":`...), s.Matches, (*hit).appendTo)
	to = appendList(append(to, `,"lists":`...), s.Lists, (*listVersion).appendTo)
	return api.AppendStrings(append(to, `,"notes":`...), s.Notes)
}

// AppendJSON is api.Appender's.
func (s screenedAll) AppendJSON(to []byte) []byte {
	to = appendList(append(to, `{"results":`...), s.Results, (*screened).appendTo)
	to = strconv.AppendInt(append(to, `,"failed":`...), int64(s.Failed), 10)
	return append(to, '}')
}

// AppendJSON is api.Appender's, so that the one of Screening is not taken for
// the whole.
func (s screened) AppendJSON(to []byte) []byte { return s.appendTo(to) }

func (s *screened) appendTo(to []byte) []byte {
	to = strconv.AppendInt(append(to, `{"index":`...), int64(s.Index), 10)
	to = s.appendFields(append(to, ','))
	if s.Error != nil {
		to = api.AppendString(append(to, `,"error":{"code":`...), s.Error.Code)
		to = append(api.AppendString(append(to, `,"message":`...), s.Error.Message), '}')
	}
	return append(to, '}')
}

func (h *hit) appendTo(to []byte) []byte {
	to = api.AppendString(append(to, `{"list":`...), h.List)
	to = api.AppendString(append(to, `,"version":`...), h.Version)
	to = api.AppendString(append(to, `,"id":`...), h.ID)
	to = api.AppendString(append(to, `,"type":`...), h.Type)
	to = api.AppendString(append(to, `,"name":`...), h.Name)
	to = api.AppendString(append(to, `,"matched_name":`...), h.MatchedName)
	to = appendGiven(to, `,"name_quality":`, h.NameQuality)
	to = api.AppendFloat(append(to, `,"score":`...), h.Score)
	to = appendList(append(to, `,"features":`...), h.Features, (*hitFeature).appendTo)
	if h.OFACScore != nil {
		to = strconv.AppendInt(append(to, `,"ofac_score":`...), int64(*h.OFACScore), 10)
	}
	to = api.AppendFloat(append(to, `,"risk":`...), h.Risk)
	to = appendList(append(to, `,"risk_features":`...), h.RiskFeatures, (*hitFeature).appendTo)
	to = appendGiven(to, `,"to_miss":`, h.ToMiss)
	to = api.AppendStrings(append(to, `,"programs":`...), h.Programs)
	to = api.AppendStrings(append(to, `,"topics":`...), h.Topics)
	if len(h.Positions) > 0 {
		to = appendList(append(to, `,"positions":`...), h.Positions, (*position).appendTo)
	}
	to = api.AppendStrings(append(to, `,"birth_dates":`...), h.BirthDates)
	to = api.AppendStrings(append(to, `,"countries":`...), h.Countries)
	to = strconv.AppendBool(append(to, `,"fictional":`...), h.Fictional)
	return append(to, '}')
}

func (f *hitFeature) appendTo(to []byte) []byte {
	to = api.AppendString(append(to, `{"name":`...), f.Name)
	to = appendGiven(to, `,"query":`, f.Query)
	to = appendGiven(to, `,"listed":`, f.Listed)
	to = api.AppendString(append(to, `,"rule":`...), f.Rule)
	to = api.AppendFloat(append(to, `,"value":`...), f.Value)
	to = api.AppendFloat(append(to, `,"points":`...), f.Points)
	return append(to, '}')
}

func (p *position) appendTo(to []byte) []byte {
	to = api.AppendString(append(to, `{"title":`...), p.Title)
	to = appendGiven(to, `,"country":`, p.Country)
	to = appendGiven(to, `,"level":`, p.Level)
	to = appendGiven(to, `,"since":`, p.Since)
	to = appendGiven(to, `,"until":`, p.Until)
	return append(to, '}')
}

func (l *listVersion) appendTo(to []byte) []byte {
	to = api.AppendString(append(to, `{"list":`...), l.List)
	to = api.AppendString(append(to, `,"version":`...), l.Version)
	to = strconv.AppendInt(append(to, `,"entries":`...), int64(l.Entries), 10)
	to = l.AsOf.AppendJSON(append(to, `,"as_of":`...))
	to = strconv.AppendInt(append(to, `,"age_seconds":`...), l.AgeSeconds, 10)
	to = api.AppendString(append(to, `,"status":`...), l.Status)
	to = appendGiven(to, `,"last_error":`, l.LastError)
	to = strconv.AppendBool(append(to, `,"fictional":`...), l.Fictional)
	return append(to, '}')
}

// appendGiven writes a field that is left out where it is empty.
func appendGiven(to []byte, name, value string) []byte {
	if value == "" {
		return to
	}
	return api.AppendString(append(to, name...), value)
}

// appendList writes a list; null for nil.
func appendList[T any](to []byte, list []T, write func(*T, []byte) []byte) []byte {
	if list == nil {
		return append(to, "null"...)
	}
	to = append(to, '[')
	for i := range list {
		if i > 0 {
			to = append(to, ',')
		}
		to = write(&list[i], to)
	}
	return append(to, ']')
}
