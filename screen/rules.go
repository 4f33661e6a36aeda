package screen

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"hash"
	"io/fs"
	"runtime"
	"runtime/debug"
	"sync"

	"bonafide/roster"
	"bonafide/spelling"
)

// sources is this room without its tests. What an index holds follows from the
// entries and from these rules: how names are read, how words are weighed, how
// columns lie. TestRulesAreComplete fails when a file is missing here.
//
//go:embed *[^t].go *[^s]t.go *[^t]est.go
var sources embed.FS

// rules is the digest of everything that decides how an index looks: the code
// of this room, of roster and of spelling, the modules and the Go that it is built
// with, the machine. A saved index of other rules is none: whoever changes the code needs
// no version to remember, and no index of an older build is ever asked.
var rules = sync.OnceValue(func() [sha256.Size]byte {
	h := sha256.New()
	note(h, runtime.Version(), runtime.GOARCH)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			for m.Replace != nil {
				m = m.Replace
			}
			note(h, m.Path, m.Version, m.Sum)
		}
	}
	for _, room := range []embed.FS{sources, roster.Rules, spelling.Rules} {
		names, err := fs.Glob(room, "*.go")
		for _, name := range names { // sorted
			raw, bad := room.ReadFile(name)
			note(h, name, string(raw))
			if bad != nil {
				err = bad
			}
		}
		if err != nil { // it is part of the program
			panic(fmt.Sprintf("the rules of the screening cannot be read: %v", err))
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
})

// note adds texts to a digest so that no two rows of texts are one.
func note(h hash.Hash, texts ...string) {
	for _, s := range texts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(s), s) // a hash takes everything
	}
}

// claim says what an image is of: a kind of image, and of what content.
func claim(of ...string) [sha256.Size]byte {
	h := sha256.New()
	sum := rules()
	note(h, string(sum[:]))
	note(h, of...)
	return [sha256.Size]byte(h.Sum(nil))
}
