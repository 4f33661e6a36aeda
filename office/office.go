package office

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/access"
	"bonafide/audit"
	"bonafide/console"
	"bonafide/engine"
	"bonafide/identity"
	"bonafide/inquiry"
	"bonafide/insight"
	"bonafide/kyc"
	"bonafide/monitor"
	"bonafide/screen"
	"bonafide/session"
	"bonafide/ui"
	"bonafide/webhook"
)

//go:embed *.html
var templates embed.FS

// Store is what the pages read for which no machine has rules.
type Store interface {
	Commit(ctx context.Context, c *kyc.Change) error
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	Session(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Session, error)
	Sessions(ctx context.Context, t kyc.Tenant, f kyc.SessionFilter, p kyc.Page) ([]kyc.Session, int, error)
	Journey(ctx context.Context, t kyc.Tenant, session kyc.ID) (kyc.Journey, error)
	Uploads(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]kyc.Upload, error)
	Workflow(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Workflow, error)
	Workflows(ctx context.Context, t kyc.Tenant, f kyc.WorkflowFilter, p kyc.Page) ([]kyc.Workflow, int, error)
	SubjectByRef(ctx context.Context, t kyc.Tenant, ref string) (kyc.Subject, error)
	Alike(ctx context.Context, t kyc.Tenant, subject kyc.ID) ([]kyc.Trait, error)
	Events(ctx context.Context, t kyc.Tenant, f kyc.EventFilter, p kyc.Page) ([]kyc.Event, int, error)
	EventByID(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Event, error)
	Delivery(ctx context.Context, t kyc.Tenant, id kyc.ID) (kyc.Delivery, error)
	VerifyAudit(ctx context.Context, org kyc.ID) (audit.Report, error)
	AuditDays(ctx context.Context, org kyc.ID, f kyc.DayFilter, limit int) ([]audit.Day, error)
	AuditProof(ctx context.Context, t kyc.Tenant, event kyc.ID) (audit.Proof, error)
}

// Deps are the machines behind the pages. All are obligatory.
type Deps struct {
	Store      Store
	Clock      kyc.Clock
	Sessions   *session.Sessions
	Lists      *session.Lists
	Identities *identity.Machine
	Monitor    *monitor.Machine
	Inquiries  *inquiry.Machine
	Webhooks   *webhook.Desk
	Office     *access.Office
	Screen     *screen.Screener
	Insight    *insight.Machine
	// RunView folds a run's record (engine.Engine).
	RunView func(ctx context.Context, t kyc.Tenant, run kyc.ID) (engine.View, error)
	// Renew gives a session of any surface a new applicant's link, as a path;
	// Expire ends one. Each asks the machine of the session's surface.
	Renew  func(ctx context.Context, s kyc.Session, by kyc.Actor) (path string, err error)
	Expire func(ctx context.Context, s kyc.Session, by kyc.Actor) error
	// Invite makes a session for an applicant by the machine of the workflow's
	// surface, and gives its link. Errors are that machine's.
	Invite func(ctx context.Context, t kyc.Tenant, by kyc.Actor, n Invitation) (Invited, error)
	// Sends says that this installation sends messages to applicants.
	Sends bool
	// Languages are those of the applicants' pages.
	Languages []*ui.Language
	// PublicURL is the base of applicants' links; empty: from the request.
	PublicURL string
	// API answers a request to the public API for a person: settings are
	// changed there.
	API func(access.Principal, http.ResponseWriter, *http.Request)
	// Events are the names of messages that endpoints may ask for.
	Events []string
	// Flush brings what is counted for the audit chain into it.
	Flush func(ctx context.Context) error
}

type office struct{ Deps }

// Section is this room's part of the console.
func Section(d Deps) console.Section {
	o := &office{d}
	return console.Section{Name: "office", Files: templates, Links: links(), Routes: o.routes()}
}

