// Package field owns the questions of forms: the eighteen field types and
// their options, the validation of answers, the conditions between fields, the
// operators that rules share, and what answers mean for checks and rules. It is
// pure: clock, files and look-ups come in through Env, and it imports no other
// room but kyc and wallet, which is as pure.
//
// To add a type: write type_<name>.go with a kind, add one line to each of the
// two lists in all.go, its options to Field, its meaning to Read where it has
// one, and a table, a fuzz target and a name in the tests.
//
// # What the types keep to
//
// An answer is never coerced: "5" is no number, "true" no boolean. Texts are
// brought into NFC and trimmed, and every type stores one normal form, which
// reads back as itself. Numbers are exact decimals and stored as json.Number.
// null, white space, an empty array and an object of blanks are no answer;
// false and 0 are. A default_value is shown to the applicant and never filled
// in, so that nothing looks answered that nobody answered. A hidden field is
// neither judged nor stored, and counts as unanswered in other conditions.
// Problems never repeat what the applicant wrote.
//
// Today and ages are counted in UTC. Somebody born on 29 February completes a
// year on 1 March of a year without one. XK (Kosovo) is accepted beside the 249
// officially assigned country codes; see CountryCode. Room wallet says what each
// crypto network verifies.
//
// A look-up that fails refuses nobody and passes nothing in silence: it leaves
// a warning (email_lookup_failed, reach_lookup_failed), and so does one that is
// asked for but switched off (email_lookup_off, reach_lookup_off).
//
// # Codes of definitions
//
//   - any property: wrong_type, unknown_field (also an option that belongs to
//     another type), malformed_json, range_invalid (limits in the wrong order,
//     beyond what is possible, or allowing nothing), option_conflict,
//     option_not_available (it needs a gateway or registry this program does
//     not have), text_too_long, list_too_long
//   - lists: custom_fields_required, too_many_fields, nesting_too_deep,
//     item_fields_required, object_fields_required, fixed_field_type
//   - identity: type_required, field_type_unknown, name_required,
//     name_too_long, field_id_invalid, field_id_duplicate, field_key_invalid,
//     field_key_duplicate
//   - options: pattern_invalid, date_invalid, select_options_required,
//     option_empty, option_duplicate, option_not_normal, mime_type_invalid,
//     domain_invalid, phone_format_invalid, country_code_invalid,
//     country_type_invalid, name_type_invalid, entity_role_invalid,
//     network_invalid, currency_invalid, period_invalid, bracket_invalid,
//     address_part_unknown, duplicate, language_invalid, default_invalid
//   - validation_rules: rule_not_applicable, pattern_invalid,
//     pattern_flags_invalid, reference_unknown, reference_self
//   - conditional_logic: action_invalid, match_invalid, conditions_required,
//     conditions_too_many, condition_field_required, condition_field_unknown,
//     condition_cycle (with the fields as nodes), operator_invalid,
//     value_required, value_not_allowed, value_invalid
//
// # Codes of answers
//
//   - any field: required, unknown_field, field_given_twice, wrong_type,
//     invalid_utf8, too_deep, too_short, too_long, pattern_mismatch,
//     not_allowed, field_mismatch, field_must_differ, control_character
//   - basic: line_break, number_too_long, too_small, too_large, not_integer,
//     step_mismatch, date_invalid, date_too_early, date_too_late,
//     date_in_future, age_too_low, age_too_high, must_be_true, option_unknown,
//     duplicate, too_many_items, too_many_files, document_unknown,
//     file_too_large, file_type_not_allowed
//   - contact: email_invalid, email_disposable, email_domain_not_allowed,
//     email_undeliverable, phone_invalid, phone_not_international,
//     phone_region_unknown, phone_not_mobile, country_not_allowed, url_invalid,
//     url_scheme, url_userinfo, url_not_https, url_unreachable
//   - semantic: country_code_invalid, country_not_allowed,
//     name_without_letters, name_characters, name_part_required,
//     wallet_invalid, network_invalid, network_not_allowed, domain_invalid,
//     domain_suffix_unknown, domain_is_suffix, currency_invalid,
//     currency_not_allowed, period_invalid, period_not_allowed,
//     amount_precision, bracket_mismatch
//   - complex: postal_code_invalid, too_few_items, too_many_items
//   - warnings: the look-ups above, and wallet_network_ambiguous
package field
