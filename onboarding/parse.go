package onboarding

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"bonafide/flow"
)

// Parse reads the body of A1. Every problem is reported at once, with the
// codes of api.md 3.13, those of the rooms field and rule for their parts, and
// wrong_type, malformed_json, text_invalid, text_too_long, too_large,
// slug_invalid, session_ttl_days_range, tags_too_many, tag_too_long,
// tag_required, steps_too_many, language_invalid, document_type_duplicate,
// document_requirements_too_many, display_name_required,
// post_upload_validation_invalid, show_if_field_unknown,
// show_if_field_not_earlier, min_subsessions_range and ttl_days_range. The
// Definition is nil when there are errors.
//
// Parsing the canonical form of a definition gives the same definition.
func Parse(raw json.RawMessage, o ParseOptions) (*Definition, Report) {
	r := &reader{lenient: o.Lenient}
	if len(raw) > flow.MaxBytes {
		r.fail("", "too_large", "the definition is larger than 2 MiB")
		return nil, r.report()
	}
	whole := jsontext.Value(raw)
	if !whole.IsValid(jsontext.AllowDuplicateNames(true)) {
		r.fail("", "malformed_json", "the definition is not valid JSON in UTF-8")
		return nil, r.report()
	}
	top := r.object(whole, "")
	if top == nil {
		return nil, r.report()
	}
	d := r.definition(top)
	if len(r.errors) > 0 {
		return nil, r.report()
	}
	if err := d.seal(); err != nil {
		r.fail("", "malformed_json", "the definition has no canonical form: a number in it may be too large")
		return nil, r.report()
	}
	return d, r.report()
}

// languageTag is the form of a BCP 47 tag as far as a definition uses it.
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,63}$`)

// SlugValid reports whether s can name a workflow beside its id.
func SlugValid(s string) bool { return slugForm.MatchString(s) }

func (r *reader) definition(o *object) *Definition {
	d := &Definition{
		Name:           r.name(o, MaxName),
		Description:    o.text("description", MaxDescription, "text_too_long"),
		TemplateType:   "custom",
		EntityTypes:    r.entityTypes(o),
		Industry:       strings.TrimSpace(o.text("industry", MaxIndustry, "text_too_long")),
		Tags:           r.tags(o),
		CustomTags:     r.customTags(o),
		SessionTTLDays: o.whole("session_ttl_days", DefaultTTLDays, 1, MaxTTLDays, "session_ttl_days_range"),
		ChangeNote:     o.text("change_note", MaxChangeNote, "text_too_long"),
	}
	if _, given := o.get("template_type"); given {
		d.TemplateType = o.text("template_type", MaxName, "unknown_template_type")
		if d.TemplateType != "custom" && !slices.Contains(Templates(), d.TemplateType) && o.isText("template_type") {
			o.fail("template_type", "unknown_template_type", "template_type is one of %s or custom", strings.Join(Templates(), ", "))
		}
	}
	if _, given := o.get("slug"); given {
		d.Slug = o.text("slug", 64, "slug_invalid")
		if o.isText("slug") && !SlugValid(d.Slug) {
			o.fail("slug", "slug_invalid", "a slug has 2 to 64 small letters, digits and hyphens and does not begin with a hyphen")
		}
	}
	steps := r.steps(o, d)
	r.validationConfig(o, d)
	o.done("a workflow")
	r.doubt(d, steps)
	return d
}

// name reads a required label.
func (r *reader) name(o *object, limit int) string {
	name := strings.TrimSpace(o.text("name", 1<<20, "name_too_long"))
	switch n := utf8.RuneCountInString(name); {
	case n == 0 && (o.isText("name") || !o.given("name")):
		o.fail("name", "name_required", "a name of 1 to %d characters is needed", limit)
	case n > limit:
		o.fail("name", "name_too_long", "a name may have at most %d characters", limit)
	}
	return name
}

// given reports whether a member is there and not null.
func (o *object) given(name string) bool {
	_, ok := o.get(name)
	return ok
}

func (o *object) isText(name string) bool {
	v, ok := o.get(name)
	return ok && v.Kind() == jsontext.KindString
}

// entityTypes reads the targets. "both" is the seed's word for the two.
func (r *reader) entityTypes(o *object) []string {
	list := o.list("entity_types")
	if len(list) == 0 {
		return []string{"individual"}
	}
	has := map[string]bool{}
	for i, v := range list {
		at := index(o.path("entity_types"), i)
		if v.Kind() != jsontext.KindString {
			r.fail(at, "wrong_type", "this must be text")
			continue
		}
		switch t := r.text(v, at, MaxName, "entity_type_invalid"); t {
		case "individual", "company":
			has[t] = true
		case "both":
			has["individual"], has["company"] = true, true
		default:
			r.fail(at, "entity_type_invalid", "an entity type is individual or company")
		}
	}
	return slices.DeleteFunc([]string{"individual", "company"}, func(t string) bool { return !has[t] })
}

func (r *reader) tags(o *object) []string {
	list := o.list("tags")
	if len(list) > MaxTags {
		o.fail("tags", "tags_too_many", "at most %d tags are allowed", MaxTags)
		list = list[:MaxTags]
	}
	out := []string{}
	for i, v := range list {
		at := index(o.path("tags"), i)
		tag := strings.TrimSpace(r.text(v, at, MaxTag, "tag_too_long"))
		if tag == "" && v.Kind() == jsontext.KindString {
			r.fail(at, "tag_required", "a tag has 1 to %d characters", MaxTag)
		}
		if !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

// customTags reads the pairs that go into every webhook (seed 000: at most 20,
// 50 and 200 characters).
func (r *reader) customTags(o *object) map[string]string {
	out := map[string]string{}
	tags := o.child("custom_tags")
	if tags == nil {
		return out
	}
	if len(tags.members) > MaxCustomTags {
		o.fail("custom_tags", "custom_tags_too_many", "at most %d custom tags are allowed; there are %d", MaxCustomTags, len(tags.members))
	}
	for _, key := range slices.Sorted(maps.Keys(tags.members)) {
		if utf8.RuneCountInString(key) > MaxCustomTagKey {
			tags.fail(key, "custom_tags_key_too_long", "the key of a custom tag may have at most %d characters", MaxCustomTagKey)
		}
		if key == "" || strings.ContainsRune(key, 0) {
			tags.fail(key, "text_invalid", "the key of a custom tag is empty or holds a NUL character")
		}
		v := tags.members[key]
		if v.Kind() != jsontext.KindString {
			tags.fail(key, "custom_tags_value_type", "the value of a custom tag must be text")
			continue
		}
		out[key] = r.text(v, tags.path(key), MaxCustomTagValue, "custom_tags_value_too_long")
	}
	return out
}
