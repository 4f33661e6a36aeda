package console

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"bonafide/access"
	"bonafide/kyc"
	"bonafide/ui"
)

// Deps are what the console needs. All are obligatory unless said otherwise.
type Deps struct {
	Kit    *ui.Kit
	Clock  kyc.Clock
	Log    *slog.Logger // nil: silent
	People People
	Store  Store
	// Address is where a request comes from, as trusted proxies say.
	Address func(context.Context) string
	// API answers a request to the public API for a person.
	API func(access.Principal, http.ResponseWriter, *http.Request)
	// Secure keeps cookies to TLS even when the request itself came without,
	// as behind a proxy that ends TLS.
	Secure bool
	// SignOn is another house that says who people are; nil for none.
	SignOn SignOn
	// NoPasswords lets nobody in by a password; SignOn must be there.
	NoPasswords bool
	// PublicURL is the address people reach the console at, without a path;
	// empty: as the request says.
	PublicURL string
	// Sections are the parts of the console, in the order of the navigation.
	Sections []Section
}

// People knows who may sign in.
type People interface {
	// SignIn checks a password; Unauthenticated sign_in_failed otherwise.
	SignIn(ctx context.Context, email, password string) (kyc.User, error)
	// SetPassword gives a person another password. Errors: Invalid.
	SetPassword(ctx context.Context, org, id kyc.ID, password string, by kyc.Actor) (kyc.User, error)
}

// Store keeps who is signed in.
type Store interface {
	Commit(ctx context.Context, c *kyc.Change) error
	Org(ctx context.Context, id kyc.ID) (kyc.Org, error)
	User(ctx context.Context, org, id kyc.ID) (kyc.User, error)
	ConsoleSession(ctx context.Context, tokenHash string) (kyc.ConsoleSession, error)
	SetConsoleSeen(ctx context.Context, id kyc.ID, at time.Time) error
	SecondFactorOf(ctx context.Context, org, user kyc.ID) (kyc.SecondFactor, error)
	Tries
}

// Tries counts sign-ins that failed, where all nodes see it.
type Tries interface {
	// TriesName makes the keyed hash that a count goes by.
	TriesName(ctx context.Context, kind, value string) (string, error)
	SignInTries(ctx context.Context, name string) (kyc.SignInTries, error)
	// CountSignIn is Stale when another try came in between.
	CountSignIn(ctx context.Context, was, now kyc.SignInTries) error
}

// Section is one part of the console: a room's pages and the links to them.
type Section struct {
	// Name is what a mistake in the section is reported with.
	Name string
	// Files are the page templates (see ui.Kit.Pages). They may use the parts
	// of the console's own _frame.html.
	Files  fs.FS
	Routes []Route
	Links  []Link
}

// Scopes of routes that need none of the API's.
const (
	// SignedIn is for whoever is signed in, whatever their role.
	SignedIn = "signed-in"
	// open is for everybody: the way in.
	open = "open"
)

// Route is one thing the console does.
type Route struct {
	// Pattern is http.ServeMux's, method first: "GET /console/lists/{id}".
	Pattern string
	// Scope is what the person needs (access.Scopes), or SignedIn.
	Scope string
	// Do answers. An error becomes an error page; see [Visit].
	Do func(*Visit) error
	// Scripts are further built scripts of the page, such as "studio.js".
	Scripts []string
	// Unattended is for what an open page asks by itself, over and over: it
	// says nothing about a person being there, so it keeps nobody signed in.
	Unattended bool
}

// Link is one entry of the navigation; it is shown to whom its scope allows.
type Link struct {
	Href, Text, Scope string
	// Also is the beginning of other addresses that belong to the link; "" for
	// none.
	Also string
	// Count is a number behind the text; nil for none.
	Count func(*Visit) int
}
