package screen

import (
	"context"

	"bonafide/kyc"
	"bonafide/roster"
)

// DemoList is the id of the fictional demonstration list.
const DemoList = "demo"

// InstallDemo puts the fictional demonstration list in force under DemoList,
// so that a program without a network can show a screening. Every entry is
// invented; the list version and each hit say so (Fictional).
func (s *Screener) InstallDemo(ctx context.Context) (kyc.ListVersion, error) {
	v, _, err := s.replace(ctx, DemoList, "demo", roster.Demo, replaceOptions{force: true, fictional: true})
	return v, err
}
