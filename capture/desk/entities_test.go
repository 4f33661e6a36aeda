package desk

import (
	"context"
	"testing"

	"bonafide/capture"
	"bonafide/entity"
	"bonafide/execution"
	"bonafide/kyc"
	"bonafide/procedure"
)

// link is one hosted link that asks for a document.
type link struct {
	Hosting
	st execution.HostedState
}

func (l *link) HostedLink(context.Context, string) (execution.HostedState, error) { return l.st, nil }

func (l *link) NoteHosted(_ context.Context, _ string, n execution.HostedNote) (execution.HostedState, error) {
	l.st.Files += n.Files
	if n.Papers != nil {
		l.st.Papers = n.Papers
	}
	return l.st, nil
}

// drawer counts the pictures that are stored; those that were replaced stay.
type drawer struct {
	People
	link   *link
	stored int
}

func (s *drawer) AddDocument(_ context.Context, _ kyc.Tenant, _ kyc.Actor, _ kyc.ID, n entity.NewDocument) (kyc.EntityDocument, error) {
	s.stored += len(n.Attachments)
	d := kyc.EntityDocument{Meta: kyc.Meta{ID: "paper"}, Type: n.Type, Country: n.Country, Attachments: []kyc.EntityAttachment{{ID: "a", Side: "FRONT"}}}
	s.link.st.Documents = []kyc.EntityDocument{d}
	return d, nil
}

func (s *drawer) PatchDocument(_ context.Context, _ kyc.Tenant, _ kyc.Actor, _, _ kyc.ID, _ int64, p entity.DocumentPatch) (kyc.EntityDocument, error) {
	s.stored += len(p.Set.Attachments)
	return s.link.st.Documents[0], nil
}

func (s *drawer) DeleteAttachment(context.Context, kyc.Tenant, kyc.Actor, kyc.ID, kyc.ID, kyc.ID, int64) (kyc.EntityDocument, error) {
	return s.link.st.Documents[0], nil
}

// Whoever holds a link cannot fill the store by taking one picture again and again.
func TestALinkTakesSoManyFiles(t *testing.T) {
	t.Parallel()
	l := &link{st: execution.HostedState{Session: kyc.Session{Status: kyc.SessionCapturing}, Wants: []procedure.Want{{Name: procedure.WantDocument, Required: true}}}}
	s := &drawer{link: l}
	d := Entities{Hosting: l, People: s, Countries: []string{"NL"}}
	take := func() error {
		return d.Take(t.Context(), "token", papersStep, slotFront, capture.File{Bytes: []byte("x"), Type: "passport", Country: "NL"})
	}
	for i := range filesOfLink {
		if err := take(); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := take(); !kyc.IsCode(err, "too_many_files") || kyc.KindOf(err) != kyc.Conflict || s.stored != filesOfLink {
		t.Errorf("after %d files: %v, %d stored", filesOfLink, err, s.stored)
	}
}
