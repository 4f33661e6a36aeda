package access

import (
	"strings"
	"testing"

	"bonafide/kyc"
)

func TestPasswords(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("correct horse battery")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatal(hash, err)
	}
	if ok, rehash := CheckPassword(hash, "correct horse battery"); !ok || rehash {
		t.Error(ok, rehash)
	}
	if ok, _ := CheckPassword(hash, "Correct horse battery"); ok {
		t.Error("another password fits")
	}
	// A hash by the reference implementation (argon2 -id -t 2 -m 8 -p 1, salt "somesalt").
	const weak = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if ok, rehash := CheckPassword(weak, "password"); !ok || !rehash {
		t.Errorf("the test vector of the reference implementation: %v %v", ok, rehash)
	}
	for _, bad := range []string{"", "x", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "$argon2id$v=19$m=256,t=0,p=0$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "$argon2id$v=19$m=256,t=2,p=1$$"} {
		if ok, _ := CheckPassword(bad, "password"); ok {
			t.Errorf("%q fits", bad)
		}
	}
	for password, code := range map[string]string{"short": "password_too_short", strings.Repeat("x", 1025): "password_too_long"} {
		if _, err := HashPassword(password); !kyc.IsCode(err, code) {
			t.Errorf("%v, want %s", err, code)
		}
	}
}

func TestPeopleSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	const password = "correct horse battery"
	u, err := b.office.CreateUser(ctx, UserRequest{Org: b.org.ID, Email: "Ada@Example.com", Role: "admin", Password: password, By: b.by})
	if err != nil || u.Email != "ada@example.com" {
		t.Fatal(u, err)
	}
	if _, err := b.office.CreateUser(ctx, UserRequest{Org: b.org.ID, Email: "ada@example.com", Role: "admin", Password: password}); !kyc.IsCode(err, "email_taken") {
		t.Error(err)
	}
	_, err = b.office.CreateUser(ctx, UserRequest{Org: b.org.ID, Email: "Ada <ada@x>", Role: "king", Password: "x"})
	if n := len(kyc.AsError(err).Problems); n != 3 {
		t.Errorf("%d problems: %v", n, err)
	}
	if got, err := b.office.SignIn(ctx, " ADA@example.com", password); err != nil || got.ID != u.ID {
		t.Error(err)
	}
	for _, c := range [][2]string{{"ada@example.com", "wrong horse battery"}, {"nobody@example.com", password}, {"", ""}} {
		if _, err := b.office.SignIn(ctx, c[0], c[1]); !kyc.IsCode(err, "sign_in_failed") {
			t.Errorf("%v: %v", c, err)
		}
	}
	weak := b.store.users[u.ID]
	weak.PasswordHash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	b.store.users[u.ID] = weak
	if _, err := b.office.SignIn(ctx, u.Email, "password"); err != nil {
		t.Error(err)
	}
	// "password" has fewer than 12 characters, so it stays as it is until it is changed.
	if u, err = b.office.SetPassword(ctx, b.org.ID, u.ID, "another good password", b.by); err != nil {
		t.Fatal(err)
	}
	if !u.MustChange {
		t.Error("a password that somebody else gave need not be changed")
	}
	if u, err = b.office.SetPassword(ctx, b.org.ID, u.ID, "another good password", kyc.Actor{Kind: kyc.ActorUser, ID: string(u.ID)}); err != nil || u.MustChange {
		t.Errorf("a password of one's own has to be changed: %v", err)
	}
	if _, err := b.office.SignIn(ctx, u.Email, "another good password"); err != nil {
		t.Error(err)
	}
	if _, err := b.office.DisableUser(ctx, b.org.ID, u.ID, b.by); err != nil {
		t.Fatal(err)
	}
	if _, err := b.office.SignIn(ctx, u.Email, "another good password"); !kyc.IsCode(err, "sign_in_failed") {
		t.Errorf("a disabled person signs in: %v", err)
	}
	if _, err := b.office.SetPassword(ctx, "other", u.ID, "another good password", b.by); kyc.KindOf(err) != kyc.NotFound {
		t.Errorf("through another organisation: %v", err)
	}
}

func BenchmarkHashPassword(b *testing.B) {
	for b.Loop() {
		if _, err := HashPassword("correct horse battery"); err != nil {
			b.Fatal(err)
		}
	}
}