func links() []console.Link {
	return []console.Link{
		{Href: "/console/sessions", Text: "Sessions", Scope: "sessions:read"},
		{Href: "/console/subjects", Text: "People", Scope: "sessions:read"},
		{Href: "/console/monitoring", Text: "Monitoring", Scope: "watchlist:list"},
		{Href: "/console/screening", Text: "Screening", Scope: "watchlist:run"},
		{Href: "/console/lists", Text: "Lists", Scope: "lists:read"},
		{Href: "/console/analytics", Text: "Analytics", Scope: "sessions:read"},
		{Href: "/console/webhooks", Text: "Webhooks", Scope: "webhooks:read"},
		{Href: "/console/api-keys", Text: "API keys", Scope: "keys:read"},
		{Href: "/console/team", Text: "Team", Scope: "users:read"},
		{Href: "/console/audit", Text: "Audit", Scope: "audit:read"},
		{Href: "/console/settings", Text: "Settings", Scope: "settings:read"},
	}
}

// routes is the table of everything the room does and the scope each needs.
func (o *office) routes() []console.Route {
	const c = "/console/"
	return []console.Route{
		{Pattern: "GET " + c + "sessions", Scope: "sessions:read", Do: o.sessions},
		{Pattern: "POST " + c + "sessions/find", Scope: "sessions:read", Do: o.findSession},
		{Pattern: "GET " + c + "sessions/new", Scope: "sessions:write", Do: o.invitePage},
		{Pattern: "POST " + c + "sessions/new", Scope: "sessions:write", Do: o.invite},
		{Pattern: "GET " + c + "sessions/{id}", Scope: "sessions:read", Do: o.session},
		{Pattern: "GET " + c + "sessions/{id}/files/{file}", Scope: "sessions:read", Do: o.sessionFile},
		{Pattern: "POST " + c + "sessions/{id}/link", Scope: "sessions:write", Do: o.renewLink},
		{Pattern: "POST " + c + "sessions/{id}/restore", Scope: "settings:write", Do: o.restoreSession},
		{Pattern: "POST " + c + "sessions/{id}/expire", Scope: "sessions:write", Do: o.expireSession},

		{Pattern: "GET " + c + "subjects", Scope: "sessions:read", Do: o.subjects},
		{Pattern: "POST " + c + "subjects/find", Scope: "sessions:read", Do: o.findSubject},
		{Pattern: "GET " + c + "subjects/{id}", Scope: "sessions:read", Do: o.subject},
		{Pattern: "GET " + c + "subjects/{id}/erase", Scope: "data:redact", Do: o.erasePage},
		{Pattern: "POST " + c + "subjects/{id}/erase", Scope: "data:redact", Do: o.erase},

		{Pattern: "GET " + c + "lists", Scope: "lists:read", Do: o.lists},
		{Pattern: "POST " + c + "lists", Scope: "lists:write", Do: o.newList},
		{Pattern: "GET " + c + "lists/{id}", Scope: "lists:read", Do: o.list},
		{Pattern: "POST " + c + "lists/{id}/items", Scope: "lists:write", Do: o.addItem},
		{Pattern: "POST " + c + "lists/{id}/import", Scope: "lists:write", Do: o.importItems},
		{Pattern: "POST " + c + "lists/{id}/items/{item}/remove", Scope: "lists:write", Do: o.removeItem},
		{Pattern: "POST " + c + "lists/{id}/archive", Scope: "lists:write", Do: o.archiveList},
		{Pattern: "GET " + c + "screening", Scope: "watchlist:run", Do: o.screening},
		{Pattern: "POST " + c + "screening", Scope: "watchlist:run", Do: o.screen},

		{Pattern: "GET " + c + "monitoring", Scope: "watchlist:list", Do: o.monitoring},
		{Pattern: "GET " + c + "monitoring/{id}", Scope: "watchlist:read", Do: o.watch},
		{Pattern: "POST " + c + "monitoring/{id}/run", Scope: "watchlist:run", Do: o.runWatch},
		{Pattern: "POST " + c + "monitoring/{id}/parties/{party}/judge", Scope: "watchlist:update", Do: o.judgeMatch},

		{Pattern: "GET " + c + "webhooks", Scope: "webhooks:read", Do: o.webhooks},
		{Pattern: "POST " + c + "webhooks", Scope: "webhooks:write", Do: o.newEndpoint},
		{Pattern: "GET " + c + "webhooks/{id}", Scope: "webhooks:read", Do: o.endpoint},
		{Pattern: "POST " + c + "webhooks/{id}/rotate", Scope: "webhooks:write", Do: o.rotateSecret},
		{Pattern: "POST " + c + "webhooks/{id}/scheme", Scope: "webhooks:write", Do: o.chooseScheme},
		{Pattern: "POST " + c + "webhooks/{id}/keys", Scope: "webhooks:write", Do: o.rotateKeys},
		{Pattern: "POST " + c + "webhooks/{id}/switch", Scope: "webhooks:write", Do: o.switchEndpoint},
		{Pattern: "POST " + c + "webhooks/{id}/remove", Scope: "webhooks:write", Do: o.removeEndpoint},
		{Pattern: "POST " + c + "webhooks/{id}/test", Scope: "webhooks:write", Do: o.testEndpoint},
		{Pattern: "POST " + c + "webhooks/{id}/replay", Scope: "webhooks:write", Do: o.replay},
		{Pattern: "GET " + c + "webhooks/{id}/deliveries/{delivery}", Scope: "webhooks:read", Do: o.delivery},
		{Pattern: "POST " + c + "webhooks/{id}/deliveries/{delivery}/resend", Scope: "webhooks:write", Do: o.resend},

		{Pattern: "GET " + c + "api-keys", Scope: "keys:read", Do: o.keys},
		{Pattern: "POST " + c + "api-keys", Scope: "keys:write", Do: o.newKey},
		{Pattern: "POST " + c + "api-keys/{id}/revoke", Scope: "keys:write", Do: o.revokeKey},

		{Pattern: "GET " + c + "team", Scope: "users:read", Do: o.team},
		{Pattern: "POST " + c + "team", Scope: "users:write", Do: o.addPerson},
		{Pattern: "POST " + c + "team/{id}/role", Scope: "users:write", Do: o.changeRole},
		{Pattern: "POST " + c + "team/{id}/skills", Scope: "users:write", Do: o.setSkills},
		{Pattern: "POST " + c + "team/{id}/password", Scope: "users:write", Do: o.resetPassword},
		{Pattern: "POST " + c + "team/{id}/factor", Scope: "users:write", Do: o.resetFactor},
		{Pattern: "POST " + c + "team/{id}/unbind", Scope: "users:write", Do: o.unbind},
		{Pattern: "POST " + c + "team/{id}/disable", Scope: "users:write", Do: o.disablePerson},
		{Pattern: "POST " + c + "team/{id}/enable", Scope: "users:write", Do: o.enablePerson},

		{Pattern: "GET " + c + "audit", Scope: "audit:read", Do: o.audit},
		{Pattern: "POST " + c + "audit/verify", Scope: "audit:read", Do: o.verifyAudit},
		{Pattern: "GET " + c + "audit/export", Scope: "audit:read", Do: o.exportAudit},
		{Pattern: "GET " + c + "audit/roots", Scope: "audit:read", Do: o.exportRoots},
		{Pattern: "GET " + c + "audit/proof/{id}", Scope: "audit:read", Do: o.exportProof},

		{Pattern: "GET " + c + "analytics", Scope: "sessions:read", Do: o.analytics},
		{Pattern: "GET " + c + "analytics/{table}", Scope: "sessions:read", Do: o.analyticsCSV},

		{Pattern: "GET " + c + "settings", Scope: "settings:read", Do: o.settings},
		{Pattern: "POST " + c + "settings/reasons", Scope: "reasons:write", Do: o.saveReasons},
		{Pattern: "POST " + c + "settings/retention/clock", Scope: "settings:write", Do: o.confirmClock},
		{Pattern: "POST " + c + "settings/{part}", Scope: "settings:write", Do: o.saveSettings},
	}
}

