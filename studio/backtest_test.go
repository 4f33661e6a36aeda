package studio

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestBacktestFormIsReadWhole(t *testing.T) {
	t.Parallel()
	r, problems := backtestOf(url.Values{"version": {"3"}, "control": {"1"}, "last": {" 40 "}, "from": {"2026-05-01"}, "to": {"2026-05-01"}}, "w")
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	if len(problems) > 0 || r.Workflow != "w" || r.Version != 3 || r.Control != 1 || r.Last != 40 || !r.From.Equal(day) || !r.To.Equal(day.AddDate(0, 0, 1)) {
		t.Errorf("%+v %v", r, problems)
	}
	if r, problems := backtestOf(url.Values{"version": {"3"}}, "w"); len(problems) > 0 || r.Last != 100 || r.Control != 0 || !r.From.IsZero() || !r.To.IsZero() {
		t.Errorf("nearly empty: %+v %v", r, problems)
	}
	_, problems = backtestOf(url.Values{"version": {"x"}, "control": {"-1"}, "last": {"0"}, "from": {"yesterday"}, "to": {"2026-02-30"}}, "w")
	var at []string
	for _, p := range problems {
		at = append(at, p.Path)
	}
	if got := strings.Join(at, " "); got != "version control last from to" {
		t.Errorf("problems at %s", got)
	}
}

func TestBacktestResultListsEverySessionOnce(t *testing.T) {
	t.Parallel()
	b := kyc.Backtest{Version: 2, Status: kyc.BacktestCompleted}
	for i := range 2*resultPage + 3 {
		item := kyc.BacktestItem{SessionID: kyc.ID(fmt.Sprint(i)), Old: kyc.Approved, New: kyc.Rejected, Node: "n"}
		switch i % 50 {
		case 0:
			item.New, item.Reason = kyc.NotKnown, "config_changed"
		case 1:
			item.Old, item.New, item.Reason = "", "", "erased"
		}
		b.Items = append(b.Items, item)
	}
	for show, want := range map[string]int{"changed": 97, "": 97, "not-known": 3, "unreadable": 3, "nonsense": 97} {
		seen := map[string]bool{}
		for page := 1; ; page++ {
			r := showResult(&b, "/here", show, page, people{})
			for _, row := range r.Rows {
				seen[row.Session] = true
			}
			if r.More == "" {
				break
			}
		}
		if len(seen) != want {
			t.Errorf("%q shows %d sessions, want %d", show, len(seen), want)
		}
	}
	b.Status, b.Done, b.Cohort, b.EndedAt = kyc.BacktestCancelled, 7, make([]kyc.ID, 9), time.Date(2026, 5, 1, 12, 30, 0, 0, time.UTC)
	if r := showResult(&b, "/here", "", 1, people{}); !r.Cancelled || r.Running || r.Failed || r.Done != 7 || r.Total != 9 || r.Ended != "2026-05-01 12:30" {
		t.Errorf("cancelled: %+v", r)
	}
	if r := showResult(&b, "/here", "changed", 99, people{}); len(r.Rows) == 0 && len(b.Items) > 0 && r.More != "" {
		t.Errorf("a page behind the end: %+v", r)
	}
	if r := showResult(&b, "/here", "not-known", 1, people{}); r.Rows[0].Why != "it was asked with other options" || r.Rows[0].New.Text != "not known" || r.Parts {
		t.Errorf("%+v", r.Rows[0])
	}
}
