package execution

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"bonafide/kyc"
	"bonafide/procedure"
)

// Limits of a manual approval.
const (
	maxOperator  = 200
	maxApproved  = 50
	sourceManual = "manual"
)

// Approval is manual KYC (C8).
type Approval struct {
	ApprovedBy string
	// Documents are in the order of the request; an unknown one may be empty.
	Documents []kyc.ID
	Hand
}

func (a Approval) check() error {
	var p []kyc.Problem
	add := func(path, code, format string, args ...any) {
		p = append(p, kyc.Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
	}
	switch who := strings.TrimSpace(a.ApprovedBy); {
	case who == "":
		add("/approvedBy", "required", "say who approves")
	case utf8.RuneCountInString(who) > maxOperator:
		add("/approvedBy", "too_long", "at most %d characters", maxOperator)
	}
	switch n := len(a.Documents); {
	case n == 0:
		add("/approvedDocuments", "required", "name the documents that are the evidence")
	case n > maxApproved:
		add("/approvedDocuments", "too_many", "at most %d documents at once", maxApproved)
	}
	if utf8.RuneCountInString(a.Comment) > maxComment {
		add("/comment/text", "too_long", "a comment has at most %d characters", maxComment)
	}
	return malformed("the approval cannot be recorded like this", p)
}

// ApproveManualKYC records manual evidence: one process result MANUAL of class
// KYC for each document, all of one group (C8). Executions that begin from now
// on verify nothing electronically, until somebody invalidates it. Errors:
// Malformed for what is missing in the body; Invalid
// mkyc_insufficient_evidence with every problem; 404.
func (m *Machine) ApproveManualKYC(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID, a Approval) ([]kyc.ProcessResult, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	if _, err := m.individual(ctx, t, subject); err != nil {
		return nil, err
	}
	docs, err := m.d.Store.EntityDocuments(ctx, t, subject, false)
	if err != nil {
		return nil, err
	}
	w, err := m.work(ctx, t, by, a.Hand)
	if err != nil {
		return nil, err
	}
	combination, problems := procedure.Evidence(docs, a.Documents, w.at, w.settings.Entities)
	if len(problems) > 0 || combination == "" {
		return nil, kyc.InvalidInput("mkyc_insufficient_evidence", "the documents are not enough to verify the individual by hand", problems)
	}
	group, next := kyc.NewID(w.at), inOrder(w.at)
	out := make([]kyc.ProcessResult, len(a.Documents))
	for i, id := range a.Documents {
		at := slices.IndexFunc(docs, func(d kyc.EntityDocument) bool { return d.ID == id })
		if at < 0 {
			return nil, kyc.Errorf(kyc.Internal, "evidence_unknown", "the law accepted a document that is not there")
		}
		// The papers are put as they are: whoever takes one of them away at the
		// same moment, or the approval, comes too late.
		w.change.Put = append(w.change.Put, unmoved(&docs[at]))
		out[i] = evidenceOf(&docs[at], group, combination, strings.TrimSpace(a.ApprovedBy), w)
		out[i].ID = next()
		r := &out[i]
		w.says(r, "")
		w.put(ctx, r, "mkyc.approve", combination, "")
	}
	if err := m.outdateOthers(ctx, w, t, subject); err != nil {
		return nil, err
	}
	return out, m.d.Store.Commit(ctx, &w.change)
}

// unmoved raises the revision of a document and leaves the rest.
func unmoved(d *kyc.EntityDocument) *kyc.EntityDocument {
	out, at := *d, d.UpdatedAt
	out.Touch(at)
	return &out
}

// stillManual ties an execution that manual evidence carried to the evidence:
// what was invalidated while the execution ran is invalid in its record, too,
// and of an invalidation at the same moment and the end only one comes first.
func (m *Machine) stillManual(ctx context.Context, f *ending, established map[string]any) error {
	e := &f.execution
	known, _ := established[procedure.KeyManualKYC].(map[string]any)
	id, _ := known["process_result_id"].(string)
	if !e.Manual || id == "" {
		return nil
	}
	found, err := m.allResults(ctx, e.Tenant, kyc.ProcessFilter{SubjectID: e.SubjectID, IDs: []kyc.ID{kyc.ID(id)}})
	if err != nil {
		return err
	}
	if len(found) == 1 && found[0].SystemStatus == procedure.SystemValid {
		at := found[0].UpdatedAt
		found[0].Touch(at)
		f.change.Put = append(f.change.Put, &found[0])
		return nil
	}
	for _, r := range f.results {
		if r.StepType == procedure.ManualKYCStepType {
			r.SystemStatus = procedure.SystemInvalid
		}
	}
	e.Risk = outdated(e.Risk)
	return nil
}

// evidenceOf is the result for one document of manual evidence.
func evidenceOf(d *kyc.EntityDocument, group kyc.ID, combination, approver string, w *work) kyc.ProcessResult {
	match := map[string]any{"nationalId": map[string]any{"idType": d.Type, "issuingCountryCode": d.Country}}
	if n := d.Private.PrimaryIdentifier; n != "" {
		match["nationalId"] = map[string]any{"idNumber": n, "idType": d.Type, "issuingCountryCode": d.Country}
	}
	return kyc.ProcessResult{Meta: kyc.Meta{Tenant: d.Tenant}, SubjectID: d.SubjectID, RequestID: w.request, GroupID: group,
		StepName: "KYC", StepType: procedure.ManualKYCStepType, ObjectType: "DOCUMENT", ObjectID: d.ID, Class: "KYC", Result: "MANUAL",
		State: procedure.StateCompleted, SystemStatus: procedure.SystemValid, Provider: kyc.ProcessProvider{Name: sourceManual, Source: "manual KYC"},
		Private: kyc.ProcessData{
			Supplementary: map[string]any{"type": "DOCUMENT", "matchData": match},
			Notes:         map[string]any{"approvedBy": approver, "combination": combination},
		}}
}

// InvalidateManualKYC undoes manual evidence (C9): its results, and those of
// steps that it carried, become MARKED_INVALID, and the next execution verifies
// electronically. What executions came to with it stays as it was. Errors:
// Malformed too_long; 409 mkyc_not_present; 404.
func (m *Machine) InvalidateManualKYC(ctx context.Context, t kyc.Tenant, by kyc.Actor, subject kyc.ID, h Hand) ([]kyc.ProcessResult, error) {
	if utf8.RuneCountInString(h.Comment) > maxComment {
		return nil, malformed("the evidence cannot be invalidated like this", commented(h))
	}
	if _, err := m.individual(ctx, t, subject); err != nil {
		return nil, err
	}
	found, err := m.manualResults(ctx, t, subject)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(found, func(r kyc.ProcessResult) bool { return r.ExecutionID == "" }) {
		return nil, kyc.Errorf(kyc.Conflict, "mkyc_not_present", "no manual evidence is in force for this individual")
	}
	slices.Reverse(found) // oldest first, as the results of a request
	w, err := m.work(ctx, t, by, h)
	if err != nil {
		return nil, err
	}
	for i := range found {
		r := &found[i]
		before := digest(r)
		r.SystemStatus = procedure.SystemInvalid
		w.says(r, "")
		w.put(ctx, r, "mkyc.invalidate", procedure.SystemInvalid, before)
	}
	if err := m.recompute(ctx, w, found); err != nil {
		return nil, err
	}
	if err := m.outdateOthers(ctx, w, t, subject); err != nil {
		return nil, err
	}
	return found, m.d.Store.Commit(ctx, &w.change)
}
