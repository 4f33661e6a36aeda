package capture

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/ui"
)

//go:embed *.html
var templates embed.FS

// Deps are what the pages need.
type Deps struct {
	Kit *ui.Kit
	// Desk finds who answers for a token: the surface its session belongs to.
	// NotFound and Gone errors show the page of a link that ended.
	Desk func(ctx context.Context, token string) (Desk, error)
	// Countries names countries in a language.
	Countries func(l *ui.Language) []ui.Choice
	Clock     kyc.Clock
	Log       *slog.Logger
	// Address is where a request comes from, as trusted proxies say; nil: the
	// peer. It stands in the record of a consent.
	Address func(ctx context.Context) string
	// Names are shown to testers on the first page of the sandbox.
	Names []MagicName
	// Closing ends the streams of events when the server stops; nil never does.
	Closing <-chan struct{}
	// Tick makes the beat on which streams look at their session; nil is once a
	// second.
	Tick func() (beats <-chan time.Time, stop func())
}

// MagicName is a family name that makes the sandbox answer in a certain way, and
// what it does in an English sentence.
type MagicName struct{ Name, Effect string }

// Limits of what a page takes.
const (
	maxUpload = 21 << 20 // one file of 20 MiB and the form around it
	maxForm   = 1 << 20
	// memory is how much of a multipart body stays out of temporary files: all of
	// it, because what applicants send lies on no disk unencrypted.
	memory = maxUpload
)

// languageCookie keeps the language an applicant chose.
const languageCookie = "bf_language"

type pages struct {
	Deps
	set *ui.Pages
	// streams and uploads bound what is under way at once.
	streams, uploads *limit
}

// Mount serves the applicant's pages under /capture/{token}/ and gives the page
// of /capture/{token} itself, which the room that knows all links hands on.
func Mount(d Deps, mount func(pattern string, h http.Handler)) (home http.Handler, err error) {
	files, err := fs.Sub(templates, ".")
	if err != nil {
		return nil, err
	}
	set, err := d.Kit.Pages(files)
	if err != nil {
		return nil, err
	}
	if d.Tick == nil {
		d.Tick = func() (<-chan time.Time, func()) {
			t := time.NewTicker(time.Second)
			return t.C, t.Stop
		}
	}
	p := &pages{Deps: d, set: set, streams: newLimit(streamsOfLink, streamsOfAll), uploads: newLimit(uploadsOfLink, uploadsOfAll)}
	const session, step = "/capture/{token}", "/capture/{token}/steps/{step}"
	for pattern, h := range map[string]func(*visit) error{
		"POST " + session + "/consent":        p.consent,
		"POST " + session + "/language":       p.language,
		"GET " + session + "/phone":           p.phone,
		"POST " + session + "/open":           p.unlock,
		"GET " + session + "/review":          p.review,
		"GET " + session + "/status":          p.status,
		"GET " + session + "/events":          bounded(p.streams, p.events),
		"GET " + step:                         p.step,
		"POST " + step:                        p.sends(p.finish),
		"POST " + step + "/skip":              p.skip,
		"POST " + step + "/shown":             p.shown,
		"GET " + step + "/files/{slot}":       p.slot,
		"POST " + step + "/files/{slot}":      bounded(p.uploads, p.file),
		"POST " + step + "/files/{slot}/kind": p.kind,
		"GET " + step + "/pictures/{file}":    p.picture,
		"POST " + step + "/people":            p.people,
		"POST " + step + "/liveness":          p.simulate,
		"POST " + step + "/liveness/open":     p.open,
		"POST " + step + "/liveness/frames":   bounded(p.uploads, p.frames),
		"POST " + step + "/liveness/judge":    p.judge,
	} {
		mount(pattern, ui.Guard(p.enter(h)))
	}
	mount("GET /capture/{token}/join/{code}", p.arrive(p.joining))
	mount("POST /capture/{token}/join/{code}", ui.Guard(p.arrive(p.join)))
	mount("GET /capture/{token}/{$}", p.enter(p.home))
	return p.enter(p.home), nil
}

