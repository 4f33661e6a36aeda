// Package batch screens every row of a CSV file against the lists, in several
// workers and in the order of the rows. A run that was stopped or killed goes on
// where its answers are known to be whole: a checkpoint beside them says how far
// that is, and names no party. It goes on only with the same input, options and
// versions of the lists.
//
// [Open] prepares a run, [Run.Screen] does it. A column of one more kind is a
// name in Roles and a line where a row becomes a query (party in rows.go).
package batch
