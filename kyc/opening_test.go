package kyc

import (
	"testing"
	"time"
)

// Working time passes while somebody works, in the hours of their own clock.
func TestOpeningHours(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	week := &OpeningHours{Zone: "Europe/Berlin", Closed: []string{"2026-12-25"}}
	for _, day := range []string{"fri", "mon", "tue", "wed", "thu"} {
		week.Open = append(week.Open, OpenSpan{day, "13:00", "17:00"}, OpenSpan{day, "09:00", "12:00"})
	}
	night := &OpeningHours{Zone: "Europe/Berlin", Open: []OpenSpan{{"sun", "00:00", "24:00"}}}
	for name, c := range map[string]struct {
		hours       *OpeningHours
		start, want string
		work        time.Duration
	}{
		"within a morning":              {week, "2026-11-23 09:30", "2026-11-23 11:30", 2 * time.Hour},
		"over lunch":                    {week, "2026-11-23 11:00", "2026-11-23 14:00", 2 * time.Hour},
		"to the end of a day":           {week, "2026-11-23 15:00", "2026-11-23 17:00", 2 * time.Hour},
		"from before the opening":       {week, "2026-11-23 03:00", "2026-11-23 10:00", time.Hour},
		"over a night":                  {week, "2026-11-23 16:30", "2026-11-24 10:30", 2 * time.Hour},
		"over a weekend":                {week, "2026-11-20 16:00", "2026-11-23 10:00", 2 * time.Hour},
		"over a closed day":             {week, "2026-12-24 16:00", "2026-12-28 10:00", 2 * time.Hour},
		"the next open moment":          {week, "2026-11-21 16:00", "2026-11-23 09:00", 0},
		"now, while open":               {week, "2026-11-23 09:30", "2026-11-23 09:30", 0},
		"a day of 23 hours":             {night, "2026-03-29 00:00", "2026-04-05 01:00", 24 * time.Hour},
		"a day of 25 hours":             {night, "2026-10-25 00:00", "2026-10-25 23:00", 24 * time.Hour},
		"never within ten years":        {&OpeningHours{Zone: "Europe/Berlin"}, "2026-11-23 09:30", "2026-11-23 10:30", time.Hour},
		"a zone that is none":           {&OpeningHours{Zone: "Nowhere", Open: week.Open}, "2026-11-21 09:30", "2026-11-21 10:30", time.Hour},
		"a time that cannot be written": {&OpeningHours{Zone: "Europe/Berlin", Open: []OpenSpan{{"mon", "9", "25:00"}}}, "2026-11-23 09:30", "2026-11-23 10:30", time.Hour},
	} {
		at := func(text string) time.Time {
			when, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
			if err != nil {
				t.Fatal(err)
			}
			return when
		}
		if got := c.hours.After(at(c.start).UTC(), c.work); !got.Equal(at(c.want)) {
			t.Errorf("%s: %s, want %s", name, got.In(zone), c.want)
		}
	}
}

func TestOpeningHoursThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	bad := &OpeningHours{Zone: "Local", Open: []OpenSpan{{"mon", "09:00", "12:00"}, {"mon", "11:00", "13:00"}, {"day", "9:00", "24:01"}, {"tue", "10:00", "10:00"}}, Closed: []string{"2026-02-30"}}
	want := map[string]string{"/zone": "unknown_zone", "/open/1": "overlap", "/open/2/day": "not_allowed_value", "/open/2/from": "format_invalid", "/open/2/to": "format_invalid",
		"/open/3/to": "out_of_range", "/closed/0": "format_invalid"}
	got := bad.Problems("")
	for _, p := range got {
		if want[p.Path] != p.Code {
			t.Errorf("%+v is not among the problems", p)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d problems, want %d", len(got), len(want))
	}
	if got := (&OpeningHours{Zone: "UTC"}).Problems("/hours"); len(got) != 1 || got[0].Path != "/hours/open" {
		t.Errorf("no times: %+v", got)
	}
}

// Whatever hours and whatever a case may wait, it is due no earlier than that, and
// at a moment when somebody works.
func FuzzOpeningHours(f *testing.F) {
	f.Add(int64(1_790_000_000), int64(3600), uint16(540), uint16(1020), uint8(1))
	f.Add(int64(0), int64(1_000_000), uint16(0), uint16(1440), uint8(6))
	f.Fuzz(func(t *testing.T, start, work int64, from, to uint16, day uint8) {
		if start < 0 || start > 1<<33 || work < 0 || work > 1<<22 || from >= to || to > 1440 {
			t.Skip()
		}
		text := func(m uint16) string {
			return time.Date(2000, 1, 1, int(m/60), int(m%60), 0, 0, time.UTC).Format("15:04")
		}
		end := text(to)
		if to == 1440 {
			end = "24:00"
		}
		o := &OpeningHours{Zone: "America/New_York", Open: []OpenSpan{{weekdays()[day%7], text(from), end}}}
		if p := o.Problems(""); len(p) > 0 {
			t.Fatal(p)
		}
		began, wait := time.Unix(start, 0).UTC(), time.Duration(work)*time.Second
		due := o.After(began, wait)
		if due.Before(began.Add(wait)) {
			t.Errorf("due %s, before %s", due, began.Add(wait))
		}
		if later := o.After(began, wait+time.Minute); later.Before(due) {
			t.Errorf("a longer wait ends %s, before %s", later, due)
		}
	})
}
