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
	return []string{"document_number", tracePicture, "name_dob", "email", "phone", "device"}
}

// tracePicture is the trait of how the identity documents look. It is compared
// by likeness, not by one blind index.
const tracePicture = "picture"

type duplicateConfig struct {
	Traits  []string `json:"traits"`
	OnMatch string   `json:"on_match"`
}

func duplicateDetection(d Deps) Check {
	s := spec("duplicate_detection", "Duplicates",
		"Looks for earlier sessions of other people with the same document number, picture of a document, name and date of birth, e-mail address, phone number or device. Only keyed hashes and encrypted fingerprints of pictures are kept and compared; they end with the person's data.", fraudTimeout)
	s.Provides = []string{"details.matched", "details.sessions", "details.match_count", "details.entities", "details.entity_count"}
	s.ConfigSchema = schema(`
"traits":{"type":"array","uniqueItems":true,"minItems":1,"items":{"type":"string","enum":["document_number","picture","name_dob","email","phone","device"]},"description":"What to compare; absent: all of them. picture finds identity documents whose picture was handed in before, saved or scaled anew."},
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
	matched, sessions, notes := []any{}, []string{}, []kyc.Reason(nil)
	entities := map[kyc.ID][]string{}
	compared := 0
	met := func(kind string, session, subject kyc.ID) {
		if subject != "" && !slices.Contains(entities[subject], kind) {
			entities[subject] = append(entities[subject], kind)
		}
		if s := kyc.Dress("session", session); !slices.Contains(sessions, s) {
			sessions = append(sessions, s)
		}
	}
	for _, kind := range traitKinds() {
		v, have := values[kind]
		if kind == tracePicture {
			look, bad := pictureTraits(ctx, d, r, c)
			if bad != nil {
				return *bad
			}
			a.Pictures, notes = look.own, append(notes, look.notes...)
			if slices.Contains(c.Traits, kind) && len(look.own) > 0 {
				compared++
			}
			if slices.Contains(c.Traits, kind) && len(look.others) > 0 {
				matched = append(matched, kind)
				for _, o := range look.others {
					met(kind, o.SessionID, o.SubjectID)
				}
				a.Reasons = append(a.Reasons, reason(critical, "duplicate_picture", fmt.Sprintf("%d pictures in earlier sessions of other applicants are that of this document", len(look.others))))
			}
			continue
		}
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
			met(kind, t.SessionID, t.SubjectID)
		}
		if others > 0 {
			matched = append(matched, kind)
			a.Reasons = append(a.Reasons, reason(critical, "duplicate_"+kind, fmt.Sprintf("%d earlier sessions of other applicants have the same %s", others, kind)))
		}
	}
	a.Reasons = append(a.Reasons, notes...)
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

// pictureTrait is what the pictures of the identity documents have in common
// with those of others.
type pictureTrait struct {
	own    []kyc.Picture
	others []kyc.Picture // of other people, of no other number
	notes  []kyc.Reason
}

// pictureTraits looks for the pictures of the identity documents in earlier
// sessions. A non-nil answer says that they cannot be compared.
func pictureTraits(ctx context.Context, d Deps, r kyc.CheckRequest, c duplicateConfig) (out pictureTrait, bad *kyc.Answer) {
	if d.Looks == nil || len(idUploads(r.Uploads, idPrimary)) == 0 && len(idUploads(r.Uploads, idSecondary)) == 0 && len(idUploads(r.Uploads, idTertiary)) == 0 {
		return out, nil
	}
	papers, failure := readIDs(ctx, d, r, idPrimary, idSecondary, idTertiary)
	if failure != nil {
		// Who asked for the picture by name is told; who asked for everything
		// gets what there is, and a note.
		if failure.Status != kyc.StatusNotConfigured || len(c.Traits) < len(traitKinds()) && slices.Contains(c.Traits, tracePicture) {
			return out, failure
		}
		out.notes = append(out.notes, reason(info, "picture_not_compared", "the pictures of the documents were not compared, because no document reader is set up here"))
		return out, nil
	}
	altered := false
	for _, p := range papers {
		own, seen, err := lookUp(ctx, d, r, p)
		if err != nil {
			a := unavailable("duplicates_unavailable", "earlier sessions cannot be compared now")
			return out, &a
		}
		out.own = append(out.own, own...)
		for _, s := range seen {
			if s.otherNumber {
				altered = true
			} else {
				out.others = append(out.others, s.other)
			}
		}
	}
	if altered {
		out.notes = append(out.notes, reason(info, "similar_picture", "a document of another number in an earlier session looks the same: two documents of one layout, or one that was altered"))
	}
	return out, nil
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
