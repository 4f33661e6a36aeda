package engine

import (
	"bytes"
	"encoding/json"

	"bonafide/flow"
	"bonafide/kyc"
)

// Input is one recorded fact a run acts on. Its Data is the payload of its
// kind as JSON; StateHash is filled when it is stored.
type Input = kyc.Input

// The kinds of inputs.
const (
	KindBegin        = "begin"         // Begin: the snapshot the run works from
	KindAnswer       = "answer"        // Answered: what one attempt of a check said
	KindNodeTimeout  = "node_timeout"  // Answered without an answer: the attempt took too long
	KindRetryDue     = "retry_due"     // the wait before the next attempt is over
	KindTake         = "take"          // another driver goes on; what was in flight is sent again
	KindGateDecision = "gate_decision" // Decision: somebody outside decided
	KindGateTimeout  = "gate_timeout"  // nobody decided in time
	KindCancel       = "cancel"        // Ended: the run was called off
	KindFail         = "fail"          // Ended: the engine could not go on
)

// Begin is the payload of the first input: everything the run may look at,
// as it was when processing started.
type Begin struct {
	Tenant  kyc.Tenant      `json:"tenant"`
	Session SessionSnapshot `json:"session"`
	Subject SubjectSnapshot `json:"subject"`
	Uploads []kyc.Upload    `json:"uploads,omitempty"`
	// Settings of the organisation in this environment.
	Settings kyc.Settings `json:"settings"`
	// Lists are the watchlists known when the run began.
	Lists []kyc.ListVersion `json:"lists,omitempty"`
	// Reviewed are the words of reviewers on hits that counted then. Checks get
	// them from here, so that a replay asks what was asked.
	Reviewed   []kyc.ReviewedHit `json:"reviewed,omitempty"`
	Definition string            `json:"definition"` // hash of the linked graph
	WorkflowID kyc.ID            `json:"workflow_id"`
	Version    int               `json:"version"`
	Arm        string            `json:"arm,omitempty"`
	Bucket     int               `json:"bucket"`
	Links      []flow.Link       `json:"links,omitempty"` // pinned subworkflows
	// From begins at another node than the entry; Carried are the answers of
	// an earlier run that stand in for the nodes before it.
	From    string    `json:"from,omitempty"`
	Earlier kyc.ID    `json:"earlier,omitempty"`
	Carried []Carried `json:"carried,omitempty"`
	By      kyc.Actor `json:"by"`
	// Handover says that the process that recorded this does not go on itself.
	Handover bool `json:"handover,omitempty"`
}

// SessionSnapshot is the part of a session that conditions and checks see.
type SessionSnapshot struct {
	ID          kyc.ID         `json:"id"`
	ExternalRef string         `json:"external_ref,omitempty"`
	Surface     kyc.Surface    `json:"surface,omitempty"`
	Country     string         `json:"country,omitempty"`
	Fields      map[string]any `json:"fields,omitempty"`
	Metadata    map[string]any `json:"metadata,omitempty"`
	Established map[string]any `json:"established,omitempty"`
	Tags        []string       `json:"tags,omitempty"`
}

// SubjectSnapshot is the part of a subject that conditions see.
type SubjectSnapshot struct {
	ID          kyc.ID `json:"id"`
	ExternalRef string `json:"external_ref,omitempty"`
	Kind        string `json:"kind,omitempty"`
	Status      string `json:"status,omitempty"`
}

// Carried is the last answer of one node of an earlier run.
type Carried struct {
	Node   string     `json:"node"`
	Policy string     `json:"policy"`
	Answer kyc.Answer `json:"answer"`
}

// Answered is the payload of KindAnswer and KindNodeTimeout.
type Answered struct {
	Answer kyc.Answer `json:"answer"`
	// Jitter is a random number 0-1 drawn by the runner for a wait before the
	// next attempt; only with transient failures.
	Jitter   float64 `json:"jitter,omitempty"`
	Handover bool    `json:"handover,omitempty"`
}

// Decision is the payload of KindGateDecision.
type Decision struct {
	Gate     string         `json:"gate"`
	Decision string         `json:"decision"` // continue, fail or reject
	Metadata map[string]any `json:"metadata,omitempty"`
	By       kyc.Actor      `json:"by"`
	Handover bool           `json:"handover,omitempty"`
}

// Decisions of a gate.
const (
	Continue = "continue"
	Fail     = "fail"
	Reject   = "reject"
)

// Ended is the payload of KindCancel and KindFail.
type Ended struct {
	Code   string    `json:"code"`
	Reason string    `json:"reason,omitempty"`
	By     kyc.Actor `json:"by"`
}

// Moved is the payload of KindTake, KindRetryDue and KindGateTimeout.
type Moved struct {
	By       string `json:"by,omitempty"` // the process that goes on
	Handover bool   `json:"handover,omitempty"`
}

// stored is the form in which an input's payload lies on disk: beside it the
// edges that the engine took because of it, so that a replay can say in words
// where it went another way.
type stored struct {
	Edges []Edge          `json:"edges,omitempty"`
	Input json.RawMessage `json:"input"`
}

// seal wraps a payload for the record.
func seal(payload json.RawMessage, edges []Edge) json.RawMessage {
	out := make([]byte, 0, len(payload)+96*len(edges)+24)
	out = append(out, '{')
	if len(edges) > 0 {
		out = append(out, `"edges":[`...)
		for i, e := range edges {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendText(append(out, `{"from":`...), e.From)
			out = appendText(append(out, `,"to":`...), e.To)
			out = appendText(append(out, `,"why":`...), e.Why)
			out = append(out, '}')
		}
		out = append(out, "],"...)
	}
	out = append(out, `"input":`...)
	out = append(out, payload...)
	return append(out, '}')
}

// appendText writes a JSON string; node ids are plain almost always.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return append(b, mustJSON(s)...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// open reads a recorded input back: the input as Step takes it, and the edges
// that were taken.
func open(in kyc.Input) (Input, []Edge, error) {
	var s stored
	if err := json.Unmarshal(in.Data, &s); err != nil {
		return in, nil, kyc.Errorf(kyc.Internal, "bad_record", "input %d of the run cannot be read: %w", in.Seq, err)
	}
	if len(s.Input) == 0 {
		return in, nil, kyc.Errorf(kyc.Internal, "bad_record", "input %d of the run has no payload", in.Seq)
	}
	in.Data = s.Input
	return in, s.Edges, nil
}

// decode reads a payload, with numbers as they were written.
func decode(data json.RawMessage, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return dec.Decode(into)
}
