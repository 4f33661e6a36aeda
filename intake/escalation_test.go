package intake

import (
	"encoding/base64"
	"fmt"
	"slices"
	"testing"

	"bonafide/kyc"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// chipBody is the further proof, sent in the body.
func chipBody() map[string]any {
	return map[string]any{"escalation": map[string]any{"type": "nfc-passport", "sod": b64("sod"), "data_groups": map[string]any{"DG1": b64("one"), "DG2": b64("two")}}}
}

// TestTheThreeScenariosOfFraudAnalysis is seed 001's table, with the scores
// around its threshold.
func TestTheThreeScenariosOfFraudAnalysis(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, config string
		risk         float64
		inLine       bool
		status       string
		escalated    bool
	}{
		{"in the background", ``, 99, false, "COMPLETED", false},
		{"analysis only", `,"enable_fraud_analysis":true`, 12, true, "COMPLETED", false},
		{"analysis only never escalates", `,"enable_fraud_analysis":true`, 99, true, "COMPLETED", false},
		{"below the threshold", `,"escalation_type":"nfc-passport"`, 59, true, "COMPLETED", false},
		{"just below the threshold", `,"escalation_type":"nfc-passport"`, 59.99, true, "COMPLETED", false},
		{"at the threshold", `,"escalation_type":"nfc-passport"`, 60, true, "IN_PROGRESS", true},
		{"above the threshold", `,"escalation_type":"nfc-passport"`, 61, true, "IN_PROGRESS", true},
		{"a threshold of its own", `,"escalation_type":"nfc-passport","escalation_risk_threshold":10`, 12, true, "IN_PROGRESS", true},
		{"a threshold of zero", `,"escalation_type":"nfc-passport","escalation_risk_threshold":0`, 0, true, "IN_PROGRESS", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.answers["document_fraud"] = risk(tt.risk)
			id := b.opened(idStep(tt.config), "CONSENT")
			out := b.must(id, "ID_VERIFICATION", b.front(id), tt.status)
			if (out.Fraud != nil) != tt.inLine || slices.Contains(b.asked(), "document_fraud") != tt.inLine || (len(b.store.Jobs) == 1) == tt.inLine {
				t.Fatalf("the analysis is %+v, asked %v, jobs %v", out.Fraud, b.asked(), b.store.Jobs)
			}
			if tt.inLine && (out.Fraud.RiskScore != tt.risk || out.Fraud.Escalated != tt.escalated) {
				t.Errorf("the analysis is %+v", out.Fraud)
			}
			asks, _ := out.Step.Requirements["escalation"].(map[string]any)
			if (asks != nil) != tt.escalated {
				t.Fatalf("the requirements are %v", out.Step.Requirements)
			}
			if tt.escalated && (asks["type"] != "nfc-passport" || asks["risk_score"] != tt.risk) {
				t.Errorf("the escalation is %v", asks)
			}
		})
	}
}

func TestARiskWithoutANumberEscalates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers["document_fraud"] = says(kyc.VerdictReview, "document_unreadable")
	id := b.opened(idStep(`,"escalation_type":"nfc-passport"`))
	b.must(id, "ID_VERIFICATION", b.front(id), "IN_PROGRESS")
	if e := b.step(id, 0).Escalation; e == nil || e.RiskScore != 100 {
		t.Errorf("the escalation is %+v", e)
	}
}

func TestAnAnalysisThatWasNotMadeCompletesNothing(t *testing.T) {
	t.Parallel()
	for _, config := range []string{`,"enable_fraud_analysis":true`, `,"escalation_type":"nfc-passport"`} {
		b := newBench(t)
		b.answers["document_fraud"] = kyc.Failed(kyc.StatusNotConfigured, "reader_not_configured", "nobody set this up")
		id := b.opened(idStep(config), "CONSENT")
		b.must(id, "ID_VERIFICATION", b.front(id), "FAILED")
	}
}

func TestDocumentsThatDoNotPassAreHandedInAgainBeforeTheChip(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answers["document_fraud"], b.answers["document_ocr"] = risk(90), says(kyc.Fail, "unreadable")
	id := b.opened(idStep(`,"escalation_type":"nfc-passport"`), "CONSENT")
	b.must(id, "ID_VERIFICATION", b.front(id), "IN_PROGRESS")
	if e := b.step(id, 0).Escalation; e != nil {
		t.Errorf("a refused document escalates: %+v", e)
	}
	_, err := b.submit(id, "ID_VERIFICATION", chipBody())
	if !slices.Contains(problems(err), "/escalation escalation_not_asked") {
		t.Errorf("an unasked proof: %v", err)
	}
}

