//go:build unix

package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hungryWord makes this program take twice the memory of a child.
const hungryWord = "take-much-memory"

// confinedWord makes it take some after it was confined, and writerWord write to a
// file.
const (
	confinedWord = "take-some-memory"
	writerWord   = "write-a-file"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == confinedWord {
		if err := ConfineFrom(Seconds, 64<<20); err != nil {
			os.Exit(1)
		}
		taken := make([]byte, map[string]int{"little": 32 << 20, "much": 128 << 20}[os.Args[2]])
		for i := 0; i < len(taken); i += 4096 {
			taken[i] = 1
		}
		fmt.Println("I have it all")
		os.Exit(0)
	}
	if len(os.Args) > 3 && os.Args[1] == writerWord {
		if ConfineWriter(Seconds, Memory, 1<<20) != nil {
			os.Exit(1)
		}
		if os.Args[3] == "after" && ConfineFrom(Seconds, 64<<20) != nil {
			os.Exit(1)
		}
		if os.WriteFile(os.Args[2], make([]byte, map[string]int{"little": 1 << 20, "much": 2 << 20, "after": 1}[os.Args[3]]), 0o600) != nil {
			os.Exit(1)
		}
		fmt.Println("I have written it all")
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == hungryWord {
		taken := make([]byte, 2*Memory)
		for i := 0; i < len(taken); i += 4096 {
			taken[i] = 1
		}
		fmt.Println("I have it all")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Programs of others have the limits of the decoding child, and nothing of them
// is lost: what they are told and what they say goes through.
func TestToolsAreConfined(t *testing.T) {
	t.Parallel()
	out, _, err := Confined(t.Context(), 10, strings.NewReader("a picture"), "/bin/sh", "-c", `ulimit -d; ulimit -t; ulimit -c; echo "$0 $1"; cat`, "with blanks and 'signs", "$HOME")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), "262144\n10\n0\nwith blanks and 'signs $HOME\na picture"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	out, _, err = Confined(t.Context(), 10, nil, os.Args[0], hungryWord)
	if err == nil || len(out) > 0 {
		t.Errorf("a tool took twice its memory: %q", out)
	}
	_, _, err = Confined(t.Context(), 10, nil, "/nonexistent/program")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() < NotRun {
		t.Errorf("a tool that is not there: %v", err)
	}
}

// A program whose stacks are small is what is run, with its arguments, its end and
// its input; one that is not there is told from one that failed.
func TestSmallStacks(t *testing.T) {
	t.Parallel()
	name, args := SmallStacks("/bin/sh", []string{"-c", `ulimit -s; echo "$0 $1"; cat`, "with blanks and 'signs", "$HOME"})
	out, err := Run(t.Context(), strings.NewReader("a picture"), name, args...)
	if want := "512\nwith blanks and 'signs $HOME\na picture"; err != nil || string(out) != want {
		t.Errorf("%q, %v", out, err)
	}
	var exit *exec.ExitError
	name, args = SmallStacks("/bin/sh", []string{"-c", "exit 12"})
	if _, err := Run(t.Context(), nil, name, args...); !errors.As(err, &exit) || exit.ExitCode() != 12 {
		t.Errorf("a failure: %v", err)
	}
	name, args = SmallStacks("/nonexistent/program", nil)
	if _, err := Run(t.Context(), nil, name, args...); !errors.As(err, &exit) || exit.ExitCode() < NotRun {
		t.Errorf("a program that is not there: %v", err)
	}
}

// The OCR child works on one thread and knows nothing of this process.
func TestChildHasOneThreadAndNoSecrets(t *testing.T) {
	t.Setenv("BONAFIDE_TEST_SECRET", "do not tell")
	out, err := Run(t.Context(), nil, "env")
	if err != nil {
		t.Skip("there is no program env here")
	}
	if !strings.Contains(string(out), "OMP_THREAD_LIMIT=1\n") || strings.Contains(string(out), "do not tell") {
		t.Errorf("the environment of a child is %q", out)
	}
}

// What a program prints is read while it prints it; why it ended, who stopped
// reading and a broken text are told apart, and nothing waits for a program that
// nobody listens to.
func TestPiped(t *testing.T) {
	t.Parallel()
	all := func(out io.Reader) error {
		_, err := io.Copy(io.Discard, out)
		return err
	}
	var heard string
	err := Piped(t.Context(), strings.NewReader("a file"), func(out io.Reader) error {
		b, err := io.ReadAll(out)
		heard = string(b)
		return err
	}, "/bin/sh", "-c", "cat; echo; echo done")
	if err != nil || heard != "a file\ndone\n" {
		t.Errorf("%q, %v", heard, err)
	}
	code := func(err error) int {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode()
		}
		return 0
	}
	if err := Piped(t.Context(), nil, all, "/bin/sh", "-c", "echo half; exit 12"); code(err) != 12 {
		t.Errorf("a failure: %v", err)
	}
	short := func(out io.Reader) error {
		_, err := io.ReadFull(out, make([]byte, 100))
		return err
	}
	if err := Piped(t.Context(), nil, short, "/bin/sh", "-c", "echo half; kill -9 $$"); code(err) != -1 {
		t.Errorf("one that was ended in the middle: %v", err)
	}
	if err := Piped(t.Context(), nil, short, "/bin/sh", "-c", "echo half"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("half a text: %v", err)
	}
	nonsense := errors.New("nonsense")
	for name, read := range map[string]func(io.Reader) error{
		"nonsense": func(io.Reader) error { return nonsense },
		"enough":   func(io.Reader) error { return nil },
	} {
		begin := time.Now()
		err := Piped(t.Context(), nil, read, "/bin/sh", "-c", "exec cat /dev/zero")
		if err == nil || name == "nonsense" && !errors.Is(err, nonsense) || time.Since(begin) > 5*time.Minute {
			t.Errorf("%s: %v after %v", name, err, time.Since(begin))
		}
	}
	if err := Piped(t.Context(), nil, all, "/nonexistent/program"); err == nil {
		t.Error("a program that is not there")
	}
	ctx, cancel := context.WithCancel(t.Context())
	begin := time.Now()
	err = Piped(ctx, nil, func(out io.Reader) error {
		cancel()
		return all(out)
	}, "/bin/sh", "-c", "sleep 600 & wait")
	if err == nil || time.Since(begin) > 5*time.Minute {
		t.Errorf("cancelled: %v after %v", err, time.Since(begin))
	}
}

// The deadline ends not only the child but what the child started.
func TestDeadlineKillsTheGroup(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the test looks into /proc")
	}
	told := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := Run(ctx, nil, "sh", "-c", "sleep 600 & echo $! >"+told+"; wait")
		ended <- err
	}()
	grandchild := 0
	for grandchild == 0 {
		b, _ := os.ReadFile(told) // not there yet
		if strings.HasSuffix(string(b), "\n") {
			var err error
			if grandchild, err = strconv.Atoi(strings.TrimSpace(string(b))); err != nil {
				t.Fatal(err)
			}
		}
		runtime.Gosched()
	}
	if err := syscall.Kill(grandchild, 0); err != nil {
		t.Fatal("the grandchild never ran:", err)
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("the child ended well")
	}
	// It is gone, or a corpse that its new parent has not buried yet.
	for deadline := time.Now().Add(3 * time.Minute); ; runtime.Gosched() {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", grandchild))
		if _, rest, found := strings.Cut(string(b), ") "); err != nil || found && strings.HasPrefix(rest, "Z") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the grandchild lives on")
		}
	}
}

