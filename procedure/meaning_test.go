package procedure

import (
	"slices"
	"strings"
	"testing"
)

func TestEveryWordHasAMeaning(t *testing.T) {
	t.Parallel()
	var words []string
	for _, m := range StatusMeanings() {
		words = append(words, m.Word)
		if m.Text == "" || !strings.Contains(StatusesMarkdown(), "| `"+m.Word+"` | "+m.Text) {
			t.Errorf("%s has no meaning", m.Word)
		}
	}
	if !slices.Equal(words, Statuses()) || len(words) != 14 {
		t.Errorf("%v", words)
	}
	for _, table := range []string{StatusesMarkdown(), ManualStatusesMarkdown(), StepTypesMarkdown()} {
		for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
			if strings.Count(line, "|") != 4 || strings.Contains(line, "| |") && !strings.Contains(line, "START") {
				if !strings.HasSuffix(line, "|  |") {
					t.Errorf("the row %q is not whole", line)
				}
			}
		}
	}
	for _, kind := range Kinds() {
		for _, word := range ManualStatuses(kind) {
			if !strings.Contains(ManualStatusesMarkdown(), "| `"+kind+"` | `"+word+"` | ") || effects[word] == "" {
				t.Errorf("%s %s is not explained", kind, word)
			}
		}
	}
	// The checks that the table names are those that the plan asks.
	rows := strings.Split(StepTypesMarkdown(), "\n")
	for _, steps := range []string{five, `{"type":"IDV","configuration":{"checks":["document_ocr","document_expiration","face_match","liveness"]}},{"type":"VISA"},{"type":"ACTIVITY"},{"type":"NAME_VALIDATION"},{"type":"BLOCKLIST"},{"type":"AML","configuration":{"adverseMedia":true}},{"type":"OTHER","configuration":{"url":"https://x.example","signingSecret":"s"}},{"type":"FRAUD","configuration":{"checks":["ip_risk"]}}`} {
		for _, p := range parsed(t, def(steps, "")).Plan() {
			row := rows[slices.IndexFunc(rows, func(r string) bool { return strings.HasPrefix(r, "| `"+p.Type+"` |") })]
			for _, policy := range p.Policies {
				if !strings.Contains(row, "`"+policy+"`") {
					t.Errorf("%s asks %s; the table says %s", p.Type, policy, row)
				}
			}
		}
	}
}
