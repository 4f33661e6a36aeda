package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// busy makes sessions of one organisation and gives browsers that agreed and
// stand before the upload of a document.
func busy(t *testing.T, number int) []*visitor {
	t.Helper()
	srv := startServer(t, "", unhurried)
	c := srv.newTenant(t)
	w := c.must(t, http.StatusCreated, "POST", "/kyc/workflows", json.RawMessage(`{"name":"Papers","steps":[
		{"step_id":"papers","order":1,"name":"Papers","type":"document_upload","document_requirements":[{"document_type":"proof_of_address","display_name":"Bill","required":true}]}]}`))
	out := make([]*visitor, 0, number)
	for range number {
		s := c.must(t, http.StatusCreated, "POST", "/kyc/sessions", map[string]any{"workflow_id": w.str("workflow_id")})
		v := visits(t, s.str("public_url"))
		v.agrees(t)
		out = append(out, v)
	}
	return out
}

const billSlot = "/steps/papers/files/proof_of_address.front"

// untilShown asks again until an answer has the status.
func untilShown(t *testing.T, status int, ask func() shown) shown {
	t.Helper()
	for deadline := time.Now().Add(patience); ; pause(t) {
		got := ask()
		if got.status == status {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d stays, want %d: %s", got.status, status, got.text)
		}
	}
}

// isBusy holds a refusal to what it must say.
func isBusy(t *testing.T, v *visitor, got shown, script bool) {
	t.Helper()
	if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") != "5" {
		t.Errorf("%d, Retry-After %q", got.status, got.header.Get("Retry-After"))
	}
	if !script {
		if title := english(t, "ended.title.busy"); !strings.Contains(got.text, title) || !strings.Contains(got.text, english(t, "ended.text.busy")) {
			t.Errorf("the page does not say %q:\n%s", title, got.text)
		}
		return
	}
	var said struct {
		Code     string
		Problems []string
	}
	if err := json.Unmarshal([]byte(got.text), &said); err != nil || said.Code != "capture_busy" || !slices.Equal(said.Problems, []string{english(t, "problem.busy")}) {
		t.Errorf("%s: the script hears %s (%v)", v.link, got.text, err)
	}
}

// Two uploads of a link at once are enough; whoever goes away in the middle of
// one gives the place back.
func TestUploadsOfALinkAreBounded(t *testing.T) {
	t.Parallel()
	v := busy(t, 2)
	first, firstGone := v[0].half(t, billSlot)
	second, secondGone := v[0].half(t, billSlot)
	isBusy(t, v[0], untilShown(t, http.StatusTooManyRequests, func() shown { return v[0].empty(t, billSlot, true) }), true)
	isBusy(t, v[0], v[0].empty(t, billSlot, false), false)
	if got := v[1].empty(t, billSlot, true); got.status != http.StatusUnprocessableEntity {
		t.Errorf("another link is held back: %d %s", got.status, got.text)
	}
	if got := v[0].get(t, "/steps/papers"); got.status != http.StatusOK {
		t.Errorf("a page that uploads nothing is held back: %d", got.status)
	}
	first()
	firstGone()
	untilShown(t, http.StatusUnprocessableEntity, func() shown { return v[0].empty(t, billSlot, true) })
	second()
	secondGone()
	// Both places are free again: as many half uploads fit as at first.
	third, _ := v[0].half(t, billSlot)
	defer third()
	untilShown(t, http.StatusUnprocessableEntity, func() shown { return v[0].empty(t, billSlot, true) })
}

// Sixteen uploads of all links are under way at most.
func TestUploadsOfAllLinksAreBounded(t *testing.T) {
	t.Parallel()
	v := busy(t, 9)
	last := v[8]
	var ends []func()
	for _, x := range v[:8] {
		for range 2 {
			callOff, gone := x.half(t, billSlot)
			ends = append(ends, func() { callOff(); gone() })
		}
	}
	isBusy(t, last, untilShown(t, http.StatusTooManyRequests, func() shown { return last.empty(t, billSlot, true) }), true)
	for _, end := range ends {
		end()
	}
	untilShown(t, http.StatusUnprocessableEntity, func() shown { return last.empty(t, billSlot, true) })
}

// Six devices follow a session at once; the others are told to wait.
func TestStreamsOfALinkAreBounded(t *testing.T) {
	t.Parallel()
	v := busy(t, 2)
	type stream struct {
		status int
		header http.Header
		marks  <-chan string
		cancel func()
	}
	const asked = 20
	list := make([]stream, asked)
	var wait sync.WaitGroup
	for i := range list {
		wait.Go(func() {
			s := &list[i]
			s.status, s.header, s.marks, s.cancel = v[0].follows(t)
		})
	}
	wait.Wait()
	var open []stream
	for _, s := range list {
		switch {
		case s.status == http.StatusOK:
			if mark := <-s.marks; mark == "" {
				t.Error("a stream begins with nothing")
			}
			open = append(open, s)
		case s.status != http.StatusTooManyRequests || s.header.Get("Retry-After") != "5":
			t.Errorf("%d, Retry-After %q", s.status, s.header.Get("Retry-After"))
		}
	}
	if len(open) != 6 {
		t.Fatalf("%d of %d streams were let in, want 6", len(open), asked)
	}
	isBusy(t, v[0], v[0].get(t, "/events"), false)
	if status, _, _, _ := v[1].follows(t); status != http.StatusOK {
		t.Errorf("another link is held back: %d", status)
	}
	open[0].cancel()
	for deadline := time.Now().Add(patience); ; pause(t) {
		status, _, _, _ := v[0].follows(t)
		if status == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a stream that ended is still counted")
		}
	}
}
