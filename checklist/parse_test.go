package checklist_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bonafide/checklist"
	"bonafide/kyc"
)

func found(list []kyc.Problem) []string {
	out := []string{}
	for _, p := range list {
		out = append(out, p.Path+" "+p.Code)
	}
	return out
}

func TestEveryDefaultIsWrittenOut(t *testing.T) {
	t.Parallel()
	d, report := checklist.Parse([]byte(`{"name":"All","steps":[{"id":"ID_VERIFICATION"},{"id":"FACE_LIVENESS","config":{}},{"id":"AGE_ESTIMATION","config":null},
		{"id":"PEP_SANCTIONS"},{"id":"ADVERSE_MEDIA","config":{}},{"id":"CONSENT"},{"id":"DOCUMENT_UPLOAD"}]}`), checklist.ParseOptions{})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	want := []checklist.Step{
		{ID: "ID_VERIFICATION", Config: checklist.IDConfig{MinimumAge: 18, MaximumAge: 51, ExpiryDateYears: 2, EscalationType: "none", EscalationRiskThreshold: 60}},
		{ID: "FACE_LIVENESS", Config: checklist.LivenessConfig{ConfidenceThreshold: 70}},
		{ID: "AGE_ESTIMATION", Config: checklist.AgeConfig{MinimumAge: 18}},
		{ID: "PEP_SANCTIONS", Config: checklist.NoConfig{}}, {ID: "ADVERSE_MEDIA", Config: checklist.NoConfig{}},
		{ID: "CONSENT", Config: checklist.ConsentConfig{Text: checklist.DefaultConsentText, Version: "1"}},
		{ID: "DOCUMENT_UPLOAD", Config: checklist.DocumentUploadConfig{DocumentTypes: []string{"proof_of_address"}}},
	}
	if !reflect.DeepEqual(d.Steps, want) {
		t.Errorf("got %+v", d.Steps)
	}
	if got := found(report.Warnings); !reflect.DeepEqual(got, []string{"/steps/0/config/maximum_age default_maximum_age_applied"}) {
		t.Errorf("warnings %v", got)
	}
	var stored struct {
		Steps []struct {
			Config map[string]any
		}
	}
	if err := json.Unmarshal(d.Canonical(), &stored); err != nil || len(stored.Steps[0].Config) != 10 {
		t.Errorf("%v: the stored ID_VERIFICATION has %d of ten fields", err, len(stored.Steps[0].Config))
	}
}

// What is stored with a version and sent in answers stays small, whatever was
// sent.
func TestReportsAreBounded(t *testing.T) {
	t.Parallel()
	members := []string{`"` + strings.Repeat("z", 60_000) + `":1`}
	for i := range 5000 {
		members = append(members, fmt.Sprintf(`"k%04d":1`, i))
	}
	raw := `{"name":"x","steps":[{"id":"CONSENT","config":{` + strings.Join(members, ",") + `}}]}`
	for _, lenient := range []bool{true, false} {
		d, report := checklist.Parse([]byte(raw), checklist.ParseOptions{Lenient: lenient})
		list := append(report.Errors, report.Warnings...)
		last := list[len(list)-1]
		if len(list) != 501 || last.Code != "too_many_problems" || !strings.Contains(last.Message, "4501") || (d != nil) != lenient {
			t.Errorf("lenient %t: %d problems, the last %+v", lenient, len(list), last)
		}
	}
	raw = `{"name":"x","steps":[{"id":"CONSENT"}],` + members[0] + `}`
	if _, report := checklist.Parse([]byte(raw), checklist.ParseOptions{}); len(report.Errors) != 1 || len(report.Errors[0].Path)+len(report.Errors[0].Message) > 600 {
		t.Errorf("a long name: %d problems", len(report.Errors))
	}
}

