package field

import "strconv"

// Semantics is what the answers of a form mean for checks and rules. Lists are
// in the order of the fields, items in the order of the answers.
type Semantics struct {
	Parties   []Party
	Countries []Country
	Wallets   []Wallet
	Emails    []Contact
	Phones    []Contact
	Domains   []Contact
	Addresses []Address
	// ByKey holds the answers by field_key, by field_id where a field has no
	// key, as webhooks send them.
	ByKey map[string]any
}

// Party is one person or company an answer names. Path is the JSON Pointer of
// the name inside the values, such as "/owners/0/full_name".
type Party struct {
	FieldID string
	Path    string
	Name    string // the full name
	Given   string // the parts, when they were asked separately
	Middle  string
	Family  string
	Company bool
	// Role is individual, ubo, director, shareholder or representative. It is
	// empty for a company whose field names no role.
	Role  string
	Lists bool // validate_lists
	Media bool // validate_adverse_media
}

// Country is one country an answer names.
type Country struct {
	FieldID string
	Path    string
	Code    string // ISO 3166-1 alpha-2
	// Type is nationality, residence, incorporation, tax_residency, birth,
	// operation, phone (from the number) or "" (unspecified, addresses too).
	Type string
}

// Wallet is one crypto-asset address.
type Wallet struct {
	FieldID string
	Path    string
	Address string
	Network string
	// Validate is validate_crypto; nil leaves it to the workflow's run_crypto.
	Validate *bool
}

// Contact is one e-mail address, phone number (E.164) or registrable domain.
type Contact struct {
	FieldID string
	Path    string
	Value   string
}

// Address is one postal address.
type Address struct {
	FieldID string
	Path    string
	Value   map[string]string // line1, line2, city, region, postal_code, country
	// Match is match_proof_of_address: a document must show this address.
	Match bool
}

// Read says what normalised answers mean; values are those of Result.Values,
// or the same after a trip through the store. What does not have the form of
// its type is left out, so answers must have passed Validate before.
func Read(fields []Field, values map[string]any) Semantics {
	s := Semantics{ByKey: map[string]any{}}
	for i := range fields {
		f := &fields[i]
		if v, ok := values[f.FieldID]; ok {
			s.ByKey[f.key()] = byKey(f, v)
		}
	}
	s.walk(fields, values, "", around{})
	return s
}

// around is what an entity array passes on to the names in its items.
type around struct {
	role  string
	lists bool
}

func (s *Semantics) walk(fields []Field, values map[string]any, at string, outer around) {
	for i := range fields {
		f := &fields[i]
		v, ok := values[f.FieldID]
		if !ok || blank(v) {
			continue
		}
		here := pointer(at, f.FieldID)
		text, isText := v.(string)
		switch f.Type {
		case "name":
			s.party(f, v, here, outer)
		case "country":
			if code, real := CountryCode(text); real {
				s.Countries = append(s.Countries, Country{f.FieldID, here, code, f.CountryType})
			}
		case "wallet":
			if m, is := v.(map[string]any); is {
				address, _ := m["address"].(string)
				network, _ := m["network"].(string)
				s.Wallets = append(s.Wallets, Wallet{f.FieldID, here, address, network, f.ValidateCrypto})
			}
		case "email":
			if isText {
				s.Emails = append(s.Emails, Contact{f.FieldID, here, text})
			}
		case "phone":
			if isText {
				s.Phones = append(s.Phones, Contact{f.FieldID, here, text})
				if code := phoneRegion(text); code != "" {
					s.Countries = append(s.Countries, Country{f.FieldID, here, code, "phone"})
				}
			}
		case "domain":
			if isText {
				s.Domains = append(s.Domains, Contact{f.FieldID, here, text})
			}
		case "address":
			s.address(f, v, here)
		case "object":
			if m, is := v.(map[string]any); is {
				s.walk(f.Fields, m, here, outer)
			}
		case "entity_array", "sub_merchants":
			inner := around{role: outer.role, lists: outer.lists || on(f.ValidateLists)}
			if f.EntityRole != "" {
				inner.role = f.EntityRole
			}
			list, _ := v.([]any)
			for n, one := range list {
				if m, is := one.(map[string]any); is {
					s.walk(f.ItemFields, m, here+"/"+strconv.Itoa(n), inner)
				}
			}
		}
	}
}

func (s *Semantics) party(f *Field, v any, at string, outer around) {
	p := Party{
		FieldID: f.FieldID, Path: at, Company: f.NameType == "company", Role: f.EntityRole,
		Lists: on(f.ValidateLists) || outer.lists, Media: on(f.ValidateAdverseMedia),
	}
	if p.Role == "" {
		p.Role = outer.role
	}
	if p.Role == "" && !p.Company {
		p.Role = "individual"
	}
	switch v := v.(type) {
	case string:
		p.Name = v
	case map[string]any:
		p.Name, _ = v["full"].(string)
		p.Given, _ = v["given"].(string)
		p.Middle, _ = v["middle"].(string)
		p.Family, _ = v["family"].(string)
	}
	if p.Name != "" {
		s.Parties = append(s.Parties, p)
	}
}

func (s *Semantics) address(f *Field, v any, at string) {
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	a := Address{FieldID: f.FieldID, Path: at, Value: map[string]string{}, Match: on(f.MatchProofOfAddress)}
	for _, part := range AddressParts() {
		if text, is := m[part].(string); is {
			a.Value[part] = text
		}
	}
	s.Addresses = append(s.Addresses, a)
	if code, real := CountryCode(a.Value["country"]); real {
		s.Countries = append(s.Countries, Country{f.FieldID, at + "/country", code, ""})
	}
}

func (f *Field) key() string {
	if f.FieldKey != "" {
		return f.FieldKey
	}
	return f.FieldID
}

// byKey renames the members of nested answers.
func byKey(f *Field, v any) any {
	rename := func(fields []Field, v any) any {
		m, ok := v.(map[string]any)
		if !ok {
			return v
		}
		out := make(map[string]any, len(m))
		for i := range fields {
			if one, ok := m[fields[i].FieldID]; ok {
				out[fields[i].key()] = byKey(&fields[i], one)
			}
		}
		return out
	}
	switch f.Type {
	case "object":
		return rename(f.Fields, v)
	case "entity_array", "sub_merchants":
		list, ok := v.([]any)
		if !ok {
			return v
		}
		out := make([]any, len(list))
		for i, one := range list {
			out[i] = rename(f.ItemFields, one)
		}
		return out
	}
	return v
}
