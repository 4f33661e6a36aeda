package console

import (
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"bonafide/access"
	"bonafide/kyc"
	"bonafide/ui"
)

//go:embed *.html
var templates embed.FS

// desk is the console put together.
type desk struct {
	Deps
	own   *ui.Pages
	links []Link
}

// Mount serves the console under /console/ and answers with the table of its
// routes. A route without a scope, or with one that does not exist, is an
// error.
func Mount(d Deps, mount func(pattern string, h http.Handler)) ([]Route, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.NoPasswords && d.SignOn == nil {
		return nil, errors.New("without passwords and without single sign-on nobody could sign in")
	}
	k := &desk{Deps: d}
	var err error
	if k.own, err = d.Kit.Pages(templates); err != nil {
		return nil, err
	}
	sections := append([]Section{k.entrance()}, d.Sections...)
	var table []Route
	for _, s := range sections {
		pages := k.own
		if s.Files != nil {
			if pages, err = d.Kit.Pages(s.Files, templates); err != nil {
				return nil, fmt.Errorf("the console's section %s: %w", s.Name, err)
			}
		}
		for _, r := range s.Routes {
			if err := check(r); err != nil {
				return nil, fmt.Errorf("the console's section %s: %w", s.Name, err)
			}
			mount(r.Pattern, k.serve(r, pages))
			table = append(table, r)
		}
		k.links = append(k.links, s.Links...)
	}
	return table, nil
}

// check refuses a route that would be open by mistake.
func check(r Route) error {
	method, path, ok := strings.Cut(r.Pattern, " ")
	switch {
	case !ok || method == "" || path != "/console" && !strings.HasPrefix(path, "/console/"):
		return fmt.Errorf("the pattern %q is not METHOD /console/…", r.Pattern)
	case r.Do == nil:
		return fmt.Errorf("%s does nothing", r.Pattern)
	case r.Scope == SignedIn || r.Scope == open:
		return nil
	}
	if !slices.ContainsFunc(access.Scopes(), func(s access.Scope) bool { return s.Name == r.Scope }) {
		return fmt.Errorf("%s needs the scope %q, which does not exist", r.Pattern, r.Scope)
	}
	return nil
}

// serve is the way of each request: whose page sent it, who is it, may they.
func (k *desk) serve(r Route, pages *ui.Pages) http.Handler {
	// The guard covers reading as well: it lets safe methods pass by itself.
	return ui.Guard(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		v := &Visit{W: w, R: req, desk: k, pages: pages, route: r}
		if err := k.enter(v); err != nil {
			v.fail(err)
			return
		}
		if v.answered {
			return
		}
		if err := r.Do(v); err != nil {
			v.fail(err)
		}
	}))
}

// enter finds out who comes and whether they may.
func (k *desk) enter(v *Visit) error {
	err := k.whoIs(v)
	switch {
	case v.route.Scope == open:
		if err != nil && kyc.KindOf(err) != kyc.Unauthenticated {
			return err
		}
		return nil
	case err != nil:
		return err
	case v.route.Scope == SignedIn:
		return v.sameEnv()
	}
	if err := v.Who.Authorize(v.route.Scope); err != nil {
		return err
	}
	return v.sameEnv()
}
