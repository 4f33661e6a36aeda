// Package tamper looks at pictures and at what is known of a document for signs
// that somebody changed it. It is pure: pictures and values in, numbers and
// named signals out; no file, no clock, no network.
//
// LookOf gives two perceptual hashes by which a picture is known again after it
// was saved or scaled anew. Ghost looks for parts of a JPEG that were saved
// before in another quality than the rest. Weights is the table of all signals
// with their points, and a Tally adds those that were found up to 0-100.
//
// A new signal takes one row in Weights and one call of Tally.Add where it is
// found (room check).
package tamper
