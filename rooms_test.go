package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms is the house's import table: which room may import which other room.
// A room that is missing here may not exist (docs/decisions/0001).
var rooms = map[string][]string{
	"":                {"*"},
	"kyc":             {},
	"flow":            {"kyc"},
	"upkeep":          {},
	"wallet":          {},
	"field":           {"kyc", "wallet"},
	"tamper":          {"kyc"},
	"aamva":           {"kyc"},
	"sheet":           {},
	"grey":            {"sheet"},
	"imagefile":       {"kyc", "child", "grey"},
	"imagefile/made":  {}, // tests only
	"child":           {},
	"child/cost":      {"child"}, // tests only
	"document":        {"kyc", "aamva", "child", "grey", "imagefile", "tamper", "sheet"},
	"chip":            {"kyc", "document", "imagefile"},
	"face":            {"kyc", "model"},
	"face/facetest":   {}, // tests only
	"model":           {"kyc"},
	"model/modeltest": {}, // tests only
	"provider":        {"kyc", "document", "face"},
	"roster":          {"kyc"},
	"spelling":        {"roster"},
	"screen":          {"kyc", "roster", "spelling"},
	"media":           {"kyc", "roster", "screen"},
	"meters":          {"kyc", "media", "screen"},
	"rule":            {"kyc", "field"},
	"onboarding":      {"kyc", "field", "rule", "flow"},
	"checklist":       {"kyc"},
	"procedure":       {"kyc"},
	"check":           {"kyc", "aamva", "document", "chip", "tamper", "face", "roster", "screen", "media", "field", "wallet", "rule", "procedure"},
	"access":          {"kyc"},
	"access/signon":   {"kyc", "access"},
	"access/oidctest": {}, // tests only
	"audit":           {"kyc"},
	"job":             {"kyc"},
	"webhook":         {"kyc", "job"},
	"engine":          {"kyc", "flow", "check", "job"},
	"engine/crash":    {"*"}, // a test program that wires the real thing
	"session":         {"kyc", "flow", "onboarding", "checklist", "procedure", "job"},
	"journey":         {"kyc", "field", "flow", "onboarding", "job"},
	"intake":          {"kyc", "checklist", "job"},
	"entity":          {"kyc", "job"},
	"execution":       {"kyc", "procedure", "flow", "job"},
	"review":          {"kyc", "job"},
	"monitor":         {"kyc", "job"},
	"backtest":        {"kyc", "flow", "engine", "job"},
	"inquiry":         {"kyc", "job"},
	"identity":        {"kyc"},
	"insight":         {"kyc"},
	"api":             {"kyc", "access"},
	"api/apitest":     {"kyc", "access", "api", "imagefile", "store", "store/sqlite"}, // tests only
	"api/graph":       {"kyc", "access", "api", "backtest", "flow", "session", "engine", "review", "inquiry", "identity", "insight", "roster", "screen", "webhook", "audit"},
	"api/steps":       {"kyc", "access", "api", "field", "rule", "onboarding", "journey", "monitor", "roster", "screen", "webhook"},
	"api/checks":      {"kyc", "access", "api", "checklist", "intake", "webhook"},
	"api/entities":    {"kyc", "access", "api", "procedure", "entity", "execution", "webhook"},
	"ui":              {"kyc", "field", "wallet"},
	"capture":         {"kyc", "field", "ui"},
	"capture/desk":    {"kyc", "field", "flow", "checklist", "procedure", "session", "intake", "entity", "execution", "capture"},
	"console":         {"kyc", "access", "ui"},
	"casework":        {"kyc", "access", "console", "ui", "review", "engine"},
	"office":          {"kyc", "access", "audit", "console", "engine", "identity", "inquiry", "insight", "monitor", "roster", "screen", "session", "ui", "webhook"},
	"studio":          {"kyc", "backtest", "field", "flow", "onboarding", "checklist", "procedure", "session", "engine", "console"},
	"batch":           {"kyc", "roster", "screen"},
	"demo":            {"kyc", "access", "document", "engine", "onboarding", "screen"},
	"walk":            {}, // tests only
	"store":           {"kyc", "audit", "job"},
	"store/sqlite":    {"kyc", "store", "audit", "job"},
	"store/postgres":  {"kyc", "store", "audit", "job"},
	"store/memory":    {"kyc"}, // tests only
	"store/storetest": {"kyc", "store", "audit", "job"},
}

// guests says which rooms may import a third-party module whose use is
// confined: drivers stay at the door to disk, and pure rooms stay pure.
var guests = map[string][]string{
	"modernc.org/sqlite":              {"store/sqlite", "media"},
	"github.com/jackc/pgx/v5":         {"store/postgres", "store/storetest"},
	"github.com/riverqueue/river":     {"job", "store", "store/sqlite", "store/postgres"},
	"github.com/danielgtaylor/huma":   {"api", "api/graph", "api/steps", "api/checks", "api/entities"},
	"github.com/tink-crypto/tink-go":  {"store"},
	"gocloud.dev":                     {"", "store"},
	"github.com/alecthomas/kong":      {""},
	"github.com/gmrtd/gmrtd":          {"chip"},
	"github.com/osanderson/brainpool": {}, // tests of chip only: gmrtd calls it
	"github.com/gen2brain/heic":       {"imagefile"},
	"github.com/ebitengine/purego":    {"face"},
	"go.yaml.in/yaml/v3":              {"model"},
	"gonum.org":                       {"tamper"},
	"google.golang.org/protobuf":      {"model", "model/modeltest"},
	"github.com/mmcdole/gofeed":       {"media"},
	"github.com/chromedp":             {"walk"},
	"github.com/transparency-dev":     {"audit"},
	"github.com/coreos/go-oidc":       {"access/signon"},
	"golang.org/x/oauth2":             {"access/signon"},
	"github.com/signintech/gopdf":     {"api/graph"},
	"github.com/aws/aws-sdk-go-v2":    {"", "provider"},
	"github.com/aws/smithy-go":        {"provider"},
}

func TestRoomsImportOnlyWhatTheHouseAllows(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		room := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "bonafide"), "/")
		allowed, known := rooms[room]
		if !known {
			t.Errorf("room %q is not in the house's plan", room)
			continue
		}
		for _, imp := range p.Imports {
			if target, ours := strings.CutPrefix(imp, "bonafide/"); ours {
				if !slices.Contains(allowed, "*") && !slices.Contains(allowed, target) {
					t.Errorf("room %q may not import %q", room, target)
				}
				continue
			}
			for module, may := range guests {
				if (imp == module || strings.HasPrefix(imp, module+"/")) && !slices.Contains(may, room) && room != "engine/crash" {
					t.Errorf("room %q may not import %s", room, imp)
				}
			}
		}
	}
	if seen < len(rooms)/2 {
		t.Fatalf("go list found only %d rooms", seen)
	}
}
