package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bonafide/kyc"
)

// send posts the message once.
func (s *Sender) send(ctx context.Context, e kyc.Endpoint, event kyc.Event) (kyc.DeliveryTry, verdict) {
	at := s.d.Clock.Now()
	try := kyc.DeliveryTry{At: at}
	var answer string
	status, err := func() (int, error) {
		req, err := s.request(ctx, e, event, at)
		if err != nil {
			if ctx.Err() == nil {
				s.d.Log.Error("making a webhook message", "endpoint", e.ID, "event", event.ID, "error", err)
			}
			return 0, errUnmade
		}
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		req = req.WithContext(ctx)
		resp, err := s.d.Client.Do(req)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close()
		answer = began(resp.Body, e.Secrets)
		_, _ = io.CopyN(io.Discard, resp.Body, readResponse) // only so that the connection can be used again
		return resp.StatusCode, nil
	}()
	try.DurationMS = s.d.Clock.Now().Sub(at).Milliseconds()
	try.Status, try.Answer = status, answer
	if err != nil {
		try.Error = plain(err)
	} else if judge(status) != delivered {
		try.Error = fmt.Sprintf("the receiver answered %d %s", status, http.StatusText(status))
	}
	return try, judge(status)
}

// errUnmade is a message that could not be made or signed: our fault, not the
// receiver's. The log of this process says why.
var errUnmade = kyc.Errorf(kyc.Internal, "message_not_made", "the message could not be made or signed on our side")

// errBadAddress stands for errors that name the address: many hold a secret, and
// this one is logged.
var errBadAddress = errors.New("the endpoint's address cannot be read")

// request makes the message of an event as it is sent at a time: body, address
// and signatures.
func (s *Sender) request(ctx context.Context, e kyc.Endpoint, event kyc.Event, at time.Time) (*http.Request, error) {
	event, err := s.enrich(ctx, event)
	if err != nil {
		return nil, err
	}
	body, err := Body(event)
	if err != nil {
		return nil, err
	}
	address, err := Address(e.URL, event)
	if err != nil {
		return nil, errBadAddress
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, errBadAddress
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Bonafide-Webhooks/1")
	if event.RequestID != "" {
		// The request of the customer that caused the event (api.md 1.11).
		req.Header.Set("X-Request-Id", event.RequestID)
	}
	var keys kyc.SignatureKeys
	if e.Scheme.Asymmetric() {
		if keys, err = s.d.Store.SignatureKeys(ctx, e.Tenant); err != nil {
			return nil, err
		}
	}
	return req, Sign(req.Header, event.ID, at, body, e, keys)
}

// began reads the beginning of an answer as text: what is no text is left out, and
// so is a signing secret that the receiver repeats. An answer that cannot be read
// is none; its status counts.
func began(body io.Reader, secrets []kyc.EndpointSecret) string {
	longest := 0 // a secret that lies across the cut is read to its end
	for _, s := range secrets {
		longest = max(longest, len(s.Secret))
	}
	raw, _ := io.ReadAll(io.LimitReader(body, int64(keptAnswer+longest)))
	text := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, string(raw))
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s.Secret, "(secret)")
		text = strings.ReplaceAll(text, strings.TrimPrefix(s.Secret, "whsec_"), "(secret)")
	}
	text = text[:min(len(text), keptAnswer)]
	return strings.TrimSpace(strings.ToValidUTF8(text, ""))
}

// enrich completes the data of the message.
func (s *Sender) enrich(ctx context.Context, e kyc.Event) (kyc.Event, error) {
	if s.d.Enrich == nil || len(e.Payload) == 0 {
		return e, nil
	}
	// Numbers keep their spelling.
	dec := json.NewDecoder(bytes.NewReader(e.Payload))
	dec.UseNumber()
	data := map[string]any{}
	if err := dec.Decode(&data); err != nil {
		return e, fmt.Errorf("reading the payload of an event: %w", err)
	}
	if err := s.d.Enrich(ctx, e, data); err != nil {
		return e, fmt.Errorf("completing a message: %w", err)
	}
	var err error
	e.Payload, err = json.Marshal(data)
	return e, err
}

// plain says what went wrong without the address, which the endpoint names
// already, and without what a resolver tells about the inside of a network.
func plain(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, errBlocked):
		return errBlocked.Message
	case errors.Is(err, errUnmade):
		return errUnmade.Message
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "no answer within 10 s"
	}
	return "the connection failed"
}
