package graph

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"
	"time"
)

func (c *client) csv(list, content string) reply {
	c.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, _ := w.CreateFormFile("file", "list.csv")
	_, _ = part.Write([]byte(content))
	_ = w.Close()
	return c.send("POST", "/lists/"+list+"/items/csv", w.FormDataContentType(), &b)
}

func TestLists(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live
	l := c.must(201, "POST", "/lists", `{"name":"mails","type":"email","mode":"block"}`)
	id := l.str("id")
	if !strings.HasPrefix(id, "list_") || l.str("mode") != "block" || l.at("item_count") != 0.0 {
		t.Errorf("%s", l.raw)
	}
	c.refused(422, "validation_failed", "POST", "/lists", `{"name":"x","type":"shoe"}`)
	item := c.must(201, "POST", "/lists/"+id+"/items", `{"value":"Bad@Example.com","note":"fraud"}`)
	c.refused(409, "duplicate_item", "POST", "/lists/"+id+"/items", `{"value":"bad@example.com"}`)
	c.refused(422, "invalid_items", "POST", "/lists/"+id+"/items", `{"value":"nonsense"}`)
	bulk := c.must(201, "POST", "/lists/"+id+"/items/bulk", `{"items":[{"value":"a@x.example"},{"value":"a@x.example"},{"value":"bad"}]}`)
	if bulk.at("added") != 1.0 || bulk.str("skipped.0.reason") != "duplicate" || bulk.str("skipped.1.reason") != "invalid" {
		t.Errorf("%s", bulk.raw)
	}
	for content, code := range map[string]string{
		"": "", "value;note\na;b\n": "value_column_missing", "value,note\n\"a,b\n": "malformed_row", "value\n": "no_rows", "value\n\xff\n": "not_utf8",
		"value\n" + strings.Repeat("a@b.example\n", 1001): "too_many_rows",
	} {
		r := c.csv(id, content)
		if r.status != 422 || (code != "" && r.str("errors.0.code") != code) {
			t.Errorf("%.20q: %d %s", content, r.status, r.raw)
		}
	}
	if r := c.csv(id, "value\nnonsense\nmore nonsense\n"); r.status != 422 || r.str("code") != "invalid_items" || len(r.list("errors")) != 2 {
		t.Errorf("a file without one usable row: %d %s", r.status, r.raw)
	}
	rows := c.csv(id, "value,note,reference\nb@x.example,why,17\nevil.example,,\n")
	if rows.status != 201 || rows.at("added") != 2.0 || rows.str("items.0.extra.reference") != "17" {
		t.Errorf("%s", rows.raw)
	}
	hit := c.must(200, "POST", "/lists/"+id+"/check", `{"value":"someone@evil.example"}`)
	if hit.at("matched") != true || hit.str("mode") != "block" {
		t.Errorf("%s", hit.raw)
	}
	c.must(200, "POST", "/lists/"+id+"/items/"+item.str("id")+"/false-positive", nil)
	if miss := c.must(200, "POST", "/lists/"+id+"/check", `{"value":"bad@example.com"}`); miss.at("matched") != false {
		t.Errorf("%s", miss.raw)
	}
	if got := c.must(200, "GET", "/lists/"+id+"/items?limit=2", nil); got.at("pagination.total") != 4.0 || len(got.list("data")) != 2 {
		t.Errorf("%s", got.raw)
	}
	export := c.must(200, "GET", "/lists/"+id+"/export", nil)
	if !strings.HasPrefix(export.header.Get("Content-Type"), "text/csv") || strings.Count(string(export.raw), "\n") != 5 {
		t.Errorf("%v %s", export.header, export.raw)
	}
	c.must(204, "DELETE", "/lists/"+id+"/items/"+item.str("id"), nil)
	if got := c.must(200, "GET", "/lists/"+id, nil); got.at("item_count") != 3.0 {
		t.Errorf("%s", got.raw)
	}
	graph := strings.Replace(kycGraph, `"next":"ocr"`, `"next":"own"`, 1)
	graph = strings.Replace(graph, `"ocr":{`, `"own":{"type":"policy","policy":"check_against_list","config":{"list_ids":["`+id+`"]},"on_pass":"ocr","on_fail":"no"},"ocr":{`, 1)
	c.published("uses the list", graph)
	c.refused(409, "list_in_use", "POST", "/lists/"+id+"/archive", nil)
	b.sandbox.refused(404, "not_found", "GET", "/lists/"+id, nil)
	b.stranger.refused(404, "not_found", "POST", "/lists/"+id+"/items", `{"value":"x@y.example"}`)
	other := c.must(201, "POST", "/lists", `{"name":"x","type":"country"}`).str("id")
	if got := c.must(200, "DELETE", "/lists/"+other, nil); got.at("is_archived") != true {
		t.Errorf("%s", got.raw)
	}
	c.refused(409, "list_archived", "POST", "/lists/"+other+"/items", `{"value":"NL"}`)
	for list, code := range map[string]string{other: "list_archived", "list_0199a0b0-1111-7222-8333-444455556666": "list_not_found"} {
		r := c.must(200, "POST", "/workflows/validate", `{"graph":`+strings.Replace(graph, id, list, 1)+`}`)
		if !strings.Contains(string(r.raw), `"/graph/nodes/own/config/list_ids/0","code":"`+code+`"`) {
			t.Errorf("%s: %s", code, r.raw)
		}
	}
	if got := c.must(200, "POST", "/lists/"+other+"/restore", nil); got.at("is_archived") != false {
		t.Errorf("%s", got.raw)
	}
}

