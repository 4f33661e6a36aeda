// Package demo is what `serve --demo` shows: the whole way over the same HTTP
// API that customers use. An organisation and its keys, a published workflow, a
// passport that this program draws, its reading, the screening, the decision,
// the signed webhook and the replay; and on an empty store samples of the four
// surfaces in the sandbox.
//
// [Run] is told of the running program what it cannot ask over HTTP. A sample
// of one more surface is a method of its own, called in Run.
package demo
