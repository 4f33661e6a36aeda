package field_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"bonafide/field"
)

func TestWrongDefinitionsAreRefused(t *testing.T) {
	t.Parallel()
	one := func(properties string) string { return `[{"field_id":"f","name":"F",` + properties + `}]` }
	for _, c := range []struct{ def, want string }{
		{`[]`, " custom_fields_required"}, {`null`, " custom_fields_required"}, {`{}`, " wrong_type"}, {`[5]`, "/0 wrong_type"}, {`[`, " malformed_json"},
		{`[{"name":"F","name":"G","type":"text"}]`, " malformed_json"},
		{`[{"name":"F"}]`, "/0/type type_required"}, {`[{"name":"F","type":"txt"}]`, "/0/type field_type_unknown"},
		{`[{"name":"F","type":5}]`, "/0/type wrong_type"}, {`[{"type":"text"}]`, "/0/name name_required"}, {`[{"name":"  ","type":"text"}]`, "/0/name name_required"},
		{`[{"name":"` + strings.Repeat("x", 256) + `","type":"text"}]`, "/0/name name_too_long"},
		{`[{"field_id":"a b","name":"F","type":"text"}]`, "/0/field_id field_id_invalid"},
		{`[{"field_id":"a","name":"F","type":"text","field_key":"ü"}]`, "/0/field_key field_key_invalid"},
		{`[{"field_id":"a","name":"F","type":"text"},{"field_id":"a","name":"G","type":"text"}]`, "/1/field_id field_id_duplicate"},
		{`[{"field_id":"a","name":"F","type":"text"},{"field_id":"b","field_key":"a","name":"G","type":"text"}]`, "/1/field_key field_key_duplicate"},
		{one(`"type":"text","reqired_":true`), "/0/reqired_ unknown_field"}, {one(`"type":"text","step":1`), "/0/step unknown_field"},
		{one(`"type":"text","required":"yes"`), "/0/required wrong_type"}, {one(`"type":"text","max_length":1.5`), "/0/max_length wrong_type"},
		{one(`"type":"text","max_length":1e2`), "/0/max_length wrong_type"}, {one(`"type":"text","max_length":-1`), "/0/max_length range_invalid"},
		{one(`"type":"text","min_length":5,"max_length":4`), "/0/min_length range_invalid"}, {one(`"type":"text","pattern":"("`), "/0/pattern pattern_invalid"},
		{one(`"type":"text","pattern":"(?=a)"`), "/0/pattern pattern_invalid"},
		{one(`"type":"number","min_value":2,"max_value":1`), "/0/min_value range_invalid"}, {one(`"type":"number","step":0`), "/0/step range_invalid"},
		{one(`"type":"number","min_value":"1"`), "/0/min_value wrong_type"},
		{one(`"type":"date","min_date":"2023-02-29"`), "/0/min_date date_invalid"}, {one(`"type":"date","min_date":"2024-02-29","max_date":"2024-02-28"`), "/0/min_date range_invalid"},
		{one(`"type":"date","min_age_years":151`), "/0/min_age_years range_invalid"},
		{one(`"type":"select"`), "/0/options select_options_required"}, {one(`"type":"select","options":[]`), "/0/options select_options_required"},
		{one(`"type":"select","options":["a","a"]`), "/0/options/1 option_duplicate"}, {one(`"type":"select","options":[" a"]`), "/0/options/0 option_not_normal"},
		{one(`"type":"select","options":[""]`), "/0/options/0 option_empty"}, {one(`"type":"select","options":[{"value":"a"}]`), "/0/options/0/label wrong_type"},
		{one(`"type":"select","options":[1]`), "/0/options/0 wrong_type"},
		{one(`"type":"file","accept":["pdf"]`), "/0/accept/0 mime_type_invalid"}, {one(`"type":"file","max_files":0`), "/0/max_files range_invalid"},
		{one(`"type":"file","default_value":"d1"`), "/0/default_value default_invalid"},
		{one(`"type":"email","verify_otp":true`), "/0/verify_otp option_not_available"}, {one(`"type":"phone","verify_otp":true`), "/0/verify_otp option_not_available"},
		{one(`"type":"domain","min_domain_age_days":30`), "/0/min_domain_age_days option_not_available"},
		{one(`"type":"email","allowed_domains":["x y"]`), "/0/allowed_domains/0 domain_invalid"}, {one(`"type":"email","allowed_domains":[]`), "/0/allowed_domains range_invalid"},
		{one(`"type":"phone","format":"local"`), "/0/format phone_format_invalid"}, {one(`"type":"phone","allowed_countries":["DEU"]`), "/0/allowed_countries/0 country_code_invalid"},
		{one(`"type":"country","country_type":"home"`), "/0/country_type country_type_invalid"}, {one(`"type":"country","denied":["XX"]`), "/0/denied/0 country_code_invalid"},
		{one(`"type":"country","allowed":["DE"],"denied":["de"]`), "/0/denied option_conflict"},
		{one(`"type":"name","name_type":"person"`), "/0/name_type name_type_invalid"}, {one(`"type":"name","entity_role":"boss"`), "/0/entity_role entity_role_invalid"},
		{one(`"type":"name","name_type":"company","parts":true`), "/0/parts option_conflict"},
		{one(`"type":"wallet","network":"btc"`), "/0/network network_invalid"}, {one(`"type":"wallet","network":"BTC","networks_allowed":["ETH"]`), "/0/networks_allowed option_conflict"},
		{one(`"type":"volume","currency":"DEM"`), "/0/currency currency_invalid"}, {one(`"type":"volume","period":"daily"`), "/0/period period_invalid"},
		{one(`"type":"volume","brackets":[{"max":2,"label":"a"},{"max":2,"label":"b"}]`), "/0/brackets/1/max bracket_invalid"},
		{one(`"type":"volume","brackets":[{"max":null,"label":"a"},{"max":2,"label":"b"}]`), "/0/brackets/0/max bracket_invalid"},
		{one(`"type":"address","require_fields":["zip"]`), "/0/require_fields/0 address_part_unknown"},
		{one(`"type":"entity_array"`), "/0/item_fields item_fields_required"}, {one(`"type":"object","fields":[]`), "/0/fields object_fields_required"},
		{one(`"type":"entity_array","validate_lists":true,"item_fields":[{"name":"X","type":"text"}]`), "/0/validate_lists option_conflict"},
		{one(`"type":"entity_array","min_items":3,"max_items":2,"item_fields":[{"name":"X","type":"text"}]`), "/0/min_items range_invalid"},
		{one(`"type":"entity_array","item_fields":[{"name":"X","type":"tex"}]`), "/0/item_fields/0/type field_type_unknown"},
		{one(`"type":"sub_merchants","item_fields":[{"field_id":"volume","name":"V","type":"number"}]`), "/0/item_fields fixed_field_type"},
		{one(`"type":"text","default_value":5`), "/0/default_value default_invalid"}, {one(`"type":"country","default_value":"Germany"`), "/0/default_value default_invalid"},
		{one(`"type":"text","i18n":{"not a tag":{}}`), "/0/i18n/not a tag language_invalid"}, {one(`"type":"text","i18n":{"de":{"label":"x"}}`), "/0/i18n/de/label unknown_field"},
		{one(`"type":"text","validation_rules":{"min":1}`), "/0/validation_rules/min rule_not_applicable"},
		{one(`"type":"boolean","validation_rules":{"pattern":"x"}`), "/0/validation_rules/pattern rule_not_applicable"},
		{one(`"type":"text","validation_rules":{"pattern":"("}`), "/0/validation_rules/pattern pattern_invalid"},
		{one(`"type":"text","validation_rules":{"pattern":"a","pattern_flags":"x"}`), "/0/validation_rules/pattern_flags pattern_flags_invalid"},
		{one(`"type":"text","validation_rules":{"equals_field":"g"}`), "/0/validation_rules/equals_field reference_unknown"},
		{one(`"type":"text","validation_rules":{"differs_from_field":"f"}`), "/0/validation_rules/differs_from_field reference_self"},
		{one(`"type":"text","validation_rules":{"regex":"x"}`), "/0/validation_rules/regex unknown_field"},
		{one(`"type":"text","validation_rules":{"one_of":[]}`), "/0/validation_rules/one_of range_invalid"},
		{one(`"type":"text","validation_rules":{"one_of":[{}]}`), "/0/validation_rules/one_of/0 wrong_type"},
		{one(`"type":"text","conditional_logic":{"action":"blink","conditions":[]}`), "/0/conditional_logic/action action_invalid"},
		{one(`"type":"text","conditional_logic":{"conditions":[{"field_id":"g","operator":"is_empty"}]}`), "/0/conditional_logic/conditions/0/field_id condition_field_unknown"},
		{one(`"type":"text","conditional_logic":{"conditions":[{"field_id":"f","operator":"is_empty"}]}`), "/0/conditional_logic condition_cycle"},
		{one(`"type":"object","fields":[{"name":"a","type":"object","fields":[{"name":"b","type":"object","fields":[{"name":"c","type":"object","fields":[{"name":"d","type":"text"}]}]}]}]`), "/0/fields/0/fields/0/fields/0/fields nesting_too_deep"},
	} {
		_, problems := field.Parse(json.RawMessage(c.def), "/steps/0/custom_fields")
		if !slices.Contains(codes(problems), "/steps/0/custom_fields"+c.want) {
			// A doubled name spoils the whole array for the strict reader.
			t.Errorf("%.120s: got %v, want %q", c.def, codes(problems), c.want)
		}
	}
}

