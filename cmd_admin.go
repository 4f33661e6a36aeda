package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"bonafide/access"
	"bonafide/kyc"
	"bonafide/store"
)

// withStore opens the store for one command.
func withStore(ctx context.Context, g *Globals, f func(*store.DB, *access.Office) error) error {
	return withStoreOf(ctx, g, openStore, f)
}

// withStoreRead opens it for reading only, beside a running server.
func withStoreRead(ctx context.Context, g *Globals, f func(*store.DB, *access.Office) error) error {
	return withStoreOf(ctx, g, lookAtStore, f)
}

type opener func(context.Context, *Globals, kyc.Clock, *slog.Logger) (*store.DB, error)

func withStoreOf(ctx context.Context, g *Globals, open opener, f func(*store.DB, *access.Office) error) (err error) {
	db, err := open(ctx, g, kyc.SystemClock(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return f(db, access.NewOffice(db, kyc.SystemClock()))
}

func byCLI() kyc.Actor { return kyc.SystemActor("cli") }

type orgCmd struct {
	Create orgCreateCmd `cmd:"" help:"Make an organisation."`
	List   orgListCmd   `cmd:"" help:"List organisations."`
}

type orgCreateCmd struct {
	Name string `arg:"" help:"Its name."`
}

// Run makes an organisation and prints its id.
func (o orgCreateCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return withStore(ctx, g, func(_ *store.DB, office *access.Office) error {
		org, err := office.CreateOrg(ctx, o.Name, byCLI())
		if err != nil {
			return err
		}
		c.printf("%s\n", org.ID)
		return nil
	})
}

type orgListCmd struct{}

// Run lists organisations, oldest first.
func (orgListCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return withStoreRead(ctx, g, func(_ *store.DB, office *access.Office) error {
		orgs, err := office.Orgs(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tNAME\tCREATED")
		for _, o := range orgs {
			fmt.Fprintf(w, "%s\t%s\t%s\n", o.ID, o.Name, o.CreatedAt.Format(time.RFC3339))
		}
		return w.Flush()
	})
}

// tenantFlags name an organisation, by id or name, and an environment.
type tenantFlags struct {
	Org string `help:"Organisation: id or name." required:""`
	Env string `help:"live or sandbox." enum:"live,sandbox" default:"live"`
}

func (f tenantFlags) find(ctx context.Context, office *access.Office) (kyc.Tenant, error) {
	org, err := findOrg(ctx, office, f.Org)
	return kyc.Tenant{Org: org.ID, Env: kyc.Env(f.Env)}, err
}

// sessionOf reads the id of a session as any surface writes it; an execution of
// surface C and its session share an id.
func sessionOf(text string) (kyc.ID, error) {
	id, ok := kyc.Undress("session", text)
	if !ok {
		id, ok = kyc.ParseULID(text)
	}
	if !ok {
		return "", exitCode{exitUsage, fmt.Errorf("%q is no session id", text)}
	}
	return id, nil
}

func findOrg(ctx context.Context, office *access.Office, text string) (kyc.Org, error) {
	orgs, err := office.Orgs(ctx)
	if err != nil {
		return kyc.Org{}, err
	}
	var found []kyc.Org
	for _, o := range orgs {
		if string(o.ID) == strings.ToLower(text) || strings.EqualFold(o.Name, text) {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return kyc.Org{}, fmt.Errorf("there is no organisation %q (see bonafide org list)", text)
	}
	return kyc.Org{}, fmt.Errorf("%d organisations are called %q; give the id", len(found), text)
}

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Make a key; it is shown once."`
	List   keyListCmd   `cmd:"" help:"List keys, never their secrets."`
	Revoke keyRevokeCmd `cmd:"" help:"End a key at once."`
}

type keyCreateCmd struct {
	tenantFlags
	Name      string        `help:"What it is for." default:"key"`
	Scope     []string      `help:"resource:action; default everything." default:"*"`
	AllowCIDR []string      `name:"allow-cidr" help:"Addresses it may be used from."`
	Expires   time.Duration `help:"Life, such as 720h; default without end."`
	Rate      float64       `help:"Requests a second; default the surface's own."`
	JSON      bool          `help:"One JSON object."`
}

// Run makes a key and prints its text.
func (k keyCreateCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return withStore(ctx, g, func(_ *store.DB, office *access.Office) error {
		t, err := k.find(ctx, office)
		if err != nil {
			return err
		}
		r := access.KeyRequest{Tenant: t, Name: k.Name, Scopes: k.Scope, AllowCIDR: k.AllowCIDR, RatePerSec: k.Rate, By: byCLI()}
		if k.Expires > 0 {
			r.ExpiresAt = time.Now().UTC().Add(k.Expires)
		}
		key, text, err := office.CreateKey(ctx, r)
		if err != nil {
			return err
		}
		if k.JSON {
			return json.NewEncoder(c.out).Encode(map[string]any{"id": key.ID, "key": text, "scopes": key.Scopes})
		}
		c.printf("%s\n", text)
		fmt.Fprintf(c.err, "key %s for %s; it is shown only now\n", key.ID, k.Env)
		return nil
	})
}

type keyListCmd struct{ tenantFlags }

// Run lists keys.
func (k keyListCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return withStoreRead(ctx, g, func(_ *store.DB, office *access.Office) error {
		t, err := k.find(ctx, office)
		if err != nil {
			return err
		}
		keys, err := office.ListKeys(ctx, t)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tPREFIX\tNAME\tSCOPES\tLAST USED\tSTATE")
		for _, key := range keys {
			state := "active"
			switch {
			case !key.RevokedAt.IsZero():
				state = "revoked"
			case !key.ExpiresAt.IsZero() && key.ExpiresAt.Before(time.Now()):
				state = "expired"
			}
			used := "never"
			if !key.LastUsedAt.IsZero() {
				used = key.LastUsedAt.Format(time.RFC3339)
			}
			fmt.Fprintf(w, "%s\t%s…\t%s\t%s\t%s\t%s\n", key.ID, key.Prefix, key.Name, strings.Join(key.Scopes, " "), used, state)
		}
		return w.Flush()
	})
}

type keyRevokeCmd struct {
	tenantFlags
	ID string `arg:"" help:"The key's id."`
}

// Run revokes a key.
func (k keyRevokeCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return withStore(ctx, g, func(_ *store.DB, office *access.Office) error {
		t, err := k.find(ctx, office)
		if err != nil {
			return err
		}
		id, ok := kyc.ParseID(k.ID)
		if !ok {
			return kyc.Missing("key", k.ID)
		}
		if _, err := office.RevokeKey(ctx, t, id, byCLI()); err != nil {
			return err
		}
		c.printf("revoked %s\n", id)
		return nil
	})
}

type userCmd struct {
	Create userCreateCmd `cmd:"" help:"Add a console user."`
	List   userListCmd   `cmd:"" help:"List console users."`
	Skills userSkillsCmd `cmd:"" help:"Show or change the skills that queues of reviews may ask of somebody."`

	ResetFactor userResetFactorCmd `cmd:"" help:"Take away the second factor of somebody who lost it; they are signed out everywhere."`
	Unbind      userUnbindCmd      `cmd:"" help:"Let an account be bound to another person of the single sign-on."`
}

type userCreateCmd struct {
	Org   string   `help:"Organisation: id or name." required:""`
	Email string   `help:"E-mail address." required:""`
	Name  string   `help:"Name."`
	Role  string   `help:"admin, compliance, reviewer or auditor." enum:"admin,compliance,reviewer,auditor" default:"reviewer"`
	Skill []string `help:"A skill that queues of reviews may ask for, such as arabic; several: --skill arabic,edd."`
}

// Run reads the password from standard input, so that it stays out of the
// shell's history.
func (u userCreateCmd) Run(ctx context.Context, c *console, g *Globals) error {
	fmt.Fprintln(c.err, "password (from standard input, one line):")
	raw, err := io.ReadAll(io.LimitReader(os.Stdin, 4096))
	if err != nil {
		return err
	}
	return withStore(ctx, g, func(_ *store.DB, office *access.Office) error {
		org, err := findOrg(ctx, office, u.Org)
		if err != nil {
			return err
		}
		user, err := office.CreateUser(ctx, access.UserRequest{Temporary: true, Org: org.ID, Email: u.Email, Name: u.Name, Role: u.Role, Skills: u.Skill,
			Password: strings.TrimRight(string(raw), "\r\n"), By: byCLI()})
		if err != nil {
			return err
		}
		c.printf("%s\n", user.ID)
		return nil
	})
}

type userListCmd struct {
	Org string `help:"Organisation: id or name." required:""`
}

// Run lists users.
func (u userListCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return withStoreRead(ctx, g, func(_ *store.DB, office *access.Office) error {
		org, err := findOrg(ctx, office, u.Org)
		if err != nil {
			return err
		}
		users, err := office.Users(ctx, org.ID)
		if err != nil {
			return err
		}
		for _, x := range users {
			c.printf("%s\n", strings.TrimSpace(fmt.Sprintf("%s  %s  %s  %s", x.ID, x.Email, x.Role, strings.Join(x.Skills, ","))))
		}
		return nil
	})
}
