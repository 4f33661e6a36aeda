// Package upkeep is how the process treats the machine it runs on, whatever it
// works at: [Rest] gives memory back once there is nothing to do,
// [CollectOften] and [TuneCollector] say when garbage is collected while the
// process is made and afterwards, and [LogLines] gathers lines of the log. It
// imports no other room.
package upkeep
