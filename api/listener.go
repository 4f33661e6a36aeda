package api

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// net/http hands answers of more than four kilobytes to the system in two
// pieces, and the caller wakes up for each. Connections of Whole hold the
// first piece back while an answer that is known in full is being written, so
// that it goes out in one.

// Whole makes the connections of a listener write answers in one piece where
// the server has ConnContext for its field of that name.
func Whole(l net.Listener) net.Listener { return wholeListener{l, &sync.Pool{}} }

type wholeListener struct {
	net.Listener
	held *sync.Pool // of *[]byte, for what is held back
}

// Accept is net.Listener's.
func (l wholeListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &wholeConn{Conn: c, pool: l.held}, nil
}

type connKey struct{}

// ConnContext is for http.Server: answers find their connection with it.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if w, ok := c.(*wholeConn); ok {
		return context.WithValue(ctx, connKey{}, w)
	}
	return ctx
}

// wholeConn is used by one goroutine at a time for writing, as net/http does.
type wholeConn struct {
	net.Conn
	pool *sync.Pool
	held *[]byte // nil while nothing is held back
}

// Write keeps the bytes while an answer is held.
func (c *wholeConn) Write(b []byte) (int, error) {
	if c.held != nil {
		*c.held = append(*c.held, b...)
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// CloseWrite lets net/http end a connection so that the caller still reads the
// answer, where the connection can.
func (c *wholeConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Sizes of answers that are sent in one piece: what is smaller net/http sends
// so itself, and what is larger is not copied once more.
const (
	wholeFrom = 3 << 10
	wholeTo   = 64 << 10
)

// sendWhole calls write, which writes a whole answer of about so many bytes,
// and sends all of it in one piece where the connection can.
func sendWhole(ctx context.Context, w http.ResponseWriter, size int, write func()) {
	c, ok := ctx.Value(connKey{}).(*wholeConn)
	if !ok || size < wholeFrom || size > wholeTo {
		write()
		return
	}
	held, ok := c.pool.Get().(*[]byte)
	if !ok {
		held = new([]byte)
	}
	*held = (*held)[:0]
	c.held = held
	defer func() {
		c.held = nil
		_, _ = c.Conn.Write(*held) // a caller who has gone away cannot be told
		c.pool.Put(held)
	}()
	write()
	_ = http.NewResponseController(w).Flush() // into what is held
}