func TestEveryRuleHasItsCodeAndPlace(t *testing.T) {
	t.Parallel()
	id := func(config string) string {
		return `{"name":"x","steps":[{"id":"ID_VERIFICATION","config":` + config + `}]}`
	}
	long := strings.Repeat("é", 255)
	tests := []struct {
		body string
		want []string
	}{
		{`{"name":"` + long + `","steps":[{"id":"CONSENT"}]}`, nil},
		{`{"name":"` + long + `e","steps":[{"id":"CONSENT"}]}`, []string{"/name name_length"}},
		{`{"steps":[{"id":"CONSENT"}]}`, []string{"/name name_required"}},
		{`{"name":null,"steps":[{"id":"CONSENT"}]}`, []string{"/name name_required"}},
		{`{"name":"  ","steps":[{"id":"CONSENT"}]}`, []string{"/name name_required"}},
		{`{"name":7,"steps":[{"id":"CONSENT"}]}`, []string{"/name wrong_type"}},
		{`{"name":"a\u0000b","steps":[{"id":"CONSENT"}]}`, []string{"/name text_invalid"}},
		{`{"name":"a\nb","steps":[{"id":"CONSENT"}]}`, []string{"/name text_invalid"}},
		{`{"name":"x","steps":[{"id":"CONSENT","config":{"text":"a\r\n\tb"}}]}`, nil},
		{`{"name":"x","steps":[{"id":"CONSENT","config":{"text":"a\u0000","version":"\u001b"}}]}`, []string{"/steps/0/config/text text_invalid", "/steps/0/config/version text_invalid"}},
		{`{"name":"x"}`, []string{"/steps steps_length"}},
		{`{"name":"x","steps":[]}`, []string{"/steps steps_length"}},
		{`{"name":"x","steps":"CONSENT"}`, []string{"/steps wrong_type"}},
		{`{"name":"x","steps":["CONSENT"]}`, []string{"/steps/0 wrong_type"}},
		{`{"name":"x","steps":[{}]}`, []string{"/steps/0/id step_id_unknown"}},
		{`{"name":"x","steps":[{"id":5}]}`, []string{"/steps/0/id step_id_unknown"}},
		{`{"name":"x","steps":[{"id":"ID_CHECK"}]}`, []string{"/steps/0/id step_id_unknown"}},
		{`{"name":"x","steps":[{"id":"bank-statement-upload"}]}`, []string{"/steps/0/id step_not_supported"}},
		{`{"name":"x","steps":[{"id":"FACE_LIVENESS"},{"id":"face-liveness"},{"id":"Face_Liveness"}]}`, []string{"/steps/1/id duplicate_step", "/steps/2/id duplicate_step"}},
		{`{"name":"x","steps":[` + strings.TrimSuffix(strings.Repeat(`{"id":"CONSENT"},`, 11), ",") + `]}`,
			append([]string{"/steps steps_length"}, func() (out []string) {
				for i := 1; i < 11; i++ {
					out = append(out, fmt.Sprintf("/steps/%d/id duplicate_step", i))
				}
				return out
			}()...)},
		{`{"name":"x","steps":[{"id":"CONSENT","conifg":{}}],"colour":"y"}`, []string{"/colour unknown_field", "/steps/0/conifg unknown_field"}},
		{`{"name":"x","steps":[{"id":"CONSENT","config":[]}]}`, []string{"/steps/0/config config_type"}},
		{`{"name":"x","name":"y","steps":[{"id":"CONSENT"}]}`, []string{"/name duplicate_key"}},
		{`[]`, []string{" wrong_type"}},
		{id(`{"minimum_age":18.0,"maximum_age":1e2}`), nil},
		{id(`{"minimum_age":18.5}`), []string{"/steps/0/config/minimum_age config_type"}},
		{id(`{"minimum_age":"18"}`), []string{"/steps/0/config/minimum_age config_type"}},
		{id(`{"minimum_age":true}`), []string{"/steps/0/config/minimum_age config_type"}},
		{id(`{"minimum_age":1e400}`), []string{"/steps/0/config/minimum_age config_range"}},
		{id(`{"minimum_age":0}`), []string{"/steps/0/config/minimum_age config_range"}},
		{id(`{"minimum_age":120,"maximum_age":150}`), nil},
		{id(`{"minimum_age":121,"maximum_age":150}`), []string{"/steps/0/config/minimum_age config_range"}},
		{id(`{"maximum_age":151}`), []string{"/steps/0/config/maximum_age config_range"}},
		{id(`{"minimum_age":52}`), []string{"/steps/0/config/minimum_age age_range_inverted"}},
		{id(`{"minimum_age":51}`), nil},
		{id(`{"minimum_age":40,"maximum_age":39}`), []string{"/steps/0/config/minimum_age age_range_inverted"}},
		{id(`{"expiry_date_years":-1}`), []string{"/steps/0/config/expiry_date_years config_range"}},
		{id(`{"expiry_date_years":51}`), []string{"/steps/0/config/expiry_date_years config_range"}},
		{id(`{"expiry_date_years":0}`), nil},
		{id(`{"require_secondary_id":"yes","require_tertiary_id":1,"face_front_photo_only":[],"require_front_only":{},"enable_fraud_analysis":"true"}`),
			[]string{"/steps/0/config/enable_fraud_analysis config_type", "/steps/0/config/face_front_photo_only config_type", "/steps/0/config/require_front_only config_type",
				"/steps/0/config/require_secondary_id config_type", "/steps/0/config/require_tertiary_id config_type"}},
		{id(`{"escalation_type":"nfc"}`), []string{"/steps/0/config/escalation_type config_range"}},
		{id(`{"escalation_type":true}`), []string{"/steps/0/config/escalation_type config_type"}},
		{id(`{"escalation_risk_threshold":101}`), []string{"/steps/0/config/escalation_risk_threshold config_range"}},
		{id(`{"escalation_type":"nfc-passport","escalation_risk_threshold":0}`), nil},
		{id(`{"minimumAge":18}`), []string{"/steps/0/config/minimumAge config_unknown_field"}},
		{`{"name":"x","steps":[{"id":"FACE_LIVENESS","config":{"confidence_threshold":0}}]}`, []string{"/steps/0/config/confidence_threshold config_range"}},
		{`{"name":"x","steps":[{"id":"FACE_LIVENESS","config":{"confidence_threshold":101}}]}`, []string{"/steps/0/config/confidence_threshold config_range"}},
		{`{"name":"x","steps":[{"id":"AGE_ESTIMATION","config":{"minimum_age":101}}]}`, []string{"/steps/0/config/minimum_age config_range"}},
		{`{"name":"x","steps":[{"id":"PEP_SANCTIONS","config":{"threshold":80}}]}`, []string{"/steps/0/config/threshold config_unknown_field"}},
		{`{"name":"x","steps":[{"id":"ADVERSE_MEDIA","config":{"a/b":1}}]}`, []string{"/steps/0/config/a~1b config_unknown_field"}},
		{`{"name":"x","steps":[{"id":"CONSENT","config":{"text":"","version":5}}]}`, []string{"/steps/0/config/text config_range", "/steps/0/config/version config_type"}},
		{`{"name":"x","steps":[{"id":"DOCUMENT_UPLOAD","config":{"document_types":[]}}]}`, []string{"/steps/0/config/document_types config_range"}},
		{`{"name":"x","steps":[{"id":"DOCUMENT_UPLOAD","config":{"document_types":["Deed","a","a",4],"maximum_age_days":3651}}]}`,
			[]string{"/steps/0/config/document_types/0 config_range", "/steps/0/config/document_types/2 config_range", "/steps/0/config/document_types/3 config_type", "/steps/0/config/maximum_age_days config_range"}},
		// Everything at once, in order of place.
		{`{"name":"","steps":[{"id":"ID_VERIFICATION","config":{"minimum_age":200,"colour":1}},{"id":"NOPE"},{"id":"id_verification"}],"x":1}`,
			[]string{"/name name_required", "/steps/0/config/colour config_unknown_field", "/steps/0/config/minimum_age config_range", "/steps/1/id step_id_unknown", "/steps/2/id duplicate_step", "/x unknown_field"}},
	}
	for _, tt := range tests {
		d, report := checklist.Parse([]byte(tt.body), checklist.ParseOptions{})
		if got := found(report.Errors); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %v\nwant %v", tt.body, got, tt.want)
		}
		if (d == nil) != (len(tt.want) > 0) {
			t.Errorf("%s: definition %v", tt.body, d)
		}
		if err := report.Err(); err != nil && (kyc.KindOf(err) != kyc.Invalid || !kyc.IsCode(err, "validation_failed")) {
			t.Errorf("%s: %v", tt.body, err)
		}
	}
}

