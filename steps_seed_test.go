package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bonafide/access"
)

// seedSnippets are the JSON objects that seed 004 prints, as text.
func seedSnippets(t *testing.T) []string {
	t.Helper()
	file := filepath.Join("..", "shared", "seeds", "004_44434143986c17c3.txt")
	page, err := os.ReadFile(file)
	if err != nil {
		t.Skip("the seeds ../shared/seeds are not here to compare with")
	}
	var out []string
	open := false
	for line := range strings.Lines(string(page)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "{" && !open:
			out, open = append(out, "{\n"), true
		case open:
			out[len(out)-1] += line + "\n"
			open = line != "}"
		}
	}
	return out
}

// The fixtures are what the seed prints, letter by letter, and none is missing.
func TestFixturesAreTheSeedsOwn(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("onboarding/testdata/fixtures/*.json")
	if err != nil || len(files) != 12 {
		t.Fatalf("%d fixtures: %v", len(files), err)
	}
	snippets := seedSnippets(t)
	if len(snippets) != len(files) {
		t.Errorf("the seed has %d snippets, the tree %d fixtures", len(snippets), len(files))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		same := func(s string) bool { return strings.TrimSpace(s) == strings.TrimSpace(string(text)) }
		if !slices.ContainsFunc(snippets, same) {
			t.Errorf("%s is not what the seed prints", file)
		}
	}
}

// devClients are the clients of the first organisation that --dev makes.
func (s *server) devClients(t *testing.T) (sandbox, live *client) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.dir, "dev.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dev struct {
		Organizations []access.DevOrg `json:"organizations"`
	}
	if err := json.Unmarshal(raw, &dev); err != nil || len(dev.Organizations) == 0 {
		t.Fatalf("dev.json: %v %s", err, raw)
	}
	o := dev.Organizations[0]
	return &client{url: s.url, key: o.SandboxKey, org: o.ID}, &client{url: s.url, key: o.LiveKey, org: o.ID}
}

// wholeFixtures are the snippets that are definitions.
func wholeFixtures() []string {
	return []string{"f7_secure_liveness", "f10_ubo_verification", "f11_company_with_ubos", "f12_complete_individual"}
}

// postText posts a text as it is.
func (c *client) postText(t *testing.T, path string, text []byte) answer {
	t.Helper()
	return c.send(t, "POST", path, "application/json", bytes.NewReader(text), map[string]string{"Authorization": "Bearer " + c.key})
}

func TestSeedJSONOnAFreshServer(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		sandbox, live := srv.devClients(t)
		for _, c := range []*client{sandbox, live} {
			for _, name := range wholeFixtures() {
				text := seedFixture(t, name)
				a := c.postText(t, "/kyc/workflows", text)
				if a.status != 201 {
					t.Fatalf("%s: %d %s", name, a.status, a.raw)
				}
				within(t, name, text, a.raw) // what was said stands in the answer
				graph := c.must(t, 200, "GET", "/kyc/workflows/"+a.str("workflow_id")+"/graph", nil)
				within(t, name+" graph", json.RawMessage(`{"version":1,"graph":{"entry":"start","nodes":{"watchlist_screening":{"policy":"watchlist_screening"},"rules":{"policy":"automation_rules"}}}}`), graph.raw)
			}
			for _, name := range []string{"f1_document_step", "f3_two_requirements", "f4_form_step", "f5_selfie_step", "f6_liveness_step", "f8_validation_step", "f9_subsession_step"} {
				step := seedFixture(t, name)
				var order struct {
					Order int `json:"order"`
				}
				if err := json.Unmarshal(step, &order); err != nil {
					t.Fatal(err)
				}
				steps := ""
				for i := 1; i < order.Order; i++ {
					n := string(rune('0' + i))
					steps += `{"step_id":"before_` + n + `","order":` + n + `,"name":"Before","type":"form_fill","custom_fields":[{"field_id":"note_` + n + `","name":"Note","type":"text"}]},`
				}
				a := c.postText(t, "/kyc/workflows", []byte(`{"name":"`+name+`","steps":[`+steps+string(step)+`]}`))
				if a.status != 201 {
					t.Fatalf("%s: %d %s", name, a.status, a.raw)
				}
				var stored []json.RawMessage
				a.get(t, "steps", &stored)
				within(t, name, step, stored[len(stored)-1])
			}
			requirement := seedFixture(t, "f2_ubo_requirement")
			a := c.postText(t, "/kyc/workflows", []byte(`{"name":"F2","steps":[{"step_id":"o","order":1,"name":"O","type":"document_upload","document_requirements":[`+string(requirement)+`]}]}`))
			if a.status != 201 {
				t.Fatalf("F2: %d %s", a.status, a.raw)
			}
		}
	})
}

// The complete individual and the company with owners, posted to a server that
// knows nothing but --dev, lead a sandbox applicant to what the rules say.
func TestSeedWorkflowsDecideInTheSandbox(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"f12_complete_individual", "f11_company_with_owners"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := startServer(t, "")
			sandbox, _ := srv.devClients(t)
			loadOnboarding(t, filepath.Join("testdata", "scenarios", "steps_"+name+".txtar")).runAs(t, srv, sandbox)
		})
	}
}

