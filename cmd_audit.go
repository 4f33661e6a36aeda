package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"bonafide/access"
	"bonafide/audit"
	"bonafide/kyc"
	"bonafide/store"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Recompute every organisation's chain and the root of each day; exit 1 at a break."`
	Roots  auditRootsCmd  `cmd:"" help:"Print the Merkle root of each day that is over, one JSON object a line: the bytes to keep or time-stamp elsewhere."`
	Prove  auditProveCmd  `cmd:"" help:"Print the proof that one entry is part of its day."`
	Check  auditCheckCmd  `cmd:"" help:"Check a proof against roots that were kept elsewhere; needs no database and no server. Exit 1 when it does not hold."`
}

type auditVerifyCmd struct {
	Org   string `help:"Only this organisation: id or name."`
	Roots string `help:"File of roots that were kept elsewhere (audit roots); each must still be stored as it was." type:"existingfile" placeholder:"FILE"`
	JSON  bool   `help:"One JSON object a line."`
}

// chosenOrgs are the organisations of a flag, all without one.
func chosenOrgs(ctx context.Context, office *access.Office, name string) ([]kyc.Org, error) {
	if name == "" {
		return office.Orgs(ctx)
	}
	org, err := findOrg(ctx, office, name)
	return []kyc.Org{org}, err
}

// Run recomputes the chains.
func (v auditVerifyCmd) Run(ctx context.Context, c *console, g *Globals) error {
	kept, err := readRoots(v.Roots)
	if err != nil {
		return err
	}
	return withStoreRead(ctx, g, func(db *store.DB, office *access.Office) error {
		orgs, err := chosenOrgs(ctx, office, v.Org)
		if err != nil {
			return err
		}
		broken := 0
		for _, org := range orgs {
			r, err := db.VerifyAudit(ctx, org.ID)
			if err != nil {
				return err
			}
			if r.OK() {
				if r.Broken, r.Problem, err = against(ctx, db, org.ID, kept); err != nil {
					return err
				}
			}
			if !r.OK() {
				broken++
			}
			switch {
			case v.JSON:
				if err := json.NewEncoder(c.out).Encode(r); err != nil {
					return err
				}
			case r.OK():
				c.printf("%s (%s): %d entries, unbroken, %d daily roots, head %s\n", org.ID, org.Name, r.Checked, r.Days, short(r.Head))
			default:
				c.printf("%s (%s): BROKEN at entry %d: %s\n", org.ID, org.Name, r.Broken, r.Problem)
			}
		}
		for _, d := range kept {
			if !slices.ContainsFunc(orgs, func(o kyc.Org) bool { return o.ID == d.Org }) {
				return fmt.Errorf("the file has a root of organisation %s, which is not among those looked at", d.Org)
			}
		}
		if broken > 0 {
			return fmt.Errorf("%d of %d audit chains are broken", broken, len(orgs))
		}
		return nil
	})
}

// against compares an organisation's stored roots with those that were kept.
func against(ctx context.Context, db *store.DB, org kyc.ID, kept []audit.Day) (int64, string, error) {
	kept = slices.DeleteFunc(slices.Clone(kept), func(d audit.Day) bool { return d.Org != org })
	if len(kept) == 0 {
		return 0, "", nil
	}
	stored, err := db.AuditDays(ctx, org, kyc.DayFilter{}, maxRoots)
	if err != nil {
		return 0, "", err
	}
	broken, problem := audit.Differs(kept, stored)
	return broken, problem, nil
}

// maxRoots is more days than a chain has.
const maxRoots = 1 << 20

func readRoots(file string) ([]audit.Day, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	days, err := audit.ReadDays(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(days) == 0 {
		return nil, fmt.Errorf("%s holds no roots", file)
	}
	return days, nil
}

type auditRootsCmd struct {
	Org  string `help:"Only this organisation: id or name."`
	From string `help:"From this day on (YYYY-MM-DD)."`
	To   string `help:"Until this day."`
}

// Run prints the roots, oldest first.
func (r auditRootsCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return withStoreRead(ctx, g, func(db *store.DB, office *access.Office) error {
		orgs, err := chosenOrgs(ctx, office, r.Org)
		if err != nil {
			return err
		}
		for _, org := range orgs {
			days, err := db.AuditDays(ctx, org.ID, kyc.DayFilter{From: r.From, To: r.To}, maxRoots)
			if err != nil {
				return err
			}
			for _, d := range slices.Backward(days) {
				c.printf("%s\n", d.Bytes())
			}
		}
		return nil
	})
}

type auditProveCmd struct {
	Event string `arg:"" help:"The entry's id."`
	Org   string `help:"Its organisation: id or name; needed where there are several." `
}

// Run prints the proof of an entry of either environment.
func (p auditProveCmd) Run(ctx context.Context, c *console, g *Globals) error {
	id, ok := kyc.ParseID(p.Event[strings.LastIndexByte(p.Event, '_')+1:])
	if !ok {
		return fmt.Errorf("%q is no id of an entry; the export and GET /audit name them", p.Event)
	}
	return withStoreRead(ctx, g, func(db *store.DB, office *access.Office) error {
		orgs, err := chosenOrgs(ctx, office, p.Org)
		if err != nil {
			return err
		}
		for _, org := range orgs {
			for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
				proof, err := db.AuditProof(ctx, kyc.Tenant{Org: org.ID, Env: env}, id)
				if kyc.KindOf(err) == kyc.NotFound {
					continue
				}
				if err != nil {
					return err
				}
				enc := json.NewEncoder(c.out)
				enc.SetEscapeHTML(false)
				return enc.Encode(proof)
			}
		}
		return fmt.Errorf("there is no entry %s", p.Event)
	})
}

type auditCheckCmd struct {
	Proof string `arg:"" help:"File that audit prove or GET /audit/proof/{event_id} gave." type:"existingfile"`
	Roots string `help:"File of roots that were kept elsewhere, one a line." type:"existingfile" required:"" placeholder:"FILE"`
}

// maxProof is more than the longest proof takes: an event and 64 hashes.
const maxProof = 4 << 20

// Run checks a proof with nothing but two files.
func (k auditCheckCmd) Run(_ context.Context, c *console, _ *Globals) error {
	info, err := os.Stat(k.Proof)
	if err != nil {
		return err
	}
	if info.Size() > maxProof {
		return fmt.Errorf("%s is too large for a proof", k.Proof)
	}
	raw, err := os.ReadFile(k.Proof)
	if err != nil {
		return err
	}
	proof, err := audit.ReadProof(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", k.Proof, err)
	}
	kept, err := readRoots(k.Roots)
	if err != nil {
		return err
	}
	if err := proof.Check(); err != nil {
		return fmt.Errorf("the proof does not hold: %w", err)
	}
	if !slices.Contains(kept, proof.Day) {
		return errors.New("the proof does not hold: its root is not among those that were kept")
	}
	e := proof.Event
	c.printf("entry %d (%s %s %s, %s) is part of %s, root %s\n", e.Seq, e.Action, e.Object, e.ObjectID, e.At.UTC().Format("2006-01-02 15:04:05Z"), proof.Day.Day, short(proof.Day.Root))
	return nil
}
