package office

import (
	"slices"
	"testing"

	"bonafide/kyc"
)

// Opening times are written as people write them, and read back as they were.
func TestOpeningTimesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"mon-fri 09:00-17:30":                                   "mon-fri 09:00-17:30",
		"Mon 09:00 - 12:00\n\nmon 13:00-17:00":                  "mon 09:00-12:00\nmon 13:00-17:00",
		"mon-wed 09:00-17:00\nthu 10:00-12:00\nfri 09:00-17:00": "mon-wed 09:00-17:00\nthu 10:00-12:00\nfri 09:00-17:00",
		"sat-sun 00:00-24:00":                                   "sat-sun 00:00-24:00",
		"":                                                      "",
	} {
		spans, problems := readTimes(text)
		if len(problems) > 0 {
			t.Errorf("%q: %+v", text, problems)
		}
		if got := writtenTimes(spans); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
		if again, _ := readTimes(writtenTimes(spans)); !slices.Equal(again, spans) {
			t.Errorf("%q is read back as %+v, was %+v", text, again, spans)
		}
	}
	_, problems := readTimes("mon-fri 09:00-17:00\nfri-mon 09:00-17:00\nevery day\nmon 9")
	if len(problems) != 3 {
		t.Errorf("three lines are wrong: %+v", problems)
	}
}

func TestWhatAQueuesFormMeans(t *testing.T) {
	t.Parallel()
	list := []kyc.ReviewQueue{{Name: "sanctions", FourEyes: true, SLAHours: 1.5, Checklist: []string{"Look.", "Ask."},
		Hours: &kyc.OpeningHours{Zone: "Europe/Berlin", Open: []kyc.OpenSpan{{Day: "mon", From: "09:00", To: "17:00"}}, Closed: []string{"2026-12-25"}}}, {Name: "plain"}}
	forms := queueForms(list)
	if len(forms) != 3 || forms[2].Old != "" || forms[2].Key != "new" {
		t.Fatalf("the forms are %+v", forms)
	}
	for i, q := range list {
		got, problems := forms[i].rules()
		if len(problems) > 0 || got.Name != q.Name || got.FourEyes != q.FourEyes || got.SLAHours != q.SLAHours || !slices.Equal(got.Checklist, q.Checklist) || (got.Hours == nil) != (q.Hours == nil) {
			t.Errorf("%s: %+v %+v", q.Name, got, problems)
		}
		if q.Hours != nil && (got.Hours.Zone != q.Hours.Zone || !slices.Equal(got.Hours.Open, q.Hours.Open) || !slices.Equal(got.Hours.Closed, q.Hours.Closed)) {
			t.Errorf("%s: hours %+v", q.Name, got.Hours)
		}
	}
	wrong := queueForm{Name: "x", SLA: "two", Times: "always", Quality: qualityForm{Approvals: "some"}}
	if _, problems := wrong.rules(); len(problems) != 4 {
		t.Errorf("four fields are wrong: %+v", problems)
	}
	for _, none := range []string{"NaN", "Inf", "-inf", "1e999"} {
		if _, problems := (&queueForm{Name: "x", SLA: none}).rules(); len(problems) != 1 {
			t.Errorf("%s hours: %+v", none, problems)
		}
	}
}

// The problems of the element that a form changes name the form, those of its tenth
// neighbour do not.
func TestProblemsNameTheFormTheyAreOf(t *testing.T) {
	t.Parallel()
	problems := []kyc.Problem{{Path: "/queues/1/name"}, {Path: "/queues/10/name"}, {Path: "/queues/1"}, {Path: "/routing/1/queue"}}
	inForm(problems, "/queues", 1, "/queue")
	for i, want := range []string{"/queue/name", "/queues/10/name", "/queue", "/routing/1/queue"} {
		if problems[i].Path != want {
			t.Errorf("%s, want %s", problems[i].Path, want)
		}
	}
}
