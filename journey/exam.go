package journey

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// examAttempts is how often a check is asked outside of a run before its
// transient failure stands. The applicant waits for it, so there is no pause;
// the run itself asks again with patience.
const examAttempts = 3

// examOrder are the checks that can be asked outside of a run, in the order of
// processing (api.md 3.10): what is read from documents helps those after it.
var examOrder = []string{"document_set", "document_ocr", "cross_validation", "face_match", "face_dedup", "duplicate_detection",
	"wallet_screening", "adverse_media", "watchlist_screening"}

// readers are the checks whose findings the others use.
var readers = []string{"document_set", "document_ocr"}

// questions are the checks that the session's graph asks, with their configs.
// An exam asks with the same config, so that the run can take its answer.
func (m *Machine) questions(v *view) (map[string]json.RawMessage, error) {
	settings := v.org.EnvSettings(v.session.Tenant.Env)
	var graph struct {
		Nodes map[string]struct {
			Policy string          `json:"policy"`
			Config json.RawMessage `json:"config"`
		} `json:"nodes"`
	}
	if err := json.Unmarshal(onboarding.Compile(v.def, onboarding.CompileOptions{Mandatory: settings.MandatoryPolicies}), &graph); err != nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_definition", "reading the compiled definition: %w", err)
	}
	out := map[string]json.RawMessage{}
	for _, n := range graph.Nodes {
		if n.Policy != "" {
			out[n.Policy] = n.Config
		}
	}
	return out, nil
}

// examine asks the wanted checks of the session as it stands in v, outside of
// a run, and adds the records to c. Documents are read first when a wanted
// check needs what they say. A check that was asked of the same material
// before is not asked again: its answer is repeated with reused_from set.
// Checks that the definition does not ask are left out.
func (m *Machine) examine(ctx context.Context, v *view, step string, wanted []string, c *kyc.Change) ([]kyc.Exam, error) {
	configs, err := m.questions(v)
	if err != nil {
		return nil, err
	}
	uploads, err := m.uploads(ctx, v, c)
	if err != nil {
		return nil, err
	}
	r := m.request(v, uploads)
	if m.d.Reviewed != nil {
		if r.Reviewed, err = m.d.Reviewed(ctx, &v.session); err != nil {
			return nil, err
		}
	}
	var out []kyc.Exam
	for _, policy := range examOrder {
		config, asked := configs[policy]
		if !asked || (!slices.Contains(wanted, policy) && !slices.Contains(readers, policy)) {
			continue
		}
		r.Policy, r.Node, r.Config = policy, policy, config
		exam, err := m.ask(ctx, v, step, "", r, c)
		if err != nil {
			return nil, err
		}
		r.Checks = maps.Clone(r.Checks)
		r.Checks[policy] = exam.Answer.Fact()
		if exam.Answer.Status == kyc.StatusOK && len(exam.Answer.Fields) > 0 {
			r.Extracted = maps.Clone(r.Extracted)
			kyc.Extract(r.Extracted, exam.Answer.Fields, v.now)
		}
		if slices.Contains(wanted, policy) {
			out = append(out, exam)
		}
	}
	return out, nil
}

// request is what a check outside of a run may look at.
func (m *Machine) request(v *view, uploads []kyc.Upload) kyc.CheckRequest {
	s := &v.session
	return kyc.CheckRequest{Tenant: s.Tenant, SessionID: s.ID, SubjectID: s.SubjectID, Attempt: 1, Now: v.now, Country: s.Country,
		Fields: s.Private.Fields, Metadata: s.Private.Metadata, Established: s.Private.Established,
		Extracted: map[string]any{}, Checks: map[string]kyc.CheckFact{}, Uploads: uploads, Settings: v.org.EnvSettings(s.Tenant.Env)}
}

// ask asks one check and records the answer in c.
func (m *Machine) ask(ctx context.Context, v *view, step string, upload kyc.ID, r kyc.CheckRequest, c *kyc.Change) (kyc.Exam, error) {
	s := &v.session
	exam := kyc.Exam{Meta: kyc.Meta{ID: kyc.NewID(v.now), Tenant: s.Tenant}, SessionID: s.ID, SubjectID: s.SubjectID,
		StepID: step, UploadID: upload, Policy: r.Policy, InputHash: m.d.InputHash(r)}
	known, err := m.earlier(ctx, &exam)
	switch {
	case err == nil && known.Answer.Status == kyc.StatusOK:
		exam.Answer, exam.ReusedFrom = known.Answer, known.ID
		if known.ReusedFrom != "" {
			exam.ReusedFrom = known.ReusedFrom
		}
	case err != nil && kyc.KindOf(err) != kyc.NotFound:
		return exam, err
	default:
		// The key is the same for the same question, so that a provider who was
		// asked just before a crash recognises it.
		r.CallKey = "exam-" + string(s.ID) + "-" + firstOf(exam.InputHash, string(exam.ID))
		for r.Attempt = 1; ; r.Attempt++ {
			exam.Answer = m.d.Examine(ctx, r)
			if !exam.Answer.Transient || r.Attempt >= examAttempts {
				break
			}
		}
	}
	exam.Touch(v.now)
	c.Put = append(c.Put, &exam)
	e := v.note(ctx, kyc.SystemActor("journey"), "session.examine")
	e.Reason = r.Policy
	c.Events = append(c.Events, e)
	return exam, nil
}

// earlier finds the exam of the same question. A question without a hash (a
// liveness try, say) is always a new one.
func (m *Machine) earlier(ctx context.Context, e *kyc.Exam) (kyc.Exam, error) {
	if e.InputHash == "" {
		return kyc.Exam{}, kyc.Missing("exam", "")
	}
	return m.d.Store.ExamByInput(ctx, e.Tenant, e.SessionID, e.Policy, e.InputHash)
}
