//go:build !((linux || darwin) && (amd64 || arm64))

package face

import "errors"

// openLibrary answers that this platform is not one the engine runs on.
func openLibrary(string, string) (uintptr, error) {
	return 0, errors.New("the face engine runs on Linux and macOS, on amd64 and arm64")
}

func call(uintptr, ...uintptr) uintptr { return 0 }