func TestLenienceKeepsUnknownMembersAsWarnings(t *testing.T) {
	t.Parallel()
	body := []byte(`{"name":"x","colour":1,"steps":[{"id":"PEP_SANCTIONS","config":{"threshold":80}},{"id":"ID_VERIFICATION","weight":1,"config":{"maximum_age":99}}]}`)
	d, report := checklist.Parse(body, checklist.ParseOptions{Lenient: true})
	if d == nil || !slices.Equal(found(report.Warnings), []string{"/colour unknown_field", "/steps/0 screening_before_name", "/steps/0/config/threshold config_unknown_field", "/steps/1/weight unknown_field"}) {
		t.Errorf("%v %v", report.Errors, found(report.Warnings))
	}
	if _, report := checklist.Parse([]byte(`{"name":"x","colour":1,"steps":[]}`), checklist.ParseOptions{Lenient: true}); len(report.Errors) != 1 {
		t.Errorf("lenience forgives more than names: %v", found(report.Errors))
	}
}

func TestWhatFollowsFromWhat(t *testing.T) {
	t.Parallel()
	tests := []struct {
		config string
		want   checklist.IDConfig
		warns  []string
	}{
		{`{"escalation_type":"nfc-passport","enable_fraud_analysis":false,"maximum_age":99}`,
			checklist.IDConfig{MaximumAge: 99, EnableFraudAnalysis: true, EscalationType: "nfc-passport"}, []string{"/steps/0/config/enable_fraud_analysis fraud_analysis_implied"}},
		{`{"escalation_type":"nfc-passport","maximum_age":99}`, checklist.IDConfig{MaximumAge: 99, EnableFraudAnalysis: true, EscalationType: "nfc-passport"}, nil},
		{`{"enable_fraud_analysis":true,"maximum_age":99}`, checklist.IDConfig{MaximumAge: 99, EnableFraudAnalysis: true}, nil},
		{`{"require_tertiary_id":true,"maximum_age":99}`, checklist.IDConfig{MaximumAge: 99, RequireSecondaryID: true, RequireTertiaryID: true}, nil},
		{`{"require_tertiary_id":true,"require_secondary_id":false,"maximum_age":99}`,
			checklist.IDConfig{MaximumAge: 99, RequireSecondaryID: true, RequireTertiaryID: true}, []string{"/steps/0/config/require_secondary_id secondary_id_implied"}},
		{`{"escalation_risk_threshold":30,"maximum_age":99}`, checklist.IDConfig{MaximumAge: 99, EscalationRiskThreshold: 30}, []string{"/steps/0/config/escalation_risk_threshold threshold_without_escalation"}},
		{`{}`, checklist.IDConfig{MaximumAge: 51}, []string{"/steps/0/config/maximum_age default_maximum_age_applied"}},
	}
	for _, tt := range tests {
		want := tt.want
		want.MinimumAge, want.ExpiryDateYears = 18, 2
		if want.EscalationType == "" {
			want.EscalationType = "none"
		}
		if want.EscalationRiskThreshold == 0 {
			want.EscalationRiskThreshold = 60
		}
		d, report := checklist.Parse([]byte(`{"name":"x","steps":[{"id":"id_verification","config":`+tt.config+`}]}`), checklist.ParseOptions{})
		if d == nil || !reflect.DeepEqual(d.Steps[0].Config, checklist.Config(want)) || !slices.Equal(found(report.Warnings), tt.warns) {
			t.Errorf("%s: %v %+v %v", tt.config, report.Errors, d, found(report.Warnings))
		}
	}
	d, report := checklist.Parse([]byte(`{"name":"x","steps":[{"id":"ID_VERIFICATION"}]}`), checklist.ParseOptions{MaximumAge: 80})
	if got := d.Steps[0].Config.(checklist.IDConfig).MaximumAge; got != 80 || len(report.Warnings) != 0 {
		t.Errorf("the organisation's own default: %d %v", got, report.Warnings)
	}
}

