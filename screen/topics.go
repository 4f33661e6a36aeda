package screen

import (
	"slices"
	"strings"

	"bonafide/kyc"
	"bonafide/roster"
)

// Purpose is what a query looks for on lists that hold several kinds of party.
type Purpose string

// The purposes. With ForAnything every entry counts; it is the zero value, so
// that who forgets the purpose gets too much.
const (
	ForAnything Purpose = ""
	// ForSanctions leaves out entries that are listed for a public office alone.
	ForSanctions Purpose = "sanctions"
	// ForPEP finds politically exposed persons, their relatives and close
	// associates alone.
	ForPEP Purpose = "pep"
)

// scope is the part of the lists that a query is about.
type scope struct {
	purpose          Purpose
	topics, datasets []string
}

func (q *Query) scope() scope {
	return scope{purpose: q.Purpose, topics: plainLabels(q.Topics), datasets: plainLabels(q.Datasets)}
}

func plainLabels(in []string) []string {
	out := make([]string, 0, len(in))
	for _, s := range in {
		out = append(out, strings.ToLower(roster.Clean(s)))
	}
	return out
}

// serves reports whether an entry of a list is one that the query looks for.
func (p *scope) serves(x *index, entry uint32) bool {
	switch f := x.flags[entry]; {
	case p.purpose == ForSanctions && f&flagOnlyExposed != 0, p.purpose == ForPEP && f&flagExposed == 0:
		return false
	case len(p.topics) == 0 && len(p.datasets) == 0:
		return true
	}
	e := x.facts(entry)
	if len(p.topics) > 0 && !anyTopic(e.Topics, p.topics) {
		return false
	}
	return len(p.datasets) == 0 || ofDatasets(x.list, &e, p.datasets)
}

func anyTopic(have, wanted []string) bool {
	return slices.ContainsFunc(wanted, func(t string) bool { return roster.HasTopic(have, t) })
}

// ofDatasets reports whether an entry comes from one of the collections; a
// list that names none is one itself.
func ofDatasets(list string, e *roster.Entity, wanted []string) bool {
	if len(e.Datasets) == 0 {
		return slices.Contains(wanted, list)
	}
	return slices.ContainsFunc(e.Datasets, func(d string) bool { return slices.Contains(wanted, strings.ToLower(d)) })
}

// servedBy reports whether a list can answer: it has an entry of that part or,
// where its content cannot be read, it may have one.
func (p *scope) servedBy(l *list) bool {
	switch {
	case l == nil:
		return true
	case l.index == nil:
		return p.purpose != ForPEP || roster.HoldsTopics(l.manifest.Source)
	case p.purpose == ForPEP && l.index.Exposed == 0, p.purpose == ForSanctions && l.index.OnlyExposed == l.index.size():
		return false
	case len(p.topics) > 0 && !anyTopic(l.index.Labels.Topics, p.topics):
		return false
	}
	return len(p.datasets) == 0 || slices.ContainsFunc(l.index.Labels.Datasets, func(d string) bool { return slices.Contains(p.datasets, d) })
}

// labels are the distinct topics and datasets of the entries of a list, sorted;
// datasets in lower case.
type labels struct{ Topics, Datasets []string }

func labelsOf(list string, entities []roster.Entity) labels {
	topics, datasets := map[string]bool{}, map[string]bool{}
	for i := range entities {
		e := &entities[i]
		for _, t := range e.Topics {
			topics[t] = true
		}
		for _, d := range e.Datasets {
			datasets[strings.ToLower(d)] = true
		}
		if len(e.Datasets) == 0 {
			datasets[list] = true
		}
	}
	return labels{sortedKeys(topics), sortedKeys(datasets)}
}

// asked gives the ids that a query asks, sorted, and those it names that are
// loaded and hold nothing for its purpose.
func (st *state) asked(q Query) (ids, unfit []string) {
	p := q.scope()
	ids = slices.Clone(q.Lists)
	if len(ids) == 0 {
		// A list that was only ever tried is named too: its failure must not
		// read as clear.
		for _, id := range st.ids {
			if p.servedBy(st.lists[id]) {
				ids = append(ids, id)
			}
		}
	}
	ids = append(ids, q.Also...)
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool {
		if p.servedBy(st.lists[id]) {
			return false
		}
		unfit = append(unfit, id)
		return true
	})
	return ids, unfit
}

// ImportOptions of ImportWith.
type ImportOptions struct {
	// Force accepts a list that shrank by more than a fifth.
	Force bool
	// Topics keeps the entries that bear one of them or a part of one; empty
	// keeps all.
	Topics []string
	// Datasets keeps the entries of these collections; empty keeps all.
	Datasets []string
	// Progress is told how many bytes of the files, as they lie there, are
	// read; nil tells nobody.
	Progress func(read, total int64)
	// Assume is the topic of entries whose source names none, such as role.pep
	// for a collection of politicians. Empty means what the list assumed before,
	// if it was of the same format: without it the entries would bear no topic,
	// and whoever asks for sanctions alone would find none of them. AssumeNone
	// ends it.
	Assume string
}

// AssumeNone is the Assume of a list whose entries without a topic keep none.
const AssumeNone = "none"

// assuming fills in what the list assumed before.
func (o ImportOptions) assuming(dir, list, format string) ImportOptions {
	if o.Assume == "" {
		if before, err := readManifest(dir, list); err == nil && before.Source == format {
			o.Assume = before.Assume
		}
	}
	if o.Assume == AssumeNone {
		o.Assume = ""
	}
	return o
}

// apply grades and filters what was read.
func (o ImportOptions) apply(p *roster.Parsed) error {
	read := len(p.Entities)
	if topic := roster.Clean(o.Assume); topic != "" {
		for i := range p.Entities {
			if e := &p.Entities[i]; len(e.Topics) == 0 {
				e.Topics = []string{topic}
			}
		}
	}
	topics, datasets := plainLabels(o.Topics), plainLabels(o.Datasets)
	if len(topics)+len(datasets) == 0 {
		return nil
	}
	p.Entities = slices.DeleteFunc(p.Entities, func(e roster.Entity) bool {
		return len(topics) > 0 && !anyTopic(e.Topics, topics) || len(datasets) > 0 && !ofDatasets("", &e, datasets)
	})
	if len(p.Entities) == 0 {
		return kyc.Errorf(kyc.Invalid, "list_empty", "none of %d entries is of %s", read, strings.Join(append(topics, datasets...), ", "))
	}
	return nil
}
