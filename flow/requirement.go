package flow

import (
	"encoding/json"
	"slices"
	"strings"

	"bonafide/kyc"
)

// Requirement is one thing the capture flow must collect.
type Requirement struct {
	// Name is document_front, document_back, selfie, liveness, nfc,
	// proof_of_address, custom:<name>, user_info.<field> or consent:<name>.
	Name     string `json:"name"`
	Kind     string `json:"kind"` // file, field or action
	Required bool   `json:"required"`
	// Title is what the author calls a custom document or a consent.
	Title string `json:"title,omitempty"`
	// Policies are the checks of the graph that need it, sorted.
	Policies []string `json:"policies,omitempty"`
}

// Kinds of requirements.
const (
	KindFile   = "file"
	KindField  = "field"
	KindAction = "action"
)

// requirementsAt is where problems of data requirements are reported: they
// stand beside the graph, not in it.
const requirementsAt = "/data_requirements"

// captureParts are the fixed members of data_requirements (api.md 6.5) in the
// order in which capture asks for them.
func captureParts() []Requirement {
	return []Requirement{
		{Name: "document_front", Kind: KindFile}, {Name: "document_back", Kind: KindFile},
		{Name: "nfc", Kind: KindAction}, {Name: "selfie", Kind: KindFile},
		{Name: "liveness", Kind: KindAction}, {Name: "proof_of_address", Kind: KindFile},
	}
}

// userInfo are the members of data_requirements.user_info.
func userInfo() []string {
	return []string{"first_name", "last_name", "date_of_birth", "email", "phone", "ssn", "address"}
}

// readRequirements reads data_requirements strictly. It reports false when
// none were declared.
func readRequirements(raw json.RawMessage, f *findings) ([]Requirement, bool) {
	if len(raw) == 0 {
		return nil, false
	}
	tree, ok := readTree(raw, func(path, code, message string) { f.fail("", requirementsAt+path, code, "%s", message) })
	if !ok {
		return nil, true
	}
	if tree == nil {
		return nil, false // JSON null declares nothing
	}
	root := (&object{f: f}).sub(requirementsAt, tree)
	if root == nil {
		return nil, true
	}
	var out []Requirement
	for _, part := range captureParts() {
		if required, on := root.level(part.Name); on {
			part.Required = required
			out = append(out, part)
		}
	}
	if info := root.child("user_info"); info != nil {
		for _, name := range userInfo() {
			if required, on := info.level(name); on {
				out = append(out, Requirement{Name: "user_info." + name, Kind: KindField, Required: required})
			}
		}
		info.done()
	}
	out = append(out, root.named("custom_documents", "custom:", KindFile)...)
	out = append(out, root.named("consents", "consent:", KindAction)...)
	root.done()
	return out, true
}

// level reads "required", "optional", "off", true or false.
func (o *object) level(name string) (required, on bool) {
	v, ok := o.get(name)
	if !ok {
		return false, false
	}
	switch v {
	case "required", true:
		return true, true
	case "optional":
		return false, true
	case "off", false:
	default:
		o.fail(name, "requirement_invalid", `%s must be "required", "optional", "off", true or false`, name)
	}
	return false, false
}

// named reads a list of custom documents or consents: each a name, or an
// object with name, title and required.
func (o *object) named(name, prefix, kind string) []Requirement {
	var out []Requirement
	seen := map[string]bool{}
	for i, v := range o.list(name, 40) {
		at := index(o.at(name), i)
		req := Requirement{Kind: kind, Required: true}
		if s, ok := v.(string); ok {
			req.Name = s
		} else if item := o.sub(at, v); item != nil {
			req.Name, req.Title, req.Required = item.text("name", 200), item.text("title", 200), item.flag("required", true)
			item.done()
		} else {
			continue
		}
		switch {
		case !word(req.Name, true):
			o.f.fail("", at, "requirement_invalid", "a name is one word of letters, digits, '_', '-' and '.'")
		case seen[req.Name]:
			o.f.fail("", at, "requirement_invalid", "%q is listed twice", req.Name)
		}
		seen[req.Name] = true
		req.Name = prefix + req.Name
		out = append(out, req)
	}
	return out
}

