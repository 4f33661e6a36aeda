package demo

import (
	"context"
	"net/url"
)

// surfaces makes one workflow for each of the two surfaces whose definitions
// are lists (B) and procedures (C), and leaves a sample of each in the sandbox.
func (d demonstration) surfaces(ctx context.Context) error {
	var made struct {
		Workflow struct {
			ID string `json:"id"`
		} `json:"workflow"`
	}
	checklist := map[string]any{"name": "Demonstration: identity check", "steps": []any{
		map[string]any{"id": "ID_VERIFICATION", "config": map[string]any{"maximum_age": 120, "face_front_photo_only": true, "escalation_type": "nfc-passport"}},
		map[string]any{"id": "FACE_LIVENESS"}, map[string]any{"id": "PEP_SANCTIONS"}}}
	if err := d.live.do(ctx, "POST", "/v1/workflows", checklist, &made); err != nil {
		return err
	}
	var s struct {
		ID string `json:"id"`
	}
	if err := d.sandbox.do(ctx, "POST", "/v1/sessions", map[string]any{"workflow_id": made.Workflow.ID, "email": "sample@demo.example",
		"first_name": "Sample", "last_name": "Applicant", "phone": "+31612345678", "external_id": "sample-checklist"}, &s); err != nil {
		return err
	}

	const service, name = "Demonstration", "Onboarding"
	procedure := map[string]any{"serviceName": service, "workflowName": name, "type": "kyc_aml", "lifecyclePhase": "ONBOARDING", "steps": []any{
		map[string]any{"name": "MATCHLIST", "type": "MATCHLIST"}, map[string]any{"name": "DUPLICATE", "type": "DUPLICATE"},
		map[string]any{"name": "KYC", "type": "KYC"}, map[string]any{"name": "AML", "type": "AML"}}}
	for _, env := range []apiClient{d.live, d.sandbox} {
		if err := env.do(ctx, "POST", "/v2/admin/workflows", procedure, nil); err != nil {
			return err
		}
	}
	var ran struct {
		EntityID string `json:"entityId"`
		Result   struct {
			Status string `json:"status"`
		} `json:"workflowResult"`
	}
	path := "/v2/individuals/new/serviceprofiles/" + url.PathEscape(service) + "/workflows/" + url.PathEscape(name) + "/execute"
	if err := d.sandbox.do(ctx, "POST", path, map[string]any{"individual": map[string]any{
		"name": map[string]any{"givenName": "Sample", "familyName": "Pep"}, "dateOfBirth": map[string]any{"year": 1980, "month": 5, "day": 17},
		"addresses": []any{map[string]any{"type": "RESIDENTIAL_ADDRESS", "streetName": "Keizersgracht", "locality": "Amsterdam", "country": "NLD"}}}}, &ran); err != nil {
		return err
	}
	d.printf("  Checklist: session %s of /v1 waits in the sandbox (docs/guide/management.md).\n", s.ID)
	d.printf("  Procedure: individual %s of /v2 was screened in the sandbox; its execution is %s (docs/guide/entities.md).\n", ran.EntityID, ran.Result.Status)
	return nil
}
