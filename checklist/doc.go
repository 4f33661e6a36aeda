// Package checklist owns the definition of surface B: an ordered, flat list of
// named checks with resolved configuration (api.md section 4, seed 001). It
// parses a submitted checklist and reports everything wrong at once, writes
// out every default, lays a change over one step, gives the canonical form and
// its hash, says which checks and files a step asks for, and compiles a
// checklist to the graph the engine walks.
//
// Everything here is pure: same input, same answer; no clock, no disk, no
// network.
//
// # Checks of the steps
//
// In graph order; the config is what the node and the submission ask with:
//
//	ID_VERIFICATION  document_ocr         {}
//	                 document_expiration  {"grace_years":2} | {} | {"maximum_validity_years":2}
//	                                      by the organisation's expiry policy
//	                 age_check            {"minimum_age":18,"maximum_age":51,"document_only":true}
//	                 additional_ids       {"secondary":true,"tertiary":false}   where asked for
//	                 face_match           {"sources":[{"source":"selfie","step_id":"ID_VERIFICATION"}]}
//	                 document_fraud       {"minimum_age":18,"maximum_age":51} with the limits of
//	                                      document_expiration, and {"threshold":60} with an
//	                                      escalation; in the background by default
//	                 nfc_chip_auth        {}   when the score reaches the threshold
//	FACE_LIVENESS    liveness             {"threshold":70}
//	AGE_ESTIMATION   age_estimation       {"minimum_age":18}
//	PEP_SANCTIONS    watchlist_screening  {"parties":[{"path":"names/*",…}]}, then aml_pep with the same
//	ADVERSE_MEDIA    adverse_media        {"parties":[{"path":"names/*",…}]}
//	                                      every name that anybody gave the applicant
//	CONSENT          consent              {"required":["consent"]}: the field consents/consent of the session
//	DOCUMENT_UPLOAD  document_set         {"requirements":[{"step_id":"DOCUMENT_UPLOAD",
//	                                      "document_type":"proof_of_address","required":true,"own":true}]}
//	                                      with validation max_age_days where a limit is set
//	all              checklist_outcome    {"steps":["ID_VERIFICATION",…],"reject_failed":false}
//
// To add a step: its id in StepIDs, its configuration in config.go, its checks
// in ask.go, its files in slot.go; compile_test.go walks the graph of every
// step there is.
package checklist
