package console

import (
	"context"
	"time"

	"bonafide/kyc"
)

// A count is raised before a password is looked at and put back after one that
// was right, so that many tries at once count as many. From the free number on
// each further one makes the pause twice as long. An account and an address are
// counted apart: one stops the guessing of a password, the other the trying of
// one password on many accounts (NIST SP 800-63B 5.2.2, OWASP Authentication
// Cheat Sheet). Many people may share one address.
const (
	freeForAccount = 5
	freeForAddress = 50
	firstPause     = 30 * time.Second
	longestPause   = 15 * time.Minute
	// forgotten is when earlier failures no longer count.
	forgotten = 24 * time.Hour
	// races is how often a count that was changed meanwhile is read again.
	races = 20
)

// pause is how long nobody may try again after so many failures in a row.
func pause(failed, free int) time.Duration {
	if failed < free {
		return 0
	}
	d := firstPause
	for range failed - free {
		if d *= 2; d >= longestPause {
			return longestPause
		}
	}
	return d
}

// try counts one try. Errors: RateLimited too_many_tries while a pause lasts.
func (k *desk) try(ctx context.Context, kind, value string, free int) error {
	name, err := k.Store.TriesName(ctx, kind, value)
	if err != nil {
		return err
	}
	for range races {
		now := k.Clock.Now()
		was, err := k.Store.SignInTries(ctx, name)
		if err != nil {
			return err
		}
		failed := was.Failed
		if now.Sub(was.At) >= forgotten {
			failed = 0
		}
		if left := was.At.Add(pause(failed, free)).Sub(now); left > 0 && failed >= free {
			e := kyc.Errorf(kyc.RateLimited, "too_many_tries", "too many tries; wait %s and try again", inWords(left))
			e.RetryAfter = left
			return e
		}
		err = k.Store.CountSignIn(ctx, was, kyc.SignInTries{Name: name, Failed: failed + 1, At: now})
		if err == nil || kyc.KindOf(err) != kyc.Conflict {
			return err
		}
	}
	return kyc.Errorf(kyc.Unavailable, "too_busy", "too many tries at once; try again")
}

// worked takes the tries of an account back. An address keeps its count until
// it is forgotten: one right password excuses no list of wrong ones.
func (k *desk) worked(ctx context.Context, kind, value string) error {
	name, err := k.Store.TriesName(ctx, kind, value)
	if err != nil {
		return err
	}
	for range races {
		was, err := k.Store.SignInTries(ctx, name)
		if err != nil || was.Failed == 0 {
			return err
		}
		err = k.Store.CountSignIn(ctx, was, kyc.SignInTries{Name: name, At: k.Clock.Now()})
		if err == nil || kyc.KindOf(err) != kyc.Conflict {
			return err
		}
	}
	return nil // the next right password tries again
}

// uncount takes one try of an address back that was no failure.
func (k *desk) uncount(ctx context.Context, kind, value string) error {
	name, err := k.Store.TriesName(ctx, kind, value)
	if err != nil {
		return err
	}
	for range races {
		was, err := k.Store.SignInTries(ctx, name)
		if err != nil || was.Failed == 0 {
			return err
		}
		err = k.Store.CountSignIn(ctx, was, kyc.SignInTries{Name: name, Failed: was.Failed - 1, At: was.At.Add(time.Microsecond)})
		if err == nil || kyc.KindOf(err) != kyc.Conflict {
			return err
		}
	}
	return nil
}

// inWords says a pause in whole minutes or seconds.
func inWords(d time.Duration) string {
	if d > time.Minute {
		return itoa(int((d+time.Minute-1)/time.Minute)) + " minutes"
	}
	return wholeSeconds(d) + " seconds"
}
