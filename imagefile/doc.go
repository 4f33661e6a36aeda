// Package imagefile opens the files that strangers send, within bounds. [Sniff]
// looks at the first bytes and refuses what must not be decoded: what is no
// picture or PDF, what is cut off, too large, or two kinds of file at a time. An
// [Opener] decodes what passed: JPEG and PNG in this process, whose cost the head
// of the file tells; WebP, TIFF and HEIC in a process of its own with bounded
// memory and time ([DecodeChild], room child). [ReadMetadata] reads what a file
// says about itself.
//
// The room knows nothing of documents: what is on a picture is read above it. A
// PDF is only looked at here; room document draws its pages.
//
// To open a format more, add it to Sniff, to decode in child.go, and a hostile
// file of it to child_test.go.
package imagefile
