package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"bonafide/kyc"
	"bonafide/procedure"
)

// claim is what a person says of themselves, as sources are asked for it.
type claim struct {
	Name        claimName         `json:"name"`
	Born        string            `json:"date_of_birth,omitempty"`
	Gender      string            `json:"gender,omitempty"`
	Nationality string            `json:"nationality,omitempty"`
	Address     map[string]string `json:"address,omitempty"`
}

type claimName struct {
	Given  string `json:"given,omitempty"`
	Middle string `json:"middle,omitempty"`
	Family string `json:"family,omitempty"`
	Full   string `json:"full,omitempty"`
}

// claimOf gathers the claim from the form.
func claimOf(r kyc.CheckRequest) claim {
	f := factsOf(r.Fields)
	p := who(f)
	c := claim{Name: claimName{Given: p.first, Middle: f.find("middlename", "middle"), Family: p.last, Full: first(p.full, p.name())}, Born: p.born,
		Gender: sexLetter(p.sex), Nationality: p.nationality, Address: map[string]string{}}
	for k, v := range map[string]string{"street": p.street, "city": p.city, "postal_code": p.postcode, "country": p.country} {
		if v != "" {
			c.Address[k] = v
		}
	}
	if p.street == "" && p.city == "" && p.postcode == "" {
		c.Address = nil // a country alone is no address
	}
	return c
}

// has reports whether the claim says anything of an attribute.
func (c claim) has(attribute string) bool {
	switch attribute {
	case "name":
		return c.Name.Full != ""
	case "date_of_birth":
		return c.Born != ""
	case "gender":
		return c.Gender != ""
	}
	return c.Address != nil
}

// lacks is the answer when no rule could be met by what is known.
func (c claim) lacks(rules []procedure.Rule) *kyc.Answer {
	if !c.has("name") {
		a := broken("name_missing", "there is no name to verify")
		return &a
	}
	for _, rule := range rules {
		if !slices.ContainsFunc(rule.Matches, func(element string) bool {
			return !slices.ContainsFunc(strings.Split(element, "|"), c.has)
		}) {
			return nil
		}
	}
	a := broken("identity_data_missing", "the person has nothing of what the rules compare")
	return &a
}

// sourceAnswer is what a source says.
type sourceAnswer struct {
	Status    kyc.AnswerStatus           `json:"status"`
	Matches   map[string]json.RawMessage `json:"matches"`
	Reference string                     `json:"reference"`
}

// askSource asks one source.
func askSource(ctx context.Context, d Deps, r kyc.CheckRequest, c kycConfig, s kycSource, who claim) (procedure.SourceMatch, *kyc.Answer) {
	out := procedure.SourceMatch{Name: s.Name, Matches: map[string]bool{}}
	fail := func(a kyc.Answer) (procedure.SourceMatch, *kyc.Answer) { return out, &a }
	secrets, err := d.Secrets.SigningSecrets(ctx, r.Tenant, s.Secret)
	if err != nil || len(secrets) == 0 {
		if err != nil && kyc.KindOf(err) != kyc.NotFound && kyc.KindOf(err) != kyc.Invalid {
			return fail(unavailable("secret_unavailable", "the signing secret cannot be read now"))
		}
		return fail(broken("secret_missing", "the signing secret that the config names does not exist"))
	}
	now := d.Clock.Now()
	body, err := json.Marshal(map[string]any{"type": "kyc.requested", "timestamp": now.UTC().Format(time.RFC3339Nano), "data": struct {
		Session string `json:"session_id"`
		Attempt int    `json:"attempt"`
		claim
	}{kyc.Dress("session", r.SessionID), r.Attempt, who}})
	if err != nil {
		return fail(broken("request_invalid", "the request cannot be written"))
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.TimeoutSeconds*float64(time.Second)))
	defer cancel()
	req, err := signedPost(ctx, s.URL, nil, callID(r, "-"+plain(s.Name)), body, secrets, now)
	if err != nil {
		return fail(broken("request_invalid", "the request cannot be made: "+err.Error()))
	}
	status, raw, bad := fetch(d.HTTP, req)
	if bad == nil {
		bad = refusal(status, raw)
	}
	if bad != nil {
		return out, bad
	}
	answer, err := readSource(raw)
	switch {
	case err != nil:
		return fail(broken("answer_invalid", "the source's answer cannot be read: "+err.Error()))
	case answer.Status == kyc.StatusUnavailable || answer.Status == kyc.StatusStale:
		return fail(unavailable("source_"+string(answer.Status), "the source says that it is "+string(answer.Status)))
	case answer.Status != kyc.StatusOK:
		return fail(kyc.Failed(answer.Status, "source_"+string(answer.Status), "the source says that it is "+string(answer.Status)))
	}
	out.Answered, out.Reference = true, answer.Reference
	for attribute, v := range answer.Matches {
		matched, err := attributeMatch(v, c.Threshold)
		if err != nil {
			return fail(broken("answer_invalid", "the source's answer cannot be read: "+err.Error()))
		}
		if who.has(attribute) { // nothing can match what was not asked
			out.Matches[attribute] = matched
		}
	}
	return out, nil
}