func TestAllProblemsAreListedAtOnce(t *testing.T) {
	t.Parallel()
	_, problems := field.Parse(json.RawMessage(`[{"type":"text","x":1},{"name":"B","type":"nope"},{"name":"C","type":"select"}]`), "/c")
	want := []string{"/c/0/x unknown_field", "/c/0/name name_required", "/c/1/type field_type_unknown", "/c/2/options select_options_required"}
	if got := codes(problems); !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestIdsAreMadeFromNames(t *testing.T) {
	t.Parallel()
	raw := json.RawMessage(`[{"name":"Full Name","type":"text"},{"field_id":"full_name_2","name":"X","type":"text"},{"name":"Full name!","type":"text"},{"name":"全名","type":"text"},{"name":"???","type":"text"}]`)
	var first []string
	for range 3 {
		fields, problems := field.Parse(raw, "")
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		var ids []string
		for _, f := range fields {
			ids = append(ids, f.FieldID)
		}
		if first == nil {
			first = ids
		}
		if !slices.Equal(ids, first) {
			t.Errorf("ids changed: %v, %v", first, ids)
		}
	}
	if want := []string{"full_name", "full_name_2", "full_name_3", "quan_ming", "field"}; !slices.Equal(first, want) {
		t.Errorf("got %v, want %v", first, want)
	}
}

func TestDefaultsAreWrittenOutAndStayPut(t *testing.T) {
	t.Parallel()
	raw := `[{"name":"Phone","type":"phone","require_mobile":true,"tooltip":null},
		{"name":"PEP","type":"select","options":["No",{"value":"y","label":"Yes"}]},
		{"name":"Shops","type":"sub_merchants"}]`
	fields, problems := field.Parse(json.RawMessage(raw), "")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	once := encode(t, fields)
	for _, want := range []string{
		`{"field_id":"phone","name":"Phone","type":"phone","required":false,"format":"international","require_mobile":true,"verify_otp":false}`,
		`"options":["No",{"value":"y","label":"Yes"}],"allow_other":false,"multiple":false`,
		`"field_id":"domain","name":"Domain","type":"domain","required":true`, `"max_items":20`,
	} {
		if !strings.Contains(once, want) {
			t.Errorf("%s\nis not in %s", want, once)
		}
	}
	var stored []field.Field
	if err := json.Unmarshal([]byte(once), &stored); err != nil || encode(t, stored) != once {
		t.Errorf("the store gives %s %v", encode(t, stored), err)
	}
	again, problems := field.Parse(json.RawMessage(once), "")
	if len(problems) > 0 || encode(t, again) != once {
		t.Errorf("a second reading gives %s %v", encode(t, again), problems)
	}
}

func TestTheFormOfTheSeedIsAcceptedAndAnswered(t *testing.T) {
	t.Parallel()
	fields, problems := field.Parse(json.RawMessage(seedForm), "/steps/2/custom_fields")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var given, kept []map[string]any
	if json.Unmarshal([]byte(seedForm), &given) != nil || json.Unmarshal([]byte(encode(t, fields)), &kept) != nil {
		t.Fatal("unreadable")
	}
	for i := range given {
		for name, v := range given[i] {
			if encode(t, kept[i][name]) != encode(t, v) {
				t.Errorf("%s of field %d became %v", name, i, kept[i][name])
			}
		}
	}
	values := decode(t, seedAnswers).(map[string]any)
	r := field.Validate(context.Background(), fields, values, field.Env{Now: noon})
	if len(r.Problems) > 0 || len(r.Values) != 7 {
		t.Fatalf("%v %v", r.Problems, r.Values)
	}
	if len(r.Warnings) != 1 || r.Warnings[0].Code != "email_lookup_off" || r.Warnings[0].Path != "/form_data/email" {
		t.Errorf("warnings %v", r.Warnings)
	}
}

const seedForm = `[
	{"field_id":"full_name","name":"Full Legal Name","type":"name","name_type":"individual","validate_lists":true,"validate_adverse_media":false,"required":true},
	{"field_id":"date_of_birth","name":"Date of Birth","type":"date","required":true},
	{"field_id":"nationality","name":"Nationality","type":"country","country_type":"nationality","required":true},
	{"field_id":"residence","name":"Country of Residence","type":"country","country_type":"residence","required":true},
	{"field_id":"email","name":"Email Address","type":"email","validate_email":true,"block_disposable":true,"required":true},
	{"field_id":"phone","name":"Phone Number","type":"phone","format":"international","require_mobile":true,"required":true},
	{"field_id":"pep_status","name":"Are you a Politically Exposed Person (PEP)?","type":"select","options":["No","Yes - Current PEP","Yes - Former PEP","Yes - Family member of PEP"],"required":true}
]`

const seedAnswers = `{"full_name":"Ann Lee","date_of_birth":"1990-05-17","nationality":"de","residence":"AT","email":"ann@Example.com","phone":"+49 1512 3456789","pep_status":"No"}`

func TestEveryTypeAnswersEveryQuestion(t *testing.T) {
	t.Parallel()
	want := strings.Fields("text number date boolean select file email phone url country name wallet domain volume address entity_array sub_merchants object")
	var got []string
	kinds := map[string]string{"boolean": "true", "integer": "1", "number": "1.5", "string": `"x"`, "string[]": `["x"]`, "option[]": `["x"]`, "bracket[]": `[{"max":1,"label":"x"}]`, "field[]": `[{"name":"X","type":"text"}]`}
	for _, s := range field.Types() {
		got = append(got, s.Name)
		if !slices.Contains([]string{"basic", "contact", "semantic", "complex"}, s.Category) || !strings.HasSuffix(s.Summary, ".") || s.Stored == "" || len(s.Options) == 0 {
			t.Errorf("%s does not describe itself", s.Name)
		}
		for _, o := range s.Options {
			example := kinds[o.Type]
			if example == "" || o.Summary == "" {
				t.Errorf("%s.%s: type %q, summary %q", s.Name, o.Name, o.Type, o.Summary)
				continue
			}
			def := `[{"field_id":"f","name":"F","type":"` + s.Name + `","` + o.Name + `":`
			// The right type is never wrong_type or unknown, and survives.
			fields, problems := field.Parse(json.RawMessage(def+example+`}]`), "")
			for _, p := range problems {
				if p.Path == "/0/"+o.Name && (p.Code == "wrong_type" || p.Code == "unknown_field") {
					t.Errorf("%s.%s: %v", s.Name, o.Name, p)
				}
			}
			if !strings.Contains(encode(t, fields), `"`+o.Name+`":`) {
				t.Errorf("%s.%s is lost", s.Name, o.Name)
			}
			// A wrong type is noticed.
			_, problems = field.Parse(json.RawMessage(def+`{"a":1}}]`), "")
			if !slices.Contains(codes(problems), "/0/"+o.Name+" wrong_type") {
				t.Errorf("%s.%s takes an object: %v", s.Name, o.Name, codes(problems))
			}
			// Defaults are written out.
			if o.Default != nil {
				fields, _ := field.Parse(json.RawMessage(`[{"name":"F","type":"`+s.Name+`"}]`), "")
				if want := `"` + o.Name + `":` + encode(t, o.Default); !strings.Contains(encode(t, fields), want) {
					t.Errorf("%s: default %s is not written out in %s", s.Name, want, encode(t, fields))
				}
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("types %v", got)
	}
}
