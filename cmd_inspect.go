package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"bonafide/document"
)

type inspectCmd struct {
	Files []string `arg:"" help:"Images or PDF files."`
	JSON  bool     `help:"One JSON object a line."`
}

// Run prints what intake sees; exit 1 when a file was refused.
func (i inspectCmd) Run(ctx context.Context, c *console, g *Globals) error {
	reader := newReader(g)
	defer func() { _ = reader.Close() }() // it was only read with
	refused := false
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	for _, file := range i.Files {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		seen := reader.Inspect(ctx, document.File{Name: file, Bytes: b}, time.Now().UTC())
		refused = refused || seen.Error != nil
		if i.JSON {
			if err := enc.Encode(seen); err != nil {
				return err
			}
			continue
		}
		c.printf("%s", describe(seen))
	}
	if refused {
		return exitCode{code: exitError}
	}
	return nil
}