// readSource reads an answer strictly: what is not understood is none.
func readSource(raw []byte) (sourceAnswer, error) {
	a := sourceAnswer{Status: kyc.StatusOK}
	if !shallow(raw, 6) {
		return a, errors.New("it is no JSON, or nested too deeply")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&a); err != nil {
		return a, errors.New("it has another shape")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return a, errors.New("something follows the answer")
	}
	switch a.Status {
	case kyc.StatusOK:
		if a.Matches == nil {
			return a, errors.New("it has no matches")
		}
	case kyc.StatusNotConfigured, kyc.StatusUnavailable, kyc.StatusStale, kyc.StatusError:
	default:
		return a, errors.New("its status is unknown")
	}
	for attribute := range a.Matches {
		if !slices.Contains(procedure.RuleAttributes(), attribute) {
			return a, errors.New("it names an unknown attribute")
		}
	}
	if len(a.Reference) > 200 {
		return a, errors.New("its reference is too long")
	}
	return a, nil
}

// attributeMatch reads true, false or a score 0-1.
func attributeMatch(raw json.RawMessage, threshold float64) (bool, error) {
	var flag bool
	if json.Unmarshal(raw, &flag) == nil && (string(raw) == "true" || string(raw) == "false") {
		return flag, nil
	}
	var score float64
	if string(raw) == "null" || json.Unmarshal(raw, &score) != nil || score < 0 || score > 1 {
		return false, errors.New("a match is true, false or a number from 0 to 1")
	}
	return score >= threshold, nil
}

// documentsAsSource compares the claim with what document_ocr read, where it
// passed; papers that it doubts speak for nobody.
func documentsAsSource(r kyc.CheckRequest, c claim, threshold float64) procedure.SourceMatch {
	out := procedure.SourceMatch{Name: procedure.DocumentsSource, Matches: map[string]bool{}}
	if r.Checks["document_ocr"].Status != "passed" {
		return out
	}
	paper := onPaper(r)
	out.Answered = true
	if paper.name() != "" {
		out.Matches["name"] = nameLikeness(c.Name.Full, paper.name()) >= threshold
	}
	if paper.born != "" && c.has("date_of_birth") {
		out.Matches["date_of_birth"] = paper.born == c.Born
	}
	if sex := sexLetter(paper.sex); sex != "" && sex != "X" && c.has("gender") {
		out.Matches["gender"] = sex == c.Gender
	}
	if paper.street != "" && c.has("address") {
		theirs := strings.Join(distinct(paper.street, paper.postcode, paper.city), " ")
		ours := strings.Join(distinct(c.Address["street"], c.Address["postal_code"], c.Address["city"]), " ")
		out.Matches["address"] = nameLikeness(ours, theirs) >= threshold
	}
	return out
}
