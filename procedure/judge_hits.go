package procedure

import (
	"slices"
	"strings"

	"bonafide/kyc"
)

// hitKind is what a hit of a screening is about, in the words of risk factors.
// What a sanctions list says counts as a sanction unless it says otherwise.
func hitKind(policy string, h kyc.Hit) string {
	switch strings.ToLower(h.Type) {
	case "pep":
		return factorPEP
	case "adverse_media", "media":
		return factorMedia
	case "watchlist", "wanted", "warning", "crime":
		return factorWatchlist
	case "sanction":
		return factorSanction
	}
	switch policy {
	case policyPEP:
		return factorPEP
	case policyMedia:
		return factorMedia
	}
	if h.List == "pep" || strings.HasPrefix(h.List, "pep_") {
		return factorPEP
	}
	return factorSanction
}

// hit begins a process result of a hit. A hit that a person judged before, and
// whose entry says the same, keeps their word.
func (w *stepWork) hit(policy, key, kind string) kyc.ProcessResult {
	p := w.result(policy, "HIT")
	p.Hit, p.Digest = key, w.j.f.Digests[key]
	p.Factors = []kyc.RiskFactor{{Factor: kind, Value: "HIT", Status: "VALID"}}
	if c, ok := w.j.cleared[key]; ok && key != "" {
		p.Manual = &kyc.ManualStatus{Status: c.Status, By: c.By, Actor: c.Actor, At: c.At, RequestID: c.RequestID}
		p.CarriedFrom = c.ProcessResultID
	}
	return p
}

// screening records the hits of one screening, or that there were none. Where
// two checks of the step found the same entry it counts once. Hits beyond
// those that were kept make one more result, which nobody has cleared.
func (w *stepWork) screening(policy string, fact kyc.CheckFact) {
	known := 0
	for _, h := range fact.Hits {
		known++
		key := HitKey(h.List, h.EntryID)
		if slices.ContainsFunc(w.results, func(p kyc.ProcessResult) bool { return p.Hit != "" && (p.Hit == key || w.twin(policy, p, h)) }) {
			continue
		}
		kind := hitKind(policy, h)
		p := w.hit(policy, key, kind)
		confidence := round2(h.Score * 100)
		p.Provider.Confidence = &confidence
		p.Provider.Source = h.List
		p.Provider.Reference = h.EntryID
		p.Private.Supplementary = amlData(policy, kind, h)
		addExposure(p.Private.Supplementary, fact.Details["peps"], h)
		w.results = append(w.results, p)
	}
	said, _ := number(fact.Details["hit_count"])
	switch {
	case float64(known) < said || known == 0 && w.ends[policy] != good:
		w.results = append(w.results, w.hit(policy, "", hitKind(policy, kyc.Hit{})))
	case known == 0:
		w.results = append(w.results, w.result(policy, "CLEAR"))
	}
}

// twin reports whether a hit is the entry of an earlier result of another check
// of the step: the same id, name and kind under two names of lists. Two lists of
// one check are two, because each has ids of its own.
func (w *stepWork) twin(policy string, p kyc.ProcessResult, h kyc.Hit) bool {
	_, entry, _ := strings.Cut(p.Hit, "|")
	data, _ := p.Private.Supplementary["matchData"].(map[string]any)
	return p.Private.Supplementary["serviceProvider"] != "bonafide/"+policy && entry == h.EntryID && data["name"] == h.Name && p.Provider.Source != h.List && len(p.Factors) > 0 && p.Factors[0].Factor == strings.ToLower(h.Type)
}

// amlData is supplementaryData of a hit (5.9).
func amlData(policy, kind string, h kyc.Hit) map[string]any {
	match := map[string]any{"strength": round2(h.Score * 100), "spReferenceId": h.EntryID, "name": h.Name, "matchedName": h.MatchedName}
	entry := map[string]any{"source": h.List, "sourceVersion": h.Version, "referenceId": h.EntryID, "status": "CURRENT"}
	if len(h.Programs) > 0 {
		programs := []any{}
		for _, p := range h.Programs {
			programs = append(programs, p)
		}
		entry["programs"] = programs
	}
	if len(h.Topics) > 0 {
		topics := []any{}
		for _, t := range h.Topics {
			topics = append(topics, t)
		}
		entry["topics"] = topics
	}
	if len(h.Positions) > 0 {
		positions := []any{}
		for _, p := range h.Positions {
			positions = append(positions, map[string]any{"title": p.Title, "country": p.Country, "level": p.Level, "since": p.Since, "until": p.Until})
		}
		entry["positions"] = positions
	}
	out := map[string]any{"type": "AML", "serviceProvider": "bonafide/" + policy, "referenceId": h.EntryID, "groupingId": HitKey(h.List, h.EntryID), "matchData": match,
		"pepData": []any{}, "sanctionData": []any{}, "watchlistData": []any{}, "mediaData": []any{}}
	if h.Fictional {
		entry["fictional"] = true
	}
	if h.Party != "" {
		match["searchedName"] = h.Party
	}
	switch kind {
	case factorPEP:
		out["pepData"] = []any{entry}
	case factorMedia:
		out["mediaData"] = []any{map[string]any{"title": h.MatchedName, "source": h.List, "referenceId": h.EntryID, "isCurrent": true}}
	case factorWatchlist:
		out["watchlistData"] = []any{entry}
	default:
		out["sanctionData"] = []any{entry}
	}
	explained := []any{}
	for _, f := range h.Features {
		explained = append(explained, map[string]any{"name": f.Name, "query": f.Query, "listed": f.Listed, "rule": f.Rule, "value": f.Value, "points": f.Points})
	}
	match["explanation"] = explained
	if h.Risk > 0 {
		match["risk"] = round2(h.Risk * 100)
	}
	if h.ToMiss != "" {
		match["toMiss"] = h.ToMiss
	}
	return out
}

