package access

import (
	"testing"
	"time"

	"bonafide/kyc"
)

func TestSomebodyStaysToAdminister(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	add := func(email, role string) kyc.User {
		u, err := b.office.CreateUser(ctx, UserRequest{Org: b.org.ID, Email: email, Role: role, Password: "correct horse battery", By: b.by})
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	ada, eve := add("ada@example.com", "admin"), add("eve@example.com", "reviewer")
	if _, err := b.office.SetRole(ctx, b.org.ID, eve.ID, "queen", b.by); len(kyc.AsError(err).Problems) != 1 {
		t.Error(err)
	}
	if _, err := b.office.SetRole(ctx, b.org.ID, ada.ID, "auditor", b.by); !kyc.IsCode(err, "last_admin") {
		t.Errorf("the last admin is demoted: %v", err)
	}
	if _, err := b.office.DismissUser(ctx, b.org.ID, ada.ID, b.by); !kyc.IsCode(err, "last_admin") {
		t.Errorf("the last admin is locked out: %v", err)
	}
	if u, err := b.office.SetRole(ctx, b.org.ID, eve.ID, "admin", b.by); err != nil || u.Role != "admin" {
		t.Fatal(u, err)
	}
	if u, err := b.office.DismissUser(ctx, b.org.ID, ada.ID, b.by); err != nil || u.DisabledAt.IsZero() {
		t.Fatal(u, err)
	}
	if _, err := b.office.SignIn(ctx, "ada@example.com", "correct horse battery"); !kyc.IsCode(err, "sign_in_failed") {
		t.Errorf("she signs in: %v", err)
	}
	if _, err := b.office.SetRole(ctx, b.org.ID, eve.ID, "reviewer", b.by); !kyc.IsCode(err, "last_admin") {
		t.Errorf("a locked-out admin counts: %v", err)
	}
	before := len(b.store.events)
	for range 2 {
		if u, err := b.office.EnableUser(ctx, b.org.ID, ada.ID, b.by); err != nil || !u.DisabledAt.IsZero() {
			t.Fatal(u, err)
		}
	}
	if n := len(b.store.events) - before; n != 1 || b.store.events[before].Action != "user.enable" {
		t.Errorf("%d events", n)
	}
	if _, err := b.office.SignIn(ctx, "ada@example.com", "correct horse battery"); err != nil {
		t.Error(err)
	}
	if _, err := b.office.SetRole(ctx, kyc.NewID(time.Now()), eve.ID, "reviewer", b.by); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("a person of another organisation: %v", err)
	}
}
