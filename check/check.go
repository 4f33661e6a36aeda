package check

import (
	"context"
	"net/http"
	"time"

	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
	"bonafide/screen"
)

// Check is one question.
type Check struct {
	Spec kyc.CheckSpec
	// Run answers it. It may be nil: then nothing here can answer it for real
	// applicants yet, and they get not_configured.
	Run func(ctx context.Context, r kyc.CheckRequest) kyc.Answer
	// Own marks a check that asks nobody outside: it only looks at the
	// request and at the organisation's own objects of the same environment.
	// Sandbox organisations get its real answer.
	Own bool
}

// Documents reads papers (document.Reader).
type Documents interface {
	Read(ctx context.Context, files []document.File, now time.Time) (document.Reading, *kyc.Error)
}

// Screener asks the watchlists (screen.Screener).
type Screener interface {
	Match(q screen.Query) screen.Result
}

var (
	_ Documents = (*document.Reader)(nil)
	_ Screener  = (*screen.Screener)(nil)
)

// Blobs gives the decrypted bytes of an upload (store).
type Blobs interface {
	Blob(ctx context.Context, t kyc.Tenant, subject kyc.ID, key string) ([]byte, error)
}

// Lists are the customer's own lists (store). ListItemsByHash finds items by
// Blind(ListType.BlindKind(), ListType.Normal(value)).
type Lists interface {
	Lists(ctx context.Context, t kyc.Tenant, f kyc.ListFilter, p kyc.Page) ([]kyc.List, int, error)
	ListItemsByHash(ctx context.Context, t kyc.Tenant, lists []kyc.ID, hashes []string) ([]kyc.ListItem, error)
	AllListItems(ctx context.Context, t kyc.Tenant, list kyc.ID) ([]kyc.ListItem, error)
}

// Duplicates finds earlier sessions by blind index (store).
type Duplicates interface {
	Traits(ctx context.Context, t kyc.Tenant, kind string, hashes []string) ([]kyc.Trait, error)
}

// Blinder makes blind indexes: the hex HMAC of kind and value under the
// tenant's key (store).
type Blinder interface {
	Blind(ctx context.Context, t kyc.Tenant, kind, value string) (string, error)
}

// Secrets resolves the reference by which a customer names the secret that
// signs calls to their own server. The secrets are whsec_ strings, newest
// first; while one is rotated there are two.
type Secrets interface {
	SigningSecrets(ctx context.Context, t kyc.Tenant, reference string) ([]string, error)
}

// RelatedParty is one subsession of a session, as far as it matters to it.
type RelatedParty struct {
	SessionID kyc.ID
	StepID    string // the step that collected it
	Role      string // individual, ubo, director, …
	Status    kyc.SessionStatus
	// Final is its decision in force: approved, flagged, rejected,
	// manual_review, cancelled or empty.
	Final string
	// Hits of its list screening and MediaHits of its news search that no
	// reviewer called a false positive.
	Hits, MediaHits []kyc.Hit
}

// Related gives the subsessions of a session in the order of their creation,
// without those that were deleted (journey).
type Related interface {
	Related(ctx context.Context, t kyc.Tenant, session kyc.ID) ([]RelatedParty, error)
}

// Deps are the tools of the checks. Each may be nil; the checks that need it
// then answer not_configured.
type Deps struct {
	Clock     kyc.Clock // default: the machine's
	Documents Documents
	Chips     Chips
	Blobs     Blobs
	// Faces look at people, and Pictures decodes what they look at.
	Faces    Faces
	Pictures Pictures
	// IDs read identity documents where an organisation orders it.
	IDs IDReaders
	// Templates are the faces of earlier sessions, Known those of tenants with
	// many of them.
	Templates Templates
	Known     KnownFaces
	// Films look at the frames of liveness tries.
	Films Films
	// Portraits finds the faces that one document shows.
	Portraits Portraits
	// LivenessResult asks the service that filmed an applicant what it saw
	// (provider.Router).
	LivenessResult func(ctx context.Context, a kyc.Asking, provider, id string) (face.LivenessResult, *kyc.Error)
	Screener       Screener
	// Entry is what a watchlist says of an entry now, for comparing it with
	// what a reviewer judged (screen.Screener.Entry); nil: no word on a hit holds.
	Entry func(list, id string) (any, bool)
	// News searches what the operator imported (media.Library).
	News       News
	Lists      Lists
	Duplicates Duplicates
	// Looks are how earlier documents look, Traces what files had before.
	Looks      Looks
	Traces     Traces
	Blinder    Blinder
	Secrets    Secrets
	Related    Related
	Matchlists Matchlists
	// HTTP calls customers' own servers. It must be guarded against private
	// addresses and must not follow redirects (webhook.GuardedClient).
	HTTP *http.Client
	// AllowFictional lets a screening pass although every list it asked holds
	// invented entries. Only a demonstration sets it.
	AllowFictional bool
}

// defaultTimeout is the limit of one attempt where a Spec names none.
const defaultTimeout = 30 * time.Second
