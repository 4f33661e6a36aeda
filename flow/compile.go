package flow

import (
	"bytes"
	"encoding/json"
	"slices"

	"bonafide/kyc"
)

// Compile reads, checks and links a graph. Every problem is reported at once;
// Compiled is nil when there are errors. The same input gives the same result
// and the same bytes.
func Compile(raw json.RawMessage, o Options) (*Compiled, Report) {
	f := &findings{lenient: o.Lenient}
	d, ok := compileDraft(raw, o, f)
	if !ok || len(f.errors) > 0 {
		return nil, f.report()
	}
	linked, err := d.encode(d.tree())
	if err != nil {
		f.fail("", "", "not_encodable", "the linked graph cannot be written: %v", err)
		return nil, f.report()
	}
	canonical := json.RawMessage(bytes.Clone(linked))
	// What runs is always what was stored, so that a graph loaded years later
	// equals the one compiled now.
	c, err := d.compiled(canonical, o)
	if err != nil {
		f.fail("", "", "not_loadable", "the linked graph cannot be read back: %v", err)
		return nil, f.report()
	}
	return c, f.report()
}

// compiled gives the graph that the stored form holds. Nobody but the draft
// may use its nodes afterwards.
func (d *draft) compiled(canonical json.RawMessage, o Options) (*Compiled, error) {
	if d.ownText(canonical, o) {
		return d.settle(canonical)
	}
	return Load(canonical)
}

// compileDraft does everything up to encoding. It reports false when there is
// no graph to look at.
func compileDraft(raw json.RawMessage, o Options, f *findings) (*draft, bool) {
	tree, ok := readTree(raw, func(path, code, message string) { f.fail("", path, code, "%s", message) })
	if !ok {
		return nil, false
	}
	d := newDraft()
	l := &linker{o: o, schemas: o.Schemas}
	if l.schemas == nil {
		l.schemas = &Schemas{}
	}
	r := reader{f: f, d: d, catalog: o.Catalog, schemas: l.schemas}
	r.readGraph(tree)
	reqs, haveReqs := readRequirements(o.Requirements, f)
	d.fillDefaults()
	d.checkShape(f)
	l.link(d, f, []string{o.Self})
	slices.SortFunc(d.links, func(a, b Link) int { return stringOrder(a.Node, b.Node) })
	d.checkParallel(f)
	d.checkDuplicates(f)
	d.warnConditions(f)
	order, acyclic := d.order()
	if acyclic {
		d.warnPaths(f, order, o.Catalog)
	}
	if haveReqs && o.Catalog != nil {
		d.checkRequirements(f, reqs, o.Catalog)
	}
	mandatory := checkMandatory(o, f)
	if len(f.errors) > 0 {
		return d, true
	}
	written := o.Requirements
	if !haveReqs {
		written = nil
	}
	var err error
	if d.hash, err = d.sourceHash(tree, written); err != nil {
		f.fail("", "", "not_encodable", "the definition has no canonical form")
		return d, true
	}
	locked := d.lockMandatory(mandatory, lockedConfigs(o, f, l.schemas), order)
	if haveReqs && o.Catalog != nil {
		checkLockedRequirements(f, reqs, locked, o.Catalog)
	}
	return d, true
}

// checkMandatory gives the mandatory policies without repetition. One that
// does not exist stops the compilation: a workflow that quietly lacks it
// would be worse.
func checkMandatory(o Options, f *findings) []string {
	var out []string
	for _, policy := range o.Mandatory {
		if _, ok := o.Catalog[policy]; !ok && o.Catalog != nil || !word(policy, true) {
			f.fail("", "", "mandatory_policy_unknown", "the organisation requires the check %q, which does not exist", policy)
		} else if !slices.Contains(out, policy) {
			out = append(out, policy)
		}
	}
	return out
}

// lockedConfigs are the configs of inserted checks in canonical form. One that
// its check refuses stops the compilation, as on a node of the author's own.
func lockedConfigs(o Options, f *findings, known *Schemas) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for _, policy := range o.Mandatory {
		raw, ok := o.MandatoryConfig[policy]
		if !ok {
			continue
		}
		refuse := func(at, message string) {
			f.fail("", at, "mandatory_config_invalid", "the config of the mandatory check %s: %s", policy, message)
		}
		tree, ok := readTree(raw, func(path, _, message string) { refuse(path, message) })
		if !ok {
			continue
		}
		if _, ok := tree.(map[string]any); !ok {
			refuse("", "is no object")
			continue
		}
		if spec, ok := o.Catalog[policy]; ok {
			known.check(spec, tree, refuse)
		}
		canonical, err := encode(tree)
		if err != nil {
			refuse("", "has no canonical form")
			continue
		}
		out[policy] = canonical
	}
	return out
}

// Load reads back what Compiled.Canonical gave, and trusts nothing: a stored
// definition that is not sound gives an Internal error, code bad_definition.
func Load(canonical json.RawMessage) (*Compiled, error) {
	f := &findings{}
	tree, ok := readTree(canonical, func(path, code, message string) { f.fail("", path, code, "%s", message) })
	d := newDraft()
	if ok {
		r := reader{f: f, d: d, schemas: &Schemas{}, linked: true}
		r.readGraph(tree)
		d.checkShape(f)
		d.checkFilled(f)
	}
	if err := f.unsound(); err != nil {
		return nil, err
	}
	exact, err := d.encode(d.tree())
	if err != nil {
		return nil, kyc.Errorf(kyc.Internal, "bad_definition", "the stored definition cannot be written: %w", err)
	}
	exact = bytes.Clone(exact)
	order, _ := d.order()
	return &Compiled{
		Entry: d.entry, Nodes: d.nodes, Order: order, Links: d.links,
		Hash: d.hash, LinkedHash: HashOf(exact), canonical: exact,
	}, nil
}

// unsound is the first problem of a linked graph; nil when there is none.
func (f *findings) unsound() error {
	if len(f.errors) == 0 {
		return nil
	}
	p := f.report().Errors[0]
	return kyc.Errorf(kyc.Internal, "bad_definition", "the stored definition is not sound: %s %s: %s", p.Path, p.Code, p.Message)
}

// checkFilled refuses a stored graph in which a route is left open.
func (d *draft) checkFilled(f *findings) {
	for id, n := range d.nodes {
		n.eachRoute(func(label, at string, to *string) {
			if *to == "" {
				f.fail(id, d.at[id]+at, "route_missing", "%s is not filled", label)
			}
		})
	}
}
