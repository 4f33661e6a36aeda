// Package spelling is how names are written: it parts a name into words, writes
// each in the letters a to z whatever its script (script*.go), in as many ways as
// it may be read (readings.go), says what each word can prove (words.go, legal.go)
// and how alike two words are (similar.go). It knows no list and no party.
//
// A script that is new gets its table in a file of its own and a line in
// script.go; scores of the screening depend on all of it, so whoever changes
// something here runs `make fit-screening` and `make bench-screening`.
package spelling
