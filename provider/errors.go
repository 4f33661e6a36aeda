package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"bonafide/kyc"
)

// What keeps a provider from answering. The first group may pass with time and
// is of kind Unavailable; the second does not pass by itself and is Internal.
const (
	codeThrottled   = "provider_throttled"
	codeUnavailable = "provider_unavailable"
	codeTimeout     = "provider_timeout"
	codeCut         = "provider_answer_cut"
	codeOpen        = "provider_resting"

	codeDenied  = "provider_denied"
	codeRefused = "provider_refused"
	codeInvalid = "provider_answer_invalid"
)

// fails makes the error of a provider that did not answer.
func fails(code, format string, args ...any) *kyc.Error {
	kind := kyc.Internal
	switch code {
	case codeThrottled, codeUnavailable, codeTimeout, codeCut, codeOpen:
		kind = kyc.Unavailable
	}
	return &kyc.Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// missing makes the error of a provider that is not set up here.
func missing(name, why string) *kyc.Error {
	return kyc.Errorf(kyc.Unavailable, name+"_not_configured", "%s", why)
}

// aboutPicture makes the answer that a picture allows no judgement. at is
// /portrait, /selfie or /pages/N.
func aboutPicture(code, at string) *kyc.Error {
	message := map[string]string{
		"face_not_found": "no face is found on the picture", "face_too_small": "the face on the picture is too small to judge by",
		"several_faces": "more than one face is on the picture",
	}[code]
	return kyc.InvalidInput(code, message, []kyc.Problem{{Path: at, Code: code, Message: message}})
}

// answered reports whether an error is an answer: it speaks of the material,
// and another provider is not asked for a second opinion.
func answered(err *kyc.Error) bool {
	switch err.Kind {
	case kyc.Invalid, kyc.Malformed, kyc.TooLarge, kyc.UnsupportedMedia, kyc.NotFound, kyc.Gone:
		return true
	}
	return false
}

// passing reports whether the reason may be over when it is asked again.
func passing(err *kyc.Error) bool {
	return (err.Kind == kyc.Unavailable || err.Kind == kyc.RateLimited) && !strings.HasSuffix(err.Code, "_not_configured")
}

// late reports whether an error is a time that ran out.
func late(err error) bool {
	var slow net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &slow) && slow.Timeout()
}
