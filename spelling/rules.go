package spelling

import "embed"

// Rules is the code of this room without its tests. What is derived from names
// and kept, such as a saved index, holds only for the same rules.
//
//go:embed *[^t].go *[^s]t.go
var Rules embed.FS
