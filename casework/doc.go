// Package casework is where reviewers work: the queue of cases that wait and
// the page of one case with its decision. It is a section of the console.
package casework
