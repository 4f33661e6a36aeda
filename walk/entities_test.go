package walk

import (
	"encoding/json"
	"strings"
	"testing"
)

// hostedLink makes a workflow of surface C with a document and a face, somebody
// it is about, and a hosted link; run is the address of the execution that it
// will become, and person that of the individual.
func hostedLink(t *testing.T, s *server) (link, run, person string) {
	t.Helper()
	key := s.Orgs[0].SandboxKey
	s.call(t, key, "POST", "/v2/admin/workflows", `{"serviceName":"Hosted","workflowName":"Identity","steps":[
		{"type":"KYC"},{"type":"IDV","configuration":{"checks":["document_ocr","face_match"]}},{"type":"AML"}]}`)
	made := s.call(t, key, "POST", "/v2/individuals", `{"individual":{"name":{"givenName":"Ada","familyName":"Approve"}}}`)
	of, _ := made["individual"].(map[string]any)
	entity, _ := of["entityId"].(string)
	got := s.call(t, key, "POST", "/v2/individuals/hostedurl", `{"entityId":"`+entity+`","serviceName":"Hosted","workflowName":"Identity","redirectUrl":"https://shop.example/done"}`)
	link, _ = got["url"].(string)
	id, _ := got["workflowExecutionId"].(string)
	person = "/v2/individuals/" + entity
	return link, person + "/serviceprofiles/Hosted/workflows/Identity/executions/" + id, person
}

func TestAnApplicantOfAHostedLink(t *testing.T) {
	t.Parallel()
	s := serve(t)
	link, run, person := hostedLink(t, s)
	picture := photograph(t)
	w := open(t, s, look{Phone: true})
	w.goTo(link)
	w.axe()
	w.shows("Identity")
	w.press("#consent-processing")
	w.press("#consent-biometrics")
	w.follow("main form button")
	w.at("/steps/documents")
	w.axe()
	w.picture("capture-hosted-documents")

	// The document: its kind and country, the front, the back.
	w.follow("[data-slot='document.front'] a.button")
	w.pick("#country", "NL")
	w.press("input[value=id_card]")
	w.axe()
	w.follow("main form button")
	w.wait("document.querySelector('[data-pick]').open") // there is no camera
	w.attach("#file", picture)
	w.follow("[data-upload] button")
	w.at("/steps/documents/files/document.back")
	w.axe()
	w.wait("document.querySelector('[data-pick]').open")
	w.attach("#file", picture)
	w.follow("[data-upload] button")
	w.at("/steps/documents")
	w.follow("form[action$='/steps/documents'] button")

	w.at("/steps/details")
	w.axe()
	w.set("[name$='.date_of_birth']", "1990-05-17")
	w.follow("main form .actions button")

	w.at("/steps/selfie")
	w.wait("document.querySelector('[data-pick]').open")
	w.attach("#file", picture)
	w.follow("[data-upload] button")
	w.at("/review")
	w.axe()
	for _, text := range []string{"Identity card, front"} {
		w.shows(text)
	}
	w.follow("main .actions button")
	w.at("/status")
	w.axe()
	w.wait(`document.querySelector("h1").textContent.includes("finished")`)
	w.shows("Back to")

	got := s.call(t, s.Orgs[0].SandboxKey, "GET", run, "")
	result, _ := got["workflowResult"].(map[string]any)
	if result["workflowExecutionState"] != "COMPLETED" || result["result"] == "INCOMPLETE" {
		t.Errorf("the execution is %v with the result %v", result["workflowExecutionState"], result["result"])
	}
	raw, err := json.Marshal(s.call(t, s.Orgs[0].SandboxKey, "GET", person+"/documents", ""))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"type":"NATIONAL_ID"`, `"country":"NLD"`, `"side":"FRONT"`, `"side":"BACK"`, `"type":"SELF_IMAGE"`} {
		if !strings.Contains(string(raw), part) {
			t.Errorf("the individual's documents lack %s: %s", part, raw)
		}
	}
}
