package walk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// program is the binary under test, built once; BONAFIDE_PROGRAM names one that
// was built before.
var program = sync.OnceValues(func() (string, error) {
	if file := os.Getenv("BONAFIDE_PROGRAM"); file != "" {
		return file, nil
	}
	dir, err := os.MkdirTemp("", "bonafide-walk-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "bonafide")
	if out, err := exec.Command("go", "build", "-o", file, "bonafide").CombinedOutput(); err != nil {
		return "", fmt.Errorf("building: %w: %s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if missing := notTaken(); code == 0 && len(missing) > 0 {
		fmt.Fprintln(os.Stderr, "no picture was taken of", strings.Join(missing, ", "))
		code = 1
	}
	if file, err := program(); err == nil && os.Getenv("BONAFIDE_PROGRAM") == "" {
		_ = os.RemoveAll(filepath.Dir(file)) // the operating system clears what is left
	}
	os.Exit(code)
}

// person is a console user of dev.json.
type person struct{ Email, Password, Role string }

// organisation is one of dev.json.
type organisation struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	LiveKey    string `json:"live_key"`
	SandboxKey string `json:"sandbox_key"`
	User       person `json:"user"`
	SecondUser person `json:"second_user"`
}

// server is a running program with an empty store (serve --dev).
type server struct {
	URL  string
	Orgs []organisation
	Data string
}

// serve starts the program on a free port; it ends with the test.
func serve(t testing.TB, flags ...string) *server {
	t.Helper()
	return serveIn(t, t.TempDir(), flags...)
}

// serveIn is serve with the store in a folder.
func serveIn(t testing.TB, data string, flags ...string) *server {
	t.Helper()
	s := &server{Data: data}
	launch(t, "listens on", append([]string{"serve", "--dev", "--addr", "127.0.0.1:0", "--data", s.Data}, flags...)...)
	raw, err := os.ReadFile(filepath.Join(s.Data, "dev.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dev struct {
		URL           string         `json:"url"`
		Organizations []organisation `json:"organizations"`
	}
	if err := json.Unmarshal(raw, &dev); err != nil {
		t.Fatal(err)
	}
	s.URL, s.Orgs = dev.URL, dev.Organizations
	return s
}

// launch starts the program, which ends with the test, and gives what it has said
// once a line holds the given words. Whatever it asks of the world is refused at
// once: its proxy is a port on which nobody listens.
func launch(t testing.TB, until string, args ...string) (said string) {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(file, args...)
	cmd.Env = append(os.Environ(), "HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log lockedBuffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait() // how it ends is for process_test.go to judge
		if t.Failed() {
			t.Logf("the server said:\n%s", log.String())
		}
	})
	ready := make(chan struct{})
	go func() {
		defer close(ready)
		for lines := bufio.NewScanner(io.TeeReader(out, &log)); lines.Scan(); {
			if strings.Contains(lines.Text(), until) {
				ready <- struct{}{}
				_, _ = io.Copy(&log, out)
				return
			}
		}
	}()
	if _, ok := <-ready; !ok {
		t.Fatalf("the server ended: %s", log.String())
	}
	return log.String()
}

// call asks the public API and fails the test on another status than 2xx. body
// is JSON text or empty.
func (s *server) call(t testing.TB, key, method, path, body string) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("X-API-Key", key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, raw)
	}
	var out map[string]any
	if len(bytes.TrimSpace(raw)) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// lockedBuffer is a log that two goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
