package document

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
	"time"
)

// A document is read by several checks of one run. Reading takes seconds, so
// the last readings are kept for a short while; they are personal data and
// therefore forgotten again, used or not.
const (
	keptReadings = 64
	keptFor      = 5 * time.Minute
	keptText     = 1 << 20 // bytes of text of one reading; more is not kept
)

type readingKey [sha256.Size]byte

// memory keeps readings by what was read. It is safe for use by many
// goroutines; the zero value is ready.
type memory struct {
	mu     sync.Mutex
	kept   map[readingKey]keptReading
	order  []readingKey // oldest first
	closed bool
}

type keptReading struct {
	reading Reading
	timer   *time.Timer
}

// keyOf names a question: the files in their order, as whose they came, and
// the day, on which two-digit years depend.
func keyOf(files []File, now time.Time) readingKey {
	h := sha256.New()
	put := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	put([]byte(now.UTC().Format(time.DateOnly)))
	for _, f := range files {
		put([]byte(f.Kind))
		put([]byte(f.Upload))
		put(f.Bytes)
	}
	return readingKey(h.Sum(nil))
}

func (m *memory) get(k readingKey) (Reading, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept, ok := m.kept[k]
	return kept.reading.clone(), ok
}

func (m *memory) put(k readingKey, r Reading) {
	size := len(r.VisualText)
	for _, p := range r.Pages {
		size += len(p.Text)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, twice := m.kept[k]; twice || m.closed || size > keptText {
		return
	}
	if m.kept == nil {
		m.kept = map[readingKey]keptReading{}
	}
	for len(m.order) >= keptReadings {
		m.drop(m.order[0])
	}
	m.order = append(m.order, k)
	m.kept[k] = keptReading{reading: r.clone(), timer: time.AfterFunc(keptFor, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.drop(k)
	})}
}

// drop needs the lock.
func (m *memory) drop(k readingKey) {
	if kept, ok := m.kept[k]; ok {
		kept.timer.Stop()
		delete(m.kept, k)
		m.order = slices.DeleteFunc(m.order, func(have readingKey) bool { return have == k })
	}
}

// close forgets everything and keeps nothing more.
func (m *memory) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.order) > 0 {
		m.drop(m.order[0])
	}
	m.closed = true
}

// clone copies what a caller might write to.
func (r Reading) clone() Reading {
	r.Verdicts = slices.Clone(r.Verdicts)
	r.Pages, r.Fields, r.Findings, r.Barcodes = slices.Clone(r.Pages), slices.Clone(r.Fields), slices.Clone(r.Findings), slices.Clone(r.Barcodes)
	r.Comparisons, r.NotLookedFor = slices.Clone(r.Comparisons), slices.Clone(r.NotLookedFor)
	if r.MRZ != nil {
		m := *r.MRZ
		r.MRZ = &m
	}
	return r
}
