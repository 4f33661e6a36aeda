package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"bonafide/journey"
	"bonafide/kyc"
)

// outbox takes the place of a mail or SMS gateway under serve --dev: each
// message becomes a file in DIR/outbox, readable by its owner only, because it
// holds the applicant's link.
type outbox struct {
	dir  string
	base func() string // of links
	now  func() time.Time
}

// invite writes one message.
func (o outbox) invite(_ context.Context, i journey.Invitation) error {
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return fmt.Errorf("making the outbox: %w", err)
	}
	message := map[string]any{"kind": i.Kind, "channel": i.Channel, "to": i.To, "language": i.Language, "workflow": i.Workflow,
		"session_id": i.SessionID, "environment": i.Tenant.Env, "expires_at": i.ExpiresAt}
	if i.Token != "" {
		message["link"] = o.base() + "/capture/" + i.Token
	}
	b, err := json.MarshalIndent(message, "", "  ")
	if err != nil {
		return fmt.Errorf("writing a message: %w", err)
	}
	name := filepath.Join(o.dir, string(kyc.NewID(o.now()))+".json")
	if err := os.WriteFile(name, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing a message: %w", err)
	}
	return nil
}
