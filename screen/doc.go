// Package screen asks the lists: sanctions, politically exposed persons,
// denied parties. What they say is read by package roster; one store on disk
// keeps the last good state of each list (snapshot.go, manifest.go); package
// spelling knows how names are written; one
// immutable index per list answers queries in memory (index.go, joined by
// dictionary.go; flat and saved, columns.go and saved.go), and one matcher explains every point of its score (align.go,
// score.go; the weights stand in weights.go). Names that cannot come among the best
// that are wanted are not scored (ranking.go).
//
// Monitoring asks the other way round: a few entries that changed are compared
// with all parties who are monitored (audience*.go), by a bound of the same score
// that never leaves out whom a query would find.
//
// The rules of the room:
//
//   - A list that is missing, empty, stale or broken never reads as clear.
//     Each result names every list that was asked with its version, age and
//     status; Result.Worst sums them up.
//   - A bad file never replaces a good list. It is refused with one line that
//     says why, and the last good state stays in force.
//   - A score depends on the query and on the version of that one list only,
//     so it can be computed again from the stored record.
//   - The explanation is exact: the points of the rows add up to the score.
package screen