// perPage is how many rows a page shows.
const perPage = 50

// window reads where a list goes on. One row more is read than shown, to know
// whether an older page follows; nothing is counted, which costs the same on
// every page.
func window(v *console.Visit) (kyc.Page, error) {
	p := kyc.Page{Limit: perPage + 1, Uncounted: true}
	if after := v.R.URL.Query().Get("after"); after != "" {
		id, ok := kyc.ParseID(after)
		if !ok {
			return p, kyc.Missing("page", "of this address")
		}
		p.After = id
	}
	return p, nil
}

// older cuts a list to a page and makes the address of the next one under path.
func older[T any](v *console.Visit, path string, list []T, id func(T) kyc.ID) ([]T, string) {
	if len(list) <= perPage {
		return list, ""
	}
	list = list[:perPage]
	q := v.R.URL.Query()
	q.Set("after", string(id(list[perPage-1])))
	return list, path + "?" + q.Encode()
}

// more is what lists have in common.
type more struct {
	Older string // address of the next page; empty on the last
	First string // address of the first page; empty on it
}

func firstPage(v *console.Visit, path string) string {
	q := v.R.URL.Query()
	if q.Get("after") == "" {
		return ""
	}
	q.Del("after")
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// choice is one option of a menu.
type choice struct {
	Value, Label string
	On           bool
}

func choices(chosen string, pairs ...string) []choice {
	var out []choice
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, choice{pairs[i], pairs[i+1], pairs[i] == chosen})
	}
	return out
}

