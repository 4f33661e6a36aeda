package entities

import (
	"strings"
	"testing"
)

func TestMatchlistsAndTheirEntries(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	made := c.must(201, "POST", "/v2/matchlists", `{"name":"Known fraud","action":"BLOCK","description":"from the bank"}`)
	list := "/v2/matchlists/" + made.str("matchlist.matchlistId")
	c.refused(409, "matchlist_exists", "", "POST", "/v2/matchlists", `{"name":"known FRAUD"}`)
	c.refused(422, "not_allowed_value", "/action", "POST", "/v2/matchlists", `{"name":"x","action":"EXPLODE"}`)
	entries := c.must(201, "POST", list+"/entries", `{"entries":[{"attributes":{"IND_FAMILY_NAME":"Blocked","IND_NATIONALITY":"AUS"},"reasons":["FRAUD_1"],"comment":"seen twice"},{"attributes":{"EMAIL_ADDRESS":"bad@example.com"}}]}`)
	if entries.str("entries.0.attributes.IND_NATIONALITY") != "AUS" || entries.str("entries.0.comment") != "seen twice" || entries.at("entries.1.comment") != nil {
		t.Errorf("%s", entries.raw)
	}
	entry := list + "/entries/" + entries.str("entries.0.entryId")
	if got := c.must(200, "GET", list, nil); got.at("matchlist.entryCount") != 2.0 {
		t.Errorf("%s", got.raw)
	}
	got := c.call("POST", list+"/entries", `{"entries":[{"attributes":{"EMAIL_ADDRESS":"new@example.com"}},{"attributes":{"IND_FAMILY_NAME":"X","ORG_NAME":"Y"}},{"attributes":{"IND_NATIONALITY":"AU"}},{"attributes":{"EMAIL_ADDRESS":"x@y.example"},"reasons":["too long for a reason code"]}]}`)
	if got.status != 422 || !strings.Contains(string(got.raw), `"issueLocation":"/entries/2/attributes/IND_NATIONALITY"`) {
		t.Errorf("%d %s", got.status, got.raw)
	}
	got = c.call("POST", list+"/entries", `{"entries":[{"attributes":{"EMAIL_ADDRESS":"new@example.com"}},{"attributes":{"IND_FAMILY_NAME":"X","ORG_NAME":"Y"}}]}`)
	if got.status != 422 || !strings.Contains(string(got.raw), `"issueLocation":"/entries/1`) {
		t.Errorf("%d %s", got.status, got.raw)
	}
	c.refused(409, "entry_exists", "", "POST", list+"/entries", `{"entries":[{"attributes":{"EMAIL_ADDRESS":"BAD@example.com"}}]}`)
	if got := c.must(200, "PATCH", entry, `{"reasons":["FRAUD_2"],"attributes":{"IND_FAMILY_NAME":"Other","IND_NATIONALITY":"DEU"}}`); got.str("entry.attributes.IND_NATIONALITY") != "DEU" || got.str("entry.reasons.0") != "FRAUD_2" || got.str("entry.comment") != "seen twice" {
		t.Errorf("%s", got.raw)
	}
	if got := c.must(200, "GET", list+"/entries?limit=1&page=2", nil); got.at("total") != 2.0 || len(got.list("entries")) != 1 {
		t.Errorf("%s", got.raw)
	}
	b.stranger.refused(404, "not_found", "", "GET", entry, nil)
	c.must(200, "DELETE", entry, nil)
	c.refused(404, "not_found", "", "GET", entry, nil)
	c.must(200, "PATCH", list, `{"action":"REVIEW","name":"Known"}`)
	if got := c.must(200, "GET", "/v2/matchlists", nil); got.str("matchlists.0.action") != "REVIEW" || got.str("matchlists.0.name") != "Known" {
		t.Errorf("%s", got.raw)
	}
	c.must(200, "DELETE", list, nil)
	c.refused(404, "not_found", "", "GET", list, nil)
}

func TestNotificationAddresses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	made := c.must(201, "POST", "/v2/webhooks", `{"url":"https://93.184.216.34/notify"}`)
	if !strings.HasPrefix(made.str("webhook.secret"), "whsec_") || made.str("webhook.events.0") != "workflow.complete" || made.str("webhook.events.2") != "monitoring.alert" {
		t.Errorf("%s", made.raw)
	}
	hook := "/v2/webhooks/" + made.str("webhook.webhookId")
	if got := c.must(200, "GET", hook, nil); got.at("webhook.secret") != nil {
		t.Errorf("the secret is shown twice: %s", got.raw)
	}
	if got := c.must(200, "PATCH", hook, `{"events":["workflow.complete"],"status":"disabled"}`); got.str("webhook.events.0") != "workflow.complete" || got.str("webhook.status") != "disabled" {
		t.Errorf("%s", got.raw)
	}
	if got := c.must(200, "POST", hook+"/rotate", nil); got.str("webhook.secret") == made.str("webhook.secret") || got.str("webhook.secret") == "" {
		t.Errorf("%s", got.raw)
	}
	for _, body := range []string{`{"url":"ftp://example.com"}`, `{"url":"https://93.184.216.34/","events":["session.approved"]}`} {
		if got := c.call("POST", "/v2/webhooks", body); got.status != 422 || strings.Contains(string(got.raw), "enabled_events") {
			t.Errorf("%s: %d %s", body, got.status, got.raw)
		}
	}
	if got := c.must(200, "GET", "/v2/webhooks", nil); len(got.list("webhooks")) != 1 {
		t.Errorf("%s", got.raw)
	}
	b.stranger.refused(404, "not_found", "", "GET", hook, nil)
	c.must(200, "DELETE", hook, nil)
	c.refused(404, "not_found", "", "GET", hook, nil)
}
