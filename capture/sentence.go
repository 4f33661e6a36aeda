package capture

import (
	"regexp"
	"strings"

	"bonafide/kyc"
	"bonafide/ui"
)

// sentences says which sentence of the catalogues (problem.<name>) an applicant
// reads for a code. The API tells every code in its own words; a page tells
// people what to do, in their language.
func sentences() map[string]string {
	return map[string]string{
		// Answers of forms: the codes of the room field.
		"required": "required", "field_mismatch": "same", "field_must_differ": "differ", "pattern_mismatch": "form", "too_short": "short", "too_long": "long",
		"not_allowed": "not_allowed", "currency_not_allowed": "not_allowed", "period_not_allowed": "not_allowed", "network_not_allowed": "not_allowed",
		"country_not_allowed": "not_allowed", "option_unknown": "not_allowed", "too_small": "small", "too_large": "large",
		"control_character": "characters", "line_break": "characters", "name_characters": "characters", "must_be_true": "confirm",
		"country_code_invalid": "country", "date_invalid": "date", "date_too_early": "early", "date_too_late": "late", "date_in_future": "future",
		"age_too_low": "age_low", "age_too_high": "age_high", "domain_invalid": "domain", "domain_suffix_unknown": "domain", "domain_is_suffix": "domain",
		"email_invalid": "email", "email_disposable": "email_refused", "email_domain_not_allowed": "email_refused", "email_undeliverable": "email_refused",
		"too_many_items": "at_most", "too_few_items": "at_least", "too_many_files": "at_most", "document_unknown": "file_gone", "duplicate": "twice",
		"name_part_required": "name", "name_without_letters": "name", "name_invalid": "name", "name_missing": "name", "not_integer": "number", "step_mismatch": "number", "number_too_long": "number",
		"phone_invalid": "phone", "phone_not_international": "phone", "phone_region_unknown": "phone", "phone_not_mobile": "mobile",
		"url_invalid": "url", "url_scheme": "url", "url_userinfo": "url", "url_not_https": "url", "url_unreachable": "url",
		"wallet_invalid": "wallet", "wallet_network_ambiguous": "wallet", "network_invalid": "wallet", "currency_invalid": "not_allowed", "period_invalid": "not_allowed",
		"postal_code_invalid": "form", "bracket_mismatch": "not_allowed", "amount_precision": "number", "invalid_utf8": "characters",
		"email_lookup_off": "email", "email_lookup_failed": "email", "reach_lookup_off": "url", "reach_lookup_failed": "url",
		"wrong_type": "other", "unknown_field": "other", "too_deep": "other", "field_given_twice": "other", "field_type_unknown": "other",
		// Files.
		"empty_file": "file_empty", "file_empty": "file_empty", "image_malformed": "file_broken", "image_truncated": "file_broken", "pdf_malformed": "file_broken",
		"hash_mismatch": "file_broken", "size_mismatch": "file_broken", "pdf_encrypted": "file_locked", "file_polyglot": "file_broken", "heic_unsupported": "file_heic", "image_too_costly": "file_large", "image_too_many_pixels": "file_large",
		"pdf_too_many_pages": "file_large", "pdf_too_costly": "file_large", "file_too_large": "file_large", "file_type_not_allowed": "file_kind", "unsupported_type": "file_kind", "unsupported_media": "file_kind",
		"upload_incomplete": "file_broken", "upload_missing": "file_broken", "upload_confirmed": "conflict", "upload_received": "conflict",
		// What a look at a document found.
		"low_quality": "unclear", "picture_blurred": "unclear", "picture_glare": "unclear", "picture_dark": "unclear", "picture_too_small": "unclear", "document_cut_off": "cut_off",
		"document_expired": "expired", "expiry_not_read": "unread", "extraction_failed": "unread", "zone_not_found": "unread", "type_mismatch": "wrong_paper", "not_checked": "later",
		"validation_not_expired": "expired", "validation_country_in": "paper_country", "validation_country_not_in": "paper_country", "validation_document_type_in": "wrong_paper",
		"validation_max_age_days": "paper_old", "validation_name_matches_field": "paper_name", "validation_mrz_checksum": "unread", "validation_min_resolution": "unclear",
		"validation_max_file_size": "file_large", "validation_mime_in": "file_kind", "validation_both_sides": "missing", "validation_unknown": "unread",
		"post_upload_validation_failed": "paper",
		// Steps.
		"documents_missing": "missing", "document_missing": "missing", "document_not_renewed": "missing", "side_missing": "missing",
		"capture_busy": "busy",
	}
}

// kinds are the sentences of errors whose code has none of its own, so that
// nobody reads another language than that of the page.
func kinds() map[kyc.Kind]string {
	return map[kyc.Kind]string{kyc.Invalid: "invalid", kyc.Malformed: "invalid", kyc.UnsupportedMedia: "file_kind", kyc.TooLarge: "file_large",
		kyc.Conflict: "conflict", kyc.Unavailable: "unavailable", kyc.RateLimited: "busy"}
}

// figure is the number or the day that a sentence names: the first one of the
// API's own words.
var figure = regexp.MustCompile(`-?\d[\d.-]*`)

// named reports whether a sentence names a figure.
func named(sentence string) bool {
	switch sentence {
	case "short", "long", "small", "large", "early", "late", "age_low", "age_high", "at_most", "at_least":
		return true
	}
	return false
}

// tell says a problem in the language of the page. The words that the author of
// a workflow wrote for a validation stay theirs.
func tell(l *ui.Language, code, message string) (string, bool) {
	if strings.HasPrefix(code, "validation_") && !strings.Contains(message, "the validation ") {
		return message, true
	}
	if text, err := l.T("refused." + code); err == nil {
		return text, true
	}
	name, ok := sentences()[code]
	if !ok {
		return "", false
	}
	n := strings.TrimRight(figure.FindString(message), ".-")
	if n == "" && named(name) {
		name = "not_allowed"
	}
	text, err := l.T("problem."+name, "n", n)
	return text, err == nil
}

// told is a problem in the language of the page, whatever its code.
func told(l *ui.Language, k kyc.Kind, p kyc.Problem) string {
	if said := said(l, p.Message); said != p.Message {
		return said // a desk named the words itself
	}
	if text, ok := tell(l, p.Code, p.Message); ok {
		return text
	}
	name, ok := kinds()[k]
	if !ok {
		name = "invalid"
	}
	text, err := l.T("problem." + name)
	if err != nil {
		return p.Message
	}
	return text
}
