package flow_test

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"testing"
	"time"

	"bonafide/flow"
	"bonafide/kyc"
)

func TestBucketIsTheFormulaOfTheSpecification(t *testing.T) {
	t.Parallel()
	for i := range 50 {
		session := fmt.Sprintf("0190-%d", i)
		sum := sha256.Sum256([]byte("w:salt:" + session))
		want := new(big.Int).Mod(new(big.Int).SetBytes(sum[:8]), big.NewInt(10000)).Int64()
		if got := flow.Bucket("w", "salt", session); int64(got) != want {
			t.Errorf("%s is in %d, want %d", session, got, want)
		}
	}
}

func rollout(percentage int, salt string) kyc.Workflow {
	return kyc.Workflow{Meta: kyc.Meta{ID: "0190f000-0000-7000-8000-000000000001"}, Published: 7,
		Rollout: &kyc.Rollout{Version: 7, Previous: 6, Percentage: percentage, Salt: salt}}
}

func TestRaisingTheShareNeverMovesASessionBack(t *testing.T) {
	t.Parallel()
	const sessions = 4000
	ids := make([]kyc.ID, sessions)
	for i := range ids {
		ids[i] = kyc.NewID(time.Unix(int64(i), 0))
	}
	onNew := make([]bool, sessions)
	for percentage := 0; percentage <= 100; percentage++ {
		w, count := rollout(percentage, "s"), 0
		for i, id := range ids {
			version, arm, bucket := flow.Choose(w, id)
			again, _, _ := flow.Choose(w, id)
			if version != again || bucket < 0 || bucket > 9999 {
				t.Fatalf("%s flips or has bucket %d", id, bucket)
			}
			if onNew[i] && version != 7 {
				t.Fatalf("%s went back at %d %%", id, percentage)
			}
			onNew[i] = version == 7
			if onNew[i] {
				count++
			}
			if (arm == flow.ArmPrevious) != (version == 6) {
				t.Fatalf("version %d on arm %s", version, arm)
			}
		}
		if share := float64(count) / sessions * 100; share < float64(percentage)-3 || share > float64(percentage)+3 {
			t.Errorf("%d %% gave %.1f %%", percentage, share)
		}
	}
}

func TestPausedCompletedAndAbsentRollouts(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		id := kyc.NewID(time.Unix(int64(i), 0))
		if v, arm, _ := flow.Choose(rollout(0, "s"), id); v != 6 || arm != flow.ArmPrevious {
			t.Fatal("a paused rollout gives the previous version")
		}
		if v, arm, _ := flow.Choose(rollout(100, "s"), id); v != 7 || arm != flow.ArmStable {
			t.Fatal("a completed rollout gives the new version")
		}
		if v, arm, _ := flow.Choose(kyc.Workflow{Published: 4}, id); v != 4 || arm != flow.ArmStable {
			t.Fatal("without a rollout the published version counts")
		}
	}
}

func TestAnotherSaltMakesOtherCohorts(t *testing.T) {
	t.Parallel()
	both, either := 0, 0
	for i := range 4000 {
		id := kyc.NewID(time.Unix(int64(i), 0))
		a, _, _ := flow.Choose(rollout(50, "first"), id)
		b, _, _ := flow.Choose(rollout(50, "second"), id)
		if a == 7 && b == 7 {
			both++
		}
		if a == 7 || b == 7 {
			either++
		}
	}
	if both < 850 || both > 1150 || either < 2850 || either > 3150 {
		t.Errorf("of 4000 sessions %d were new in both rollouts and %d in one; want about 1000 and 3000", both, either)
	}
}
