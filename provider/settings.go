package provider

import (
	"fmt"
	"slices"
	"strings"

	"bonafide/kyc"
)

// kinds are the kinds of questions in the order of the documentation.
func kinds() []string {
	return []string{kyc.AskFaceMatch, kyc.AskLiveness, kyc.AskAgeEstimation, kyc.AskDocumentOCR}
}

// fills reports whether a provider can answer a kind of question.
func fills(kind, name string) bool { return slices.Contains(providersFor(kind), name) }

// providersFor are the names that may stand in the order of a kind.
func providersFor(kind string) []string {
	if kind == kyc.AskDocumentOCR {
		return []string{kyc.ProviderLocal, kyc.ProviderTextract, kyc.ProviderHTTP}
	}
	return []string{kyc.ProviderLocal, kyc.ProviderRekognition, kyc.ProviderHTTP}
}

// Problems are what keeps an organisation's settings from being used on this
// node, all at once: unknown_provider, provider_not_configured,
// duplicate_provider; paths begin with /providers. Whether the address and the
// secret of http exist is for whoever keeps those to say.
func (r *Router) Problems(s kyc.ProviderSettings) []kyc.Problem {
	var out []kyc.Problem
	for _, kind := range kinds() {
		seen := map[string]bool{}
		order := map[string][]string{kyc.AskFaceMatch: s.FaceMatch, kyc.AskLiveness: s.Liveness, kyc.AskAgeEstimation: s.AgeEstimation, kyc.AskDocumentOCR: s.DocumentOCR}[kind]
		for i, name := range order {
			bad := func(code, format string, args ...any) {
				out = append(out, kyc.Problem{Path: fmt.Sprintf("/providers/%s/%d", kind, i), Code: code, Message: fmt.Sprintf(format, args...)})
			}
			switch {
			case !fills(kind, name):
				bad("unknown_provider", "%s can be answered by %s", kind, strings.Join(providersFor(kind), ", "))
			case seen[name]:
				bad("duplicate_provider", "it stands in the order already")
			case (name == kyc.ProviderRekognition || name == kyc.ProviderTextract) && r.AWS == nil:
				bad("provider_not_configured", "this node asks nothing of AWS (--aws-region)")
			case name == kyc.ProviderHTTP && (r.HTTP == nil || s.HTTP.URL == ""):
				bad("provider_not_configured", "providers.http names no server")
			}
			seen[name] = true
		}
	}
	return out
}

// Capability is what this node can ask of one provider. It holds no secrets.
type Capability struct {
	Name      string   `json:"name"`
	Available bool     `json:"available"`
	Kinds     []string `json:"kinds"`
	// Version says of a service where it is asked and by which interface.
	Version string `json:"version,omitempty"`
	// Install says how to get it.
	Install string `json:"install,omitempty"`
}

// Capabilities lists the providers in one order. Available says that the node
// is set up to ask, not that the service is there: nothing is asked.
func (r *Router) Capabilities() []Capability {
	var out []Capability
	for _, name := range []string{kyc.ProviderLocal, kyc.ProviderRekognition, kyc.ProviderTextract, kyc.ProviderHTTP} {
		c := Capability{Name: name}
		for _, kind := range kinds() {
			if fills(kind, name) {
				c.Kinds = append(c.Kinds, kind)
			}
		}
		switch name {
		case kyc.ProviderLocal:
			c.Available = true // which models it has is for room model to say
		case kyc.ProviderHTTP:
			c.Available = r.HTTP != nil
			c.Install = "set providers.http in the organisation's settings (docs/guide/providers.md)"
		default:
			c.Install = "start with --aws-region and the usual AWS credentials (docs/guide/providers.md)"
			if c.Available = r.AWS != nil; c.Available {
				c.Version = r.AWS.Region()
			}
		}
		out = append(out, c)
	}
	return out
}
