package store

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"bonafide/kyc"
)

// tenantKey names the data key of a tenant, for what belongs to no subject.
const tenantKey kyc.ID = "tenant"

// keyName names one data key.
type keyName struct {
	tenant kyc.Tenant
	id     kyc.ID // subject, or tenantKey
}

// bound is what a wrapped key is tied to: moved to another row it is useless.
func (n keyName) bound() []byte {
	return []byte("data_key|" + string(n.tenant.Org) + "|" + string(n.tenant.Env) + "|" + string(n.id))
}

// dataKey is one unwrapped key, or the memory of a destroyed one.
type dataKey struct {
	seal    *subtle.AESGCM
	blind   []byte
	wrapped []byte
	erased  bool
	checked time.Time
}

// codeBroken is the code of errSealed.
const codeBroken = "sealed_broken"

// errSealed is the answer for what is stored and cannot be opened: another hand,
// or a bad disk, changed it. It will not open the next time either.
func errSealed(cause error) error {
	return &kyc.Error{Kind: kyc.Internal, Code: codeBroken, Message: "what is stored here cannot be opened; the request id finds it in the log", Cause: cause}
}

// errErased is the answer for data whose key was destroyed.
func errErased() error {
	return kyc.Errorf(kyc.NotFound, "erased", "this data was erased; only its tombstone remains")
}

