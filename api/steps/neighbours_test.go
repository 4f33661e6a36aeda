package steps

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bonafide/access"
	"bonafide/api"
	"bonafide/check"
	"bonafide/kyc"
	"bonafide/monitor"
	"bonafide/screen"
	"bonafide/store/sqlite"
)

// neighbourBench is the surface with its neighbours over HTTP, on a real
// store, with the fictional demonstration list for live keys.
type neighbourBench struct {
	*bench
	lists   *screen.Screener
	machine *monitor.Machine
	jobs    []kyc.Job
	actions []string
}

func newNeighbours(t *testing.T, allowFictional bool) *neighbourBench {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	n := &neighbourBench{bench: &bench{ended: make(chan kyc.ID, 1000), beats: make(chan time.Time), clock: &movable{}}}
	b := n.bench
	var err error
	if b.db, err = sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir(), Sync: "normal", Log: log}); err != nil {
		t.Fatal(err)
	}
	desk := b.machines(t, log)
	if n.lists, err = screen.Open(screen.Options{Dir: t.TempDir(), Clock: b.clock}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.lists.InstallDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	menu, err := check.New(b.clock, check.All(check.Deps{Clock: b.clock, Screener: n.lists, AllowFictional: allowFictional}), check.NewSimulator())
	if err != nil {
		t.Fatal(err)
	}
	n.machine = monitor.New(monitor.Deps{Store: b.db, Clock: b.clock, Examine: menu.Run, News: WatchNews, Lists: func() []kyc.ListVersion {
		var out []kyc.ListVersion
		for _, l := range n.lists.Status() {
			out = append(out, l.ListVersion)
		}
		return out
	}})
	office := access.NewOffice(b.db, b.clock)
	porch, err := api.New(api.Config{Version: "test", Store: b.db, Gate: access.NewGate(b.db, b.clock, log), Clock: b.clock, Secret: api.NewSecret(), Log: log,
		Limiter: access.NewLimiter(b.clock, access.LimitOptions{NoAddressLimits: true, Key: access.Rate{PerSecond: 1e6, Burst: 1 << 30}})})
	if err != nil {
		t.Fatal(err)
	}
	Mount(Deps{Porch: porch, Clock: b.clock, Machine: b.journeys, Files: b.sessions, Orgs: b.db, Webhooks: desk})
	MountNeighbours(NeighbourDeps{Porch: porch, Monitor: n.machine, Machine: b.journeys, Orgs: b.db})
	handler := porch.Handler()
	for i, into := range []*access.DevOrg{&b.dev, &b.other} {
		if *into, err = office.SeedOrg(t.Context(), []string{"Acme", "Globex"}[i], []string{"acme.example", "globex.example"}[i], kyc.SystemActor("test")); err != nil {
			t.Fatal(err)
		}
	}
	b.db.OnCommit(func(c *kyc.Change) {
		b.mu.Lock()
		defer b.mu.Unlock()
		n.jobs = append(n.jobs, c.Jobs...)
		for _, e := range c.Events {
			n.actions = append(n.actions, e.Action)
			if e.Webhook != "" {
				b.webhooks = append(b.webhooks, e)
			}
		}
	})
	server := httptest.NewServer(handler)
	t.Cleanup(func() {
		server.Close()
		if err := b.db.Close(); err != nil {
			t.Error(err)
		}
	})
	b.url = server.URL
	b.sandbox, b.live = b.client(t, b.dev.SandboxKey), b.client(t, b.dev.LiveKey)
	b.stranger, b.reader = b.client(t, b.other.SandboxKey), b.client(t, b.dev.ReadKey)
	return n
}

