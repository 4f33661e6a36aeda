package check

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bonafide/kyc"
)

type httpConfig struct {
	URL            string            `json:"url"`
	Secret         string            `json:"secret"`
	Headers        map[string]string `json:"headers"`
	TimeoutSeconds float64           `json:"timeout_seconds"`
	Send           []string          `json:"send"`
	ResponseSchema json.RawMessage   `json:"response_schema"`
}

// sendable are the parts of a session that a customer may have sent.
var sendable = []string{"fields", "extracted", "metadata", "checks"}

func httpCheck(d Deps) Check {
	s := spec("http", "Own check",
		"Asks the customer's own server. The request is a POST signed after Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature); Idempotency-Key is the same when an attempt is sent again. The answer is JSON: "+
			`{"status":"ok","verdict":"pass|fail|review|skip","score":0-100,"reasons":[{"code","message","severity"}],"details":{}}; status may be left out and then means ok. 408, 425, 429, 5xx, broken connections and time-outs are tried again.`, 0)
	s.Provides = []string{"score", "details"}
	s.ConfigSchema = schema(`
"url":{"type":"string","pattern":"^https?://","maxLength":2048,"description":"Where to ask. Private addresses are refused; redirects are not followed."},
"secret":{"type":"string","minLength":1,"maxLength":200,"description":"Whose secret signs the request: the id of a webhook endpoint of the organisation (webhook_…)."},
"headers":{"type":"object","maxProperties":20,"propertyNames":{"pattern":"^[A-Za-z0-9-]{1,64}$"},"additionalProperties":{"type":"string","maxLength":4096,"pattern":"^[^\\r\\n]*$"},"description":"Further headers. Those that the program sets itself cannot be replaced."},
"timeout_seconds":{"type":"number","exclusiveMinimum":0,"maximum":30,"default":10,"description":"Limit of one attempt."},
"send":{"type":"array","uniqueItems":true,"items":{"type":"string","enum":["fields","extracted","metadata","checks"]},"default":["fields","extracted","metadata"],"description":"Which parts of the session the server gets to see."},
"response_schema":{"type":"object","description":"JSON Schema 2020-12 that the answer must fit besides the built-in one."}`, `"required":["url","secret"]`)
	answers, err := compile("http_answer", json.RawMessage(httpAnswerSchema))
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		if err != nil {
			return broken("schema_broken", "the schema of answers cannot be read")
		}
		return askServer(ctx, d, r, answers)
	}}
}

func askServer(ctx context.Context, d Deps, r kyc.CheckRequest, answers validator) kyc.Answer {
	c := httpConfig{TimeoutSeconds: 10, Send: []string{"fields", "extracted", "metadata"}}
	if err := decode(r.Config, &c); err != nil || c.URL == "" || c.Secret == "" {
		return broken("config_invalid", "the check's config cannot be read; url and secret are needed")
	}
	if d.HTTP == nil || d.Secrets == nil {
		return notConfigured("http_not_configured", "calls to other servers are not set up here")
	}
	own, err := ownSchema(c.ResponseSchema)
	if err != nil {
		return broken("config_invalid", "response_schema is no JSON Schema")
	}
	secrets, err := d.Secrets.SigningSecrets(ctx, r.Tenant, c.Secret)
	if err != nil || len(secrets) == 0 {
		if err != nil && kyc.KindOf(err) != kyc.NotFound && kyc.KindOf(err) != kyc.Invalid {
			return unavailable("secret_unavailable", "the signing secret cannot be read now")
		}
		return broken("secret_missing", "the signing secret that the config names does not exist")
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.TimeoutSeconds*float64(time.Second)))
	defer cancel()
	req, err := signedRequest(ctx, c, r, secrets, d.Clock.Now())
	if err != nil {
		return broken("request_invalid", "the request cannot be made: "+err.Error())
	}
	a := exchange(d.HTTP, req, []validator{answers, own})
	if a.Provider == "" {
		a.Provider = providerHTTP
	}
	return a
}

// signedRequest writes the request. Its body is the message that is signed.
func signedRequest(ctx context.Context, c httpConfig, r kyc.CheckRequest, secrets []string, now time.Time) (*http.Request, error) {
	data := map[string]any{
		"session_id": kyc.Dress("session", r.SessionID), "node": r.Node, "attempt": r.Attempt, "country": r.Country,
		"is_sandbox": r.Tenant.Env == kyc.Sandbox,
	}
	parts := map[string]any{"fields": r.Fields, "extracted": r.Extracted, "metadata": r.Metadata, "checks": r.Checks}
	for _, name := range sendable {
		if slices.Contains(c.Send, name) {
			data[name] = parts[name]
		}
	}
	body, err := json.Marshal(map[string]any{"type": "check.requested", "timestamp": now.UTC().Format(time.RFC3339Nano), "data": data})
	if err != nil {
		return nil, errors.New("the session's data is no JSON")
	}
	return signedPost(ctx, c.URL, c.Headers, callID(r, ""), body, secrets, now)
}

