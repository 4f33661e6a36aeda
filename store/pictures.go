package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"bonafide/kyc"
)

var (
	sqlPicturePut   = NewSQL(`INSERT INTO picture (org_id, env, band, upload_id, session_id, subject_id, secret) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	sqlPictureErase = NewSQL(`DELETE FROM picture WHERE org_id = ? AND env = ? AND subject_id = ?`)
)

// pictures plans the rows of the looks of a change. Nothing is kept of a subject
// that is erased.
func (p *plan) pictures(ctx context.Context) error {
	t := p.change.TraitTenant
	for _, x := range p.change.Pictures {
		k, err := p.key(ctx, ownerKey(t, x.SubjectID))
		if err != nil {
			return fmt.Errorf("keeping how a picture looks: %w", err)
		}
		if k == nil {
			continue
		}
		plain := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, x.Look.Perceptual), x.Look.Gradient)
		plain = append(plain, x.Number...)
		sealed, err := k.encrypt(plain, picturePlace(x.Upload))
		if err != nil {
			return fmt.Errorf("sealing how a picture looks: %w", err)
		}
		for _, band := range x.Bands {
			p.batch.add(sqlPicturePut, nil, nil, string(t.Org), string(t.Env), band, string(x.Upload), string(x.SessionID), string(x.SubjectID), sealed)
		}
	}
	return nil
}

func picturePlace(upload kyc.ID) string { return "picture|secret|" + string(upload) }

// Pictures finds the pictures of a tenant of which one band's blind index is one
// of these, each once, oldest session first. Which of them are really near says
// their look.
func (db *DB) Pictures(ctx context.Context, t kyc.Tenant, bands []string) ([]kyc.Picture, error) {
	type stored struct {
		kyc.Picture
		secret []byte
	}
	found := map[kyc.ID]stored{}
	for part := range slices.Chunk(bands, hashesAtOnce) {
		q := of(t)
		q.in("band", texts(part))
		err := db.driver.Query(ctx, onceSQL("SELECT upload_id, session_id, subject_id, secret FROM picture "+q.where()), q.args, func(row Row) error {
			var x stored
			if err := row.Scan((*string)(&x.Upload), (*string)(&x.SessionID), (*string)(&x.SubjectID), &x.secret); err != nil {
				return err
			}
			x.secret = slices.Clone(x.secret)
			found[x.Upload] = x
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("reading how pictures look: %w", err)
		}
	}
	out := make([]kyc.Picture, 0, len(found))
	for _, x := range found {
		k, err := db.keys.get(ctx, ownerKey(t, x.SubjectID))
		if kyc.KindOf(err) == kyc.NotFound { // erased a moment ago
			continue
		}
		if err != nil {
			return nil, err
		}
		plain, err := k.decrypt(x.secret, picturePlace(x.Upload))
		if err == nil && len(plain) < 16 {
			err = errors.New("it is too short")
		}
		if err != nil {
			return nil, fmt.Errorf("opening how a picture looks: %w", err)
		}
		x.Look = kyc.Look{Perceptual: binary.BigEndian.Uint64(plain), Gradient: binary.BigEndian.Uint64(plain[8:])}
		x.Number = string(plain[16:])
		out = append(out, x.Picture)
	}
	slices.SortFunc(out, func(a, b kyc.Picture) int {
		return cmp.Or(cmp.Compare(a.SessionID, b.SessionID), cmp.Compare(a.Upload, b.Upload))
	})
	return out, nil
}
