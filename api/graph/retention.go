package graph

import (
	"context"
	"net/http"
	"time"

	"bonafide/api"
	"bonafide/kyc"
	"bonafide/session"
)

// retentionSettings are the days that data is kept, by the outcome of its
// session.
type retentionSettings struct {
	DataDays      int            `json:"data_retention_days" required:"false" doc:"Days after its end until everything personal of a session is destroyed; 0 keeps it until somebody erases it. At most 36500." default:"0"`
	SensitiveDays int            `json:"sensitive_data_retention_days" required:"false" doc:"Days until nothing personal of it can be read any more, by nobody: documents, pictures, what was read and written, what checks and reviewers said. At most data_retention_days where that is set; 0 leaves it readable until then." default:"0"`
	Auto          bool           `json:"auto_redact_on_retention_expiry" required:"false" doc:"Destroy what is due. Without it such sessions are only counted and listed (GET /retention), and somebody has to erase them." default:"false"`
	Approved      *retentionRule `json:"approved,omitempty" doc:"Other days for sessions that were approved."`
	Rejected      *retentionRule `json:"rejected,omitempty" doc:"Other days for sessions that were rejected."`
	Abandoned     *retentionRule `json:"abandoned,omitempty" doc:"Other days for sessions that ended without a decision: expired, cancelled, failed."`
}

type retentionRule struct {
	DataDays      int `json:"data_retention_days" required:"false" doc:"As above; 0 keeps these until somebody erases them. At most 36500."`
	SensitiveDays int `json:"sensitive_data_retention_days" required:"false" doc:"As above." default:"0"`
}

func (r retentionSettings) rules() kyc.Retention {
	own := func(r *retentionRule) *kyc.RetentionRule {
		if r == nil {
			return nil
		}
		return &kyc.RetentionRule{Days: r.DataDays, SensitiveDays: r.SensitiveDays}
	}
	return kyc.Retention{Days: r.DataDays, SensitiveDays: r.SensitiveDays, Auto: r.Auto, Approved: own(r.Approved), Rejected: own(r.Rejected), Abandoned: own(r.Abandoned)}
}

func showRetention(r kyc.Retention) retentionSettings {
	own := func(r *kyc.RetentionRule) *retentionRule {
		if r == nil {
			return nil
		}
		return &retentionRule{DataDays: r.Days, SensitiveDays: r.SensitiveDays}
	}
	return retentionSettings{DataDays: r.Days, SensitiveDays: r.SensitiveDays, Auto: r.Auto, Approved: own(r.Approved), Rejected: own(r.Rejected), Abandoned: own(r.Abandoned)}
}

// retentionCounts are the sessions of this environment whose time is over.
type retentionCounts struct {
	Withhold int `json:"to_withhold" doc:"Sessions that the next sweep makes unreadable." minimum:"0"`
	Destroy  int `json:"to_destroy" doc:"Sessions that the next sweep destroys." minimum:"0"`
	Waiting  int `json:"waiting" doc:"Sessions that are due and wait for somebody to erase them, because auto_redact_on_retention_expiry is off." minimum:"0"`
	Held     int `json:"held" doc:"Sessions that are due and under a legal hold." minimum:"0"`
}

type waitingSession struct {
	SessionID string `json:"session_id" doc:"The session."`
	Status    string `json:"status" doc:"Where it ended." enum:"completed,expired,failed"`
	Held      bool   `json:"legal_hold" doc:"Whether a legal hold keeps it."`
	Damaged   bool   `json:"damaged,omitempty" doc:"Whether what is stored of it cannot be opened; its status is failed then, whatever it was."`
	EndedAt   stamp  `json:"ended_at" doc:"When its time began."`
}

type retentionState struct {
	Rules    retentionSettings `json:"rules" doc:"The rules in force."`
	Counts   retentionCounts   `json:"counts" doc:"What they reach now."`
	Sweep    retentionSweep    `json:"sweep" doc:"How the sweeps stand."`
	Damaged  []damagedRow      `json:"damaged" doc:"What was due at the last sweep and cannot be opened: nobody knows what would be destroyed, so it stays as it lies there until it is restored from a backup. The counts have such sessions as well." nullable:"false"`
	Sessions []waitingSession  `json:"sessions" doc:"Sessions that are due and stay because of a legal hold or because nothing is destroyed by itself, the earliest end first, at most 100." nullable:"false"`
}

