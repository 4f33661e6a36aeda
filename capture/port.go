package capture

import (
	"context"
	"net/mail"
	"net/url"
	"slices"
	"time"

	"bonafide/field"
	"bonafide/kyc"
)

// Desk is the applicant's side of one surface. Each method takes the token of
// the link; 404 and 410 errors mean that it opens nothing any more.
type Desk interface {
	// Look tells the session in a language (BCP 47; "" is the session's own).
	Look(ctx context.Context, token, language string) (Story, error)
	// Consent records what was shown and whether it was given.
	Consent(ctx context.Context, token string, c Consent) error
	// Take takes a file for a slot of a step; it replaces what a slot for one
	// file had.
	Take(ctx context.Context, token, step, slot string, f File) error
	// Fill hands in the answers of a form step and ends it; the Invalid error
	// has a problem for each field, with its path under /form_data.
	Fill(ctx context.Context, token, step string, answers map[string]any) error
	// Done ends a step that has no form.
	Done(ctx context.Context, token, step string) error
	// Skip leaves an optional step out.
	Skip(ctx context.Context, token, step string) error
	// Open begins a liveness try, Frames takes pictures of it and Judge ends it.
	Open(ctx context.Context, token, step string) (Try, error)
	Frames(ctx context.Context, token, try, nonce string, f []Frame) error
	Judge(ctx context.Context, token, step, try string) (Verdict, error)
	// Invite adds a related party, Relink makes a new link for one and Remove
	// takes one away that has not begun.
	Invite(ctx context.Context, token, step string, p NewParty) (Party, error)
	Relink(ctx context.Context, token, party string) (Party, error)
	Remove(ctx context.Context, token, party string) error
}

// Pictures is a [Desk] that shows applicants the pictures they sent themselves,
// as long as the step is theirs to work on. Without it pages name files only.
type Pictures interface {
	// Picture gives a file of a step, one in force or one that a correction asks
	// to replace. Errors: 404, and 409 where the step is closed.
	Picture(ctx context.Context, token, step, file string) (Picture, error)
}

// Picture is a file as it was sent.
type Picture struct {
	ContentType string
	Bytes       []byte
}

// Checker is a [Desk] that judges the answers of a form without keeping them,
// for the page that shows everything before it is sent. Its errors are those
// of Fill.
type Checker interface {
	Check(ctx context.Context, token, step string, answers map[string]any) error
}

// Status is how a session stands to its applicant. Nothing in it tells how they
// were judged beyond what the organisation tells them.
type Status string

// The statuses.
const (
	Open       Status = "open"
	Correction Status = "correction" // something has to be put right
	Working    Status = "working"    // it was sent and is being looked at
	Finished   Status = "finished"
	Ended      Status = "ended" // cancelled or expired
)

// Sender is the organisation as its applicants know it.
type Sender struct{ Name, Contact string }

// Over says that nothing can be sent any more.
func (s Status) Over() bool { return s != Open && s != Correction && s != "" }

// Reach is how the organisation can be reached.
type Reach struct{ Text, Href string }

// Reach is the contact as a page shows it: what is an e-mail address or a web
// address becomes a link. Nil without one.
func (s Story) Reach() *Reach {
	if s.Contact == "" {
		return nil
	}
	out := Reach{Text: s.Contact}
	if a, err := mail.ParseAddress(s.Contact); err == nil && a.Address == s.Contact {
		out.Href = "mailto:" + s.Contact
	} else if u, err := url.Parse(s.Contact); err == nil && u.Scheme == "https" && u.Host != "" {
		out.Href = s.Contact
	}
	return &out
}

// Story is a session as its applicant may see it.
type Story struct {
	Workflow string
	Org      string
	// Contact is where applicants turn to with questions, as the organisation
	// wrote it (an e-mail address, a phone number, a web address); "" for none.
	Contact string
	// Reference is what the organisation finds the session by: its own reference,
	// or the session's id where it gave none.
	Reference string
	Language  string // of the session; "" where none was given
	Languages []string
	Status    Status
	// Consents are those that are asked for before anything else and were not
	// given yet.
	Consents []ConsentText
	// Standard are the kinds of this program's own consent texts that are asked
	// for besides and were not given in their present version
	// (StandardConsents names them).
	Standard []string
	Steps    []Step
	// Current is the place of the first step that waits; len(Steps) when none
	// does.
	Current   int
	ExpiresAt time.Time
	// RedirectURL is where the applicant goes on at the end; "" for nowhere.
	RedirectURL string
	Corrections []CorrectionItem
	// Sandbox says that nothing here is real.
	Sandbox bool
	// Locked says that the link serves once and was not opened yet: nothing of
	// the session is shown before somebody presses Start (Sealed.Unlock).
	Locked bool
	// Begun says that Start was pressed, where no step tells.
	Begun bool
}

// Sealed is a desk whose links serve once. Looking at a page opens nothing, so
// that programs that preview links use none up.
type Sealed interface {
	// Unlock uses the link up and answers the proof that this browser did, which
	// comes back in Proof of every later request.
	Unlock(ctx context.Context, token string) (proof string, err error)
	// Handoff is a code for another device of the applicant, which lives for
	// minutes; "" while the link itself still serves.
	Handoff(ctx context.Context, token string) (code string, err error)
	// Join answers a proof for the code.
	Join(ctx context.Context, token, code string) (proof string, err error)
}

type (
	proofKey   struct{}
	addressKey struct{}
)

// Address is where a request came from, for the record of a consent; "" where
// nobody knows.
func Address(ctx context.Context) string {
	s, _ := ctx.Value(addressKey{}).(string)
	return s
}

// Proof is what the browser of a request holds; "" for nothing.
func Proof(ctx context.Context) string {
	s, _ := ctx.Value(proofKey{}).(string)
	return s
}

