package main

import (
	"context"

	"bonafide/access"
	"bonafide/store"
)

type backupCmd struct {
	File string `arg:"" help:"The copy; a file that exists is not replaced." type:"path"`
}

// Run copies the database. The keys are not in it: without DATA/keys the copy
// cannot be read.
func (b backupCmd) Run(ctx context.Context, c *console, g *Globals) error {
	return withStoreRead(ctx, g, func(db *store.DB, _ *access.Office) error {
		if err := db.Backup(ctx, b.File); err != nil {
			return err
		}
		c.printf("copied to %s; keep the folder keys apart from it\n", b.File)
		return nil
	})
}
