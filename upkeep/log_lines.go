package upkeep

import (
	"io"
	"sync"
	"time"
)

// Lines of the log are gathered for a moment, so that a busy server does not
// ask the system to write each alone.
const (
	logEvery = 5 * time.Millisecond // how long a line waits; what a killed process loses
	logFull  = 32 << 10             // bytes that wait for no time
)

// LogLines gathers what is written. It is for one program at a time that ends
// with Flush.
type LogLines struct {
	to io.Writer

	mu      sync.Mutex
	waiting []byte
	due     *time.Timer
	armed   bool
}

// NewLogLines gathers what is written to another writer, such as a file.
func NewLogLines(to io.Writer) *LogLines {
	l := &LogLines{to: to}
	l.due = time.AfterFunc(time.Hour, l.Flush)
	l.due.Stop()
	return l
}

// Write takes a line.
func (l *LogLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, p...)
	switch {
	case len(l.waiting) >= logFull:
		l.flush()
	case !l.armed:
		l.armed = true
		l.due.Reset(logEvery)
	}
	return len(p), nil
}

// Flush writes what waits.
func (l *LogLines) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flush()
}

func (l *LogLines) flush() {
	l.armed = false
	if len(l.waiting) > 0 {
		_, _ = l.to.Write(l.waiting) // there is nowhere to say that the log is full
		l.waiting = l.waiting[:0]
	}
}
