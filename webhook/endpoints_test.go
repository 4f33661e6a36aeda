package webhook

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bonafide/kyc"
)

func TestCreateListsEveryProblem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.desk.Create(t.Context(), tenant, actor, Spec{URL: "ftp://example.com", Events: []string{"session.approved", "session.aproved"}, Description: strings.Repeat("é", 501)})
	var e *kyc.Error
	if !errors.As(err, &e) || e.Kind != kyc.Invalid {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range e.Problems {
		got[p.Path] = p.Code
	}
	for path, code := range map[string]string{"/url": "url_scheme", "/enabled_events/1": "unknown_event", "/description": "too_long"} {
		if got[path] != code {
			t.Errorf("%s: %q, want %q", path, got[path], code)
		}
	}
	if _, err := b.desk.Create(t.Context(), tenant, actor, Spec{URL: "http://127.0.0.1/"}); !kyc.IsCode(err, "invalid_endpoint") {
		t.Errorf("no events: %v", err)
	}
}

func TestEndpointsOfOthersDoNotExist(t *testing.T) {
	t.Parallel()
	b := setup(t)
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	e := b.endpoint(t, srv, "*")
	other := kyc.Tenant{Org: kyc.NewID(noon), Env: kyc.Live}
	ctx := t.Context()
	_, err1 := b.desk.Get(ctx, other, e.ID)
	_, err2 := b.desk.Update(ctx, other, actor, e.ID, 0, Patch{})
	_, err3 := b.desk.Rotate(ctx, other, actor, e.ID, 0)
	_, err4 := b.desk.Clone(ctx, other, actor, e.ID)
	err5 := b.desk.Delete(ctx, other, actor, e.ID)
	_, err6 := b.desk.Test(ctx, other, actor, e.ID)
	_, _, err7 := b.desk.Deliveries(ctx, other, e.ID, "", kyc.Page{Limit: 1})
	_, err8 := b.desk.Replay(ctx, other, actor, e.ID, Range{From: noon, To: noon.Add(1)})
	for i, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8} {
		if kyc.KindOf(err) != kyc.NotFound {
			t.Errorf("call %d: %v", i+1, err)
		}
	}
}

func TestUpdateHonoursIfMatchAndReenabling(t *testing.T) {
	t.Parallel()
	b := setup(t)
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	e := b.endpoint(t, srv, "*")
	yes, no := true, false
	off, err := b.desk.Update(t.Context(), tenant, actor, e.ID, e.Rev, Patch{Enabled: &no})
	if err != nil || off.Status != "disabled" || off.Rev != e.Rev+1 {
		t.Fatalf("%+v %v", off, err)
	}
	if _, err := b.desk.Update(t.Context(), tenant, actor, e.ID, e.Rev, Patch{Enabled: &yes}); kyc.KindOf(err) != kyc.PreconditionFailed {
		t.Errorf("an old revision: %v", err)
	}
	if _, err := b.desk.Test(t.Context(), tenant, actor, e.ID); !kyc.IsCode(err, "endpoint_disabled") {
		t.Errorf("a test to a disabled endpoint: %v", err)
	}
	on, err := b.desk.Update(t.Context(), tenant, actor, e.ID, 0, Patch{Enabled: &yes, Events: []string{"session.approved", "session.approved"}})
	if err != nil || on.Status != "enabled" || len(on.Events) != 1 {
		t.Fatalf("%+v %v", on, err)
	}
}

func TestRotateKeepsAtMostTwoSecrets(t *testing.T) {
	t.Parallel()
	b := setup(t)
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	e := b.endpoint(t, srv, "*")
	for range 3 {
		var err error
		if e, err = b.desk.Rotate(t.Context(), tenant, actor, e.ID, DefaultOverlap); err != nil || len(e.Secrets) != 2 {
			t.Fatalf("%d secrets, %v", len(e.Secrets), err)
		}
	}
	if e, err := b.desk.Rotate(t.Context(), tenant, actor, e.ID, 0); err != nil || len(e.Secrets) != 1 {
		t.Errorf("no overlap: %d secrets, %v", len(e.Secrets), err)
	}
	if _, err := b.desk.Rotate(t.Context(), tenant, actor, e.ID, 31*24*time.Hour); kyc.KindOf(err) != kyc.Invalid {
		t.Errorf("a month and a day: %v", err)
	}
	clone, err := b.desk.Clone(t.Context(), tenant, actor, e.ID)
	if err != nil || clone.ID == e.ID || clone.Secrets[0].Secret == e.Secrets[0].Secret || clone.URL != e.URL {
		t.Errorf("clone %+v %v", clone, err)
	}
}
