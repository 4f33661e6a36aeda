// Package audit is the chain: what happened, provably. It seals an event to
// the one before, verifies a range of the chain and exports a case file.
//
// Everything here is pure. Each organisation has one chain that begins at
// sequence 1 with an empty previous hash. The hash of an event is SHA-256
// over its canonical JSON (RFC 8785) with its sequence and the hash before it
// and without its own, so nothing can be changed, taken out, added in between
// or put into another order without the difference showing.
//
// Whoever can write the whole database can make the whole chain anew. Against
// that each day has a root (Day), to be kept or time-stamped elsewhere: the root of
// a Merkle tree over the hashes of the events by which the chain grew. One event is
// shown to be part of it by a Proof, without the others.
package audit
