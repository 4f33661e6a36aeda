// Package grey works on grey pictures, as the readers of documents need them:
// [Of] makes one of any decoded picture, others turn, cut, scale and warp it,
// and [Morph] is grey morphology. It is pure.
//
// Rooms that find something on such a picture (lines, zones, barcodes) are
// above it; room sheet finds the page.
package grey
