package field_test

import (
	"strings"
	"testing"

	"bonafide/field"
)

func TestText(t *testing.T) {
	table(t, []answer{
		{in: `"  Jürgen  "`, def: `"type":"text"`, want: `"Jürgen"`},
		{name: "composed", in: `"Ju\u0308rgen"`, def: `"type":"text"`, want: `"Jürgen"`},
		{name: "number is no text", in: `5`, def: `"type":"text"`, problem: "wrong_type"},
		{name: "true is no text", in: `true`, def: `"type":"text"`, problem: "wrong_type"},
		{name: "blank is unanswered", in: `"   "`, def: `"type":"text"`},
		{name: "null is unanswered", in: `null`, def: `"type":"text"`},
		{name: "blank and required", in: `" "`, def: `"type":"text","required":true`, problem: "required"},
		{name: "length in code points", in: `"äöü"`, def: `"type":"text","max_length":3,"min_length":3`, want: `"äöü"`},
		{name: "emoji is one", in: `"🙂🙂🙂🙂"`, def: `"type":"text","max_length":3`, problem: "too_long"},
		{name: "too short", in: `"ab"`, def: `"type":"text","min_length":3`, problem: "too_short"},
		{name: "pattern is anchored", in: `"xAB12x"`, def: `"type":"text","pattern":"[A-Z]{2}[0-9]{2}"`, problem: "pattern_mismatch"},
		{name: "pattern with alternatives is anchored", in: `"ab"`, def: `"type":"text","pattern":"a|b"`, problem: "pattern_mismatch"},
		{name: "pattern fits", in: `"AB12"`, def: `"type":"text","pattern":"[A-Z]{2}[0-9]{2}"`, want: `"AB12"`},
		{name: "line break", in: `"a\nb"`, def: `"type":"text"`, problem: "line_break"},
		{name: "multiline", in: `"a\r\nb\rc"`, def: `"type":"text","multiline":true`, want: `"a\nb\nc"`},
		{name: "escape", in: `"a\u001bb"`, def: `"type":"text","multiline":true`, problem: "control_character"},
		{name: "turned direction", in: `"a\u202eb"`, def: `"type":"text"`, problem: "control_character"},
		{name: "nul", in: `"a\u0000b"`, def: `"type":"text"`, problem: "invalid_utf8"},
		{name: "rule pattern with flag", in: `"ABC"`, def: `"type":"text","validation_rules":{"pattern":"abc","pattern_flags":"i"}`, want: `"ABC"`},
		{name: "m flag stays anchored", in: `"abc\nx"`, def: `"type":"text","multiline":true,"validation_rules":{"pattern":"abc","pattern_flags":"m"}`, problem: "pattern_mismatch"},
		{name: "one_of", in: `"c"`, def: `"type":"text","validation_rules":{"one_of":["a","b"]}`, problem: "not_allowed"},
		{name: "not_one_of", in: `"a"`, def: `"type":"text","validation_rules":{"not_one_of":["a"]}`, problem: "not_allowed"},
		{name: "64 KiB", in: `"` + strings.Repeat("a", 64<<10+1) + `"`, def: `"type":"text"`, problem: "too_long"},
	})
}

