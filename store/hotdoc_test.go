package store

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"bonafide/kyc"
)

// fill sets every field of a struct to something that is not its zero.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.UnixMicro(1_700_000_000_123_456 + int64(*n)).UTC()))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d <\"\\&\u2028\x01\xff>", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	}
}

func TestHandWrittenDocuments(t *testing.T) {
	t.Parallel()
	n := 0
	var run, noRun kyc.Run
	var session, noSession kyc.Session
	fill(reflect.ValueOf(&run).Elem(), &n)
	fill(reflect.ValueOf(&session).Elem(), &n)
	session.Damaged = false // such a one is never written
	for name, o := range map[string]kyc.Object{"run": &run, "empty run": &noRun, "session": &session, "empty session": &noSession} {
		r, err := encode(o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := document(r)
		if err != nil {
			t.Fatal(err)
		}
		reflected, err := json.Marshal(r.doc)
		if err != nil {
			t.Fatal(err)
		}
		var a, b map[string]any
		if err := json.Unmarshal([]byte(got), &a); err != nil {
			t.Fatalf("%s: %v in %s", name, err, got)
		}
		if err := json.Unmarshal(reflected, &b); err != nil {
			t.Fatal(err)
		}
		delete(b, "due_at")
		delete(b, "lease_owner")
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, reflected)
		}
	}
}

func BenchmarkDocumentOfRun(b *testing.B) {
	now := time.Now()
	run := kyc.Run{SessionID: kyc.NewID(now), SubjectID: kyc.NewID(now), WorkflowID: kyc.NewID(now), Version: 3, Definition: "sha256:0123456789abcdef",
		Arm: "stable", Bucket: 4711, Status: kyc.RunRunning, Node: "document_ocr", Step: 4, StateHash: "sha256:0123456789abcdef", StartedAt: now}
	r, err := encode(&run)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("hand", func(b *testing.B) {
		for b.Loop() {
			_, _ = document(r)
		}
	})
	b.Run("reflection", func(b *testing.B) {
		for b.Loop() {
			_, _ = json.Marshal(r.doc)
		}
	})
}
