package crash

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"bonafide/engine"
	"bonafide/kyc"
	"bonafide/store/storetest"
)

var (
	crashKills    = flag.Int("crash.kills", 3, "how often the process is killed")
	crashSessions = flag.Int("crash.sessions", 100, "sessions in flight while it is killed")
	crashSeed     = flag.Uint64("crash.seed", 0, "seed of the moments; 0: a new one, which is printed")
)

// TestCrash kills a working process again and again and looks whether anyone
// could tell. The long form is `make crash`.
func TestCrash(t *testing.T) {
	t.Parallel()
	seed := *crashSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d: %d kills, %d sessions in flight", seed, *crashKills, *crashSessions)
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		crash(t, "", rand.New(rand.NewPCG(seed, 1)))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		crash(t, storetest.Postgres(t), rand.New(rand.NewPCG(seed, 2)))
	})
}

// parent runs children and remembers what they and the webhooks said.
type parent struct {
	t        *testing.T
	dir      string
	database string
	org      kyc.ID
	hook     *httptest.Server
	lives    int
	mu       sync.Mutex
	acked    map[kyc.ID]string // session to kind
	inFlight int64             // as last told
	got      map[string]int    // webhook-id to how often it came
}

func crash(t *testing.T, database string, random *rand.Rand) {
	p := &parent{t: t, dir: t.TempDir(), database: database, org: kyc.NewID(time.Now()), acked: map[kyc.ID]string{}, got: map[string]int{}}
	p.hook = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		p.mu.Lock()
		p.got[r.Header.Get("webhook-id")]++
		n := len(p.got)
		p.mu.Unlock()
		if n%50 == 0 { // some receivers have bad days
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer p.hook.Close()
	lowest := int64(1 << 62)
	for kill := range *crashKills {
		c := p.start()
		c.wait("ready")
		c.flight(int64(*crashSessions))
		<-time.After(time.Duration(random.IntN(400)) * time.Millisecond)
		p.mu.Lock()
		lowest = min(lowest, p.inFlight)
		p.mu.Unlock()
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		c.gone()
	}
	restarted := time.Now()
	c := p.start()
	c.wait("ready")
	if _, err := io.WriteString(c.in, "drain\n"); err != nil {
		t.Fatal(err)
	}
	c.wait("drained")
	c.gone()
	t.Logf("%d acknowledged sessions, at least %d in flight at a kill, all at their end %s after the last restart", len(p.acked), lowest, time.Since(restarted).Round(time.Millisecond))
	p.verify()
}

// process is one child.
type process struct {
	p     *parent
	cmd   *exec.Cmd
	in    io.WriteCloser
	words chan string
	err   strings.Builder
	done  chan struct{}
}

func (p *parent) start() *process {
	p.t.Helper()
	c := &process{p: p, words: make(chan string, 16), done: make(chan struct{})}
	c.cmd = exec.Command(os.Args[0], "-test.run=^$")
	c.cmd.Env = append(os.Environ(), envDir+"="+p.dir, envDatabase+"="+p.database, envOrg+"="+string(p.org), envHook+"="+p.hook.URL, fmt.Sprintf("%s=%d", envOpen, *crashSessions), fmt.Sprintf("%s=%d", envLife, p.lives))
	p.lives++
	c.cmd.Stderr = &c.err
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		p.t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = c.cmd.Process.Kill() })
	go func() {
		defer close(c.done)
		lines := bufio.NewReader(out)
		for {
			line, err := lines.ReadString('\n')
			if err != nil { // an unfinished line is no acknowledgement
				break
			}
			var id, kind string
			var open int64
			if n, _ := fmt.Sscanf(line, "ack %s %s %d", &id, &kind, &open); n == 3 {
				p.mu.Lock()
				p.acked[kyc.ID(id)] = kind
				p.inFlight = open
				p.mu.Unlock()
				continue
			}
			c.words <- strings.TrimSpace(line)
		}
	}()
	return c
}

// wait waits for a word of the child.
func (c *process) wait(word string) {
	c.p.t.Helper()
	deadline := time.After(5 * time.Minute)
	for {
		select {
		case got := <-c.words:
			if got == word {
				return
			}
		case <-c.done:
			_ = c.cmd.Wait()
			c.p.t.Fatalf("the child ended before it was %q: %s", word, c.err.String())
		case <-deadline:
			c.p.t.Fatalf("the child is not %q", word)
		}
	}
}

