package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bonafide/kyc"
)

// Postgres gives the URL of a new, empty database that is dropped with the
// test. With BONAFIDE_TEST_POSTGRES set it lies on that server (whose user
// must be allowed to create databases); otherwise a private server is started
// once for the test program, in a temporary folder, and ends with it however
// it ends. Without PostgreSQL on the machine the test is skipped.
func Postgres(t testing.TB) string {
	t.Helper()
	base := os.Getenv("BONAFIDE_TEST_POSTGRES")
	if base == "" {
		var err error
		if base, err = private(); errors.Is(err, errNoPostgres) {
			t.Skip("PostgreSQL is not installed here (no initdb beside pg_config or in /usr/lib/postgresql); set BONAFIDE_TEST_POSTGRES or install it")
		} else if err != nil {
			t.Fatalf("starting a private PostgreSQL: %v", err)
		}
	}
	name := "bonafide_" + strings.ReplaceAll(string(kyc.NewID(time.Now())), "-", "")
	admin(t, base, "CREATE DATABASE "+name)
	t.Cleanup(func() { admin(t, base, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal("BONAFIDE_TEST_POSTGRES is not a URL")
	}
	u.Path = "/" + name
	return u.String()
}

func admin(t testing.TB, base, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, base)
	if err != nil {
		t.Fatalf("connecting to PostgreSQL: %v", err)
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

var errNoPostgres = errors.New("PostgreSQL is not installed")

// private starts the server of this test program, once.
var private = sync.OnceValues(startPostgres)

// guard is the shell that watches over the server: when our end of its input
// closes, because the test program ended or was killed, it stops the server
// and removes the folder.
const guard = `"$0/postgres" -D "$1/data" >"$1/log" 2>&1 & pid=$!; read -r _; kill -QUIT "$pid"; wait "$pid"; rm -rf "$1"`

func startPostgres() (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "bonafide-pg-")
	if err != nil {
		return "", err
	}
	as, err := person(dir)
	if err != nil {
		return "", err
	}
	run := func(name string, args ...string) *exec.Cmd {
		c := exec.CommandContext(context.Background(), name, args...)
		c.Dir = dir
		as(c)
		return c
	}
	init := run(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := init.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	// What a test needs: no syncing, and a socket of its own instead of a port.
	conf := "listen_addresses = ''\nunix_socket_directories = '" + dir + "'\nmax_connections = 400\nfsync = off\n" +
		"synchronous_commit = on\nfull_page_writes = off\nshared_buffers = 128MB\nautovacuum_naptime = 10\nlog_min_messages = error\n"
	f, err := os.OpenFile(filepath.Join(dir, "data", "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(conf)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	server := run("sh", "-c", guard, bin, dir)
	input, err := server.StdinPipe()
	if err != nil {
		return "", err
	}
	if err := server.Start(); err != nil {
		return "", err
	}
	hold(input)
	base := "postgres:///postgres?host=" + url.QueryEscape(dir) + "&user=postgres"
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(3 * time.Minute); ; {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		c, err := pgx.Connect(ctx, base)
		if err == nil {
			err = errors.Join(c.Ping(ctx), c.Close(ctx))
		}
		cancel()
		if err == nil {
			return base, nil
		}
		if time.Now().After(end) {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return "", fmt.Errorf("the server does not answer: %w: %s", err, log)
		}
		<-again.C // nothing else tells when a server is up
	}
}

// hold keeps the guard's input open as long as this program lives: a waiting
// goroutine refers to it, so that it is never collected and closed.
func hold(input io.Closer) {
	go func() {
		<-make(chan struct{})
		_ = input.Close()
	}()
}

// binaries finds the folder with initdb and postgres.
func binaries() (string, error) {
	var candidates []string
	if out, err := exec.CommandContext(context.Background(), "pg_config", "--bindir").Output(); err == nil {
		candidates = append(candidates, strings.TrimSpace(string(out)))
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	candidates = append(candidates, found...)
	for i := len(candidates) - 1; i >= 0; i-- {
		if _, err := os.Stat(filepath.Join(candidates[i], "initdb")); err == nil {
			return candidates[i], nil
		}
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errNoPostgres
}

// person makes commands run as somebody PostgreSQL accepts: it refuses root,
// so root becomes the user postgres.
func person(dir string) (func(*exec.Cmd), error) {
	if os.Geteuid() != 0 {
		return func(*exec.Cmd) {}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, errNoPostgres
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, err
	}
	return func(c *exec.Cmd) { become(c, uint32(uid), uint32(gid)) }, nil
}
