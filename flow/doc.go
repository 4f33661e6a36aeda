// Package flow is the law: a workflow as a graph. It reads a submitted graph,
// reports everything wrong with it at once (each problem with the node and a
// JSON Pointer), and links it into a form the engine can trust: subworkflows
// inlined, mandatory checks inserted, every default route written out.
//
// It also evaluates conditions, chooses a version by rollout share, compares
// two versions, derives what the capture flow must collect, and hashes
// definitions over canonical JSON (RFC 8785).
//
// Everything here is pure: same input, same answer; no clock, no disk, no
// randomness. The format is api.md section 6.3 (surface D, seed 003), the
// rules 6.4, data requirements 6.5, rollout 6.6.
//
// To add a node type: its fields in read_node.go, its routes in Node.edges,
// its form in Node.tree, one line in
// Describe, and compile cases in testdata/graphs.
package flow
