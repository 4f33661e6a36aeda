package field_test

import (
	"strings"
	"testing"

	"golang.org/x/text/language"

	"bonafide/field"
)

func TestCountry(t *testing.T) {
	any := `"type":"country"`
	table(t, []answer{
		{in: `"DE"`, def: any, want: `"DE"`}, {in: `" de "`, def: any, want: `"DE"`}, {in: `"XK"`, def: any, want: `"XK"`},
		{in: `"UK"`, def: any, problem: "country_code_invalid"}, {in: `"EU"`, def: any, problem: "country_code_invalid"},
		{in: `"ZZ"`, def: any, problem: "country_code_invalid"}, {in: `"DEU"`, def: any, problem: "country_code_invalid"},
		{in: `"Germany"`, def: any, problem: "country_code_invalid"}, {in: `"ſſ"`, def: any, problem: "country_code_invalid"},
		{in: `"A "`, def: any, problem: "country_code_invalid"}, {in: `276`, def: any, problem: "wrong_type"},
		{name: "allowed", in: `"AT"`, def: any + `,"allowed":["de","at"]`, want: `"AT"`},
		{name: "not allowed", in: `"FR"`, def: any + `,"allowed":["DE","AT"]`, problem: "country_not_allowed"},
		{name: "denied", in: `"KP"`, def: any + `,"denied":["KP"]`, problem: "country_not_allowed"},
	})
}

func TestTheListOfCountriesIsTheWholeWorld(t *testing.T) {
	t.Parallel()
	n := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			if _, ok := field.CountryCode(code); !ok {
				continue
			}
			n++
			if r, err := language.ParseRegion(code); err != nil || !r.IsCountry() || r.String() != code {
				t.Errorf("%s is no country to x/text", code)
			}
		}
	}
	if n != 250 {
		t.Errorf("%d codes, want the 249 of ISO 3166-1 and XK", n)
	}
}

func TestName(t *testing.T) {
	person, company, parts := `"type":"name"`, `"type":"name","name_type":"company"`, `"type":"name","parts":true`
	rows := []answer{
		{in: `"  Ann   Mary\tO'Neil "`, def: person, want: `"Ann Mary O'Neil"`},
		{name: "company", in: `"Müller & Söhne GmbH + Co. KG (1899)"`, def: company, want: `"Müller & Söhne GmbH + Co. KG (1899)"`},
		{in: `"7-11"`, def: company, want: `"7-11"`}, {in: `"123 456"`, def: company, problem: "name_without_letters"},
		{in: `{"given":"Ann"}`, def: company, problem: "wrong_type"},
		{in: `"12345"`, def: person, problem: "name_without_letters"}, {in: `"--"`, def: person, problem: "name_without_letters"},
		{in: `"Ann 😀"`, def: person, problem: "name_characters"}, {in: `"a@b.com"`, def: person, problem: "name_characters"},
		{in: `"<b>Ann</b>"`, def: person, problem: "name_characters"},
		{name: "control", in: `"Ann\u0007"`, def: person, problem: "control_character"},
		{name: "turned", in: `"Ann\u202eb"`, def: person, problem: "control_character"},
		{name: "zero width", in: `"An\u200bn"`, def: person, problem: "control_character"},
		{name: "too long", in: `"` + strings.Repeat("a", 256) + `"`, def: person, problem: "too_long"},
		{in: `{"given":" Ann ","family":"Lee"}`, def: person, want: `{"given":"Ann","family":"Lee","full":"Ann Lee"}`},
		{in: `{"given":"Suharto"}`, def: parts, want: `{"given":"Suharto","full":"Suharto"}`},
		{in: `{"middle":"X"}`, def: parts, problem: "name_part_required"},
		{in: `"Ann Lee"`, def: parts, problem: "wrong_type"},
		{in: `{"first":"Ann"}`, def: person, problem: "/first unknown_field"},
		{in: `{"given":"Ann","family":5}`, def: person, problem: "/family wrong_type"},
		{in: `5`, def: person, problem: "wrong_type"},
	}
	for _, real := range []string{"U", "Ø", "李小龙", "Jean-Luc d’Arc", "José Ángel", "Nguyễn Văn A", "Martin Luther King, Jr.", "महात्मा गांधी", "علی\u200cرضا", "ʻOkina", "Louis XIV", "צ׳יק", "John Smith 3rd"} {
		rows = append(rows, answer{in: encode(t, real), def: person, want: encode(t, real)})
	}
	table(t, rows)
}

