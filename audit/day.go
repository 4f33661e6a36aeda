package audit

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"bonafide/kyc"
)

// Day is what one day added to an organisation's chain, as the root of a Merkle
// tree (RFC 6962, section 2.1) whose leaves are the hashes of the events, 32
// bytes each, in the order of the chain. An event's hash covers all of it, so the
// root stands for every byte of the day; Previous ties it to every day before.
type Day struct {
	Org      kyc.ID `json:"org"`
	Day      string `json:"day"`       // YYYY-MM-DD, UTC
	FirstSeq int64  `json:"first_seq"` // places in the chain, both inclusive
	LastSeq  int64  `json:"last_seq"`
	Size     int64  `json:"size"`     // of the tree, 1 or more
	Root     string `json:"root"`     // SHA-256 as 64 hex digits, as all hashes here
	Head     string `json:"head"`     // hash of the last event
	Previous string `json:"previous"` // Digest of the day before; empty for the first
}

// dayType says what the bytes of a day are, for whoever finds them later.
const dayType = "bonafide.audit.day/1"

// Bytes is the day in canonical JSON (RFC 8785): what is written down or time-
// stamped elsewhere.
func (d Day) Bytes() []byte {
	w := writer{}
	number := func(name string, n int64) { w.raw(`,"` + name + `":` + strconv.FormatInt(n, 10)) }
	w.open("day", d.Day)
	number("first_seq", d.FirstSeq)
	w.always("head", d.Head)
	number("last_seq", d.LastSeq)
	w.always("org", string(d.Org))
	w.always("previous", d.Previous)
	w.always("root", d.Root)
	number("size", d.Size)
	w.always("type", dayType)
	w.raw(`}`)
	return w.buf
}

// Digest is SHA-256 over Bytes.
func (d Day) Digest() string {
	sum := sha256.Sum256(d.Bytes())
	return hex.EncodeToString(sum[:])
}

// valid says what is wrong with a day by itself, or "".
func (d Day) valid() string {
	switch _, err := time.Parse(time.DateOnly, d.Day); {
	case err != nil:
		return "its date is not of the form 2026-11-22"
	case d.FirstSeq < 1 || d.LastSeq < d.FirstSeq || d.Size != d.LastSeq-d.FirstSeq+1:
		return "its size does not fit its places in the chain"
	case !isHash(d.Root), !isHash(d.Head), d.Previous != "" && !isHash(d.Previous):
		return "a hash is not 64 hex digits"
	}
	return ""
}

func isHash(s string) bool {
	raw, err := hex.DecodeString(s)
	return err == nil && len(raw) == sha256.Size && hex.EncodeToString(raw) == s
}

// maxDayLine bounds a line of an export.
const maxDayLine = 16 << 10

// ReadDays reads an export: one day a line, oldest first or not, exactly as
// Bytes wrote them. The error names the line.
func ReadDays(r io.Reader) ([]Day, error) {
	var out []Day
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4<<10), maxDayLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		d, err := ReadDay(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		out = append(out, d)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the roots: %w", err)
	}
	return out, nil
}

// ReadDay reads what Bytes wrote, and nothing else.
func ReadDay(raw []byte) (Day, error) {
	var d Day
	if err := json.Unmarshal(raw, &d); err != nil {
		return Day{}, fmt.Errorf("this is no root of a day: %w", err)
	}
	if problem := d.valid(); problem != "" {
		return Day{}, fmt.Errorf("this is no root of a day: %s", problem)
	}
	if !bytes.Equal(d.Bytes(), raw) {
		return Day{}, fmt.Errorf("this is no root of a day: it is not written as %s", dayType)
	}
	return d, nil
}

// Linked says where days (oldest first) do not follow one another without a gap
// from the first event on: the place and a sentence; 0 when all do.
func Linked(days []Day) (broken int64, problem string) {
	next, previous, date := int64(1), "", ""
	for _, d := range days {
		switch wrong := d.valid(); {
		case wrong != "":
			return max(d.FirstSeq, next), fmt.Sprintf("the root of %s cannot be used: %s", d.Day, wrong)
		case d.FirstSeq != next:
			return next, fmt.Sprintf("the root of %s begins at event %d, not at %d", d.Day, d.FirstSeq, next)
		case d.Previous != previous:
			return d.FirstSeq, fmt.Sprintf("the root of %s does not follow the one before it", d.Day)
		case d.Day <= date:
			return d.FirstSeq, fmt.Sprintf("the root of %s stands behind that of %s", d.Day, date)
		}
		next, previous, date = d.LastSeq+1, d.Digest(), d.Day
	}
	return 0, ""
}

// Differs compares days that were written down elsewhere with those that are
// stored (oldest first): the place of the first that is gone or another, or 0.
// What is stored and not written down is fine.
func Differs(written, stored []Day) (broken int64, problem string) {
	at := map[string]Day{}
	for _, d := range stored {
		at[string(d.Org)+" "+d.Day] = d
	}
	for _, w := range written {
		switch d, ok := at[string(w.Org)+" "+w.Day]; {
		case !ok:
			return w.FirstSeq, fmt.Sprintf("the root of %s that was written down is not stored any more", w.Day)
		case d != w:
			return w.FirstSeq, fmt.Sprintf("the root of %s is another than the one that was written down", w.Day)
		}
	}
	return 0, ""
}
