package office

import (
	"cmp"
	"io/fs"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"bonafide/access"
	"bonafide/insight"
	"bonafide/kyc"
	"bonafide/session"
	"bonafide/ui"
)

// frame stands for the parts that room console lends.
var frame = fstest.MapFS{"_frame.html": {Data: []byte(`{{define "said"}}{{end}}{{define "env"}}<input type="hidden" name="env" value="{{.Env}}">{{end}}` +
	`{{define "problems"}}{{with .Page.Problems}}<div class="errors"><ul>{{range .}}<li>{{.Message}}</li>{{end}}</ul></div>{{end}}{{end}}`)}}

func draw(t *testing.T, name string, page any) string {
	t.Helper()
	kit, err := ui.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := kit.Pages(templates, frame)
	if err != nil {
		t.Fatal(err)
	}
	b, err := pages.Draw(name, "main", kit.Languages()[0], ui.View{Page: page, Title: name, Area: "console", Env: "sandbox"})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(b)
}

// hostile is what somebody may have written into any field.
const hostile = `"><script>alert(1)</script>`

var problems = []kyc.Problem{{Path: "/x", Code: "wrong", Message: "this is wrong"}}

// states are the pages, empty, full and with an error.
func states() map[string][]any {
	row := sessionRow{ID: "session_1", Href: "/console/sessions/session_1", Name: hostile, Reference: hostile, Workflow: hostile, Status: tagOf("needs_review"), Reason: "r", Created: "now", Ended: "now"}
	shown := &once{What: "Made.", Label: "Key", Text: hostile, Code: ui.QR{Path: "M0 0h1v1h-1z", Size: 1}, Loopback: hostile}
	turn := more{Older: "/console/x?after=1", First: "/console/x"}
	menu := choices("b", "a", hostile, "b", "B")
	files := []fileRow{{Kind: "k", Type: "t", Size: "1 kB", At: "now", Note: hostile}, {Kind: hostile, Href: "/f", Drawn: true}, {Kind: hostile, Href: "/f"}}
	events := []eventRow{{At: "now", Who: who{hostile, hostile}, What: hostile, Action: "a", Object: "session", Href: "/console/sessions/s", Reason: "r", Seq: 4}, {}}
	hit := hitOf(kyc.Hit{Name: hostile, MatchedName: "other", List: "l", Score: .9, Risk: .4, Features: []kyc.HitFeature{{Name: "word", Query: hostile, Points: .5}}, RiskFeatures: []kyc.HitFeature{{Name: "topic"}}, Programs: []string{"p"}, ToMiss: "m", Fictional: true})
	official := []officialRow{{ID: "ofac", Error: hostile, Status: tagOf("stale"), Running: true, Fictional: true, Published: "now", Since: hostile}}
	return map[string][]any{
		"sessions": {sessionsPage{}, sessionsPage{Found: true}, sessionsPage{Bare: true}, sessionsPage{Bare: true, CanInvite: true}, sessionsPage{more: turn, Statuses: menu, Surfaces: menu, Workflows: menu, Results: menu, Reason: hostile, Tag: hostile, From: "2026-01-01", Rows: []sessionRow{row, {}}}, sessionsPage{Problems: problems}},
		"session": {sessionPage{}, sessionPage{Erased: true, Withheld: true, Held: true, PathGone: true, KeptUntil: "then"}, sessionPage{Held: true}, sessionPage{Void: true, CanWrite: true}, sessionPage{ReadableUntil: "then", KeptUntil: "then"}, sessionPage{Erased: true, PathGone: true, CanWrite: true, Open: true}, sessionPage{ID: "session_1", Name: hostile, Person: "/p", Case: "/c", Workflow: hostile, Version: 2, Result: "approved", Reason: "r", Status: tagOf("approved"), Tags: []string{hostile},
			Steps: []stepRow{{Name: hostile, Status: tagOf("completed"), Took: "1 s", Note: "n", Attempts: 2}}, Path: []stopRow{{Node: hostile, Policy: "p", Status: tagOf("passed"), Took: "1 ms"}, {Node: "end"}},
			Files: files, Events: events, EventsMore: true, Open: true, CanWrite: true, LinkUsed: "now", Once: shown, Simulated: true, Said: []saidRow{{hostile, hostile}}}, sessionPage{Problems: problems}},
		"invite": {invitePage{}, invitePage{Studio: true}, invitePage{Workflows: []workflowGroup{{hostile, menu}}}, invitePage{Workflows: []workflowGroup{{"Checks", menu}}, Chosen: "b", Workflow: hostile, Surface: "checks", Sends: true, Sandbox: true, Filled: Invitation{FirstName: hostile, LastName: hostile, Email: hostile, Phone: hostile, Reference: hostile, Form: "f", SendEmail: true}},
			invitePage{Workflows: []workflowGroup{{"Entities", menu}}, Chosen: "b", Surface: "entities", Person: &invitedPerson{"identity_1", hostile}}, invitePage{Person: &invitedPerson{ID: "identity_1"}}, invitePage{Workflows: []workflowGroup{{"Steps", menu}}, Chosen: "b", Surface: "steps", Default: true, Languages: menu, Sends: true},
			invitePage{Workflows: []workflowGroup{{"Graph", menu}}, Chosen: "b", Surface: "graph", Filled: Invitation{Country: hostile}, Problems: problems}},
		"subjects": {subjectsPage{}, subjectsPage{Found: true}, subjectsPage{more: turn, Statuses: menu, Kinds: menu, Archived: true, Rows: []subjectRow{{ID: "identity_1", Href: "/h", Reference: hostile, Tags: []string{hostile}}}}, subjectsPage{Problems: problems}},
		"subject": {subjectPage{}, subjectPage{Erased: true, ErasedAt: "now", MergedInto: "/m"}, subjectPage{ID: "identity_1", Name: hostile, Reference: hostile, Email: hostile, Archived: "now", Tags: []string{hostile}, Sessions: []sessionRow{row}, SessionsMore: 3, Files: files,
			Checks: []inquiryRow{{Types: "t", Result: tagOf("hits"), Open: 1}}, Watched: []watchedRow{{Href: "/w", Watch: hostile, Open: 1}, {}}, Alike: []alikeRow{{Href: "/a", ID: "identity_2", By: "email"}}, CanErase: true, CanWatch: true, CanInvite: true}},
		"erase":      {erasePage{}, erasePage{ID: "identity_1", Reference: hostile, Sessions: 2}, erasePage{Problems: problems, Sessions: 1}},
		"lists":      {listsPage{}, listsPage{Official: official, Own: []ownRow{{Href: "/l", Name: hostile, Note: hostile, Archived: true}}, CanWrite: true, Types: menu, Modes: menu, Name: hostile, Note: hostile}, listsPage{Problems: problems}},
		"list":       {listPage{}, listPage{more: turn, ID: "list_1", Name: hostile, Note: hostile, CanWrite: true, Person: true, Rows: []itemRow{{ID: "i", Value: hostile, Birth: "2000-01-01", Note: hostile}}, Report: []string{hostile}, Value: hostile, Text: hostile}, listPage{Place: true, CanWrite: true, Rows: []itemRow{{Place: "1, 2"}}}, listPage{Archived: true, CanWrite: true, Problems: problems}},
		"screening":  {screeningPage{}, screeningPage{Asked: true, State: tagOf("not_configured")}, screeningPage{Name: hostile, Asked: true, State: tagOf("ok"), Kinds: menu, Hits: []hitRow{hit, {}}, Lists: official, Notes: []string{hostile}}, screeningPage{Problems: problems}},
		"monitoring": {monitoringPage{}, monitoringPage{Watches: []watchRow{{Href: "/w", Name: hostile}}, Alerts: []alertRow{{Href: "/w", Watch: hostile, New: 1}}, Checks: []inquiryAlert{{Person: "identity_1"}}}},
		"watch": {watchPage{}, watchPage{OnlyOpen: true}, watchPage{more: turn, ID: "watchlist_1", Name: hostile, CanRun: true, CanJudge: true, Runs: []alertRow{{At: "now"}},
			People: []partyRow{{ID: "p", Name: hostile, Person: "/p", Session: "/s", Open: 1, New: 1, Matches: []matchRow{{List: hostile, Entry: hostile, Open: true, New: true}, {Status: tagOf("x")}}}, {Erased: true}, {Open: 1}}}, watchPage{Problems: problems}},
		"webhooks": {webhooksPage{}, webhooksPage{Rows: []endpointRow{{Href: "/w", URL: hostile, For: hostile, Why: hostile, Status: tagOf("disabled")}}, CanWrite: true, URL: hostile, For: hostile, Events: menu}, webhooksPage{Problems: problems, CanWrite: true, All: true}},
		"endpoint": {endpointPage{}, endpointPage{CanWrite: true, On: true, Replay: replayForm{From: hostile, To: hostile, Rest: hostile, Sent: hostile, Since: hostile, Open: true}}, endpointPage{more: turn, endpointRow: endpointRow{ID: "webhook_1", URL: hostile, Why: hostile, For: hostile}, CanWrite: true, On: true, Secrets: []secretRow{{"whsec_…", "no end"}}, States: menu,
			Deliveries: []deliveryRow{{Href: "/d", Event: hostile, Last: hostile}}, Once: shown}, endpointPage{Problems: problems}},
		"delivery":  {deliveryPage{}, deliveryPage{deliveryRow: deliveryRow{Event: hostile, Next: "now"}, Address: hostile, Headers: []fact{{"a", hostile}}, Body: hostile, Tries: []tryRow{{Answer: hostile}}, CanWrite: true}, deliveryPage{Problems: problems}},
		"keys":      {keysPage{}, keysPage{Rows: []keyRow{{Name: hostile, Live: true, Rate: "1"}, {}}, CanWrite: true, Once: shown, Name: hostile, Ranges: hostile, Rate: hostile, Presets: menu, Scopes: []scopeGroup{{"Everything", []scopeChoice{{"*", "everything", true}}}}}, keysPage{Problems: problems, CanWrite: true}},
		"team":      {teamPage{}, teamPage{People: []personRow{{ID: "u", Email: hostile, Name: hostile, Roles: menu}, {Self: true}, {Disabled: true, First: true}}, Roles: menu, RoleNames: []string{"admin"}, Matrix: []matrixRow{{"a:b", "x", []bool{true, false}}}, CanWrite: true, Once: shown, Email: hostile, Name: hostile}, teamPage{Problems: problems}},
		"audit":     {auditPage{}, auditPage{more: turn, Object: hostile, Actor: hostile, Actors: menu, Actions: actionChoices(), Gaps: true, Narrow: true, Other: "live", Export: "/x", Rows: events, Report: &auditReport{OK: true, Checked: 3, Unsealed: 1, Head: "h", Took: "1 ms"}}, auditPage{Report: &auditReport{Broken: 3, Problem: hostile}}, auditPage{Problems: problems}},
		"analytics": {analyticsPage{}, analyticsPage{AsOf: "now", Periods: menu, Workflows: menu, Figures: allFigures(&insight.Report{})}, analyticsPage{AsOf: "now", Figures: allFigures(report())}, analyticsPage{Problems: problems}},
		"settings": {settingsPage{}, func() any {
			p := settingsOf(kyc.Org{Name: hostile}, kyc.DefaultSettings())
			p.CanWrite, p.Brand.Name, p.OwnReasons, p.Saved, p.Parts = true, hostile, true, "retention", settingsParts()
			p.Retention = retentionForm{Rows: retentionRows(kyc.Retention{Days: 900, Approved: &kyc.RetentionRule{SensitiveDays: 30}}), Auto: true, Faces: "365", Waits: []waitRow{{Href: "/s", ID: "session_1", Held: true}, {}},
				Ask: &retentionAsk{Kept: session.Kept{Withhold: 3, Destroy: 2, Held: 1}, Agreed: "3/2"}}
			return p
		}(), settingsPage{Problems: problems}},
	}
}

