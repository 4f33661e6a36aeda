package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

func (s *scene) definition() json.RawMessage {
	var steps []string
	step := func(id, kind, more string) {
		steps = append(steps, fmt.Sprintf(`{"step_id":%q,"order":%d,"name":"S","type":%q%s}`, id, len(steps)+1, kind, more))
	}
	step("form", "form_fill", fmt.Sprintf(`,"custom_fields":[{"field_id":"full_name","name":"N","type":"name","required":true,"validate_lists":true},{"field_id":"date_of_birth","name":"D","type":"date","required":true},
		{"field_id":"nat","name":"C","type":"country","country_type":"nationality","required":%t},{"field_id":"pep","field_key":"k_pep","name":"P","type":"select","options":["No","Yes"]}]`, s.nationality != ""))
	const yes = `,"show_if":{"action":"show","match":"all","conditions":[{"field_id":"k_pep","operator":"equals","value":"Yes"}]}`
	if s.residence != "-" {
		step("more", "form_fill", yes+`,"custom_fields":[{"field_id":"res","name":"R","type":"country","country_type":"residence"}]`)
	}
	proof := ""
	if s.withProof {
		proof = `,{"document_type":"proof_of_address","required":false}`
	}
	step("docs", "document_upload", fmt.Sprintf(`,"document_requirements":[{"document_type":"id_document","auto_extract":true,"required":%t}%s]`, s.idRequired, proof))
	switch s.live {
	case "required":
		step("live", "liveness", "")
	case "optional":
		step("live", "liveness", `,"required":false`)
	case "hidden":
		step("live", "liveness", yes)
	}
	sections := map[string][]string{}
	for _, r := range s.rules {
		sections[r.section] = append(sections[r.section], `{`+r.body+`,"action":"`+r.action+`"}`)
	}
	rules := `"default_action":"` + s.fallback + `"`
	for name, list := range sections {
		rules += `,"` + name + `":[` + strings.Join(list, ",") + `]`
	}
	if len(s.conditions) > 0 {
		rules += `,"auto_approve_conditions":{"` + strings.Join(s.conditions, `":true,"`) + `":true}`
	}
	return json.RawMessage(fmt.Sprintf(`{"name":"W","steps":[%s],"validation_config":{"run_lists":%t,"run_adverse_media":%t,"auto_face_match":%t,"cross_validate_documents":%t,"automation_rules":{%s}}}`,
		strings.Join(steps, ","), s.lists, s.media, s.face, s.cross, rules))
}

func (s *scene) applicant() applied {
	a := applied{fields: map[string]any{"full_name": "Ada " + s.magic, "date_of_birth": "1990-05-27"}, established: map[string]any{}}
	if s.nationality != "" {
		a.fields["nat"] = s.nationality
	}
	if s.pep != "" {
		a.fields["pep"] = s.pep
	}
	if s.pep == "Yes" && s.residence != "-" && s.residence != "" {
		a.fields["res"] = s.residence
	}
	if s.gaveID {
		a.uploads = append(a.uploads, paperOf("id-1", "docs", "id", ""))
	}
	if s.gaveProof {
		proof := paperOf("proof-1", "docs", "proof_of_address", "")
		proof.Kind = "proof_of_address"
		a.uploads = append(a.uploads, proof)
	}
	if s.live != "" {
		fact := map[string]any{"status": "skipped", "attempts": 0}
		if s.lived() {
			fact = map[string]any{"status": "passed", "confidence": 97.0, "threshold": 90.0, "attempts": 1}
			if s.magic == "SPOOF" {
				fact = map[string]any{"status": "failed", "confidence": 12.0, "threshold": 90.0, "attempts": 4}
			}
		}
		a.established["liveness"] = fact
	}
	return a
}

func randomScene(d *rand.Rand) *scene {
	coin := func() bool { return d.IntN(2) == 0 }
	one := func(of ...string) string { return of[d.IntN(len(of))] }
	s := &scene{idRequired: d.IntN(4) > 0, withProof: coin(), lists: d.IntN(4) > 0, media: d.IntN(3) == 0, face: coin(), cross: coin(), live: one("", "required", "required", "optional", "hidden"),
		nationality: one("NL", "NL", "NL", "IR", ""), residence: one("-", "NL", "KP", ""), pep: one("No", "No", "Yes", ""), tookLive: coin(),
		magic:    one("APPROVE", "APPROVE", "APPROVE", "APPROVE", "Vermeer", "REJECT", "PEP", "SANCTION", "ADVERSE", "EXPIRED", "TAMPERED", "UNDERAGE", "NOMATCH", "SPOOF", "HIGHRISK", "DUPLICATE", "FLAKY", "TIMEOUT", "ERROR5XX"),
		fallback: one("manual_review", "auto_approve", "auto_approve", "flag", "auto_deny", "no_action")}
	s.gaveID, s.gaveProof = s.idRequired || coin(), s.withProof && coin()
	for _, r := range s.possible() {
		if d.IntN(6) == 0 {
			r.action = one(append(actions, "flag", "no_action", "auto_approve")...)
			s.rules = append(s.rules, r)
		}
	}
	if d.IntN(3) == 0 {
		for _, c := range []string{"no_list_matches", "face_match_passed", "liveness_passed", "documents_valid", "cross_validation_passed", "no_adverse_media", "no_duplicates"} {
			if d.IntN(4) == 0 {
				s.conditions = append(s.conditions, c)
			}
		}
	}
	return s
}
