package desk

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bonafide/capture"
	"bonafide/flow"
	"bonafide/kyc"
)

// An upload is answered at once, the end of the documents waits for two seconds
// at most, and what was read late is there for the next look.
func TestNobodyWaitsLongForAForm(t *testing.T) {
	t.Parallel()
	plan := []flow.Requirement{{Name: "document_front"}, {Name: "user_info.first_name", Kind: flow.KindField, Required: true}}
	for name, c := range map[string]struct {
		takes, looks time.Duration // how long the reading takes, how long the applicant looks at the photo
		waits        time.Duration
	}{
		"quick":     {time.Second, 3 * time.Second, 0},
		"just":      {3 * time.Second, 2 * time.Second, time.Second},
		"slow":      {9 * time.Second, time.Second, formWait},
		"very slow": {time.Minute, 0, formWait},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				read := false
				s := &shelf{plan: plan, opened: kyc.Session{Status: kyc.SessionCapturing, TokenUsedAt: time.Now()}, reading: func(ctx context.Context) error {
					select {
					case <-time.After(c.takes):
						read = true
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}}
				s.opened.ID = "session"
				d, ctx := s.desk(t, io.Discard)
				request, done := context.WithCancel(ctx)
				began := time.Now()
				if err := d.Take(request, "token", papersStep, "document_front", capture.File{Type: "passport", Bytes: []byte("x")}); err != nil {
					t.Fatal(err)
				}
				done() // the request is over, and its reading is not
				if took := time.Since(began); took != 0 {
					t.Errorf("the upload took %v", took)
				}
				<-time.After(c.looks)
				began = time.Now()
				if err := d.Skip(ctx, "token", papersStep); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(began); took != c.waits {
					t.Errorf("the end of the documents took %v, want %v", took, c.waits)
				}
				d.Readings.wait(ctx, s.opened.ID, time.Hour)
				if !read {
					t.Error("what takes longer is never read")
				}
			})
		})
	}
}

// A few documents are read at once, and a stop calls off the others.
func TestReadingsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		r := NewReadings(slog.New(slog.NewTextHandler(&log, nil)))
		release, under, most, done := make(chan struct{}), 0, 0, 0
		for range 3 * readingsAtOnce {
			r.begin(t.Context(), kyc.NewID(time.Now()), func(ctx context.Context) {
				r.mu.Lock()
				under++
				most = max(most, under)
				r.mu.Unlock()
				select {
				case <-release:
				case <-ctx.Done():
				}
				r.mu.Lock()
				under--
				done++
				r.mu.Unlock()
			})
		}
		synctest.Wait()
		if most != readingsAtOnce {
			t.Errorf("%d at once", most)
		}
		release <- struct{}{}
		synctest.Wait()
		r.begin(t.Context(), "broken", func(context.Context) { panic("Ada Example") })
		close(release)
		synctest.Wait()
		if done != 3*readingsAtOnce || len(r.under) != 0 || strings.Contains(log.String(), "Ada") || !strings.Contains(log.String(), "code=panic") {
			t.Errorf("%d done, %d under way; the log says %s", done, len(r.under), log.String())
		}
		r.begin(t.Context(), "long", func(ctx context.Context) { <-ctx.Done() })
		r.Close()
		r.Close()
		r.begin(t.Context(), "late", func(context.Context) { t.Error("something begins after the stop") })
		r.wait(t.Context(), "late", time.Hour)
	})
}
