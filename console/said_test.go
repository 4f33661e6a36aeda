package console_test

import (
	"testing"

	"bonafide/console"
)

func TestActionsInWords(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{"case.reject": "Case rejected", "session.read": "Session looked at", "user.sign_in": "Signed in", "webhook_endpoint.create": "Webhook endpoint made",
		"signature_keys.rotate": "Signing key pair changed",
		"made_up.go_on":         "Made up: go on", "alone": "Alone"} {
		if got := console.Said(action); got != want {
			t.Errorf("%s is said %q", action, got)
		}
	}
}