type retentionSweep struct {
	Clock   stamp `json:"clock" doc:"What the server's clock says."`
	LastAt  stamp `json:"last_at" doc:"What it said at the last sweep; null before the first, or without rules."`
	Waits   bool  `json:"waits" doc:"Whether sweeps wait because the clock is more than a day beyond the last sweep: it jumped, or the server was off. Nothing is withheld or destroyed meanwhile."`
	HeldAt  stamp `json:"held_at" doc:"What the clock said when that was found; null: sweeps go on."`
	Seconds int   `json:"goes_on_after_seconds" doc:"Running time until they go on by themselves; 0 while they go on." minimum:"0"`
}

type damagedRow struct {
	Kind  string `json:"kind" doc:"A session, or a person without sessions." enum:"session,person"`
	ID    string `json:"id" doc:"Its id."`
	Since stamp  `json:"since" doc:"When a sweep met it first."`
}

func showSweep(how session.RetentionSweep) (retentionSweep, []damagedRow) {
	damaged := []damagedRow{}
	for _, d := range how.Damaged {
		as := "session"
		if d.Kind == "person" {
			as = "identity"
		}
		damaged = append(damaged, damagedRow{Kind: d.Kind, ID: kyc.Dress(as, d.ID), Since: at(d.Since)})
	}
	return retentionSweep{Clock: at(how.Clock), LastAt: at(how.LastAt), Waits: !how.HeldAt.IsZero(), HeldAt: at(how.HeldAt), Seconds: int(how.Left.Seconds())}, damaged
}

type clockBody struct {
	Clock time.Time `json:"clock" doc:"What time it is, by a clock that you trust."`
}

// sessionRetention says how long a session's data is to be had.
type sessionRetention struct {
	ReadableUntil stamp `json:"readable_until" doc:"When nothing personal of it can be read any more; null: not by itself, or not yet, because the session has not ended."`
	KeptUntil     stamp `json:"kept_until" doc:"When everything personal is destroyed; null as above."`
	WithheldAt    stamp `json:"withheld_at" doc:"When it became unreadable; null before."`
	DestroyedAt   stamp `json:"destroyed_at" doc:"When it was destroyed, by the rules or by somebody; null before."`
}

// sessionDetail is a session with the time its data is kept.
type sessionDetail struct {
	SessionView
	Retention sessionRetention `json:"retention" doc:"How long its personal data is to be had, by the rules in force. A legal hold stops both times."`
}

