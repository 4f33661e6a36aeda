// Package face looks at people. It finds faces in a picture, measures how well
// they were taken, compares two of them, looks whether a living person stood
// before the camera, estimates an age from a selfie and finds a face again
// among many.
//
// The room gives numbers, each with the provider, model and calibration it
// came from; thresholds and verdicts belong to the checks. What cannot be
// judged (no face, two faces, a crop too tight, a model that is missing) is an
// error or a named reason, never a low number and never a pass.
//
// Pictures come in upright and decoded: opening what an applicant sent, with
// all its limits, is the work of room document.
//
// The ports in port.go are filled by [Engine] on this machine and by room
// provider with other people's services.
package face
