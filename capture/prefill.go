package capture

import (
	"context"
	"maps"
	"reflect"
	"time"

	"bonafide/field"
)

// Prefill answers the questions of a form that nobody answered yet with what a
// document told of its holder, and marks them. The applicant sends every answer
// all the same, as it stands or put right, and what was read stays where the
// reading keeps it.
func (s *Step) Prefill(ctx context.Context, h field.Holder, now time.Time) {
	read := field.Prefill(ctx, s.Fields, h, now)
	maps.DeleteFunc(read, func(id string, _ any) bool { _, answered := s.Answers[id]; return answered })
	if len(read) == 0 {
		return
	}
	answers := map[string]any{}
	if s.Answers == nil { // nothing was answered, so defaults are shown
		answers = field.Defaults(s.Fields, nil)
	}
	maps.Copy(answers, s.Answers)
	maps.Copy(answers, read)
	s.Answers, s.FromDocument = answers, map[string]bool{}
	for id := range read {
		s.FromDocument[id] = true
	}
}

// same reports whether two answers say the same. What a form sends of a name in
// parts has no full name, which is made from them.
func same(a, b any) bool {
	x, ok := a.(map[string]any)
	y, also := b.(map[string]any)
	if !ok || !also {
		return reflect.DeepEqual(a, b)
	}
	for _, part := range field.NameParts() {
		if part != "full" && x[part] != y[part] {
			return false
		}
	}
	return true
}
