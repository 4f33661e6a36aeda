package check

import (
	"context"
	"encoding/json"
	"strings"

	"bonafide/kyc"
)

// visaCheck and activityCheck ask a provider that speaks the protocol of the
// check http. Without an address nobody can be asked.

func visaCheck(d Deps) Check {
	return serverCheck(d, "visa_check", "Visa", "Asks a provider whether the person may stay or work: a server that speaks the protocol of the check http.")
}

func activityCheck(d Deps) Check {
	return serverCheck(d, "activity_check", "Activity", "Asks a provider what the person did: transactions, devices, logins. A server that speaks the protocol of the check http.")
}

func serverCheck(d Deps, name, title, description string) Check {
	s := spec(name, title, description, 0)
	s.Provides = []string{"score", "details"}
	s.ConfigSchema = schema(`
"url":{"type":"string","pattern":"^https?://","maxLength":2048,"description":"Where to ask; without it the check is not configured. Private addresses are refused; redirects are not followed."},
"secret":{"type":"string","minLength":1,"maxLength":200,"description":"Whose secret signs the request: the id of a webhook endpoint of the organisation."},
"timeout_seconds":{"type":"number","exclusiveMinimum":0,"maximum":30,"default":10,"description":"Limit of one attempt."}`,
		`"dependentRequired":{"url":["secret"],"secret":["url"]}`)
	answers, err := compile(name+"_answer", json.RawMessage(httpAnswerSchema))
	return Check{Spec: s, Run: func(ctx context.Context, r kyc.CheckRequest) kyc.Answer {
		if err != nil {
			return broken("schema_broken", "the schema of answers cannot be read")
		}
		var c httpConfig
		if decode(r.Config, &c) != nil {
			return broken("config_invalid", "the check's config cannot be read")
		}
		if strings.TrimSpace(c.URL) == "" {
			return notConfigured(name+"_not_configured", "no provider for "+title+" is set up here")
		}
		return askServer(ctx, d, r, answers)
	}}
}
