// Package entity is the machine of surface C for what is known of people: their
// names, addresses and contacts, their papers with the files, how they stand
// with each service, the search for them, the record of what happened to them,
// and the customer's own matchlists (api.md 5.3 C15-C18, C21, C24, C25; 5.10).
// What is checked about a person is the room execution's.
//
// A person is two objects of one ID: the kyc.Individual, and the kyc.Subject
// whose data key encrypts everything personal. Both change in one commit, with
// the events and the blind traits that a search finds the person by. Traits are
// only added: whoever finds somebody by one looks at the decrypted person
// before believing it, so a trait that is out of date never gives a wrong
// answer.
//
// Everything that is wrong with a body is told at once, each problem with a
// JSON Pointer in the words of kyc (/birth_date/year, /addresses/0/country);
// the surface turns the words into its own.
//
// How to extend it: a new thing somebody can do is a method of Machine in the
// file of its noun; it reads, decides, and commits once with the events it
// causes. Events are kept for ever and in the clear, so nothing personal may
// stand in them.
package entity
