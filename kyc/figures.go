package kyc

import "time"

// Tally counts one thing on one day of an organisation's environment. It holds
// words of the program and numbers, never a person.
type Tally struct {
	Day     time.Time // midnight, UTC
	Measure string    // check, provider, run, node, move
	Name    string    // a policy, who answered, or a version of a workflow
	Label   string    // how it went
	// Upto is the upper end of the class of duration, in milliseconds; 0 for
	// the class without one.
	Upto int64
	N    int64
	MS   int64 // sum of the durations, in milliseconds
}

// SessionFact is what figures need of a session: nothing personal.
type SessionFact struct {
	ID          ID
	Surface     Surface
	WorkflowID  ID
	Status      SessionStatus
	CreatedAt   time.Time
	Result      Outcome
	ReasonCode  string
	OpenedAt    time.Time // when its link was first used; zero: never, or it has none
	SubmittedAt time.Time
	CompletedAt time.Time
}

// JourneyFact is what figures need of an applicant's way through steps.
type JourneyFact struct {
	SessionID ID
	Steps     []StepState
}

// CaseFact is what figures need of a review.
type CaseFact struct {
	Status      CaseStatus
	Queue       string
	AssignedTo  string
	EnteredAt   time.Time
	First, Last *CaseDecision // of dual review, and the one in force
}
