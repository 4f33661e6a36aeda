package graph

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"
	"time"
)

func (c *client) csv(list, content string) reply {
	c.T.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, _ := w.CreateFormFile("file", "list.csv")
	_, _ = part.Write([]byte(content))
	_ = w.Close()
	return c.Send("POST", "/lists/"+list+"/items/csv", w.FormDataContentType(), &b)
}

func TestLists(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live
	l := c.Must(201, "POST", "/lists", `{"name":"mails","type":"email","mode":"block"}`)
	id := l.Str("id")
	if !strings.HasPrefix(id, "list_") || l.Str("mode") != "block" || l.At("item_count") != 0.0 {
		t.Errorf("%s", l.Raw)
	}
	c.refused(422, "validation_failed", "POST", "/lists", `{"name":"x","type":"shoe"}`)
	item := c.Must(201, "POST", "/lists/"+id+"/items", `{"value":"Bad@Example.com","note":"fraud"}`)
	c.refused(409, "duplicate_item", "POST", "/lists/"+id+"/items", `{"value":"bad@example.com"}`)
	c.refused(422, "invalid_items", "POST", "/lists/"+id+"/items", `{"value":"nonsense"}`)
	bulk := c.Must(201, "POST", "/lists/"+id+"/items/bulk", `{"items":[{"value":"a@x.example"},{"value":"a@x.example"},{"value":"bad"}]}`)
	if bulk.At("added") != 1.0 || bulk.Str("skipped.0.reason") != "duplicate" || bulk.Str("skipped.1.reason") != "invalid" {
		t.Errorf("%s", bulk.Raw)
	}
	for content, code := range map[string]string{
		"": "", "value;note\na;b\n": "value_column_missing", "value,note\n\"a,b\n": "malformed_row", "value\n": "no_rows", "value\n\xff\n": "not_utf8",
		"value\n" + strings.Repeat("a@b.example\n", 1001): "too_many_rows",
	} {
		r := c.csv(id, content)
		if r.Status != 422 || (code != "" && r.Str("errors.0.code") != code) {
			t.Errorf("%.20q: %d %s", content, r.Status, r.Raw)
		}
	}
	if r := c.csv(id, "value\nnonsense\nmore nonsense\n"); r.Status != 422 || r.Str("code") != "invalid_items" || len(r.List("errors")) != 2 {
		t.Errorf("a file without one usable row: %d %s", r.Status, r.Raw)
	}
	rows := c.csv(id, "value,note,reference\nb@x.example,why,17\nevil.example,,\n")
	if rows.Status != 201 || rows.At("added") != 2.0 || rows.Str("items.0.extra.reference") != "17" {
		t.Errorf("%s", rows.Raw)
	}
	hit := c.Must(200, "POST", "/lists/"+id+"/check", `{"value":"someone@evil.example"}`)
	if hit.At("matched") != true || hit.Str("mode") != "block" {
		t.Errorf("%s", hit.Raw)
	}
	c.Must(200, "POST", "/lists/"+id+"/items/"+item.Str("id")+"/false-positive", nil)
	if miss := c.Must(200, "POST", "/lists/"+id+"/check", `{"value":"bad@example.com"}`); miss.At("matched") != false {
		t.Errorf("%s", miss.Raw)
	}
	if got := c.Must(200, "GET", "/lists/"+id+"/items?limit=2", nil); got.At("pagination.total") != 4.0 || len(got.List("data")) != 2 {
		t.Errorf("%s", got.Raw)
	}
	export := c.Must(200, "GET", "/lists/"+id+"/export", nil)
	if !strings.HasPrefix(export.Header.Get("Content-Type"), "text/csv") || strings.Count(string(export.Raw), "\n") != 5 {
		t.Errorf("%v %s", export.Header, export.Raw)
	}
	c.Must(204, "DELETE", "/lists/"+id+"/items/"+item.Str("id"), nil)
	if got := c.Must(200, "GET", "/lists/"+id, nil); got.At("item_count") != 3.0 {
		t.Errorf("%s", got.Raw)
	}
	graph := strings.Replace(kycGraph, `"next":"ocr"`, `"next":"own"`, 1)
	graph = strings.Replace(graph, `"ocr":{`, `"own":{"type":"policy","policy":"check_against_list","config":{"list_ids":["`+id+`"]},"on_pass":"ocr","on_fail":"no"},"ocr":{`, 1)
	c.published("uses the list", graph)
	c.refused(409, "list_in_use", "POST", "/lists/"+id+"/archive", nil)
	b.sandbox.refused(404, "not_found", "GET", "/lists/"+id, nil)
	b.stranger.refused(404, "not_found", "POST", "/lists/"+id+"/items", `{"value":"x@y.example"}`)
	other := c.Must(201, "POST", "/lists", `{"name":"x","type":"country"}`).Str("id")
	if got := c.Must(200, "DELETE", "/lists/"+other, nil); got.At("is_archived") != true {
		t.Errorf("%s", got.Raw)
	}
	c.refused(409, "list_archived", "POST", "/lists/"+other+"/items", `{"value":"NL"}`)
	for list, code := range map[string]string{other: "list_archived", "list_0199a0b0-1111-7222-8333-444455556666": "list_not_found"} {
		r := c.Must(200, "POST", "/workflows/validate", `{"graph":`+strings.Replace(graph, id, list, 1)+`}`)
		if !strings.Contains(string(r.Raw), `"/graph/nodes/own/config/list_ids/0","code":"`+code+`"`) {
			t.Errorf("%s: %s", code, r.Raw)
		}
	}
	if got := c.Must(200, "POST", "/lists/"+other+"/restore", nil); got.At("is_archived") != false {
		t.Errorf("%s", got.Raw)
	}
}