// flight waits until that many sessions of this child are open.
func (c *process) flight(n int64) {
	c.p.t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		c.p.mu.Lock()
		open := c.p.inFlight
		c.p.mu.Unlock()
		if open >= n {
			return
		}
		select {
		case <-time.After(time.Millisecond):
		case <-c.done:
			_ = c.cmd.Wait()
			c.p.t.Fatalf("the child ended by itself: %s", c.err.String())
		case <-deadline:
			c.p.t.Fatalf("only %d sessions are in flight", open)
		}
	}
}

// gone waits for the end of a child.
func (c *process) gone() {
	<-c.done
	_ = c.cmd.Wait()
	if c.err.Len() > 0 {
		c.p.t.Errorf("the child complained: %s", c.err.String())
	}
	c.p.mu.Lock()
	c.p.inFlight = 0
	c.p.mu.Unlock()
}

// verify looks at everything the children left.
func (p *parent) verify() {
	t := p.t
	ctx := t.Context()
	db, err := openStore(ctx, p.dir, p.database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	e := engine.New(engine.Deps{Store: db, Clock: kyc.SystemClock()})
	w, err := newWorkload()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]engine.View{}
	for _, k := range kinds {
		want[k] = undisturbed(t, w, k)
	}
	tenant := kyc.Tenant{Org: p.org, Env: kyc.Sandbox}
	performed := performances(t, p.dir+"/calls.log")
	events := map[kyc.ID]map[string]int{}
	eachEvent(t, db, tenant, func(ev kyc.Event) {
		if ev.Webhook == "" {
			return
		}
		if events[ev.ObjectID] == nil {
			events[ev.ObjectID] = map[string]int{}
		}
		events[ev.ObjectID][ev.Webhook]++
		if p.got[string(ev.ID)] == 0 {
			t.Errorf("event %s (%s) was never delivered", ev.ID, ev.Webhook)
		}
		delete(p.got, string(ev.ID))
	})
	for id := range p.got {
		t.Errorf("a webhook came under the unknown id %s", id)
	}
	again, found := 0, 0
	recorded := map[string]int{}
	eachSession(t, db, tenant, func(s kyc.Session) {
		found++
		delete(p.acked, s.ID)
		kind := s.ExternalRef
		runs, err := db.Runs(ctx, tenant, s.ID)
		if err != nil || len(runs) != 1 {
			t.Errorf("session %s (%s) has %d runs: %v", s.ID, kind, len(runs), err)
			return
		}
		run, end := runs[0], want[kind].State
		if run.Status != end.Status || run.Outcome != end.Outcome || run.ReasonCode != end.ReasonCode || s.Result != end.Outcome {
			t.Errorf("session %s (%s) ended %s %s %s (session %s), undisturbed %s %s %s", s.ID, kind, run.Status, run.Outcome, run.ReasonCode, s.Status, end.Status, end.Outcome, end.ReasonCode)
		}
		told := events[s.ID]
		if told["session.ended"] != 1 || told["session.created"] != 1 || (kind == "gate" && told["session.awaiting_external"] != 1) {
			t.Errorf("session %s (%s) told %v", s.ID, kind, told)
		}
		r, err := e.Replay(ctx, tenant, run.ID)
		if err != nil || r.Difference != nil {
			t.Errorf("session %s (%s): replay %v %v", s.ID, kind, r.Difference, err)
		}
		v, err := e.RunView(ctx, tenant, run.ID)
		if err != nil {
			t.Error(err)
			return
		}
		final := map[string]int{}
		for _, a := range v.Attempts {
			recorded[a.Key]++
			if a.Status == engine.Interrupted {
				again++
				continue
			}
			final[fmt.Sprint(a.Node, a.Attempt)]++
		}
		for k, n := range final {
			if n != 1 {
				t.Errorf("session %s (%s): attempt %s has %d results", s.ID, kind, k, n)
			}
		}
		if len(final) != len(want[kind].Attempts) {
			t.Errorf("session %s (%s): %d attempts with a result, undisturbed %d", s.ID, kind, len(final), len(want[kind].Attempts))
		}
	})
	for id, kind := range p.acked {
		t.Errorf("session %s (%s) was acknowledged and is lost", id, kind)
	}
	twice := 0
	for key, n := range performed {
		if n > 1 {
			twice += n - 1
		}
		if n > recorded[key] {
			t.Errorf("the call %s was performed %d times and has %d recorded attempts", key, n, recorded[key])
		}
	}
	if report, err := db.VerifyAudit(ctx, p.org); err != nil {
		t.Errorf("the audit chain: %+v %v", report, err)
	}
	t.Logf("%d sessions, %d attempts sent again on record, %d of them really performed twice", found, again, twice)
}
