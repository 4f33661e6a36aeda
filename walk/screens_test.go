package walk

import (
	"bytes"
	"cmp"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// screen is a picture of docs/screens and the page it shows: the room and the
// template.
type screen struct{ picture, page string }

// screens are all of them. A page has one at least.
func screens() []screen {
	return []screen{
		{"capture-welcome", "capture/welcome"}, {"capture-branded", "capture/welcome"}, {"capture-continue-on-phone", "capture/phone"}, {"capture-join", "capture/join"},
		{"capture-documents", "capture/step_documents"}, {"capture-choose", "capture/choose"}, {"capture-photograph", "capture/slot"}, {"capture-check-photo", "capture/slot"},
		{"capture-no-camera-refused", "capture/slot"}, {"capture-sent", "capture/sent"}, {"capture-form", "capture/step_form"}, {"capture-form-problems", "capture/step_form"},
		{"capture-liveness", "capture/step_liveness"}, {"capture-liveness-elsewhere", "capture/step_liveness"}, {"capture-people", "capture/step_parties"}, {"capture-people-link", "capture/step_parties"}, {"capture-review", "capture/review"},
		{"capture-status", "capture/status"}, {"capture-corrections", "capture/status"}, {"capture-ended", "capture/ended"},

		{"console-sign-in", "console/signin"}, {"console-signed-out", "console/signedout"}, {"console-code", "console/code"}, {"console-second-factor", "console/account"}, {"console-problem", "console/problem"},
		{"console-queue", "casework/queue"}, {"console-decided", "casework/decided"}, {"console-quality", "casework/quality"}, {"console-second-look", "casework/look"}, {"console-case", "casework/case"}, {"console-case-dark", "casework/case"}, {"console-correction", "casework/case"}, {"console-reopen", "casework/case"},
		{"console-sessions", "office/sessions"}, {"console-session", "office/session"}, {"console-invite", "office/invite"}, {"console-invited", "office/session"}, {"console-people", "office/subjects"}, {"console-person", "office/subject"}, {"console-erase", "office/erase"},
		{"console-lists", "office/lists"}, {"console-list", "office/list"}, {"console-screening", "office/screening"}, {"console-monitoring", "office/monitoring"}, {"console-watchlist", "office/watch"},
		{"console-webhooks", "office/webhooks"}, {"console-webhook", "office/endpoint"}, {"console-delivery", "office/delivery"}, {"console-keys", "office/keys"}, {"console-key-made", "office/keys"},
		{"console-team", "office/team"}, {"console-audit", "office/audit"}, {"console-audit-verified", "office/audit"}, {"console-analytics", "office/analytics"}, {"console-settings", "office/settings"},

		{"studio-list", "studio/list"}, {"studio-new", "studio/new"}, {"studio-editor", "studio/editor"}, {"studio-editor-dark", "studio/editor"}, {"studio-problem", "studio/editor"},
		{"studio-dry-run", "studio/editor"}, {"studio-steps", "studio/editor"}, {"studio-checklist", "studio/editor"}, {"studio-procedure", "studio/editor"},
		{"studio-versions", "studio/versions"}, {"studio-compare", "studio/compare"}, {"studio-backtest", "studio/backtest"}, {"studio-publish", "studio/publish"},
	}
}

// unseen are the pages that nobody comes to with the roles there are.
func unseen() []string { return []string{"console/empty"} }

// pageRooms are the rooms with pages.
func pageRooms() []string { return []string{"capture", "console", "casework", "office", "studio"} }

// picture leaves a picture of the page in BONAFIDE_SCREENS, when that is set and
// the name is one of [screens]; the page must be the one that is said there. In any
// case the page stands without a violation of WCAG 2.2 AA in light and in dark and
// fits into 320 pixels, so that every page of the program was looked at.
func (w *window) picture(name string) {
	w.t.Helper()
	if name == "" {
		return
	}
	w.looked()
	defer w.fits()
	i := slices.IndexFunc(screens(), func(s screen) bool { return s.picture == name })
	if i < 0 {
		return
	}
	if want, got := filepath.Base(screens()[i].page), ask[string](w, `document.querySelector("main").dataset.page`); got != want {
		w.t.Errorf("the picture %s would show the page %s, not %s", name, got, want)
		return
	}
	dir := os.Getenv("BONAFIDE_SCREENS")
	if dir == "" {
		return
	}
	// What never scrolls away would stand in the middle of a long page.
	ask[any](w, `window.scrollTo(0, 0);null`)
	if height := ask[int64](w, `document.querySelector(".decide") === null ? 0 : document.documentElement.scrollHeight`); height > 0 {
		tell(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: deskWidth, Height: height, DeviceScaleFactor: 1})
		defer tell(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: deskWidth, Height: deskHeight, DeviceScaleFactor: 1})
	}
	b, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		b, err = shrink(b)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), b, 0o600)
	}
	if err != nil {
		w.t.Errorf("no picture %s: %v", name, err)
	}
}

