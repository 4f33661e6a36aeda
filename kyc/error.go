package kyc

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind classes an error by what the caller can do about it. Each surface owns
// one table from Kind to its own status.
type Kind uint8

// The kinds. The usual HTTP status stands beside each.
const (
	Internal           Kind = iota // 500 something broke here
	Malformed                      // 400 the request cannot be read
	Unauthenticated                // 401 no or bad credential
	Forbidden                      // 403 the credential may not do this
	NotFound                       // 404 no such object for this tenant
	Conflict                       // 409 the object's state forbids it now
	PreconditionFailed             // 412 it changed since it was read
	TooLarge                       // 413
	UnsupportedMedia               // 415
	Invalid                        // 422 readable but wrong; see Problems
	RateLimited                    // 429
	Unavailable                    // 503 a part we need is not ready
	Gone                           // 410 it was here, and its time is over
)

// Problem is one thing wrong with an input: where (a JSON Pointer, RFC 6901),
// which rule (snake_case code) and a sentence for a person. Node names the
// workflow node where there is one; Nodes lists several (a cycle).
type Problem struct {
	Path    string   `json:"path"`
	Code    string   `json:"code"`
	Message string   `json:"message"`
	Node    string   `json:"node,omitempty"`
	Nodes   []string `json:"nodes,omitempty"`
}

// Error is the one error type that crosses rooms. Code is a stable snake_case
// word a program can read; Message is a sentence for a person and never
// contains personal data.
type Error struct {
	Kind       Kind
	Code       string
	Message    string
	Problems   []Problem
	RetryAfter time.Duration
	Cause      error
}

// Errorf makes an Error. A %w verb keeps its operand as the cause.
func Errorf(kind Kind, code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Code: code, Message: err.Error(), Cause: errors.Unwrap(err)}
}

// InvalidInput makes the error that lists every problem of one input.
func InvalidInput(code, message string, problems []Problem) *Error {
	return &Error{Kind: Invalid, Code: code, Message: message, Problems: problems}
}

// Missing is the answer for an object that does not exist for this tenant.
func Missing(what string, id string) *Error {
	return Errorf(NotFound, "not_found", "there is no %s %q here", what, id)
}

// Error gives the code, the message and every problem on one line.
func (e *Error) Error() string {
	if len(e.Problems) == 0 {
		return e.Code + ": " + e.Message
	}
	var b strings.Builder
	b.WriteString(e.Code + ": " + e.Message)
	for _, p := range e.Problems {
		b.WriteString("; " + p.Path + " " + p.Code + ": " + p.Message)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// AsError finds the Error in a chain; an unknown error becomes Internal, with
// a message that tells an outsider nothing.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Code: "internal", Message: "something went wrong here; the request id finds it in the log", Cause: err}
}

// KindOf reads the kind of an error.
func KindOf(err error) Kind { return AsError(err).Kind }

// IsCode reports whether the chain holds an Error with that code.
func IsCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// Stale is what the store answers when a compare-and-set lost: the object
// changed, or the run's next place in its record is taken.
func Stale(what string) *Error {
	return Errorf(Conflict, "concurrent_change", "%s was changed by somebody else at the same time; read it again", what)
}
