// Package rule owns the automatic decision of an onboarding: the rules a
// workflow's author writes, the facts they look at, and the one decision that
// follows from both. It is pure: the same rules and facts always give the same
// decision, whatever the order of the rules.
//
// The room fails closed. A check that did not run, or that could not conclude,
// meets no approval condition.
//
// Two readings go beyond the letter of api.md 3.6.9, step 7, because the letter
// would let an approval through that nobody meant:
//
//   - "unless a rule names that check explicitly with flag or no_action" excuses
//     a failure, and only one that such a rule has really seen: every hit, value
//     or finding that made the check fail. A check that errored or did not run
//     is never excused, and neither is a cause that no rule can name (a
//     post-upload validation, an answer that could not be compared, a party that
//     is missing).
//   - A rule that denies or sends to review and whose facts are unknown holds an
//     approval back as a failed check would, and is named in unjudged_rules. It
//     holds nothing back where the definition itself let the applicant leave the
//     fact out: a step that was not shown, an optional step that was not taken,
//     an optional question of a form rule (3.6.6).
//
// One reading protects the applicant: a country that only a paper names against
// the form's own answer reviews and does not deny; see country.
//
// A new kind of rule gets a section in Rules, a reader in parse_sections.go, a
// judge in judge_<kind>.go, a line in evaluation.rules, and its checks in
// needs.go and floor.go.
package rule
