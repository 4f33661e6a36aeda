package check

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"bonafide/kyc"
	"bonafide/media"
)

// mediaAnswerSchema is what a provider of news must answer to one question. The
// request is a POST signed after Standard Webhooks:
// {"type":"adverse_media.requested","timestamp":…,"data":{"session_id","attempt",
// "name","aliases","entity_type":"person|company","date_of_birth","country","threshold"}}.
const mediaAnswerSchema = `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
"properties":{
"status":{"enum":["ok","not_configured","unavailable","stale","error"]},
"reference":{"type":"string","maxLength":200,"description":"The provider's own name for the state of its data or for this search."},
"articles":{"type":"array","maxItems":200,"items":{"type":"object","additionalProperties":false,"required":["id","title","name","score","risk","category","role"],"properties":{
 "id":{"type":"string","minLength":1,"maxLength":300},"title":{"type":"string","maxLength":1000},"url":{"type":"string","maxLength":2048,"pattern":"^(https?://.*)?$"},
 "source":{"type":"string","maxLength":200},"language":{"type":"string","maxLength":10},"published":{"type":"string","format":"date-time"},"snippet":{"type":"string","maxLength":1000},
 "name":{"type":"string","minLength":1,"maxLength":500,"description":"The name as the article writes it."},
 "score":{"type":"number","minimum":0,"maximum":1,"description":"How well the name agrees."},
 "risk":{"type":"number","minimum":0,"maximum":100},
 "category":{"enum":["fraud","corruption","laundering","terrorism","trafficking","cybercrime","tax","regulatory","crime"]},
 "role":{"enum":["convicted","sanctioned","charged","arrested","accused","investigated","sued","fined","victim","witness","judge","prosecutor","lawyer","journalist","police","official","named"]},
 "negated":{"type":"boolean","description":"The party was cleared, acquitted or not charged."},
 "why":{"type":"array","maxItems":20,"items":{"type":"object","additionalProperties":false,"required":["rule","points"],"properties":{
  "rule":{"type":"string","maxLength":100},"words":{"type":"string","maxLength":200},"points":{"type":"number"}}}}}}}},
"if":{"not":{"required":["status"]}},"then":{"required":["articles"]},
"else":{"if":{"properties":{"status":{"const":"ok"}}},"then":{"required":["articles"]}}}`

// MediaAnswerSchema is the JSON Schema of a provider's answer, for the docs.
func MediaAnswerSchema() json.RawMessage { return json.RawMessage(mediaAnswerSchema) }

type mediaAnswer struct {
	Status    kyc.AnswerStatus `json:"status"`
	Reference string           `json:"reference"`
	Articles  []struct {
		ID        string      `json:"id"`
		Title     string      `json:"title"`
		URL       string      `json:"url"`
		Source    string      `json:"source"`
		Language  string      `json:"language"`
		Published time.Time   `json:"published"`
		Snippet   string      `json:"snippet"`
		Name      string      `json:"name"`
		Score     float64     `json:"score"`
		Risk      float64     `json:"risk"`
		Category  string      `json:"category"`
		Role      media.Role  `json:"role"`
		Negated   bool        `json:"negated"`
		Why       []media.Row `json:"why"`
	} `json:"articles"`
}

// providerFeed is the name of a provider among the feeds.
const providerFeed = "provider"

