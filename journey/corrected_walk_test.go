package journey

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

// twoChecks asks for liveness twice, the second time after a question.
const twoChecks = `{"name":"Two","slug":"whole","steps":[
 {"step_id":"ask","order":1,"name":"Ask","type":"form_fill","custom_fields":[{"field_id":"camera","name":"Camera","type":"select","options":["yes","no"],"required":true}]},
 {"step_id":"one","order":2,"name":"One","type":"liveness","liveness_config":{"min_confidence":90,"max_retries":1},
  "show_if":{"conditions":[{"field_id":"camera","operator":"equals","value":"yes"}]}},
 {"step_id":"two","order":3,"name":"Two","type":"liveness","required":%t,"liveness_config":{"min_confidence":80,"max_retries":1}}],
 "validation_config":{"automation_rules":{"default_action":"auto_approve"}}}`

// try makes one attempt that ends as asked.
func (b *bench) try(t *testing.T, token, step string, confidence float64) {
	t.Helper()
	b.answers["liveness"] = kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Fail, Score: &confidence, Reasons: []kyc.Reason{{Code: "spoof"}}}
	if confidence >= 80 {
		b.answers["liveness"] = kyc.Answer{Status: kyc.StatusOK, Verdict: kyc.Pass, Score: &confidence}
	}
	b.later(time.Second)
	got, err := b.OpenLiveness(t.Context(), token, step)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.EvaluateLiveness(t.Context(), token, string(got.Try.ID)); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) complete(t *testing.T, token, step string, form map[string]any) {
	t.Helper()
	if _, err := b.CompleteStep(t.Context(), token, step, form); err != nil {
		t.Fatalf("%s: %v", step, err)
	}
}

// corrects asks for one correction a second later, and lets another one pass.
func (b *bench) corrects(t *testing.T, id kyc.ID, w Wanted) {
	t.Helper()
	w.Code = "other"
	b.later(time.Second)
	if _, err := b.RequestCorrections(t.Context(), b.live, b.anna, id, 0, Corrections{Items: []Wanted{w}}); err != nil {
		t.Fatal(err)
	}
	b.later(time.Second)
}

func (b *bench) livenessFact(t *testing.T, id kyc.ID) map[string]any {
	t.Helper()
	fact, _ := b.session(t, id).Private.Established["liveness"].(map[string]any)
	return fact
}

func TestAPassedLivenessStepDoesNotMakeUpForAFailedOne(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, token := b.walk(t, fmt.Sprintf(twoChecks, true))
	b.complete(t, token, "ask", map[string]any{"camera": "yes"})
	b.try(t, token, "one", 12)
	b.try(t, token, "one", 13)
	b.try(t, token, "two", 99)
	b.complete(t, token, "two", nil)
	if fact := b.livenessFact(t, c.Session.ID); fact["status"] != "failed" || fact["confidence"] != 12.0 && fact["confidence"] != 13.0 || fact["threshold"] != 90.0 || fact["attempts"] != 3.0 {
		t.Errorf("established %v", fact)
	}
}

func TestTheLeastCertainOfPassedLivenessStepsCounts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, token := b.walk(t, fmt.Sprintf(twoChecks, true))
	b.complete(t, token, "ask", map[string]any{"camera": "yes"})
	b.try(t, token, "one", 95)
	b.complete(t, token, "one", nil)
	if fact := b.livenessFact(t, c.Session.ID); fact["status"] != "not_run" {
		t.Errorf("with one step still open it is %v", fact)
	}
	b.try(t, token, "two", 99)
	b.complete(t, token, "two", nil)
	if fact := b.livenessFact(t, c.Session.ID); fact["status"] != "passed" || fact["confidence"] != 95.0 {
		t.Errorf("established %v", fact)
	}
}

func TestAFailedLivenessStepIsNotForgottenWhenItIsHiddenOrSkipped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, token := b.walk(t, fmt.Sprintf(twoChecks, false))
	id := c.Session.ID
	b.complete(t, token, "ask", map[string]any{"camera": "yes"})
	b.try(t, token, "one", 12)
	b.try(t, token, "one", 12)
	if _, err := b.SkipStep(t.Context(), token, "two"); err != nil {
		t.Fatal(err)
	}
	b.corrects(t, id, Wanted{StepID: "ask", FieldIDs: []string{"camera"}})
	b.complete(t, token, "ask", map[string]any{"camera": "no"})
	if j := b.journey(t, id); !j.Step("one").Hidden {
		t.Fatalf("steps %+v", j.Steps)
	}
	if fact := b.livenessFact(t, id); fact["status"] != "failed" {
		t.Errorf("hidden after it failed: %v", fact)
	}

	d, err := b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "whole"})
	if err != nil {
		t.Fatal(err)
	}
	b.complete(t, d.Token, "ask", map[string]any{"camera": "no"})
	b.try(t, d.Token, "two", 12)
	b.try(t, d.Token, "two", 12)
	b.corrects(t, d.Session.ID, Wanted{StepID: "two"})
	if _, err := b.SkipStep(t.Context(), d.Token, "two"); err != nil {
		t.Fatal(err)
	}
	if fact := b.livenessFact(t, d.Session.ID); fact["status"] != "failed" {
		t.Errorf("skipped after it failed: %v", fact)
	}
}

