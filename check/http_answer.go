package check

import (
	"bytes"
	"encoding/json"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"bonafide/kyc"
)

// httpAnswerSchema is what a customer's server must answer.
const httpAnswerSchema = `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
"properties":{
"status":{"enum":["ok","not_configured","unavailable","stale","error"]},
"verdict":{"enum":["pass","fail","review","skip"]},
"score":{"type":"number","minimum":0,"maximum":100},
"reasons":{"type":"array","maxItems":50,"items":{"type":"object","required":["code","message"],"additionalProperties":false,"properties":{
 "code":{"type":"string","pattern":"^[a-z0-9_]{1,64}$"},"message":{"type":"string","maxLength":1000},"severity":{"enum":["info","warning","critical"]},"points":{"type":"number"}}}},
"details":{"type":"object","maxProperties":200}},
"if":{"properties":{"status":{"const":"ok"}}},"then":{"required":["verdict"]}}`

// HTTPAnswerSchema is the JSON Schema of a customer's answer, for the docs.
func HTTPAnswerSchema() json.RawMessage { return json.RawMessage(httpAnswerSchema) }

// validator checks a document; *jsonschema.Schema does.
type validator interface{ Validate(v any) error }

// ownSchema compiles the schema a customer wants the answer to fit, too.
func ownSchema(raw json.RawMessage) (validator, error) {
	if len(bytes.TrimSpace(raw)) == 0 || string(bytes.TrimSpace(raw)) == "null" {
		return nil, nil
	}
	s, err := compile("response_schema", raw)
	if err != nil {
		return nil, err
	}
	return s, nil
}

type httpAnswer struct {
	Status  kyc.AnswerStatus `json:"status"`
	Verdict kyc.Verdict      `json:"verdict"`
	Score   *float64         `json:"score"`
	Reasons []kyc.Reason     `json:"reasons"`
	Details map[string]any   `json:"details"`
}

// maxDepth bounds how deep an answer may be nested.
const maxDepth = 16

func parseHTTPAnswer(body []byte, schemas []validator) kyc.Answer {
	if !shallow(body, maxDepth) {
		return broken("answer_malformed", "the server's answer is no JSON, or nested too deeply")
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return broken("answer_malformed", "the server's answer is no JSON")
	}
	for _, s := range schemas {
		if s == nil {
			continue
		}
		if err := s.Validate(doc); err != nil {
			return broken("answer_invalid", "the server's answer does not fit the schema of answers")
		}
	}
	in := httpAnswer{Status: kyc.StatusOK}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return broken("answer_invalid", "the server's answer does not fit the schema of answers")
	}
	a := kyc.Answer{Status: in.Status, Verdict: in.Verdict, Score: in.Score, Reasons: in.Reasons, Details: in.Details}
	if a.Status != kyc.StatusOK {
		a.Verdict = ""
		a.Transient = a.Status == kyc.StatusUnavailable
		if len(a.Reasons) == 0 {
			a.Reasons = []kyc.Reason{reason(critical, "server_"+string(a.Status), "the server says that it is "+string(a.Status))}
		}
	}
	return a
}

// shallow reports whether the bytes can be read as JSON tokens that nest at most
// limit deep.
func shallow(b []byte, limit int) bool {
	depth := 0
	dec := json.NewDecoder(bytes.NewReader(b))
	for {
		t, err := dec.Token()
		if err != nil {
			return depth == 0 && dec.InputOffset() > 0
		}
		if d, ok := t.(json.Delim); ok {
			switch d {
			case '{', '[':
				if depth++; depth > limit {
					return false
				}
			default:
				depth--
			}
		}
	}
}
