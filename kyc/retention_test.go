package kyc

import (
	"testing"
	"time"
)

func TestRetentionRules(t *testing.T) {
	t.Parallel()
	r := Retention{Days: 90, SensitiveDays: 30, Rejected: &RetentionRule{Days: 900, SensitiveDays: 60}, Abandoned: &RetentionRule{}}
	for status, want := range map[SessionStatus]RetentionRule{SessionApproved: {90, 30}, SessionRejected: {900, 60}, SessionExpired: {}, SessionCancelled: {}, SessionFailed: {},
		SessionCreated: {}, SessionRunning: {}, SessionReview: {}, SessionPaused: {}, SessionCaptured: {}} {
		if got := r.Rule(status); got != want {
			t.Errorf("%s: %+v, want %+v", status, got, want)
		}
	}
	end := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := Session{Status: SessionApproved, CompletedAt: end}
	if got := r.ReadableUntil(&s); !got.Equal(end.AddDate(0, 0, 30)) {
		t.Errorf("readable until %s", got)
	}
	if got := r.KeptUntil(&s); !got.IsZero() {
		t.Errorf("destroyed by itself at %s, though nothing is", got)
	}
	r.Auto = true
	if got := r.KeptUntil(&s); !got.Equal(end.AddDate(0, 0, 90)) {
		t.Errorf("kept until %s", got)
	}
	s.Status, s.CompletedAt = SessionRunning, time.Time{}
	if !r.ReadableUntil(&s).IsZero() || !r.KeptUntil(&s).IsZero() {
		t.Error("a session under way has an end")
	}
	if (Retention{Auto: true, Approved: &RetentionRule{}}).Keeps() != true || r.Keeps() {
		t.Error("who keeps everything?")
	}
}

func TestRetentionProblems(t *testing.T) {
	t.Parallel()
	if got := (Retention{Days: 30, SensitiveDays: 30, Rejected: &RetentionRule{SensitiveDays: 7}}).Problems("/retention"); len(got) != 0 {
		t.Errorf("good rules are refused: %+v", got)
	}
	bad := Retention{Days: 10, SensitiveDays: 11, Approved: &RetentionRule{Days: -1, SensitiveDays: MaxRetentionDays + 1}, Abandoned: &RetentionRule{Days: 1, SensitiveDays: 2}}
	want := []string{"/retention/sensitive_data_retention_days", "/retention/approved/data_retention_days", "/retention/approved/sensitive_data_retention_days", "/retention/abandoned/sensitive_data_retention_days"}
	got := bad.Problems("/retention")
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, p := range got {
		if p.Path != want[i] || p.Code == "" || p.Message == "" {
			t.Errorf("%+v, want one at %s", p, want[i])
		}
	}
}
