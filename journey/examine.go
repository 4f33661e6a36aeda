package journey

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// examiner asks checks outside of a run: with the config of the compiled
// graph, and with what the checks before them said. Its exams are records, so
// that a run need not ask the same again.
type examiner struct {
	m       *Machine
	v       *view
	configs map[string]json.RawMessage // by policy
	order   []string                   // policies in the order of the graph
	uploads []kyc.Upload
	facts   map[string]kyc.CheckFact
	read    map[string]any
	exams   []*kyc.Exam
}

// examiner prepares for a session with these files.
func (m *Machine) examiner(v *view, uploads []kyc.Upload) (*examiner, error) {
	x := &examiner{m: m, v: v, uploads: uploads, configs: map[string]json.RawMessage{}, facts: map[string]kyc.CheckFact{}, read: map[string]any{}}
	settings := v.org.EnvSettings(v.session.Tenant.Env)
	raw := onboarding.Compile(v.def, onboarding.CompileOptions{Mandatory: settings.MandatoryPolicies})
	var graph struct {
		Nodes map[string]struct {
			Policy string          `json:"policy"`
			Config json.RawMessage `json:"config"`
		} `json:"nodes"`
	}
	if err := json.Unmarshal(raw, &graph); err != nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_definition", "reading a compiled definition: %w", err)
	}
	for id, n := range graph.Nodes {
		if n.Policy != "" && id == n.Policy {
			x.configs[n.Policy] = n.Config
		}
	}
	for _, p := range graphOrder() {
		if _, ok := x.configs[p]; ok {
			x.order = append(x.order, p)
		}
	}
	return x, nil
}

// graphOrder is the order of the checks in a compiled graph (api.md 3.10).
func graphOrder() []string {
	return []string{policyDocuments, "document_ocr", policyCross, policyLiveness, policyFace, policyDedup, "duplicate_detection",
		policyWallets, policyMedia, policyRelated, policyRisk, policyLists}
}

// needs are the checks whose findings another one reads.
func needs(policy string) []string {
	switch policy {
	case policyCross, policyFace, policyLists, policyMedia:
		return []string{policyDocuments, "document_ocr"}
	}
	return nil
}

// enabled reports whether the definition has the check.
func (x *examiner) enabled(policy string) bool {
	_, ok := x.configs[policy]
	return ok
}

// ask runs a check and what it needs, each once. stepID is empty for a check
// that belongs to no step.
func (x *examiner) ask(ctx context.Context, policy, stepID string) *kyc.Exam {
	for _, p := range needs(policy) {
		if _, done := x.facts[p]; !done && x.enabled(p) {
			x.run(ctx, p, stepID)
		}
	}
	for _, e := range x.exams {
		if e.Policy == policy {
			return e
		}
	}
	return x.run(ctx, policy, stepID)
}

func (x *examiner) run(ctx context.Context, policy, stepID string) *kyc.Exam {
	s := &x.v.session
	r := kyc.CheckRequest{Tenant: s.Tenant, SessionID: s.ID, SubjectID: s.SubjectID, Node: policy, Policy: policy, Config: x.configs[policy], Attempt: 1,
		Now: x.v.now, Country: s.Country, Fields: s.Private.Fields, Metadata: s.Private.Metadata, Extracted: maps.Clone(x.read),
		Checks: maps.Clone(x.facts), Uploads: x.uploads, Settings: x.v.org.EnvSettings(s.Tenant.Env)}
	answer := x.m.d.Examine(ctx, r)
	e := &kyc.Exam{Meta: kyc.Meta{ID: kyc.NewID(x.v.now), Tenant: s.Tenant}, SessionID: s.ID, SubjectID: s.SubjectID, StepID: stepID,
		Policy: policy, InputHash: x.m.d.InputHash(r), Answer: answer}
	if from, ok := answer.Details["reused_from"].(string); ok {
		e.ReusedFrom = kyc.ID(from)
	}
	e.Touch(x.v.now)
	x.exams = append(x.exams, e)
	x.learn(policy, answer)
	return e
}

// learn makes facts of an answer, as the engine does.
func (x *examiner) learn(policy string, a kyc.Answer) {
	fact := kyc.CheckFact{Status: statusOf(a), Reasons: a.Reasons, Details: a.Details}
	if a.Status == kyc.StatusOK {
		fact.Score, fact.Hits = a.Score, a.Hits
		certain := map[string]float64{}
		for _, f := range a.Fields {
			if c, twice := certain[f.Name]; f.Name == "" || f.Value == "" || twice && c >= f.Confidence {
				continue
			}
			certain[f.Name] = f.Confidence
			x.read[f.Name] = f.Value
		}
	}
	x.facts[policy] = fact
}

// statusOf is an answer in the words of a run's record.
func statusOf(a kyc.Answer) string {
	if a.Status != kyc.StatusOK {
		return "error"
	}
	switch a.Verdict {
	case kyc.Pass:
		return "passed"
	case kyc.Fail:
		return "failed"
	case kyc.Skip:
		return "skipped"
	}
	return "review"
}

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
	Check   string     `json:"check"`
	Status  string     `json:"status"`
	ExamID  kyc.ID     `json:"exam_id,omitempty"`
	Answer  kyc.Answer `json:"-"`
	Matches string     `json:"-"` // the status of its hits
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
	uploads, err := m.uploads(ctx, v, &kyc.Change{})
	if err != nil {
		return nil, err
	}
	x, err := m.examiner(v, uploads)
	if err != nil {
		return nil, err
	}
	review, err := m.caseOf(ctx, &v.session)
	if err != nil {
		return nil, err
	}
	var out []Validated
	for _, name := range Validations() {
		policy := validationPolicy(name)
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		if !x.enabled(policy) {
			out = append(out, Validated{Check: name, Status: "not_run"})
			continue
		}
		e := x.ask(ctx, policy, "")
		out = append(out, Validated{Check: name, Status: statusOf(e.Answer), ExamID: e.ID, Answer: e.Answer, Matches: matchStatus(review, policy)})
	}
	return out, m.d.Store.Commit(ctx, x.record(v.note(ctx, by, "session.validate")))
}

// record is the change that keeps the exams.
func (x *examiner) record(entries ...kyc.Event) *kyc.Change {
	c := &kyc.Change{Events: entries}
	for _, e := range x.exams {
		c.Put = append(c.Put, e)
	}
	return c
}
