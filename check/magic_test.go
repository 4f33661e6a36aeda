package check

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"bonafide/kyc"
)

func sandboxRequest(policy, family string) kyc.CheckRequest {
	r := request(policy)
	r.Tenant.Env = kyc.Sandbox
	r.Extracted = nil
	r.Fields["last_name"] = family
	r.Attempt = 3
	r.Config = config(policy)
	return r
}

func TestMagicNames(t *testing.T) {
	t.Parallel()
	m := menu(t, goodHouse(), NewSimulator())
	for _, magic := range MagicTable() {
		for policy := range Catalog() {
			for _, family := range []string{magic.Name, strings.ToLower(magic.Name)} {
				r := sandboxRequest(policy, family)
				a := m.Run(t.Context(), r)
				switch {
				case own(policy): // nothing of it is simulated
					if a.Verdict != kyc.Pass {
						t.Errorf("%s, %s: %+v", family, policy, a)
					}
				case magic.fails < 0:
					if a.Status != kyc.StatusUnavailable || !a.Transient {
						t.Errorf("%s, %s: %+v", family, policy, a)
					}
				case magic.touches(policy):
					if a.Verdict == kyc.Pass || a.Status != kyc.StatusOK {
						t.Errorf("%s, %s passes: %+v", family, policy, a)
					}
				default:
					if a.Verdict != kyc.Pass {
						t.Errorf("%s, %s does not pass: %+v", family, policy, a)
					}
				}
				if b := m.Run(t.Context(), r); !reflect.DeepEqual(a, b) {
					t.Errorf("%s, %s is not deterministic", family, policy)
				}
				if _, err := json.Marshal(a); err != nil {
					t.Errorf("%s, %s: %v", family, policy, err)
				}
			}
		}
	}
}

func TestMagicFigures(t *testing.T) {
	t.Parallel()
	m := menu(t, goodHouse(), NewSimulator())
	run := func(policy, family string, attempt int) kyc.Answer {
		r := sandboxRequest(policy, family)
		r.Attempt = attempt
		return m.Run(t.Context(), r)
	}
	field := func(a kyc.Answer, name string) string {
		for _, f := range a.Fields {
			if f.Name == name {
				return f.Value
			}
		}
		return ""
	}
	if a := run("liveness", "SPOOF", 1); *a.Score != 12 || a.Verdict != kyc.Fail {
		t.Errorf("%+v", a)
	}
	if a := run("liveness", "Ordinary", 1); *a.Score != 68+17 || a.Verdict != kyc.Pass { // born on a 17th
		t.Errorf("%+v", a)
	}
	if a := run("risk_assessment", "HIGHRISK", 1); *a.Score != 80 || a.Verdict != kyc.VerdictReview || a.Details["level"] != "high" {
		t.Errorf("%+v", a)
	}
	if a := run("risk_assessment", "REVIEW", 1); a.Verdict != kyc.VerdictReview {
		t.Errorf("%+v", a)
	}
	for attempt, want := range map[int]kyc.AnswerStatus{1: kyc.StatusUnavailable, 2: kyc.StatusUnavailable, 3: kyc.StatusOK, 4: kyc.StatusOK} {
		if a := run("document_ocr", "FLAKY", attempt); a.Status != want || a.Transient != (want != kyc.StatusOK) {
			t.Errorf("attempt %d: %+v", attempt, a)
		}
	}
	if a := run("document_ocr", "UNDERAGE", 1); field(a, "age") != "16" || a.Verdict != kyc.Pass || field(a, "last_name") != "UNDERAGE" {
		t.Errorf("%+v", a)
	}
	if a := run("document_ocr", "EXPIRED", 1); field(a, "expiry_date") != "2026-10-22" || !codes(a)["document_expired"] {
		t.Errorf("%+v", a)
	}
	for name, kind := range map[string]string{"PEP": "pep", "SANCTION": "sanction", "ADVERSE": "adverse_media"} {
		a := run("watchlist_screening", name, 1)
		if len(a.Hits) != 1 || a.Hits[0].Type != kind || !a.Hits[0].Fictional || len(a.Lists) != 1 || !a.Lists[0].Fictional {
			t.Errorf("%s: %+v", name, a)
		}
	}
	// Without any form the document belongs to the same fictional person.
	r := sandboxRequest("document_ocr", "")
	r.Fields = nil
	if a := m.Run(t.Context(), r); field(a, "full_name") != "Alex Example" || a.Verdict != kyc.Pass {
		t.Errorf("%+v", a)
	}
}

func TestWhereTheFamilyNameIsRead(t *testing.T) {
	t.Parallel()
	for _, fields := range []map[string]any{
		{"last_name": "Reject"}, {"family_name": " reject "}, {"surname": "REJECT"}, {"name_last": "REJECT"}, {"lastName": "REJECT"},
		{"full_name": "Sam REJECT"}, {"name": "Sam Reject"}, {"name": map[string]any{"family": "REJECT", "given": "Sam"}},
		{"user_info": map[string]any{"last_name": "REJECT"}}, {"individual": map[string]any{"name": map[string]any{"familyName": "REJECT"}}},
	} {
		if m := magicOf(MagicTable(), kyc.CheckRequest{Fields: fields}); m.Name != "REJECT" {
			t.Errorf("%v reads as %s", fields, m.Name)
		}
	}
	if m := magicOf(MagicTable(), kyc.CheckRequest{Extracted: map[string]any{"last_name": "REJECT"}}); m.Name != "REJECT" {
		t.Error("the extracted name is not read")
	}
	for _, fields := range []map[string]any{{"last_name": "REJECTED"}, {"first_name": "REJECT", "last_name": "Smith"}, {}, {"last_name": 5}} {
		if m := magicOf(MagicTable(), kyc.CheckRequest{Fields: fields}); m.Name != "APPROVE" {
			t.Errorf("%v reads as %s", fields, m.Name)
		}
	}
}

func TestMagicMarkdown(t *testing.T) {
	t.Parallel()
	text := MagicMarkdown()
	for _, m := range MagicTable() {
		if !strings.Contains(text, "| `"+m.Name+"` |") {
			t.Errorf("%s is not in the table", m.Name)
		}
	}
}

func BenchmarkSandboxAnswer(b *testing.B) {
	m := menu(b, goodHouse(), NewSimulator())
	r := sandboxRequest("document_ocr", "Ordinary")
	b.ReportAllocs()
	for b.Loop() {
		m.Run(b.Context(), r)
	}
}
