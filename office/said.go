package office

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bonafide/kyc"
)

// saidRow is one thing the applicant typed or chose.
type saidRow struct{ Name, Value string }

// saidIn are the values of the session's forms, what people look for first;
// none when nobody can read the session any more.
func saidIn(s *kyc.Session) []saidRow {
	if !s.Readable() {
		return nil
	}
	first := []string{"full_name", "name", "first_name", "middle_name", "last_name", "company_name", "legal_name", "date_of_birth", "email", "phone"}
	place := func(key string) int {
		if i := slices.Index(first, key); i >= 0 {
			return i
		}
		return len(first)
	}
	keys := slices.SortedFunc(maps.Keys(s.Private.Fields), func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
	var out []saidRow
	for _, key := range keys {
		if slices.Contains(keptBeside(s.Surface), key) {
			continue
		}
		if text := spoken(s.Private.Fields[key]); text != "" {
			out = append(out, saidRow{title(key), text})
		}
	}
	return out
}

// keptBeside are the fields of a surface's sessions that the program keeps beside
// what was said: which names there are and who told each (surface B), what the
// pages of a link ask for and what was agreed to on them (surface C).
func keptBeside(s kyc.Surface) []string {
	switch s {
	case kyc.SurfaceChecks:
		return []string{"names"}
	case kyc.SurfaceEntities:
		return []string{"hosted", "consents"}
	}
	return nil
}

// spoken writes a value of a form; a structure is written part by part.
func spoken(v any) string {
	var parts []string
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if p := spoken(v[k]); p != "" {
				parts = append(parts, words(k)+": "+p)
			}
		}
	case []any:
		for _, x := range v {
			if p := spoken(x); p != "" {
				parts = append(parts, p)
			}
		}
	default:
		return fmt.Sprint(v)
	}
	return strings.Join(parts, ", ")
}

// reach is how the newest session says a person can be reached; the sessions
// are newest first.
func reach(sessions []kyc.Session, keys ...string) string {
	for i := range sessions {
		if !sessions[i].Readable() {
			continue
		}
		for _, key := range keys {
			if text := spoken(sessions[i].Private.Fields[key]); text != "" {
				return text
			}
		}
	}
	return ""
}
