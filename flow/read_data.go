package flow

import (
	"encoding/json"
	"strconv"
	"strings"
)

// readConditions reads a "conditions" list. An empty list never holds, so
// where it decides something it is an error.
func (r *reader) readConditions(o *object, needed bool) []Condition {
	list := o.list("conditions", maxConditions)
	if len(list) == 0 && (needed || o.has("conditions")) {
		o.fail("conditions", "conditions_missing", "at least one condition is needed")
	}
	var out []Condition
	for i, v := range list {
		co := o.sub(index(o.at("conditions"), i), v)
		if co == nil {
			continue
		}
		out = append(out, r.readCondition(co))
		co.done()
	}
	return out
}

func (r *reader) readCondition(o *object) Condition {
	c := Condition{Field: o.text("field", 512), Operator: o.text("operator", 64), IgnoreCase: o.flag("ignore_case", false)}
	r.checkField(o.node, o.at("field"), c.Field)
	v, ok := o.get("value")
	if !ok && c.Operator == opExists {
		v, ok = true, true
	}
	c.Value = v
	if list, isList := v.([]any); isList && len(list) > maxListed {
		o.fail("value", "limit_exceeded", "a list in a condition may have at most %d items; keep longer ones as a list of their own", maxListed)
	}
	if problem := valueProblem(c.Operator, v, ok); problem != "" {
		code, message, _ := strings.Cut(problem, " ")
		name := "value"
		if code == "operator_unknown" {
			name = "operator"
		}
		o.fail(name, code, "%s", message)
	}
	return c
}

// valueProblem says what is wrong with a condition's value: a code, a blank
// and a sentence; "" when nothing is.
func valueProblem(operator string, v any, present bool) string {
	k := kindOf(v)
	switch operator {
	case opExists:
		if k != kindBool {
			return "value_type exists takes true or false"
		}
		return ""
	case opGE, opLE, opGT, opLT, opEQ, opNE, opIn, opNotIn, opContains:
	default:
		return "operator_unknown the operators are " + strings.Join(Operators(), ", ")
	}
	if !present {
		return "value_missing the condition needs a value"
	}
	switch operator {
	case opIn, opNotIn:
		if k != kindList {
			return "value_type " + operator + " takes a list of values"
		}
	case opGE, opLE, opGT, opLT:
		if k != kindNumber && k != kindText {
			return "value_type " + operator + " takes a number, a date or text"
		}
	case opContains:
		if k == kindNull || v == "" {
			return "value_type contains takes a value to look for"
		}
	}
	return ""
}

// roots are the facts a path may begin with (api.md 6.3).
const roots = "extracted, checks, session, subject, risk, lists, gate or vars"

// checkField reports a path that can never lead to a fact. A typo here would
// make a condition silently false.
func (r *reader) checkField(node, at, field string) {
	parts := strings.Split(field, ".")
	for _, p := range parts {
		if p == "" {
			r.f.fail(node, at, "field_invalid", "a field is a dotted path such as extracted.age")
			return
		}
	}
	switch parts[0] {
	case "extracted", "subject", "risk", "lists":
	case "vars", "gate":
		if len(parts) < 2 {
			r.f.fail(node, at, "field_unknown", "say which of %s", parts[0])
		}
	case "checks":
		r.checkCheckField(node, at, parts)
	case "session":
		if len(parts) < 2 || !oneOf(parts[1], "country", "metadata", "fields", "tags") {
			r.f.fail(node, at, "field_unknown", "of a session a condition may read country, metadata, fields and tags")
		}
	default:
		r.f.fail(node, at, "field_unknown", "a field begins with %s", roots)
	}
}

func (r *reader) checkCheckField(node, at string, parts []string) {
	if len(parts) < 3 || !oneOf(parts[2], "status", "score", "details") || len(parts) > 3 && parts[2] != "details" {
		r.f.fail(node, at, "field_unknown", "of a check a condition may read checks.<policy>.status, .score and .details")
		return
	}
	if r.catalog == nil {
		return
	}
	if _, ok := r.catalog[parts[1]]; !ok {
		r.f.fail(node, at, "unknown_policy", "there is no check %q", parts[1])
	}
}

func oneOf(s string, words ...string) bool {
	for _, w := range words {
		if s == w {
			return true
		}
	}
	return false
}

