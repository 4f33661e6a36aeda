package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// seedRow is one row of seed 001's tables of step configurations.
type seedRow struct{ step, field, kind, otherwise string }

// seedRows reads the configuration tables that seed 001 prints.
func seedRows(t *testing.T) []seedRow {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "shared", "seeds", "001_863244c06e08c3ae.txt"))
	if err != nil {
		t.Skip("the seeds ../shared/seeds are not here to compare with")
	}
	heading := regexp.MustCompile(`(ID_VERIFICATION|FACE_LIVENESS|AGE_ESTIMATION) config$`)
	var out []seedRow
	step := ""
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSpace(line)
		if m := heading.FindStringSubmatch(line); m != nil {
			step = m[1]
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			step = ""
			continue
		}
		kind := strings.TrimSpace(cells[1])
		if step != "" && slices.Contains([]string{"integer", "boolean", "string"}, kind) {
			out = append(out, seedRow{step, strings.TrimSpace(cells[0]), kind, strings.Trim(strings.TrimSpace(cells[2]), `"`)})
		}
	}
	return out
}

// is reports whether a value of an answer is that row's type.
func (r seedRow) is(v any) bool {
	switch x := v.(type) {
	case float64:
		return r.kind == "integer" && x == float64(int64(x))
	case bool:
		return r.kind == "boolean"
	case string:
		return r.kind == "string"
	}
	return false
}

// seedText is a value as the seed's table writes it.
func seedText(v any) string {
	switch x := v.(type) {
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	}
	s, _ := v.(string)
	return s
}

// The resolved configuration of every step is the seed's table: its fields and
// no others, their types, their defaults.
func TestSeedDefaultsOfChecklists(t *testing.T) {
	t.Parallel()
	rows := seedRows(t)
	if len(rows) != 12 {
		t.Fatalf("the seed has %d fields: %v", len(rows), rows)
	}
	_, live := startServer(t, "").devClients(t)
	for _, step := range []string{"ID_VERIFICATION", "FACE_LIVENESS", "AGE_ESTIMATION", "PEP_SANCTIONS", "ADVERSE_MEDIA"} {
		a := live.must(t, http.StatusCreated, "POST", "/v1/workflows", map[string]any{"name": step, "steps": []any{map[string]any{"id": step}}})
		config, ok := a.value("workflow.steps.0.config").(map[string]any)
		if !ok {
			t.Fatalf("%s", a.raw)
		}
		fields := 0
		for _, r := range rows {
			if r.step != step {
				continue
			}
			fields++
			if v := config[r.field]; !r.is(v) || seedText(v) != r.otherwise {
				t.Errorf("%s %s is %v, and the seed says %s %s", step, r.field, v, r.kind, r.otherwise)
			}
		}
		if len(config) != fields {
			t.Errorf("%s has %d fields, the seed %d: %v", step, len(config), fields, config)
		}
	}
}

// seedWorkflows are the bodies that seed 001 describes: every step alone and
// with everything set, all five, the bounds, and the three scenarios of the
// fraud analysis.
func seedWorkflows() map[string]string {
	const all = `"minimum_age":21,"maximum_age":65,"expiry_date_years":1,"require_secondary_id":true,"require_tertiary_id":true,"face_front_photo_only":true,"require_front_only":true,
		"enable_fraud_analysis":true,"escalation_type":"nfc-passport","escalation_risk_threshold":75`
	return map[string]string{
		"one step":          `{"name":"a","steps":[{"id":"PEP_SANCTIONS"}]}`,
		"the longest name":  `{"name":"` + strings.Repeat("n", 255) + `","steps":[{"id":"ADVERSE_MEDIA"}]}`,
		"all five":          `{"name":"Standard KYC","steps":[{"id":"ID_VERIFICATION"},{"id":"FACE_LIVENESS"},{"id":"AGE_ESTIMATION"},{"id":"PEP_SANCTIONS"},{"id":"ADVERSE_MEDIA"}]}`,
		"everything set":    `{"name":"Custom","steps":[{"id":"ID_VERIFICATION","config":{` + all + `}},{"id":"FACE_LIVENESS","config":{"confidence_threshold":90}},{"id":"AGE_ESTIMATION","config":{"minimum_age":25}}]}`,
		"empty config":      `{"name":"Empty","steps":[{"id":"PEP_SANCTIONS","config":{}},{"id":"ADVERSE_MEDIA","config":{}}]}`,
		"default scenario":  `{"name":"Default","steps":[{"id":"ID_VERIFICATION"}]}`,
		"analysis only":     `{"name":"Fraud analysis","steps":[{"id":"ID_VERIFICATION","config":{"enable_fraud_analysis":true}}]}`,
		"with escalation":   `{"name":"Escalation","steps":[{"id":"ID_VERIFICATION","config":{"escalation_type":"nfc-passport","escalation_risk_threshold":60}}]}`,
		"escalation, false": `{"name":"Escalation","steps":[{"id":"ID_VERIFICATION","config":{"enable_fraud_analysis":false,"escalation_type":"nfc-passport"}}]}`,
	}
}

