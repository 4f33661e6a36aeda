package job

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"bonafide/kyc"
)

// What a queue does with a database is proved by store/storetest on both.

func TestTag(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"engine.wake": "kind_engine_wake", "": "kind_", "ü x-9": "kind___x_9"} {
		if got := tag(kind); got != want {
			t.Errorf("the tag of %q is %q, want %q", kind, got, want)
		}
	}
}

func TestInsertParams(t *testing.T) {
	t.Parallel()
	at := time.Now()
	j := kyc.Job{Kind: "engine.wake", Object: "run", Key: "k", At: at, Args: json.RawMessage(`{"a":1}`)}
	p := insertParams(j, "k|next")
	a, ok := p.Args.(args)
	if !ok || a.Name != j.Kind || a.Key != "k" || a.Unique != "k|next" || !p.InsertOpts.ScheduledAt.Equal(at) || !p.InsertOpts.UniqueOpts.ByArgs {
		t.Errorf("%+v %+v", p.Args, p.InsertOpts)
	}
	j.Key = ""
	if insertParams(j, "").InsertOpts.UniqueOpts.ByArgs {
		t.Error("a job without a key is unique")
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	var snooze *river.JobSnoozeError
	if !errors.As(Snooze(time.Minute), &snooze) || snooze.Duration != time.Minute {
		t.Error("Snooze is not River's")
	}
	cause := errors.New("never")
	if err := Cancel(cause); !errors.Is(err, cause) {
		t.Error("Cancel loses its cause")
	}
}
