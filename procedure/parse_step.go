package procedure

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Dependencies are what a step comes after. In JSON they are a list of names
// or, with conditions, an object from condition to names.
type Dependencies []Dependency

// MarshalJSON writes the form that fits.
func (d Dependencies) MarshalJSON() ([]byte, error) {
	byCondition, list := map[string][]string{}, []string{}
	for _, one := range d {
		if one.On != "" {
			byCondition[one.On] = append(byCondition[one.On], one.Step)
		} else {
			list = append(list, one.Step)
		}
	}
	if len(byCondition) > 0 {
		return json.Marshal(byCondition)
	}
	return json.Marshal(list)
}

func hashOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// stepsParser reads steps and then puts them in order.
type stepsParser struct {
	r     *reader
	at    string
	steps []Step
	where []string // the pointers of the steps, "" for added ones
}

func (p *stepsParser) read(i int, v jsontext.Value) {
	at := index(p.at, i)
	o := p.r.object(v, at)
	if o == nil {
		return
	}
	s := Step{Description: o.text("description", MaxDescription), Version: o.whole("version", 1, 1, 1_000_000), Type: strings.ToUpper(o.text("type", 40))}
	if s.Type == "TOGGLE_MONITORING" {
		s.Type = TypeMonitorToggle
	}
	known := slices.Contains(StepTypes(), s.Type)
	if !known {
		o.fail("type", "unknown_step_type", "the types are %s", strings.Join(StepTypes(), ", "))
	}
	if s.Name = o.text("name", 40); s.Name == "" && known {
		s.Name = s.Type
	}
	if !nameForm.MatchString(s.Name) && (known || o.members["name"] != nil) {
		o.fail("name", "name_invalid", "a step needs a name: %s", nameRule)
	} else if slices.ContainsFunc(p.steps, func(have Step) bool { return have.Name == s.Name }) && s.Name != "" {
		o.fail("name", "duplicate_step", "two steps have the name %s", s.Name)
	}
	configuration := o.child("configuration")
	if known {
		s.Configuration = p.r.configuration(s.Type, configuration, o.path("configuration"))
	}
	s.DependsOn = p.dependencies(o)
	o.done("a step")
	p.steps, p.where = append(p.steps, s), append(p.where, at)
}

// dependencies reads both forms of dependsOn. What the names mean is looked at
// when all steps are known.
func (p *stepsParser) dependencies(o *object) Dependencies {
	out := Dependencies{}
	v, given := o.get("dependsOn")
	if !given {
		return out
	}
	at := o.path("dependsOn")
	add := func(on string, v jsontext.Value, at string) {
		switch v.Kind() {
		case jsontext.KindString:
			if name, ok := p.r.text(v, at, 40); ok {
				out = append(out, Dependency{Step: name, On: on})
			}
		case jsontext.KindBeginArray:
			p.r.each(v, at, func(_ string, item jsontext.Value) {
				if name, ok := p.r.text(item, at, 40); ok {
					out = append(out, Dependency{Step: name, On: on})
				}
			})
		default:
			p.r.fail(at, "wrong_type", "this must be the name of a step or a list of names")
		}
	}
	if v.Kind() == jsontext.KindBeginObject {
		p.r.each(v, at, func(on string, v jsontext.Value) {
			if on == "" {
				p.r.fail(at, "unknown_condition", "a condition has a name")
				return
			}
			add(strings.ToUpper(on), v, pointer(at, on))
		})
	} else {
		add("", v, at)
	}
	if len(out) > MaxSteps {
		p.r.fail(at, "too_many", "a step may depend on at most %d steps", MaxSteps)
		out = out[:MaxSteps]
	}
	return out
}

