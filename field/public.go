package field

import "slices"

// Public gives the field as an applicant may see it in a language: labels,
// texts, choices, limits and conditions of the form, without the internal
// description, the flags of the checks behind it (validate_lists,
// validate_adverse_media, validate_crypto, match_proof_of_address, …), the
// entity role, and the rules that tell how an answer is judged (not_one_of,
// denied countries). The field key stays, because conditions may name fields
// by it. An unknown language keeps the field's own texts. The Field itself is
// not changed.
func (f Field) Public(lang string) Field {
	f.ready = nil
	f.Description, f.EntityRole = "", ""
	f.ValidateLists, f.ValidateAdverseMedia, f.ValidateCrypto = nil, nil, nil
	f.ValidateWeb, f.RequireTLS, f.MinDomainAgeDays, f.CheckReachable = nil, nil, nil, nil
	f.ValidateEmail, f.BlockDisposable, f.VerifyOTP, f.MatchProofOfAddress = nil, nil, nil, nil
	f.Denied = nil
	if f.ValidationRules != nil {
		rules := *f.ValidationRules
		rules.NotOneOf = nil
		f.ValidationRules = &rules
	}
	f.Fields = publicAll(f.Fields, lang)
	f.ItemFields = publicAll(f.ItemFields, lang)
	f.translate(lang)
	f.I18n = nil
	return f
}

// PublicAll is Public for a list of fields.
func PublicAll(fields []Field, lang string) []Field {
	if fields == nil {
		return []Field{}
	}
	return publicAll(fields, lang)
}

func publicAll(fields []Field, lang string) []Field {
	if fields == nil {
		return nil
	}
	out := make([]Field, len(fields))
	for i, f := range fields {
		out[i] = f.Public(lang)
	}
	return out
}

// translate puts the texts of a language in place; "de-AT" falls back to "de".
func (f *Field) translate(lang string) {
	t, ok := f.I18n[lang]
	for !ok && lang != "" {
		cut := len(lang) - 1
		for cut > 0 && lang[cut] != '-' {
			cut--
		}
		lang = lang[:cut]
		t, ok = f.I18n[lang]
	}
	if !ok {
		return
	}
	for _, one := range []struct {
		own  *string
		text string
	}{{&f.Name, t.Name}, {&f.Tooltip, t.Tooltip}, {&f.Instructions, t.Instructions}, {&f.Placeholder, t.Placeholder}, {&f.HelpText, t.HelpText}} {
		if one.text != "" {
			*one.own = one.text
		}
	}
	f.Options = slices.Clone(f.Options)
	for i := range f.Options {
		if label := t.Options[f.Options[i].Value]; label != "" {
			f.Options[i].Label = label
		}
	}
}