func TestNumber(t *testing.T) {
	table(t, []answer{
		{in: `5`, def: `"type":"number"`, want: `5`},
		{in: `"5"`, def: `"type":"number"`, problem: "wrong_type"},
		{in: `false`, def: `"type":"number"`, problem: "wrong_type"},
		{name: "zero is an answer", in: `0`, def: `"type":"number","required":true`, want: `0`},
		{in: `1.50`, def: `"type":"number"`, want: `1.5`},
		{in: `-0`, def: `"type":"number"`, want: `0`},
		{in: `12e2`, def: `"type":"number"`, want: `1200`},
		{in: `1e-3`, def: `"type":"number"`, want: `0.001`},
		{name: "30 digits", in: `-` + strings.Repeat("9", 30), def: `"type":"number"`, want: `-` + strings.Repeat("9", 30)},
		{name: "31 digits", in: strings.Repeat("9", 31), def: `"type":"number"`, problem: "number_too_long"},
		{in: `1e400`, def: `"type":"number"`, problem: "number_too_long"},
		{in: `1e-30`, def: `"type":"number"`, problem: "number_too_long"},
		{in: `1e999999999`, def: `"type":"number"`, problem: "number_too_long"},
		{in: `0.3`, def: `"type":"number","step":0.1`, want: `0.3`},
		{in: `0.35`, def: `"type":"number","step":0.1`, problem: "step_mismatch"},
		{in: `7`, def: `"type":"number","step":3,"min_value":1`, want: `7`},
		{in: `6`, def: `"type":"number","step":3,"min_value":1`, problem: "step_mismatch"},
		{in: `1.0`, def: `"type":"number","integer":true`, want: `1`},
		{in: `1.5`, def: `"type":"number","integer":true`, problem: "not_integer"},
		{in: `10`, def: `"type":"number","min_value":10,"max_value":10`, want: `10`},
		{in: `9.99999999999999999`, def: `"type":"number","min_value":10`, problem: "too_small"},
		{in: `10.00000000000000001`, def: `"type":"number","max_value":10`, problem: "too_large"},
		{in: `3`, def: `"type":"number","validation_rules":{"min":4}`, problem: "too_small"},
		{in: `3.0`, def: `"type":"number","validation_rules":{"one_of":[3]}`, want: `3`},
	})
}

func TestDate(t *testing.T) {
	table(t, []answer{
		{in: `"1990-05-17"`, def: `"type":"date"`, want: `"1990-05-17"`},
		{in: `" 1990-05-17 "`, def: `"type":"date"`, want: `"1990-05-17"`},
		{in: `"1990-5-17"`, def: `"type":"date"`, problem: "date_invalid"},
		{in: `"17.05.1990"`, def: `"type":"date"`, problem: "date_invalid"},
		{in: `"2023-02-29"`, def: `"type":"date"`, problem: "date_invalid"},
		{in: `"2024-02-29"`, def: `"type":"date"`, want: `"2024-02-29"`},
		{in: `"1900-02-29"`, def: `"type":"date"`, problem: "date_invalid"},
		{in: `"2000-13-01"`, def: `"type":"date"`, problem: "date_invalid"},
		{in: `"1990-05-17T00:00:00Z"`, def: `"type":"date"`, problem: "date_invalid"},
		{in: `19900517`, def: `"type":"date"`, problem: "wrong_type"},
		{name: "today is the last day", in: `"2026-03-01"`, def: `"type":"date","max_date":"today"`, want: `"2026-03-01"`},
		{name: "tomorrow", in: `"2026-03-02"`, def: `"type":"date","max_date":"today"`, problem: "date_too_late"},
		{name: "before min", in: `"2019-12-31"`, def: `"type":"date","min_date":"2020-01-01"`, problem: "date_too_early"},
		{name: "18 today", in: `"2008-03-01"`, def: `"type":"date","min_age_years":18`, want: `"2008-03-01"`},
		{name: "18 tomorrow", in: `"2008-03-02"`, def: `"type":"date","min_age_years":18`, problem: "age_too_low"},
		{name: "leap day counts on 1 March", in: `"2008-02-29"`, def: `"type":"date","min_age_years":18`, want: `"2008-02-29"`},
		{name: "too old", in: `"1925-03-01"`, def: `"type":"date","max_age_years":100`, problem: "age_too_high"},
		{name: "100 until the next birthday", in: `"1925-03-02"`, def: `"type":"date","max_age_years":100`, want: `"1925-03-02"`},
		{name: "unborn", in: `"2030-01-01"`, def: `"type":"date","max_age_years":100`, problem: "date_in_future"},
	})
}

