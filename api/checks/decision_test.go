package checks

import (
	"testing"

	"bonafide/kyc"
)

// rules sets the organisation's rules in both environments.
func (b *bench) rules(t *testing.T, c kyc.CheckSettings) {
	t.Helper()
	org, err := b.DB.Org(t.Context(), b.Dev.ID)
	if err != nil {
		t.Fatal(err)
	}
	org.Settings = map[kyc.Env]kyc.Settings{}
	for _, env := range []kyc.Env{kyc.Live, kyc.Sandbox} {
		s := kyc.DefaultSettings()
		s.Checks = c
		org.Settings[env] = s
	}
	org.Touch(b.Clock.Now())
	if err := b.DB.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{&org}}); err != nil {
		t.Fatal(err)
	}
}

func TestOrganisationsDecideTheirWay(t *testing.T) {
	t.Parallel()
	for auto, want := range map[string]struct{ good, refused, away string }{
		"":                   {"VERIFIED", "SUBMITTED", "SUBMITTED"},
		"approve":            {"VERIFIED", "SUBMITTED", "SUBMITTED"},
		"approve_and_reject": {"VERIFIED", "REJECTED", "SUBMITTED"}, // who could not be asked has refused nobody
		"manual":             {"SUBMITTED", "SUBMITTED", "SUBMITTED"},
	} {
		t.Run("auto_decision "+auto, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.rules(t, kyc.CheckSettings{AutoDecision: auto, Attempts: 1})
			workflow := b.workflow(t, `{"id":"CONSENT"},{"id":"PEP_SANCTIONS"}`)
			end := func(family string, accepted bool) string {
				id := b.sandbox.session(workflow, family)
				b.sandbox.submit(id, "CONSENT", map[string]any{"accepted": accepted, "legal_name": "Anna " + family})
				b.sandbox.submit(id, "PEP_SANCTIONS", identity(family))
				return b.settled(t, b.sandbox, id)
			}
			if got := end("Approve", true); got != want.good {
				t.Errorf("all steps completed: %s, want %s", got, want.good)
			}
			if got := end("Approve", false); got != want.refused {
				t.Errorf("a consent that was refused: %s, want %s", got, want.refused)
			}
			if got := end("Sanction", true); got != want.refused {
				t.Errorf("a listed name: %s, want %s", got, want.refused)
			}
			if got := end("Error5xx", true); got != want.away {
				t.Errorf("a provider that is away: %s, want %s", got, want.away)
			}
		})
	}
}

func TestOrganisationsHaveTheirOwnDefaults(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.rules(t, kyc.CheckSettings{MaximumAge: 80, ExpiryPolicy: "strict", Attempts: 2})
	made := b.live.Must(201, "POST", "/v1/workflows", `{"name":"x","steps":[{"id":"ID_VERIFICATION","config":{"face_front_photo_only":true}}]}`)
	if made.At("workflow.steps.0.config.maximum_age") != 80.0 || len(made.List("warnings")) != 0 {
		t.Errorf("%s", made.Raw)
	}
	// Strict: a document that expired 30 days ago is not accepted, whatever
	// expiry_date_years says; and there are two attempts.
	id := b.sandbox.session(made.Str("workflow.id"), "Expired")
	for i, want := range []string{"IN_PROGRESS", "FAILED"} {
		r := b.sandbox.submit(id, "ID_VERIFICATION", b.sandbox.papers(id))
		if r.Str("step_status") != want || r.Str("failure_reason") == "" {
			t.Errorf("attempt %d: %s", i+1, r.Raw)
		}
	}
}
