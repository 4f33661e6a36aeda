package backtest

import (
	"context"
	"regexp"

	"bonafide/engine"
	"bonafide/flow"
	"bonafide/kyc"
)

// Reader is what telling a session again needs from disk.
type Reader interface {
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	Run(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Run, error)
	Inputs(ctx context.Context, t kyc.Tenant, run kyc.ID) ([]kyc.Input, error)
	Case(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Case, error)
}

// Graphs finds a linked graph by its hash (engine.Engine.Graph).
type Graphs interface {
	Graph(ctx context.Context, t kyc.Tenant, hash string) (*flow.Compiled, error)
}

// Teller tells sessions again, one at a time. It only reads.
type Teller struct {
	Store    Reader
	Graphs   Graphs
	Evidence engine.Evidence
}

// Plan is what sessions are told again on.
type Plan struct {
	Graph   *flow.Compiled
	Version int
	// Control is what it is compared with; nil: what really happened.
	Control        *flow.Compiled
	ControlVersion int
}

// Reasons why a record cannot be read.
const (
	// Erased: the person was erased or the session redacted.
	Erased = "erased"
	// Withheld: the time to keep the session's data is over.
	Withheld = "retention_over"
	// Removed: what was recorded has been deleted, as retention does.
	Removed = "record_removed"
	// Broken: the record has a hole, was changed on disk, or leads elsewhere than
	// it did.
	Broken = "record_broken"
	// NotCompleted: the session has no run that came to a decision.
	NotCompleted = "not_completed"
)

// told is one session told again.
type told struct {
	item kyc.BacktestItem
	// rerouted says that the same end was reached by another way.
	rerouted bool
	// Of the session, for the segments.
	segments map[string]string
}

// tell tells one session again. An error is about reading only and may pass;
// what can never be read is an answer.
func (t *Teller) tell(ctx context.Context, tenant kyc.Tenant, id kyc.ID, p Plan) (told, error) {
	one, err := t.look(ctx, tenant, id, p)
	if kyc.IsCode(err, "sealed_broken") { // nor will it open the next time
		return told{item: kyc.BacktestItem{SessionID: id, Reason: Broken}}, nil
	}
	return one, err
}

func (t *Teller) look(ctx context.Context, tenant kyc.Tenant, id kyc.ID, p Plan) (told, error) {
	unreadable := func(reason string) (told, error) {
		return told{item: kyc.BacktestItem{SessionID: id, Reason: reason}}, nil
	}
	s, err := t.Store.Session(ctx, tenant, id)
	switch {
	case kyc.KindOf(err) == kyc.NotFound && err != nil:
		return unreadable(Removed)
	case err != nil:
		return told{}, err
	case s.Keeping() == kyc.KeptWithheld:
		return unreadable(Withheld)
	case !s.Readable():
		return unreadable(Erased)
	case s.RunID == "":
		return unreadable(NotCompleted)
	}
	rec, reason, err := t.recording(ctx, tenant, s.RunID)
	if err != nil {
		return told{}, err
	}
	if reason != "" {
		return unreadable(reason)
	}
	out := told{item: kyc.BacktestItem{SessionID: id, Old: rec.State.Outcome}, segments: segmentsOf(&s, rec)}
	if out.item.Reviewer, err = t.reviewer(ctx, &s, rec.Run.Outcome); err != nil {
		return told{}, err
	}
	before := engine.Retold{Status: rec.State.Status, Outcome: rec.State.Outcome, Path: rec.Path(), Edges: rec.State.Edges}
	if p.Control != nil {
		if before, err = rec.Retell(p.Control, p.ControlVersion, t.Evidence); err != nil {
			return unreadable(Broken) //nolint:nilerr // a record that a graph cannot be walked with is broken
		}
		out.item.Old = outcomeOf(before)
	}
	after, err := rec.Retell(p.Graph, p.Version, t.Evidence)
	if err != nil {
		return unreadable(Broken) //nolint:nilerr // as above
	}
	out.item.New = outcomeOf(after)
	parting := engine.Parting(before.Edges, after.Edges)
	out.item.OldPath, out.item.Path, out.item.Node = before.Path, after.Path, parting
	if u := after.Unknown; u != nil {
		out.item.Reason, out.item.Node, out.item.Policy = u.Reason, u.Node, u.Policy
	}
	out.rerouted = out.item.Old == out.item.New && after.Unknown == nil && parting != ""
	return out, nil
}

