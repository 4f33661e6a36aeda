package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"bonafide/access"
	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/store"
)

type replayCmd struct {
	Session string `arg:"" help:"Session id, as any surface writes it, or an execution's."`
	JSON    bool   `help:"One JSON object."`
}

// Run replays the newest run of a session from its record alone.
func (r replayCmd) Run(ctx context.Context, c *console, g *Globals) error {
	id, err := sessionOf(r.Session)
	if err != nil {
		return err
	}
	return withStoreRead(ctx, g, func(db *store.DB, office *access.Office) error {
		orgs, err := office.Orgs(ctx)
		if err != nil {
			return err
		}
		for _, org := range orgs {
			for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
				t := kyc.Tenant{Org: org.ID, Env: env}
				s, err := db.Session(ctx, t, id)
				if kyc.KindOf(err) == kyc.NotFound && err != nil {
					continue
				}
				if err != nil {
					return err
				}
				return r.replay(ctx, c, db, s)
			}
		}
		return kyc.Missing("session", r.Session)
	})
}

func (r replayCmd) replay(ctx context.Context, c *console, db *store.DB, s kyc.Session) error {
	if s.RunID == "" {
		return fmt.Errorf("the session was never processed; there is nothing to replay")
	}
	done, err := engine.New(engine.Deps{Store: db, Clock: kyc.SystemClock(), Slots: -1}).Replay(ctx, s.Tenant, s.RunID)
	if err != nil {
		return err
	}
	if r.JSON {
		if err := json.NewEncoder(c.out).Encode(done); err != nil {
			return err
		}
	} else {
		c.printf("run       %s\ngraph     %s\ninputs    %d\npath      %s\noutcome   %s\nstate     %s\n", done.RunID, done.Definition, done.Inputs,
			strings.Join(done.Path, " → "), done.Outcome, done.StateHash)
	}
	if done.Difference != nil {
		return exitCode{exitError, fmt.Errorf("the replay differs from the record: %s", done.Difference)}
	}
	if !r.JSON {
		c.printf("equal     the record leads to the same decision, state by state\n")
	}
	return nil
}
