package provider

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strings"
	"time"

	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
)

// Local are the engines of this machine. Each may be nil.
type Local struct {
	Comparer     face.Comparer
	AgeEstimator face.AgeEstimator
	Spoofing     face.Spoofing
	Encoder      face.Encoder
}

// Router asks for an organisation, in the order of its settings. AWS and HTTP
// may be nil: then this node offers none. It may be used by many goroutines.
type Router struct {
	Local Local
	AWS   *AWS
	HTTP  *HTTP
}

// asking is on whose behalf a check asks.
func asking(r *kyc.CheckRequest) kyc.Asking {
	call := r.CallKey
	if call == "" && r.RunID != "" {
		call = fmt.Sprintf("%s-%s-%d", r.RunID, r.Node, r.Attempt)
	}
	return kyc.Asking{Tenant: r.Tenant, Providers: r.Settings.Providers, Call: call}
}

// Comparer, AgeEstimator, Spoofing and Encoder give whom a check asks (room
// check's port Faces). What stands in no order is always local.
func (r *Router) Comparer(q *kyc.CheckRequest) face.Comparer { return comparer{r, asking(q)} }

// AgeEstimator asks by the order of age_estimation.
func (r *Router) AgeEstimator(q *kyc.CheckRequest) face.AgeEstimator {
	return estimator{r, asking(q)}
}

// Spoofing is the local engine's.
func (r *Router) Spoofing(*kyc.CheckRequest) face.Spoofing { return r.Local.Spoofing }

// Encoder is the local engine's: templates never leave, and those of different
// models cannot be compared.
func (r *Router) Encoder(*kyc.CheckRequest) face.Encoder { return r.Local.Encoder }

// order is whom an organisation asks. The sandbox asks nobody outside: its
// applicants are invented, and its traffic costs nothing.
func (r *Router) order(a kyc.Asking, kind string) []string {
	if a.Tenant.Env != kyc.Live {
		return []string{kyc.ProviderLocal}
	}
	return a.Providers.Order(kind)
}

// inOrder asks one provider after the other until one answers. Each gets its
// share of the time that is left. The error is of the last where only one
// stands in the order; otherwise it lists all, and is Unavailable while one of
// the reasons may pass.
func inOrder(ctx context.Context, order []string, ask func(ctx context.Context, name string) *kyc.Error) (by string, tried []kyc.Tried, err *kyc.Error) {
	may, unset := false, true
	for i, name := range order {
		err = sharing(ctx, len(order)-i, name, ask)
		if err == nil || answered(err) {
			return name, tried, err
		}
		tried = append(tried, kyc.Tried{Provider: name, Code: err.Code, Message: err.Message})
		may, unset = may || passing(err), unset && strings.HasSuffix(err.Code, "_not_configured")
		if ctx.Err() != nil {
			return name, tried, fails(codeTimeout, "there is no time left to ask (%s)", list(tried))
		}
	}
	switch {
	case len(order) == 1:
	case unset:
		err = kyc.Errorf(kyc.Unavailable, "providers_not_configured", "none of the providers is set up here: %s", list(tried))
	case may:
		err = kyc.Errorf(kyc.Unavailable, "providers_unavailable", "no provider answered: %s", list(tried))
	default:
		err = kyc.Errorf(kyc.Internal, "providers_failed", "no provider answered: %s", list(tried))
	}
	return "", tried, err
}

func sharing(ctx context.Context, left int, name string, ask func(ctx context.Context, name string) *kyc.Error) *kyc.Error {
	if ends, ok := ctx.Deadline(); ok && left > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(ends)/time.Duration(left))
		defer cancel()
	}
	return ask(ctx, name)
}

func list(tried []kyc.Tried) string {
	var out []string
	for _, t := range tried {
		out = append(out, t.Provider+" ("+t.Code+")")
	}
	return strings.Join(out, ", ")
}

type comparer struct {
	r *Router
	a kyc.Asking
}

// Compare asks by the order of face_match.
func (c comparer) Compare(ctx context.Context, portrait, selfie image.Image) (face.Comparison, *kyc.Error) {
	var out face.Comparison
	_, tried, err := inOrder(ctx, c.r.order(c.a, kyc.AskFaceMatch), func(ctx context.Context, name string) (e *kyc.Error) {
		p, e := portOf[face.Comparer](c.r, c.a, kyc.AskFaceMatch, name, c.r.Local.Comparer)
		if e == nil {
			out, e = p.Compare(ctx, portrait, selfie)
		}
		return e
	})
	out.Tried = tried
	return out, err
}

