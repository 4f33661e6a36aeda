package roster

import "bonafide/kyc"

// EntityType says what sort of party is listed.
type EntityType string

// The types. TypeUnknown never contradicts anything.
const (
	TypePerson   EntityType = "person"
	TypeEntity   EntityType = "entity" // company, organisation, group
	TypeVessel   EntityType = "vessel"
	TypeAircraft EntityType = "aircraft"
	TypeUnknown  EntityType = "unknown"
)

// Quality grades a name as its source does.
type Quality string

// The qualities. A weak alias is one that the authority itself calls weak or
// low quality (a nickname, a single common word); a match with it alone is
// capped (weights.go).
const (
	QualityPrimary Quality = "primary"
	QualityStrong  Quality = "strong"
	QualityWeak    Quality = "weak"
	QualityNative  Quality = "native" // in the original script
)

// Name is one name of a listed party, spelled as the source spells it
// ("LAST, First" stays so).
type Name struct {
	Text    string  `json:"t"`
	Quality Quality `json:"q"`
}

// Identifier is a document, registration, vessel, tax or wallet number. Kind
// is snake_case: passport, national_id, tax_id, registration, imo, swift,
// crypto_<currency>, other. Country is ISO 3166-1 alpha-2 where known.
type Identifier struct {
	Kind    string `json:"k"`
	Value   string `json:"v"`
	Country string `json:"c,omitempty"`
}

// Entity is one listed party in the one form that all sources are read into.
// ID is the source's own: OFAC ent_num, "UN-" and the UN's DATAID, the EU
// logical id, the UK group id or unique id, the FollowTheMoney id, the csv
// column id.
type Entity struct {
	ID          string       `json:"id"`
	Type        EntityType   `json:"type"`
	Names       []Name       `json:"names"` // the first is the primary name
	Births      []Span       `json:"births,omitempty"`
	Gender      string       `json:"gender,omitempty"`    // M, F or empty
	Countries   []string     `json:"countries,omitempty"` // nationality, citizenship, residence, flag; ISO 3166-1 alpha-2
	Identifiers []Identifier `json:"identifiers,omitempty"`
	Programs    []string     `json:"programs,omitempty"`
	Topics      []string     `json:"topics,omitempty"` // OpenSanctions topics: sanction, role.pep, crime…
	Addresses   []string     `json:"addresses,omitempty"`
	// Positions are the public offices of a politically exposed person, those
	// held still first.
	Positions []kyc.Position `json:"positions,omitempty"`
	// Datasets are the collections that a list of many names as the origin of
	// the entry, such as us_ofac_sdn; empty for a list that is one collection.
	Datasets []string `json:"datasets,omitempty"`
	// Ties bind a relative or close associate to whom it is close to.
	Ties []Tie `json:"ties,omitempty"`
}

// Tie is the bond of an entry with another of the same list. Kind is family or
// associate, Role what the source calls it (spouse, business partner, …).
type Tie struct {
	Kind string `json:"k"`
	ID   string `json:"id"`
	Role string `json:"r,omitempty"`
}

// Limits on what one entry may bring; more is cut off, because a source that
// exceeds them is odd but its first thousand names are still worth matching.
const (
	maxNames       = 1000
	maxNameBytes   = 1000
	maxIdentifiers = 500
	maxOther       = 500
)

// addName adds a name unless it is empty or there already; the better quality
// of two equal names stays.
func (e *Entity) addName(text string, q Quality) {
	text = Clean(text)
	if text == "" || len(text) > maxNameBytes || len(e.Names) >= maxNames {
		return
	}
	for i, n := range e.Names {
		if n.Text == text {
			if n.Quality == QualityWeak && q != QualityWeak {
				e.Names[i].Quality = q
			}
			return
		}
	}
	e.Names = append(e.Names, Name{text, q})
}

func (e *Entity) addBirth(s Span, ok bool) {
	if !ok || len(e.Births) >= maxOther {
		return
	}
	for _, b := range e.Births {
		if b == s {
			return
		}
	}
	e.Births = append(e.Births, s)
}

func (e *Entity) addCountry(text string) {
	if c := CountryCode(text); c != "" {
		e.Countries = addOnce(e.Countries, c)
	}
}

func (e *Entity) addIdentifier(kind, value, country string) {
	value = Clean(value)
	if value == "" || len(value) > maxNameBytes || len(e.Identifiers) >= maxIdentifiers {
		return
	}
	id := Identifier{Kind: kind, Value: value, Country: CountryCode(country)}
	for _, have := range e.Identifiers {
		if have == id {
			return
		}
	}
	e.Identifiers = append(e.Identifiers, id)
}

func (e *Entity) addProgram(p string) { e.Programs = addOnce(e.Programs, Clean(p)) }
func (e *Entity) addAddress(a string) { e.Addresses = addOnce(e.Addresses, Clean(a)) }

func addOnce(to []string, s string) []string {
	if s == "" || len(to) >= maxOther {
		return to
	}
	for _, have := range to {
		if have == s {
			return to
		}
	}
	return append(to, s)
}
