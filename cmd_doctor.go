package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"bonafide/api"
	"bonafide/chip"
	"bonafide/document"
	"bonafide/face"
	"bonafide/kyc"
	"bonafide/provider"
	"bonafide/screen"
)

// capabilities lists what this machine can and cannot do: reading documents,
// looking at faces, verifying chips, asking lists, asking other services. With
// probe libraries and networks are loaded, and what opens PDF files is prepared;
// without, it is cheap.
func capabilities(ctx context.Context, reader *document.Reader, faces *face.Engine, trust *chip.Trust, lists *screen.Screener, services *provider.Router, probe bool) []api.Capability {
	var out []api.Capability
	if probe {
		_ = reader.Prepare(ctx) // what it came to is told below
	}
	for _, c := range reader.Capabilities(ctx) {
		if c.Available {
			c.Install = ""
		}
		out = append(out, api.Capability{Area: "documents", Name: c.Name, Available: c.Available, Version: c.Version, Reason: c.Reason, Install: c.Install})
	}
	for _, c := range faces.Capabilities(ctx, probe) {
		out = append(out, api.Capability{Area: "faces", Name: c.Name, Available: c.Available, Version: c.Version, Reason: c.Reason, Install: c.Install})
	}
	out = append(out, chipCapability(trust), listCapability(lists))
	return append(out, serviceCapabilities(services)...)
}

// serviceCapabilities tells whom this node may ask beside itself. A service
// that is not switched on here is not missing: nothing needs it unless an
// organisation orders it, and its settings refuse what is not set up.
func serviceCapabilities(services *provider.Router) []api.Capability {
	var out []api.Capability
	for _, c := range services.Capabilities() {
		if !c.Available || c.Name == kyc.ProviderLocal {
			continue
		}
		s := api.Capability{Area: "providers", Name: c.Name, Available: true, Version: strings.Join(c.Kinds, ", ")}
		if c.Version != "" {
			s.Version = c.Version + ": " + s.Version
		}
		if c.Name == kyc.ProviderHTTP {
			s.Reason = "asked for organisations whose settings name a server"
		}
		out = append(out, s)
	}
	return out
}

// chipCapability tells about the certificates that sign passports.
func chipCapability(trust *chip.Trust) api.Capability {
	c := api.Capability{Area: "chips", Name: "trust_lists"}
	st := trust.State()
	if c.Available = st.Certificates > 0; c.Available {
		c.Version = fmt.Sprintf("%d certificates of %d states", st.Certificates, len(st.Countries))
		if !st.AsOf.IsZero() {
			c.Version += " as of " + st.AsOf.Format("2006-01-02")
		}
	} else {
		c.Reason, c.Install = "no certificate that signs passports is here", "put master lists into DATA/trust (docs/guide/operate.md)"
	}
	if len(st.Problems) > 0 {
		c.Reason = fmt.Sprintf("%d files of the trust folder cannot be used", len(st.Problems))
	}
	return c
}

// listCapability tells about watchlists.
func listCapability(lists *screen.Screener) api.Capability {
	c := api.Capability{Area: "screening", Name: "watchlists"}
	loaded, stale, failed := 0, 0, 0
	for _, l := range lists.Status() {
		switch l.ListVersion.Status {
		case kyc.StatusOK:
			loaded++
		case kyc.StatusStale:
			loaded++
			stale++
		case kyc.StatusError:
			failed++
		}
	}
	c.Available = loaded > 0
	if c.Available {
		c.Version = fmt.Sprintf("%d lists", loaded)
	} else {
		c.Reason = "no watchlist is imported"
	}
	switch {
	case failed > 0:
		c.Reason = fmt.Sprintf("%d lists cannot be used, see: bonafide lists status", failed)
	case stale > 0:
		c.Reason = fmt.Sprintf("%d lists are older than they may be", stale)
	}
	if !c.Available || stale > 0 {
		c.Install = "bonafide lists update"
	}
	return c
}

// ableTime is how long the list on /readyz is kept: it is asked often, and
// files are hashed for it.
const ableTime = 30 * time.Second

// able gives the list for /readyz. Nothing is loaded for it.
func (a *app) able(g *Globals) func(context.Context) []api.Capability {
	var mu sync.Mutex
	var found []api.Capability
	var at time.Time
	faces, trust := newFaces(g), chip.NewTrust(g.trustDir())
	return func(ctx context.Context) []api.Capability {
		mu.Lock()
		defer mu.Unlock()
		if now := a.clock.Now(); found == nil || now.Sub(at) > ableTime {
			found, at = capabilities(ctx, a.reader, faces, trust, a.lists, a.providers, false), now
		}
		return found
	}
}

type doctorCmd struct {
	JSON bool      `help:"One JSON object."`
	OIDC oidcFlags `embed:"" prefix:"oidc-" group:"Single sign-on to the console (as for serve)"`
}

// Run prints what is there and the command that installs what is not. Exit 1
// when something is missing.
func (d doctorCmd) Run(ctx context.Context, c *console, g *Globals) error {
	lists, err := screen.Open(screen.Options{Dir: g.listsDir(), Clock: kyc.SystemClock(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	services, err := newProviders(g, kyc.SystemClock(), http.DefaultClient, nil)
	if err != nil {
		return err
	}
	reader, faces := newReader(g), newFaces(g)
	defer faces.Close()
	defer func() { _ = reader.Close() }() // nothing was written with it
	found := capabilities(ctx, reader, faces, chip.NewTrust(g.trustDir()), lists, services, true)
	if c, asked := d.OIDC.capability(ctx); asked {
		found = append(found, c)
	}
	missing := 0
	for _, f := range found {
		if !f.Available {
			missing++
		}
	}
	if d.JSON {
		enc := json.NewEncoder(c.out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(map[string]any{"complete": missing == 0, "missing": missing, "capabilities": found}); err != nil {
			return err
		}
	} else if err := d.print(c, found, missing); err != nil {
		return err
	}
	if missing > 0 {
		return exitCode{code: exitError}
	}
	return nil
}

func (d doctorCmd) print(c *console, found []api.Capability, missing int) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, f := range found {
		state, text := "ok", f.Version
		if !f.Available {
			state = "missing"
		}
		for _, more := range []string{f.Reason, f.Install} {
			if more != "" && text != "" {
				text += "; "
			}
			text += more
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.Area, f.Name, state, text)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if missing > 0 {
		c.printf("%d missing: checks that need them answer not_configured, which never passes\n", missing)
		return nil
	}
	c.printf("nothing is missing\n")
	return nil
}
