package engine

import (
	"context"
	"errors"
	"sync"
	"testing"

	"bonafide/kyc"
)

// The words on hits that a run was begun with are what its checks hear, and what
// its record holds, whatever is said later.
func TestWordsOnHitsAreRecordedWithTheBeginning(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	words, fail := []kyc.ReviewedHit{{List: "un", EntryID: "1", Entry: "e", Asked: "a", Word: kyc.HitFalse}}, error(nil)
	say := func(later []kyc.ReviewedHit, err error) {
		mu.Lock()
		defer mu.Unlock()
		words, fail = later, err
	}
	var asked []kyc.ID
	b := setup(t, kyc.Live, func(d *Deps) {
		d.Reviewed = func(_ context.Context, s *kyc.Session) ([]kyc.ReviewedHit, error) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, s.SubjectID)
			return words, fail
		}
	})
	b.checks.say(func(_ context.Context, r kyc.CheckRequest) kyc.Answer {
		say(nil, nil) // taken back while the run is at work
		a := verdictOf(kyc.Pass)
		if len(r.Reviewed) != 1 || r.Reviewed[0].EntryID != "1" || r.Reviewed[0].Word != kyc.HitFalse {
			a.Verdict = kyc.Fail
		}
		return a
	})
	run, s := b.begin(graphOf(t, sixNodes))
	if got := b.finished(run.ID); got.Outcome != kyc.Approved {
		t.Errorf("%+v", got)
	}
	b.proven(run.ID)
	v, err := b.engine.RunView(t.Context(), b.tenant, run.ID)
	if err != nil || len(v.Begin.Reviewed) != 1 || v.Begin.Reviewed[0].Asked != "a" {
		t.Errorf("the record holds %+v (%v)", v.Begin, err)
	}
	mu.Lock()
	if len(asked) != 1 || asked[0] != s.SubjectID {
		t.Errorf("asked were %v", asked)
	}
	mu.Unlock()

	say(nil, errors.New("the store is away"))
	if _, err := b.engine.Begin(t.Context(), BeginRequest{Session: b.session(), Graph: graphOf(t, sixNodes)}); err == nil {
		t.Error("a run begins without knowing the words")
	}
}
