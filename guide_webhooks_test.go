package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
	"bonafide/webhook"
)

// guideBlock takes the first block of a kind out of a guide.
func guideBlock(t *testing.T, page, kind string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, "\n```"+kind+"\n")
	block, _, closed := strings.Cut(rest, "\n```\n")
	if !found || !closed {
		t.Fatalf("there is no %s block", kind)
	}
	return block
}

// The message of docs/guide/webhooks.md is what this program would send, and the
// receivers of that page take it and refuse it when one thing is changed.
func TestGuideOfWebhooks(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("docs/guide/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	said := map[string]string{}
	for line := range strings.Lines(guideBlock(t, page, "vector")) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		said[name] = value
	}
	body := []byte(said["body"])
	if len(body) != 148 || !json.Valid(body) {
		t.Errorf("the body has %d bytes", len(body))
	}
	public, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(said["public-key"], "whpk_"))
	if err != nil || len(public) != ed25519.PublicKeySize {
		t.Fatal(err)
	}
	x := base64.RawURLEncoding.EncodeToString(public)

	// What this program sends, with the private half of RFC 8032, section 7.1.
	h := http.Header{}
	keys := kyc.SignatureKeys{Keys: []kyc.SignatureKey{{ID: "k", Public: x}}, Seeds: map[string]string{"k": "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="}}
	if err := webhook.Sign(h, kyc.ID(said["webhook-id"]), time.Unix(1764000000, 0), body, kyc.Endpoint{Scheme: kyc.SchemeBoth, Secrets: []kyc.EndpointSecret{{Secret: said["secret"]}}}, keys); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
		if h.Get(name) != said[name] {
			t.Errorf("%s is %s, the guide says %s", name, h.Get(name), said[name])
		}
	}

	changed := func(name, value string) http.Header {
		out := h.Clone()
		out.Set(name, value)
		return out
	}
	at := int64(1764000000)
	flipped := bytes.Replace(body, []byte("approved"), []byte("declined"), 1)
	cases := []struct {
		Name    string      `json:"name"`
		Headers http.Header `json:"-"`
		Flat    any         `json:"headers"`
		Body    []byte      `json:"body"`
		Now     int64       `json:"now"`
		Want    bool        `json:"want"`
	}{
		{Name: "as it came", Headers: h, Body: body, Now: at, Want: true},
		{Name: "five minutes later", Headers: h, Body: body, Now: at + 300, Want: true},
		{Name: "later than that", Headers: h, Body: body, Now: at + 301},
		{Name: "from the future", Headers: h, Body: body, Now: at - 301},
		{Name: "another body", Headers: h, Body: flipped, Now: at},
		{Name: "another id", Headers: changed("webhook-id", "019ab0c1-7a00-7c3e-8d21-5f6a90b4c2d8"), Body: body, Now: at},
		{Name: "another time", Headers: changed("webhook-timestamp", "1764000001"), Body: body, Now: at},
		{Name: "no time", Headers: changed("webhook-timestamp", "soon"), Body: body, Now: at},
		{Name: "the secret alone", Headers: changed("webhook-signature", strings.Fields(said["webhook-signature"])[0]), Body: body, Now: at},
		{Name: "the signature under another version", Headers: changed("webhook-signature", strings.Replace(said["webhook-signature"], "v1a,", "v2a,", 1)), Body: body, Now: at},
		{Name: "half a signature", Headers: changed("webhook-signature", "v1a,LLODtXRIbAES16R0T6csGSorP5CHfADEkbPUhzMjccM="), Body: body, Now: at},
	}
	for i := range cases {
		c := &cases[i]
		if got := ours(c.Headers, c.Body, []ed25519.PublicKey{public}, time.Unix(c.Now, 0)); got != c.Want {
			t.Errorf("Go, %s: %v", c.Name, got)
		}
		flat := map[string]string{}
		for name := range c.Headers {
			flat[strings.ToLower(name)] = c.Headers.Get(name)
		}
		c.Flat = flat
	}

	// The function of the page is the one this file is compiled with.
	source, err := os.ReadFile("webhook_keys_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(source), guideBlock(t, page, "go")) {
		t.Error("the receiver in Go is not the one of webhook_keys_test.go")
	}

	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("the guide's receiver in JavaScript needs node")
	}
	input, err := json.Marshal(map[string]any{"cases": cases, "set": map[string]any{"keys": []any{map[string]string{"kty": "OKP", "crv": "Ed25519", "x": x, "use": "sig", "alg": "EdDSA"}}}})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "-e", guideBlock(t, page, "js")+`
const { cases, set } = JSON.parse(require("node:fs").readFileSync(0));
for (const c of cases) {
  const got = ours(c.headers, Buffer.from(c.body, "base64"), set, c.now);
  if (got !== c.want) console.log(c.name + ": " + got);
}
console.log(cases.length + " looked at");`)
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "11 looked at\n" {
		t.Errorf("Node.js: %v %s", err, out)
	}
}
