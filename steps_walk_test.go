package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"
)

// move is one thing that an applicant or the back office does.
//
//	upload    step, type or field, side     announce, send, confirm a picture
//	complete  step, form                    complete a step
//	skip      step                          skip it
//	liveness  step                          open and verify a liveness check
//	party     as, body, walk                add a related party and let it walk;
//	                                        office adds it by the back office
//	as        as, walk                      an earlier party goes on
//	call      method, path, body, header    anything else; a path under /public
//	                                        goes without a key
//	await     until                         wait for a status of the session
//	clock     seconds                       move the sandbox clock
//
// status and code are those of a refusal (status alone: of a success other
// than the usual one), answer is a part of the answer, keep notes members of
// the answer as variables.
type move struct {
	Do      string            `json:"do"`
	Step    string            `json:"step"`
	Type    string            `json:"type"`
	Field   string            `json:"field"`
	Side    string            `json:"side"`
	Form    json.RawMessage   `json:"form"`
	As      string            `json:"as"`
	Office  bool              `json:"office"`
	Walk    []move            `json:"walk"`
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Body    json.RawMessage   `json:"body"`
	Header  map[string]string `json:"header"`
	Until   string            `json:"until"`
	Seconds int64             `json:"seconds"`
	Status  int               `json:"status"`
	Code    string            `json:"code"`
	Answer  json.RawMessage   `json:"answer"`
	Keep    map[string]string `json:"keep"`
}

// move makes one move; false when it did not go as it should.
func (r *onboardingRun) move(t *testing.T, m move) bool {
	t.Helper()
	var a answer
	switch m.Do {
	case "upload":
		a = r.send(t, m)
	case "complete":
		body := map[string]any{}
		if len(m.Form) > 0 {
			body["form_data"] = r.json(m.Form)
		}
		a = r.public(t, "POST", "/step/"+m.Step+"/complete", body)
	case "skip":
		a = r.public(t, "POST", "/step/"+m.Step+"/skip", nil)
	case "liveness":
		if a = r.public(t, "POST", "/liveness/create", map[string]any{"step_id": m.Step}); a.status < 300 {
			a = r.public(t, "POST", "/liveness/verify", map[string]any{"liveness_session_id": a.str("session_id")})
		}
	case "party":
		body := r.json(m.Body)
		if m.Office {
			a = r.c.call(t, "POST", "/kyc/sessions/"+r.vars["session"]+"/subsessions", body)
		} else {
			a = r.public(t, "POST", "/subsessions", body)
		}
		if a.status == http.StatusCreated {
			r.know(m.As, a)
			r.walkAs(t, m.As, m.Walk)
		}
	case "as":
		r.walkAs(t, m.As, m.Walk)
		return !t.Failed()
	case "call":
		c := r.c
		if strings.HasPrefix(m.Path, "/public") {
			c = &client{url: r.srv.url}
		}
		a = c.callWith(t, m.Method, r.fill(m.Path), r.json(m.Body), m.Header)
	case "await":
		r.await(t, m.Until)
		return true
	case "clock":
		a = r.c.call(t, "POST", "/api/v1/sandbox/clock", map[string]any{"advance_seconds": m.Seconds})
	default:
		t.Fatalf("what is %q?", m.Do)
	}
	return r.check(t, m, a)
}

// json replaces variables in a body; nil stays nil.
func (r *onboardingRun) json(raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	return json.RawMessage(r.fill(string(raw)))
}

// check holds an answer against a move.
func (r *onboardingRun) check(t *testing.T, m move, a answer) bool {
	t.Helper()
	good := a.status < 300
	if m.Status != 0 {
		good = a.status == m.Status
	}
	if a.str("code") != m.Code && (m.Code != "" || a.status >= 300) {
		good = false
	}
	if !good {
		t.Errorf("%s %s%s: %d %q, want %d %q\n%s", m.Do, m.Step, m.Path, a.status, a.str("code"), m.Status, m.Code, a.raw)
		return false
	}
	within(t, m.Do+" "+m.Step+m.Path, json.RawMessage(r.fill(string(m.Answer))), a.raw)
	for name, member := range m.Keep {
		r.vars[name] = a.str(member)
	}
	return true
}

