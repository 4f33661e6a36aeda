package journey

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestALinkIsStoredHashedAndANewOneKillsIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	ctx := t.Context()
	if len(c.Token) != 43 || c.Session.TokenHash != kyc.TextHash(c.Token) || strings.Contains(c.Session.TokenHash, c.Token) {
		t.Errorf("token %q, stored %q", c.Token, c.Session.TokenHash)
	}
	l, err := b.GenerateLink(ctx, b.live, b.key, c.Session.ID, 0, 3)
	if err != nil || l.Token == c.Token {
		t.Fatal(err)
	}
	_, err = b.store.SessionByToken(ctx, kyc.TextHash(c.Token))
	wantCode(t, err, kyc.NotFound, "not_found")
	if s, err := b.store.SessionByToken(ctx, kyc.TextHash(l.Token)); err != nil || s.ExpiresAt.Sub(*b.now) > 3*24*time.Hour {
		t.Errorf("the new link: %v", err)
	}
	_, err = b.GenerateLink(ctx, b.live, b.key, c.Session.ID, 0, 366)
	wantCode(t, err, kyc.Invalid, "invalid_link")
	for _, s := range []kyc.SessionStatus{kyc.SessionRunning, kyc.SessionReview, kyc.SessionApproved, kyc.SessionCancelled} {
		b.put(t, c.Session.ID, s)
		_, err = b.GenerateLink(ctx, b.live, b.key, c.Session.ID, 0, 0)
		wantCode(t, err, kyc.Conflict, "invalid_transition")
	}
}

func TestAnExpiredSessionComesBackToWhereItWas(t *testing.T) {
	t.Parallel()
	ctx := context.Background() //nolint:usetesting // shared by the cases
	for _, from := range []kyc.SessionStatus{kyc.SessionCreated, kyc.SessionCapturing, kyc.SessionCorrection} {
		b := newBench(t)
		c := b.opened(t, "")
		id := c.Session.ID
		b.put(t, id, from)
		b.later(8 * 24 * time.Hour)
		s, err := b.Expire(ctx, b.session(t, id), kyc.SystemActor("session"), *b.now)
		if err != nil || s.Status != kyc.SessionExpired || s.TokenHash == "" || !slices.Contains(b.heard(id), "session.expired") {
			t.Fatalf("%s %v", s.Status, err)
		}
		_, err = b.Expire(ctx, b.session(t, id), kyc.SystemActor("session"), *b.now)
		wantCode(t, err, kyc.Conflict, "invalid_transition")
		_, err = b.GenerateLink(ctx, b.live, b.key, id, 0, 0)
		wantCode(t, err, kyc.Conflict, "session_expired")
		s, err = b.Extend(ctx, b.live, b.key, id, 0, 2, time.Time{})
		if err != nil || s.Status != from || !s.ExpiresAt.After(b.now.Add(47*time.Hour)) {
			t.Errorf("revived to %s until %s: %v", s.Status, s.ExpiresAt, err)
		}
		_, err = b.Extend(ctx, b.live, b.key, id, 0, 0, b.now.Add(time.Hour))
		wantCode(t, err, kyc.Conflict, "cannot_shorten")
		_, err = b.Extend(ctx, b.live, b.key, id, 0, 3, b.now.Add(time.Hour))
		wantCode(t, err, kyc.Invalid, "invalid_extension")
		b.later(8 * 24 * time.Hour)
		if _, err = b.Expire(ctx, b.session(t, id), b.key, *b.now); err != nil {
			t.Fatal(err)
		}
		b.later(91 * 24 * time.Hour)
		_, err = b.Extend(ctx, b.live, b.key, id, 0, 2, time.Time{})
		wantCode(t, err, kyc.Conflict, "retention_over")
	}
}

func TestExtendNeedsALinkToExtend(t *testing.T) {
	t.Parallel()
	for _, s := range everyState() {
		if s.Open() || s == kyc.SessionExpired {
			continue
		}
		b := newBench(t)
		c := b.opened(t, "")
		b.put(t, c.Session.ID, s)
		_, err := b.Extend(t.Context(), b.live, b.key, c.Session.ID, 0, 2, time.Time{})
		wantCode(t, err, kyc.Conflict, "invalid_transition")
	}
}