func TestLeapDayBirthdayTheDayBefore(t *testing.T) {
	t.Parallel()
	op, bad := field.ParseOperator("age_at_least", []byte(`18`), false)
	if bad != nil {
		t.Fatal(bad)
	}
	if op.Holds("2008-02-29", true, noon.AddDate(0, 0, -1)) {
		t.Error("on 28 February somebody born on the 29th has not completed the year")
	}
	if !op.Holds("2008-02-29", true, noon) {
		t.Error("on 1 March the year is complete")
	}
}

func TestBoolean(t *testing.T) {
	table(t, []answer{
		{in: `true`, def: `"type":"boolean"`, want: `true`},
		{name: "false is an answer", in: `false`, def: `"type":"boolean","required":true`, want: `false`},
		{in: `"true"`, def: `"type":"boolean"`, problem: "wrong_type"},
		{in: `1`, def: `"type":"boolean"`, problem: "wrong_type"},
		{name: "consent refused", in: `false`, def: `"type":"boolean","must_be_true":true`, problem: "must_be_true"},
		{name: "consent given", in: `true`, def: `"type":"boolean","must_be_true":true`, want: `true`},
		{name: "consent missing", in: `null`, def: `"type":"boolean","must_be_true":true,"required":true`, problem: "required"},
		{name: "consent left out", in: `null`, def: `"type":"boolean","must_be_true":true`, problem: "required"},
	})
}

func TestSelect(t *testing.T) {
	pep := `"type":"select","options":["No","Yes - Current PEP"]`
	many := `"type":"select","multiple":true,"options":[{"value":"a","label":"A"},{"value":"b","label":"B"}]`
	table(t, []answer{
		{in: `"No"`, def: pep, want: `"No"`},
		{in: `"no"`, def: pep, problem: "option_unknown"},
		{in: `["No"]`, def: pep, problem: "wrong_type"},
		{name: "label is no value", in: `["A"]`, def: many, problem: "/0 option_unknown"},
		{in: `["b","a"]`, def: many, want: `["a","b"]`},
		{in: `"a"`, def: many, problem: "wrong_type"},
		{in: `["a","a"]`, def: many, problem: "/1 duplicate"},
		{in: `["a",1]`, def: many, problem: "/1 wrong_type"},
		{in: `[]`, def: many + `,"required":true`, problem: "required"},
		{in: `" something else "`, def: pep + `,"allow_other":true`, want: `"something else"`},
		{name: "other too long", in: `"` + strings.Repeat("x", 256) + `"`, def: pep + `,"allow_other":true`, problem: "too_long"},
		{in: `5`, def: pep, problem: "wrong_type"},
	})
}

func TestFile(t *testing.T) {
	env := &field.Env{Documents: map[string]field.DocumentRef{
		"d1": {ID: "d1", ContentType: "application/pdf", Size: 100},
		"d2": {ID: "d2", ContentType: "image/jpeg; q=1", Size: 2000},
	}}
	table(t, []answer{
		{in: `"d1"`, def: `"type":"file"`, want: `["d1"]`, env: env},
		{in: `["d1","d2"]`, def: `"type":"file","max_files":2`, want: `["d1","d2"]`, env: env},
		{in: `["d1","d2"]`, def: `"type":"file"`, problem: "too_many_files", env: env},
		{in: `["d1","d1"]`, def: `"type":"file","max_files":2`, problem: "/1 duplicate", env: env},
		{name: "foreign document", in: `"d3"`, def: `"type":"file"`, problem: "/0 document_unknown", env: env},
		{in: `"d2"`, def: `"type":"file","max_size_bytes":1999`, problem: "/0 file_too_large", env: env},
		{name: "type refused", in: `"d2"`, def: `"type":"file","accept":["application/pdf"]`, problem: "/0 file_type_not_allowed", env: env},
		{name: "type family", in: `"d2"`, def: `"type":"file","accept":["image/*"]`, want: `["d2"]`, env: env},
		{in: `[5]`, def: `"type":"file"`, problem: "/0 wrong_type", env: env},
		{in: `{"id":"d1"}`, def: `"type":"file"`, problem: "wrong_type", env: env},
	})
}
