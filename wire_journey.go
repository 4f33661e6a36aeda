package main

import (
	"context"
	"encoding/json"
	"net"
	"time"

	"bonafide/api/checks"
	"bonafide/api/entities"
	"bonafide/api/graph"
	"bonafide/api/steps"
	"bonafide/check"
	"bonafide/engine"
	"bonafide/journey"
	"bonafide/kyc"
	"bonafide/monitor"
	"bonafide/screen"
	"bonafide/session"
)

// mxTime is how long a question to the domain name system may take while an
// applicant waits for the answer.
const mxTime = 2 * time.Second

// newJourneys makes the machine of ordered steps. The rooms it needs are
// siblings that do not know each other; their words meet here.
func (a *app) newJourneys(w wiring, catalog map[string]kyc.CheckSpec) *journey.Machine {
	d := journey.Deps{Store: a.db, Clock: a.clock, News: tellAll, Catalog: catalog, Log: w.log,
		Begin: a.beginPinned, Wait: a.waits.wait, Trace: a.journeyTrace, Examine: a.examine, InputHash: a.menu.Hash, Reviewed: a.reviewed,
		Enrol:    monitor.EnrolJob,
		OpenCase: a.reviews.Open, CloseCase: a.reviews.Close,
		Redact: a.redactSession, Sniff: sniff, Liveness: a.planLiveness, Selfie: a.lookAtSelfie, DropBlobs: session.DropBlobsJob,
	}
	if !w.dev && !w.demo && !w.noMX {
		d.MX = hasMX
	}
	if box := a.outbox(w); box != nil {
		d.Invite = box.invite
	}
	return journey.New(d)
}

// outbox takes messages to applicants under serve --dev; otherwise there is
// none.
func (a *app) outbox(w wiring) *outbox {
	if !w.dev {
		return nil
	}
	return &outbox{dir: w.globals.Data + "/outbox", now: a.clock.Now, base: func() string {
		if w.publicURL != "" {
			return w.publicURL
		}
		return a.url
	}}
}

// hasMX reports whether a mail domain takes mail: it has a mail exchanger, or,
// as RFC 5321 section 5.1 allows, an address of its own. A null MX (RFC 7505)
// says that it takes none.
func hasMX(ctx context.Context, domain string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, mxTime)
	defer cancel()
	var r net.Resolver
	found, err := r.LookupMX(ctx, domain)
	if err == nil && len(found) > 0 {
		return found[0].Host != ".", nil
	}
	if missing(err) {
		addresses, err := r.LookupHost(ctx, domain)
		if missing(err) {
			return false, nil
		}
		return len(addresses) > 0, err
	}
	return false, err
}

func missing(err error) bool {
	dns, ok := err.(*net.DNSError) //nolint:errorlint // the resolver returns it unwrapped
	return ok && dns.IsNotFound
}

// tellAll lets each surface tell its own customers. What belongs to no surface
// (a case, a person) is told in the words of the graph surface.
func tellAll(o kyc.Object, what string, extra map[string]any) (string, json.RawMessage) {
	switch o := o.(type) {
	case *kyc.Watched:
		return steps.WatchNews(o, what, extra)
	case *kyc.Execution:
		return entities.News(o, what, extra)
	case *kyc.Session:
		switch o.Surface {
		case kyc.SurfaceSteps:
			return steps.News(o, what, extra)
		case kyc.SurfaceChecks:
			return checks.News(o, what, extra)
		case kyc.SurfaceEntities: // its execution is told of
			return "", nil
		}
	}
	return graph.News(o, what, extra)
}

// journeyTrace is what the checks of a run said, in the journey room's words.
func (a *app) journeyTrace(ctx context.Context, t kyc.Tenant, run kyc.ID) (journey.Trace, error) {
	v, err := a.engine.RunView(ctx, t, run)
	if err != nil {
		return journey.Trace{}, err
	}
	out := journey.Trace{Run: v.Run, Checks: v.Checks, Extracted: v.Extracted, Engine: version}
	for _, r := range v.Attempts {
		one := journey.Attempt{Node: r.Node, Policy: r.Policy, Attempt: r.Attempt, Status: r.Status, At: r.At}
		if r.Answer != nil {
			one.Answer = *r.Answer
		}
		out.Attempts = append(out.Attempts, one)
	}
	return out, nil
}

// newMonitor makes the machine of screening, monitoring and customers.
func (a *app) newMonitor(w wiring) *monitor.Machine {
	return monitor.New(monitor.Deps{Store: a.db, Clock: a.clock, News: tellAll, Examine: a.menu.Run, Lists: listVersions(a.lists), Log: w.log,
		Update: a.listUpdate, Crowd: watchCrowd{screen.NewAudience(), a}, Build: version,
		Parties: func(ctx context.Context, t kyc.Tenant, id kyc.ID) ([]monitor.Party, error) {
			known, err := a.journeys.WatchedParties(ctx, t, id)
			out := make([]monitor.Party, len(known))
			for i, k := range known {
				out[i] = monitor.Party{Name: k.Name, Role: k.Role, Identifier: k.Document, BirthDate: k.BirthDate, Nationality: k.Nationality}
			}
			return out, err
		}})
}

// kin tells the check related_parties how the subsessions of a session stand.
// The checks are made before the journeys, so it looks them up when asked.
type kin struct{ a *app }

// Related asks the journey room.
func (k kin) Related(ctx context.Context, t kyc.Tenant, id kyc.ID) ([]check.RelatedParty, error) {
	list, err := k.a.journeys.RelatedParties(ctx, t, id)
	out := make([]check.RelatedParty, len(list))
	for i, p := range list {
		out[i] = check.RelatedParty{SessionID: p.SessionID, StepID: p.StepID, Role: p.Role, Status: p.Status, Final: p.Final, Hits: p.Hits, MediaHits: p.Media}
	}
	return out, err
}

// recall finds the exam that answered a question before.
func (a *app) recall(ctx context.Context, r kyc.CheckRequest, hash string) (kyc.Answer, kyc.ID, bool) {
	exam, err := a.db.ExamByInput(ctx, r.Tenant, r.SessionID, r.Policy, hash)
	if err != nil {
		return kyc.Answer{}, "", false // not there, or not to be read now: the check is asked
	}
	return exam.Answer, exam.ID, true
}

// finishedSteps gives the end of a run to the journey room.
func (a *app) finishedSteps(ctx context.Context, run kyc.Run, s *kyc.Session, f engine.Finished, filing kyc.Filing, extracted map[string]any) (kyc.Change, error) {
	return a.journeys.Finished(ctx, &run, s, f.At, journey.End{Status: f.Status, Filing: filing, Checks: f.State.Checks, Extracted: extracted})
}