// escalate brings a session to its escalation.
func (b *bench) escalate() kyc.ID {
	b.t.Helper()
	b.answers["document_fraud"] = risk(72)
	id := b.opened(idStep(`,"escalation_type":"nfc-passport"`), "CONSENT")
	b.must(id, "ID_VERIFICATION", b.front(id), "IN_PROGRESS")
	b.exams = nil
	return id
}

func TestAChipThatVerifiesCompletesTheStep(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.escalate()
	_, err := b.submit(id, "ID_VERIFICATION", b.front(id))
	wantCode(t, err, kyc.Conflict, "escalation_required")
	out := b.must(id, "ID_VERIFICATION", chipBody(), "COMPLETED")
	if want := []string{"nfc_chip_auth"}; !slices.Equal(b.asked(), want) {
		t.Errorf("asked %v", b.asked())
	}
	e := b.step(id, 0).Escalation
	if e == nil || !e.Passed || e.DoneAt.IsZero() || out.Step.Requirements["escalation"] != nil {
		t.Errorf("the escalation is %+v", e)
	}
	all, _ := b.store.Uploads(t.Context(), b.box, id)
	var sides []string
	for _, u := range all {
		if u.Superseded {
			t.Errorf("the proof replaces %s", u.Kind)
		}
		if u.Kind == "nfc" {
			sides = append(sides, u.Side)
			if data, err := b.store.Blob(t.Context(), b.box, u.SubjectID, u.BlobKey); err != nil || len(data) != int(u.Size) {
				t.Errorf("the file %s is not kept: %v", u.Side, err)
			}
		}
	}
	if slices.Sort(sides); !slices.Equal(sides, []string{"DG1", "DG2", "SOD"}) {
		t.Errorf("the chip's files are %v", sides)
	}
}

func TestAChipThatFailsOrIsRefusedFailsTheStepAtOnce(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]map[string]any{
		"a chip that does not verify": chipBody(),
		"a refusal":                   {"escalation": map[string]any{"type": "nfc-passport", "refused": true}},
	} {
		b := newBench(t)
		id := b.escalate()
		b.answers["nfc_chip_auth"] = says(kyc.Fail, "signature_invalid")
		out := b.must(id, "ID_VERIFICATION", body, "FAILED")
		e := b.step(id, 0).Escalation
		if out.Step.FailureReason != "escalation_failed" || e.Passed || e.DoneAt.IsZero() || out.State.Current != 1 {
			t.Errorf("%s: %+v, %+v", name, out.Step, e)
		}
	}
}

func TestAnAbsentChipReaderCostsAttemptsUntilTheStepFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.escalate() // the first attempt
	b.answers["nfc_chip_auth"] = silent()
	out := b.must(id, "ID_VERIFICATION", chipBody(), "IN_PROGRESS")
	if out.Step.FailureReason != "provider_unavailable" || out.Step.Requirements["escalation"] == nil {
		t.Errorf("the step is %+v", out.Step)
	}
	out = b.must(id, "ID_VERIFICATION", chipBody(), "FAILED")
	if out.Step.FailureReason != "escalation_failed" || b.step(id, 0).Escalation.DoneAt.IsZero() {
		t.Errorf("the step is %+v", out.Step)
	}
}

func TestEveryProblemOfAChipIsTold(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.escalate()
	chip := func(members map[string]any) map[string]any { return map[string]any{"escalation": members} }
	for i, tt := range []struct {
		body map[string]any
		want []string
	}{
		{chip(map[string]any{"type": "x", "sod": "%", "data_groups": map[string]any{"DG17": "x", "DG2": "!"}, "more": 1}),
			[]string{"/escalation/data_groups/DG1 required", "/escalation/data_groups/DG17 unknown_field", "/escalation/data_groups/DG2 base64_invalid",
				"/escalation/more unknown_field", "/escalation/sod base64_invalid", "/escalation/type type_invalid"}},
		{chip(map[string]any{"type": "nfc-passport", "sod": b64("x"), "data_groups": map[string]any{"DG1": b64("x")}}), []string{"/escalation/data_groups/DG2 required"}},
		{chip(map[string]any{"type": "nfc-passport", "sod": b64("x"), "data_groups": map[string]any{"DG1": nil, "DG2": nil}}),
			[]string{"/escalation/data_groups/DG1 required", "/escalation/data_groups/DG2 required"}},
		{chip(map[string]any{"type": "nfc-passport"}), []string{"/escalation/data_groups required", "/escalation/sod required"}},
		{chip(map[string]any{"type": "nfc-passport", "sod": b64("x"), "uploads": map[string]any{"DG1": "x", "EF": "y"}}),
			[]string{"/escalation/sod uploads_and_files", "/escalation/uploads/DG1 upload_not_found", "/escalation/uploads/DG2 required", "/escalation/uploads/EF unknown_field", "/escalation/uploads/SOD required"}},
	} {
		_, err := b.submit(id, "ID_VERIFICATION", tt.body)
		t.Run(fmt.Sprint(i), func(t *testing.T) { wantProblems(t, err, tt.want...) })
	}
	if len(b.store.Files) != 2 || b.step(id, 0).Attempts != 1 {
		t.Errorf("%d files are kept after %d attempts", len(b.store.Files), b.step(id, 0).Attempts)
	}
}

