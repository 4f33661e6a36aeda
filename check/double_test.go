package check

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"bonafide/chip"
	"bonafide/document"
	"bonafide/kyc"
	"bonafide/screen"
)

// now is the day of all tests: a common year, so that 29 February is missing.
var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func clock() kyc.Clock { return kyc.ClockFunc(func() time.Time { return now }) }

// house is every outside part of the checks, in memory.
type house struct {
	reading  document.Reading
	second   document.Reading // of the file "second"
	chip     chip.Report
	files    chip.Files // that the chip's check gave
	asked    chip.Options
	readErr  *kyc.Error
	blobErr  error
	result   screen.Result
	query    screen.Query
	kinds    map[string][]string // of identifiers, by watchlist
	lists    []kyc.List
	items    map[kyc.ID][]kyc.ListItem
	traits   []kyc.Trait
	storeErr error
	secrets  []string
	related  []RelatedParty
	own      []kyc.Matchlist
	entries  []kyc.MatchlistEntry
	pictures []kyc.Picture // of other sessions
	found    []document.Trace
	screens  []document.Trace
	faces    *gallery
	calls    atomic.Int64 // several at once
}

func (h *house) Read(_ context.Context, files []document.File, _ time.Time) (document.Reading, *kyc.Error) {
	h.calls.Add(1)
	if string(files[0].Bytes) == "second" {
		return h.second, h.readErr
	}
	return h.reading, h.readErr
}

func (h *house) Verify(_ context.Context, files chip.Files, o chip.Options) chip.Report {
	h.calls.Add(1)
	h.files, h.asked = files, o
	report := h.chip
	for _, f := range o.Printed {
		report.Compared = append(report.Compared, f.Name)
	}
	return report
}

func (h *house) Blob(_ context.Context, _ kyc.Tenant, _ kyc.ID, key string) ([]byte, error) {
	return []byte(key), h.blobErr
}

func (h *house) Match(q screen.Query) screen.Result {
	h.calls.Add(1)
	h.query = q
	return h.result
}

func (h *house) IdentifierKinds() map[string][]string { return h.kinds }

func (h *house) Lists(context.Context, kyc.Tenant, kyc.ListFilter, kyc.Page) ([]kyc.List, int, error) {
	h.calls.Add(1)
	return h.lists, len(h.lists), h.storeErr
}

func (h *house) AllListItems(_ context.Context, _ kyc.Tenant, list kyc.ID) ([]kyc.ListItem, error) {
	return h.items[list], h.storeErr
}

func (h *house) ListItemsByHash(_ context.Context, _ kyc.Tenant, lists []kyc.ID, hashes []string) ([]kyc.ListItem, error) {
	var out []kyc.ListItem
	for _, l := range lists {
		for _, i := range h.items[l] {
			for _, hash := range hashes {
				if i.Hash == hash {
					out = append(out, i)
				}
			}
		}
	}
	return out, h.storeErr
}

func (h *house) Traits(_ context.Context, _ kyc.Tenant, kind string, hashes []string) ([]kyc.Trait, error) {
	h.calls.Add(1)
	var out []kyc.Trait
	for _, t := range h.traits {
		if t.Kind == kind && t.Hash == hashes[0] {
			out = append(out, t)
		}
	}
	return out, h.storeErr
}

func (h *house) Blind(_ context.Context, _ kyc.Tenant, kind, value string) (string, error) {
	return kind + "#" + value, h.storeErr
}

func (h *house) Pictures(_ context.Context, _ kyc.Tenant, bands []string) ([]kyc.Picture, error) {
	h.calls.Add(1)
	var out []kyc.Picture
	for _, p := range h.pictures {
		if slices.ContainsFunc(p.Bands, func(b string) bool { return slices.Contains(bands, b) }) {
			out = append(out, p)
		}
	}
	return out, h.storeErr
}

