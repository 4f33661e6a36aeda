package store

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/kyc"
)

// The documents of sessions and runs are written by hand, because every step
// of every run writes them and reflection would cost more than the row. The
// test compares them with encoding/json on objects with every field set, so a
// new field cannot be forgotten.

// document writes the doc column of an object.
func document(r record) (string, error) {
	switch d := r.doc.(type) {
	case runDoc:
		return string(appendRun(make([]byte, 0, 640), d.Run)), nil
	case sessionDoc:
		return string(appendSession(make([]byte, 0, 512), d.Session)), nil
	}
	raw, err := json.Marshal(r.doc)
	return string(raw), err
}

// members appends the members of one object.
type members struct{ buf []byte }

func (m *members) name(n string) {
	if len(m.buf) > 0 && m.buf[len(m.buf)-1] != '{' {
		m.buf = append(m.buf, ',')
	}
	m.buf = append(m.buf, '"')
	m.buf = append(m.buf, n...)
	m.buf = append(m.buf, `":`...)
}

func (m *members) text(n, v string) {
	m.name(n)
	m.quote(v)
}

func (m *members) quote(v string) {
	if plain(v) {
		m.buf = append(append(append(m.buf, '"'), v...), '"')
		return
	}
	m.buf, _ = jsontext.AppendQuote(m.buf, strings.ToValidUTF8(v, "\ufffd"))
}

// plain reports whether a text stands in JSON as it is.
func plain(v string) bool {
	for i := range len(v) {
		if c := v[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func (m *members) textIf(n, v string) {
	if v != "" {
		m.text(n, v)
	}
}

func (m *members) number(n string, v int64) {
	m.name(n)
	m.buf = strconv.AppendInt(m.buf, v, 10)
}

func (m *members) time(n string, v time.Time) {
	m.name(n)
	m.buf = append(m.buf, '"')
	m.buf = v.AppendFormat(m.buf, time.RFC3339Nano)
	m.buf = append(m.buf, '"')
}

func (m *members) timeIf(n string, v time.Time) {
	if !v.IsZero() {
		m.time(n, v)
	}
}

func appendRun(buf []byte, r *kyc.Run) []byte {
	m := members{append(buf, '{')}
	m.text("session_id", string(r.SessionID))
	m.text("subject_id", string(r.SubjectID))
	m.text("workflow_id", string(r.WorkflowID))
	m.number("version", int64(r.Version))
	m.text("definition", r.Definition)
	m.text("arm", r.Arm)
	m.number("bucket", int64(r.Bucket))
	m.text("status", string(r.Status))
	m.textIf("node", r.Node)
	m.textIf("gate", r.Gate)
	m.textIf("gate_node", r.GateNode)
	m.timeIf("gate_until", r.GateUntil)
	m.textIf("outcome", string(r.Outcome))
	m.textIf("reason_code", r.ReasonCode)
	m.number("step", r.Step)
	m.text("state_hash", r.StateHash)
	// due_at and lease_owner are only columns: a claim changes them alone.
	m.time("started_at", r.StartedAt)
	m.timeIf("ended_at", r.EndedAt)
	return append(m.buf, '}')
}

func appendSession(buf []byte, s *kyc.Session) []byte {
	m := members{append(buf, '{')}
	m.text("surface", string(s.Surface))
	m.text("subject_id", string(s.SubjectID))
	m.textIf("external_ref", s.ExternalRef)
	m.text("workflow_id", string(s.WorkflowID))
	if s.Version != 0 {
		m.number("version", int64(s.Version))
	}
	m.text("status", string(s.Status))
	m.textIf("result", string(s.Result))
	m.textIf("reason_code", s.ReasonCode)
	m.textIf("country", s.Country)
	if len(s.Tags) > 0 {
		m.name("tags")
		for i, tag := range s.Tags {
			m.buf = append(m.buf, "[,"[min(i, 1)])
			m.quote(tag)
		}
		m.buf = append(m.buf, ']')
	}
	m.textIf("redirect_url", s.RedirectURL)
	m.textIf("run_id", string(s.RunID))
	m.textIf("case_id", string(s.CaseID))
	m.textIf("token_hash", s.TokenHash)
	m.timeIf("token_used_at", s.TokenUsedAt)
	m.timeIf("expires_at", s.ExpiresAt)
	m.timeIf("submitted_at", s.SubmittedAt)
	m.timeIf("completed_at", s.CompletedAt)
	m.timeIf("withheld_at", s.WithheldAt)
	m.timeIf("redacted_at", s.RedactedAt)
	if s.LegalHold {
		m.name("legal_hold")
		m.buf = append(m.buf, "true"...)
	}
	m.number("sequence", s.Sequence)
	return append(m.buf, '}')
}
