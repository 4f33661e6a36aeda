package entities

import (
	"strings"
	"testing"
)

func TestMatchlistsAndTheirEntries(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	made := c.Must(201, "POST", "/v2/matchlists", `{"name":"Known fraud","action":"BLOCK","description":"from the bank"}`)
	list := "/v2/matchlists/" + made.Str("matchlist.matchlistId")
	c.refused(409, "matchlist_exists", "", "POST", "/v2/matchlists", `{"name":"known FRAUD"}`)
	c.refused(422, "not_allowed_value", "/action", "POST", "/v2/matchlists", `{"name":"x","action":"EXPLODE"}`)
	entries := c.Must(201, "POST", list+"/entries", `{"entries":[{"attributes":{"IND_FAMILY_NAME":"Blocked","IND_NATIONALITY":"AUS"},"reasons":["FRAUD_1"],"comment":"seen twice"},{"attributes":{"EMAIL_ADDRESS":"bad@example.com"}}]}`)
	if entries.Str("entries.0.attributes.IND_NATIONALITY") != "AUS" || entries.Str("entries.0.comment") != "seen twice" || entries.At("entries.1.comment") != nil {
		t.Errorf("%s", entries.Raw)
	}
	entry := list + "/entries/" + entries.Str("entries.0.entryId")
	if got := c.Must(200, "GET", list, nil); got.At("matchlist.entryCount") != 2.0 {
		t.Errorf("%s", got.Raw)
	}
	got := c.Call("POST", list+"/entries", `{"entries":[{"attributes":{"EMAIL_ADDRESS":"new@example.com"}},{"attributes":{"IND_FAMILY_NAME":"X","ORG_NAME":"Y"}},{"attributes":{"IND_NATIONALITY":"AU"}},{"attributes":{"EMAIL_ADDRESS":"x@y.example"},"reasons":["too long for a reason code"]}]}`)
	if got.Status != 422 || !strings.Contains(string(got.Raw), `"issueLocation":"/entries/2/attributes/IND_NATIONALITY"`) {
		t.Errorf("%d %s", got.Status, got.Raw)
	}
	got = c.Call("POST", list+"/entries", `{"entries":[{"attributes":{"EMAIL_ADDRESS":"new@example.com"}},{"attributes":{"IND_FAMILY_NAME":"X","ORG_NAME":"Y"}}]}`)
	if got.Status != 422 || !strings.Contains(string(got.Raw), `"issueLocation":"/entries/1`) {
		t.Errorf("%d %s", got.Status, got.Raw)
	}
	c.refused(409, "entry_exists", "", "POST", list+"/entries", `{"entries":[{"attributes":{"EMAIL_ADDRESS":"BAD@example.com"}}]}`)
	if got := c.Must(200, "PATCH", entry, `{"reasons":["FRAUD_2"],"attributes":{"IND_FAMILY_NAME":"Other","IND_NATIONALITY":"DEU"}}`); got.Str("entry.attributes.IND_NATIONALITY") != "DEU" || got.Str("entry.reasons.0") != "FRAUD_2" || got.Str("entry.comment") != "seen twice" {
		t.Errorf("%s", got.Raw)
	}
	if got := c.Must(200, "GET", list+"/entries?limit=1&page=2", nil); got.At("total") != 2.0 || len(got.List("entries")) != 1 {
		t.Errorf("%s", got.Raw)
	}
	b.stranger.refused(404, "not_found", "", "GET", entry, nil)
	c.Must(200, "DELETE", entry, nil)
	c.refused(404, "not_found", "", "GET", entry, nil)
	c.Must(200, "PATCH", list, `{"action":"REVIEW","name":"Known"}`)
	if got := c.Must(200, "GET", "/v2/matchlists", nil); got.Str("matchlists.0.action") != "REVIEW" || got.Str("matchlists.0.name") != "Known" {
		t.Errorf("%s", got.Raw)
	}
	c.Must(200, "DELETE", list, nil)
	c.refused(404, "not_found", "", "GET", list, nil)
}

func TestNotificationAddresses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	made := c.Must(201, "POST", "/v2/webhooks", `{"url":"https://93.184.216.34/notify"}`)
	if !strings.HasPrefix(made.Str("webhook.secret"), "whsec_") || made.Str("webhook.events.0") != "workflow.complete" || made.Str("webhook.events.2") != "monitoring.alert" {
		t.Errorf("%s", made.Raw)
	}
	hook := "/v2/webhooks/" + made.Str("webhook.webhookId")
	if got := c.Must(200, "GET", hook, nil); got.At("webhook.secret") != nil {
		t.Errorf("the secret is shown twice: %s", got.Raw)
	}
	if got := c.Must(200, "PATCH", hook, `{"events":["workflow.complete"],"status":"disabled"}`); got.Str("webhook.events.0") != "workflow.complete" || got.Str("webhook.status") != "disabled" {
		t.Errorf("%s", got.Raw)
	}
	if got := c.Must(200, "POST", hook+"/rotate", nil); got.Str("webhook.secret") == made.Str("webhook.secret") || got.Str("webhook.secret") == "" {
		t.Errorf("%s", got.Raw)
	}
	for _, body := range []string{`{"url":"ftp://example.com"}`, `{"url":"https://93.184.216.34/","events":["session.approved"]}`} {
		if got := c.Call("POST", "/v2/webhooks", body); got.Status != 422 || strings.Contains(string(got.Raw), "enabled_events") {
			t.Errorf("%s: %d %s", body, got.Status, got.Raw)
		}
	}
	if got := c.Must(200, "GET", "/v2/webhooks", nil); len(got.List("webhooks")) != 1 {
		t.Errorf("%s", got.Raw)
	}
	b.stranger.refused(404, "not_found", "", "GET", hook, nil)
	c.Must(200, "DELETE", hook, nil)
	c.refused(404, "not_found", "", "GET", hook, nil)
}