func allFigures(r *insight.Report) []figure {
	names := map[string]string{"u": hostile}
	return append([]figure{funnel(r), steps(r), times(r), outcomes(r), reasons(r), checks(r), providers(r), reviewers(r, names)}, qualityFigures(cmp.Or(r.Quality, &insight.Quality{}), names, true)...)
}

func report() *insight.Report {
	return &insight.Report{Sessions: 4, Waiting: 1, Funnel: []insight.Stage{{Name: "made", N: 4}, {Name: "opened", N: 2, Median: time.Minute, Slow: 50 * time.Hour}},
		Steps: []insight.Step{{ID: hostile, Shown: 3, Completed: 1, Failed: 1, Median: time.Second}}, Days: []insight.Day{{Day: time.Unix(0, 0), Made: 4, Approved: 1, Rejected: 1, Review: 1, Open: 1}, {Day: time.Unix(86400, 0)}},
		Reasons: []insight.Count{{Name: hostile, N: 2}}, Checks: []insight.Check{{Policy: "face_match", Passed: 3, Failed: 1, Mean: time.Millisecond}}, Providers: []insight.Provider{{Name: "local", Answered: 2}},
		Reviewers: []insight.Reviewer{{ID: "u", Approved: 2, First: 1, Median: time.Hour}, {ID: "v"}},
		Quality: &insight.Quality{Queues: []insight.QualityRow{{Name: hostile, Drawn: 3, Waiting: 1, Pairs: [2][2]int{{1, 1}, {0, 0}}}}, Reviewers: []insight.QualityRow{{Name: "u", Drawn: 3, Void: 1, Pairs: [2][2]int{{1, 0}, {1, 0}}}, {Name: "v", Drawn: 1, Waiting: 1}},
			Reasons: []insight.QualityRow{{Drawn: 1, Waiting: 1}}}}
}