// A place that was not understood must neither be stored as 0, 0 nor be told
// to be on no list.
func TestPlacesNeedCoordinates(t *testing.T) {
	t.Parallel()
	c := newBench(t).live
	id := c.must(201, "POST", "/lists", `{"name":"places","type":"geolocation"}`).str("id")
	for _, body := range []string{`{"value":"52.1,4.3","radius_km":5}`, `{"radius_km":5}`} {
		c.refused(422, "invalid_items", "POST", "/lists/"+id+"/items", body)
	}
	c.must(201, "POST", "/lists/"+id+"/items", `{"latitude":52.1,"longitude":4.3,"radius_km":5}`)
	for _, body := range []string{`{"value":"52.1,4.3"}`, `{}`} {
		c.refused(422, "invalid_value", "POST", "/lists/"+id+"/check", body)
	}
	if hit := c.must(200, "POST", "/lists/"+id+"/check", `{"latitude":52.11,"longitude":4.31}`); hit.at("matched") != true {
		t.Errorf("%s", hit.raw)
	}
}

func TestAnExportedListCanBeImported(t *testing.T) {
	t.Parallel()
	c := newBench(t).live
	from := c.must(201, "POST", "/lists", `{"name":"a","type":"email","mode":"block"}`).str("id")
	to := c.must(201, "POST", "/lists", `{"name":"b","type":"email","mode":"block"}`).str("id")
	c.must(201, "POST", "/lists/"+from+"/items", `{"value":"@evil.example","note":"=1+1"}`)
	export := c.must(200, "GET", "/lists/"+from+"/export", nil)
	if !strings.Contains(string(export.raw), "'@evil.example") || !strings.Contains(string(export.raw), "'=1+1") {
		t.Errorf("a spreadsheet would run this: %s", export.raw)
	}
	r := c.csv(to, string(export.raw))
	if r.status != 201 || r.str("items.0.value") != "@evil.example" || r.str("items.0.note") != "=1+1" {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if hit := c.must(200, "POST", "/lists/"+to+"/check", `{"value":"someone@evil.example"}`); hit.at("matched") != true {
		t.Errorf("%s", hit.raw)
	}
}

func TestWebhookEndpoints(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live
	e := c.must(201, "POST", "/webhooks/endpoints", `{"url":"https://93.184.216.34/hook","enabled_events":["session.approved"],"description":"shop"}`)
	id, secret := e.str("id"), e.str("secret")
	if !strings.HasPrefix(id, "webhook_") || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("%s", e.raw)
	}
	if got := c.must(200, "GET", "/webhooks/endpoints/"+id, nil); got.at("secret") != nil || got.str("status") != "enabled" {
		t.Errorf("%s", got.raw)
	}
	bad := c.refused(422, "invalid_endpoint", "POST", "/webhooks/endpoints", `{"url":"http://169.254.169.254/","enabled_events":["no.such.event"]}`)
	if len(bad.list("errors")) < 2 {
		t.Errorf("%s", bad.raw)
	}
	rotated := c.must(200, "POST", "/webhooks/endpoints/"+id+"/rotate", `{"overlap_seconds":60}`)
	if rotated.str("secret") == secret || rotated.str("secret") == "" {
		t.Errorf("%s", rotated.raw)
	}
	clone := c.must(201, "POST", "/webhooks/endpoints/"+id+"/clone", nil)
	if clone.str("id") == id || clone.str("secret") == "" {
		t.Errorf("%s", clone.raw)
	}
	sent := c.must(202, "POST", "/webhooks/endpoints/"+id+"/test", nil)
	if sent.str("event") != "webhook.test" || sent.str("state") != "pending" {
		t.Errorf("%s", sent.raw)
	}
	history := c.must(200, "GET", "/webhooks/endpoints/"+id+"/deliveries", nil)
	if history.at("pagination.total") != 1.0 {
		t.Errorf("%s", history.raw)
	}
	c.must(202, "POST", "/webhooks/endpoints/"+id+"/deliveries/"+sent.str("id")+"/retry", nil)
	again := c.must(202, "POST", "/webhooks/endpoints/"+id+"/replay", map[string]any{"from": time.Now().Add(-time.Hour), "to": time.Now().Add(time.Hour)})
	if again.at("queued") == nil {
		t.Errorf("%s", again.raw)
	}
	if got := c.must(200, "PATCH", "/webhooks/endpoints/"+id, `{"status":"disabled"}`); got.str("status") != "disabled" {
		t.Errorf("%s", got.raw)
	}
	c.refused(409, "endpoint_disabled", "POST", "/webhooks/endpoints/"+id+"/test", nil)
	b.stranger.refused(404, "not_found", "GET", "/webhooks/endpoints/"+id, nil)
	c.must(204, "DELETE", "/webhooks/endpoints/"+id, nil)
	c.refused(404, "not_found", "GET", "/webhooks/endpoints/"+id, nil)
}