// settle adds the steps that are left out, checks everything that concerns
// several steps, and gives the steps in the order in which they run.
func (p *stepsParser) settle() []Step {
	for _, kind := range []string{TypeStart, TypeDecision, TypeFinish} {
		count := 0
		for i := range p.steps {
			if p.steps[i].Type == kind {
				if count++; count > 1 {
					p.r.fail(p.where[i]+"/type", "step_type_repeated", "a workflow has one step of type %s", kind)
				}
			}
		}
		if count == 0 {
			name := kind
			for p.has(name) {
				name += "_STEP" // a step of another type has taken the name
			}
			p.steps, p.where = append(p.steps, Step{Name: name, Version: 1, Type: kind, Configuration: Configuration{Required: true}, DependsOn: Dependencies{}}), append(p.where, "")
		}
	}
	p.checkPolicies()
	for i := range p.steps {
		p.checkDependencies(i)
	}
	if len(p.r.errors) > 0 {
		return p.steps // an order would only add problems that follow from these
	}
	order := p.order()
	if order == nil {
		return p.steps
	}
	out, place := make([]Step, len(order)), map[string]int{}
	for at, i := range order {
		out[at] = p.steps[i]
		place[out[at].Name] = at
	}
	for i := range out {
		slices.SortStableFunc(out[i].DependsOn, func(a, b Dependency) int {
			if a.On != b.On {
				return strings.Compare(a.On, b.On)
			}
			return place[a.Step] - place[b.Step]
		})
	}
	p.checkFields(order)
	return out
}

func (p *stepsParser) has(name string) bool {
	return slices.ContainsFunc(p.steps, func(s Step) bool { return s.Name == name })
}

func (p *stepsParser) find(name string) int {
	return slices.IndexFunc(p.steps, func(s Step) bool { return s.Name == name })
}

// checkPolicies sees that something is asked, and nothing twice: the answer of
// a check belongs to one step.
func (p *stepsParser) checkPolicies() {
	asked := map[string]string{}
	for i := range p.steps {
		for _, policy := range p.steps[i].policies() {
			if other, taken := asked[policy]; taken {
				p.r.fail(p.where[i], "duplicate_check", "the steps %s and %s both ask %s; its answer can belong to one step only", other, p.steps[i].Name, policy)
				continue
			}
			asked[policy] = p.steps[i].Name
		}
	}
	if len(asked) == 0 {
		p.r.fail(p.at, "checks_required", "no step checks anything, so nothing could be decided")
	}
}

func (p *stepsParser) checkDependencies(i int) {
	s, at := &p.steps[i], p.where[i]+"/dependsOn"
	seen := map[Dependency]bool{}
	for _, d := range s.DependsOn {
		if seen[d] {
			p.r.fail(at, "duplicate_item", "%s stands twice", d.Step)
		}
		seen[d] = true
		j := p.find(d.Step)
		if j < 0 {
			p.r.fail(at, "unknown_step", "there is no step %q", d.Step)
			continue
		}
		other := &p.steps[j]
		switch {
		case s.Type == TypeStart:
			p.r.fail(at, "cycle", "START comes before every other step")
		case other.Type == TypeFinish:
			p.r.fail(at, "cycle", "nothing comes after FINISH")
		case other.Type == TypeDecision && s.Type != TypeMonitorToggle && s.Type != TypeFinish:
			p.r.fail(at, "after_decision", "%s comes after the decision, so the decision would not know of it", s.Name)
		case d.On == "":
		case s.Type == TypeDecision || s.Type == TypeFinish:
			p.r.fail(at, "condition_not_allowed", "%s runs always", s.Type)
		case other.Type == TypeBranch && s.Type == TypeMonitorToggle:
			p.r.fail(at, "condition_not_allowed", "monitoring is switched by the outcome of a step or by the status of the decision, not by a branch")
		case !slices.Contains(other.conditions(), d.On):
			p.r.fail(at, "unknown_condition", "%s does not end in %q; it knows %s", other.Name, d.On, strings.Join(other.conditions(), ", "))
		}
	}
}

// conditions are the words by which other steps may depend on a step.
func (s *Step) conditions() []string {
	switch {
	case s.Type == TypeBranch:
		out := []string{}
		for _, b := range s.Configuration.Branches {
			out = append(out, b.Name)
		}
		return append(out, s.Configuration.Default)
	case s.Type == TypeDecision:
		return Statuses()
	case s.Checks():
		return Outcomes()
	}
	return nil
}

