package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Identities through the whole program: labels, archive, merge, export, what
// happened to them, and the erasure of a person with all their records.
func TestIdentities(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		c, _ := srv.newTenants(t)
		_, stranger := srv.newTenants(t)
		h := receiver(t)
		c.must(t, http.StatusCreated, "POST", "/api/v1/webhooks/endpoints", map[string]any{"url": h.URL + "/in", "enabled_events": []string{"identity.updated"}})
		ask := func(ref, family string) string {
			t.Helper()
			return c.must(t, http.StatusCreated, "POST", "/api/v1/checks", map[string]any{"check_type": "sanction", "external_ref": ref, "name_last": family}).str("identity_id")
		}
		a, b := ask("c-1", "Wexelstrand"), ask("c-2", "Wexelstrand")
		if again := ask("c-1", "Wexelstrand"); again != a || a == b {
			t.Fatalf("identities %s %s %s", a, b, again)
		}
		one, two := "/api/v1/identities/"+a, "/api/v1/identities/"+b
		changed := c.must(t, http.StatusOK, "PATCH", one, map[string]any{"tags": []string{"vip", " vip", "eu"}, "name": "Oriana Wexelstrand"})
		if changed.at("tags") != `["vip","eu"]` && changed.at("tags.0")+changed.at("tags.1") != "vipeu" {
			t.Errorf("labels: %s", changed.raw)
		}
		for query, want := range map[string]string{"": "2", "?tag=vip": "1", "?tag=vi": "0", "?external_ref=c-2": "1", "?status=approved": "0"} {
			got := c.must(t, http.StatusOK, "GET", "/api/v1/identities"+query, nil)
			if fmt.Sprint(got.value("pagination.total")) != want || strings.Contains(string(got.raw), "Oriana") {
				t.Errorf("%s: %s", query, got.raw)
			}
		}
		if got := c.must(t, http.StatusOK, "GET", one, nil); got.str("name") != "Oriana Wexelstrand" {
			t.Errorf("read: %s", got.raw)
		}
		c.must(t, http.StatusOK, "POST", one+"/archive", nil)
		if got := c.must(t, http.StatusOK, "GET", "/api/v1/identities", nil); fmt.Sprint(got.value("pagination.total")) != "1" {
			t.Errorf("archived: %s", got.raw)
		}
		c.must(t, http.StatusOK, "POST", one+"/restore", nil)

		preview := c.must(t, http.StatusOK, "POST", one+"/merge/preview", map[string]any{"identity_id": b})
		if fmt.Sprint(preview.value("checks")) != "1" || fmt.Sprint(preview.value("done")) != "false" || preview.at("warnings.0") != "different_references" {
			t.Errorf("preview: %s", preview.raw)
		}
		if got := c.call(t, "POST", one+"/merge", map[string]any{"identity_id": a}); got.status != http.StatusUnprocessableEntity {
			t.Errorf("into itself: %d %s", got.status, got.raw)
		}
		if got := c.must(t, http.StatusOK, "POST", one+"/merge", map[string]any{"identity_id": b}); fmt.Sprint(got.value("done")) != "true" {
			t.Errorf("merged: %s", got.raw)
		}
		h.wait(t, "identity.updated")
		if got := c.call(t, "PATCH", two, map[string]any{"name": "x"}); got.status != http.StatusConflict || got.code() != "merged" {
			t.Errorf("a merged one was changed: %d %s", got.status, got.raw)
		}
		if got := c.must(t, http.StatusOK, "GET", two, nil); got.str("merged_into") != a {
			t.Errorf("the merged one: %s", got.raw)
		}
		if got := c.call(t, "POST", one+"/merge", map[string]any{"identity_id": b}); got.status != http.StatusConflict {
			t.Errorf("merged twice: %d %s", got.status, got.raw)
		}
		export := c.must(t, http.StatusOK, "GET", one+"/export", nil)
		if strings.Count(string(export.raw), `"check_types"`) != 3 || !strings.Contains(string(export.raw), "Oriana Wexelstrand") {
			t.Errorf("export: %s", export.raw)
		}
		audit := c.must(t, http.StatusOK, "GET", one+"/audit", nil)
		for _, action := range []string{"identity.update", "identity.archive", "identity.restore", "identity.absorb", "identity.read", "inquiry.ask"} {
			if !strings.Contains(string(audit.raw), `"`+action+`"`) {
				t.Errorf("%s is not in the audit: %s", action, audit.raw)
			}
		}
		for _, path := range []string{one, one + "/export", one + "/audit"} {
			if got := stranger.call(t, "GET", path, nil); got.status != http.StatusNotFound {
				t.Errorf("%s of somebody else: %d", path, got.status)
			}
		}
		if got := stranger.call(t, "DELETE", one+"/data", nil); got.status != http.StatusNotFound {
			t.Errorf("erased by somebody else: %d", got.status)
		}

		if got := c.must(t, http.StatusOK, "DELETE", one+"/data", nil); got.str("status") != "redacted" || got.str("name") != "" || got.str("external_ref") != "" {
			t.Errorf("erased: %s", got.raw)
		}
		for _, ref := range []string{one, two} { // the merged one too
			if got := c.must(t, http.StatusOK, "GET", ref, nil); got.str("status") != "redacted" {
				t.Errorf("after the erasure: %s", got.raw)
			}
		}
		left := c.must(t, http.StatusOK, "GET", "/api/v1/checks", nil)
		if fmt.Sprint(left.value("pagination.total")) != "3" || strings.Contains(string(left.raw), "Wexelstrand") || left.at("data.0.status") != "redacted" {
			t.Errorf("checks after the erasure: %s", left.raw)
		}
	})
}
