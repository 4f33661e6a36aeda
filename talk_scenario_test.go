package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"bonafide/kyc"
)

// A scenario of surface B (checks_*.txtar) or C (entities_*.txtar), or of what
// reviewers say of hits on surface D (hits_*.txtar), what a second person sees
// (publish_*.txtar), how long data is kept (retention_*.txtar), how queues of cases
// are worked (queues_*.txtar) and how a rollout
// ends (rollout_*.txtar), is a conversation: talk.json lists requests in order,
// each with what its answer must hold. bodies.json, where there is one, names bodies that several turns
// send; people.json lists people of the organisation (colleague). The text before them says what the scenario is about. Each runs on both
// databases, in an organisation of its own with a live and a sandbox key.
type talk struct {
	name   string
	bodies map[string]json.RawMessage
	turns  []turn
	people []colleague
	files  map[string][]byte // pictures by their names (talk_faces_test.go)
}

// turn is one request of a conversation.
type turn struct {
	// Play takes the turns of a play (see loadPlays) in place of a call.
	Play string `json:"play"`
	// Call is the method and the path: "POST /v1/workflows". {name} stands for
	// what an earlier turn kept, {name|path} for the same escaped for a path,
	// {aged_51} for the birth date of somebody who turned 51 yesterday,
	// {hook} for the address of the scenario's webhook receiver, {server} for
	// that of its own check server, {photo} for a photograph in base64 and
	// {mebibyte} for a text of that size.
	Call string `json:"call"`
	// As is who asks: sandbox (default), live, stranger (another organisation),
	// nobody, and the others of talkers.
	As     string            `json:"as"`
	Header map[string]string `json:"header"`
	Body   json.RawMessage   `json:"body"`
	// Send names a body of bodies.json; Raw is one that need not be JSON.
	Send string `json:"send"`
	Raw  string `json:"raw"`
	// Let sets names; Each takes the turn once for each of the values.
	Let  map[string]string   `json:"let"`
	Each map[string][]string `json:"each"`
	// Serve is what the check server answers from now on; before the first one
	// its callers wait.
	Serve json.RawMessage `json:"serve"`
	// Picture sends a small photograph instead of a JSON body, with that
	// difference to all others.
	Picture string `json:"picture"`
	// File sends one of the scenario's files by its name, as ContentType
	// (image/jpeg); with the values of Form it is a part of a form.
	File        string            `json:"file"`
	ContentType string            `json:"content_type"`
	Form        map[string]string `json:"form"`
	// Status is the expected one; 0 is any below 300.
	Status int `json:"status"`
	// Code is the error's own: code on surface B, the first issueType on C.
	Code string `json:"code"`
	// Want is a part of the answer; "*" stands for anything but null.
	Want json.RawMessage `json:"want"`
	// At are values of the answer by their path.
	At map[string]any `json:"at"`
	// Not are paths (a.b.0) that the answer must not have or that are null.
	Not []string `json:"not"`
	// Keep notes values of the answer under names, by their path; @ETag is a
	// header.
	Keep map[string]string `json:"keep"`
	// Head are headers of the answer: * is any text, nothing is no header.
	Head map[string]string `json:"head"`
	// Holds and Lacks are texts that must and must not be in the answer.
	Holds []string `json:"holds"`
	Lacks []string `json:"lacks"`
	// Exactly is every problem that the answer lists, as "path code".
	Exactly []string `json:"exactly"`
	// Until repeats the request until Want holds.
	Until bool `json:"until"`
	// Times repeats it so often.
	Times int `json:"times"`
	// Hook waits for a webhook of that name whose data holds Want; Path is the
	// end of the address it must be sent to.
	Hook string `json:"hook"`
	Path string `json:"path"`
	// Never is the name of a webhook that must not have come by now.
	Never string `json:"never"`
	// Count is how many webhooks of the name Hook came by now.
	Count int `json:"count"`
}

func loadTalk(t *testing.T, file string) talk {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := talk{name: strings.TrimSuffix(filepath.Base(file), ".txtar")}
	for _, f := range archive.Files {
		var err error
		switch f.Name {
		case "talk.json":
			err = strictly(f.Data, &s.turns)
		case "bodies.json":
			err = strictly(f.Data, &s.bodies)
		case "people.json":
			err = strictly(f.Data, &s.people)
		default:
			t.Fatalf("%s: what is %s?", file, f.Name)
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	if len(s.turns) == 0 || len(bytes.TrimSpace(archive.Comment)) == 0 {
		t.Fatalf("%s: a sentence and talk.json are needed", file)
	}
	return s
}

func TestTalks(t *testing.T) {
	t.Parallel()
	var files []string
	for _, surface := range []string{"checks", "entities", "hits", "publish", "retention", "rollout", "queues"} {
		found, err := filepath.Glob("testdata/scenarios/" + surface + "_*.txtar")
		if err != nil || len(found) == 0 {
			t.Fatalf("no scenarios of %s: %v", surface, err)
		}
		files = append(files, found...)
	}
	eachDatabase(t, func(t *testing.T, database string) {
		t.Parallel()
		srv := startServer(t, database)
		for _, file := range files {
			s := loadTalk(t, file)
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				s.run(t, srv)
			})
		}
	})
}

// conversation is a talk under way.
type conversation struct {
	who    map[string]*client
	bodies map[string]json.RawMessage
	hook   *hook
	server *checkServer
	vars   map[string]string
	files  map[string][]byte
}

func (s talk) run(t *testing.T, srv *server) {
	t.Helper()
	who, org := srv.talkers(t)
	srv.hire(t, org, s.people)
	r := &conversation{who: who, bodies: s.bodies, vars: map[string]string{}}
	r.vars["sandbox_key"], r.vars["live_key"], r.vars["org"] = who["sandbox"].key, who["live"].key, string(org)
	r.nameFiles(s.files)
	for i, turn := range s.turns {
		if turn.As == "stranger" && r.who["stranger"] == nil {
			r.who["stranger"], _ = srv.newTenants(t)
		}
		if problem := r.perform(t, turn); problem != "" {
			t.Fatalf("turn %d %s", i, problem)
		}
	}
	srv.allUnchanged(t, s.name, kyc.Tenant{Org: org, Env: kyc.Sandbox})
	srv.allUnchanged(t, s.name, kyc.Tenant{Org: org, Env: kyc.Live})
}
