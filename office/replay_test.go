package office

import (
	"maps"
	"net/url"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/webhook"
)

func TestAMinuteIsReadInUTC(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"2026-11-22T15:04":     time.Date(2026, 11, 22, 15, 4, 0, 0, time.UTC),
		"2026-11-22T15:04:05":  time.Date(2026, 11, 22, 15, 4, 5, 0, time.UTC),
		"2026-11-22":           {},
		"2026-11-31T15:04":     {},
		"2026-11-22T15:04Z":    {},
		"":                     {},
		"yesterday":            {},
		"2026-11-22T15:04:05Z": {},
	} {
		if got := minute(text); !got.Equal(want) {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestHowManyAreSentAgain(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 15, 4, 5, 600, time.UTC)
	for want, done := range map[string]webhook.Replayed{
		"Nothing of that time is for this endpoint.":         {},
		"One message is sent again, under its old id.":       {Count: 1},
		"12 messages are sent again, each under its old id.": {Count: 12},
		"1000 messages are sent again, each under its old id. The range holds more than can be sent at once: this is what is newer than 22 Nov 2026, 15:04:05 UTC.": {Count: 1000, Rest: kyc.NewID(at), Oldest: at},
	} {
		if said := replayed(done); said != want {
			t.Errorf("%q", said)
		}
	}
}

// What is left of a range stands in the address; an address that somebody wrote
// otherwise offers nothing.
func TestWhatIsLeftOfARange(t *testing.T) {
	t.Parallel()
	id := string(kyc.NewID(time.Now()))
	whole := url.Values{"rest": {id}, "sent": {"2026-11-22T15:04:05.000001Z"}, "from": {"2026-11-01T00:00"}, "to": {"2026-12-01T00:00"}}
	if got, want := left(whole), (replayForm{From: "2026-11-01T00:00", To: "2026-12-01T00:00", Rest: id, Sent: "22 Nov 2026, 15:04:05 UTC", Since: "1 Nov 2026, 00:00:00 UTC", Open: true}); got != want {
		t.Errorf("left is %+v", got)
	}
	for key, wrong := range map[string]string{"rest": "7", "sent": "today", "from": "x", "to": ""} {
		q := maps.Clone(whole)
		q.Set(key, wrong)
		if got := left(q); got != (replayForm{}) {
			t.Errorf("with %s %q: %+v", key, wrong, got)
		}
	}
}
