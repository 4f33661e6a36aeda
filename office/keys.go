package office

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonafide/access"
	"bonafide/console"
	"bonafide/kyc"
)

type keysPage struct {
	Rows     []keyRow
	CanWrite bool
	Once     *once
	Problems []kyc.Problem
	Name     string
	Ranges   string
	Rate     string
	Ends     string
	Scopes   []scopeGroup
	Presets  []choice
	Env      string
}

// scopeGroup are the scopes of one thing, such as sessions.
type scopeGroup struct {
	Title string
	List  []scopeChoice
}

type keyRow struct {
	ID, Name, Prefix, Scopes, From, Rate, Made, Used, Ends string
	State                                                  tag
	Live                                                   bool // can be revoked
}

type scopeChoice struct {
	Name, Text string
	On         bool
}

func (o *office) keys(v *console.Visit) error {
	return o.showKeys(v, keysPage{Scopes: scopeMenu(v, preset(v, v.R.URL.Query().Get("preset")))})
}

// preset are the scopes of a choice that is offered ready-made; none for any
// other word. Nobody is offered what they do not have.
func preset(v *console.Visit, name string) []string {
	if name == "everything" && access.Grants(v.Who.Scopes, access.Everything) {
		return []string{access.Everything}
	}
	var out []string
	for _, s := range access.Scopes() {
		kind, may, _ := strings.Cut(s.Name, ":")
		reads := may == "read" || may == "list"
		if v.May(s.Name) && (name == "everything" || name == "read" && reads || name == "sessions" && (kind == "sessions" || kind == "kyc" || reads && (kind == "workflows" || kind == "cases"))) {
			out = append(out, s.Name)
		}
	}
	return out
}

// scopeMenu are the scopes a person can give: those they have.
func scopeMenu(v *console.Visit, chosen []string) []scopeGroup {
	out := []scopeGroup{}
	if access.Grants(v.Who.Scopes, access.Everything) {
		out = append(out, scopeGroup{"Everything", []scopeChoice{{access.Everything, "everything", slices.Contains(chosen, access.Everything)}}})
	}
	for _, s := range access.Scopes() {
		if !v.May(s.Name) {
			continue
		}
		kind, _, _ := strings.Cut(s.Name, ":")
		head := title(kind)
		switch kind {
		case "kyc":
			head = "Onboarding (surface A)"
		case "keys":
			head = "API keys"
		}
		if len(out) == 0 || out[len(out)-1].Title != head {
			out = append(out, scopeGroup{Title: head})
		}
		last := &out[len(out)-1]
		last.List = append(last.List, scopeChoice{s.Name, s.Description, slices.Contains(chosen, s.Name)})
	}
	return out
}

// positive reads a number above 0.
func positive(text string) (float64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && n > 0 && !math.IsInf(n, 0)
}

func (o *office) showKeys(v *console.Visit, page keysPage) error {
	list, err := o.Office.ListKeys(v.Ctx(), v.Tenant())
	if err != nil {
		return err
	}
	now := o.Clock.Now()
	for _, k := range list {
		page.Rows = append(page.Rows, keyOf(k, now))
	}
	page.CanWrite, page.Env = v.May("keys:write"), string(v.Tenant().Env)
	page.Presets = choices(v.R.URL.Query().Get("preset"), "read", "Read only", "sessions", "Sessions", "everything", "Everything")
	if len(page.Problems) > 0 {
		page.Problems = named(page.Problems, map[string]string{"/name": "Name", "/scopes": "", "/allow_cidr": "Only from these addresses", "/rate_per_sec": "Requests a second", "/expires_at": "Ends on"})
		return v.Refuse("keys", "API keys", page)
	}
	return v.Show("keys", "API keys", page)
}

func keyOf(k kyc.APIKey, now time.Time) keyRow {
	row := keyRow{ID: kyc.Dress("key", k.ID), Name: k.Name, Prefix: k.Prefix, Scopes: strings.Join(k.Scopes, ", "), From: strings.Join(k.AllowCIDR, ", "), Made: clock(k.CreatedAt), Used: clock(k.LastUsedAt),
		Ends: clock(k.ExpiresAt), State: tag{"active", "good"}, Live: true}
	if row.From == "" {
		row.From = "anywhere"
	}
	if row.Scopes == access.Everything {
		row.Scopes = "everything"
	}
	if k.RatePerSec > 0 {
		row.Rate = lead(k.RatePerSec) + " a second"
	}
	switch {
	case !k.RevokedAt.IsZero():
		row.State, row.Live = tag{"revoked", "bad"}, false
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		row.State, row.Live = tag{"expired", "warn"}, false
	}
	return row
}

// newKey makes a key for the environment looked at. Nobody can give a scope
// they do not have.
func (o *office) newKey(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	f := v.R.PostForm
	page := keysPage{Name: f.Get("name"), Ranges: f.Get("ranges"), Rate: f.Get("rate"), Ends: f.Get("ends"), Scopes: scopeMenu(v, f["scope"])}
	r := access.KeyRequest{Tenant: v.Tenant(), Name: f.Get("name"), Scopes: f["scope"], AllowCIDR: lines(strings.ReplaceAll(f.Get("ranges"), ",", "\n")), By: v.Who.Actor}
	for _, s := range r.Scopes {
		if !access.Grants(v.Who.Scopes, s) {
			page.Problems = append(page.Problems, kyc.Problem{Path: "/scopes", Code: "scope_missing", Message: "you cannot give the scope " + s + ", which you do not have"})
		}
	}
	if text := strings.TrimSpace(f.Get("rate")); text != "" {
		n, ok := positive(text)
		if !ok {
			page.Problems = append(page.Problems, kyc.Problem{Path: "/rate_per_sec", Code: "not_a_number", Message: "the rate is a number of requests a second"})
		}
		r.RatePerSec = n
	}
	if text := f.Get("ends"); text != "" {
		end, ok := day(text)
		if !ok {
			page.Problems = append(page.Problems, kyc.Problem{Path: "/expires_at", Code: "date_invalid", Message: "the end is a date"})
		}
		r.ExpiresAt = end
	}
	if len(page.Problems) == 0 {
		_, text, err := o.Office.CreateKey(v.Ctx(), r)
		if page.Problems, err = refused(err); err != nil {
			return err
		}
		if len(page.Problems) == 0 {
			page = keysPage{Scopes: scopeMenu(v, nil), Once: &once{What: "The key was made.", Label: "API key", Text: text}}
		}
	}
	return o.showKeys(v, page)
}

func (o *office) revokeKey(v *console.Visit) error {
	id, err := v.ID("id", "key")
	if err != nil {
		return err
	}
	if _, err := o.Office.RevokeKey(v.Ctx(), v.Tenant(), id, v.Who.Actor); err != nil {
		return err
	}
	return v.On("/console/api-keys", "The key was revoked; it works no more.")
}
