package provider

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"bonafide/kyc"
)

// A service that failed tripAfter times in a row is left alone for restFor;
// then one question tries it.
const (
	tripAfter = 5
	restFor   = 30 * time.Second
)

// breaker is a circuit breaker over one service. Only reasons that may pass
// count: a refusal is an answer, and costs nobody time.
type breaker struct {
	clock kyc.Clock

	mu       sync.Mutex
	failures int
	until    time.Time // no question before, once it tripped
	trying   bool      // one question is out to see whether it is back
}

// ask runs one question, or answers at once that the service rests. A question
// whose caller went away says nothing about the service.
func (b *breaker) ask(gone func() bool, question func() *kyc.Error) *kyc.Error {
	if !b.enter() {
		return fails(codeOpen, "it failed %d times in a row and is asked again in at most %s", tripAfter, restFor)
	}
	told := false
	defer func() {
		if !told { // the question panicked
			b.leave(nil, true)
		}
	}()
	err := question()
	told = true
	b.leave(err, gone())
	return err
}

func (b *breaker) enter() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failures < tripAfter {
		return true
	}
	if b.trying || b.clock.Now().Before(b.until) {
		return false
	}
	b.trying = true
	return true
}

func (b *breaker) leave(err *kyc.Error, gone bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trying = false
	switch {
	case err == nil || !passing(err):
		if !gone {
			b.failures = 0
		}
	case gone:
	default:
		if b.failures++; b.failures >= tripAfter {
			b.until = b.clock.Now().Add(restFor)
		}
	}
}

// breakers keeps one breaker for each service. The least used are forgotten.
type breakers struct {
	clock kyc.Clock
	mu    sync.Mutex
	all   *lru.Cache[string, *breaker]
}

// maxBreakers bounds how many services are remembered.
const maxBreakers = 4096

func newBreakers(clock kyc.Clock) *breakers {
	all, _ := lru.New[string, *breaker](maxBreakers) // errs for sizes below 1 only
	return &breakers{clock: clock, all: all}
}

func (b *breakers) of(service string) *breaker {
	b.mu.Lock()
	defer b.mu.Unlock()
	if have, ok := b.all.Get(service); ok {
		return have
	}
	fresh := &breaker{clock: b.clock}
	b.all.Add(service, fresh)
	return fresh
}