// askProvider asks for one party and adds what the provider says. bad is set
// when it did not answer: that is never a pass.
func (n *newsDesk) askProvider(ctx context.Context, d Deps, r kyc.CheckRequest, c mediaConfig, number int, p *party, answers validator, into *media.Result) *kyc.Answer {
	fail := func(a kyc.Answer) *kyc.Answer {
		a.Provider = providerHTTP
		return &a
	}
	if d.HTTP == nil || d.Secrets == nil {
		return fail(notConfigured("http_not_configured", "calls to other servers are not set up here"))
	}
	secrets, err := d.Secrets.SigningSecrets(ctx, r.Tenant, c.Secret)
	if err != nil || len(secrets) == 0 {
		if err != nil && kyc.KindOf(err) != kyc.NotFound && kyc.KindOf(err) != kyc.Invalid {
			return fail(unavailable("secret_unavailable", "the signing secret cannot be read now"))
		}
		return fail(broken("secret_missing", "the signing secret that the config names does not exist"))
	}
	kind := "person"
	if p.company {
		kind = "company"
	}
	now := d.Clock.Now()
	body, err := json.Marshal(map[string]any{"type": "adverse_media.requested", "timestamp": now.UTC().Format(time.RFC3339Nano), "data": map[string]any{
		"session_id": kyc.Dress("session", r.SessionID), "attempt": r.Attempt, "name": p.names[0], "aliases": p.names[1:], "entity_type": kind,
		"date_of_birth": p.who.born, "country": p.who.nationality, "threshold": c.Threshold}})
	if err != nil {
		return fail(broken("request_invalid", "the request cannot be written"))
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.TimeoutSeconds*float64(time.Second)))
	defer cancel()
	req, err := signedPost(ctx, c.URL, nil, callID(r, "-"+strconv.Itoa(number)), body, secrets, now)
	if err != nil {
		return fail(broken("request_invalid", "the request cannot be made: "+err.Error()))
	}
	status, raw, bad := fetch(d.HTTP, req)
	if bad == nil {
		bad = refusal(status, raw)
	}
	if bad != nil {
		return fail(*bad)
	}
	// The hash of several answers is the hash of their hashes in order.
	sum := sha256.Sum256(append([]byte(n.hash), raw...))
	n.provider, n.hash = providerHTTP, hex.EncodeToString(sum[:])
	said, wrong := readMediaAnswer(raw, answers)
	switch {
	case wrong != "":
		return fail(broken("answer_invalid", wrong))
	case said.Status == kyc.StatusUnavailable || said.Status == kyc.StatusStale:
		return fail(unavailable("provider_"+string(said.Status), "the provider says that it is "+string(said.Status)))
	case said.Status != kyc.StatusOK:
		return fail(kyc.Failed(said.Status, "provider_"+string(said.Status), "the provider says that it is "+string(said.Status)))
	}
	into.Lists = append(into.Lists, kyc.ListVersion{List: "media:" + providerFeed, Version: said.Reference, Entries: len(said.Articles), AsOf: now.UTC(), Status: kyc.StatusOK})
	for _, a := range said.Articles {
		if a.Score < c.Threshold {
			continue
		}
		f := media.Finding{Article: media.Article{ID: a.ID, URL: a.URL, Title: a.Title, Published: a.Published, Language: a.Language, Source: first(a.Source, providerFeed)},
			Feed: providerFeed, Version: said.Reference, Mention: a.Name, Score: a.Score, Role: a.Role, Negated: a.Negated, Category: a.Category, Categories: []string{a.Category},
			Risk: a.Risk, Why: a.Why, Snippet: a.Snippet, Summary: "reports " + a.Name + " as " + string(a.Role),
			Features: []kyc.HitFeature{{Name: "provider", Query: p.names[0], Listed: a.Name, Rule: "provider_score", Value: a.Score, Points: a.Score}}}
		f.Digest = digestOf([]any{a.ID, a.URL, a.Title, a.Source, a.Published.UTC(), a.Snippet, a.Name, a.Category, a.Role, a.Negated})
		sum := 0.0
		for _, row := range f.Why {
			sum += row.Points
		}
		if rest := a.Risk - sum; rest > 0.005 || rest < -0.005 || len(f.Why) == 0 {
			f.Why = append(f.Why, media.Row{Rule: "provider_risk", Points: rest})
		}
		into.Findings = append(into.Findings, f)
	}
	return nil
}

// readMediaAnswer reads an answer strictly: what does not fit the schema is
// none.
func readMediaAnswer(raw []byte, answers validator) (mediaAnswer, string) {
	a := mediaAnswer{Status: kyc.StatusOK}
	if !shallow(raw, 8) {
		return a, "the provider's answer is no JSON, or nested too deeply"
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return a, "the provider's answer is no JSON"
	}
	if answers.Validate(doc) != nil {
		return a, "the provider's answer does not fit its schema"
	}
	if json.Unmarshal(raw, &a) != nil {
		return a, "the provider's answer has another shape"
	}
	return a, ""
}