// order sorts the steps so that each comes after what it depends on, in the
// order of the definition where nothing else is said. nil after a cycle.
func (p *stepsParser) order() []int {
	rank := func(i int) int { // START, everything, DECISION, what comes after it, FINISH
		switch s := &p.steps[i]; {
		case s.Type == TypeStart:
			return 0
		case s.Type == TypeDecision:
			return 2
		case s.Type == TypeFinish:
			return 4
		case p.afterDecision(i):
			return 3
		}
		return 1
	}
	before := map[int][]int{}
	for i := range p.steps {
		for _, d := range p.steps[i].DependsOn {
			before[i] = append(before[i], p.find(d.Step))
		}
		if on(p.steps[i].Configuration.UseDocuments) {
			if j := p.reading(); j >= 0 && j != i {
				before[i] = append(before[i], j)
			} else {
				p.r.fail(p.where[i]+"/configuration/useDocuments", "documents_not_read", "no step of the workflow reads documents")
			}
		}
	}
	var order []int
	placed := map[int]bool{}
	for len(order) < len(p.steps) {
		next := -1
		for i := range p.steps {
			if placed[i] || slices.ContainsFunc(before[i], func(j int) bool { return !placed[j] }) {
				continue
			}
			if next < 0 || rank(i) < rank(next) {
				next = i
			}
		}
		if next < 0 {
			p.cycle(placed, before)
			return nil
		}
		order, placed[next] = append(order, next), true
	}
	decided := false
	for _, i := range order {
		s := &p.steps[i]
		if decided && (s.Checks() || s.Type == TypeBranch) {
			p.r.fail(p.where[i]+"/dependsOn", "after_decision", "%s comes after the decision, so the decision would not know of it", s.Name)
		}
		decided = decided || s.Type == TypeDecision
	}
	return order
}

// reading is the step that reads documents, or -1.
func (p *stepsParser) reading() int {
	return slices.IndexFunc(p.steps, func(s Step) bool { return slices.Contains(s.policies(), "document_ocr") })
}

// afterDecision reports whether a step depends on the decision.
func (p *stepsParser) afterDecision(i int) bool {
	return p.steps[i].Type == TypeMonitorToggle && slices.ContainsFunc(p.steps[i].DependsOn, func(d Dependency) bool {
		j := p.find(d.Step)
		return j >= 0 && p.steps[j].Type == TypeDecision
	})
}

// cycle names the steps of one circle.
func (p *stepsParser) cycle(placed map[int]bool, before map[int][]int) {
	at := -1
	for i := range p.steps {
		if !placed[i] {
			at = i
			break
		}
	}
	seen := map[int]int{}
	var walk []int
	for {
		if from, again := seen[at]; again {
			var names []string
			for _, i := range walk[from:] {
				names = append(names, p.steps[i].Name)
			}
			slices.Reverse(names)
			p.r.fail(p.where[at]+"/dependsOn", "cycle", "each of these steps waits for the one before it: %s", strings.Join(names, ", "))
			p.r.errors[len(p.r.errors)-1].Nodes = names
			return
		}
		seen[at] = len(walk)
		walk = append(walk, at)
		at = before[at][slices.IndexFunc(before[at], func(j int) bool { return !placed[j] })]
	}
}

// checkFields sees that branches ask only for answers that are there.
func (p *stepsParser) checkFields(order []int) {
	asked := map[string]bool{}
	for _, i := range order {
		s := &p.steps[i]
		for b, branch := range s.Configuration.Branches {
			for c, condition := range branch.Conditions {
				if policy := condition.checkOf(); policy != "" && !asked[policy] {
					at := index(index(p.where[i]+"/configuration/branches", b)+"/conditions", c) + "/field"
					p.r.fail(at, "field_not_earlier", "no step before %s asks %s; the steps before it ask %s", s.Name, policy, strings.Join(slices.Sorted(maps.Keys(asked)), ", "))
				}
			}
		}
		for _, policy := range s.policies() {
			asked[policy] = true
		}
	}
}
