package field_test

import (
	"context"
	"encoding/json"
	"testing"

	"bonafide/field"
)

// twenty is a form of ordinary size that holds every expensive type.
const twenty = `[
	{"field_id":"a1","name":"A","type":"name","validate_lists":true,"required":true},{"field_id":"a2","name":"A","type":"name","parts":true},
	{"field_id":"a3","name":"A","type":"date","min_age_years":18},{"field_id":"a4","name":"A","type":"country","country_type":"nationality"},
	{"field_id":"a5","name":"A","type":"country","country_type":"residence"},{"field_id":"a6","name":"A","type":"email","block_disposable":true},
	{"field_id":"a7","name":"A","type":"phone","require_mobile":true},{"field_id":"a8","name":"A","type":"url","require_https":true},
	{"field_id":"a9","name":"A","type":"domain"},{"field_id":"b1","name":"A","type":"wallet"},{"field_id":"b2","name":"A","type":"volume","currency":"EUR"},
	{"field_id":"b3","name":"A","type":"address"},{"field_id":"b4","name":"A","type":"select","options":["No","Yes"]},
	{"field_id":"b5","name":"A","type":"boolean","must_be_true":true},{"field_id":"b6","name":"A","type":"number","step":0.01},
	{"field_id":"b7","name":"A","type":"text","pattern":"[A-Z]{2}[0-9]{4}"},{"field_id":"b8","name":"A","type":"text","multiline":true},
	{"field_id":"b9","name":"A","type":"text","conditional_logic":{"conditions":[{"field_id":"b4","operator":"equals","value":"Yes"}]}},
	{"field_id":"c1","name":"A","type":"text","conditional_logic":{"action":"require","conditions":[{"field_id":"b6","operator":"greater_than","value":10}]}},
	{"field_id":"c2","name":"A","type":"entity_array","item_fields":[{"field_id":"n","name":"N","type":"name"},{"field_id":"s","name":"S","type":"number"}]}
]`

const twentyAnswers = `{"a1":"Ann Mary Lee","a2":{"given":"Ann","family":"Lee"},"a3":"1990-05-17","a4":"DE","a5":"AT","a6":"ann@example.com",
	"a7":"+49 1512 3456789","a8":"https://example.com/x","a9":"www.example.co.uk","b1":"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
	"b2":{"amount":1500.5,"period":"monthly"},"b3":{"line1":"1 Main St","city":"Berlin","country":"DE","postal_code":"10115"},"b4":"Yes","b5":true,
	"b6":12.34,"b7":"AB1234","b8":"some\nlines","b9":"shown","c1":"needed","c2":[{"n":"Bob","s":50},{"n":"Eve","s":50}]}`

func BenchmarkValidate20Fields(b *testing.B) {
	fields := form(b, twenty)
	values := decode(b, twentyAnswers).(map[string]any)
	env := field.Env{Now: noon}
	b.ReportAllocs()
	for b.Loop() {
		if r := field.Validate(context.Background(), fields, values, env); len(r.Problems) > 0 || len(r.Values) != 20 {
			b.Fatal(r.Problems)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	raw := json.RawMessage(twenty)
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := field.Parse(raw, ""); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
