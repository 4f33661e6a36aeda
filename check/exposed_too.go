package check

import (
	"slices"

	"bonafide/kyc"
	"bonafide/screen"
)

// match asks the lists what the config wants to know of one party. With pep that
// are politically exposed persons, too, on the lists that the config names or, where
// it names none, on all that hold some; they come behind whoever is listed for
// something else, as hits of type pep. lacking says what no list could be asked for,
// which the answers of the others do not make up for; empty where nothing lacks.
func (c *screeningConfig) match(s Screener, q screen.Query) (res screen.Result, lacking string) {
	res = s.Match(q)
	if !c.PEP || res.Err != nil {
		return res, ""
	}
	exposed := q
	exposed.Purpose, exposed.Lists, exposed.Also = screen.ForPEP, wanted(c.Lists, nil), distinct(q.Lists...)
	more := s.Match(exposed)
	switch {
	case len(c.Lists) > 0: // judgeScreening sees whether each of them was asked
	case len(res.Lists) == 0:
		lacking = noLists(q.Purpose)
	case len(more.Lists) == 0:
		lacking = noLists(screen.ForPEP)
	}
	for _, h := range more.Hits {
		if slices.ContainsFunc(res.Hits, func(have kyc.Hit) bool { return have.List == h.List && have.EntryID == h.EntryID }) {
			continue // listed for something graver, too
		}
		h.Type = "pep"
		res.Hits = append(res.Hits, h)
	}
	more.Hits = nil
	joinResults(&res, more)
	res.Unfit = slices.DeleteFunc(res.Unfit, func(id string) bool {
		return slices.ContainsFunc(res.Lists, func(l kyc.ListVersion) bool { return l.List == id })
	})
	return res, lacking
}

// lacks takes the verdict from an answer for which no list of one kind could be
// asked.
func lacks(a *kyc.Answer, message string) {
	if message == "" {
		return
	}
	a.Reasons = append(a.Reasons, reason(critical, "no_lists", message))
	if a.Status == kyc.StatusOK {
		a.Status = kyc.StatusNotConfigured
	}
	a.Verdict = ""
}
