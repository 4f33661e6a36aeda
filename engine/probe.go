package engine

import (
	"context"
	"fmt"
	"time"

	"bonafide/kyc"
)

func CPUProbe(ctx context.Context, s Store, raw Yardstick, each func(string, func() (float64, float64))) {
	l, err := newLoad(ctx, BenchOptions{Store: s, Clock: kyc.SystemClock()})
	if err != nil {
		panic(err)
	}
	defer l.engine.Stop(ctx)
	for _, n := range []int{64} {
		for range 6 {
			if false {
				each(fmt.Sprint("raw ", n), func() (float64, float64) {
					r, took, _ := closedLoop(ctx, n, time.Second, raw.Execute)
					return float64(len(took)), r
				})
			}
			each(fmt.Sprint("engine ", n), func() (float64, float64) {
				r, took, _ := closedLoop(ctx, n, time.Second, l.execute)
				return float64(len(took)), r
			})
		}
	}
}
