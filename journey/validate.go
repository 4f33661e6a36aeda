package journey

import (
	"context"
	"slices"

	"bonafide/kyc"
)

// Validations are the checks that A18 knows, by the names of the API.
func Validations() []string {
	return []string{"lists", "crypto", "adverse_media", "face_match", "cross_validate"}
}

func validationPolicy(name string) string {
	return map[string]string{"lists": policyLists, "crypto": policyWallets, "adverse_media": policyMedia, "face_match": policyFace, "cross_validate": policyCross}[name]
}

// Validated is one validation result. Status is passed, failed, review, error,
// skipped, or not_run for a check the workflow does not enable.
type Validated struct {
	Check  string `json:"check"`
	Status string `json:"status"`
	ExamID kyc.ID `json:"exam_id,omitempty"`
	// ReusedFrom is the earlier exam of the same material that was repeated.
	ReusedFrom kyc.ID     `json:"reused_from,omitempty"`
	Answer     kyc.Answer `json:"-"`
	// Matches is what reviewers say of one of its hits.
	Matches func(h kyc.Hit) string `json:"-"`
}

// Validate runs checks on what the session holds now (A18): all enabled ones,
// or those named. It records each as an exam and decides nothing. Errors:
// Invalid invalid_checks; 409 redacted.
func (m *Machine) Validate(ctx context.Context, t kyc.Tenant, by kyc.Actor, id kyc.ID, names []string) ([]Validated, error) {
	var problems []kyc.Problem
	for _, name := range names {
		if validationPolicy(name) == "" {
			problems = append(problems, kyc.Problem{Path: "/checks", Code: "check_unknown", Message: name + " is no validation; use lists, crypto, adverse_media, face_match or cross_validate"})
		}
	}
	if len(problems) > 0 {
		return nil, kyc.InvalidInput("invalid_checks", "the validation cannot be run", problems)
	}
	v, err := m.loadFor(ctx, t, id, 0)
	if err != nil {
		return nil, err
	}
	enabled, err := m.questions(v)
	if err != nil {
		return nil, err
	}
	review, err := m.caseOf(ctx, &v.session)
	if err != nil {
		return nil, err
	}
	var wanted []string
	for _, name := range Validations() {
		if len(names) == 0 || slices.Contains(names, name) {
			wanted = append(wanted, validationPolicy(name))
		}
	}
	c := kyc.Change{Events: []kyc.Event{v.note(ctx, by, "session.validate")}}
	exams, err := m.examine(ctx, v, "", wanted, &c)
	if err != nil {
		return nil, err
	}
	var out []Validated
	for _, name := range Validations() {
		policy := validationPolicy(name)
		if !slices.Contains(wanted, policy) {
			continue
		}
		row := Validated{Check: name, Status: notRun}
		if _, on := enabled[policy]; on {
			for _, e := range exams {
				if e.Policy == policy {
					row = Validated{Check: name, Status: e.Answer.Fact().Status, ExamID: e.ID, ReusedFrom: e.ReusedFrom, Answer: e.Answer, Matches: matchStatus(review, v.session.RunID, policy, e.Answer.Fact())}
				}
			}
		}
		out = append(out, row)
	}
	return out, m.d.Store.Commit(ctx, &c)
}