// declares reports whether one of the alternatives of a need ("a|b") is among
// the requirements. A need "consent" is met by any consent.
func declares(reqs []Requirement, need string) bool {
	for alt := range strings.SplitSeq(need, "|") {
		alt = strings.TrimSpace(alt)
		for _, r := range reqs {
			if r.Name == alt || (alt == "consent" || alt == "consents") && strings.HasPrefix(r.Name, "consent:") {
				return true
			}
		}
	}
	return false
}

// checkRequirements reports policies whose data nobody collects.
func (d *draft) checkRequirements(f *findings, reqs []Requirement, catalog map[string]kyc.CheckSpec) {
	live := d.reachable(d.entry)
	for _, id := range sorted(d.nodes) {
		n := d.nodes[id]
		if n.Type != TypePolicy || !live[id] {
			continue
		}
		for _, need := range catalog[n.Policy].Needs {
			if !declares(reqs, need) {
				f.fail(id, d.loc(id, "/policy"), "data_requirement_missing", "the check %s needs %s, which data_requirements does not ask for", n.Policy, spoken(need))
			}
		}
	}
}

func checkLockedRequirements(f *findings, reqs []Requirement, locked []string, catalog map[string]kyc.CheckSpec) {
	for _, policy := range locked {
		for _, need := range catalog[policy].Needs {
			if !declares(reqs, need) {
				f.fail("", requirementsAt, "data_requirement_missing", "the organisation's mandatory check %s needs %s, which data_requirements does not ask for", policy, spoken(need))
			}
		}
	}
}

func spoken(need string) string { return strings.ReplaceAll(need, "|", " or ") }

// CapturePlan says what the capture flow must collect for a compiled graph.
// With data requirements it is what they declare; without (nil or JSON null)
// it is derived from the needs of the checks in the graph: everything they
// need, of alternatives the first, all required. The problems are those of
// the data requirements, and needs they leave open.
func CapturePlan(requirements json.RawMessage, c *Compiled, catalog map[string]kyc.CheckSpec) ([]Requirement, []kyc.Problem) {
	f := &findings{}
	reqs, declared := readRequirements(requirements, f)
	var needs []struct{ policy, need string }
	if c != nil {
		for _, id := range c.Order {
			n := c.Nodes[id]
			for _, need := range catalog[n.Policy].Needs {
				needs = append(needs, struct{ policy, need string }{n.Policy, need})
			}
		}
	}
	// Needs without a choice come first: what they bring often settles the
	// others, and nobody is asked for more than necessary.
	slices.SortStableFunc(needs, func(a, b struct{ policy, need string }) int {
		return strings.Count(a.need, "|") - strings.Count(b.need, "|")
	})
	for _, p := range needs {
		if declares(reqs, p.need) {
			continue
		}
		if declared {
			f.fail("", requirementsAt, "data_requirement_missing", "the check %s needs %s, which data_requirements does not ask for", p.policy, spoken(p.need))
			continue
		}
		reqs = append(reqs, derived(p.need))
	}
	for i := range reqs {
		for _, p := range needs {
			if declares(reqs[i:i+1], p.need) && !slices.Contains(reqs[i].Policies, p.policy) {
				reqs[i].Policies = append(reqs[i].Policies, p.policy)
			}
		}
		slices.Sort(reqs[i].Policies)
	}
	if !declared {
		inCaptureOrder(reqs)
	}
	return reqs, f.report().Errors
}

// derived makes the requirement for a need that was not declared.
func derived(need string) Requirement {
	name, _, _ := strings.Cut(need, "|")
	name = strings.TrimSpace(name)
	if name == "consent" || name == "consents" {
		name = "consent:processing"
	}
	req := Requirement{Name: name, Kind: KindFile, Required: true}
	switch {
	case strings.HasPrefix(name, "user_info."):
		req.Kind = KindField
	case strings.HasPrefix(name, "consent:"):
		req.Kind = KindAction
	}
	for _, part := range captureParts() {
		if part.Name == name {
			req.Kind = part.Kind
		}
	}
	return req
}

// inCaptureOrder sorts derived requirements: documents and face first, then
// the form, then the rest by name.
func inCaptureOrder(reqs []Requirement) {
	var order []string
	for _, part := range captureParts() {
		order = append(order, part.Name)
	}
	for _, name := range userInfo() {
		order = append(order, "user_info."+name)
	}
	rank := func(name string) int {
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(reqs, func(a, b Requirement) int {
		if d := rank(a.Name) - rank(b.Name); d != 0 {
			return d
		}
		return stringOrder(a.Name, b.Name)
	})
}
