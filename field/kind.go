package field

// kind is one field type. It describes itself, judges its options when a form
// is defined, and reads an answer.
type kind interface {
	// spec describes the type; Parse takes names, JSON types and defaults of
	// the options from it.
	spec() TypeSpec
	// define checks what the options mean together. Their JSON types are right
	// already.
	define(d *definer, f *Field, at string)
	// read turns a present answer into its stored form, or adds the problems
	// and reports false. Reading a stored form again gives the same form.
	read(c *call, f *Field, at string, v any) (any, bool)
}

// TypeSpec describes one field type to authors, reference pages and the
// console.
type TypeSpec struct {
	Name     string       `json:"name"`
	Category string       `json:"category"` // basic, contact, semantic, complex
	Summary  string       `json:"summary"`  // one sentence
	Stored   string       `json:"stored"`   // the normalised value, in words
	Options  []OptionSpec `json:"options"`
	// Rules are the validation_rules that apply to the type; custom_message
	// always does.
	Rules []string `json:"rules"`
}

// OptionSpec describes one option of a type. Default is the value that Parse
// fills in; nil means that the absent option has the meaning the summary gives.
type OptionSpec struct {
	Name    string `json:"name"`
	Type    string `json:"type"` // boolean, integer, number, string, string[], option[], bracket[], field[]
	Default any    `json:"default,omitempty"`
	Summary string `json:"summary"`
}

// opt keeps the tables of options readable.
func opt(name, jsonType string, def any, summary string) OptionSpec {
	return OptionSpec{Name: name, Type: jsonType, Default: def, Summary: summary}
}

// The groups of validation rules that fit a kind of value.
func textRules() []string {
	return []string{"pattern", "pattern_flags", "min_length", "max_length", "one_of", "not_one_of", "equals_field", "differs_from_field"}
}

func plainRules() []string {
	return []string{"one_of", "not_one_of", "equals_field", "differs_from_field"}
}

func numberRules() []string {
	return []string{"min", "max", "one_of", "not_one_of", "equals_field", "differs_from_field"}
}

func pairRules() []string { return []string{"equals_field", "differs_from_field"} }

// common are the properties every type takes.
func common() []OptionSpec {
	return []OptionSpec{
		opt("field_id", "string", nil, "identifier of the field; made from the name when absent"),
		opt("name", "string", nil, "label shown to the applicant, 1 to 255 characters; required"),
		opt("type", "string", nil, "the field type; required"),
		opt("field_key", "string", nil, "portable name, equal across environments"),
		opt("required", "boolean", false, "an answer must be given"),
		opt("description", "string", nil, "internal note, never shown to the applicant"),
		opt("tooltip", "string", nil, "short text beside the label"),
		opt("instructions", "string", nil, "text above the input"),
		opt("placeholder", "string", nil, "text inside the empty input"),
		opt("help_text", "string", nil, "text below the input"),
		opt("default_value", "any", nil, "shown before the applicant answers; never filled in for a missing answer"),
		opt("validation_rules", "rules", nil, "further limits"),
		opt("conditional_logic", "logic", nil, "when the field is shown, hidden or required"),
		opt("i18n", "i18n", nil, "texts by language tag"),
	}
}
