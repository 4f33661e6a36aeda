package engine

import (
	"bytes"
	"context"
	"encoding/base64"
	"testing"

	"bonafide/kyc"
)

// A template that an answer brings is stored with it, for the session's person,
// and is no part of the record: the run replays without it.
func TestTemplatesAreKeptBesideTheRecord(t *testing.T) {
	t.Parallel()
	b := setup(t, kyc.Live)
	stranger := kyc.NewID(b.clock.Now())
	b.checks.say(func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		a := verdictOf(kyc.Pass)
		if r.Node == "b" {
			a.Faces = []kyc.FaceTemplate{{Model: "net-1", SessionID: stranger, SubjectID: stranger, Vector: kyc.FaceVector{0.125, 0.25}, ExpiresAt: r.Now}}
		}
		return a
	})
	run, s := b.begin(graphOf(t, sixNodes))
	b.finished(run.ID)
	b.store.mu.Lock()
	var kept []*kyc.FaceTemplate
	for _, o := range b.store.objects {
		if f, ok := o.(*kyc.FaceTemplate); ok {
			kept = append(kept, f)
		}
	}
	b.store.mu.Unlock()
	if len(kept) != 1 || kept[0].SessionID != s.ID || kept[0].SubjectID != s.SubjectID || kept[0].Tenant != b.tenant || kept[0].Rev != 1 || len(kept[0].Vector) != 2 {
		t.Fatalf("kept %+v", kept)
	}
	numbers, err := kept[0].Vector.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := b.store.Inputs(t.Context(), b.tenant, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range inputs {
		if bytes.Contains(in.Data, []byte("0.125")) || bytes.Contains(in.Data, []byte("net-1")) || bytes.Contains(in.Data, []byte(base64.StdEncoding.EncodeToString(numbers))) {
			t.Errorf("the record holds the template: %s", in.Data)
		}
	}
	b.proven(run.ID)
}
