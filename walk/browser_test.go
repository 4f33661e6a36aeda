package walk

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Sizes of windows, in CSS pixels.
const (
	phoneWidth, phoneHeight = 360, 740
	deskWidth, deskHeight   = 1280, 900
)

// look is how a window is set up.
type look struct {
	Phone    bool
	Narrow   bool // 320 pixels
	Dark     bool
	NoScript bool
	Language string // Accept-Language; "" is en
	// Film is a Y4M file the camera shows; "" for no camera, "refuse" for one
	// that the applicant does not allow.
	Film string
}

// window is one browser of its own, with its cookies.
type window struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	wrongs   []string // console errors, policy violations, requests elsewhere
	forgiven []string
	origin   string

	look     look
	noScript bool            // the page's scripts are off, and so is axe
	shade    string          // light or dark
	judged   map[string]bool // pages that axe has seen here, each with its shade
}

// open starts a browser. When the test ends it fails for each error on the
// console, each violation of the content policy and each request to another
// origin.
func open(t testing.TB, s *server, l look) *window {
	t.Helper()
	return openIn(start(t, l), t, s, l)
}

// size is that of the window.
func (l look) size() (width, height int64) {
	width, height = deskWidth, deskHeight
	if l.Phone {
		width, height = phoneWidth, phoneHeight
	}
	if l.Narrow {
		width = 320
	}
	return width, height
}

// start starts a browser that has the size and the camera of a look; it ends
// with the test.
func start(t testing.TB, l look) context.Context {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("there is no chromium here; make test installs it")
	}
	if built, _ := filepath.Glob("../ui/dist/*.js"); len(built) == 0 {
		t.Skip("the browser scripts are not built; make build does it")
	}
	width, height := l.size()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WSURLReadTimeout(patience), chromedp.WindowSize(int(width), int(height)), chromedp.Flag("lang", "en"))
	switch l.Film {
	case "":
	case "refuse":
		options = append(options, chromedp.Flag("deny-permission-prompts", true), chromedp.Flag("use-fake-device-for-media-stream", true))
	default:
		options = append(options, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true),
			chromedp.Flag("use-file-for-fake-video-capture", l.Film))
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // starts the browser; it lives as long as this context
		t.Fatal(err)
	}
	return ctx
}

// fresh is a part of a browser with cookies and storage of its own, which ends
// with the test.
func fresh(browser context.Context, t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// openIn is open in a browser that runs.
func openIn(ctx context.Context, t testing.TB, s *server, l look) *window {
	t.Helper()
	width, height := l.size()
	w := &window{t: t, ctx: ctx, origin: s.URL, look: l, noScript: l.NoScript, shade: "light", judged: map[string]bool{}}
	t.Cleanup(func() {
		if t.Failed() {
			if text, err := chromedp.Run(w.ctx, chromedp.Text(chromedp.CSS("main"))); err == nil {
				t.Logf("%s shows:\n%s", w.path(), text)
			}
			w.shot(filepath.Join(os.TempDir(), "bonafide-walk-"+strings.ReplaceAll(t.Name(), "/", "-")+".png"))
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, x := range w.wrongs {
			t.Error(x)
		}
	})
	w.listen()
	language := cmp.Or(l.Language, "en")
	if l.Dark {
		w.shade = "dark"
	}
	tell(w, network.Enable, network.EnableParams{})
	tell(w, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": language}})
	tell(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: l.Phone})
	tell(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: w.shade}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	tell(w, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.NoScript})
	return w
}

// patience is how long a page may take for one thing a test waits for.
const patience = 2 * time.Minute

// tell sends a command of the protocol.
func tell[P, R any](w *window, c cdp.Command[P, R], params P) {
	w.t.Helper()
	if _, err := chromedp.Run(w.ctx, func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, c, params) }); err != nil {
		w.t.Fatalf("%s: %v", c.Method, err)
	}
}

// do runs actions; each must succeed in time.
func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	for _, step := range steps {
		ctx, cancel := context.WithTimeout(w.ctx, patience)
		err := chromedp.Do(ctx, step)
		cancel()
		if err != nil {
			w.t.Fatalf("at %s: %v", w.path(), err)
		}
	}
}

