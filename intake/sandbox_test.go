package intake

import (
	"testing"

	"bonafide/check"
	"bonafide/kyc"
)

// boxed is a bench whose checks are those of the sandbox.
func boxed(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	menu, err := check.New(b.d.Clock, check.All(check.Deps{Clock: b.d.Clock}), check.NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	b.d.Examine, b.d.InputHash, b.d.Catalog = menu.Run, menu.Hash, check.Catalog()
	return b
}

// everything is a checklist of all steps.
func everything() []string {
	return []string{idStep(`,"escalation_type":"nfc-passport","require_secondary_id":true`), "FACE_LIVENESS", "AGE_ESTIMATION", "PEP_SANCTIONS", "ADVERSE_MEDIA",
		"CONSENT", "DOCUMENT_UPLOAD"}
}

// TestTheMagicNamesInTheSandbox walks a whole checklist with the real menu. The
// customer gives the magic family name; later the applicant types another one.
func TestTheMagicNamesInTheSandbox(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, step, reason string
		attempts           int
	}{
		{"Example", "", "", 0},
		{"APPROVE", "", "", 0},
		{"REJECT", "ID_VERIFICATION", "document_rejected", 3},
		// The seed tolerates an ID that expired 30 days ago; of other papers nothing
		// is tolerated.
		{"EXPIRED", "DOCUMENT_UPLOAD", "document_expired", 3},
		{"TAMPERED", "ID_VERIFICATION", "document_tampered", 3},
		{"UNDERAGE", "ID_VERIFICATION", "under_age", 3},
		{"NOMATCH", "ID_VERIFICATION", "faces_differ", 3},
		{"HIGHRISK", "", "", 0}, // the chip is asked for and verifies
		{"SPOOF", "FACE_LIVENESS", "spoof", 3},
		{"PEP", "PEP_SANCTIONS", "possible_match", 1},
		{"SANCTION", "PEP_SANCTIONS", "possible_match", 1},
		{"ADVERSE", "ADVERSE_MEDIA", "possible_match", 1},
		{"FLAKY", "", "", 0},
		{"TIMEOUT", "ID_VERIFICATION", "provider_unavailable", 3},
		{"ERROR5XX", "ID_VERIFICATION", "provider_unavailable", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := boxed(t)
			n := person(b.workflow(everything()...))
			n.LastName = tt.name
			c, err := b.Create(t.Context(), b.box, b.key, n)
			if err != nil {
				t.Fatal(err)
			}
			id := c.State.Session.ID
			var last Submitted
			for range 40 {
				st, err := b.State(t.Context(), b.box, id)
				if err != nil {
					t.Fatal(err)
				}
				if st.Current < 0 {
					break
				}
				if last, err = b.submit(id, st.Steps[st.Current].ID, b.next(id, st.Steps[st.Current])); err != nil {
					t.Fatal(err)
				}
			}
			if last.State.Status != "SUBMITTED" || len(b.begun) != 1 {
				t.Fatalf("the session is %s with %d runs", last.State.Status, len(b.begun))
			}
			for _, s := range last.State.Steps {
				want, reason := "COMPLETED", ""
				if s.ID == tt.step {
					want, reason = "FAILED", tt.reason
				} else if tt.step == "ID_VERIFICATION" {
					continue // the other names of a person nobody could read
				}
				if s.Status != want || s.FailureReason != reason || (want == "FAILED" && s.Attempts != tt.attempts) {
					t.Errorf("%s is %s (%s) after %d attempts", s.ID, s.Status, s.FailureReason, s.Attempts)
				}
			}
			if e := b.step(id, 0).Escalation; (e != nil) != (tt.name == "HIGHRISK") || e != nil && (e.RiskScore != 80 || !e.Passed) {
				t.Errorf("the escalation is %+v", e)
			}
		})
	}
}

// next is what an applicant hands in who does everything right and types a
// harmless name.
func (b *bench) next(id kyc.ID, s Step) map[string]any {
	harmless := map[string]any{"first_name": "Jane", "last_name": "Harmless", "date_of_birth": "1990-01-15"}
	switch s.ID {
	case "ID_VERIFICATION":
		if s.Requirements["escalation"] != nil {
			return chipBody()
		}
		return map[string]any{"document_type": "passport", "secondary_document_type": "id_card", "uploads": map[string]any{"id_front": b.file(id),
			"secondary_id_front": b.file(id), "secondary_id_back": b.file(id), "selfie_front": b.file(id)}}
	case "FACE_LIVENESS":
		b.try(id, 2)
		return map[string]any{"action": "complete"}
	case "AGE_ESTIMATION":
		return map[string]any{"uploads": map[string]any{"selfie_front": b.file(id)}}
	case "ADVERSE_MEDIA":
		harmless["action"] = "start"
		if s.Status == "IN_PROGRESS" {
			return map[string]any{"action": "complete"}
		}
	case "CONSENT":
		return map[string]any{"accepted": true, "legal_name": "Jane Harmless"}
	case "DOCUMENT_UPLOAD":
		return map[string]any{"uploads": map[string]any{"proof_of_address": b.file(id)}}
	}
	return harmless
}