// work does the jobs of monitoring that were left so far.
func (n *neighbourBench) work(t *testing.T) {
	t.Helper()
	n.mu.Lock()
	jobs := n.jobs
	n.jobs = nil
	n.mu.Unlock()
	for _, j := range jobs {
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
	hit := n.live.must(200, "POST", "/kyc", `{"subject":{"full_name":"Wilhemina Oda Stellengard","birth_date":"1981-07-19","nationality":"de"}}`)
	if hit.at("is_match") != true || hit.at("match_count") != 1.0 || hit.str("matches.0.entity_id") != "DEMO-003" || hit.str("matches.0.list_name") != "demo" ||
		hit.str("matches.0.list_version") == "" || hit.str("status") != "ok" || len(hit.list("matches.0.explanation")) == 0 || !strings.Contains(hit.str("matches.0.match_data.name"), "STELLENGARD") {
		t.Errorf("%s", hit.raw)
	}
	total := 0.0
	for _, row := range hit.list("matches.0.explanation") {
		total += row.(map[string]any)["weight"].(float64)
	}
	if score := hit.at("matches.0.score").(float64); total < score-0.001 || total > score+0.001 {
		t.Errorf("the explanation adds up to %f, the score is %f", total, score)
	}
	company := n.live.must(200, "POST", "/kyc", `{"subject":{"full_name":"Velvet Anvil Holdings Ltd"},"list_name":"demo"}`)
	if company.at("is_match") != true {
		t.Errorf("a company is not found: %s", company.raw)
	}
	numbered := n.live.must(200, "POST", "/kyc", `{"subject":{"full_name":"Jane Roe","document_id":"ZZ0042117","document_type":"passport"}}`)
	if numbered.at("is_match") != true || numbered.str("matches.0.entity_id") != "DEMO-005" || !strings.Contains(string(numbered.raw), `"identifiers":["passport ZZ0042117"]`) {
		t.Errorf("%s", numbered.raw)
	}
	clear := n.live.must(200, "POST", "/kyc", `{"subject":{"full_name":"Jane Roe"}}`)
	if clear.at("is_match") != false || clear.str("status") != "ok" || clear.str("lists.0.list") != "demo" {
		t.Errorf("%s", clear.raw)
	}
	if !slices.Contains(n.actions, "screening.run") {
		t.Errorf("nobody knows that somebody asked: %v", n.actions)
	}
	r := n.live.refused(400, "invalid_question", "POST", "/kyc", `{"subject":{"full_name":"x","birth_date":"yesterday","nationality":"QQ"},"lists":["nope"]}`)
	if len(r.list("errors")) != 3 {
		t.Errorf("%s", r.raw)
	}
	n.live.refused(400, "invalid_question", "POST", "/kyc", `{"subject":{"full_name":"Ltd"}}`)
	// A list that was never imported, and one that grew old, are no clearance.
	if r := n.live.refused(503, "screening_not_configured", "POST", "/kyc", `{"subject":{"full_name":"Jane Roe"},"lists":["un"]}`); r.str("errors.0.path") != "/lists/un" {
		t.Errorf("%s", r.raw)
	}
	n.clock.advance(30 * 24 * time.Hour)
	if r := n.live.refused(503, "screening_stale", "POST", "/kyc", `{"subject":{"full_name":"Jane Roe"}}`); r.str("errors.0.code") != "list_stale" {
		t.Errorf("%s", r.raw)
	}
	if old := n.live.must(200, "POST", "/kyc", `{"subject":{"full_name":"Wilhemina Oda Stellengard"}}`); old.at("is_match") != true || old.str("status") != "stale" {
		t.Errorf("%s", old.raw)
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
		if r := n.sandbox.must(200, "POST", "/kyc", map[string]any{"subject": map[string]any{"full_name": name, "document_id": "P1"}}); r.at("is_match") != want {
			t.Errorf("%s: %s", name, r.raw)
		}
	}
	n.sandbox.refused(503, "screening_unavailable", "POST", "/kyc", `{"subject":{"full_name":"Jo TIMEOUT"}}`)
	news := n.sandbox.must(200, "POST", "/kyc/adverse-media", `{"name":"Jo ADVERSE","country":"ch","age":44}`)
	if news.at("final_risk_score") != 85.0 || news.str("decision") != "HIGH_RISK" || len(news.list("sources")) != 1 || news.str("country") != "CH" || news.at("age") != 44.0 || news.at("fictional") != true {
		t.Errorf("%s", news.raw)
	}
	if r := n.sandbox.must(200, "POST", "/kyc/adverse-media", `{"name":"Jo Approve"}`); r.at("final_risk_score") != 0.0 || r.str("decision") != "LOW_RISK" || r.str("entity_type") != "person" {
		t.Errorf("%s", r.raw)
	}
	n.live.refused(503, "adverse_media_not_configured", "POST", "/kyc/adverse-media", `{"name":"Jo ADVERSE"}`)
	n.sandbox.refused(400, "invalid_question", "POST", "/kyc/adverse-media", `{"name":"Jo","country":"XQ"}`)
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t, true)
	clear := n.live.must(200, "POST", "/kyc/crypto", `{"wallet_address":"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}`)
	if clear.at("is_match") != false || clear.at("address_valid") != true || clear.str("network") != "BTC" || clear.str("status") != "ok" {
		t.Errorf("%s", clear.raw)
	}
	listed := n.live.must(200, "POST", "/kyc/crypto", `{"wallet_address":"1DemoGreyLanternFictionalAddrXXXX"}`)
	if listed.at("is_match") != true || listed.at("address_valid") != false || listed.str("matches.0.entity_id") != "DEMO-016" || listed.str("matches.0.list_name") != "demo" {
		t.Errorf("%s", listed.raw)
	}
	for body, valid := range map[string]bool{
		`{"wallet_address":"0x52908400098527886E0F7030069857D2E4169EE7","network":"ETH"}`: true,  // no list has addresses of Ethereum
		`{"wallet_address":"0x52908400098527886E0F7030069857D2E4169Ee7","network":"ETH"}`: false, // EIP-55
		`{"wallet_address":"not an address"}`:                                             false,
	} {
		if r := n.live.must(200, "POST", "/kyc/crypto", body); r.at("is_match") != nil || r.at("address_valid") != valid || len(r.list("notes")) == 0 {
			t.Errorf("%s: %s", body, r.raw)
		}
	}
	n.live.refused(400, "validation_failed", "POST", "/kyc/crypto", `{"network":"XXX"}`)
}

