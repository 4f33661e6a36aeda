package main

import (
	"fmt"
	"strings"
	"testing"
)

// form20 is a workflow whose first step is a form of 20 fields of every common
// sort; the second one keeps the session open, so that the step alone is
// measured.
func form20() (workflow, answers string) {
	fields := []string{
		`"field_id":"full_name","type":"name","name_type":"individual","validate_lists":true`, `"field_id":"date_of_birth","type":"date","max_date":"today","min_age_years":18`,
		`"field_id":"nationality","type":"country","country_type":"nationality"`, `"field_id":"residence","type":"country","country_type":"residence"`,
		`"field_id":"email","type":"email","validate_email":true,"block_disposable":true`, `"field_id":"phone","type":"phone","format":"international","require_mobile":true`,
		`"field_id":"pep_status","type":"select","options":["No","Yes"]`, `"field_id":"home","type":"address"`, `"field_id":"site","type":"url"`, `"field_id":"domain","type":"domain"`,
		`"field_id":"wallet","type":"wallet","network":"BTC"`, `"field_id":"income","type":"number","min_value":0`, `"field_id":"turnover","type":"volume","currency":"EUR","period":"monthly"`,
		`"field_id":"terms","type":"boolean","must_be_true":true`, `"field_id":"job","type":"text","max_length":100`, `"field_id":"employer","type":"name","name_type":"company"`,
		`"field_id":"purpose","type":"text","multiline":true`, `"field_id":"tax_country","type":"country","country_type":"tax_residency"`,
		`"field_id":"tax_number","type":"text","validation_rules":{"pattern":"^[A-Z0-9]{5,20}$"}`, `"field_id":"extra","type":"text","conditional_logic":{"action":"show","match":"all","conditions":[{"field_id":"pep_status","operator":"equals","value":"No"}]}`,
	}
	for i, f := range fields {
		fields[i] = `{"name":"Field",` + f + `,"required":true}`
	}
	return `{"name":"Form","steps":[{"step_id":"form","order":1,"name":"Form","type":"form_fill","custom_fields":[` + strings.Join(fields, ",") + `]},
 {"step_id":"more","order":2,"name":"More","type":"form_fill","custom_fields":[{"field_id":"more","name":"More","type":"text"}]}]}`,
		`{"form_data":{"full_name":"Ada Approve","date_of_birth":"1990-05-17","nationality":"NL","residence":"DE","email":"ada@example.com","phone":"+31612345678","pep_status":"No",
 "home":{"line1":"Keizersgracht 1","city":"Amsterdam","postal_code":"1015 CJ","country":"NL"},"site":"https://example.com/ada","domain":"example.com","wallet":"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
 "income":54321.5,"turnover":{"amount":2500,"currency":"EUR","period":"monthly"},"terms":true,"job":"Engineer","employer":"Harbour Trade BV","purpose":"Savings","tax_country":"NL","tax_number":"NL123456789","extra":"nothing"}}`
}

// BenchmarkStepComplete20Fields completes a form of 20 fields over HTTP on
// SQLite (synchronous=FULL): an open loop of 200 requests a second for ten
// seconds.
func BenchmarkStepComplete20Fields(b *testing.B) {
	const perSecond, seconds = 200, 10
	s := startBench(b)
	definition, answers := form20()
	workflow := s.must("/kyc/workflows", definition)["workflow_id"].(string)
	tokens := make([]string, perSecond*seconds)
	s.openLoop(perSecond, seconds, func() {
		for i := range tokens {
			tokens[i] = s.must("/kyc/sessions", `{"workflow_id":"`+workflow+`"}`)["access_token"].(string)
		}
	}, func(i int) error {
		state, err := s.post("/public/sessions/"+tokens[i]+"/step/form/complete", answers)
		if err == nil && state["current_step_index"] != 1.0 {
			err = fmt.Errorf("the step did not move: %v", state)
		}
		return err
	})
}
