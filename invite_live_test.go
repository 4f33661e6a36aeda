package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"bonafide/access"
	"bonafide/kyc"
)

var (
	formName  = regexp.MustCompile(`name="form" value="([^"]+)"`)
	sessionAt = regexp.MustCompile(`session_[0-9a-f-]{36}`)
)

// deskFor is a window of somebody with a role, in the live environment.
func deskFor(t *testing.T, srv *server, org kyc.ID, role string) (*browserOf, kyc.User) {
	t.Helper()
	const password = "a long enough password"
	u, err := srv.app.access.CreateUser(t.Context(), access.UserRequest{Org: org, Email: role + "@invite.example", Name: "Grace Desk", Role: role, Password: password, By: kyc.SystemActor("test")})
	if err != nil {
		t.Fatal(err)
	}
	desk := srv.browser(t)
	desk.page("/console/sign-in", url.Values{"email": {u.Email}, "password": {password}})
	return desk, u
}

// invitation opens the form for a workflow and gives what it sends besides what
// is filled in.
func (b *browserOf) invitation(query string) url.Values {
	b.t.Helper()
	status, _, page := b.page("/console/sessions/new?"+query, nil)
	name := formName.FindStringSubmatch(page)
	if status != http.StatusOK || name == nil {
		b.t.Fatalf("the form for %s: %d %.2000s", query, status, page)
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		b.t.Fatal(err)
	}
	out := url.Values{"env": {"live"}, "form": {name[1]}, "workflow": {q.Get("workflow")}}
	if person := q.Get("person"); person != "" {
		out.Set("person", person)
	}
	return out
}

