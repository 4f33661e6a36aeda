package steps

import (
	"strings"
	"testing"
)

func TestNotificationChannels(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, path := b.sandbox, "/kyc/tenants/me/notification-channels"
	none := c.must(200, "GET", path, nil)
	if none.at("notification_config.webhook_url") != nil || none.at("notification_config.webhook_secret") != nil || none.at("notification_config.batch_notifications_enabled") != false {
		t.Errorf("%s", none.raw)
	}
	refused := c.refused(400, "not_available", "PATCH", path, `{"webhook_url":"https://93.184.216.34/hook","notification_emails":["a@b.nl"],"slack_webhook_url":"https://hooks.example","batch_notifications_enabled":true}`)
	if len(refused.list("errors")) != 3 || refused.str("errors.0.code") != "not_available" {
		t.Errorf("%s", refused.raw)
	}
	c.refused(400, "webhook_url_required", "PATCH", path, `{"webhook_secret":"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`)
	if r := c.refused(400, "invalid_endpoint", "PATCH", path, `{"webhook_url":"http://169.254.169.254/latest","webhook_secret":"short"}`); len(r.list("errors")) != 2 ||
		r.str("errors.0.path") != "/webhook_url" || r.str("errors.1.path") != "/webhook_secret" || r.str("errors.1.code") != "secret_invalid" {
		t.Errorf("%s", r.raw)
	}
	made := c.must(200, "PATCH", path, `{"webhook_url":"https://93.184.216.34/hook","notification_emails":[],"slack_webhook_url":null}`)
	secret := made.str("notification_config.webhook_secret")
	if !strings.HasPrefix(secret, "whsec_") || made.str("notification_config.status") != "enabled" || len(made.list("notification_config.events")) != len(Events()) {
		t.Errorf("%s", made.raw)
	}
	shown := c.must(200, "GET", path, nil)
	if got := shown.str("notification_config.webhook_secret"); got != "****"+secret[len(secret)-4:] || strings.Contains(string(shown.raw), secret) {
		t.Errorf("%s", shown.raw)
	}
	own := "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
	if r := c.must(200, "PATCH", path, `{"webhook_secret":"`+own+`"}`); r.str("notification_config.webhook_secret") != own || r.str("notification_config.webhook_url") != "https://93.184.216.34/hook" {
		t.Errorf("%s", r.raw)
	}
	if r := c.must(200, "PATCH", path, `{"webhook_url":"https://93.184.216.34/other"}`); r.str("notification_config.webhook_secret") != "****ZWY=" || r.str("notification_config.webhook_url") != "https://93.184.216.34/other" {
		t.Errorf("%s", r.raw)
	}
	c.must(200, "PATCH", path, `{}`)
	if all, err := b.db.Endpoints(t.Context(), all(b)); err != nil || len(all) != 1 || all[0].Secrets[0].Secret != own || len(all[0].Secrets) != 1 {
		t.Errorf("%v %+v", err, all)
	}
	if r := b.live.must(200, "GET", path, nil); r.at("notification_config.webhook_url") != nil {
		t.Errorf("the live environment has %s", r.raw)
	}
	b.reader.refused(403, "scope_missing", "PATCH", path, `{}`)
	if r := c.must(200, "PATCH", path, `{"webhook_url":null}`); r.at("notification_config.webhook_url") != nil {
		t.Errorf("%s", r.raw)
	}
}