// addExposure writes level (1-4), position, country, dates and status of an
// exposed person into pepData, from the row that aml_pep computed for the hit.
// Whose offices are of unknown state counts as current.
func addExposure(out map[string]any, rows any, h kyc.Hit) {
	data, _ := out["pepData"].([]any)
	list, _ := rows.([]any)
	at := slices.IndexFunc(list, func(r any) bool {
		row, _ := r.(map[string]any)
		return row["list"] == h.List && row["id"] == h.EntryID
	})
	if len(data) == 0 || at < 0 {
		return
	}
	entry, ok := data[0].(map[string]any)
	row, _ := list[at].(map[string]any)
	if !ok {
		return
	}
	for _, name := range []string{"level", "position", "country", "class", "kind", "office", "since", "until"} {
		if v, has := row[name]; has {
			entry[name] = v
		}
	}
	if row["status"] == "former" {
		entry["status"], entry["formerSince"] = "FORMER", row["former_since"]
	}
}

// ListHit is one hit of matchlist_screening, as its details hold it: no value of
// the person, only which attributes matched. Confidence is 0-1.
type ListHit struct {
	List       string   `json:"list"`
	Name       string   `json:"name"`
	Entry      string   `json:"entry"`
	Action     string   `json:"action"`
	Reasons    []string `json:"reasons"`
	Attributes []string `json:"attributes"`
	Confidence float64  `json:"confidence"`
}

// settling are the actions of matchlists whose hits a person must settle. Those
// of the others are recorded.
func settling(action string) bool { return action != "ALLOW" && action != "NONE" }

// matchlists records the hits of the customer's own lists.
func (w *stepWork) matchlists(fact kyc.CheckFact) {
	var hits []ListHit
	if !into(fact.Details["hits"], &hits) {
		hits = nil
	}
	settle := 0
	for _, h := range hits {
		key := HitKey(h.List, h.Entry)
		p := w.hit(policyMatchlist, key, factorMatchlist)
		p.Factors[0].Value = h.Action
		if settling(h.Action) {
			settle++
		} else {
			p.Result, p.Manual, p.CarriedFrom = "MATCH", nil, ""
		}
		confidence := round2(h.Confidence * 100)
		p.Provider.Name, p.Provider.Source, p.Provider.Reference, p.Provider.Confidence = "bonafide", h.List, h.Entry, &confidence
		p.Private.Supplementary = map[string]any{"type": "MATCHLIST", "matchData": map[string]any{"matchlistId": h.List, "matchlistName": h.Name, "matchlistEntryId": h.Entry,
			"action": h.Action, "reasons": texts(h.Reasons), "matchedAttributes": texts(h.Attributes), "confidence": h.Confidence}}
		w.results = append(w.results, p)
	}
	switch {
	case settle == 0 && w.ends[policyMatchlist] != good: // it asks for somebody and does not say why
		p := w.hit(policyMatchlist, "", factorMatchlist)
		p.Factors[0].Value = "REVIEW"
		w.results = append(w.results, p)
	case len(hits) == 0:
		w.results = append(w.results, w.result(policyMatchlist, "CLEAR"))
	}
}

// DuplicateHit is one possible duplicate, as the details of duplicate_detection
// hold it: another subject and what both have in common.
type DuplicateHit struct {
	Entity kyc.ID   `json:"entity_id"`
	Traits []string `json:"traits"`
}

// DuplicateList is the list of HitKey for duplicates: the entry is the id of
// the other individual.
const DuplicateList = "duplicate"

// duplicates records the possible duplicates.
func (w *stepWork) duplicates(fact kyc.CheckFact) {
	var found []DuplicateHit
	if !into(fact.Details["entities"], &found) {
		found = nil
	}
	for _, d := range found {
		p := w.hit(policyDuplicate, HitKey(DuplicateList, string(d.Entity)), factorDuplicate)
		p.ObjectID = d.Entity
		p.Private.Supplementary = map[string]any{"type": "DUPLICATE", "matchData": map[string]any{"entityId": string(d.Entity), "matchedOn": texts(d.Traits)}}
		w.results = append(w.results, p)
	}
	total, _ := number(fact.Details["entity_count"])
	switch {
	case len(found) == 0 && w.ends[policyDuplicate] != good || float64(len(found)) < total:
		var traits []string
		into(fact.Details["matched"], &traits)
		p := w.hit(policyDuplicate, "", factorDuplicate)
		p.Private.Supplementary = map[string]any{"type": "DUPLICATE", "matchData": map[string]any{"matchedOn": texts(traits)}}
		w.results = append(w.results, p)
	case len(found) == 0:
		w.results = append(w.results, w.result(policyDuplicate, "CLEAR"))
	}
}

func texts(list []string) []any {
	out := []any{}
	for _, s := range list {
		out = append(out, s)
	}
	return out
}
