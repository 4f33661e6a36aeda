// Package sheet finds the page in a photograph of it and straightens it. It is
// pure: a grey picture goes in, four corners and a level picture come out.
//
// [Find] looks for the four straight edges of a card, a passport page or a
// letter on a table: a Hough transform of the gradients of a reduced picture
// proposes lines (Duda and Hart, 1972), each pair of level and upright ones is
// judged by how much of its outline really is an edge, by its share of the
// picture and by its proportions, and the best is fitted again to the edges of
// the whole picture. Whatever is not sure is not found; the caller then reads
// the picture as it is.
//
// [Page.Map] is the way back from the straightened page to the picture, so
// that what is read there can be shown where it stands.
//
// To let it find another format, add its proportions to formats in page.go.
package sheet