// A place that was not understood must neither be stored as 0, 0 nor be told
// to be on no list.
func TestPlacesNeedCoordinates(t *testing.T) {
	t.Parallel()
	c := newBench(t).live
	id := c.Must(201, "POST", "/lists", `{"name":"places","type":"geolocation"}`).Str("id")
	for _, body := range []string{`{"value":"52.1,4.3","radius_km":5}`, `{"radius_km":5}`} {
		c.refused(422, "invalid_items", "POST", "/lists/"+id+"/items", body)
	}
	c.Must(201, "POST", "/lists/"+id+"/items", `{"latitude":52.1,"longitude":4.3,"radius_km":5}`)
	for _, body := range []string{`{"value":"52.1,4.3"}`, `{}`} {
		c.refused(422, "invalid_value", "POST", "/lists/"+id+"/check", body)
	}
	if hit := c.Must(200, "POST", "/lists/"+id+"/check", `{"latitude":52.11,"longitude":4.31}`); hit.At("matched") != true {
		t.Errorf("%s", hit.Raw)
	}
}

func TestAnExportedListCanBeImported(t *testing.T) {
	t.Parallel()
	c := newBench(t).live
	from := c.Must(201, "POST", "/lists", `{"name":"a","type":"email","mode":"block"}`).Str("id")
	to := c.Must(201, "POST", "/lists", `{"name":"b","type":"email","mode":"block"}`).Str("id")
	c.Must(201, "POST", "/lists/"+from+"/items", `{"value":"@evil.example","note":"=1+1"}`)
	export := c.Must(200, "GET", "/lists/"+from+"/export", nil)
	if !strings.Contains(string(export.Raw), "'@evil.example") || !strings.Contains(string(export.Raw), "'=1+1") {
		t.Errorf("a spreadsheet would run this: %s", export.Raw)
	}
	r := c.csv(to, string(export.Raw))
	if r.Status != 201 || r.Str("items.0.value") != "@evil.example" || r.Str("items.0.note") != "=1+1" {
		t.Errorf("%d %s", r.Status, r.Raw)
	}
	if hit := c.Must(200, "POST", "/lists/"+to+"/check", `{"value":"someone@evil.example"}`); hit.At("matched") != true {
		t.Errorf("%s", hit.Raw)
	}
}

