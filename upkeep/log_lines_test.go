package upkeep

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogLinesAreWrittenTogetherAndSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &pieces{}
		log := NewLogLines(out)
		for i := range 3 {
			fmt.Fprintf(log, "line %d\n", i)
		}
		if len(out.got) != 0 {
			t.Errorf("a line did not wait: %q", out.got)
		}
		<-time.After(2 * logEvery)
		synctest.Wait()
		if len(out.got) != 1 || out.got[0] != "line 0\nline 1\nline 2\n" {
			t.Errorf("%q", out.got)
		}
		fmt.Fprintln(log, "the next")
		<-time.After(2 * logEvery)
		synctest.Wait()
		if len(out.got) != 2 || out.got[1] != "the next\n" {
			t.Errorf("%q", out.got)
		}
		fmt.Fprint(log, strings.Repeat("x", logFull))
		if len(out.got) != 3 {
			t.Error("much waits for the time")
		}
		fmt.Fprintln(log, "the last")
		log.Flush()
		if len(out.got) != 4 || out.got[3] != "the last\n" {
			t.Errorf("%d pieces", len(out.got))
		}
	})
}

type pieces struct{ got []string }

func (p *pieces) Write(b []byte) (int, error) {
	p.got = append(p.got, string(b))
	return len(b), nil
}
