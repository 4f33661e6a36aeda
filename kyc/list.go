package kyc

import "time"

// ListType is what a customer's own list holds (surface D, 6.12).
type ListType string

// The list types.
const (
	ListName    ListType = "name"
	ListEmail   ListType = "email"
	ListPhone   ListType = "phone"
	ListIP      ListType = "ip_address"
	ListGovID   ListType = "government_id"
	ListCountry ListType = "country"
	ListGeo     ListType = "geolocation"
	ListBrowser ListType = "browser_fingerprint"
	ListDevice  ListType = "device_fingerprint"
	ListFace    ListType = "face"
	ListString  ListType = "string"
)

// ListMode is what a match means.
type ListMode string

// The modes.
const (
	ModeBlock ListMode = "block" // the check fails
	ModeFlag  ListMode = "flag"  // recorded
	ModeAllow ListMode = "allow" // trusted
)

// List is a customer's own list.
type List struct {
	Meta
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Type        ListType  `json:"type"`
	Mode        ListMode  `json:"mode"`
	Items       int       `json:"items"`
	Version     int64     `json:"version"` // grows with each change of its items
	ArchivedAt  time.Time `json:"archived_at,omitzero"`
}

// ListItem is one entry. Value is personal data: encrypted under the
// organisation's key; Hash is the HMAC of its normal form, for look-ups.
type ListItem struct {
	Meta
	ListID        ID        `json:"list_id"`
	Hash          string    `json:"hash"`
	Value         ListValue `json:"-"`
	FalsePositive bool      `json:"false_positive,omitempty"`
}

// ListValue is the readable part of an entry.
type ListValue struct {
	Value       string            `json:"value"`
	DateOfBirth string            `json:"date_of_birth,omitempty"` // name lists, YYYY-MM-DD
	Latitude    float64           `json:"latitude,omitempty"`
	Longitude   float64           `json:"longitude,omitempty"`
	RadiusKM    float64           `json:"radius_km,omitempty"`
	Vector      []float64         `json:"vector,omitempty"`
	Note        string            `json:"note,omitempty"`
	Extra       map[string]string `json:"extra,omitempty"`
}
