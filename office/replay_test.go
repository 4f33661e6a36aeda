package office

import (
	"testing"
	"time"
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
	for want, said := range map[string]string{
		"Nothing of that time is for this endpoint.":         replayed(0, false),
		"One message is sent again, under its old id.":       replayed(1, false),
		"12 messages are sent again, each under its old id.": replayed(12, false),
		"1000 messages are sent again, each under its old id. The range holds more than can be sent at once; the newest were taken. Choose shorter ranges for the others.": replayed(1000, true),
	} {
		if said != want {
			t.Errorf("%q", said)
		}
	}
}
