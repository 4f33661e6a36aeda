// Package execution is the machine of surface C (api.md section 5): the
// workflows an administrator writes, their executions for individuals, what
// people say of the results, and the monitoring that screens again when a list
// changed.
//
// The law is the room procedure: it reads definitions, compiles them and turns
// what the checks answered into step results, issues, risk and process results.
// This room reads, asks the law, and commits once with the events it causes.
//
// Three things are kept apart (seed 002). The result of an execution is the
// machine's and never changes once the execution ended. Its status holds what
// is in force and follows an override. What a person says of a process result
// stands beside the result of that process, with who, when and the request.
//
// An execution shares its ID with the session that carries the run, and both
// change in one commit: its beginning (order.go) with the profile and the
// evidence, its end (finish.go) with the results, the issues and the risk.
//
// Monitoring looks at people when a list changed. The look at everybody
// (rescreen.go) decides from the profile and the person who is screened; before
// it, those are looked at whom a crowd in memory finds touched (sweep_crowd.go,
// sweep_prompt.go), so that a hit is told at once. Nothing depends on the crowd
// but that time.
//
// How to extend it: a new thing somebody can do is a method of Machine in the
// file of its noun. Events are kept for ever and in the clear, so names,
// comments and what was found stay out of them; comments are sealed with the
// object they are about.
package execution
