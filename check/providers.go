package check

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strings"

	"bonafide/document"
	"bonafide/kyc"
)

// IDReaders read identity documents for an organisation, by the order of its
// settings (provider.Router). local is what this machine's own reading came to,
// nil where it read; an answer of Provider local stands for that reading.
type IDReaders interface {
	ReadID(ctx context.Context, r *kyc.CheckRequest, pages []image.Image, local *kyc.Error) (document.IDReading, *kyc.Error)
}

// askedOf gives the kind of provider that a policy asks; "" for policies that
// no organisation can order.
func askedOf(policy string) string {
	switch policy {
	case kyc.AskFaceMatch, kyc.AskLiveness, kyc.AskAgeEstimation, kyc.AskDocumentOCR:
		return policy
	}
	return ""
}

// orderedAs is the order that an answer of a policy depends on; nil where this
// installation alone is asked, so that hashes of earlier answers stay.
func orderedAs(r kyc.CheckRequest) any {
	kind := askedOf(r.Policy)
	order := r.Settings.Providers.Order(kind)
	if kind == "" || localOnly(order) {
		return nil
	}
	if slices.Contains(order, kyc.ProviderHTTP) {
		return map[string]any{"order": order, "http": r.Settings.Providers.HTTP}
	}
	return map[string]any{"order": order}
}

func localOnly(order []string) bool { return len(order) == 1 && order[0] == kyc.ProviderLocal }

// tellTried writes into an answer who was asked before and did not answer.
func tellTried(a *kyc.Answer, tried []kyc.Tried) {
	if len(tried) == 0 {
		return
	}
	if a.Details == nil {
		a.Details = map[string]any{}
	}
	shown := []any{}
	for _, t := range tried {
		shown = append(shown, map[string]any{"provider": t.Provider, "code": t.Code, "message": t.Message})
		a.Reasons = append(a.Reasons, reason(warning, "provider_did_not_answer", fmt.Sprintf("%s did not answer (%s): %s", t.Provider, t.Code, t.Message)))
	}
	a.Details["providers_tried"] = shown
}

// readAsOrdered reads a document as the organisation wants it read. This
// machine reads in any case, because the zone, its check digits and the signs of
// forgery are its to judge; what a provider reads is laid over that.
func readAsOrdered(ctx context.Context, d Deps, r *kyc.CheckRequest, files []document.File) (reading document.Reading, by document.IDReading, err *kyc.Error) {
	reading, err = d.Documents.Read(ctx, files, r.Now)
	order := r.Settings.Providers.Order(kyc.AskDocumentOCR)
	switch {
	case localOnly(order), order[0] == kyc.ProviderLocal && err == nil:
		return reading, by, err
	case err != nil && err.Kind != kyc.Unavailable && err.Kind != kyc.Internal:
		return reading, by, err // the files are at fault, whoever reads them
	case d.IDs == nil || d.Pictures == nil:
		return reading, by, kyc.Errorf(kyc.Unavailable, "providers_not_configured", "no provider for documents is set up here")
	}
	pages, bad := firstPages(ctx, d, files)
	if bad != nil {
		return reading, by, bad
	}
	local := err
	if by, err = d.IDs.ReadID(ctx, r, pages, local); err != nil || by.Provider == kyc.ProviderLocal {
		return reading, by, err
	}
	if local != nil {
		reading = document.Reading{Kind: document.Unknown, Findings: []kyc.Reason{reason(warning, "local_reading_failed", "the document was read by "+by.Provider+" alone, so nobody looked for signs of forgery: "+local.Message)}}
	}
	return laidOver(reading, by), by, nil
}

// sentPages is how many pages are one document to a provider: front and back.
const sentPages = 2

func firstPages(ctx context.Context, d Deps, files []document.File) ([]image.Image, *kyc.Error) {
	var out []image.Image
	for _, f := range files {
		if len(out) == sentPages {
			break
		}
		img, err := d.Pictures.Picture(ctx, f)
		if err != nil {
			return nil, err
		}
		out = append(out, img)
	}
	return out, nil
}

// laidOver joins what a provider read to this machine's reading. Values of the
// zone stay; the provider fills the rest, under its own name as source. Where
// both say something and differ, that is a finding.
func laidOver(g document.Reading, by document.IDReading) document.Reading {
	g.Fields, g.Findings = slices.Clone(g.Fields), slices.Clone(g.Findings)
	doubt := func(code, message string) { g.Findings = append(g.Findings, reason(warning, code, message)) }
	switch z := by.Zone; {
	case z == nil:
	case g.MRZ == nil && z.Valid:
		g.MRZ = z
		g.Fields = append(g.Fields, slices.DeleteFunc(document.ZoneFields(*z), func(f kyc.Field) bool { _, have := g.Field(f.Name); return have })...)
		g.Findings = append(g.Findings, document.ZoneFindings(*z)...)
	case g.MRZ == nil:
		doubt("provider_zone_unverified", "the check digits of the machine-readable zone do not verify as "+by.Provider+" read it; it may have been misread")
	case z.Valid && g.MRZ.Valid && (z.Fields.Number != g.MRZ.Fields.Number || z.Fields.DOB != g.MRZ.Fields.DOB || z.Fields.Expiry != g.MRZ.Fields.Expiry):
		doubt("provider_zone_differs", by.Provider+" and this machine read different machine-readable zones that both verify")
	}
	for _, f := range by.Fields {
		have, ok := g.Field(f.Name)
		switch {
		case !ok:
			g.Fields = append(g.Fields, f)
		case !agree(f.Name, have.Value, f.Value):
			doubt("provider_differs", fmt.Sprintf("%s reads another %s than stands in the document's %s; compare the two", by.Provider, strings.ReplaceAll(f.Name, "_", " "), have.Source))
		}
	}
	g.Engine = strings.Trim(by.Provider+" "+by.Model+"; "+g.Engine, "; ")
	return g
}

// agree reports whether two readings of one field are the same. Names are
// compared as names are written in zones; kinds of documents are not compared,
// because services name them by other rules.
func agree(field, a, b string) bool {
	switch field {
	case "first_name", "last_name", "full_name":
		return nameLikeness(a, b) >= sameReading
	case "document_type", "address":
		return true
	case "document_number", "personal_number":
		return plain(a) == plain(b)
	}
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// sameReading is how alike two readings of one printed name are at least. The
// zone may leave out two words of a long name; another letter is a difference.
const sameReading = 0.94

// readBy writes into an answer who read the document where it was not this
// machine.
func readBy(a *kyc.Answer, by document.IDReading) {
	tellTried(a, by.Tried)
	if by.Provider == "" || by.Provider == kyc.ProviderLocal {
		return
	}
	if a.Details == nil {
		a.Details = map[string]any{}
	}
	a.Provider = by.Provider
	a.Details["provider"], a.Details["model"] = by.Provider, by.Model
}
