package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"bonafide/kyc"
)

// Secrets resolves the reference by which an organisation names the secret that
// signs calls to its server: whsec_ strings, newest first; none when there is no
// such reference in this environment.
type Secrets interface {
	SigningSecrets(ctx context.Context, t kyc.Tenant, reference string) ([]string, error)
}

// HTTPOptions say how organisations' servers are asked. Client, Secrets and
// Clock are needed.
type HTTPOptions struct {
	// Client must be guarded against private addresses and must not follow
	// redirects (webhook.Guard.Client).
	Client  *http.Client
	Secrets Secrets
	Clock   kyc.Clock
	// Attempts of one question, of which each may take AttemptTimeout;
	// defaults 3 and 10 s.
	Attempts       int
	AttemptTimeout time.Duration
	// Wait waits between attempts; default: the clock of the machine.
	Wait func(ctx context.Context, d time.Duration) error
	// Jitter gives numbers 0-1; default: math/rand.
	Jitter func() float64
}

// HTTP asks servers that speak the published protocol. Its [Server] fills the
// ports for one organisation.
type HTTP struct {
	o        HTTPOptions
	breakers *breakers
	answers  map[string]*jsonschema.Schema
}

// NewHTTP errs when the protocol itself is broken.
func NewHTTP(o HTTPOptions) (*HTTP, error) {
	if o.Attempts <= 0 {
		o.Attempts = 3
	}
	if o.AttemptTimeout <= 0 {
		o.AttemptTimeout = 10 * time.Second
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	h := &HTTP{o: o, breakers: newBreakers(o.Clock), answers: map[string]*jsonschema.Schema{}}
	for _, q := range questions() {
		s, err := definition(q + "_answer")
		if err != nil {
			return nil, err
		}
		h.answers[q] = s
	}
	return h, nil
}

// questions are the questions of the protocol.
func questions() []string {
	return []string{"face_match", "other_faces", "age_estimation", "liveness_create", "liveness_result", "document_ocr"}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Server is one organisation's server. Its methods are face.Comparer,
// face.Onlookers, face.AgeEstimator, face.LivenessProvider and document.IDReader.
type Server struct {
	h *HTTP
	a kyc.Asking
}

// For gives the server of an organisation.
func (h *HTTP) For(a kyc.Asking) *Server { return &Server{h: h, a: a} }

// maxAnswer bounds what is read of an answer. Only liveness results hold
// pictures.
func maxAnswer(question string) int64 {
	if question == "liveness_result" {
		return 32 << 20
	}
	return 256 << 10
}

// ask puts one question and reads the answer into out, which is filled only
// when the answer fits its schema and has status ok or no_judgement.
func (s *Server) ask(ctx context.Context, question, call string, data, out any) *kyc.Error {
	where := s.a.Providers.HTTP
	if where.URL == "" || where.Secret == "" {
		return missing(kyc.ProviderHTTP, "the organisation's settings name no server (providers.http)")
	}
	secrets, err := s.h.o.Secrets.SigningSecrets(ctx, s.a.Tenant, where.Secret)
	switch {
	case err != nil && kyc.KindOf(err) != kyc.NotFound && kyc.KindOf(err) != kyc.Invalid:
		return fails(codeUnavailable, "the signing secret cannot be read now")
	case err != nil || len(secrets) == 0:
		return missing(kyc.ProviderHTTP, "the signing secret that the organisation's settings name does not exist")
	}
	if call == "" {
		call = string(kyc.NewID(s.h.o.Clock.Now()))
	}
	// Two organisations that name one address rest apart: what one of them is
	// refused says nothing to the other.
	service := string(s.a.Tenant.Org) + " " + string(s.a.Tenant.Env) + " " + where.URL
	return s.h.breakers.of(service).ask(func() bool { return errors.Is(ctx.Err(), context.Canceled) }, func() *kyc.Error {
		var last *kyc.Error
		for n := 1; ; n++ {
			raw, pause, err := s.attempt(ctx, question, call, where.URL, secrets, data)
			if err == nil {
				return s.h.read(question, raw, out)
			}
			if last = err; !passing(err) || n >= s.h.o.Attempts {
				return last
			}
			// 200 ms, then twice as long each time, with half of it left to chance,
			// so that nodes do not come back together.
			d := time.Duration(float64(200*time.Millisecond<<(n-1)) * (0.5 + s.h.o.Jitter()/2))
			if s.h.o.Wait(ctx, max(d, min(pause, 5*time.Second))) != nil {
				return last
			}
		}
	})
}

// attempt sends a question once and gives the body of a 200. pause is what the
// server asks us to wait.
func (s *Server) attempt(ctx context.Context, question, call, address string, secrets []string, data any) (raw []byte, pause time.Duration, bad *kyc.Error) {
	ctx, cancel := context.WithTimeout(ctx, s.h.o.AttemptTimeout)
	defer cancel()
	now := s.h.o.Clock.Now()
	body, err := json.Marshal(map[string]any{"type": "provider." + question, "timestamp": now.UTC().Format(time.RFC3339Nano), "data": data}, json.Deterministic(true))
	if err != nil {
		return nil, 0, fails(codeRefused, "the question cannot be written")
	}
	req, bad := signed(ctx, address, call, body, secrets, now)
	if bad != nil {
		return nil, 0, bad
	}
	res, err := s.h.o.Client.Do(req)
	if err != nil {
		var guard *kyc.Error
		switch {
		case errors.As(err, &guard) && guard.Kind != kyc.Unavailable:
			return nil, 0, fails(codeRefused, "the server's address may not be called (%s)", word(guard.Code))
		case late(err):
			return nil, 0, fails(codeTimeout, "the server did not answer in time")
		}
		return nil, 0, fails(codeUnavailable, "the server could not be reached")
	}
	defer res.Body.Close()
	limit := maxAnswer(question)
	raw, err = io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch status := res.StatusCode; {
	case status == http.StatusTooManyRequests:
		return nil, pauseOf(res.Header), fails(codeThrottled, "the server asks for fewer questions (status 429)")
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status >= 500:
		return nil, pauseOf(res.Header), fails(codeUnavailable, "the server answered %d", status)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return nil, 0, fails(codeDenied, "the server refuses our signature (status %d)", status)
	case status != http.StatusOK:
		return nil, 0, fails(codeRefused, "the server answered %d; redirects are not followed", status)
	case err != nil && late(err):
		return nil, 0, fails(codeTimeout, "the server did not answer in time")
	case err != nil:
		return nil, 0, fails(codeCut, "the server's answer broke off")
	case int64(len(raw)) > limit:
		return nil, 0, fails(codeInvalid, "the server's answer is larger than %d KiB", limit>>10)
	}
	return raw, 0, nil
}

// pauseOf reads Retry-After in seconds; dates are not read.
func pauseOf(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 || n > 3600 {
		return 0
	}
	return time.Duration(n) * time.Second
}

// signed makes the POST of a question.
func signed(ctx context.Context, address, call string, body []byte, secrets []string, now time.Time) (*http.Request, *kyc.Error) {
	var signatures []string
	for _, secret := range secrets {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return nil, fails(codeRefused, "the signing secret is no whsec_ secret")
		}
		signature, err := w.Sign(call, now, body)
		if err != nil {
			return nil, fails(codeRefused, "the question cannot be signed")
		}
		signatures = append(signatures, signature)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, fails(codeRefused, "the server's address cannot be read")
	}
	if req.URL.User != nil || req.URL.Scheme != "https" && (req.URL.Scheme != "http" || !nearby(req.URL.Hostname())) {
		return nil, fails(codeRefused, "only https:// addresses without a name and password can be called outside of the own network")
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "Bonafide", "Idempotency-Key": call,
		standardwebhooks.HeaderWebhookID: call, standardwebhooks.HeaderWebhookTimestamp: strconv.FormatInt(now.Unix(), 10),
		standardwebhooks.HeaderWebhookSignature: strings.Join(signatures, " ")} {
		req.Header.Set(name, value)
	}
	return req, nil
}

// nearby reports whether a host is named so that it can only lie in the own
// network. Whether it may be called at all is for the guard of the client.
func nearby(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.IsLoopback() || a.IsPrivate()
	}
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".localhost")
}

