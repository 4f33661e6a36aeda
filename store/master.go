package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
	"gocloud.dev/secrets"

	// The key file is wrapped by what the URL names: a local key in tests, a
	// KMS where the program is built with its driver.
	_ "gocloud.dev/secrets/localsecrets"
)

// master is the keyset (AES-256-GCM) that wraps every data key. It lives in
// DIR/keys/master.json (mode 0600) or, with a key URL, wrapped by that keeper
// in DIR/keys/master.wrapped.
type master struct {
	path   string
	keeper *secrets.Keeper
	handle atomic.Pointer[keyset.Handle]
	aead   atomic.Pointer[tink.AEAD]
}

// openMaster reads the keyset or makes one on the first start.
func openMaster(ctx context.Context, dir, keyURL string) (*master, error) {
	m := &master{path: filepath.Join(dir, "keys", "master.json")}
	if keyURL != "" {
		keeper, err := secrets.OpenKeeper(ctx, keyURL)
		if err != nil {
			return nil, fmt.Errorf("opening the key that wraps the master key: %w", err)
		}
		m.keeper, m.path = keeper, filepath.Join(dir, "keys", "master.wrapped")
	}
	raw, err := os.ReadFile(m.path)
	if errors.Is(err, fs.ErrNotExist) {
		h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
		if err != nil {
			return nil, fmt.Errorf("making a master key: %w", err)
		}
		return m, errors.Join(m.save(ctx, h, true), m.use(h))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the master key: %w", err)
	}
	if m.keeper != nil {
		if raw, err = m.keeper.Decrypt(ctx, raw); err != nil {
			return nil, fmt.Errorf("unwrapping the master key: %w", err)
		}
	}
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, fmt.Errorf("%s is not a key file: %w", m.path, err)
	}
	return m, m.use(h)
}

func (m *master) use(h *keyset.Handle) error {
	a, err := aead.New(h)
	if err != nil {
		return fmt.Errorf("using the master key: %w", err)
	}
	m.handle.Store(h)
	m.aead.Store(&a)
	return nil
}

// save writes the keyset to a new file and moves it into place, so that a
// crash never leaves half a key. first refuses to replace an existing file.
func (m *master) save(ctx context.Context, h *keyset.Handle, first bool) error {
	var buf bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&buf)); err != nil {
		return fmt.Errorf("writing the master key: %w", err)
	}
	raw := buf.Bytes()
	if m.keeper != nil {
		var err error
		if raw, err = m.keeper.Encrypt(ctx, raw); err != nil {
			return fmt.Errorf("wrapping the master key: %w", err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(m.path), 0o700); err != nil {
		return fmt.Errorf("making the key folder: %w", err)
	}
	tmp := m.path + ".new"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("writing the master key: %w", err)
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the master key: %w", err)
	}
	if first {
		// A link fails when another process made a key in the meantime.
		err = os.Link(tmp, m.path)
		_ = os.Remove(tmp)
	} else {
		err = os.Rename(tmp, m.path)
	}
	if err != nil {
		return fmt.Errorf("putting the master key into place: %w", err)
	}
	return nil
}

// rotate adds a new primary key; the old ones still unwrap.
func (m *master) rotate(ctx context.Context) error {
	manager := keyset.NewManagerFromHandle(m.handle.Load())
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("adding a master key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return fmt.Errorf("choosing the new master key: %w", err)
	}
	h, err := manager.Handle()
	if err != nil {
		return fmt.Errorf("using the new master key: %w", err)
	}
	if err := m.save(ctx, h, false); err != nil {
		return err
	}
	return m.use(h)
}

func (m *master) wrap(key, bound []byte) ([]byte, error) { return (*m.aead.Load()).Encrypt(key, bound) }

func (m *master) unwrap(wrapped, bound []byte) ([]byte, error) {
	return (*m.aead.Load()).Decrypt(wrapped, bound)
}

func (m *master) close() error {
	if m.keeper == nil {
		return nil
	}
	return m.keeper.Close()
}
