package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// apiClient calls the program's own API as a customer's system would.
type apiClient struct{ url, key string }

func (a apiClient) do(ctx context.Context, method, path string, body, into any) error {
	var reader io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(b)
	}
	return a.send(ctx, method, path, "application/json", reader, into)
}

func (a apiClient) upload(ctx context.Context, path, name string, file []byte) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for k, v := range map[string]string{"type": "document_front", "document_type": "passport"} {
		if err := form.WriteField(k, v); err != nil {
			return err
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		return err
	}
	if _, err := part.Write(file); err != nil {
		return err
	}
	if err := form.Close(); err != nil {
		return err
	}
	return a.send(ctx, "POST", path, form.FormDataContentType(), &body, nil)
}

func (a apiClient) send(ctx context.Context, method, path, contentType string, body io.Reader, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("X-API-Key", a.key)
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s answered %d: %s", method, path, resp.StatusCode, raw)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(raw, into)
}

// hookListener is a customer's receiver of webhooks in miniature: it verifies
// each message with the Standard Webhooks library before it believes it.
type hookListener struct {
	url    string
	server *http.Server
	events chan string

	mu     sync.Mutex
	verify *standardwebhooks.Webhook
}

func listenForHook(ctx context.Context) (*hookListener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &hookListener{url: "http://" + l.Addr().String() + "/bonafide", events: make(chan string, 16)}
	h.server = &http.Server{Handler: http.HandlerFunc(h.receive), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = h.server.Serve(l) }() // ends with Close
	return h, nil
}

func (h *hookListener) trust(secret string) {
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return // then nothing verifies
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.verify = w
}

func (h *hookListener) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	h.mu.Lock()
	verify := h.verify
	h.mu.Unlock()
	if err != nil || verify == nil || verify.Verify(body, r.Header) != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var message struct {
		Event string `json:"event"`
	}
	if json.Unmarshal(body, &message) == nil {
		select {
		case h.events <- message.Event:
		default:
		}
	}
}

func (h *hookListener) wait(ctx context.Context, limit time.Duration) (string, bool) {
	select {
	case e := <-h.events:
		return e, true
	case <-time.After(limit):
	case <-ctx.Done():
	}
	return "", false
}

func (h *hookListener) Close() { _ = h.server.Close() }
