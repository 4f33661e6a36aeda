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
	to = appendList(append(to, `,"matches":`...), s.Matches, (*match).appendTo)
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
		to = api.AppendString(append(to, `,"message":`...), s.Error.Message)
		to = append(appendList(append(to, `,"errors":`...), s.Error.Errors, appendFinding), '}')
	}
	return append(to, '}')
}

func appendFinding(f *api.Finding, to []byte) []byte {
	to = api.AppendString(append(to, `{"path":`...), f.Path)
	to = api.AppendString(append(to, `,"code":`...), f.Code)
	to = api.AppendString(append(to, `,"message":`...), f.Message)
	to = appendGiven(to, `,"node":`, f.Node)
	if len(f.Nodes) > 0 {
		to = api.AppendStrings(append(to, `,"nodes":`...), f.Nodes)
	}
	return append(to, '}')
}

func (m *match) appendTo(to []byte) []byte {
	to = api.AppendString(append(to, `{"list":`...), m.List)
	to = appendGiven(to, `,"version":`, m.Version)
	to = api.AppendString(append(to, `,"id":`...), m.ID)
	to = api.AppendString(append(to, `,"type":`...), m.Type)
	to = api.AppendString(append(to, `,"name":`...), m.Name)
	to = appendGiven(to, `,"matched_name":`, m.MatchedName)
	to = appendGiven(to, `,"name_quality":`, m.NameQuality)
	to = api.AppendFloat(append(to, `,"score":`...), m.Score)
	to = appendList(append(to, `,"features":`...), m.Features, (*matchRow).appendTo)
	if m.OFACScore != nil {
		to = strconv.AppendInt(append(to, `,"ofac_score":`...), int64(*m.OFACScore), 10)
	}
	to = api.AppendFloat(append(to, `,"risk":`...), m.Risk)
	if len(m.RiskFeatures) > 0 {
		to = appendList(append(to, `,"risk_features":`...), m.RiskFeatures, (*matchRow).appendTo)
	}
	to = appendGiven(to, `,"to_miss":`, m.ToMiss)
	to = appendSome(to, `,"programs":`, m.Programs)
	to = appendSome(to, `,"topics":`, m.Topics)
	if len(m.Positions) > 0 {
		to = appendList(append(to, `,"positions":`...), m.Positions, (*position).appendTo)
	}
	to = appendSome(to, `,"birth_dates":`, m.BirthDates)
	to = appendSome(to, `,"countries":`, m.Countries)
	if m.Fictional {
		to = append(to, `,"fictional":true`...)
	}
	return append(to, '}')
}

func (f *matchRow) appendTo(to []byte) []byte {
	to = api.AppendString(append(to, `{"name":`...), f.Name)
	to = appendGiven(to, `,"query":`, f.Query)
	to = appendGiven(to, `,"listed":`, f.Listed)
	to = api.AppendString(append(to, `,"rule":`...), f.Rule)
	if f.Value != 0 {
		to = api.AppendFloat(append(to, `,"value":`...), f.Value)
	}
	if f.Points != 0 {
		to = api.AppendFloat(append(to, `,"points":`...), f.Points)
	}
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

// appendSome writes a list of strings that is left out where it is empty.
func appendSome(to []byte, name string, list []string) []byte {
	if len(list) == 0 {
		return to
	}
	return api.AppendStrings(append(to, name...), list)
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
