package field_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"bonafide/field"
	"bonafide/kyc"
)

// noon is the clock of every test: a day after a leap day that never was.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// answer is one row of a type's table: a field of id "f", the answer in JSON,
// and either its stored form or the problem as "path code", the path given
// below /form_data/f.
type answer struct {
	name    string
	def     string // properties beside field_id and name
	in      string
	want    string // JSON; empty when there is no stored value
	problem string
	warning string // code
	env     *field.Env
}

func define(t testing.TB, def string) []field.Field {
	t.Helper()
	fields, problems := field.Parse(json.RawMessage(`[{"field_id":"f","name":"F",`+def+`}]`), "/custom_fields")
	if len(problems) > 0 {
		t.Fatalf("definition %s: %v", def, problems)
	}
	return fields
}

func decode(t testing.TB, raw string) any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return v
}

func encode(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func (a answer) check(t *testing.T) {
	t.Helper()
	fields := define(t, a.def)
	env := field.Env{Now: noon}
	if a.env != nil {
		env = *a.env
		env.Now = noon
	}
	r := field.Validate(context.Background(), fields, map[string]any{"f": decode(t, a.in)}, env)
	if a.problem != "" {
		path, code, found := strings.Cut(a.problem, " ")
		if !found {
			path, code = "", path
		}
		if len(r.Problems) == 0 || r.Problems[0].Path != "/form_data/f"+path || r.Problems[0].Code != code {
			t.Fatalf("answer %s: got problems %v, want %q", a.in, r.Problems, a.problem)
		}
		if len(r.Values) != 0 {
			t.Errorf("a wrong answer was kept: %v", r.Values)
		}
		return
	}
	if len(r.Problems) > 0 {
		t.Fatalf("answer %s: unexpected problems %v", a.in, r.Problems)
	}
	var code string
	if len(r.Warnings) > 0 {
		code = r.Warnings[0].Code
	}
	if code != a.warning {
		t.Errorf("warning %q, want %q", code, a.warning)
	}
	if a.want == "" {
		if _, kept := r.Values["f"]; kept {
			t.Fatalf("nothing should be stored, got %v", r.Values)
		}
		return
	}
	if got, want := encode(t, r.Values["f"]), encode(t, decode(t, a.want)); got != want {
		t.Errorf("stored %s, want %s", got, want)
	}
	again := field.Validate(context.Background(), fields, map[string]any{"f": decode(t, encode(t, r.Values["f"]))}, env)
	if len(again.Problems) > 0 || encode(t, again.Values) != encode(t, r.Values) {
		t.Errorf("the stored form is not stable: %v %v", again.Values, again.Problems)
	}
}

func table(t *testing.T, rows []answer) {
	t.Parallel()
	for _, row := range rows {
		name := row.name
		if name == "" {
			name = row.in
		}
		t.Run(name, func(t *testing.T) { t.Parallel(); row.check(t) })
	}
}

// codes lists "path code" of problems.
func codes(problems []kyc.Problem) []string {
	out := make([]string, len(problems))
	for i, p := range problems {
		out[i] = p.Path + " " + p.Code
	}
	return out
}
