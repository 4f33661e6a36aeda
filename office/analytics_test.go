package office

import (
	"slices"
	"testing"
	"time"

	"bonafide/insight"
)

// Steps that nobody did have no time, and one that took none is not left blank.
func TestTimeAtEachStep(t *testing.T) {
	t.Parallel()
	f := times(&insight.Report{Steps: []insight.Step{{ID: "papers", Shown: 3, Completed: 2, Median: 90 * time.Second, Slow: 5 * time.Minute}, {ID: "selfie", Shown: 2}, {ID: "terms", Shown: 1, Completed: 1}}})
	want := [][]string{{"papers", "2", lasted(90 * time.Second), lasted(5 * time.Minute)}, {"terms", "1", "under 1 ms", "under 1 ms"}}
	if !slices.EqualFunc(f.Rows, want, slices.Equal) {
		t.Errorf("the table is %q, want %q", f.Rows, want)
	}
	if len(f.Chart.Rows) != 2 || f.Chart.Rows[0].Values[0] != 90 {
		t.Errorf("the drawing holds %v", f.Chart.Rows)
	}
}

// Each figure that has rows has a drawing of as many labels as its table has rows,
// and every row of the table as many cells as its head.
func TestFiguresAreWhole(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range allFigures(report()) {
		if seen[f.ID] || f.Empty == "" || len(f.Rows) == 0 || len(f.Chart.Series) == 0 {
			t.Errorf("the figure %q is not whole", f.ID)
		}
		seen[f.ID] = true
		for _, row := range f.Rows {
			if len(row) != len(f.Head) {
				t.Errorf("%s: %q under %q", f.ID, row, f.Head)
			}
		}
		if !f.Columns && len(f.Chart.Rows) != len(f.Rows) {
			t.Errorf("%s draws %d of %d rows", f.ID, len(f.Chart.Rows), len(f.Rows))
		}
	}
	if len(seen) != 11 {
		t.Errorf("there are %d figures", len(seen))
	}
}
