// Package access answers one question: may this actor do this? It knows
// organisations, people, roles, API keys, the sandbox and its clock, and how
// many requests are too many.
//
// Gate turns a credential into a Principal and a Principal's scopes into yes
// or no. Office is the machine behind the command line: it makes organisations,
// keys and users and describes what shall be stored as a kyc.Change. Limiter
// counts requests. Clocks gives each organisation's time.
//
// How to extend it: a new scope is one line in Scopes and, if people shall
// have it, one in the table of roles; a new kind of credential is a method of
// Gate that ends in a Principal.
package access
