package model

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"bonafide/kyc"
)

// network is what an ONNX file says of itself: the names, types and shapes of what
// it takes and answers. The numbers of the fields are those of onnx.proto, which
// never change.
type network struct {
	inputs, outputs []tensor
}

// tensor is one thing a network takes or answers.
type tensor struct {
	name  string
	kind  uint64  // TensorProto.DataType; 1: float
	shape []int64 // -1: any; nil: not stated
}

const (
	kindFloat  = 1
	maxTensors = 32 // as many outputs as room face reads
)

// piece is one field of a message: its bytes or its number.
type piece struct {
	field  protowire.Number
	bytes  []byte
	number uint64
}

// pieces splits a message of Protocol Buffers.
func pieces(b []byte) ([]piece, error) {
	var out []piece
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		b = b[n:]
		p := piece{field: field}
		switch kind {
		case protowire.VarintType:
			p.number, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			p.bytes, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(field, kind, b)
		}
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		b = b[n:]
		out = append(out, p)
	}
	return out, nil
}

// readNetwork reads an ONNX file (ModelProto). It looks at the frame of the file, not
// at its operators: whether they can be run, ONNX Runtime says.
func readNetwork(b []byte) (network, error) {
	if len(b) == 0 {
		return network{}, errors.New("it is empty")
	}
	parts, err := pieces(b)
	if err != nil {
		return network{}, fmt.Errorf("it is no message of Protocol Buffers (%w)", err)
	}
	var graph []byte
	version, operators := uint64(0), false
	for _, p := range parts {
		switch p.field {
		case 1:
			version = p.number
		case 7:
			graph = p.bytes
		case 8:
			operators = operators || p.bytes != nil
		}
	}
	if version == 0 || graph == nil || !operators {
		return network{}, errors.New("it holds no version, no set of operators or no graph")
	}
	return readGraph(graph)
}

func readGraph(b []byte) (n network, err error) {
	parts, err := pieces(b)
	if err != nil {
		return n, fmt.Errorf("its graph cannot be read (%w)", err)
	}
	nodes, constants := 0, map[string]bool{}
	for _, p := range parts {
		switch p.field {
		case 1:
			nodes++
		case 5: // a constant: files of before 2019 list it among the inputs, too
			inner, err := pieces(p.bytes)
			if err != nil {
				return n, fmt.Errorf("a constant of its graph cannot be read (%w)", err)
			}
			for _, i := range inner {
				if i.field == 8 {
					constants[string(i.bytes)] = true
				}
			}
		case 11, 12:
			t, err := readTensor(p.bytes)
			if err != nil {
				return n, fmt.Errorf("its inputs and outputs cannot be read (%w)", err)
			}
			if p.field == 11 {
				n.inputs = append(n.inputs, t)
			} else {
				n.outputs = append(n.outputs, t)
			}
		}
	}
	if nodes == 0 {
		return n, errors.New("its graph is empty")
	}
	n.inputs = slices.DeleteFunc(n.inputs, func(t tensor) bool { return constants[t.name] })
	return n, nil
}

// readTensor reads a ValueInfoProto: its name, and the element type and shape of the
// tensor that it is.
func readTensor(b []byte) (t tensor, err error) {
	inside := func(b []byte, field protowire.Number) (all []piece) {
		parts, bad := pieces(b)
		err = errors.Join(err, bad)
		return slices.DeleteFunc(parts, func(p piece) bool { return p.field != field })
	}
	for _, p := range inside(b, 1) {
		t.name = string(p.bytes)
	}
	for _, kind := range inside(b, 2) {
		for _, of := range inside(kind.bytes, 1) {
			for _, p := range inside(of.bytes, 1) {
				t.kind = p.number
			}
			for _, shape := range inside(of.bytes, 2) {
				t.shape = []int64{}
				for _, dim := range inside(shape.bytes, 1) {
					size := int64(-1)
					for _, p := range inside(dim.bytes, 1) {
						size = int64(p.number)
					}
					t.shape = append(t.shape, max(size, -1))
				}
			}
		}
	}
	return t, err
}

// numbers is how many numbers the tensor holds, or -1 where it does not say.
func (t tensor) numbers() int64 {
	if t.shape == nil {
		return -1
	}
	n := int64(1)
	for _, d := range t.shape {
		if d < 0 || d > maxOutput*maxOutput || n > maxOutput*maxOutput {
			return -1
		}
		n *= d
	}
	return n
}