func (s *surface) retentionRoutes() {
	p := s.Porch
	api.Handle(p, said(op("get-retention", http.MethodGet, "/retention", "Settings", "Read what is kept longer than the rules say", "settings:read"),
		"The sessions of this environment whose time is over: those the next sweep takes (it runs every minute), those that wait and those that are held."),
		func(ctx context.Context, who api.Principal, _ *struct{}) (*answer[retentionState], error) {
			org, err := s.Store.Org(ctx, who.Tenant.Org)
			if err != nil {
				return nil, err
			}
			rules := org.EnvSettings(who.Tenant.Env).Retention
			kept, err := s.Sessions.RetentionDue(ctx, who.Tenant, rules)
			if err != nil {
				return nil, err
			}
			waits, err := s.Sessions.RetentionWaits(ctx, who.Tenant, 100)
			if err != nil {
				return nil, err
			}
			how, err := s.Sessions.RetentionSweep(ctx, who.Tenant)
			if err != nil {
				return nil, err
			}
			out := retentionState{Rules: showRetention(rules), Counts: retentionCounts(kept), Sessions: []waitingSession{}}
			out.Sweep, out.Damaged = showSweep(how)
			for i := range waits {
				v := &waits[i]
				out.Sessions = append(out.Sessions, waitingSession{SessionID: kyc.Dress("session", v.ID), Status: sessionStatus(v.Status), Held: v.LegalHold, Damaged: v.Damaged, EndedAt: at(v.EndedAt())})
			}
			return &answer[retentionState]{Body: out}, nil
		})
	preview := said(op("preview-retention", http.MethodPost, "/retention/preview", "Settings", "Count what rules of retention would reach", "settings:read"),
		"Nothing is changed. Ask before PUT /settings: what rules reach that come into force is withheld or destroyed within a minute.")
	preview.Status = http.StatusOK
	api.Handle(p, preview, func(ctx context.Context, who api.Principal, in *struct{ Body retentionSettings }) (*answer[retentionCounts], error) {
		rules := in.Body.rules()
		if problems := rules.Problems(""); len(problems) > 0 {
			return nil, kyc.InvalidInput("invalid_settings", "the rules cannot be taken", problems)
		}
		kept, err := s.Sessions.RetentionDue(ctx, who.Tenant, rules)
		if err != nil {
			return nil, err
		}
		return &answer[retentionCounts]{Body: retentionCounts(kept)}, nil
	})
	confirm := fails(said(op("confirm-retention-clock", http.MethodPost, "/retention/confirm", "Settings", "Confirm the clock for sweeps that wait", "settings:write"),
		"For sweeps that wait because the clock is far beyond the last one (sweep.waits of GET /retention): say what time it is, and the next sweep goes on when the server's clock agrees within an hour. Codes: not_held, clock_differs (409)."), http.StatusConflict)
	confirm.Status = http.StatusOK
	api.Handle(p, confirm, func(ctx context.Context, who api.Principal, in *struct{ Body clockBody }) (*answer[retentionSweep], error) {
		if err := s.Sessions.ConfirmClock(ctx, who.Tenant, who.Actor, in.Body.Clock); err != nil {
			return nil, err
		}
		how, err := s.Sessions.RetentionSweep(kyc.WithoutUnit(ctx), who.Tenant)
		out, _ := showSweep(how)
		return &answer[retentionSweep]{Body: out}, err
	})
	restore := fails(said(op("restore-session", http.MethodPost, "/sessions/{id}/restore", "Erasure", "Make a withheld session readable again", "settings:write"),
		"For a session of any surface that the first pass of retention withholds (retention.withheld_at) and whose time to be destroyed has not come. A legal hold is set with it, because the next sweep would withhold it again; take it off with PATCH when the rules are right. The applicant's link stays ended. Codes: not_withheld, retention_over, redacted (409)."), http.StatusConflict)
	restore.Status = http.StatusOK
	api.Handle(p, restore, func(ctx context.Context, who api.Principal, in *struct {
		SessionPath
		api.IfMatch
		Body restoring
	}) (*tagged[sessionDetail], error) {
		sid, err := id("session", in.ID)
		if err != nil {
			return nil, err
		}
		got, err := s.Sessions.Restore(ctx, who.Tenant, who.Actor, sid, in.Rev(), in.Body.Reason)
		return s.detail(ctx, got, err)
	})
}

// restoring is why a session must be readable again.
type restoring struct {
	Reason string `json:"reason" doc:"Why, 1 to 500 characters. It stands in the audit chain for ever: name nobody." minLength:"1" maxLength:"500"`
}

// detail adds to a session how long its data is kept.
func (s *surface) detail(ctx context.Context, got kyc.Session, err error) (*tagged[sessionDetail], error) {
	if err != nil {
		return nil, err
	}
	org, err := s.Store.Org(ctx, got.Tenant.Org)
	if err != nil {
		return nil, err
	}
	shown, err := showTagged(got, nil)
	if err != nil {
		return nil, err
	}
	keeps := sessionRetention{WithheldAt: at(got.WithheldAt), DestroyedAt: at(got.RedactedAt)}
	if got.Keeping() != kyc.KeptNot {
		rules := org.EnvSettings(got.Tenant.Env).Retention
		keeps.KeptUntil = at(rules.KeptUntil(&got))
		if got.Keeping() == kyc.KeptReadable {
			keeps.ReadableUntil = at(rules.ReadableUntil(&got))
		}
	}
	return &tagged[sessionDetail]{ETag: shown.ETag, Body: sessionDetail{SessionView: shown.Body, Retention: keeps}}, nil
}
