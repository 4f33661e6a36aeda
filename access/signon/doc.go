// Package signon lets another house say who somebody is: OpenID Connect Core 1.0
// by the authorization code flow (section 3.1) with PKCE (RFC 7636, S256), state
// and nonce.
//
// The provider is found when it is first needed (OpenID Connect Discovery 1.0)
// and again each hour, within time limits, so a house that is down keeps no
// server from starting. What it says is believed when the ID token is signed
// with one of its keys by an algorithm with public keys, names this client,
// carries this sign-in's nonce and has not expired. Whom that lets in is for
// [access.Office] to say.
package signon