// clock is a time for people; a zero time is empty.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 Jan 2006, 15:04 UTC")
}

// second is a time to the second, for entries of logs.
func second(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04:05 UTC") }

// lasted is a duration for people.
func lasted(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// words turns a name of the program into words: needs_review, needs review.
func words(code string) string { return strings.ReplaceAll(code, "_", " ") }

// title turns a name of the program into the head of a row: document_set,
// Document set.
func title(code string) string {
	text := words(code)
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// colour is the class of a tag for a word of the program.
func colour(word string) string {
	switch word {
	case "approved", "passed", "pass", "ok", "delivered", "enabled", "active", "completed", "clear", "true":
		return "good"
	case "rejected", "failed", "fail", "error", "dead", "hits", "disabled", "revoked":
		return "bad"
	case "review", "correction", "paused", "stale", "pending", "unavailable", "needs_review", "expired", "not_configured", "concern", "incomplete", "needs_correction":
		return "warn"
	}
	return "soft"
}

// tag is a word with its colour.
type tag struct{ Text, Colour string }

func tagOf(word string) tag { return tag{words(word), colour(word)} }

// note writes an audit entry of a look at personal data that no machine writes.
func (o *office) note(v *console.Visit, action, object string, id, subject kyc.ID) error {
	now := o.Clock.Now()
	return o.Store.Commit(v.Ctx(), &kyc.Change{Events: []kyc.Event{{ID: kyc.NewID(now), Tenant: v.Tenant(), At: now, Actor: v.Who.Actor, Action: action, Object: object,
		ObjectID: id, SubjectID: subject, RequestID: kyc.RequestFrom(v.Ctx()).ID}}})
}

// refused keeps the problems of an error that the person can mend, for the
// form; every other error is given back.
func refused(err error) ([]kyc.Problem, error) {
	if err == nil {
		return nil, nil
	}
	e := kyc.AsError(err)
	switch e.Kind {
	case kyc.Invalid, kyc.Malformed, kyc.Conflict, kyc.Gone:
		if len(e.Problems) > 0 {
			return e.Problems, nil
		}
		return []kyc.Problem{{Code: e.Code, Message: e.Message}}, nil
	}
	return nil, err
}

// named says at which field of the form something is wrong, in place of a JSON
// Pointer: by the label of the longest pointer that fits, nothing for an empty
// label. What has no label keeps its pointer.
func named(problems []kyc.Problem, labels map[string]string) []kyc.Problem {
	out := slices.Clone(problems)
	for i := range out {
		p := &out[i]
		for at := p.Path; at != ""; at = at[:strings.LastIndexByte(at, '/')] {
			label, known := labels[at]
			if !known {
				continue
			}
			if label != "" {
				if n, err := strconv.Atoi(strings.TrimPrefix(p.Path, at+"/")); err == nil {
					label += ", line " + strconv.Itoa(n+1)
				}
				p.Message = label + ": " + p.Message
			}
			p.Path = ""
			break
		}
	}
	return out
}

// file answers with a download.
func file(v *console.Visit, name, contentType string, body []byte) error {
	h := v.W.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	_, err := v.W.Write(body)
	return err
}

func query(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
