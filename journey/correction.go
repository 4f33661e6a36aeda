package journey

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// Limits of one round of corrections.
const (
	maxItems   = 50
	maxMessage = 1000 // characters
)

// CorrectionCodes are the reasons for asking again (api.md 3.9).
func CorrectionCodes() []string {
	return []string{"blurry", "expired", "wrong_document", "missing_side", "name_mismatch", "address_mismatch", "incomplete", "other"}
}

// Wanted is one thing the applicant shall put right.
type Wanted struct {
	StepID        string
	FieldIDs      []string // field_id or field_key; empty: the whole step
	DocumentTypes []string
	Code          string
	Message       string // to the applicant
}

// Corrections is a round of corrections (A17).
type Corrections struct {
	Items   []Wanted
	TTLDays int // 1-365; 0: 7
	// Notify asks for a message to the applicant, where a mailer is set up and
	// an address is known.
	Notify bool
	// Override takes a rejection back for it.
	Override bool
}

// Corrected is the answer to Corrections.
type Corrected struct {
	Session  kyc.Session
	Journey  kyc.Journey
	Items    []kyc.Correction // of this round
	Notified bool
}

// RequestCorrections reopens the listed steps and nothing else (A17). Legal
// from completed and manual_review, and from rejected with override. Errors:
// Invalid invalid_corrections with all problems; 409 invalid_transition,
// override_required; 412.
func (m *Machine) RequestCorrections(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, rev int64, q Corrections) (Corrected, error) {
	v, err := m.loadFor(ctx, t, id, rev)
	if err != nil {
		return Corrected{}, err
	}
	from := v.session.Status
	move := v.session.Move
	switch from {
	case kyc.SessionCaptured, kyc.SessionReview:
	case kyc.SessionRejected:
		if !q.Override {
			return Corrected{}, kyc.Errorf(kyc.Conflict, "override_required", "the session is rejected; asking for corrections needs override")
		}
		move = v.session.Overrule
	default:
		return Corrected{}, illegal(&v.session, "needs_correction")
	}
	items, problems := v.wanted(q)
	if q.TTLDays < 0 || q.TTLDays > maxDays {
		problems = append(problems, kyc.Problem{Path: "/ttl_days", Code: "ttl_days_range", Message: fmt.Sprintf("1 to %d days", maxDays)})
	}
	if len(problems) > 0 {
		return Corrected{}, kyc.InvalidInput("invalid_corrections", "the corrections cannot be asked for", problems)
	}
	if err := move(kyc.SessionCorrection, v.now); err != nil {
		return Corrected{}, err
	}
	v.session.Result, v.session.ReasonCode = "", ""
	v.reopen(items, q, by)
	days := q.TTLDays
	if days == 0 {
		days = 7
	}
	if end := v.now.AddDate(0, 0, days); end.After(v.session.ExpiresAt) {
		v.session.ExpiresAt = end
	}
	var c kyc.Change
	if from == kyc.SessionRejected {
		r, err := m.ruling(ctx, v, by, from, true, kyc.RulingWords{})
		if err != nil {
			return Corrected{}, err
		}
		c.Put = append(c.Put, r)
	}
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.request_corrections", NewsCorrectionsRequested,
		map[string]any{"round": v.round(), "items": summaryOf(items)}))
	if err := m.save(ctx, v, by, c); err != nil {
		return Corrected{}, err
	}
	out := Corrected{Session: v.session, Journey: v.journey, Items: items}
	if to := v.address(); q.Notify && m.d.Invite != nil && to != "" {
		out.Notified = true
		m.invite(ctx, Invitation{Tenant: t, SessionID: v.session.ID, Channel: "email", To: to, Language: v.journey.Language,
			Workflow: v.version.Name, Kind: "corrections", ExpiresAt: v.session.ExpiresAt})
	}
	return out, nil
}

// Correctable are the steps of a session that corrections can name, in their
// order.
func (m *Machine) Correctable(ctx context.Context, t kyc.Tenant, id kyc.ID) ([]onboarding.Step, error) {
	v, err := m.load(ctx, t, id)
	if err != nil || v.def == nil {
		return nil, err
	}
	var out []onboarding.Step
	for i := range v.def.Steps {
		_, state, ok := v.step(v.def.Steps[i].StepID)
		if ok && !state.Hidden && v.def.Steps[i].Type != onboarding.ValidationStep {
			out = append(out, v.def.Steps[i])
		}
	}
	return out, nil
}

