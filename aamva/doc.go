// Package aamva reads the payload of the two-dimensional barcode on the back
// of North American driving licences and identity cards, after the AAMVA DL/ID
// Card Design Standard (editions 2000, 2003, 2005, 2009, 2010, 2011, 2012,
// 2013, 2016 and 2020: version numbers 01 to 10, and later ones, which add
// elements only).
//
// [Parse] takes the text of a barcode and gives a [Licence]: the elements as
// they stand in the code, and what they mean. It is pure: no clock, no disk,
// same text, same answer. What the real codes do against the standard (a byte
// order mark, blanks before the header, lost separators, a subfile without its
// designator, dates in the other order) is read as far as it has one meaning
// only; what has none stays empty.
//
// To add an element, add a line to elements.go; to add an issuer, one to
// issuers.go.
package aamva