// A reviewer invites an applicant to a workflow of each surface: the link opens
// the applicant's pages, is shown once, and the session stands in the list and
// in the chain under the reviewer's name. What is sent twice invites once.
func TestAReviewerInvitesAnApplicant(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		_, live := srv.newTenants(t)
		desk, reviewer := deskFor(t, srv, live.org, "reviewer")
		if _, _, page := desk.page("/console/sessions/new", nil); !strings.Contains(page, "none is published in this environment") {
			t.Errorf("without a workflow: %.2000s", page)
		}
		steps := live.must(t, 201, "POST", "/kyc/workflows", json.RawMessage(`{"name":"Small","steps":[{"step_id":"who","order":1,"name":"About you","type":"form_fill","custom_fields":[{"field_id":"nick","name":"Name","type":"text","required":true}]}]}`)).str("workflow_id")
		graph := live.published(t, reviewGraph)
		list := live.checklist(t, `{"id":"CONSENT"}`)
		service, _ := live.entityWorkflow(t, "Hosted", "Identity", `{"type":"KYC"}`)
		const secret = "Featherstonehaugh"
		for surface, c := range map[string]struct {
			workflow kyc.ID
			fill     url.Values
			lacks    []string // what an empty form is told
		}{
			"A": {kyc.ID(steps), url.Values{"reference": {"ref-" + secret}, "language": {"de"}}, nil},
			"B": {kyc.ID(list), url.Values{"first_name": {"Anna"}, "last_name": {secret}, "email": {"anna@example.org"}, "phone": {"+31612345678"}, "reference": {"ref-" + secret + "-b"}},
				[]string{"Given name: ", "Family name: ", "E-mail address: ", "Telephone number: "}},
			"C": {kyc.ID(service), url.Values{"first_name": {"Anna"}, "last_name": {secret}}, []string{"Family name: "}},
			"D": {mustUndress(t, "workflow", graph), url.Values{"reference": {"ref-" + secret + "-d"}, "country": {"nl"}}, nil},
		} {
			query := "workflow=" + kyc.Dress("workflow", c.workflow)
			form := desk.invitation(query)
			if len(c.lacks) > 0 {
				status, _, page := desk.page("/console/sessions/new", form)
				for _, label := range c.lacks {
					if status != http.StatusUnprocessableEntity || !strings.Contains(page, label) || linkAt.MatchString(page) {
						t.Errorf("%s: an empty form is told %d, without %q: %.3000s", surface, status, label, page)
					}
				}
			}
			maps.Copy(form, c.fill)
			status, at, page := desk.page("/console/sessions/new", form)
			link, session := linkAt.FindString(page), sessionAt.FindString(page)
			if status != http.StatusOK || link == "" || session == "" || !strings.Contains(page, "<svg class=\"qr\"") || at != "/console/sessions/new" {
				t.Fatalf("%s: %d at %s: %.3000s", surface, status, at, page)
			}
			if got := visits(t, link).get(t, ""); got.status != http.StatusOK {
				t.Errorf("%s: the applicant finds %d %.300s", surface, got.status, got.text)
			} else if wants := map[bool]string{true: `lang="de"`, false: `lang="en"`}[surface == "A"]; !strings.Contains(got.text, wants) {
				t.Errorf("%s: the pages are not in %s", surface, wants)
			}
			// The same form again, as by a reload: the same session, and no link.
			status, at, page = desk.page("/console/sessions/new", form)
			if status != http.StatusOK || at != "/console/sessions/"+session || linkAt.MatchString(page) || !strings.Contains(page, "This form was sent before") {
				t.Errorf("%s: sent twice: %d at %s", surface, status, at)
			}
			desk.says("/console/sessions", session)
			desk.says("/console/sessions/"+session, "Grace Desk", "session.create", "!"+link)
			// A new link replaces it.
			_, _, page = desk.page("/console/sessions/"+session+"/link", url.Values{"env": {"live"}})
			if next := linkAt.FindString(page); next == "" || next == link || !strings.Contains(page, "<svg class=\"qr\"") {
				t.Errorf("%s: the new link is %q", surface, next)
			}
			if got := visits(t, link).get(t, ""); got.status != http.StatusNotFound {
				t.Errorf("%s: the link before it: %d", surface, got.status)
			}
			id, _ := kyc.Undress("session", session)
			events, _, err := srv.app.db.Events(t.Context(), kyc.Tenant{Org: live.org, Env: kyc.Live}, kyc.EventFilter{ObjectID: id}, kyc.Page{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			made := slices.DeleteFunc(events, func(e kyc.Event) bool { return e.Action != "session.create" })
			if len(made) != 1 || made[0].Actor.Kind != kyc.ActorUser || made[0].Actor.ID != string(reviewer.ID) {
				t.Errorf("%s: the chain says %+v", surface, made)
			}
		}
		if log := srv.out.String(); strings.Contains(log, secret) || strings.Contains(log, "anna@example.org") {
			t.Error("the log speaks of an applicant")
		}
		if n := len(live.must(t, 200, "GET", "/v2/individuals?limit=50", nil).value("individuals").([]any)); n != 1 {
			t.Errorf("surface C has %d individuals: what was refused left one, or what was sent twice made two", n)
		}
	})
}

func mustUndress(t *testing.T, kind, text string) kyc.ID {
	t.Helper()
	id, ok := kyc.Undress(kind, text)
	if !ok {
		t.Fatalf("%q is no %s", text, kind)
	}
	return id
}

// Twenty clicks at once make one session, of which one answer has the link.
func TestTwentyClicksInviteOnce(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database, unhurried)
		_, live := srv.newTenants(t)
		desk, _ := deskFor(t, srv, live.org, "admin")
		form := desk.invitation("workflow=" + live.published(t, reviewGraph))
		var mu sync.Mutex
		links, refused := map[string]bool{}, 0
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				status, _, page := desk.page("/console/sessions/new", form)
				mu.Lock()
				defer mu.Unlock()
				if link := linkAt.FindString(page); link != "" {
					links[link] = true
				} else if status != http.StatusOK && !strings.Contains(page, "is being worked on") {
					t.Errorf("%d %.2000s", status, page)
				} else {
					refused++
				}
			})
		}
		all.Wait()
		if len(links) != 1 || refused != 19 {
			t.Errorf("%d links, %d told that it was sent before", len(links), refused)
		}
		if got := live.must(t, 200, "GET", "/api/v1/sessions", nil); len(got.value("data").([]any)) != 1 {
			t.Errorf("the sessions are %s", got.raw)
		}
	})
}

