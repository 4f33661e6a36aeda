package main

import (
	"net/http"
	"strings"

	"bonafide/api"
	"bonafide/casework"
	frontdesk "bonafide/console"
	"bonafide/ui"
)

// mountConsole serves the console and sends browsers that come to the front
// door there.
func (a *app) mountConsole(w wiring, kit *ui.Kit) error {
	_, err := frontdesk.Mount(frontdesk.Deps{Kit: kit, Clock: a.clock, Log: w.log, People: a.access, Store: a.db, Address: api.Address, API: a.porch.ServeAs,
		Secure: strings.HasPrefix(w.publicURL, "https://"),
		Sections: []frontdesk.Section{
			casework.Section(casework.Deps{Store: a.db}),
			a.office(w),
		}}, a.porch.Mount)
	if err != nil {
		return err
	}
	a.porch.Mount(brandPath, http.HandlerFunc(a.brand))
	a.porch.Mount("GET /{$}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept"), "text/html") {
			a.porch.NotFound(w, r)
			return
		}
		http.Redirect(w, r, "/console/", http.StatusSeeOther)
	}))
	return nil
}