func TestAWatchlistFromCreationToAlert(t *testing.T) {
	t.Parallel()
	n := newNeighbours(t, true)
	c := n.live
	made := c.must(201, "POST", "/kyc/watchlists", `{"name":"Board","subjects":[{"full_name":"Wilhemina Oda Stellengard","tags":["ubo"]}],"check_frequency":"weekly","tags":["vip"],"alert_config":{"on_status_change":true}}`)
	id := made.str("watchlist_id")
	if made.at("subject_count") != 1.0 || made.str("check_frequency") != "weekly" || made.at("alert_config.on_new_match") != true || made.header.Get("ETag") != `"1"` {
		t.Fatalf("%s", made.raw)
	}
	n.work(t)
	if len(n.webhooks) != 1 || n.webhooks[0].Webhook != "kyc.watchlist.new_match" || !json.Valid(n.webhooks[0].Payload) || n.webhooks[0].Surface != kyc.SurfaceSteps {
		t.Fatalf("%+v", n.webhooks)
	}
	at := "/kyc/watchlists/" + id
	batch := c.must(201, "POST", at+"/subjects/batch", `{"subjects":[{"full_name":"Jane Roe"},{"full_name":"John Roe","identifier":"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa","identifier_type":"wallet"}]}`)
	if batch.at("count") != 2.0 {
		t.Errorf("%s", batch.raw)
	}
	run := c.must(200, "POST", at+"/monitor", nil)
	if run.at("subjects_checked") != 3.0 || run.at("total_matches") != 1.0 || run.at("new_matches_count") != 1.0 || run.at("previous_matches") != 0.0 || run.at("has_changes") != true ||
		run.at("results_by_list.demo.checked") != 3.0 || run.at("results_by_list.demo.matches") != 1.0 || run.str("status") != "ok" || run.str("checked_at") == "" || run.at("duration_ms") == nil {
		t.Errorf("%s", run.raw)
	}
	if again := c.must(200, "POST", at+"/monitor", nil); again.at("has_changes") != false || again.at("previous_matches") != 1.0 || again.at("new_matches_count") != 0.0 {
		t.Errorf("%s", again.raw)
	}
	subject := c.must(200, "GET", at+"/subjects?tag=ubo", nil).str("items.0.subject_id")
	read := c.must(200, "GET", at+"/subjects/"+subject, nil)
	if read.str("match_status") != "open" || read.str("matches.0.entity_id") != "DEMO-003" || read.str("full_name") != "Wilhemina Oda Stellengard" {
		t.Errorf("%s", read.raw)
	}
	judge := `{"matches":[{"list_name":"demo","entity_id":"DEMO-003","match_status":"false_positive"}]}`
	c.with("If-Match", `"1"`).refused(412, "etag_mismatch", "PATCH", at+"/subjects/"+subject, judge)
	if judged := c.with("If-Match", read.header.Get("ETag")).must(200, "PATCH", at+"/subjects/"+subject, judge); judged.str("match_status") != "false_positive" {
		t.Errorf("%s", judged.raw)
	}
	if last := n.webhooks[len(n.webhooks)-1]; last.Webhook != "kyc.watchlist.status_changed" || strings.Contains(string(last.Payload), "Stellengard") {
		t.Errorf("%+v", last)
	}
	if r := c.must(200, "POST", at+"/monitor", nil); r.at("total_matches") != 0.0 {
		t.Errorf("%s", r.raw)
	}
	runs := c.must(200, "GET", at+"/runs?limit=2", nil)
	if runs.at("count") != 2.0 || runs.at("has_more") != true || c.must(200, "GET", at+"/runs?limit=2&cursor="+runs.str("next_cursor"), nil).at("count") != 1.0 {
		t.Errorf("%s", runs.raw)
	}
	tags := c.must(200, "GET", "/kyc/watchlists/tags", nil)
	if tags.str("items.0.tag") != "ubo" || tags.at("items.0.subjects") != 1.0 || tags.at("items.1.watchlists") != 1.0 {
		t.Errorf("%s", tags.raw)
	}
	if paused := c.must(200, "PATCH", at, `{"status":"paused","name":"Old board"}`); paused.str("status") != "paused" || paused.at("next_check_at") != nil {
		t.Errorf("%s", paused.raw)
	}
	if list := c.must(200, "GET", "/kyc/watchlists?status=paused", nil); list.at("count") != 1.0 || list.str("items.0.name") != "Old board" {
		t.Errorf("%s", list.raw)
	}
	c.must(204, "DELETE", at+"/subjects/"+subject, nil)
	c.refused(404, "not_found", "GET", at+"/subjects/"+subject, nil)
	c.must(204, "DELETE", at, nil)
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
	for _, e := range r.list("errors") {
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
	id := c.must(201, "POST", "/kyc/watchlists", `{"name":"x"}`).str("watchlist_id")
	at := "/kyc/watchlists/" + id
	n.sandbox.refused(404, "not_found", "GET", at, nil) // another environment
	n.stranger.refused(404, "not_found", "POST", at+"/subjects", `{"full_name":"A"}`)
	for _, call := range [][2]string{{"GET", at}, {"POST", at + "/monitor"}, {"GET", at + "/subjects"}, {"DELETE", at}, {"GET", "/kyc/watchlists"}} {
		n.reader.refused(403, "scope_missing", call[0], call[1], nil)
	}
	if r := c.must(200, "GET", "/kyc/watchlists/subjects?session_id=0199a0b0-1111-7222-8333-444455556666", nil); r.at("count") != 0.0 {
		t.Errorf("%s", r.raw)
	}
	c.refused(400, "parameter_invalid", "GET", "/kyc/watchlists/subjects?session_id=x", nil)
	one := c.with("Idempotency-Key", "k1").must(201, "POST", at+"/subjects", `{"full_name":"A"}`)
	again := c.with("Idempotency-Key", "k1").must(201, "POST", at+"/subjects", `{"full_name":"A"}`)
	if one.str("subject_id") != again.str("subject_id") || c.must(200, "GET", at, nil).at("subject_count") != 1.0 {
		t.Errorf("%s %s", one.raw, again.raw)
	}
}

func TestEveryNeighbourIsDocumented(t *testing.T) {
	t.Parallel()
	r := newNeighbours(t, true).sandbox.must(200, "GET", "/openapi.json", nil)
	if lacking := api.Undocumented(r.raw); len(lacking) > 0 {
		t.Errorf("without description:\n%s", strings.Join(lacking, "\n"))
	}
	paths, _ := r.at("paths").(map[string]any)
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