func TestAChangeOfOneStepKeepsTheRest(t *testing.T) {
	t.Parallel()
	current := checklist.IDConfig{MinimumAge: 21, MaximumAge: 99, ExpiryDateYears: 0, RequireFrontOnly: true, EnableFraudAnalysis: true, EscalationType: "nfc-passport", EscalationRiskThreshold: 40}
	tests := []struct {
		change string
		edit   func(*checklist.IDConfig)
		want   []string
	}{
		{`{}`, func(*checklist.IDConfig) {}, nil},
		{`{"minimum_age":25}`, func(c *checklist.IDConfig) { c.MinimumAge = 25 }, nil},
		{`{"maximum_age":null}`, func(c *checklist.IDConfig) { c.MaximumAge = 51 }, nil},
		{`{"escalation_type":"none"}`, func(c *checklist.IDConfig) { c.EscalationType = "none" }, nil},
		{`{"enable_fraud_analysis":false}`, func(*checklist.IDConfig) {}, nil}, // the escalation implies it
		{`{"maximum_age":20}`, nil, []string{"/config/minimum_age age_range_inverted"}},
		{`{"minimum_age":"x","colour":1}`, nil, []string{"/config/colour config_unknown_field", "/config/minimum_age config_type"}},
		{`[]`, nil, []string{"/config config_type"}},
	}
	for _, tt := range tests {
		got, report := checklist.ParseConfig("ID_VERIFICATION", []byte(tt.change), current, checklist.ParseOptions{})
		if !slices.Equal(found(report.Errors), tt.want) {
			t.Errorf("%s: %v", tt.change, found(report.Errors))
		}
		if tt.edit == nil {
			if got != nil {
				t.Errorf("%s: %+v", tt.change, got)
			}
			continue
		}
		want := current
		tt.edit(&want)
		if !reflect.DeepEqual(got, checklist.Config(want)) {
			t.Errorf("%s: %+v", tt.change, got)
		}
	}
}

