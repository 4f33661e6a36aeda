package walk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
)

// elsewhereAmazon stands in for Rekognition's Face Liveness; the program's own
// tests hold what is asked of it to its form and its signature.
type elsewhereAmazon struct {
	*httptest.Server
	mu     sync.Mutex
	status map[string]string // of liveness sessions, by id
}

func newElsewhereAmazon(t *testing.T) *elsewhereAmazon {
	t.Helper()
	a := &elsewhereAmazon{status: map[string]string{}}
	a.Server = httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(a.Close)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": a.URL, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "an example secret of no account",
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull} {
		t.Setenv(name, value) // the program inherits it
	}
	return a
}

func (a *elsewhereAmazon) serve(w http.ResponseWriter, r *http.Request) {
	var in struct{ SessionId string }
	_ = json.NewDecoder(r.Body).Decode(&in) // an empty name has no session
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	switch status := a.status[in.SessionId]; {
	case operation == "CreateFaceLivenessSession":
		id := fmt.Sprintf("11111111-2222-4333-8444-5555555555%02d", len(a.status)+1)
		a.status[id] = "CREATED"
		fmt.Fprintf(w, `{"SessionId":%q}`, id)
	case operation == "GetFaceLivenessSessionResults" && status == "SUCCEEDED":
		fmt.Fprintf(w, `{"SessionId":%q,"Status":"SUCCEEDED","Confidence":97.25,"Challenge":{"Type":"FaceMovementAndLightChallenge","Version":"2.0.0"}}`, in.SessionId)
	case operation == "GetFaceLivenessSessionResults":
		fmt.Fprintf(w, `{"SessionId":%q,"Status":%q}`, in.SessionId, status)
	default:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"__type":"UnknownOperationException"}`)
	}
}

// film is what the organisation's app does with a session's token (seed 004's
// front end): it asks for a film, Amazon's detector ends it, and it has it judged.
func (a *elsewhereAmazon) film(t *testing.T, s *server, token, ends string) {
	t.Helper()
	public := "/public/sessions/" + token + "/liveness/"
	made := s.call(t, "", "POST", public+"create", "")
	id, _ := made["session_id"].(string)
	if region, _ := made["region"].(string); id == "" || region != "eu-west-1" {
		t.Fatalf("the app is given %v", made)
	}
	a.mu.Lock()
	a.status[id] = ends
	a.mu.Unlock()
	s.call(t, "", "POST", public+"verify", `{"liveness_session_id":"`+id+`"}`)
}

// Where a service films in an app of the organisation's own, the page says so,
// follows what is done there without anybody touching it, and goes on.
func TestLivenessThatIsFilmedElsewhere(t *testing.T) {
	a := newElsewhereAmazon(t) // sets the environment, so the test is not parallel
	s := serve(t, "--aws-region", "eu-west-1")
	key := s.Orgs[0].LiveKey
	s.call(t, key, "PUT", "/api/v1/settings", `{"providers":{"liveness":["aws_rekognition"],"liveness_page":"https://app.example.com/face?from=kyc"}}`)
	_, link := session(t, s, key, `{"name":"Face","steps":[
		{"step_id":"live","order":1,"name":"Face check","type":"liveness","liveness_config":{"challenge_type":"FaceMovementAndLightChallenge","max_retries":2}},
		{"step_id":"more","order":2,"name":"About you","type":"form_fill","custom_fields":[{"field_id":"nick","name":"What do people call you?","type":"text","required":true}]}],
		"validation_config":{"run_lists":false,"automation_rules":{"enabled":true,"auto_process":true,"default_action":"auto_approve"}}}`)
	token := link[strings.LastIndexByte(link, '/')+1:]
	w := open(t, s, look{Phone: true})
	w.goTo(link)
	w.press("#consent-processing")
	w.press("#consent-biometrics")
	w.follow("main form button")
	w.at("/steps/live")
	where := inLanguage(t, "en", "elsewhere.title")
	w.shows(where)
	w.shows("Acme")
	w.good("liveness-elsewhere")
	w.walkable()
	if ask[bool](w, `document.querySelector("video, [data-start], [data-liveness]") !== null`) {
		t.Error("the page would film by itself")
	}
	if got := ask[string](w, `(a => a.href + " " + a.target + " " + a.rel)(document.querySelector("main a.button[target]"))`); got != "https://app.example.com/face?from=kyc#token="+token+" _blank noopener noreferrer" {
		t.Errorf("the button leads to %s", got)
	}
	left := func() string {
		return ask[string](w, `[...document.querySelectorAll("main .soft")].map(e => e.textContent).join("|")`)
	}
	before := left()

	// Somebody without scripts reads the same, and looks again by a link.
	plain := open(t, s, look{Phone: true, NoScript: true})
	plain.goTo(link + "/steps/live")
	plain.shows(where)
	plain.follow("main a[href$='/steps/live']")
	plain.shows(where)

	ask[any](w, "window.untouched = true, null")
	a.film(t, s, token, "FAILED")
	w.wait("window.untouched === undefined && document.readyState === 'complete'") // the page loaded itself anew
	w.shows(where)
	if got := left(); got == before {
		t.Errorf("after a film that failed the page still says %q", got)
	}
	a.film(t, s, token, "SUCCEEDED")
	w.wait("document.querySelector('main .note.good') !== null")
	w.shows(inLanguage(t, "en", "liveness.passed"))
	w.both()
	w.follow("main form[action$='/steps/live'] button")
	w.at("/steps/more")
	w.write("[name='f.nick']", "Ada")
	w.follow("form .actions button")
	w.follow("button[name=send]")
	w.at("/status")
	w.both()
	if strings.Contains(left(), "97") || strings.Contains(w.text("main"), "Rekognition") {
		t.Errorf("the applicant is shown what the service said: %s", w.text("main"))
	}
}
