package face

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// net is one network, ready to run. It may run on several threads at a time.
type net struct {
	lib     *library
	session uintptr
	input   *byte   // C string
	outputs []*byte // C strings
	names   []string
	shape   []int64
	size    int // floats of the input
}

// newNet makes a session of a model's bytes, whose checksum the caller has
// verified. The network must take one tensor of floats of the given shape.
func newNet(l *library, model []byte, shape ...int64) (*net, error) {
	n := &net{lib: l, shape: shape, size: 1}
	for _, d := range shape {
		n.size *= int(d)
	}
	if len(model) == 0 {
		return nil, errors.New("the model is empty")
	}
	var options uintptr
	if err := l.do(ortCreateOptions, &options); err != nil {
		return nil, err
	}
	defer func() { l.release(ortReleaseOptions, options) }()
	for _, set := range [][]int{
		{ortSetIntraThreads, 1}, // one thread, the caller's own
		{ortSetInterThreads, 1},
		{ortSetOptimization, optimizeAll},
		// The arena stays on: without it each run asks the system for its memory anew,
		// which costs a sixth of its time and, in pieces, holds more of it.
		{ortDisableMemPattern},
	} {
		args := []any{options}
		for _, a := range set[1:] {
			args = append(args, a)
		}
		if err := l.do(set[0], args...); err != nil {
			return nil, err
		}
	}
	err := l.do(ortCreateSessionArray, l.env, &model[0], len(model), options, &n.session)
	if err != nil {
		return nil, err
	}
	if err := n.describe(); err != nil {
		n.close()
		return nil, err
	}
	return n, nil
}

// describe learns the names and holds the network to the expected input.
func (n *net) describe() error {
	l := n.lib
	var inputs, outputs uintptr
	if err := errors.Join(l.do(ortInputCount, n.session, &inputs), l.do(ortOutputCount, n.session, &outputs)); err != nil {
		return err
	}
	if inputs != 1 || outputs == 0 || outputs > 32 {
		return fmt.Errorf("the network has %d inputs and %d outputs", inputs, outputs)
	}
	name, err := n.name(ortInputName, 0)
	if err != nil {
		return err
	}
	n.input = cString(name)
	for i := range outputs {
		if name, err = n.name(ortOutputName, i); err != nil {
			return err
		}
		n.names = append(n.names, name)
		n.outputs = append(n.outputs, cString(name))
	}
	var info, tensor uintptr
	if err := l.do(ortInputType, n.session, 0, &info); err != nil {
		return err
	}
	defer func() { l.release(ortReleaseTypeInfo, info) }()
	if err := l.do(ortCastTensorInfo, info, &tensor); err != nil {
		return err
	}
	if tensor == 0 {
		return errors.New("the network takes no tensor")
	}
	var kind int32
	var rank uintptr
	if err := errors.Join(l.do(ortElementType, tensor, &kind), l.do(ortDimensionCount, tensor, &rank)); err != nil {
		return err
	}
	if kind != typeFloat || int(rank) != len(n.shape) || rank > maxDimensions {
		return fmt.Errorf("the network takes a tensor of type %d with %d dimensions", kind, rank)
	}
	dims := make([]int64, rank)
	if err := l.do(ortDimensions, tensor, &dims[0], rank); err != nil {
		return err
	}
	for i, d := range dims {
		if d != n.shape[i] && d != -1 { // -1: any
			return fmt.Errorf("the network takes %v instead of %v", dims, n.shape)
		}
	}
	return nil
}

func (n *net) name(place int, i uintptr) (string, error) {
	var p uintptr
	if err := n.lib.do(place, n.session, i, n.lib.alloc, &p); err != nil {
		return "", err
	}
	s := text(p)
	return s, n.lib.do(ortFree, n.lib.alloc, p)
}

// run computes the outputs by name. The input is neither kept nor changed.
func (n *net) run(input []float32) (map[string][]float32, error) {
	if len(input) != n.size {
		return nil, fmt.Errorf("the network takes %d numbers and got %d", n.size, len(input))
	}
	l := n.lib
	var pin runtime.Pinner
	defer pin.Unpin()
	values := make([]uintptr, len(n.outputs)+1)
	inNames, outNames := make([]uintptr, 1), make([]uintptr, len(n.outputs))
	// What a tensor or a table of names points at outlives the call that
	// makes it.
	pin.Pin(&input[0])
	pin.Pin(n.input)
	inNames[0] = uintptr(unsafe.Pointer(n.input))
	for i, name := range n.outputs {
		pin.Pin(name)
		outNames[i] = uintptr(unsafe.Pointer(name))
	}
	defer func() {
		for _, v := range values {
			l.release(ortReleaseValue, v)
		}
	}()
	if err := l.do(ortCreateTensor, l.memory, &input[0], len(input)*4, &n.shape[0], len(n.shape), typeFloat, &values[0]); err != nil {
		return nil, err
	}
	if err := l.do(ortRun, n.session, 0, &inNames[0], &values[0], 1, &outNames[0], len(n.outputs), &values[1]); err != nil {
		return nil, err
	}
	out := make(map[string][]float32, len(n.outputs))
	for i, name := range n.names {
		data, err := n.read(values[i+1])
		if err != nil {
			return nil, err
		}
		out[name] = data
	}
	return out, nil
}

// read copies a tensor of floats out of the library's memory.
func (n *net) read(value uintptr) ([]float32, error) {
	l := n.lib
	var info, count, data uintptr
	var kind int32
	if err := l.do(ortTensorInfo, value, &info); err != nil {
		return nil, err
	}
	defer func() { l.release(ortReleaseTensorInfo, info) }()
	if err := errors.Join(l.do(ortElementType, info, &kind), l.do(ortElementCount, info, &count)); err != nil {
		return nil, err
	}
	if kind != typeFloat || count == 0 || count > maxNumbers {
		return nil, fmt.Errorf("the network answered %d numbers of type %d", count, kind)
	}
	if err := l.do(ortTensorData, value, &data); err != nil {
		return nil, err
	}
	return append([]float32(nil), unsafe.Slice((*float32)(pointer(data)), int(count))...), nil
}

// maxNumbers is the largest output that is read.
const maxNumbers = 1 << 20

// close gives the session back; nothing may run in it any more.
func (n *net) close() {
	n.lib.release(ortReleaseSession, n.session)
	n.session = 0
}
