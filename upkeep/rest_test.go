package upkeep

import (
	"context"
	"testing"
	"time"
)

func TestRestGivesMemoryBackOnceItIsQuiet(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	given := make(chan bool)
	done := make(chan error, 1)
	giveBack := Giver()
	go func() { done <- Rest(ctx, time.Millisecond, func() { giveBack(); given <- true }) }()
	select {
	case <-given: // and the process lives on with its pages gone
	case <-time.After(20 * time.Second):
		t.Log("this process was never quiet")
	}
	cancel()
	for {
		select {
		case <-given: // quiet again after work
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			return
		}
	}
}
