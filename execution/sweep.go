package execution

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"bonafide/job"
	"bonafide/kyc"
)

// The jobs of this room.
const (
	JobSweep    = "execution.sweep"    // find tenants whose monitored people must be looked at
	JobRescreen = "execution.rescreen" // look at the monitored people of one tenant
)

// sweepEvery is how late a changed list can be noticed.
const sweepEvery = 30 * time.Second

// Periodic are the jobs that come back.
func Periodic() []job.Periodic {
	return []job.Periodic{{Kind: JobSweep, Every: sweepEvery, AtStart: true}}
}

// Jobs handles the jobs of this room.
func (m *Machine) Jobs() map[string]job.Handler {
	return map[string]job.Handler{
		JobSweep:    func(ctx context.Context, _ kyc.Job) error { _, err := m.ListsChanged(ctx); return err },
		JobRescreen: m.rescreenJob,
	}
}

// rescreenJob is a job with the tenant as its key: one waits at most, and one for
// a later time, which must not stand in the way of one that is due now.
func rescreenJob(t kyc.Tenant, at time.Time) kyc.Job {
	key := string(t.Org) + "/" + string(t.Env)
	if !at.IsZero() {
		key += "/later"
	}
	return kyc.Job{Kind: JobRescreen, Tenant: t, Key: key, At: at}
}

// errand is what a job was left for: the state of the lists, and when. The node
// that does the job may not have loaded them yet.
type errand struct {
	Lists string    `json:"lists"`
	Left  time.Time `json:"left"`
}

// Nodes load lists within a second or two of each other. A job that finds other
// lists than it was left for waits for them, but not for long: they may have
// changed again.
const (
	nodesAgree = 30 * time.Second
	lookAgain  = 2 * time.Second
)

// early reports whether this node has not loaded the lists yet that a job was
// left for.
func (m *Machine) early(j kyc.Job) bool {
	var why errand
	if len(j.Args) == 0 || json.Unmarshal(j.Args, &why) != nil || why.Lists == "" || m.d.Lists == nil {
		return false
	}
	return why.Lists != digest(usableLists(m.d.Lists())) && m.d.Clock.Now().Sub(why.Left) < nodesAgree
}

// swept remembers which state of the lists this process has left jobs for, so
// that an unchanged state costs nothing. It is a saving and no record: after a
// start everybody is looked at once.
type swept struct {
	mu    sync.Mutex
	state string            // digest of lists
	lists map[string]string // list to version; nil before the first look
}

// ListsChanged leaves a job for each tenant with monitored people when the lists
// are others than at the last look of this process, and answers how many it
// left. Those whom the changes may mean are looked at before it returns. The
// lists of the sandbox are simulated and never change.
func (m *Machine) ListsChanged(ctx context.Context) (int, error) {
	if m.d.Lists == nil {
		return 0, nil
	}
	lists := usableLists(m.d.Lists())
	state := digest(lists)
	m.swept.mu.Lock()
	defer m.swept.mu.Unlock()
	if m.swept.state == state {
		return 0, nil
	}
	orgs, err := m.d.Store.Orgs(ctx)
	if err != nil {
		return 0, err
	}
	args, err := json.Marshal(errand{state, m.d.Clock.Now()})
	if err != nil {
		return 0, fmt.Errorf("writing a monitoring job: %w", err)
	}
	var c kyc.Change
	var tenants []kyc.Tenant
	for _, org := range orgs {
		t := kyc.Tenant{Org: org.ID, Env: kyc.Live}
		some, err := m.d.Store.MonitoredProfiles(ctx, t, "", 1)
		if err != nil {
			return 0, err
		}
		if len(some) > 0 {
			j := rescreenJob(t, time.Time{})
			j.Args = args
			c.Jobs, tenants = append(c.Jobs, j), append(tenants, t)
		}
	}
	if m.swept.lists != nil && len(tenants) > 0 {
		m.prompt(ctx, tenants, m.swept.lists, lists)
	}
	if len(c.Jobs) > 0 {
		if err := m.d.Store.Commit(ctx, &c); err != nil {
			return 0, err
		}
	}
	m.swept.state, m.swept.lists = state, lists
	return len(c.Jobs), nil
}

// usableLists are the versions of the lists that can be asked, by list.
func usableLists(all []kyc.ListVersion) map[string]string {
	out := map[string]string{}
	for _, l := range all {
		if l.Version != "" && (l.Status == kyc.StatusOK || l.Status == kyc.StatusStale) {
			out[l.List] = l.Version
		}
	}
	return out
}

// wanted keeps the lists that an organisation asks: those it requires, or all.
func wanted(lists map[string]string, required []string) map[string]string {
	if len(required) == 0 {
		return lists
	}
	out := map[string]string{}
	for id, version := range lists {
		if slices.Contains(required, id) {
			out[id] = version
		}
	}
	return out
}
