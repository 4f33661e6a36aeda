package field

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
