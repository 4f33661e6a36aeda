package inquiry

import (
	"context"
	"encoding/json"
	"strings"

	"bonafide/kyc"
)

// attempts is how often a check is asked before its transient failure stands,
// and how often a commit that lost a race is done again.
const attempts = 3

// manyHits is how many hits of one part are kept. A part with so many may have
// more, so none of its known hits is taken for gone.
const manyHits = 100

// policyOf is the check that answers a type.
func policyOf(t kyc.InquiryType) string {
	switch t {
	case kyc.InquirySanction:
		return "watchlist_screening"
	case kyc.InquiryPEP:
		return "aml_pep"
	case kyc.InquiryMedia:
		return "adverse_media"
	case kyc.InquiryCrypto:
		return "wallet_screening"
	case kyc.InquiryEmail, kyc.InquiryPhone, kyc.InquiryIP:
		return string(t)
	}
	return ""
}

// Types are all types, in the order of the manual.
func Types() []kyc.InquiryType {
	return []kyc.InquiryType{kyc.InquirySanction, kyc.InquiryPEP, kyc.InquiryMedia, kyc.InquiryCrypto, kyc.InquiryEmail, kyc.InquiryPhone, kyc.InquiryIP}
}

// needs is the member of the question that a type cannot do without.
func needs(t kyc.InquiryType, d *kyc.InquiryData) (member, value string) {
	switch t {
	case kyc.InquiryCrypto:
		return "/wallet_address", d.Wallet
	case kyc.InquiryEmail:
		return "/email", d.Email
	case kyc.InquiryPhone:
		return "/phone", d.Phone
	case kyc.InquiryIP:
		return "/ip_address", d.IP
	}
	return "/name_last", d.Name
}

// ask puts every type of an inquiry to its check.
func (m *Machine) ask(ctx context.Context, q *kyc.Inquiry, r kyc.CheckRequest) []kyc.InquiryPart {
	d := &q.Private
	fields := map[string]any{}
	for name, value := range map[string]string{"full_name": d.Name, "first_name": d.FirstName, "last_name": d.LastName, "date_of_birth": d.BirthDate,
		"nationality": d.Country, "document_number": d.Document, "email": d.Email, "phone": d.Phone, "ip_address": d.IP, "wallet": d.Wallet} {
		if value != "" {
			fields[name] = value
		}
	}
	r.Fields, r.Country = fields, d.Country
	party := map[string]any{"path": "/full_name", "date_of_birth": "/date_of_birth", "nationality": "/nationality", "document_number": "/document_number", "company": q.Kind == "company"}
	var out []kyc.InquiryPart
	for _, t := range q.Types {
		config := map[string]any{}
		switch t {
		case kyc.InquirySanction, kyc.InquiryPEP:
			config = map[string]any{"limit": manyHits, "parties": []any{party}}
		case kyc.InquiryMedia:
			config = map[string]any{"limit": manyHits, "parties": []any{party}}
		case kyc.InquiryCrypto:
			config = map[string]any{"wallets": []any{map[string]any{"path": "/wallet", "network": "any"}}}
		}
		out = append(out, kyc.InquiryPart{Type: t, Answer: m.examine(ctx, r, policyOf(t), config)})
	}
	return out
}

// examine asks one check, again while it fails in a way that may pass.
func (m *Machine) examine(ctx context.Context, r kyc.CheckRequest, policy string, config map[string]any) kyc.Answer {
	raw, err := json.Marshal(config)
	if err != nil {
		return kyc.Failed(kyc.StatusError, "config_invalid", "the question cannot be written")
	}
	r.Policy, r.Node, r.Config = policy, policy, raw
	var a kyc.Answer
	for r.Attempt = 1; r.Attempt <= attempts; r.Attempt++ {
		if a = m.d.Examine(ctx, r); !a.Transient || ctx.Err() != nil {
			break
		}
	}
	return a
}

// whole is the name as one text.
func whole(d *kyc.InquiryData) string {
	if d.Name != "" {
		return d.Name
	}
	return strings.TrimSpace(d.FirstName + " " + d.LastName)
}
