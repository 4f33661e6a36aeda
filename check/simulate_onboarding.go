package check

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
)

// simulatedDocuments looks at the session's real uploads and pretends that
// each says what a good document of its type would say.
func simulatedDocuments(m Magic, touched bool, r kyc.CheckRequest) kyc.Answer {
	var c documentSetConfig
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	// The magic name changes the applicant's own identity document; without
	// one, the first document there is.
	spoiled := slices.IndexFunc(c.Requirements, func(req requirement) bool {
		return req.Own && identityType(standardType(req.DocumentType)) && len(answering(r.Uploads, req)) > 0
	})
	if spoiled < 0 {
		spoiled = slices.IndexFunc(c.Requirements, func(req requirement) bool { return len(answering(r.Uploads, req)) > 0 })
	}
	at := -1
	a := lookAtDocuments(context.Background(), r, c, func(_ context.Context, req requirement, files []kyc.Upload) (paper, *entity, *kyc.Answer) {
		at++
		p, e := simulatedPaper(m, r, req, files)
		if touched && spoiled >= 0 && at == positionOf(c.Requirements, spoiled, r) {
			p.spoil(m)
		}
		return p, e, nil
	})
	return a
}

// positionOf is the number of the first document of a requirement.
func positionOf(list []requirement, at int, r kyc.CheckRequest) int {
	n := 0
	for _, req := range list[:at] {
		n += len(answering(r.Uploads, req))
	}
	return n
}

func simulatedPaper(m Magic, r kyc.CheckRequest, req requirement, files []kyc.Upload) (paper, *entity) {
	p := paper{Status: paperValid, Pages: 1, Checked: []string{"simulated"}}
	facts := paperFacts{width: 1704, height: 1200, uploads: files, fields: r.Fields}
	var e *entity
	if kind := standardType(req.DocumentType); identityType(kind) {
		holder := simulatedPerson(m, r)
		if !req.Own {
			holder = simulatedRelative(files[0], r)
		}
		e = &entity{Given: holder.first, Family: holder.last, Name: holder.first + " " + holder.last, DateOfBirth: holder.born.Format(time.DateOnly),
			Nationality: holder.country, IssuingCountry: holder.country, DocumentNumber: holder.number}
		left := int(holder.expires.Sub(today(r.Now)).Hours() / 24)
		expired, valid := left < 0, true
		p.TypeDetected, p.Country, p.Nationality = "passport", holder.country, holder.country
		p.Expired, p.ExpiresInDays, p.MRZFound, p.MRZValid = &expired, &left, true, &valid
		if expired {
			p.condition("expired")
		}
		facts.name = e.Name
	} else {
		age := 10
		p.TextFound, p.AgeDays = true, &age
		p.FieldsFound = slices.Sorted(maps.Keys(r.Fields))
		if kind == "selfie" {
			p.TextFound, p.AgeDays, p.FieldsFound = false, nil, nil
		}
		facts.text = readText(simulatedWords(r.Fields))
	}
	p.validate(req.Validations, facts)
	if !req.AutoExtract && !req.Own {
		e = nil
	}
	return p, e
}

// asWorkflowSays completes a person by the fields that the workflow names as
// the applicant's own, whatever they are called: document_set is told them, and
// the checks after it see them on its paper.
func (p person) asWorkflowSays(r kyc.CheckRequest) person {
	var said []witness
	if r.Policy == "document_set" {
		var c documentSetConfig
		if decode(r.Config, &c) == nil && c.Fields != nil {
			said = answersOf(r, crossConfig{Fields: c.Fields}, false)
		}
	} else {
		var entities []entity
		detail(r.Checks["document_set"].Details, "entities", &entities)
		for _, e := range entities {
			if e.Own {
				p.first, p.last, p.number, p.issuer = e.Given, e.Family, e.DocumentNumber, e.IssuingCountry
				said = append(said, witness{person: e.person()})
			}
		}
	}
	for _, w := range slices.Backward(said) { // the first one wins
		p.born, p.nationality = first(w.born, p.born), first(w.nationality, p.nationality)
	}
	return p
}

