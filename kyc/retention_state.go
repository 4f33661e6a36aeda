package kyc

import "time"

// RetentionState is what the sweeps of a tenant remember from one to the next:
// how far they trust the clock, and what they could not open. It holds ids and
// times, nothing personal.
type RetentionState struct {
	Meta
	// TrustedAt is the clock of the last sweep that was let through, SeenAt that
	// of the last look.
	TrustedAt time.Time `json:"trusted_at"`
	SeenAt    time.Time `json:"seen_at"`
	// HeldAt is what the clock said when it was found too far ahead; zero while
	// sweeps go on. Observed is for how long it has gone on evenly since.
	HeldAt   time.Time     `json:"held_at,omitzero"`
	Observed time.Duration `json:"observed,omitempty"`
	// Damaged are the sessions and people that were due and could not be opened
	// at the last sweep. They stay as they lie there.
	Damaged []DamagedRow `json:"damaged,omitempty"`
}

// DamagedRow names something that is stored and cannot be opened.
type DamagedRow struct {
	Kind  string    `json:"kind"` // session or person
	ID    ID        `json:"id"`
	Since time.Time `json:"since"` // when a sweep met it first
}

// RetentionStateID is the one place of a tenant's state.
func RetentionStateID(t Tenant) ID { return t.Org + "." + ID(t.Env) }
