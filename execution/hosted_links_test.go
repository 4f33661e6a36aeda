package execution

import (
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// hostOf makes a hosted link.
func (b *bench) hostOf(t *testing.T, who kyc.ID, workflow string) Hosted {
	t.Helper()
	got, err := b.Host(b.ctx, b.sandbox, b.by, NewHosted{SubjectID: who, ServiceName: "Onboarding", WorkflowName: workflow})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// opens says whether a link lets anybody in.
func (b *bench) opens(t *testing.T, token string, want bool) {
	t.Helper()
	_, err := b.HostedLink(b.ctx, token)
	if want && err != nil || !want && !kyc.IsCode(err, "link_invalid") {
		t.Errorf("the link opens with %v, want it open: %t", err, want)
	}
}

// A new link ends the one before it for the same individual and workflow, and no
// other; what was given by the old one stays.
func TestANewHostedLinkEndsTheOld(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	b.define(t, b.sandbox, "Six", "ONBOARDING", five()...)
	ada, eve := b.somebody(t, b.sandbox, "Ada", "Approve"), b.somebody(t, b.sandbox, "Eve", "Approve")
	old, other, hers := b.hostOf(t, ada.ID, "Five"), b.hostOf(t, ada.ID, "Six"), b.hostOf(t, eve.ID, "Five")
	if _, err := b.NoteHosted(b.ctx, old.Token, HostedNote{Consent: &HostedConsent{Kind: "processing", Version: "1", Given: true}}); err != nil {
		t.Fatal(err)
	}
	b.paper(t, ada, "PASSPORT", "") // as its pages would have taken it
	renewed := b.hostOf(t, ada.ID, "Five")
	b.opens(t, old.Token, false)
	for _, token := range []string{other.Token, hers.Token, renewed.Token} {
		b.opens(t, token, true)
	}
	for _, did := range []func() error{
		func() error { _, err := b.NoteHosted(b.ctx, old.Token, HostedNote{Files: 1}); return err },
		func() error { _, err := b.SubmitHosted(b.ctx, old.Token); return err },
	} {
		has(t, did(), kyc.NotFound, "link_invalid")
	}
	s, err := b.db.Session(b.ctx, b.sandbox, old.Session.ID)
	if err != nil || s.Status != kyc.SessionExpired || s.ReasonCode != reasonReplaced || s.TokenHash != "" {
		t.Errorf("the old one is %+v (%v)", s, err)
	}
	if st, err := b.HostedLink(b.ctx, renewed.Token); err != nil || slices.ContainsFunc(st.Wants, func(w procedure.Want) bool { return w.Name == procedure.WantDocument }) {
		t.Errorf("what the old link brought is asked for again: %v (%v)", st.Wants, err)
	}
	ended, _, err := b.db.Events(b.ctx, b.sandbox, kyc.EventFilter{ObjectID: old.Session.ID, Action: "session.expire"}, kyc.Page{})
	if err != nil || len(ended) != 1 || ended[0].Reason != reasonReplaced || ended[0].Actor != b.by {
		t.Errorf("the audit chain says %+v (%v)", ended, err)
	}
}

func TestHostedLinksAreRevoked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	b.define(t, b.sandbox, "Six", "ONBOARDING", five()...)
	ada, eve := b.somebody(t, b.sandbox, "Ada", "Approve"), b.somebody(t, b.sandbox, "Eve", "Approve")
	b.paper(t, eve, "PASSPORT", "")
	five, six, hers := b.hostOf(t, ada.ID, "Five"), b.hostOf(t, ada.ID, "Six"), b.hostOf(t, eve.ID, "Five")
	revoke := func(subject, link kyc.ID) ([]kyc.Session, error) {
		return b.Revoke(b.ctx, b.sandbox, b.by, subject, link)
	}
	for _, link := range []kyc.ID{hers.Session.ID, kyc.NewID(b.Now())} {
		_, err := revoke(ada.ID, link)
		has(t, err, kyc.NotFound, "not_found")
	}
	_, err := b.Revoke(b.ctx, b.live, b.by, ada.ID, "")
	has(t, err, kyc.NotFound, "not_found")
	if got, err := revoke(ada.ID, five.Session.ID); err != nil || len(got) != 1 || got[0].ID != five.Session.ID {
		t.Fatalf("%v %v", got, err)
	}
	b.opens(t, five.Token, false)
	b.opens(t, six.Token, true)
	if got, err := revoke(ada.ID, five.Session.ID); err != nil || len(got) != 0 {
		t.Errorf("a second time %v %v", got, err)
	}
	five = b.hostOf(t, ada.ID, "Five")
	if got, err := revoke(ada.ID, ""); err != nil || len(got) != 2 {
		t.Errorf("of two links %v ended: %v", got, err)
	}
	b.opens(t, five.Token, false)
	b.opens(t, six.Token, false)
	b.opens(t, hers.Token, true)
	if got, err := revoke(ada.ID, ""); err != nil || len(got) != 0 {
		t.Errorf("with nothing open %v %v", got, err)
	}
	// What was handed in is an execution, which goes on.
	x, err := b.SubmitHosted(b.ctx, hers.Token)
	if err != nil {
		t.Fatal(err)
	}
	_, err = revoke(eve.ID, x.ID)
	has(t, err, kyc.Conflict, "session_closed")
	if got, err := revoke(eve.ID, ""); err != nil || len(got) != 0 {
		t.Errorf("an execution was revoked: %v %v", got, err)
	}
	b.settle(t, b.sandbox)
	if s, err := b.db.Session(b.ctx, b.sandbox, x.ID); err != nil || s.Status != kyc.SessionApproved {
		t.Errorf("the execution ended as %s (%v)", s.Status, err)
	}
}

// A session keeps its ID with the next token, whether its time was over or not.
func TestAHostedLinkIsRenewed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	ada := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, ada, "PASSPORT", "")
	first := b.hostOf(t, ada.ID, "Five")
	renew := func(id kyc.ID) (Hosted, error) { return b.Renew(b.ctx, b.sandbox, b.by, id) }
	second, err := renew(first.Session.ID)
	if err != nil || second.Session.ID != first.Session.ID || second.Token == first.Token {
		t.Fatalf("%+v %v", second, err)
	}
	b.opens(t, first.Token, false)
	b.opens(t, second.Token, true)
	b.advance(366 * 24 * time.Hour)
	_, err = b.HostedLink(b.ctx, second.Token)
	has(t, err, kyc.Gone, "session_expired")
	if _, err := b.Revoke(b.ctx, b.sandbox, b.by, ada.ID, ""); err != nil {
		t.Fatal(err)
	}
	other := b.hostOf(t, ada.ID, "Five")
	third, err := renew(first.Session.ID)
	if err != nil || third.Session.Status != kyc.SessionCreated || third.Session.ReasonCode != "" || !third.Session.ExpiresAt.After(b.Now()) {
		t.Fatalf("%+v %v", third.Session, err)
	}
	b.opens(t, second.Token, false)
	b.opens(t, other.Token, false)
	b.opens(t, third.Token, true)
	x, err := b.SubmitHosted(b.ctx, third.Token)
	if err != nil || x.ID != first.Session.ID {
		t.Fatal(x.ID, err)
	}
	_, err = renew(x.ID)
	has(t, err, kyc.Conflict, "invalid_transition")
	b.settle(t, b.sandbox)
	y, err := b.Execute(b.ctx, b.sandbox, b.by, Order{SubjectID: ada.ID, ServiceName: "Onboarding", WorkflowName: "Five"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = renew(y.Execution.ID)
	has(t, err, kyc.Conflict, "no_link")
	_, err = b.Renew(b.ctx, b.live, b.by, x.ID)
	has(t, err, kyc.NotFound, "not_found")
}

// Nothing that retention took is taken up again: neither by a new link, which
// would lead nowhere, nor by a decision, whose comment could not be kept.
func TestNothingIsTakenUpThatRetentionTook(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	ada := b.somebody(t, b.sandbox, "Ada", "Approve")
	link := b.hostOf(t, ada.ID, "Five")
	if _, err := b.Revoke(b.ctx, b.sandbox, b.by, ada.ID, ""); err != nil {
		t.Fatal(err)
	}
	b.paper(t, ada, "PASSPORT", "")
	e := b.execute(t, ada, "Five").Execution
	for what, took := range map[string]func(*kyc.Session){
		"withheld":  func(s *kyc.Session) { s.WithheldAt = b.Now() },
		"destroyed": func(s *kyc.Session) { s.RedactedAt = b.Now() },
	} {
		for _, id := range []kyc.ID{link.Session.ID, e.ID} {
			s, err := b.db.Session(b.ctx, b.sandbox, id)
			if err != nil {
				t.Fatal(err)
			}
			s.WithheldAt, s.RedactedAt = time.Time{}, time.Time{}
			took(&s)
			s.Touch(b.Now())
			if err := b.db.Commit(b.ctx, &kyc.Change{Put: []kyc.Object{&s}}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := b.Renew(b.ctx, b.sandbox, b.by, link.Session.ID)
		has(t, err, kyc.Conflict, "redacted")
		_, err = b.Override(b.ctx, b.sandbox, b.by, Ref{SubjectID: e.SubjectID, ID: e.ID}, 0, Overruling{Status: "FAIL", Hand: Hand{Comment: "why"}})
		has(t, err, kyc.Conflict, "redacted")
		if s, err := b.db.Session(b.ctx, b.sandbox, link.Session.ID); err != nil || s.Status != kyc.SessionExpired {
			t.Errorf("the link that is %s is %s (%v)", what, s.Status, err)
		}
	}
}

// Whoever holds a link and writes in the very moment it is revoked comes too
// late: nothing is kept and nothing begins.
func TestARevokedLinkWritesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	ada := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, ada, "PASSPORT", "")
	for name, write := range map[string]func(token string) error{
		"a note": func(token string) error {
			_, err := b.NoteHosted(b.ctx, token, HostedNote{Left: "details"})
			return err
		},
		"handing in": func(token string) error { _, err := b.SubmitHosted(b.ctx, token); return err },
	} {
		link := b.hostOf(t, ada.ID, "Five")
		b.mu.Lock()
		b.between = func(*kyc.Change) {
			b.mu.Lock()
			b.between = nil
			b.mu.Unlock()
			if ended, err := b.Revoke(b.ctx, b.sandbox, b.by, ada.ID, link.Session.ID); err != nil || len(ended) != 1 {
				t.Errorf("%s: revoked %v %v", name, ended, err)
			}
		}
		b.mu.Unlock()
		has(t, write(link.Token), kyc.Conflict, "concurrent_change")
		s, err := b.db.Session(b.ctx, b.sandbox, link.Session.ID)
		if err != nil || s.Status != kyc.SessionExpired || s.ReasonCode != reasonRevoked || len(s.Private.LeftOut) != 0 {
			t.Errorf("%s: the session is %s, %s, left out %v (%v)", name, s.Status, s.ReasonCode, s.Private.LeftOut, err)
		}
		if _, err := b.db.Execution(b.ctx, b.sandbox, link.Session.ID); kyc.KindOf(err) != kyc.NotFound {
			t.Errorf("%s: an execution began (%v)", name, err)
		}
	}
}