// realFile reads material of the data folder, which is no part of the tree.
func realFile(t *testing.T, parts ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(realPath(t, parts...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func realPath(t *testing.T, parts ...string) string {
	t.Helper()
	dir := os.Getenv("BONAFIDE_DATA_FOLDER")
	if dir == "" {
		dir = filepath.Join("..", "shared", "data")
	}
	path, err := filepath.Abs(filepath.Join(append([]string{dir}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	if !exists(path) {
		t.Skip("the data folder ../shared/data is not here; set BONAFIDE_DATA_FOLDER to try the onboarding on its passports and lists")
	}
	return path
}

// A live applicant of the seed's complete individual workflow sends the photo
// of a real (specimen) passport. Liveness and faces have no provider here, so
// nothing is ever approved by the rules: they deny, or a person looks.
func TestSeedWorkflowDecidesLive(t *testing.T) {
	t.Parallel()
	photo := realFile(t, "documents", "dev", "mrz", "98_pass-nld.jpg")
	srv := startServer(t, "")
	needsTesseract(t, srv)
	if err := os.Symlink(realPath(t, "models"), filepath.Join(srv.dir, "models")); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	_, c := srv.devClients(t)
	var ofac []string
	for _, part := range []string{"sdn", "alt", "add", "sdn_comments"} {
		ofac = append(ofac, realPath(t, "watchlists", "ofac-sdn-2021-07", part+".csv.gz"))
	}
	for format, files := range map[string][]string{"ofac_sdn": ofac, "un": {realPath(t, "watchlists", "un", "un-consolidated-2026-02-27.xml.gz")}} {
		if _, err := srv.app.lists.Import(t.Context(), format, "", files, true); err != nil {
			t.Fatal(err)
		}
	}
	own := c.postText(t, "/kyc/workflows", seedFixture(t, "f12_complete_individual")).str("workflow_id")
	text := bytes.Replace(seedFixture(t, "f12_complete_individual"), []byte(`"default_action": "manual_review"`), []byte(`"default_action": "auto_approve"`), 1)
	willing := c.postText(t, "/kyc/workflows", text).str("workflow_id")
	form := map[string]any{"full_name": "Loes Albertine Meulendijk", "date_of_birth": "1971-10-19", "nationality": "NL", "residence": "NL",
		"email": "loes@example.com", "phone": "+31612345678", "pep_status": "No"}
	with := func(name string, value any) map[string]any {
		out := maps.Clone(form)
		out[name] = value
		return out
	}
	listed := with("full_name", "Joaquin Archivaldo Guzman Loera")
	listed["date_of_birth"] = "1954-12-25"
	const unable = `"liveness":{"status":"error","attempts":1},"face_match":{"status":"skipped"},"adverse_media":{"status":"error"}`
	for name, x := range map[string]struct {
		workflow string
		form     map[string]any
		want     string
	}{
		"as the seed prints it": {own, form, `{"status":"manual_review","final_decision":"manual_review","processing_result":{"automation":{"winning_rule":"default_action","default_action_used":true},
			"documents":[{"document_type":"id","status":"invalid"}],"lists":{"status":"clear","hits":[],"lists_asked":[{"list":"ofac_sdn","status":"ok"},{"list":"un","status":"ok"}]},` + unable + `},
			"extracted_entities":[{"name":"LOES ALBERTINE MEULENDIJK","date_of_birth":"1971-10-19","document_number":"XA0000014"}]}`},
		"a default that would approve": {willing, form, `{"status":"manual_review","final_decision":"manual_review","processing_result":{"automation":{"outcome":"manual_review","winning_rule":"default_action",
			"floor":{"checks":["adverse_media","document_set","face_match","liveness"]}},` + unable + `}}`},
		"KP":            {willing, with("residence", "KP"), `{"status":"rejected","final_decision":"rejected","processing_result":{"automation":{"outcome":"auto_deny","winning_rule":"country_rules[0]"}}}`},
		"a listed name": {willing, listed, `{"status":"manual_review","processing_result":{"lists":{"status":"hit"},"automation":{"floor":{"checks":["adverse_media","cross_validation","document_set","face_match","liveness","watchlist_screening"]}}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := &onboardingRun{srv: srv, c: c, vars: map[string]string{"workflow": x.workflow}}
			r.open(t, nil)
			if a := c.uploadStep(t, r.vars["token"], announcement("documents", "passport", "", "", photo), photo); a.status != 200 {
				t.Fatalf("upload: %d %s", a.status, a.raw)
			}
			r.move(t, move{Do: "complete", Step: "documents"})
			r.move(t, move{Do: "liveness", Answer: json.RawMessage(`{"passed":false,"attempts_remaining":0,"step_status":"failed","reason":"liveness_not_configured"}`)})
			answers, err := json.Marshal(x.form)
			if err != nil {
				t.Fatal(err)
			}
			r.move(t, move{Do: "complete", Step: "personal_info", Form: answers})
			end := c.awaitOnboarding(t, r.vars["session"], "manual_review", "rejected", "approved")
			within(t, "session", json.RawMessage(x.want), end.raw)
			if t.Failed() {
				t.Logf("%.8000s", end.raw)
			}
		})
	}
}
