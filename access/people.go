package access

import (
	"context"
	"slices"
	"strings"

	"bonafide/kyc"
)

// UserRequest describes a person to be added.
type UserRequest struct {
	Org      kyc.ID
	Email    string
	Name     string
	Role     string // see Roles
	Password string // at least 12 characters
	// Skills are what queues of reviews may ask for (kyc.SkillProblems).
	Skills []string
	// Temporary says that the person must choose their own password when they
	// first sign in.
	Temporary bool
	By        By
}

// longestName is in characters.
const longestName = 200

// CreateUser adds a person. Errors: Invalid with every problem, Conflict
// email_taken.
func (o *Office) CreateUser(ctx context.Context, r UserRequest) (kyc.User, error) {
	email, problems := checkEmail("/email", r.Email)
	if !slices.ContainsFunc(Roles(), func(role Role) bool { return role.Name == r.Role }) {
		problems = append(problems, kyc.Problem{Path: "/role", Code: "not_allowed_value", Message: "allowed: " + strings.Join(RoleNames(), ", ")})
	}
	problems = append(problems, kyc.SkillProblems(r.Skills, "/skills")...)
	if len([]rune(r.Name)) > longestName {
		problems = append(problems, kyc.Problem{Path: "/name", Code: "too_long", Message: "at most 200 characters"})
	}
	hash, err := o.hash(ctx, r.Password)
	if err != nil {
		problems = append(problems, kyc.AsError(err).Problems...)
	}
	if len(problems) > 0 {
		return kyc.User{}, kyc.InvalidInput("validation_failed", "the person cannot be added like this", problems)
	}
	if err != nil {
		return kyc.User{}, err
	}
	if _, err := o.store.Org(ctx, r.Org); err != nil {
		return kyc.User{}, err
	}
	if _, err := o.store.UserByEmail(ctx, email); err == nil {
		return kyc.User{}, kyc.Errorf(kyc.Conflict, "email_taken", "there is a user with this e-mail address already")
	} else if kyc.KindOf(err) != kyc.NotFound {
		return kyc.User{}, err
	}
	now := o.clock.Now()
	u := kyc.User{
		Meta:  kyc.Meta{ID: kyc.NewID(now), Tenant: kyc.Tenant{Org: r.Org}},
		Email: email, Name: strings.TrimSpace(r.Name), Role: r.Role, Skills: slices.Sorted(slices.Values(r.Skills)), PasswordHash: hash, MustChange: r.Temporary,
	}
	u.Touch(now)
	change := &kyc.Change{Put: []kyc.Object{&u}, Events: []kyc.Event{o.passwordEvent(ctx, &u, r.By, "user.create")}}
	if len(u.Skills) > 0 {
		change.Events = append(change.Events, o.skillsEvent(ctx, &u, nil, r.By))
	}
	return u, o.store.Commit(ctx, change)
}

// Users lists the people of an organisation, oldest first.
func (o *Office) Users(ctx context.Context, org kyc.ID) ([]kyc.User, error) {
	return o.store.Users(ctx, org)
}

// UserByEmail finds a person of any organisation.
func (o *Office) UserByEmail(ctx context.Context, email string) (kyc.User, error) {
	return o.store.UserByEmail(ctx, strings.ToLower(strings.TrimSpace(email)))
}

// passwordEvent is the entry of who got a password; its reason says that it has
// to be changed.
func (o *Office) passwordEvent(ctx context.Context, u *kyc.User, by By, action string) kyc.Event {
	e := o.event(ctx, u.Tenant, by, action, "user", u.ID)
	if u.MustChange {
		e.Reason = "must_change_password"
	}
	return e
}

// SetPassword gives a person another password. One that somebody else chose has
// to be changed at the next sign-in.
func (o *Office) SetPassword(ctx context.Context, org, id kyc.ID, password string, by By) (kyc.User, error) {
	u, err := o.store.User(ctx, org, id)
	if err != nil {
		return kyc.User{}, err
	}
	if u.PasswordHash, err = o.hash(ctx, password); err != nil {
		return kyc.User{}, err
	}
	u.MustChange = by.Kind != kyc.ActorUser || by.ID != string(u.ID)
	u.Touch(o.clock.Now())
	return u, o.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&u}, Events: []kyc.Event{o.passwordEvent(ctx, &u, by, "user.password")}})
}

