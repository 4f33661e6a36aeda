package check

import (
	"context"

	"bonafide/kyc"
)

func judgeFilm(_ context.Context, _ Deps, r *kyc.CheckRequest, _ kyc.LivenessTryFact, _ float64) kyc.Answer {
	return noFaces(r, "Liveness")
}
