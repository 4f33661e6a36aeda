package screen

import (
	"cmp"
	"slices"
)

// eachDeletion calls f for the word with each one letter left out.
func eachDeletion(s string, f func([]byte)) {
	var buf [maxWordBytes]byte
	for i := 0; i < len(s); i++ {
		if i > 0 && s[i] == s[i-1] {
			continue
		}
		n := copy(buf[:], s[:i])
		n += copy(buf[n:], s[i+1:])
		f(buf[:n])
	}
}

// keyTable leads from a hashed key to the places of the words that have it. Hash collisions
// only cost a comparison, because every found word is measured afterwards.
type keyTable struct {
	pairs   []keyPair
	buckets []uint32 // start of each leading-bits bucket
	shift   uint
}

type keyPair struct{ hash, place uint32 }

func (t *keyTable) add(hash, place uint32) { t.pairs = append(t.pairs, keyPair{hash, place}) }

// freeze sorts the pairs: first into buckets by the leading bits of the hash,
// which are about evenly filled, then each bucket.
func (t *keyTable) freeze() {
	width := uint(1)
	for 1<<width < len(t.pairs)/2 && width < 24 {
		width++
	}
	t.shift = 32 - width
	at := make([]uint32, 1<<width+1)
	for _, p := range t.pairs {
		at[p.hash>>t.shift+1]++
	}
	for b := range 1 << width {
		at[b+1] += at[b]
	}
	sorted := make([]keyPair, len(t.pairs))
	for _, p := range t.pairs {
		b := p.hash >> t.shift
		sorted[at[b]] = p
		at[b]++
	}
	// Now each at[b] is the end of its bucket. Doubles are left out while the
	// buckets close ranks.
	t.buckets = make([]uint32, 1<<width+1)
	from, kept := uint32(0), sorted[:0]
	for b := range 1 << width {
		bucket := sorted[from:at[b]]
		from = at[b]
		slices.SortFunc(bucket, func(a, b keyPair) int {
			return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.place, b.place))
		})
		kept = append(kept, slices.Compact(bucket)...)
		t.buckets[b+1] = uint32(len(kept))
	}
	t.pairs = slices.Clone(kept)
}

func (t *keyTable) find(hash uint32) []keyPair {
	if len(t.pairs) == 0 {
		return nil
	}
	b := hash >> t.shift
	from, to := t.buckets[b], t.buckets[b+1]
	for from < to && t.pairs[from].hash < hash {
		from++
	}
	end := from
	for end < to && t.pairs[end].hash == hash {
		end++
	}
	return t.pairs[from:end]
}

// hashWord is FNV-1a with a final mix, so that the leading bits are spread.
func hashWord(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return mix(h)
}

func hashBytes(s []byte) uint32 {
	h := uint32(2166136261)
	for _, c := range s {
		h = (h ^ uint32(c)) * 16777619
	}
	return mix(h)
}

func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}
