package field_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"bonafide/field"
)

func TestWhatAnswersMean(t *testing.T) {
	t.Parallel()
	fields := form(t, `[
		{"field_id":"n","field_key":"person","name":"N","type":"name","parts":true,"validate_adverse_media":true},
		{"field_id":"firm","name":"F","type":"name","name_type":"company"},
		{"field_id":"nat","name":"C","type":"country","country_type":"nationality"},
		{"field_id":"other","name":"C","type":"country"},
		{"field_id":"tel","name":"T","type":"phone"}, {"field_id":"mail","name":"M","type":"email"},
		{"field_id":"web","name":"W","type":"domain"}, {"field_id":"coin","name":"B","type":"wallet","validate_crypto":false},
		{"field_id":"home","name":"A","type":"address","match_proof_of_address":true},
		{"field_id":"owners","name":"O","type":"entity_array","entity_role":"ubo","validate_lists":true,"item_fields":[
			{"field_id":"n","field_key":"owner_name","name":"N","type":"name"},
			{"field_id":"d","name":"D","type":"name","entity_role":"director"},
			{"field_id":"more","name":"M","type":"object","fields":[{"field_id":"c","name":"C","type":"country","country_type":"birth"}]}]}
	]`)
	r := field.Validate(context.Background(), fields, decode(t, `{"n":{"given":"Ann","family":"Lee"},"firm":"Lee Ltd","nat":"de","other":"FR",
		"tel":"+14155552671","mail":"a@example.com","web":"www.example.com","coin":"0x52908400098527886e0f7030069857d2e4169ee7",
		"home":{"line1":"1 Main St","city":"X","country":"AT"},
		"owners":[{"n":"Bob","more":{"c":"CH"}},{"n":"Eve","d":"Dan"}]}`).(map[string]any), field.Env{Now: noon})
	if len(r.Problems) > 0 {
		t.Fatal(r.Problems)
	}
	s := field.Read(fields, r.Values)
	if want := []field.Party{
		{FieldID: "n", Path: "/n", Name: "Ann Lee", Given: "Ann", Family: "Lee", Role: "individual", Media: true},
		{FieldID: "firm", Path: "/firm", Name: "Lee Ltd", Company: true},
		{FieldID: "n", Path: "/owners/0/n", Name: "Bob", Role: "ubo", Lists: true},
		{FieldID: "n", Path: "/owners/1/n", Name: "Eve", Role: "ubo", Lists: true},
		{FieldID: "d", Path: "/owners/1/d", Name: "Dan", Role: "director", Lists: true},
	}; !reflect.DeepEqual(s.Parties, want) {
		t.Errorf("parties %+v", s.Parties)
	}
	if want := []field.Country{
		{FieldID: "nat", Path: "/nat", Code: "DE", Type: "nationality"}, {FieldID: "other", Path: "/other", Code: "FR"},
		{FieldID: "tel", Path: "/tel", Code: "US", Type: "phone"}, {FieldID: "home", Path: "/home/country", Code: "AT"},
		{FieldID: "c", Path: "/owners/0/more/c", Code: "CH", Type: "birth"},
	}; !reflect.DeepEqual(s.Countries, want) {
		t.Errorf("countries %+v", s.Countries)
	}
	if len(s.Wallets) != 1 || s.Wallets[0].Network != "ETH" || s.Wallets[0].Validate == nil || *s.Wallets[0].Validate {
		t.Errorf("wallets %+v", s.Wallets)
	}
	if len(s.Emails) != 1 || s.Phones[0].Value != "+14155552671" || s.Domains[0].Value != "example.com" || !s.Addresses[0].Match || s.Addresses[0].Value["city"] != "X" {
		t.Errorf("%+v", s)
	}
	if s.ByKey["person"] == nil || s.ByKey["n"] != nil || !strings.Contains(encode(t, s.ByKey["owners"]), `{"more":{"c":"CH"},"owner_name":"Bob"}`) {
		t.Errorf("by key %v", encode(t, s.ByKey))
	}
	// The same after a trip through the store.
	if again := field.Read(fields, decode(t, encode(t, r.Values)).(map[string]any)); encode(t, again) != encode(t, s) {
		t.Error("the meaning changed on the way through JSON")
	}
	// Values of another form mean nothing and break nothing.
	broken := field.Read(fields, map[string]any{"n": 5, "nat": "Germany", "coin": "x", "owners": "y", "home": 1, "tel": "zzz", "mail": 3.0, "web": nil})
	if len(broken.Parties)+len(broken.Countries)+len(broken.Wallets)+len(broken.Addresses)+len(broken.Domains) > 0 {
		t.Errorf("%+v", broken)
	}
}

func TestTheApplicantSeesNothingInternal(t *testing.T) {
	t.Parallel()
	fields := form(t, `[{"field_id":"n","field_key":"portable","name":"Name","type":"name","description":"SECRET","entity_role":"ubo","validate_lists":true,"validate_adverse_media":true,
		"tooltip":"tip","i18n":{"de":{"name":"Vorname","help_text":"Hilfe"}},"required":true,"validation_rules":{"not_one_of":["SECRET"],"max_length":5}},
		{"field_id":"c","name":"C","type":"country","denied":["KP"],"allowed":["DE"]},
		{"field_id":"s","name":"S","type":"select","options":["a",{"value":"b","label":"B"}],"i18n":{"de":{"options":{"a":"Aah"}}}},
		{"field_id":"w","name":"W","type":"wallet","validate_crypto":true},{"field_id":"d","name":"D","type":"domain","require_tls":true},
		{"field_id":"m","name":"M","type":"email","validate_email":true,"block_disposable":true},{"field_id":"a","name":"A","type":"address","match_proof_of_address":true},
		{"field_id":"o","name":"O","type":"entity_array","entity_role":"ubo","item_fields":[{"field_id":"x","name":"X","type":"name","description":"SECRET","i18n":{"de":{"name":"Iks"}}}]}]`)
	before := encode(t, fields)
	got := encode(t, field.PublicAll(fields, "de-AT"))
	for _, never := range []string{"SECRET", "entity_role", "validate_", "block_", "denied", "require_tls", "match_proof", "i18n", "description", "verify_otp", "not_one_of"} {
		if strings.Contains(got, never) {
			t.Errorf("%s is shown: %s", never, got)
		}
	}
	for _, always := range []string{`"name":"Vorname"`, `"help_text":"Hilfe"`, `"tooltip":"tip"`, `"required":true`, `"max_length":5`, `{"value":"a","label":"Aah"}`, `"name":"Iks"`, `"allowed":["DE"]`} {
		if !strings.Contains(got, always) {
			t.Errorf("%s is missing: %s", always, got)
		}
	}
	if encode(t, fields) != before {
		t.Error("the definition itself was changed")
	}
	if !strings.Contains(encode(t, field.PublicAll(fields, "fr")), `"name":"Name"`) || encode(t, field.PublicAll(nil, "")) != "[]" {
		t.Error("an unknown language keeps the field's own texts")
	}
}
