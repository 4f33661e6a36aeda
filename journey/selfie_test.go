package journey

import (
	"context"
	"slices"
	"strings"
	"testing"

	"bonafide/kyc"
	"bonafide/onboarding"
)

func TestSelfiesAreHeldToTheirGates(t *testing.T) {
	t.Parallel()
	const selfie = `{"name":"Selfie","slug":"whole","entity_types":["individual"],"steps":[{"step_id":"face","order":1,"name":"Face","type":"selfie","selfie_config":CONFIG}],
 "validation_config":{"automation_rules":{"default_action":"manual_review"}}}`
	dark := []kyc.Problem{{Code: "face_too_dark", Message: "Find more light."}}
	for name, c := range map[string]struct {
		config string
		found  []kyc.Problem
		err    *kyc.Error
		code   string
		warns  int
	}{
		"good":            {`{}`, nil, nil, "", 0},
		"dark":            {`{}`, dark, nil, "post_upload_validation_failed", 0},
		"nothing asked":   {`{"require_good_lighting":false,"require_face_centered":false}`, dark, nil, "", 1},
		"nobody looks":    {`{}`, nil, kyc.Errorf(kyc.Unavailable, "face_not_configured", "none"), "", 0},
		"it is no image":  {`{}`, nil, kyc.Errorf(kyc.Invalid, "image_malformed", "send it again"), "image_malformed", 0},
		"one gate is off": {`{"require_good_lighting":false}`, nil, nil, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.d.Selfie = func(_ context.Context, picture []byte, d onboarding.SelfieConfig) ([]kyc.Problem, *kyc.Error) {
				if string(picture) != "PNGme" || d.RequireGoodLighting != (name != "nothing asked" && name != "one gate is off") {
					t.Errorf("looked at %q with %+v", picture, d)
				}
				return slices.Clone(c.found), c.err
			}
			_, token := b.walk(t, strings.Replace(selfie, "CONFIG", c.config, 1))
			tr, err := b.Announce(t.Context(), token, announced("face", "", "PNGme"))
			if err == nil {
				_, err = b.Receive(t.Context(), token, tr.ID, []byte("PNGme"))
			}
			if err != nil {
				t.Fatal(err)
			}
			p, err := b.Confirm(t.Context(), token, tr.ID)
			if c.code != "" {
				if !kyc.IsCode(err, c.code) || c.found != nil && (len(kyc.AsError(err).Problems) != 1 || kyc.AsError(err).Problems[0].Message != dark[0].Message) {
					t.Errorf("%v", err)
				}
				if _, err := b.CompleteStep(t.Context(), token, "face", nil); !kyc.IsCode(err, "documents_missing") {
					t.Errorf("the step takes a refused picture: %v", err)
				}
				return
			}
			if err != nil || len(p.Warnings) != c.warns {
				t.Errorf("%+v %v", p, err)
			}
		})
	}
}
