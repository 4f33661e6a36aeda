package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// Draft is the canonical form (RFC 8785) of an event that waits for its place
// in the chain: everything but the sequence, the hash before it and its own
// hash. Making it is the expensive part and needs no lock; sealing is a hash.
type Draft struct {
	// head ends before "prev_hash", middle ends before "seq", tail is the rest.
	head, middle, tail []byte
}

// Prepare makes the canonical form of an event. The time is cut to
// microseconds, which is what the stores keep. The error is a payload that is
// not JSON or cannot be canonical (duplicate keys, lone surrogates).
func Prepare(e kyc.Event) (Draft, error) {
	w := writer{buf: make([]byte, 0, 512+len(e.Payload))}
	w.open("action", e.Action)
	w.raw(`,"actor":{"id":`)
	w.quote(e.Actor.ID)
	w.raw(`,"kind":`)
	w.quote(string(e.Actor.Kind))
	w.optional("on_behalf_of", e.Actor.OnBehalfOf)
	w.raw(`}`)
	w.optional("after_hash", e.After)
	w.always("at", e.At.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano))
	w.optional("before_hash", e.Before)
	w.always("id", string(e.ID))
	w.always("object", e.Object)
	w.always("object_id", string(e.ObjectID))
	if len(e.Payload) > 0 {
		payload := jsontext.Value(append([]byte(nil), e.Payload...))
		if err := payload.Canonicalize(); err != nil {
			return Draft{}, fmt.Errorf("making the payload of event %s canonical: %w", e.ID, err)
		}
		w.raw(`,"payload":`)
		w.buf = append(w.buf, payload...)
	}
	head := len(w.buf)
	w.optional("reason", e.Reason)
	w.optional("request_id", e.RequestID)
	middle := len(w.buf)
	w.optional("subject_id", string(e.SubjectID))
	w.optional("surface", string(e.Surface))
	w.raw(`,"tenant":{"env":`)
	w.quote(string(e.Tenant.Env))
	w.raw(`,"org":`)
	w.quote(string(e.Tenant.Org))
	w.raw(`}`)
	w.optional("webhook", e.Webhook)
	w.raw(`}`)
	return Draft{head: w.buf[:head], middle: w.buf[head:middle], tail: w.buf[middle:]}, nil
}

// JSON is the draft as one JSON object, the form in which events are stored.
func (d Draft) JSON() []byte {
	out := make([]byte, 0, len(d.head)+len(d.middle)+len(d.tail))
	out = append(out, d.head...)
	out = append(out, d.middle...)
	return append(out, d.tail...)
}

// Canonical is the sealed event's canonical JSON, which its hash covers.
func (d Draft) Canonical(seq int64, prev string) []byte {
	out := make([]byte, 0, len(d.head)+len(d.middle)+len(d.tail)+112)
	out = append(out, d.head...)
	if prev != "" { // the first of a chain has none before it
		out = append(out, `,"prev_hash":"`...)
		out = append(out, prev...)
		out = append(out, '"')
	}
	out = append(out, d.middle...)
	out = append(out, `,"seq":`...)
	out = strconv.AppendInt(out, seq, 10)
	return append(out, d.tail...)
}

// Seal gives the hash (64 hex digits) of the event at this place.
func (d Draft) Seal(seq int64, prev string) string {
	sum := sha256.Sum256(d.Canonical(seq, prev))
	return hex.EncodeToString(sum[:])
}

// Resume takes a stored draft (what JSON gave) apart again, without making it
// canonical a second time.
func Resume(stored []byte) (Draft, error) {
	// The members of a draft stand in order of their names: the first one
	// from "reason" on begins the middle, the first from "subject_id" on the
	// tail. "tenant" is always there.
	d := Draft{}
	depth, inside, escaped := 0, false, false
	name := -1 // where the member's name began, at depth 1
	for i, c := range stored {
		if inside {
			switch {
			case escaped:
				escaped = false
			case c == '\\':
				escaped = true
			case c == '"':
				inside = false
				if depth != 1 || name < 0 || i+1 >= len(stored) || stored[i+1] != ':' {
					break
				}
				member := string(stored[name+1 : i])
				if d.head == nil && member >= "reason" {
					d.head = stored[:name-1]
				}
				if member >= "subject_id" {
					d.middle, d.tail = stored[len(d.head):name-1], stored[name-1:]
					return d, nil
				}
			}
			continue
		}
		switch c {
		case '"':
			inside, name = true, i
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
	}
	return Draft{}, errors.New("a stored event is not a draft")
}

// writer appends JSON members in the order the caller gives, which for a
// canonical object is the order of their names.
type writer struct{ buf []byte }

func (w *writer) raw(s string) { w.buf = append(w.buf, s...) }

func (w *writer) quote(s string) {
	// A string that is not UTF-8 is stored with replacement characters; the
	// hash must cover what is stored.
	w.buf, _ = jsontext.AppendQuote(w.buf, strings.ToValidUTF8(s, "\ufffd"))
}

func (w *writer) open(name, value string) {
	w.raw(`{"` + name + `":`)
	w.quote(value)
}

func (w *writer) always(name, value string) {
	w.raw(`,"` + name + `":`)
	w.quote(value)
}

func (w *writer) optional(name, value string) {
	if value != "" {
		w.always(name, value)
	}
}
