// Package onboarding owns the definition of surface A: an onboarding as
// ordered steps with a validation config and automation rules (api.md 3.2-3.6,
// seeds 000 and 004). It parses a submitted definition and reports everything
// wrong at once, writes out every default, gives the canonical form and its
// hash, merges a patch over it, shows an applicant what an applicant may see,
// holds the four templates, and compiles a definition to the graph the engine
// walks (api.md 2.2, 6.3).
//
// Everything here is pure: same input, same answer; no clock, no disk, no
// network. What needs other workflows (does a subsession workflow exist, do
// workflows lead in a circle) is the machine's to ask; [Definition.SubsessionWorkflows]
// names them.
//
// # Configs of the compiled checks
//
// Every policy node that [Compile] writes has the node id equal to its policy
// name. The configs, in graph order; a member that would be empty is left out
// unless it is said otherwise:
//
//	document_set     {"requirements":[Requirement,…]}            (≥ 1)
//	  Requirement    {"step_id":"documents","document_type":"id","role":"ubo",
//	                  "required":true,"allow_multiple":false,"auto_extract":true,
//	                  "own":true,"show_if":Logic,"validations":[Validation,…]}
//	                 step_id, document_type, required, allow_multiple,
//	                 auto_extract and own are always there. required is true only
//	                 where both the step and the requirement are; with show_if
//	                 (a field.Logic over field_ids, action show or hide) only
//	                 while Logic.Effect says visible.
//	                 own: the paper is the applicant's own, so that
//	                 document_ocr, face_match and the portrait come from it.
//	  Validation     {"type":"max_age_days","params":{"days":90},
//	                  "on_fail":"reject"|"warn","message":"…"}; types and params
//	                 are those of [Validation]; all but message always there.
//	document_ocr     {}
//	cross_validation {"name_min":0.85,"fields":{"name":["full_name"],
//	                  "date_of_birth":["dob"],"nationality":["nationality"],
//	                  "address":["home"]}}
//	                 fields are the field_ids of the applicant's own answers to
//	                 compare with the papers; a list that would be empty is left
//	                 out. With nothing to compare the check answers pass.
//	liveness         {"threshold":92.5}                          0-100
//	face_match       {"threshold":0.85}                          0-1
//	face_dedup       {"rules":[{"min_similarity":0.92,"scope":"tenant",
//	                  "lookback_days":365,"against":["rejected"],
//	                  "exclude_same_customer":true}]}            as written in the rules
//	duplicate_detection {}
//	wallet_screening {"wallets":[{"path":"payout","network":"BTC"}]}  (may be [])
//	adverse_media    {"parties":[Party,…],"documents":true}      both always there
//	related_parties  {"steps":[{"step_id":"ubos","required":true,
//	                  "require_completion_before_proceed":true,
//	                  "impact_parent_status":true,"min_subsessions":1,
//	                  "max_subsessions":10,"show_if":Logic}]}
//	risk_assessment  {"review_from":101,"fail_from":101}: the rules judge the score
//	watchlist_screening {"parties":[Party,…],"documents":true}   both always there
//	  Party          {"path":"full_name","role":"individual","company":false,
//	                  "own":true,"date_of_birth":"dob","nationality":"nationality"}
//	                 path, role, company and own are always there. A path is a
//	                 field_id, followed by "/*" for each item of a list and by
//	                 "/<field_id>" for a field inside an object:
//	                 "owners/*/full_name". date_of_birth and nationality (for a
//	                 company: where it is incorporated) are paths of the same
//	                 item. documents: also every party that document_set
//	                 extracted, with its role.
//	automation_rules {"rules":rule.Rules,"fields":[field.Field,…],
//	                  "checks":[{"name":"liveness","required":true,"show_if":[Logic,…]}],
//	                  "impact_parent_status":true,"incomplete":true}
//	                 rules, fields and checks are always there. fields are all
//	                 fields of the form steps with what their answers mean and
//	                 their conditional_logic, without texts and limits (name is
//	                 the field_id).
//	                 checks are the policies that run before the rules, in graph
//	                 order. required true: an answer is needed, so skipped and
//	                 not_run count against an approval; with show_if only while
//	                 Effect says visible for at least one of them. required false: it
//	                 may be skipped, but once it ran a failure or an error counts
//	                 as that of a required check. incomplete: the mandatory
//	                 screening gave no answer, so the outcome can only be review
//	                 or rejection.
//
// To add a step type: its config in a file of its own with a read function,
// one case in readStep, one in the public projection, one in Compile, and a
// minimal bad document in testdata/errors.
package onboarding
