package oidctest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The client that every provider of this package knows.
const (
	ClientID     = "bonafide"
	ClientSecret = "a secret + of / the client"
)

// Provider is the other house. Its fields are set before a sign-in and read by
// each request; a nil or zero field means that it does right.
type Provider struct {
	URL string
	Now func() time.Time

	mu sync.Mutex
	// claims are what the next ID token says beside iss, aud, iat, exp and nonce.
	claims map[string]any
	// userinfo is what the userinfo endpoint says; nil: there is none.
	userinfo map[string]any
	wrong    Wrong
	codes    map[string]grant
	asked    map[string]int
	left     []string
	signing
}

// signing are the keys of all providers of a test run; making them takes a tenth
// of a second each.
type signing struct {
	rsa      *rsa.PrivateKey
	ec       *ecdsa.PrivateKey
	stranger *rsa.PrivateKey // published nowhere
}

var signers = sync.OnceValues(func() (s signing, err error) {
	if s.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return s, err
	}
	if s.stranger, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return s, err
	}
	s.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return s, err
})

// Wrong is what the provider does otherwise than it should.
type Wrong struct {
	// Alg signs the ID token: RS256 (also for ""), ES256, none, HS256 (with the
	// client's secret), HS256-key (with the public key's text) or stranger (RS256
	// with a key of nobody).
	Alg string
	// Claims replaces claims of the ID token; nil values remove them.
	Claims map[string]any
	// Down answers 503 everywhere, Issuer names itself otherwise, Plain puts the
	// token endpoint on another host without TLS, PlainInfo the userinfo endpoint.
	Down      bool
	Issuer    string
	Plain     bool
	PlainInfo bool
	// Deny lets nobody in, Again lets a code be used many times, Name names
	// another provider in the answer.
	Deny, Again bool
	Name        string
	// Page asks with a page and a button before it answers.
	Page bool
	// Leave is the address of its sign-out; "-" offers none. Keep answers a
	// sign-out without leading anywhere.
	Leave string
	Keep  bool
}

type grant struct {
	redirect, nonce, challenge string
}

// New starts a provider; it ends with the test.
func New(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	p := &Provider{Now: now, codes: map[string]grant{}, asked: map[string]int{}}
	made, err := signers()
	if err != nil {
		t.Fatal(err)
	}
	p.signing = made
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.info)
	mux.HandleFunc("GET /leave", p.leave)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked[r.URL.Path]++
		down := p.wrong.Down
		p.mu.Unlock()
		if down {
			http.Error(w, "down for repairs", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// Is makes the provider know who signs in next.
func (p *Provider) Is(claims map[string]any) { p.mu.Lock(); p.claims = claims; p.mu.Unlock() }

// Info makes the userinfo endpoint say something.
func (p *Provider) Info(claims map[string]any) { p.mu.Lock(); p.userinfo = claims; p.mu.Unlock() }

// Do makes the provider do wrong, or right again.
func (p *Provider) Do(w Wrong) { p.mu.Lock(); p.wrong = w; p.mu.Unlock() }

// Asked is how often a path was asked for.
func (p *Provider) Asked(path string) int { p.mu.Lock(); defer p.mu.Unlock(); return p.asked[path] }

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	doc := map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "code_challenge_methods_supported": []string{"S256"},
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "none", "HS256"}, "authorization_response_iss_parameter_supported": true,
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic"}}
	if p.userinfo != nil {
		doc["userinfo_endpoint"] = p.URL + "/userinfo"
	}
	if p.wrong.Issuer != "" {
		doc["issuer"] = p.wrong.Issuer
	}
	if p.wrong.Plain {
		doc["token_endpoint"] = "http://login.example/token"
	}
	if p.wrong.PlainInfo {
		doc["userinfo_endpoint"] = "http://login.example/userinfo"
	}
	switch doc["end_session_endpoint"] = p.URL + "/leave?tenant=acme"; p.wrong.Leave {
	case "":
	case "-":
		delete(doc, "end_session_endpoint")
	default:
		doc["end_session_endpoint"] = p.wrong.Leave
	}
	answer(w, http.StatusOK, doc)
}