// simulatedWords is the text of a paper on which every answer of the form
// stands.
func simulatedWords(fields map[string]any) string {
	raw, err := json.Marshal(fields)
	if err != nil {
		return ""
	}
	return string(raw)
}

// simulatedRelative is the holder of somebody else's document: a fictional
// person, the same for the same file.
func simulatedRelative(u kyc.Upload, r kyc.CheckRequest) simulated {
	sum := sha256.Sum256([]byte("sandbox relative " + string(u.ID) + u.SHA256))
	given := []string{"Robin", "Sasha", "Kim", "Noa", "Toni", "Charlie", "Jamie", "Mika"}
	return simulated{first: given[int(sum[0])%len(given)], last: "Example", country: "NL", number: "SB" + digits(sum[1:8]),
		born: time.Date(1970+int(sum[8])%25, time.Month(1+int(sum[9])%12), 1+int(sum[10])%28, 0, 0, 0, 0, time.UTC), expires: today(r.Now).AddDate(5, 0, 0)}
}

func digits(list []byte) string {
	var b strings.Builder
	for _, one := range list {
		b.WriteByte('0' + one%10)
	}
	return b.String()
}

// spoil puts the finding of a magic name on a document.
func (p *paper) spoil(m Magic) {
	switch m.Name {
	case "UNDERAGE":
		p.find(paperReview, warning, m.code, m.message)
		return
	case "TAMPERED":
		p.Tampering = true
		p.condition("tampering_suspected")
		invalid := false
		if p.MRZValid != nil {
			p.MRZValid = &invalid
			p.condition("mrz_invalid")
		}
	case "EXPIRED":
		p.condition("expired")
		if p.ExpiresInDays == nil {
			left, expired := -30, true
			p.ExpiresInDays, p.Expired = &left, &expired
		}
	}
	p.find(paperInvalid, critical, m.code, m.message)
}

// simulateParties answers a screening of many parties: each is hit when its
// own family name is magic for the check.
func (s *Sandbox) simulateParties(r kyc.CheckRequest) kyc.Answer {
	var c screeningConfig
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	parties, unanswered, bad := gatherParties(r, c.Parties, c.Documents)
	if bad != nil {
		return *bad
	}
	if len(parties) == 0 {
		return broken("name_missing", "there is no name to screen")
	}
	a := judged(kyc.Pass)
	lists := []string{"ofac_sdn", "pep"}
	if r.Policy == "adverse_media" {
		lists = []string{"sandbox_adverse_media"}
	}
	for _, l := range lists {
		a.Lists = append(a.Lists, kyc.ListVersion{List: l, Version: "sandbox-1", Entries: 1, AsOf: today(r.Now), Status: kyc.StatusOK, Fictional: true})
	}
	shown, nameless := []any{}, 0
	for _, p := range parties {
		one := map[string]any{"name": first(p.names...), "role": p.role, "company": p.company, "sources": texted(p.sources), "hit_count": 0, "top_score": 0.0, "status": string(kyc.StatusOK)}
		shown = append(shown, one)
		if len(p.names) == 0 {
			nameless++
			one["status"] = string(kyc.StatusError)
			continue
		}
		list, kind := partyHit(r.Policy, strings.ToUpper(p.family()))
		if list == "" {
			continue
		}
		one["hit_count"], one["top_score"] = 1, simulatedScore
		a.Hits = append(a.Hits, kyc.Hit{List: list, Version: "sandbox-1", EntryID: "sandbox-" + kind + "-1", Type: kind, Name: p.names[0], MatchedName: p.names[0], Score: simulatedScore, Risk: simulatedRisk(kind),
			Features: []kyc.HitFeature{{Name: "word", Query: p.family(), Listed: p.family(), Rule: "exact", Value: 1, Points: simulatedScore}},
			Programs: []string{"SANDBOX"}, Fictional: true, Party: p.names[0], Role: p.role})
	}
	top := 0.0
	if len(a.Hits) > 0 {
		top = simulatedScore
		a.Verdict = kyc.Fail
		a.Reasons = append(a.Reasons, reason(critical, "possible_match", "a simulated entry matches a party"))
	} else {
		a.Reasons = append(a.Reasons, reason(info, "simulated", "the sandbox answers with a pass"))
	}
	a.Score, a.Threshold = number(top), number(configNumber(r.Config, "threshold", 0.8))
	a.Details = map[string]any{"hit_count": len(a.Hits), "top_score": top, "lists_asked": texted(lists), "parties": shown, "unanswered": texted(unanswered)}
	if r.Policy == "adverse_media" {
		simulateMedia(&a, len(a.Hits) > 0)
	}
	if nameless > 0 {
		a.Status, a.Verdict = kyc.StatusError, ""
		a.Reasons = append(a.Reasons, reason(critical, "party_name_missing", "a party has no name that can be screened"))
	}
	return a
}

