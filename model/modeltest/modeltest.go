// Package modeltest writes small networks for tests.
package modeltest

import (
	"cmp"
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

// Network is an ONNX network that answers the mean of each plane of its picture:
// 1x3 numbers, which ONNX Runtime can run as long as nothing here says otherwise.
type Network struct {
	Inputs   []string // empty: one
	Input    []int64  // shape of each, such as 1x3x112x112; nil: not stated
	Kind     uint64   // TensorProto.DataType of the inputs; 0: float
	Outputs  []string // names; empty: one
	Output   []int64  // shape of each; nil: not stated
	Operator string   // of its first node; empty: GlobalAveragePool
	Listed   bool     // a constant stands among the inputs, as in old files
}

// Bytes is the file (ModelProto of onnx.proto).
func (n Network) Bytes() []byte {
	inputs, outputs := n.Inputs, n.Outputs
	if len(inputs) == 0 {
		inputs = []string{"picture"}
	}
	if len(outputs) == 0 {
		outputs = []string{"answer"}
	}
	graph := join(
		part(1, node(cmp.Or(n.Operator, "GlobalAveragePool"), inputs[0], "means")),
		part(1, node("Flatten", "means", outputs[0])),
		part(2, []byte("made")),
		part(5, join(number(1, 1), number(2, 1), part(8, []byte("constant")), part(9, binary.LittleEndian.AppendUint32(nil, 0)))))
	kind := n.Kind
	if kind == 0 {
		kind = 1
	}
	for _, name := range inputs {
		graph = append(graph, part(11, value(name, kind, n.Input))...)
	}
	if n.Listed {
		graph = append(graph, part(11, value("constant", 1, []int64{1}))...)
	}
	for _, name := range outputs {
		graph = append(graph, part(12, value(name, 1, n.Output))...)
	}
	return join(number(1, 8), part(7, graph), part(8, number(2, 13)))
}

func node(operator, in, out string) []byte {
	return join(part(1, []byte(in)), part(2, []byte(out)), part(4, []byte(operator)))
}

func value(name string, kind uint64, shape []int64) []byte {
	tensor := number(1, kind)
	if shape != nil {
		var dims []byte
		for _, d := range shape {
			var dim []byte // nothing: any
			if d >= 0 {
				dim = number(1, uint64(d))
			}
			dims = append(dims, part(1, dim)...)
		}
		tensor = append(tensor, part(2, dims)...)
	}
	return join(part(1, []byte(name)), part(2, part(1, tensor)))
}

func number(field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), v)
}

func part(field protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), b)
}

func join(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}
