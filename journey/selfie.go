package journey

import (
	"context"

	"bonafide/kyc"
	"bonafide/onboarding"
)

// lookAtSelfie holds a selfie that was just sent to the gates of its step
// (selfie_config). What a step demands refuses it, with a sentence for each
// gate; where a step demands nothing the same are warnings. The sandbox looks
// at no picture, and where no engine is set up nothing is said at all: the
// checks will say that they could not be asked.
func (m *Machine) lookAtSelfie(ctx context.Context, v *view, def *onboarding.Step, b []byte) ([]kyc.Problem, error) {
	if m.d.Selfie == nil || v.session.Tenant.Env != kyc.Live || def.SelfieConfig == nil {
		return nil, nil
	}
	found, err := m.d.Selfie(ctx, b, *def.SelfieConfig)
	switch {
	case err != nil && err.Kind == kyc.Unavailable:
		return nil, nil
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, nil
	}
	if !def.SelfieConfig.RequireGoodLighting && !def.SelfieConfig.RequireFaceCentered {
		return found, nil
	}
	for i := range found {
		found[i].Path = "/upload_id"
	}
	return nil, kyc.InvalidInput("post_upload_validation_failed", "the picture was not accepted; please take another one", found)
}