func TestWebhookEndpoints(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live
	e := c.Must(201, "POST", "/webhooks/endpoints", `{"url":"https://93.184.216.34/hook","enabled_events":["session.approved"],"description":"shop"}`)
	id, secret := e.Str("id"), e.Str("secret")
	if !strings.HasPrefix(id, "webhook_") || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("%s", e.Raw)
	}
	if got := c.Must(200, "GET", "/webhooks/endpoints/"+id, nil); got.At("secret") != nil || got.Str("status") != "enabled" {
		t.Errorf("%s", got.Raw)
	}
	bad := c.refused(422, "invalid_endpoint", "POST", "/webhooks/endpoints", `{"url":"http://169.254.169.254/","enabled_events":["no.such.event"]}`)
	if len(bad.List("errors")) < 2 {
		t.Errorf("%s", bad.Raw)
	}
	rotated := c.Must(200, "POST", "/webhooks/endpoints/"+id+"/rotate", `{"overlap_seconds":60}`)
	if rotated.Str("secret") == secret || rotated.Str("secret") == "" {
		t.Errorf("%s", rotated.Raw)
	}
	clone := c.Must(201, "POST", "/webhooks/endpoints/"+id+"/clone", nil)
	if clone.Str("id") == id || clone.Str("secret") == "" {
		t.Errorf("%s", clone.Raw)
	}
	sent := c.Must(202, "POST", "/webhooks/endpoints/"+id+"/test", nil)
	if sent.Str("event") != "webhook.test" || sent.Str("state") != "pending" {
		t.Errorf("%s", sent.Raw)
	}
	history := c.Must(200, "GET", "/webhooks/endpoints/"+id+"/deliveries", nil)
	if history.At("pagination.total") != 1.0 {
		t.Errorf("%s", history.Raw)
	}
	c.Must(202, "POST", "/webhooks/endpoints/"+id+"/deliveries/"+sent.Str("id")+"/retry", nil)
	again := c.Must(202, "POST", "/webhooks/endpoints/"+id+"/replay", map[string]any{"from": time.Now().Add(-time.Hour), "to": time.Now().Add(time.Hour)})
	if again.At("queued") == nil {
		t.Errorf("%s", again.Raw)
	}
	if got := c.Must(200, "PATCH", "/webhooks/endpoints/"+id, `{"status":"disabled"}`); got.Str("status") != "disabled" {
		t.Errorf("%s", got.Raw)
	}
	c.refused(409, "endpoint_disabled", "POST", "/webhooks/endpoints/"+id+"/test", nil)
	b.stranger.refused(404, "not_found", "GET", "/webhooks/endpoints/"+id, nil)
	c.Must(204, "DELETE", "/webhooks/endpoints/"+id, nil)
	c.refused(404, "not_found", "GET", "/webhooks/endpoints/"+id, nil)
}