func (r *reader) readSet(n *Node, o *object) {
	r.readNext(n, o)
	list := o.list("assign", maxConditions)
	if len(list) == 0 && !r.linked {
		o.fail("assign", "assign_missing", "a set node needs at least one assignment")
	}
	for i, v := range list {
		ao := o.sub(index(o.at("assign"), i), v)
		if ao == nil {
			continue
		}
		n.Assign = append(n.Assign, r.readAssign(ao, ao.text("to", 512), ao.at("to")))
		ao.done()
	}
}

// readAssign reads the source of an assignment: "from" or "value".
func (r *reader) readAssign(o *object, to, toAt string) Assign {
	a := Assign{To: to, From: o.text("from", 512)}
	if rest, ok := strings.CutPrefix(to, "vars."); !ok || !dotted(rest) {
		r.f.fail(o.node, toAt, "assign_target", "only vars.<name> can be assigned")
	}
	v, hasValue := o.get("value")
	a.Value = v
	switch {
	case hasValue == o.has("from"):
		r.f.fail(o.node, o.path, "assign_source", "give either from (a field) or value (a literal)")
	case !hasValue:
		r.checkField(o.node, o.at("from"), a.From)
	}
	return a
}

// dotted reports whether s is one to eight words with dots between them.
func dotted(s string) bool {
	parts := strings.Split(s, ".")
	for _, p := range parts {
		if !word(p, false) {
			return false
		}
	}
	return len(parts) <= 8
}

func (r *reader) readScore(n *Node, o *object) {
	r.readNext(n, o)
	n.Base = o.decimal("base", "score_invalid", 0, 100, "0")
	list := o.list("factors", maxConditions)
	if len(list) == 0 {
		o.fail("factors", "score_factors_missing", "a score node needs at least one factor")
	}
	for i, v := range list {
		fo := o.sub(index(o.at("factors"), i), v)
		if fo == nil {
			continue
		}
		n.Factors = append(n.Factors, r.readFactor(fo, i))
		fo.done()
	}
}

func (r *reader) readFactor(o *object, i int) Factor {
	f := Factor{
		Name:       o.text("name", 100),
		Weight:     o.decimal("weight", "score_invalid", -100000, 100000, ""),
		Conditions: r.readConditions(o, false),
		Match:      o.choice("match", MatchAll, "match_invalid", MatchAll, MatchAny),
		Field:      o.text("field", 512),
	}
	if f.Weight == "" {
		if !o.has("weight") {
			o.fail("weight", "score_invalid", "a factor needs a weight")
		}
		f.Weight = "0"
	}
	if f.Name == "" {
		f.Name = "factor_" + strconv.Itoa(i+1)
	}
	if o.has("field") {
		r.checkField(o.node, o.at("field"), f.Field)
	} else if !o.has("conditions") {
		r.f.fail(o.node, o.path, "score_invalid", "a factor needs conditions, a field, or both")
	}
	f.IfMissing = o.decimal("if_missing", "score_invalid", -100000, 100000, f.Weight)
	return f
}

func (r *reader) readSubworkflow(n *Node, o *object) {
	if n.WorkflowID = o.text("workflow_id", 200); n.WorkflowID == "" {
		o.fail("workflow_id", "subworkflow_id_missing", "a subworkflow node names a workflow")
	}
	n.WorkflowVersion = r.readVersion(o)
	n.OnApproved = o.need("on_approved", "subworkflow_route_missing", "a subworkflow node")
	n.OnRejected, n.OnNeedsReview = o.route("on_rejected"), o.route("on_needs_review")
	input := o.child("input_map")
	if input == nil {
		return
	}
	r.d.mapped[n.ID] = true
	for _, to := range sorted(input.members) {
		v, _ := input.get(to)
		if from, ok := v.(string); ok {
			v = map[string]any{"from": from}
		}
		if ao := input.sub(input.at(to), v); ao != nil {
			n.Assign = append(n.Assign, r.readAssign(ao, to, ao.path))
			ao.done()
		}
	}
}

// readVersion reads "latest_published" (the default) or a version number,
// written as a number or as text.
func (r *reader) readVersion(o *object) string {
	v, ok := o.get("version")
	if !ok || v == "latest_published" {
		return "latest_published"
	}
	var s string
	switch t := v.(type) {
	case string:
		s = t
	case json.Number:
		s = string(t)
	}
	if n, err := strconv.Atoi(s); err != nil || n < 1 || strconv.Itoa(n) != s {
		o.fail("version", "subworkflow_version", `version must be a version number or "latest_published"`)
	}
	return s
}