// leave signs the browser's person out and sends it back (OpenID Connect
// RP-Initiated Logout 1.0, section 2).
func (p *Provider) leave(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("post_logout_redirect_uri"))
	if err != nil || q.Get("client_id") != ClientID || q.Get("tenant") != "acme" || !strings.HasSuffix(back.Path, "/console/sign-out/done") || q.Get("state") == "" {
		http.Error(w, "this is no request of the client", http.StatusBadRequest)
		return
	}
	p.left = append(p.left, q.Get("logout_hint"))
	if p.wrong.Keep {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	back.RawQuery = url.Values{"state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// Left are the hints of the sign-outs that came, in their order.
func (p *Provider) Left() []string { p.mu.Lock(); defer p.mu.Unlock(); return slices.Clone(p.left) }

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	point, err := p.ec.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, map[string]any{"keys": []any{
		map[string]any{"kty": "RSA", "use": "sig", "kid": "r", "n": b64(p.rsa.N.Bytes()), "e": b64(big.NewInt(int64(p.rsa.E)).Bytes())},
		map[string]any{"kty": "EC", "use": "sig", "kid": "e", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:65])}}})
}

// authorize answers the browser (OpenID Connect Core 1.0, 3.1.2).
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := r.URL.Query()
	redirect, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != ClientID || !strings.HasSuffix(redirect.Path, "/console/sign-in/oidc/callback") || q.Get("response_type") != "code" ||
		!strings.Contains(q.Get("scope"), "openid") || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("nonce") == "" || q.Get("state") == "" {
		http.Error(w, "this is no request of the client", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}, "iss": {p.URL}}
	if p.wrong.Name != "" {
		back.Set("iss", p.wrong.Name)
	}
	if p.wrong.Deny {
		back.Set("error", "access_denied")
		back.Set("error_description", "<script>alert(1)</script>")
	} else {
		code := rand.Text()
		p.codes[code] = grant{redirect: q.Get("redirect_uri"), nonce: q.Get("nonce"), challenge: q.Get("code_challenge")}
		back.Set("code", code)
	}
	redirect.RawQuery = back.Encode()
	if p.wrong.Page {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>Other house</title><link rel="icon" href="data:,"><main><h1>Other house</h1><a id="yes" href="%s">It is me</a></main>`, html.EscapeString(redirect.String()))
		return
	}
	http.Redirect(w, r, redirect.String(), http.StatusFound)
}

// token answers the client (OpenID Connect Core 1.0, 3.1.3).
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	user, password, ok := r.BasicAuth()
	id, err1 := url.QueryUnescape(user)
	secret, err2 := url.QueryUnescape(password)
	if !ok || err1 != nil || err2 != nil || id != ClientID || secret != ClientSecret {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	code := r.PostFormValue("code")
	g, known := p.codes[code]
	if !p.wrong.Again {
		delete(p.codes, code)
	}
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || r.PostFormValue("grant_type") != "authorization_code" || r.PostFormValue("redirect_uri") != g.redirect || b64(sum[:]) != g.challenge {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	access := rand.Text()
	half := sha256.Sum256([]byte(access))
	now := p.Now()
	claims := map[string]any{"iss": p.URL, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": g.nonce, "at_hash": b64(half[:16])}
	for _, more := range []map[string]any{p.claims, p.wrong.Claims} {
		for name, value := range more {
			if claims[name] = value; value == nil {
				delete(claims, name)
			}
		}
	}
	signed, err := p.sign(claims)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": signed})
}

func (p *Provider) info(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		http.Error(w, "no token", http.StatusUnauthorized)
		return
	}
	answer(w, http.StatusOK, p.userinfo)
}

// sign makes a JSON Web Signature in compact form (RFC 7515).
func (p *Provider) sign(claims map[string]any) (string, error) {
	alg, kid, key := p.wrong.Alg, "r", p.rsa
	switch alg {
	case "", "RS256", "stranger":
		if alg == "stranger" {
			key = p.stranger
		}
		alg = "RS256"
	case "ES256":
		kid = "e"
	case "HS256-key":
		alg = "HS256"
	}
	head, err1 := json.Marshal(map[string]any{"alg": alg, "kid": kid, "typ": "JWT"})
	body, err2 := json.Marshal(claims)
	if err1 != nil || err2 != nil {
		return "", fmt.Errorf("writing an ID token: %w, %w", err1, err2)
	}
	text := b64(head) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	var signature []byte
	var err error
	switch alg {
	case "RS256":
		signature, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	case "ES256":
		var r, s *big.Int
		if r, s, err = ecdsa.Sign(rand.Reader, p.ec, sum[:]); err == nil {
			signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		}
	case "HS256":
		secret := []byte(ClientSecret)
		if p.wrong.Alg == "HS256-key" {
			secret = p.rsa.N.Bytes()
		}
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(text))
		signature = mac.Sum(nil)
	}
	return text + "." + b64(signature), err
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a test's own server
}
