package session

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"bonafide/kyc"
)

// A passport has no back; a card's is missing until it comes.
func TestAPassportHasNoBack(t *testing.T) {
	t.Parallel()
	front := func(kind string) kyc.Upload { return kyc.Upload{Kind: "document_front", DocumentType: kind} }
	old := front("passport")
	old.Superseded = true
	for name, x := range map[string]struct {
		files []kyc.Upload
		want  bool
	}{
		"passport":           {[]kyc.Upload{front("passport")}, true},
		"card":               {[]kyc.Upload{front("id_card")}, false},
		"nobody said":        {[]kyc.Upload{front("")}, false},
		"replaced by a card": {[]kyc.Upload{old, front("id_card")}, false},
		"card, both":         {[]kyc.Upload{front("id_card"), {Kind: "document_back"}}, true},
		"back of a passport": {[]kyc.Upload{{Kind: "selfie", DocumentType: "passport"}}, false},
	} {
		if got := kindsOf(x.files)["document_back"]; got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// What a form is filled in with may neither hold up nor lose the file that it is
// read from, and nothing is decided by it.
func TestAReadingThatDoesNotCome(t *testing.T) {
	t.Parallel()
	for name, examine := range map[string]func(context.Context) kyc.Answer{
		"never": func(ctx context.Context) kyc.Answer {
			<-ctx.Done()
			return kyc.Answer{Status: kyc.StatusError, Reasons: []kyc.Reason{{Code: "timeout"}}}
		},
		"broken": func(context.Context) kyc.Answer {
			return kyc.Answer{Status: kyc.StatusError, Reasons: []kyc.Reason{{Code: "panic"}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				asked := 0
				b.sessions.d.Examine = func(ctx context.Context, q kyc.CheckRequest) kyc.Answer {
					asked++
					// The file stands already, and others can write meanwhile.
					if files, err := b.store.Uploads(ctx, q.Tenant, q.SessionID); err != nil || frontOf(files) == nil || frontOf(files).ID != q.Uploads[0].ID {
						t.Errorf("the front is not stored while it is read: %v %v", files, err)
					}
					if err := b.store.Commit(ctx, &kyc.Change{}); err != nil {
						t.Error(err)
					}
					return examine(ctx)
				}
				w := b.asking(t)
				made, err := b.sessions.Create(t.Context(), b.live, b.key, NewSession{WorkflowID: w.ID})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := b.sessions.Upload(t.Context(), b.live, b.key, made.Session.ID, NewUpload{Kind: "document_front", Bytes: []byte("PNG")}); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				for range 2 {
					if err := b.sessions.ReadFront(t.Context(), &made.Session); err != nil {
						t.Fatal(err)
					}
				}
				if took := time.Since(began); took > readingTime || asked != 1 {
					t.Errorf("asked %d times, %v", asked, took)
				}
				files, err := b.store.Uploads(t.Context(), b.live, made.Session.ID)
				if err != nil || frontOf(files) == nil {
					t.Fatalf("%v %v", files, err)
				}
				exams, err := b.store.Exams(t.Context(), b.live, made.Session.ID)
				if err != nil || len(exams) != 1 || exams[0].Answer.Status != kyc.StatusError {
					t.Errorf("kept: %v %v", exams, err)
				}
				if told, err := b.sessions.Reading(t.Context(), &made.Session, files); err != nil || told != nil {
					t.Errorf("told %v %v", told, err)
				}
			})
		})
	}
}
