package inquiry

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bonafide/kyc"
)

// Limits of a question, in code points.
const (
	maxName  = 500
	maxValue = 200
)

func validFrequency(f kyc.WatchFrequency) bool {
	return slices.Contains([]kyc.WatchFrequency{"", kyc.WatchDaily, kyc.WatchWeekly, kyc.WatchOnUpdate}, f)
}

// check finds everything that is wrong with a question.
func check(n *Question) error {
	var found []kyc.Problem
	add := func(path, code, format string, args ...any) {
		found = append(found, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if len(n.Types) == 0 {
		add("/check_types", "required", "name at least one type of check")
	}
	for i, t := range n.Types {
		path := "/check_types/" + strconv.Itoa(i)
		switch {
		case policyOf(t) == "":
			add(path, "not_allowed_value", "%s is no type of check", clip(string(t)))
		case slices.Index(n.Types, t) < i:
			add(path, "twice", "this type is named twice")
		default:
			if member, value := needs(t, &n.Who); blank(value) && !slices.ContainsFunc(found, func(p kyc.Problem) bool { return p.Path == member }) {
				add(member, "required", "a check of type %s needs this", t)
			}
		}
	}
	for _, v := range []struct {
		path, value string
		longest     int
	}{
		{"/name_first", n.Who.FirstName, maxName}, {"/name_last", n.Who.LastName, maxName}, {"/name", n.Who.Name, 2*maxName + 1},
		{"/document_number", n.Who.Document, maxValue}, {"/email", n.Who.Email, maxValue}, {"/phone", n.Who.Phone, maxValue},
		{"/ip_address", n.Who.IP, maxValue}, {"/wallet_address", n.Who.Wallet, maxValue}, {"/external_ref", n.ExternalRef, maxValue},
	} {
		switch {
		case !utf8.ValidString(v.value) || strings.ContainsFunc(v.value, unicode.IsControl):
			add(v.path, "text_invalid", "the text holds characters that cannot be stored")
		case utf8.RuneCountInString(v.value) > v.longest:
			add(v.path, "too_long", "at most %d characters", v.longest)
		}
	}
	if n.Who.BirthDate != "" {
		if _, err := time.Parse(time.DateOnly, n.Who.BirthDate); err != nil {
			add("/birthdate", "date_invalid", "a date is written YYYY-MM-DD")
		}
	}
	if n.Kind != "person" && n.Kind != "company" {
		add("/entity_type", "not_allowed_value", "person or company")
	}
	if n.Subject != "" && n.ExternalRef != "" {
		add("/external_ref", "not_with", "name an identity_id or an external_ref, not both")
	}
	if !validFrequency(n.Monitor) {
		add("/monitoring", "not_allowed_value", "daily, weekly, on_update or off")
	}
	if len(found) == 0 {
		return nil
	}
	return kyc.InvalidInput("invalid_question", "this cannot be asked", found)
}

// blank reports whether a text has nothing to look for: white space, marks and
// characters that nobody sees.
func blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

// person finds or makes the subject that a question is about, stored at once
// and outside the request's unit, so that two requests about one new person
// agree on it.
func (m *Machine) person(ctx context.Context, t kyc.Tenant, by kyc.Actor, now time.Time, n Question) (kyc.Subject, error) {
	if n.Subject != "" {
		s, err := m.d.Store.Subject(ctx, t, n.Subject)
		if err == nil && s.Status == kyc.SubjectRedacted {
			err = erased()
		}
		return s, err
	}
	var err error
	for range attempts {
		if n.ExternalRef != "" {
			s, err := m.d.Store.SubjectByRef(ctx, t, n.ExternalRef)
			if err == nil && s.Status != kyc.SubjectRedacted {
				return s, nil
			}
			if err != nil && kyc.KindOf(err) != kyc.NotFound {
				return s, err
			}
		}
		kind := "individual"
		if n.Kind == "company" {
			kind = "company"
		}
		s := kyc.Subject{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, ExternalRef: n.ExternalRef, Kind: kind, Status: kyc.SubjectPending}
		s.Touch(now)
		e := kyc.Event{ID: kyc.NewID(now), Tenant: t, At: now, Actor: by, Action: "identity.create", Object: "identity", ObjectID: s.ID, SubjectID: s.ID,
			RequestID: kyc.RequestFrom(ctx).ID, Surface: kyc.SurfaceGraph}
		e = m.d.News.Tell(e, &s, nil, "created")
		if err = m.d.Store.Commit(kyc.WithoutUnit(ctx), &kyc.Change{Put: []kyc.Object{&s}, Events: []kyc.Event{e}}); err == nil {
			return s, nil
		}
		if kyc.KindOf(err) != kyc.Conflict || n.ExternalRef == "" { // somebody made the same person first
			return s, err
		}
	}
	return kyc.Subject{}, err
}