// shapeOf writes a shape such as 1x3x112x112, with ? for any.
func shapeOf(shape []int64) string {
	words := make([]string, len(shape))
	for i, d := range shape {
		words[i] = "?"
		if d >= 0 {
			words[i] = strconv.FormatInt(d, 10)
		}
	}
	return strings.Join(words, "x")
}

// misfits lists what of a network is not as its slot and its description need it.
func (e Entry) misfits(n network) (out []kyc.Problem) {
	wrong := func(path, code, format string, a ...any) {
		out = append(out, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, a...)})
	}
	want := []int64{1, 3, int64(e.Input.Height), int64(e.Input.Width)}
	if len(n.inputs) != 1 {
		wrong("/input", "input_differs", "the network takes %d inputs instead of one picture", len(n.inputs))
	} else {
		in := n.inputs[0]
		same := in.kind == kindFloat && (in.shape == nil || len(in.shape) == len(want))
		for i := range in.shape {
			same = same && (in.shape[i] == want[i] || in.shape[i] == -1)
		}
		if !same {
			wrong("/input", "input_differs", "the network takes %s of type %d instead of %s of type %d (float)", shapeOf(in.shape), in.kind, shapeOf(want), kindFloat)
		}
	}
	switch {
	case len(n.outputs) == 0 || len(n.outputs) > maxTensors:
		wrong("/output", "output_differs", "the network answers %d tensors instead of 1 to %d", len(n.outputs), maxTensors)
	case e.Slot == FaceDetection:
		for _, name := range detectorOutputs() {
			if !slices.ContainsFunc(n.outputs, func(t tensor) bool { return t.name == name }) {
				wrong("/output", "output_differs", "the network answers no %s, as detectors of the YuNet kind do", name)
			}
		}
	default:
		if got := n.outputs[0].numbers(); got >= 0 && got != int64(e.Output.Size) {
			wrong("/output/size", "output_differs", "the network answers %d numbers (%s) instead of %d", got, shapeOf(n.outputs[0].shape), e.Output.Size)
		}
	}
	return out
}

// detectorOutputs are the names of what a detector answers; room face reads them.
func detectorOutputs() (out []string) {
	for _, name := range []string{"cls", "obj", "bbox", "kps"} {
		for _, stride := range []string{"8", "16", "32"} {
			out = append(out, name+"_"+stride)
		}
	}
	return out
}

// The table at the head of tesseract's *.traineddata (tessdatamanager.h): a number
// of components, and where each begins, or -1.
const (
	mostComponents   = 1000
	componentClassic = 3 // the recogniser of before version 4
	componentLSTM    = 17
)

// readTable looks whether a file is a table of tesseract that can recognise something.
func readTable(b []byte) error {
	if len(b) < 4 {
		return errors.New("it is shorter than its head")
	}
	var order binary.ByteOrder = binary.LittleEndian
	n := order.Uint32(b)
	if n > mostComponents {
		order = binary.BigEndian
		n = order.Uint32(b)
	}
	if n == 0 || n > mostComponents || len(b) < 4+8*int(n) {
		return errors.New("its head is none")
	}
	last, recognises := int64(4+8*n), false
	for i := range int(n) {
		at := int64(order.Uint64(b[4+8*i:]))
		if at == -1 {
			continue
		}
		if at < last || at >= int64(len(b)) {
			return fmt.Errorf("its part %d lies outside of it", i)
		}
		last = at
		recognises = recognises || i == componentLSTM || i == componentClassic
	}
	if !recognises {
		return errors.New("it recognises nothing")
	}
	return nil
}

// inspect says what is wrong with a file that somebody added: Invalid
// model_unreadable where it is none of the kind its slot takes, model_unfit with
// every problem where it is another than its description says.
func (e Entry) inspect(file string, b []byte) error {
	if e.Slot == MRZ || e.Slot == Eng {
		if err := readTable(b); err != nil {
			return kyc.Errorf(kyc.Invalid, "model_unreadable", "%s is no table of tesseract: %w; the slot %s takes a .traineddata file", file, err, e.Slot)
		}
		return nil
	}
	n, err := readNetwork(b)
	if err != nil {
		return kyc.Errorf(kyc.Invalid, "model_unreadable", "%s is no ONNX network: %w; the slot %s takes an .onnx file with one input of 1x3x%dx%d floats", file, err, e.Slot, e.Input.Height, e.Input.Width)
	}
	if p := e.misfits(n); len(p) > 0 {
		return kyc.InvalidInput("model_unfit", file+" does not fit the slot "+e.Slot+" as it was described", p)
	}
	return nil
}
