// Package insight makes the figures of the console's analytics: how far
// applicants come and how long each step takes, how sessions end and why, how
// checks and providers answer and how long they take, and what reviewers do.
//
// Sessions, steps and reviews are counted exactly, from what is stored, and
// kept in memory for a minute: a reader gets the last figures at once, with the
// time they are of, while new ones are made. Answers of checks are counted as
// they come (Machine.Checked), gathered in memory and added to the store's
// tallies every few seconds; a process that is killed loses those few seconds.
// Nothing here is personal data.
package insight
