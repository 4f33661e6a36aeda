package studio

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"bonafide/onboarding"
)

// changed gives a template in two versions.
func changed(t *testing.T, template string, replace ...string) (before, after json.RawMessage) {
	t.Helper()
	raw, _, ok := onboarding.Template(template)
	if !ok {
		t.Fatal("there is no template " + template)
	}
	text := string(raw)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("the template does not say %q", replace[i])
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	return raw, json.RawMessage(text)
}

func tells(t *testing.T, before, after json.RawMessage, want ...string) {
	t.Helper()
	var got []string
	for _, c := range stepChanges(before, after) {
		if !c.Words || c.Old == "" || c.New == "" {
			t.Errorf("%+v is not in words", c)
		}
		got = append(got, c.Where+" | "+c.Path+" | "+c.Old+" | "+c.New)
	}
	if !slices.Equal(got, want) {
		t.Errorf("it says\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What differs between two versions of ordered steps is said by the name of the
// step and the label of the setting.
func TestChangedStepsAreSaidInWords(t *testing.T) {
	t.Parallel()
	before, after := changed(t, "basic-kyc",
		`"min_confidence": 90.0`, `"min_confidence": 95.5`,
		`"min_age_years": 18`, `"min_age_years": 21`,
		`"params": {"days": 90}`, `"params": {"days": 30}`,
		`"auto_process": true`, `"auto_process": false`,
		`{"document_type": "id", "condition": "tampering_suspected", "action": "manual_review"`, `{"document_type": "id", "condition": "tampering_suspected", "action": "auto_deny"`,
		`"name": "Face check"`, `"name": "Your face"`)
	tells(t, before, after,
		`The workflow | Validation config › Automation rules › Auto process | yes | no`,
		`The workflow | Validation config › Automation rules › Document rules › “tampering_suspected” › Action | manual_review | auto_deny`,
		`Your documents | Document requirements › “Proof of address, not older than three months” › Post upload validations › “max_age_days” › Params › Days | 90 | 30`,
		`Your face | Liveness config › Min confidence | 90.0 | 95.5`,
		`Your face | Name | Face check | Your face`,
		`About you | Custom fields › “Date of birth” › Min age years | 18 | 21`)
	tells(t, before, before)
}

func TestStepsThatComeGoAndMove(t *testing.T) {
	t.Parallel()
	const (
		a = `{"step_id":"a","order":1,"name":"First","type":"liveness"}`
		b = `{"step_id":"b","order":2,"name":"Second","type":"form_fill","custom_fields":[{"field_id":"x","name":"Job"},{"field_id":"y","name":"Income"}]}`
		c = `{"step_id":"c","order":3,"name":"Third","type":"validation","validation_tasks":["run_face_match"]}`
	)
	of := func(steps ...string) json.RawMessage {
		return json.RawMessage(`{"name":"W","steps":[` + strings.Join(steps, ",") + `]}`)
	}
	tells(t, of(a, b), of(c, a, b), `Third | Step | not there | new, step 1, validation`) // the others moved by it alone
	tells(t, of(a, b, c), of(b, c), `First | Step | step 1, liveness | gone`)
	tells(t, of(a, b, c), of(b, c, a), `First | Place | step 1 | step 3`)
	tells(t, of(b), of(strings.Replace(b, `{"field_id":"x","name":"Job"},`, `{"field_id":"z","name":"Tax number","required":true,"hidden":false},`, 1)),
		`Second | Custom fields › “Job” | Field ID: x; Name: Job | gone`,
		`Second | Custom fields › “Tax number” | not there | Field ID: z; Name: Tax number; Required: yes`)
	tells(t, of(b), of(strings.Replace(b, `[{"field_id":"x","name":"Job"},{"field_id":"y","name":"Income"}]`, `[{"field_id":"y","name":"Income"},{"field_id":"x","name":"Job"}]`, 1)),
		`Second | Custom fields › order | “Job”, “Income” | “Income”, “Job”`)
	tells(t, of(c), of(strings.Replace(c, `["run_face_match"]`, `["run_face_match","run_sanction_check"]`, 1)),
		`Third | Validation tasks | run_face_match | run_face_match, run_sanction_check`)
	tells(t, of(c), of(strings.Replace(c, `,"validation_tasks":["run_face_match"]`, "", 1)), `Third | Validation tasks | run_face_match | not set`)
	// A step that stands there twice, and what is no definition.
	tells(t, of(a, a), of(a), `First | Step | step 2, liveness | gone`)
	tells(t, json.RawMessage(`[]`), json.RawMessage(`7`))
	tells(t, json.RawMessage(`{"steps":[3,"x"]}`), json.RawMessage(`{"steps":[3]}`), `step 2 | Step | step 2 | gone`)
}

// Checklists and procedures name their steps in other ways.
func TestChecklistsAndProceduresInWords(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		raw, err := os.ReadFile("templates/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	list := read("checklist")
	tells(t, json.RawMessage(list), json.RawMessage(strings.Replace(list, `"minimum_age": 18`, `"minimum_age": 21`, 1)), `ID_VERIFICATION | Config › Minimum age | 18 | 21`)
	procedure := read("procedure")
	tells(t, json.RawMessage(procedure), json.RawMessage(strings.NewReplacer(`"configuration": {"pep": true}`, `"configuration": {"pep": false}`, `"lifecyclePhase": "ONBOARDING"`, `"lifecyclePhase": "MONITORING"`).Replace(procedure)),
		`The workflow | Lifecycle phase | ONBOARDING | MONITORING`, `AML | Configuration › PEP | yes | no`)
}

// The page's labels are the forms' (ui/web/src/studio/schema.ts).
func TestLabels(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"max_age_hours": "Max age hours", "maxAgeHours": "Max age hours", "field_id": "Field ID", "session_ttl_days": "Session lifetime days", "slug": "Short name (slug)",
		"i18n": "Translations", "de": "De", "": "", "é_x": "É x", "__": "__"} {
		if got := label(name); got != want {
			t.Errorf("%q is labelled %q", name, got)
		}
	}
}

// Something is said exactly when two settings differ; null is as good as nothing.
func FuzzStepChanges(f *testing.F) {
	f.Add(`{"config":{"x":1}}`, `{"config":{"x":[{"y":null}]}}`)
	f.Add(`[1,{"b":2}]`, `[{"b":2},1]`)
	f.Add(`[{"id":"x"},{"id":"x"}]`, `{}`)
	f.Add(`[{"id":"x"},{"id":"y"}]`, `[{"id":"y"},{"id":"x","z":null}]`)
	f.Fuzz(func(t *testing.T, a, b string) {
		if !json.Valid([]byte(a)) || !json.Valid([]byte(b)) {
			return
		}
		one, two := json.RawMessage(`{"x":`+a+`}`), json.RawMessage(`{"x":`+b+`}`)
		same := written(object(one)) == written(object(two))
		if told := stepChanges(one, two); (len(told) == 0) != same {
			t.Errorf("%s and %s, the same: %v, and it says %+v", a, b, same, told)
		}
		if told := stepChanges(two, two); len(told) != 0 {
			t.Errorf("%s differs from itself: %+v", b, told)
		}
	})
}
