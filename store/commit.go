package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"bonafide/kyc"
)

var (
	sqlDefinitionPut = NewSQL(`INSERT INTO definition (org_id, env, hash, graph) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	sqlTagPut        = NewSQL(`INSERT INTO session_tag (org_id, env, tag, session_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	sqlTraitPut      = NewSQL(`INSERT INTO trait (org_id, env, kind, hash, session_id, subject_id) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	sqlTraitErase    = NewSQL(`DELETE FROM trait WHERE org_id = ? AND env = ? AND subject_id = ?`)

	// SQLInput inserts one input of a run.
	SQLInput = merging(NewSQL(`INSERT INTO run_input (run_id, seq, org_id, env, subject_id, kind, node, attempt, at, state_hash, secret)` +
		` VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`))
)

// Errors of statements that have no kind; Commit hands out copies.
var (
	errRunMoved    error = kyc.Stale("the run")
	errEventStands error = kyc.Stale("the event")
	errSubjectIs   error = kyc.Stale("the subject")
	errKeyClosed   error = kyc.Stale("the idempotency key")
	errSubjectGone error = kyc.Stale("the subject or one of its sessions")
	errNeeded      error = kyc.Stale("what the subject is needed for")
)

// Commit writes all of a change in one transaction or nothing of it. The
// errors are Stale (a compare-and-set lost, a run's next place is taken, a new
// session, report, monitored party or individual of a subject that is erased
// meanwhile or the other way round),
// Conflict with a code such as slug_taken, Missing for a removed object that
// is not there and for a subject that does not exist, `erased` for an input
// about an erased subject, `written_once` for a change of evidence. Events without ID or time get them.
func (db *DB) Commit(ctx context.Context, c *kyc.Change) error {
	if u := kyc.UnitFrom(ctx); u != nil {
		u.Change.Add(*c)
		return nil
	}
	if c.Empty() {
		return nil
	}
	if c.Idempotency != nil && kyc.ConcernedFrom(ctx) == nil {
		ctx, _ = kyc.WithConcerned(ctx)
	}
	p := plan{db: db, change: c}
	if err := p.make(ctx); err != nil {
		return err
	}
	if err := db.driver.Apply(ctx, &p.batch); err != nil {
		var e *kyc.Error
		if errors.As(err, &e) {
			own := *e
			return &own
		}
		return err
	}
	p.after()
	db.committed(c)
	return nil
}

// plan turns a change into a batch.
type plan struct {
	db     *DB
	change *kyc.Change
	batch  Batch
	// newKeys are the keys of subjects this change inserts.
	newKeys map[keyName]*dataKey
	erased  map[keyName]bool
	// endpoints are the tenants whose endpoints change.
	endpoints []kyc.Tenant
}

func (p *plan) make(ctx context.Context) error {
	c := p.change
	p.batch.Statements = make([]Statement, 0, len(c.Put)+len(c.Inputs)+2*len(c.Events)+4)
	p.batch.Jobs, p.batch.Looks = c.Jobs, c.OnlyLooks()
	if err := p.subjects(); err != nil {
		return err
	}
	for i := range c.Definitions {
		d := &c.Definitions[i]
		p.batch.add(sqlDefinitionPut, nil, nil, string(d.Tenant.Org), string(d.Tenant.Env), d.Hash, string(d.Graph))
	}
	for i, o := range c.Put {
		times, first := occurrences(c.Put, i)
		if !first {
			continue
		}
		for _, before := range c.Put[:i] {
			if before != o && before.Head().ID == o.Head().ID && reflect.TypeOf(before) == reflect.TypeOf(o) {
				p.batch.Ordered = true // one row, two steps
			}
		}
		if err := p.put(ctx, o, o.Head().Rev-int64(times)); err != nil {
			return err
		}
	}
	for i := range c.Inputs {
		if err := p.input(ctx, &c.Inputs[i]); err != nil {
			return err
		}
	}
	for i := range c.Events {
		if err := p.event(ctx, &c.Events[i]); err != nil {
			return err
		}
	}
	for _, t := range c.Traits {
		p.batch.add(sqlTraitPut, nil, nil, string(c.TraitTenant.Org), string(c.TraitTenant.Env), t.Kind, t.Hash, string(t.SessionID), string(t.SubjectID))
	}
	for i := range c.Trials {
		p.trial(&c.Trials[i])
	}
	if err := p.pictures(ctx); err != nil {
		return err
	}
	for _, o := range c.Remove {
		r, err := encode(o)
		if err != nil {
			return err
		}
		if r.kind.final {
			return r.kind.errFinal()
		}
		m := o.Head()
		p.batch.add(r.kind.remove, kyc.Missing(r.kind.what, string(m.ID)), nil, string(m.ID), string(m.Tenant.Org), string(m.Tenant.Env))
		if r.kind == kindEndpoint {
			p.endpoints = append(p.endpoints, m.Tenant)
		}
	}
	for n := range p.erased {
		org, env, id := string(n.tenant.Org), string(n.tenant.Env), string(n.id)
		p.batch.add(sqlKeyErase, nil, nil, micros(p.db.clock.Now()), id, org, env)
		// A session that came since the erasure was prepared would lose its key.
		p.batch.add(sqlKeyAlone, errSubjectGone, nil, org, env, id, org, env, id)
		if slices.Contains(c.Unneeded, n.id) {
			p.batch.add(sqlKeyUnneeded, errNeeded, nil, org, env, id, org, env, id, org, env, id, org, env, id, org, env, id)
		}
		p.batch.Ordered = true
		p.batch.add(sqlTraitErase, nil, nil, string(n.tenant.Org), string(n.tenant.Env), string(n.id))
		p.batch.add(sqlFaceErase, nil, nil, string(n.tenant.Org), string(n.tenant.Env), string(n.id))
		p.batch.add(sqlPictureErase, nil, nil, string(n.tenant.Org), string(n.tenant.Env), string(n.id))
		p.batch.add(sqlHitReviewErase, nil, nil, string(n.tenant.Org), string(n.tenant.Env), string(n.id))
	}
	for _, w := range c.Wipe {
		p.wipe(w)
	}
	if len(p.erased) > 0 {
		t, _ := tenantOf(c)
		p.batch.add(sqlAnswersErase, nil, nil, string(t.Org), string(t.Env))
	}
	if c.Idempotency != nil {
		return p.closeIdempotency(ctx, c.Idempotency)
	}
	return nil
}

// occurrences counts how often the pointer at place i stands in a change, and
// whether this is the first time: an object that was touched and put twice
// through one pointer is written once, over the revision before both.
func occurrences(all []kyc.Object, i int) (times int, first bool) {
	first = true
	for j, o := range all {
		if o == all[i] {
			times++
			if j < i {
				first = false
			}
		}
	}
	return times, first
}

// subjects makes the keys of new subjects and notes those to be erased.
func (p *plan) subjects() error {
	c := p.change
	for i, o := range c.Put {
		s, ok := o.(*kyc.Subject)
		if !ok {
			continue
		}
		if times, first := occurrences(c.Put, i); !first || s.Rev != int64(times) {
			continue
		}
		n := keyName{s.Tenant, s.ID}
		k, err := p.db.keys.take(n)
		if err != nil {
			return err
		}
		if p.newKeys == nil {
			p.newKeys = map[keyName]*dataKey{}
		}
		p.newKeys[n] = k
		p.batch.add(sqlKeyPut, nil, errSubjectIs, p.db.keys.row(n, k)...)
	}
	if len(c.Erase) == 0 {
		return nil
	}
	t, ok := tenantOf(c)
	if !ok {
		return errors.New("a change that only erases does not say whose subjects")
	}
	p.erased = map[keyName]bool{}
	for _, id := range c.Erase {
		p.erased[keyName{t, id}] = true
	}
	return nil
}

// tenantOf is the tenant a change is about.
func tenantOf(c *kyc.Change) (kyc.Tenant, bool) {
	for _, o := range c.Put {
		if t := o.Head().Tenant; t.Org != "" && t.Env != "" {
			return t, true
		}
	}
	for _, e := range c.Events {
		if e.Tenant.Org != "" && e.Tenant.Env != "" {
			return e.Tenant, true
		}
	}
	return c.TraitTenant, c.TraitTenant.Org != ""
}

// key finds the data key for a write; nil means that it is erased.
func (p *plan) key(ctx context.Context, n keyName) (*dataKey, error) {
	if p.erased[n] {
		return nil, nil
	}
	if k := p.newKeys[n]; k != nil {
		return p.db.keys.use(ctx, n, k)
	}
	k, err := p.db.keys.get(ctx, n)
	if kyc.IsCode(err, "erased") {
		return nil, nil
	}
	return k, err
}

// meet notes the subject of a record without a personal part; see keyring.meet.
func (p *plan) meet(ctx context.Context, n keyName) error {
	switch {
	case p.erased[n]:
		return nil
	case p.newKeys[n] != nil:
		_, err := p.key(ctx, n)
		return err
	}
	return p.db.keys.meet(ctx, n)
}

// put plans the insert (base 0) or the replacement of revision base.
func (p *plan) put(ctx context.Context, o kyc.Object, base int64) error {
	r, err := encode(o)
	if err != nil {
		return err
	}
	m := o.Head()
	if r.kind.final && m.Rev != 1 {
		return r.kind.errFinal()
	}
	doc, err := document(r)
	if err != nil {
		return fmt.Errorf("writing a %s: %w", r.kind.what, err)
	}
	args := make([]any, 0, len(r.cols)+10)
	if base == 0 {
		args = append(args, string(m.ID), string(m.Tenant.Org), string(m.Tenant.Env), m.Rev, micros(m.CreatedAt), micros(m.UpdatedAt))
		args = append(args, r.cols...)
	} else {
		args = append(args, m.Rev, micros(m.UpdatedAt))
		args = r.kind.columns(args, r.cols, false)
	}
	args = append(args, doc)
	update := r.kind.update
	if r.gone && r.kind.keep != nil {
		update = r.kind.keep
	}
	if r.kind.sealed {
		secret, err := p.secret(ctx, r, m)
		if err != nil {
			return err
		}
		args = append(args, secret)
	}
	if base == 0 {
		if n := ownerKey(m.Tenant, r.owner); r.kind.living && n.id != tenantKey && p.newKeys[n] == nil && !p.erased[n] {
			p.alive(n)
		}
		p.batch.Statements = append(p.batch.Statements, Statement{SQL: r.kind.insert, Args: args, Taken: r.kind.conflict})
	} else {
		args = append(args, string(m.ID), string(m.Tenant.Org), string(m.Tenant.Env), base)
		args = r.kind.columns(args, r.cols, true)
		p.batch.Statements = append(p.batch.Statements, Statement{SQL: update, Args: args, Zero: r.kind.stale, Taken: r.kind.conflict})
	}
	switch v := o.(type) {
	case *kyc.Session:
		// Rows of removed tags stay; the filter also looks at session.tags.
		for _, tag := range v.Tags {
			p.batch.add(sqlTagPut, nil, nil, string(m.Tenant.Org), string(m.Tenant.Env), tag, string(m.ID))
		}
	case *kyc.FaceTemplate:
		// Two transactions that hold templates of two tenants each could wait
		// for each other; a commit of its own has those of one.
		p.batch.Ordered = true
	case *kyc.Endpoint:
		p.batch.Ordered = true // the events of this change look for it
		p.endpoints = append(p.endpoints, m.Tenant)
	}
	return nil
}

// alive refuses the change when the key is destroyed by the time it is
// committed: a new session could never be read, and of whoever has a new report
// nobody could say any more that they are not needed.
func (p *plan) alive(n keyName) {
	org, env, id := string(n.tenant.Org), string(n.tenant.Env), string(n.id)
	for i := range p.batch.Statements {
		if s := &p.batch.Statements[i]; s.SQL == sqlKeyAlive && s.Args[0] == org && s.Args[1] == env && s.Args[2] == id {
			return // two updates of a row do not merge
		}
	}
	p.batch.add(sqlKeyAlive, errSubjectGone, nil, org, env, id)
}

// secret seals the personal part of a record; nil is NULL.
func (p *plan) secret(ctx context.Context, r record, m *kyc.Meta) (any, error) {
	if r.gone {
		return []byte{markErased}, nil
	}
	n := ownerKey(m.Tenant, r.owner)
	if r.secret == nil {
		return nil, p.meet(ctx, n)
	}
	k, err := p.key(ctx, n)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return []byte{markErased}, nil
	}
	return seal(k, r, m.ID)
}

func inputPlace(run kyc.ID, seq int64) string {
	return "run_input|secret|" + string(run) + ":" + strconv.FormatInt(seq, 10)
}

func (p *plan) input(ctx context.Context, in *kyc.Input) error {
	k, err := p.key(ctx, ownerKey(in.Tenant, in.SubjectID))
	if err != nil {
		return err
	}
	if k == nil {
		return kyc.Errorf(kyc.Conflict, "erased", "the subject of this run was erased")
	}
	sealed, err := k.encrypt(in.Data, inputPlace(in.RunID, in.Seq))
	if err != nil {
		return fmt.Errorf("sealing an input: %w", err)
	}
	p.batch.add(SQLInput, nil, errRunMoved,
		string(in.RunID), in.Seq, string(in.Tenant.Org), string(in.Tenant.Env), string(in.SubjectID), in.Kind, in.Node,
		int64(in.Attempt), micros(in.At), in.StateHash, sealed)
	return nil
}

// after brings memory in line with what was committed.
func (p *plan) after() {
	keys := p.db.keys
	for n, k := range p.newKeys {
		keys.cache.Add(n, k)
		keys.offered.Remove(n)
	}
	for n := range p.erased {
		keys.cache.Add(n, &dataKey{erased: true})
	}
	for _, t := range p.endpoints {
		p.db.outbox.forget(t)
	}
}
