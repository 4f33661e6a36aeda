package steps

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/api"
	"bonafide/api/apitest"
	"bonafide/check"
	"bonafide/kyc"
	"bonafide/monitor"
	"bonafide/screen"
)

// neighbourBench is the surface with its neighbours over HTTP, on a real
// store, with the fictional demonstration list for live keys.
type neighbourBench struct {
	*bench
	lists   *screen.Screener
	machine *monitor.Machine
}

func newNeighbours(t *testing.T, allowFictional bool) *neighbourBench {
	t.Helper()
	n := &neighbourBench{bench: &bench{House: apitest.Build(t, apitest.Plenty()), beats: make(chan time.Time)}}
	b := n.bench
	desk := b.machines(t, slog.New(slog.DiscardHandler))
	var err error
	if n.lists, err = screen.Open(screen.Options{Dir: t.TempDir(), Clock: b.Clock}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.lists.InstallDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	menu, err := check.New(b.Clock, check.All(check.Deps{Clock: b.Clock, Screener: n.lists, AllowFictional: allowFictional}), check.NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	n.machine = monitor.New(monitor.Deps{Store: b.DB, Clock: b.Clock, Examine: menu.Run, News: WatchNews, Lists: func() []kyc.ListVersion {
		var out []kyc.ListVersion
		for _, l := range n.lists.Status() {
			out = append(out, l.ListVersion)
		}
		return out
	}})
	Mount(Deps{Porch: b.Porch, Clock: b.Clock, Machine: b.journeys, Files: b.sessions, Orgs: b.DB, Webhooks: desk})
	MountNeighbours(NeighbourDeps{Porch: b.Porch, Monitor: n.machine, Machine: b.journeys, Orgs: b.DB})
	b.Serve(t, nil)
	b.clients(t)
	return n
}

// work does the jobs of monitoring that were left so far.
func (n *neighbourBench) work(t *testing.T) {
	t.Helper()
	for _, j := range n.TakeJobs() {
		if h := n.machine.Jobs()[j.Kind]; h != nil {
			if err := h(context.Background(), j); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestOneQuestionToTheLists(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t, true)
	hit := n.live.Must(200, "POST", "/kyc", `{"subject":{"full_name":"Wilhemina Oda Stellengard","birth_date":"1981-07-19","nationality":"de"}}`)
	if hit.At("is_match") != true || hit.At("match_count") != 1.0 || hit.Str("matches.0.entity_id") != "DEMO-003" || hit.Str("matches.0.list_name") != "demo" ||
		hit.Str("matches.0.list_version") == "" || hit.Str("status") != "ok" || len(hit.List("matches.0.explanation")) == 0 || !strings.Contains(hit.Str("matches.0.match_data.name"), "STELLENGARD") {
		t.Errorf("%s", hit.Raw)
	}
	total := 0.0
	for _, row := range hit.List("matches.0.explanation") {
		total += row.(map[string]any)["weight"].(float64)
	}
	if score := hit.At("matches.0.score").(float64); total < score-0.001 || total > score+0.001 {
		t.Errorf("the explanation adds up to %f, the score is %f", total, score)
	}
	company := n.live.Must(200, "POST", "/kyc", `{"subject":{"full_name":"Velvet Anvil Holdings Ltd"},"list_name":"demo"}`)
	if company.At("is_match") != true {
		t.Errorf("a company is not found: %s", company.Raw)
	}
	numbered := n.live.Must(200, "POST", "/kyc", `{"subject":{"full_name":"Jane Roe","document_id":"ZZ0042117","document_type":"passport"}}`)
	if numbered.At("is_match") != true || numbered.Str("matches.0.entity_id") != "DEMO-005" || !strings.Contains(string(numbered.Raw), `"identifiers":["passport ZZ0042117"]`) {
		t.Errorf("%s", numbered.Raw)
	}
	clear := n.live.Must(200, "POST", "/kyc", `{"subject":{"full_name":"Jane Roe"}}`)
	if clear.At("is_match") != false || clear.Str("status") != "ok" || clear.Str("lists.0.list") != "demo" {
		t.Errorf("%s", clear.Raw)
	}
	if !slices.ContainsFunc(n.Events(), func(e kyc.Event) bool { return e.Action == "screening.run" }) {
		t.Errorf("nobody knows that somebody asked: %+v", n.Events())
	}
	r := n.live.refused(400, "invalid_question", "POST", "/kyc", `{"subject":{"full_name":"x","birth_date":"yesterday","nationality":"QQ"},"lists":["nope"]}`)
	if len(r.List("errors")) != 3 {
		t.Errorf("%s", r.Raw)
	}
	n.live.refused(400, "invalid_question", "POST", "/kyc", `{"subject":{"full_name":"Ltd"}}`)
	// A list that was never imported, and one that grew old, are no clearance.
	if r := n.live.refused(503, "screening_not_configured", "POST", "/kyc", `{"subject":{"full_name":"Jane Roe"},"lists":["un"]}`); r.Str("errors.0.path") != "/lists/un" {
		t.Errorf("%s", r.Raw)
	}
	n.Clock.Advance(30 * 24 * time.Hour)
	if r := n.live.refused(503, "screening_stale", "POST", "/kyc", `{"subject":{"full_name":"Jane Roe"}}`); r.Str("errors.0.code") != "list_stale" {
		t.Errorf("%s", r.Raw)
	}
	if old := n.live.Must(200, "POST", "/kyc", `{"subject":{"full_name":"Wilhemina Oda Stellengard"}}`); old.At("is_match") != true || old.Str("status") != "stale" {
		t.Errorf("%s", old.Raw)
	}
	n.reader.refused(403, "scope_missing", "POST", "/kyc", `{"subject":{"full_name":"Jane Roe"}}`)
}

func TestInventedListsAreNoClearance(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t, false)
	n.live.refused(503, "screening_not_configured", "POST", "/kyc", `{"subject":{"full_name":"Jane Roe"}}`)
}

func TestTheSandboxSimulates(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t, false)
	for name, want := range map[string]any{"Jo Approve": false, "Jo SANCTION": true, "jo pep": true} {
		if r := n.sandbox.Must(200, "POST", "/kyc", map[string]any{"subject": map[string]any{"full_name": name, "document_id": "P1"}}); r.At("is_match") != want {
			t.Errorf("%s: %s", name, r.Raw)
		}
	}
	n.sandbox.refused(503, "screening_unavailable", "POST", "/kyc", `{"subject":{"full_name":"Jo TIMEOUT"}}`)
	news := n.sandbox.Must(200, "POST", "/kyc/adverse-media", `{"name":"Jo ADVERSE","country":"ch","age":44}`)
	if news.At("final_risk_score") != 85.0 || news.Str("decision") != "HIGH_RISK" || len(news.List("sources")) != 1 || news.Str("country") != "CH" || news.At("age") != 44.0 || news.At("fictional") != true {
		t.Errorf("%s", news.Raw)
	}
	if r := n.sandbox.Must(200, "POST", "/kyc/adverse-media", `{"name":"Jo Approve"}`); r.At("final_risk_score") != 0.0 || r.Str("decision") != "LOW_RISK" || r.Str("entity_type") != "person" {
		t.Errorf("%s", r.Raw)
	}
	n.live.refused(503, "adverse_media_not_configured", "POST", "/kyc/adverse-media", `{"name":"Jo ADVERSE"}`)
	n.sandbox.refused(400, "invalid_question", "POST", "/kyc/adverse-media", `{"name":"Jo","country":"XQ"}`)
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t, true)
	clear := n.live.Must(200, "POST", "/kyc/crypto", `{"wallet_address":"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}`)
	if clear.At("is_match") != false || clear.At("address_valid") != true || clear.Str("network") != "BTC" || clear.Str("status") != "ok" {
		t.Errorf("%s", clear.Raw)
	}
	listed := n.live.Must(200, "POST", "/kyc/crypto", `{"wallet_address":"1DemoGreyLanternFictionalAddrXXXX"}`)
	if listed.At("is_match") != true || listed.At("address_valid") != false || listed.Str("matches.0.entity_id") != "DEMO-016" || listed.Str("matches.0.list_name") != "demo" {
		t.Errorf("%s", listed.Raw)
	}
	for body, valid := range map[string]bool{
		`{"wallet_address":"0x52908400098527886E0F7030069857D2E4169EE7","network":"ETH"}`: true,  // no list has addresses of Ethereum
		`{"wallet_address":"0x52908400098527886E0F7030069857D2E4169Ee7","network":"ETH"}`: false, // EIP-55
		`{"wallet_address":"not an address"}`:                                             false,
	} {
		if r := n.live.Must(200, "POST", "/kyc/crypto", body); r.At("is_match") != nil || r.At("address_valid") != valid || len(r.List("notes")) == 0 {
			t.Errorf("%s: %s", body, r.Raw)
		}
	}
	n.live.refused(400, "validation_failed", "POST", "/kyc/crypto", `{"network":"XXX"}`)
}

func TestAWatchlistFromCreationToAlert(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t, true)
	c := n.live
	made := c.Must(201, "POST", "/kyc/watchlists", `{"name":"Board","subjects":[{"full_name":"Wilhemina Oda Stellengard","tags":["ubo"]}],"check_frequency":"weekly","tags":["vip"],"alert_config":{"on_status_change":true}}`)
	id := made.Str("watchlist_id")
	if made.At("subject_count") != 1.0 || made.Str("check_frequency") != "weekly" || made.At("alert_config.on_new_match") != true || made.Header.Get("ETag") != `"1"` {
		t.Fatalf("%s", made.Raw)
	}
	n.work(t)
	if told := n.Messages(); len(told) != 1 || told[0].Webhook != "kyc.watchlist.new_match" || !json.Valid(told[0].Payload) || told[0].Surface != kyc.SurfaceSteps {
		t.Fatalf("%+v", told)
	}
	at := "/kyc/watchlists/" + id
	batch := c.Must(201, "POST", at+"/subjects/batch", `{"subjects":[{"full_name":"Jane Roe"},{"full_name":"John Roe","identifier":"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa","identifier_type":"wallet"}]}`)
	if batch.At("count") != 2.0 {
		t.Errorf("%s", batch.Raw)
	}
	run := c.Must(200, "POST", at+"/monitor", nil)
	if run.At("subjects_checked") != 3.0 || run.At("total_matches") != 1.0 || run.At("new_matches_count") != 1.0 || run.At("previous_matches") != 0.0 || run.At("has_changes") != true ||
		run.At("results_by_list.demo.checked") != 3.0 || run.At("results_by_list.demo.matches") != 1.0 || run.Str("status") != "ok" || run.Str("checked_at") == "" || run.At("duration_ms") == nil {
		t.Errorf("%s", run.Raw)
	}
	if again := c.Must(200, "POST", at+"/monitor", nil); again.At("has_changes") != false || again.At("previous_matches") != 1.0 || again.At("new_matches_count") != 0.0 {
		t.Errorf("%s", again.Raw)
	}
	subject := c.Must(200, "GET", at+"/subjects?tag=ubo", nil).Str("items.0.subject_id")
	read := c.Must(200, "GET", at+"/subjects/"+subject, nil)
	if read.Str("match_status") != "open" || read.Str("matches.0.entity_id") != "DEMO-003" || read.Str("full_name") != "Wilhemina Oda Stellengard" {
		t.Errorf("%s", read.Raw)
	}
	judge := `{"matches":[{"list_name":"demo","entity_id":"DEMO-003","match_status":"false_positive"}]}`
	c.With("If-Match", `"1"`).refused(412, "etag_mismatch", "PATCH", at+"/subjects/"+subject, judge)
	if judged := c.With("If-Match", read.Header.Get("ETag")).Must(200, "PATCH", at+"/subjects/"+subject, judge); judged.Str("match_status") != "false_positive" {
		t.Errorf("%s", judged.Raw)
	}
	told := n.Messages()
	if last := told[len(told)-1]; last.Webhook != "kyc.watchlist.status_changed" || strings.Contains(string(last.Payload), "Stellengard") {
		t.Errorf("%+v", last)
	}
	if r := c.Must(200, "POST", at+"/monitor", nil); r.At("total_matches") != 0.0 {
		t.Errorf("%s", r.Raw)
	}
	runs := c.Must(200, "GET", at+"/runs?limit=2", nil)
	if runs.At("count") != 2.0 || runs.At("has_more") != true || c.Must(200, "GET", at+"/runs?limit=2&cursor="+runs.Str("next_cursor"), nil).At("count") != 1.0 {
		t.Errorf("%s", runs.Raw)
	}
	tags := c.Must(200, "GET", "/kyc/watchlists/tags", nil)
	if tags.Str("items.0.tag") != "ubo" || tags.At("items.0.subjects") != 1.0 || tags.At("items.1.watchlists") != 1.0 {
		t.Errorf("%s", tags.Raw)
	}
	if paused := c.Must(200, "PATCH", at, `{"status":"paused","name":"Old board"}`); paused.Str("status") != "paused" || paused.At("next_check_at") != nil {
		t.Errorf("%s", paused.Raw)
	}
	if list := c.Must(200, "GET", "/kyc/watchlists?status=paused", nil); list.At("count") != 1.0 || list.Str("items.0.name") != "Old board" {
		t.Errorf("%s", list.Raw)
	}
	c.Must(204, "DELETE", at+"/subjects/"+subject, nil)
	c.refused(404, "not_found", "GET", at+"/subjects/"+subject, nil)
	c.Must(204, "DELETE", at, nil)
	c.refused(404, "not_found", "GET", at, nil)
	c.refused(404, "not_found", "POST", at+"/monitor", nil)
}