func TestEveryPageInEveryState(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(templates, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	all := states()
	for _, name := range names {
		if page := strings.TrimSuffix(name, ".html"); !strings.HasPrefix(page, "_") && all[page] == nil {
			t.Errorf("the page %s is drawn in no state", page)
		}
	}
	for name, list := range all {
		wrong := 0
		for i, page := range list {
			html := draw(t, name, page)
			if strings.Contains(html, "<script") || strings.Contains(html, " style=") || strings.Contains(html, " onclick") {
				t.Errorf("%s, state %d, holds what the policy forbids", name, i)
			}
			balanced(t, name, html)
			for form := range strings.SplitSeq(html, "<form ") {
				if strings.HasPrefix(form, `method="post"`) && !strings.Contains(form, `name="env" value="sandbox"`) {
					t.Errorf("%s has a form that does not say for which environment it is: %.120s", name, form)
				}
			}
			if strings.Contains(html, "this is wrong") {
				wrong++
			}
		}
		if wrong == 0 && name != "subject" && name != "monitoring" { // they take no form
			t.Errorf("%s never shows what is wrong", name)
		}
	}
}

// balanced fails when an element is left open. Values are escaped, so a > ends
// a tag.
func balanced(t *testing.T, name, html string) {
	t.Helper()
	void := []string{"input", "br", "img", "rect", "line"}
	var open []string
	for _, m := range tags.FindAllStringSubmatch(html, -1) {
		switch {
		case slices.Contains(void, m[2]):
		case m[1] == "":
			open = append(open, m[2])
		case len(open) == 0 || open[len(open)-1] != m[2]:
			t.Fatalf("%s closes %s while %v are open", name, m[2], open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%s leaves %v open", name, open)
	}
}

var tags = regexp.MustCompile(`<(/?)([a-z0-9]+)[^>]*>`)

func TestNoRouteIsOpenByMistake(t *testing.T) {
	t.Parallel()
	scopes := map[string]bool{}
	for _, s := range access.Scopes() {
		scopes[s.Name] = true
	}
	o := &office{}
	seen := map[string]bool{}
	for _, r := range o.routes() {
		if !scopes[r.Scope] || r.Do == nil || seen[r.Pattern] {
			t.Errorf("%s needs %q", r.Pattern, r.Scope)
		}
		seen[r.Pattern] = true
		// Reading scopes only read; finding, verifying and looking are read by POST.
		reads := strings.HasSuffix(r.Scope, ":read") || strings.HasSuffix(r.Scope, ":list")
		posted := strings.HasPrefix(r.Pattern, "POST ")
		if posted && reads && !slices.Contains([]string{"POST /console/sessions/find", "POST /console/subjects/find", "POST /console/audit/verify"}, r.Pattern) {
			t.Errorf("%s changes something and needs no more than %s", r.Pattern, r.Scope)
		}
	}
	for _, l := range links() {
		if !seen["GET "+l.Href] {
			t.Errorf("the link %s leads nowhere", l.Href)
		}
	}
}

func TestRowsOfAFile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"a@b.example\nc@d.example\n": 2, "\ufeffVALUE,note\n\"x, y\",why\n": 1, "latitude,longitude,radius_km\n1,2,3\n": 1} {
		if rows, _, wrong := readRows([]byte(text)); len(rows) != want || len(wrong) > 0 {
			t.Errorf("%q: %d rows, %v", text, len(rows), wrong)
		}
	}
	for text, code := range map[string]string{"": "no_rows", "value\n": "no_rows", "\xff": "not_utf8", "a,b\n": "malformed_row", "value\n\"open": "malformed_row", "latitude,longitude\nx,2\n": "not_a_number",
		strings.Repeat("a\n", 1001): "too_many_rows"} {
		if rows, _, wrong := readRows([]byte(text)); len(wrong) != 1 || wrong[0].Code != code || rows != nil {
			t.Errorf("%.20q: %v, not %s", text, wrong, code)
		}
	}
	if rows, _, wrong := readRows([]byte("value,shop\n'=a,Utrecht\n")); len(wrong) > 0 || len(rows) != 1 || rows[0].Value != "=a" || rows[0].Extra["shop"] != "Utrecht" {
		t.Errorf("a list that was exported comes back as %+v %v", rows, wrong)
	}
	if _, _, wrong := readRows([]byte("latitude,longitude\nNaN,2\n")); len(wrong) != 1 || wrong[0].Code != "not_a_number" {
		t.Errorf("NaN is a place: %v", wrong)
	}
	if got := string(table([][]string{{"=1+1", "-2", "a,b", ""}})); got != "'=1+1,'-2,\"a,b\",\n" {
		t.Errorf("the table is %q", got)
	}
}

func TestWordsForPeople(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{0: "", 40 * time.Millisecond: "40 ms", 1500 * time.Millisecond: "1.5 s", 90 * time.Second: "1 min 30 s", 3 * time.Hour: "3 h 0 min", 72 * time.Hour: "3 days"} {
		if got := lasted(d); got != want {
			t.Errorf("%v is %q", d, got)
		}
	}
	for n, want := range map[int64]string{12: "12 B", 500: "500 B", 2000: "2 kB", 2_340_000: "2.3 MB"} {
		if got := bytesText(n); got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
	seen := map[string]bool{}
	for range 50 {
		p := newPassword()
		if len(p) != 23 || strings.Count(p, "-") != 3 || seen[p] {
			t.Errorf("password %q", p)
		}
		seen[p] = true
	}
}
