package access

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"bonafide/kyc"
)

func ada() External {
	return External{Issuer: "https://login.example", Subject: "1", Email: "Ada@acme.example", Verified: true, Name: "Ada"}
}

// The first time the verified address finds the account; after that the person
// must be the same, whoever has the address by then.
func TestAnAccountIsBoundToItsPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made, err := b.office.CreateUser(t.Context(), UserRequest{Org: b.org.ID, Email: "ada@acme.example", Role: "reviewer", Password: "correct horse battery", By: b.by})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if u, err := b.office.SignInExternal(t.Context(), ada(), Welcome{}); err != nil || u.ID != made.ID || u.Role != "reviewer" {
			t.Fatal(u, err)
		}
	}
	bound := 0
	for _, e := range b.store.events {
		if e.Action == "user.sign_on_bound" && e.ObjectID == made.ID {
			bound++
		}
	}
	if bound != 1 {
		t.Errorf("bound %d times", bound)
	}
	for name, alter := range map[string]func(*External){
		"another person with the address": func(x *External) { x.Subject = "2" },
		"another house":                   func(x *External) { x.Issuer = "https://evil.example" },
	} {
		x := ada()
		alter(&x)
		if u, err := b.office.SignInExternal(t.Context(), x, Welcome{}); !kyc.IsCode(err, "account_bound_elsewhere") || u.ID != made.ID {
			t.Errorf("%s: %v", name, err)
		}
	}
	before, err := b.office.Unbind(t.Context(), b.org.ID, made.ID, b.by)
	if err != nil || before.External != nil || before.Epoch != 1 {
		t.Fatal(before, err)
	}
	again := ada()
	again.Subject = "2"
	if _, err := b.office.SignInExternal(t.Context(), again, Welcome{}); err != nil {
		t.Errorf("bound anew: %v", err)
	}
	if _, err := b.office.DismissUser(t.Context(), b.org.ID, made.ID, b.by); !kyc.IsCode(err, "last_admin") && err != nil {
		t.Fatal(err)
	}
	if _, err := b.office.SignInExternal(t.Context(), again, Welcome{}); !kyc.IsCode(err, "account_disabled") {
		t.Errorf("a locked-out person: %v", err)
	}
}

// One person is one account of an organisation, whichever address the provider
// gives by now: nobody is their own second reviewer, and who is locked out stays so.
func TestAnotherAddressMakesNoSecondAccount(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := Welcome{Org: "Acme", Domains: []string{"acme.example"}, NewRole: "reviewer"}
	first, err := b.office.SignInExternal(t.Context(), ada(), w)
	if err != nil {
		t.Fatal(err)
	}
	renamed := ada()
	renamed.Email = "ada+2@acme.example"
	if _, err := b.office.SignInExternal(t.Context(), renamed, w); !kyc.IsCode(err, "person_bound_elsewhere") || len(b.store.users) != 1 {
		t.Errorf("a second account is made: %v, %d accounts", err, len(b.store.users))
	}
	other, err := b.office.CreateUser(t.Context(), UserRequest{Org: b.org.ID, Email: "ada+2@acme.example", Role: "admin", Password: "correct horse battery", By: b.by})
	if err != nil {
		t.Fatal(err)
	}
	if u, err := b.office.SignInExternal(t.Context(), renamed, w); !kyc.IsCode(err, "person_bound_elsewhere") || u.ID != other.ID || b.store.users[other.ID].External != nil {
		t.Errorf("a second account is opened: %v", err)
	}
	if _, err := b.office.DisableUser(t.Context(), b.org.ID, first.ID, b.by); err != nil {
		t.Fatal(err)
	}
	renamed.Email = "ada+3@acme.example"
	if _, err := b.office.SignInExternal(t.Context(), renamed, w); !kyc.IsCode(err, "person_bound_elsewhere") || len(b.store.users) != 2 {
		t.Errorf("who is locked out comes back by another address: %v", err)
	}
	if _, err := b.office.Unbind(t.Context(), b.org.ID, first.ID, b.by); err != nil {
		t.Fatal(err)
	}
	renamed.Email = "ada+2@acme.example"
	if u, err := b.office.SignInExternal(t.Context(), renamed, w); err != nil || u.ID != other.ID {
		t.Errorf("after an admin unbound the first: %v", err)
	}
}

// Letters that become others when they are made small name another mailbox, or
// another domain.
func TestALookalikeAddressIsNotTheAccounts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.office.CreateUser(t.Context(), UserRequest{Org: b.org.ID, Email: "kim@bank.example", Role: "admin", Password: "correct horse battery", By: b.by}); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"\u212aim@bank.example", "kim@ban\u212a.example", "k\u0130m@bank.example"} {
		x := ada()
		x.Email = email
		if u, err := b.office.SignInExternal(t.Context(), x, Welcome{}); !kyc.IsCode(err, "email_unverified") || u.ID != "" {
			t.Errorf("%s opens %s: %v", email, u.Email, err)
		}
	}
	x := ada()
	x.Email = "KIM@bank.example"
	if _, err := b.office.SignInExternal(t.Context(), x, Welcome{}); err != nil {
		t.Errorf("in capitals: %v", err)
	}
}