// summaryOf is what a message says of the items: no word that a reviewer
// wrote.
func summaryOf(items []kyc.Correction) []map[string]any {
	out := make([]map[string]any, len(items))
	for i, c := range items {
		out[i] = map[string]any{"id": c.ID, "step_id": c.StepID, "code": c.Code}
	}
	return out
}

// wanted reads the items and lists everything wrong with them.
func (v *view) wanted(q Corrections) ([]kyc.Correction, []kyc.Problem) {
	var problems []kyc.Problem
	add := func(path, code, format string, args ...any) {
		problems = append(problems, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if len(q.Items) == 0 || len(q.Items) > maxItems {
		add("/items", "items_range", "ask for 1 to %d corrections", maxItems)
		return nil, problems
	}
	var out []kyc.Correction
	for i, w := range q.Items {
		at := fmt.Sprintf("/items/%d", i)
		if !slices.Contains(CorrectionCodes(), w.Code) {
			add(at+"/code", "correction_code_invalid", "use one of %s", strings.Join(CorrectionCodes(), ", "))
		}
		if utf8.RuneCountInString(w.Message) > maxMessage {
			add(at+"/message", "too_long", "at most %d characters", maxMessage)
		}
		step, state, ok := v.step(w.StepID)
		switch {
		case !ok:
			add(at+"/step_id", "step_not_found", "the workflow has no step %q", w.StepID)
			continue
		case state.Hidden:
			add(at+"/step_id", "step_hidden", "the applicant was not asked this step")
			continue
		case step.Type == onboarding.ValidationStep:
			add(at+"/step_id", "step_not_correctable", "a validation step has nothing an applicant can correct")
			continue
		}
		c := kyc.Correction{StepID: w.StepID, Code: w.Code}
		for k, name := range w.FieldIDs {
			id := fieldOf(step, name)
			if id == "" {
				add(fmt.Sprintf("%s/field_ids/%d", at, k), "field_not_found", "the step has no field %q", name)
			}
			c.FieldIDs = append(c.FieldIDs, id)
		}
		for k, kind := range w.DocumentTypes {
			// The item names the requirement, whatever the reviewer called the
			// paper, because that is what an upload is compared with.
			if r, ok := step.Requirement(kind); !ok {
				add(fmt.Sprintf("%s/document_types/%d", at, k), "document_type_not_found", "the step asks for no document of type %q", kind)
			} else if !slices.Contains(c.DocumentTypes, r.DocumentType) {
				c.DocumentTypes = append(c.DocumentTypes, r.DocumentType)
			}
		}
		out = append(out, c)
	}
	return out, problems
}

// fieldOf finds a field of one step by field_id or field_key.
func fieldOf(step *onboarding.Step, name string) string {
	for _, f := range step.CustomFields {
		if f.FieldID == name || (f.FieldKey != "" && f.FieldKey == name) {
			return f.FieldID
		}
	}
	return ""
}

// reopen begins a round: items get their IDs, their steps wait for the
// applicant again, with all attempts; what was sent before stays as evidence.
func (v *view) reopen(items []kyc.Correction, q Corrections, by kyc.Actor) {
	round := v.round() + 1
	messages := maps.Clone(v.journey.Private.Messages)
	if messages == nil {
		messages = map[kyc.ID]string{}
	}
	for i := range items {
		c := &items[i]
		c.ID, c.Round, c.Status, c.CreatedAt, c.By = kyc.NewID(v.now), round, kyc.CorrectionOpen, v.now, by
		if text := strings.TrimSpace(q.Items[i].Message); text != "" {
			messages[c.ID] = text
		}
		state := v.journey.Step(c.StepID)
		state.Status, state.CompletedAt, state.Attempts, state.Reason = kyc.StepNeedsCorrection, time.Time{}, 0, ""
	}
	v.journey.Corrections = append(v.journey.Corrections, items...)
	v.journey.Private.Messages = messages
}

// address is where a message about the session goes: what the form or the
// metadata say.
func (v *view) address() string {
	return addressOf(NewSession{SendInvite: "email", Metadata: v.session.Private.Metadata}, v.def, v.session.Private.Fields, &kyc.Subject{})
}
