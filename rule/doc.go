// Package rule owns the automatic decision of an onboarding: the rules a
// workflow's author writes, the facts they look at, and the one decision that
// follows from both. It is pure: the same rules and facts always give the same
// decision, whatever the order of the rules.
//
// The room fails closed. A check that did not run, or that could not conclude,
// meets no approval condition; a rule that denies or sends to review and whose
// facts are unknown holds an approval back and is named in the decision.
//
// A new kind of rule gets a section in Rules, a reader in parse_sections.go, a
// judge in judge_<kind>.go, a line in evaluation.rules, and its checks in
// needs.go and floor.go.
package rule
