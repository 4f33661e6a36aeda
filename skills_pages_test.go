package main

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"bonafide/access"
	"bonafide/kyc"
)

// An administrator gives people skills and asks for them in a queue; the settings
// warn of a queue whose cases nobody could decide, or one person where two must.
func TestSkillsOnThePages(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	org := srv.newTenant(t).org
	admin := deskOf(t, srv, org, "grace@skills.example")
	srv.hire(t, org, []colleague{{Email: "sara@skills.example"}, {Email: "tom@skills.example"}})
	users, err := srv.app.access.Users(t.Context(), org)
	if err != nil {
		t.Fatal(err)
	}
	give := func(email, skills string) (int, string) {
		t.Helper()
		u, _ := kyc.FindUser(users, email)
		status, _, page := admin.page("/console/team/"+kyc.Dress("user", u.ID)+"/skills", url.Values{"env": {"sandbox"}, "skills": {skills}})
		return status, page
	}
	queue := func(skills string, more ...string) (int, string) {
		t.Helper()
		f := url.Values{"env": {"sandbox"}, "act": {"save"}, "name": {"mena"}, "skills": {skills}}
		for i := 0; i+1 < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		status, _, page := admin.page("/console/settings/queues", f)
		return status, page
	}
	if status, page := queue("Arabic; e%d"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Skills that a reviewer needs, line 2: ") || !strings.Contains(page, `value="Arabic; e%d"`) {
		t.Errorf("a skill that is none: %d %.2000s", status, page)
	}
	const nobody = "Nobody who decides cases has arabic, edd: the cases of the queue mena wait for ever."
	if status, page := queue("Arabic, edd"); status != http.StatusOK || !strings.Contains(page, nobody) || !strings.Contains(page, "Nobody has any yet") {
		t.Errorf("a queue that nobody can work on: %d %.2000s", status, page)
	}
	if status, page := give("sara@skills.example", "arabic e%d"); status != http.StatusUnprocessableEntity || !strings.Contains(page, `Skills, &#34;e%d&#34;: `) || !strings.Contains(page, `value="arabic e%d"`) {
		t.Errorf("a skill that is none: %d %.2000s", status, page)
	}
	if _, page := give("sara@skills.example", "EDD arabic"); !strings.Contains(page, "sara@skills.example has these skills now: arabic, edd.") || !strings.Contains(page, `value="arabic, edd"`) {
		t.Errorf("with skills: %.2000s", page)
	}
	if page := admin.says("/console/settings", "Your reviewers have: arabic, edd."); strings.Contains(page, nobody) {
		t.Error("somebody has the skills, and the settings still warn")
	}
	const one = "and only sara@skills.example has arabic, edd: they are never decided."
	if _, page := queue("arabic, edd", "old", "mena", "four_eyes", "1"); !strings.Contains(page, one) {
		t.Errorf("where two decide: %.2000s", page)
	}
	give("tom@skills.example", "arabic, edd, fr")
	if page := admin.says("/console/settings"); strings.Contains(page, one) || strings.Contains(page, nobody) {
		t.Error("two have the skills, and the settings still warn")
	}
	if _, page := give("tom@skills.example", ""); !strings.Contains(page, "tom@skills.example has no skills now.") {
		t.Errorf("without: %.2000s", page)
	}
	events, _, err := srv.app.db.Events(t.Context(), kyc.Tenant{Org: org, Env: kyc.Live}, kyc.EventFilter{Action: "user.skills"}, kyc.Page{})
	if err != nil {
		t.Fatal(err)
	}
	grace, _ := kyc.FindUser(users, "grace@skills.example")
	var said []string
	for _, e := range events {
		if e.Actor.ID != string(grace.ID) {
			t.Errorf("by %+v", e.Actor)
		}
		said = append(said, e.Reason)
	}
	slices.Sort(said)
	if want := []string{"added: arabic, edd", "added: arabic, edd, fr", "taken away: arabic, edd, fr"}; !slices.Equal(said, want) {
		t.Errorf("the chain says %q", said)
	}
	// A new colleague may come with skills.
	admin.page("/console/team", url.Values{"env": {"sandbox"}, "email": {"lena@skills.example"}, "role": {"reviewer"}, "skills": {"fr"}})
	if u, err := srv.app.access.UserByEmail(t.Context(), "lena@skills.example"); err != nil || !slices.Equal(u.Skills, []string{"fr"}) {
		t.Errorf("a new colleague: %v %v", u.Skills, err)
	}
}

// The operator gives skills, too; both databases keep them.
func TestTheOperatorGivesSkills(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		g := &Globals{Data: t.TempDir(), Database: database, Sync: "normal"}
		db, err := openStore(t.Context(), g, kyc.SystemClock(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		office := access.NewOffice(db, kyc.SystemClock())
		org, err := office.CreateOrg(t.Context(), "House of skills", kyc.SystemActor("test"))
		if err == nil {
			_, err = office.CreateUser(t.Context(), access.UserRequest{Org: org.ID, Email: "sara@cli-skills.example", Role: "reviewer", Skills: []string{"fr"}, Password: "a long enough password"})
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		flags := []string{"--data", g.Data, "--database", database, "--org", "House of skills"}
		skills := func(more ...string) (int, string) {
			code, out, complaint := call(t, append(append([]string{"user", "skills", "--email", "sara@cli-skills.example"}, flags...), more...)...)
			return code, strings.TrimSpace(out + complaint)
		}
		for _, step := range []struct {
			more []string
			code int
			want string
		}{{nil, 0, "fr"}, {[]string{"--set", "edd,arabic"}, 0, "arabic,edd"}, {[]string{"--set", "Edd"}, 1, "skill_invalid"}, {nil, 0, "arabic,edd"}, {[]string{"--none"}, 0, ""}, {nil, 0, ""}, {[]string{"--set", "nl"}, 0, "nl"}} {
			if code, got := skills(step.more...); code != step.code || !strings.Contains(got, step.want) || step.code == 0 && got != step.want {
				t.Errorf("%v: exit %d, %q", step.more, code, got)
			}
		}
		if code, out, _ := call(t, append([]string{"user", "list"}, flags...)...); code != 0 || !strings.Contains(out, "reviewer  nl\n") {
			t.Errorf("user list: exit %d %s", code, out)
		}
		if code, out, _ := call(t, "audit", "verify", "--data", g.Data, "--database", database); code != 0 {
			t.Errorf("audit verify: %s", out)
		}
	})
}
