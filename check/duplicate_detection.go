package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/procedure"
)

// traitKinds are what duplicates are found by, strongest first.
func traitKinds() []string {
	return []string{"document_number", "name_dob", "email", "phone", "device"}
}

type duplicateConfig struct {
	Traits  []string `json:"traits"`
	OnMatch string   `json:"on_match"`
}

func duplicateDetection(d Deps) Check {
	s := spec("duplicate_detection", "Duplicates",
		"Looks for earlier sessions of other people with the same document number, name and date of birth, e-mail address, phone number or device. Only keyed hashes are kept and compared.", 0)
	s.Provides = []string{"details.matched", "details.sessions", "details.match_count", "details.entities", "details.entity_count"}
	s.ConfigSchema = schema(`
"traits":{"type":"array","uniqueItems":true,"minItems":1,"items":{"type":"string","enum":["document_number","name_dob","email","phone","device"]},"description":"What to compare; absent: all of them."},
"on_match":{"type":"string","enum":["fail","review"],"default":"fail","description":"What a match means."}`, "")
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer { return findDuplicates(ctx, d, r) }}
}

// traitValues gives the normal form of each trait that the session has.
func traitValues(r kyc.CheckRequest) map[string]string {
	form, paper := onForm(r), onPaper(r)
	out := map[string]string{}
	put := func(kind, v string) {
		if v != "" {
			out[kind] = v
		}
	}
	if n := letters(first(paper.number, form.number)); n != "" {
		// The same number from two countries is two documents.
		put("document_number", first(paper.issuer, form.issuer, paper.nationality, form.nationality)+":"+n)
	}
	born := first(paper.born, form.born)
	if name := first(paper.name(), form.name()); name != "" && born != "" {
		var parts []string
		for _, w := range words(name) {
			parts = append(parts, w[0])
		}
		slices.Sort(parts)
		if len(parts) > 0 {
			put("name_dob", strings.Join(parts, " ")+"|"+born)
		}
	}
	if e, ok := kyc.ListEmail.Normal(contact(r, "email")); ok && !strings.HasPrefix(e, "@") {
		put("email", e)
	}
	if p, ok := kyc.ListPhone.Normal(contact(r, "phone")); ok {
		put("phone", p)
	}
	if v, ok := kyc.ListDevice.Normal(contact(r, "device")); ok {
		put("device", v)
	}
	return out
}

func findDuplicates(ctx context.Context, d Deps, r kyc.CheckRequest) kyc.Answer {
	c := duplicateConfig{Traits: traitKinds(), OnMatch: "fail"}
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	if d.Duplicates == nil || d.Blinder == nil {
		return notConfigured("duplicates_not_configured", "no memory of earlier sessions is set up here")
	}
	values := traitValues(r)
	a := judged(kyc.Pass)
	matched, sessions := []any{}, []string{}
	entities := map[kyc.ID][]string{}
	compared := 0
	for _, kind := range traitKinds() {
		v, have := values[kind]
		if !have {
			continue
		}
		h, err := d.Blinder.Blind(ctx, r.Tenant, kind, v)
		if err != nil {
			return unavailable("duplicates_unavailable", "earlier sessions cannot be compared now")
		}
		// Every trait is remembered, also those that this workflow does not
		// compare: another one may.
		a.Traits = append(a.Traits, kyc.Trait{Kind: kind, Hash: h, SessionID: r.SessionID, SubjectID: r.SubjectID})
		if !slices.Contains(c.Traits, kind) {
			continue
		}
		compared++
		earlier, err := d.Duplicates.Traits(ctx, r.Tenant, kind, []string{h})
		if err != nil {
			return unavailable("duplicates_unavailable", "earlier sessions cannot be compared now")
		}
		others := 0
		for _, t := range earlier {
			if t.SessionID == r.SessionID || t.SubjectID != "" && t.SubjectID == r.SubjectID {
				continue // the same person, coming back
			}
			others++
			if t.SubjectID != "" && !slices.Contains(entities[t.SubjectID], kind) {
				entities[t.SubjectID] = append(entities[t.SubjectID], kind)
			}
			if s := kyc.Dress("session", t.SessionID); !slices.Contains(sessions, s) {
				sessions = append(sessions, s)
			}
		}
		if others > 0 {
			matched = append(matched, kind)
			a.Reasons = append(a.Reasons, reason(critical, "duplicate_"+kind, fmt.Sprintf("%d earlier sessions of other applicants have the same %s", others, kind)))
		}
	}
	slices.Sort(sessions)
	shown := []any{}
	for _, s := range sessions[:min(len(sessions), 50)] {
		shown = append(shown, s)
	}
	a.Details = map[string]any{"matched": matched, "match_count": len(sessions), "sessions": shown, "compared": compared,
		"entities": people(entities), "entity_count": len(entities)}
	switch {
	case len(matched) > 0 && c.OnMatch == "review":
		a.Verdict = kyc.VerdictReview
	case len(matched) > 0:
		a.Verdict = kyc.Fail
	case compared == 0:
		a.Verdict = kyc.VerdictReview
		a.Reasons = append(a.Reasons, reason(warning, "nothing_compared", "the session has nothing to find duplicates by"))
	default:
		a.Reasons = append(a.Reasons, reason(info, "no_duplicates", fmt.Sprintf("no earlier session of another applicant shares one of %d traits", compared)))
	}
	return a
}

// maxEntities bounds the list of possible duplicates; entity_count counts all.
const maxEntities = 50

// people lists the other people that have something in common, by id, with what
// it is.
func people(found map[kyc.ID][]string) []any {
	list := []procedure.DuplicateHit{}
	for _, id := range slices.Sorted(maps.Keys(found)) {
		if len(list) < maxEntities {
			list = append(list, procedure.DuplicateHit{Entity: id, Traits: found[id]})
		}
	}
	shown, _ := plainly(list).([]any)
	return shown
}