// simulatedScore is the score of every simulated hit, 0-1.
const simulatedScore = 0.98

// partyHit is the list and kind of the hit that a family name brings about.
func partyHit(policy, family string) (list, kind string) {
	switch {
	case policy == "adverse_media" && family == "ADVERSE":
		return "sandbox_adverse_media", "adverse_media"
	case policy == "watchlist_screening" && family == "SANCTION":
		return "ofac_sdn", "sanction"
	case policy == "watchlist_screening" && family == "PEP":
		return "pep", "pep"
	}
	return "", ""
}

// simulateMedia adds what a news search says of a hit: risk 0-100 and the kind
// of accusation.
func simulateMedia(a *kyc.Answer, hit bool) {
	a.Details["risk_score"], a.Details["categories"] = 0, []any{}
	if hit {
		a.Details["risk_score"], a.Details["categories"] = 85, []any{"financial_crime"}
	}
}

// manyParties reports whether a config asks for parties one by one.
func manyParties(raw json.RawMessage) bool {
	var c struct {
		Parties   []json.RawMessage `json:"parties"`
		Documents bool              `json:"documents"`
	}
	return json.Unmarshal(raw, &c) == nil && (c.Parties != nil || c.Documents)
}

func simulatedWallets(r kyc.CheckRequest) kyc.Answer {
	var c walletConfig
	if err := decode(r.Config, &c); err != nil {
		return broken("config_invalid", "the check's config cannot be read")
	}
	wallets := walletsOf(context.Background(), r, c)
	if len(wallets) == 0 {
		a := noWallets(c.Wallets != nil)
		a.Details = walletDetails(wallets, nil, nil)
		return a
	}
	a := judged(kyc.Pass)
	a.Lists = []kyc.ListVersion{{List: "sandbox_wallets", Version: "sandbox-1", Entries: 1, AsOf: today(r.Now), Status: kyc.StatusOK, Fictional: true}}
	a.Details = walletDetails(wallets, []any{"sandbox_wallets"}, nil)
	if a.Details["invalid_count"] != 0 {
		a.Verdict = kyc.Fail
		a.Reasons = []kyc.Reason{reason(critical, "wallet_address_invalid", "an address is no address of its network")}
		return a
	}
	a.Reasons = []kyc.Reason{reason(info, "simulated", "the sandbox knows no listed address")}
	return a
}

func simulateDedup(a *kyc.Answer, touched bool) {
	matches, score := []any{}, 0.0
	if touched {
		score = 0.97
		matches = append(matches, map[string]any{"similarity": score, "of": "approved", "reference": "sandbox-face-1", "age_days": 30, "same_workflow": true, "same_customer": false})
	}
	a.Score, a.Threshold = number(score), number(dedupMinimum)
	a.Details = map[string]any{"matches": matches, "match_count": len(matches)}
}
