package execution

import (
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// A hosted link asks for what is missing, remembers what was said, and becomes
// the execution under its own id.
func TestAHostedLinkBecomesItsExecution(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	paper := b.paper(t, who, "PASSPORT", "")
	got, err := b.Host(b.ctx, b.sandbox, b.by, NewHosted{SubjectID: who.ID, ServiceName: "onboarding", WorkflowName: "five", RedirectURL: "https://shop.example/done", Hand: Hand{RequestID: "01REQUEST"}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Session.TokenHash == got.Token || got.Session.TokenHash != kyc.TextHash(got.Token) || got.Session.Surface != kyc.SurfaceEntities || got.Session.Version != 0 {
		t.Errorf("session %+v", got.Session)
	}
	st, err := b.HostedLink(b.ctx, got.Token)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(st.Wants, func(w procedure.Want) bool { return w.Name == procedure.WantDocument }) {
		t.Errorf("a document is asked for although %s is there: %v", paper.ID, st.Wants)
	}
	if st, err = b.NoteHosted(b.ctx, got.Token, HostedNote{Consent: &HostedConsent{Kind: "processing", Version: "1", TextHash: "aa", Given: true, Address: "192.0.2.7"}}); err != nil || st.Session.Status != kyc.SessionCapturing {
		t.Fatalf("%s %v", st.Session.Status, err)
	}
	if !st.Agreed("processing", "1") || st.Agreed("processing", "2") || st.Agreed("biometrics", "1") {
		t.Error("another consent than the one that was given counts")
	}
	if _, err := b.NoteHosted(b.ctx, got.Token, HostedNote{Left: "details"}); err != nil {
		t.Fatal(err)
	}
	for want := range 2 { // files are counted, also those that were replaced
		if st, err = b.NoteHosted(b.ctx, got.Token, HostedNote{Files: 1}); err != nil || st.Files != want+1 {
			t.Fatal(st.Files, err)
		}
	}
	if st, err = b.HostedLink(b.ctx, got.Token); err != nil || st.Files != 2 {
		t.Fatal(st.Files, err)
	}
	x, err := b.SubmitHosted(b.ctx, got.Token)
	if err != nil {
		t.Fatal(err)
	}
	if x.ID != got.Session.ID || x.Channel != channelHosted || x.RequestID != "01REQUEST" || !x.Notify {
		t.Errorf("execution %+v", x)
	}
	_, err = b.SubmitHosted(b.ctx, got.Token)
	has(t, err, kyc.Conflict, "session_closed")
	_, err = b.NoteHosted(b.ctx, got.Token, HostedNote{Left: "selfie"})
	has(t, err, kyc.Conflict, "session_closed")
	b.settle(t, b.sandbox)
	s, err := b.db.Session(b.ctx, b.sandbox, x.ID)
	if err != nil || s.Status != kyc.SessionApproved || s.Version != 1 || s.TokenHash != got.Session.TokenHash || s.RedirectURL == "" || !slices.Contains(s.Private.LeftOut, "details") {
		t.Errorf("session %+v %v", s, err)
	}
	if s.Private.Fields["full_name"] != "Ada Approve" || s.Private.Fields[keyConsents] == nil {
		t.Errorf("fields %v", s.Private.Fields)
	}
	if told := b.told(NewsCompleted); len(told) != 1 || told[0].ObjectID != x.ID || told[0].RequestID != "01REQUEST" {
		t.Errorf("told %+v", told)
	}
	if st, err = b.HostedLink(b.ctx, got.Token); err != nil || st.Session.Status != kyc.SessionApproved {
		t.Errorf("the link shows %s %v", st.Session.Status, err)
	}
}

func TestAHostedLinkEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	host := func(n NewHosted) (Hosted, error) {
		n.SubjectID, n.ServiceName, n.WorkflowName = who.ID, "Onboarding", "Five"
		return b.Host(b.ctx, b.sandbox, b.by, n)
	}
	_, err := host(NewHosted{RedirectURL: "http://x", Life: time.Minute, Send: true, Phone: "12"})
	if e := has(t, err, kyc.Invalid, "invalid_hosted_url"); len(e.Problems) != 3 || e.Problems[2].Code != "invite_unavailable" {
		t.Errorf("problems %+v", e.Problems)
	}
	_, err = b.Host(b.ctx, b.live, b.by, NewHosted{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five"})
	has(t, err, kyc.NotFound, "not_found")
	got, err := host(NewHosted{Life: 2 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"", "nonsense", got.Session.TokenHash} {
		_, err = b.HostedLink(b.ctx, token)
		has(t, err, kyc.NotFound, "link_invalid")
	}
	b.advance(2 * time.Hour)
	_, err = b.HostedLink(b.ctx, got.Token)
	has(t, err, kyc.Gone, "session_expired")
	_, err = b.SubmitHosted(b.ctx, got.Token)
	has(t, err, kyc.Gone, "session_expired")
	s, err := b.db.Session(b.ctx, b.sandbox, got.Session.ID)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = b.ExpireHosted(b.ctx, s, kyc.SystemActor("session"), b.Now()); err != nil || s.Status != kyc.SessionExpired {
		t.Fatalf("%s %v", s.Status, err)
	}
	_, err = b.ExpireHosted(b.ctx, s, kyc.SystemActor("session"), b.Now())
	has(t, err, kyc.Conflict, "invalid_transition")
	_, err = b.HostedLink(b.ctx, got.Token)
	has(t, err, kyc.Gone, "session_expired")
}

// While the workflow runs for the individual no link can begin it again.
func TestAHostedLinkWaitsForARunningExecution(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.define(t, b.sandbox, "Five", "ONBOARDING", five()...)
	who := b.somebody(t, b.sandbox, "Ada", "Approve")
	b.paper(t, who, "PASSPORT", "")
	got, err := b.Host(b.ctx, b.sandbox, b.by, NewHosted{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five"})
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	b.mu.Lock()
	b.say["watchlist_screening"] = func(r kyc.CheckRequest) kyc.Answer {
		<-release
		return b.menu.Run(b.ctx, r)
	}
	b.mu.Unlock()
	if _, err := b.Execute(b.ctx, b.sandbox, b.by, Order{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five", Background: true}); err != nil {
		t.Fatal(err)
	}
	_, err = b.SubmitHosted(b.ctx, got.Token)
	has(t, err, kyc.Conflict, "execution_running")
	_, err = b.Host(b.ctx, b.sandbox, b.by, NewHosted{SubjectID: who.ID, ServiceName: "Onboarding", WorkflowName: "Five"})
	has(t, err, kyc.Conflict, "execution_running")
	close(release)
	b.settle(t, b.sandbox)
	if x, err := b.SubmitHosted(b.ctx, got.Token); err != nil || x.ID != got.Session.ID {
		t.Errorf("afterwards %v", err)
	}
	b.settle(t, b.sandbox)
}