func TestCreateListsEverythingWrong(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.Create(t.Context(), b.live, b.key, NewSession{TTLDays: 400, RedirectURL: "javascript:alert(1)", Language: "no such", SendInvite: "email",
		ClientID: "a", CustomerID: "b"})
	var got []string
	for _, p := range kyc.AsError(err).Problems {
		got = append(got, p.Code)
	}
	if want := []string{"required", "ttl_days_range", "client_and_customer", "customer_not_found", "invalid_url", "language_invalid", "invite_unavailable"}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestOnePersonForOneClientID(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.opened(t, "")
	second, err := b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "plain", ClientID: "client-1"})
	if err != nil || second.Session.SubjectID != first.Session.SubjectID || second.Session.ExternalRef != "client-1" {
		t.Errorf("%v: %s and %s", err, first.Session.SubjectID, second.Session.SubjectID)
	}
	third, err := b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "plain", CustomerID: string(first.Session.SubjectID)})
	if err != nil || third.Session.SubjectID != first.Session.SubjectID {
		t.Error(err)
	}
	_, err = b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "plain", CustomerID: string(kyc.NewID(*b.now))})
	wantCode(t, err, kyc.Invalid, "invalid_session")
}

func TestAnInvitationGoesOutAfterTheSessionIsStored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.d.Invite = func(_ context.Context, i Invitation) error {
		if _, err := b.store.SessionByToken(t.Context(), kyc.TextHash(i.Token)); err != nil {
			t.Error("the invitation was sent before its session was stored")
		}
		b.invited = append(b.invited, i)
		return nil
	}
	b.workflow(t, "")
	ctx, unit := kyc.WithUnit(t.Context())
	c, err := b.Create(ctx, b.live, b.key, NewSession{Workflow: "plain", SendInvite: "email", Metadata: map[string]any{"user_email": "ada@example.com"}})
	if err != nil || !c.Invited || len(b.invited) != 0 {
		t.Fatalf("%v %+v", err, b.invited)
	}
	if err := b.store.Commit(t.Context(), &unit.Change); err != nil {
		t.Fatal(err)
	}
	for _, f := range unit.After {
		f()
	}
	if len(b.invited) != 1 || b.invited[0].To != "ada@example.com" || b.invited[0].Token != c.Token {
		t.Errorf("invited %+v", b.invited)
	}
	_, err = b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "plain", SendInvite: "sms"})
	wantCode(t, err, kyc.Invalid, "invalid_session")
}

func TestListsFindByTheirFilters(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.opened(t, "")
	var ids []kyc.ID
	for range 3 {
		c, err := b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "plain"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.Session.ID)
	}
	b.put(t, ids[0], kyc.SessionReview)
	b.put(t, ids[1], kyc.SessionApproved)
	_, err := b.Create(t.Context(), b.box, b.key, NewSession{Workflow: "plain"})
	wantCode(t, err, kyc.NotFound, "not_found") // the other environment has no such workflow
	flagged, err := b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	s := b.session(t, flagged.Session.ID)
	s.Status, s.Result, s.ReasonCode = kyc.SessionApproved, kyc.Approved, ReasonFlagged
	s.Touch(*b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&s}}); err != nil {
		t.Fatal(err)
	}
	find := func(q SessionQuery, limit int, after kyc.ID) ([]kyc.ID, bool) {
		rows, more, err := b.Sessions(t.Context(), b.live, b.key, q, kyc.Page{Limit: limit, After: after})
		if err != nil {
			t.Fatal(err)
		}
		var out []kyc.ID
		for _, r := range rows {
			out = append(out, r.Session.ID)
		}
		return out, more
	}
	for _, x := range []struct {
		q    SessionQuery
		want []kyc.ID
	}{
		{SessionQuery{}, []kyc.ID{s.ID, ids[2], ids[1], ids[0], first.Session.ID}},
		{SessionQuery{Status: []string{"active"}}, []kyc.ID{ids[2], first.Session.ID}},
		{SessionQuery{Text: "client-1"}, []kyc.ID{first.Session.ID}},
		{SessionQuery{Text: string(ids[2])}, []kyc.ID{ids[2]}},
		{SessionQuery{Text: "Ada"}, nil},
		{SessionQuery{FinalDecision: "manual_review"}, []kyc.ID{ids[0]}},
		{SessionQuery{FinalDecision: "approved", Status: []string{"active"}}, nil},
		{SessionQuery{FinalDecision: "flagged"}, []kyc.ID{s.ID}},
		{SessionQuery{FinalDecision: "approved"}, []kyc.ID{ids[1]}},
		{SessionQuery{Workflow: "nothing"}, nil},
	} {
		if got, more := find(x.q, 10, ""); !slices.Equal(got, x.want) || more {
			t.Errorf("%+v found %v, want %v", x.q, got, x.want)
		}
	}
	page, more := find(SessionQuery{}, 3, "")
	rest, last := find(SessionQuery{}, 3, page[2])
	if len(page) != 3 || !more || last || !slices.Equal(rest, []kyc.ID{ids[0], first.Session.ID}) {
		t.Errorf("pages %v %t, %v %t", page, more, rest, last)
	}
	_, _, err = b.Sessions(t.Context(), b.live, b.key, SessionQuery{Status: []string{"odd"}}, kyc.Page{Limit: 1})
	wantCode(t, err, kyc.Invalid, "invalid_query")
	if _, _, err := b.Delete(t.Context(), b.live, b.key, ids[2], 0); err != nil {
		t.Fatal(err)
	}
	if got, _ := find(SessionQuery{Text: string(ids[2])}, 10, ""); len(got) != 0 {
		t.Error("an archived session is listed")
	}
	if got, _ := find(SessionQuery{Archived: true}, 10, ""); !slices.Contains(got, ids[2]) {
		t.Errorf("the archive shows %v", got)
	}
}