func TestWatchlistsRefuse(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t, true)
	c := n.live
	r := c.refused(400, "invalid_watchlist", "POST", "/kyc/watchlists", `{"name":" ","lists_to_monitor":["nope"],"alert_config":{"webhook_url":"https://example.org/x","notification_email":"a@example.org"},
		"subjects":[{"full_name":"A","identifier":"xyz","identifier_type":"wallet"},{"full_name":"B","session_id":"nope"}]}`)
	var got []string
	for _, e := range r.List("errors") {
		one := e.(map[string]any)
		got = append(got, one["path"].(string)+" "+one["code"].(string))
	}
	for _, want := range []string{"/name required", "/lists_to_monitor/0 list_unknown", "/alert_config/webhook_url not_available", "/alert_config/notification_email not_available",
		"/subjects/0/identifier wallet_invalid", "/subjects/1/session_id invalid_id"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing among %q", want, got)
		}
	}
	c.refused(400, "validation_failed", "POST", "/kyc/watchlists", `{"name":"x","check_frequency":"hourly","typo":1}`)
	id := c.Must(201, "POST", "/kyc/watchlists", `{"name":"x"}`).Str("watchlist_id")
	at := "/kyc/watchlists/" + id
	n.sandbox.refused(404, "not_found", "GET", at, nil) // another environment
	n.stranger.refused(404, "not_found", "POST", at+"/subjects", `{"full_name":"A"}`)
	for _, call := range [][2]string{{"GET", at}, {"POST", at + "/monitor"}, {"GET", at + "/subjects"}, {"DELETE", at}, {"GET", "/kyc/watchlists"}} {
		n.reader.refused(403, "scope_missing", call[0], call[1], nil)
	}
	if r := c.Must(200, "GET", "/kyc/watchlists/subjects?session_id=0199a0b0-1111-7222-8333-444455556666", nil); r.At("count") != 0.0 {
		t.Errorf("%s", r.Raw)
	}
	c.refused(400, "parameter_invalid", "GET", "/kyc/watchlists/subjects?session_id=x", nil)
	one := c.With("Idempotency-Key", "k1").Must(201, "POST", at+"/subjects", `{"full_name":"A"}`)
	again := c.With("Idempotency-Key", "k1").Must(201, "POST", at+"/subjects", `{"full_name":"A"}`)
	if one.Str("subject_id") != again.Str("subject_id") || c.Must(200, "GET", at, nil).At("subject_count") != 1.0 {
		t.Errorf("%s %s", one.Raw, again.Raw)
	}
}