// HasFactor reports whether a second factor is asked of a person.
func (o *Office) HasFactor(ctx context.Context, org, id kyc.ID) (bool, error) {
	f, err := o.store.SecondFactorOf(ctx, org, id)
	if err != nil && kyc.KindOf(err) == kyc.NotFound {
		return false, nil
	}
	return err == nil && !f.ConfirmedAt.IsZero(), err
}

// ResetFactor takes away the second factor of a person who lost it and has no
// recovery code left; all their sign-ins end. Errors: Conflict no_second_factor.
func (o *Office) ResetFactor(ctx context.Context, org, id kyc.ID, by By) (kyc.User, error) {
	u, err := o.store.User(ctx, org, id)
	if err != nil {
		return u, err
	}
	f, err := o.store.SecondFactorOf(ctx, org, id)
	switch {
	case err != nil && kyc.KindOf(err) == kyc.NotFound:
		return u, kyc.Errorf(kyc.Conflict, "no_second_factor", "the person has no second factor")
	case err != nil:
		return u, err
	}
	u.Epoch++
	u.Touch(o.clock.Now())
	return u, o.store.Commit(ctx, &kyc.Change{Put: []kyc.Object{&u}, Remove: []kyc.Object{&f},
		Events: []kyc.Event{o.event(ctx, u.Tenant, by, "user.second_factor_reset", "user", u.ID)}})
}

// DisableUser locks a person out; doing it again changes nothing.
func (o *Office) DisableUser(ctx context.Context, org, id kyc.ID, by By) (kyc.User, error) {
	u, err := o.store.User(ctx, org, id)
	if err != nil || !u.DisabledAt.IsZero() {
		return u, err
	}
	u.DisabledAt = o.clock.Now()
	return u, o.put(ctx, &u, by, "user.disable")
}

// SignIn checks a person's password. A hash with yesterday's parameters is
// made anew. Errors: Unauthenticated sign_in_failed, whatever the reason was.
func (o *Office) SignIn(ctx context.Context, email, password string) (kyc.User, error) {
	refused := kyc.Errorf(kyc.Unauthenticated, "sign_in_failed", "e-mail address or password is wrong")
	u, err := o.UserByEmail(ctx, email)
	if err != nil && kyc.KindOf(err) != kyc.NotFound {
		return kyc.User{}, err
	}
	hash := u.PasswordHash
	if err != nil || hash == "" {
		hash = nobody // think as long as for somebody with a password
	}
	if err := o.think(ctx); err != nil {
		return kyc.User{}, err
	}
	ok, rehash := CheckPassword(hash, password)
	<-o.thinking
	if !ok || err != nil || u.PasswordHash == "" || !u.DisabledAt.IsZero() {
		return kyc.User{}, refused
	}
	if rehash {
		if fresh, err := o.hash(ctx, password); err == nil {
			u.PasswordHash = fresh
			// The person is who they say; a hash that could not be renewed
			// now is renewed the next time.
			_ = o.put(ctx, &u, kyc.Actor{Kind: kyc.ActorUser, ID: string(u.ID)}, "user.rehash")
		}
	}
	return u, nil
}

// nobody is the hash of a random password with today's parameters.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func (o *Office) put(ctx context.Context, u *kyc.User, by By, action string) error {
	u.Touch(o.clock.Now())
	return o.store.Commit(ctx, &kyc.Change{
		Put:    []kyc.Object{u},
		Events: []kyc.Event{o.event(ctx, u.Tenant, by, action, "user", u.ID)},
	})
}

func (o *Office) hash(ctx context.Context, password string) (string, error) {
	if err := o.think(ctx); err != nil {
		return "", err
	}
	defer func() { <-o.thinking }()
	return HashPassword(password)
}

// think waits for one of the places for hashing.
func (o *Office) think(ctx context.Context) error {
	select {
	case o.thinking <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