// Others asks this machine, whoever compares; where it has no models, or finds no
// face, the providers of face_match in their order. Unavailable, with a code that
// ends in _not_configured, where nobody can tell.
func (c comparer) Others(ctx context.Context, portrait, selfie image.Image, wide bool) ([]face.Other, *kyc.Error) {
	order := c.r.order(c.a, kyc.AskFaceMatch)
	if local, ok := c.r.Local.Comparer.(face.Onlookers); ok {
		out, err := local.Others(ctx, portrait, selfie, wide)
		order = slices.DeleteFunc(slices.Clone(order), func(name string) bool { return name == kyc.ProviderLocal })
		if err == nil || passing(err) || len(order) == 0 {
			return out, err
		}
	}
	var out []face.Other
	_, _, err := inOrder(ctx, order, func(ctx context.Context, name string) (e *kyc.Error) {
		p, e := portOf[face.Onlookers](c.r, c.a, kyc.AskFaceMatch, name, nil)
		if e == nil {
			out, e = p.Others(ctx, portrait, selfie, wide)
		}
		return e
	})
	return out, err
}

type estimator struct {
	r *Router
	a kyc.Asking
}

// EstimateAge asks by the order of age_estimation.
func (c estimator) EstimateAge(ctx context.Context, selfie image.Image) (face.Age, *kyc.Error) {
	var out face.Age
	_, tried, err := inOrder(ctx, c.r.order(c.a, kyc.AskAgeEstimation), func(ctx context.Context, name string) (e *kyc.Error) {
		p, e := portOf[face.AgeEstimator](c.r, c.a, kyc.AskAgeEstimation, name, c.r.Local.AgeEstimator)
		if e == nil {
			out, e = p.EstimateAge(ctx, selfie)
		}
		return e
	})
	out.Tried = tried
	return out, err
}

// OpenLiveness opens a liveness session by the order of liveness. Where the
// answer's Provider is local it is this machine's own turn: the caller films
// the applicant itself, and ID, Region and Expires are empty.
func (r *Router) OpenLiveness(ctx context.Context, a kyc.Asking, q face.LivenessRequest) (face.LivenessSession, *kyc.Error) {
	var out face.LivenessSession
	_, tried, err := inOrder(ctx, r.order(a, kyc.AskLiveness), func(ctx context.Context, name string) (e *kyc.Error) {
		if name == kyc.ProviderLocal {
			out = face.LivenessSession{Made: face.Made{Provider: kyc.ProviderLocal}}
			return nil
		}
		p, e := portOf[face.LivenessProvider](r, a, kyc.AskLiveness, name, nil)
		if e == nil {
			out, e = p.Create(ctx, q)
		}
		return e
	})
	out.Tried = tried
	return out, err
}

// LivenessResult asks the provider that opened a session what became of it.
// Nobody else can know, so nobody else is asked. id is one that OpenLiveness
// gave for this organisation; the caller keeps them.
func (r *Router) LivenessResult(ctx context.Context, a kyc.Asking, provider, id string) (face.LivenessResult, *kyc.Error) {
	if a.Tenant.Env != kyc.Live || provider == kyc.ProviderLocal {
		return face.LivenessResult{}, kyc.Errorf(kyc.NotFound, "liveness_session_not_found", "no service holds this liveness session")
	}
	p, err := portOf[face.LivenessProvider](r, a, kyc.AskLiveness, provider, nil)
	if err != nil {
		return face.LivenessResult{}, err
	}
	return p.Result(ctx, id)
}

// ReadID reads an identity document by the order of document_ocr. local is what
// this machine's own reading came to: it answers in its place in the order,
// with an IDReading of Provider local and nothing else, unless it is an error.
func (r *Router) ReadID(ctx context.Context, q *kyc.CheckRequest, pages []image.Image, local *kyc.Error) (document.IDReading, *kyc.Error) {
	a := asking(q)
	var out document.IDReading
	_, tried, err := inOrder(ctx, r.order(a, kyc.AskDocumentOCR), func(ctx context.Context, name string) (e *kyc.Error) {
		if name == kyc.ProviderLocal {
			out = document.IDReading{Provider: kyc.ProviderLocal}
			return local
		}
		p, e := portOf[document.IDReader](r, a, kyc.AskDocumentOCR, name, nil)
		if e == nil {
			out, e = p.ReadID(ctx, pages, q.Now)
		}
		return e
	})
	out.Tried = tried
	return out, err
}

// portOf gives the port of a kind that a provider fills, or why it cannot.
func portOf[P any](r *Router, a kyc.Asking, kind, name string, local P) (P, *kyc.Error) {
	var none P
	var found any
	switch {
	case !fills(kind, name):
		return none, missing(word(name), "it cannot answer "+kind)
	case name == kyc.ProviderLocal:
		found = local
	case name == kyc.ProviderHTTP && r.HTTP != nil:
		found = r.HTTP.For(a)
	case (name == kyc.ProviderRekognition || name == kyc.ProviderTextract) && r.AWS != nil:
		found = r.AWS
	}
	if p, ok := found.(P); ok {
		return p, nil
	}
	return none, missing(word(name), "it is not set up on this node")
}
