package procedure

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Branch is one way out of a BRANCH step.
type Branch struct {
	Name       string      `json:"name"`
	Match      string      `json:"match"` // all or any of the conditions
	Conditions []Condition `json:"conditions"`
}

// Condition compares one fact, as a conditional node of surface D does
// (api.md 6.3). Field is session.country, or begins with session.fields.,
// extracted. or checks.<check>. followed by status, score or details.
type Condition struct {
	Field      string          `json:"field"`
	Operator   string          `json:"operator"`
	Value      json.RawMessage `json:"value"`
	IgnoreCase bool            `json:"ignoreCase,omitempty"`
}

// Operators are the ten operators of a condition (seed 003).
func Operators() []string {
	return []string{">=", "<=", ">", "<", "==", "!=", "in", "not_in", "contains", "exists"}
}

// nameForm is the form of names of steps and branches.
var nameForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,39}$`)

const nameRule = "it has 1 to 40 capital letters, digits and underscores and begins with a letter"

// maxListed bounds the list of one condition.
const maxListed = 100

func (r *reader) branches(o *object, c *Configuration) {
	list, _ := o.list("branches", MaxBranches)
	if len(list) == 0 {
		o.fail("branches", "branches_required", "a BRANCH step needs at least one branch")
	}
	for i, v := range list {
		bo := r.object(v, index(o.path("branches"), i))
		if bo == nil {
			continue
		}
		b := Branch{Name: bo.text("name", 40), Match: bo.text("match", 10), Conditions: []Condition{}}
		if !nameForm.MatchString(b.Name) {
			bo.fail("name", "name_invalid", "a branch needs a name: %s", nameRule)
		} else if slices.ContainsFunc(c.Branches, func(have Branch) bool { return have.Name == b.Name }) {
			bo.fail("name", "duplicate_branch", "two branches have the name %s", b.Name)
		}
		switch b.Match {
		case "":
			b.Match = "all"
		case "all", "any":
		default:
			bo.fail("match", "match_invalid", "match is all or any")
		}
		conditions, _ := bo.list("conditions", MaxConditions)
		if len(conditions) == 0 {
			bo.fail("conditions", "conditions_required", "a branch needs at least one condition; the default needs none")
		}
		for j, v := range conditions {
			if co := r.object(v, index(bo.path("conditions"), j)); co != nil {
				b.Conditions = append(b.Conditions, r.condition(co))
			}
		}
		bo.done("a branch")
		c.Branches = append(c.Branches, b)
	}
	if c.Default = o.text("default", 40); c.Default == "" {
		c.Default = "DEFAULT"
	}
	if !nameForm.MatchString(c.Default) {
		o.fail("default", "name_invalid", "default is the name of the branch that is taken otherwise: %s", nameRule)
	}
	if slices.ContainsFunc(c.Branches, func(b Branch) bool { return b.Name == c.Default }) {
		o.fail("default", "duplicate_branch", "the default has a name of its own")
	}
}

func (r *reader) condition(o *object) Condition {
	c := Condition{Field: o.text("field", 300), Operator: o.text("operator", 20), IgnoreCase: o.flag("ignoreCase", false), Value: json.RawMessage("null")}
	if !fieldKnown(c.Field) {
		o.fail("field", "field_unknown", "a field is session.country, or begins with session.fields., extracted. or checks.<check>. and status, score or details")
	}
	if !slices.Contains(Operators(), c.Operator) {
		o.fail("operator", "operator_unknown", "the operators are %s", strings.Join(Operators(), ", "))
	}
	v, ok := o.get("value")
	if !ok && c.Operator == "exists" {
		v, ok = jsontext.Value("true"), true
	}
	if !ok {
		o.fail("value", "value_missing", "the condition needs a value")
	} else if problem := valueProblem(c.Operator, v); problem != "" {
		o.fail("value", "value_type", "%s", problem)
	} else {
		c.Value = json.RawMessage(v)
	}
	o.done("a condition")
	return c
}

func fieldKnown(field string) bool {
	parts := strings.Split(field, ".")
	if slices.ContainsFunc(parts, func(p string) bool { return strings.TrimSpace(p) == "" }) {
		return false
	}
	switch parts[0] {
	case "session":
		return field == "session.country" || len(parts) > 2 && parts[1] == "fields"
	case "extracted":
		return len(parts) > 1
	case "checks":
		return len(parts) == 3 && slices.Contains([]string{"status", "score"}, parts[2]) || len(parts) > 3 && parts[2] == "details"
	}
	return false
}

// checkOf is the check whose answer a field reads, or "".
func (c Condition) checkOf() string {
	if parts := strings.Split(c.Field, "."); parts[0] == "checks" && len(parts) > 1 {
		return parts[1]
	}
	return ""
}

// valueProblem says what is wrong with the value of a condition, or "".
func valueProblem(operator string, v jsontext.Value) string {
	text, number, flag := v.Kind() == jsontext.KindString, v.Kind() == jsontext.KindNumber, v.Kind() == jsontext.KindTrue || v.Kind() == jsontext.KindFalse
	switch operator {
	case "exists":
		if !flag {
			return "exists takes true or false"
		}
	case "in", "not_in":
		var list []any
		if v.Kind() != jsontext.KindBeginArray || json.Unmarshal(v, &list) != nil || len(list) == 0 || len(list) > maxListed {
			return operator + " takes a list of 1 to 100 texts or numbers"
		}
		for _, one := range list {
			switch one.(type) {
			case string, float64:
			default:
				return operator + " takes a list of 1 to 100 texts or numbers"
			}
		}
	case ">=", "<=", ">", "<":
		if !number && !text {
			return operator + " takes a number, a date or text"
		}
	case "contains":
		if !text && !number || string(v) == `""` {
			return "contains takes a text or a number to look for"
		}
	default:
		if !text && !number && !flag {
			return operator + " takes a text, a number, true or false"
		}
	}
	if number && len(v) > 40 {
		return "the number has too many digits"
	}
	return ""
}
