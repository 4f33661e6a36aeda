package api

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestWholeAnswersGoOutInOnePiece counts what a connection writes for answers
// of many sizes, and reads them back.
func TestWholeAnswersGoOutInOnePiece(t *testing.T) {
	t.Parallel()
	tcp, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := counting{tcp, &atomic.Int64{}}
	server := &http.Server{ReadHeaderTimeout: time.Minute, ConnContext: ConnContext, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Query().Get("n"))
		if err != nil {
			t.Error(err)
		}
		rec := newRecord()
		rec.header.Set("Content-Type", "text/plain")
		_, _ = rec.Write(bytes.Repeat([]byte{'x'}, n))
		rec.send(r.Context(), w)
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(Whole(l)) }()
	defer func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-served
	}()
	pieces := func(n int) int64 {
		t.Helper()
		before := l.writes.Load()
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if _, err := io.WriteString(c, "GET /?n="+strconv.Itoa(n)+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(c)
		if err != nil {
			t.Fatal(err)
		}
		head, body, ok := strings.Cut(string(raw), "\r\n\r\n")
		if !ok || !strings.HasPrefix(head, "HTTP/1.1 200 ") || len(body) != n || strings.Trim(body, "x") != "" || !strings.Contains(head, "Content-Length: "+strconv.Itoa(n)) {
			t.Fatalf("%d: %d bytes after %q", n, len(body), head)
		}
		return l.writes.Load() - before
	}
	for _, n := range []int{1, wholeFrom - 1, wholeFrom, 3900, 4096, 8000, 20_000, wholeTo} {
		if got := pieces(n); got != 1 {
			t.Errorf("%d bytes go out in %d pieces", n, got)
		}
	}
	if pieces(wholeTo+1) < 2 || pieces(300_000) < 2 {
		t.Error("this does not count the pieces")
	}
}

// counting counts what its connections write.
type counting struct {
	net.Listener
	writes *atomic.Int64
}

func (l counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return countingConn{c, l.writes}, err
}

type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c countingConn) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}
