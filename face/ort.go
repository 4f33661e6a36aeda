package face

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"unsafe"
)

// The binding to ONNX Runtime's C interface (onnxruntime_c_api.h): a table of
// functions that only ever grows, so a place in it keeps its meaning in every
// later release. The library is loaded at run time and never linked. Only
// pointers and whole numbers cross the border; the tensors' memory belongs to
// whoever made it and is checked for its size before it is read.
const (
	ortGetErrorMessage    = 2
	ortCreateEnv          = 3
	ortCreateSessionArray = 8
	ortRun                = 9
	ortCreateOptions      = 10
	ortDisableMemPattern  = 17
	ortSetOptimization    = 23
	ortSetIntraThreads    = 24
	ortSetInterThreads    = 25
	ortInputCount         = 30
	ortOutputCount        = 31
	ortInputType          = 33
	ortInputName          = 36
	ortOutputName         = 37
	ortCreateTensor       = 49
	ortTensorData         = 51
	ortCastTensorInfo     = 55
	ortElementType        = 60
	ortDimensionCount     = 61
	ortDimensions         = 62
	ortElementCount       = 64
	ortTensorInfo         = 65
	ortCPUMemory          = 69
	ortFree               = 76
	ortAllocator          = 78
	ortReleaseStatus      = 93
	ortReleaseSession     = 95
	ortReleaseValue       = 96
	ortReleaseTypeInfo    = 98
	ortReleaseTensorInfo  = 99
	ortReleaseOptions     = 100
	ortTableSize          = 101 // places of the first release

	// apiVersion is the oldest table that is asked for: release 1.16.
	apiVersion = 16

	logFatal        = 4
	optimizeAll     = 99
	typeFloat       = 1
	arenaAllocator  = 1
	defaultMemory   = 0
	maxDimensions   = 8
	maxMessageBytes = 512
)

// library is ONNX Runtime, loaded.
type library struct {
	path    string
	version string
	api     *[ortTableSize]uintptr
	env     uintptr
	memory  uintptr
	alloc   uintptr
}

// loadLibrary loads ONNX Runtime from a file. It stays loaded until the
// process ends: threads of the library may still run in it.
func loadLibrary(path string) (*library, error) {
	entry, err := openLibrary(path, "OrtGetApiBase")
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", path, err)
	}
	base := (*[2]uintptr)(pointer(call(entry)))
	if base == nil || base[0] == 0 || base[1] == 0 {
		return nil, errors.New(path + " is no ONNX Runtime")
	}
	l := &library{path: path, version: text(call(base[1]))}
	if l.api = (*[ortTableSize]uintptr)(pointer(call(base[0], apiVersion))); l.api == nil {
		return nil, fmt.Errorf("ONNX Runtime %s is too old; 1.%d or later is needed", l.version, apiVersion)
	}
	if err := l.do(ortCreateEnv, logFatal, cString("bonafide"), &l.env); err != nil {
		return nil, err
	}
	if err := l.do(ortCPUMemory, arenaAllocator, defaultMemory, &l.memory); err != nil {
		return nil, err
	}
	return l, l.do(ortAllocator, &l.alloc)
}

// do calls a function that answers a status. Arguments are whole numbers and
// C's own pointers (uintptr) or pointers into Go's memory, which is held in
// its place until the call returns.
func (l *library) do(place int, args ...any) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	plain := make([]uintptr, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case int:
			plain[i] = uintptr(a)
		case uintptr:
			plain[i] = a
		default:
			pin.Pin(a)
			plain[i] = reflect.ValueOf(a).Pointer()
		}
	}
	status := call(l.api[place], plain...)
	if status == 0 {
		return nil
	}
	message := text(call(l.api[ortGetErrorMessage], status))
	call(l.api[ortReleaseStatus], status)
	return errors.New("ONNX Runtime: " + message)
}

// release gives an object back; nothing is done for one that was never made.
func (l *library) release(place int, object uintptr) {
	if object != 0 {
		call(l.api[place], object)
	}
}

// pointer crosses the border the other way. What C hands out lives outside
// Go's heap, and the garbage collector leaves it alone.
func pointer(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// text copies a C string.
func text(p uintptr) string {
	if p == 0 {
		return ""
	}
	var out []byte
	for i := range maxMessageBytes {
		b := *(*byte)(unsafe.Add(pointer(p), i))
		if b == 0 {
			break
		}
		out = append(out, b)
	}
	return string(out)
}

func cString(s string) *byte { return &append([]byte(s), 0)[0] }

// libraryName is the file's usual name on this system.
func libraryName() []string {
	if runtime.GOOS == "darwin" {
		return []string{"libonnxruntime.dylib", "libonnxruntime.1.dylib"}
	}
	return []string{"libonnxruntime.so", "libonnxruntime.so.1"}
}

// findLibrary looks for ONNX Runtime: in the folders given, beside the
// program and in the folder of make there, and where operating systems keep libraries.
func findLibrary(dirs ...string) string {
	if self, err := os.Executable(); err == nil {
		dir := filepath.Dir(self)
		dirs = append(dirs, dir, filepath.Join(dir, ".cache", "onnxruntime"), filepath.Join(dir, "..", "lib"))
	}
	dirs = append(dirs, "/usr/local/lib", "/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/opt/onnxruntime/lib", "/opt/homebrew/lib")
	for _, dir := range dirs {
		if dir == "" {
			continue
		}
		for _, name := range libraryName() {
			path := filepath.Join(dir, name)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				if whole, err := filepath.Abs(path); err == nil {
					return whole
				}
			}
		}
	}
	return ""
}
