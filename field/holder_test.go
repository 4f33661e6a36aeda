package field

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestADocumentAnswersTheQuestionsAboutItsHolder(t *testing.T) {
	t.Parallel()
	var fields []Field
	if err := json.Unmarshal([]byte(`[
		{"field_id":"company","type":"name","name_type":"company"},
		{"field_id":"ubo","type":"name","name_type":"individual","entity_role":"ubo"},
		{"field_id":"who","type":"name","name_type":"individual","parts":true},
		{"field_id":"guardian","type":"name","name_type":"individual"},
		{"field_id":"born","field_key":"date_of_birth","type":"date"},
		{"field_id":"since","type":"date"},
		{"field_id":"nation","type":"country","country_type":"nationality"},
		{"field_id":"home","type":"country","country_type":"residence"},
		{"field_id":"passport_number","type":"text","max_length":5},
		{"field_id":"surname","type":"text","validation_rules":{"equals_field":"guardian"}},
		{"field_id":"job","type":"text","default_value":"baker"}]`), &fields); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	got := Prefill(t.Context(), fields, Holder{Given: "Ada", Family: "Lovelace", BirthDate: "1990-05-17", Nationality: "nl", DocumentNumber: "X1234567"}, now)
	want := map[string]any{"who": map[string]any{"given": "Ada", "family": "Lovelace", "full": "Ada Lovelace"}, "born": "1990-05-17", "nation": "NL", "surname": "Lovelace"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the form is answered with %v, want %v", got, want)
	}
	if got := Defaults(fields, got); !reflect.DeepEqual(got, map[string]any{"job": "baker"}) {
		t.Errorf("defaults %v", got)
	}
	if got := Prefill(t.Context(), fields, Holder{}, now); len(got) != 0 {
		t.Errorf("a document that says nothing answers %v", got)
	}
}