// callID names one call for ever: sent again it is the same. part tells the
// calls of one check apart.
func callID(r kyc.CheckRequest, part string) string {
	id := r.CallKey
	if id == "" {
		id = string(r.RunID) + "-" + r.Node + "-" + strconv.Itoa(r.Attempt)
	}
	return id + part
}

// signedPost makes the POST of a message that is signed after Standard
// Webhooks.
func signedPost(ctx context.Context, address string, headers map[string]string, id string, body []byte, secrets []string, now time.Time) (*http.Request, error) {
	var signatures []string
	for _, secret := range secrets {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return nil, errors.New("the signing secret is no whsec_ secret")
		}
		signed, err := w.Sign(id, now, body)
		if err != nil {
			return nil, errors.New("the request cannot be signed")
		}
		signatures = append(signatures, signed)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address cannot be read")
	}
	if req.URL.Scheme == "http" && !nearby(req.URL.Hostname()) {
		return nil, errors.New("only https:// addresses can be called outside of the own network")
	}
	if req.URL.User != nil {
		return nil, errors.New("the address must not carry a name or password")
	}
	for name, v := range headers {
		if !reserved(name) {
			req.Header.Set(name, v)
		}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "Bonafide")
	req.Header.Set("Idempotency-Key", id)
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return req, nil
}

// nearby reports whether a host is named so that it can only lie in the own
// network: a private or loopback address, or a name without a dot. Whether it
// may be called at all is for the guard of the client to say.
func nearby(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.IsLoopback() || a.IsPrivate()
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost")
}

// reserved are the headers that belong to the message itself.
func reserved(name string) bool {
	n := textproto.CanonicalMIMEHeaderKey(name)
	switch n {
	case "Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Accept-Encoding", "Upgrade", "Te", "Trailer", "Idempotency-Key":
		return true
	}
	return strings.HasPrefix(n, "Webhook-")
}

// maxHTTPAnswer bounds what is read of an answer.
const maxHTTPAnswer = 256 << 10

func exchange(client *http.Client, req *http.Request, schemas []validator) kyc.Answer {
	status, body, bad := fetch(client, req)
	if bad != nil {
		return *bad
	}
	sum := sha256.Sum256(body)
	a := interpret(status, body, schemas)
	a.Provider, a.RawHash = providerHTTP, hex.EncodeToString(sum[:])
	return a
}

// fetch sends a request and reads a bounded answer; bad is set when there is
// none.
func fetch(client *http.Client, req *http.Request) (status int, body []byte, bad *kyc.Answer) {
	no := func(a kyc.Answer) (int, []byte, *kyc.Answer) { return 0, nil, &a }
	res, err := client.Do(req)
	if err != nil {
		var e *kyc.Error
		if errors.As(err, &e) && e.Kind != kyc.Unavailable {
			return no(broken(e.Code, e.Message)) // the guard refused the address
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return no(unavailable("timeout", "the server did not answer in time"))
		}
		return no(unavailable("connection_failed", "the server could not be reached"))
	}
	defer res.Body.Close()
	body, err = io.ReadAll(io.LimitReader(res.Body, maxHTTPAnswer+1))
	if err != nil {
		return no(unavailable("answer_cut", "the server's answer broke off"))
	}
	return res.StatusCode, body, nil
}

// interpret turns status and body into an answer. Everything but a readable
// 2xx answer that fits the schemas is no answer.
func interpret(status int, body []byte, schemas []validator) kyc.Answer {
	if bad := refusal(status, body); bad != nil {
		return *bad
	}
	return parseHTTPAnswer(body, schemas)
}

// refusal is the answer for a status or a size that is none; nil for a body
// that can be looked at.
func refusal(status int, body []byte) *kyc.Answer {
	var a kyc.Answer
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		a = unavailable("server_"+strconv.Itoa(status), fmt.Sprintf("the server answered %d", status))
	case status >= 300 && status < 400:
		a = broken("redirect_refused", "the server answered with a redirect; redirects are not followed")
	case status < 200 || status >= 300:
		a = broken("server_"+strconv.Itoa(status), fmt.Sprintf("the server answered %d", status))
	case len(body) > maxHTTPAnswer:
		a = broken("answer_too_large", "the server's answer is larger than 256 KiB")
	default:
		return nil
	}
	return &a
}