// get runs an action that gives a value.
func get[T any](w *window, a chromedp.Action[T]) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// ask evaluates an expression in the page.
func ask[T any](w *window, js string) T {
	w.t.Helper()
	return get(w, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
}

// goTo opens an address, whole or as a path of the server.
func (w *window) goTo(address string) {
	w.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = w.origin + address
	}
	w.do(chromedp.Navigate(address))
}

// path is where the window is, without the origin.
func (w *window) path() string {
	at, err := chromedp.Run(w.ctx, chromedp.Location())
	if err != nil {
		return "(nowhere)"
	}
	return strings.TrimPrefix(at, w.origin)
}

// press clicks an element by its CSS selector; follow also waits for the page
// that this leads to.
func (w *window) press(css string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible(chromedp.CSS(css)), chromedp.Click(chromedp.CSS(css)))
}

func (w *window) follow(css string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible(chromedp.CSS(css)))
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(css))); err != nil {
		w.t.Fatalf("%s at %s: %v", css, w.path(), err)
	}
}

// write types into a field.
func (w *window) write(css, text string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible(chromedp.CSS(css)), chromedp.SendKeys(chromedp.CSS(css), text))
}

// wait waits until an expression is true in the page.
func (w *window) wait(js string) {
	w.t.Helper()
	w.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for {
			err := ignore(chromedp.Poll[bool](js)(ctx, t))
			if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "navigated or closed") && !strings.Contains(err.Error(), "Cannot find context") {
				return chromedp.Void{}, err
			} // a page that goes on by itself is asked again
		}
	})
}

// becomes asks until something outside the page's own scripts is so.
func (w *window) becomes(what string, so func() bool) {
	w.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); !so(); {
		select {
		case <-tick.C:
		case <-deadline:
			w.t.Fatalf("at %s it never comes about that %s", w.path(), what)
		}
	}
}

func ignore[T any](_ T, err error) error { return err }

// text is what an element shows.
func (w *window) text(css string) string {
	w.t.Helper()
	return get(w, chromedp.Text(chromedp.CSS(css)))
}

// axe fails for each violation of WCAG 2.2 AA on the page as it stands.
func (w *window) axe() {
	w.t.Helper()
	source, err := os.ReadFile("../ui/web/node_modules/axe-core/axe.min.js")
	if err != nil {
		w.t.Skip("axe-core is not installed; make build does it")
	}
	w.judged[ask[string](w, `document.querySelector("main")?.dataset.page ?? ""`)+" "+w.shade] = true
	if !ask[bool](w, "typeof axe === 'object'") {
		ask[any](w, string(source)+";null")
	}
	type violation struct {
		ID    string   `json:"id"`
		Nodes []string `json:"nodes"`
	}
	for _, v := range ask[[]violation](w, `axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa"]}).then(
		r => r.violations.map(v => ({id: v.id, nodes: v.nodes.map(n => n.html + " -- " + n.failureSummary)})))`) {
		w.t.Errorf("%s breaks %s:\n%s", w.path(), v.ID, strings.Join(v.Nodes, "\n"))
	}
}

func (w *window) shot(file string) {
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	b, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(file, b, 0o600)
	}
	if err != nil {
		w.t.Logf("no picture %s: %v", file, err)
	}
}

// forgive lets one kind of message on the console pass, such as an answer 422
// that the test asks for.
func (w *window) forgive(part string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forgiven = append(w.forgiven, part)
}

func (w *window) wrong(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, part := range w.forgiven {
		if strings.Contains(text, part) {
			return
		}
	}
	w.wrongs = append(w.wrongs, text)
}

// listen notes what must not happen on any page. Violations of the content
// policy come as errors on the console.
func (w *window) listen() {
	console := chromedp.Console(w.ctx)
	requests := chromedp.Events(w.ctx, network.RequestWillBeSent)
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" || m.Source == "security" {
				w.wrong("console at %s: %s", m.URL, m.Text)
			}
		}
	}()
	go func() {
		for e, err := range requests {
			if err != nil {
				return
			}
			if u := e.Request.URL; !strings.HasPrefix(u, w.origin+"/") && !strings.HasPrefix(u, "blob:") && !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "about:") {
				w.wrong("a page asked %s", u)
			}
		}
	}()
}