// Two windows of one person: both come in, and the account is bound once.
func TestTwoFirstSignInsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made, err := b.office.CreateUser(t.Context(), UserRequest{Org: b.org.ID, Email: "ada@acme.example", Role: "reviewer", Password: "correct horse battery", By: b.by})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if u, err := b.office.SignInExternal(t.Context(), ada(), Welcome{}); err != nil || u.ID != made.ID {
				t.Errorf("%s, %v", u.ID, err)
			}
		})
	}
	wg.Wait()
	if u := b.store.users[made.ID]; u.Rev != made.Rev+1 || u.External == nil {
		t.Errorf("bound %d times: %+v", u.Rev-made.Rev, u.External)
	}
}

// Two windows of one person with two addresses, one of which the provider gave
// them a moment ago: one account comes of it, or one that exists is bound.
func TestTwoFirstSignInsAtOnceByTwoAddresses(t *testing.T) {
	t.Parallel()
	for _, exists := range []bool{false, true} {
		b := setup(t)
		w := Welcome{Org: "Acme", Domains: []string{"acme.example"}, NewRole: "reviewer"}
		if exists {
			if _, err := b.office.CreateUser(t.Context(), UserRequest{Org: b.org.ID, Email: "ada0@acme.example", Role: "reviewer", Password: "correct horse battery", By: b.by}); err != nil {
				t.Fatal(err)
			}
		}
		const many = 6
		who, failed := make([]kyc.User, many), make([]error, many)
		var wg sync.WaitGroup
		for i := range many {
			wg.Go(func() {
				x := ada()
				x.Email = fmt.Sprintf("ada%d@acme.example", i%2)
				who[i], failed[i] = b.office.SignInExternal(t.Context(), x, w)
			})
		}
		wg.Wait()
		var in kyc.ID
		for i, err := range failed {
			switch {
			case err != nil && !kyc.IsCode(err, "person_bound_elsewhere"):
				t.Error(err)
			case err == nil && in != "" && who[i].ID != in:
				t.Errorf("one person is two accounts, %s and %s", in, who[i].ID)
			case err == nil:
				in = who[i].ID
			}
		}
		bound := 0
		for _, u := range b.store.users {
			if u.External != nil {
				bound++
			}
		}
		if in == "" || bound != 1 {
			t.Errorf("%d accounts are bound to one person; %v", bound, failed)
		}
	}
}

