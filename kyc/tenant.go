package kyc

import "time"

// Env separates real applicants from try-outs. Every object belongs to
// exactly one environment of one organisation.
type Env string

// The two environments.
const (
	Live    Env = "live"
	Sandbox Env = "sandbox"
)

// Tenant is the pair every query carries. An object of another tenant does
// not exist for the caller.
type Tenant struct {
	Org ID  `json:"org"`
	Env Env `json:"env"`
}

// ActorKind says what sort of actor did something.
type ActorKind string

// Who can act.
const (
	ActorKey       ActorKind = "api_key"
	ActorUser      ActorKind = "user"
	ActorApplicant ActorKind = "applicant"
	ActorSystem    ActorKind = "system"
)

// Actor is who did it. ID is the key's or user's id (for the system: the
// component's name); OnBehalfOf is the person an API key speaks for, as the
// caller named them.
type Actor struct {
	Kind       ActorKind `json:"kind"`
	ID         string    `json:"id"`
	OnBehalfOf string    `json:"on_behalf_of,omitempty"`
}

// SystemActor names a component of the program as the actor.
func SystemActor(component string) Actor { return Actor{Kind: ActorSystem, ID: component} }

// Meta is what every stored object has. Rev starts at 1 and grows by one with
// each stored change: whoever changes an object raises Rev first and puts it
// into a Change; the store refuses it unless the stored revision is Rev-1.
type Meta struct {
	ID        ID        `json:"id"`
	Tenant    Tenant    `json:"tenant"`
	Rev       int64     `json:"rev"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Head gives the store access to the common part of an object.
func (m *Meta) Head() *Meta { return m }

// Touch prepares an object for a stored change at the given time.
func (m *Meta) Touch(at time.Time) {
	m.Rev++
	m.UpdatedAt = at
	if m.Rev == 1 {
		m.CreatedAt = at
	}
}

// Org is one organisation (a customer of this installation). Its Meta.Tenant
// names only the organisation, with an empty environment.
type Org struct {
	Meta
	Name string `json:"name"`
	// Settings per environment; a missing entry means DefaultSettings.
	Settings map[Env]Settings `json:"settings,omitempty"`
	// SandboxOffset is how far the sandbox clock runs ahead.
	SandboxOffset time.Duration `json:"sandbox_offset,omitempty"`
}

// Settings of the organisation in one environment.
func (o Org) EnvSettings(e Env) Settings {
	if s, ok := o.Settings[e]; ok {
		return s
	}
	return DefaultSettings()
}

// Settings are an organisation's policies for one environment.
type Settings struct {
	// MandatoryPolicies run on every path to an approval, whether the author
	// of a graph drew them or not (surface D, section 6.9).
	MandatoryPolicies []string `json:"mandatory_policies"`
	// DualReview asks a second, different reviewer to decide each case.
	DualReview bool `json:"dual_review"`
	// SecondUnaware keeps the first of two opinions from whoever may give the second,
	// until they have given theirs. It is of the console's pages.
	SecondUnaware bool `json:"second_unaware,omitempty"`
	// Queues are how single queues of reviews are worked; see TwoDecide and Queue.
	Queues []ReviewQueue `json:"queues,omitempty"`
	// Routing sends new cases to queues; see Route.
	Routing []QueueRule `json:"routing,omitempty"`
	// Quality is how many of the cases that people decide are looked at again.
	Quality QualityShares `json:"quality,omitzero"`
	// PublishFourEyes asks a second person to approve a publication.
	PublishFourEyes bool `json:"publish_four_eyes"`
	// ClaimLapse frees a claimed case after this idle time (default 30 min).
	ClaimLapse time.Duration `json:"claim_lapse"`
	// CaptureTTL is how long an unused capture link lives (default 20 min).
	CaptureTTL time.Duration `json:"capture_ttl"`
	// RequiredLists are the watchlists a screening must have asked; empty
	// means every list that this installation has loaded at least once.
	RequiredLists []string `json:"required_lists,omitempty"`
	// ListMaxAge is when a watchlist counts as stale (default 7 days).
	ListMaxAge time.Duration `json:"list_max_age"`
	// News is the provider of adverse media; empty searches the feeds of this
	// installation.
	News NewsSettings `json:"news,omitzero"`
	// Providers are whom the identity checks ask; empty asks this installation.
	Providers ProviderSettings `json:"providers,omitzero"`
	// Checks are the rules of surface B.
	Checks CheckSettings `json:"checks,omitzero"`
	// Entities are the rules of surface C.
	Entities EntitySettings `json:"entities,omitzero"`
	// Faces are the rules for biometric templates.
	Faces FaceSettings `json:"faces,omitzero"`
	// Retention is how long applicants' data is kept.
	Retention Retention `json:"retention,omitzero"`
	// Branding is how applicants see the organisation.
	Branding Branding `json:"branding,omitzero"`
	// Reasons are what reviewers choose from; empty: DefaultReasons.
	Reasons []ReasonCode `json:"reasons,omitempty"`
	// Languages are those that applicants may choose (BCP 47), the first one by
	// default; empty: all that the pages have.
	Languages []string `json:"languages,omitempty"`
}

// NewsSettings name the server that is asked for adverse media where a workflow
// names none of its own. Both members are set, or neither.
type NewsSettings struct {
	URL string `json:"url,omitempty"` // absolute, https or within the own network
	// Secret is the id of the webhook endpoint (webhook_…) whose secret signs.
	Secret string `json:"secret,omitempty"`
}

// CheckSettings are an organisation's rules for sessions of surface B.
type CheckSettings struct {
	// AutoDecision is approve (all steps completed: verified; otherwise a
	// person decides), approve_and_reject (a failed step also refuses) or
	// manual (a person decides always). Empty is approve.
	AutoDecision string `json:"auto_decision,omitempty"`
	// MaximumAge replaces the seed's surprising default of 51; 0 keeps it.
	MaximumAge int `json:"maximum_age,omitempty"`
	// ExpiryPolicy says how expiry_date_years counts: grace (years after the
	// expiry that are tolerated; the default), strict (an expired document is
	// refused) or max_remaining (and no document may be valid for longer).
	ExpiryPolicy string `json:"expiry_policy,omitempty"`
	// Attempts of each step; 0 is 3.
	Attempts int `json:"attempts,omitempty"`
}

// EntitySettings are an organisation's rules for surface C.
type EntitySettings struct {
	// AutoRecalculate lets the status of an execution follow when a person
	// judges its results; the result never changes.
	AutoRecalculate bool `json:"auto_recalculate,omitempty"`
	// Evidence extends the lists of documents that manual KYC accepts.
	Photographic    []string `json:"photographic,omitempty"`
	NonPhotographic []string `json:"non_photographic,omitempty"`
	Secondary       []string `json:"secondary,omitempty"`
}

// DefaultSettings are the settings of a new organisation.
func DefaultSettings() Settings {
	return Settings{
		MandatoryPolicies: []string{"watchlist_screening"},
		ClaimLapse:        30 * time.Minute,
		CaptureTTL:        20 * time.Minute,
		ListMaxAge:        7 * 24 * time.Hour,
	}
}

// User is a person of the customer who works in the console.
type User struct {
	Meta
	Email        string    `json:"email"`
	Name         string    `json:"name,omitempty"`
	Role         string    `json:"role"`             // admin, compliance, reviewer, auditor
	Skills       []string  `json:"skills,omitempty"` // what queues of reviews may ask for; SkillProblems
	PasswordHash string    `json:"password_hash"`    // empty: no password opens the account
	DisabledAt   time.Time `json:"disabled_at,omitzero"`
	// MustChange says that somebody else chose the password: it opens nothing
	// but its own change.
	MustChange bool `json:"must_change,omitempty"`
	// Epoch grows with each change of what opens the account besides its
	// password; sign-ins of an earlier one are over.
	Epoch int `json:"epoch,omitempty"`
	// External is who the person is for the provider of the single sign-on; nil
	// until they came that way.
	External *ExternalID `json:"external,omitempty"`
}

// ExternalID names a person of an OpenID provider for good: the pair is never
// given to somebody else, as an e-mail address may be (OpenID Connect Core 1.0,
// section 5.7).
type ExternalID struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
}

// APIKey is a machine credential. The secret itself is shown once and never
// stored; Hash is SHA-256 over Salt and secret, in hex.
type APIKey struct {
	Meta
	Name       string    `json:"name"`
	Prefix     string    `json:"prefix"` // the part that is looked up and shown, e.g. bf_live_3kf9q2ab
	Salt       string    `json:"salt"`
	Hash       string    `json:"hash"`
	Scopes     []string  `json:"scopes"`       // resource:action; "*" is everything
	AllowCIDR  []string  `json:"allow_cidr"`   // empty: from anywhere
	RatePerSec float64   `json:"rate_per_sec"` // 0: the surface's default
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
	RevokedAt  time.Time `json:"revoked_at,omitzero"`
	LastUsedAt time.Time `json:"last_used_at,omitzero"`
	CreatedBy  string    `json:"created_by"`
}