func TestSettingsAndFourEyes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live
	got := c.Must(200, "GET", "/settings", nil)
	if got.Str("mandatory_policies.0") != "watchlist_screening" || got.At("claim_lapse_minutes") != 30.0 || got.At("capture_ttl_minutes") != 20.0 {
		t.Errorf("%s", got.Raw)
	}
	c.refused(422, "invalid_settings", "PUT", "/settings", `{"mandatory_policies":["horoscope"]}`)
	if got := c.Must(200, "PUT", "/settings", `{"second_unaware":true}`); got.At("second_unaware") != true || got.At("dual_review") != false {
		t.Errorf("the second opinion: %s", got.Raw)
	}
	if got := c.Must(200, "PUT", "/settings", `{"publish_four_eyes":true}`); got.At("publish_four_eyes") != true || got.At("dual_review") != false {
		t.Errorf("%s", got.Raw)
	}
	if got.At("checks.auto_decision") != "approve" || got.At("checks.attempts") != 3.0 || got.At("entities.auto_recalculate") != false {
		t.Errorf("%s", got.Raw)
	}
	c.refused(422, "validation_failed", "PUT", "/settings", `{"checks":{"auto_decision":"coin","expiry_policy":"grace","attempts":3}}`)
	c.refused(422, "invalid_settings", "PUT", "/settings", `{"entities":{"auto_recalculate":true,"secondary":["LIBRARY_CARD"]}}`)
	got = c.Must(200, "PUT", "/settings", `{"checks":{"auto_decision":"manual","expiry_policy":"strict","attempts":1,"maximum_age":99},"entities":{"auto_recalculate":true,"secondary":["UTILITY_BILL"]}}`)
	if got.At("checks.auto_decision") != "manual" || got.At("checks.maximum_age") != 99.0 || got.At("entities.secondary.0") != "UTILITY_BILL" || got.At("publish_four_eyes") != true {
		t.Errorf("%s", got.Raw)
	}
	own := c.Must(201, "POST", "/webhooks/endpoints", `{"url":"https://hooks.example/in","enabled_events":["*"]}`).Str("id")
	theirs := b.sandbox.Must(201, "POST", "/webhooks/endpoints", `{"url":"https://hooks.example/in","enabled_events":["*"]}`).Str("id")
	for wrong, want := range map[string][]string{
		`{"url":"https://news.example/ask"}`:                                {"/news/secret required"},
		`{"secret":"` + own + `"}`:                                          {"/news/url required"},
		`{"url":"ftp://news.example","secret":"webhook_1"}`:                 {"/news/url url_scheme", "/news/secret unknown_endpoint"},
		`{"url":"https://10.0.0.1/ask","secret":"` + theirs + `"}`:          {"/news/url url_private", "/news/secret unknown_endpoint"},
		`{"url":"https://anna:pw@news.example/ask","secret":"` + own + `"}`: {"/news/url url_credentials"},
	} {
		got := c.refused(422, "invalid_settings", "PUT", "/settings", `{"news":`+wrong+`}`)
		for _, w := range want {
			path, code, _ := strings.Cut(w, " ")
			if !strings.Contains(string(got.Raw), `"path":"`+path+`","code":"`+code+`"`) {
				t.Errorf("%s is refused without %s: %s", wrong, w, got.Raw)
			}
		}
	}
	if got := c.Must(200, "PUT", "/settings", `{"news":{"url":"https://news.example/ask","secret":"`+own+`"}}`); got.Str("news.secret") != own {
		t.Errorf("%s", got.Raw)
	}
	if got := c.Must(200, "PUT", "/settings", `{"dual_review":false}`); got.Str("news.url") != "https://news.example/ask" {
		t.Errorf("another setting takes the provider away: %s", got.Raw)
	}
	if got := c.Must(200, "PUT", "/settings", `{"news":{}}`); got.Str("news.url") != "" || got.Str("checks.auto_decision") != "manual" {
		t.Errorf("%s", got.Raw)
	}
	for wrong, want := range map[string][]string{
		`{"face_match":["aws_rekognition","local"],"liveness":["azure"],"age_estimation":["local","local"],"document_ocr":["http","aws_rekognition"]}`: {
			"/providers/face_match/0 provider_not_configured", "/providers/liveness/0 unknown_provider", "/providers/age_estimation/1 duplicate_provider",
			"/providers/document_ocr/0 provider_not_configured", "/providers/document_ocr/1 unknown_provider"},
		`{"http":{"url":"https://10.0.0.1/ask","secret":"` + theirs + `"}}`:  {"/providers/http/url url_private", "/providers/http/secret unknown_endpoint"},
		`{"face_match":["http"],"http":{"secret":"` + own + `"}}`:            {"/providers/face_match/0 provider_not_configured", "/providers/http/url required"},
		`{"face_match":["http"],"http":{"url":"https://faces.example/ask"}}`: {"/providers/http/secret required"},
	} {
		got := c.refused(422, "invalid_settings", "PUT", "/settings", `{"providers":`+wrong+`}`)
		for _, w := range want {
			path, code, _ := strings.Cut(w, " ")
			if !strings.Contains(string(got.Raw), `"path":"`+path+`","code":"`+code+`"`) {
				t.Errorf("%s is refused without %s: %s", wrong, w, got.Raw)
			}
		}
	}
	if got := c.Must(200, "PUT", "/settings", `{"providers":{"face_match":["http","local"],"http":{"url":"https://faces.example/ask","secret":"`+own+`"}}}`); got.Str("providers.face_match.0") != "http" || got.Str("providers.http.secret") != own {
		t.Errorf("%s", got.Raw)
	}
	if got := c.Must(200, "PUT", "/settings", `{"dual_review":false}`); got.Str("providers.face_match.1") != "local" {
		t.Errorf("another setting takes the order away: %s", got.Raw)
	}
	if got := b.sandbox.Must(200, "GET", "/settings", nil); got.At("providers.face_match") != nil {
		t.Errorf("an order leaks into the sandbox: %s", got.Raw)
	}
	if got := c.Must(200, "PUT", "/settings", `{"providers":{}}`); got.At("providers.face_match") != nil || got.At("providers.http") != nil {
		t.Errorf("%s", got.Raw)
	}
	if got := b.sandbox.Must(200, "GET", "/settings", nil); got.At("publish_four_eyes") != false {
		t.Errorf("settings leak into the sandbox: %s", got.Raw)
	}
	id := c.Must(201, "POST", "/workflows", `{"name":"x","graph":`+kycGraph+`}`).Str("id")
	anna, ben := b.Dev.User.Email, b.Dev.SecondUser.Email
	waits := c.With("X-On-Behalf-Of", anna).Must(202, "POST", "/workflows/"+id+"/publish", nil)
	if waits.Str("status") != "draft" || waits.At("pending_publish.version") != 1.0 {
		t.Errorf("%s", waits.Raw)
	}
	c.refused(403, "four_eyes", "POST", "/workflows/"+id+"/publish/approve", map[string]any{"approved_by": strings.ToUpper(anna)})
	done := c.Must(200, "POST", "/workflows/"+id+"/publish/approve", map[string]any{"approved_by": ben})
	if done.Str("status") != "published" || done.At("pending_publish") != nil {
		t.Errorf("%s", done.Raw)
	}
}

