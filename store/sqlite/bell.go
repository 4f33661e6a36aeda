package sqlite

import (
	"context"
	"database/sql"
	"sync"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// River's own driver for SQLite looks for announcements in a table twenty
// times a second. One process owns our file, so announcements go through
// memory: a new job starts at once and an idle process rests.

// river is River's driver with our bell.
func (d *Driver) river() riverdriver.Driver[*sql.Tx] {
	return &ringing{Driver: riversqlite.New(d.write), bell: d.bell}
}

type ringing struct {
	*riversqlite.Driver
	bell *bell
}

// GetListener listens to the bell.
func (r *ringing) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return &listener{bell: r.bell, heard: make(chan struct{}, 1)}
}

// SupportsListenNotify is false: nothing is written into the table.
func (r *ringing) SupportsListenNotify() bool { return false }

// bell tells every listener that there are new jobs.
type bell struct {
	mu        sync.Mutex
	listeners map[*listener]bool
}

func newBell() *bell { return &bell{listeners: map[*listener]bool{}} }

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners {
		select {
		case l.heard <- struct{}{}:
		default: // it has not looked since the last ring
		}
	}
}

func (b *bell) listen(l *listener, on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if on {
		b.listeners[l] = true
	} else {
		delete(b.listeners, l)
	}
}

type listener struct {
	bell  *bell
	heard chan struct{}
}

// The methods are those of riverdriver.Listener.

func (l *listener) Connect(context.Context) error { l.bell.listen(l, true); return nil }
func (l *listener) Close(context.Context) error   { l.bell.listen(l, false); return nil }

func (l *listener) Listen(context.Context, string) error   { return nil }
func (l *listener) Unlisten(context.Context, string) error { return nil }
func (l *listener) Ping(context.Context) error             { return nil }
func (l *listener) Schema() string                         { return "" }
func (l *listener) SetAfterConnectExec(string)             {}

// WaitForNotification waits for the next ring.
func (l *listener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.heard:
		return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue": "default"}`}, nil
	}
}
