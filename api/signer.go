package api

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"bonafide/kyc"
)

// Signer makes opaque texts that only this installation can have made:
// cursors, and links to files that work for a few minutes.
type Signer struct {
	key   []byte
	clock kyc.Clock
}

// NewSigner makes a signer; key has 32 bytes or more.
func NewSigner(key []byte, clock kyc.Clock) *Signer {
	return &Signer{key: bytes.Clone(key), clock: clock}
}

// LinkLife is how long a link to a document works (api.md D38).
const LinkLife = 5 * time.Minute

// Grant is what a signed link lets its bearer do: read one object.
type Grant struct {
	Tenant kyc.Tenant `json:"t"`
	Object kyc.ID     `json:"o"`
	Parent kyc.ID     `json:"p,omitempty"` // e.g. the session of an upload
	Actor  kyc.Actor  `json:"a"`           // who asked for the link, for the audit chain
	Until  int64      `json:"u"`           // Unix seconds
}

// Link makes the token of a signed link. purpose ("document") keeps a token
// of one kind from opening another. Put it into the path of a Public route.
func (s *Signer) Link(purpose string, g Grant, life time.Duration) string {
	return s.LinkFrom(purpose, g, s.clock.Now(), life)
}

// LinkFrom is Link on another clock, such as that of a sandbox that was put
// forward. OpenLink knows only the real one, so the caller must compare
// Grant.Until with its own as well.
func (s *Signer) LinkFrom(purpose string, g Grant, now time.Time, life time.Duration) string {
	g.Until = now.Add(life).Unix()
	return s.seal("link:"+purpose, g)
}

// Expired is the refusal of a link whose time is over.
func (g Grant) Expired(now time.Time) error {
	if now.Unix() >= g.Until {
		return kyc.Errorf(kyc.Forbidden, "link_expired", "this link has expired; ask for a new one")
	}
	return nil
}

// OpenLink reads a token. Errors: Forbidden link_invalid or link_expired.
func (s *Signer) OpenLink(purpose, token string) (Grant, error) {
	var g Grant
	if !s.open("link:"+purpose, token, &g) {
		return Grant{}, kyc.Errorf(kyc.Forbidden, "link_invalid", "this link is not valid")
	}
	if err := g.Expired(s.clock.Now()); err != nil {
		return Grant{}, err
	}
	return g, nil
}

// place is the content of a cursor: after which object, and for which list.
type place struct {
	After kyc.ID `json:"a"`
	Bound string `json:"b"` // hash of tenant, list and filters
}

// Cursor makes the cursor that continues after an object.
func (s *Signer) Cursor(after kyc.ID, t kyc.Tenant, list string, filters any) string {
	return s.seal("cursor", place{After: after, Bound: bound(t, list, filters)})
}

// OpenCursor reads a cursor. Errors: Malformed cursor_invalid when it was not
// made here or belongs to another tenant, list or filter set.
func (s *Signer) OpenCursor(cursor string, t kyc.Tenant, list string, filters any) (kyc.ID, error) {
	var at place
	if !s.open("cursor", cursor, &at) || at.Bound != bound(t, list, filters) {
		return "", badCursor()
	}
	id, ok := kyc.ParseID(string(at.After))
	if !ok {
		return "", badCursor()
	}
	return id, nil
}

func badCursor() error {
	e := kyc.Errorf(kyc.Malformed, "cursor_invalid", "this cursor does not belong to this list with these filters")
	e.Problems = []kyc.Problem{{Path: "/query/cursor", Code: "cursor_invalid", Message: "use next_cursor of the page before, with the same filters and the same key"}}
	return e
}

func bound(t kyc.Tenant, list string, filters any) string {
	// A filter that cannot be written as JSON is bound by its type alone,
	// which is a mistake of the dialect and shows in its tests.
	raw, _ := json.Marshal(filters)
	sum := sha256.Sum256([]byte(string(t.Org) + "\x00" + string(t.Env) + "\x00" + list + "\x00" + string(raw)))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// macSize is 128 bits: forging one needs 2^127 requests on average.
const macSize = 16

func (s *Signer) seal(purpose string, v any) string {
	raw, _ := json.Marshal(v) // plain structs of strings and numbers
	return base64.RawURLEncoding.EncodeToString(append(s.mac(purpose, raw), raw...))
}

func (s *Signer) open(purpose, text string, into any) bool {
	if len(text) > 2048 || strings.ContainsAny(text, "\r\n") {
		return false // the decoder would skip line breaks, and one content would have many spellings
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < macSize || !hmac.Equal(raw[:macSize], s.mac(purpose, raw[macSize:])) {
		return false
	}
	return json.Unmarshal(raw[macSize:], into) == nil
}

func (s *Signer) mac(purpose string, raw []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write(raw)
	return h.Sum(nil)[:macSize]
}