func TestRolloutOverHTTP(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	id := c.published("KYC", kycGraph)
	c.refused(422, "invalid_workflow", "PATCH", "/workflows/"+id, `{"graph":null}`)
	c.Must(200, "PATCH", "/workflows/"+id, `{"description":"two"}`)
	r := c.Must(200, "POST", "/workflows/"+id+"/publish", `{"rollout_percentage":25}`)
	if r.At("rollout.percentage") != 25.0 || r.At("rollout.previous_version") != 1.0 || r.At("rollout_percentage") != 25.0 {
		t.Errorf("%s", r.Raw)
	}
	arms := map[string]int{}
	for range 12 {
		sid := c.Must(201, "POST", "/sessions", map[string]any{"workflow_id": id, "fields": map[string]any{"last_name": "APPROVE"}}).Str("id")
		c.Must(202, "POST", "/sessions/"+sid+"/submit", nil)
		end := c.await(sid, "completed")
		run := c.Must(200, "GET", "/sessions/"+sid+"/workflow-run", nil)
		arms[run.Str("rollout_arm")]++
		if (run.Str("rollout_arm") == "new") != (end.At("workflow_version") == 2.0) {
			t.Errorf("%s", run.Raw)
		}
	}
	if arms["new"]+arms["previous"] != 12 {
		t.Errorf("%v", arms)
	}
	c.refused(422, "invalid_rollout", "PUT", "/workflows/"+id+"/rollout", `{}`)
	if r := c.Must(200, "GET", "/workflows/"+id, nil); r.At("rollout.percentage") != 25.0 {
		t.Errorf("an empty body moved the rollout: %s", r.Raw)
	}
	if r := c.Must(200, "PUT", "/workflows/"+id+"/rollout", `{"rollout_percentage":100}`); r.At("rollout") != nil || r.At("published_version") != 2.0 {
		t.Errorf("%s", r.Raw)
	}
	if r := c.Must(200, "POST", "/workflows/"+id+"/rollback", `{"version":1}`); r.At("published_version") != 3.0 {
		t.Errorf("%s", r.Raw)
	}
	if r := c.Must(200, "POST", "/workflows/"+id+"/deactivate", nil); r.At("is_active") != false || r.Str("status") != "inactive" {
		t.Errorf("%s", r.Raw)
	}
	c.refused(422, "workflow_not_published", "POST", "/sessions", map[string]any{"workflow_id": id})
}

