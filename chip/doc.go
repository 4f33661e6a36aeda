// Package chip verifies the chips of electronic passports by passive
// authentication (ICAO Doc 9303 parts 10 to 12): from the files that an app
// read it tells whether a trusted state signed them, whether anything was
// added, changed or left out, and whether they belong to the photographed
// document.
//
// The way through the room: [NewTrust] reads the certificates of the states
// (master lists, single certificates, revocation lists); [Verify] holds the
// files against them and gives a [Report]; [Portrait] takes the holder's
// picture out of data group 2.
//
// Passive authentication proves the data, not the chip: that it is no copy is
// always [NotProven]. A check without trusted certificates, or with lists that
// are too old, is not performed and never passes.
//
// The files come from a stranger's telephone. They are surveyed (ber.go) before
// a parser of others sees them, and every size is bounded. The elliptic curves
// of RFC 5639 are a module of their own below this room
// (docs/decisions/0026-brainpool.md).
//
// To add a rule, add a step to visit.authenticate or visit.readZone that says
// its reason; a new kind of trust file goes into list.go and trustKind.
package chip
