// Package child runs programs of others, and this program itself, on what a
// stranger sent: without its surroundings, in a process group that ends with the
// context, with bounded output, and where it is asked for with bounded memory
// and processor time. What wants more ends, and with that as an error.
//
// [Run] starts a program, [Confined] one with limits; [Confine] sets the same
// limits on the process that calls it, which then decodes and nothing else. The
// room knows nothing of what is run.
package child

// Limits of a confined child. The program's own text is shared with the server
// and counts for neither.
const (
	Memory  = 256 << 20 // bytes of memory of its own, written or not
	Seconds = 10        // of processor time
)
