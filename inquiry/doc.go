// Package inquiry is the machine of questions about a party that are put
// outside of a session (surface D's standalone checks and screenings, api.md
// 6.12): is this person sanctioned, a politically exposed person, in the news?
//
// Each question is asked through Examine, the menu of checks, so it is answered
// as in a session: the wall between the environments, the organisation's
// required lists and the age of a list count here, too. Only answers with
// status ok that found nobody make an inquiry clear.
//
// An inquiry remembers its hits (known.go, pure). What a person said of a hit
// holds until the list says something else of the entry. It is asked again by
// hand, by the calendar, or when a list changed (due.go), and customers are
// told of each hit once, when it is new; what they are told commits with the
// inquiry itself.
package inquiry
