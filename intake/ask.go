package intake

import (
	"context"
	"maps"
	"slices"
	"time"

	"bonafide/checklist"
	"bonafide/kyc"
)

// askTries is how often a check is asked before its transient failure stands.
const askTries = 5

// firstPause is waited before the second question; it doubles each time. The
// applicant waits with it, so all of it stays below two seconds.
const firstPause = 100 * time.Millisecond

// Why a step did not pass, where no check says it itself.
const (
	reasonAway       = "provider_unavailable"
	reasonEscalation = "escalation_failed"
	reasonConsent    = "consent_refused"
)

// grade is what an answer means for a step.
type grade int

// From the best to the worst for the applicant's further way.
const (
	good     grade = iota
	repeat         // it did not pass, and another attempt may
	away           // nobody answered
	hopeless       // it did not pass, and no attempt can change that
)

// gradeOf judges an answer. screening marks checks of lists and news, whose
// hits no repetition takes away.
func gradeOf(a kyc.Answer, screening bool) grade {
	switch {
	case a.Status == kyc.StatusOK && a.Verdict == kyc.Pass:
		return good
	case a.Transient, a.Status == kyc.StatusUnavailable:
		return away
	case a.Status == kyc.StatusNotConfigured, a.Status == kyc.StatusStale, screening:
		return hopeless
	}
	return repeat
}

// codeOf is why an answer is no pass: the gravest reason of the check itself.
func codeOf(policy string, a kyc.Answer) string {
	for _, severity := range []string{"critical", "warning", ""} {
		for _, r := range a.Reasons {
			if r.Code != "" && (severity == "" || r.Severity == severity) {
				return r.Code
			}
		}
	}
	if a.Status != kyc.StatusOK {
		return policy + "_" + string(a.Status)
	}
	return policy + "_not_passed"
}

// request is what the checks of a step may look at: the session with what the
// submission says laid over it, and what the checks of the other steps found.
// What an earlier attempt of this step found is left out, because its documents
// are replaced.
func (m *Machine) request(ctx context.Context, v *view, w *work) (kyc.CheckRequest, error) {
	s := &v.session
	r := kyc.CheckRequest{Tenant: s.Tenant, SessionID: s.ID, SubjectID: s.SubjectID, Attempt: 1, Now: v.now, Country: s.Country,
		Fields: w.over(s.Private.Fields), Metadata: s.Private.Metadata, Established: s.Private.Established,
		Extracted: map[string]any{}, Checks: map[string]kyc.CheckFact{}, Settings: v.settings()}
	var err error
	if m.d.Reviewed != nil {
		if r.Reviewed, err = m.d.Reviewed(ctx, s); err != nil {
			return r, err
		}
	}
	stored, err := m.uploads(ctx, v, nil)
	if err != nil {
		return r, err
	}
	for _, u := range stored {
		if len(w.uploads) > 0 && u.StepID == w.step && w.replaces(&u) {
			continue
		}
		r.Uploads = append(r.Uploads, u)
	}
	r.Uploads = append(r.Uploads, w.uploads...)
	exams, err := m.d.Store.Exams(ctx, s.Tenant, s.ID)
	if err != nil {
		return r, err
	}
	for _, x := range v.known(exams, w.step) {
		r.Checks[x.Policy] = x.Answer.Fact()
		if x.Answer.Status == kyc.StatusOK && len(x.Answer.Fields) > 0 {
			kyc.Extract(r.Extracted, x.Answer.Fields, v.now)
		}
	}
	return r, nil
}

// known are the exams that count: of each other step those of its last attempt.
// The first check of a step marks where an attempt begins.
func (v *view) known(exams []kyc.Exam, but string) []kyc.Exam {
	began := map[string]time.Time{}
	for _, x := range exams {
		if asks := v.asks(x.StepID); len(asks) > 0 && asks[0].Policy == x.Policy && x.CreatedAt.After(began[x.StepID]) {
			began[x.StepID] = x.CreatedAt
		}
	}
	return slices.DeleteFunc(slices.Clone(exams), func(x kyc.Exam) bool {
		return x.StepID == but || x.Unreadable || x.CreatedAt.Before(began[x.StepID])
	})
}