var (
	sqlKeyGet   = NewSQL(`SELECT wrapped, erased_at FROM data_key WHERE org_id = ? AND env = ? AND id = ?`)
	sqlKeyPut   = merging(NewSQL(`INSERT INTO data_key (org_id, env, id, wrapped, created_at) VALUES (?, ?, ?, ?, ?)`))
	sqlKeyOffer = NewSQL(`INSERT INTO data_key (org_id, env, id, wrapped, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	sqlKeyErase = NewSQL(`UPDATE data_key SET wrapped = NULL, erased_at = ? WHERE id = ? AND org_id = ? AND env = ? AND erased_at = 0`)
	// sqlKeyAlive changes nothing: it takes the key's row, so that no erasure
	// comes between this statement and the end of its transaction.
	sqlKeyAlive = merging(NewSQL(`UPDATE data_key SET erased_at = 0 WHERE org_id = ? AND env = ? AND id = ? AND erased_at = 0`))
	// sqlKeyAlone stands behind sqlKeyErase, which has the key's row by then: it
	// is a statement of its own, so that PostgreSQL lets it see what was
	// committed while that one waited for the row.
	sqlKeyAlone = NewSQL(`UPDATE data_key SET erased_at = erased_at WHERE org_id = ? AND env = ? AND id = ?` +
		` AND NOT EXISTS (SELECT 1 FROM session s WHERE s.org_id = ? AND s.env = ? AND s.subject_id = ? AND s.kept < 2)`)
	// sqlKeyUnneeded stands there as well, for whoever goes because nobody needs
	// them: what would need them takes the key's row when it is made (plan.alive).
	sqlKeyUnneeded = NewSQL(`UPDATE data_key SET erased_at = erased_at WHERE org_id = ? AND env = ? AND id = ?` +
		` AND NOT EXISTS (SELECT 1 FROM inquiry i WHERE i.org_id = ? AND i.env = ? AND i.subject_id = ?)` +
		` AND NOT EXISTS (SELECT 1 FROM watched d JOIN watch w ON w.id = d.watch_id WHERE d.org_id = ? AND d.env = ? AND d.subject_id = ? AND d.subject_id <> '' AND w.status = '` + string(kyc.WatchActive) + `')` +
		` AND NOT EXISTS (SELECT 1 FROM subject s WHERE s.org_id = ? AND s.env = ? AND s.merged_into = ? AND s.merged_into <> '' AND s.status <> '` + string(kyc.SubjectRedacted) + `')` +
		` AND NOT EXISTS (SELECT 1 FROM individual p WHERE p.org_id || '' = ? AND p.env || '' = ? AND p.id = ? AND p.deleted = 0)`)
	sqlKeyRewrap = NewSQL(`UPDATE data_key SET wrapped = ? WHERE org_id = ? AND env = ? AND id = ? AND wrapped = ?`)
	sqlKeyAll    = NewSQL(`SELECT org_id, env, id, wrapped FROM data_key WHERE wrapped IS NOT NULL`)
)

// keyring keeps unwrapped keys in memory.
type keyring struct {
	master *master
	driver Driver
	cache  *lru.Cache[keyName, *dataKey]
	// offered are keys made for subjects that are not stored yet.
	offered *lru.Cache[keyName, *dataKey]
	// fresh is how long a cached key is trusted without looking whether
	// another node destroyed it; 0 means for ever.
	fresh time.Duration
}

func newKeyring(m *master, d Driver) (*keyring, error) {
	cache, err := lru.New[keyName, *dataKey](16384)
	if err != nil {
		return nil, err
	}
	offered, err := lru.New[keyName, *dataKey](1024)
	if err != nil {
		return nil, err
	}
	r := &keyring{master: m, driver: d, cache: cache, offered: offered}
	if !d.SoleOwner() {
		r.fresh = 2 * time.Second
	}
	return r, nil
}

// create makes a key and wraps it.
func (r *keyring) create(n keyName) (*dataKey, error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // crypto/rand never fails since Go 1.24
	wrapped, err := r.master.wrap(raw, n.bound())
	if err != nil {
		return nil, fmt.Errorf("wrapping a data key: %w", err)
	}
	return newDataKey(n, raw, wrapped)
}

func newDataKey(n keyName, raw, wrapped []byte) (*dataKey, error) {
	seal := raw
	var blind []byte
	if n.id == tenantKey {
		// One stored key, two uses: sealing and blind indexes get their own.
		var err error
		if seal, err = hkdf.Key(sha256.New, raw, nil, "bonafide seal", 32); err != nil {
			return nil, fmt.Errorf("deriving a data key: %w", err)
		}
		if blind, err = hkdf.Key(sha256.New, raw, nil, "bonafide blind", 32); err != nil {
			return nil, fmt.Errorf("deriving a data key: %w", err)
		}
	}
	gcm, err := subtle.NewAESGCM(seal)
	if err != nil {
		return nil, fmt.Errorf("using a data key: %w", err)
	}
	return &dataKey{seal: gcm, blind: blind, wrapped: wrapped, checked: time.Now()}, nil
}

// get finds a key. A destroyed one is the error `erased`; a subject without
// one is missing; a tenant's own key is made when it is first needed.
func (r *keyring) get(ctx context.Context, n keyName) (*dataKey, error) {
	k, ok := r.cache.Get(n)
	if !ok || (r.fresh > 0 && !k.erased && time.Since(k.checked) > r.fresh) {
		var err error
		if k, err = r.load(ctx, n, k); err != nil {
			return nil, err
		}
	}
	return r.use(ctx, n, k)
}

// sure is get that does not trust what this node remembers of a key that
// another node may have destroyed a moment ago.
func (r *keyring) sure(ctx context.Context, n keyName) (*dataKey, error) {
	if r.fresh == 0 {
		return r.get(ctx, n)
	}
	known, _ := r.cache.Peek(n)
	if known == nil || !known.erased {
		var err error
		if known, err = r.load(ctx, n, known); err != nil {
			return nil, err
		}
	}
	return r.use(ctx, n, known)
}

// use hands a key out and notes whose it is: what is opened or sealed with it
// may appear in the answer of the request.
func (r *keyring) use(ctx context.Context, n keyName, k *dataKey) (*dataKey, error) {
	if k.erased {
		return nil, errErased()
	}
	if n.id != tenantKey {
		kyc.ConcernedFrom(ctx).Add(n.tenant, n.id)
	}
	return k, nil
}

// meet notes a subject of whom something is read or written that is not
// sealed, a reference say, as use does; one that is erased or not stored has
// nothing to tell.
func (r *keyring) meet(ctx context.Context, n keyName) error {
	if n.id == tenantKey || kyc.ConcernedFrom(ctx) == nil {
		return nil
	}
	_, err := r.get(ctx, n)
	if kyc.KindOf(err) == kyc.NotFound { // `erased` is of this kind, too
		return nil
	}
	return err
}

func (r *keyring) load(ctx context.Context, n keyName, known *dataKey) (*dataKey, error) {
	for range 2 {
		wrapped, erased, found, err := r.read(ctx, n)
		switch {
		case err != nil:
			return nil, err
		case found && erased:
			k := &dataKey{erased: true}
			r.cache.Add(n, k)
			return k, nil
		case found && known != nil && string(known.wrapped) == string(wrapped):
			again := *known
			again.checked = time.Now()
			r.cache.Add(n, &again)
			return &again, nil
		case found:
			raw, err := r.master.unwrap(wrapped, n.bound())
			if err != nil {
				return nil, errSealed(fmt.Errorf("unwrapping a data key (is this the right master key?): %w", err))
			}
			k, err := newDataKey(n, raw, wrapped)
			if err != nil {
				return nil, err
			}
			r.cache.Add(n, k)
			return k, nil
		case n.id != tenantKey:
			return nil, kyc.Missing("subject", string(n.id))
		}
		k, err := r.create(n)
		if err != nil {
			return nil, err
		}
		var b Batch
		b.add(sqlKeyOffer, nil, nil, r.row(n, k)...)
		if err := r.driver.Apply(ctx, &b); err != nil {
			return nil, fmt.Errorf("storing a tenant's data key: %w", err)
		}
	}
	return nil, errors.New("a tenant's data key was stored and is not there")
}

func (r *keyring) read(ctx context.Context, n keyName) (wrapped []byte, erased, found bool, err error) {
	err = r.driver.Query(ctx, sqlKeyGet, []any{string(n.tenant.Org), string(n.tenant.Env), string(n.id)}, func(row Row) error {
		var at int64
		if err := row.Scan(&wrapped, &at); err != nil {
			return err
		}
		found, erased = true, at > 0 || wrapped == nil
		return nil
	})
	if err != nil {
		err = fmt.Errorf("reading a data key: %w", err)
	}
	return wrapped, erased, found, err
}

// row is the arguments that insert a key.
func (r *keyring) row(n keyName, k *dataKey) []any {
	return []any{string(n.tenant.Org), string(n.tenant.Env), string(n.id), k.wrapped, micros(time.Now())}
}

// encrypt seals plain bytes under a key; place is what they are tied to.
func (k *dataKey) encrypt(plain []byte, place string) ([]byte, error) {
	return k.seal.Encrypt(plain, []byte(place))
}

func (k *dataKey) decrypt(sealed []byte, place string) ([]byte, error) {
	return k.seal.Decrypt(sealed, []byte(place))
}

// Blind is the hex HMAC-SHA-256 of kind and value under the tenant's key: a
// look-up value that says nothing to whoever has only the database.
func (db *DB) Blind(ctx context.Context, t kyc.Tenant, kind, value string) (string, error) {
	k, err := db.keys.get(ctx, keyName{t, tenantKey})
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, k.blind)
	mac.Write([]byte(kind))
	mac.Write([]byte{0})
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// RotateMasterKey makes a new master key and wraps every data key with it. It
// answers how many were wrapped. The old master key stays in the keyset, so
// that a crash in the middle loses nothing.
func (db *DB) RotateMasterKey(ctx context.Context) (int, error) {
	if err := db.master.rotate(ctx); err != nil {
		return 0, err
	}
	type stored struct {
		name    keyName
		wrapped []byte
	}
	var all []stored
	err := db.driver.Query(ctx, sqlKeyAll, nil, func(row Row) error {
		var org, env, id string
		var wrapped []byte
		if err := row.Scan(&org, &env, &id, &wrapped); err != nil {
			return err
		}
		all = append(all, stored{keyName{kyc.Tenant{Org: kyc.ID(org), Env: kyc.Env(env)}, kyc.ID(id)}, append([]byte(nil), wrapped...)})
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("reading the data keys: %w", err)
	}
	for len(all) > 0 {
		part := all[:min(len(all), 200)]
		all = all[len(part):]
		var b Batch
		for _, s := range part {
			raw, err := db.master.unwrap(s.wrapped, s.name.bound())
			if err != nil {
				return 0, fmt.Errorf("unwrapping a data key: %w", err)
			}
			again, err := db.master.wrap(raw, s.name.bound())
			if err != nil {
				return 0, fmt.Errorf("wrapping a data key: %w", err)
			}
			// A key destroyed in the meantime stays destroyed.
			b.add(sqlKeyRewrap, nil, nil, again, string(s.name.tenant.Org), string(s.name.tenant.Env), string(s.name.id), s.wrapped)
		}
		if err := db.driver.Apply(ctx, &b); err != nil {
			return 0, fmt.Errorf("storing the data keys: %w", err)
		}
	}
	db.keys.cache.Purge()
	return db.countKeys(ctx)
}

func (db *DB) countKeys(ctx context.Context) (n int, err error) {
	err = db.driver.Query(ctx, sqlKeyAll, nil, func(Row) error { n++; return nil })
	return n, err
}

// offer makes a key for a subject that will be stored soon, once.
func (r *keyring) offer(n keyName) (*dataKey, error) {
	if k, ok := r.offered.Get(n); ok {
		return k, nil
	}
	k, err := r.create(n)
	if err != nil {
		return nil, err
	}
	if before, found, _ := r.offered.PeekOrAdd(n, k); found {
		return before, nil
	}
	return k, nil
}

// take gives the key of a subject that is about to be stored.
func (r *keyring) take(n keyName) (*dataKey, error) {
	if k, ok := r.offered.Get(n); ok {
		return k, nil
	}
	return r.create(n)
}
