package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// printed is a JSON text of seed 002, without the comments, the commas before a
// bracket and the line numbers with which the page prints it; {...} is {}.
func printed(t testing.TB, name string) string {
	t.Helper()
	found, err := filepath.Glob("testdata/entities_seed/*_" + name + ".json")
	if err != nil || len(found) != 1 {
		t.Fatalf("%d texts of the name %s: %v", len(found), name, err)
	}
	raw, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The texts are what the seed prints, in its order, and none is missing.
func TestEntityTextsAreTheSeedsOwn(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "shared", "seeds", "002_bd7ed720a0c3b0cf.txt"))
	if err != nil {
		t.Skip("the seeds ../shared/seeds are not here to compare with")
	}
	comment, comma := regexp.MustCompile(`\s*//.*$`), regexp.MustCompile(`,(\s*[}\]])`)
	var texts []string
	next := 0
	for line := range strings.Lines(string(page)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "1{":
			texts, next = append(texts, "{\n"), 2
		case next > 0 && strings.HasPrefix(line, strconv.Itoa(next)):
			texts[len(texts)-1] += comment.ReplaceAllString(strings.TrimPrefix(line, strconv.Itoa(next)), "") + "\n"
			next++
		default:
			next = 0
		}
	}
	files, err := filepath.Glob("testdata/entities_seed/*.json")
	if err != nil || len(files) != len(texts) {
		t.Fatalf("the seed prints %d texts, the tree has %d: %v", len(texts), len(files), err)
	}
	for i, file := range files {
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if want := comma.ReplaceAllString(strings.ReplaceAll(texts[i], "{...}", "{}"), "$1"); string(have) != want {
			t.Errorf("%s is\n%s\nand the seed prints\n%s", file, have, want)
		}
	}
}

// lacking lists what of a sample is not in an answer, or is of another type.
// null in the sample only wants the member, and {} any object. The errors of a
// good execution are empty.
func lacking(at string, sample, got any) []string {
	switch s := sample.(type) {
	case nil:
		return nil
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, want an object", at, got)}
		}
		var out []string
		for name, inner := range s {
			have, there := g[name]
			if !there {
				out = append(out, at+"/"+name+" is missing")
				continue
			}
			out = append(out, lacking(at+"/"+name, inner, have)...)
		}
		return out
	case []any:
		g, ok := got.([]any)
		switch {
		case !ok:
			return []string{fmt.Sprintf("%s is %v, want a list", at, got)}
		case len(s) == 0 || len(g) == 0 && strings.HasSuffix(at, "/errors"):
			return nil
		case len(g) == 0:
			return []string{at + " is empty"}
		}
		return lacking(at+"/0", s[0], g[0])
	}
	if fmt.Sprintf("%T", sample) != fmt.Sprintf("%T", got) {
		return []string{fmt.Sprintf("%s is %v, want something like %v", at, got, sample)}
	}
	return nil
}

// samples compares an answer with a sample of the seed.
func samples(t *testing.T, name string, a answer) {
	t.Helper()
	var sample, got any
	if err := json.Unmarshal([]byte(printed(t, name)), &sample); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(a.raw, &got); err != nil {
		t.Fatalf("%s: %v in %s", name, err, a.raw)
	}
	if lacks := lacking(name, sample, got); len(lacks) > 0 {
		slices.Sort(lacks)
		t.Errorf("%s\n%.6000s", strings.Join(lacks, "\n"), a.raw)
	}
}

// text sends a text as it is.
func (c *client) text(t *testing.T, status int, method, path, text string) answer {
	t.Helper()
	a := c.send(t, method, path, "application/json", strings.NewReader(text), map[string]string{"X-Frankie-Username": "OPERATOR123"})
	if a.status != status {
		t.Fatalf("%s %s %s: %d, want %d\n%.4000s", method, path, text, a.status, status, a.raw)
	}
	return a
}

const seedPerson = `{"individual":{"name":{"givenName":"John","familyName":"%s"},"dateOfBirth":{"year":1990,"month":5,"day":17},"nationality":"AUS","emailAddresses":[{"email":"john@example.com"}],
 "documents":{"IDENTITY":[{"type":"PASSPORT","country":"AUS","primaryIdentifier":"123456789","expiryDate":"2099-01-31","attachments":[{"side":"FRONT","data":{"base64":"%s"}}]}]}}}`

