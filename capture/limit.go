package capture

import (
	"crypto/sha256"
	"sync"

	"bonafide/kyc"
)

// Bounds of what is under way at once. A stream costs a connection and a look at
// the session every second; an upload up to maxUpload of memory.
const (
	streamsOfLink = 6    // tabs and devices that follow one session
	streamsOfAll  = 2000 // of one server
	uploadsOfLink = 2
	uploadsOfAll  = 16
	// retryAfter is how many seconds whoever was refused shall wait.
	retryAfter = "5"
)

// limit counts what is under way for each link and in all.
type limit struct {
	each, all int

	mu   sync.Mutex
	used map[[sha256.Size]byte]int // by the token's hash: a token is a secret
	sum  int
}

func newLimit(each, all int) *limit {
	return &limit{each: each, all: all, used: map[[sha256.Size]byte]int{}}
}

// take notes that something begins; done is called when it ended. Errors:
// RateLimited capture_busy, with which nothing was begun.
func (l *limit) take(token string) (done func(), err error) {
	key := sha256.Sum256([]byte(token))
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.used[key] >= l.each || l.sum >= l.all {
		return nil, kyc.Errorf(kyc.RateLimited, "capture_busy", "too much is under way at once; wait a moment and try again")
	}
	l.used[key]++
	l.sum++
	var once sync.Once
	return func() {
		once.Do(func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.sum--
			if l.used[key]--; l.used[key] == 0 {
				delete(l.used, key)
			}
		})
	}, nil
}
