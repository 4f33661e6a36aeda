package check

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"bonafide/kyc"
)

// alone reports whether a check looks at nothing but its request: it has no
// tools (its constructor takes no Deps), so that what it said of a recorded
// request can be worked out again at any time without asking anybody. Checks
// that nobody here can answer yet are none of these: whoever answers them one
// day will have to ask.
func alone(policy string) bool {
	switch policy {
	case "document_expiration", "id_document_filter", "cross_validation", "age_check", "identity_crossref", "consent",
		"risk_assessment", "automation_rules", "checklist_outcome", "name_validation", "procedure_decision":
		return true
	}
	return false
}

// earlierChecks are the checks whose facts a check with tools of its own looks
// at; all is true for one that may look at every fact there is.
func earlierChecks(policy string) (names []string, all bool) {
	switch policy {
	case "http":
		return nil, true
	case "face_match", "face_dedup", "age_estimation", "liveness", "check_against_list":
		return []string{"document_ocr", "document_set", "liveness", "nfc_chip_auth"}, false
	case "document_fraud":
		return []string{"document_ocr", "document_set", "face_dedup", "nfc_chip_auth"}, false
	}
	return []string{"document_ocr", "document_set", "nfc_chip_auth"}, alone(policy)
}

// Question names what an answer depends on that another graph could change, in
// two parts: the check with its config as it counts (defaults of its schema
// filled in), and what was known when it was asked (what had been extracted and
// what the checks before it had found). Two requests of one session whose parts
// are equal ask the same; everything else of a request is the session's own and
// does not change. Both are SHA-256 in hex. "" says that a part cannot be
// written down; it equals nothing.
func (m *Menu) Question(r kyc.CheckRequest) (config, known string) {
	facts := map[string]kyc.CheckFact{}
	names, all := earlierChecks(r.Policy)
	for name, fact := range r.Checks {
		if all || slices.Contains(names, name) {
			facts[name] = fact
		}
	}
	day := ""
	if alone(r.Policy) { // it is worked out again for another day
		day = today(r.Now).Format(time.DateOnly)
	}
	return digestOfJSON(map[string]any{"policy": r.Policy, "config": m.resolved(r.Policy, r.Config)}),
		digestOfJSON(map[string]any{"extracted": r.Extracted, "checks": facts, "day": day})
}

// resolved is a config with the defaults of its check's schema written out.
func (m *Menu) resolved(policy string, raw json.RawMessage) any {
	given, ok := configValue(raw).(map[string]any)
	if !ok {
		return configValue(raw)
	}
	out := maps.Clone(m.dishes[policy].defaults)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, given)
	return out
}

// defaultsOf reads the defaults of a schema's own properties.
func defaultsOf(schema json.RawMessage) map[string]any {
	var s struct {
		Properties map[string]struct {
			Default any `json:"default"`
		} `json:"properties"`
	}
	if json.Unmarshal(schema, &s) != nil {
		return nil
	}
	out := map[string]any{}
	for name, p := range s.Properties {
		if p.Default != nil {
			out[name] = p.Default
		}
	}
	return out
}

func digestOfJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Again answers a recorded request by nothing but the request, for a backtest:
// what the capture machine saw happen, and the checks that look at nothing else.
// ok is false for every other check, because answering would mean asking
// somebody. Nobody is called, nothing is kept, and the same request gets the
// same answer; the times of the answer are those of the request.
func (m *Menu) Again(r kyc.CheckRequest) (a kyc.Answer, ok bool) {
	d, known := m.dishes[r.Policy]
	if !known || r.Now.IsZero() || r.Tenant.Env != kyc.Live && r.Tenant.Env != kyc.Sandbox {
		return kyc.Answer{}, false
	}
	wrong := d.wrong(r.Config)
	if !alone(r.Policy) {
		if wrong != "" {
			return kyc.Answer{}, false
		}
		if a, ok = established(r); !ok {
			return kyc.Answer{}, false
		}
	} else {
		a = guarded(func() kyc.Answer {
			switch {
			case wrong != "":
				return broken("config_invalid", "the check's config cannot be used: "+wrong)
			case r.Tenant.Env == kyc.Live || d.check.Own:
				return d.check.Run(context.Background(), r) // it has nobody to wait for
			case m.simulator == nil:
				return notConfigured("no_simulator", "this installation answers no checks for the sandbox")
			}
			return m.simulator.Answer(r)
		})
		if r.Tenant.Env == kyc.Sandbox && d.check.Own && wrong == "" && a.Provider == "" {
			a.Provider = providerSandbox
		}
	}
	a.StartedAt, a.FinishedAt = r.Now, r.Now
	return settle(a, r.Tenant.Env), true
}
