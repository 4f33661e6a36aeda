package rule

import "bonafide/field"

// formField judges an answer of the form. A question that nobody answered
// meets only is_empty; the rule is then listed as not judged but holds nothing
// back, because the definition allows the question to be left out and its
// author was warned. Only a form that could not be read at all holds an
// approval back.
func (e *evaluation) formField(r ref, c *FormFieldRule) {
	if e.f.Form == nil {
		e.unjudged(r, c.Action, CheckForm, "the answers of the form are not known", true)
		return
	}
	op := c.op
	if op == nil { // rules that did not come from Parse
		fresh, bad := field.ParseOperator(c.Operator, c.Value, c.IgnoreCase)
		if bad != nil {
			e.unjudged(r, c.Action, CheckForm, "the rule cannot be read: "+bad.Code, true)
			return
		}
		op = &fresh
	}
	v, answered := e.f.Form[c.FieldID]
	switch {
	case op.Holds(v, answered, e.f.Now):
		e.trigger(r, c.Action, c.Reason, map[string]any{c.FieldID: v})
	case !answered && c.Operator != "is_not_empty" && c.Operator != "is_empty":
		e.unjudged(r, c.Action, CheckForm, "the question was not answered", false)
	}
}
