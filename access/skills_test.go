package access

import (
	"slices"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestPeopleGetSkills(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, m, o, org := t.Context(), b.store, b.office, b.org
	boss := kyc.Actor{Kind: kyc.ActorUser, ID: "boss"}
	if _, err := o.CreateUser(ctx, UserRequest{Org: org.ID, Email: "bad@acme.example", Role: "reviewer", Password: "a long enough password", Skills: []string{"Arabic", "fr", "fr"}, By: boss}); kyc.KindOf(err) != kyc.Invalid || len(kyc.AsError(err).Problems) != 2 || kyc.AsError(err).Problems[1].Path != "/skills/2" {
		t.Errorf("bad skills: %v", err)
	}
	u, err := o.CreateUser(ctx, UserRequest{Org: org.ID, Email: "sara@acme.example", Role: "reviewer", Password: "a long enough password", Skills: []string{"fr", "arabic"}, By: boss})
	if err != nil || !slices.Equal(u.Skills, []string{"arabic", "fr"}) {
		t.Fatalf("%+v %v", u.Skills, err)
	}
	told := func() []string {
		var out []string
		for _, e := range m.events {
			if e.Action == "user.skills" && e.ObjectID == u.ID && e.Actor == boss {
				out = append(out, e.Reason)
			}
		}
		return out
	}
	for _, step := range []struct {
		give []string
		want string
	}{{[]string{"edd", "fr"}, "added: edd; taken away: arabic"}, {[]string{"fr", "edd"}, ""}, {nil, "taken away: edd, fr"}, {nil, ""}, {[]string{"edd"}, "added: edd"}} {
		before := len(told())
		got, err := o.SetSkills(ctx, org.ID, u.ID, step.give, boss)
		if err != nil || !slices.Equal(got.Skills, slices.Sorted(slices.Values(step.give))) {
			t.Errorf("%v: %v %v", step.give, got.Skills, err)
		}
		switch now := told(); {
		case step.want == "" && len(now) != before:
			t.Errorf("%v changes nothing, and the audit says %q", step.give, now[len(now)-1])
		case step.want != "" && (len(now) != before+1 || now[before] != step.want):
			t.Errorf("%v: the audit says %v, want %q", step.give, now[before:], step.want)
		}
	}
	if got := told()[0]; got != "added: arabic, fr" {
		t.Errorf("of a new person the audit says %q", got)
	}
	for _, wrong := range []struct {
		org, id kyc.ID
		skills  []string
		kind    kyc.Kind
	}{{org.ID, u.ID, []string{"é"}, kyc.Invalid}, {kyc.NewID(time.Now()), u.ID, []string{"fr"}, kyc.NotFound}, {org.ID, kyc.NewID(time.Now()), []string{"fr"}, kyc.NotFound}} {
		if _, err := o.SetSkills(ctx, wrong.org, wrong.id, wrong.skills, boss); kyc.KindOf(err) != wrong.kind {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
}
