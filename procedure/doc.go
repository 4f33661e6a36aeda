// Package procedure is the law of surface C (api.md section 5, seed 002): what
// a workflow of an individual says, which checks its steps ask, and what the
// answers come to. Everything is pure: the same input gives the same output,
// nothing is read and nothing is written.
//
// Parse reads the definition that an administrator sends (5.2) and reports
// everything wrong with it at once. Compile gives the graph of surface D that
// the engine walks; it asks every check of every step, whatever the answers
// are, and ends in the check procedure_decision. Judge derives from the answers
// what an execution came to: step results (5.5), issues (5.6), risk (5.7), the
// decision (5.8) and process results (5.9). The check and the machine both ask
// Judge, so that the record and the decision cannot disagree. Recompute does
// the same after a person judged a result; the machine's own result never
// changes. Evidence says whether documents are enough for manual KYC.
//
// Judge fails closed. A check that did not run, errored, was stale or is not
// configured never leads to PASS or CLEAR of its step; when the step is
// required the execution ends in state ERROR with the result BLOCKED. Of two
// outcomes that both hold, the stricter one is taken.
//
// To add a step type: its word in vocabulary.go, its policies in plan.go, what
// its answers mean in judge_<type>.go, and its configuration in configure.go.
package procedure
