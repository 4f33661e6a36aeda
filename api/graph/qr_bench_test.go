package graph

import (
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/session"
)

// BenchmarkCaptureLink measures what the QR code adds to creating a session.
func BenchmarkCaptureLink(b *testing.B) {
	s := &surface{Deps: Deps{PublicURL: "https://kyc.example"}}
	link := session.Link{Token: strings.Repeat("x", 43), Session: kyc.Session{}}
	for b.Loop() {
		if _, err := s.showLink(Base{}, link); err != nil {
			b.Fatal(err)
		}
	}
}