func TestRenamingAndReordering(t *testing.T) {
	t.Parallel()
	d := parsed(t, []byte(`{"name":"Old","steps":[{"id":"ID_VERIFICATION","config":{"maximum_age":99}},{"id":"PEP_SANCTIONS"},{"id":"CONSENT"}]}`))
	before := string(d.Canonical())
	name := "New"
	got, report := d.Patched(checklist.Patch{Name: &name, Steps: []string{"consent", "pep-sanctions", "ID_VERIFICATION"}})
	if report.Err() != nil || got.Name != "New" || !slices.Equal(got.StepIDs(), []string{"CONSENT", "PEP_SANCTIONS", "ID_VERIFICATION"}) ||
		!reflect.DeepEqual(got.Step("ID_VERIFICATION"), d.Step("ID_VERIFICATION")) || !slices.Equal(found(report.Warnings), []string{"/steps/1 screening_before_name"}) {
		t.Errorf("%+v %v", got, report)
	}
	empty := ""
	for _, tt := range []struct {
		patch checklist.Patch
		want  []string
	}{
		{checklist.Patch{Name: &empty}, []string{"/name name_required"}},
		{checklist.Patch{Steps: []string{"CONSENT", "CONSENT", "FACE_LIVENESS", "X"}},
			[]string{"/steps steps_mismatch", "/steps steps_mismatch", "/steps/1 duplicate_step", "/steps/2 steps_mismatch", "/steps/3 step_id_unknown"}},
		{checklist.Patch{Steps: []string{}}, []string{"/steps steps_mismatch", "/steps steps_mismatch", "/steps steps_mismatch"}},
	} {
		if got, report := d.Patched(tt.patch); got != nil || !slices.Equal(found(report.Errors), tt.want) {
			t.Errorf("%+v: %v", tt.patch, found(report.Errors))
		}
	}
	if changed := d.WithConfig("CONSENT", checklist.ConsentConfig{Text: "a", Version: "2"}); changed.Hash() == d.Hash() || string(d.Canonical()) != before {
		t.Error("a change reaches the definition it was made from")
	}
}

