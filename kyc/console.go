package kyc

import "time"

// ConsoleSession is a person signed in to the console. Its Tenant names the
// organisation; the environment it carries is the one looked at. The cookie
// holds a random token of which only the SHA-256 is stored.
type ConsoleSession struct {
	Meta
	UserID ID `json:"user_id"`
	// At is the environment looked at now: live or sandbox.
	At        Env    `json:"at"`
	TokenHash string `json:"token_hash"`
	// Factor is set while the second factor is outstanding: such a session
	// opens nothing else.
	Factor bool `json:"factor,omitempty"`
	// Mark is a digest of the password hash and the epoch of the sign-in; when the
	// person's password or second factor changes, the session is over.
	Mark string `json:"mark"`
	// Keys off says that the person wants no single-key shortcuts (WCAG 2.1.4).
	KeysOff bool `json:"keys_off,omitempty"`
	// External is what the person came by when another house let them in; nil
	// for a password.
	External *ExternalSession `json:"external,omitempty"`
	EndsAt   time.Time        `json:"ends_at"` // whatever happens
	// SeenAt is when it was last used, at most a minute behind.
	SeenAt time.Time `json:"-"`
}

// ExternalSession is a person's sign-in at another house. It names nobody.
type ExternalSession struct {
	Issuer string `json:"issuer"`
	// Session is that house's own name of it (the claim sid of OpenID Connect
	// Front-Channel Logout 1.0, section 3); empty when it gives none.
	Session string `json:"session,omitempty"`
}

// SecondFactor is a person's authenticator app (TOTP, RFC 6238).
type SecondFactor struct {
	Meta
	UserID ID `json:"user_id"`
	// ConfirmedAt is when a first code proved that the app has the secret;
	// until then it is asked for nothing.
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"`
	// LastStep is the 30-second step of the last code that was taken; no code
	// of it or before is taken again.
	LastStep int64 `json:"last_step"`
	// Recovery are the SHA-256 hashes of the recovery codes that are left.
	Recovery []string `json:"recovery,omitempty"`
	// Secret is shared with the app; stored encrypted.
	Secret []byte `json:"-"`
}

// SignInTries counts what failed in a row for one account or one address. The
// name is a keyed hash, so that nobody learns from it who tried.
type SignInTries struct {
	Name string
	// Failed is how many tries have failed since the last that went well.
	Failed int
	// At is when the last one was counted.
	At time.Time
}

// WaitingFilter selects cases that wait for a decision. Zero values select all.
type WaitingFilter struct {
	Status     []CaseStatus
	AssignedTo string
	Unassigned bool
	Queue      string
	// Beyond are queues whose cases are left out.
	Beyond     []string
	ReasonCode string
	// DueBefore keeps those whose time is over by then.
	DueBefore time.Time
	// CountTo ends a count there, which spares counting a long queue; 0 counts
	// all.
	CountTo int
}