// maxDepth bounds how deep an answer may be nested.
const maxDepth = 8

// read takes an answer strictly: one JSON value without double names, not too
// deep, that fits its schema.
func (h *HTTP) read(question string, raw []byte, out any) *kyc.Error {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		if _, err := d.ReadToken(); errors.Is(err, io.EOF) {
			break
		} else if err != nil || d.StackDepth() > maxDepth {
			return fails(codeInvalid, "the server's answer is no JSON, or nested too deeply")
		}
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return fails(codeInvalid, "the server's answer is no JSON")
	}
	if h.answers[question].Validate(doc) != nil {
		return fails(codeInvalid, "the server's answer does not fit the protocol (%s_answer)", question)
	}
	var said struct {
		Status string `json:"status"`
	}
	if json.Unmarshal(raw, &said) != nil {
		return fails(codeInvalid, "the server's answer does not fit the protocol (%s_answer)", question)
	}
	switch said.Status {
	case "ok", "no_judgement":
	case "unavailable":
		return fails(codeUnavailable, "the server says that it is unavailable")
	case "not_configured":
		return missing(kyc.ProviderHTTP, "the server says that it is not configured for "+question)
	default:
		return fails(codeRefused, "the server says that it failed")
	}
	if err := json.Unmarshal(raw, out, json.RejectUnknownMembers(true)); err != nil {
		return fails(codeInvalid, "the server's answer does not fit the protocol (%s_answer)", question)
	}
	return nil
}

// callOf names one question for ever.
func (s *Server) callOf(question string) string {
	if s.a.Call == "" {
		return ""
	}
	return fmt.Sprintf("%s-%s", s.a.Call, question)
}
