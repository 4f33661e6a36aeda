package office

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bonafide/console"
	"bonafide/kyc"
	"bonafide/session"
)

// retentionForm is how long data is kept, as the form has it.
type retentionForm struct {
	Rows  []retentionRow
	Auto  bool
	Faces string // days
	Now   session.Kept
	Waits []waitRow
	// Held says why nothing goes at present; nil: sweeps go on.
	Held    *heldSweeps
	Damaged []damagedRow
	// Ask is set when what was written must be confirmed before it holds.
	Ask *retentionAsk
}

// retentionRow are the days of one way of ending; the first row holds for all
// that have none of their own.
type retentionRow struct{ Key, Title, Sensitive, Days string }

// waitRow is a session whose time is over and that is kept all the same.
type waitRow struct {
	Href, ID, Ended string
	Held, Damaged   bool
}

// heldSweeps are sweeps that wait because of the clock.
type heldSweeps struct{ Clock, Last, Left, Stamp string }

// damagedRow is due and cannot be opened.
type damagedRow struct{ Href, ID, Since string }

// sweepsOf says how the sweeps stand.
func (form *retentionForm) sweepsOf(how session.RetentionSweep) {
	if !how.HeldAt.IsZero() {
		form.Held = &heldSweeps{Clock: clock(how.Clock), Last: clock(how.LastAt), Left: how.Left.Round(time.Minute).String(), Stamp: how.Clock.UTC().Format(time.RFC3339)}
	}
	for _, d := range how.Damaged {
		row := damagedRow{Href: "/console/sessions/", ID: kyc.Dress("session", d.ID), Since: clock(d.Since)}
		if d.Kind == "person" {
			row.Href, row.ID = "/console/subjects/", kyc.Dress("identity", d.ID)
		}
		row.Href += row.ID
		form.Damaged = append(form.Damaged, row)
	}
}

// confirmClock lets sweeps go on: the person has read what the clock says.
func (o *office) confirmClock(v *console.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	is, err := time.Parse(time.RFC3339, v.R.PostForm.Get("clock"))
	if err != nil {
		return kyc.Errorf(kyc.Malformed, "clock_invalid", "the time that was confirmed is none")
	}
	switch err := o.Sessions.ConfirmClock(v.Ctx(), v.Tenant(), v.Who.Actor, is); {
	case kyc.KindOf(err) == kyc.Conflict && err != nil:
		return o.showSettings(v, []kyc.Problem{{Path: "/retention", Code: kyc.AsError(err).Code, Message: kyc.AsError(err).Message}}, nil)
	case err != nil:
		return err
	}
	return v.On(savedAt("retention"), "The clock was confirmed; the next sweep goes on within a minute.")
}

// retentionAsk says what rules would do that are not in force yet.
type retentionAsk struct {
	session.Kept
	Agreed string // what the next form must bring back
}

// agreedTo names the counts that somebody was shown.
func agreedTo(k session.Kept) string { return fmt.Sprintf("%d/%d", k.Withhold, k.Destroy) }

// retentionRows are the rules as text; nil rules of an outcome are empty fields.
func retentionRows(r kyc.Retention) []retentionRow {
	rows := []retentionRow{{Key: "all", Title: "All", Sensitive: days(r.SensitiveDays), Days: days(r.Days)}}
	for _, one := range []struct {
		key, title string
		rule       *kyc.RetentionRule
	}{{"approved", "Approved", r.Approved}, {"rejected", "Rejected", r.Rejected},
		{"abandoned", "Without a decision", r.Abandoned}} {
		row := retentionRow{Key: one.key, Title: one.title}
		if one.rule != nil {
			row.Sensitive, row.Days = strconv.Itoa(one.rule.SensitiveDays), strconv.Itoa(one.rule.Days)
		}
		rows = append(rows, row)
	}
	return rows
}

