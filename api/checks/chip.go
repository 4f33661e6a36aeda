package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"bonafide/api"
	"bonafide/checklist"
	"bonafide/intake"
	"bonafide/kyc"
)

// chipRoute takes the further proof of an escalation as files. The body of
// submit-check-step takes the same in base64.
func (s *surface) chipRoute() {
	send := said(op("submit-check-chip", http.MethodPost, "/sessions/{id}/steps/{step_id}/chip", groupSessions, "Submit a passport's chip as files", writeSessions),
		"What a phone app read from the chip (ICAO Doc 9303 part 10), while the step asks for it (`requirements.escalation`): EF.SOD and the data groups, each a part of its own with the whole bytes of its file, named sod and dg1 to dg16. "+
			"sod, dg1 (the machine-readable zone) and dg2 (the portrait) are needed; dg11, dg12, dg14 and dg15 may come along; an app cannot read dg3 and dg4 and need not. "+
			"The app opens the chip with BAC or PACE and the key of the printed zone (number, date of birth, date of expiry) and sends what it read unchanged. "+
			"The answer is that of a submission: passive authentication and the comparison with the photographed document complete the step, anything else fails it. Send an Idempotency-Key.")
	send.Upload = &api.Upload{MaxFiles: 17, Files: []api.UploadField{
		{Name: "sod", Doc: "EF.SOD, the object that the state signed.", Required: true}, {Name: "dg1", Doc: "EF.DG1, the machine-readable zone.", Required: true},
		{Name: "dg2", Doc: "EF.DG2, the portrait.", Required: true},
	}}
	for n := 3; n <= 16; n++ {
		send.Upload.Files = append(send.Upload.Files, api.UploadField{Name: fmt.Sprintf("dg%d", n), Doc: fmt.Sprintf("EF.DG%d, where it could be read.", n)})
	}
	api.Handle(s.Porch, fails(send, http.StatusConflict, http.StatusGone, http.StatusPreconditionFailed), func(ctx context.Context, who api.Principal, in *struct {
		SessionPath
		Base
		api.IfMatch
		StepID string `path:"step_id" doc:"The step, in any spelling." maxLength:"64" example:"ID_VERIFICATION"`
	}) (*tagged[submitted], error) {
		body, err := chipSubmission(api.FormFrom(ctx))
		if err != nil {
			return nil, err
		}
		return s.submitted(ctx, who, in.ID, in.Base, in.StepID, intake.Submission{Body: body, Rev: in.Rev()})
	})
}

// Limits of the files; those of the verifier (chip.Verify).
const (
	maxSOD       = 64 << 10
	maxDataGroup = 1 << 20
)

// chipSubmission writes files as the submission that carries them in base64.
func chipSubmission(form *api.Form) (json.RawMessage, error) {
	groups := map[string][]byte{}
	var sod []byte
	var problems []kyc.Problem
	for _, f := range form.Files {
		name, limit := strings.ToUpper(f.Field), maxDataGroup
		_, twice := groups[name]
		if name == "SOD" {
			limit, twice = maxSOD, sod != nil
			sod = f.Bytes
		} else {
			groups[name] = f.Bytes
		}
		if twice {
			problems = append(problems, kyc.Problem{Path: "/" + f.Field, Code: "duplicate_key", Message: "this file is given twice"})
		}
		if len(f.Bytes) > limit {
			problems = append(problems, kyc.Problem{Path: "/" + f.Field, Code: "file_too_large", Message: "larger than a chip holds"})
		}
	}
	if len(problems) > 0 {
		return nil, kyc.InvalidInput("invalid_chip", "the files of the chip cannot be taken", problems)
	}
	// Bytes become base64 in JSON.
	return json.Marshal(map[string]any{"escalation": map[string]any{"type": checklist.EscalationNFC, "sod": sod, "data_groups": groups}})
}
