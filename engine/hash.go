package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// trail gathers what one step consumed and did. Its SHA-256, chained to the
// hash before, is the state hash: two runs with equal hashes consumed the same
// bytes and reacted to them in the same way. Each part carries its length, so
// no two different trails have the same bytes.
type trail struct{ b []byte }

func newTrail(prev string, in Input) trail {
	t := trail{b: make([]byte, 0, len(in.Data)+512)}
	t.text(prev)
	t.number(in.Seq)
	t.text(in.Kind)
	t.text(in.Node)
	t.number(int64(in.Attempt))
	t.number(in.At.UnixMicro())
	t.bytes(in.Data)
	return t
}

func (t *trail) number(n int64) { t.b = binary.BigEndian.AppendUint64(t.b, uint64(n)) }

func (t *trail) text(s string) {
	t.b = binary.BigEndian.AppendUint32(t.b, uint32(len(s)))
	t.b = append(t.b, s...)
}

func (t *trail) bytes(s []byte) {
	t.b = binary.BigEndian.AppendUint32(t.b, uint32(len(s)))
	t.b = append(t.b, s...)
}

// value adds a fact. Maps are written in the order of their keys.
func (t *trail) value(v any) {
	switch v := v.(type) {
	case string:
		t.text(v)
	case json.Number:
		t.text(string(v))
	default:
		t.bytes(mustJSON(v))
	}
}

// sum closes the trail with where the run stands.
func (t *trail) sum(s *State) string {
	t.text(string(s.Status))
	for _, k := range s.Tokens {
		t.text(k.Node)
		t.number(int64(k.Group))
		t.number(int64(k.Branch))
	}
	h := sha256.Sum256(t.b)
	return hex.EncodeToString(h[:])
}

// callKey names one attempt to a provider: the run, the place in its record
// where the attempt was ordered, and the token that waits for it (which names
// the node). It is the same when the attempt is sent again, and new for every
// other attempt of any run.
func callKey(in Input, token int) string {
	b := make([]byte, 0, 56)
	b = append(b, "call_"...)
	b = append(b, in.RunID...)
	b = append(b, '_')
	b = strconv.AppendInt(b, in.Seq, 10)
	b = append(b, '_')
	b = strconv.AppendInt(b, int64(token), 10)
	return string(b)
}