// papersTwice asks for two documents, and for more after a question.
const papersTwice = `{"name":"Papers","slug":"whole","steps":[
 {"step_id":"papers","order":1,"name":"Papers","type":"document_upload","document_requirements":[{"document_type":"id"},{"document_type":"proof_of_address","allow_multiple":true}]},
 {"step_id":"face","order":2,"name":"Face","type":"selfie"},
 {"step_id":"info","order":3,"name":"You","type":"form_fill","custom_fields":[
  {"field_id":"pep","name":"PEP","type":"select","options":["yes","no"],"required":true},
  {"field_id":"job","name":"Job","type":"text","required":true}]},
 {"step_id":"more","order":4,"name":"More","type":"document_upload","document_requirements":[{"document_type":"bank_letter"}],
  "show_if":{"conditions":[{"field_id":"pep","operator":"equals","value":"yes"}]}},
 {"step_id":"why","order":5,"name":"Why","type":"form_fill","custom_fields":[{"field_id":"source","name":"Source","type":"text","required":true}],
  "show_if":{"conditions":[{"field_id":"pep","operator":"equals","value":"yes"}]}}],
 "validation_config":{"correction_resolution":{"mode":"completed"}}}`

func (b *bench) papers(t *testing.T) (kyc.ID, string) {
	t.Helper()
	c, token := b.walk(t, papersTwice)
	b.send(t, token, announced("papers", "id", "PNG1"), "PNG1")
	b.send(t, token, announced("papers", "proof_of_address", "PNG2"), "PNG2")
	b.complete(t, token, "papers", nil)
	b.send(t, token, announced("face", "selfie", "PNG3"), "PNG3")
	b.complete(t, token, "face", nil)
	b.complete(t, token, "info", map[string]any{"pep": "no", "job": "clerk"})
	return c.Session.ID, token
}

func TestACorrectionNamesTheRequirementWhateverThePaperIsCalled(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"id", "id_document", "passport"} {
		b := newBench(t)
		id, token := b.papers(t)
		b.corrects(t, id, Wanted{StepID: "papers", DocumentTypes: []string{name}})
		_, err := b.CompleteStep(t.Context(), token, "papers", nil)
		wantCode(t, err, kyc.Conflict, "documents_missing")
		b.send(t, token, announced("papers", "id", "PNG5"), "PNG5")
		b.complete(t, token, "papers", nil)
		if s := b.session(t, id); s.Status != kyc.SessionCaptured {
			t.Errorf("%s: %s", name, s.Status)
		}
	}
}

func TestACorrectionOfAWholeStepWantsSomethingNew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id, token := b.papers(t)
	for step, document := range map[string]string{"papers": "proof_of_address", "face": "selfie"} {
		b.corrects(t, id, Wanted{StepID: step})
		_, err := b.CompleteStep(t.Context(), token, step, nil)
		wantCode(t, err, kyc.Conflict, "documents_missing")
		b.send(t, token, announced(step, document, "PNG6"), "PNG6")
		b.complete(t, token, step, nil)
	}
}

func TestAStepThatACorrectionRevealsCanBeDone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id, token := b.papers(t)
	b.corrects(t, id, Wanted{StepID: "info", FieldIDs: []string{"pep"}})
	b.complete(t, token, "info", map[string]any{"pep": "yes"})
	if s := b.session(t, id); s.Status != kyc.SessionCorrection {
		t.Fatalf("with two steps revealed the session is %s", s.Status)
	}
	b.send(t, token, announced("more", "bank_letter", "PNG7"), "PNG7")
	b.complete(t, token, "more", nil)
	b.complete(t, token, "why", map[string]any{"source": "wages"})
	if s := b.session(t, id); s.Status != kyc.SessionCaptured || s.Private.Fields["source"] != "wages" {
		t.Errorf("%s %v", s.Status, s.Private.Fields)
	}
}

func TestOnlyTheItemsOfTheOpenRoundCanBeChanged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id, token := b.papers(t)
	b.corrects(t, id, Wanted{StepID: "info", FieldIDs: []string{"job"}})
	b.complete(t, token, "info", map[string]any{"job": "smith"})
	b.corrects(t, id, Wanted{StepID: "info", FieldIDs: []string{"pep"}})
	_, err := b.CompleteStep(t.Context(), token, "info", map[string]any{"job": "king", "pep": "no"})
	if e := kyc.AsError(err); err == nil || e.Problems[0].Code != "field_read_only" {
		t.Errorf("a field of the first round was changed in the second: %v", err)
	}
}

