package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browser is Chromium without a window.
type browser struct{ path string }

// findBrowser skips where Chromium is not installed.
func findBrowser(t *testing.T) browser {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return browser{path}
		}
	}
	t.Skip("Chromium is not installed here; this test looks at pages with it (make test installs it)")
	return browser{}
}

// run opens an address once. Chromium of several tests at a time and a busy
// machine can make it fail to start; it is tried three times.
func (b browser) run(t *testing.T, url string, more ...string) []byte {
	t.Helper()
	var last error
	for range 3 {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir=" + t.TempDir()}, more...)
		cmd := exec.CommandContext(ctx, b.path, append(args, url)...)
		cmd.WaitDelay = 2 * time.Second
		var out, complaints bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaints
		err := cmd.Run()
		cancel()
		if err == nil {
			return out.Bytes()
		}
		last = fmt.Errorf("%w: %.300s", err, complaints.String())
	}
	t.Fatalf("%s: %v", url, last)
	return nil
}

// dom is the page as the browser understood it.
func (b browser) dom(t *testing.T, url string) string {
	t.Helper()
	return string(b.run(t, url, "--dump-dom"))
}

// picture is the page as a person sees it.
func (b browser) picture(t *testing.T, url string, width, height int) image.Image {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.png")
	b.run(t, url, "--screenshot="+file, fmt.Sprintf("--window-size=%d,%d", width, height))
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// colours counts what is on a picture: a blank page has one.
func colours(m image.Image) int {
	seen := map[[3]uint32]bool{}
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y += 3 {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x += 3 {
			r, g, b, _ := m.At(x, y).RGBA()
			seen[[3]uint32{r, g, b}] = true
		}
	}
	return len(seen)
}

func TestDocsPageInABrowser(t *testing.T) {
	t.Parallel()
	b := findBrowser(t)
	srv := startServer(t, "")
	page := b.dom(t, srv.url+"/docs")
	for _, op := range srv.document(t).operations() {
		if !strings.Contains(page, `id="`+op.ID+`"`) || !strings.Contains(page, op.path) {
			t.Errorf("/docs does not show %s", op.ID)
		}
	}
	for _, want := range []string{"<h1", "Idempotency-Key", "X-API-Key", "problem-invalid"} {
		if !strings.Contains(page, want) {
			t.Errorf("/docs lacks %q", want)
		}
	}
	for _, width := range []int{1280, 500} {
		if m := b.picture(t, srv.url+"/docs", width, 900); colours(m) < 10 {
			t.Errorf("/docs at %d pixels shows %d colours: it is blank or without its style", width, colours(m))
		}
	}
}
