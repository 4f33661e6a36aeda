package onboarding

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/field"
)

// maxRequirements bounds the papers of a definition.
const maxRequirements = 200

// requirements reads the papers a document step asks for.
func (r *reader) requirements(o *object) []DocumentRequirement {
	list := o.list("document_requirements")
	switch v, given := o.get("document_requirements"); {
	case len(list) == 0 && (!given || v.Kind() == jsontext.KindBeginArray):
		o.fail("document_requirements", "document_requirements_required", "a document step asks for at least one document")
	case len(list) > maxRequirements:
		o.fail("document_requirements", "document_requirements_too_many", "a workflow asks for at most %d documents", maxRequirements)
		return nil
	}
	var out []DocumentRequirement
	for i, v := range list {
		ro := r.object(v, index(o.path("document_requirements"), i))
		if ro == nil {
			continue
		}
		req := r.requirement(ro)
		// An upload names its step and its document type and nothing else, so
		// two requirements of one type could not be told apart.
		if req.DocumentType != "" && slices.ContainsFunc(out, func(x DocumentRequirement) bool { return x.DocumentType == req.DocumentType }) {
			ro.fail("document_type", "document_type_duplicate", "the step asks for %q twice; allow_multiple takes several files, and another party's papers belong in a step of their own", req.DocumentType)
		}
		out = append(out, req)
	}
	return out
}

func (r *reader) requirement(o *object) DocumentRequirement {
	req := DocumentRequirement{
		DocumentType:             NormalType(o.text("document_type", 1<<20, "document_type_unknown")),
		DisplayName:              strings.TrimSpace(o.text("display_name", MaxName, "name_too_long")),
		Required:                 o.flag("required", true),
		AutoExtract:              o.flag("auto_extract", false),
		AllowMultiple:            o.flag("allow_multiple", false),
		EnableAutoClassification: o.flag("enable_auto_classification", false),
		PostUploadValidations:    r.validations(o),
		EntityRole:               r.role(o),
	}
	if o.given("extraction_profile") {
		if profile := o.text("extraction_profile", MaxName, "text_too_long"); profile != "" {
			req.ExtractionProfile = &profile
		}
	}
	i := slices.IndexFunc(documentTypes(), func(t documentType) bool { return t.name == req.DocumentType })
	switch {
	case i < 0 && o.given("document_type") && !o.isText("document_type"): // reported already
		req.DocumentType = ""
	case i < 0:
		o.fail("document_type", "document_type_unknown", "a document type is one of %s", strings.Join(DocumentTypes(), ", "))
		req.DocumentType = ""
	case req.DisplayName == "" && documentTypes()[i].label == "":
		o.fail("display_name", "display_name_required", "a document of type %s needs a display_name, because nothing else says what it is", req.DocumentType)
	case req.DisplayName == "":
		req.DisplayName = documentTypes()[i].label
	}
	o.done("a document requirement")
	return req
}

func (r *reader) role(o *object) string {
	if !o.given("entity_role") {
		return ""
	}
	role := o.text("entity_role", 1<<20, "entity_role_invalid")
	if o.isText("entity_role") && !slices.Contains(EntityRoles(), role) {
		o.fail("entity_role", "entity_role_invalid", "an entity role is one of %s", strings.Join(EntityRoles(), ", "))
		return ""
	}
	return role
}

// invalidValidation is the code of everything wrong in a validation.
const invalidValidation = "post_upload_validation_invalid"

// maxValidations bounds the validations of one requirement.
const maxValidations = 20

func (r *reader) validations(o *object) []Validation {
	out := []Validation{}
	list := o.list("post_upload_validations")
	if len(list) > maxValidations {
		o.fail("post_upload_validations", invalidValidation, "at most %d validations are allowed", maxValidations)
		return out
	}
	for i, v := range list {
		at := index(o.path("post_upload_validations"), i)
		val := Validation{Params: map[string]any{}, OnFail: "reject"}
		params := &object{r: r, at: at + "/params", members: nil}
		if v.Kind() == jsontext.KindString {
			val.Type = r.text(v, at, 64, invalidValidation)
			r.params(params, at, &val)
			out = append(out, val)
			continue
		}
		vo := r.object(v, at)
		if vo == nil {
			continue
		}
		val.Type = vo.text("type", 64, invalidValidation)
		if vo.given("on_fail") {
			val.OnFail = vo.text("on_fail", 64, invalidValidation)
		}
		if vo.isText("on_fail") && val.OnFail != "reject" && val.OnFail != "warn" {
			vo.fail("on_fail", invalidValidation, "on_fail is reject or warn")
		}
		val.Message = vo.text("message", 500, "text_too_long")
		if po := vo.child("params"); po != nil {
			params = po
		}
		r.params(params, at+"/type", &val)
		vo.done("a validation")
		out = append(out, val)
	}
	return out
}