func TestADocumentsAddressIsShortLivedAndAudited(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.opened(t, "")
	u := kyc.Upload{Meta: kyc.Meta{ID: kyc.NewID(*b.now), Tenant: b.live}, SessionID: c.Session.ID, SubjectID: c.Session.SubjectID}
	u.Touch(*b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&u}}); err != nil {
		t.Fatal(err)
	}
	claim, err := b.DocumentURL(t.Context(), b.live, b.anna, c.Session.ID, u.ID, "attachment")
	if err != nil || claim.ExpiresAt.Sub(*b.now) > documentLife || claim.Disposition != "attachment" {
		t.Errorf("%+v %v", claim, err)
	}
	if e := b.store.Log[len(b.store.Log)-1]; e.Action != "upload.url" || e.Actor != b.anna {
		t.Errorf("the record says %+v", e)
	}
	_, err = b.DocumentURL(t.Context(), b.live, b.anna, kyc.NewID(*b.now), u.ID, "")
	wantCode(t, err, kyc.NotFound, "not_found")
	other, err := b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.DocumentURL(t.Context(), b.live, b.anna, other.Session.ID, u.ID, "")
	wantCode(t, err, kyc.NotFound, "not_found")
}

func TestEventsHoldNoAnswersAndMessagesDo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.workflow(t, "")
	c, err := b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "plain", Prefill: map[string]any{"name": "Ada Example"}, Metadata: map[string]any{"user_email": "ada@example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	b.finish(t, c.Session.ID)
	for _, e := range b.store.Log {
		if raw, _ := json.Marshal(e); strings.Contains(string(raw), "Ada") || strings.Contains(string(raw), "ada@") {
			t.Errorf("an event holds personal data: %s", raw)
		}
	}
	e := kyc.Event{Tenant: b.live, Surface: kyc.SurfaceSteps, Object: "session", ObjectID: c.Session.ID}
	data := map[string]any{}
	if err := b.Enrich(t.Context(), e, data); err != nil {
		t.Fatal(err)
	}
	form, _ := data["form_data"].(map[string]any)
	if form["name"] != "Ada Example" || data["metadata"].(map[string]any)["user_email"] != "ada@example.com" || data["custom_tags"].(map[string]string)["team"] != "north" {
		t.Errorf("the message says %v", data)
	}
	s := b.session(t, c.Session.ID)
	s.RedactedAt, s.Private = *b.now, kyc.SessionData{Unreadable: true}
	s.Touch(*b.now)
	if err := b.store.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&s}}); err != nil {
		t.Fatal(err)
	}
	data = map[string]any{}
	if err := b.Enrich(t.Context(), e, data); err != nil || data["form_data"] != nil || data["custom_tags"] == nil {
		t.Errorf("after the erasure the message says %v: %v", data, err)
	}
}
