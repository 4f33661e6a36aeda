package intake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/kyc"
)

// body reads one JSON object of a submission and gathers everything wrong with
// it. A member that is null counts as absent.
type body struct {
	at       string
	members  map[string]json.RawMessage
	seen     map[string]bool
	problems *[]kyc.Problem
}

// maxUnknown are the members nobody asked for that an answer lists of an object.
const maxUnknown = 100

// newBody reads the object of a submission.
func newBody(raw json.RawMessage) (*body, error) {
	b := &body{members: map[string]json.RawMessage{}, seen: map[string]bool{}, problems: &[]kyc.Problem{}}
	if len(raw) == 0 {
		raw = json.RawMessage(`{}`)
	}
	if err := json.Unmarshal(raw, &b.members); err != nil || b.members == nil {
		return nil, kyc.InvalidInput("invalid_submission", "the submission cannot be taken",
			[]kyc.Problem{{Path: "", Code: "wrong_type", Message: "a submission is a JSON object"}})
	}
	return b, nil
}

func (b *body) fail(name, code, format string, args ...any) {
	b.failAt(pointer(b.at, name), code, format, args...)
}

func (b *body) failAt(path, code, format string, args ...any) {
	*b.problems = append(*b.problems, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
}

// pointer appends one reference token to a JSON Pointer (RFC 6901).
func pointer(at, token string) string {
	return at + "/" + strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
}

// get gives a member and marks it as known.
func (b *body) get(name string) (json.RawMessage, bool) {
	b.seen[name] = true
	v, ok := b.members[name]
	return v, ok && string(v) != "null"
}

// text reads a text without control characters, trimmed; limit is in bytes.
func (b *body) text(name string, limit int, required bool) string {
	v, ok := b.get(name)
	if !ok {
		if required {
			b.fail(name, "required", "%s is needed", name)
		}
		return ""
	}
	var s string
	if json.Unmarshal(v, &s) != nil {
		b.fail(name, "wrong_type", "%s must be a text", name)
		return ""
	}
	s = strings.TrimSpace(s)
	switch {
	case s == "" && required:
		b.fail(name, "required", "%s is needed", name)
	case len(s) > limit:
		b.fail(name, "too_long", "at most %d bytes", limit)
	case plainText(s) != s:
		b.fail(name, "text_invalid", "without control characters")
	default:
		return s
	}
	return ""
}

// choice reads one of a few words.
func (b *body) choice(name string, required bool, words ...string) string {
	s := b.text(name, maxName, required)
	if s != "" && !slices.Contains(words, s) {
		b.fail(name, name+"_invalid", "use %s", strings.Join(words, ", "))
		return ""
	}
	return s
}

// flag reads true or false; given is false where it is absent.
func (b *body) flag(name string, required bool) (value, given bool) {
	v, ok := b.get(name)
	if !ok {
		if required {
			b.fail(name, "required", "%s is needed", name)
		}
		return false, false
	}
	if json.Unmarshal(v, &value) != nil {
		b.fail(name, "wrong_type", "%s must be true or false", name)
		return false, false
	}
	return value, true
}

// whole reads a whole number in a range.
func (b *body) whole(name string, low, high int) int {
	v, ok := b.get(name)
	if !ok {
		b.fail(name, "required", "%s is needed", name)
		return 0
	}
	var n int
	switch err := json.Unmarshal(v, &n); {
	case err != nil:
		b.fail(name, "wrong_type", "%s must be a whole number", name)
	case n < low || n > high:
		b.fail(name, "out_of_range", "%d to %d", low, high)
	default:
		return n
	}
	return 0
}

// wholes reads a list of up to n whole numbers in a range; nil where it is
// absent.
func (b *body) wholes(name string, n, low, high int) []int {
	v, ok := b.get(name)
	if !ok {
		return nil
	}
	out := []int{}
	switch err := json.Unmarshal(v, &out); {
	case err != nil:
		b.fail(name, "wrong_type", "%s must be a list of whole numbers", name)
	case len(out) > n:
		b.fail(name, "too_many", "at most %d", n)
	default:
		for i, x := range out {
			if x < low || x > high {
				b.failAt(pointer(pointer(b.at, name), strconv.Itoa(i)), "out_of_range", "%d to %d", low, high)
			}
		}
	}
	return out
}

// date reads a day of the past, YYYY-MM-DD.
func (b *body) date(name string, required bool, today time.Time) string {
	s := b.text(name, 40, required)
	if s == "" {
		return ""
	}
	if _, possible := kyc.AgeOn(s, today); !possible {
		b.fail(name, "date_invalid", "a day of the past, such as 1990-01-31")
		return ""
	}
	return s
}

// object reads an object; nil where it is absent or none.
func (b *body) object(name string, required bool) *body {
	v, ok := b.get(name)
	if !ok {
		if required {
			b.fail(name, "required", "%s is needed", name)
		}
		return nil
	}
	in := &body{at: pointer(b.at, name), members: map[string]json.RawMessage{}, seen: map[string]bool{}, problems: b.problems}
	if json.Unmarshal(v, &in.members) != nil {
		b.fail(name, "wrong_type", "%s must be an object", name)
		return nil
	}
	return in
}

// names are the object's members in order.
func (b *body) names() []string {
	var out []string
	for name := range b.members {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// close reports the members that nobody asked for.
func (b *body) close() {
	listed := 0
	for _, name := range b.names() {
		switch {
		case b.seen[name]:
		case listed == maxUnknown:
			b.failAt(b.at, "unknown_field", "there are more members that do not belong here")
			return
		default:
			if listed++; len(name) > maxName {
				name = strings.ToValidUTF8(name[:maxName], "") + "…"
			}
			b.fail(name, "unknown_field", "there is no %q here", name)
		}
	}
}

// err lists every problem, in order of path; nil when there is none.
func (b *body) err() error {
	if len(*b.problems) == 0 {
		return nil
	}
	sortProblems(*b.problems)
	return kyc.InvalidInput("invalid_submission", "the submission cannot be taken", *b.problems)
}

func sortProblems(p []kyc.Problem) {
	slices.SortStableFunc(p, func(a, b kyc.Problem) int { return cmp.Compare(a.Path, b.Path) })
}
