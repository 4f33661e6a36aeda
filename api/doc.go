// Package api is the porch where machines come in. It authenticates, limits,
// reads bodies strictly, makes requests idempotent, commits what a request
// changed together with its answer, and turns errors into problem documents.
// The dialects under it (api/graph, …) translate and do nothing else.
//
// A dialect adds a route with Handle. Its handler gets the Principal and a
// decoded input and answers with an output or a kyc.Error; it never sees
// headers, transactions or idempotency keys. What it commits through the store
// gathers in the request's kyc.Unit and is written, together with the stored
// answer, once the handler is done.
//
// How to extend it: a rule for every request belongs in serve.go, a helper for
// handlers in a file of its noun, a new dialect in a folder of its own.
package api
