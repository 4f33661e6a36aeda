package checklist

// Slot is one file that a step takes.
type Slot struct {
	Name     string // id_front, selfie_left, …
	Required bool
	// What the upload is stored as (kyc.Upload).
	Kind, Asked, Side string
}

// IDTypes are the kinds of documents an applicant hands in (passport, id_card,
// driving_licence, …); empty where none is said.
type IDTypes struct{ Primary, Secondary, Tertiary string }

// passport is the one kind of identity document that has no back.
const passport = "passport"

// Slots are the files that a step takes under names of their own, whether they
// are required or not. Of a passport no back is asked for. FACE_LIVENESS takes
// frames and an escalation takes files of a chip, which have no slots.
func (s Step) Slots(t IDTypes) []Slot {
	switch c := s.Config.(type) {
	case IDConfig:
		return c.slots(t)
	case AgeConfig:
		return []Slot{{Name: "selfie_front", Required: true, Kind: "selfie", Side: "front"}}
	case ConsentConfig:
		return []Slot{{Name: "signature", Required: c.RequireSignature, Kind: "custom:signature", Asked: "signature"}}
	case DocumentUploadConfig:
		var out []Slot
		for _, kind := range c.DocumentTypes {
			k := "custom:" + kind
			if kind == DefaultDocumentType {
				k = kind
			}
			out = append(out, Slot{Name: kind, Required: true, Kind: k, Asked: kind, Side: "front"})
		}
		return out
	}
	return nil
}

func (c IDConfig) slots(t IDTypes) []Slot {
	var out []Slot
	document := func(prefix, asked, kind string, required bool) {
		out = append(out,
			Slot{Name: prefix + "_front", Required: required, Kind: "document_front", Asked: asked, Side: "front"},
			Slot{Name: prefix + "_back", Required: required && !c.RequireFrontOnly && kind != passport, Kind: "document_back", Asked: asked, Side: "back"})
	}
	document("id", "primary", t.Primary, true)
	document("secondary_id", "secondary", t.Secondary, c.RequireSecondaryID)
	document("tertiary_id", "tertiary", t.Tertiary, c.RequireTertiaryID)
	// The applicant's pages take all three unless face_front_photo_only; a client
	// of the API, whose submission (api.md 4.5) names the first alone, may leave
	// the others out: the match compares the frontal one.
	for _, side := range []string{"front", "left", "right"} {
		out = append(out, Slot{Name: "selfie_" + side, Required: side == "front", Kind: "selfie", Side: side})
	}
	return out
}