func TestAChipMayBeSentAsUploads(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.escalate()
	raw := "application/octet-stream"
	b.must(id, "ID_VERIFICATION", map[string]any{"escalation": map[string]any{"type": "nfc-passport",
		"uploads": map[string]any{"SOD": b.send(id, "\x77sod", raw), "DG1": b.send(id, "\x61one", raw), "DG2": b.send(id, "\x75two", raw)}}}, "COMPLETED")
}

// TestWhatNobodyCouldAnswerIsNotHeldAgainstTheApplicant looks at what the run
// is told of steps that failed without the applicant's doing: an organisation
// that refuses failed steps must not refuse them.
func TestWhatNobodyCouldAnswerIsNotHeldAgainstTheApplicant(t *testing.T) {
	t.Parallel()
	unanswered := func(b *bench, id kyc.ID, step string) any {
		list, _ := b.session(id).Private.Established["checklist"].(map[string]any)
		steps, _ := list["steps"].(map[string]any)
		one, _ := steps[step].(map[string]any)
		return one["unanswered"]
	}
	refusal := map[string]any{"escalation": map[string]any{"type": "nfc-passport", "refused": true}}
	for name, tt := range map[string]struct {
		answer kyc.Answer
		bodies []map[string]any
		want   any
	}{
		"no trust list":              {kyc.Failed(kyc.StatusNotConfigured, "trust_unusable", "x"), []map[string]any{chipBody()}, true},
		"an old trust list":          {kyc.Failed(kyc.StatusStale, "trust_old", "x"), []map[string]any{chipBody()}, true},
		"nobody could look":          {silent(), []map[string]any{chipBody(), chipBody()}, true},
		"a chip that fails":          {says(kyc.Fail, "signature_invalid"), []map[string]any{chipBody()}, nil},
		"a refusal":                  {says(kyc.Pass, "x"), []map[string]any{refusal}, nil},
		"nobody looked, then refuse": {silent(), []map[string]any{chipBody(), refusal}, nil},
	} {
		b := newBench(t)
		id := b.escalate() // the first attempt
		b.answers["nfc_chip_auth"] = tt.answer
		for i, body := range tt.bodies {
			want := "IN_PROGRESS"
			if i == len(tt.bodies)-1 {
				want = "FAILED"
			}
			b.must(id, "ID_VERIFICATION", body, want)
		}
		if got := unanswered(b, id, "ID_VERIFICATION"); got != tt.want {
			t.Errorf("%s: unanswered is %v, want %v", name, got, tt.want)
		}
	}
	for code, tt := range map[string]struct {
		answer kyc.Answer
		want   any
	}{
		"no_lists":             {kyc.Failed(kyc.StatusNotConfigured, "no_lists", "x"), true},
		"only_fictional_lists": {kyc.Failed(kyc.StatusNotConfigured, "only_fictional_lists", "x"), true},
		"list_broken":          {kyc.Failed(kyc.StatusError, "list_broken", "x"), true},
		"possible_match":       {says(kyc.Fail, "possible_match"), nil},
	} {
		b := newBench(t)
		b.answers["watchlist_screening"] = tt.answer
		id := b.opened(`{"id":"PEP_SANCTIONS"}`, `{"id":"CONSENT"}`)
		out := b.must(id, "PEP_SANCTIONS", map[string]any{"first_name": "A", "last_name": "B", "date_of_birth": "1990-01-15"}, "FAILED")
		if got := unanswered(b, id, "PEP_SANCTIONS"); got != tt.want || out.Step.FailureReason != code {
			t.Errorf("%s: unanswered is %v, want %v (%s)", code, got, tt.want, out.Step.FailureReason)
		}
	}
}
