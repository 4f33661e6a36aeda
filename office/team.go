package office

import (
	"crypto/rand"
	"strings"

	"bonafide/access"
	"bonafide/console"
	"bonafide/kyc"
)

type teamPage struct {
	People      []personRow
	Roles       []choice
	RoleNames   []string
	Matrix      []matrixRow
	CanWrite    bool
	Once        *once
	Problems    []kyc.Problem
	Email, Name string
	Skills      string            // of who is to be added, as they were written
	Wrote       map[kyc.ID]string // skills that could not be taken, as they were written
}

type personRow struct {
	ID, Email, Name, Role, Since string
	Skills                       string
	Roles                        []choice
	Disabled, Self               bool
	First                        bool // somebody else chose the password
	// Factor says that there is a second factor, Bound that the account belongs
	// to a person of the single sign-on.
	Factor, Bound bool
}

// matrixRow is a scope and which of the roles have it.
type matrixRow struct {
	Scope, Text string
	Has         []bool
}

func (o *office) team(v *console.Visit) error { return o.showTeam(v, teamPage{}) }

func roleChoices(chosen string) []choice {
	var out []choice
	for _, r := range access.Roles() {
		out = append(out, choice{r.Name, r.Title, r.Name == chosen})
	}
	return out
}

// roleTitle is what people call a role; one that is gone keeps its name.
func roleTitle(name string) string {
	for _, r := range access.Roles() {
		if r.Name == name {
			return r.Title
		}
	}
	return name
}

func (o *office) showTeam(v *console.Visit, page teamPage) error {
	list, err := o.Office.Users(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return err
	}
	for _, u := range list {
		factor, err := o.Office.HasFactor(v.Ctx(), u.Tenant.Org, u.ID)
		if err != nil {
			return err
		}
		skills := strings.Join(u.Skills, ", ")
		if wrote, tried := page.Wrote[u.ID]; tried {
			skills = wrote
		}
		page.People = append(page.People, personRow{Skills: skills, ID: kyc.Dress("user", u.ID), Email: u.Email, Name: u.Name, Role: roleTitle(u.Role), Since: clock(u.CreatedAt), Roles: roleChoices(u.Role),
			Disabled: !u.DisabledAt.IsZero(), Self: u.ID == v.User.ID, First: u.MustChange, Factor: factor, Bound: u.External != nil})
	}
	roles := access.Roles()
	for _, r := range roles {
		page.RoleNames = append(page.RoleNames, r.Title)
	}
	for _, s := range access.Scopes() {
		row := matrixRow{Scope: s.Name, Text: s.Description}
		for _, r := range roles {
			row.Has = append(row.Has, access.Grants(r.Scopes, s.Name))
		}
		page.Matrix = append(page.Matrix, row)
	}
	if page.Roles == nil {
		page.Roles = roleChoices("reviewer")
	}
	page.CanWrite = v.May("users:write")
	if len(page.Problems) > 0 {
		return v.Refuse("team", "Team", page)
	}
	return v.Show("team", "Team", page)
}

// newPassword is a first password of 115 random bits, without letters that
// look alike.
func newPassword() string {
	const alphabet = "abcdefghjkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	var b [60]byte
	out := make([]byte, 0, 23)
	for len(out) < 23 {
		_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24
		for _, x := range b {
			if n := int(x); n < 4*len(alphabet) && len(out) < 23 { // each letter is equally likely
				if len(out)%6 == 5 {
					out = append(out, '-')
					continue
				}
				out = append(out, alphabet[n%len(alphabet)])
			}
		}
	}
	return string(out)
}

// addPerson adds somebody with a first password that is shown once.
func (o *office) addPerson(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	f := v.R.PostForm
	password := newPassword()
	u, err := o.Office.CreateUser(v.Ctx(), access.UserRequest{Org: v.Tenant().Org, Email: f.Get("email"), Name: f.Get("name"), Role: f.Get("role"), Skills: readSkills(f.Get("skills")), Password: password, Temporary: true, By: v.Who.Actor})
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showTeam(v, teamPage{Problems: skillsNamed(problems, f.Get("skills")), Email: f.Get("email"), Name: f.Get("name"), Skills: f.Get("skills"), Roles: roleChoices(f.Get("role"))})
	}
	return o.showTeam(v, teamPage{Once: &once{What: u.Email + " was added.", Label: "First password", Text: password}})
}

// onPerson does something to the account of the address.
func (o *office) onPerson(v *console.Visit, do func(id kyc.ID) (said string, once *once, err error)) error {
	id, err := v.ID("id", "user")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	said, shown, err := do(id)
	problems, err := refused(err)
	if err != nil {
		return err
	}
	if len(problems) > 0 || shown != nil {
		return o.showTeam(v, teamPage{Problems: problems, Once: shown})
	}
	return v.On("/console/team", said)
}

func (o *office) changeRole(v *console.Visit) error {
	return o.onPerson(v, func(id kyc.ID) (string, *once, error) {
		u, err := o.Office.SetRole(v.Ctx(), v.Tenant().Org, id, v.R.PostFormValue("role"), v.Who.Actor)
		return u.Email + " is " + roleTitle(u.Role) + " now.", nil, err
	})
}

// resetPassword gives somebody a new password, shown once; whoever was signed
// in with the old one is signed out.
func (o *office) resetPassword(v *console.Visit) error {
	return o.onPerson(v, func(id kyc.ID) (string, *once, error) {
		password := newPassword()
		u, err := o.Office.SetPassword(v.Ctx(), v.Tenant().Org, id, password, v.Who.Actor)
		return "", &once{What: u.Email + " has a new password.", Label: "New password", Text: password}, err
	})
}

// resetFactor helps somebody who lost their phone and their recovery codes. Who
// is signed in turns off their own with a code (My account) and not like this:
// an open window would do.
func (o *office) resetFactor(v *console.Visit) error {
	return o.onPerson(v, func(id kyc.ID) (string, *once, error) {
		if id == v.User.ID {
			return "", nil, kyc.Errorf(kyc.Conflict, "own_account", "turn your own second factor off under My account")
		}
		u, err := o.Office.ResetFactor(v.Ctx(), v.Tenant().Org, id, v.Who.Actor)
		return u.Email + " has no second factor now and is signed out everywhere.", nil, err
	})
}

// unbind lets the next who comes by single sign-on with this verified address
// have the account.
func (o *office) unbind(v *console.Visit) error {
	return o.onPerson(v, func(id kyc.ID) (string, *once, error) {
		u, err := o.Office.Unbind(v.Ctx(), v.Tenant().Org, id, v.Who.Actor)
		return u.Email + " is bound anew at the next single sign-on.", nil, err
	})
}

func (o *office) disablePerson(v *console.Visit) error {
	return o.onPerson(v, func(id kyc.ID) (string, *once, error) {
		if id == v.User.ID {
			return "", nil, kyc.Errorf(kyc.Conflict, "own_account", "you cannot lock yourself out")
		}
		u, err := o.Office.DismissUser(v.Ctx(), v.Tenant().Org, id, v.Who.Actor)
		return u.Email + " is locked out.", nil, err
	})
}

func (o *office) enablePerson(v *console.Visit) error {
	return o.onPerson(v, func(id kyc.ID) (string, *once, error) {
		u, err := o.Office.EnableUser(v.Ctx(), v.Tenant().Org, id, v.Who.Actor)
		return u.Email + " can sign in again.", nil, err
	})
}
