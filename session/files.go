package session

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"bonafide/kyc"
)

// LinkLife is how long a signed file link works.
const LinkLife = 5 * time.Minute

// Links signs the addresses under which a file can be fetched without a key.
type Links struct {
	key   []byte
	clock kyc.Clock
}

// NewLinks takes a secret of at least 32 bytes.
func NewLinks(key []byte, clock kyc.Clock) *Links { return &Links{key: key, clock: clock} }

type fileClaim struct {
	Org    kyc.ID  `json:"o"`
	Env    kyc.Env `json:"e"`
	Upload kyc.ID  `json:"u"`
	Until  int64   `json:"x"` // Unix seconds
}

// Sign makes the token of an upload's link and tells when it ends.
func (l *Links) Sign(u *kyc.Upload) (token string, until time.Time) {
	until = l.clock.Now().Add(LinkLife)
	claim := encode(fileClaim{Org: u.Tenant.Org, Env: u.Tenant.Env, Upload: u.ID, Until: until.Unix()})
	body := base64.RawURLEncoding.EncodeToString(claim)
	return body + "." + base64.RawURLEncoding.EncodeToString(l.mac(body)), until
}

func (l *Links) mac(body string) []byte {
	h := hmac.New(sha256.New, l.key)
	h.Write([]byte("bonafide file link 1\n" + body))
	return h.Sum(nil)
}

// open checks a token. A forged and an expired one look alike from outside.
func (l *Links) open(token string) (fileClaim, bool) {
	var c fileClaim
	body, sig, found := strings.Cut(token, ".")
	if !found || len(token) > 512 {
		return c, false
	}
	got, err := base64.RawURLEncoding.DecodeString(sig)
	if err != nil || !hmac.Equal(got, l.mac(body)) {
		return c, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return c, false
	}
	return c, l.clock.Now().Unix() < c.Until
}

// File fetches the bytes behind a signed link and records the look. Errors:
// 404 link_invalid for a forged, expired or redacted one.
func (m *Sessions) File(ctx context.Context, l *Links, token string) (kyc.Upload, []byte, error) {
	invalid := kyc.Errorf(kyc.NotFound, "link_invalid", "this link is wrong or has expired; ask for a new one")
	claim, ok := l.open(token)
	if !ok {
		return kyc.Upload{}, nil, invalid
	}
	t := kyc.Tenant{Org: claim.Org, Env: claim.Env}
	u, err := m.d.Store.Upload(ctx, t, claim.Upload)
	if err != nil || !u.RedactedAt.IsZero() {
		if err == nil || kyc.KindOf(err) == kyc.NotFound {
			err = invalid
		}
		return kyc.Upload{}, nil, err
	}
	b, err := m.d.Store.Blob(ctx, t, u.SubjectID, u.BlobKey)
	if err != nil {
		return u, nil, err
	}
	e := event(ctx, t, kyc.SystemActor("file_link"), m.d.Clock.Now(), "upload.read", "upload", u.ID, u.SubjectID)
	return u, b, m.d.Store.Commit(ctx, &kyc.Change{Events: []kyc.Event{e}})
}