// Somebody who is known is invited again by the same record; what is not here is
// not found, whatever the address says; a default is chosen before anything.
func TestAnInvitationKnowsItsTenant(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "", unhurried)
	box, live := srv.newTenants(t)
	desk, _ := deskFor(t, srv, live.org, "reviewer")
	w := live.published(t, reviewGraph)
	live.published(t, reviewGraph)
	if _, _, page := desk.page("/console/sessions/new", nil); formName.MatchString(page) {
		t.Error("of two workflows one was chosen without a word")
	}
	live.must(t, 200, "PATCH", "/api/v1/workflows/"+w, map[string]any{"is_default": true})
	if _, _, page := desk.page("/console/sessions/new", nil); !formName.MatchString(page) || !strings.Contains(page, `value="`+w+`" selected`) {
		t.Error("the default is not chosen")
	}
	first := live.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": w, "external_ref": "customer-7"})
	person := first.str("identity_id")
	desk.says("/console/subjects/"+person, "/console/sessions/new?person="+person)
	form := desk.invitation("workflow=" + w + "&person=" + person)
	_, _, page := desk.page("/console/sessions/new", form)
	again := sessionAt.FindString(page)
	if got := live.must(t, 200, "GET", "/api/v1/sessions/"+again, nil); got.str("identity_id") != person || got.str("external_ref") != "customer-7" {
		t.Errorf("invited again: %s", got.raw)
	}
	_, elsewhere := srv.newTenants(t)
	theirs := elsewhere.published(t, reviewGraph)
	sandboxed := box.published(t, reviewGraph)
	stranger := elsewhere.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": theirs}).str("identity_id")
	for what, path := range map[string]string{"another organisation's workflow": "?workflow=" + theirs, "the other environment's": "?workflow=" + sandboxed, "no id": "?workflow=x",
		"another organisation's person": "?workflow=" + w + "&person=" + stranger} {
		if status, _, _ := desk.page("/console/sessions/new"+path, nil); status != http.StatusNotFound {
			t.Errorf("%s: %d", what, status)
		}
	}
	for what, change := range map[string][2]string{"another organisation's workflow": {"workflow", theirs}, "another organisation's person": {"person", stranger}} {
		sent := maps.Clone(form)
		sent.Set(change[0], change[1])
		if status, _, page := desk.page("/console/sessions/new", sent); status != http.StatusNotFound || linkAt.MatchString(page) {
			t.Errorf("%s is sent: %d", what, status)
		}
	}
	form.Set("env", "sandbox")
	if status, _, _ := desk.page("/console/sessions/new", form); status != http.StatusConflict {
		t.Errorf("a form of the other environment: %d", status)
	}
	// A person of surface D is no individual of surface C, and surface B makes its own.
	service, _ := live.entityWorkflow(t, "Hosted", "Identity", `{"type":"KYC"}`)
	status, _, page := desk.page("/console/sessions/new", desk.invitation("workflow="+kyc.Dress("workflow", kyc.ID(service))+"&person="+person))
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "not kept as an individual") {
		t.Errorf("somebody of another surface: %d", status)
	}
	list := kyc.Dress("workflow", kyc.ID(live.checklist(t, `{"id":"CONSENT"}`)))
	if status, _, _ := desk.page("/console/sessions/new?workflow="+list+"&person="+person, nil); status != http.StatusNotFound {
		t.Errorf("surface B for somebody who is known: %d", status)
	}
}
