package capture

import (
	"fmt"
	"testing"

	"bonafide/kyc"
)

func TestWhatIsUnderWayIsBounded(t *testing.T) {
	t.Parallel()
	l := newLimit(2, 3)
	first, err := l.take("a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.take("a"); err != nil {
		t.Fatal(err)
	}
	refused := func(token string) {
		t.Helper()
		if _, err := l.take(token); !kyc.IsCode(err, "capture_busy") || kyc.KindOf(err) != kyc.RateLimited {
			t.Errorf("%s: %v", token, err)
		}
	}
	refused("a") // of its link
	if _, err := l.take("b"); err != nil {
		t.Fatalf("another link is held back by the first: %v", err)
	}
	refused("c") // of the server
	first()
	first() // twice is once
	if _, err := l.take("c"); err != nil {
		t.Errorf("what ended is still counted: %v", err)
	}
	refused("c")
}

// Links that are through leave nothing behind.
func TestALimitForgetsLinks(t *testing.T) {
	t.Parallel()
	l := newLimit(1, 10)
	for i := range 1000 {
		done, err := l.take(fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		done()
	}
	if len(l.used) != 0 || l.sum != 0 {
		t.Errorf("%d links and %d in all are left", len(l.used), l.sum)
	}
}