// Every field of the seed's table of the answer is there, with its type, and
// retrieving the workflow gives the same record.
func TestSeedBodiesOfChecklistsOnAFreshServer(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	sandbox, live := srv.devClients(t)
	for name, body := range seedWorkflows() {
		var sent struct {
			Name  string
			Steps []struct {
				ID     string
				Config map[string]any
			}
		}
		if err := json.Unmarshal([]byte(body), &sent); err != nil {
			t.Fatal(err)
		}
		began := time.Now().Add(-time.Second)
		a := live.must(t, http.StatusCreated, "POST", "/v1/workflows", json.RawMessage(body))
		if _, ok := kyc.ParseID(a.at("workflow.id")); !ok {
			t.Errorf("%s: the id is %q", name, a.at("workflow.id"))
		}
		if a.at("workflow.name") != sent.Name || a.at("workflow.status") != "active" || a.at("workflow.organization_id") != string(live.org) {
			t.Errorf("%s: %s", name, a.raw)
		}
		for _, field := range []string{"created_at", "updated_at"} {
			at, err := time.Parse(time.RFC3339, a.at("workflow."+field))
			if err != nil || at.Before(began) || at.After(time.Now().Add(time.Second)) {
				t.Errorf("%s: %s is %q", name, field, a.at("workflow."+field))
			}
		}
		steps, _ := a.value("workflow.steps").([]any)
		if len(steps) != len(sent.Steps) {
			t.Fatalf("%s: %s", name, a.raw)
		}
		for i, want := range sent.Steps {
			config, isObject := lookUp(steps[i], "config").(map[string]any)
			if lookUp(steps[i], "id") != want.ID || !isObject {
				t.Errorf("%s: step %d is %v", name, i, steps[i])
			}
			for field, value := range want.Config {
				if have := config[field]; have != value && (field != "enable_fraud_analysis" || have != true) {
					t.Errorf("%s: %s is %v, want %v", name, field, have, value)
				}
			}
			if escalates, _ := config["escalation_type"].(string); escalates == "nfc-passport" && config["enable_fraud_analysis"] != true {
				t.Errorf("%s: the escalation does not imply the analysis: %v", name, config)
			}
		}
		for _, c := range []*client{live, sandbox} {
			if again := c.must(t, http.StatusOK, "GET", "/v1/workflows/"+a.at("workflow.id"), nil); string(again.raw) != string(a.raw) {
				t.Errorf("%s: retrieving gives\n%s\nand creating\n%s", name, again.raw, a.raw)
			}
		}
	}
}

// The seed's table of errors, every description of it.
func TestSeedErrorsOfChecklists(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	sandbox, live := srv.devClients(t)
	const good = `{"name":"x","steps":[{"id":"PEP_SANCTIONS"}]}`
	revoked := &client{url: srv.url, key: live.key + "x"}
	for name, x := range map[string]struct {
		c            *client
		body         string
		status       int
		code, within string // within: the first problem
	}{
		"missing name":      {live, `{"steps":[{"id":"PEP_SANCTIONS"}]}`, 400, "validation_failed", "name_required"},
		"a name too long":   {live, `{"name":"` + strings.Repeat("n", 256) + `","steps":[{"id":"PEP_SANCTIONS"}]}`, 400, "validation_failed", "name_length"},
		"no steps":          {live, `{"name":"x","steps":[]}`, 400, "validation_failed", "steps_length"},
		"eleven steps":      {live, `{"name":"x","steps":[` + strings.TrimSuffix(strings.Repeat(`{"id":"PEP_SANCTIONS"},`, 11), ",") + `]}`, 400, "validation_failed", "steps_length"},
		"invalid step id":   {live, `{"name":"x","steps":[{"id":"PASSPORT"}]}`, 400, "validation_failed", "step_id_unknown"},
		"invalid config":    {live, `{"name":"x","steps":[{"id":"FACE_LIVENESS","config":{"confidence_threshold":0}}]}`, 400, "validation_failed", "config_range"},
		"config where none": {live, `{"name":"x","steps":[{"id":"ADVERSE_MEDIA","config":{"threshold":1}}]}`, 400, "validation_failed", "config_unknown_field"},
		"duplicate steps":   {live, `{"name":"x","steps":[{"id":"PEP_SANCTIONS"},{"id":"PEP_SANCTIONS"}]}`, 400, "validation_failed", "duplicate_step"},
		"missing API key":   {&client{url: srv.url}, good, 401, "credential_missing", ""},
		"invalid API key":   {revoked, good, 401, "credential_invalid", ""},
		"sandbox API key":   {sandbox, good, 403, "sandbox_key_forbidden", ""},
	} {
		a := x.c.call(t, "POST", "/v1/workflows", json.RawMessage(x.body))
		if a.status != x.status || a.str("code") != x.code || a.str("error") != x.code || a.at("errors.0.code") != x.within {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	// The key's bucket holds 35 and refills 25 times a second, which one caller
	// is faster than.
	for range 1000 {
		a := sandbox.call(t, "GET", "/v1/workflows", nil)
		if a.status == http.StatusOK {
			continue
		}
		wait, err := strconv.Atoi(a.header.Get("Retry-After"))
		if a.status != http.StatusTooManyRequests || a.str("code") != "rate_limited" || err != nil || wait < 1 || a.header.Get("X-RateLimit-Limit") != "35" || a.header.Get("X-RateLimit-Remaining") != "0" {
			t.Errorf("%d %v %s", a.status, a.header, a.raw)
		}
		return
	}
	t.Error("a thousand requests at once were all answered")
}
