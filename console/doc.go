// Package console is the reviewer's desk: signing in, the queue of cases, the
// page of a case and its decision.
//
// It is also the frame for the rooms that show the rest of the console. Such a
// room gives a [Section] (templates, routes, links) to [Mount]. Each [Route]
// names the scope it needs, and no route is served without one; roles are sets
// of scopes, the same as those of API keys. A handler gets a [Visit]: who is
// signed in, for which tenant, and how to answer.
//
// Pages are plain English inside their templates (docs/decisions/0024). They
// work without scripts: forms are forms, links are links, and a fragment that a
// script fetches is a part of the page it belongs to. Addresses and logs carry
// ids, filters and page numbers, never anything about a person.
package console