func TestWhatIsStoredReadsBackTheSame(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		raw, _ := json.Marshal(random(rnd))
		d := parsed(t, raw)
		back, err := checklist.Read(d.Canonical())
		if err != nil || !reflect.DeepEqual(back, d) || back.Hash() != d.Hash() {
			t.Fatalf("%v\n%s", err, d.Canonical())
		}
	}
	for _, bad := range []string{``, `null`, `{"name":"x","steps":[{"id":"CONSENT"}]}`, `{"name":"x","steps":[]}`} {
		if _, err := checklist.Read([]byte(bad)); !kyc.IsCode(err, "bad_definition") || kyc.KindOf(err) != kyc.Internal {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestSlots(t *testing.T) {
	t.Parallel()
	names := func(s checklist.Step, types checklist.IDTypes) (required, optional []string) {
		for _, slot := range s.Slots(types) {
			if slot.Required {
				required = append(required, slot.Name)
			} else {
				optional = append(optional, slot.Name)
			}
		}
		return required, optional
	}
	tests := []struct {
		config             checklist.IDConfig
		types              checklist.IDTypes
		required, optional []string
	}{
		{checklist.IDConfig{}, checklist.IDTypes{}, []string{"id_front", "id_back", "selfie_front"},
			[]string{"secondary_id_front", "secondary_id_back", "tertiary_id_front", "tertiary_id_back", "selfie_left", "selfie_right"}},
		{checklist.IDConfig{FaceFrontPhotoOnly: true}, checklist.IDTypes{Primary: "passport"}, []string{"id_front", "selfie_front"},
			[]string{"id_back", "secondary_id_front", "secondary_id_back", "tertiary_id_front", "tertiary_id_back", "selfie_left", "selfie_right"}},
		{checklist.IDConfig{FaceFrontPhotoOnly: true, RequireFrontOnly: true, RequireSecondaryID: true}, checklist.IDTypes{Primary: "id_card"}, []string{"id_front", "secondary_id_front", "selfie_front"},
			[]string{"id_back", "secondary_id_back", "tertiary_id_front", "tertiary_id_back", "selfie_left", "selfie_right"}},
		{checklist.IDConfig{FaceFrontPhotoOnly: true, RequireSecondaryID: true, RequireTertiaryID: true}, checklist.IDTypes{Primary: "passport", Secondary: "id_card", Tertiary: "passport"},
			[]string{"id_front", "secondary_id_front", "secondary_id_back", "tertiary_id_front", "selfie_front"}, []string{"id_back", "tertiary_id_back", "selfie_left", "selfie_right"}},
	}
	for _, tt := range tests {
		if required, optional := names(checklist.Step{ID: "ID_VERIFICATION", Config: tt.config}, tt.types); !slices.Equal(required, tt.required) || !slices.Equal(optional, tt.optional) {
			t.Errorf("%+v: %v %v", tt.config, required, optional)
		}
	}
}

func FuzzParse(f *testing.F) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 10 {
		raw, _ := json.Marshal(random(rnd))
		f.Add(raw, false)
	}
	f.Add([]byte(`{"name":"x","steps":[{"id":"ID_VERIFICATION","config":{"minimum_age":18.5,"a":[{}]}}]}`), true)
	f.Fuzz(func(t *testing.T, raw []byte, lenient bool) {
		d, report := checklist.Parse(raw, checklist.ParseOptions{Lenient: lenient})
		if (d == nil) != (len(report.Errors) > 0) {
			t.Fatalf("definition %v with %d errors", d != nil, len(report.Errors))
		}
		if d == nil {
			return
		}
		if back, err := checklist.Read(d.Canonical()); err != nil || back.Hash() != d.Hash() {
			t.Fatalf("it does not read back: %v\n%s", err, d.Canonical())
		}
		checklist.Compile(d, checklist.CompileOptions{Auto: checklist.AutoApproveReject})
	})
}
