package check

import (
	"context"
	"slices"

	"bonafide/document"
	"bonafide/kyc"
	"bonafide/tamper"
)

// Looks are how the documents of earlier sessions look (store). Pictures finds
// those of which a band's blind index is one of these.
type Looks interface {
	Pictures(ctx context.Context, t kyc.Tenant, bands []string) ([]kyc.Picture, error)
}

// Traces looks at files for what they had before they were sent
// (document.Reader).
type Traces interface {
	Traces(ctx context.Context, files []document.File) ([]document.Trace, *kyc.Error)
	Screens(ctx context.Context, files []document.File) (found []document.Trace, looked bool, err *kyc.Error)
}

var _ Traces = (*document.Reader)(nil)

// pictureBand is the kind under which the bands of looks are made blind.
const pictureBand = "picture_band"

// sighting is a picture of another session that looks like one of this.
type sighting struct {
	upload kyc.ID // of this session
	other  kyc.Picture
	// perceptual and gradient are in how many bits of 64 the looks differ.
	perceptual, gradient int
	// otherNumber is set where the numbers of both documents were read surely and
	// are not the same: two documents of one layout, or one that was altered.
	otherNumber bool
}

// looksOf gives how the files of a document look: for each upload its first page
// that is not plain.
func looksOf(g document.Reading) []kyc.Picture {
	var out []kyc.Picture
	for _, p := range g.Pages {
		if p.Look != nil && p.Upload != "" && !slices.ContainsFunc(out, func(have kyc.Picture) bool { return have.Upload == p.Upload }) {
			out = append(out, kyc.Picture{Upload: p.Upload, Look: *p.Look})
		}
	}
	return out
}

// lookUp blinds the looks of a document, so that they can be kept, and finds
// those of other people's sessions in the tenant that are near. It answers an
// error where the store cannot be asked.
func lookUp(ctx context.Context, d Deps, r kyc.CheckRequest, p idPaper) (own []kyc.Picture, seen []sighting, err error) {
	own = looksOf(p.reading)
	number := p.sureNumber()
	if number != "" {
		if number, err = d.Blinder.Blind(ctx, r.Tenant, "document_number", number); err != nil {
			return nil, nil, err
		}
	}
	for i := range own {
		x := &own[i]
		x.Number, x.SessionID, x.SubjectID = number, r.SessionID, r.SubjectID
		if x.Bands, err = blindAll(ctx, d, r.Tenant, tamper.Bands(x.Look)); err != nil {
			return nil, nil, err
		}
		probes, err := blindAll(ctx, d, r.Tenant, tamper.Probes(x.Look))
		if err != nil {
			return nil, nil, err
		}
		others, err := d.Looks.Pictures(ctx, r.Tenant, probes)
		if err != nil {
			return nil, nil, err
		}
		for _, o := range others {
			if o.SessionID == r.SessionID || o.SubjectID != "" && o.SubjectID == r.SubjectID || !tamper.Near(x.Look, o.Look) {
				continue // the same person, coming back, or another picture
			}
			s := sighting{upload: x.Upload, other: o, otherNumber: number != "" && o.Number != "" && number != o.Number}
			s.perceptual, s.gradient = tamper.Distance(x.Look, o.Look)
			seen = append(seen, s)
		}
	}
	return own, seen, nil
}

func blindAll(ctx context.Context, d Deps, t kyc.Tenant, values []string) ([]string, error) {
	out := make([]string, len(values))
	for i, v := range values {
		h, err := d.Blinder.Blind(ctx, t, pictureBand, v)
		if err != nil {
			return nil, err
		}
		out[i] = h
	}
	return out, nil
}

// sureNumber is the number of a document with its issuer; "" where it was not
// read surely.
func (p idPaper) sureNumber() string {
	f, ok := p.reading.Field("document_number")
	if !ok || f.Confidence < sure || letters(f.Value) == "" {
		return ""
	}
	return p.value("issuing_country") + ":" + letters(f.Value)
}
