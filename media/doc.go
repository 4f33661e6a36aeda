// Package media reads what the news says of people and companies. Operators
// import feeds (RSS, Atom, JSON lines, CSV); one SQLite file keeps the articles
// and a full-text index of the names in them (library.go); a search finds the
// articles that may name a party, reads the sentences around each mention and
// says what they report of whom (reading.go, clause.go), by the word lists of
// each language (words_*.go).
//
// The rules of the room:
//
//   - A feed that is missing, stale or broken never reads as clear. Each result
//     names every feed that was asked with its version, age and status.
//   - A bad file never replaces good articles: an import commits whole or not
//     at all.
//   - What is reported is told by rules that name themselves and the words they
//     rest on. Nothing here is learned or guessed by a model.
//   - Feeds are hostile input: every one of them is bounded in size, count and
//     depth, and markup is stripped before it is kept.
package media
