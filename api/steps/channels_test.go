package steps

import (
	"strings"
	"testing"
)

func TestNotificationChannels(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c, path := b.sandbox, "/kyc/tenants/me/notification-channels"
	none := c.Must(200, "GET", path, nil)
	if none.At("notification_config.webhook_url") != nil || none.At("notification_config.webhook_secret") != nil || none.At("notification_config.batch_notifications_enabled") != false {
		t.Errorf("%s", none.Raw)
	}
	refused := c.refused(400, "not_available", "PATCH", path, `{"webhook_url":"https://93.184.216.34/hook","notification_emails":["a@b.nl"],"slack_webhook_url":"https://hooks.example","batch_notifications_enabled":true}`)
	if len(refused.List("errors")) != 3 || refused.Str("errors.0.code") != "not_available" {
		t.Errorf("%s", refused.Raw)
	}
	c.refused(400, "webhook_url_required", "PATCH", path, `{"webhook_secret":"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`)
	if r := c.refused(400, "invalid_endpoint", "PATCH", path, `{"webhook_url":"http://169.254.169.254/latest","webhook_secret":"short"}`); len(r.List("errors")) != 2 ||
		r.Str("errors.0.path") != "/webhook_url" || r.Str("errors.1.path") != "/webhook_secret" || r.Str("errors.1.code") != "secret_invalid" {
		t.Errorf("%s", r.Raw)
	}
	made := c.Must(200, "PATCH", path, `{"webhook_url":"https://93.184.216.34/hook","notification_emails":[],"slack_webhook_url":null}`)
	secret := made.Str("notification_config.webhook_secret")
	if !strings.HasPrefix(secret, "whsec_") || made.Str("notification_config.status") != "enabled" || len(made.List("notification_config.events")) != len(Events()) {
		t.Errorf("%s", made.Raw)
	}
	shown := c.Must(200, "GET", path, nil)
	if got := shown.Str("notification_config.webhook_secret"); got != "****"+secret[len(secret)-4:] || strings.Contains(string(shown.Raw), secret) {
		t.Errorf("%s", shown.Raw)
	}
	own := "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
	if r := c.Must(200, "PATCH", path, `{"webhook_secret":"`+own+`"}`); r.Str("notification_config.webhook_secret") != own || r.Str("notification_config.webhook_url") != "https://93.184.216.34/hook" {
		t.Errorf("%s", r.Raw)
	}
	if r := c.Must(200, "PATCH", path, `{"webhook_url":"https://93.184.216.34/other"}`); r.Str("notification_config.webhook_secret") != "****ZWY=" || r.Str("notification_config.webhook_url") != "https://93.184.216.34/other" {
		t.Errorf("%s", r.Raw)
	}
	c.Must(200, "PATCH", path, `{}`)
	if all, err := b.DB.Endpoints(t.Context(), all(b)); err != nil || len(all) != 1 || all[0].Secrets[0].Secret != own || len(all[0].Secrets) != 1 {
		t.Errorf("%v %+v", err, all)
	}
	if r := b.live.Must(200, "GET", path, nil); r.At("notification_config.webhook_url") != nil {
		t.Errorf("the live environment has %s", r.Raw)
	}
	b.reader.refused(403, "scope_missing", "PATCH", path, `{}`)
	if r := c.Must(200, "PATCH", path, `{"webhook_url":null}`); r.At("notification_config.webhook_url") != nil {
		t.Errorf("%s", r.Raw)
	}
}