func TestVolume(t *testing.T) {
	any, eur := `"type":"volume"`, `"type":"volume","currency":"EUR","period":"monthly"`
	bands := eur + `,"brackets":[{"max":10000,"label":"small"},{"max":50000,"label":"middle"},{"max":null,"label":"large"}]`
	table(t, []answer{
		{in: `{"amount":1500.50,"currency":"eur","period":"annual"}`, def: any, want: `{"amount":1500.5,"currency":"EUR","period":"annual"}`},
		{in: `1500`, def: eur, want: `{"amount":1500,"currency":"EUR","period":"monthly"}`},
		{in: `{"amount":1500}`, def: any, problem: "/currency required"},
		{in: `{"amount":"1500"}`, def: eur, problem: "/amount wrong_type"},
		{in: `{"amount":-1}`, def: eur, problem: "/amount too_small"},
		{in: `{"amount":1.234}`, def: eur, problem: "/amount amount_precision"},
		{in: `{"amount":1.5,"currency":"JPY","period":"monthly"}`, def: any, problem: "/amount amount_precision"},
		{in: `{"amount":1,"currency":"DEM","period":"monthly"}`, def: any, problem: "/currency currency_invalid"},
		{in: `{"amount":1,"currency":"USD"}`, def: eur, problem: "/currency currency_not_allowed"},
		{in: `{"amount":1,"period":"weekly","currency":"EUR"}`, def: any, problem: "/period period_invalid"},
		{in: `{"amount":1,"note":"x"}`, def: eur, problem: "/note unknown_field"},
		{in: `10000`, def: bands, want: `{"amount":10000,"currency":"EUR","period":"monthly","bracket":"small"}`},
		{in: `10000.01`, def: bands, want: `{"amount":10000.01,"currency":"EUR","period":"monthly","bracket":"middle"}`},
		{in: `99999999`, def: bands, want: `{"amount":99999999,"currency":"EUR","period":"monthly","bracket":"large"}`},
		{in: `{"bracket":"middle"}`, def: bands, want: `{"amount":50000,"currency":"EUR","period":"monthly","bracket":"middle"}`},
		{in: `{"bracket":"large"}`, def: bands, problem: "/amount required"},
		{in: `{"amount":5,"bracket":"middle"}`, def: bands, problem: "/bracket bracket_mismatch"},
		{in: `{"bracket":"huge"}`, def: bands, problem: "/bracket option_unknown"},
		{name: "rule on the amount", in: `5`, def: eur + `,"validation_rules":{"min":10}`, problem: "too_small"},
		{in: `"5 EUR"`, def: eur, problem: "wrong_type"},
	})
}

func TestAddress(t *testing.T) {
	any := `"type":"address"`
	full := func(country, postal string) string {
		return `{"line1":"1 Main St","city":"X","country":"` + country + `","postal_code":"` + postal + `"}`
	}
	rows := []answer{
		{in: `{"line1":" 1  Main St ","line2":"","city":"Berlin","country":"de","postal_code":"10115"}`, def: any, want: `{"line1":"1 Main St","city":"Berlin","country":"DE","postal_code":"10115"}`},
		{in: `{"line1":"x","country":"DE"}`, def: any, problem: "/city required"},
		{in: `{"line1":"x"}`, def: any + `,"require_fields":["line1"]`, want: `{"line1":"x"}`},
		{in: `{"line1":"x","city":"y","country":"Germany"}`, def: any, problem: "/country country_code_invalid"},
		{in: `{"line1":"x","city":"y","country":"FR"}`, def: any + `,"allowed_countries":["DE"]`, problem: "/country country_not_allowed"},
		{in: `{"line1":"x","city":"y","country":"FR","zip":"1"}`, def: any, problem: "/zip unknown_field"},
		{in: `{"line1":"x\ny\u0007","city":"y","country":"FR"}`, def: any, problem: "/line1 control_character"},
		{in: `{"line1":5,"city":"y","country":"FR"}`, def: any, problem: "/line1 wrong_type"},
		{in: `"1 Main St"`, def: any, problem: "wrong_type"},
		{name: "nothing but blanks", in: `{"line1":" ","city":null}`, def: any + `,"required":true`, problem: "required"},
	}
	for _, good := range [][2]string{{"US", "94105"}, {"US", "94105-1234"}, {"GB", "sw1a 1aa"}, {"GB", "M11AE"}, {"CA", "K1A 0B1"}, {"NL", "1012 ab"}, {"JP", "100-0001"}, {"BR", "01310100"}, {"PL", "00-950"}, {"IE", "anything"}} {
		rows = append(rows, answer{in: full(good[0], good[1]), def: any, want: full(good[0], strings.ToUpper(good[1]))})
	}
	for _, bad := range [][2]string{{"US", "9410"}, {"GB", "12345"}, {"DE", "1011"}, {"DE", "D-10115"}, {"CA", "K1A0B"}, {"PL", "00950"}} {
		rows = append(rows, answer{in: full(bad[0], bad[1]), def: any, problem: "/postal_code postal_code_invalid"})
	}
	table(t, rows)
}