func TestAFileAnnouncedBeforeACorrectionIsHeldToIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	c, token := b.walk(t, papersTwice)
	b.send(t, token, announced("papers", "id", "PNG1"), "PNG1")
	b.send(t, token, announced("papers", "proof_of_address", "PNG2"), "PNG2")
	held, err := b.Announce(ctx, token, announced("papers", "id", "PNG9"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Receive(ctx, token, held.ID, []byte("PNG9")); err != nil {
		t.Fatal(err)
	}
	b.complete(t, token, "papers", nil)
	b.send(t, token, announced("face", "selfie", "PNG3"), "PNG3")
	b.complete(t, token, "face", nil)
	b.complete(t, token, "info", map[string]any{"pep": "no", "job": "clerk"})
	b.corrects(t, c.Session.ID, Wanted{StepID: "papers", DocumentTypes: []string{"proof_of_address"}})
	_, err = b.Confirm(ctx, token, held.ID)
	wantCode(t, err, kyc.Conflict, "step_read_only")
	b.later(2 * transferTime)
	_, err = b.Confirm(ctx, token, held.ID)
	wantCode(t, err, kyc.Conflict, "step_read_only")
	late, err := b.Announce(ctx, token, announced("papers", "proof_of_address", "PNG8"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Receive(ctx, token, late.ID, []byte("PNG8")); err != nil {
		t.Fatal(err)
	}
	b.later(transferTime)
	_, err = b.Confirm(ctx, token, late.ID)
	wantCode(t, err, kyc.Gone, "upload_expired")
}

func TestFilesAreCountedWhenTheyAreConfirmed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	c, token := b.walk(t, papersTwice)
	var waiting []kyc.ID
	for i := range MaxFiles + 2 {
		body := fmt.Sprintf("PNG%d", i)
		tr, err := b.Announce(ctx, token, announced("papers", "proof_of_address", body))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Receive(ctx, token, tr.ID, []byte(body)); err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, tr.ID)
	}
	for i, id := range waiting {
		_, err := b.Confirm(ctx, token, id)
		if i < MaxFiles && err != nil {
			t.Fatal(i, err)
		}
		if i >= MaxFiles {
			wantCode(t, err, kyc.Conflict, "too_many_files")
		}
	}
	if have, err := b.store.Uploads(ctx, b.live, c.Session.ID); err != nil || len(have) != MaxFiles {
		t.Errorf("%d files %v", len(have), err)
	}
}

func TestACompletedStepKeepsItsParties(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	owner := `{"name":"Owner","slug":"owner","steps":[{"step_id":"info","order":1,"name":"You","type":"form_fill","custom_fields":[{"field_id":"n","name":"Name","type":"text","required":true}]}]}`
	if _, err := b.CreateWorkflow(ctx, b.live, b.key, json.RawMessage(owner), false); err != nil {
		t.Fatal(err)
	}
	two := strings.Replace(strings.Replace(company, `"require_completion_before_proceed":true`, `"require_completion_before_proceed":false`, 1), "\"ttl_days\":3}}]}",
		`"ttl_days":3}},{"step_id":"rest","order":2,"name":"Rest","type":"form_fill","custom_fields":[{"field_id":"x","name":"X","type":"text"}]}]}`, 1)
	_, token := b.walk(t, two)
	party, err := b.Invite(ctx, token, NewParty{Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	b.complete(t, token, "owners", nil)
	wantCode(t, b.Uninvite(ctx, token, party.Session.ID), kyc.Conflict, "step_already_completed")
	if list, err := b.Invited(ctx, token, ""); err != nil || len(list) != 1 {
		t.Errorf("%d parties %v", len(list), err)
	}
}

func TestCorrectionsAskBothReviewersAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.dual(t)
	c := b.opened(t, "")
	id := c.Session.ID
	b.finish(t, id)
	if _, err := b.SetStatus(t.Context(), b.live, b.anna, id, 0, Verdict{Status: "manual_review"}); err != nil {
		t.Fatal(err)
	}
	if got, err := b.SetStatus(t.Context(), b.live, b.anna, id, 0, Verdict{Status: "approved", Override: true, Reason: "seen in the branch"}); err != nil || !got.Pending {
		t.Fatalf("%+v %v", got, err)
	}
	if _, err := b.RequestCorrections(t.Context(), b.live, b.anna, id, 0, ask("info", "other")); err != nil {
		t.Fatal(err)
	}
	b.finish(t, id)
	got, err := b.SetStatus(t.Context(), b.live, b.ben, id, 0, Verdict{Status: "approved", Override: true, Reason: "seen in the branch"})
	if err != nil || !got.Pending || got.Session.Status != kyc.SessionReview {
		t.Errorf("one reviewer alone saw what was corrected: %s pending %t %v", got.Session.Status, got.Pending, err)
	}
}

func TestACustomersNameHasNoControlCharacters(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.workflow(t, "")
	for _, name := range []string{"a\x00b", "a\nb", "a\xffb"} {
		_, err := b.Create(t.Context(), b.live, b.key, NewSession{Workflow: "kyc", ClientID: name})
		if e := kyc.AsError(err); err == nil || len(e.Problems) != 1 || e.Problems[0].Code != "text_invalid" {
			t.Errorf("%q: %v", name, err)
		}
	}
}