// recording reads the record of a run, or says why there is none.
func (t *Teller) recording(ctx context.Context, tenant kyc.Tenant, id kyc.ID) (*engine.Recording, string, error) {
	run, err := t.Store.Run(ctx, tenant, id)
	switch {
	case err != nil && kyc.KindOf(err) == kyc.NotFound:
		return nil, Removed, nil
	case err != nil:
		return nil, "", err
	case run.Status != kyc.RunCompleted:
		return nil, NotCompleted, nil
	}
	g, err := t.Graphs.Graph(ctx, tenant, run.Definition)
	switch {
	case err != nil && kyc.KindOf(err) == kyc.NotFound:
		return nil, Removed, nil
	case kyc.IsCode(err, "bad_record"):
		return nil, Broken, nil
	case err != nil:
		return nil, "", err
	}
	inputs, err := t.Store.Inputs(ctx, tenant, id)
	switch {
	case kyc.IsCode(err, "erased"):
		return nil, Erased, nil
	case err != nil:
		return nil, "", err
	case len(inputs) == 0:
		return nil, Removed, nil
	}
	rec, err := engine.RecordingOf(run, g, inputs)
	if err != nil {
		return nil, Broken, nil //nolint:nilerr // whatever it is, the record does not lead where it led
	}
	return rec, "", nil
}

// outcomeOf is the outcome of a walk in the words of a backtest.
func outcomeOf(r engine.Retold) kyc.Outcome {
	switch {
	case r.Unknown != nil:
		return kyc.NotKnown
	case r.Status != kyc.RunCompleted:
		return kyc.NoOutcome
	}
	return r.Outcome
}

// reviewer is the final word of a person on a session, or "". A session that
// stands otherwise than its run ended was moved by a person: the engine alone
// moves sessions by runs. One that stands as it ended was, where its case says so.
func (t *Teller) reviewer(ctx context.Context, s *kyc.Session, machine kyc.Outcome) (kyc.Outcome, error) {
	var stands kyc.Outcome
	switch s.Status {
	case kyc.SessionApproved:
		stands = kyc.Approved
	case kyc.SessionRejected:
		stands = kyc.Rejected
	default:
		return "", nil // nobody has decided yet, or no longer
	}
	if stands != machine {
		return stands, nil
	}
	if s.CaseID == "" {
		return "", nil
	}
	c, err := t.Store.Case(ctx, s.Tenant, s.CaseID)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return "", nil
		}
		return "", err
	}
	if c.Status.Decided() && c.Decision != nil && c.Decision.Outcome == stands && c.Decision.By.Kind != kyc.ActorSystem {
		return stands, nil
	}
	return "", nil
}

// Properties by which sessions are counted apart.
const (
	ByCountry  = "country"
	ByDocument = "document_type"
	ByArm      = "arm"
	ByVersion  = "version"
)

// unknownValue stands for a session without the property.
const unknownValue = "unknown"

var (
	countryWord  = regexp.MustCompile(`^[A-Z]{2,3}$`)
	documentWord = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
)

// segmentsOf says to which segments a session belongs. Only words of a known
// form are taken, so that nothing an applicant wrote becomes a segment.
func segmentsOf(s *kyc.Session, rec *engine.Recording) map[string]string {
	read := func(name string) string {
		text, _ := rec.Extracted()[name].(string)
		return text
	}
	country := s.Country
	if country == "" {
		country = read("issuing_country")
	}
	document := read("document_type")
	if document == "" {
		for _, u := range rec.Begin().Uploads {
			if u.DocumentType != "" && !u.Superseded {
				document = u.DocumentType
				break
			}
		}
	}
	arm := rec.Run.Arm
	return map[string]string{ByCountry: worded(country, countryWord), ByDocument: worded(document, documentWord),
		ByArm: worded(arm, documentWord), ByVersion: version(rec.Run.Version)}
}

func worded(text string, form *regexp.Regexp) string {
	switch {
	case text == "":
		return unknownValue
	case !form.MatchString(text):
		return "other"
	}
	return text
}