const owners = `"type":"entity_array","entity_role":"ubo","validate_lists":true,"min_items":1,"max_items":2,
	"item_fields":[{"field_id":"full_name","name":"Name","type":"name","required":true},
	{"field_id":"share","name":"Share","type":"number","min_value":25},
	{"field_id":"why","name":"Why","type":"text","required":true,"conditional_logic":{"conditions":[{"field_id":"share","operator":"less_than","value":50}]}}]`

func TestEntityArray(t *testing.T) {
	table(t, []answer{
		{in: `[{"full_name":"Ann Lee","share":60}]`, def: owners, want: `[{"full_name":"Ann Lee","share":60}]`},
		{in: `[{"full_name":"Ann Lee","share":60,"why":"hidden"}]`, def: owners, want: `[{"full_name":"Ann Lee","share":60}]`},
		{in: `[{"full_name":"Ann Lee","share":30}]`, def: owners, problem: "/0/why required"},
		{in: `[{"full_name":"Ann","share":60},{"share":60}]`, def: owners, problem: "/1/full_name required"},
		{in: `[{"full_name":"A","share":10}]`, def: owners, problem: "/0/share too_small"},
		{in: `[{"full_name":"A"},{"full_name":"B"},{"full_name":"C"}]`, def: owners, problem: "too_many_items"},
		{in: `[{"full_name":"A","x~/y":1}]`, def: owners, problem: "/0/x~0~1y unknown_field"},
		{in: `[{}]`, def: owners, problem: "/0 required"}, {in: `["Ann"]`, def: owners, problem: "/0 wrong_type"},
		{in: `{"full_name":"Ann"}`, def: owners, problem: "wrong_type"},
		{name: "only hidden answers", in: `[{"why":"x"}]`, def: strings.Replace(owners, `"name","required":true`, `"name"`, 1), problem: "/0 required"},
		{in: `[]`, def: owners + `,"required":true`, problem: "required"}, {in: `[]`, def: owners},
	})
}

func TestSubMerchants(t *testing.T) {
	any := `"type":"sub_merchants"`
	table(t, []answer{
		{in: `[{"name":"Shop Ltd","domain":"www.shop.example.com","volume":{"amount":10,"currency":"USD","period":"monthly"}}]`, def: any,
			want: `[{"name":"Shop Ltd","domain":"example.com","volume":{"amount":10,"currency":"USD","period":"monthly"}}]`},
		{in: `[{"name":"Shop","domain":"shop.com"}]`, def: any, problem: "/0/volume required"},
		{in: `[{"name":"Shop","domain":"shop","volume":{"amount":1,"currency":"USD","period":"annual"}}]`, def: any, problem: "/0/domain domain_invalid"},
		{in: `"shop.com"`, def: any, problem: "wrong_type"},
	})
}

func TestObject(t *testing.T) {
	bank := `"type":"object","fields":[{"field_id":"iban","name":"IBAN","type":"text","required":true,"max_length":34},
		{"field_id":"inner","name":"Inner","type":"object","fields":[{"field_id":"n","name":"N","type":"number"}]}]`
	table(t, []answer{
		{in: `{"iban":"DE00","inner":{"n":1.0}}`, def: bank, want: `{"iban":"DE00","inner":{"n":1}}`},
		{in: `{"inner":{"n":1}}`, def: bank, problem: "/iban required"},
		{in: `{"iban":"x","inner":{"n":"1"}}`, def: bank, problem: "/inner/n wrong_type"},
		{in: `{"iban":"x","more":1}`, def: bank, problem: "/more unknown_field"},
		{in: `[]`, def: bank}, {in: `[1]`, def: bank, problem: "wrong_type"}, {in: `{}`, def: bank},
	})
}