// The deadline kills the child and every process it started.
func TestDeadlineKillsTheChild(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{})
	go func() {
		<-started
		cancel()
	}()
	begin := time.Now()
	in := &signalReader{started: started}
	_, err := Run(ctx, in, "sh", "-c", "cat >/dev/null & sleep 600 & wait")
	if err == nil || time.Since(begin) > 5*time.Minute {
		t.Errorf("the child ended with %v after %v", err, time.Since(begin))
	}
}

// signalReader tells when the child begins to read.
type signalReader struct {
	started chan struct{}
	told    bool
}

func (r *signalReader) Read(p []byte) (int, error) {
	if !r.told {
		r.told = true
		close(r.started)
	}
	p[0] = ' '
	return 1, nil
}

func TestChildOutputIsBounded(t *testing.T) {
	t.Parallel()
	b := &boundedBuffer{limit: 10}
	if _, err := fmt.Fprint(b, "12345678901"); err == nil {
		t.Error("a full buffer took more")
	}
}

// What a process may take from a moment on is counted from what it has.
func TestConfineFrom(t *testing.T) {
	t.Parallel()
	if Mapped() == 0 {
		t.Skip("the system does not say what is mapped")
	}
	for what, want := range map[string]string{"little": "I have it all\n", "much": ""} {
		out, err := Run(t.Context(), nil, os.Args[0], confinedWord, what)
		if string(out) != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", what, out, err)
		}
	}
}

// A process that has files to write may write so much and no more, and nothing once
// it is confined further.
func TestConfineWriter(t *testing.T) {
	t.Parallel()
	for what, want := range map[string]string{"little": "I have written it all\n", "much": "", "after": ""} {
		file := filepath.Join(t.TempDir(), "file")
		out, err := Run(t.Context(), nil, os.Args[0], writerWord, file, what)
		if string(out) != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", what, out, err)
		}
		if info, err := os.Stat(file); err == nil && info.Size() > map[string]int64{"little": 1 << 20, "much": 1 << 20}[what] {
			t.Errorf("%s: %d bytes", what, info.Size())
		}
	}
}
