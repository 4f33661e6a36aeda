package office

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
)

// queueForm is one queue's rules as a person writes them. Old is its name before,
// empty for a new one.
type queueForm struct {
	Key, Old, Name                string // Key tells the fields of one form from another's
	FourEyes, Open                bool
	SLA, Zone, Times, Closed, Ask string
	Skills, Few                   string // Few says that too few people have the skills
	Quality                       qualityForm
}

// queueForms are the forms of all queues and an empty one.
func queueForms(list []kyc.ReviewQueue) []queueForm {
	var out []queueForm
	for i, q := range list {
		f := queueForm{Key: strconv.Itoa(i), Old: q.Name, Name: q.Name, FourEyes: q.FourEyes, Ask: strings.Join(q.Checklist, "\n"), Skills: strings.Join(q.Skills, ", "), Quality: qualityFormOf(q.Quality)}
		if q.SLAHours > 0 {
			f.SLA = strconv.FormatFloat(q.SLAHours, 'f', -1, 64)
		}
		if h := q.Hours; h != nil {
			f.Zone, f.Times, f.Closed = h.Zone, writtenTimes(h.Open), strings.Join(h.Closed, "\n")
		}
		out = append(out, f)
	}
	return append(out, queueForm{Key: "new"})
}

// weekNames are the days as a week of work has them.
func weekNames() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// writtenTimes writes opening times one a line, days in a row with the same times
// together: mon-fri 09:00-17:30.
func writtenTimes(list []kyc.OpenSpan) string {
	at := map[string][]string{} // times of each day
	for _, s := range list {
		at[s.Day] = append(at[s.Day], s.From+"-"+s.To)
	}
	var out []string
	days := weekNames()
	for i := 0; i < len(days); {
		times := at[days[i]]
		last := i
		for last+1 < len(days) && slices.Equal(at[days[last+1]], times) {
			last++
		}
		name := days[i]
		if last > i {
			name += "-" + days[last]
		}
		for _, t := range times {
			out = append(out, name+" "+t)
		}
		i = last + 1
	}
	return strings.Join(out, "\n")
}

// readTimes reads them back. A line that is none is a problem.
func readTimes(text string) (out []kyc.OpenSpan, problems []kyc.Problem) {
	days := weekNames()
	for i, line := range lines(strings.ToLower(text)) {
		name, times, ok1 := strings.Cut(line, " ")
		from, to, ok2 := strings.Cut(strings.ReplaceAll(times, " ", ""), "-")
		first, last, several := strings.Cut(name, "-")
		if !several {
			last = first
		}
		a, b := slices.Index(days, first), slices.Index(days, last)
		if !ok1 || !ok2 || a < 0 || b < a || len(from) != 5 || len(to) != 5 {
			problems = append(problems, kyc.Problem{Path: "/queue/hours/open", Code: "format_invalid", Message: fmt.Sprintf("line %d is not written as mon-fri 09:00-17:30", i+1)})
			continue
		}
		for _, day := range days[a : b+1] {
			out = append(out, kyc.OpenSpan{Day: day, From: from, To: to})
		}
	}
	return out, problems
}

// read takes a form as it came.
func (f *queueForm) read(v *console.Visit) {
	get := v.R.PostForm.Get
	f.Old, f.Name, f.FourEyes, f.SLA = get("old"), strings.TrimSpace(get("name")), get("four_eyes") != "", strings.TrimSpace(get("sla_hours"))
	f.Zone, f.Times, f.Closed, f.Ask, f.Open = strings.TrimSpace(get("zone")), get("open"), get("closed"), get("checklist"), true
	f.Skills = get("skills")
	f.Quality.read(get)
}

// rules are what a form means.
func (f *queueForm) rules() (q kyc.ReviewQueue, problems []kyc.Problem) {
	q = kyc.ReviewQueue{Name: f.Name, FourEyes: f.FourEyes, Checklist: lines(f.Ask), Skills: readSkills(f.Skills)}
	q.Quality, problems = f.Quality.shares("/queue/quality")
	if f.SLA != "" {
		hours, ok := finite(f.SLA)
		if !ok {
			problems = append(problems, kyc.Problem{Path: "/queue/sla_hours", Code: "not_a_number", Message: "a number of hours"})
		}
		q.SLAHours = hours
	}
	if f.Zone != "" || strings.TrimSpace(f.Times) != "" || strings.TrimSpace(f.Closed) != "" {
		spans, wrong := readTimes(f.Times)
		problems = append(problems, wrong...)
		q.Hours = &kyc.OpeningHours{Zone: f.Zone, Open: spans, Closed: lines(f.Closed)}
	}
	return q, problems
}

// inForm lets the problems of one element of a list (such as /queues/1/name) name the
// form in which it is changed; those of other elements keep their place.
func inForm(problems []kyc.Problem, list string, at int, form string) {
	for i := range problems {
		if rest, ours := strings.CutPrefix(problems[i].Path, list+"/"+strconv.Itoa(at)); ours && (rest == "" || rest[0] == '/') {
			problems[i].Path = form + rest
		}
	}
}

// saveQueue puts the rules of one queue in place of those it had, or takes them
// away. The public API has the rules of what can be said.
func (o *office) saveQueue(v *console.Visit) error {
	org, err := o.Store.Org(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return err
	}
	list := slices.Clone(org.EnvSettings(v.Tenant().Env).Queues)
	var f queueForm
	f.read(v)
	at := slices.IndexFunc(list, func(q kyc.ReviewQueue) bool { return q.Name == f.Old })
	if f.Old != "" && at < 0 {
		return kyc.Errorf(kyc.Conflict, "queue_gone", "somebody else took the rules of this queue away; look at the settings again")
	}
	said, problems := "The queue's rules hold.", []kyc.Problem(nil)
	switch {
	case v.R.PostForm.Get("act") == "remove" && at >= 0:
		list, said = slices.Delete(list, at, at+1), "The queue's rules are taken away. Cases that two people decide stay so."
	default:
		var q kyc.ReviewQueue
		if q, problems = f.rules(); at < 0 {
			at, list = len(list), append(list, q)
		} else {
			list[at] = q
		}
	}
	if len(problems) == 0 {
		body := map[string]any{"queues": append([]kyc.ReviewQueue{}, list...)}
		if f.Old != "" && f.Name != f.Old && v.R.PostForm.Get("act") != "remove" {
			body["routing"] = rename(org.EnvSettings(v.Tenant().Env).Routing, f.Old, f.Name)
		}
		if problems, err = o.ask(v, http.MethodPut, "/api/v1/settings", body); err != nil {
			return err
		}
		inForm(problems, "/queues", at, "/queue")
	}
	if len(problems) == 0 {
		return v.On(savedAt("queues"), said)
	}
	return o.showSettings(v, problems, func(p *settingsPage) {
		for i := range p.Queues {
			if p.Queues[i].Old == f.Old {
				f.Key = p.Queues[i].Key
				p.Queues[i] = f
			}
		}
	})
}