// WithProof is a context of a browser that holds a proof.
func WithProof(ctx context.Context, proof string) context.Context {
	return context.WithValue(ctx, proofKey{}, proof)
}

// StepKind says which page a step has.
type StepKind string

// The kinds.
const (
	Documents  StepKind = "documents"
	Form       StepKind = "form"
	Selfie     StepKind = "selfie"
	Liveness   StepKind = "liveness"
	Parties    StepKind = "parties"
	Background StepKind = "background" // runs by itself
)

// Progress of a step.
type Progress string

// The states.
const (
	Todo    Progress = "todo"
	Begun   Progress = "begun"
	Over    Progress = "done"
	Again   Progress = "again" // a correction asks for it
	Skipped Progress = "skipped"
	Failed  Progress = "failed" // its attempts are used up; the rest goes on
)

// Step is one thing the applicant does.
type Step struct {
	ID   string
	Kind StepKind
	// Slots of a form step are those of its file fields, named field.<field id>.
	Title    string
	Text     string // instructions of the author
	Required bool
	Progress Progress
	Slots    []Slot
	Fields   []field.Field
	// Answers are what the applicant gave before, by field id, or what a
	// document said (then its field is in FromDocument).
	Answers      map[string]any
	FromDocument map[string]bool
	// Given are the fields that the organisation answered when it made the
	// session, and that the applicant has not sent yet.
	Given        map[string]bool
	Challenge    string // of a liveness step
	AttemptsLeft int
	Passed       bool // a liveness try was passed; the step only waits to be ended
	// Changeable says that the step can be gone through again although it was
	// ended, until everything is sent.
	Changeable bool
	// Elsewhere says that a service films the applicant in an app of the
	// organisation, because pages load nothing from elsewhere: the page says so,
	// opens no try, and goes on when that app is through.
	Elsewhere bool
	// App is the address of that app, with the session's token in its fragment;
	// empty where the organisation names none.
	App     string
	Party   PartyRules
	Parties []Party
}

// Slot is one file that is asked for.
type Slot struct {
	// Name is the slot's own: a document type and side, such as id.front.
	Name     string
	Title    string
	Required bool
	Multiple bool
	// Camera is document, selfie or "" where only a file makes sense.
	Camera string
	// Upload says whether a file may be chosen in place of the camera.
	Upload bool
	Types  []string // kinds of paper that may fill it, of which one is chosen
	// Countries are those whose papers are accepted, and Refused those whose are
	// not (ISO 3166-1 alpha-2); both nil for any. Where they are limited the
	// applicant is asked for the country first.
	Countries, Refused []string
	Side               string // front, back or "" where sides mean nothing
	Files              []Taken
	// Old are the files that a correction asks to replace.
	Old []Taken
}

// Taken is a file that is in force.
type Taken struct {
	ID, Name string
	Type     string // the paper the applicant said it is, one of Slot.Types; "" for none
	// Image says that a browser can show it (JPEG, PNG, WebP).
	Image    bool
	At       time.Time
	Warnings []kyc.Problem
}

// File is what the applicant sends.
type File struct {
	Name string
	Type string // which paper it is, one of Slot.Types
	// Country is where the paper comes from (ISO 3166-1 alpha-2), where the slot
	// limits that; "" otherwise.
	Country string
	Bytes   []byte
}

// ConsentText is one text that is consented to.
type ConsentText struct {
	Kind, Version, Title, Text string
	Required                   bool
}

// Consent is the applicant's word on it.
type Consent struct {
	Kind, Version, Text, Address string
	Given                        bool
}

// StandardVersion is that of this program's own consent texts; it changes with
// their meaning, and who agreed to an older one is asked again.
const StandardVersion = "2026-11-22"

// Kinds of this program's own consent texts (their words are consent.<kind> in
// the catalogues).
const (
	ConsentProcessing = "processing"
	ConsentBiometrics = "biometrics"
)

// StandardConsents are the kinds that a session of these steps asks for: that
// the data is processed, and that faces are compared where one is filmed.
func StandardConsents(steps []Step) []string {
	out := []string{ConsentProcessing}
	if slices.ContainsFunc(steps, func(s Step) bool {
		return s.Kind == Selfie || s.Kind == Liveness || slices.ContainsFunc(s.Slots, func(x Slot) bool { return x.Camera == "selfie" })
	}) {
		out = append(out, ConsentBiometrics)
	}
	return out
}

// CorrectionItem is one thing to put right.
type CorrectionItem struct {
	StepID  string
	Code    string
	Message string // the reviewer's own sentence; "" for none
	Fields  []string
	Slots   []string
}

// Try is an open liveness try.
type Try struct {
	ID       string
	Provider string // local or a service that films the applicant itself
	Region   string
	// Nonce and Actions are our own challenge: move_closer, turn_left,
	// turn_right, look_ahead; Colours are shown while filming where the light
	// challenge was accepted.
	Nonce     string
	Actions   []string
	Colours   []string
	Expires   time.Time
	MaxFrames int
	Left      int
}

// Frame is one picture of a try.
type Frame struct {
	At     time.Duration // since the try's first picture
	Action string
	Bytes  []byte
}

// Verdict is what a try came to, as far as the applicant is told.
type Verdict struct {
	Passed bool
	Reason string // snake_case; what to do better
	Left   int
}

// PartyRules say how many parties are asked for.
type PartyRules struct {
	Min, Max int
	// Wait says that the step ends only when every party is finished.
	Wait  bool
	Roles []string
}

// NewParty is somebody to invite.
type NewParty struct{ Name, Email, Role string }

// Party is somebody who was invited.
type Party struct {
	ID, Name, Email, Role string
	State                 string // pending, active, completed, expired, cancelled
	Link                  string // once, when it was just made
}