// ask asks the checks of a step in order. It stops where nobody answers: the
// attempt is lost then, and the rest would only make the applicant wait. It
// gives the worst grade and why, and notes whether a check could not answer.
func (m *Machine) ask(ctx context.Context, v *view, asks []checklist.Ask, screening bool, r *kyc.CheckRequest, w *work) (grade, string, error) {
	worst, why := good, ""
	for _, a := range asks {
		if a.Background {
			continue
		}
		exam, err := m.examine(ctx, v, w.step, a, r, w)
		if err != nil {
			return worst, why, err
		}
		g := gradeOf(exam.Answer, screening)
		if a.Policy == checklist.PolicyFraud && exam.Answer.Status == kyc.StatusOK {
			g = good // an analysis by itself fails no step (seed 001)
		}
		if g > worst {
			worst, why = g, codeOf(a.Policy, exam.Answer)
			w.unanswered = g == away || exam.Answer.Status != kyc.StatusOK
		}
		if g == away {
			break
		}
	}
	if worst == away {
		why = reasonAway
	}
	return worst, why, nil
}

// examine asks one check, notes its exam, and lets the checks after it see what
// it said.
func (m *Machine) examine(ctx context.Context, v *view, step string, a checklist.Ask, r *kyc.CheckRequest, w *work) (kyc.Exam, error) {
	r.Policy, r.Node, r.Config = a.Policy, a.Policy, a.Config
	exam, err := m.answer(ctx, v, step, *r)
	if err != nil {
		return exam, err
	}
	w.exams = append(w.exams, exam)
	w.asked = append(w.asked, checkedOf(exam))
	r.Checks = maps.Clone(r.Checks)
	r.Checks[a.Policy] = exam.Answer.Fact()
	if exam.Answer.Status == kyc.StatusOK && len(exam.Answer.Fields) > 0 {
		r.Extracted = maps.Clone(r.Extracted)
		kyc.Extract(r.Extracted, exam.Answer.Fields, v.now)
	}
	return exam, nil
}

// answer asks a check outside of a run. A check that was asked of the same
// material before is not asked again: its answer is repeated with reused_from
// set.
func (m *Machine) answer(ctx context.Context, v *view, step string, r kyc.CheckRequest) (kyc.Exam, error) {
	s := &v.session
	exam := kyc.Exam{Meta: kyc.Meta{ID: kyc.NewID(v.now), Tenant: s.Tenant}, SessionID: s.ID, SubjectID: s.SubjectID,
		StepID: step, Policy: r.Policy, InputHash: m.d.InputHash(r)}
	if exam.InputHash != "" { // a question without a hash is always a new one
		known, err := m.d.Store.ExamByInput(ctx, s.Tenant, s.ID, r.Policy, exam.InputHash)
		if err != nil && kyc.KindOf(err) != kyc.NotFound {
			return exam, err
		}
		if err == nil && known.Answer.Status == kyc.StatusOK && !known.Unreadable {
			exam.Answer, exam.ReusedFrom = known.Answer, known.ID
			if known.ReusedFrom != "" {
				exam.ReusedFrom = known.ReusedFrom
			}
			return exam, nil
		}
	}
	// The key is the same for the same question, so that a provider who was
	// asked just before a crash recognises it.
	key := exam.InputHash
	if key == "" {
		key = string(exam.ID)
	}
	r.CallKey = "exam-" + string(s.ID) + "-" + key
	for r.Attempt = 1; ; r.Attempt++ {
		exam.Answer = m.d.Examine(ctx, r)
		if !exam.Answer.Transient || r.Attempt >= askTries {
			return exam, nil
		}
		if err := m.pause(ctx, s.Tenant.Env, r.Attempt); err != nil {
			return exam, err
		}
	}
}

// pause waits before the next question. The sandbox never waits.
func (m *Machine) pause(ctx context.Context, env kyc.Env, attempt int) error {
	if env != kyc.Live {
		return ctx.Err()
	}
	d := firstPause << (attempt - 1)
	if m.d.Pause != nil {
		return m.d.Pause(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// judge turns a grade into what becomes of the step. Whatever the grade, the
// submission was an attempt.
func (w *work) judge(g grade, why string) {
	w.used = true
	switch g {
	case good:
		w.end, w.reason = kyc.StepCompleted, ""
	case repeat, away:
		w.end, w.reason = kyc.StepInProgress, why
	case hopeless:
		w.end, w.reason = kyc.StepFailed, why
	}
}

func checkedOf(x kyc.Exam) Checked {
	f := x.Answer.Fact()
	return Checked{Policy: x.Policy, Status: f.Status, Score: f.Score, Threshold: x.Answer.Threshold, Reasons: f.Reasons, Hits: len(f.Hits), ExamID: x.ID}
}
