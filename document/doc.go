// Package document reads papers. It takes the bytes an applicant sent and
// gives back fields, findings and quality figures, each with the region of
// the upright page it came from.
//
// The way through the room: room imagefile looks at the first bytes, refuses what
// must not be decoded and opens the rest within limits; [Reader.Read] turns
// the page upright, finds the machine-readable zone, reads it by OCR in a
// child process, parses it after ICAO Doc 9303 parts 4-7 and compares it with
// the printed text. [Reader.Inspect] shows the same as one JSON object a file.
//
// Two rules hold everywhere. What could not be read is said, never guessed:
// a repair is one look-alike character that makes every check digit verify,
// and it is recorded. And a missing tool is an error of kind Unavailable with
// the command that installs it, never a reading without content.
//
// To add a kind of document, add its zone's layout to mrz_layout.go or a
// reader of its own beside barcode.go, and let Reading.Fields carry what it
// found. To add a sign of fraud, add a function to finding.go.
package document
