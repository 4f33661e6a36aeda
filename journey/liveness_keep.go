package journey

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// keepFrames does with the frames of an evaluated try what its step says: the
// reference frame of a passed one is kept where somebody needs it, up to four
// frames for an audit where that is asked for, and everything else is
// destroyed with this commit.
func (m *Machine) keepFrames(ctx context.Context, v *view, def *onboarding.Step, try *kyc.LivenessTry, frames []kyc.Transfer, a kyc.Answer, c *kyc.Change) error {
	var seen struct {
		Reference kyc.ID   `json:"reference"`
		Audit     []kyc.ID `json:"audit"`
	}
	if err := redo(a.Details, &seen); err != nil {
		return err
	}
	reference, audit := try.Passed && v.def.HoldsReference(def), def.LivenessConfig.SaveAuditImages
	var kept []kyc.Upload
	var gone []string
	for i := range frames {
		t := &frames[i]
		var side string
		switch {
		case reference && t.ID == seen.Reference:
			side = kyc.SideReference
		case audit && slices.Contains(seen.Audit[:min(len(seen.Audit), kyc.LivenessAudit)], t.ID):
			side = kyc.SideAudit
		default:
			gone = append(gone, t.BlobKey)
			c.Remove = append(c.Remove, t)
			continue
		}
		u := frameUpload(t, side)
		kept = append(kept, u)
		t.UploadID = u.ID
		t.Touch(v.now)
		c.Put = append(c.Put, t)
	}
	audits := 0
	for _, p := range a.Filmed {
		wanted := p.Side == kyc.SideReference && reference || p.Side == kyc.SideAudit && audit && audits < kyc.LivenessAudit
		if !wanted {
			continue
		}
		if p.Side == kyc.SideAudit {
			audits++
		}
		u, err := m.keepPicture(ctx, v, def.StepID, p)
		if err != nil {
			return err
		}
		kept = append(kept, u)
	}
	try.Frames = nil // what is left of them are documents
	if err := m.replaceFrames(ctx, v, def.StepID, kept, c); err != nil {
		return err
	}
	m.drop(v, gone, c)
	return nil
}

// keepPicture stores a frame that a service gave.
func (m *Machine) keepPicture(ctx context.Context, v *view, step string, p kyc.AnswerPicture) (kyc.Upload, error) {
	sum := sha256.Sum256(p.Bytes)
	u := kyc.Upload{Meta: kyc.Meta{ID: kyc.NewID(v.now), Tenant: v.session.Tenant}, SessionID: v.session.ID, SubjectID: v.session.SubjectID, Kind: kindLiveness, Side: p.Side,
		StepID: step, ContentType: p.ContentType, Size: int64(len(p.Bytes)), SHA256: hex.EncodeToString(sum[:])}
	u.BlobKey = strings.Join([]string{string(u.Tenant.Org), string(u.Tenant.Env), string(u.SessionID), string(u.ID)}, "/")
	return u, m.d.Store.PutBlob(ctx, u.Tenant, u.SubjectID, u.BlobKey, p.Bytes)
}

// replaceFrames stores the kept frames of a step. A new reference takes the
// place of the one before it.
func (m *Machine) replaceFrames(ctx context.Context, v *view, step string, kept []kyc.Upload, c *kyc.Change) error {
	if slices.ContainsFunc(kept, func(u kyc.Upload) bool { return u.Side == kyc.SideReference }) {
		earlier, err := m.d.Store.Uploads(ctx, v.session.Tenant, v.session.ID)
		if err != nil {
			return err
		}
		for i := range earlier {
			if old := &earlier[i]; old.Kind == kindLiveness && old.StepID == step && old.Side == kyc.SideReference && !old.Superseded {
				old.Superseded = true
				old.Touch(v.now)
				c.Put = append(c.Put, old)
			}
		}
	}
	for i := range kept {
		u := &kept[i]
		u.Touch(v.now)
		c.Put = append(c.Put, u)
	}
	return nil
}

// drop leaves the job that deletes files.
func (m *Machine) drop(v *view, keys []string, c *kyc.Change) {
	if len(keys) > 0 && m.d.DropBlobs != nil {
		c.Jobs = append(c.Jobs, m.d.DropBlobs(v.session.Tenant, v.session.ID, keys))
	}
}

// letGo destroys the frames that only the work on the session needs, now that it
// is over: those of tries that nobody evaluated, and the reference frames that
// were held for the comparison alone.
func (m *Machine) letGo(ctx context.Context, v *view, c *kyc.Change) error {
	steps := map[string]bool{}
	for i := range v.journey.Liveness {
		if step := v.journey.Liveness[i].StepID; !steps[step] {
			steps[step] = true
			if err := m.giveUp(ctx, v, step, c); err != nil {
				return err
			}
		}
	}
	return m.release(ctx, v, c)
}

// release destroys the reference frames that were held for the comparison alone
// (save_reference_image is false), now that it is over or will never be.
func (m *Machine) release(ctx context.Context, v *view, c *kyc.Change) error {
	if !slices.ContainsFunc(v.def.Steps, func(s onboarding.Step) bool { return s.LivenessConfig != nil && !s.SavesReference() }) {
		return nil
	}
	uploads, err := m.d.Store.Uploads(ctx, v.session.Tenant, v.session.ID)
	if err != nil {
		return err
	}
	var gone []string
	for i := range uploads {
		u := &uploads[i]
		def, _, ok := v.step(u.StepID)
		if u.Kind != kindLiveness || u.Side != kyc.SideReference || !u.RedactedAt.IsZero() || ok && def.SavesReference() {
			continue
		}
		u.RedactedAt = v.now
		u.Touch(v.now)
		c.Put = append(c.Put, u)
		gone = append(gone, u.BlobKey)
	}
	m.drop(v, gone, c)
	return nil
}
