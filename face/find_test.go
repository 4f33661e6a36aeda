package face

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"
)

// FuzzDecode reads any answer of a detector: wrong shapes are an error, and a
// number that is none never becomes a face.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{}, 8)
	f.Add([]byte{0, 0, 128, 63, 0, 0, 192, 127, 255, 255, 127, 127}, 8)
	f.Fuzz(func(t *testing.T, b []byte, stride int) {
		const side = 32
		out := map[string][]float32{}
		for _, s := range []int{8, 16, 32} {
			n := (side / s) * (side / s)
			for name, each := range map[string]int{"cls": 1, "obj": 1, "bbox": 4, "kps": 10} {
				v := make([]float32, n*each)
				for i := range v {
					if len(b) >= 4 {
						at := (i * 4) % (len(b) - 3)
						v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[at:]))
					}
				}
				if s == stride && name == "kps" && len(b)%2 == 1 {
					v = v[:len(v)-1]
				}
				out[fmt.Sprintf("%s_%d", name, s)] = v
			}
		}
		faces, err := decode(out, side)
		if err != nil {
			return
		}
		for _, f := range distinct(faces) {
			if !f.sound() || !(f.Score >= faceScore) {
				t.Errorf("%+v", f)
			}
		}
	})
}
