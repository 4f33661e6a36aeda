package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bonafide/job"
	"bonafide/kyc"
	"bonafide/store/sqlite"
	"bonafide/store/storetest"
)

func object(clock kyc.Clock, t kyc.Tenant) kyc.Meta {
	m := kyc.Meta{ID: kyc.NewID(clock.Now()), Tenant: t}
	m.Touch(clock.Now())
	return m
}

func TestOneProcessOwnsTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openIn(t, dir, nil)
	_, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "another bonafide process") {
		t.Fatalf("the second process got %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	openIn(t, dir, nil)
}

func TestOpenWork(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clock := storetest.NewClock(time.Now())
	now := clock.Now()
	tenant := kyc.Tenant{Org: kyc.NewID(now), Env: kyc.Live}
	db := openIn(t, dir, clock)
	run := func(status kyc.RunStatus, due time.Time) *kyc.Run {
		return &kyc.Run{Meta: object(clock, tenant), SessionID: "s", Status: status, DueAt: due, StartedAt: now}
	}
	running, gate, closed := run(kyc.RunRunning, now.Add(time.Hour)), run(kyc.RunPaused, now.Add(time.Hour)), run(kyc.RunCompleted, time.Time{})
	endpoint := &kyc.Endpoint{Meta: object(clock, tenant), Events: []string{"*"}, Status: "enabled"}
	event := kyc.Event{Tenant: tenant, At: now, Actor: kyc.SystemActor("test"), Action: "x", Object: "session", ObjectID: "s", Webhook: "session.created"}
	if err := db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{running, gate, closed, endpoint}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Commit(t.Context(), &kyc.Change{Events: []kyc.Event{event}, Jobs: []kyc.Job{{Kind: "k", Tenant: tenant}}}); err != nil {
		t.Fatal(err)
	}
	if got, err := db.ClaimDeliveries(t.Context(), "dead", now, time.Hour, 10); err != nil || len(got) != 1 {
		t.Fatalf("%d deliveries (%v)", len(got), err)
	}
	reservation := kyc.Idempotency{Tenant: tenant, Method: "POST", Path: "/", Key: "k", BodyHash: "h"}
	if got, err := db.ReserveIdempotency(t.Context(), reservation, time.Hour); got != nil || err != nil {
		t.Fatal(got, err)
	}
	// A job that is running when the process dies.
	ctx, stop := context.WithCancel(t.Context())
	began, ended := make(chan bool), make(chan error, 1)
	go func() {
		ended <- db.Work(ctx, map[string]job.Handler{"k": func(ctx context.Context, _ kyc.Job) error {
			began <- true
			<-ctx.Done()
			return ctx.Err()
		}}, job.Options{})
	}()
	<-began
	// The folder is copied as a dead process would leave it.
	crashed := t.TempDir()
	for _, name := range []string{"bonafide.db", "bonafide.db-wal", "keys/master.json"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(crashed, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(crashed, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}

	again := openIn(t, crashed, clock)
	leases, err := again.ClaimRuns(t.Context(), "new", now, time.Minute, 10)
	if err != nil || len(leases) != 1 || leases[0].RunID != running.ID {
		t.Errorf("due after the crash: %+v (%v)", leases, err)
	}
	if got, err := again.ClaimDeliveries(t.Context(), "new", now, time.Minute, 10); err != nil || len(got) != 1 {
		t.Errorf("%d deliveries are due after the crash (%v)", len(got), err)
	}
	if got, err := again.ReserveIdempotency(t.Context(), reservation, time.Hour); got != nil || err != nil {
		t.Errorf("the reservation outlived its request: %+v (%v)", got, err)
	}
	if r, err := again.VerifyAudit(t.Context(), tenant.Org); err != nil || !r.OK() || r.Checked != 1 {
		t.Errorf("audit %+v (%v)", r, err)
	}
	if err := again.Commit(t.Context(), &kyc.Change{Events: []kyc.Event{event}}); err != nil {
		t.Fatal(err)
	}
	if r, err := again.VerifyAudit(t.Context(), tenant.Org); err != nil || !r.OK() || r.Checked != 2 {
		t.Errorf("the chain does not go on: %+v (%v)", r, err)
	}
	ctx, stop = context.WithCancel(t.Context())
	done := make(chan bool, 1)
	go func() {
		ended <- again.Work(ctx, map[string]job.Handler{"k": func(context.Context, kyc.Job) error { done <- true; return nil }}, job.Options{})
	}()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		t.Error("the running job was not taken up")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	dir, copied := t.TempDir(), t.TempDir()
	clock := storetest.NewClock(time.Now())
	tenant := kyc.Tenant{Org: kyc.NewID(clock.Now()), Env: kyc.Live}
	db := openIn(t, dir, clock)
	subject := &kyc.Subject{Meta: object(clock, tenant), Kind: "individual"}
	session := &kyc.Session{Meta: object(clock, tenant), SubjectID: subject.ID, Private: kyc.SessionData{Fields: map[string]any{"a": "b"}}}
	if err := db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{subject, session}}); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(copied, "bonafide.db")
	if err := db.Backup(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	if db.Backup(t.Context(), to) == nil {
		t.Error("a backup replaced a file")
	}
	// Without the key the copy is refused, before anything is written.
	if other, err := sqlite.Open(t.Context(), sqlite.Options{Dir: copied}); err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("the copy opened without its key: %v", err)
		_ = other.Close()
	}
	raw, err := os.ReadFile(filepath.Join(dir, "keys", "master.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(copied, "keys", "master.json"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	again := openIn(t, copied, clock)
	got, err := again.Session(t.Context(), tenant, session.ID)
	if err != nil || got.Private.Fields["a"] != "b" {
		t.Errorf("from the backup: %+v (%v)", got, err)
	}
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openIn(t, dir, nil)
	info, err := os.Stat(filepath.Join(dir, "keys", "master.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file is %v (%v)", info.Mode(), err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	const url = "base64key://smGbjm71Nxd1Ig5FS0wj9SlbzAIrnolCz9bQQ6uAhl4="
	wrapped := t.TempDir()
	for range 2 {
		db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: wrapped, KeyURL: url, Sync: "normal", BlobURL: "mem://"})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(filepath.Join(wrapped, "keys", "master.wrapped"))
	if err != nil || strings.Contains(string(raw), "AesGcm") {
		t.Errorf("the wrapped key is readable (%v)", err)
	}
	if _, err := sqlite.Open(t.Context(), sqlite.Options{Dir: wrapped, KeyURL: "base64key://AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}); err == nil {
		t.Error("another key unwraps the master key")
	}
	if _, err := sqlite.Open(t.Context(), sqlite.Options{Dir: t.TempDir(), Sync: "sometimes"}); err == nil {
		t.Error("an unknown durability was taken")
	}
}

func TestNothingPersonalOnDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clock := storetest.NewClock(time.Now())
	tenant := kyc.Tenant{Org: kyc.NewID(clock.Now()), Env: kyc.Live}
	db := openIn(t, dir, clock)
	const secret = "Lovelace-the-secret"
	subject := &kyc.Subject{Meta: object(clock, tenant), Kind: "individual", Private: kyc.SubjectData{Name: secret, Email: secret, Phone: secret, Attributes: map[string]any{"a": secret}}}
	session := &kyc.Session{Meta: object(clock, tenant), SubjectID: subject.ID, Private: kyc.SessionData{Fields: map[string]any{"a": secret}}}
	journey := &kyc.Journey{Meta: object(clock, tenant), SubjectID: subject.ID, Private: kyc.JourneyData{Name: secret, Email: secret,
		Messages: map[kyc.ID]string{"m": secret}, Files: map[kyc.ID]string{"f": secret}, Superseded: []kyc.OldValues{{Values: map[string]any{"a": secret}}},
		Warnings: map[string][]kyc.Problem{"s": {{Message: secret}}}, Addresses: map[kyc.ID]string{"c": secret}}}
	transfer := &kyc.Transfer{Meta: object(clock, tenant), SubjectID: subject.ID, FileName: secret}
	exam := &kyc.Exam{Meta: object(clock, tenant), SubjectID: subject.ID, Answer: kyc.Answer{Fields: []kyc.Field{{Value: secret}}}}
	ruling := &kyc.Ruling{Meta: object(clock, tenant), SubjectID: subject.ID, Words: kyc.RulingWords{Reason: secret, Notes: secret}}
	watch := &kyc.Watch{Meta: object(clock, tenant), Alert: kyc.AlertConfig{WebhookURL: secret, NotificationEmail: secret}}
	party := &kyc.Watched{Meta: object(clock, tenant), WatchID: watch.ID, Private: kyc.WatchedData{FullName: secret, Identifier: secret, Matches: []kyc.MatchState{{EntryID: secret}}}}
	note := &kyc.Note{Meta: object(clock, tenant), Text: secret}
	// Nothing that people write about a case is left out of its sealed part.
	words := kyc.CaseData{First: secret, Decision: secret, Escalation: secret, Overrides: []string{secret}, Metadata: map[string]any{"a": secret}}
	review := &kyc.Case{Meta: object(clock, tenant), SubjectID: subject.ID, Status: kyc.CaseRejected, Private: words}
	manual := &kyc.Case{Meta: object(clock, tenant), Status: kyc.CaseRejected, Private: words} // under the tenant's key
	item := &kyc.ListItem{Meta: object(clock, tenant), Value: kyc.ListValue{Value: secret}}
	endpoint := &kyc.Endpoint{Meta: object(clock, tenant), Secrets: []kyc.EndpointSecret{{Secret: secret}}}
	idempotency := kyc.Idempotency{Tenant: tenant, Method: "POST", Key: "k", BodyHash: "h"}
	if got, err := db.ReserveIdempotency(t.Context(), idempotency, time.Minute); got != nil || err != nil {
		t.Fatal(got, err)
	}
	idempotency.Body = []byte(secret)
	if err := db.Commit(t.Context(), &kyc.Change{Put: []kyc.Object{subject, session, note, item, endpoint, journey, transfer, exam, ruling, watch, party, review, manual}, Idempotency: &idempotency,
		Inputs: []kyc.Input{{Tenant: tenant, RunID: "r", SubjectID: subject.ID, Data: []byte(`"` + secret + `"`)}}}); err != nil {
		t.Fatal(err)
	}
	if err := db.PutBlob(t.Context(), tenant, subject.ID, "f", []byte(secret)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		files++
		if strings.Contains(string(raw), secret) {
			t.Errorf("%s shows what is personal", path)
		}
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("%d files (%v)", files, err)
	}
}

func TestOthersCannotReadTheDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	files, err := filepath.Glob(filepath.Join(dir, "bonafide.db*"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%v %v", files, err)
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v (%v)", file, info.Mode(), err)
		}
	}
}
