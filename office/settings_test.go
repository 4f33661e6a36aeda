package office

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"bonafide/kyc"
)

// What is wrong with a setting is said by the label of its field.
func TestProblemsAreSaidByTheLabelsOfFields(t *testing.T) {
	t.Parallel()
	got := named([]kyc.Problem{{Path: "/branding/accent", Message: "too pale"}, {Path: "/reasons/2/code", Message: "wrong"}, {Path: "/mandatory_policies/0", Message: "unknown"}, {Path: "/elsewhere", Message: "odd"},
		{Message: "nowhere"}}, settingsLabels())
	want := []kyc.Problem{{Message: "Colour on light ground: too pale"}, {Message: "Reasons of decisions: wrong"}, {Message: "Checks on every path to an approval, line 1: unknown"}, {Path: "/elsewhere", Message: "odd"}, {Message: "nowhere"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("named: %+v", got)
	}
	if got := named([]kyc.Problem{{Path: "/scopes", Message: "a key needs at least one scope"}}, map[string]string{"/scopes": ""}); got[0].Path != "" || got[0].Message != "a key needs at least one scope" {
		t.Errorf("without a label: %+v", got)
	}
}

// Every label of the settings is one that the page shows, and every part has a
// heading that the index leads to.
func TestSettingsHaveAnIndex(t *testing.T) {
	t.Parallel()
	page := settingsOf(kyc.Org{Name: "Acme"}, kyc.DefaultSettings())
	page.CanWrite, page.Parts, page.Retention = true, settingsParts(), retentionForm{Rows: retentionRows(kyc.Retention{})}
	html := draw(t, "settings", page)
	for _, part := range settingsParts() {
		if !strings.Contains(html, `href="#`+part.Value+`"`) || !regexp.MustCompile(`id="`+part.Value+`"><h2>`+regexp.QuoteMeta(strings.ReplaceAll(part.Label, "'", "&#39;"))).MatchString(html) &&
			!strings.Contains(html, `id="`+part.Value+`"><h2>`+part.Label) {
			t.Errorf("%s has no heading or no link", part.Label)
		}
	}
	if strings.Count(html, `placeholder="for ever"`) != 2 {
		t.Error("empty days of retention do not say what they mean")
	}
	for _, label := range settingsLabels() {
		if tail := label[strings.LastIndex(label, ": ")+1:]; !strings.Contains(strings.ToLower(html), strings.ToLower(strings.TrimSpace(tail))) && label != "Your own server" {
			t.Errorf("no field is called %q", label)
		}
	}
}

func TestSentencesOfWhatIsShownOnce(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{"API key": "the API key", "First password": "the first password", "": "the "} {
		if got := (once{Label: label}).Thing(); got != want {
			t.Errorf("%q: %q", label, got)
		}
	}
	html := draw(t, "keys", keysPage{Once: &once{What: "The key was made.", Label: "API key", Text: "bf_x"}, Rows: []keyRow{{ID: "key_1", Name: "Nightly", Live: true}}, CanWrite: true})
	for _, want := range []string{"the API key is shown this once", `data-copy="once"`, `class="mono" readonly`, "<summary>Revoke", "for ever</button></form></details>"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// A checklist has no way back from void (spec: B), so no new link is offered.
func TestAVoidChecklistGetsNoNewLink(t *testing.T) {
	t.Parallel()
	for _, p := range []sessionPage{{ID: "session_1", CanWrite: true, Void: true}, {ID: "session_1", CanWrite: true, Open: true}} {
		text := draw(t, "session", p)
		if strings.Contains(text, "New link") == p.Void || strings.Contains(text, "stays void") != p.Void {
			t.Errorf("void is %t: %s", p.Void, text)
		}
	}
}