func TestEveryNeighbourIsDocumented(t *testing.T) {
	t.Parallel()
	r := newNeighbours(t, true).sandbox.Must(200, "GET", "/openapi.json", nil)
	if lacking := api.Undocumented(r.Raw); len(lacking) > 0 {
		t.Errorf("without description:\n%s", strings.Join(lacking, "\n"))
	}
	paths, _ := r.At("paths").(map[string]any)
	for path, verbs := range map[string]string{"/kyc": "post", "/kyc/adverse-media": "post", "/kyc/crypto": "post", "/kyc/watchlists": "post get",
		"/kyc/watchlists/{watchlist_id}": "get patch delete", "/kyc/watchlists/{watchlist_id}/subjects": "post get", "/kyc/watchlists/{watchlist_id}/subjects/batch": "post",
		"/kyc/watchlists/{watchlist_id}/subjects/{subject_id}": "patch delete get", "/kyc/watchlists/subjects": "get", "/kyc/watchlists/tags": "get",
		"/kyc/watchlists/{watchlist_id}/monitor": "post", "/customers": "post get", "/customers/{customer_id}": "get patch delete", "/customers/{customer_id}/sessions": "get",
		"/customers/{customer_id}/organization": "get", "/customers/{customer_id}/risk-profile": "get", "/customers/{customer_id}/monitor": "post"} {
		operations, _ := paths[path].(map[string]any)
		for verb := range strings.FieldsSeq(verbs) {
			if operations[verb] == nil {
				t.Errorf("the document lacks %s %s", verb, path)
			}
		}
	}
}