// bounded lets so much of a page be under way at once as a limit allows.
func bounded(l *limit, h func(*visit) error) func(*visit) error {
	return func(v *visit) error {
		done, err := l.take(v.token)
		if err != nil {
			return err
		}
		defer done()
		return h(v)
	}
}

// sends is bounded for a form, which is an upload where it carries files.
func (p *pages) sends(h func(*visit) error) func(*visit) error {
	within := bounded(p.uploads, h)
	return func(v *visit) error {
		if strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/form-data") {
			return within(v)
		}
		return h(v)
	}
}

// visit is one request of an applicant.
type visit struct {
	w     http.ResponseWriter
	r     *http.Request
	ctx   context.Context // the request's
	token string
	desk  Desk
	story Story
	lang  *ui.Language
	wish  string // the language that was asked for; "" is the session's own
}

// enter finds the session of a request and shows what went wrong.
func (p *pages) enter(h func(*visit) error) http.Handler {
	return p.arrive(func(v *visit) (err error) {
		if c, err := v.r.Cookie(languageCookie); err == nil {
			v.wish = c.Value
		}
		if v.story, err = v.desk.Look(v.ctx, v.token, v.wish); err != nil {
			return err
		}
		if v.wish == "" {
			v.lang = p.Kit.Language(v.r, v.story.Language)
		}
		v.story.say(v.lang)
		return h(v)
	})
}

// arrive is enter for pages that show nothing of the session.
func (p *pages) arrive(h func(*visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, ctx: p.withProof(r), token: r.PathValue("token")}
		wish := ""
		if c, err := r.Cookie(languageCookie); err == nil {
			wish = c.Value
		}
		v.lang = p.Kit.Language(r, wish)
		var err error
		if v.desk, err = p.Desk(v.ctx, v.token); err == nil {
			err = h(v)
		}
		if err != nil {
			p.fail(v, err)
		}
	})
}

// fail shows an error as a page. What the applicant can mend is shown by the
// step's own page; here stands what they cannot.
func (p *pages) fail(v *visit, err error) {
	status, key := http.StatusInternalServerError, "broken"
	switch kyc.KindOf(err) {
	case kyc.NotFound:
		status, key = http.StatusNotFound, "unknown"
	case kyc.Gone:
		status, key = http.StatusGone, "expired"
	case kyc.Conflict:
		status, key = http.StatusConflict, "closed"
		if kyc.AsError(err).Code == "liveness_attempts_exhausted" {
			key = "attempts"
		}
	case kyc.Forbidden:
		status, key = http.StatusForbidden, "closed"
	case kyc.TooLarge:
		status, key = http.StatusRequestEntityTooLarge, "too_large"
	case kyc.RateLimited:
		status, key = http.StatusTooManyRequests, "busy"
		v.w.Header().Set("Retry-After", retryAfter)
	case kyc.Unavailable:
		status, key = http.StatusServiceUnavailable, "busy"
	case kyc.Invalid, kyc.Malformed, kyc.UnsupportedMedia:
		status, key = http.StatusUnprocessableEntity, "refused"
	default:
		p.Log.ErrorContext(v.ctx, "an applicant's page broke", "code", kyc.AsError(err).Code)
	}
	if v.wantsJSON() {
		v.answer(status, map[string]any{"code": kyc.AsError(err).Code, "problems": []string{p.sentence(v, err)}})
		return
	}
	f := v.frame()
	f.Closed = status == http.StatusNotFound || status == http.StatusGone
	p.show(v, status, "ended", "ended.title."+key, endedPage{f, key})
}

type endedPage struct {
	frame
	Key string
}

// show draws a page with the title of a key.
func (p *pages) show(v *visit, status int, name, title string, page any, scripts ...string) {
	heading, err := v.lang.T(title)
	if err != nil {
		heading = v.story.Workflow
	}
	env := ""
	if v.story.Sandbox {
		env = string(kyc.Sandbox)
	}
	p.set.Render(v.w, v.r, status, name, v.lang, ui.View{Page: page, Title: heading, Area: "capture", Brand: first(v.story.Org, v.story.Workflow), Env: env,
		Scripts: append([]string{"capture.js"}, scripts...)})
}

func first(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}
