package office

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bonafide/console"
	"bonafide/kyc"
)

// ruleForm is one rule of routing as a person writes it. Old is its name before,
// empty for a new one.
type ruleForm struct {
	Key, Old, Name, Queue, Risk, Priority, Reasons, Countries string
	Queues, Workflows, Subjects                               []choice
	Place                                                     int  // from 1
	First, Last, Open                                         bool // of the rules there are
	chosen, subjects                                          []string
}

// ruleForms are the forms of all rules, in their order, and an empty one.
func ruleForms(list []kyc.QueueRule) []ruleForm {
	var out []ruleForm
	for i, r := range list {
		f := ruleForm{Key: strconv.Itoa(i), Old: r.Name, Name: r.Name, Queue: r.Queue, Reasons: strings.Join(r.Reasons, ", "), Countries: strings.Join(r.Countries, ", "),
			Place: i + 1, First: i == 0, Last: i == len(list)-1, subjects: r.Subjects}
		if r.RiskFrom != nil {
			f.Risk = strconv.FormatFloat(*r.RiskFrom, 'f', -1, 64)
		}
		if r.PriorityFrom != nil {
			f.Priority = strconv.Itoa(*r.PriorityFrom)
		}
		for _, w := range r.Workflows {
			f.chosen = append(f.chosen, kyc.Dress("workflow", w))
		}
		out = append(out, f)
	}
	return append(out, ruleForm{Key: "new"})
}

// offer puts into a form what can be chosen in it; what was chosen and is gone stays.
func (f *ruleForm) offer(queues []kyc.ReviewQueue, workflows []kyc.Workflow) {
	names := []string{kyc.DefaultQueue}
	for _, q := range queues {
		if q.Name != kyc.DefaultQueue {
			names = append(names, q.Name)
		}
	}
	if f.Queue != "" && !slices.Contains(names, f.Queue) {
		names = append(names, f.Queue)
	}
	f.Queues, f.Workflows = nil, nil
	for _, name := range names {
		f.Queues = append(f.Queues, choice{name, name, name == f.Queue})
	}
	rest := slices.Clone(f.chosen)
	for _, w := range workflows {
		id := kyc.Dress("workflow", w.ID)
		f.Workflows = append(f.Workflows, choice{id, w.Name, slices.Contains(f.chosen, id)})
		rest = slices.DeleteFunc(rest, func(s string) bool { return s == id })
	}
	for _, id := range rest {
		f.Workflows = append(f.Workflows, choice{id, id, true})
	}
	f.Subjects = []choice{{"individual", "A person", slices.Contains(f.subjects, "individual")}, {"company", "A company", slices.Contains(f.subjects, "company")}}
}

// read takes a form as it came.
func (f *ruleForm) read(v *console.Visit) {
	get := func(name string) string { return strings.TrimSpace(v.R.PostForm.Get(name)) }
	f.Old, f.Name, f.Queue, f.Risk, f.Priority, f.Reasons, f.Countries = v.R.PostForm.Get("old"), get("name"), get("queue"), get("risk_from"), get("priority_from"), get("reasons"), get("countries")
	f.chosen, f.subjects, f.Open = v.R.PostForm["workflow"], v.R.PostForm["subject"], true
}

// rule is what a form means. Workflows that are none keep their text: the public API
// says that they are none.
func (f *ruleForm) rule() (r kyc.QueueRule, problems []kyc.Problem) {
	split := func(text string) []string {
		return strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(", ;\t\r\n", c) })
	}
	r = kyc.QueueRule{Name: f.Name, Queue: f.Queue, Reasons: split(strings.ToLower(f.Reasons)), Countries: split(strings.ToUpper(f.Countries)), Subjects: f.subjects}
	if f.Risk != "" {
		score, ok := finite(f.Risk)
		if !ok {
			problems = append(problems, kyc.Problem{Path: "/rule/risk_from", Code: "not_a_number", Message: "a score from 0 to 100"})
		}
		r.RiskFrom = &score
	}
	if f.Priority != "" {
		n, err := strconv.Atoi(f.Priority)
		if err != nil {
			problems = append(problems, kyc.Problem{Path: "/rule/priority_from", Code: "not_a_number", Message: "a whole number from 0 to 100"})
		}
		r.PriorityFrom = &n
	}
	for _, text := range f.chosen {
		r.Workflows = append(r.Workflows, kyc.ID(text))
	}
	return r, problems
}

// drawRouting puts into the page's forms of rules what can be chosen in them.
func (o *office) drawRouting(v *console.Visit, page *settingsPage, s kyc.Settings) error {
	workflows, err := o.invitable(v)
	for i := range page.Routing {
		page.Routing[i].offer(s.Queues, workflows)
	}
	return err
}

// saveRule puts a rule of routing in place of the one that it was, behind all others
// when it is new, moves it by one place, or takes it away. The public API has the
// rules of what can be said.
func (o *office) saveRule(v *console.Visit) error {
	org, err := o.Store.Org(v.Ctx(), v.Tenant().Org)
	if err != nil {
		return err
	}
	list := slices.Clone(org.EnvSettings(v.Tenant().Env).Routing)
	var f ruleForm
	f.read(v)
	at := slices.IndexFunc(list, func(r kyc.QueueRule) bool { return r.Name == f.Old })
	if f.Old != "" && at < 0 {
		return kyc.Errorf(kyc.Conflict, "rule_gone", "somebody else took this rule away; look at the settings again")
	}
	said, problems := "The rule holds for cases that are opened from now on.", []kyc.Problem(nil)
	switch act := v.R.PostForm.Get("act"); {
	case act == "remove" && at >= 0:
		list, said = slices.Delete(list, at, at+1), "The rule is taken away. Cases that it sent stay where they are."
	case act == "up" && at > 0:
		list[at-1], list[at], said = list[at], list[at-1], "The rule is asked earlier now."
	case act == "down" && at >= 0 && at < len(list)-1:
		list[at+1], list[at], said = list[at], list[at+1], "The rule is asked later now."
	default:
		var r kyc.QueueRule
		if r, problems = f.rule(); at < 0 {
			at, list = len(list), append(list, r)
		} else {
			list[at] = r
		}
	}
	if len(problems) == 0 {
		if problems, err = o.ask(v, http.MethodPut, "/api/v1/settings", map[string]any{"routing": append([]kyc.QueueRule{}, list...)}); err != nil {
			return err
		}
		inForm(problems, "/routing", at, "/rule")
	}
	if len(problems) == 0 {
		return v.On(savedAt("routing"), said)
	}
	return o.showSettings(v, problems, func(p *settingsPage) {
		for i := range p.Routing {
			if old := &p.Routing[i]; old.Old == f.Old {
				f.Key, f.Place, f.First, f.Last = old.Key, old.Place, old.First, old.Last
				f.offer(org.EnvSettings(v.Tenant().Env).Queues, nil)
				f.Workflows = marked(old.Workflows, f.chosen)
				*old = f
			}
		}
	})
}

// marked are the same choices with others of them chosen.
func marked(list []choice, chosen []string) []choice {
	out := slices.Clone(list)
	for i := range out {
		out[i].On = slices.Contains(chosen, out[i].Value)
	}
	return out
}

// rename lets the rules that send cases to a queue follow its new name.
func rename(rules []kyc.QueueRule, from, to string) []kyc.QueueRule {
	out := append([]kyc.QueueRule{}, rules...)
	for i := range out {
		if out[i].Queue == from {
			out[i].Queue = to
		}
	}
	return out
}