func TestSettingsAndFourEyes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.live
	got := c.must(200, "GET", "/settings", nil)
	if got.str("mandatory_policies.0") != "watchlist_screening" || got.at("claim_lapse_minutes") != 30.0 || got.at("capture_ttl_minutes") != 20.0 {
		t.Errorf("%s", got.raw)
	}
	c.refused(422, "invalid_settings", "PUT", "/settings", `{"mandatory_policies":["horoscope"]}`)
	if got := c.must(200, "PUT", "/settings", `{"publish_four_eyes":true}`); got.at("publish_four_eyes") != true || got.at("dual_review") != false {
		t.Errorf("%s", got.raw)
	}
	if got.at("checks.auto_decision") != "approve" || got.at("checks.attempts") != 3.0 || got.at("entities.auto_recalculate") != false {
		t.Errorf("%s", got.raw)
	}
	c.refused(422, "validation_failed", "PUT", "/settings", `{"checks":{"auto_decision":"coin","expiry_policy":"grace","attempts":3}}`)
	c.refused(422, "invalid_settings", "PUT", "/settings", `{"entities":{"auto_recalculate":true,"secondary":["LIBRARY_CARD"]}}`)
	got = c.must(200, "PUT", "/settings", `{"checks":{"auto_decision":"manual","expiry_policy":"strict","attempts":1,"maximum_age":99},"entities":{"auto_recalculate":true,"secondary":["UTILITY_BILL"]}}`)
	if got.at("checks.auto_decision") != "manual" || got.at("checks.maximum_age") != 99.0 || got.at("entities.secondary.0") != "UTILITY_BILL" || got.at("publish_four_eyes") != true {
		t.Errorf("%s", got.raw)
	}
	own := c.must(201, "POST", "/webhooks/endpoints", `{"url":"https://hooks.example/in","enabled_events":["*"]}`).str("id")
	theirs := b.sandbox.must(201, "POST", "/webhooks/endpoints", `{"url":"https://hooks.example/in","enabled_events":["*"]}`).str("id")
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
			if !strings.Contains(string(got.raw), `"path":"`+path+`","code":"`+code+`"`) {
				t.Errorf("%s is refused without %s: %s", wrong, w, got.raw)
			}
		}
	}
	if got := c.must(200, "PUT", "/settings", `{"news":{"url":"https://news.example/ask","secret":"`+own+`"}}`); got.str("news.secret") != own {
		t.Errorf("%s", got.raw)
	}
	if got := c.must(200, "PUT", "/settings", `{"dual_review":false}`); got.str("news.url") != "https://news.example/ask" {
		t.Errorf("another setting takes the provider away: %s", got.raw)
	}
	if got := c.must(200, "PUT", "/settings", `{"news":{}}`); got.str("news.url") != "" || got.str("checks.auto_decision") != "manual" {
		t.Errorf("%s", got.raw)
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
			if !strings.Contains(string(got.raw), `"path":"`+path+`","code":"`+code+`"`) {
				t.Errorf("%s is refused without %s: %s", wrong, w, got.raw)
			}
		}
	}
	if got := c.must(200, "PUT", "/settings", `{"providers":{"face_match":["http","local"],"http":{"url":"https://faces.example/ask","secret":"`+own+`"}}}`); got.str("providers.face_match.0") != "http" || got.str("providers.http.secret") != own {
		t.Errorf("%s", got.raw)
	}
	if got := c.must(200, "PUT", "/settings", `{"dual_review":false}`); got.str("providers.face_match.1") != "local" {
		t.Errorf("another setting takes the order away: %s", got.raw)
	}
	if got := b.sandbox.must(200, "GET", "/settings", nil); got.at("providers.face_match") != nil {
		t.Errorf("an order leaks into the sandbox: %s", got.raw)
	}
	if got := c.must(200, "PUT", "/settings", `{"providers":{}}`); got.at("providers.face_match") != nil || got.at("providers.http") != nil {
		t.Errorf("%s", got.raw)
	}
	if got := b.sandbox.must(200, "GET", "/settings", nil); got.at("publish_four_eyes") != false {
		t.Errorf("settings leak into the sandbox: %s", got.raw)
	}
	id := c.must(201, "POST", "/workflows", `{"name":"x","graph":`+kycGraph+`}`).str("id")
	anna, ben := b.dev.User.Email, b.dev.SecondUser.Email
	waits := c.with("X-On-Behalf-Of", anna).must(202, "POST", "/workflows/"+id+"/publish", nil)
	if waits.str("status") != "draft" || waits.at("pending_publish.version") != 1.0 {
		t.Errorf("%s", waits.raw)
	}
	c.refused(403, "four_eyes", "POST", "/workflows/"+id+"/publish/approve", map[string]any{"approved_by": strings.ToUpper(anna)})
	done := c.must(200, "POST", "/workflows/"+id+"/publish/approve", map[string]any{"approved_by": ben})
	if done.str("status") != "published" || done.at("pending_publish") != nil {
		t.Errorf("%s", done.raw)
	}
}