func days(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// retentionRules reads the form. A way of ending has rules of its own as soon as
// one of its fields is filled.
func retentionRules(get func(string) string) (r kyc.Retention, faces int, problems []kyc.Problem) {
	number := func(name, what string) (int, bool) {
		text := strings.TrimSpace(get(name))
		if text == "" {
			return 0, false
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > kyc.MaxRetentionDays {
			problems = append(problems, kyc.Problem{Path: "/" + name, Code: "not_a_number", Message: fmt.Sprintf("%s is a whole number from 0 to %d", what, kyc.MaxRetentionDays)})
		}
		return n, true
	}
	rule := func(key, what string) (kyc.RetentionRule, bool) {
		s, one := number(key+"_sensitive", "the days "+what+" can be read")
		d, other := number(key+"_data", "the days "+what+" is kept")
		return kyc.RetentionRule{Days: d, SensitiveDays: s}, one || other
	}
	general, _ := rule("all", "every session")
	r = kyc.Retention{Days: general.Days, SensitiveDays: general.SensitiveDays, Auto: get("auto") != ""}
	for _, one := range []struct {
		key, what string
		to        **kyc.RetentionRule
	}{{"approved", "an approved session", &r.Approved}, {"rejected", "a rejected session", &r.Rejected}, {"abandoned", "a session without a decision", &r.Abandoned}} {
		if own, there := rule(one.key, one.what); there {
			*one.to = &own
		}
	}
	faces, _ = number("template_days", "the days templates of faces are kept")
	if len(problems) == 0 {
		problems = r.Problems("")
	}
	return r, faces, problems
}

// retentionInForce fills the form with the rules in force and what they reach.
func (o *office) retentionInForce(v *console.Visit, s kyc.Settings) (retentionForm, error) {
	form := retentionForm{Rows: retentionRows(s.Retention), Auto: s.Retention.Auto, Faces: strconv.Itoa(max(s.Faces.TemplateDays, 0))}
	if s.Faces.TemplateDays == 0 {
		form.Faces = strconv.Itoa(kyc.DefaultTemplateDays)
	}
	var err error
	if form.Now, err = o.Sessions.RetentionDue(v.Ctx(), v.Tenant(), s.Retention); err != nil {
		return form, err
	}
	how, err := o.Sessions.RetentionSweep(v.Ctx(), v.Tenant())
	if err != nil {
		return form, err
	}
	form.sweepsOf(how)
	if !v.May("sessions:read") {
		form.Damaged = nil
		return form, nil
	}
	waits, err := o.Sessions.RetentionWaits(v.Ctx(), v.Tenant(), retentionShown)
	for i := range waits {
		s := &waits[i]
		id := kyc.Dress("session", s.ID)
		form.Waits = append(form.Waits, waitRow{Href: "/console/sessions/" + id, ID: id, Ended: clock(s.EndedAt()), Held: s.LegalHold, Damaged: s.Damaged})
	}
	return form, err
}

// retentionShown is how many sessions the settings page lists.
const retentionShown = 20

// saveRetention changes the rules by the public API. Rules that reach sessions
// as soon as they hold are put into force only by somebody who was shown how
// many: a figure with a digit too few destroys data for ever.
func (o *office) saveRetention(v *console.Visit) error {
	get := v.R.PostForm.Get
	rules, faces, problems := retentionRules(get)
	written := func(p *settingsPage) {
		p.Retention.Auto, p.Retention.Faces = get("auto") != "", get("template_days")
		for i := range p.Retention.Rows {
			row := &p.Retention.Rows[i]
			row.Sensitive, row.Days = get(row.Key+"_sensitive"), get(row.Key+"_data")
		}
	}
	if len(problems) > 0 {
		return o.showSettings(v, problems, written)
	}
	kept, err := o.Sessions.RetentionDue(v.Ctx(), v.Tenant(), rules)
	if err != nil {
		return err
	}
	if agreed := agreedTo(kept); kept.Withhold+kept.Destroy > 0 && get("agreed") != agreed {
		return o.showSettings(v, nil, func(p *settingsPage) {
			written(p)
			p.Retention.Ask = &retentionAsk{Kept: kept, Agreed: agreed}
		})
	}
	body := map[string]any{"retention": retentionBody(rules), "faces": map[string]any{"template_days": faces}}
	if problems, err = o.ask(v, http.MethodPut, "/api/v1/settings", body); err != nil {
		return err
	}
	if len(problems) > 0 {
		return o.showSettings(v, problems, written)
	}
	return v.On(savedAt("retention"), "The settings were changed.")
}

// retentionBody is the rules in the words of the API.
func retentionBody(r kyc.Retention) map[string]any {
	body := map[string]any{"data_retention_days": r.Days, "sensitive_data_retention_days": r.SensitiveDays, "auto_redact_on_retention_expiry": r.Auto}
	for name, rule := range map[string]*kyc.RetentionRule{"approved": r.Approved, "rejected": r.Rejected, "abandoned": r.Abandoned} {
		if rule != nil {
			body[name] = rule
		}
	}
	return body
}
