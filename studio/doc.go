// Package studio is the part of the console in which workflows are made: their
// list, the editor, versions and what differs between them, publication.
//
// The editor is a script (ui/web/src/studio) that reads and saves through the
// public API as the signed-in person, so it can do nothing that a key could
// not. What the API has no request for is answered here: compiling a definition
// that is not stored yet, a dry run of it with a made-up person of the sandbox,
// and the schema of a surface's definitions (compile.go, dryrun.go, schema.go).
// None of these changes anything.
//
// Workflows of all four surfaces are edited. Those of graphs (surface D) are
// drafts until they are published; those of the others are in force as soon as
// they are saved, as their APIs say.
package studio
