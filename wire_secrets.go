package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bonafide/kyc"
	"bonafide/store"
)

// porchSecret signs cursors and links. Nodes that share a database share the
// key folder, and so this secret.
func porchSecret(data string) ([]byte, error) {
	file := filepath.Join(data, "keys", "porch.key")
	if b, err := os.ReadFile(file); err == nil && len(b) == 32 {
		return b, nil
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the link secret: %w", err)
	}
	b := make([]byte, 32)
	_, _ = rand.Read(b) // crypto/rand never fails since Go 1.24
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("making the key folder: %w", err)
	}
	// A link appears whole or not at all, so that nodes that start together
	// agree and a crash leaves no half secret.
	whole := file + "." + string(kyc.NewID(time.Now()))
	defer func() { _ = os.Remove(whole) }()
	if err := os.WriteFile(whole, b, 0o600); err != nil {
		return nil, fmt.Errorf("storing the link secret: %w", err)
	}
	if err := os.Link(whole, file); errors.Is(err, fs.ErrExist) { // another node was faster
		return os.ReadFile(file)
	} else if err != nil {
		return nil, fmt.Errorf("storing the link secret: %w", err)
	}
	return b, nil
}

// endpointSecrets lets an http check be signed with the secrets of one of the
// organisation's webhook endpoints.
type endpointSecrets struct {
	db    *store.DB
	clock kyc.Clock
}

// SigningSecrets finds the live secrets of an endpoint.
func (s endpointSecrets) SigningSecrets(ctx context.Context, t kyc.Tenant, reference string) ([]string, error) {
	id, ok := kyc.Undress("webhook", reference)
	if !ok {
		return nil, nil
	}
	e, err := s.db.Endpoint(ctx, t, id)
	if err != nil && kyc.KindOf(err) == kyc.NotFound {
		return nil, nil //nolint:nilerr // no such secret is an answer
	}
	var out []string
	for _, secret := range e.Secrets {
		if secret.Until.IsZero() || s.clock.Now().Before(secret.Until) {
			out = append(out, secret.Secret)
		}
	}
	return out, err
}