func TestWhomAnotherHouseLetsIn(t *testing.T) {
	t.Parallel()
	groups := []RoleFor{{"boss", "admin"}, {"staff", "auditor"}}
	for name, c := range map[string]struct {
		x    func(*External)
		w    Welcome
		code string
		role string
	}{
		"without an account":      {nil, Welcome{}, "account_missing", ""},
		"made one":                {nil, Welcome{Org: "Acme", Domains: []string{"ACME.example"}, NewRole: "auditor"}, "", "auditor"},
		"made an officer":         {nil, Welcome{Org: "Acme", Domains: []string{"acme.example"}, NewRole: "compliance"}, "", "compliance"},
		"made one by group":       {func(x *External) { x.Groups = []string{"staff", "boss"} }, Welcome{Org: "acme", Roles: groups, NewRole: "reviewer"}, "", "admin"},
		"in no group":             {func(x *External) { x.Groups = []string{"guests"} }, Welcome{Org: "Acme", Roles: groups, NewRole: "auditor"}, "role_missing", ""},
		"of another domain":       {nil, Welcome{Org: "Acme", Domains: []string{"example"}, NewRole: "auditor"}, "domain_not_allowed", ""},
		"of a domain below":       {func(x *External) { x.Email = "ada@sub.acme.example" }, Welcome{Org: "Acme", Domains: []string{"acme.example"}, NewRole: "auditor"}, "domain_not_allowed", ""},
		"not verified":            {func(x *External) { x.Verified = false }, Welcome{Org: "Acme", Domains: []string{"acme.example"}, NewRole: "auditor"}, "email_unverified", ""},
		"without an address":      {func(x *External) { x.Email = "" }, Welcome{Org: "Acme", Domains: []string{"acme.example"}, NewRole: "auditor"}, "email_unverified", ""},
		"an address with a name":  {func(x *External) { x.Email = "Ada <ada@acme.example>" }, Welcome{}, "email_unverified", ""},
		"nobody":                  {func(x *External) { x.Subject = "" }, Welcome{}, "email_unverified", ""},
		"an unknown organisation": {nil, Welcome{Org: "Nobody", Domains: []string{"acme.example"}, NewRole: "auditor"}, "sign_on_unavailable", ""},
	} {
		b := setup(t)
		x := ada()
		if c.x != nil {
			c.x(&x)
		}
		before := len(b.store.events)
		u, err := b.office.SignInExternal(t.Context(), x, c.w)
		if c.code != "" {
			if !kyc.IsCode(err, c.code) || len(b.store.users) != 0 {
				t.Errorf("%s: %v, %d accounts", name, err, len(b.store.users))
			}
			continue
		}
		if err != nil || u.Role != c.role || u.Tenant.Org != b.org.ID || u.PasswordHash != "" || len(b.store.events) != before+1 {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
		for _, guess := range []string{"", strings.Repeat("\x00", 12), "correct horse battery"} {
			if _, err := b.office.SignIn(t.Context(), x.Email, guess); !kyc.IsCode(err, "sign_in_failed") {
				t.Errorf("%s: the password %q opens an account without one: %v", name, guess, err)
			}
		}
	}
}

// Groups that roles go by are the other house's to give and to take, but for the
// last admin.
func TestGroupsGiveAndTakeRoles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := Welcome{Roles: []RoleFor{{"boss", "admin"}, {"staff", "reviewer"}}}
	add := func(email string) kyc.User {
		u, err := b.office.CreateUser(t.Context(), UserRequest{Org: b.org.ID, Email: email, Role: "admin", Password: "correct horse battery", By: b.by})
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	add("ada@acme.example")
	x := ada()
	x.Groups = []string{"staff"}
	if u, err := b.office.SignInExternal(t.Context(), x, w); !kyc.IsCode(err, "last_admin") || u.ID == "" {
		t.Errorf("the last admin: %v", err)
	}
	add("eve@acme.example")
	if u, err := b.office.SignInExternal(t.Context(), x, w); err != nil || u.Role != "reviewer" {
		t.Errorf("demoted: %+v, %v", u, err)
	}
	x.Groups = []string{"boss"}
	if u, err := b.office.SignInExternal(t.Context(), x, w); err != nil || u.Role != "admin" {
		t.Errorf("promoted: %+v, %v", u, err)
	}
	x.Groups = nil
	if _, err := b.office.SignInExternal(t.Context(), x, w); !kyc.IsCode(err, "role_missing") {
		t.Errorf("in no group: %v", err)
	}
	other, err := b.office.CreateOrg(t.Context(), "Other", b.by)
	if err != nil {
		t.Fatal(err)
	}
	x.Groups, w.Org = []string{"boss"}, string(other.ID)
	if _, err := b.office.SignInExternal(t.Context(), x, w); !kyc.IsCode(err, "account_missing") {
		t.Errorf("a person of another organisation: %v", err)
	}
}

func TestAWelcomeThatCannotWork(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		w    Welcome
		want int
	}{
		"nothing":           {Welcome{}, 0},
		"all right":         {Welcome{Org: "Acme", Domains: []string{"acme.example"}, NewRole: "reviewer", Roles: []RoleFor{{"a", "admin"}}}, 0},
		"accounts for all":  {Welcome{NewRole: "reviewer"}, 2},
		"unknown roles":     {Welcome{Org: "Acme", NewRole: "king", Roles: []RoleFor{{"a", "queen"}}}, 2},
		"domains of no use": {Welcome{Domains: []string{"*", "a@b", ""}}, 3},
	} {
		if err := c.w.Check(); len(kyc.AsError(err).Problems) != c.want || (err == nil) != (c.want == 0) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Who lost the phone and the codes is let in again by somebody else; whoever was
// signed in as them is not.
func TestALostSecondFactorIsReset(t *testing.T) {
	t.Parallel()
	b := setup(t)
	u, err := b.office.CreateUser(t.Context(), UserRequest{Org: b.org.ID, Email: "ada@acme.example", Role: "admin", Password: "correct horse battery", By: b.by})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.office.ResetFactor(t.Context(), b.org.ID, u.ID, b.by); !kyc.IsCode(err, "no_second_factor") {
		t.Errorf("without one: %v", err)
	}
	b.store.factor[u.ID] = kyc.SecondFactor{UserID: u.ID, ConfirmedAt: b.now}
	if has, err := b.office.HasFactor(t.Context(), b.org.ID, u.ID); !has || err != nil {
		t.Errorf("has one: %v, %v", has, err)
	}
	if _, err := b.office.ResetFactor(t.Context(), "other", u.ID, b.by); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("through another organisation: %v", err)
	}
	got, err := b.office.ResetFactor(t.Context(), b.org.ID, u.ID, b.by)
	if err != nil || got.Epoch != 1 || len(b.store.factor) != 0 {
		t.Fatal(got, err, b.store.factor)
	}
	if last := b.store.events[len(b.store.events)-1]; last.Action != "user.second_factor_reset" || last.ObjectID != u.ID {
		t.Errorf("audit: %+v", last)
	}
}
