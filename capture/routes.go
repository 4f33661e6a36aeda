package capture

import (
	"context"
	"embed"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
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
}

// Limits of what a page takes.
const (
	maxUpload = 21 << 20 // one file of 20 MiB and the form around it
	maxForm   = 1 << 20
	// memory is how much of a multipart body stays out of temporary files.
	memory = 1 << 20
)

// languageCookie keeps the language an applicant chose.
const languageCookie = "bf_language"

type pages struct {
	Deps
	set *ui.Pages
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
	p := &pages{Deps: d, set: set}
	for pattern, h := range map[string]func(*visit) error{
		"POST /capture/{token}/consent":             p.consent,
		"GET /capture/{token}/steps/{step}":         p.step,
		"POST /capture/{token}/steps/{step}":        p.finish,
		"POST /capture/{token}/steps/{step}/files":  p.file,
		"POST /capture/{token}/steps/{step}/skip":   p.skip,
		"POST /capture/{token}/steps/{step}/people": p.people,
		"GET /capture/{token}/status":               p.status,
		"GET /capture/{token}/phone":                p.phone,
		"POST /capture/{token}/language":            p.language,
		"POST /capture/{token}/open":                p.unlock,
	} {
		mount(pattern, ui.Guard(p.enter(h)))
	}
	mount("GET /capture/{token}/join/{code}", p.arrive(p.joining))
	mount("POST /capture/{token}/join/{code}", ui.Guard(p.arrive(p.join)))
	mount("GET /capture/{token}/{$}", p.enter(p.home))
	return p.enter(p.home), nil
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
}

// enter finds the session of a request and shows what went wrong.
func (p *pages) enter(h func(*visit) error) http.Handler {
	return p.arrive(func(v *visit) (err error) {
		wish := ""
		if c, err := v.r.Cookie(languageCookie); err == nil {
			wish = c.Value
		}
		if v.story, err = v.desk.Look(v.ctx, v.token, wish); err != nil {
			return err
		}
		if wish == "" {
			v.lang = p.Kit.Language(v.r, v.story.Language)
		}
		v.story.say(v.lang)
		return h(v)
	})
}

// arrive is enter for pages that show nothing of the session.
func (p *pages) arrive(h func(*visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, ctx: withProof(r), token: r.PathValue("token")}
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
	case kyc.TooLarge:
		status, key = http.StatusRequestEntityTooLarge, "too_large"
	case kyc.Unavailable, kyc.RateLimited:
		status, key = http.StatusServiceUnavailable, "busy"
	case kyc.Invalid, kyc.Malformed, kyc.UnsupportedMedia:
		status, key = http.StatusUnprocessableEntity, "refused"
	default:
		p.Log.ErrorContext(v.ctx, "an applicant's page broke", "code", kyc.AsError(err).Code)
	}
	p.show(v, status, "ended", "ended.title."+key, endedPage{Key: key})
}

type endedPage struct{ Key string }

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

// go_ sends the browser on after something was done (303), so that going back
// and reloading repeat nothing.
func (v *visit) on(parts ...string) error {
	http.Redirect(v.w, v.r, v.path(parts...), http.StatusSeeOther)
	return nil
}

func (v *visit) path(parts ...string) string {
	return "/capture/" + v.token + "/" + strings.Join(parts, "/")
}

// form reads an ordinary form; a larger body is refused before it is read.
func (v *visit) form() error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	return bodyError(v.r.ParseForm())
}

// upload reads a form with one file.
func (v *visit) upload() (File, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxUpload)
	if err := bodyError(v.r.ParseMultipartForm(memory)); err != nil {
		return File{}, err
	}
	defer func() { _ = v.r.MultipartForm.RemoveAll() }() // the operating system clears what is left
	f, head, err := v.r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return File{}, kyc.Errorf(kyc.Invalid, "file_missing", "no file was chosen")
	}
	if err != nil {
		return File{}, bodyError(err)
	}
	return readFile(f, head, v.r.FormValue("type"))
}

func readFile(f multipart.File, head *multipart.FileHeader, kind string) (File, error) {
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return File{}, bodyError(err)
	}
	if len(b) == 0 {
		return File{}, kyc.Errorf(kyc.Invalid, "file_missing", "no file was chosen")
	}
	return File{Name: head.Filename, Type: kind, Bytes: b}, nil
}

func bodyError(err error) error {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return kyc.Errorf(kyc.TooLarge, "file_too_large", "a file has at most 20 MiB")
	}
	return kyc.Errorf(kyc.Malformed, "form_unreadable", "the form could not be read: %w", err)
}

// language keeps the applicant's choice for a year.
func (p *pages) language(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	chosen := p.Kit.Language(v.r, v.r.PostFormValue("language"))
	http.SetCookie(v.w, &http.Cookie{Name: languageCookie, Value: chosen.Code(), Path: "/capture/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.r.TLS != nil})
	return v.on()
}
