package main

import (
	"bytes"
	"context"
	"time"

	"bonafide/check"
	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
	"bonafide/onboarding"
	"bonafide/provider"
)

// openFaces makes the face engine of this machine and puts it behind the
// providers' order.
func (a *app) openFaces(g *Globals, most int) {
	a.faces = newFaces(g)
	a.known = face.NewKnown(context.Background(), face.KnownOptions{Store: a.db, Clock: a.clock, Most: most})
	a.providers.Local = provider.Local{Comparer: a.faces, AgeEstimator: a.faces, Spoofing: a.faces, Encoder: a.faces}
}

// tendEvery is how soon a face that was erased leaves the memory of a node on
// which nobody asks about faces.
const tendEvery = time.Minute

// tendFaces runs until the context ends.
func (a *app) tendFaces(ctx context.Context) error {
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := a.known.Tend(ctx); err != nil && ctx.Err() == nil {
				a.log.Warn("the known faces in memory could not follow the store; questions wait until they can", "error", err)
			}
		}
	}
}

// planLiveness says who judges a liveness try, by the organisation's order.
func (a *app) planLiveness(ctx context.Context, q kyc.LivenessQuestion) (kyc.LivenessPlan, error) {
	s, err := a.providers.OpenLiveness(ctx, q.Asking, face.LivenessRequest{Challenge: q.Challenge, Audit: q.Audit, Token: q.Call})
	switch {
	case err != nil:
		return kyc.LivenessPlan{}, err
	case s.Provider == kyc.ProviderLocal:
		return check.NewLivenessPlan(q.Challenge, q.Now)
	}
	return kyc.LivenessPlan{Provider: s.Provider, ServiceID: s.ID, Region: s.Region, ExpiresAt: s.Expires}, nil
}

// lookAtSelfie holds a selfie to the gates of its step.
func (a *app) lookAtSelfie(ctx context.Context, b []byte, demands onboarding.SelfieConfig) ([]kyc.Problem, *kyc.Error) {
	img, err := a.reader.Picture(ctx, document.File{Bytes: bytes.Clone(b)})
	if err != nil {
		return nil, err
	}
	faces, err := a.faces.Find(ctx, img)
	if err != nil {
		return nil, err
	}
	var out []kyc.Problem
	for _, v := range face.Refused(face.Judge(img, faces, face.Gates{RequireFaceCentered: demands.RequireFaceCentered, RequireGoodLighting: demands.RequireGoodLighting})) {
		out = append(out, kyc.Problem{Code: v.Code, Message: v.Message})
	}
	return out, nil
}

// lookAtUpload says what an applicant can do better about a file that serves a
// requirement of surface D. It says nothing where nobody can look: the checks
// will say so.
func (a *app) lookAtUpload(ctx context.Context, kind string, b []byte) []kyc.Problem {
	var out []kyc.Problem
	var err *kyc.Error
	switch kind {
	case "selfie":
		out, err = a.lookAtSelfie(ctx, b, onboarding.SelfieConfig{})
	case "document_front", "document_back", "proof_of_address":
		var found []document.Verdict
		found, err = a.reader.Look(ctx, document.File{Bytes: bytes.Clone(b)})
		for _, v := range found {
			out = append(out, kyc.Problem{Code: v.Code, Message: v.Message})
		}
	}
	switch {
	case err == nil:
		return out
	case err.Kind == kyc.Unavailable, err.Kind == kyc.Internal:
		return nil
	}
	return []kyc.Problem{{Code: err.Code, Message: err.Message}}
}
