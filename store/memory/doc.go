// Package memory is a store in memory for the tests of the machines: it keeps
// the promises of store.DB that they rely on (compare-and-set on revisions, all
// or nothing, tenants apart, one subject of a reference, one workflow of a slug)
// and lets a test step in between two commits. A machine's test embeds it and
// adds what that machine alone asks for. It is for tests alone; what the real
// store does is tested by store/storetest on both databases.
package memory
