// Package model keeps the networks and OCR tables that other rooms run: which
// there are, where they come from, what they expect and whether the file on
// this machine is the one that was meant.
//
// A manifest (models.yaml, built in) names for each slot the files that fill
// it, in the order they are preferred: those the figures of docs/accuracy.md
// were measured with and public ones that `bonafide models pull` can fetch. A
// file counts only when its SHA-256 is the manifest's; any other is refused
// with a reason, because a network that was exchanged decides who passes.
//
// A new public model: a row in models.yaml. A new slot: a constant in
// manifest.go, its rules in [Entry.Validate] and a row.
package model
