package kyc

import (
	"slices"
	"time"
)

// CaseStatus is the state of a human review (surface D, 6.11).
type CaseStatus string

// Case states.
const (
	CaseOpen      CaseStatus = "open"
	CaseInReview  CaseStatus = "in_review"
	CaseEscalated CaseStatus = "escalated"
	CaseSecond    CaseStatus = "pending_second_review"
	CaseApproved  CaseStatus = "approved"
	CaseRejected  CaseStatus = "rejected"
)

// Decided reports whether the case is closed.
func (s CaseStatus) Decided() bool { return s == CaseApproved || s == CaseRejected }

// Case is one review by people.
type Case struct {
	Meta
	SessionID ID         `json:"session_id,omitempty"`
	SubjectID ID         `json:"subject_id,omitempty"`
	RunID     ID         `json:"run_id,omitempty"`
	Status    CaseStatus `json:"status"`
	Queue     string     `json:"queue"`
	// Rule names the routing rule that chose the queue when the case was opened;
	// empty where its workflow named the queue, no rule took it, or somebody moved it.
	Rule string `json:"rule,omitempty"`
	// FourEyes says that two people decide, because the case was in a queue whose
	// cases two decide: moving it elsewhere takes nobody's word away.
	FourEyes        bool      `json:"four_eyes,omitempty"`
	Priority        int       `json:"priority"` // higher first
	SLAHours        float64   `json:"sla_hours,omitempty"`
	ReasonCode      string    `json:"reason_code,omitempty"`
	Because         Because   `json:"because,omitzero"`
	AssignedTo      string    `json:"assigned_to,omitempty"`
	ClaimedAt       time.Time `json:"claimed_at,omitzero"`
	LastActivityAt  time.Time `json:"last_activity_at,omitzero"` // claims lapse after idle time
	EnteredReviewAt time.Time `json:"entered_review_at"`
	// Due is when the case is overdue by the rules its queue had when the case came
	// into it; zero where it had none.
	Due time.Time `json:"due_at,omitzero"`
	// First is the first reviewer's recommendation under dual review.
	First      *CaseDecision `json:"first,omitempty"`
	Decision   *CaseDecision `json:"decision,omitempty"`
	Escalation *Escalation   `json:"escalation,omitempty"`
	// Overrides are what reviewers said about single checks; the machine's
	// own results stay as they were.
	Overrides []CheckOverride `json:"overrides,omitempty"`
	// Quality is the second look of quality assurance; nil where none was to be
	// drawn when the case was decided.
	Quality   *QualityCheck `json:"quality,omitempty"`
	CreatedBy Actor         `json:"created_by"`
	Demo      bool          `json:"demo,omitempty"`
	Sequence  int64         `json:"sequence"`
	// Private is what people wrote about the case. It is no part of the
	// document, of events or of their hashes.
	Private CaseData `json:"-"`
	// Damaged says that what is stored cannot be opened (Page.Damaged).
	Damaged bool `json:"-"`
}

// unhurried is how long a case may wait whose workflow names no hours.
const unhurried = 24 * time.Hour

// DueAt is when the case is overdue: after its workflow's hours, else its
// queue's, else after a day. Zero for a case that never entered review.
func (c *Case) DueAt() time.Time {
	switch {
	case c.EnteredReviewAt.IsZero():
		return time.Time{}
	case !c.Due.IsZero():
		return c.Due
	case c.SLAHours > 0:
		return c.EnteredReviewAt.Add(time.Duration(c.SLAHours * float64(time.Hour)))
	}
	return c.EnteredReviewAt.Add(unhurried)
}

// Enter puts the case into a queue, whose rules are those of the settings. Two
// decide it from then on where they did in the queue it leaves, which may have had
// that rule only since the case came into it.
func (c *Case) Enter(queue string, s Settings) {
	q := s.Queue(queue)
	c.FourEyes = s.TwoDecideIn(c) || q.FourEyes
	c.Queue = queue
	c.Due = time.Time{}
	if !c.EnteredReviewAt.IsZero() && (q.Hours != nil || q.SLAHours > 0 && c.SLAHours == 0) {
		c.Due = q.Due(c.EnteredReviewAt, c.SLAHours)
	}
}

// CaseData is what people wrote about a case: words, and metadata of any form.
// It is personal data and stored encrypted under the subject's key (or the
// organisation's when there is no subject).
type CaseData struct {
	First      string `json:"first,omitempty"`      // why, of Case.First
	Decision   string `json:"decision,omitempty"`   // why, of Case.Decision
	Escalation string `json:"escalation,omitempty"` // why, of Case.Escalation
	// Overrides says why of Case.Overrides at the same place; it may be
	// shorter.
	Overrides []string       `json:"overrides,omitempty"`
	Metadata  map[string]any `json:"metadata,omitempty"`
	// Hits are the words on single hits, oldest first.
	Hits []JudgedHit `json:"hits,omitempty"`
	// Quality is what the checker of quality assurance wrote.
	Quality string `json:"quality,omitempty"`
	// Unreadable is set by the store when the subject's key was destroyed.
	Unreadable bool `json:"-"`
}

// Empty reports whether nothing was written.
func (d *CaseData) Empty() bool {
	return d.First == "" && d.Decision == "" && d.Escalation == "" && d.Quality == "" && len(d.Overrides)+len(d.Metadata)+len(d.Hits) == 0
}

// Override adds a reviewer's correction of one check and why.
func (c *Case) Override(o CheckOverride, why string) {
	whys := make([]string, len(c.Overrides), len(c.Overrides)+1)
	copy(whys, c.Private.Overrides)
	c.Private.Overrides = append(whys, why)
	c.Overrides = append(slices.Clone(c.Overrides), o)
}

// OverrideWhy is what was said of the correction at a place of Overrides.
func (c *Case) OverrideWhy(i int) string {
	if i < 0 || i >= len(c.Private.Overrides) {
		return ""
	}
	return c.Private.Overrides[i]
}

// CaseDecision is a reviewer's word; why is in Case.Private.
type CaseDecision struct {
	Outcome    Outcome `json:"outcome"` // approved or rejected
	ReviewerID string  `json:"reviewer_id"`
	// ReasonCode is why, of a decision that was taken outside of the case.
	ReasonCode string    `json:"reason_code,omitempty"`
	At         time.Time `json:"at"`
	By         Actor     `json:"by"`
	// Checklist are the points of the queue's checklist that were confirmed, in the
	// words they had.
	Checklist []string `json:"checklist,omitempty"`
}

// Escalation hands a case to somebody more senior; why is in Case.Private.
type Escalation struct {
	To   string    `json:"escalated_to"`
	From string    `json:"from,omitempty"`
	At   time.Time `json:"at"`
}

// CheckOverride is a reviewer's correction of one check's result; why is in
// Case.Private.
type CheckOverride struct {
	Policy string `json:"policy"`
	Result string `json:"result"` // passed, failed
	// RunID is the run whose answer is corrected.
	RunID ID        `json:"run_id,omitempty"`
	By    Actor     `json:"by"`
	At    time.Time `json:"at"`
}

// Note is what a reviewer wrote on a case. Text is personal data and stored
// encrypted under the subject's key (or the organisation's when there is no
// subject).
type Note struct {
	Meta
	CaseID    ID     `json:"case_id"`
	SubjectID ID     `json:"subject_id,omitempty"`
	Author    string `json:"author"`
	Text      string `json:"-"`
}