// TestSeedBodiesOfEntities sends every body that seed 002 prints in its place,
// as it stands there, and compares each of its answers with what is printed.
// Bodies that name a result or a document of the seed's own are refused for that
// and nothing else, and are taken with the name of one that exists.
func TestSeedBodiesOfEntities(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		c, live := srv.newTenants(t)
		photo := base64.StdEncoding.EncodeToString(picture(t, "front"))
		define := func(c *client, workflow string) string {
			return c.text(t, 201, "POST", "/v2/admin/workflows", workflow).at("workflow.workflowId")
		}
		define(c, `{"serviceName":"AML Screening","workflowName":"PEP & Sanctions","type":"pep_media","lifecyclePhase":"MONITORING","monitoringTypes":["AML"],"steps":[{"type":"AML"}]}`)
		samples(t, "workflows_answer", c.must(t, 200, "GET", "/v2/workflows", nil))

		define(c, `{"serviceName":"AML Screening","workflowName":"AML Monitoring","lifecyclePhase":"OTHER","monitoringTypes":["AML"],"steps":[{"type":"AML"},{"type":"DUPLICATE"},{"type":"IDV"},{"type":"MATCHLIST"},{"type":"KYC"}]}`)
		c.text(t, 201, "POST", "/v2/matchlists", `{"name":"Look","action":"REVIEW"}`)
		list := c.must(t, 200, "GET", "/v2/matchlists", nil).at("matchlists.0.matchlistId")
		c.text(t, 201, "POST", "/v2/matchlists/"+list+"/entries", `{"entries":[{"attributes":{"EMAIL_ADDRESS":"john@example.com"}}]}`)
		results := map[string]string{}
		var person, execution string
		for _, family := range []string{"Duplicate", "Sanction"} { // the last one goes on
			made := c.text(t, 201, "POST", "/v2/individuals", fmt.Sprintf(seedPerson, family, photo))
			person = "/v2/individuals/" + made.at("individual.entityId")
			results["document"] = made.at("individual.documents.IDENTITY.0.documentId")
			// As the seed writes the path: v2/individuals/{entityId}/serviceprofiles/…
			run := c.text(t, 200, "POST", person+"/serviceprofiles/AML%20Screening/workflows/AML%20Monitoring/execute", "{}")
			execution = person + "/serviceprofiles/AML%20Screening/workflows/AML%20Monitoring/executions/" + run.at("workflowExecutionId")
			for kind, filter := range map[string]string{"aml": "classes=AML&results=HIT", "idv": "stepTypes=DOCUMENT_VERIFICATION", "matchlist": "classes=MATCHLIST&results=HIT", "duplicate": "classes=DUPLICATE&results=HIT"} {
				got := c.must(t, 200, "GET", person+"/results?"+filter, nil)
				if string(got.fields["total"]) != "0" {
					results[kind] = person + " " + got.at("processResults.0.processResultId")
				}
			}
		}
		samples(t, "results_answer", c.must(t, 200, "GET", person+"/results?stepTypes=DOCUMENT_VERIFICATION", nil))

		c.text(t, 200, "PATCH", execution, printed(t, "override"))
		one := c.must(t, 200, "GET", execution, nil)
		samples(t, "result_answer", one)
		if one.at("workflowResult.status") != "PASS" || one.at("workflowResult.result") != "REVIEW" || one.at("updatedBy") != "OPERATOR123" {
			t.Errorf("after the override: %s", one.raw)
		}

		for name, kind := range map[string]string{"aml_seven": "aml", "aml_true": "aml", "aml_false": "aml", "idv": "idv", "matchlist": "matchlist", "duplicate": "duplicate"} {
			whose, id, ok := strings.Cut(results[kind], " ")
			if !ok {
				t.Fatalf("there is no result to judge as %s", kind)
			}
			body := printed(t, name)
			refused := c.text(t, 422, "PATCH", whose+"/results/"+kind, body)
			if refused.at("details.0.issueType") != "process_result_unknown" || refused.at("details.0.issueLocation") != "/processResults/0" {
				t.Errorf("%s is refused for something else: %s", name, refused.raw)
			}
			var words struct {
				Manual string `json:"manualStatus"`
			}
			if err := json.Unmarshal([]byte(body), &words); err != nil {
				t.Fatal(err)
			}
			taken := c.text(t, 200, "PATCH", whose+"/results/"+kind, strings.Replace(body, `"string"`, strconv.Quote(id), 1))
			if taken.at("processResults.0.manualStatus") != words.Manual {
				t.Errorf("%s: %s", name, taken.raw)
			}
		}

		mkyc := printed(t, "mkyc")
		if got := c.text(t, 409, "POST", person+"/results/mkyc/invalidate", printed(t, "invalidate")); got.at("details.0.issueType") != "mkyc_not_present" {
			t.Errorf("%s", got.raw)
		}
		if got := c.text(t, 422, "POST", person+"/results/mkyc", mkyc); got.at("details.0.issueType") != "document_unknown" {
			t.Errorf("the seed's document is refused for something else: %s", got.raw)
		}
		c.text(t, 200, "POST", person+"/results/mkyc", strings.Replace(mkyc, "3fa85f64-5717-4562-b3fc-2c963f66afa6", results["document"], 1))
		if got := c.text(t, 200, "POST", person+"/results/mkyc/invalidate", printed(t, "invalidate")); got.at("processResults.0.systemStatus") != "MARKED_INVALID" {
			t.Errorf("%s", got.raw)
		}

		// The two fields of a running execution, at the top level.
		hook, server := receiver(t), newCheckServer(t)
		live.must(t, 200, "PUT", "/api/v1/settings", map[string]any{"mandatory_policies": []string{}})
		signer := live.text(t, 201, "POST", "/v2/webhooks", `{"url":"`+hook.URL+`"}`).at("webhook.webhookId")
		define(live, `{"serviceName":"S","workflowName":"W","steps":[{"type":"OTHER","configuration":{"url":"`+server.URL+`","signingSecret":"`+signer+`","timeoutSeconds":30}}]}`)
		who := live.text(t, 201, "POST", "/v2/individuals", fmt.Sprintf(seedPerson, "Doe", photo)).at("individual.entityId")
		place := "/v2/individuals/" + who + "/serviceprofiles/S/workflows/W"
		live.send(t, "POST", place+"/execute", "application/json", nil, map[string]string{"X-Frankie-Background": "1"})
		running := live.must(t, 200, "GET", place+"/executions", nil)
		samples(t, "running_answer", running)
		if running.str("workflowExecutionState") != "INPROGRESS" {
			t.Errorf("%s", running.raw)
		}
		server.serve(json.RawMessage(`{"verdict":"pass"}`))
	})
}
