package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"bonafide/checklist"
	"bonafide/kyc"
)

// fraudFrom is the risk score from which an analysis in the background is told
// and filed (seed 001: the default threshold).
const fraudFrom = 60.0

// Analyse does a JobAnalyse: the fraud analysis of seed 001's first scenario.
// It never moves the session, decided or not. What it found is stored as an
// exam; a high risk opens a case (or goes on with the open one) and is told as
// NewsFraudSignal, all in one commit. The exam's ID follows from the session, so
// a job that is done again, or by two workers at once, writes nothing twice. A
// provider that does not answer is an error, and the queue tries again.
func (m *Machine) Analyse(ctx context.Context, j kyc.Job) error {
	var err error
	for range maxRaces {
		if err = m.analyse(ctx, j.Tenant, j.Object); !kyc.IsCode(err, "concurrent_change") {
			return err
		}
	}
	return err
}

func (m *Machine) analyse(ctx context.Context, t kyc.Tenant, id kyc.ID) error {
	v, err := m.load(ctx, t, id)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return nil //nolint:nilerr // there is nothing to analyse any more
		}
		return err
	}
	if alive(&v.session) != nil {
		return nil //nolint:nilerr // its documents were erased
	}
	asks := v.asks(checklist.IDVerification)
	at := slices.IndexFunc(asks, func(a checklist.Ask) bool { return a.Background })
	if at < 0 {
		return nil
	}
	exams, err := m.d.Store.Exams(ctx, t, id)
	if err != nil {
		return err
	}
	place := analysisID(id)
	if slices.ContainsFunc(exams, func(x kyc.Exam) bool { return x.ID == place }) {
		return nil // it was done
	}
	r, err := m.request(ctx, v, &work{at: v.now})
	if err != nil {
		return err
	}
	r.Policy, r.Node, r.Config = asks[at].Policy, asks[at].Policy, asks[at].Config
	exam, err := m.answer(ctx, v, checklist.IDVerification, r)
	if err != nil {
		return err
	}
	if exam.Answer.Transient {
		return kyc.Errorf(kyc.Unavailable, reasonAway, "the fraud analysis was not answered")
	}
	exam.ID = place
	exam.Touch(v.now)
	by := kyc.SystemActor("intake")
	c := kyc.Change{Put: []kyc.Object{&exam}, Events: []kyc.Event{v.note(ctx, by, "session.analyse")}}
	if !suspicious(exam.Answer) {
		return m.d.Store.Commit(ctx, &c)
	}
	if err := m.file(ctx, v, &c, kyc.Filing{ReasonCode: ReasonFraud, By: by}); err != nil {
		return err
	}
	f := fraudOf(exam)
	c.Events = append(c.Events, m.tell(ctx, v, by, "session.fraud_signal", NewsFraudSignal,
		map[string]any{"risk_score": f.RiskScore, "threshold": fraudFrom, "case_id": v.session.CaseID}))
	return m.save(ctx, v, by, c)
}

// suspicious reports whether an analysis is for a person to see: a score at or
// above the limit, or no score for documents that did not pass.
func suspicious(a kyc.Answer) bool {
	if a.Status != kyc.StatusOK {
		return false
	}
	return a.Score != nil && *a.Score >= fraudFrom || a.Score == nil && a.Verdict != kyc.Pass
}

// analysisID is the place of a session's analysis in the background: a UUID of
// version 8 (RFC 9562) made from the session's.
func analysisID(session kyc.ID) kyc.ID {
	b := sha256.Sum256([]byte(JobAnalyse + "|" + string(session)))
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:16])
	return kyc.ID(s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:])
}
