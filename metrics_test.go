package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMetricsTellWhatAnOperatorAsks runs one session and reads /metrics: the
// counters are there, and no label holds anything of the applicant.
func TestMetricsTellWhatAnOperatorAsks(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		c := startServer(t, database).newTenant(t)
		got := receiver(t)
		c.must(t, 201, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": got.URL, "enabled_events": []string{"*"}})
		workflow := c.published(t, chainGraph)
		s := c.must(t, 201, "POST", "/api/v1/sessions", map[string]any{"workflow_id": workflow, "external_ref": "ref-of-hers", "fields": map[string]any{"last_name": "Flaky", "first_name": "Zenobia"}}).str("id")
		c.must(t, 202, "POST", "/api/v1/sessions/"+s+"/submit", nil)
		c.await(t, s, "completed")
		got.wait(t, "session.approved")
		wanted := []string{
			`engine_runs_ended_total\{env="sandbox",outcome="approved",status="completed"\} 1`,
			`check_attempts_total\{env="sandbox",policy="document_ocr",status="[a-z_]+"\} [12]`,
			`check_attempt_duration_seconds_count\{policy="watchlist_screening"\} 3`,
			`webhook_attempts_total\{result="delivered"\} [1-9]`,
			`http_requests_total\{method="POST",route="/api/v1/sessions",status="201"\} 1`,
			`queue_due\{queue="runs"\} 0`, `queue_lag_seconds\{queue="webhooks"\} \d`,
			`jobs_done_total\{kind="[a-z.]+",result="done"\} \d`, `job_lag_seconds_count\{`,
			`engine_runs_here 0`, `build_info\{version="[^"]+"\} 1`, `process_resident_memory_bytes \d`,
		}
		text := ""
		has := func(want string) bool { return regexp.MustCompile("(?m)^" + want).MatchString(text) }
		for end := time.Now().Add(patience); time.Now().Before(end); pause(t) {
			// Until the queue has its leader and its first periodic job, and who made
			// what was seen has counted it.
			text = string(c.call(t, "GET", "/metrics", nil).raw)
			if !slices.ContainsFunc(wanted, func(want string) bool { return !has(want) }) {
				break
			}
		}
		for _, want := range wanted {
			if !has(want) {
				t.Errorf("/metrics has no %s", want)
			}
		}
		for _, secret := range []string{"Zenobia", "ref-of-hers", strings.TrimPrefix(s, "session_"), string(c.org)} {
			if strings.Contains(text, secret) {
				t.Errorf("/metrics holds %q", secret)
			}
		}
		if t.Failed() {
			t.Log(text)
		}
	})
}

// A feed that failed is shown, and the server stays ready: the checks that ask it
// say so themselves.
func TestMetricsShowTheFeedsOfNews(t *testing.T) {
	t.Parallel()
	srv := startServer(t, "")
	c := srv.newTenant(t)
	srv.importNewsText(t, adaJailed)
	if _, err := srv.app.news.Import(t.Context(), "broken", "", []string{filepath.Join(t.TempDir(), "absent.csv")}); err == nil {
		t.Fatal("a file that is not there was imported")
	}
	text := string(c.must(t, 200, "GET", "/metrics", nil).raw)
	for _, want := range []string{
		`news_feed_articles\{feed="courts"\} 2`, `news_feed_age_seconds\{feed="courts"\} \d`, `news_feed_failed\{feed="courts"\} 0`,
		`news_feed_articles\{feed="broken"\} 0`, `news_feed_failed\{feed="broken"\} 1`,
	} {
		if !regexp.MustCompile("(?m)^" + want).MatchString(text) {
			t.Errorf("/metrics has no %s\n%s", want, text)
		}
	}
	if strings.Contains(text, `news_feed_age_seconds{feed="broken"}`) || strings.Contains(text, "Karelli") {
		t.Error("/metrics shows the age of what never came, or a name")
	}
	if a := c.call(t, "GET", "/readyz", nil); a.status != 200 {
		t.Errorf("a failed feed makes the server unready: %s", a.raw)
	}
}
