package flow

import "encoding/json"

// settle gives the compiled graph of a draft that was just compiled, or nil
// and a reason when it is not sound. It equals Load(canonical), which every
// test and fuzz run that compiles a graph proves again (checkSound), without
// reading the text back.
//
// Why that holds: the draft's nodes were made by the same reader as Load's,
// from a text that was held to the same limits of depth, length and number.
// Every field of a node that the reader fills is one that tree writes; the
// routes and terminals that the compiler adds have the values that the reader
// gives for them; and durations are whole milliseconds. Reading what tree wrote
// therefore differs in one thing only, the spelling of numbers, which settled
// makes canonical. Where a graph is put together of several texts (linked
// subworkflows, configs of inserted checks) or comes near a limit of its own as
// a whole, the argument does not cover it and compiled goes through Load.
//
// The structure is not taken on trust: what Load proves of it is proved here of
// the very nodes that run.
func (d *draft) settle(canonical json.RawMessage) (*Compiled, error) {
	f := &findings{}
	d.checkEntry(f)
	d.checkTargets(f)
	order, acyclic := d.order()
	if !acyclic {
		d.checkCycles(f)
		d.checkEnds(f)
	}
	d.checkFilled(f)
	if err := f.unsound(); err != nil {
		return nil, err
	}
	if err := d.settleNumbers(); err != nil {
		return nil, err
	}
	return &Compiled{
		Entry: d.entry, Nodes: d.nodes, Order: order,
		Hash: d.hash, LinkedHash: HashOf(canonical), canonical: canonical,
	}, nil
}

// ownText reports whether the whole graph comes from one submitted text, so
// that settle may stand for Load.
func (d *draft) ownText(canonical json.RawMessage, o Options) bool {
	return len(canonical) <= MaxBytes && len(d.nodes) <= MaxLinkedNodes && len(d.links) == 0 && len(o.MandatoryConfig) == 0
}

// settleNumbers writes every number in the nodes as the stored form has it.
// Configs are canonical since they were read.
func (d *draft) settleNumbers() error {
	w := numberWriter{}
	for _, n := range d.nodes {
		for i := range n.Routes {
			w.conditions(n.Routes[i].Conditions)
		}
		for i := range n.Assign {
			n.Assign[i].Value = w.value(n.Assign[i].Value)
		}
		n.Base = w.number(n.Base)
		for i := range n.Factors {
			fac := &n.Factors[i]
			fac.Weight, fac.IfMissing = w.number(fac.Weight), w.number(fac.IfMissing)
			w.conditions(fac.Conditions)
		}
		if n.Case != nil && n.Case.SLAHours == 0 {
			n.Case.SLAHours = 0 // not the negative zero, which is written without its sign
		}
	}
	return w.err
}

// numberWriter makes numbers canonical and keeps the first that cannot be.
type numberWriter struct{ err error }

func (w *numberWriter) conditions(list []Condition) {
	for i := range list {
		list[i].Value = w.value(list[i].Value)
	}
}

// value changes the lists and objects it is given: they belong to the draft.
func (w *numberWriter) value(v any) any {
	switch t := v.(type) {
	case json.Number:
		if is := w.number(t); is != t {
			return is
		}
	case []any:
		for i := range t {
			t[i] = w.value(t[i])
		}
	case map[string]any:
		for name := range t {
			t[name] = w.value(t[name])
		}
	}
	return v
}

func (w *numberWriter) number(n json.Number) json.Number {
	if n == "" || written(n) {
		return n
	}
	b, err := appendNumber(nil, n)
	if err != nil {
		if w.err == nil {
			w.err = err
		}
		return n
	}
	return json.Number(b)
}
