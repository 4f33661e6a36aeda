package access

import (
	"testing"
	"time"

	"bonafide/kyc"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	l := NewLimiter(b, LimitOptions{})
	who := Principal{Actor: kyc.Actor{ID: "k"}}
	run := func(n int, take func() Allowance) (granted int, last Allowance) {
		for range n {
			if last = take(); last.OK {
				granted++
			}
		}
		return granted, last
	}
	if n, last := run(200, func() Allowance { return l.Key(who, kyc.SurfaceGraph) }); n != 100 || last.Wait <= 0 || last.Wait > 20*time.Millisecond || last.Limit != 100 {
		t.Errorf("D: %d %+v", n, last)
	}
	if n, _ := run(200, func() Allowance { return l.Key(who, kyc.SurfaceChecks) }); n != 35 {
		t.Errorf("B: %d", n)
	}
	b.advance(time.Second)
	if n, _ := run(200, func() Allowance { return l.Key(who, kyc.SurfaceEntities) }); n != 50 {
		t.Errorf("C after a second: %d", n)
	}
	if n, _ := run(200, func() Allowance { return l.Key(who, kyc.SurfaceChecks) }); n != 25 {
		t.Errorf("B after a second: %d", n)
	}
	if n, last := run(1100, func() Allowance { return l.Address("192.0.2.1") }); n != 1000 || last.Limit != 1000 {
		t.Errorf("A: %d", n)
	}
	b.advance(5 * time.Minute)
	if n, _ := run(1100, func() Allowance { return l.Address("192.0.2.1") }); n != 1000 {
		t.Errorf("A after five minutes: %d", n)
	}
	slow := Principal{Actor: kyc.Actor{ID: "slow"}, Rate: 2}
	if n, last := run(20, func() Allowance { return l.Key(slow, kyc.SurfaceGraph) }); n != 4 || last.Wait > time.Second {
		t.Errorf("own rate: %d %+v", n, last)
	}
	// The day of surface B.
	day := Principal{Actor: kyc.Actor{ID: "day"}}
	granted := 0
	for range 500 {
		b.advance(2 * time.Second)
		n, _ := run(35, func() Allowance { return l.Key(day, kyc.SurfaceChecks) })
		granted += n
	}
	if granted != 10_000 {
		t.Errorf("B in a day: %d", granted)
	}
	if last := l.Key(day, kyc.SurfaceChecks); last.OK || last.Reset.Hour() != 0 || last.Limit != 10_000 {
		t.Errorf("%+v", last)
	}
	b.advance(24 * time.Hour)
	if last := l.Key(day, kyc.SurfaceChecks); !last.OK {
		t.Errorf("the next day: %+v", last)
	}
	b.advance(48 * time.Hour)
	l.Address("192.0.2.2")
	if n := len(l.buckets); n != 1 {
		t.Errorf("%d buckets are kept", n)
	}
	if a := NewLimiter(b, LimitOptions{NoAddressLimits: true}).Address("x"); !a.OK || !a.Off {
		t.Errorf("%+v", a)
	}
}
