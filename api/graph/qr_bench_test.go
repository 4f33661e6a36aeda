package graph

import (
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/session"
)

// BenchmarkCaptureLink measures what the QR code adds to creating a session.
func BenchmarkCaptureLink(b *testing.B) {
	s := &surface{}
	link := session.Link{Token: strings.Repeat("x", 43), Session: kyc.Session{}}
	for b.Loop() {
		if _, err := s.showLink(Base{url: "https://kyc.example"}, link); err != nil {
			b.Fatal(err)
		}
	}
}