func (h *house) Traces(_ context.Context, files []document.File) ([]document.Trace, *kyc.Error) {
	if string(files[0].Bytes) == "second" {
		return nil, nil
	}
	return h.found, nil
}

func (h *house) Screens(context.Context, []document.File) ([]document.Trace, bool, *kyc.Error) {
	return h.screens, h.screens != nil, nil
}

func (h *house) SigningSecrets(context.Context, kyc.Tenant, string) ([]string, error) {
	h.calls.Add(1)
	if len(h.secrets) == 0 {
		return nil, kyc.Missing("webhook endpoint", "x")
	}
	return h.secrets, nil
}

func (h *house) Related(context.Context, kyc.Tenant, kyc.ID) ([]RelatedParty, error) {
	return h.related, h.storeErr
}

func (h *house) Matchlists(_ context.Context, _ kyc.Tenant, p kyc.Page) ([]kyc.Matchlist, int, error) {
	return h.own[min(p.Offset, len(h.own)):min(p.Offset+p.Limit, len(h.own))], len(h.own), h.storeErr
}

func (h *house) AllMatchlistEntries(context.Context, kyc.Tenant, []kyc.ID) ([]kyc.MatchlistEntry, error) {
	return h.entries, h.storeErr
}

func (h *house) deps() Deps {
	return Deps{Clock: clock(), Documents: h, Chips: h, Blobs: h, Screener: h, Lists: h, Duplicates: h, Looks: h, Traces: h, Blinder: h, Secrets: h, Related: h, Matchlists: h,
		Faces: h.faces, Pictures: h.faces, Templates: h.faces, Films: h.faces, Portraits: h.faces, LivenessResult: h.faces.LivenessResult}
}

func (h *house) list(t kyc.ListType, mode kyc.ListMode, values ...kyc.ListValue) kyc.ID {
	id := kyc.NewID(now)
	if h.items == nil {
		h.items = map[kyc.ID][]kyc.ListItem{}
	}
	l := kyc.List{Name: "list", Type: t, Mode: mode, Items: len(values), Version: 1}
	l.ID = id
	h.lists = append(h.lists, l)
	for _, v := range values {
		i := kyc.ListItem{ListID: id, Value: v}
		i.ID = kyc.NewID(now)
		if n, ok := t.Normal(v.Value); ok {
			i.Hash = t.BlindKind() + "#" + n
		}
		h.items[id] = append(h.items[id], i)
	}
	return id
}

// goodHouse answers everything well.
func goodHouse() *house {
	h := &house{faces: goodGallery(), secrets: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, kinds: map[string][]string{"ofac_sdn": {"crypto_eth", "crypto_xbt"}}}
	h.reading = document.Reading{
		Kind:  document.Passport,
		Pages: []document.Page{{Text: "Electricity bill for Anna Müller, Hauptstraße 5, 10115 Berlin. Issued 2026-11-01."}},
		MRZ:   &document.MRZ{Format: document.TD3, Valid: true, Checks: map[string]bool{"number": true, "dob": true, "expiry": true, "composite": true}},
		Fields: []kyc.Field{
			{Name: "first_name", Value: "ANNA"}, {Name: "last_name", Value: "MUELLER"}, {Name: "date_of_birth", Value: "1990-05-17"},
			{Name: "document_number", Value: "C01X00T99"}, {Name: "document_type", Value: "passport"}, {Name: "issuing_country", Value: "DE"},
			{Name: "nationality", Value: "DE"}, {Name: "expiry_date", Value: "2030-01-01"},
		},
	}
	h.second = document.Reading{Kind: document.IDCard, MRZ: h.reading.MRZ, Fields: []kyc.Field{
		{Name: "first_name", Value: "ANNA"}, {Name: "last_name", Value: "MUELLER"}, {Name: "date_of_birth", Value: "1990-05-17"},
		{Name: "document_number", Value: "L77XY0001"}, {Name: "document_type", Value: "id_card"}, {Name: "issuing_country", Value: "DE"},
		{Name: "nationality", Value: "DE"}, {Name: "expiry_date", Value: "2029-01-01"}}}
	h.chip = chip.Report{Status: kyc.StatusOK, Authentic: true, Matches: true, ChipAuthenticity: chip.NotProven, Given: []int{1, 2}, Covered: []int{1, 2},
		Reasons: []kyc.Reason{{Code: "passive_authentication_passed", Severity: info}},
		MRZ:     &document.MRZ{Fields: document.MRZFields{Surname: "MUELLER", GivenNames: "ANNA", DateOfBirth: "1990-05-17"}},
		Fields:  []kyc.Field{{Name: "document_number", Value: "C01X00T99", Source: "chip", Confidence: 1}}}
	h.result = screen.Result{Lists: []kyc.ListVersion{{List: "ofac_sdn", Status: kyc.StatusOK, Entries: 9}}}
	h.list(kyc.ListEmail, kyc.ModeBlock, kyc.ListValue{Value: "bad@example.org"})
	h.related = []RelatedParty{{SessionID: kyc.NewID(now), StepID: "owners", Role: "ubo", Status: kyc.SessionApproved, Final: "approved"}}
	return h
}

