package inquiry

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"bonafide/job"
	"bonafide/kyc"
)

// The jobs of this room.
const (
	JobSweep = "inquiry.sweep" // find the inquiries that are to be asked again
	JobAgain = "inquiry.again" // ask one
)

const (
	// sweepEvery is how late an inquiry can be asked again.
	sweepEvery = time.Minute
	// pageSize is how many inquiries are read and committed together.
	pageSize = 200
)

// Periodic are the jobs that come back.
func Periodic() []job.Periodic {
	return []job.Periodic{{Kind: JobSweep, Every: sweepEvery, AtStart: true}}
}

// Jobs handles the jobs of this room.
func (m *Machine) Jobs() map[string]job.Handler {
	return map[string]job.Handler{
		JobSweep: func(ctx context.Context, _ kyc.Job) error { _, err := m.Sweep(ctx); return err },
		JobAgain: m.againJob,
	}
}

// versions are the lists that are in order, with the version in force.
func versions(all []kyc.ListVersion) map[string]string {
	out := map[string]string{}
	for _, l := range all {
		if l.Status == kyc.StatusOK && l.Version != "" {
			out[l.List] = l.Version
		}
	}
	return out
}

// Sweep leaves a job for each inquiry whose time has come, and for each that
// waits for its lists and may be meant by an entry that changed since it was
// asked last; of the others it notes that they were looked at. It answers how
// many jobs it left.
func (m *Machine) Sweep(ctx context.Context) (int, error) {
	var c kyc.Change
	due, err := m.d.Store.InquiriesDue(ctx, m.d.Clock.Now(), pageSize)
	if err != nil {
		return 0, err
	}
	ahead, err := m.ahead(ctx)
	if err != nil {
		return 0, err
	}
	for _, q := range append(due, ahead...) {
		leave(&c, &q)
	}
	left := len(c.Jobs)
	if left > 0 {
		if err := m.d.Store.Commit(ctx, &c); err != nil {
			return 0, err
		}
	}
	n, err := m.lookForUpdates(ctx)
	return left + n, err
}

func leave(c *kyc.Change, q *kyc.Inquiry) {
	if !slices.ContainsFunc(c.Jobs, func(j kyc.Job) bool { return j.Object == q.ID }) {
		c.Jobs = append(c.Jobs, kyc.Job{Kind: JobAgain, Tenant: q.Tenant, Object: q.ID, Key: string(q.ID)})
	}
}

// ahead are the inquiries that are due in a sandbox whose clock was put
// forward; the store compares with the real time.
func (m *Machine) ahead(ctx context.Context) ([]kyc.Inquiry, error) {
	orgs, err := m.d.Store.Orgs(ctx)
	if err != nil {
		return nil, err
	}
	var out []kyc.Inquiry
	for _, org := range orgs {
		if org.SandboxOffset <= 0 {
			continue
		}
		now := org.Now(m.d.Clock, kyc.Sandbox)
		var after kyc.ID
		for {
			part, _, err := m.d.Store.Inquiries(ctx, kyc.Tenant{Org: org.ID, Env: kyc.Sandbox}, kyc.InquiryFilter{Monitored: true}, kyc.Page{Limit: pageSize, After: after})
			if err != nil {
				return nil, err
			}
			for _, q := range part {
				after = q.ID
				if !q.NextAt.IsZero() && !q.NextAt.After(now) {
					out = append(out, q)
				}
			}
			if len(part) < pageSize {
				break
			}
		}
	}
	return out, nil
}

// lookForUpdates walks the inquiries that wait for their lists, unless this
// process has done so since the last change.
func (m *Machine) lookForUpdates(ctx context.Context) (left int, err error) {
	current := versions(m.d.Lists())
	m.mu.Lock()
	done := m.swept && maps.Equal(current, m.seen)
	m.mu.Unlock()
	if done {
		return 0, nil
	}
	var after kyc.ID
	complete := true
	for {
		page, err := m.d.Store.InquiriesOnUpdate(ctx, after, pageSize)
		if err != nil {
			return left, err
		}
		var c kyc.Change
		for i := range page {
			q := &page[i]
			after = q.ID
			if q.Private.Unreadable || q.Tenant.Env == kyc.Sandbox || maps.Equal(q.Lists, current) {
				continue // the lists of the sandbox are simulated and never change
			}
			if m.concerned(ctx, q, current) {
				leave(&c, q)
				continue
			}
			q.Lists = current
			q.Touch(m.d.Clock.Now())
			c.Put = append(c.Put, q)
		}
		if err := ctx.Err(); err != nil {
			return left, err
		}
		if !c.Empty() {
			if err := m.d.Store.Commit(ctx, &c); err != nil {
				if kyc.KindOf(err) != kyc.Conflict {
					return left, err
				}
				complete = false // somebody changed one of them; the next sweep looks again
			} else {
				left += len(c.Jobs)
			}
		}
		if len(page) < pageSize {
			break
		}
	}
	if complete {
		m.mu.Lock()
		m.seen, m.swept = current, true
		m.mu.Unlock()
	}
	return left, nil
}

// concerned reports whether what changed in the lists since an inquiry was
// asked may change its answer.
func (m *Machine) concerned(ctx context.Context, q *kyc.Inquiry, current map[string]string) bool {
	if !slices.ContainsFunc(q.Types, func(t kyc.InquiryType) bool {
		return t == kyc.InquirySanction || t == kyc.InquiryPEP || t == kyc.InquiryCrypto
	}) {
		return false // it asks no list
	}
	if slices.Contains(q.Types, kyc.InquiryCrypto) || m.d.MayMean == nil {
		return true
	}
	d := &q.Private
	party := Party{Tenant: q.Tenant, Name: d.Name, BirthDate: d.BirthDate, Country: d.Country, Document: d.Document, Company: q.Kind == "company"}
	for list := range q.Lists {
		if _, there := current[list]; !there {
			return true // it cannot be asked any more, and the inquiry is to say so
		}
	}
	for list, version := range current {
		since := q.Lists[list]
		if since == version {
			continue
		}
		// An entry that was found before may have changed or left the list.
		if since == "" || slices.ContainsFunc(d.Known, func(k kyc.InquiryHit) bool { return k.List == list }) || m.d.MayMean(ctx, party, list, since) {
			return true
		}
	}
	return false
}

// againJob asks an inquiry again, unless somebody did in the meantime.
func (m *Machine) againJob(ctx context.Context, j kyc.Job) error {
	q, err := m.Read(ctx, j.Tenant, j.Object)
	if err != nil {
		if kyc.KindOf(err) == kyc.NotFound {
			return nil
		}
		return err
	}
	now, org, err := m.now(ctx, j.Tenant)
	if err != nil {
		return err
	}
	due := !q.NextAt.IsZero() && !q.NextAt.After(now)
	changed := q.Monitor == kyc.WatchOnUpdate && q.Tenant.Env == kyc.Live && !maps.Equal(q.Lists, versions(m.d.Lists()))
	if q.Monitor == "" || q.Private.Unreadable || !due && !changed {
		return nil
	}
	_, err = m.round(ctx, org, kyc.SystemActor("monitor"), now, &q, "inquiry.ask_again")
	if err != nil && kyc.KindOf(err) == kyc.Conflict {
		return job.Snooze(time.Second) // somebody changed it meanwhile
	}
	if err != nil && errors.Is(err, ctx.Err()) {
		return job.Snooze(sweepEvery)
	}
	return err
}