// Going back during a rollout ends it; the version on trial does not come back
// by a second request, whether it is a replay or somebody else's.
func TestGoingBackOverHTTP(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	id := c.published("KYC", kycGraph)
	c.Must(200, "PATCH", "/workflows/"+id, `{"graph":`+strings.Replace(kycGraph, `"threshold":0.6`, `"threshold":0.7`, 1)+`}`)
	trial := c.Must(200, "POST", "/workflows/"+id+"/publish", `{"rollout_percentage":25}`)
	if trial.At("rollback_version") != 1.0 {
		t.Errorf("%s", trial.Raw)
	}
	c.refused(409, "being_rolled_out", "POST", "/workflows/"+id+"/rollback", `{"version":2}`)
	c.refused(409, "in_force_changed", "POST", "/workflows/"+id+"/rollback", `{"from_version":1}`)
	once := c.With("Idempotency-Key", "go-back")
	first := once.Must(200, "POST", "/workflows/"+id+"/rollback", `{"version":1,"from_version":2}`)
	if first.At("published_version") != 3.0 || first.At("rollout") != nil || first.At("rollback_version") != nil || first.At("definition_hash") == trial.At("definition_hash") {
		t.Errorf("%s", first.Raw)
	}
	if again := once.Must(200, "POST", "/workflows/"+id+"/rollback", `{"version":1,"from_version":2}`); string(again.Raw) != string(first.Raw) {
		t.Errorf("a replay says something else: %s", again.Raw)
	}
	c.refused(409, "no_previous_version", "POST", "/workflows/"+id+"/rollback", nil)
	c.refused(409, "already_in_force", "POST", "/workflows/"+id+"/rollback", `{"version":1}`)
	c.refused(409, "in_force_changed", "POST", "/workflows/"+id+"/rollback", `{"version":1,"from_version":2}`)
	c.refused(409, "no_previous_version", "PUT", "/workflows/"+id+"/rollout", `{"rollout_percentage":50}`)
	if r := c.Must(200, "GET", "/workflows/"+id, nil); r.At("published_version") != 3.0 || r.At("rollout") != nil {
		t.Errorf("%s", r.Raw)
	}
	if r := c.Must(200, "GET", "/workflows/"+id+"/versions", nil); r.At("data.0.restores") != 1.0 || r.At("data.0.change_note") != "Same as version 1" || r.At("data.1.restores") != nil {
		t.Errorf("%s", r.Raw)
	}
}

func TestTheLegacyArrayFormIsAGraph(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	w := c.Must(201, "POST", "/workflows", `{"name":"old","steps":[{"policy":"document_ocr"},{"policy":"watchlist_screening"}]}`)
	if w.Str("format") != "steps" || w.At("step_count") != 2.0 || w.At("valid") != true || len(w.List("steps")) != 2 {
		t.Fatalf("%s", w.Raw)
	}
	c.Must(200, "POST", "/workflows/"+w.Str("id")+"/publish", nil)
	sid := c.Must(201, "POST", "/sessions", map[string]any{"workflow_id": w.Str("id"), "fields": map[string]any{"last_name": "APPROVE"}}).Str("id")
	c.Must(202, "POST", "/sessions/"+sid+"/submit", nil)
	if end := c.await(sid, "completed"); end.Str("result") != "approved" {
		t.Errorf("%s", end.Raw)
	}
	c.refused(422, "invalid_workflow", "POST", "/workflows", `{"name":"both","steps":[],"graph":`+kycGraph+`}`)
	c.refused(422, "invalid_workflow", "POST", "/workflows", `{"name":"none"}`)
}
