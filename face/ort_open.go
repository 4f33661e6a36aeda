//go:build (linux || darwin) && (amd64 || arm64)

package face

import "github.com/ebitengine/purego"

// openLibrary loads a shared library and finds one of its functions.
func openLibrary(path, function string) (uintptr, error) {
	lib, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return 0, err
	}
	return purego.Dlsym(lib, function)
}

// call calls a C function whose arguments are pointers and whole numbers.
func call(fn uintptr, args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(fn, args...)
	return r
}
