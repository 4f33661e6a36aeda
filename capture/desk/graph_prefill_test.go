package desk

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"bonafide/capture"
	"bonafide/flow"
	"bonafide/kyc"
	"bonafide/session"
)

// shelf is a session of one applicant, whose documents cannot be read.
type shelf struct {
	Sessions
	opened kyc.Session
	plan   []flow.Requirement
	wrong  error // of the plan
	kept   []session.NewUpload
	read   int
	// reading is what reading a document does; nil: it cannot be read.
	reading func(ctx context.Context) error
}

func (s *shelf) LookLink(context.Context, string) (kyc.Session, error) { return s.opened, nil }

func (s *shelf) Plan(context.Context, *kyc.Session) ([]flow.Requirement, error) {
	return s.plan, s.wrong
}

func (s *shelf) Upload(_ context.Context, _ kyc.Tenant, _ kyc.Actor, _ kyc.ID, n session.NewUpload) (kyc.Upload, error) {
	s.kept = append(s.kept, n)
	return kyc.Upload{}, nil
}

func (s *shelf) Files(context.Context, *kyc.Session) ([]kyc.Upload, error) { return nil, nil }

func (s *shelf) LeaveOut(context.Context, kyc.Tenant, kyc.Actor, kyc.ID, ...string) (kyc.Session, error) {
	return s.opened, nil
}

func (s *shelf) ReadFront(ctx context.Context, _ *kyc.Session) error {
	s.read++
	if s.reading != nil {
		return s.reading(ctx)
	}
	return errors.New("Ada Example cannot be written")
}

// desk is surface D's over the shelf, and the context of who opened the link.
func (s *shelf) desk(t *testing.T, log io.Writer) (Graph, context.Context) {
	l := slog.New(slog.NewJSONHandler(log, nil))
	d := Graph{Sessions: s, Key: []byte("key"), Now: time.Now, Log: l, Readings: NewReadings(l), Clock: func(kyc.Tenant) time.Time { return time.Now() }}
	return d, capture.WithProof(t.Context(), d.stamp(proofPurpose, &s.opened, time.Now().Add(time.Hour).Unix()))
}

// A front is taken whether or not it can be read for the form.
func TestAFrontIsTakenUnread(t *testing.T) {
	t.Parallel()
	form := []flow.Requirement{{Name: "user_info.first_name"}}
	for name, x := range map[string]struct {
		slot  string
		plan  []flow.Requirement
		wrong error
		read  int
		code  string // in the log
	}{
		"unreadable":  {"document_front", form, nil, 1, "internal"},
		"back":        {"document_back", form, nil, 0, ""},
		"no form":     {"document_front", nil, nil, 0, ""},
		"plan broken": {"document_front", form, kyc.Errorf(kyc.Unavailable, "store_busy", "later"), 0, "store_busy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			s := &shelf{plan: x.plan, wrong: x.wrong, opened: kyc.Session{TokenUsedAt: time.Now()}}
			d, ctx := s.desk(t, &log)
			if err := d.Take(ctx, "token", papersStep, x.slot, capture.File{Type: "passport", Bytes: []byte("x")}); err != nil {
				t.Fatal(err)
			}
			d.Readings.wait(ctx, s.opened.ID, time.Minute)
			if len(s.kept) != 1 || s.kept[0].Kind != x.slot || s.read != x.read {
				t.Errorf("kept %v, read %d times", s.kept, s.read)
			}
			var line struct{ Code string }
			if log.Len() > 0 {
				if err := json.Unmarshal([]byte(log.String()), &line); err != nil {
					t.Fatal(err)
				}
			}
			if line.Code != x.code || strings.Contains(log.String(), "Ada") {
				t.Errorf("the log says %s", log.String())
			}
		})
	}
}
