// Package roster reads what authorities publish: lists of sanctioned parties,
// of politically exposed persons, of denied parties. One file per format
// (source_*.go, all named in sources.go) turns a publication into the one form
// of entity.go; read.go and table.go hold what the formats share and the
// limits that keep a hostile file harmless.
//
// A file that is empty, cut off, of another format or of another delimiter is
// refused with one error that says which; what to keep in its place is the
// business of package screen, which stores lists and asks them.
//
// To add a source: write source_<list>.go with a parse function, add one line
// to sources.go, put a sample into testdata with its golden file and a fuzz
// target beside it.
package roster
