package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

// within checks that everything of want is in got: members of objects, the
// items of lists of the same length, and values. "*" stands for anything that
// is not null.
func within(t *testing.T, at string, want, got json.RawMessage) {
	t.Helper()
	if len(want) == 0 {
		return
	}
	var w, g any
	if err := json.Unmarshal(want, &w); err != nil {
		t.Fatalf("%s: %v in %s", at, err, want)
	}
	if err := json.Unmarshal(got, &g); err != nil {
		t.Errorf("%s: %v in %s", at, err, got)
		return
	}
	for _, d := range differences(at, w, g) {
		t.Error(d)
	}
}

// differences lists what of want is not in got.
func differences(at string, want, got any) []string {
	short := func(v any) string {
		b, _ := json.Marshal(v) // it came from JSON
		return fmt.Sprintf("%.300s", b)
	}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %s, want an object", at, short(got))}
		}
		var out []string
		for name, value := range w {
			have, there := g[name]
			if !there {
				out = append(out, fmt.Sprintf("%s/%s is missing, want %s", at, name, short(value)))
				continue
			}
			out = append(out, differences(at+"/"+name, value, have)...)
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{fmt.Sprintf("%s is %s, want %d items %s", at, short(got), len(w), short(want))}
		}
		var out []string
		for i := range w {
			out = append(out, differences(fmt.Sprintf("%s/%d", at, i), w[i], g[i])...)
		}
		return out
	}
	if want == "*" && got != nil {
		return nil
	}
	if want != got {
		return []string{fmt.Sprintf("%s is %s, want %s", at, short(got), short(want))}
	}
	return nil
}

// told is one webhook that came.
type told struct {
	id, event string
	path      string // of the address it was sent to
	sequence  int64
	data      json.RawMessage
}

// about are the webhooks of one session in the order of their sequence, each
// once.
func (h *hook) about(session string) []told {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []told
	for _, m := range h.messages {
		var data struct {
			SessionID string `json:"session_id"`
			Sequence  int64  `json:"sequence"`
		}
		if json.Unmarshal(m.data, &data) != nil || data.SessionID != session || slices.ContainsFunc(out, func(x told) bool { return x.id == m.id }) {
			continue
		}
		m.sequence = data.Sequence
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b told) int { return int(a.sequence - b.sequence) })
	return out
}

// message is the data of the newest webhook of one kind about a session.
func (h *hook) message(session, event string) json.RawMessage {
	all := h.about(session)
	for _, m := range slices.Backward(all) {
		if m.event == event {
			return m.data
		}
	}
	return nil
}

// waitSequence waits until the webhooks of a session are exactly these.
func (h *hook) waitSequence(t *testing.T, session string, want []string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		got := []string{}
		for _, m := range h.about(session) {
			got = append(got, m.event)
		}
		if slices.Equal(got, want) {
			return
		}
		if time.Now().After(deadline) || t.Context().Err() != nil {
			t.Errorf("the webhooks are\n%q, want\n%q", got, want)
			return
		}
		pause(t)
	}
}
