package main

import (
	"context"
	"fmt"
	"strings"

	"bonafide/access"
	"bonafide/kyc"
	"bonafide/store"
)

// personFlags name one person.
type personFlags struct {
	Org   string `help:"Organisation: id or name." required:""`
	Email string `help:"E-mail address." required:""`
}

// on does something to the account, which must be of the organisation.
func (f personFlags) on(ctx context.Context, g *Globals, do func(*access.Office, kyc.User) error) error {
	return withStore(ctx, g, func(_ *store.DB, office *access.Office) error {
		org, err := findOrg(ctx, office, f.Org)
		if err != nil {
			return err
		}
		u, err := office.UserByEmail(ctx, f.Email)
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return err
		}
		if err != nil || u.Tenant.Org != org.ID {
			return fmt.Errorf("there is nobody of this address in %s (see bonafide user list)", org.Name)
		}
		return do(office, u)
	})
}

type userResetFactorCmd struct{ personFlags }

// Run takes the second factor away. The password stays.
func (u userResetFactorCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return u.on(ctx, g, func(office *access.Office, x kyc.User) error {
		if _, err := office.ResetFactor(ctx, x.Tenant.Org, x.ID, byCLI()); err != nil {
			return err
		}
		c.printf("%s has no second factor now and is signed out everywhere\n", x.ID)
		return nil
	})
}

type userSkillsCmd struct {
	personFlags
	Set  []string `help:"The skills that the person has from now on, in place of those they had: --set arabic,edd." xor:"skills"`
	None bool     `help:"Take all skills away." xor:"skills"`
}

// Run prints the skills of a person, changed or not, in one line.
func (u userSkillsCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return u.on(ctx, g, func(office *access.Office, x kyc.User) error {
		if len(u.Set) > 0 || u.None {
			var err error
			if x, err = office.SetSkills(ctx, x.Tenant.Org, x.ID, u.Set, byCLI()); err != nil {
				return err
			}
		}
		c.printf("%s\n", strings.Join(x.Skills, ","))
		return nil
	})
}

type userUnbindCmd struct{ personFlags }

// Run forgets who the person is for the single sign-on.
func (u userUnbindCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return u.on(ctx, g, func(office *access.Office, x kyc.User) error {
		if _, err := office.Unbind(ctx, x.Tenant.Org, x.ID, byCLI()); err != nil {
			return err
		}
		c.printf("%s is bound anew at the next single sign-on\n", x.ID)
		return nil
	})
}
