package engine

import (
	"bytes"
	"encoding/json"
	"maps"
	"time"
)

// normal gives the payload as decoding its data would give it, so that the
// live run need not decode what it has just encoded. It gives nil where that
// is not certain; then the data is decoded. Whatever conditions can look into
// (details, fields, metadata) is copied and brought into the words of JSON;
// texts that JSON would have mended (invalid UTF-8) are left to the decoder.
func normal(payload any, data json.RawMessage) any {
	if bytes.Contains(data, []byte(`\ufffd`)) {
		return nil
	}
	switch p := payload.(type) {
	case *Answered:
		a := *p
		details, ok := plainMap(a.Answer.Details)
		if !ok {
			return nil
		}
		a.Answer.Details, a.Answer.Filmed = details, nil
		a.Answer.StartedAt, a.Answer.FinishedAt = plainTime(a.Answer.StartedAt), plainTime(a.Answer.FinishedAt)
		return &a
	case *Begin:
		b := *p
		if len(b.Carried) > 0 || len(b.Uploads) > 0 {
			return nil // rare, and deep
		}
		var okFields, okMeta bool
		b.Session.Fields, okFields = plainMap(b.Session.Fields)
		b.Session.Metadata, okMeta = plainMap(b.Session.Metadata)
		if !okFields || !okMeta {
			return nil
		}
		return &b
	}
	return nil
}

func plainTime(t time.Time) time.Time { return t.Round(0).UTC() }

// plainMap copies a map into the types that a decoder with UseNumber gives.
func plainMap(m map[string]any) (map[string]any, bool) {
	if len(m) == 0 {
		return nil, true // omitted when it is written
	}
	out := make(map[string]any, len(m))
	for k, v := range maps.All(m) {
		p, ok := plain(v)
		if !ok {
			return nil, false
		}
		out[k] = p
	}
	return out, true
}

func plain(v any) (any, bool) {
	switch v := v.(type) {
	case nil, bool, string:
		return v, true
	case json.Number:
		return v, v != "" // an empty one is written as 0
	case float64:
		return number(v), true
	case map[string]any:
		if v == nil {
			return nil, true
		}
		if len(v) == 0 {
			return map[string]any{}, true
		}
		return plainMap(v)
	case []any:
		if v == nil {
			return nil, true
		}
		out := make([]any, len(v))
		for i := range v {
			p, ok := plain(v[i])
			if !ok {
				return nil, false
			}
			out[i] = p
		}
		return out, true
	}
	return nil, false
}
