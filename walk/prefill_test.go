package walk

import (
	"encoding/json"
	"strings"
	"testing"
)

// marked reports whether a field says that a document told its value.
func (w *window) marked(css string) bool {
	w.t.Helper()
	return ask[bool](w, `(document.querySelector(`+quoted(css)+`).closest(".group") ?? document.querySelector(`+quoted(css)+`).closest(".field")).textContent.includes("Taken from your document")`)
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a text always has a JSON form
	return string(b)
}

// What a document told stands in the form, marked; the applicant puts it right,
// and both the read and the entered value are kept.
func TestAFormIsFilledFromTheDocument(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key := s.Orgs[0].SandboxKey
	id, link := session(t, s, key, `{"name":"Account opening","steps":[
		{"step_id":"papers","order":1,"name":"Your document","type":"document_upload","document_requirements":[{"document_type":"id","display_name":"Passport or card","required":true,"auto_extract":true}]},
		{"step_id":"details","order":2,"name":"About you","type":"form_fill","custom_fields":[
			{"field_id":"who","name":"Full name","type":"name","name_type":"individual","parts":true,"required":true},
			{"field_id":"birth","name":"Date of birth","type":"date","min_age_years":18,"required":true},
			{"field_id":"nation","name":"Nationality","type":"country","country_type":"nationality","required":true},
			{"field_id":"job","name":"Your work","type":"text","default_value":"baker"}]},
		{"step_id":"last","order":3,"name":"One more thing","type":"form_fill","required":false,"custom_fields":[{"field_id":"note","name":"Anything to add?","type":"text"}]}],
		"validation_config":{"run_lists":false,"automation_rules":{"enabled":true,"auto_process":true,"default_action":"auto_approve"}}}`)
	w := open(t, s, look{Phone: true})
	w.forgive("422")
	w.goTo(link)
	w.press("#consent-processing")
	w.follow("main form button")
	w.goTo(link + "/steps/papers/files/id.front")
	w.press("input[value=passport]")
	w.follow("main form button")
	w.wait("document.querySelector('[data-pick]').open") // there is no camera
	w.attach("#file", photograph(t))
	w.follow("[data-upload] button")
	w.at("/steps/papers")
	w.follow("form[action$='/steps/papers'] button")
	w.at("/steps/details")
	w.axe()
	w.picture("capture-prefill")
	value := func(css string) string {
		return ask[string](w, "document.querySelector("+quoted(css)+").value")
	}
	for css, want := range map[string]string{"[name='f.who.given']": "Alex", "[name='f.who.family']": "Example", "[name='f.birth']": "1990-01-15", "[name='f.nation']": "NL", "[name='f.job']": "baker"} {
		if got := value(css); got != want {
			t.Errorf("%s holds %q, want %q", css, got, want)
		}
		if told := css != "[name='f.job']"; w.marked(css) != told {
			t.Errorf("%s: marked as read from the document: %v", css, !told)
		}
	}
	w.set("[name='f.who.family']", "Approve")
	w.set("[name='f.birth']", "2020-01-15") // too young, so the form comes back
	w.follow("form .actions button")
	w.shows("Please look at")
	if w.marked("[name='f.who.family']") || w.marked("[name='f.birth']") || !w.marked("[name='f.nation']") {
		t.Error("an answer that the applicant changed is marked as the document's, or the others are not")
	}
	w.set("[name='f.birth']", "1990-01-16")
	w.follow("form .actions button")
	w.at("/steps/last")
	got := s.call(t, key, "GET", "/kyc/sessions/"+id, "")
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"Approve"`, `"1990-01-16"`, `"Alex Example"`, `"1990-01-15"`} {
		if !strings.Contains(string(raw), part) {
			t.Errorf("the session does not hold %s: %s", part, raw)
		}
	}
}