func TestRolloutOverHTTP(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	id := c.published("KYC", kycGraph)
	c.refused(422, "invalid_workflow", "PATCH", "/workflows/"+id, `{"graph":null}`)
	c.must(200, "PATCH", "/workflows/"+id, `{"description":"two"}`)
	r := c.must(200, "POST", "/workflows/"+id+"/publish", `{"rollout_percentage":25}`)
	if r.at("rollout.percentage") != 25.0 || r.at("rollout.previous_version") != 1.0 || r.at("rollout_percentage") != 25.0 {
		t.Errorf("%s", r.raw)
	}
	arms := map[string]int{}
	for range 12 {
		sid := c.must(201, "POST", "/sessions", map[string]any{"workflow_id": id, "fields": map[string]any{"last_name": "APPROVE"}}).str("id")
		c.must(202, "POST", "/sessions/"+sid+"/submit", nil)
		end := c.await(sid, "completed")
		run := c.must(200, "GET", "/sessions/"+sid+"/workflow-run", nil)
		arms[run.str("rollout_arm")]++
		if (run.str("rollout_arm") == "new") != (end.at("workflow_version") == 2.0) {
			t.Errorf("%s", run.raw)
		}
	}
	if arms["new"]+arms["previous"] != 12 {
		t.Errorf("%v", arms)
	}
	c.refused(422, "invalid_rollout", "PUT", "/workflows/"+id+"/rollout", `{}`)
	if r := c.must(200, "GET", "/workflows/"+id, nil); r.at("rollout.percentage") != 25.0 {
		t.Errorf("an empty body moved the rollout: %s", r.raw)
	}
	if r := c.must(200, "PUT", "/workflows/"+id+"/rollout", `{"rollout_percentage":100}`); r.at("rollout") != nil || r.at("published_version") != 2.0 {
		t.Errorf("%s", r.raw)
	}
	if r := c.must(200, "POST", "/workflows/"+id+"/rollback", `{"version":1}`); r.at("published_version") != 3.0 {
		t.Errorf("%s", r.raw)
	}
	if r := c.must(200, "POST", "/workflows/"+id+"/deactivate", nil); r.at("is_active") != false || r.str("status") != "inactive" {
		t.Errorf("%s", r.raw)
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
	c.must(200, "PATCH", "/workflows/"+id, `{"graph":`+strings.Replace(kycGraph, `"threshold":0.6`, `"threshold":0.7`, 1)+`}`)
	trial := c.must(200, "POST", "/workflows/"+id+"/publish", `{"rollout_percentage":25}`)
	if trial.at("rollback_version") != 1.0 {
		t.Errorf("%s", trial.raw)
	}
	c.refused(409, "being_rolled_out", "POST", "/workflows/"+id+"/rollback", `{"version":2}`)
	c.refused(409, "in_force_changed", "POST", "/workflows/"+id+"/rollback", `{"from_version":1}`)
	once := c.with("Idempotency-Key", "go-back")
	first := once.must(200, "POST", "/workflows/"+id+"/rollback", `{"version":1,"from_version":2}`)
	if first.at("published_version") != 3.0 || first.at("rollout") != nil || first.at("rollback_version") != nil || first.at("definition_hash") == trial.at("definition_hash") {
		t.Errorf("%s", first.raw)
	}
	if again := once.must(200, "POST", "/workflows/"+id+"/rollback", `{"version":1,"from_version":2}`); string(again.raw) != string(first.raw) {
		t.Errorf("a replay says something else: %s", again.raw)
	}
	c.refused(409, "no_previous_version", "POST", "/workflows/"+id+"/rollback", nil)
	c.refused(409, "already_in_force", "POST", "/workflows/"+id+"/rollback", `{"version":1}`)
	c.refused(409, "in_force_changed", "POST", "/workflows/"+id+"/rollback", `{"version":1,"from_version":2}`)
	c.refused(409, "no_previous_version", "PUT", "/workflows/"+id+"/rollout", `{"rollout_percentage":50}`)
	if r := c.must(200, "GET", "/workflows/"+id, nil); r.at("published_version") != 3.0 || r.at("rollout") != nil {
		t.Errorf("%s", r.raw)
	}
	if r := c.must(200, "GET", "/workflows/"+id+"/versions", nil); r.at("data.0.restores") != 1.0 || r.at("data.0.change_note") != "Same as version 1" || r.at("data.1.restores") != nil {
		t.Errorf("%s", r.raw)
	}
}

func TestTheLegacyArrayFormIsAGraph(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.sandbox
	w := c.must(201, "POST", "/workflows", `{"name":"old","steps":[{"policy":"document_ocr"},{"policy":"watchlist_screening"}]}`)
	if w.str("format") != "steps" || w.at("step_count") != 2.0 || w.at("valid") != true || len(w.list("steps")) != 2 {
		t.Fatalf("%s", w.raw)
	}
	c.must(200, "POST", "/workflows/"+w.str("id")+"/publish", nil)
	sid := c.must(201, "POST", "/sessions", map[string]any{"workflow_id": w.str("id"), "fields": map[string]any{"last_name": "APPROVE"}}).str("id")
	c.must(202, "POST", "/sessions/"+sid+"/submit", nil)
	if end := c.await(sid, "completed"); end.str("result") != "approved" {
		t.Errorf("%s", end.raw)
	}
	c.refused(422, "invalid_workflow", "POST", "/workflows", `{"name":"both","steps":[],"graph":`+kycGraph+`}`)
	c.refused(422, "invalid_workflow", "POST", "/workflows", `{"name":"none"}`)
}
