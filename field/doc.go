// Package field owns the questions of forms: the eighteen field types, their
// definitions, the validation of answers, the conditions between them and what
// answers mean for checks and rules. It is pure: clock and look-ups come in
// through Env.
package field
