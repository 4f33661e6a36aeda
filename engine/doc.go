// Package engine walks a compiled graph for a run.
//
// Step is pure: graph, state and one input in, the next state and commands
// out; no clock, no disk, no randomness. Everything from outside (the clock,
// the applicant's data, list versions, provider answers, jitter, decisions of
// people and systems) is an input, and an input is stored before the engine
// acts on it. The state itself is never stored: recovery and replay are the
// same fold over the inputs.
//
// The runner (Engine) performs the commands: it calls checks, records what
// came back, and goes on with the next node in the same process, without a
// queue between nodes. The run row is the durable obligation (Run.DueAt says
// from when anybody may pick it up); each commit is guarded by the row's
// revision and by the place (run, seq) of the input, so two drivers of one run
// can never both act. Whatever waits longer than 30 seconds is a job.
//
// To add a node type: its fields in flow, one case in walk.go, replay cases in
// step_test.go. To add an input: its kind and payload in input.go, one case in
// step.go.
package engine