// request is a session that knows everything.
func request(policy string) kyc.CheckRequest {
	r := kyc.CheckRequest{
		Tenant: kyc.Tenant{Org: "org", Env: kyc.Live}, SessionID: kyc.NewID(now), SubjectID: kyc.NewID(now), RunID: kyc.NewID(now),
		Node: policy, Policy: policy, Attempt: 1, CallKey: "call-1", Now: now, Country: "DE",
		Fields: map[string]any{
			"first_name": "Anna", "last_name": "Müller", "date_of_birth": "1990-05-17", "email": "anna@example.org", "phone": "+49 30 1234567",
			"address": map[string]any{"street": "Hauptstraße 5", "postal_code": "10115", "city": "Berlin"}, "consents": map[string]any{"terms": true},
			"wallet": map[string]any{"address": "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "network": "BTC"},
		},
		Extracted: map[string]any{
			"first_name": "ANNA", "last_name": "MUELLER", "date_of_birth": "1990-05-17", "age": json.Number("36"), "document_type": "passport",
			"document_number": "C01X00T99", "issuing_country": "DE", "nationality": "DE", "expiry_date": "2030-01-01",
		},
		Checks:      map[string]kyc.CheckFact{"document_ocr": {Status: "passed"}},
		Established: map[string]any{"checklist": map[string]any{"steps": map[string]any{"ID_VERIFICATION": map[string]any{"status": "COMPLETED"}}}},
		Settings:    kyc.DefaultSettings(),
	}
	for _, kind := range []string{"document_front", "proof_of_address"} {
		u := kyc.Upload{Kind: kind, BlobKey: kind, SHA256: kind}
		u.ID = kyc.NewID(now)
		r.Uploads = append(r.Uploads, u)
	}
	for _, u := range []kyc.Upload{{Kind: "document_front", Asked: "secondary", BlobKey: "second", SHA256: "second"},
		{Kind: "nfc", Side: "SOD", BlobKey: "sod", SHA256: "sod"}, {Kind: "nfc", Side: "DG1", BlobKey: "dg1", SHA256: "dg1"}, {Kind: "nfc", Side: "DG2", BlobKey: "dg2", SHA256: "dg2"},
		{Kind: "selfie", BlobKey: "selfie", SHA256: "selfie", ContentType: "image/jpeg"}} {
		u.ID = kyc.NewID(now)
		r.Uploads = append(r.Uploads, u)
	}
	return r
}

var errStore = errors.New("the store is away")

func runCheck(c Check, r kyc.CheckRequest) kyc.Answer { return c.Run(context.Background(), r) }

func codes(a kyc.Answer) map[string]bool {
	out := map[string]bool{}
	for _, r := range a.Reasons {
		out[r.Code] = true
	}
	return out
}