// walkAs lets a party make its moves.
func (r *onboardingRun) walkAs(t *testing.T, name string, walk []move) {
	t.Helper()
	session, token := r.vars["session"], r.vars["token"]
	r.vars["session"], r.vars["token"] = r.vars[name+".session"], r.vars[name+".token"]
	for i, m := range walk {
		if !r.move(t, m) {
			t.Fatalf("move %d of %s (%s %s%s) was the last", i, name, m.Do, m.Step, m.Path)
		}
	}
	r.vars["session"], r.vars["token"] = session, token
}

// public calls the applicant's side of the present session.
func (r *onboardingRun) public(t *testing.T, method, path string, body any) answer {
	t.Helper()
	c := &client{url: r.srv.url}
	return c.call(t, method, "/public/sessions/"+r.vars["token"]+path, body)
}

// picture is a small photograph that no other has.
func picture(t testing.TB, of string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, noise(64, 48), nil); err != nil {
		t.Fatal(err)
	}
	comment := append([]byte{0xff, 0xfe, 0, byte(2 + len(of)%200)}, of[:len(of)%200]...)
	return append(append(append([]byte{}, b.Bytes()[:2]...), comment...), b.Bytes()[2:]...)
}

// send carries a picture through the three steps of an upload; the answer is
// the first refusal or the document.
func (r *onboardingRun) send(t *testing.T, m move) answer {
	t.Helper()
	of := fmt.Sprintf("%s %s %s %s %d", r.vars["session"], m.Step, m.Type+m.Field, m.Side, time.Now().UnixNano())
	c := &client{url: r.srv.url}
	return c.uploadStep(t, r.vars["token"], announcement(m.Step, m.Type, m.Field, m.Side, picture(t, of)), picture(t, of))
}

// announcement is the body of upload/init.
func announcement(step, kind, field, side string, file []byte) map[string]any {
	sum := sha256.Sum256(file)
	body := map[string]any{"step_id": step, "file_name": "photo.jpg", "content_type": "image/jpeg", "size": len(file), "sha256": hex.EncodeToString(sum[:])}
	for name, value := range map[string]string{"document_type": kind, "field_id": field, "side": side} {
		if value != "" {
			body[name] = value
		}
	}
	return body
}

// uploadStep announces, sends and confirms a file without a key.
func (c *client) uploadStep(t *testing.T, token string, body map[string]any, file []byte) answer {
	t.Helper()
	base := "/public/sessions/" + token
	a := c.call(t, "POST", base+"/upload/init", body)
	if a.status >= 300 {
		return a
	}
	id := a.str("upload_id")
	var headers map[string]string
	a.get(t, "headers", &headers)
	if a = c.send(t, "PUT", a.str("upload_url"), headers["Content-Type"], bytes.NewReader(file), nil); a.status >= 300 {
		return a
	}
	return c.call(t, "POST", base+"/upload/confirm", map[string]any{"upload_id": id})
}

// await polls the present session until it has the status.
func (r *onboardingRun) await(t *testing.T, status string) answer {
	t.Helper()
	return r.c.awaitOnboarding(t, r.vars["session"], status)
}

// awaitOnboarding polls a session of the onboarding surface.
func (c *client) awaitOnboarding(t *testing.T, session string, statuses ...string) answer {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		a := c.must(t, http.StatusOK, "GET", "/kyc/sessions/"+session, nil)
		for _, s := range statuses {
			if a.str("status") == s {
				return a
			}
		}
		if time.Now().After(deadline) || t.Context().Err() != nil {
			t.Fatalf("the session is %s, want %v\n%.8000s", a.str("status"), statuses, a.raw)
		}
		pause(t)
	}
}