// ValidationTypes are the post-upload validations in the order of the
// documentation.
func ValidationTypes() []string {
	return []string{
		"not_expired", "min_validity_days", "max_age_days", "country_in", "country_not_in", "document_type_in",
		"mrz_checksum", "name_matches_field", "min_resolution", "max_file_size", "mime_in", "both_sides",
	}
}

// The bounds of the params.
const (
	defaultMaxAge   = 90 // days, of an address proof
	defaultMinScore = 0.85
	maxDays         = 36500
	maxPixels       = 100000
	maxFileBytes    = 20 << 20 // no larger file is taken at all
)

// params reads the params of a validation; typeAt is where its type stands.
func (r *reader) params(o *object, typeAt string, v *Validation) {
	whole := func(name string, missing, low, high int) {
		if missing < low && !o.given(name) {
			o.fail(name, invalidValidation, "%s needs %s", v.Type, name)
		}
		v.Params[name] = o.whole(name, missing, low, high, invalidValidation)
	}
	switch v.Type {
	case "not_expired", "mrz_checksum", "both_sides":
	case "min_validity_days":
		whole("days", -1, 0, maxDays)
	case "max_age_days":
		whole("days", defaultMaxAge, 0, maxDays)
	case "country_in", "country_not_in":
		v.Params["countries"] = r.wordsOf(o, "countries", v.Type, countryCode)
	case "document_type_in":
		v.Params["types"] = r.wordsOf(o, "types", v.Type, paperType)
	case "mime_in":
		v.Params["types"] = r.wordsOf(o, "types", v.Type, mimeType)
	case "name_matches_field":
		v.Params["field_id"] = o.text("field_id", 64, invalidValidation)
		if v.Params["field_id"] == "" && (!o.given("field_id") || o.isText("field_id")) {
			o.fail("field_id", invalidValidation, "%s needs the field_id of a form field", v.Type)
		}
		v.Params["min_score"] = o.decimal("min_score", defaultMinScore, 0, 1, invalidValidation)
	case "min_resolution":
		whole("px", 0, 1, maxPixels)
	case "max_file_size":
		whole("bytes", 0, 1, maxFileBytes)
	default:
		r.fail(typeAt, invalidValidation, "a validation is one of %s", strings.Join(ValidationTypes(), ", "))
		return
	}
	o.done("the validation " + v.Type)
}

// wordsOf reads a list of words that each pass a test; the test gives the word
// as it is kept, or "".
func (r *reader) wordsOf(o *object, name, what string, test func(string) string) []any {
	list := o.list(name)
	if len(list) == 0 && !o.given(name) {
		o.fail(name, invalidValidation, "%s needs %s", what, name)
	} else if v, _ := o.get(name); len(list) == 0 && v.Kind() == jsontext.KindBeginArray || len(list) > 300 {
		o.fail(name, invalidValidation, "%s has 1 to 300 items", name)
		return nil
	}
	var out []any
	for i, v := range list {
		at := index(o.path(name), i)
		word := test(r.text(v, at, 200, invalidValidation))
		if word == "" {
			if v.Kind() == jsontext.KindString {
				r.fail(at, invalidValidation, "%s does not belong in %s", fmt.Sprintf("%.40s", string(v)), name)
			}
			continue
		}
		if !slices.Contains(out, any(word)) {
			out = append(out, word)
		}
	}
	return out
}

func countryCode(s string) string {
	code, ok := field.CountryCode(s)
	if !ok {
		return ""
	}
	return code
}

func paperType(s string) string {
	s = NormalType(s)
	if slices.Contains(DocumentTypes(), s) || slices.Contains(idPapers(), s) || s == "visa" {
		return s
	}
	return ""
}

func mimeType(s string) string {
	kind, sub, ok := strings.Cut(strings.ToLower(s), "/")
	bad := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("+-.*", r)
	}
	if !ok || kind == "" || sub == "" || strings.ContainsFunc(kind+sub, bad) {
		return ""
	}
	return kind + "/" + sub
}
