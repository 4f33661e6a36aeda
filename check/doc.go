// Package check holds the questions a workflow may ask. One file per check: a
// Spec (name, options as JSON Schema, data needed, facts provided) and a
// function from what is known about a session to an Answer. [All] is the
// menu, in order; [Menu] runs one check for the engine.
//
// The rules of the room:
//
//   - Fail closed. A check that lacks what it needs answers not_configured,
//     unavailable, stale, error, review or fail, and never pass.
//   - Live organisations never reach a simulator; the sandbox never reaches a
//     document reader, a list or somebody's server. [Menu.Run] keeps them
//     apart and looks at each answer again before it lets it out.
//   - A check of the organisation's own objects (Check.Own) asks nobody outside
//     and gives its real answer in both environments; the menu names the
//     provider, so that its answers stay on their side of the wall too.
//   - An answer is taken again (Recalling) only for the same question about the
//     same material on the same day, and only if it came about.
//   - Where several documents or parties are looked at, nothing assumes that
//     there is one of a kind; what was not looked at is named.
//   - A check decides by what is in its request and by its own tools, at the
//     time of the request. It keeps nothing between two calls.
//   - Messages for people name fields, lists and rules, never the values of a
//     person.
//
// To add a check, write a file with its Spec and its function, add one line to
// all.go, and one simulated answer to simulate.go.
package check
