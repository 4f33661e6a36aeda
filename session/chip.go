package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strings"

	"bonafide/kyc"
)

// Limits of a chip's files; those of the verifier (chip.Verify).
const (
	MaxSOD       = 64 << 10 // bytes of EF.SOD
	MaxDataGroup = 1 << 20  // bytes of one data group
)

const kindChip = "nfc"

var dataGroup = regexp.MustCompile(`^DG([1-9]|1[0-6])$`)

// NewChip are the files of one passport chip by their names: SOD, COM, DG1 to
// DG16. SOD, DG1 and DG2 must be among them, because without them nothing is
// proven.
type NewChip map[string][]byte

func (n NewChip) problems() []kyc.Problem {
	var out []kyc.Problem
	for _, name := range []string{"SOD", "DG1", "DG2"} {
		if len(n[name]) == 0 {
			out = append(out, kyc.Problem{Path: "/" + name, Code: "required", Message: "this file of the chip is needed"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n)) {
		limit := MaxDataGroup
		switch {
		case name == "SOD" || name == "COM":
			limit = MaxSOD
		case !dataGroup.MatchString(name):
			out = append(out, kyc.Problem{Path: "/" + name, Code: "unknown_field", Message: "a chip has SOD, COM and DG1 to DG16"})
		}
		if len(n[name]) > limit {
			out = append(out, kyc.Problem{Path: "/" + name, Code: "file_too_large", Message: "larger than a chip holds"})
		}
	}
	return out
}

// Chip stores the files of a passport chip, encrypted under the person's key.
// They replace those that were sent before, all of them: files of two readings
// never meet. Errors: 409 not_capturing, too_many_files; 422 invalid_chip with
// all problems.
func (m *Sessions) Chip(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, files NewChip) ([]kyc.Upload, error) {
	s, err := m.writable(ctx, t, id)
	if err != nil {
		return nil, err
	}
	if err := alive(&s); err != nil {
		return nil, err
	}
	if !s.Status.Open() {
		return nil, kyc.Errorf(kyc.Conflict, "not_capturing", "the session is %s and takes no more files", s.Status)
	}
	if bad := files.problems(); len(bad) > 0 {
		return nil, kyc.InvalidInput("invalid_chip", "the files of the chip cannot be taken", bad)
	}
	earlier, err := m.d.Store.Uploads(ctx, t, id)
	if err != nil {
		return nil, err
	}
	if len(earlier)+len(files) > MaxFiles {
		return nil, kyc.Errorf(kyc.Conflict, "too_many_files", "a session holds at most %d files", MaxFiles)
	}
	now, _, err := m.now(ctx, t)
	if err != nil {
		return nil, err
	}
	if err := m.started(ctx, &s, by, now); err != nil {
		return nil, err
	}
	change := &kyc.Change{}
	for i := range earlier {
		if old := &earlier[i]; old.Kind == kindChip && !old.Superseded {
			old.Superseded = true
			old.Touch(now)
			change.Put = append(change.Put, old)
		}
	}
	var out []kyc.Upload
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sum := sha256.Sum256(files[name])
		u := &kyc.Upload{Meta: kyc.Meta{ID: kyc.NewID(now), Tenant: t}, SessionID: s.ID, SubjectID: s.SubjectID,
			Kind: kindChip, Side: name, ContentType: "application/octet-stream", Size: int64(len(files[name])), SHA256: hex.EncodeToString(sum[:])}
		u.BlobKey = strings.Join([]string{string(t.Org), string(t.Env), string(s.ID), string(u.ID)}, "/")
		u.Touch(now)
		e := event(ctx, t, by, now, "session.upload", "upload", u.ID, s.SubjectID)
		e.After = digest(u)
		change.Put, change.Events = append(change.Put, u), append(change.Events, e)
		// The bytes go first, as in Upload.
		if err := m.d.Store.PutBlob(ctx, t, s.SubjectID, u.BlobKey, files[name]); err != nil {
			return nil, err
		}
		out = append(out, *u)
	}
	return out, m.d.Store.Commit(ctx, change)
}