// notTaken are the pictures that BONAFIDE_SCREENS lacks; none when it is not set.
func notTaken() []string {
	dir := os.Getenv("BONAFIDE_SCREENS")
	if dir == "" {
		return nil
	}
	var out []string
	for _, s := range screens() {
		if _, err := os.Stat(filepath.Join(dir, s.picture+".png")); err != nil {
			out = append(out, s.picture)
		}
	}
	return out
}

// shrink writes a PNG anew with at most 256 colours: those that most points have,
// of colours that differ by less than an eye sees. A page has few of them.
func shrink(file []byte) ([]byte, error) {
	img, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	type sum struct{ n, r, g, b int }
	box := img.Bounds()
	count := map[[3]uint8]*sum{}
	place := func(x, y int) ([3]uint8, color.NRGBA) {
		c, _ := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA) // the model gives nothing else
		return [3]uint8{c.R >> 3, c.G >> 3, c.B >> 3}, c
	}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			k, c := place(x, y)
			s := count[k]
			if s == nil {
				s = &sum{}
				count[k] = s
			}
			s.n, s.r, s.g, s.b = s.n+1, s.r+int(c.R), s.g+int(c.G), s.b+int(c.B)
		}
	}
	keys := make([][3]uint8, 0, len(count))
	for k := range count {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [3]uint8) int { return cmp.Or(count[b].n-count[a].n, slices.Compare(a[:], b[:])) })
	var palette color.Palette
	for _, k := range keys[:min(256, len(keys))] {
		s := count[k]
		palette = append(palette, color.NRGBA{uint8(s.r / s.n), uint8(s.g / s.n), uint8(s.b / s.n), 255}) //nolint:gosec // a mean of bytes is a byte
	}
	nearest := make(map[[3]uint8]uint8, len(keys))
	for _, k := range keys {
		s := count[k]
		nearest[k] = uint8(palette.Index(color.NRGBA{uint8(s.r / s.n), uint8(s.g / s.n), uint8(s.b / s.n), 255})) //nolint:gosec // of 256 colours
	}
	out := image.NewPaletted(box, palette)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			k, _ := place(x, y)
			out.SetColorIndex(x, y, nearest[k])
		}
	}
	var b bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, out)
	return b.Bytes(), err
}

// Every page of the program has its picture, docs/screens holds those pictures
// and no others, in six megabytes at most, and the README shows four of them.
func TestEveryPageHasItsPicture(t *testing.T) {
	t.Parallel()
	var pages []string
	for _, room := range pageRooms() {
		files, err := filepath.Glob("../" + room + "/*.html")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if name := strings.TrimSuffix(filepath.Base(f), ".html"); !strings.HasPrefix(name, "_") {
				pages = append(pages, room+"/"+name)
			}
		}
	}
	shown, wanted := map[string]bool{}, map[string]bool{}
	for _, s := range screens() {
		if !slices.Contains(pages, s.page) {
			t.Errorf("%s is a picture of %s, which is no page", s.picture, s.page)
		}
		if wanted[s.picture] {
			t.Errorf("%s is there twice", s.picture)
		}
		shown[s.page], wanted[s.picture] = true, true
	}
	for _, p := range pages {
		if !shown[p] && !slices.Contains(unseen(), p) {
			t.Errorf("the page %s has no picture", p)
		}
	}
	files, err := filepath.Glob("../docs/screens/*")
	if err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".png")
		if !wanted[name] {
			t.Errorf("docs/screens/%s is the picture of no page", filepath.Base(f))
		}
		delete(wanted, name)
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	for name := range wanted {
		t.Errorf("docs/screens/%s.png is missing; make screens makes it", name)
	}
	if size > 6<<20 {
		t.Errorf("the pictures weigh %d bytes", size)
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\]\(docs/screens/([^)]+)\)`).FindAllStringSubmatch(string(readme), -1)
	if len(links) != 4 {
		t.Errorf("the README shows %d of them, not four", len(links))
	}
	for _, l := range links {
		if _, err := os.Stat("../docs/screens/" + l[1]); errors.Is(err, os.ErrNotExist) {
			t.Errorf("the README shows %s, which does not exist", l[1])
		}
	}
}
