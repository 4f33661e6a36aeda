package screen

import (
	"cmp"
	"math/bits"
	"slices"

	"bonafide/spelling"
)

// eachDeletion calls f for the word with each one letter left out.
func eachDeletion(s string, f func([]byte)) {
	var buf [spelling.MaxWordBytes]byte
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
	buckets []uint32 // start of each leading-bits bucket; their number tells how many bits lead
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
	shift := 32 - width
	at := make([]uint32, 1<<width+1)
	for _, p := range t.pairs {
		at[p.hash>>shift+1]++
	}
	for b := range 1 << width {
		at[b+1] += at[b]
	}
	sorted := make([]keyPair, len(t.pairs))
	for _, p := range t.pairs {
		b := p.hash >> shift
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

// bucket is where the pairs with a hash stand, among others.
func (t *keyTable) bucket(hash uint32) (from, to uint32) {
	b := hash >> (33 - uint(bits.Len(uint(len(t.buckets)))))
	return t.buckets[b], t.buckets[b+1]
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

// textTable leads from a text to the first of the words with it: a table of
// word + 1, in which the place after the one that is taken is tried next.
type textTable []uint32

func newTextTable(l *lexicon) textTable {
	size := 4
	for size < 2*l.vocabulary() {
		size *= 2
	}
	t := make(textTable, size)
	for w := range uint32(l.vocabulary()) {
		if _, ok := t.find(l, l.spelled(w), l.words[w].loose); ok {
			continue
		}
		at := t.start(l.spelled(w), l.words[w].loose)
		for t[at] != 0 {
			at = (at + 1) & (size - 1)
		}
		t[at] = w + 1
	}
	return t
}

func (t textTable) start(text string, loose bool) int {
	h := hashWord(text)
	if loose {
		h = mix(h)
	}
	return int(h) & (len(t) - 1)
}

func (t textTable) find(l *lexicon, text string, loose bool) (word uint32, ok bool) {
	for at := t.start(text, loose); t[at] != 0; at = (at + 1) & (len(t) - 1) {
		if w := t[at] - 1; l.words[w].loose == loose && l.spelled(w) == text {
			return w, true
		}
	}
	return 0, false
}
